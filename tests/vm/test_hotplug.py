# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A cpu that goes offline and comes back while rota records. Only in a guest: it changes the machine.

Oracles: the times just before and just after each write to /sys/devices/system/cpu/cpuN/online; schedstat and switch counts of
the threads, one of which sits on that cpu and must leave it, one on its SMT sibling where it has one, one elsewhere.
"""

import os
import sys
import time

import rotatest
from rotatest import TOP, check, equal, skip, wait_for

sys.path.insert(0, os.path.join(TOP, "tests", "live"))

import observe  # noqa: E402 # behind the path that they are found by
import pinned  # noqa: E402
from observe import nanoseconds, say  # noqa: E402
from pinned import ABSOLUTE, Pinned, agrees, between, row_of, steadily  # noqa: E402

STAY_NS = 400_000_000  # in each state


def switch(cpu, value):
    """Takes the cpu offline or online; the times just before and just after."""
    before = time.monotonic_ns()
    with open(f"{pinned.CPUS}/cpu{cpu}/online", "w", encoding="ascii") as file:
        file.write(value)
    return before, time.monotonic_ns()


def stay(since):
    wait_for(lambda: time.monotonic_ns() > since + STAY_NS, what="a stay")


def places():
    """The cpu that goes, its sibling if it has just one, one of another core; this script keeps to the first core."""
    if not os.environ.get("ROTA_GUEST"):
        skip("only in a guest: it takes a cpu offline")
    cpus = pinned.online()
    first = cpus[min(cpus)].core
    others = sorted(set(cpus) - first)
    leaving = others[-1]
    siblings = sorted(cpus[leaving].core - {leaving}) if len(cpus[leaving].core) == 2 else []
    elsewhere = [cpu for cpu in others if cpu not in cpus[leaving].core]
    pinned.keep_to(first)
    return leaving, siblings[0] if siblings else None, elsewhere[0] if elsewhere else min(first)


def observe_hotplug(kind, target, leaving):
    """The summary, and the times of the two switches."""
    recording = observe.Recording(*{"process": ("-p", target.pid), "system": ("-a",)}[kind])
    target.go()
    stay(time.monotonic_ns())
    off = switch(leaving, "0")
    try:
        stay(off[1])
    finally:
        on = switch(leaving, "1")
    stay(on[1])
    target.go()
    target.rest()
    summary = recording.stop()
    target.finish()
    return summary, off, on


def check_offline(cpus, leaving, least, most):
    """The cpu was offline for at least and at most so long. rota learns that it went from the next round's snapshot and that it
    came from its next event or snapshot; before, it is idle: nobody can have run there."""
    row = cpus[leaving]
    offline = row["offline_seconds"]
    nobody = offline + row["idle_seconds"] + row["unknown_seconds"]
    say(f"offline {offline:.6f} s, nobody there {nobody:.6f} s, by the writes {least:.6f} to {most:.6f} s")
    check(0 < offline <= most, f"offline for {offline} s, at most {most} s")
    check(nobody >= least, f"nobody there for {nobody} s, offline for at least {least} s")
    equal([cpu for cpu in cpus if cpus[cpu]["offline_seconds"]], [leaving], "cpus that were offline")


@rotatest.cases({"process": ("process",), "system": ("system",)})
@steadily
def test_a_cpu_goes_and_comes_back(kind):
    leaving, sibling, elsewhere = places()
    specs = {"leaver": leaving, "sibling": sibling, "bystander": elsewhere}
    target = Pinned(*(f"{name}={cpu}/spin" for name, cpu in specs.items() if cpu is not None))
    summary, off, on = observe_hotplug(kind, target, leaving)
    equal(summary["coverage"]["lost_records"], 0, "lost records")
    check_offline({cpu["cpu"]: cpu for cpu in summary["cpus"]}, leaving, (on[0] - off[1]) / 1e9, (on[1] - off[0]) / 1e9)
    for name in target.tids:
        row = row_of(summary, target, name)
        equal(nanoseconds(row["unknown_seconds"]), 0, f"unknown time of {name}")
        equal((row["switch_ins"], row["voluntary"], row["involuntary"]), target.counts(name), f"switches of {name}")
        agrees(summary, target, name)
    on_it = {cpu["cpu"]: cpu["seconds"] for cpu in row_of(summary, target, "leaver")["cpus"]}
    between(target, on_it.get(leaving, 0), (off[0] - target.end["start_ns"]) / 1e9 - target.waited("leaver"),
            (off[1] - target.end["start_ns"]) / 1e9, ABSOLUTE, "the leaver on the cpu before it went")  # fmt: skip
    check(len(on_it) > 1, f"the leaver ran on {on_it}")
    if sibling is not None:
        row = row_of(summary, target, "sibling")
        equal(nanoseconds(row["smt_unknown_seconds"]), 0, "unknown sibling time")
        least = (on[0] - off[1]) / 1e9 - target.waited("sibling") - ABSOLUTE
        check(row["sibling_idle_seconds"] >= least, f"beside an offline cpu: {row['sibling_idle_seconds']} s idle, not {least}")


rotatest.main(live=True)
