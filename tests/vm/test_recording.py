# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Leaves a recording and this guest's summary of it in ROTA_OUTPUT; tests/vm/judge.py reports it again on the host."""

import os

import rotatest
from rotatest import check, equal, program, rota, skip


def test_recording_is_left_for_the_host():
    folder = os.environ.get("ROTA_OUTPUT") or skip("only in a guest, whose host reads what is left in ROTA_OUTPUT")
    path = os.path.join(folder, "workload.rota")
    rota("record", "-q", "-o", path, "--", program("workload"), "--seconds", "1", timeout=90).expect(0)
    summary = rota("report", "--json", "--check", path).expect(0)
    with open(os.path.join(folder, "workload.json"), "w", encoding="utf-8") as file:
        file.write(summary.out)
    summary = summary.json()
    equal(summary["host"]["kernel"], os.uname().release, "kernel")
    equal(summary["topology"]["cpus"], os.cpu_count(), "cpus")
    check(summary["threads"], "no threads in the summary")


rotatest.main(live=True)
