# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What rota accepts, refuses, prints and exits with, as far as that can be seen without observing anything: usage errors,
help, rota report on good, foreign and damaged files, topology, doctor, and demo where nothing can be watched."""

import csv
import functools
import io
import json
import os
import random
import re
import struct
import tempfile
import zlib

import rotatest
from rotatest import ROTA, TOP, cases, check, contains, equal, program, rota, run, skip, tempdir, timeout, unreadable

COMMANDS = ("stat", "record", "report", "export", "topology", "doctor", "demo")
NOBODY = 65534
ROUNDS = 4
FILE_HEADER, BLOCK_HEADER = 16, 32  # docs/rota-trace.5
META, CHUNK, ROUND, INDEX, END = 1, 2, 3, 4, 5


# --- a trace whose numbers are known --------------------------------------------------------------------------------


def trace_text():
    """Four seconds on two cores. In each second main runs from 0.1 to 0.3 and 0.4 to 0.5 on cpu 0, helper from 0.3 to 0.4;
    helper waits from 0.2 to 0.3, main from 0.3 to 0.4; a stranger follows from 0.5 to 0.6. A round ends each second."""
    lines = [
        "topology pack:1 core:2 pu:1", 'meta topology.offline ""', "meta target.kind process",
        'meta target.description "café[100]"', "meta host.name elsewhere", "meta host.kernel 6.1.0",
        "meta host.arch x86_64", "meta rota.version 0.1.0", "meta recorded target", "meta throttle.source none",
        "meta clock.utc_offset 3600", 'meta clock.start "0 0 1767258000000000000"',  # 2026-01-01T10:00:00+01:00
    ]

    def edge(ms, mark, target=0, other=0):
        for part, at in enumerate((ms - 0.1, ms + 0.1)):
            lines.append(f"@{at:.2f}ms cpu0 snapshot idle watched target {target}ms other {other}ms idle {at - target - other:.2f}ms")
            lines.append(f"@{at:.2f}ms cpu1 snapshot idle watched idle {at:.2f}ms")
            if mark and not part:
                lines.append(f"@{ms}ms {mark}")
        lines.append(f"@{ms + 0.2:.2f}ms unwatch")

    lines.append("@998ms sync begin")
    for tid, name in ((100, "main"), (101, "helper")):
        lines.append(f'@998.5ms cpu0 task {tid} tgid 100 "{name}" target sync blocked start {tid}ms')
    lines.append("@999ms sync end")
    edge(1000, "start")
    for second in range(1, ROUNDS + 1):
        ms = 1000 * second
        lines.append(f"@{ms + 100}ms cpu0 wakeup 100 occupant idle")
        lines.append(f"@{ms + 100}ms cpu0 switch idle -> 100")
        lines.append(f"@{ms + 200}ms cpu0 wakeup 101 by 100 delay 2us occupant 100")
        lines.append(f"@{ms + 300}ms cpu0 switch 100 -> 101 preempted")
        lines.append(f"@{ms + 400}ms cpu0 switch 101 -> 100 blocked")
        if second == 1:
            lines.append(f'@{ms + 500}ms cpu0 task 200 tgid 200 "other" start 1ms')
        lines.append(f"@{ms + 500}ms cpu0 switch 100 -> 200 blocked")
        edge(ms + 1000, "stop" if second == ROUNDS else None, 400 * second, 100 * second)
        lines.append(f"@{ms + 1000}ms round")
    return "\n".join(lines) + "\nend\n"


@functools.cache
def trace():
    """The bytes of that trace."""
    mktrace = f"{rotatest.BUILD}/tests/tool/mktrace"
    if not os.access(mktrace, os.X_OK):
        skip(f"{mktrace} is not built")
    with tempfile.TemporaryDirectory(prefix="rota-test-") as folder:
        with open(f"{folder}/in.txt", "w", encoding="utf-8") as file:
            file.write(trace_text())
        run(mktrace, f"{folder}/in.txt", f"{folder}/out.rota").expect(0)
        with open(f"{folder}/out.rota", "rb") as file:
            return file.read()


def blocks(data):
    """[(offset, kind, size)] of a trace, its blocks walked by their headers."""
    found, at = [], FILE_HEADER
    while at < len(data):
        stored = struct.unpack_from("<I", data, at + 16)[0]
        found.append((at, data[at + 4], BLOCK_HEADER + stored))
        at += BLOCK_HEADER + stored
    equal(at, len(data), "end of the last block")
    return found


def put(folder, name, data):
    path = f"{folder}/{name}"
    with open(path, "wb") as file:
        file.write(data)
    return path


def report(*args, data=None, **options):
    """rota report on the known trace (or on `data`), through a pipe."""
    return rota("report", *args, "-", stdin=trace() if data is None else data, **options)


def one_line_error(result, *parts, status=1):
    """Failed with this status, nothing on stdout, and one line that says all of `parts`."""
    result.expect(status)
    equal(result.out, "", "stdout")
    equal(result.err.count("\n"), 1, f"lines of\n{result.err}")
    check(result.err.startswith("rota: "), f"does not say who speaks: {result.err}")
    for part in parts:
        contains(result.err, part, "error")
    return result


def without_colour(**more):
    env = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "COLUMNS", "LC_ALL", "LC_CTYPE")}
    return env | more


# --- usage ----------------------------------------------------------------------------------------------------------


@cases({
    "command": (("bogus",), "no command 'bogus'"),
    "help_of_no_command": (("help", "bogus"), "no command 'bogus'"),
    "no_target": (("stat",), "-p PID"),
    "no_target_to_record": (("record", "-d", "1s"), "-p PID"),
    "empty_command": (("stat", "--"), "no command after --"),
    "target_and_command": (("stat", "-p", "1", "--", "true"), "both a target and a command"),
    "two_targets": (("stat", "-p", "1", "-a"), "more than one target"),
    "duration_0": (("stat", "-a", "-d", "0"), "--duration 0"),
    "duration_negative": (("stat", "-a", "-d", "-1"), "--duration -1"),
    "duration_abc": (("record", "-a", "-d", "abc"), "--duration abc"),
    "duration_unit": (("stat", "-a", "-d", "10 parsecs"), "bare number is seconds"),
    "duration_empty": (("stat", "-a", "-d", ""), "--duration"),
    "interval_0": (("stat", "-a", "-I", "0"), "--interval 0"),
    "pid_abc": (("stat", "-p", "abc"), "--pid abc"),
    "pid_list_with_hole": (("stat", "-p", "1,,2"), "1,,2"),
    "pid_negative": (("stat", "-p", "-1"), "--pid -1"),
    "tid_open_list": (("stat", "-t", "1,"), "--tid 1,"),
    "ring": (("stat", "-a", "--ring", "lots"), "--ring lots"),
    "ring_too_large": (("stat", "-a", "--ring", "64G"), "between 4K and 1G"),
    "unknown_long": (("stat", "-a", "--nonsense"), "--nonsense is no option"),
    "unknown_short": (("stat", "-Z"), "-Z is no option"),
    "unknown_short_behind_another": (("stat", "-aZ"), "-Z is no option"),
    "of_another_command": (("report", "-p", "1"), "-p is no option"),
    "missing_value": (("stat", "-p"), "-p needs a value"),
    "value_too_many": (("stat", "-a", "--explain=yes"), "takes no value"),
    "ambiguous": (("stat", "-a", "--no"), "--no"),
    "by": (("report", "--by", "moon"), "--by moon"),
    "timeline": (("report", "--timeline=moon"), "is none of: thread goroutine p all"),
    "sort": (("report", "--sort", "nonsense"), "known are: name, tid"),
    "sort_before_measuring": (("stat", "-a", "--sort", "nonsense"), "known are: name, tid"),
    "sort_is_of_its_table": (("report", "--by", "cpu", "--sort", "voluntary"), "known are: cpu"),
    "worst": (("report", "--worst", "many"), "--worst many"),
    "rows": (("report", "--rows", "-1"), "--rows -1"),
    "width": (("report", "--width", "1e9"), "--width 1e9"),
    "from": (("report", "--from", "yesterday"), "--from yesterday"),
    "to": (("report", "--to", "+x"), "--to +x"),
    "json_and_csv": (("report", "--csv", "--json"), "both --json and --csv"),
    "two_traces": (("report", "a.rota", "b.rota"), "'b.rota' is the second"),
    "topology_argument": (("topology", "x"), "takes no arguments"),
    "doctor_argument": (("doctor", "x"), "takes no arguments"),
    "two_demos": (("demo", "turns", "crowd"), "'crowd' is the second"),
})
def test_usage_error(arguments, says):
    if "--json" in arguments:
        contains(json.loads(rota(*arguments).expect(2).err)["error"], says, "error")
    else:
        one_line_error(rota(*arguments), says, status=2)


def test_usage_without_a_command():
    result = rota().expect(2)
    equal(result.out, "", "stdout")
    for command in COMMANDS:
        contains(result.err, f"rota {command}", "usage")


def test_unknown_demo_lists_those_there_are():
    result = rota("demo", "nonsense").expect(2)
    for name in ("no demo 'nonsense'", "sleepers", "turns", "pipeline"):
        contains(result.err, name, "error")


def test_help_is_on_stdout_ascii_and_narrow():
    for words in (("help",), ("--help",), ("-h",), *(("help", c) for c in COMMANDS), *((c, "--help") for c in COMMANDS)):
        result = rota(*words).expect(0)
        equal(result.err, "", f"stderr of {words}")
        check(result.out_bytes.isascii(), f"{words}: not ASCII")
        for line in result.out.splitlines():
            check(len(line) <= 80, f"{words}: wider than 80 columns: {line}")
    for command in COMMANDS:
        text = rota("help", command).out
        equal(text, rota(command, "--help").out, f"help {command}")
        columns = {len(m[0]) for m in re.finditer(r"^ {2}(?:-\w,|   ) --[a-z-]+(?: [A-Z]\S*)? +(?=\S)", text, re.MULTILINE)}
        equal(len(columns), 1, f"columns at which the texts of `rota help {command}` begin")


def test_version():
    check(re.fullmatch(r"rota \d+\.\d+\.\d+\n", rota("--version").expect(0).out), "rota --version")


def test_errors_keep_json():
    for arguments, status in (
        (("stat", "--json", "-d", "x"), 2), (("stat", "-p", "0", "--json"), 1), (("report", "--json", "/nonexistent"), 1),
        (("stat", "--json"), 2), (("demo", "--json", "nonsense"), 2), (("report", "--json", TOP), 1),
    ):
        result = rota(*arguments).expect(status)
        equal(result.out, "", "stdout")
        lines = result.err.splitlines()
        equal(len(lines), 1, f"lines of {result.err!r}")
        equal(list(json.loads(lines[0])), ["error"], "keys")


# --- report on what is no good trace --------------------------------------------------------------------------------


def test_report_on_an_empty_file():
    one_line_error(rota("report", put(tempdir(), "e.rota", b"")), "e.rota is empty")


def test_report_on_a_directory():
    folder = tempdir()
    one_line_error(rota("report", folder), folder, "is a directory")


def test_report_on_text():
    one_line_error(rota("report", f"{TOP}/Makefile"), "Makefile is no rota trace", "rota record")


def test_report_on_a_missing_file():
    one_line_error(rota("report", "/nonexistent.rota"), "/nonexistent.rota", "No such file")


def test_report_on_a_closed_stdin():
    one_line_error(run("sh", "-c", 'exec "$0" report - <&-', ROTA), "cannot read standard input")


def test_report_on_a_newer_version():
    data = bytearray(trace())
    struct.pack_into("<I", data, 8, 2)
    struct.pack_into("<I", data, 12, zlib.crc32(data[:12]))
    one_line_error(rota("report", put(tempdir(), "new.rota", data)), "new.rota is a trace of version 2", "newer rota")


def test_report_without_a_file_takes_the_newest():
    folder = tempdir()
    one_line_error(rota("report", cwd=folder), "no trace", "rota record")
    for age, name in ((300, "c.rota"), (100, "b.rota"), (200, "a.rota"), (0, "not-a-trace.txt"), (0, ".hidden.rota")):
        put(folder, name, trace() if name == "b.rota" else b"wrong one")
        os.utime(f"{folder}/{name}", (1767258000 - age, 1767258000 - age))
    os.mkdir(f"{folder}/d.rota")
    contains(rota("report", cwd=folder).expect(0).out, "café[100]" if is_utf8() else "caf", "report")


def is_utf8():
    return run("locale", "charmap").out.strip() == "UTF-8"


# --- damage ---------------------------------------------------------------------------------------------------------


def numbers(summary):
    """All that a summary says of the observed program and the machine; not what it says of the recording."""
    return {key: value for key, value in summary.items() if key not in ("coverage", "notes")}


def judge(good, data, inside):
    """None if the report on damaged bytes is honest, else what is wrong. `inside`: the damage lies before the window's end."""
    result = report("--json", data=data)
    if result.status != 0:
        return None if result.status == 1 and result.err and not result.out else str(result)
    summary = result.json()
    coverage = summary["coverage"]
    if not result.err:
        return "no warning on stderr"
    if coverage["fraction"] < 1:
        return None
    if inside and not coverage["incomplete"]:
        return "coverage is 1"
    if not coverage["incomplete"] and not coverage["damaged_blocks"]:
        return "neither incomplete nor damaged"
    # Whole rounds are left, and they are told as they were: half the seconds, half the numbers.
    seconds = summary["window"]["seconds"]
    if seconds not in range(1, ROUNDS + 1):
        return f"a window of {seconds} s"
    if seconds == ROUNDS:
        return None if numbers(summary) == numbers(good) else "other numbers"
    if abs(summary["parallelism"]["mean"] - 0.4) > 1e-9 or abs(summary["demand"]["mean"] - 0.6) > 1e-9:
        return f"other numbers: {summary['parallelism']} {summary['demand']}"
    return None


