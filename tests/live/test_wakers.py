# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Who wakes whom, and who runs in place of a thread that was put aside, against the kernel's own counters."""

import observe
import rotatest
from observe import Recording, nanoseconds, say
from rotatest import check, close, equal, program, start, wait_for

SHARE = 0.02  # agreement with the kernel's figures, as it was asked for


def test_ping_wakes_pong():
    """Each time pong sleeps, ping wakes it: as often as the kernel counts that pong left its cpu of its own will."""
    summary, result = observe.run_recorded(program("pingpong"), "--seconds", "1")
    own = result.json_lines()[0]
    rows = [w for w in summary["wakeups"] if w["wakee"] == "pong"]
    by_ping = sum(w["count"] for w in rows if w["waker"] == "ping")
    others = sum(w["count"] for w in rows) - by_ping
    say(f"{own['passes']} passes; pong slept {own['pong']['voluntary']} times; ping woke it {by_ping} times, others {others}")
    equal(by_ping + others, own["pong"]["voluntary"], "wakeups of pong")
    check(others <= 2, f"others woke pong {others} times")
    back = sum(w["count"] for w in summary["wakeups"] if w["waker"] == "pong" and w["wakee"] == "ping")
    close(back, own["ping"]["voluntary"], absolute=5, what="wakeups of ping, which sleeps at its start and end, too")
    check(all(w["mean_us"] > 0 for w in rows), "wakeups that took no time")


def test_a_timer_is_an_interrupt():
    """A sleeper is woken by its timer, whoever that interrupts. A nap that was over before it began is no sleep."""
    summary, _ = observe.run_recorded(program("calls"), "count", "2")
    sleeps = [b for t in summary["threads"] for b in t["blocked"] if b["syscall"] == "clock_nanosleep"]
    slept = sum(b["count"] for b in sleeps)
    naps = [w for w in summary["wakeups"] if w["waker"] == "interrupt" and w["wakee"] == "calls"]
    check(10 <= slept <= 20, f"20 naps, {slept} sleeps: {sleeps}")
    check(sum(w["count"] for w in naps) >= slept, f"{slept} sleeps; of all wakeups {summary['wakeups']}")
    check(all(w["waker_tid"] is None for w in naps), f"{naps}")


def test_a_stranger_on_the_same_cpu():
    """Two that never sleep on one cpu: what one waits, the other (and whoever else comes by) runs."""
    first = min(rotatest.os.sched_getaffinity(0))
    stranger = start("taskset", "-c", str(first), program("calls"), "forever", "--seconds", "100")
    wait_for(lambda: "calls" in open(f"/proc/{stranger.pid}/comm", encoding="utf-8").read(), what="the stranger to run")
    child = start(program("calls"), "beside", str(stranger.pid))
    pid = child.json_line()["pid"]
    before = observe.cpu_times()
    recording = Recording("-p", pid)
    child.say()
    own = child.json_line()
    summary = recording.stop()
    excluded = observe.outside_schedstat(before, observe.cpu_times()) * 1e9  # interrupts and what a hypervisor took
    rows = {w["tid"]: w for w in summary["runqueue"]["waited_for"]}
    row = rows[stranger.pid]
    queue = summary["runqueue"]
    waited = nanoseconds(queue["seconds"])
    say(
        f"waited {waited / 1e9:.4f} s, schedstat {own['wait_ns'] / 1e9:.4f} s; the stranger ran {own['other_run_ns'] / 1e9:.4f} s, "
        f"was waited for {row['seconds']:.4f} s, after preemptions {row['preempted_seconds']:.4f} s"
    )
    close(waited, own["wait_ns"], relative=SHARE, what="time waited for a cpu")
    off = nanoseconds(row["seconds"]) - own["other_run_ns"]
    bound = SHARE * own["other_run_ns"]
    check(-bound <= off <= bound + excluded, f"what the stranger ran meanwhile: off by {off / 1e9} s, stolen {excluded / 1e9} s")
    equal((row["thread"], row["ours"]), ("calls", False), "who it is")
    equal(summary["runqueue"]["waited_for"][0]["tid"], stranger.pid, "whom it waited for most")
    sums = sum(nanoseconds(w["preempted_seconds"]) for w in summary["runqueue"]["waited_for"])
    equal(sums, nanoseconds(queue["by_cause"]["preempted"]["seconds"]), "waits after preemptions, by whom and by cause")
    check(row["preempted_seconds"] > 0.9 * row["seconds"], "a spinner waits because it was put aside")
    text = rotatest.rota("report", recording.path).expect(0).out
    check(f"calls[{stranger.pid}]" in text.split("preempted for")[1].split("\n\n")[0], text)


rotatest.main(live=True)
