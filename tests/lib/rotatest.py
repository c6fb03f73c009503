# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What script tests share. A test file defines functions named test_*, and ends in `rotatest.main()`.

Each function is one test: it passes by returning, fails by raising (the helpers below raise Failure with what was seen
and what was expected), and is skipped by skip(reason). Results go to stdout as TAP, which tests/run reads:

    1..3
    ok 1 - test_first
    not ok 2 - test_second
    # what went wrong, line by line
    ok 3 - test_third # SKIP needs root

A shell script test (test_*.sh) prints the same by itself. Processes come from start() or rota(): each gets a session of
its own, and those still there when the test ends are killed; nothing else ever is. No test waits for a time: wait_for()
polls a condition and fails after its timeout.
"""

import atexit
import ctypes
import functools
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(TOP, os.environ.get("BUILD", "build"))
ROTA = os.environ.get("ROTA", os.path.join(BUILD, "rota"))
TEST_SECONDS = 120  # a test without @timeout may take so long
# An emulated cpu is many times slower than a real one, and loading a BPF program keeps it busy for seconds. Every limit here
# only ends what hangs; in a guest all are so many times longer.
PATIENCE = 5 if os.environ.get("ROTA_GUEST") else 1


class Failure(Exception):
    """The test failed; the text says what was seen and what was expected."""


class Skip(Exception):
    """The test cannot run here; the text says why."""


class TimedOut(BaseException):
    """Not an Exception, so that no `except Exception` in a test swallows it."""


# --- saying what is expected ---------------------------------------------------------------------------------------


def unreadable(path):
    """For a user without rights, whoever runs the tests."""
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    return subprocess.run([*nobody, "test", "-r", path], check=False).returncode != 0


def skip(reason):
    raise Skip(reason)


def check(condition, message):
    if not condition:
        raise Failure(message)


def equal(actual, expected, what=""):
    if actual != expected:
        raise Failure(f"{what or 'value'}: got {actual!r}, expected {expected!r}")


def close(actual, expected, relative=0.0, absolute=0.0, what=""):
    """|actual - expected| ≤ max(relative × |expected|, absolute); at least one bound must be given."""
    bound = max(relative * abs(expected), absolute)
    if relative <= 0 and absolute <= 0:
        raise ValueError("close() needs a bound")
    if not abs(actual - expected) <= bound:  # "not ≤" is true for a NaN as well
        raise Failure(f"{what or 'value'}: got {actual}, expected {expected} ± {bound} (off by {actual - expected})")


def contains(text, part, what=""):
    if part not in text:
        raise Failure(f"{what or 'text'}: {part!r} is not in:\n{text}")


def wait_for(condition, timeout=10.0, what="the condition"):
    """Polls until condition() is true and returns its value; fails after `timeout` seconds."""
    timeout *= PATIENCE
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure(f"waited {timeout} s in vain for {what}")
        time.sleep(0.005)


# --- processes -----------------------------------------------------------------------------------------------------

_children = []


def _text(value):
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


class Result:
    """How a finished command ended: status (128 + n for a signal), out and err as text, out_bytes."""

    def __init__(self, argv, status, out, err):
        self.argv, self.out_bytes = argv, out
        self.status = 128 - status if status < 0 else status
        self.out, self.err = _text(out), _text(err)

    def __str__(self):
        return f"$ {' '.join(self.argv)}\nstatus {self.status}\nstdout: {self.out}\nstderr: {self.err}"

    def expect(self, status):
        if self.status != status:
            raise Failure(f"expected status {status}\n{self}")
        return self

    def json(self):
        try:
            return json.loads(self.out)
        except ValueError as error:
            raise Failure(f"stdout is not JSON: {error}\n{self}") from error

    def json_lines(self):
        try:
            return [json.loads(line) for line in self.out.splitlines() if line.strip()]
        except ValueError as error:
            raise Failure(f"a line of stdout is not JSON: {error}\n{self}") from error


class Child(subprocess.Popen):
    """A process in a session of its own. stdin, stdout and stderr are pipes unless given otherwise."""

    def __init__(self, argv, **options):
        options = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
        super().__init__([str(word) for word in argv], start_new_session=True, **options)
        _children.append(self)

    def say(self, line=""):
        self.stdin.write(line.encode() + b"\n")
        self.stdin.flush()

    def line(self):
        """The next line of its stdout (the test's own timeout bounds the wait)."""
        line = self.stdout.readline().decode("utf-8", "replace")
        if not line:
            raise Failure(f"{self.args[0]} ended instead of printing a line (status {self.poll()})")
        return line

    def json_line(self):
        return json.loads(self.line())

    def finish(self, timeout=60, stdin=None):
        """Gives it `stdin` (bytes), waits for its end, returns a Result; it is killed if it takes longer."""
        timeout *= PATIENCE
        try:
            out, err = self.communicate(stdin, timeout=timeout)
        except subprocess.TimeoutExpired as error:
            kill_session(self)
            out, err = self.communicate()
            raise Failure(f"did not end in {timeout} s\n{Result(self.args, -9, out, err or b'')}") from error
        return Result(self.args, self.returncode, out or b"", err or b"")


def session_pids(child):
    """Pids of the session that start() made for this child."""
    pids = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as file:
                session = int(file.read().rpartition(")")[2].split()[3])
        except (OSError, ValueError, IndexError):
            continue  # gone meanwhile
        if session == child.pid:
            pids.append(int(entry))
    return pids


def kill_session(child):
    """Kills the child and what it started, and nothing else: only members of the session that start() made."""
    for pid in session_pids(child):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def start(*argv, **options):
    return Child(argv, **options)


def run(*argv, stdin=b"", timeout=60, **options):
    """Runs a command to its end. `stdin` is bytes, or anything Popen takes as a stdin."""
    if isinstance(stdin, bytes):
        return start(*argv, **options).finish(timeout, stdin)
    return start(*argv, stdin=stdin, **options).finish(timeout)


def rota(*args, **options):
    return run(ROTA, *args, **options)


def program(name):
    """Path of a program from tests/live or examples."""
    for folder in ("tests", "examples"):
        path = os.path.join(BUILD, folder, name)
        if os.access(path, os.X_OK):
            return path
    raise Failure(f"no program {name} in {BUILD}/tests or {BUILD}/examples; run make test-programs examples")


def _end_children():
    while _children:
        child = _children.pop()
        kill_session(child)
        for pipe in (child.stdin, child.stdout, child.stderr):
            if pipe:
                try:
                    pipe.close()
                except OSError:
                    pass  # a pipe with unwritten bytes to a dead reader
        child.wait()


# --- files ---------------------------------------------------------------------------------------------------------

_folders = []


def tempdir():
    """A new directory that goes when the test ends."""
    _folders.append(tempfile.mkdtemp(prefix="rota-test-"))
    return _folders[-1]


def _remove_folders():
    while _folders:
        shutil.rmtree(_folders.pop(), ignore_errors=True)


# --- what a live test needs ----------------------------------------------------------------------------------------


def live_obstacle():
    """Why nothing can be observed here, or None. Asks the kernel itself, not rota."""
    if os.geteuid() != 0:
        return "needs root"
    if not os.path.exists("/sys/kernel/btf/vmlinux"):
        return "this kernel has no BTF (/sys/kernel/btf/vmlinux)"
    try:
        with open("/sys/kernel/security/lockdown", encoding="ascii") as file:
            if "[confidentiality]" in file.read():
                return "kernel lockdown is in confidentiality mode"
    except OSError:
        pass  # no lockdown in this kernel
    number = {"x86_64": 321, "aarch64": 280}.get(platform.machine())
    if number is None:
        return f"not tried on {platform.machine()}"
    libc = ctypes.CDLL(None, use_errno=True)
    attributes = (ctypes.c_uint32 * 18)(2, 4, 4, 1)  # BPF_MAP_CREATE: an array of one u32
    fd = libc.syscall(number, 0, attributes, ctypes.sizeof(attributes))
    if fd < 0:
        return f"bpf(2) is not allowed here: {os.strerror(ctypes.get_errno())}"
    os.close(fd)
    return None


# --- running -------------------------------------------------------------------------------------------------------


def timeout(seconds):
    """Decorator: this test may take so long."""

    def set_seconds(function):
        function.seconds = seconds
        return function

    return set_seconds


def _alarm(_signal, _frame):
    raise TimedOut()


def _comment(text):
    for line in str(text).splitlines():
        print(f"# {line}")


def _run_one(number, name, function, obstacle):
    seconds = getattr(function, "seconds", TEST_SECONDS) * PATIENCE
    try:
        if obstacle:
            skip(obstacle)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        function()
        verdict, reason = "ok", ""
    except Skip as why:
        verdict, reason = "ok", f" # SKIP {why}"
    except TimedOut:
        verdict, reason = "not ok", f"did not end in {seconds} s\n{traceback.format_exc()}"
    except Failure as why:
        frames = [f for f in traceback.extract_tb(why.__traceback__) if f.filename != __file__]
        verdict, reason = "not ok", f"line {frames[-1].lineno if frames else '?'}: {why}"
    except Exception:  # pylint: disable=broad-except
        verdict, reason = "not ok", traceback.format_exc()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        _end_children()
        _remove_folders()
    if verdict == "ok":
        print(f"ok {number} - {name}{reason}", flush=True)
        return True
    print(f"not ok {number} - {name}")
    _comment(reason)
    sys.stdout.flush()
    return False


def main(live=False):
    """Runs the test_* functions of the calling file in order; arguments choose some by name. Exits 1 if one failed."""
    functions = sys.modules["__main__"].__dict__
    tests = [(name, f) for name, f in functions.items() if name.startswith("test_") and callable(f)]
    if sys.argv[1:]:
        tests = [(name, f) for name, f in tests if name in sys.argv[1:]]
    signal.signal(signal.SIGALRM, _alarm)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    atexit.register(_end_children)
    atexit.register(_remove_folders)
    obstacle = live_obstacle() if live else None
    print(f"1..{len(tests)}", flush=True)
    passed = [_run_one(number, name, f, obstacle) for number, (name, f) in enumerate(tests, 1)]
    sys.exit(0 if all(passed) else 1)


def cases(table):
    """Decorator: one test function for each row of `table` {name: arguments}; the row's name is put after the function's."""

    def spread(function):
        module = sys.modules[function.__module__].__dict__
        for name, arguments in table.items():
            case = functools.partial(function, *arguments)
            case.seconds = getattr(function, "seconds", TEST_SECONDS)
            module[f"{function.__name__}_{name}"] = case
        return None

    return spread