def judge_all(variants):
    """variants: (name, bytes, inside). Fails with the names of those that were not reported honestly."""
    good, wrong = report("--json", "--check").expect(0).json(), []
    for name, data, inside in variants:
        verdict = judge(good, data, inside)
        if verdict:
            wrong.append(f"{name}: {verdict}")
    check(not wrong, f"{len(wrong)} damaged traces were not reported as such:\n" + "\n".join(wrong[:20]))


def stop_end(data):
    """The first byte behind the last chunk: what comes there is the round mark, the index and the end."""
    return max(at + size for at, kind, size in blocks(data) if kind == CHUNK)


def test_known_trace_has_known_numbers():
    summary = report("--json", "--check").expect(0).json()
    for name, mean in (("in_progress", 2), ("demand", 0.6), ("parallelism", 0.4), ("core_parallelism", 0.4)):
        rotatest.close(summary[name]["mean"], mean, absolute=1e-9, what=name)
    equal(summary["coverage"]["fraction"], 1, "coverage")
    equal({t["name"]: round(t["running_seconds"], 9) for t in summary["threads"]}, {"main": 1.2, "helper": 0.4}, "running")
    equal({t["name"]: round(t["runqueue_seconds"], 9) for t in summary["threads"]}, {"main": 0.4, "helper": 0.4}, "waiting")


