# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The section `syscalls` of tests/bench/bench: what --syscalls costs its target and a bystander, beside perf trace and strace."""

import contextlib
import os
import shutil
import statistics
import subprocess
import time

ROUNDS = 9
ROUND_SECONDS = 0.7
PATIENCE_SECONDS = 30


def one_call(bench, prefix):
    """Nanoseconds a call: by the caller's own cpu time, which leaves out when others had the cpu, and by the clock, which has what
    other processes do for it, as strace does."""
    said = bench.last_json(bench.run([*prefix, bench.live("calls"), "forever", "--seconds", str(ROUND_SECONDS)]))
    return said["run_ns"] / said["calls"], said["ns"] / said["calls"]


def obstacle(bench, argv):
    """Why a tool does not work here; None where it does."""
    if not shutil.which(argv[0]):
        return f"{argv[0]} is not installed"
    done = subprocess.run([*argv, "true"], capture_output=True, env=bench.environment(), check=False)
    lines = done.stderr.decode().strip().splitlines()
    return (lines[-1] if lines else f"status {done.returncode}") if done.returncode else None


def wait_until(condition, what, bench):
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > end:
            bench.fail(f"waited in vain for {what}")
        time.sleep(0.01)


@contextlib.contextmanager
def watching(bench, folder, options):
    """rota follows a process that sleeps, and has begun to."""
    path = os.path.join(folder, "watch.json")
    with bench.background(["sleep", "1000"]) as sleeper:
        with bench.background([bench.ROTA, "stat", *options, "-I", "100ms", "-o", path, "-p", str(sleeper.pid)]):
            wait_until(lambda: os.path.exists(path) and os.path.getsize(path), "rota's first interval", bench)
            yield
    os.unlink(path)


@contextlib.contextmanager
def perf_watching(bench, folder):
    with bench.background(["sleep", "1000"]) as sleeper:
        argv = ["perf", "trace", "-s", "-o", os.path.join(folder, "perf.txt"), "-p", str(sleeper.pid)]
        with bench.background(argv) as perf:

            def attached():
                links = []
                for fd in os.listdir(f"/proc/{perf.pid}/fd"):
                    with contextlib.suppress(OSError):
                        links.append(os.readlink(f"/proc/{perf.pid}/fd/{fd}"))
                return any("perf_event" in link for link in links)

            wait_until(attached, "perf's events", bench)
            yield


def measure(page, folder, bench):
    scratch = os.path.join(folder, "out")
    target = {
        "untraced": [],
        "rota stat": [bench.ROTA, "stat", "-o", scratch, "--"],
        "rota stat --syscalls": [bench.ROTA, "stat", "--syscalls", "-o", scratch, "--"],
        "perf trace -s": ["perf", "trace", "-s", "-o", scratch, "--"],
        "strace -f -c": ["strace", "-f", "-c", "-o", scratch],
    }
    obstacles = {name: obstacle(bench, target[name]) for name in ("perf trace -s", "strace -f -c")}
    bystander = {
        "rota stat": lambda: watching(bench, folder, []),
        "rota stat --syscalls": lambda: watching(bench, folder, ["--syscalls"]),
        "perf trace -s": lambda: perf_watching(bench, folder),
    }
    for name in [n for n, why in obstacles.items() if why]:
        del target[name]
        bystander.pop(name, None)
    times = {("target", name): [] for name in target} | {("bystander", name): [] for name in bystander}
    for number in range(ROUNDS):
        bench.say(f"  round {number + 1} of {ROUNDS}")
        for name, prefix in target.items():
            times["target", name].append(one_call(bench, prefix))
        for name, watch in bystander.items():
            with watch():
                times["bystander", name].append(one_call(bench, []))

    def added(key, clock=0):  # of each round, then the median: what drifts from round to round cancels
        pairs = zip(times[key], times["target", "untraced"])
        return statistics.median(a[clock] - b[clock] for a, b in pairs)

    def cells(key, clock):
        pairs = zip(times[key], times["target", "untraced"])
        ratio = statistics.median(a[clock] / b[clock] for a, b in pairs)
        return [f"{statistics.median(pair[clock] for pair in times[key]):,.0f}", f"{ratio:.2f} ×"]

    lines = ["| | ns a call of the target, its cpu time | | by the clock | | of a bystander, its cpu time | |", "|---|---|---|---|---|---|---|"]
    for name in target:
        row = cells(("target", name), 0) + cells(("target", name), 1)
        row += cells(("bystander", name), 0) if name in bystander else ["", ""]
        lines.append(f"| {name if name == 'untraced' else f'`{name}`'} | " + " | ".join(row) + " |")
    bench.say("\n".join(lines))
    mine = "rota stat --syscalls"
    page.row("`--syscalls`: added to each system call of the target", "", "", f"{added(('target', mine)):,.0f} ns", "")
    page.row("`--syscalls`: added to each system call of a bystander", "", "", f"{added(('bystander', mine)):,.0f} ns", "")
    for name, why in obstacles.items():
        measured = f"not measured: {why}" if why else f"{added(('target', name), 1):,.0f} ns"
        page.row(f"`{name}`: added to each system call of the target, by the clock", "", "", measured, "")
    page.detail("System calls", "\n".join(lines) + f"""

A loop of getppid(2), about the shortest call there is (`tests/live/calls forever`); what tracing adds is in it. The
bystander runs the same loop while the tool follows another process, which sleeps. {ROUNDS} rounds of {ROUND_SECONDS} s each, in which
the variants take turns; medians, and medians of the ratios within a round. What is added is added to each call, however long
it takes: to a program that calls the kernel 10,000 times a second, 1 % is a microsecond a call. While tracepoints of system calls
are attached, by whomever, the calls of every process take the kernel's slow path; without `--syscalls` rota attaches none.
strace stops the target twice a call and does nothing to bystanders.""")
