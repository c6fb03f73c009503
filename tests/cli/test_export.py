#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""rota export without root: its command line, and traces that hold no stacks. test_stacks.py (live) has the rest."""

import os

import rotatest
from rotatest import TOP, contains, equal, rota

SAMPLE = os.path.join(TOP, "examples", "sample.rota")


@rotatest.cases({
    "export_needs_a_format": (("export", "a.rota"), "Say --to folded"),
    "export_format": (("export", "--to", "pdf"), "is none of: folded"),
    "export_state": (("export", "--to", "folded", "--state", "asleep"), "is none of: running blocked runnable"),
    "export_level": (("export", "--to", "folded", "--level", "few"), "--level few"),
    "export_until": (("export", "--to", "folded", "--until", "later"), "--until later"),
    "two_exports": (("export", "--to", "folded", "a.rota", "b.rota"), "'b.rota' is the second"),
})
def test_usage_error(arguments, says):
    result = rota(*arguments).expect(2)
    contains(result.err, says, "error")
    equal(result.out, "", "stdout")


def test_a_trace_without_stacks():
    result = rota("export", "--to", "folded", SAMPLE).expect(1)
    contains(result.err, "--stacks", "error")
    equal(result.out, "", "stdout")


def test_no_trace():
    contains(rota("export", "--to", "folded", "/nonexistent.rota").expect(1).err, "cannot open", "error")
    contains(rota("export", "--to", "folded", "-", stdin=b"not a trace").expect(1).err, "no rota trace", "error")


rotatest.main()
