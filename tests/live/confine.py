# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Cgroups of either version that hold a test's processes to a quota or to some cpus."""

import os
import signal

from rotatest import skip, wait_for


def _mounts():
    with open("/proc/self/mounts", encoding="utf-8") as file:
        for line in file:
            _, path, kind, options, *_ = line.split()
            if kind in ("cgroup", "cgroup2"):
                yield path, 2 if kind == "cgroup2" else 1, options.split(",")


def _read(*parts):
    with open(os.path.join(*parts), encoding="ascii") as file:
        return file.read().strip()


def _hierarchy(controller):
    """Where a new cgroup has this controller, and its version."""
    for path, version, options in _mounts():
        if version == 1 and controller in options:
            return path, 1
        if version == 2 and controller in _read(path, "cgroup.subtree_control").split():
            return path, 2
    return skip(f"no cgroup hierarchy here gives its children the controller {controller}")


class Group:
    """A new cgroup with a controller, removed at the end with all that is in it."""

    def __init__(self, controller):
        self.root, self.version = _hierarchy(controller)
        self.path = os.path.join(self.root, f"rota-test-{os.getpid()}-{controller}")
        try:
            os.mkdir(self.path)
        except OSError as error:
            skip(f"cannot make a cgroup: {error}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for pid in self.members():
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not self.members(), what="an empty cgroup")
        os.rmdir(self.path)

    def members(self):
        return [int(pid) for pid in _read(self.path, "cgroup.procs").split()]

    def set(self, name, value):
        with open(os.path.join(self.path, name), "w", encoding="ascii") as file:
            file.write(str(value))

    def inside(self):
        """The head of a command line that runs its rest in the group."""
        return "sh", "-c", 'echo $$ >"$0" && exec "$@"', os.path.join(self.path, "cgroup.procs")

    def stat(self):
        """cpu.stat: periods, throttled periods, throttled seconds (summed over the cpus' queues)."""
        values = dict(line.split() for line in _read(self.path, "cpu.stat").splitlines())
        if "throttled_usec" in values:
            seconds = int(values["throttled_usec"]) / 1e6
        else:
            seconds = int(values["throttled_time"]) / 1e9
        return int(values["nr_periods"]), int(values["nr_throttled"]), seconds


def quota(quota_us, period_us):
    """A cgroup with a budget of cpu time a period."""
    group = Group("cpu")
    if group.version == 1:
        group.set("cpu.cfs_period_us", period_us)
        group.set("cpu.cfs_quota_us", quota_us)
    else:
        group.set("cpu.max", f"{quota_us} {period_us}")
    return group


def cpuset(*cpus):
    """A cgroup that may use these cpus."""
    group = Group("cpuset")
    if group.version == 1:
        group.set("cpuset.mems", _read(group.root, "cpuset.mems"))
    move(group, *cpus)
    return group


def move(group, *cpus):
    """From now on these cpus."""
    group.set("cpuset.cpus", ",".join(map(str, cpus)))
