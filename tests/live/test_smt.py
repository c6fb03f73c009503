# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Who shared a core with whom, with threads pinned so that the answer is known (pinned.py says what is certain and why).

The measured cores are never that of the first cpu, where this script, rota and most of the kernel's own work go. What kernel
threads do on the measured cores shows in the threads' clocks and schedstat and in the cpus' /proc/schedstat, which are the oracles.
"""

import functools

import pinned
import rotatest
from observe import nanoseconds, say
from pinned import RELATIVE, Disagrees, Pinned, agrees, between, observe_threads, row_of, steadily
from rotatest import equal, skip

SECONDS = 1
DUTY = 0.02  # a sibling that comes and goes: agreement with its own account, as it was asked for


@functools.cache
def measured(threads):
    """Cores with so many hardware threads, but for the first core, to which everything else is confined."""
    cpus = pinned.online()
    cores = pinned.whole_cores(cpus, threads)
    if not cores:
        skip(f"no core here has {threads} hardware threads to run on")
    first = cpus[min(cpus)].core
    cores = [core for core in cores if not first & set(core)]
    if not cores:
        skip("there is one core only, and this script needs one for itself")
    pinned.keep_to(first & set(cpus))
    return cores


def enough(condition, what):
    """Whether what happened is what the test is about; else it shows nothing, and is made again."""
    if not condition:
        raise Disagrees(f"{what}: this shows nothing")


def split(row):
    return {kind: row[f"sibling_{kind}_seconds"] for kind in ("idle", "ours", "others")} | {"unknown": row["smt_unknown_seconds"]}


def bound(target):
    """To what each part of a split, and each level's time, must be right: 1 % of the time."""
    return RELATIVE * target.window


def levels(part):
    return {row["level"]: row["seconds"] for row in part["levels"]}


def whole_split(summary, target, *names):
    """Each thread's split, none of it unknown, sums to its running time; the whole split is theirs. Returns them."""
    splits = {name: split(row_of(summary, target, name)) for name in names}
    for name, parts in splits.items():
        # who is on a sibling is read without a lock; a cpu that stands still between that and its switch is not believed
        if nanoseconds(parts["unknown"]):
            raise Disagrees(f"unknown sibling time of {name}: {parts['unknown']} s, expected none")
        running = nanoseconds(row_of(summary, target, name)["running_seconds"])
        equal(sum(map(nanoseconds, parts.values())), running, f"split of {name}, and its running time")
        say(f"{name}: " + ", ".join(f"sibling {kind} {seconds:.6f} s" for kind, seconds in parts.items()))
    for kind in ("idle", "ours", "others"):
        total = sum(nanoseconds(parts[kind]) for parts in splits.values())
        equal(nanoseconds(summary["smt"][f"sibling_{kind}_seconds"]), total, f"sibling {kind} of all")
    return splits


def core_level(summary, cpus, level):
    (core,) = [core for core in summary["cores"] if sorted(core["cpus"]) == sorted(cpus)]
    times = core["target_seconds_by_level"]
    return times[level] if level < len(times) else 0.0


def at_most_on_one_core(summary, threads):
    equal(summary["core_parallelism"]["max"], 1, "cores at once")
    equal(summary["parallelism"]["max"], threads, "threads at once")
    running = sum(nanoseconds(row["running_seconds"]) for row in summary["threads"])
    integral = sum(row["level"] * nanoseconds(row["seconds"]) for row in summary["parallelism"]["levels"])
    equal(integral, running, "running at once, added up over time")


def named(summary, target, *names):
    """How long the report says these strangers ran on siblings of ours; they are named rightly."""
    seconds = 0.0
    for name in names:
        rows = [row for row in summary["smt"]["neighbours"] if row["tid"] == target.tids[name]]
        equal([(row["thread"], row["tgid"], row["ours"]) for row in rows], [(name, target.pid, False)], f"{name} among the neighbours")
        seconds += rows[0]["seconds"]
    say(f"{'+'.join(names)} named for {seconds:.6f} s")
    return seconds


