# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Targets that are many, or confined, or not of the usual scheduling policy.

Oracles: the programs' own counts and cpu times, schedstat of their threads (pinned.py), cpu.stat of the cgroup.
"""

import time

import confine
import observe
import pinned
import rotatest
from observe import nanoseconds, run_recorded, say, seen_whole
from pinned import ABSOLUTE, RELATIVE, Disagrees, Pinned, agrees, between, close_to, observe_threads, row_of, steadily
from rotatest import check, equal, program, skip, wait_for

THROTTLED = 0.02  # agreement of the throttled time with cpu.stat


# --- many ------------------------------------------------------------------------------------------------------------


def check_many(summary, account, count):
    seen_whole(summary)
    equal(account["count"], count, "what the program says it started")
    rows = summary["threads"]
    equal(sum(max(1, row["folded"]) for row in rows), count + 1, "threads")
    equal({row["alive"] for row in rows}, {False}, "alive")
    work = sum(row["running_seconds"] for row in rows)
    least = account["cpu_ns"] / 1e9
    say(f"{count}: running {work:.6f} s, by their own clocks {least:.6f} s before they ended")
    check(work >= least * (1 - RELATIVE), f"running {work} s, by their own clocks {least} s")


def test_5000_threads():
    """5,000 threads that are there at once. Oracle: their number, and the sum of their own clocks, less their ends."""
    summary, result = run_recorded(program("many"), "--threads", "5000")
    check_many(summary, result.json(), 5000)
    equal(summary["in_progress"]["max"], 5001, "threads at once")
    equal([row["threads"] for row in summary["processes"]], [5001], "threads of processes")


def test_2000_processes():
    """2,000 short processes. Oracle: their number, and the sum of their own clocks, less their ends."""
    summary, result = run_recorded(program("many"), "--processes", "2000")
    check_many(summary, result.json(), 2000)
    equal(sum(row["threads"] for row in summary["processes"]), 2001, "threads of processes")


# --- scheduling policies ---------------------------------------------------------------------------------------------


def one_cpu():
    """The last cpu; this script and what it starts keep to the others."""
    cpus = sorted(pinned.online())
    if len(cpus) > 1:
        pinned.keep_to(set(cpus[:-1]))
    return cpus[-1]


def waited_for(summary, target, name):
    return sum(row["seconds"] for row in summary["runqueue"]["waited_for"] if row["thread"] == name and row["tgid"] == target.pid)


@steadily
def test_a_real_time_thread():
    """A SCHED_FIFO thread that comes and goes on the cpu of one that spins: the spinner waits for it. Oracle: own clocks and
    schedstat of both."""
    cpu = one_cpu()
    target = fifo(f"urgent={cpu}/duty:20:30/fifo", f"spinner={cpu}/spin")
    summary = observe_threads(target, "urgent", "spinner")
    for name in ("urgent", "spinner"):
        agrees(summary, target, name)
    close_to(target, waited_for(summary, target, "urgent"), ["urgent"], "time for which the spinner waited for it")
    seconds, tolerance = waited_for(summary, target, "spinner"), RELATIVE * target.window
    between(target, seconds, 0, target.waited("urgent"), tolerance, "time for which it waited for the spinner")


def fifo(*specs):
    """`pinned` with a real-time thread, if that is allowed here."""
    trial = rotatest.run("chrt", "-f", "10", "true")
    if trial.status != 0:
        skip(f"no real-time scheduling here: {trial.err.strip()}")
    return Pinned(*specs, seconds=1)


@steadily
def test_a_thread_that_takes_what_is_left():
    """A SCHED_IDLE thread on the cpu of one that comes and goes: it waits whenever that one runs. Oracle: own clocks, schedstat."""
    cpu = one_cpu()
    target = Pinned(f"rest={cpu}/spin/idle", f"guest={cpu}/duty:60:40", seconds=1)
    summary = observe_threads(target, "rest", "guest")
    for name in ("rest", "guest"):
        agrees(summary, target, name)
    equal(summary["parallelism"]["max"], 1, "running at once")
    close_to(target, waited_for(summary, target, "guest"), ["guest"], "time for which the rest waited for the guest")
    seconds, tolerance = waited_for(summary, target, "rest"), RELATIVE * target.window
    between(target, seconds, 0, target.waited("guest"), tolerance, "time for which the guest waited for it")


# --- confined --------------------------------------------------------------------------------------------------------


@steadily
def test_confined_by_affinity():
    """Three threads that may use one cpu, by the mask they inherit. Oracle: schedstat, and the cpu's number."""
    cpu = one_cpu()
    target = Pinned("a=any/spin", "b=any/spin", "c=any/duty:5:5", seconds=1, wrap=("taskset", "-c", str(cpu)))
    summary = observe_threads(target, "a", "b", "c")
    for name in ("a", "b", "c"):
        agrees(summary, target, name)
        equal([row["cpu"] for row in row_of(summary, target, name)["cpus"]], [cpu], f"cpus of {name}")
    equal(summary["parallelism"]["max"], 1, "running at once")
    equal(sum(summary["migrations"].values()), 0, "migrations")
    close_to(target, summary["parallelism"]["active_seconds"], ("a", "b", "c"), "time in which one of them ran")


