# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""rota beside the kernel's own tracer: ftrace records the same scheduler events, with the same clock, by other code, into other buffers.

Where schedstat's clock stands still (an emulated cpu that loses its turn between the reading of the run queue's clock and the
switch, or while the load balancer has threads in its hands), the two still agree. Needs tracefs."""

import contextlib
import os
import re
import subprocess
import time

import observe
from observe import Recording, say, thread
from rotatest import Failure, check, equal, main, program, skip, start, timeout, wait_for

TRACEFS = "/sys/kernel/tracing"
EVENTS = ("sched_switch", "sched_wakeup", "sched_wakeup_new")
BUFFER_KB = 8192  # a cpu
ATTEMPTS = 3
RELATIVE, ABSOLUTE = 0.01, 0.001  # as for schedstat, tests/live/test_truth.py
LINE = re.compile(r"\[\d+\] +\S+ +(\d+)\.(\d{6}): (sched_\w+): (.*)")
SWITCH = re.compile(r"prev_pid=(\d+) .*prev_state=(\S+) ==> .*next_pid=(\d+)")
WAKEUP = re.compile(r"\bpid=(\d+)")


class Tracer:
    """An instance of ftrace of its own, that nobody else's settings meet."""

    def __init__(self):
        self.path = f"{TRACEFS}/instances/rota-test-{os.getpid()}"
        if os.environ.get("ROTA_GUEST") and not os.path.isdir(f"{TRACEFS}/events"):
            subprocess.run(["mount", "-t", "tracefs", "tracefs", TRACEFS], check=False, capture_output=True)
        try:
            os.mkdir(self.path)
        except OSError as why:
            skip(f"no tracefs here ({why.strerror})")
        self.write("trace_clock", "mono")
        self.write("buffer_size_kb", BUFFER_KB)
        for event in EVENTS:
            self.write(f"events/sched/{event}/enable", 1)
        self.write("tracing_on", 1)

    def write(self, name, value):
        with open(f"{self.path}/{name}", "w", encoding="ascii") as file:
            file.write(str(value))

    def read(self, name):
        with open(f"{self.path}/{name}", encoding="utf-8", errors="replace") as file:
            return file.read()

    def stop(self):
        self.write("tracing_on", 0)

    def lost(self):
        folders = os.listdir(f"{self.path}/per_cpu")
        texts = [self.read(f"per_cpu/{folder}/stats") for folder in folders]
        return sum(int(n) for text in texts for n in re.findall(r"(?:overrun|dropped events): (\d+)", text))

    def events(self, from_ns):
        """(time in ns, name, the rest), in order of time, from then on."""
        found = []
        for match in map(LINE.search, self.read("trace").splitlines()):
            if match:
                ts_ns = int(match[1]) * 1_000_000_000 + int(match[2]) * 1000
                if ts_ns >= from_ns:
                    found.append((ts_ns, match[3], match[4]))
        return sorted(found, key=lambda event: event[0])


@contextlib.contextmanager
def tracer():
    instance = Tracer()
    try:
        yield instance
    finally:
        os.rmdir(instance.path)


def account(events, tids):
    """({tid: ns running}, {tid: ns waiting}) of threads that sleep at both edges, and how many events ftrace was not told."""
    untold = 0
    running, waiting, state = dict.fromkeys(tids, 0), dict.fromkeys(tids, 0), {}

    def leave(tid, kind, totals, now):
        before, since = state.get(tid, ("asleep", now))
        if before == kind:
            totals[tid] += now - since
        return before != kind

    for now, name, rest in events:
        if name != "sched_switch":
            tid = int(WAKEUP.search(rest)[1])
            if tid in running and state.get(tid, ("asleep", 0))[0] == "asleep":
                state[tid] = ("queued", now)
            continue
        gone, how, come = SWITCH.search(rest).groups()
        gone, come = int(gone), int(come)
        if gone in running:
            untold += leave(gone, "running", running, now)
            state[gone] = ("queued" if how.startswith("R") else "asleep", now)
        if come in running:
            untold += leave(come, "queued", waiting, now)
            state[come] = ("running", now)
    return running, waiting, untold


class Disagrees(Failure):
    """A time is not what ftrace says."""


@timeout(200)
def test_24_threads():
    """Where a cpu stands still between ftrace's reading of the clock and rota's, at one event, they differ once; an error of
    rota's would show in each run."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return observe_24_threads()
        except Disagrees as why:
            if attempt == ATTEMPTS:
                raise
            say(f"attempt {attempt} of {ATTEMPTS}: {why}")


def observe_24_threads():
    with tracer() as trace:
        child = start(program("workload"))
        begin = child.json_line()
        recording = Recording("-p", str(begin["pid"]))
        child.say()
        working = child.json_line()
        wait_for(lambda: time.monotonic_ns() > working["ts_ns"] + 1_000_000_000, what="a second of work")
        child.say()
        equal(child.json_line()["parked"], "end")
        trace.stop()
        summary = recording.stop()
        child.say()
        tids = [a["tid"] for a in child.finish().expect(0).json_lines()]
        equal(trace.lost(), 0, "events that ftrace lost")
        events = trace.events(int(summary["window"]["start_ns"]))
    equal(len(tids), 24, "threads")
    equal(summary["coverage"]["lost_records"], 0, "lost records")
    running, waiting, untold = account(events, tids)
    if untold:
        skip(f"this kernel kept {untold} events of these threads from ftrace, too")
    check(sum(running.values()) > 100_000_000, f"ftrace saw hardly anything run: {running}")
    worst = 0.0
    for tid in tids:
        row = thread(summary, tid)
        for what, seconds, truth in (
            ("running", row["running_seconds"], running[tid] / 1e9),
            ("waiting", row["runqueue_seconds"] + row["throttled_seconds"], waiting[tid] / 1e9),
        ):
            worst = max(worst, abs(seconds - truth))
            if abs(seconds - truth) > max(RELATIVE * truth, ABSOLUTE):
                raise Disagrees(f"{what} of {row['name']}[{tid}]: {seconds} s, ftrace {truth} s")
    say(f"{len(events)} events, 24 threads: largest deviation {worst * 1e3:.3f} ms")


main(live=True)
