#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Where in the code (--stacks, rota export --to folded), against the program's own account of its cpu time and waits."""

import math
import os

import rotatest
from rotatest import check, close, rota

HZ = 97  # the sampling clock's


def record(folder, *options):
    """The trace of one run of places, and what the program says of itself."""
    trace = os.path.join(folder, "places.rota")
    result = rota("record", *options, "-o", trace, "--", rotatest.program("places")).expect(0)
    return trace, result.json_lines()[0]


def folded(trace, *options):
    """{stack: weight}; a stack is a tuple of frames, the thread's name first."""
    lines = rota("export", "--to", "folded", *options, trace).expect(0).out.splitlines()
    rows = {}
    for line in lines:
        stack, _, weight = line.rpartition(" ")
        rows[tuple(stack.split(";"))] = int(weight)
    return rows


def within(rows, function):
    return sum(weight for stack, weight in rows.items() if function in stack)


def expect_samples(count, cpu_ns, what):
    """Ticks of a clock that runs at HZ while the thread does: its phase is free, and it is late by what delays interrupts."""
    expected = HZ * cpu_ns / 1e9
    close(count, expected, absolute=4 * math.sqrt(expected) + 1, what=f"samples in {what}")


def test_samples_follow_the_cpu_time_of_each_function():
    trace, account = record(rotatest.tempdir(), "--stacks")
    rows = folded(trace)
    expect_samples(within(rows, "runs_alone"), account["alone_cpu_ns"], "runs_alone")
    expect_samples(within(rows, "runs_together"), account["together_cpu_ns"], "runs_together")
    named = [stack for stack in rows if "runs_alone" in stack]
    check(all("main" in stack for stack in named), f"main calls runs_alone: {named}")


def test_a_level_picks_the_serial_part():
    trace, _ = record(rotatest.tempdir(), "--stacks")
    every, alone, together = folded(trace), folded(trace, "--level", "1"), folded(trace, "--level", "2")
    rotatest.equal(within(alone, "runs_alone"), within(every, "runs_alone"), "samples of runs_alone at level 1")
    rotatest.equal(within(together, "runs_alone"), 0, "samples of runs_alone at level 2")
    levels = rota("report", "--json", trace).expect(0).json()["parallelism"]["levels"]
    both = sum(one["seconds"] for one in levels if one["level"] == 2)  # on a busy machine it may be little
    expect_samples(sum(together.values()), 2 * both * 1e9, "level 2")
    rotatest.equal(sum(alone.values()) + sum(together.values()), sum(every.values()), "samples of both levels")


def test_time_off_the_cpu_lies_where_it_was_spent():
    trace, account = record(rotatest.tempdir(), "--stacks")
    blocked, runnable = folded(trace, "--state", "blocked"), folded(trace, "--state", "runnable")
    micros = within(blocked, "waits_for_it") + within(runnable, "waits_for_it")
    close(micros * 1000, account["waited_ns"], relative=0.01, absolute=2e6, what="time in waits_for_it")
    in_futex = sum(w for stack, w in blocked.items() if "waits_for_it" in stack and stack[-1] == "futex_[k]")
    rotatest.equal(in_futex, within(blocked, "waits_for_it"), "the wait, in futex")
    check(all("second" in stack for stack in blocked if "waits_for_it" in stack), f"second calls it: {blocked}")


def test_all_blocked_time_is_told():
    trace, _ = record(rotatest.tempdir(), "--stacks")
    total = rota("report", "--json", trace).expect(0).json()
    seconds = sum(thread["blocked_seconds"] for thread in total["threads"])
    close(sum(folded(trace, "--state", "blocked").values()) / 1e6, seconds, relative=0.001, absolute=20e-6, what="blocked")


def test_without_stacks_export_says_so():
    trace, _ = record(rotatest.tempdir())
    result = rota("export", "--to", "folded", trace).expect(1)
    rotatest.contains(result.err, "--stacks")
    rotatest.equal(result.out, "", "stdout")


rotatest.main(live=True)
