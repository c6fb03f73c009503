# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What a report says of Go where there was none: the tables, the strips and the JSON of a recording of another program."""

import json

import rotatest
from rotatest import TOP, check, contains, equal, rota

SAMPLE = f"{TOP}/examples/sample.rota"
TABLES = {"goroutine": "no goroutine", "go-function": "no goroutine", "go-wait": "--go-scan", "runtime": "no Go program"}


def report(*options):
    return rota("report", *options, SAMPLE).expect(0).out


def test_tables_are_empty_and_say_why():
    for by, says in TABLES.items():
        contains(report("--by", by), says, f"--by {by}")
        lines = report("--by", by, "--csv").splitlines()
        equal(len(lines), 1, f"lines of --by {by} --csv")
        contains(lines[0], "tgid", f"header of --by {by} --csv")


def test_columns_to_sort_by_are_those_of_the_table():
    refused = rota("report", "--by", "goroutine", "--sort", "tid", SAMPLE).expect(2)
    contains(refused.err, "known are: name, function, goid", "--sort tid")


def test_strips_say_that_there_is_no_go():
    for timeline in ("goroutine", "p", "all"):
        contains(report(f"--timeline={timeline}"), "no Go program was seen", f"--timeline={timeline}")
    equal(report("--timeline=thread"), report("--timeline"), "--timeline by thread")
    equal(len(report("--timeline=all").splitlines()), len(report("--timeline").splitlines()), "lines of --timeline=all")


def test_json_is_null_and_says_why():
    whole = json.loads(report("--json"))
    for name in ("goroutines", "p", "runtimes", "goroutine_rows", "go_functions", "go_populations"):
        check(name in whole and whole[name] is None, f"{name} is not null")
        check(any(name in note for note in whole["notes"]), f"no note says why {name} is null")
    check(not any(rung["rung"] in ("goroutines", "p") for rung in whole["ladder"]), "a rung of Go")


rotatest.main()
