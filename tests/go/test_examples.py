# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Each example in Go is built, is described in examples/go/README.md, runs for as long as it is told, and says what it does
first and what came of it last."""

import glob
import os
import re
import time

import rotatest
from rotatest import BUILD, TOP, check, equal, run, skip

NAMES = sorted(os.path.basename(path)[:-3] for path in glob.glob(f"{TOP}/examples/go/*.go"))


def example(name):
    path = os.path.join(BUILD, "examples", "go", name)
    if not os.access(path, os.X_OK):
        skip("no Go examples are built (make examples, with a go in PATH)")
    return path


def test_every_example_is_described_and_built():
    with open(f"{TOP}/examples/go/README.md", encoding="utf-8") as file:
        text = file.read()
    equal(sorted(re.findall(r"^## (\w+): ", text, re.MULTILINE)), NAMES, "examples/go/README.md")
    for name in NAMES:
        check(f"[{name}.go]({name}.go)" in text, f"{name}.go is not linked")
        check(f"<!-- rota: {name}" in text or f" {name} -->" in text, f"{name} has no place for a report")
    with open(f"{TOP}/examples/examples.mk", encoding="utf-8") as file:
        words = file.read().replace("\\\n", " ")
    equal(sorted(re.search(r"^go_example_names *:= *(.*)$", words, re.MULTILINE)[1].split()), NAMES, "examples/examples.mk")


def test_they_run_and_say_what_they_do():
    example(NAMES[0])
    for name in NAMES:
        from_s = time.monotonic()
        lines = run(example(name), "-seconds", "0.3").expect(0).out.splitlines()
        check(time.monotonic() - from_s >= 0.3 or "nothing to show" in lines[0], f"{name} ended early")
        check(lines and lines[0].startswith(name + ": "), f"{name} says first: {lines[:1]}")


def test_selfset_has_the_last_word():
    result = run(example("selfset"), "-seconds", "0.1", env=dict(os.environ, GOMAXPROCS="8")).expect(0)
    check("the environment says 8, the runtime began with 8, the program has set 1" in result.out, result)


def test_quota_leaves_no_cgroup():
    child = rotatest.start(example("quota"), "-seconds", "0.3")
    child.finish().expect(0)
    for folder in ("/sys/fs/cgroup", "/sys/fs/cgroup/cpu"):
        check(not os.path.exists(f"{folder}/rota-go-quota-{child.pid}"), f"its cgroup is still in {folder}")


def test_bad_options_are_refused():
    for arguments in (["-seconds", "abc"], ["-what"]):
        equal(run(example("workers"), *arguments).status, 2, f"status of {arguments}")


rotatest.main()
