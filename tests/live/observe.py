# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""How live tests observe: rota started, known to have begun, stopped, and its summary read.

Nothing here waits for a time. An observation has begun when it has reported its first interval, or when what it wrote so
far can be reported; both prove that t0 lies in the past.
"""

import gzip
import json
import os
import signal
import sys
import time

import rotatest
from rotatest import ROTA, check, rota, start, wait_for

INTERVAL = "100ms"
START_SECONDS = 60  # in a storm of switches an RCU grace period alone, which loading a program waits for, takes a second
TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")  # the unit of /proc/stat
# Whether schedstat's count of runs (sched_info.pcount) is that of switches to a thread: 7.2 was seen to leave out a few of ten
# thousand in a storm of switches (last_queued is 0 in sched_info_arrive()), while nvcsw and nivcsw have them all.
PCOUNT_EXACT = int(os.uname().release.split(".")[0]) < 7


def say(text):
    """A measured deviation, as a TAP comment."""
    print(f"# {text}", flush=True)


# --- observing -------------------------------------------------------------------------------------------------------


class Recording:
    """`rota record` into a file, begun."""

    def __init__(self, *args, path=None):
        self.path = path or os.path.join(rotatest.tempdir(), "x.rota")
        self.rota = start(ROTA, "record", "-o", self.path, "--flush", INTERVAL, *args)
        wait_for(self.begun, START_SECONDS, what="the first round of rota record")

    def begun(self):
        if self.rota.poll() is not None:
            raise rotatest.Failure(f"rota record ended early\n{self.rota.finish()}")
        return os.path.exists(self.path) and os.path.getsize(self.path) and rota("report", "--json", self.path).status == 0

    def stop(self):
        """Ends it as Ctrl-C does; its summary, checked against the conservation laws."""
        self.rota.send_signal(signal.SIGINT)
        return self.finish()

    def finish(self):
        """Waits for its own end."""
        self.rota.finish().expect(0)
        return report(self.path)


class Stat:
    """`rota stat -I`, begun. The intervals go to a file, so that rota never waits for a reader."""

    def __init__(self, *args):
        self.path = os.path.join(rotatest.tempdir(), "stat.json")
        self.rota = start(ROTA, "stat", "--json", "-I", INTERVAL, "-o", self.path, *args)
        wait_for(self.lines, START_SECONDS, what="the first interval of rota stat")
        self.intervals = []

    def lines(self):
        if self.rota.poll() is not None:
            raise rotatest.Failure(f"rota stat ended early\n{self.rota.finish()}")
        if not os.path.exists(self.path):
            return False
        with open(self.path, encoding="utf-8") as file:
            return "\n" in file.read()

    def stop(self):
        self.rota.send_signal(signal.SIGINT)
        return self.finish()

    def finish(self):
        self.rota.finish().expect(0)
        with open(self.path, encoding="utf-8") as file:
            *self.intervals, total = [json.loads(line) for line in file]
        return total


def report(path, *args):
    """The summary of a trace, which must obey the conservation laws."""
    return rota("report", "--json", "--check", *args, path).expect(0).json()


def run_recorded(*command, options=()):
    """`rota record -- COMMAND`: its summary and what the command said on stdout."""
    path = os.path.join(rotatest.tempdir(), "x.rota")
    result = rota("record", "-q", "-o", path, *options, "--", *command).expect(0)
    return report(path), result


def with_rusage(*command):
    """A command line that runs `command` and then prints, as one more JSON line, the kernel's account of it."""
    return (sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "rusage.py"), *command)


def pingpong_on_each_cpu(seconds):
    """A storm of switches that leaves the rest of the machine alive: a pair on each cpu. Their pids, as -p takes them. (Endless calls of
    sched_yield(2) do not: on some kernels, 6.18 among them, they can keep kernel threads off a cpu for minutes.)"""
    cpus = sorted(os.sched_getaffinity(0))
    pairs = [("taskset", "-c", str(cpu), rotatest.program("pingpong"), "--seconds", str(seconds)) for cpu in cpus]
    return ",".join(str(start(*pair).pid) for pair in pairs)


# --- reading a summary -----------------------------------------------------------------------------------------------


def threads_of(summary, tgid):
    return [t for t in summary["threads"] if t["tgid"] == tgid]


def thread(summary, tid):
    rows = [t for t in summary["threads"] if t["tid"] == tid]
    check(len(rows) == 1, f"{len(rows)} rows for tid {tid}: {[(t['tid'], t['name']) for t in summary['threads']]}")
    return rows[0]


def process(summary, tgid):
    rows = [p for p in summary["processes"] if p["tgid"] == tgid]
    check(len(rows) == 1, f"{len(rows)} rows for process {tgid}: {[(p['tgid'], p['name']) for p in summary['processes']]}")
    return rows[0]


def nanoseconds(seconds):
    """Seconds as the JSON has them (nine decimals) as the whole number they stand for."""
    return round(seconds * 1e9)


def seen_whole(summary):
    """Nothing was lost, and nothing about the threads is unknown."""
    check(summary["coverage"]["lost_records"] == 0, f"lost: {summary['coverage']}")
    for row in summary["threads"]:
        check(row["unknown_seconds"] == 0, f"unknown time of {row['name']}[{row['tid']}]: {row['unknown_seconds']}")


# --- the kernel's own figures ----------------------------------------------------------------------------------------

COLUMNS = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")  # of /proc/stat; guest time is in user


def kernel_option(name):
    """Whether the running kernel was built with it; None where it does not say."""
    try:
        with gzip.open("/proc/config.gz", "rt", encoding="ascii") as file:
            text = file.read()
    except OSError:
        try:
            with open(f"/boot/config-{os.uname().release}", encoding="ascii") as file:
                text = file.read()
        except OSError:
            return None
    return f"{name}=y" in text


def cpu_times():
    """(CLOCK_MONOTONIC in ns, {cpu: {column: seconds}}) of /proc/stat."""
    with open("/proc/stat", encoding="ascii") as file:
        lines = [line.split() for line in file]
    now = time.monotonic_ns()
    return now, {
        int(words[0][3:]): {name: int(ticks) * TICK_SECONDS for name, ticks in zip(COLUMNS, words[1:])}
        for words in lines
        if words[0].startswith("cpu") and words[0] != "cpu"
    }


def outside_schedstat(before, after):
    """Seconds between two cpu_times() that RUNNING contains and schedstat leaves out: stolen, and where the kernel
    accounts interrupts by time, those too. /proc/stat rounds each figure down, hence one tick more where there was any."""
    columns = ["steal"]
    if kernel_option("CONFIG_IRQ_TIME_ACCOUNTING") is not False:
        columns += ["irq", "softirq"]
    total = sum(after[1][cpu][c] - before[1][cpu][c] for cpu in after[1] if cpu in before[1] for c in columns)
    return total + TICK_SECONDS if total > 0 else 0.0
