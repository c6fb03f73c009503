# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What tests with pinned threads share: this machine as its sysfs tells it, the program `pinned` (pinned.c), its threads under
observation, and what is certain about them.

All threads of `pinned` sleep whenever rota begins or ends. Each says when (from, to) it began and ended its work, and how much
of its own cpu time (CLOCK_THREAD_CPUTIME_ID) that was; what it ran before and after lies between those and the moments, start
and end, at which all of them slept. So its running time is known to be its own cpu time at least, and that and both
edges at most. In the time w that two threads on different cpus both worked, they ran beside each other for at least w less
the time that each was off its cpu, whatever else went on; with threads that hardly ever leave their cpus that is one answer.
Nothing is compared with nominal seconds: a virtual machine's cpus stand still when its host pleases.

schedstat must agree, too: running and waiting together. How they share that is less sure. The clock behind schedstat is read
where a switch or a wakeup begins, the event comes later (rq_clock() in kernel/sched/sched.h); a virtual cpu that stands still
in between makes the stay before longer and the one after shorter by that pause, some ms where software emulates eight cpus
on one. Where a wait begins or a sleep, even the sum is off by it; and a pause in the middle of the work is in a thread's own
clock as well. It hits a run now and then; an error of rota's would hit every run. So a run whose times disagree is made again
(steadily()), but one whose counts, sums or conservation laws are wrong is not.
"""

import functools
import json
import os
import re
import shutil

import observe
from observe import say
from rotatest import Failure, check, equal, program, start

CPUS = "/sys/devices/system/cpu"
# Agreement with schedstat, as for tests/live/test_truth.py
RELATIVE, ABSOLUTE = 0.01, 0.001


ATTEMPTS = 5 if os.environ.get("ROTA_GUEST") else 3  # emulated cpus stand still more often than real ones


class Disagrees(Failure):
    """A time is not what schedstat says."""


def steadily(function):
    """Decorator: fails where each of some runs disagrees."""

    @functools.wraps(function)
    def repeat(*arguments):
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return function(*arguments)
            except Disagrees as why:
                if attempt == ATTEMPTS:
                    raise
                say(f"attempt {attempt} of {ATTEMPTS}: {why}")

    return repeat


def read(path):
    with open(path, encoding="ascii") as file:
        return file.read().strip()


def cpulist(text):
    """The cpus that a list like 0-3,8 names, ascending."""
    cpus = []
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        cpus += range(int(first), int(last or first) + 1)
    return cpus


class Cpu:
    """A hardware thread and whom it shares what with: sets of cpus."""

    def __init__(self, number):
        folder = f"{CPUS}/cpu{number}"
        self.number = number
        self.core = frozenset(cpulist(read(f"{folder}/topology/thread_siblings_list")))
        self.package = int(read(f"{folder}/topology/physical_package_id"))
        caches = [f"{folder}/cache/{name}" for name in os.listdir(f"{folder}/cache") if re.fullmatch(r"index\d+", name)]
        last = max(caches, key=lambda cache: int(read(f"{cache}/level")), default=None)
        self.llc = frozenset(cpulist(read(f"{last}/shared_cpu_list"))) if last else self.core
        self.nodes = {name for name in os.listdir(folder) if re.fullmatch(r"node\d+", name)}


@functools.cache
def online():
    """Every online cpu that this process might use when it began: {number: Cpu}."""
    return {number: Cpu(number) for number in sorted(os.sched_getaffinity(0))}


def distance(a, b):
    """The class of a move from one cpu to another, by the names of the summary."""
    if a.core == b.core:
        return "same_core"
    if a.llc == b.llc:
        return "same_llc"
    if a.package != b.package:
        return "other_package"
    return "same_node" if a.nodes == b.nodes else "same_package"


def whole_cores(cpus, threads):
    """Cores, ascending, with so many hardware threads or more, all of them usable: lists of cpus."""
    cores = sorted({cpu.core for cpu in cpus.values()}, key=min)
    return [sorted(core) for core in cores if len(core) >= threads and core <= set(cpus)]


def keep_to(cpus):
    """This process and what it starts run there from now on (the threads of `pinned` go where they are told)."""
    os.sched_setaffinity(0, cpus)


def cpu_run_seconds():
    """{cpu: seconds in which any thread but idle ran there}, or None where the kernel does not count. It is the seventh
    figure of a cpu's line (Documentation/scheduler/sched-stats.rst), from rq_sched_info_depart() in kernel/sched/stats.h."""
    try:
        lines = [line.split() for line in read("/proc/schedstat").splitlines()]
    except FileNotFoundError:
        return None
    return {int(words[0][3:]): int(words[7]) / 1e9 for words in lines if re.fullmatch(r"cpu\d+", words[0])}


