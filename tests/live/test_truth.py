# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Against the kernel's own figures: /proc/PID/task/TID/schedstat, getrusage(2), wait4(2), /proc/stat.

The 24 threads of `workload` are asleep in their park whenever rota begins or ends and whenever their figures are read, so
both cover the same stays on cpus: no switch of theirs lies outside rota's window and inside the figures, or the reverse.
The switch by which a thread went into the first park is before all of it, the one into the last park is in all of it.
"""

import time

import observe
import rotatest
from observe import Recording, Stat, cpu_times, nanoseconds, say, thread, with_rusage
from rotatest import check, close, equal, program, start, wait_for

WORK_SECONDS = 2
# Agreement with schedstat, as it was asked for
RELATIVE, ABSOLUTE = 0.01, 0.001


def observe_workload(make, system):
    """The workload's working phase under make(): summary, accounts, and the time that schedstat leaves out."""
    child = start(program("workload"))
    begin = child.json_line()
    equal(begin["parked"], "begin")
    before = cpu_times()
    observation = make("-a") if system else make("-p", begin["pid"])
    child.say()
    working = child.json_line()
    wait_for(lambda: time.monotonic_ns() > working["ts_ns"] + WORK_SECONDS * 10**9, what="the work to be done")
    child.say()
    equal(child.json_line()["parked"], "end")
    summary = observation.stop()
    after = cpu_times()
    child.say()
    accounts = child.finish().expect(0).json_lines()
    equal(len(accounts), 24, "threads")
    check(int(summary["window"]["start_ns"]) < working["ts_ns"], "the window began before the work")
    return summary, accounts, observe.outside_schedstat(before, after), begin["pid"]


def compare_thread(row, account, excluded):
    """One thread's row with its account; returns the deviations of running and of waiting, in seconds."""
    first, last = account["begin"], account["end"]
    name = f"{row['name']}[{row['tid']}]"
    run, wait = ((last[key] - first[key]) / 1e9 for key in ("run_ns", "wait_ns"))
    running, waiting = row["running_seconds"], row["runqueue_seconds"] + row["throttled_seconds"]
    equal(row["switch_ins"], last["runs"] - first["runs"], f"switch-ins of {name}")
    for kind in ("voluntary", "involuntary"):
        equal(row[kind], last[kind] - first[kind], f"{kind} switches of {name}")
    equal(row["unknown_seconds"], 0, f"unknown time of {name}")
    # stolen time is spread over the threads nobody knows how: it can only make RUNNING longer, by all of it at most
    check(
        run - max(RELATIVE * run, ABSOLUTE) <= running <= run + max(RELATIVE * run, ABSOLUTE) + excluded,
        f"running time of {name}: {running} s, schedstat {run} s (off by {(running - run) * 1e3:.3f} ms), stolen {excluded} s",
    )
    close(waiting, wait, RELATIVE, ABSOLUTE, f"run-queue time of {name} (stolen {excluded} s)")
    return running - run, waiting - wait


def compare(summary, accounts, excluded, pid):
    deviations = [compare_thread(thread(summary, a["tid"]), a, excluded) for a in accounts]
    run, wait = ([abs(d[i]) * 1e3 for d in deviations] for i in (0, 1))
    say(f"24 threads: largest deviation of running {max(run):.3f} ms, of waiting {max(wait):.3f} ms; switches exact")
    total = sum(a["end"]["run_ns"] - a["begin"]["run_ns"] for a in accounts) / 1e9
    rows = [thread(summary, a["tid"]) for a in accounts]
    close(sum(r["running_seconds"] for r in rows), total, RELATIVE, ABSOLUTE + excluded, "running time of all")
    equal(observe.process(summary, pid)["threads"], 25, "threads of the process")


@rotatest.cases(
    {
        "live": (Stat, False),
        "live_system": (Stat, True),
        "recorded": (Recording, False),
        "recorded_system": (Recording, True),
    }
)
def test_24_threads(make, system):
    compare(*observe_workload(make, system))


def test_command_against_its_rusage():
    summary, result = observe.run_recorded(*with_rusage(program("workload"), "--seconds", "1"))
    usage = result.json_lines()[-1]
    row = observe.process(summary, usage["rusage"])
    excluded = sum(c["steal_seconds"] or 0 for c in summary["cpus"])
    if excluded:
        excluded += observe.TICK_SECONDS
    bound = max(RELATIVE * usage["cpu_seconds"], ABSOLUTE)
    off = row["running_seconds"] - usage["cpu_seconds"]
    say(f"total {row['running_seconds']:.6f} s, rusage {usage['cpu_seconds']:.6f} s: off by {off * 1e3:.3f} ms")
    check(-bound <= off <= bound + excluded, f"running time off by {off} s of {usage['cpu_seconds']} s (stolen {excluded})")
    equal(row["threads"], 25, "threads")
    # A thread's last switch comes after it was added to its process's figures (the leader's perhaps), and before it, it may
    # be preempted once more.
    later = {kind: row[kind] - usage[kind] for kind in ("voluntary", "involuntary")}
    check(24 <= later["voluntary"] <= 25, f"voluntary: {row['voluntary']}, rusage {usage['voluntary']}")
    check(0 <= later["involuntary"] <= 24, f"involuntary: {row['involuntary']}, rusage {usage['involuntary']}")


def test_time_of_others_against_proc_stat():
    """What a cpu did not do for T it did for others or idled: /proc/stat's whole time less the target's."""
    child = start(program("workload"))
    pid = child.json_line()["pid"]
    recording = Recording("-p", pid)
    child.say()
    child.line()
    first = cpu_times()
    wait_for(lambda: time.monotonic_ns() > first[0] + 10**9, what="a second of work")
    last = cpu_times()
    child.say()
    child.line()
    recording.stop()
    start_ns = int(observe.report(recording.path)["window"]["start_ns"])
    edges = [f"+{(t[0] - start_ns) / 1e9:.9f}s" for t in (first, last)]
    summary = observe.report(recording.path, "--from", edges[0], "--to", edges[1])
    # Inside the last round the cpus that T left are not followed, so what was not recorded there is unknown, and said to be.
    window = sum(nanoseconds(c[k]) for c in summary["cpus"] for k in ("other_seconds", "idle_seconds", "unknown_seconds"))
    target = sum(c["target_seconds"] for c in summary["cpus"])
    total = sum(sum(last[1][cpu].values()) - sum(first[1][cpu].values()) for cpu in last[1])
    resolution = 2 * observe.TICK_SECONDS * 8 * len(last[1])  # each of eight figures a cpu is rounded down, twice
    say(f"others and idle {window / 1e9:.3f} s; /proc/stat less the target {total - target:.3f} s, ± {resolution:.2f} s")
    close(window / 1e9, total - target, absolute=resolution, what="other + idle")


rotatest.main(live=True)
