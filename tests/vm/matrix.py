# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What is tested in virtual machines: kernels × topologies × test scripts. Data only; docs/testing.md shows the same
table, and tests/cli/test_vm_matrix.py compares the two."""

from typing import NamedTuple


class Kernel(NamedTuple):
    """A Debian kernel: its name is the version's first two numbers, or "newest"."""

    name: str
    suites: tuple  # Debian suites that have it, the first that can be had is taken
    cgroup: str  # which cgroup hierarchy the guest mounts: "v1" (cpu, cpuacct, cpuset) or "v2"


class Topology(NamedTuple):
    """What QEMU is told; `-numa` where there is more than one node. A node is a whole number of sockets."""

    name: str
    sockets: int
    cores: int  # a socket
    threads: int  # a core
    nodes: int
    says: str  # for the table in docs/testing.md

    @property
    def cpus(self):
        return self.sockets * self.cores * self.threads


KERNELS = {
    kernel.name: kernel
    for kernel in (
        Kernel("5.10", ("bullseye",), "v1"),
        Kernel("6.1", ("bookworm",), "v2"),
        Kernel("6.12", ("trixie", "bookworm-backports"), "v2"),
        Kernel("newest", ("unstable",), "v2"),
    )
}

TOPOLOGIES = {
    topology.name: topology
    for topology in (
        Topology("1x4x2", 1, 4, 2, 1, "one socket, four cores of two threads"),
        Topology("2x2x2", 2, 2, 2, 1, "two sockets"),
        Topology("1x2x4", 1, 2, 4, 1, "four threads a core"),
        Topology("1x4x1", 1, 4, 1, 1, "no SMT"),
        Topology("2x2x2-numa", 2, 2, 2, 2, "two sockets, each a NUMA node"),
    )
}

# What runs in every guest, and what more in some. A script, and its test functions if not all.
EVERYWHERE = (
    ("tests/vm/test_topology.py",),
    ("tests/vm/test_recording.py",),
    ("tests/live/test_migrations.py",),
)

SMT = ("tests/live/test_smt.py",)
TARGETS = ("tests/live/test_targets.py",)
HOTPLUG = ("tests/vm/test_hotplug.py",)

# (kernel, topology): scripts beside those of EVERYWHERE
GUESTS = {
    ("5.10", "1x4x2"): (SMT,),
    ("5.10", "2x2x2"): (TARGETS, HOTPLUG),
    ("6.1", "1x2x4"): (SMT, HOTPLUG),
    ("6.1", "2x2x2-numa"): (SMT, TARGETS),
    ("6.12", "1x4x2"): (SMT,),
    ("6.12", "2x2x2"): (SMT, HOTPLUG),
    ("6.12", "1x2x4"): (SMT,),
    ("6.12", "1x4x1"): (TARGETS, ("tests/live/test_loss.py", "test_tiny_ring_is_told")),
    ("6.12", "2x2x2-numa"): (HOTPLUG,),
    ("newest", "1x4x1"): (TARGETS, HOTPLUG),
    ("newest", "2x2x2"): (SMT,),
}


def scripts(kernel, topology):
    """[(script, function names or nothing)] of one guest."""
    return [*EVERYWHERE, *GUESTS.get((kernel, topology), ())]
