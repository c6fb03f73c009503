# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""schedtrace.py reads what Go 1.19 to 1.27 really printed (tests/go/data: the witness with two goroutines blocked in read(2),
GOMAXPROCS=3), what they can print, and what came in between."""

import glob
import io
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import schedtrace  # noqa: E402 # behind the path that it is found by
import rotatest  # noqa: E402
from rotatest import cases, check, equal  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))


def canned(name):
    with open(os.path.join(HERE, "data", f"schedtrace-{name}.txt"), encoding="ascii") as file:
        return file.read()


VERSIONS = ("1.19", "1.22", "1.23", "1.24", "1.26", "1.27")


@cases({version: (version,) for version in VERSIONS})
def test_detailed(version):
    read = schedtrace.parse(canned(version))
    equal(len(read), 2, "snapshots")
    check(0 < read[0].ms_since_start < read[1].ms_since_start, "times ascend")
    equal(sum(m.blocked for s in read for m in s.ms.values()), canned(version).count("blocked=true"), "parked threads")
    for s in read:
        equal((s.gomaxprocs, s.idle_ps, s.busy_ps, len(s.ps)), (3, 3, 0, 3), "Ps")
        equal((s.threads, s.threads - len(s.ms)), (len(s.ms), 0), "threads")
        equal({p.status for p in s.ps.values()}, {"idle"}, "Ps' status")
        equal({p.m for p in s.ps.values()}, {None}, "Ps' threads")
        equal((s.queued, s.count("runnable"), s.count("running"), s.count("syscall")), (0, 0, 0, 2), "goroutines")
        equal(s.gs[1].status + ", " + s.gs[1].reason, "waiting, chan receive", "main")
        equal(s.waiting_for("force gc (idle)"), 1, "a reason with parentheses")
        equal(s.in_progress, len(s.gs), "in progress")
        for g in s.gs.values():
            if g.status == "syscall":
                equal(s.ms[g.m].curg, g.goid, "goroutine → thread → goroutine")
        equal(s.locked_ms, 0, "locked threads")


@cases({version: (version,) for version in ("1.19", "1.26")})
def test_brief(version):
    read = schedtrace.parse(canned(f"{version}-brief"))
    equal(len(read), 3, "snapshots")
    for s in read:
        equal([p.runqueue for p in s.ps.values()], [0, 0, 0], "queues")
        equal((s.gomaxprocs, s.gs, s.ms), (3, {}, {}), "no details")
        check(0 <= s.busy_ps <= 3 and s.threads >= 5, f"{s.fields}")


def test_every_version_has_a_canned_text():
    names = {os.path.basename(path)[11:-4] for path in glob.glob(os.path.join(HERE, "data", "schedtrace-*.txt"))}
    equal({name for name in names if not name.endswith("-brief")}, set(VERSIONS), "tests/go/data")


SCHED = "SCHED 5ms: gomaxprocs=1 idleprocs=0 threads=2 spinningthreads=0 needspinning=0 idlethreads=0 runqueue=4"


def test_queues_are_added_up():
    (s,) = schedtrace.parse(SCHED.replace("gomaxprocs=1", "gomaxprocs=3") + " [1 0 20]\n")
    equal((s.global_runqueue, s.queued), (4, 25), "queued")


DETAILED = (
    SCHED + " gcwaiting=true nmidlelocked=1 stopwait=0 sysmonwait=false\n"
    "  P0: status=1 schedtick=9 syscalltick=0 m=1 runqsize=7 gfreecnt=0 timerslen=0\n"
    "  M1: p=0 curg=4099 mallocing=0 throwing=0 preemptoff=GC worker init locks=0 dying=0 spinning=true blocked=false lockedg=4099\n"
    "  M0: p=nil curg=nil mallocing=0 throwing=0 preemptoff= locks=0 dying=0 spinning=false blocked=false lockedg=nil\n"
    "  G4099: status=4098(GC worker (idle)) m=1 lockedm=1\n"
    "  G5: status=6() m=nil lockedm=nil\n"
)


def test_details():
    (s,) = schedtrace.parse(DETAILED)
    equal(s.ps[0][:4], (0, "running", 1, 7), "P")
    equal(s.ms[1][:6], (1, 0, 4099, 4099, True, False), "M")
    equal(s.ms[1].fields["preemptoff"], "GC worker init", "a value with spaces")
    equal(s.gs[4099], (4099, "running", "GC worker (idle)", 1, 1), "a goroutine whose stack the collector looks at")
    equal((s.in_progress, s.locked_ms, s.queued), (1, 1, 11), "counts")


def test_what_others_print_is_left_out():
    lines = DETAILED.splitlines(keepends=True)
    lines[2:2] = ["panic: no, only a word\n", "\n", "  P1: three\n", "  G77: status=4(sle\n", "SCHEDULE\n"]
    (s,) = schedtrace.parse("hello\n" + "".join(lines))
    equal((set(s.ps), set(s.ms), set(s.gs)), ({0}, {0, 1}, {4099, 5}), "entries")


def test_what_was_cut_short_is_left_out():
    equal(list(schedtrace.snapshots(DETAILED.splitlines())), [], "the last one, nobody knows whether it is whole")
    equal(len(list(schedtrace.snapshots((DETAILED + DETAILED).splitlines()))), 1, "the one before it")
    equal(schedtrace.parse(SCHED.replace("maxprocs=1", "maxprocs=2") + "\n" + DETAILED.split("\n", 1)[1]), [], "a P is missing")
    equal(schedtrace.parse("SCHED 5ms: gomaxprocs=1 idle\n"), [], "its first line is not whole")


def test_times_of_reading_ascend():
    read = list(schedtrace.follow(io.BytesIO((3 * DETAILED).encode())))
    equal(len(read), 2, "snapshots")
    check(0 < read[0].read_ns <= read[1].read_ns, "times")


rotatest.main()
