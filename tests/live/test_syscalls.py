# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""--syscalls against strace(1), against a program that times its own calls, and against the kernel's schedstat."""

import os
import re
import shutil

import observe
import rotatest
from observe import Recording, nanoseconds, say
from rotatest import ROTA, check, close, equal, program, rota, run, skip

ASIDE = {"exit", "exit_group", "execve"}  # they do not return, or elsewhere
TIMES = 0.05  # agreement of times, as it was asked for
SPREAD = 1 / 32  # a bucket's width; its middle is what is told


def strace_counts(*command):
    """{name: count}, as strace -f -c has it."""
    if not shutil.which("strace"):
        skip("strace is not installed")
    path = os.path.join(rotatest.tempdir(), "strace.txt")
    run("strace", "-f", "-c", "-o", path, *command).expect(0)
    counts = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            fields = re.fullmatch(r"\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)(?:\s+\d+)?\s+(\w+)\s*", line)
            if fields and fields[2] != "total":
                counts[fields[2]] = counts.get(fields[2], 0) + int(fields[1])
    check(counts, f"nothing in {path}")
    return {name: count for name, count in counts.items() if name not in ASIDE}


def recorded(*command, options=()):
    summary, result = observe.run_recorded(*command, options=("--syscalls", *options))
    check(summary["syscalls"] is not None, "system calls were not followed")
    return summary, result


def calls_of(summary, **wanted):
    return [c for c in summary["syscalls"] if all(c[key] == value for key, value in wanted.items())]


def noted(summary, words):
    """The number in the note that has these words; 0 where there is none."""
    for note in summary["notes"]:
        if words in note:
            return int(re.search(r"\d+", note)[0])
    return 0


def test_counts_equal_strace():
    command = (program("calls"), "count", "10000")
    expected = strace_counts(*command)
    summary, _ = recorded(*command)
    totals = {c["syscall"]: c["count"] for c in summary["syscall_totals"] if c["syscall"] not in ASIDE}
    equal(totals, expected, "counts by call")
    equal(noted(summary, "had begun before"), 0, "calls without a beginning")
    sums = {}
    for call in summary["syscalls"]:
        sums[call["syscall"]] = sums.get(call["syscall"], 0) + call["count"]
    equal({name: n for name, n in sums.items() if name not in ASIDE}, expected, "counts by thread and call, summed")
    equal(sorted(c["count"] for c in calls_of(summary, syscall="getppid")), [5000, 5000], "getppid of the two threads")
    equal([c["count"] for c in calls_of(summary, syscall="getpgid")], [50], "getpgid of the child")
    say(f"{sum(expected.values())} calls of {len(expected)} kinds: all counts equal strace's")


def test_times_against_the_programs_own():
    summary, result = recorded(program("calls"), "time")
    for own in result.json_lines():
        (row,) = calls_of(summary, tid=own["tid"], syscall=own["syscall"])
        own_mean, row_mean = own["ns"] / own["count"], nanoseconds(row["seconds"]) / row["count"]
        if own["syscall"] == "getrandom":  # the loader and malloc ask for a few bytes too
            check(own["count"] <= row["count"] <= own["count"] + 3, f"{row['count']} getrandom")
            row_mean = nanoseconds(row["seconds"]) / own["count"]
        if own["syscall"] == "read":  # the loader read the libraries' heads
            check(own["count"] <= row["count"] <= own["count"] + 8, f"{row['count']} read")
            row_mean = nanoseconds(row["seconds"]) / own["count"]
        say(f"{own['syscall']}: rota {row_mean:.0f} ns, the program {own_mean:.0f} ns, {row_mean / own_mean - 1:+.2%}")
        close(row_mean, own_mean, relative=TIMES, what=f"time of one {own['syscall']}")
    (nap,) = calls_of(summary, syscall="clock_nanosleep")
    check(nap["p50_us"] >= 2000 * (1 - SPREAD), f"half of the naps of 2 ms took {nap['p50_us']} us")
    check(nap["p50_us"] <= nap["p99_us"] <= nap["max_us"], f"quantiles {nap}")
    check(nap["cpu_seconds"] < nap["seconds"] / 5, f"a sleeper works: {nap}")


def test_kernel_time_against_schedstat():
    """A thread that does nothing but read, beside a spinner on its cpu: what it ran it ran in read, and waited there too."""
    summary, result = recorded(program("calls"), "read")
    own = result.json_lines()[0]
    (row,) = calls_of(summary, tid=own["tid"], syscall="read")
    off = nanoseconds(row["seconds"]) - nanoseconds(row["cpu_seconds"])
    say(f"on a cpu: rota {row['cpu_seconds']:.6f} s, schedstat {own['run_ns'] / 1e9:.6f} s; off: {off / 1e9:.6f}, {own['wait_ns'] / 1e9:.6f}")
    close(nanoseconds(row["cpu_seconds"]), own["run_ns"], relative=TIMES, what="time in read on a cpu")
    close(off, own["wait_ns"], relative=TIMES, what="time in read off the cpu")
    thread = observe.thread(summary, own["tid"])
    sums = sum(nanoseconds(c["cpu_seconds"]) for c in calls_of(summary, tid=own["tid"]))
    equal(nanoseconds(thread["syscall_cpu_seconds"]), sums, "the thread's time in calls")
    equal(
        nanoseconds(thread["user_seconds"]) + nanoseconds(thread["syscall_cpu_seconds"]),
        nanoseconds(thread["running_seconds"]),
        "user and kernel time",
    )