def test_truncation_anywhere():
    data, rng = trace(), random.Random(4711)
    cuts = {rng.randrange(len(data)) for _ in range(150)}
    for at, _kind, size in blocks(data):
        cuts |= {at, at + 1, at + BLOCK_HEADER - 1, at + BLOCK_HEADER, at + size - 1}
    judge_all((f"cut at {cut}", data[:cut], True) for cut in sorted(cuts) if cut < len(data))


def test_truncated_report_says_so_and_keeps_the_laws():
    data = trace()
    rounds = [at + size for at, kind, size in blocks(data) if kind == ROUND]
    equal(len(rounds), ROUNDS, "rounds")
    for seconds, cut in enumerate(rounds, 1):
        result = report("--check", data=data[:cut]).expect(0)
        contains(result.err, "not finished", "warning")
        contains(result.out, f"{seconds}.00 s", "report")
        contains(result.out, "stopped without saying so", "report")


@timeout(180)
def test_flipped_bits():
    data, rng, end = trace(), random.Random(4712), stop_end(trace())
    variants = []
    for at in sorted(rng.sample(range(len(data)), 700)):
        flipped = bytearray(data)
        flipped[at] ^= 1 << rng.randrange(8)
        variants.append((f"bit flipped in byte {at}", bytes(flipped), at < end))
    judge_all(variants)


