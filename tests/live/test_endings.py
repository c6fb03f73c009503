# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""How observations begin, fail to begin, and end: each error is one line that names the thing and the remedy and leaves
nothing behind; each ending leaves a whole recording, or one that says that it is cut. After each test no BPF program is
left that no process owns, and no process that rota started."""

import functools
import glob
import json
import os
import pty
import random
import shutil
import signal
import struct
import subprocess

import rotatest
from rotatest import ROTA, cases, check, contains, equal, program, rota, run, skip, start, tempdir, timeout, wait_for

NOBODY = 65534
FILE_HEADER, BLOCK_HEADER, ROUND = 16, 32, 3  # docs/rota-trace.5


# --- nothing is left -------------------------------------------------------------------------------------------------


def kernel_programs():
    """Ids of all BPF programs that are loaded."""
    tool = shutil.which("bpftool") or "/usr/sbin/bpftool"
    return {entry["id"] for entry in json.loads(subprocess.run([tool, "-j", "prog", "show"], check=True, capture_output=True).stdout)}


def owned_programs():
    """Ids of those that some process holds by a descriptor, its own or a link's."""
    owned = set()
    for path in glob.glob("/proc/[0-9]*/fdinfo/*"):
        try:
            with open(path, encoding="ascii", errors="replace") as file:
                owned |= {int(line.split()[1]) for line in file if line.startswith("prog_id:")}
        except (OSError, IndexError, ValueError):
            continue
    return owned


def leaves_nothing(function):
    """Others may observe at the same time; what counts is a program that is new and that nobody owns."""

    @functools.wraps(function)
    def checked(*args, **named):
        before = kernel_programs()
        function(*args, **named)
        wait_for(lambda: not kernel_programs() - before - owned_programs(), 20, "BPF programs without an owner to go")

    return checked


def alone(child):
    """`child` has ended; so must all that it started."""
    wait_for(lambda: not rotatest.session_pids(child), 10, f"what {child.args[:3]} started to end")


def observe(*args, **options):
    """rota, run to its end; nothing it started is left."""
    child = start(ROTA, *args, **options)
    result = child.finish(60, b"")
    alone(child)
    return result


def one_line_error(result, *parts, status=1):
    result.expect(status)
    equal(result.err.count("\n"), 1, f"lines of\n{result}")
    for part in parts:
        contains(result.err, part, "error")
    equal(result.out, "", "stdout")
    return result


# --- targets ---------------------------------------------------------------------------------------------------------


def busy(seconds=60):
    return start(program("turns"), "--seconds", seconds)


def waiter():
    """A process that sleeps until its stdin is closed."""
    child = start("cat")
    wait_for(lambda: state_of(child.pid) == "S", what="cat to sleep")
    return child


def state_of(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0]
    except OSError:
        return None


def size_of(path):
    return os.path.getsize(path) if os.path.exists(path) else 0