class Pinned:
    """The program, at rest at first; its threads by name."""

    def __init__(self, *specs, seconds=None, wrap=()):
        length = ("--seconds", str(seconds)) if seconds else ()
        self.child = start(*wrap, program("pinned"), *length, *specs)
        self.begin = self.child.json_line()
        equal(self.begin["parked"], "begin")
        self.pid = self.begin["pid"]
        self.tids = {t["name"]: t["tid"] for t in self.begin["threads"]}
        self.end = None
        self.by_name = {}
        self.before = None  # by cpu_run_seconds() and cpu_times()
        self.cpu_seconds = None  # by cpu_run_seconds(), while the threads were at work
        self.excluded = 0.0  # stolen time and the like in it, which RUNNING contains and schedstat does not

    def target(self, *names):
        """-t for these threads."""
        return "-t", ",".join(str(self.tids[name]) for name in names)

    def work(self):
        """From rest to rest; with a length given. Returns self."""
        self.go()
        return self.rest()

    def go(self):
        """Begins the work; or, where no length was given, ends it."""
        if not self.before:
            self.before = cpu_run_seconds(), observe.cpu_times()
        self.child.say()

    def rest(self):
        """Reads the account that follows the work."""
        self.end = self.child.json_line()
        equal(self.end["parked"], "end")
        seconds, times = cpu_run_seconds(), observe.cpu_times()
        self.by_name = {t["name"]: t for t in self.end["threads"]}
        self.excluded = observe.outside_schedstat(self.before[1], times)
        if seconds:
            self.cpu_seconds = {cpu: seconds[cpu] - self.before[0][cpu] for cpu in seconds if cpu in self.before[0]}
        return self

    def finish(self):
        self.child.say()
        self.child.finish().expect(0)

    @property
    def window(self):
        """W: outside of it all threads slept."""
        return (self.end["end_ns"] - self.end["start_ns"]) / 1e9

    def _grown(self, name, key):
        return self.by_name[name]["end"][key] - self.by_name[name]["begin"][key]

    def ran(self, name):
        """Seconds by schedstat, from rest to rest."""
        return self._grown(name, "run_ns") / 1e9

    def waited(self, name):
        return self._grown(name, "wait_ns") / 1e9

    def counts(self, name):
        """switch-ins, voluntary and involuntary switches. It slept at both ends, so it came as often as it left; schedstat counts
        that, too, but from Linux 7 on leaves out one now and then (observe.PCOUNT_EXACT)."""
        runs, voluntary, involuntary = (self._grown(name, key) for key in ("runs", "voluntary", "involuntary"))
        left = voluntary + involuntary
        if observe.PCOUNT_EXACT:
            equal(runs, left, f"switches to and from {name} by the kernel")
        check(runs <= left, f"{name} came {runs} times and left {left} times")
        return left, voluntary, involuntary

    def own(self, *names):
        """Seconds of cpu time while they worked, by their own clocks: the least that they ran."""
        return sum(self.by_name[name]["cpu_ns"] for name in names) / 1e9

    def most(self, *names):
        """The most that they can have run: with all of the time before and after their work."""
        return self.own(*names) + sum(self.end["end_ns"] - self.end["start_ns"] - self._length(name) for name in names) / 1e9

    def _length(self, name):
        return self.by_name[name]["to_ns"] - self.by_name[name]["from_ns"]

    def together(self, *groups):
        """The least time for which all of these ran at once: each a thread (or several in turn) with a cpu of its own."""
        names = [name for group in groups for name in group.split("+")]
        common = min(self.by_name[n]["to_ns"] for n in names) - max(self.by_name[n]["from_ns"] for n in names)
        worked = sum(self.by_name[name]["cpu_ns"] - (self._length(name) - common) for name in names)
        return max(0.0, (worked - (len(groups) - 1) * common) / 1e9)

    def busy(self, cpu):
        """The most for which any thread can have run on a cpu: by /proc/schedstat where there is one."""
        return self.cpu_seconds[cpu] if self.cpu_seconds else self.window