def test_blocks_missing_twice_or_exchanged():
    data, end = trace(), stop_end(trace())
    parts = [data[at : at + size] for at, _kind, size in blocks(data)]
    starts = [at for at, _kind, _size in blocks(data)]
    variants = []
    for i in range(len(parts)):
        inside = starts[i] < end
        for name, changed in (
            ("missing", parts[:i] + parts[i + 1 :]),
            ("twice", parts[: i + 1] + parts[i:]),
            ("exchanged with the next", parts[:i] + parts[i : i + 2][::-1] + parts[i + 2 :]),
        ):
            if changed != parts:
                variants.append((f"block {i} {name}", data[:FILE_HEADER] + b"".join(changed), inside and name != "twice"))
    judge_all(variants)


def test_damage_is_loss_for_fail_on_loss():
    data = bytearray(trace())
    at = [at for at, kind, _size in blocks(data) if kind == CHUNK][-1]
    data[at + BLOCK_HEADER] ^= 1
    result = report("--check", data=bytes(data)).expect(0)
    contains(result.err, "damaged", "warning")
    report("--fail-on-loss", data=bytes(data)).expect(3)
    report("--fail-on-loss").expect(0)


# --- report on a good one -------------------------------------------------------------------------------------------


def test_report_from_a_file_and_a_pipe_are_the_same():
    path = put(tempdir(), "x.rota", trace())
    for options in ((), ("--json",), ("--csv", "--by", "thread"), ("--timeline", "--explain")):
        equal(rota("report", *options, path).expect(0).out, report(*options).expect(0).out, f"report {options}")


