# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Migrations by distance: a thread that is sent from cpu to cpu by its affinity mask. Oracle: its own count of the moves it
made (sched_getcpu(3) before and after each), classed by what the machine's sysfs says of the two cpus."""

import itertools

import pinned
import rotatest
from observe import say
from pinned import Pinned, distance, observe_threads, row_of
from rotatest import check, equal, skip

CLASSES = ("same_core", "same_llc", "same_node", "same_package", "other_package")
MOST_CPUS = 8  # that a route of `pinned` has


def route(cpus):
    """A way through some cpus that has each class of move that there is here."""
    pairs = {distance(a, b): (a.number, b.number) for a, b in itertools.permutations(cpus.values(), 2)}
    return list(itertools.chain(*pairs.values()))[:MOST_CPUS]


def test_moves_are_counted_in_their_class():
    cpus = pinned.online()
    if len(cpus) < 2:
        skip("needs two cpus")
    way = route(cpus)
    target = Pinned(f"hopper={','.join(map(str, way))}/hop:2000", seconds=0.7)
    summary = observe_threads(target, "hopper", kept="hopper")
    expected = dict.fromkeys(CLASSES, 0)
    for hop in target.by_name["hopper"]["hops"]:
        expected[distance(cpus[hop["from"]], cpus[hop["to"]])] += hop["count"]
    say(f"cpus {way}: {expected}")
    for a, b in zip(way, way[1:]):
        if a != b:
            check(expected[distance(cpus[a], cpus[b])] > 3, f"hardly any moves from {a} to {b}: {expected}")
    row = row_of(summary, target, "hopper")
    equal({kind: row["migrations"][kind] for kind in CLASSES}, expected, "migrations of the thread")
    equal({kind: summary["migrations"][kind] for kind in CLASSES}, expected, "migrations")
    equal({cpu["cpu"] for cpu in row["cpus"]}, set(way), "cpus it ran on")


rotatest.main(live=True)
