# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What Go's runtime says of its own scheduler: reads what a program prints on stderr under GODEBUG=schedtrace=100, with
or without scheddetail=1, into a Snapshot each. It is taken with the scheduler locked, so that the lists of threads and
goroutines are whole; but what runs goes on running: a P, its M and that M's goroutine can be from different moments.

Go 1.19 to 1.27 (runtime/proc.go, schedtrace): nobody is -1 up to 1.20, nil later; gcwaiting and sysmonwait are numbers, later
words; 1.26 adds schedticks to the brief form. Fields that are not known are kept, lines that are not the runtime's are left out.
"""

import re
import time
from typing import NamedTuple

ENVIRONMENT = {"GODEBUG": "schedtrace=100,scheddetail=1"}

P_STATUS = {0: "idle", 1: "running", 2: "syscall", 3: "gcstop", 4: "dead"}  # runtime2.go, _Pidle…; no syscall from 1.26
G_STATUS = {0: "idle", 1: "runnable", 2: "running", 3: "syscall", 4: "waiting", 6: "dead", 8: "copystack", 9: "preempted",
            10: "leaked", 11: "deadextra"}
G_SCAN = 0x1000  # the collector looks at its stack; the rest is the status


class P(NamedTuple):
    """A permit. `m`: who has it, by the runtime's number of the thread, or None."""

    number: int
    status: str  # "" where the trace is not detailed
    m: int
    runqueue: int  # goroutines in its queue, runnext not counted
    fields: dict


class M(NamedTuple):
    """A thread, by the runtime's number (not its tid); its P, goroutine and locked goroutine, or None."""

    number: int
    p: int
    curg: int
    lockedg: int
    spinning: bool
    blocked: bool
    fields: dict


class G(NamedTuple):
    """A goroutine; `reason` is what it waits for if it waits, and what it waited for last if not."""

    goid: int
    status: str
    reason: str
    m: int
    lockedm: int


class Snapshot:
    """One moment. `ps` has all Ps; `ms` and `gs` are empty where the trace is not detailed."""

    def __init__(self, since_ms, fields, read_ns=None):
        self.ms_since_start = since_ms  # since the program's first snapshot
        self.read_ns = read_ns  # CLOCK_MONOTONIC at which its first line was read, or None
        self.fields = fields
        self.gomaxprocs = int(fields["gomaxprocs"])
        self.idle_ps = int(fields["idleprocs"])
        self.threads = int(fields["threads"])
        self.idle_threads = int(fields["idlethreads"])
        self.spinning_threads = int(fields["spinningthreads"])
        self.global_runqueue = int(fields["runqueue"])
        self.ps, self.ms, self.gs = {}, {}, {}

    @property
    def busy_ps(self):
        return self.gomaxprocs - self.idle_ps

    @property
    def queued(self):
        """Goroutines in run queues, the one that each P will run next not counted (with details, count("runnable") has all)."""
        return self.global_runqueue + sum(p.runqueue for p in self.ps.values())

    def count(self, status):
        """How many goroutines have this status."""
        return sum(g.status == status for g in self.gs.values())

    def waiting_for(self, reason):
        return sum(g.status == "waiting" and g.reason == reason for g in self.gs.values())

    @property
    def in_progress(self):
        """Goroutines that have begun and have not ended, the runtime's own among them."""
        return len(self.gs) - self.count("dead") - self.count("idle") - self.count("deadextra")

    @property
    def locked_ms(self):
        return sum(m.lockedg is not None for m in self.ms.values())

    def whole(self):
        return len(self.ps) == self.gomaxprocs


def _nobody(word):
    return None if word in ("nil", "-1") else int(word)


def _true(word):
    return word in ("true", "1")


def _fields(text):
    """{name: value} of name=value; a value may be empty, or have spaces ("preemptoff=gc worker")."""
    return {m[1]: m[2].strip() for m in re.finditer(r"(\w+)=(.*?)(?= \w+=|$)", text)}


def _scheduler(line, read_ns):
    match = re.match(r"SCHED (\d+)ms: (.*)$", line)
    if not match:
        return None
    brief = re.search(r"(runqueue=\d+) \[ ?([\d ]*?) ?\]", match[2])
    text = match[2].replace(brief[0], brief[1]) if brief else match[2]
    fields = _fields(text)
    if not {"gomaxprocs", "idleprocs", "threads", "idlethreads", "spinningthreads", "runqueue"} <= set(fields):
        return None
    snapshot = Snapshot(int(match[1]), fields, read_ns)
    for number, length in enumerate(brief[2].split() if brief else ()):
        snapshot.ps[number] = P(number, "", None, int(length), {})
    return snapshot


def _detail(snapshot, line):
    """Adds what a line about a P, M or G says; other lines are somebody else's."""
    match = re.match(r"  ([PMG])(\d+): (.*)$", line)
    if not match:
        return
    kind, number, text = match[1], int(match[2]), match[3]
    try:
        if kind == "G":
            status, reason, m, lockedm = re.match(r"status=(\d+)\((.*)\) m=(\S+) lockedm=(\S+)$", text).groups()
            status = int(status) & ~G_SCAN
            snapshot.gs[number] = G(number, G_STATUS.get(status, str(status)), reason, _nobody(m), _nobody(lockedm))
        elif kind == "P":
            f = _fields(text)
            status = P_STATUS.get(int(f["status"]), f["status"])
            snapshot.ps[number] = P(number, status, _nobody(f["m"]), int(f["runqsize"]), f)
        else:
            f = _fields(text)
            snapshot.ms[number] = M(number, _nobody(f["p"]), _nobody(f["curg"]), _nobody(f["lockedg"]),
                                    _true(f["spinning"]), _true(f["blocked"]), f)
    except (AttributeError, KeyError, ValueError):
        return  # another line was written into this one


def snapshots(lines, clock=None):
    """Yields a Snapshot for each that is whole. `lines` is any iterable of text; what clock() says when a snapshot's first
    line comes becomes its read_ns. A last one that may have been cut short is left out, as is one with Ps missing."""
    current = None
    for line in lines:
        if line.startswith("SCHED "):
            if current and current.whole():
                yield current
            current = _scheduler(line.rstrip("\n"), clock() if clock else None)
        elif current:
            _detail(current, line.rstrip("\n"))


def parse(text):
    """All snapshots of a text that ended with its program, the last one included."""
    return list(snapshots([*text.splitlines(), "SCHED the end"]))


def follow(stream):
    """Snapshots of a running program's stderr (bytes), as they come, with the time at which they did."""
    return snapshots(
        (line.decode("utf-8", "replace") for line in stream), lambda: time.clock_gettime_ns(time.CLOCK_MONOTONIC)
    )