@steadily
def test_both_siblings_ours():
    """Two that spin on one core. Oracle: both's own clocks and schedstat."""
    left, right = measured(2)[0][:2]
    target = Pinned(f"left={left}/spin", f"right={right}/spin", seconds=SECONDS)
    summary = observe_threads(target, "left", "right")
    at_most_on_one_core(summary, 2)
    splits = whole_split(summary, target, "left", "right")
    both = target.together("left", "right")
    enough(both > 0.5 * target.window, f"the threads hardly ran beside each other: {both} s")
    for name in splits:
        agrees(summary, target, name)
        between(target, splits[name]["ours"], both, min(map(target.most, splits)), bound(target), f"sibling of {name} ours")
    equal(splits["left"]["ours"], splits["right"]["ours"], "ours, seen from either side")
    alone = summary["core_parallelism"]["active_seconds"] - core_level(summary, measured(2)[0], 2)
    between(target, alone, 0, target.most("left") + target.most("right") - 2 * both, bound(target), "one of the two at work")


@steadily
def test_two_cores():
    """Two that spin on two cores, whose other hardware threads idle but for the kernel's own threads. Oracle: own clocks and schedstat of
    both, and /proc/schedstat's running time of the idle siblings."""
    cores = measured(2)
    if len(cores) < 2:
        skip("needs two cores beside the first")
    (one, *by_one), (two, *by_two) = cores[:2]
    target = Pinned(f"one={one}/spin", f"two={two}/spin", seconds=SECONDS)
    summary = observe_threads(target, "one", "two")
    splits = whole_split(summary, target, "one", "two")
    equal(summary["core_parallelism"]["levels"], summary["parallelism"]["levels"], "cores at once, threads at once")
    equal(summary["core_parallelism"]["max"], 2, "cores at once")
    both = levels(summary["core_parallelism"]).get(2, 0)
    between(target, both, target.together("one", "two"), min(map(target.most, splits)), bound(target), "on both cores")
    for name, siblings in (("one", by_one), ("two", by_two)):
        agrees(summary, target, name)
        equal(splits[name]["ours"], 0, f"sibling of {name} ours")
        busy = sum(map(target.busy, siblings))
        between(target, splits[name]["others"], 0, busy, bound(target), f"sibling of {name} others")
        between(target, splits[name]["idle"], target.own(name) - busy, target.most(name), bound(target), f"sibling of {name} idle")
        enough(busy < 0.5 * target.own(name), f"siblings of {name} were busy for {busy} s")


@steadily
def test_a_stranger_on_the_sibling():
    """One of ours, one who is not, on one core; the report names him. Oracle: both's own clocks and schedstat."""
    ours, strange = measured(2)[0][:2]
    target = Pinned(f"ours={ours}/spin", f"stranger={strange}/spin", seconds=SECONDS)
    summary = observe_threads(target, "ours", kept="stranger")
    agrees(summary, target, "ours")
    at_most_on_one_core(summary, 1)
    parts = whole_split(summary, target, "ours")["ours"]
    equal(parts["ours"], 0, "sibling ours")
    both = target.together("ours", "stranger")
    enough(both > 0.5 * target.window, f"the threads hardly ran beside each other: {both} s")
    between(target, parts["others"], both, target.most("ours"), bound(target), "sibling others")
    between(target, named(summary, target, "stranger"), both, target.most("stranger"), bound(target), "beside the stranger")
    between(target, parts["idle"], 0, target.most("ours") - both, bound(target), "sibling idle")


