# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Loss: shown where it must come, absent where it must not, and what is still called known is true."""

import os

import observe
import rotatest
from observe import Recording, say, thread, with_rusage
from rotatest import ROTA, check, equal, program, rota, run, start

TINY = ("--ring", "4K")
RELATIVE, ABSOLUTE = 0.01, 0.001  # agreement with the kernel's figures, as in test_truth.py


def lossy_storm():
    """A trace of a storm through rings of one page."""
    path = os.path.join(rotatest.tempdir(), "lossy.rota")
    result = rota("record", "-o", path, *TINY, "--", program("storm"), "--seconds", "1").expect(0)
    rotatest.contains(result.err, "records were lost", "stderr of rota record")
    return path


def check_told(summary):
    coverage = summary["coverage"]
    say(f"{coverage['lost_records']} records lost on {len(coverage['lost_cpus'])} cpus, coverage {coverage['fraction']:.4f}")
    check(coverage["lost_records"] > 0, "no record was lost, with a ring of a page in a storm")
    check(0 <= coverage["fraction"] < 1, f"coverage {coverage['fraction']}")
    check(coverage["unknown_seconds"] > 0, "no time is unknown")
    check(coverage["lost_cpus"], "which cpus lost records is not said")
    equal(sum(c["records"] for c in coverage["lost_cpus"]), coverage["lost_records"], "losses by cpu")


def test_tiny_ring_is_told():
    path = lossy_storm()
    check_told(observe.report(path))
    text = rota("report", path).expect(0)
    rotatest.contains(text.out + text.err, "lost", "the report in words")


def test_what_is_known_of_a_pair():
    """A pair that switches at the highest rate through a ring of a page, against its rusage. It has a cpu of its own, and
    rota another: each time that somebody preempts T, the kernel's clock of T ends some 5 µs before the switch."""
    cpus = sorted(os.sched_getaffinity(0))
    if len(cpus) == 1:
        rotatest.skip("there is only one cpu to run on")
    path = os.path.join(rotatest.tempdir(), "lossy.rota")
    pair = ("taskset", "-c", str(cpus[0]), *with_rusage(program("pingpong"), "--seconds", "1"))
    recorder = ("taskset", "-c", str(cpus[1]), ROTA, "record", "-q", "-o", path, *TINY)
    usage = run(*recorder, "--", *pair).expect(0).json_lines()[-1]
    summary = observe.report(path)
    check_told(summary)
    row = observe.process(summary, usage["rusage"])
    bound = max(RELATIVE * usage["cpu_seconds"], ABSOLUTE)
    stolen = sum(c["steal_seconds"] or 0 for c in summary["cpus"])
    known, unknown = row["running_seconds"], row["unknown_seconds"]
    text = f"running {known:.4f} s known, {unknown:.4f} s unknown; rusage {usage['cpu_seconds']:.4f} s"
    say(text)
    check(known <= usage["cpu_seconds"] + bound + stolen, text)
    check(known + unknown >= usage["cpu_seconds"] - bound, text)
    for kind in ("voluntary", "involuntary"):  # a thread's last switches come after it was added to the rusage
        check(row[kind] <= usage[kind] + 4, f"{row[kind]} {kind} switches, but there were {usage[kind]}")


def test_fail_on_loss():
    path = lossy_storm()
    rota("report", "--json", "--fail-on-loss", "--check", path).expect(3)
    target = observe.pingpong_on_each_cpu(100)
    for command in (("stat", "--json"), ("record", "-o", path)):
        options = (*command, "--fail-on-loss", *TINY, "-d", "300ms", "-p", target)
        run(ROTA, *options).expect(3)
        run(ROTA, *(o for o in options if o != "--fail-on-loss")).expect(0)


def test_what_is_known_of_24_threads():
    """The workload with tiny rings: every thread's known running time is below schedstat's, and with its unknown time
    above. (No storm beside it: that would preempt its threads every few 100 µs, see workload.c.)"""
    child = start(program("workload"))
    child.json_line()
    recording = Recording(*TINY, "-a")
    child.say()
    begun = child.json_line()["ts_ns"]
    rotatest.wait_for(lambda: observe.time.monotonic_ns() > begun + 10**9, what="a second of work")
    child.say()
    child.line()
    summary = recording.stop()
    child.say()
    accounts = child.finish().expect(0).json_lines()
    check(summary["coverage"]["lost_records"] > 0, "nothing was lost")
    stolen = sum(c["steal_seconds"] or 0 for c in summary["cpus"])
    for account in accounts:
        row = thread(summary, account["tid"])
        run_s = (account["end"]["run_ns"] - account["begin"]["run_ns"]) / 1e9
        bound = max(RELATIVE * run_s, ABSOLUTE)
        text = f"{row['name']}: running {row['running_seconds']} s, unknown {row['unknown_seconds']} s, schedstat {run_s} s"
        check(row["running_seconds"] <= run_s + bound + stolen, text)
        check(row["running_seconds"] + row["unknown_seconds"] >= run_s - bound, text)
        for kind in ("voluntary", "involuntary"):
            check(row[kind] <= account["end"][kind] - account["begin"][kind], f"{kind} switches of {text}")
        check(row["switch_ins"] <= account["end"]["runs"] - account["begin"]["runs"], f"switch-ins of {text}")


@rotatest.cases({"pingpong": ("pingpong",), "storm": ("storm",)})
def test_default_rings_lose_nothing(name):
    path = os.path.join(rotatest.tempdir(), "x.rota")
    result = rota("record", "-q", "--fail-on-loss", "-o", path, "--", program(name), "--seconds", "2").expect(0)
    account = result.json()
    summary = observe.report(path)
    observe.seen_whole(summary)
    switches = summary["switches"]["switch_ins"]
    runs = account["runs"] if name == "storm" else account["ping"]["runs"] + account["pong"]["runs"]
    say(f"{name}: {switches / summary['window']['seconds']:.0f} switches a second, 0 lost")
    check(switches >= runs, f"{switches} switch-ins, but the threads alone counted {runs}")


rotatest.main(live=True)
