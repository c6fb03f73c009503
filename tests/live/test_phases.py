# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A program whose parallelism is known by construction: examples/phases, against its own account of its cpu time.

Truth is what each thread says of its own clock in each phase, not the nominal second: on a busy machine a thread that wants
to run does not always run. With a and b the cpu time of the two threads in a phase of w seconds, any observer must find
Σ level × time = a + b, both running for at least a + b − w and at most min(a, b), and so on; on a quiet machine that leaves
one answer only.
"""

import os

import observe
import rotatest
from observe import say
from rotatest import check, close, equal, program, rota

RELATIVE = 0.02  # of the phase, as it was asked for


def levels(part):
    return {row["level"]: row["seconds"] for row in part["levels"]}


class Phase:
    """One phase as the program tells it and as rota saw it."""

    def __init__(self, account, path, start_ns):
        self.name = account["phase"]
        # the part in which both threads were in this phase
        from_ns = max(t["from_ns"] for t in account["threads"])
        to_ns = min(t["to_ns"] for t in account["threads"])
        self.cpu = [t["cpu_ns"] / 1e9 for t in account["threads"]]
        self.window = (to_ns - from_ns) / 1e9
        edges = [f"+{(ns - start_ns) / 1e9:.9f}s" for ns in (from_ns, to_ns)]
        self.seen = observe.report(path, "--from", edges[0], "--to", edges[1])
        self.bound = RELATIVE * self.window
        close(self.seen["window"]["seconds"], self.window, absolute=1e-6, what=f"window of phase {self.name}")

    def level(self, part, level, least, most=None):
        most = least if most is None else most
        seconds = levels(self.seen[part]).get(level, 0)
        text = f"phase {self.name}, {part} at level {level}"
        say(f"{text}: {seconds:.4f} s, expected {least:.4f} to {most:.4f} of {self.window:.4f}")
        check(least - self.bound <= seconds <= most + self.bound, f"{text}: {seconds} s, expected {least} to {most}")

    def mean(self, part, expected):
        close(self.seen[part]["mean"], expected, absolute=RELATIVE, what=f"phase {self.name}, mean of {part}")

    def running(self, part):
        """Levels of a count of running threads that may run beside each other."""
        total, window = sum(self.cpu), self.window
        self.mean(part, total / window)
        both = max(0.0, total - window), min(self.cpu)
        self.level(part, 2, *both)
        self.level(part, 1, total - 2 * both[1], total - 2 * both[0])


def check_parallel(phase, _cores):
    phase.level("demand", 2, phase.window)
    phase.running("parallelism")


def check_single(phase, _cores):
    phase.level("demand", 1, phase.window)
    phase.level("parallelism", 1, sum(phase.cpu))
    phase.level("parallelism", 2, 0)


def check_turns(phase, _cores):
    phase.level("demand", 2, phase.window)
    phase.level("parallelism", 1, sum(phase.cpu))
    phase.level("parallelism", 2, 0)
    equal(phase.seen["parallelism"]["max"], 1, "most that ran at once on one cpu")


def check_asleep(phase, _cores):
    phase.level("demand", 0, phase.window)
    phase.level("parallelism", 0, phase.window)


@rotatest.timeout(60)
def test_phases():
    path = os.path.join(rotatest.tempdir(), "phases.rota")
    result = rota("record", "-q", "-o", path, "--", program("phases"), "--seconds", "4", "--account").expect(0)
    if "only one cpu" in result.out:
        rotatest.skip("there is only one cpu to run on")
    account = result.json()
    whole = observe.report(path)
    cores = {c["cpu"]: c["core"] for c in whole["cpus"]}
    same_core = cores[account["cpus"][0]] == cores[account["cpus"][1]]
    checks = {"parallel": check_parallel, "single": check_single, "turns": check_turns, "asleep": check_asleep}
    equal([p["phase"] for p in account["phases"]], list(checks), "phases")
    for part in account["phases"]:
        phase = Phase(part, path, int(whole["window"]["start_ns"]))
        phase.level("in_progress", 2, phase.window)
        checks[phase.name](phase, cores)
        if same_core:
            busy = levels(phase.seen["parallelism"])
            phase.level("core_parallelism", 1, busy.get(1, 0) + busy.get(2, 0))
        else:
            equal(levels(phase.seen["core_parallelism"]), levels(phase.seen["parallelism"]), "one thread a core: C = P")


def test_whole_window():
    """The same without cutting: over the whole life of the program."""
    summary, result = observe.run_recorded(program("phases"), "--seconds", "2", "--account")
    if "only one cpu" in result.out:
        rotatest.skip("there is only one cpu to run on")
    phases = result.json()["phases"]
    used = sum(t["cpu_ns"] for p in phases for t in p["threads"]) / 1e9
    seen = sum(level * seconds for level, seconds in levels(summary["parallelism"]).items())
    say(f"∫ running at once {seen:.4f} s, own account {used:.4f} s")
    close(seen, used, relative=RELATIVE, what="∫ parallelism dt")
    asleep = min(t["to_ns"] for t in phases[3]["threads"]) - max(t["from_ns"] for t in phases[3]["threads"])
    check(levels(summary["demand"]).get(0, 0) >= (1 - RELATIVE) * asleep / 1e9, "demand 0 while both sleep")


rotatest.main(live=True)
