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
    """A trace of a storm through rings of one page; its path, and the storm's rusage."""
    path = os.path.join(rotatest.tempdir(), "lossy.rota")
    storm = with_rusage(program("storm"), "--seconds", "1")
    result = rota("record", "-o", path, *TINY, "--", *storm).expect(0)
    rotatest.contains(result.err, "records were lost", "stderr of rota record")
    return path, result.json_lines()[-1]


def test_tiny_ring_is_told():
    path, usage = lossy_storm()
    summary = rota("report", "--json", "--check", path).expect(0).json()
    coverage = summary["coverage"]
    say(f"{coverage['lost_records']} records lost on {len(coverage['lost_cpus'])} cpus, coverage {coverage['fraction']:.4f}")
    check(coverage["lost_records"] > 0, "no record was lost, with a ring of a page in a storm")
    check(0 <= coverage["fraction"] < 1, f"coverage {coverage['fraction']}")
    check(coverage["unknown_seconds"] > 0, "no time is unknown")
    check(coverage["lost_cpus"], "which cpus lost records is not said")
    equal(sum(c["records"] for c in coverage["lost_cpus"]), coverage["lost_records"], "losses by cpu")
    # known time is the kernel's at most; known and unknown together at least
    row = observe.process(summary, usage["rusage"])
    bound = max(RELATIVE * usage["cpu_seconds"], ABSOLUTE)
    stolen = sum(c["steal_seconds"] or 0 for c in summary["cpus"])
    known, unknown = row["running_seconds"], row["unknown_seconds"]
    say(f"running {known:.4f} s known, {unknown:.4f} s unknown; rusage {usage['cpu_seconds']:.4f} s")
    check(known <= usage["cpu_seconds"] + bound + stolen, f"known running {known} s, but only {usage['cpu_seconds']} s were used")
    check(known + unknown >= usage["cpu_seconds"] - bound, f"{known} s + {unknown} s unknown, but {usage['cpu_seconds']} s were used")
    text = rota("report", path).expect(0)
    rotatest.contains(text.out + text.err, "lost", "the report in words")


def test_fail_on_loss():
    path, _ = lossy_storm()
    rota("report", "--json", "--fail-on-loss", "--check", path).expect(3)
    storm = start(program("storm"), "--seconds", "100")
    for command in (("stat", "--json"), ("record", "-o", path)):
        options = (*command, "--fail-on-loss", *TINY, "-d", "300ms", "-p", storm.pid)
        run(ROTA, *options).expect(3)
        run(ROTA, *(o for o in options if o != "--fail-on-loss")).expect(0)


def test_what_is_known_of_24_threads():
    """The workload under a storm of others, with --system and tiny rings: every thread's known running time is below
    schedstat's, and with its unknown time above."""
    child = start(program("workload"))
    child.json_line()
    storm = start(program("storm"), "--seconds", "100")
    recording = Recording(*TINY, "-a")
    child.say()
    begun = child.json_line()["ts_ns"]
    rotatest.wait_for(lambda: observe.time.monotonic_ns() > begun + 10**9, what="a second of work")
    child.say()
    child.line()
    summary = recording.stop()
    rotatest.kill_session(storm)
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
    equal(summary["coverage"]["fraction"], 1, "coverage")
    switches = summary["switches"]["switch_ins"]
    runs = account["runs"] if name == "storm" else account["ping"]["runs"] + account["pong"]["runs"]
    say(f"{name}: {switches / summary['window']['seconds']:.0f} switches a second, 0 lost")
    check(switches >= runs, f"{switches} switch-ins, but the threads alone counted {runs}")


rotatest.main(live=True)
