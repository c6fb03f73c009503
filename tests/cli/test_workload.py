# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The programs that live tests take for truth are themselves checked against a second source here."""

import signal

import rotatest
from rotatest import check, close, equal, program, run, start

THREADS = 24


def go_through(step):
    """Runs the workload, each step begun by step(child); returns the edges' times and the threads' accounts."""
    child = start(program("workload"))
    begin = child.json_line()
    equal(begin["parked"], "begin")
    step(child)
    equal(child.json_line()["working"], True)
    step(child)
    end = child.json_line()
    equal(end["parked"], "end")
    step(child)
    return begin, end, child.finish().expect(0).json_lines()


def check_accounts(begin, end, threads):
    equal(len(threads), THREADS, "threads")
    equal(sorted({t["kind"] for t in threads}), ["lock", "pipe", "sleep", "spin", "yield"])
    for thread in threads:
        first, last = thread["begin"], thread["end"]
        for kind in ("voluntary", "involuntary"):  # read for it while it slept, and by itself after it woke
            own = last[kind] - first[kind]
            # being preempted between waking up and looking is the only way to differ
            bound = 0 if kind == "voluntary" else 5
            check(abs(thread["own"][kind] - own) <= bound, f"{kind} of {thread}")
        # every stay on a cpu ends in a switch of one kind or the other
        equal(last["runs"], last["voluntary"] + last["involuntary"], f"runs of {thread}")
        span = end["ts_ns"] - begin["ts_ns"]
        check(last["run_ns"] - first["run_ns"] <= span, f"ran longer than the time between the edges: {thread}")
        check(last["run_ns"] > first["run_ns"], f"did nothing: {thread}")


def test_workload_by_lines():
    check_accounts(*go_through(lambda child: child.say()))


def test_workload_by_signal():
    check_accounts(*go_through(lambda child: child.send_signal(signal.SIGUSR1)))


def test_workload_by_time():
    lines = run(program("workload"), "--seconds", "0.2").expect(0).json_lines()
    check_accounts(lines[0], lines[2], lines[3:])


def test_exec_by_another_thread_takes_the_leaders_tid():
    account = run(program("exec-nonleader"), "--seconds", "0.1").expect(0).json()
    equal(account["tid"], account["pid"], "tid after the exec")
    check(account["tid_before"] != account["pid"], "it was not the leader")
    check(account["cpu_ns"] >= account["cpu_before_ns"], "cpu time goes on through an exec")


def test_leader_leaves_first():
    account = run(program("leader-exits"), "--seconds", "0.1").expect(0).json()
    check(account["pid"] not in (account["spin_tid"], account["nap_tid"]), "the leader is neither of the survivors")


def test_shortlived_threads_add_up():
    account = run(program("shortlived"), "--seconds", "0.5").expect(0).json()
    check(account["threads"] > 0, "some threads")
    check(account["threads_cpu_ns"] >= account["threads"] * 1_000_000, "each works 1 ms")
    check(account["threads_cpu_ns"] + account["main_cpu_ns"] <= account["process_cpu_ns"], "the parts are within the whole")


def test_pingpong_counts_its_switches():
    account = run(program("pingpong"), "--seconds", "0.2").expect(0).json()
    for side in ("ping", "pong"):  # each pass takes one stay on the cpu of each side, give or take the start
        close(account[side]["runs"], account["passes"], relative=0.05, absolute=50, what=side)


def test_storm_ends():
    account = run(program("storm"), "--seconds", "0.2").expect(0).json()
    equal(account["threads"], 4 * account["cpus"])
    check(account["runs"] > 0, "some switches")


def test_waiting_programs_begin_when_told():
    child = start(program("rename"), "--wait", "--seconds", "0.1")
    ready = child.json_line()
    equal(ready["pid"], child.pid)
    child.say()
    equal(child.finish().expect(0).json()["name"], "imago")


rotatest.main()
