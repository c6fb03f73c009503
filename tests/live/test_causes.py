# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What kernels tell in different ways: that a thread left its cpu in sched_yield, that an interrupt woke it, that its cgroup is out of quota.
Oracles: the program's own counts, what can only be an interrupt, and cpu.stat."""

import contextlib
import os
import tempfile
import time

from observe import Recording, say, thread
from pinned import Pinned, keep_to, row_of
from rotatest import check, close, equal, main, program, skip, start, wait_for

V1 = "/sys/fs/cgroup"
V2 = "/sys/fs/cgroup"
SLACK = 0.02  # seconds, over 20 periods: schedstat's clock is read some time before each switch, in an emulated cpu up to 1 ms
PERIOD_US, QUOTA_US = 100_000, 10_000


# --- sched_yield -----------------------------------------------------------------------------------------------------


def test_yields_are_told():
    """Each switch that the kernel counts as not asked for is either preempted or yielded; yielded are those that happened
    between the two readings around sched_yield(2)."""
    child = start(program("yielder"), "--seconds", "1", "--wait")
    recording = Recording("-p", str(child.json_line()["pid"]))
    child.say()
    own = [child.json_line() for _ in range(3)]
    summary = recording.stop()
    child.say()
    child.finish().expect(0)
    expected = sum(account["left_in_yield"] for account in own)
    others = sum(account["figures"]["involuntary"] for account in own) - expected
    rows = {account["tid"]: thread(summary, account["tid"]) for account in own}
    causes = summary["runqueue"]["by_cause"]
    main_thread = thread(summary, child.pid)
    say(f"{sum(a['calls'] for a in own)} calls, {expected} switches in them, {others} others; rota: {causes}")
    check(expected > 20, f"the threads hardly ever left their cpu in sched_yield: {own}")
    equal(summary["coverage"]["lost_records"], 0, "lost records")
    for account in own:
        row = rows[account["tid"]]
        equal((row["involuntary"], row["voluntary"]), tuple(account["figures"][k] for k in ("involuntary", "voluntary")), "switches")
    # a tick may fall between a reading and the call; the main thread has its own few
    slack = main_thread["involuntary"] + max(2, 0.02 * expected)
    close(causes["yielded"]["count"], expected, absolute=slack, what="waits after a yield")
    close(causes["preempted"]["count"], others, absolute=slack, what="waits after a preemption")


# --- interrupts ------------------------------------------------------------------------------------------------------


def test_interrupts_are_told_from_wakers():
    """The timer wakes a sleeper while a spinner is on its cpu: an interrupt, and not the spinner, is the waker. Of two threads
    that hand a byte to each other, each is the other's."""
    cpu = min(os.sched_getaffinity(0))
    target = Pinned(f"spinner={cpu}/spin", f"sleeper={cpu}/duty:1:2", f"left={cpu}/pass", f"right={cpu}/pass", seconds=0.5)
    recording = Recording("-p", str(target.pid))
    target.work()
    summary = recording.stop()
    target.finish()
    count = {(row["waker"], row["wakee"]): row["count"] for row in summary["wakeups"]}
    say(f"wakeups: {count}")
    woken = row_of(summary, target, "sleeper")["voluntary"]

    by_interrupt = sum(n for (waker, wakee), n in count.items() if wakee.startswith("sleeper") and waker.endswith("interrupt"))
    by_spinner = sum(n for (waker, wakee), n in count.items() if wakee.startswith("sleeper") and waker.startswith("spinner"))
    check(woken > 10, f"the sleeper slept only {woken} times")
    # it parked twice, and the main thread woke it
    check(by_interrupt >= woken - 4, f"of {woken} wakeups {by_interrupt} by interrupts: {count}")
    equal(by_spinner, 0, "wakeups of the sleeper by the spinner")


# --- quotas ----------------------------------------------------------------------------------------------------------


class Cgroup:
    """A cgroup with what `needed` names (of v1, of v2); gone again at the end."""

    def __init__(self, controller, needed_v1, needed_v2):
        self.v2 = os.path.exists(f"{V2}/cgroup.controllers")
        root = V2 if self.v2 else f"{V1}/{controller}"
        if not os.path.isdir(root):
            skip(f"no cgroup hierarchy with the {controller} controller is mounted")
        self.path = tempfile.mkdtemp(prefix="rota-test-", dir=root)
        if not os.path.exists(f"{self.path}/{needed_v2 if self.v2 else needed_v1}"):
            self.remove()
            skip(f"the {controller} controller is not on in the cgroup hierarchy")

    def write(self, name, text):
        with open(f"{self.path}/{name}", "w", encoding="ascii") as file:
            file.write(str(text))

    def read(self, name):
        with open(f"{self.path}/{name}", encoding="ascii") as file:
            return file.read()

    def add(self, pid):
        self.write("cgroup.procs", pid)

    def remove(self):
        os.rmdir(self.path)