@rotatest.cases({"ours": (True,), "a_stranger": (False,)})
@steadily
def test_sibling_that_comes_and_goes(ours):
    """A thread that is busy and idle in turns beside one that spins: the spinner's split follows its sibling's own account of
    its cpu time (CLOCK_THREAD_CPUTIME_ID) to 2 %. Whatever time the spinner was not running may be missing from it."""
    spin, comes = measured(2)[0][:2]
    target = Pinned(f"spinner={spin}/spin", f"guest={comes}/duty:80:60", seconds=1.5)
    names = ("spinner", "guest") if ours else ("spinner",)
    summary = observe_threads(target, *names)
    splits = whole_split(summary, target, *names)
    kind = "ours" if ours else "others"
    account, most = target.own("guest"), target.most("guest")
    tolerance = DUTY * account
    away = target.window - target.own("spinner")
    # others of the kernel may have been there, too
    strange = 0 if ours else max(0.0, target.busy(comes) - account)
    between(target, splits["spinner"][kind], account - away, most + strange, tolerance, f"sibling {kind}")
    if not ours:
        between(target, named(summary, target, "guest"), account - away, most, tolerance, "beside the guest")
    enough(away < 0.2 * account, f"the spinner was away for {away} s")
    enough(account < 0.8 * target.window, f"the guest was there all of the time: {account} s")


@rotatest.cases({"ours": (True,), "strangers": (False,)})
@steadily
def test_both_siblings_switching(ours):
    """A pair on each sibling hands a byte back and forth, as fast as it can: both siblings switch all the time, and neither
    switch may make the other's be missed. Oracle: own clocks, and schedstat's count of every switch."""
    left, right = measured(2)[0][:2]
    pairs = (f"{side}-{one}={cpu}/pass" for side, cpu in (("left", left), ("right", right)) for one in "ab")
    target = Pinned(*pairs, seconds=SECONDS)
    sides = ("left-a", "left-b"), ("right-a", "right-b")
    names = (*sides[0], *sides[1]) if ours else sides[0]
    summary = observe_threads(target, *names)
    splits = whole_split(summary, target, *names)
    switches = sum(target.counts(name)[0] for name in target.tids)
    say(f"{switches / target.window:.0f} switches/s on the two siblings")
    for side in sides if ours else sides[:1]:
        agrees(summary, target, *side)
    both, most = target.together(*map("+".join, sides)), [target.most(*side) for side in sides]
    enough(both > 0.5 * target.window, f"the pairs hardly ran beside each other: {both} s")
    kind = "ours" if ours else "others"
    seen = sum(splits[name][kind] for name in sides[0])
    between(target, seen, both, min(most) if ours else most[0], bound(target), f"siblings of the left pair {kind}")
    if not ours:
        between(target, named(summary, target, *sides[1]), both, most[1], bound(target), "beside the right pair")
    else:
        at_most_on_one_core(summary, 2)
        other = sum(splits[name][kind] for name in sides[1])
        equal(nanoseconds(seen), nanoseconds(other), "ours, seen from either side")
        equal(nanoseconds(core_level(summary, measured(2)[0], 2)), nanoseconds(seen), "both hardware threads of the core ours")


@steadily
def test_three_on_four():
    """Three that spin on a core of four hardware threads, and a stranger on the fourth: ours comes before others. Oracle:
    the three's own clocks and schedstat."""
    core = measured(4)[0]
    target = Pinned(*(f"{name}={cpu}/spin" for name, cpu in zip(("a", "b", "c", "stranger"), core)), seconds=SECONDS)
    summary = observe_threads(target, "a", "b", "c", kept="three-of-four")
    at_most_on_one_core(summary, 3)
    splits = whole_split(summary, target, "a", "b", "c")
    for name in splits:
        agrees(summary, target, name)
        others = [other for other in splits if other != name]
        least = max(target.together(name, other) for other in others)
        between(target, splits[name]["ours"], least, target.most(name), bound(target), f"siblings of {name} ours")
        alone = target.most(name) - target.together(name, "stranger")
        between(target, splits[name]["idle"], 0, alone, bound(target), f"siblings of {name} idle")
    all_three = target.together("a", "b", "c")
    enough(all_three > 0.5 * target.window, f"the three hardly ran beside each other: {all_three} s")
    most = min(map(target.most, splits))
    between(target, core_level(summary, core, 3), all_three, most, bound(target), "three hardware threads ours")
    equal(core_level(summary, core, 4), 0, "four hardware threads ours")


rotatest.main(live=True)
