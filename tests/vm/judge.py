# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What a guest said and left behind, turned into test results.

The results line (second serial line) has, for each script, `@begin SCRIPT`, its TAP, `@err LINE` for each line of its
stderr, `@end STATUS`; `@ready` before the first and `@finished` after the last (tests/vm/guest-init). A recording that the
guest left, NAME.rota, has the guest's own summary of it beside it, NAME.json.
"""

import glob
import json
import os
import subprocess

import tap

RECORDER = "tests/vm/test_recording.py"
CONSOLE_LINES = 40  # of the console that are shown when a guest failed


def sections(text):
    """[(script, TAP, stderr, status or None if it did not end)], and whether the guest came to its end."""
    found, current = [], None
    for line in text.splitlines():
        word, _, rest = line.partition(" ")
        if word == "@begin":
            current = [rest.strip(), [], [], None]
            found.append(current)
        elif current is None:
            continue
        elif word == "@end":
            current[3] = int(rest)
            current = None
        elif word == "@err":
            current[2].append(rest)
        else:
            current[1].append(line)
    return [(name, "\n".join(out), "\n".join(err), status) for name, out, err, status in found]


def count_scripts(totals, guest, scripts, why):
    """Adds each script's TAP. `why`: why the guest did not end well, or None."""
    console = "\n".join(guest.text("console.log").splitlines()[-CONSOLE_LINES:])
    done = sections(guest.text("results.log"))
    if why or len(done) < len(scripts) or "@finished" not in guest.text("results.log").splitlines()[-1:]:
        totals.fail(f"{guest.name}: guest", f"{why or 'it ended early'}; the end of its console:\n{console}")
    for name, out, err, status in done:
        title = f"{guest.name} {name.removeprefix('tests/')}"
        tap.count_tap(totals, title, out, "none, the guest ended before it" if status is None else status, err)
    for script in scripts[len(done) :]:
        totals.fail(f"{guest.name} {script.removeprefix('tests/')}", "not begun")


def differences(here, there, path=""):
    """Where two JSON values differ, as lines."""
    if isinstance(here, dict) and isinstance(there, dict):
        lines = []
        for key in sorted(set(here) | set(there)):
            lines += differences(here.get(key, "(not there)"), there.get(key, "(not there)"), f"{path}.{key}")
        return lines
    if isinstance(here, list) and isinstance(there, list) and len(here) == len(there):
        return [line for n, (a, b) in enumerate(zip(here, there)) for line in differences(a, b, f"{path}[{n}]")]
    return [] if here == there else [f"{path}: on the host {here!r}, in the guest {there!r}"]


def judge_recording(rota, guest, path):
    """Why a guest's recording does not tell the host the same as the guest, or None."""
    result = subprocess.run([rota, "report", "--json", "--check", path], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        return f"rota report --check: status {result.returncode}\n{result.stderr}"
    summary = json.loads(result.stdout)
    try:
        with open(path.removesuffix(".rota") + ".json", encoding="utf-8") as file:
            there = json.load(file)
    except (OSError, ValueError) as error:
        return f"the guest's own summary cannot be read: {error}"
    lines = differences(summary, there)
    if lines:
        return "\n".join(["the summaries differ:", *lines[:20]])
    expected, seen = guest.counts(), summary["topology"]
    if any(seen[name] != expected[name] for name in expected):
        return f"topology in the summary: {seen}, and QEMU was told {expected}"
    if summary["host"]["kernel"] != guest.info["release"]:
        return f"kernel in the summary: {summary['host']}, and booted was {guest.info['release']}"
    return None


def count_recordings(totals, rota, guest):
    """One test for each recording that the guest left; RECORDER leaves one if it says so."""
    paths = sorted(glob.glob(os.path.join(guest.path("output"), "**", "*.rota"), recursive=True))
    said = [status for name, _, _, status in sections(guest.text("results.log")) if name.startswith(RECORDER)]
    if not paths and said == [0]:
        totals.fail(f"{guest.name}: recordings", f"{RECORDER} passed, but nothing came back in {guest.path('output')}")
    for path in paths:
        title = f"{guest.name} {os.path.relpath(path, guest.path('output'))}: same summary on the host"
        why = judge_recording(rota, guest, path)
        if why:
            totals.fail(title, why)
        else:
            totals.ok(title)
