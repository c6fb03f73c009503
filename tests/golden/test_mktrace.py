# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""mktrace, on which the golden tests stand: canonical text comes back as it was, and what is wrong is said, with its line."""

import os
import subprocess

from rotatest import BUILD, TOP, check, contains, equal, main, run, tempdir

MKTRACE = os.path.join(BUILD, "tests", "tool", "mktrace")
EVERY_RECORD = os.path.join(TOP, "tests", "golden", "mktrace", "every-record.txt")

TYPES = (
    "switch wakeup migrate occupant task name exec leave snapshot lost start stop sync hotplug cputime cost unwatch round end "
    "reason sample call text cgroup quota cpuset affinity stack symbol calls spread "
    "go gorun runtime census totals latency goroutine goreason population"
).split()


def make(text):
    """The trace of a text, and what mktrace said."""
    folder = tempdir()
    with open(f"{folder}/in.txt", "w", encoding="utf-8") as file:
        file.write(text)
    result = run(MKTRACE, f"{folder}/in.txt", f"{folder}/out.rota")
    with open(f"{folder}/out.rota", "rb") as file:
        return file.read(), result


def dump(trace, status=0):
    result = subprocess.run([MKTRACE, "-d", "-"], input=trace, capture_output=True, timeout=60, check=False)
    equal(result.returncode, status, f"status of mktrace -d ({result.stderr!r})")
    return result.stdout.decode("utf-8")


def canonical(text):
    trace, result = make(text)
    equal(result.status, 0, str(result))
    return dump(trace)


def test_canonical_text_comes_back():
    with open(EVERY_RECORD, encoding="utf-8") as file:
        text = file.read()
    words = text.split()
    for word in TYPES:
        check(word in words, f"{EVERY_RECORD} has no {word}")
    equal(canonical(text), text)


def test_free_text_has_one_canonical_form():
    text = """
# a comment
@1ms   task 100 tgid 100 "a b" target   # another
@1ms   cpu1 snapshot 0
+500us cpu0 wakeup 100 occupant 0
+0.5us cpu0 switch 0 -> 100
@1700000ns cpu0 switch 100 -> 5 dead
@2ms round
"""
    expected = """@1ms        cpu1 snapshot idle
@1ms        task 100 tgid 100 "a b" target
@1.5ms      cpu0 wakeup 100 occupant idle
@1500.5us   cpu0 switch idle -> 100
@1.7ms      cpu0 switch 100 -> 5 dead
@2ms        round
"""
    equal(canonical(text), expected)


def test_target_follows_from_task_and_leave():
    text = """@0          task 1 tgid 1 "a" target
@1us        cpu0 switch 1 -> 2 blocked
@2us        cpu0 leave 1
@3us        cpu0 switch 2 -> 1 blocked
@4us        round
"""
    equal(canonical(text), text)
    forced = text.replace("2 -> 1 blocked", "2 -> 1 blocked flags 0x2")  # ROTA_SWITCH_NEXT_TARGET, said by nobody before
    equal(canonical(forced), forced)


def test_wrong_lines_are_named():
    for line in (
        "@1 cpu0 switch 1 -> ",
        "@1 cpu0 switch 1 -> 4194304 blocked",
        "@1 cpu4096 switch 1 -> 2 blocked",
        "@1 cpu0 wakeup 5 delay 4294967296ns",
        "@1 cpu0 frob 5",
        "@1.5 cpu0 leave 5",
        '@1 cpu0 name 5 "sixteen letters!"',
        '@1 cpu0 name 5 "no end',
        "@1 cpu0 migrate 5 to 4096 from 0",
        "@1 cpu0 task 5 tgid 5 flags 0x80",
        "@1 cpu0 switch 1 -> 2 blocked in frobnicate",
        "@1 cpu0 switch 1 -> 2 blocked in read:frob",
        "@1 cpu0 reason 1 in 0x1",  # says something without ROTA_REASON_TOLD
        "@1 cpu0 reason 1 in 0x80018000",  # a kind of file that does not exist
        '@1 text 1 "a piece of text of more than 32 b"',
        "@1 stack 1 frames 0x1,0x2,0x3,0x4,0x5",
        "@1 stack 1 frames 0x1,",
        "@1 cpu0 call 5 4096 took 1",
        "cpu0 switch 1 -> 2 blocked",
        "meta key",
        "end end",
    ):
        _, result = make(f"# first\n{line}\n")
        equal(result.status, 1, line)
        contains(result.err, "in.txt:2: not understood", line)
    _, result = make("end\nmeta a b\n")
    equal(result.status, 1)


def test_a_damaged_trace_is_not_dumped_in_silence():
    trace, _ = make('meta a b\n@1 task 5 tgid 5 "x" target\n@2 round\nend\n')
    equal(dump(trace).splitlines()[-1], "end")
    damaged = bytearray(trace)
    damaged[60] ^= 1
    contains(dump(bytes(damaged), status=1), "# damage: ")
    check("end" not in dump(trace[:-1]).split(), "END of a cut trace")


main()