def keep(recording, summary, name):
    """In a guest, leaves the recording and the guest's summary for the host, which reports it again (tests/vm/judge.py)."""
    folder = os.environ.get("ROTA_OUTPUT")
    if folder:
        shutil.copyfile(recording.path, os.path.join(folder, f"{name}.rota"))
        with open(os.path.join(folder, f"{name}.json"), "w", encoding="utf-8") as file:
            json.dump(summary, file)


def observe_threads(pinned, *names, kept=None, finish=True):
    """The threads' work, from rest to rest, under rota record -t; the summary. `kept`: the name it is kept under."""
    recording = observe.Recording(*pinned.target(*names))
    pinned.work()
    summary = recording.stop()
    if finish:
        pinned.finish()
    if kept:
        keep(recording, summary, kept)
    check(int(summary["window"]["start_ns"]) < pinned.end["start_ns"], "rota began late")
    equal(sorted(t["tid"] for t in summary["threads"]), sorted(pinned.tids[name] for name in names), "threads of T")
    observe.seen_whole(summary)
    for name in names:
        row = row_of(summary, pinned, name)
        equal((row["switch_ins"], row["voluntary"], row["involuntary"]), pinned.counts(name), f"switches of {name}")
    return summary


def row_of(summary, pinned, name):
    return observe.thread(summary, pinned.tids[name])


def agrees(summary, pinned, *names):
    """RUNNING and waiting of these threads together agree with schedstat, RUNNING with their own clocks. Of threads that hand
    one cpu to each other the waiting is not compared: schedstat ends each wait some µs early, at each of many switches."""
    rows = [row_of(summary, pinned, name) for name in names]
    ran, waited = sum(map(pinned.ran, names)), sum(map(pinned.waited, names))
    running = sum(row["running_seconds"] for row in rows)
    waiting = sum(row["runqueue_seconds"] + row["throttled_seconds"] for row in rows)
    say(f"{'+'.join(names)}: running {running:.6f} s (schedstat {ran:.6f}), waiting {waiting:.6f} s ({waited:.6f})")
    close_to(pinned, running, names, f"running time of {names}")
    off = running + waiting - ran - waited
    bound = max(RELATIVE * (ran + waited), ABSOLUTE)
    if len(names) == 1 and not -bound <= off <= bound + pinned.excluded:
        raise Disagrees(f"running and waiting of {names} are off from schedstat by {off} s")


def close_to(pinned, value, names, what):
    """A time is that for which these threads ran, to 1 %."""
    bound = max(RELATIVE * pinned.own(*names), ABSOLUTE)
    between(pinned, value, pinned.own(*names), pinned.most(*names), bound, what)


def between(pinned, value, least, most, tolerance, what):
    """least ≤ value ≤ most, to a tolerance in seconds; threads' clocks know these bounds to the stolen time."""
    text = f"{what}: {value:.6f} s, certain are {least:.6f} to {most:.6f} (± {tolerance:.6f}, stolen {pinned.excluded:.6f})"
    say(text)
    if not least - tolerance - pinned.excluded <= value <= most + tolerance + pinned.excluded:
        raise Disagrees(text)