def contents(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""


def recording(path, *args):
    """A recorder, as soon as it has flushed for the first time."""
    child = start(ROTA, "record", "--flush", "20ms", "-o", path, *args)
    wait_for(lambda: last_round_ns(contents(path)) or child.poll() is not None, 20, "the first flush")
    check(child.poll() is None, "rota ended too early")
    return child


def whole(path):
    """The summary of a recording that must be complete and lawful."""
    result = rota("report", "--json", "--check", path).expect(0)
    equal(result.err, "", "stderr of rota report")
    summary = result.json()
    equal(summary["coverage"]["incomplete"], False, "incomplete")
    return summary


def last_round_ns(data):
    """The time of the last round mark that is there in full."""
    at, last = FILE_HEADER, None
    while at + BLOCK_HEADER <= len(data):
        size = BLOCK_HEADER + struct.unpack_from("<I", data, at + 16)[0]
        if data[at + 4] == ROUND and at + size <= len(data):
            last = struct.unpack_from("<Q", data, at + BLOCK_HEADER)[0]
        at += size
    return last


# --- runs that cannot begin ------------------------------------------------------------------------------------------


def test_no_such_pid():
    child = start("true")
    child.wait()
    for option in ("-p", "-t"):
        one_line_error(observe("stat", option, child.pid), str(child.pid), "no such")
    folder = tempdir()
    one_line_error(observe("record", "-o", f"{folder}/x.rota", "-p", child.pid), "no such process")
    equal(os.listdir(folder), [], "files")


@timeout(180)
def test_pid_that_exits_while_rota_attaches():
    """Lives from nothing to well beyond the attach: always an error in one line, or a report with somebody in it."""
    rng, seen = random.Random(4711), set()
    for _ in range(40):
        child = start("sleep", f"{rng.uniform(0, 0.4):.4f}")
        observer = start(ROTA, "stat", "--json", "-p", child.pid)
        child.wait()  # reaped at once, so that it is gone and no zombie
        result = observer.finish(30)
        if result.status == 0:
            summary = result.json()
            check(summary["threads"] and summary["window"]["seconds"] > 0, f"an empty report:\n{result.out[:2000]}")
        else:
            equal(result.status, 1, "status")
            equal(result.out, "", "stdout")
            equal(result.err.count("\n"), 1, f"lines of {result.err}")
            contains(json.loads(result.err)["error"], str(child.pid), "error")
        seen.add(result.status)
    equal(seen, {0, 1}, "kinds of endings met; if one is missing, the lives do not suit this machine")


def test_kernel_thread():
    with open("/proc/2/comm", encoding="ascii") as file:
        if file.read().strip() != "kthreadd":
            skip("process 2 is not kthreadd: this pid namespace is not the machine's")
    for option in ("-p", "-t"):
        one_line_error(observe("stat", option, 2), "kthreadd[2] is a kernel thread", "--system")


def test_zombie():
    child = start("true")
    wait_for(lambda: state_of(child.pid) == "Z", what="a zombie")
    for option in ("-p", "-t"):
        one_line_error(observe("stat", option, child.pid), f"{child.pid}", "is a zombie")


def test_rota_itself():
    result = run("sh", "-c", 'exec "$0" stat -d 100ms -p $$', ROTA)
    one_line_error(result, "is rota itself")


@cases({"missing": ("nonexistent-command", 127, "check the name"), "not_executable": ("./plain", 126, "chmod +x"), "directory": ("/", 126, "cannot be executed")})
def test_command_that_cannot_run(command, status, says):
    folder = tempdir()
    with open(f"{folder}/plain", "w", encoding="ascii") as file:
        file.write("not a program\n")
    with open(f"{folder}/old.rota", "w", encoding="ascii") as file:
        file.write("precious")
    one_line_error(observe("stat", "--", command, cwd=folder), f"'{command}'", says, status=status)
    for name in ("new.rota", "old.rota"):
        one_line_error(observe("record", "-o", name, "--", command, cwd=folder), f"'{command}'", says, status=status)
    one_line_error(observe("record", "--", command, cwd=folder), status=status)
    one_line_error(observe("stat", "-o", "report.txt", "--", command, cwd=folder), status=status)
    equal(sorted(os.listdir(folder)), ["old.rota", "plain"], "files")
    with open(f"{folder}/old.rota", encoding="ascii") as file:
        equal(file.read(), "precious", "the file that was there")


def test_cgroup_that_does_not_exist():
    one_line_error(observe("stat", "-c", "/no/such/group", "-d", "1s"), "/no/such/group")
    one_line_error(observe("stat", "-c", "/etc", "-d", "1s"), "/etc")


@cases({"missing_folder": ("/nonexistent/x.rota", "No such file"), "proc": ("/proc/x.rota", "cannot write"), "folder": ("/", "Is a directory")})
def test_unwritable_output(path, says):
    child = waiter()
    for command in ("record", "stat"):
        one_line_error(observe(command, "-o", path, "-p", child.pid, "-d", "100ms"), path, says, "-o")
        one_line_error(observe(command, "-o", path, "--", "true"), path, says, status=125)


@cases({"bpf": ("bpf,sys_admin", "CAP_BPF"), "perfmon": ("perfmon,sys_admin", "CAP_PERFMON")})
def test_without_a_capability(without, says):
    folder = tempdir()
    limited = ("setpriv", "--bounding-set", ",".join(f"-{name}" for name in without.split(",")), ROTA)
    one_line_error(run(*limited, "stat", "-a", "-d", "100ms"), says, "sudo")
    one_line_error(run(*limited, "record", "-o", f"{folder}/x.rota", "-a", "-d", "100ms"), says, "sudo")
    one_line_error(run(*limited, "stat", "--", "true"), says, status=125)
    equal(os.listdir(folder), [], "files")
    contains(run(*limited, "doctor").expect(1).out, says, "doctor")


def test_without_btf():
    """In a mount namespace where /sys/kernel/btf is empty."""
    hide = 'mount -t tmpfs none /sys/kernel/btf && exec "$0" "$@"'
    if run("unshare", "-m", "sh", "-c", hide, "true").status != 0:
        skip("no mount namespace can be made here")
    if any(os.path.exists(f"{place}-{os.uname().release}") for place in ("/boot/vmlinux", "/usr/lib/debug/boot/vmlinux")):
        skip("this kernel's image is installed, which has BTF, too")
    one_line_error(run("unshare", "-m", "sh", "-c", hide, ROTA, "stat", "-a", "-d", "100ms"), "BTF")
    contains(run("unshare", "-m", "sh", "-c", hide, ROTA, "doctor").expect(1).out, "BTF", "doctor")


# --- what ends a recording -------------------------------------------------------------------------------------------


@cases({"interrupt": (signal.SIGINT,), "terminate": (signal.SIGTERM,), "hangup": (signal.SIGHUP,), "quit": (signal.SIGQUIT,)})
def test_signal_ends_a_recording(number):
    target, path = busy(), f"{tempdir()}/x.rota"
    recorder = recording(path, "-p", target.pid)
    recorder.send_signal(number)
    result = recorder.finish().expect(0)
    contains(result.err, f"{path}: ", "what rota says")
    summary = whole(path)
    equal(summary["in_progress"]["max"], 2, "threads in progress")
    check(target.poll() is None, "the target has ended")


def test_duration_ends_a_recording():
    target, path = busy(), f"{tempdir()}/x.rota"
    observe("record", "-o", path, "-d", "300ms", "-p", target.pid).expect(0)
    rotatest.close(whole(path)["window"]["seconds"], 0.3, absolute=0.1, what="window")  # a timer: late under load, never early
    check(whole(path)["window"]["seconds"] >= 0.3, "window is shorter than asked for")


def test_end_of_the_target_ends_a_recording():
    target, path = waiter(), f"{tempdir()}/x.rota"
    recorder = recording(path, "-p", target.pid)
    target.stdin.close()
    recorder.finish().expect(0)
    equal(whole(path)["in_progress"]["max"], 1, "threads in progress")


def test_end_of_the_last_of_several_targets():
    targets, path = [waiter(), waiter()], f"{tempdir()}/x.rota"
    recorder = recording(path, "-p", ",".join(str(t.pid) for t in targets))
    targets[0].stdin.close()
    targets[0].wait()
    size = size_of(path)
    wait_for(lambda: size_of(path) > size, what="another flush")
    check(recorder.poll() is None, "rota ended with the first of two targets")
    targets[1].stdin.close()
    recorder.finish().expect(0)
    equal(whole(path)["in_progress"]["max"], 2, "threads in progress")


def test_a_recording_replaces_what_was_there():
    path = f"{tempdir()}/x.rota"
    with open(path, "wb") as file:
        file.write(b"x" * (1 << 20))
    observe("record", "-q", "-o", path, "--", "true").expect(0)
    whole(path)
    check(size_of(path) < 1 << 20, "the file kept its size")


def test_names_of_recordings():
    folder = tempdir()
    observe("record", "-d", "50ms", "-a", cwd=folder).expect(0)
    observe("record", "--", "cat", "/dev/null", cwd=folder).expect(0)
    result = observe("record", "--", "/bin/true", cwd=folder).expect(0)
    names = sorted(os.listdir(folder))
    equal([name.split("-")[0] for name in names], ["cat", "system", "true"], "names of files")
    contains(result.err, names[2], "what rota says")
    target = waiter()
    twins = [start(ROTA, "record", "-d", "50ms", "-p", target.pid, cwd=folder) for _ in range(3)]
    for twin in twins:
        twin.finish().expect(0)
    mine = set(os.listdir(folder)) - set(names)
    equal(len(mine), 3, f"files of three recorders: {mine}")
    for name in mine:
        whole(f"{folder}/{name}")


# --- commands --------------------------------------------------------------------------------------------------------


@cases({"fine": ("exit 0", 0), "own": ("exit 7", 7), "terminated": ("kill -TERM $$", 143), "killed": ("kill -KILL $$", 137), "usage": ("exit 2", 2)})
def test_exit_status_is_the_commands(script, status):
    path = f"{tempdir()}/x.rota"
    contains(observe("stat", "--", "sh", "-c", script).expect(status).err, "running at once", "report")
    observe("record", "-o", path, "--", "sh", "-c", script).expect(status)
    whole(path)


def test_reports_go_where_they_belong():
    folder, target = tempdir(), waiter()
    result = observe("stat", "-d", "50ms", "-p", target.pid).expect(0)
    contains(result.out, "in progress", "stdout")
    equal(result.err, "", "stderr")
    result = observe("stat", "--", "echo", "hello").expect(0)
    equal(result.out, "hello\n", "stdout")
    contains(result.err, "in progress", "stderr")
    json.loads(observe("stat", "--json", "--", "echo", "hello").expect(0).err)
    result = observe("stat", "-o", f"{folder}/report.txt", "--", "echo", "hello").expect(0)
    equal((result.out, result.err), ("hello\n", ""), "stdout and stderr with -o FILE")
    with open(f"{folder}/report.txt", encoding="utf-8") as file:
        contains(file.read(), "in progress", "the file")
    result = observe("stat", "-o", "-", "--", "echo", "hello").expect(0)
    contains(result.out, "in progress", "stdout with -o -")
    contains(result.out, "hello\n", "stdout with -o -")
    equal(result.err, "", "stderr with -o -")


def test_stdin_and_stdout_of_the_command_are_untouched():
    data = random.Random(4711).randbytes(1 << 20)
    result = run(ROTA, "stat", "--", "cat", stdin=data).expect(0)
    check(result.out_bytes == data, f"{len(result.out_bytes)} other bytes came out than went in")


def test_through_a_pipe():
    script = 'set -o pipefail; "$0" record -o - -- sh -c "echo hello" | "$0" report --check --json -'
    result = run("bash", "-c", script, ROTA).expect(0)
    summary = result.json()
    equal(summary["coverage"]["incomplete"], False, "incomplete")
    equal(summary["target"]["kind"], "command", "target")
    contains(result.err, "hello", "the command's own words, which may not go into the trace")


def test_command_is_seen_from_its_first_instruction():
    folder = tempdir()
    compiler = shutil.which(os.environ.get("CC", "cc")) or skip("no C compiler")
    with open(f"{folder}/tiny.c", "w", encoding="ascii") as file:
        file.write("""
            #include <sys/syscall.h>
            void _start(void)
            {
                volatile unsigned int i;

                for (i = 0; i < 1000000; i++)
                    ;
            #ifdef __x86_64__
                __asm__ volatile("syscall" : : "a"(SYS_exit), "D"(0));
            #else
                register long number __asm__("x8") = SYS_exit, status __asm__("x0") = 0;
                __asm__ volatile("svc 0" : : "r"(number), "r"(status));
            #endif
                __builtin_unreachable();
            }
        """)
    run(compiler, "-O1", "-static", "-nostdlib", "-fno-stack-protector", "-o", f"{folder}/tiny", f"{folder}/tiny.c").expect(0)
    summary = json.loads(observe("stat", "--json", "--", f"{folder}/tiny").expect(0).err)
    equal(summary["in_progress"]["max"], 1, "in progress")
    equal([thread["name"] for thread in summary["threads"]], ["tiny"], "threads")
    thread = summary["threads"][0]
    check(thread["running_seconds"] > 0.0002, f"a million turns of a loop took {thread['running_seconds']} s")
    equal(thread["unknown_seconds"], 0, "unknown")
    equal(summary["coverage"]["lost_records"], 0, "lost records")


@cases({"interrupt": (signal.SIGINT, 130), "terminate": (signal.SIGTERM, 143), "hangup": (signal.SIGHUP, 129)})
def test_signal_to_rota_alone_reaches_the_command(number, status):
    child = start(ROTA, "stat", "--", "sh", "-c", "echo ready; exec sleep 1000")
    equal(child.line(), "ready\n", "the command's first line")
    child.send_signal(number)
    result = child.finish(30).expect(status)
    contains(result.err, "in progress", "report")
    alone(child)


def test_interrupt_from_a_terminal():
    """Ctrl-C goes to the terminal's foreground group: the command decides, and rota reports when it has ended."""
    report = f"{tempdir()}/report.json"
    script = 'trap "echo interrupted; exit 3" INT; echo ready; while :; do :; done'
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(ROTA, [ROTA, "stat", "--json", "-o", report, "--", "sh", "-c", script])
    try:
        seen = b""
        while b"ready" not in seen:
            seen += os.read(terminal, 4096)
        os.write(terminal, b"\x03")
        while b"interrupted" not in seen:
            seen += os.read(terminal, 4096)
        _pid, status = os.waitpid(pid, 0)
        equal(os.waitstatus_to_exitcode(status), 3, "status")
    finally:
        os.close(terminal)
    with open(report, encoding="utf-8") as file:
        equal(json.load(file)["in_progress"]["max"], 1, "in progress")


def test_duration_ends_the_command_too():
    child = start(ROTA, "stat", "-d", "100ms", "--", "sleep", "1000")
    contains(child.finish(30).expect(0).err, "in progress", "report")
    alone(child)


def test_command_that_ignores_the_end():
    path = f"{tempdir()}/report.txt"
    child = start(ROTA, "stat", "-d", "100ms", "-o", path, "--", "sh", "-c", 'trap "" TERM; echo ready; while :; do :; done')
    equal(child.line(), "ready\n", "the command's first line")
    wait_for(lambda: "rota itself" in contents(path).decode(), 30, "the report")
    child.send_signal(signal.SIGINT)  # impatient
    contains(child.finish(30).expect(0).err, "does not end at SIGTERM", "warning")
    alone(child)


def test_held_command_ends_when_rota_is_killed():
    """At any moment of the start: the command either never ran, or was let go and ends by itself."""
    rng, folder = random.Random(4711), tempdir()
    for i in range(10):
        child = start(ROTA, "stat", "--", "touch", f"{folder}/{i}")
        try:
            child.wait(rng.uniform(0, 0.15))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        alone(child)


# --- killed, disk full, reader gone ----------------------------------------------------------------------------------


@timeout(180)
def test_killed_recorder_leaves_a_readable_file():
    target, folder, rng = busy(), tempdir(), random.Random(4711)
    reports = 0
    for i in range(20):
        path = f"{folder}/{i}.rota"
        recorder = start(ROTA, "record", "--flush", "10ms", "-o", path, "-p", target.pid)
        if i % 4 == 0:  # at any moment of the start
            try:
                recorder.wait(rng.uniform(0, 0.2))
            except subprocess.TimeoutExpired:
                pass
        else:  # at any size
            enough = rng.randrange(1, 20000)
            wait_for(lambda: size_of(path) >= enough, 30, f"{enough} bytes")  # pylint: disable=cell-var-from-loop
        recorder.kill()
        recorder.wait()
        if size_of(path) == 0:
            check(not os.path.exists(path) or "is empty" in rota("report", path).expect(1).err, "an empty file")
            continue
        data = contents(path)
        result = rota("report", "--json", "--check", path)
        if last_round_ns(data) is None:
            check("error" in json.loads(result.expect(1).err), "no error")
            continue
        contains(result.expect(0).err, "was not finished", "warning")
        summary = result.json()
        equal(summary["coverage"]["incomplete"], True, "incomplete")
        equal(summary["coverage"]["lost_records"], 0, "lost records")
        equal(int(summary["window"]["end_ns"]), last_round_ns(data), "the end of the window, and the last flush")
        contains(rota("report", path).expect(0).out, "stopped without saying so", "report")
        reports += 1
    check(reports >= 15, f"only {reports} of 20 files held anything")


@timeout(180)
def test_full_disk():
    folder = tempdir()
    if run("mount", "-t", "tmpfs", "-o", "size=128k", "none", folder).status != 0:
        skip("no tmpfs can be mounted here")
    try:
        target, path = start(program("pingpong"), "--seconds", 60), f"{folder}/x.rota"
        result = observe("record", "--flush", "20ms", "-o", path, "-p", target.pid)
        one_line_error(result, path, "No space left on device", "can be read")
        end_ns = last_round_ns(contents(path))
        result = rota("report", "--json", "--check", path).expect(0)
        contains(result.err, "was not finished", "warning")
        equal(result.json()["coverage"]["incomplete"], True, "incomplete")
        equal(int(result.json()["window"]["end_ns"]), end_ns, "the end of the window, and the last flush")
        one_line_error(observe("record", "-o", f"{folder}/y.rota", "--flush", "20ms", "--", program("pingpong"), "--seconds", 60), "No space left", status=125)
        one_line_error(observe("stat", "-o", f"{folder}/report.txt", "-d", "50ms", "-p", target.pid), "No space left")
        rotatest.kill_session(target)
    finally:
        run("umount", folder).expect(0)


def test_reader_that_goes_away():
    target = busy()
    child = start(ROTA, "record", "--flush", "20ms", "-o", "-", "-p", target.pid)
    equal(child.stdout.read(8), b"\x89ROTA\r\n\x1a", "the beginning of the trace")
    child.stdout.close()
    child.stdout = None
    one_line_error(child.finish(30), "standard output", "Broken pipe")
    child = start(ROTA, "stat", "-I", "20ms", "--json", "-p", target.pid)
    child.json_line()
    child.stdout.close()
    child.stdout = None
    equal(child.finish(30).expect(1).err, "", "stderr: that nobody reads a report any more is no news")


# --- the rest --------------------------------------------------------------------------------------------------------


def test_files_made_under_sudo_belong_to_the_caller():
    folder = tempdir()
    env = dict(os.environ, SUDO_UID=str(NOBODY), SUDO_GID=str(NOBODY))
    observe("record", "-o", f"{folder}/x.rota", "--", "true", env=env).expect(0)
    observe("record", "--", "true", env=env, cwd=folder).expect(0)
    observe("stat", "-o", f"{folder}/report.txt", "--", "true", env=env).expect(0)
    equal(len(os.listdir(folder)), 3, "files")
    for name in os.listdir(folder):
        status = os.stat(f"{folder}/{name}")
        equal((status.st_uid, status.st_gid), (NOBODY, NOBODY), f"owner of {name}")
    observe("record", "-o", f"{folder}/own.rota", "--", "true").expect(0)
    equal(os.stat(f"{folder}/own.rota").st_uid, os.geteuid(), "owner without sudo")


def test_two_at_once():
    target, folder = busy(), tempdir()
    first = recording(f"{folder}/1.rota", "-p", target.pid)
    second = recording(f"{folder}/2.rota", "-p", target.pid)
    result = observe("stat", "--json", "-d", "200ms", "-p", target.pid).expect(0)
    for child in (first, second):
        child.send_signal(signal.SIGINT)
        child.finish().expect(0)
    for summary in (whole(f"{folder}/1.rota"), whole(f"{folder}/2.rota"), result.json()):
        equal(summary["in_progress"]["max"], 2, "in progress")
        equal(summary["parallelism"]["max"], 1, "running at once: they are pinned to one cpu")
        check(summary["parallelism"]["mean"] > 0, "nothing ran")
        equal([thread["unknown_seconds"] for thread in summary["threads"]], [0, 0], "unknown")


def test_intervals_sum_to_the_total():
    target = busy()
    lines = observe("stat", "--json", "-I", "100ms", "-d", "550ms", "-p", target.pid).expect(0).json_lines()
    *intervals, total = lines
    equal(len(intervals), 6, "intervals")
    equal(intervals[0]["window"]["start_ns"], total["window"]["start_ns"], "start")
    equal(intervals[-1]["window"]["end_ns"], total["window"]["end_ns"], "end")
    for before, after in zip(intervals, intervals[1:]):
        equal(after["window"]["start_ns"], before["window"]["end_ns"], "gap")
    for name, get in {
        "window": lambda s: s["window"]["seconds"],
        "running": lambda s: sum(t["running_seconds"] for t in s["threads"]),
        "waiting": lambda s: sum(t["runqueue_seconds"] for t in s["threads"]),
        "waits": lambda s: s["runqueue"]["seconds"],
        "switches": lambda s: s["switches"]["voluntary"] + s["switches"]["involuntary"],
        "other": lambda s: sum(c["other_seconds"] for c in s["cpus"]),
        "idle": lambda s: sum(c["idle_seconds"] for c in s["cpus"]),
    }.items():
        rotatest.close(sum(map(get, intervals)), get(total), absolute=1e-8, what=name)


def test_intervals_in_text():
    target = busy()
    out = observe("stat", "-I", "100ms", "-d", "350ms", "-p", target.pid).expect(0).out
    equal(sum(line.startswith("rota stat ") for line in out.splitlines()), 5, "reports")


for _name, _function in list(globals().items()):
    if _name.startswith("test_") and _function:
        globals()[_name] = leaves_nothing(_function)

rotatest.main(live=True)