def test_report_tables():
    for by, rows, first in (("thread", 2, "name"), ("cpu", 2, "cpu"), ("core", 2, "core"), ("process", 1, "name")):
        text = report("--by", by).expect(0)
        equal(text.err, "", f"stderr of --by {by}")
        table = list(csv.DictReader(io.StringIO(report("--by", by, "--csv").expect(0).out)))
        equal(len(table), rows, f"rows of --by {by} --csv")
        equal(next(iter(table[0])), first, f"first column of --by {by} --csv")
        share = sum(float(row.get("running_seconds") or row["target_seconds"]) for row in table)
        rotatest.close(share, 1.6, absolute=1e-9, what=f"running time of --by {by}")
    by_name = list(csv.DictReader(io.StringIO(report("--by", "thread", "--sort", "name", "--csv").expect(0).out)))
    equal([row["name"] for row in by_name], ["helper", "main"], "--sort name")
    equal(len(report("--by", "thread", "--rows", "1", "--csv").expect(0).out.splitlines()), 2, "lines with --rows 1")


@cases({
    "whole": ((), 4, 0),
    "from_offset": (("--from", "+1s"), 3, 1),
    "from_and_to_offset": (("--from", "+500ms", "--to", "+2.5s"), 2, 0.5),
    "to_zero_from_the_start": (("--from", "+0", "--to", "+1s"), 1, 0),
    "clock": (("--from", "10:00:02", "--to", "10:00:04"), 2, 1),
    "clock_with_fraction": (("--from", "10:00:02.5"), 2.5, 1.5),
    "clock_minutes": (("--from", "10:00", "--to", "10:01"), 4, 0),
    "date": (("--from", "2026-01-01T10:00:03", "--to", "2026-01-01 10:00:04"), 1, 2),
    "beyond_the_end": (("--from", "+3s", "--to", "+100s"), 1, 3),
})
def test_report_window(options, seconds, start):
    summary = report("--json", "--check", *options).expect(0).json()
    rotatest.close(summary["window"]["seconds"], seconds, absolute=1e-9, what="window")
    equal(int(summary["window"]["start_ns"]), int((1 + start) * 1e9), "start")
    equal(summary["window"]["start_time"], f"2026-01-01T10:00:{1 + start:09.6f}+01:00", "start_time")
    if seconds == int(seconds):  # in every whole second the same happens
        rotatest.close(summary["parallelism"]["mean"], 0.4, absolute=1e-9, what="running at once")