class Quota(Cgroup):
    """A tenth of a cpu: less than one gets where many others want it, too."""

    def __init__(self):
        super().__init__("cpu", "cpu.cfs_quota_us", "cpu.max")
        if self.v2:
            self.write("cpu.max", f"{QUOTA_US} {PERIOD_US}")
        else:
            self.write("cpu.cfs_period_us", PERIOD_US)
            self.write("cpu.cfs_quota_us", QUOTA_US)

    def throttled(self):
        """Seconds, summed over the cpus."""
        values = dict(line.split() for line in self.read("cpu.stat").splitlines())
        return int(values["throttled_usec"]) / 1e6 if self.v2 else int(values["throttled_time"]) / 1e9


class Freezer(Cgroup):
    """Holds who is in it."""

    def __init__(self):
        super().__init__("freezer", "freezer.state", "cgroup.freeze")

    def freeze(self):
        """All in it are frozen when this returns."""
        self.write(*(("cgroup.freeze", 1) if self.v2 else ("freezer.state", "FROZEN")))
        name, frozen = ("cgroup.events", "frozen 1") if self.v2 else ("freezer.state", "FROZEN")
        wait_for(lambda: frozen in self.read(name), what="the freezer")

    def thaw(self):
        self.write(*(("cgroup.freeze", 0) if self.v2 else ("freezer.state", "THAWED")))


@contextlib.contextmanager
def gone_after(group):
    """The group, removed when those in it have ended."""
    try:
        yield group
    finally:
        group.remove()


def test_throttled_time():
    """One thread on one cpu: but for what others ran there meanwhile, it is throttled when it waits, as long as schedstat says.
    cpu.stat's own figure begins where the quota runs out, which from 6.18 on is some time before the thread leaves."""
    cpu = max(os.sched_getaffinity(0))
    with gone_after(Quota()) as group:
        target = Pinned(f"spinner={cpu}/spin", seconds=2)
        group.add(target.pid)
        recording = Recording(*target.target("spinner"))
        before = group.throttled()
        target.work()
        most = group.throttled() - before
        summary = recording.stop()
        target.finish()
    row = row_of(summary, target, "spinner")
    ran, waited, others = target.ran("spinner"), target.waited("spinner"), target.busy(cpu) - target.ran("spinner")
    throttled, waiting, running = (row[f"{key}_seconds"] for key in ("throttled", "runqueue", "running"))
    say(f"throttled {throttled} s, cpu.stat {most} s; waiting {waiting} s, others ran {others} s; schedstat {waited} s")
    check(most > 0.2, f"hardly throttled: {most} s by cpu.stat")
    close(running, ran, relative=0.02, absolute=SLACK, what="running")
    close(throttled + waiting, waited, relative=0.02, absolute=SLACK, what="all waits")
    check(waiting <= others + SLACK, f"waited {waiting} s for a cpu that others had for {others} s")
    check(throttled <= most + others + SLACK, f"throttled {throttled} s, of {most} s by cpu.stat")


def test_quota_does_not_bind_real_time_threads():
    cpu = max(os.sched_getaffinity(0))
    keep_to([c for c in os.sched_getaffinity(0) if c != cpu] or [cpu])
    with gone_after(Quota()) as group:
        target = Pinned(f"spinner={cpu}/spin", f"fifo={cpu}/duty:1:3/fifo", seconds=1)
        try:
            group.add(target.pid)
        except OSError as why:
            skip(f"a real-time thread may not join a cgroup here ({why.strerror}; CONFIG_RT_GROUP_SCHED)")
        recording = Recording("-p", str(target.pid))
        target.work()
        summary = recording.stop()
        target.finish()
    spinner, fifo = row_of(summary, target, "spinner"), row_of(summary, target, "fifo")
    say(f"spinner throttled {spinner['throttled_seconds']} s; the real-time thread {fifo['throttled_seconds']} s, waits {fifo['runqueue_seconds']} s")
    check(spinner["throttled_seconds"] > 0.1, "the spinner was hardly throttled")
    equal(fifo["throttled_seconds"], 0, "throttled time of a real-time thread")


# --- freezers --------------------------------------------------------------------------------------------------------


def test_a_frozen_thread_is_stopped():
    """One that spins, frozen for a time that is measured around it. (A sleeper may be frozen in its sleep, of which no event tells.)"""
    with gone_after(Freezer()) as group:
        target = Pinned("spinner=any/spin")
        group.add(target.pid)
        recording = Recording(*target.target("spinner"))
        target.go()
        ran = cpu_ns(target)
        wait_for(lambda: cpu_ns(target) > ran, what="the spinner's work")
        asked = time.monotonic_ns()
        group.freeze()
        from_ns = time.monotonic_ns()
        wait_for(lambda: time.monotonic_ns() - from_ns > 300_000_000, what="0.3 s")
        to_ns = time.monotonic_ns()
        group.thaw()
        target.go()
        target.rest()
        thawed = time.monotonic_ns()
        summary = recording.stop()
        target.finish()
    least, most = (to_ns - from_ns) / 1e9, (thawed - asked) / 1e9
    stopped = row_of(summary, target, "spinner")["stopped_seconds"]
    say(f"stopped {stopped} s; frozen for at least {least} s, at most {most} s")
    check(least <= stopped <= most, f"stopped for {stopped} s, frozen for {least} s to {most} s")


def cpu_ns(target):
    with open(f"/proc/{target.pid}/task/{target.tids['spinner']}/schedstat", encoding="ascii") as file:
        return int(file.read().split()[0])


main(live=True)