def test_intervals_sum_to_the_total():
    path = os.path.join(rotatest.tempdir(), "stat.json")
    result = rota("stat", "--syscalls", "--json", "-I", "100ms", "-o", path, "--", program("calls"), "forever", "--seconds", "1").expect(0)
    with open(path, encoding="utf-8") as file:
        *parts, total = [rotatest.json.loads(line) for line in file]
    check(len(parts) > 5, f"{len(parts)} intervals")
    own = result.json_lines()[0]
    for key in ("count", "seconds", "cpu_seconds"):

        def sums(summaries, key=key):
            found = {}
            for call in (c for s in summaries for c in s["syscalls"]):
                name = (call["tid"], call["syscall"])
                found[name] = found.get(name, 0) + (call[key] if key == "count" else nanoseconds(call[key]))
            return found

        equal(sums(parts), sums([total]), f"{key}, intervals and total")
    equal([c["count"] for c in calls_of(total, tid=own["tid"], syscall="getppid")], [own["calls"]], "getppid")


def test_short_threads_and_a_full_table():
    """Threads that end within a round keep their calls; what has no room in the table is told, and nothing is lost untold."""
    command = (program("calls"), "threads", "6000")
    expected = sum(strace_counts(*command).values())
    summary, _ = recorded(*command, options=("--flush", "60s"))
    counted = sum(c["count"] for c in summary["syscall_totals"] if c["syscall"] not in ASIDE)
    lost = noted(summary, "system calls lost")
    check(lost > 0, "the table was large enough for this test; give it more threads")
    say(f"{counted} calls counted, {lost} told as lost, of {expected}")
    equal(counted + lost, expected, "calls counted and told as lost")
    summary, _ = recorded(program("calls"), "threads", "500", options=("--flush", "60s"))
    rows = calls_of(summary, syscall="getppid")
    equal(len(rows), 500, "threads that called getppid")
    check(all(r["thread"] == "calls" and r["count"] == 1 for r in rows), "their names and counts")


def test_compat_calls_are_marked():
    summary, result = recorded(program("calls"), "compat", "100")
    if not result.json_lines()[0]["compat"]:
        skip("this kernel runs no 32-bit system calls")
    rows = {c["compat"]: c["count"] for c in summary["syscall_totals"] if c["syscall"] == "getppid"}
    equal(rows, {True: 100, False: 100}, "getppid by both tables")


def test_a_running_process():
    """cat is in a read when it is attached to, and in another when it is left: neither is counted, and both are told of."""
    cat = rotatest.start("cat")
    recording = Recording("--syscalls", "-p", cat.pid)
    for _ in range(10):
        cat.say("x")
        equal(cat.line(), "x\n", "what cat gives back")
    summary = recording.stop()
    counts = {c["syscall"]: c["count"] for c in summary["syscalls"]}
    equal(counts["write"], 10, "write")
    equal(counts["read"], 9, "read")
    equal(noted(summary, "had begun before"), 1, "calls without a beginning")
    check(noted(summary, "open at the end") <= 1, "one thread cannot be in two calls")


def test_bystanders_are_not_counted():
    other = rotatest.start(program("calls"), "forever", "--seconds", "100")
    summary, _ = recorded(program("calls"), "count", "100")
    equal([c for c in summary["syscalls"] if c["tgid"] == other.pid], [], "calls of a stranger")
    total = sum(c["count"] for c in summary["syscall_totals"] if c["syscall"] == "getppid")
    equal(total, 100, "getppid of the target")


def test_without_the_option_there_are_none():
    summary, _ = observe.run_recorded(program("calls"), "count", "100")
    equal((summary["syscalls"], summary["syscall_totals"]), (None, None), "system calls")
    check(any("--syscalls" in note for note in summary["notes"]), "no note says why")


def test_long_calls_are_recorded_singly():
    """Each has a record of its own from --syscall-min on: the file is larger by some bytes for each, and by nothing else."""
    sizes = {}
    for least in ("1ns", "10s"):
        path = os.path.join(rotatest.tempdir(), f"{least}.rota")
        options = ("--syscalls", "--syscall-min", least)
        rota("record", "-q", "-o", path, *options, "--", program("calls"), "count", "20000").expect(0)
        observe.report(path)
        sizes[least] = os.path.getsize(path)
    say(f"every call recorded: {sizes['1ns']} bytes; none: {sizes['10s']} bytes")
    check(sizes["1ns"] - sizes["10s"] > 20000, f"20,000 records more in {sizes}")


def test_views():
    path = os.path.join(rotatest.tempdir(), "x.rota")
    rota("record", "-q", "--syscalls", "--syscall-min", "50us", "-o", path, "--", program("calls"), "count", "1000").expect(0)
    text = rota("report", path).expect(0).out
    check(re.search(r"^system calls +[\d,]+ ", text, re.M) and re.search(r"^getppid +1,000 ", text, re.M), text)
    table = rota("report", "--by", "syscall", "--sort", "calls", path).expect(0).out
    check(re.search(r"^calls +\d+ +getppid +500 ", table, re.M), table)
    csv = rota("report", "--by", "syscall", "--csv", path).expect(0).out.splitlines()
    check("syscall,count,seconds,cpu_seconds" in csv[0] and any(",getppid,500," in line for line in csv), "\n".join(csv[:5]))


rotatest.main(live=True)