@cases({
    "behind_the_end": (("--from", "+9s"),),
    "before_the_start": (("--to", "09:00"),),
    "backwards": (("--from", "+3s", "--to", "+2s"),),
    "of_no_length": (("--from", "+1s", "--to", "+1s"),),
})
def test_report_empty_window(options):
    one_line_error(report(*options), "between --from and --to")


def test_report_quantities_do_not_depend_on_the_view():
    before = report("--json").out
    for options in (("--explain",), ("--timeline",), ("--timeline=all",), ("--width", "40"), ("--worst", "3")):
        report(*options).expect(0)
    equal(report("--json").out, before, "the same report again")


# --- where output goes, and what it may contain ----------------------------------------------------------------------


def every_report():
    yield from ((), ("--explain",), ("--timeline",), ("--by", "thread"), ("--by", "cpu"), ("--by", "core"), ("--worst", "5"))


def test_pipes_get_no_escapes():
    for options in every_report():
        check(b"\x1b" not in report(*options, env=without_colour(TERM="xterm-256color")).expect(0).out_bytes, f"{options}")
    for command in ("topology", "doctor"):
        check(b"\x1b" not in rota(command, env=without_colour(TERM="xterm-256color")).out_bytes, command)


def on_a_terminal(env, *arguments):
    """What rota prints where stdout is a terminal of 100 columns."""
    leader, follower = os.openpty()
    try:
        import fcntl  # pylint: disable=import-outside-toplevel
        import termios  # pylint: disable=import-outside-toplevel

        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
        child = rotatest.start(ROTA, *arguments, stdout=follower, env=env)
        os.close(follower)
        follower = -1
        text = b""
        while True:
            try:
                piece = os.read(leader, 65536)
            except OSError:
                piece = b""
            if not piece:
                break
            text += piece
        equal(child.wait(30), 0, f"status of {arguments}")
        return text
    finally:
        os.close(leader)
        if follower >= 0:
            os.close(follower)


def test_colour_on_a_terminal_and_how_to_refuse_it():
    path = put(tempdir(), "x.rota", trace())
    coloured = on_a_terminal(without_colour(TERM="xterm"), "report", path)
    check(b"\x1b[" in coloured, f"no colour on a terminal: {coloured[:200]}")
    plain = re.sub(rb"\x1b\[[0-9;]*m", b"", coloured)
    for env, options in (({"TERM": "xterm", "NO_COLOR": "1"}, ()), ({"TERM": "dumb"}, ()), ({"TERM": "xterm"}, ("--no-color",))):
        equal(on_a_terminal(without_colour(**env), "report", *options, path), plain, f"{env} {options}")
    check(b"\x1b[" in on_a_terminal(without_colour(TERM="xterm", NO_COLOR=""), "report", path), "an empty NO_COLOR counts")


def test_c_locale_gets_ascii():
    env = without_colour(LANG="C", LC_ALL="C")
    for options in every_report():
        check(report(*options, env=env).expect(0).out_bytes.isascii(), f"report {options} is not ASCII")
    for words in (("topology",), ("doctor",), ("help", "stat"), ("help",)):
        result = rota(*words, env=env)
        check((result.out + result.err).isascii(), f"{words} is not ASCII:\n{result}")


def test_lines_fit_the_width():
    for width in (60, 80, 100, 120):
        for options in every_report():
            for line in report("--width", str(width), *options).expect(0).out.splitlines():
                check(len(line) <= width, f"{options}: {len(line)} columns instead of {width}: {line}")


def test_columns_of_the_environment():
    lines = report(env=without_colour(COLUMNS="64")).expect(0).out.splitlines()
    check(max(map(len, lines)) <= 64, "COLUMNS=64")


