# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The verdict on programs whose limit is known by construction (examples/), and who or what its evidence names.

Each program runs once; a wrong verdict is tried once more, and reported, because a machine that others use may really have had
another limit at that moment. With ROTA_SOAK=N in the environment (`make soak`) each runs N times, without that second try, and
nine tenths of the verdicts must be right.
"""

import math
import os
import platform

import rotatest
from observe import say
from rotatest import Failure, check, contains, equal, program, rota, skip

SOAK = int(os.environ.get("ROTA_SOAK", "0"))
SOAK_LEAST = 0.9
SECONDS = "4"


def observe_example(name, *rota_options, seconds=SECONDS):
    """The summary of one run, and the threads' names by tid."""
    path = os.path.join(rotatest.tempdir(), "summary.json")
    result = rota("stat", "--json", "-o", path, *rota_options, "--", program(name), "--seconds", seconds).expect(0)
    if result.out.startswith((f"{name}:", "only one cpu")) or "nothing to show" in result.out:
        skip(result.out.strip())
    with open(path, "rb") as file:
        return rotatest.Result([name], 0, file.read(), b"").json()


def evidence(summary, name):
    for row in summary["verdict"]["evidence"]:
        if row["name"] == name:
            return row
    raise Failure(f"no evidence {name} in {summary['verdict']}")


def one_run(judge, attempt):
    """None, or what was wrong."""
    try:
        judge()
    except Failure as failure:
        say(f"run {attempt}: {failure}")
        return failure
    return None


def judged(judge):
    """Runs a judge as often as was asked for."""
    if not SOAK:
        failure = one_run(judge, 1)
        if failure and one_run(judge, 2):
            raise failure
        if failure:
            say("RETRIED: wrong once, right the second time")
        return
    wrong = [failure for failure in (one_run(judge, i + 1) for i in range(SOAK)) if failure]
    least = math.ceil(SOAK_LEAST * SOAK)
    say(f"{SOAK - len(wrong)} of {SOAK} right, {least} wanted")
    check(SOAK - len(wrong) >= least, f"only {SOAK - len(wrong)} of {SOAK} right; the last one wrong: {wrong and wrong[-1]}")


def expect(summary, limit):
    verdict = summary["verdict"]
    say(f"{verdict['limit']}: {verdict['sentence']}")
    equal(verdict["limit"], limit, f"limit ({verdict['sentence']} second best: {verdict['second']})")
    check(len(summary["limit_by_second"]) >= 1, "a limit for each second")


def needs_cpus(count):
    if len(os.sched_getaffinity(0)) < count:
        skip(f"needs {count} cpus")


def full_is_hardware():
    summary = observe_example("full")
    expect(summary, "hardware")
    check(evidence(summary, "cpus_busy_share")["value"] >= 0.8, "the cpus are busy")
    contains(summary["verdict"]["sentence"], "rota cannot see", "the sentence")


def crowd_is_oversubscribed():
    summary = observe_example("crowd")
    expect(summary, "oversubscribed")
    rotatest.close(evidence(summary, "threads_per_cpu")["value"], 4, relative=0.1, what="threads for each cpu")


def turns_are_affinity():
    summary = observe_example("turns")
    expect(summary, "affinity")
    check(evidence(summary, "allowed_cpus")["value"] < len(os.sched_getaffinity(0)), "fewer cpus are allowed")


def quota_is_quota():
    summary = observe_example("quota")
    expect(summary, "quota")
    contains(evidence(summary, "throttled_periods")["says"], "rota-quota-", "the cgroup")
    contains(summary["verdict"]["sentence"], "0.50", "what the cgroup allows")


def neighbours_are_neighbours():
    summary = observe_example("neighbours", "--no-children")
    expect(summary, "neighbours")
    contains(evidence(summary, "waited_for")["says"], "stranger[", "who had the cpu")


def convoy_is_a_lock():
    summary = observe_example("convoy")
    expect(summary, "lock")
    lock = summary["locks"][0]
    equal(lock["waiters"], 4, "threads that waited for it")
    says = evidence(summary, "lock_seconds")["says"]
    check(lock["address"] in says or (lock["name"] and lock["name"] in says), f"the lock {lock} is not in {says!r}")
    check(evidence(summary, "lock_waker")["says"].split("[")[0] in ("ann", "ben", "cleo", "dan"), "who let them in")


def pipeline_is_serial():
    summary = observe_example("pipeline")
    expect(summary, "serial")
    contains(evidence(summary, "alone_share")["says"], "parse[", "the thread that ran alone")


def readers_wait_for_the_network():
    summary = observe_example("readers")
    expect(summary, "io-network")
    contains(evidence(summary, "blocked_in")["says"], "recvfrom on socket inet", "what they blocked in")


def journal_waits_for_the_disk():
    summary = observe_example("journal")
    expect(summary, "io-disk")
    contains(evidence(summary, "blocked_in")["says"], "fsync", "what it blocked in")


def sleepers_have_no_limit():
    expect(observe_example("sleepers"), "none")


def siblings_are_smt():
    expect(observe_example("siblings"), "smt")


def phases_change_by_second():
    """Four phases of two seconds; of each, the second that lies wholly inside for sure."""
    summary = observe_example("phases", seconds="8")
    seconds = summary["limit_by_second"]
    say(" ".join(seconds))
    check(len(seconds) >= 8, f"{len(seconds)} seconds of 8")
    equal([seconds[i] for i in (1, 3, 5, 7)], ["hardware", "serial", "affinity", "none"], "limits inside the phases")


TWO_CPUS = (
    turns_are_affinity,
    convoy_is_a_lock,
    pipeline_is_serial,
    phases_change_by_second,
)
ANY = (
    full_is_hardware,
    crowd_is_oversubscribed,
    quota_is_quota,
    neighbours_are_neighbours,
    readers_wait_for_the_network,
    journal_waits_for_the_disk,
    sleepers_have_no_limit,
    siblings_are_smt,
)


@rotatest.cases({judge.__name__: (judge,) for judge in (*TWO_CPUS, *ANY)})
@rotatest.timeout(60 + 20 * max(SOAK, 2))
def test_verdict(judge):
    if judge in TWO_CPUS:
        needs_cpus(2)
    if platform.machine() not in ("x86_64", "aarch64"):
        skip("the names of system calls are not known here")
    judged(judge)


rotatest.main(live=True)
