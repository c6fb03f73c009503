# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""One run, several ways to the same figures: a pipe and a file, intervals and their total, a window cut and put together."""

import os
import signal

import observe
import rotatest
from observe import Recording, Stat, nanoseconds
from rotatest import ROTA, check, equal, program, rota, start

STATES = ("running", "runqueue", "throttled", "blocked", "stopped", "unknown")
LEVELS = ("in_progress", "demand", "parallelism", "core_parallelism")


def test_pipe_and_file_agree():
    """`rota record -o - | tee x.rota | rota report -` prints what `rota report x.rota` prints, byte by byte."""
    path = os.path.join(rotatest.tempdir(), "x.rota")
    target = observe.pingpong_on_each_cpu(100)
    record = start(ROTA, "record", "-o", "-", "-d", "1s", "-p", target)
    tee = start("tee", path, stdin=record.stdout)
    piped = rota("report", "--json", "--check", "-", stdin=tee.stdout).expect(0)
    record.finish().expect(0)
    tee.wait()
    filed = rota("report", "--json", "--check", path).expect(0)
    check(piped.json()["switches"]["switch_ins"] > 0, "nothing was seen")
    equal(piped.out_bytes, filed.out_bytes, "the report of the file")
    for view in ((), ("--csv",), ("--by", "cpu"), ("--timeline", "--width", "100")):
        with open(path, "rb") as file:
            piped = rota("report", *view, "-", stdin=file).expect(0)
        equal(piped.out_bytes, rota("report", *view, path).expect(0).out_bytes, f"report {' '.join(view)}")


def total_of(rows, key, *fields):
    """{key: [sum of each field over the rows, in ns or counts]}"""
    sums = {}
    for row in rows:
        name = tuple(row[k] for k in key)
        values = [nanoseconds(row[f]) if f.endswith("seconds") else row[f] for f in fields]
        sums[name] = [a + b for a, b in zip(sums.get(name, [0] * len(fields)), values)]
    return {name: values for name, values in sums.items() if any(values)}


def check_sums(parts, total):
    """Each figure that adds up, over the parts and in the total; to the nanosecond."""

    def same(what, pick):
        equal(pick(parts), pick([total]), what)

    same("window", lambda s: sum(nanoseconds(x["window"]["seconds"]) for x in s))
    for part in LEVELS:
        same(f"levels of {part}", lambda s, p=part: total_of([r for x in s for r in x[p]["levels"]], ("level",), "seconds"))
        same(f"unknown {part}", lambda s, p=part: sum(nanoseconds(x[p]["unknown_seconds"]) for x in s))
    fields = [f"{state}_seconds" for state in STATES] + ["lifetime_seconds", "voluntary", "involuntary", "switch_ins"]
    same("threads", lambda s: total_of([t for x in s for t in x["threads"]], ("tid", "start_boottime_ns"), *fields))
    fields = [f"{kind}_seconds" for kind in ("target", "other", "idle", "offline", "unknown")] + ["switch_ins"]
    same("cpus", lambda s: total_of([c for x in s for c in x["cpus"]], ("cpu",), *fields))
    for key in ("voluntary", "involuntary", "switch_ins"):
        same(f"{key} switches", lambda s, k=key: sum(x["switches"][k] for x in s))
    same("run-queue time", lambda s: sum(nanoseconds(x["runqueue"]["seconds"]) for x in s))
    same("migrations", lambda s: [sum(x["migrations"][k] for x in s) for k in total["migrations"]])
    same("lost records", lambda s: sum(x["coverage"]["lost_records"] for x in s))


def check_chain(parts, total):
    """The intervals follow each other without a gap from t0 to t1."""
    edges = [(p["window"]["start_ns"], p["window"]["end_ns"]) for p in parts]
    equal([e[0] for e in edges[1:]], [e[1] for e in edges[:-1]], "an interval begins where the last one ended")
    equal((edges[0][0], edges[-1][1]), (total["window"]["start_ns"], total["window"]["end_ns"]), "edges")


@rotatest.cases({"process": (False,), "system": (True,)})
def test_intervals_sum_to_the_total(system):
    target = start(program("workload"))
    pid = target.json_line()["pid"]
    stat = Stat("-a") if system else Stat("-p", pid)
    target.say()
    target.line()
    rotatest.wait_for(lambda: count_lines(stat.path) >= 12, what="a dozen intervals")
    target.say()
    target.line()
    total = stat.stop()
    target.say()
    target.finish().expect(0)
    check(len(stat.intervals) >= 12, f"{len(stat.intervals)} intervals")
    check_chain(stat.intervals, total)
    check_sums(stat.intervals, total)


def count_lines(path):
    with open(path, "rb") as file:
        return file.read().count(b"\n")


def test_a_window_cut_sums_to_the_whole():
    """Reports of three parts of one trace, cut at odd places, add up in all that threads did."""
    target = observe.pingpong_on_each_cpu(100)
    recording = Recording("-p", target)
    rotatest.wait_for(lambda: os.path.getsize(recording.path) > 100_000, what="enough to cut")
    whole = recording.stop()
    third = whole["window"]["seconds"] / 3
    cuts = [f"+{third:.9f}s", f"+{2 * third:.9f}s"]
    parts = [
        observe.report(recording.path, "--to", cuts[0]),
        observe.report(recording.path, "--from", cuts[0], "--to", cuts[1]),
        observe.report(recording.path, "--from", cuts[1]),
    ]
    check_chain(parts, whole)
    fields = [f"{state}_seconds" for state in STATES] + ["lifetime_seconds", "voluntary", "involuntary", "switch_ins"]
    rows = [total_of([t for x in s for t in x["threads"]], ("tid",), *fields) for s in (parts, [whole])]
    equal(rows[0], rows[1], "threads")


def test_laws_hold_on_a_killed_recording():
    """SIGKILL in the middle leaves a file that is readable up to its last flush, says so, and obeys the laws."""
    target = observe.pingpong_on_each_cpu(100)
    recording = Recording("-p", target)
    recording.rota.send_signal(signal.SIGKILL)
    recording.rota.wait()
    result = rota("report", "--json", "--check", recording.path).expect(0)
    summary = result.json()
    check(summary["coverage"]["incomplete"], "it does not say that the recording was not finished")
    check(summary["window"]["seconds"] > 0, "nothing is in it")
    for pid in target.split(","):
        os.kill(int(pid), 0)  # the target lives on


rotatest.main(live=True)