def test_stdout_that_cannot_be_written():
    path = put(tempdir(), "x.rota", trace())
    before = os.stat(path)
    for words in (("report", path), ("report", "--json", path), ("report", "--csv", path), ("topology",), ("topology", "--json"),
                  ("doctor", "--json"), ("help",), ("--version",)):
        for redirection in (">&-", ">/dev/full"):
            result = run("sh", "-c", f'exec "$0" "$@" {redirection}', ROTA, *words).expect(1)
            if words[0] in ("help", "--version"):
                continue
            contains(result.err, "cannot write", f"stderr of {words} {redirection}")
            if "--json" in words:
                json.loads(result.err)
    equal((os.stat(path).st_size, os.stat(path).st_mtime_ns), (before.st_size, before.st_mtime_ns), "size and time of the trace")


# --- topology, doctor, demo -------------------------------------------------------------------------------------------


def online_cpus():
    with open("/sys/devices/system/cpu/online", encoding="ascii") as file:
        ranges = [part.split("-") for part in file.read().strip().split(",")]
    return {cpu for part in ranges for cpu in range(int(part[0]), int(part[-1]) + 1)}


def test_topology():
    summary = rota("topology", "--json").expect(0).json()
    text = json.dumps(summary)
    for word in ("cpus", "cores", "packages"):
        contains(text, f'"{word}"', "topology --json")
    listed = {cpu["cpu"]: cpu for cpu in summary["cpus"]} if isinstance(summary["cpus"], list) else None
    check(listed is not None, f"cpus is no list: {text[:300]}")
    equal({number for number, cpu in listed.items() if cpu.get("online", True)}, online_cpus(), "online cpus")
    shown = {int(n) for m in re.finditer(r"\bcpus? ((?:\d+)(?:[ ,]+\d+)*)", rota("topology").expect(0).out) for n in re.findall(r"\d+", m[1])}
    check(online_cpus() <= shown, f"rota topology shows {shown}")


def test_doctor_says_the_same_in_text_and_json():
    text, report_ = rota("doctor"), rota("doctor", "--json")
    equal(text.status, report_.status, "status")
    rows = report_.json()
    check(text.status in (0, 1), f"status {text.status}")
    flat = json.dumps(rows)
    for word in ("kernel", "BTF", "capabilities", "SMT"):
        contains(text.out, word, "doctor")
        contains(flat, word, "doctor --json")
    failed = "FAIL" in text.out
    equal(text.status, 1 if failed else 0, "status where something is missing" if failed else "status where nothing is missing")


def unprivileged(*words):
    """rota as somebody without rights, whoever runs the tests."""
    if os.geteuid() != 0:
        return rota(*words)
    return run("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", ROTA, *words)


def test_without_rights_stat_and_doctor_name_cause_and_remedy():
    one_line_error(unprivileged("stat", "-a", "-d", "100ms"), "capabilities", "CAP_BPF", "sudo")
    one_line_error(unprivileged("stat", "--", "true"), "CAP_BPF", "sudo", status=125)
    unprivileged("doctor").expect(1)


def test_without_rights_record_leaves_nothing_and_spoils_nothing():
    folder = tempdir()
    os.chmod(folder, 0o777)
    old = put(folder, "old.rota", b"precious")
    os.chmod(old, 0o666)
    one_line_error(unprivileged("record", "-a", "-d", "100ms", "-o", f"{folder}/new.rota"), "CAP_BPF")
    one_line_error(unprivileged("record", "-a", "-d", "100ms", "-o", old), "CAP_BPF")
    one_line_error(unprivileged("stat", "-a", "-d", "100ms", "-o", old), "CAP_BPF")
    equal(os.listdir(folder), ["old.rota"], "files")
    with open(old, "rb") as file:
        equal(file.read(), b"precious", "the file that was there")


def test_without_rights_demo_shows_the_sample():
    if unreadable(f"{TOP}/examples/sample.rota"):
        skip("this checkout lies where others may not read")
    result = unprivileged("demo").expect(0)
    first = result.err.splitlines()[0]
    contains(first, "CAP_BPF", "first line")
    equal(result.err.count("\n"), 1, f"lines of {result.err}")
    contains(result.out, "running at once", "report")
    equal(unprivileged("demo", "--json").expect(0).json()["schema"], "rota.summary/1", "schema")


def test_demo_programs_are_there():
    for line in rota("help", "demo").expect(0).out.split("NAME is")[1].splitlines()[2:]:
        program(line.split()[0])


rotatest.main()
