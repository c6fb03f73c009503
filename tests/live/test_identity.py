# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Who is followed, and as whom: exec, exits, births, names, cgroups, namespaces, and the races around attaching."""

import ctypes
import os
import platform
import shutil
import subprocess
import signal
import sys
import time

import observe
import rotatest
from observe import Recording, Stat, nanoseconds, process, run_recorded, say, seen_whole, thread, threads_of, with_rusage
from rotatest import ROTA, check, close, equal, program, rota, run, start, wait_for

# What a thread says of its own cpu time leaves out how it came and went: its start, exec and exit
RELATIVE, ABSOLUTE = 0.01, 0.001
READ_FIRST = "import sys; print('ready', flush=True); sys.stdin.readline(); "


def runs(row, cpu_ns, what, extra=0.0):
    """RUNNING agrees with a thread's own clock; `extra` seconds that the clock did not cover may come on top."""
    least = cpu_ns / 1e9
    bound = max(RELATIVE * least, ABSOLUTE)
    say(f"{what}: running {row['running_seconds']:.6f} s, own clock {least:.6f} s")
    check(least - bound <= row["running_seconds"] <= least + bound + extra, f"{what}: {row['running_seconds']} s, own clock {least} s")


def total_running(summary, tgid):
    return sum(t["running_seconds"] for t in threads_of(summary, tgid))


def waiting(name, *args):
    """A test program that waits for a line before it begins, and its pid."""
    child = start(program(name), "--wait", *args)
    return child, child.json_line()["pid"]


# --- threads that come, go and change --------------------------------------------------------------------------------


def check_exec(summary, account):
    seen_whole(summary)
    check(account["tid_before"] != account["pid"], "it was the leader")
    rows = threads_of(summary, account["pid"])
    equal(len(rows), 2, "threads: the one that did exec, and the leader that exec ended")
    check(not any(t["alive"] for t in rows), "one of them is said to be alive")
    # the new program's name is that of /proc/self/exe, which it was started as; and its tid is the leader's
    (row,) = [t for t in rows if t["name"] == "exe"]
    (leader,) = [t for t in rows if t["name"] != "exe"]
    equal(row["tid"], account["pid"], "tid of the thread that did exec")
    runs(row, account["cpu_ns"], "the thread that did exec")
    check(leader["running_seconds"] < 0.1 * row["running_seconds"], f"the sleeping leader ran {leader['running_seconds']} s")


def test_exec_by_a_non_leader():
    summary, result = run_recorded(program("exec-nonleader"))
    check_exec(summary, result.json())


def test_exec_by_a_non_leader_attached():
    child, pid = waiting("exec-nonleader")
    recording = Recording("-p", pid)
    child.say()
    summary = recording.finish()  # -p ends with the process, not with the leader's first tid
    check_exec(summary, child.finish().expect(0).json())


def check_survivors(summary, account):
    seen_whole(summary)
    spinner = thread(summary, account["spin_tid"])
    runs(spinner, account["spin_cpu_ns"], "the spinner")
    # Woken from idle the kernel's clock of it starts at the wakeup, some 10 µs before the switch: what is part of the run
    # queue here is part of its cpu time there, 1,000 times a second.
    napper, clock = thread(summary, account["nap_tid"]), account["nap_cpu_ns"] / 1e9
    bound = max(RELATIVE * clock, ABSOLUTE)
    text = f"the napper: {napper['running_seconds']} s and {napper['runqueue_seconds']} s in queues, own clock {clock} s"
    check(napper["running_seconds"] <= clock + bound, text)
    check(napper["running_seconds"] + napper["runqueue_seconds"] >= clock - bound, text)
    leader = thread(summary, account["pid"])
    check(leader["lifetime_seconds"] < spinner["lifetime_seconds"], "the leader lived on")


def test_leader_exits_first():
    summary, result = run_recorded(program("leader-exits"))
    check_survivors(summary, result.json())


def test_leader_is_gone_at_attach():
    child = start(program("leader-exits"), "--seconds", "2")
    wait_for(lambda: process_state(child.pid) == "Z", what="the leader's exit")
    summary = Recording("-p", child.pid).finish()
    account = child.finish().expect(0).json()
    seen_whole(summary)
    row = thread(summary, account["spin_tid"])
    equal(nanoseconds(row["blocked_seconds"]), 0, "blocked time of a spinner")
    check(row["running_seconds"] > 0, "the spinner did not run")
    thread(summary, account["nap_tid"])


