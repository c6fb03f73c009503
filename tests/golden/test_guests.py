# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Recordings made in virtual machines (tests/golden/vm/*.rota and examples/sample.rota), reported here: topologies that this
machine does not have, SMT among them.

The reports are golden: NAME.txt word for word, NAME.json value for value (it may lack what later versions add). With
ROTA_GOLDEN_UPDATE=1 in the environment they are written instead, and git diff tells what changed. What the recordings say
was compared with the guests' own figures when they were made (tests/vm/make-golden), so a change in a time or a count is
a defect of one side; test_what_is_known_of_them says the same in few words.
"""

import glob
import json
import os

import rotatest
from rotatest import TOP, check, contains, equal, rota

FOLDER = f"{TOP}/tests/golden/vm"
SAMPLE = f"{TOP}/examples/sample.rota"
TRACES = {os.path.basename(path).removesuffix(".rota"): path for path in sorted(glob.glob(f"{FOLDER}/*.rota"))} | {"sample": SAMPLE}
PLAIN = os.environ | {"LC_ALL": "C.UTF-8", "COLUMNS": "100", "NO_COLOR": "1", "TZ": "UTC"}


def report(name, *options):
    return rota("report", "--check", *options, TRACES[name], env=PLAIN).expect(0)


def golden(name, text):
    """The golden text of that name; just written, if that was asked for."""
    path = os.path.join(FOLDER, name)
    if os.environ.get("ROTA_GOLDEN_UPDATE"):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    with open(path, encoding="utf-8") as file:
        return file.read()


def differences(seen, expected, path=""):
    """Where `expected` is not found in `seen`, as lines."""
    if isinstance(seen, dict) and isinstance(expected, dict):
        return [line for key in expected for line in differences(seen.get(key, "(not there)"), expected[key], f"{path}.{key}")]
    if isinstance(seen, list) and isinstance(expected, list) and len(seen) == len(expected):
        return [line for i, (a, b) in enumerate(zip(seen, expected)) for line in differences(a, b, f"{path}[{i}]")]
    return [] if seen == expected else [f"{path}: got {seen!r}, expected {expected!r}"]


@rotatest.cases({name.replace("-", "_"): (name,) for name in TRACES})
def test_text(name):
    text = report(name, "--timeline").out
    equal(text, golden(f"{name}.txt", text), "report")


@rotatest.cases({name.replace("-", "_"): (name,) for name in TRACES})
def test_json(name):
    summary = report(name, "--json").json()
    del summary["notes"]  # of the version that reports; those on the recording are in the text
    lines = differences(summary, json.loads(golden(f"{name}.json", json.dumps(summary, indent=1) + "\n")))
    check(not lines, "\n".join(lines))


def share(part, whole):
    return part / whole if whole else 0


def test_what_is_known_of_them():
    """By how they were made: who was pinned where."""
    stranger = report("stranger", "--json").json()
    ours = stranger["smt"]["sibling_others_seconds"] / stranger["threads"][0]["running_seconds"]
    check(ours > 0.9, f"beside the stranger for {ours:.3f} of the time")
    equal([row["thread"] for row in stranger["smt"]["neighbours"] if row["seconds"] > 0.1], ["stranger"], "neighbours")
    three = report("three-of-four", "--json").json()
    equal((three["topology"]["smt"], three["parallelism"]["max"], three["core_parallelism"]["max"]), (4, 3, 1), "three of four")
    hopper = report("hopper", "--json").json()
    equal(hopper["topology"]["nodes"], 2, "nodes")
    check(hopper["migrations"]["other_package"] > 10, f"migrations: {hopper['migrations']}")


def test_the_sample_shows_smt_without_root():
    """seats: on one hardware thread, one core, two cores, two sockets, for a quarter each."""
    summary = report("sample", "--json").json()
    equal(summary["topology"] | {"packages": 2, "cores": 4, "cpus": 8, "smt": 2}, summary["topology"], "topology")
    window, smt = summary["window"]["seconds"], summary["smt"]
    for what, seconds, expected in (
        ("one of two ran, the other waited", summary["runqueue"]["seconds"], 0.25),
        ("sibling ours, both threads", smt["sibling_ours_seconds"], 0.5),
        ("two at once", dict(map(dict.values, summary["parallelism"]["levels"])).get(2), 0.75),
        ("on two cores", dict(map(dict.values, summary["core_parallelism"]["levels"])).get(2), 0.5),
    ):
        check(abs(share(seconds, window) - expected) < 0.05, f"{what}: {share(seconds, window):.3f} of the time, not {expected}")
    for kind in ("same_core", "same_llc", "other_package"):
        check(summary["migrations"][kind] >= 1, f"no migration of class {kind}: {summary['migrations']}")
    contains(report("sample").out, "SMT sibling", "report")


rotatest.main()
