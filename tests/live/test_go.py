# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Go programs: goroutine, P and M by rota against what the program itself says (tests/go/witness.go).

All builds that `make go-programs` has made are tested, which are those of the Go in PATH unless toolchains were fetched;
`make check-go` fetches all of them first.
"""


import go_programs
import observe
from go_programs import Carried, Witness
from observe import Recording, say
from rotatest import cases, check, close, equal, main, skip, wait_for

BUILDS = {name: (path,) for name, path in go_programs.built().items()} or {"none": (None,)}


def needed(path):
    if not path:
        skip("no Go program is built: no go in PATH, and no toolchain fetched (make go-programs)")


def runtime_of(summary, pid):
    rows = [row for row in summary["runtimes"] or [] if row["tgid"] == pid]
    check(len(rows) == 1, f"{len(rows)} runtimes of {pid} in {summary['runtimes']}")
    return rows[0]


def followed(recording, pid):
    """Waits until the recording tells of the process's scheduler."""

    def told():
        runtimes = observe.report(recording.path)["runtimes"]
        return runtimes and any(row["tgid"] == pid and not row["lost"] for row in runtimes)

    wait_for(told, 10, what=f"rota to follow the Go program {pid}")


@cases(BUILDS)
def test_locked_goroutines(path):
    """Each worker keeps its thread: whatever that thread carries, when it leaves its cpu or at a tick, is that worker."""
    needed(path)
    witness = Witness(path, "spin", "-lock", "-n", "3")
    recording = Recording("-p", witness.pid)
    followed(recording, witness.pid)
    witness.begin()
    end_ns = wait_for(lambda: witness.mark()["ns"] > witness.events[0]["ns"] + 700_000_000 and witness.mark()["ns"], 20)
    witness.end()
    summary = recording.finish()
    row = runtime_of(summary, witness.pid)
    equal(row["version"], witness.process["version"], "version")
    equal(row["gomaxprocs"], witness.process["gomaxprocs"], "GOMAXPROCS")
    carried, count = Carried(recording.path), 0
    for worker in witness.workers.values():
        records = [r for r in carried.go.get(worker["tid"], []) if worker["ns"] < r[0] < end_ns and r[1]]
        wrong = [r for r in records if r[1] != worker["goid"]]
        check(not wrong, f"{worker} carried {wrong[:3]}")
        check(records, f"nothing was told of {worker}")
        count += len(records)
    say(f"{row['version']}, found by {row['found_by']}: {count} records of 3 locked goroutines, each the right one")


@cases(BUILDS)
def test_points_by_exact_mode(path):
    """Goroutines that change threads as the runtime likes: at each moment that one noted, --go-exact has it on that thread."""
    needed(path)
    witness = Witness(path, "shares", "-n", "12")
    recording = Recording("--go-exact", "-p", witness.pid)
    followed(recording, witness.pid)
    witness.begin()
    begin_ns = witness.mark()["ns"]
    wait_for(lambda: witness.mark()["ns"] > begin_ns + 500_000_000, 20, what="half a second of work")
    witness.end()
    summary = recording.finish()
    carried = Carried(recording.path)
    right = wrong = untold = 0
    for name, points in witness.points.items():
        for ns, tid in points:
            goid = carried.run_at(tid, ns)
            untold += goid is None
            right += goid == witness.workers[name]["goid"]
            if goid not in (None, witness.workers[name]["goid"]):
                wrong += 1
                say(f"at {ns} goroutine {witness.workers[name]['goid']} was on {tid}, which ran {goid} by rota")
    say(f"{right} moments right, {wrong} wrong, {untold} before the first switch of their thread")
    equal(wrong, 0, "moments at which another goroutine was told")
    check(right >= 50, f"only {right} moments")
    row = runtime_of(summary, witness.pid)
    exact = sum(g["exact_seconds"] or 0 for g in summary["goroutine_rows"] if g["tgid"] == witness.pid)
    check(exact <= row["running_seconds"] + 1e-6, f"{exact} s of goroutines in {row['running_seconds']} s of threads")


@cases(BUILDS)
def test_census(path):
    """While all of them wait, the figures stand still: they are the program's own."""
    needed(path)
    witness = Witness(path, "sleep", "-n", "300")
    recording = Recording("-p", witness.pid)
    followed(recording, witness.pid)
    process = witness.process
    summary = recording.stop()
    witness.begin()
    witness.end()
    row = runtime_of(summary, witness.pid)
    equal(row["in_progress"]["max"], process["goroutines"], "goroutines in progress, by runtime.NumGoroutine()")
    equal(row["in_progress"]["min"], process["goroutines"], "goroutines in progress, at least")
    equal(summary["ladder"][0]["rung"], "goroutines")
    close(summary["ladder"][0]["have"], process["goroutines"], absolute=1e-9, what="goroutines on the ladder")
    say(f"{row['in_progress']['looks']} looks at {process['goroutines']} goroutines")


def test_gomaxprocs_is_the_limit():
    """One P on a machine with an idle core, and goroutines that wait for it."""
    witness = Witness(go_programs.some(), "spin", "-n", "3", env={"GOMAXPROCS": "1"})
    witness.begin()
    recording = Recording("-p", witness.pid)
    followed(recording, witness.pid)
    begin_ns = witness.mark()["ns"]
    wait_for(lambda: witness.mark()["ns"] > begin_ns + 1_500_000_000, 20, what="some work")
    summary = recording.stop()
    witness.end()
    row, verdict = runtime_of(summary, witness.pid), summary["verdict"]
    say(f"{verdict['limit']}: {verdict['sentence']} {verdict['try']}")
    equal((row["gomaxprocs"], row["gomaxprocs_set_by"]), (1, "environment"), "GOMAXPROCS and who set it")
    cpus = summary["topology"]["cpus"]
    if cpus < 2:
        skip("one cpu: nothing to raise GOMAXPROCS to")
    equal(verdict["limit"], "runtime", "limit")
    check(f"GOMAXPROCS={cpus}" in verdict["try"], verdict["try"])


def test_shares_by_ticks_against_exact():
    """What the 97 Hz ticks say of each goroutine's share against every switch: within the printed bounds nine times of ten."""
    inside = pairs = 0
    for _ in range(3):
        witness = Witness(go_programs.some(), "shares", "-n", "12")
        recording = Recording("--go-exact", "-p", witness.pid)
        followed(recording, witness.pid)
        witness.begin()
        begin_ns = witness.mark()["ns"]
        wait_for(lambda: witness.mark()["ns"] > begin_ns + 3_000_000_000, 30, what="three seconds of work")
        summary = recording.stop()
        witness.end()
        rows = [g for g in summary["goroutine_rows"] if g["tgid"] == witness.pid and g["exact_seconds"]]
        total = sum(g["exact_seconds"] for g in rows)
        for row in rows:
            if row["samples"] < 20:
                continue
            pairs += 1
            inside += abs(row["share"] - row["exact_seconds"] / total) <= row["share_error"]
    say(f"{inside} of {pairs} shares within their bounds")
    check(pairs >= 20, f"only {pairs} shares with 20 samples")
    check(inside >= 0.9 * pairs, f"only {inside} of {pairs} within the bounds")


main(live=True)
