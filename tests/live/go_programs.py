# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Go programs for live tests: which are built, and what a trace says of their threads."""

import decimal
import os
import re
import sys

import rotatest
from rotatest import BUILD, TOP, run, skip

sys.path.insert(0, os.path.join(TOP, "tests", "go"))

from witness import Witness  # noqa: E402,F401 # behind the path that it is found by

MKTRACE = os.path.join(BUILD, "tests", "tool", "mktrace")
BIN = os.path.join(BUILD, "go", "bin")


def built():
    """{VERSION-BUILD: path of the witness}: all, or those that ROTA_GO names ("1.24-default 1.26-stripped")."""
    names = sorted(os.listdir(BIN)) if os.path.isdir(BIN) else []
    wanted = os.environ.get("ROTA_GO", "").split()
    paths = {name: os.path.join(BIN, name, "witness") for name in names if not wanted or name in wanted}
    return {name: path for name, path in paths.items() if os.access(path, os.X_OK)}


def some():
    """One of them, of the newest version built plainly."""
    names = [name for name in built() if name.endswith("-default")]
    if not names:
        skip("no Go program is built: no go in PATH, and no toolchain fetched (make go-programs)")
    return built()[max(names, key=lambda name: [int(n) for n in re.findall(r"\d+", name)])]


class Carried:
    """The GO and GO_RUN records of a trace, by thread, in the order of time: (ns, goid, words). (A trace has a chunk for each cpu;
    a thread that moves has records in several.)"""

    def __init__(self, path):
        self.go, self.runs = {}, {}
        for line in run(MKTRACE, "-d", path, timeout=120).expect(0).out.splitlines():
            match = re.match(r"@([\d.]+)(ns|us|ms|s) +cpu\d+ (go|gorun) (\d+) goid (\d+)(.*)$", line)
            if match:
                ns = int(decimal.Decimal(match[1]) * {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9}[match[2]])
                records = self.go if match[3] == "go" else self.runs
                records.setdefault(int(match[4]), []).append((ns, int(match[5]), match[6].split()))

        for records in (*self.go.values(), *self.runs.values()):
            records.sort()

    def run_at(self, tid, ns):
        """The goroutine that thread `tid` ran at `ns` by GO_RUN; None: none was told yet."""
        goid = None
        for at, which, _ in self.runs.get(tid, []):
            if at > ns:
                break
            goid = which
        return goid


def recording_path():
    return os.path.join(rotatest.tempdir(), "go.rota")
