# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The witness tells the truth: its threads, times and cpu times are those that /proc and the clocks of this script show.
In all versions and builds that make go-programs has built. Needs no root."""

import glob
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import rotatest  # noqa: E402 # behind the path that they are found by
from rotatest import BUILD, check, equal, skip, timeout, wait_for  # noqa: E402
from witness import Witness  # noqa: E402


def binaries(cgo=False):
    found = sorted(glob.glob(os.path.join(BUILD, "go", "bin", "*-cgo*" if cgo else "*", "witness")))
    if not found:
        skip("no Go programs are built (make go-programs)")
    return found


def threads(pid):
    return {int(name) for name in os.listdir(f"/proc/{pid}/task")}


def in_syscall(pid, tid):
    """The number of the system call that a sleeping thread is in, as text; "running" for one that runs."""
    with open(f"/proc/{pid}/task/{tid}/syscall", encoding="ascii") as file:
        return file.read().split()[0]


def running_ns(pid, tid):
    with open(f"/proc/{pid}/task/{tid}/schedstat", encoding="ascii") as file:
        return int(file.read().split()[0])


@timeout(300)
def test_blocked_goroutines_sit_in_read_with_their_threads():
    for path in binaries():
        w = Witness(path, "block", "-n", "3")
        before = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        w.begin()
        wait_for(lambda: w.mark() and all(len(points) == 2 for points in w.points.values()), what="two points each")
        tids = {name: points[1][1] for name, points in w.points.items()}
        equal(len(set(tids.values())), 3, f"{path}: a thread each")
        wait_for(lambda: all(in_syscall(w.pid, tid) == "0" for tid in tids.values()), what="read(2) on each")
        w.end()
        for name, points in w.points.items():
            equal(points[1][1], tids[name], f"{path}: {name}'s thread")  # afterwards it may go on with another
            check(before < points[0][0] <= points[1][0] < points[2][0], f"{path}: {name}: times ascend from the start")
            check(points[2][0] < time.clock_gettime_ns(time.CLOCK_MONOTONIC), f"{path}: {name}: none is ahead of now")


@timeout(300)
def test_locked_goroutines_have_a_thread_and_know_its_cpu_time():
    for path in binaries():
        w = Witness(path, "spin", "-lock", "-n", "2")
        tids = {name: worker["tid"] for name, worker in w.workers.items()}
        w.begin()
        wait_for(lambda: w.mark() and all(len(p) >= 8 for p in w.points.values()), what="eight points each")
        least = {name: running_ns(w.pid, tid) for name, tid in tids.items()}
        w.end()
        for name, points in w.points.items():
            equal({tid for _, tid in points}, {tids[name]}, f"{path}: {name}'s threads")
            done = w.done[name]
            equal(done["cpu_source"], "thread")
            check(0 < done["cpu_ns"] <= done["to_ns"] - done["from_ns"], f"{path}: {name}: {done}")
            # what schedstat showed meanwhile holds the thread's start, too: 5 ms are for that
            check(done["cpu_ns"] >= least[name] - 5_000_000, f"{path}: {name} says {done['cpu_ns']}, had had {least[name]}")


@timeout(300)
def test_every_mode_ends_with_its_results_right():
    for path in binaries():
        for mode in ("spin", "lock", "block", "chan", "mutex", "sleep", "gc", "shares"):
            w = Witness(path, mode)
            equal(w.process["goroutines"] >= len(w.workers), True, f"{path} {mode}: goroutines")
            check(len({worker["goid"] for worker in w.workers.values()}) == len(w.workers), f"{path} {mode}: goids differ")
            w.begin()
            w.mark()
            equal(w.end()["wrong"], 0, f"{path} {mode}: wrong results")
            equal(set(w.done), set(w.workers), f"{path} {mode}: all are done")


def test_idle_goroutines_are_counted():
    for path in binaries()[:1]:
        w = Witness(path, "many", "-n", "20000")
        check(20001 <= w.process["goroutines"] <= 20010, f"{w.process}")
        w.begin()
        w.end()


@timeout(300)
def test_c_functions_say_where_they_were():
    for path in binaries(cgo=True):
        w = Witness(path, "cgo", "-n", "2")
        w.begin()
        wait_for(lambda: w.mark() and all(len(p) >= 8 for p in w.points.values()), what="eight visits to C each")
        known = threads(w.pid)
        w.end()
        check({tid for points in w.points.values() for _, tid in points} <= known, f"{path}: threads of the process")


def test_functions_are_named():
    for path in binaries():
        w = Witness(path, "mutex", "-n", "1")
        equal(w.workers["mutex-0"]["function"], "main.contend", path)
        w.begin()
        w.end()


rotatest.main()
