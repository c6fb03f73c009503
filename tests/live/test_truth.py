# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Against the kernel's own figures: /proc/PID/task/TID/schedstat, getrusage(2), wait4(2), /proc/stat.

The 24 threads of `workload` are asleep in their park whenever rota begins or ends and whenever their figures are read, so
both cover the same stays on cpus: no switch of theirs lies outside rota's window and inside the figures, or the reverse.
The switch by which a thread went into the first park is before all of it, the one into the last park is in all of it.

schedstat itself is not exact. Where another program must leave the cpu but sits in a long system call of a kernel without
preemption, schedstat lets the next thread's running begin when that was asked for (rq_clock_skip_update() in
kernel/sched/core.c), up to milliseconds before the switch. Such an error moves time between the running and the waiting of
one thread, leaves their sum right, and hits no thread twice; an error of rota's would. So the sum is held to the bound always,
and where running alone is beyond it by an amount that waiting has the other way, the run is repeated.

Nor does schedstat count interrupts and time that a hypervisor took, which are in RUNNING. /proc/stat tells of them in whole
ticks: a run in which a thread is longer by less than a tick than what /proc/stat told of is repeated, too.
"""

import time

import observe
import rotatest
from observe import Recording, Stat, cpu_times, nanoseconds, say, thread, with_rusage
from rotatest import check, close, equal, program, start, wait_for

WORK_SECONDS = 2
# Agreement with schedstat, as it was asked for
RELATIVE, ABSOLUTE = 0.01, 0.001
ATTEMPTS = 3


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


class Inexact(Exception):
    """A thread's figures disagree with schedstat in a way that schedstat and /proc/stat may be the cause of, once."""


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
    bound = max(RELATIVE * (run + wait), ABSOLUTE)
    text = f"{name}: running {running} s, waiting {waiting} s; schedstat {run} s and {wait} s; stolen {excluded} s"
    check(-bound <= running + waiting - run - wait <= bound + excluded, text)
    bounds = [max(RELATIVE * seconds, ABSOLUTE) for seconds in (run, wait)]
    if -bounds[0] <= running - run <= bounds[0] + excluded and abs(waiting - wait) <= bounds[1]:
        return running - run, waiting - wait
    if abs(running - run + waiting - wait) <= ABSOLUTE:
        raise Inexact(text)
    if excluded < running - run <= excluded + observe.TICK_SECONDS and abs(waiting - wait) <= bounds[1]:
        raise Inexact(text)
    raise rotatest.Failure(text)


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
    for attempt in range(1, ATTEMPTS + 1):
        observed = observe_workload(make, system)
        try:
            return compare(*observed)
        except Inexact as text:
            say(f"attempt {attempt}: {text}")
    raise rotatest.Failure(f"running time beyond the bound in {ATTEMPTS} runs of {ATTEMPTS}")


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


def cut(recording, first, last):
    """The part of a recording between two cpu_times()."""
    start_ns = int(recording.stop()["window"]["start_ns"])
    edges = [f"+{(times[0] - start_ns) / 1e9:.9f}s" for times in (first, last)]
    return observe.report(recording.path, "--from", edges[0], "--to", edges[1])


def passed(first, last, *columns):
    """Seconds that /proc/stat counted between two cpu_times(), all cpus, and how exact that is: each figure of each cpu is
    rounded down, so a difference is off by less than one unit."""
    seconds = sum(last[1][cpu][c] - first[1][cpu][c] for cpu in last[1] for c in columns)
    return seconds, observe.TICK_SECONDS * len(columns) * len(last[1])


def test_time_of_others_against_proc_stat():
    """What the cpus did not do for T they did for others or idled: /proc/stat's whole time less the target's."""
    child = start(program("workload"))
    pid = child.json_line()["pid"]
    recording = Recording("-p", pid)
    child.say()
    child.line()
    first = cpu_times()
    wait_for(lambda: time.monotonic_ns() > first[0] + 2 * 10**9, what="two seconds of work")
    last = cpu_times()
    child.say()
    child.line()
    summary = cut(recording, first, last)
    # Between two edges of rounds, who is on a cpu that T has left is not recorded: there others and idle are not told apart.
    kinds = ("other_seconds", "idle_seconds", "unknown_seconds")
    rest = sum(nanoseconds(cpu[kind]) for cpu in summary["cpus"] for kind in kinds) / 1e9
    total, resolution = passed(first, last, *observe.COLUMNS)
    expected = total - sum(cpu["target_seconds"] for cpu in summary["cpus"])
    say(f"others and idle {rest:.3f} s; /proc/stat less the target {expected:.3f} s, ± {resolution:.2f} s")
    close(rest, expected, absolute=resolution, what="other + idle")


def test_idle_time_against_proc_stat():
    """With --system every switch is recorded, so idle time is known between any two moments."""
    recording = Recording("-a")
    first = cpu_times()
    wait_for(lambda: time.monotonic_ns() > first[0] + 10**9, what="a second")
    last = cpu_times()
    summary = cut(recording, first, last)
    idle = sum(cpu["idle_seconds"] for cpu in summary["cpus"])
    unknown = sum(cpu["unknown_seconds"] for cpu in summary["cpus"])
    expected, resolution = passed(first, last, "idle", "iowait")
    say(f"idle {idle:.3f} s; /proc/stat {expected:.3f} s, ± {resolution:.2f} s; unknown {unknown:.3f} s")
    check(expected - resolution - unknown <= idle <= expected + resolution, f"idle {idle} s, /proc/stat {expected} s")


rotatest.main(live=True)
