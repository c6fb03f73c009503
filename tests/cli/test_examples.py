# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The examples do what examples/README.md says they do, by their own accounts. Bounds hold however busy the machine is."""

import os

import rotatest
from rotatest import check, close, equal, program, run, skip

MS = 1_000_000


def account(name, seconds="0.5"):
    result = run(program(name), "--seconds", seconds, "--account").expect(0)
    if not result.out.startswith("{"):
        skip(result.out.strip())
    return result.json()


def wall_ns(tasks):
    return max(t["to_ns"] for t in tasks) - min(t["from_ns"] for t in tasks)


def cpu_ns(tasks):
    return sum(t["cpu_ns"] for t in tasks)


def test_sleepers_use_no_cpu():
    tasks = account("sleepers")["tasks"]
    equal(len(tasks), 2, "tasks")
    check(cpu_ns(tasks) < 5 * MS, f"two sleepers used {cpu_ns(tasks)} ns")


def test_turns_share_one_cpu():
    tasks = account("turns")["tasks"]
    equal(tasks[0]["cpu"], tasks[1]["cpu"], "both pinned to one cpu")
    check(cpu_ns(tasks) <= wall_ns(tasks) + MS, f"one cpu gave {cpu_ns(tasks)} ns in {wall_ns(tasks)} ns")
    check(all(t["cpu_ns"] > 0 for t in tasks), "both made progress")


def test_parallel_has_two_cpus():
    tasks = account("parallel")["tasks"]
    check(tasks[0]["cpu"] != tasks[1]["cpu"], "pinned to two cpus")


def test_siblings_share_a_core():
    tasks = account("siblings")["tasks"]
    lists = []
    for task in tasks:
        with open(f"/sys/devices/system/cpu/cpu{task['cpu']}/topology/thread_siblings_list", encoding="ascii") as file:
            lists.append(file.read())
    equal(lists[0], lists[1], "one core")
    check(tasks[0]["cpu"] != tasks[1]["cpu"], "two hardware threads of it")


def test_seats_begin_on_one_cpu():
    stayer, mover = account("seats")["tasks"]
    equal((stayer["name"], mover["name"], stayer["cpu"]), ("stayer", "mover", mover["cpu"]), "names, the first seat")
    check(all(t["cpu_ns"] > 0 for t in (stayer, mover)), "both made progress")


def test_crowd_is_four_a_cpu():
    tasks = account("crowd")["tasks"]
    cpus = len(os.sched_getaffinity(0))
    equal(len(tasks), min(4 * cpus, 256), "tasks")
    check(cpu_ns(tasks) <= cpus * wall_ns(tasks) + MS, "no more cpu time than the cpus have")


def test_full_is_one_a_cpu():
    equal(len(account("full")["tasks"]), min(len(os.sched_getaffinity(0)), 256), "tasks")


def test_neighbours_leave_no_stranger_behind():
    tasks = account("neighbours")["tasks"]
    equal(len(tasks), min(len(os.sched_getaffinity(0)), 64), "tasks")
    parents = set()
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as file:
                name, rest = file.read().partition("(")[2].rsplit(")", 1)
        except OSError:
            continue  # gone meanwhile
        if name == "stranger":
            parents.add(int(rest.split()[1]))
    check(tasks[0]["tid"] not in parents and 1 not in parents, "a stranger outlived its program")


def test_quota_uses_half_a_cpu():
    tasks = account("quota", "1")["tasks"]
    # its periods of 100 ms may begin anywhere, so that one more can have begun
    check(cpu_ns(tasks) <= 0.5 * wall_ns(tasks) + 60 * MS, f"{cpu_ns(tasks)} ns of half a cpu in {wall_ns(tasks)} ns")
    for folder in ("/sys/fs/cgroup", "/sys/fs/cgroup/cpu"):
        left = [name for name in os.listdir(folder) if name == f"rota-quota-{tasks[0]['tid']}"] if os.path.isdir(folder) else []
        equal(left, [], "the cgroup it made")


def test_readers_get_their_messages():
    tasks = {task["name"]: task for task in account("readers", "1")["tasks"]}
    for name in ("north", "east", "south", "west"):
        check(tasks[name]["cpu_ns"] > 0, f"{name} did some work")
        # 0.1 ms a message, and no more than one message every 5 ms, but for what recv() itself takes
        check(tasks[name]["cpu_ns"] <= 0.2 * wall_ns(tasks.values()), f"{name} worked for {tasks[name]['cpu_ns']} ns: hardly waits")


def test_journal_hardly_uses_a_cpu():
    task = account("journal")["tasks"][0]
    check(0 < task["cpu_ns"] < task["to_ns"] - task["from_ns"], f"{task['cpu_ns']} ns of cpu")


def test_convoy_runs_one_at_a_time():
    tasks = account("convoy")["tasks"]
    # 400 µs of each 420 µs of work are done with the lock held, by one task at a time
    check(cpu_ns(tasks) <= 1.2 * wall_ns(tasks), f"{cpu_ns(tasks)} ns of work in {wall_ns(tasks)} ns: not behind one lock")


def test_pipeline_has_one_slow_stage():
    read, parse, write = account("pipeline")["tasks"]
    equal([read["name"], parse["name"], write["name"]], ["read", "parse", "write"])
    for stage in (read, write):  # both pass on the same items, at 100 µs each plus what the pipes cost
        close(parse["cpu_ns"] / stage["cpu_ns"], 4.0, relative=0.25, what=f"parse : {stage['name']}")


def test_phases_account_for_themselves():
    phases = account("phases", "1")["phases"]
    equal([p["phase"] for p in phases], ["parallel", "single", "turns", "asleep"])
    for phase in phases:
        for thread in phase["threads"]:
            check(thread["cpu_ns"] <= thread["to_ns"] - thread["from_ns"] + MS, f"more cpu than time in {phase}")
    check(cpu_ns(phases[2]["threads"]) <= wall_ns(phases[2]["threads"]) + MS, "turns: one cpu")
    check(phases[1]["threads"][1]["cpu_ns"] < 5 * MS, "single: the other one sleeps")
    check(cpu_ns(phases[3]["threads"]) < 5 * MS, "asleep: nobody works")


def test_bad_options_are_refused():
    for arguments in (["--seconds", "0"], ["--seconds", "-1"], ["--seconds", "abc"], ["--seconds"], ["--what"]):
        result = run(program("sleepers"), *arguments)
        equal(result.status, 2, f"status of {arguments}")
        equal(result.out, "", "stdout")


rotatest.main()
