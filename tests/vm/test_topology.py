# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What rota says of a guest's topology, against what QEMU was told and what the guest's sysfs says.

QEMU's command line comes as ROTA_EXPECT (tests/vm/machine.py): packages:2,nodes:1,llcs:2,cores:4,cpus:8,smt:2.
"""

import os
import re

import rotatest
from rotatest import check, equal, rota, skip

CPUS = "/sys/devices/system/cpu"
NODES = "/sys/devices/system/node"


def read(path):
    with open(path, encoding="ascii") as file:
        return file.read().strip()


def cpulist(text):
    """The set of cpus that a list like 0-3,8 names."""
    cpus = set()
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        cpus.update(range(int(first), int(last or first) + 1))
    return frozenset(cpus)


def guest():
    if not os.environ.get("ROTA_GUEST"):
        skip("only in a guest: what a real machine has is not known here")
    return dict(part.split(":") for part in os.environ["ROTA_EXPECT"].split(","))


def partition(topology, key):
    """The sets of cpus that rota puts into one core, llc, node or package."""
    groups = {}
    for row in topology["cpus"]:
        groups.setdefault(row[key], set()).add(row["cpu"])
    return {frozenset(cpus) for cpus in groups.values()}


def sysfs_partition(name):
    """The same from /sys/devices/system/cpu/cpuN/NAME."""
    return {cpulist(read(f"{CPUS}/cpu{cpu}/{name}")) for cpu in cpulist(read(f"{CPUS}/online"))}


def last_level_cache(cpu):
    """The sysfs folder of the cpu's cache of the highest level, relative to the cpu's."""
    indexes = [name for name in os.listdir(f"{CPUS}/cpu{cpu}/cache") if re.fullmatch(r"index\d+", name)]
    return max((int(read(f"{CPUS}/cpu{cpu}/cache/{name}/level")), f"cache/{name}") for name in indexes)[1]


def test_counts_are_what_qemu_was_told():
    expected = guest()
    topology = rota("topology", "--json").expect(0).json()
    seen = topology | {"cpus": topology["online_cpus"]}
    equal({name: seen[name] for name in expected}, {name: int(value) for name, value in expected.items()}, "rota topology")


def test_groups_are_those_of_sysfs():
    guest()
    topology = rota("topology", "--json").expect(0).json()
    equal(frozenset(row["cpu"] for row in topology["cpus"]), cpulist(read(f"{CPUS}/present")), "cpus")
    equal(partition(topology, "core"), sysfs_partition("topology/thread_siblings_list"), "cores")
    equal(partition(topology, "package"), sysfs_partition("topology/package_cpus_list"), "packages")
    equal(partition(topology, "llc"), sysfs_partition(f"{last_level_cache(0)}/shared_cpu_list"), "L3 caches")
    nodes = [name for name in os.listdir(NODES) if re.fullmatch(r"node\d+", name)]
    equal(partition(topology, "node"), {cpulist(read(f"{NODES}/{name}/cpulist")) for name in nodes}, "NUMA nodes")


def test_doctor_finds_the_guest_fit():
    guest()
    result = rota("doctor").expect(0)
    check("works here" in result.out, f"no verdict\n{result}")


rotatest.main()