def process_state(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        return file.read().rpartition(")")[2].split()[0]


def test_2000_short_threads():
    summary, result = run_recorded(*with_rusage(program("shortlived")))
    account, usage = result.json_lines()
    equal(account["threads"], 2000, "threads that the program made")
    seen_whole(summary)
    rows = threads_of(summary, usage["rusage"])
    equal(sum(max(1, t["folded"]) for t in rows), 2001, "threads counted")
    runs(process(summary, usage["rusage"]), usage["cpu_seconds"] * 1e9, "2,000 threads and main, against rusage")
    short = sum(t["running_seconds"] for t in rows if t["tid"] != usage["rusage"])
    check(short >= account["threads_cpu_ns"] / 1e9 * (1 - RELATIVE), f"the 2,000 ran {short} s")


def test_tid_reuse():
    summary, result = run_recorded(program("tidreuse"))
    account = result.json()
    if not account["reused"]:
        rotatest.skip(account["reason"])
    seen_whole(summary)
    rows = sorted((t for t in summary["threads"] if t["tid"] == account["tid"]), key=lambda t: int(t["start_boottime_ns"]))
    rows = [t for t in rows if t["name"].startswith("life-")]
    equal([t["name"] for t in rows], [f"life-{i}" for i in range(8)], "lives of one tid")
    for row, cpu_ns in zip(rows, account["cpu_ns"]):
        runs(row, cpu_ns, row["name"])


def test_rename():
    child, pid = waiting("rename")
    recording = Recording("-p", pid)
    child.say()
    summary = recording.finish()
    account = child.finish().expect(0).json()
    seen_whole(summary)
    rows = threads_of(summary, pid)
    equal([t["name"] for t in rows], ["imago"], "one thread, under its last name")
    runs(rows[0], account["cpu_ns"], "three names")


def test_new_threads_are_followed():
    child, pid = waiting("spinner-and-sleeper", "--seconds", "0.5")
    recording = Recording("-p", pid)
    child.say()
    summary = recording.finish()
    account = child.finish().expect(0).json()
    equal(sorted(t["tid"] for t in threads_of(summary, pid)), sorted([account["spinner"], account["sleeper"]]), "threads")
    runs(thread(summary, account["spinner"]), account["cpu_ns"], "the spinner")


def test_io_uring_worker_is_followed():
    child, pid = waiting("uring-sqpoll")
    recording = Recording("-p", pid)
    child.say()
    summary = recording.finish()
    account = child.finish().expect(0).json()
    if not account["sqpoll"]:
        rotatest.skip(account["reason"])
    seen_whole(summary)
    row = thread(summary, account["poller"])
    equal((row["worker"], row["kthread"], row["tgid"]), (True, False, pid), "worker, kthread, tgid")
    check(row["name"].startswith("iou-sqp"), f"its name is {row['name']}")
    check(not thread(summary, pid)["worker"], "the main thread is said to be a worker")
    # its figures were read while it ran: either may lag by a tick, and it ran on a little before and after them
    seen = (account["end"]["run_ns"] - account["begin"]["run_ns"]) / 1e9
    tick = 1 / 100  # the longest tick a kernel can be built with
    close(row["running_seconds"], seen, RELATIVE, 2 * tick, "the poller's running time")


# --- threads that do not change --------------------------------------------------------------------------------------


@rotatest.cases({"live": (Stat,), "recorded": (Recording,)})
def test_spinner_and_sleeper(make):
    """Both began before rota and go on after it: no switch of their own says what they do."""
    child = start(program("spinner-and-sleeper"), "--seconds", "100")
    sleeper_tid = wait_for(lambda: next((int(t) for t in os.listdir(f"/proc/{child.pid}/task") if int(t) != child.pid), None))
    wait_for(lambda: thread_stat(child.pid, sleeper_tid) == ("sleeper", "S"), what="the sleeper's sleep")
    observation = make("-p", child.pid)
    begun = time.monotonic_ns()
    wait_for(lambda: time.monotonic_ns() > begun + 500_000_000, what="half a second")
    summary = observation.stop()
    window = nanoseconds(summary["window"]["seconds"])
    sleeper, spinner = thread(summary, sleeper_tid), thread(summary, child.pid)
    states = {s: nanoseconds(sleeper[f"{s}_seconds"]) for s in ("running", "runqueue", "blocked", "unknown", "lifetime")}
    equal(states, {"running": 0, "runqueue": 0, "blocked": window, "unknown": 0, "lifetime": window}, "the sleeper")
    # whenever it does not run, somebody else took its cpu
    wait = nanoseconds(spinner["runqueue_seconds"]) + nanoseconds(spinner["throttled_seconds"])
    say(f"spinner: running {spinner['running_seconds']:.6f} s of {window / 1e9:.6f} s, preempted {spinner['involuntary']} times")
    equal(nanoseconds(spinner["running_seconds"]) + wait, window, "the spinner's running and waiting")
    equal((spinner["blocked_seconds"], spinner["unknown_seconds"], spinner["stopped_seconds"]), (0, 0, 0), "the rest of its time")
    check(wait == 0 or spinner["involuntary"] > 0, "it waited without being preempted")
    equal(spinner["voluntary"], 0, "voluntary switches of a spinner")
    equal([(row["level"], nanoseconds(row["seconds"])) for row in summary["in_progress"]["levels"]], [(2, window)], "in progress")
    equal(summary["coverage"]["lost_records"], 0, "lost records")


def thread_stat(pid, tid):
    with open(f"/proc/{pid}/task/{tid}/stat", encoding="ascii", errors="replace") as file:
        name, _, rest = file.read().partition("(")[2].rpartition(")")
    return name, rest.split()[0]


def test_wakeups_across_cpus():
    child, pid = waiting("crosswake")
    recording = Recording("-p", pid)
    child.say()
    summary = recording.finish()
    account = child.finish().expect(0).json()
    if account["cpus"] == 1:
        rotatest.skip("there is only one cpu to run on")
    seen_whole(summary)
    waker, wakee = (thread(summary, account[who]) for who in ("waker", "wakee"))
    for row, figures in ((waker, account["waker_figures"]), (wakee, account["wakee_figures"])):
        # what came before the waker's first pass and after each read its figures is not in them
        check(0 <= row["switch_ins"] - figures["runs"] <= 5, f"{row['name']}: {row['switch_ins']} switch-ins of {figures['runs']}")
    equal([c["cpu"] for c in wakee["cpus"] if c["cpu"] != account["waker_cpu"]], [account["wakee_cpu"]], "cpus of the wakee")
    there = [w for w in summary["wakeups"] if w["waker"].startswith("waker") and w["wakee"].startswith("wakee")]
    back = [w for w in summary["wakeups"] if w["waker"].startswith("wakee") and w["wakee"].startswith("waker")]
    counts = [sum(w["count"] for w in part) for part in (there, back)]
    say(f"{account['times']} times there and back: {counts} wakeups seen")
    # who is already awake when its byte comes is not woken: never more wakeups than bytes (and one for the end), rarely less
    for count, row in zip(counts, (wakee, waker)):
        check(count <= account["times"] + 2, f"{count} wakeups of {row['name']}")
        check(count >= 0.9 * min(account["times"], row["voluntary"]), f"{count} wakeups of {row['name']}, which slept {row['voluntary']} times")
    check(sum(wakee["migrations"].values()) <= 1, f"a pinned thread migrated: {wakee['migrations']}")


# --- races -----------------------------------------------------------------------------------------------------------


@rotatest.timeout(120)
def test_attach_to_a_process_that_is_exiting():
    """Whenever it ends, before, while or after rota attaches: a report or one line that names it, and no child left."""
    endings = {0: 0, 1: 0}
    for step in range(8):
        child = start("sleep", f"{0.02 + step * 0.06}")
        result = run(ROTA, "stat", "--json", "-d", "5s", "-p", child.pid, timeout=30)
        check(result.status in endings, f"unexpected status\n{result}")
        endings[result.status] += 1
        if result.status == 0:
            seen_whole(result.json())
        else:
            equal(result.err.count("\n"), 1, f"lines of the message\n{result}")
            rotatest.contains(result.err, str(child.pid), "the message")
        child.finish()
    say(f"8 processes: {endings[0]} seen to their end, {endings[1]} gone before")


def test_attach_in_a_storm_of_switches():
    typed = observe.pingpong_on_each_cpu(100)
    pids = [int(pid) for pid in typed.split(",")]
    wait_for(lambda: all(len(os.listdir(f"/proc/{pid}/task")) == 2 for pid in pids), what="the storm")
    path = os.path.join(rotatest.tempdir(), "x.rota")
    for _ in range(20):
        rota("record", "-q", "-o", path, "-d", "50ms", "-p", typed).expect(0)
        summary = observe.report(path)
        equal(summary["coverage"]["lost_records"], 0, "lost records")
        window = nanoseconds(summary["window"]["seconds"])
        equal(sorted(t["tgid"] for t in summary["threads"]), sorted(pids * 2), "threads")
        for row in summary["threads"]:
            equal(nanoseconds(row["lifetime_seconds"]), window, f"lifetime of {row['name']}")
            equal(nanoseconds(row["unknown_seconds"]), 0, f"unknown time of {row['name']}")
            # each sleeps in between: neither can have had its cpu alone
            check(row["switch_ins"] > 0 and row["voluntary"] > 0, f"{row['name']} did not switch")


# --- who belongs to the target ---------------------------------------------------------------------------------------

TREE = '"$0" --seconds 0.3 & (  "$0" --seconds 0.3 & wait ) & wait'


def test_children_are_followed():
    summary, result = run_recorded("sh", "-c", TREE, program("rename"))
    accounts = result.json_lines()
    equal(len(accounts), 2, "programs that ran")
    seen_whole(summary)
    for account in accounts:
        runs(process(summary, account["pid"]), account["cpu_ns"], "a grandchild", extra=0.02)  # and its exec, and shell


def test_no_children():
    summary, result = run_recorded("sh", "-c", TREE, program("rename"), options=("--no-children",))
    pids = {account["pid"] for account in result.json_lines()}
    equal(len(summary["processes"]), 1, "processes followed")
    check(summary["processes"][0]["tgid"] not in pids, "the child, not the shell, was followed")


def test_one_thread_alone():
    child = start(program("workload"))
    pid = child.json_line()["pid"]
    tid = sorted(int(t) for t in os.listdir(f"/proc/{pid}/task"))[7]
    recording = Recording("-t", tid)
    child.say()
    begun = child.json_line()["ts_ns"]
    wait_for(lambda: time.monotonic_ns() > begun + 300_000_000, what="some work")
    child.say()
    child.line()
    summary = recording.stop()
    child.say()
    account = next(a for a in child.finish().expect(0).json_lines() if a["tid"] == tid)
    equal([t["tid"] for t in summary["threads"]], [tid], "threads followed")
    equal(summary["threads"][0]["switch_ins"], account["end"]["runs"] - account["begin"]["runs"], "switch-ins")
    runs(summary["threads"][0], account["end"]["run_ns"] - account["begin"]["run_ns"], "the one thread")


def unshare(*command, **options):
    path = shutil.which("unshare")
    if not path:
        rotatest.skip("unshare(1) is not installed")
    trial = subprocess.run([path, "--pid", "--fork", "--mount-proc", "true"], check=False, capture_output=True, text=True)
    if trial.returncode:  # in a chroot, say, whose root is no mount point
        rotatest.skip(f"no pid namespace can be made here: {trial.stderr.strip()}")
    return start(path, "--pid", "--fork", "--mount-proc", *command, **options)


def test_pid_namespace_from_outside():
    child = unshare(program("rename"), "--wait")
    equal(child.json_line()["pid"], 1, "its pid in the namespace")
    (inner,) = [p for p in rotatest.session_pids(child) if p != child.pid]
    recording = Recording("-p", inner)
    child.say()
    summary = recording.finish()
    account = child.finish().expect(0).json()
    runs(process(summary, inner), account["cpu_ns"], "a process of another pid namespace")


def test_pid_namespace_from_inside():
    """rota inside the namespace: the pid as typed there, which outside is somebody else's or nobody's."""
    path = os.path.join(rotatest.tempdir(), "x.rota")
    script = '"$0" --seconds 100 & "$1" record -q -o "$2" -d 300ms -p $!; echo $? $!; kill $!'
    result = unshare("sh", "-c", script, program("spinner-and-sleeper"), ROTA, path).finish()
    status, typed = result.out.split()[-2:]
    equal(status, "0", f"status of rota inside\n{result}")
    check(int(typed) < 100, f"pid inside: {typed}")
    summary = observe.report(path)
    equal(sorted(t["name"] for t in summary["threads"]), ["sleeper", "spinner"], "threads")
    window = nanoseconds(summary["window"]["seconds"])
    (spinner,) = [t for t in summary["threads"] if t["name"] == "spinner"]
    equal(nanoseconds(spinner["running_seconds"]) + nanoseconds(spinner["runqueue_seconds"]), window, "the spinner's time")


# --- cgroups ---------------------------------------------------------------------------------------------------------


class Cgroup:
    """A new cgroup with a child of its own, removed when the test ends."""

    def __init__(self, root):
        self.path = os.path.join(root, f"rota-test-{os.getpid()}")
        self.below = os.path.join(self.path, "below")
        try:
            os.mkdir(self.path)
            os.mkdir(self.below)
        except OSError as error:
            rotatest.skip(f"cannot make a cgroup: {error}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for path in (self.below, self.path):
            for pid in members(path):
                os.kill(pid, signal.SIGKILL)
            wait_for(lambda p=path: not members(p), what="an empty cgroup")
            os.rmdir(path)


def members(path):
    with open(os.path.join(path, "cgroup.procs"), encoding="ascii") as file:
        return [int(line) for line in file]


def move(pid, path):
    """Moves a process; the times (ns) just before and just after."""
    before = time.monotonic_ns()
    with open(os.path.join(path, "cgroup.procs"), "w", encoding="ascii") as file:
        file.write(str(pid))
    return before, time.monotonic_ns()


def cgroup_root(version):
    """A hierarchy of that version where cgroups can be made; for v1 that of the cpu controller, else any."""
    found = []
    with open("/proc/self/mounts", encoding="utf-8") as file:
        for line in file:
            _, path, kind, options, *_ = line.split()
            if kind == ("cgroup2" if version == 2 else "cgroup") and "cpuset" not in options.split(","):
                found.append(("cpu" not in options.split(","), path))
    if not found:
        rotatest.skip(f"no cgroup v{version} is mounted")
    return min(found)[1]


@rotatest.cases({"v1": (1,), "v2": (2,)})
def test_cgroup(version):
    """One process is there before, one in a cgroup below, one comes and goes, one never comes."""
    root = cgroup_root(version)
    with Cgroup(root) as cgroup:
        inside, below, guest, stranger = (start(program("spinner-and-sleeper"), "--seconds", "100") for _ in range(4))
        move(inside.pid, cgroup.path)
        move(below.pid, cgroup.below)
        recording = Recording("-c", cgroup.path)
        came = move(guest.pid, cgroup.below)
        wait_for(lambda: time.monotonic_ns() > came[1] + 300_000_000, what="a stay")
        went = move(guest.pid, root)
        wait_for(lambda: time.monotonic_ns() > went[1] + 100_000_000, what="life outside")
        summary = recording.stop()
        window = nanoseconds(summary["window"]["seconds"])
        for child in (inside, below):
            rows = threads_of(summary, child.pid)
            equal([nanoseconds(t["lifetime_seconds"]) for t in rows], [window] * 2, "lifetimes of who was there throughout")
        equal(threads_of(summary, stranger.pid), [], "threads of a process outside")
        rows = threads_of(summary, guest.pid)
        equal(sorted(t["name"] for t in rows), ["sleeper", "spinner"], "threads of the guest")
        for row in rows:
            check(not row["alive"], f"{row['name']} is said to be in T at the end")
        # a move in is known at once for the leader alone, the others of its process are told of at the next round
        (leader,) = [t for t in rows if t["tid"] == guest.pid]
        stay = nanoseconds(leader["lifetime_seconds"])
        check(went[0] - came[1] <= stay <= went[1] - came[0], f"the guest's stay: {stay} ns, moved {came} and {went}")
        equal(nanoseconds(leader["running_seconds"]) + nanoseconds(leader["runqueue_seconds"]), stay, "the guest spun")


class CloneArgs(ctypes.Structure):
    """struct clone_args (include/uapi/linux/sched.h)."""

    _fields_ = [
        (name, ctypes.c_uint64)
        for name in ("flags", "pidfd", "child_tid", "parent_tid", "exit_signal", "stack", "stack_size", "tls", "set_tid",
                     "set_tid_size", "cgroup")
    ]  # fmt: skip


CLONE_INTO_CGROUP = 0x200000000
SYS_CLONE3 = 435


def clone_into(path, *command):
    """A child that is born in the cgroup; its pid."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    arguments = CloneArgs(flags=CLONE_INTO_CGROUP, exit_signal=signal.SIGCHLD, cgroup=fd)
    libc = ctypes.CDLL(None, use_errno=True)
    pid = libc.syscall(SYS_CLONE3, ctypes.byref(arguments), ctypes.sizeof(arguments))
    if pid == 0:
        os.execv(command[0], command)
    os.close(fd)
    if pid < 0:
        rotatest.skip(f"clone3(CLONE_INTO_CGROUP): {os.strerror(ctypes.get_errno())}")
    return pid


def test_born_into_a_cgroup():
    """clone3(CLONE_INTO_CGROUP): the parent is outside, the child is not; and it counts from its first instruction."""
    if platform.machine() not in ("x86_64", "aarch64"):
        rotatest.skip(f"the number of clone3 on {platform.machine()} is not known here")
    with Cgroup(cgroup_root(2)) as cgroup:
        recording = Recording("-c", cgroup.path)
        reader, writer = os.pipe()
        os.set_inheritable(writer, True)
        wrapped = with_rusage(program("rename"), "--seconds", "0.3")
        pid = clone_into(cgroup.below, sys.executable, "-c", f"import os, sys; os.dup2({writer}, 1); os.execv(sys.argv[1], sys.argv[1:])", *wrapped)
        os.close(writer)
        with os.fdopen(reader, encoding="utf-8") as file:
            usage = [rotatest.json.loads(line) for line in file][-1]
        equal(os.waitpid(pid, 0)[1], 0, "status of the child")
        summary = recording.stop()
        equal({p["tgid"] for p in summary["processes"]}, {pid, usage["rusage"]}, "processes: the child and its child")
        runs(process(summary, usage["rusage"]), usage["cpu_seconds"] * 1e9, "a child of one born in the cgroup")


# --- names -----------------------------------------------------------------------------------------------------------


def test_name_follows_a_rename():
    """-n GLOB counts a thread while its name matches: the second of three names."""
    recording = Recording("-n", "pup?")
    account = run(program("rename")).expect(0).json()
    summary = recording.stop()
    (row,) = threads_of(summary, account["pid"])
    check(not row["alive"], "it is still in T under its third name")
    runs(row, 1.5e9 / 3 / 2, "the pupa")  # half of a third of 1.5 s
    check(row["lifetime_seconds"] < 1.0, f"lifetime {row['lifetime_seconds']} s")


def test_name_follows_exec():
    """Into T by the exec of a program with the name, out of it by the exec of another."""
    named = os.path.join(rotatest.tempdir(), "rotagoblin")
    shutil.copy(program("exec-nonleader"), named)
    recording = Recording("-n", "rotagob*")
    # the program execs itself as /proc/self/exe, which gives it the name "exe"
    account = run("sh", "-c", '"$0" --seconds 0.6; exit $?', named).expect(0).json()
    summary = recording.stop()
    rows = threads_of(summary, account["pid"])
    check(rows, "it was not followed")
    check(not any(t["alive"] for t in rows), "it is still in T under its other name")
    seen = sum(t["running_seconds"] for t in rows)
    say(f"running {seen:.6f} s; own clock before the exec {account['cpu_before_ns'] / 1e9:.6f} s, after all {account['cpu_ns'] / 1e9:.6f} s")
    close(seen, account["cpu_before_ns"] / 1e9, RELATIVE, ABSOLUTE * 2, "running time up to the exec")


rotatest.main(live=True)