@steadily
def test_confined_by_cpuset():
    """One that spins in a cpuset of one cpu, which becomes another while it does. Oracle: the times just before and after the
    cpuset was changed, schedstat."""
    cpus = sorted(pinned.online())
    if len(cpus) < 2:
        skip("needs two cpus")
    here, there = cpus[-1], cpus[-2]
    with confine.cpuset(here) as group:
        target = Pinned("inmate=any/spin", wrap=group.inside())
        recording = observe.Recording(*target.target("inmate"))
        target.go()
        begun = time.monotonic_ns()
        wait_for(lambda: time.monotonic_ns() > begun + 400_000_000, what="time on the first cpu")
        before = time.monotonic_ns()
        confine.move(group, there)
        after = time.monotonic_ns()
        wait_for(lambda: time.monotonic_ns() > after + 400_000_000, what="time on the second cpu")
        target.go()
        target.rest()
        summary = recording.stop()
        target.finish()
        seen_whole(summary)
        agrees(summary, target, "inmate")
        row = row_of(summary, target, "inmate")
        equal((row["switch_ins"], row["voluntary"], row["involuntary"]), target.counts("inmate"), "switches")
        seconds = {cpu["cpu"]: cpu["seconds"] for cpu in row["cpus"]}
        equal(set(seconds), {here, there}, "cpus it ran on")
        waited = target.waited("inmate")
        first = (before - target.end["start_ns"]) / 1e9, (after - target.end["start_ns"]) / 1e9
        between(target, seconds[here], first[0] - waited, first[1], ABSOLUTE, "running on the first cpu")
        equal(sum(row["migrations"].values()), 1, "migrations")


@steadily
def test_quota():
    """One that spins, pinned, in a cgroup with a quota. Oracle: schedstat, whose waiting has the throttled time in it, and
    cpu.stat's throttled time to 2 %, of which the program's main thread, the only other one in the group, had no more than it
    waited. No event marks the end of throttling: it is the switch-in, so what the thread then waits for other programs comes on
    top; schedstat bounds it."""
    cpu = one_cpu()
    with confine.quota(10_000, 100_000) as group:
        target = Pinned(f"spender={cpu}/spin", seconds=1.5, wrap=group.inside())
        before, main_before = group.stat(), main_waited(target)
        summary = observe_threads(target, "spender", finish=False)
        after, main_after = group.stat(), main_waited(target)
        target.finish()
    periods, throttled_periods, throttled = (last - first for first, last in zip(before, after))
    agrees(summary, target, "spender")
    row = row_of(summary, target, "spender")
    say(f"{throttled_periods} of {periods} periods, cpu.stat {throttled:.6f} s, main waited {main_after - main_before:.6f} s")
    if throttled_periods <= 3:
        raise Disagrees(f"throttled in {throttled_periods} of {periods} periods: this shows nothing")
    least = min(throttled - (main_after - main_before), target.waited("spender"))
    between(target, row["throttled_seconds"], least, target.waited("spender"), THROTTLED * throttled, "throttled")
    equal(nanoseconds(summary["throttled_seconds"]), nanoseconds(row["throttled_seconds"]), "throttled time of all")


def main_waited(target):
    """Seconds, by its schedstat, that the main thread has waited so far."""
    return int(pinned.read(f"/proc/{target.pid}/task/{target.pid}/schedstat").split()[1]) / 1e9


rotatest.main(live=True)
