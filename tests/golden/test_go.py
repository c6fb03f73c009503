# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Go programs as a trace tells of them, by hand: a text in, and all that the summary says of goroutines and Ps out.

The expected summary is tests/golden/go/NAME.json; UPDATE_GOLDEN=1 writes it anew (look at the difference then).
"""

import json
import os

from rotatest import BUILD, ROTA, TOP, equal, main, run, tempdir

FOLDER = f"{TOP}/tests/golden/go"
MKTRACE = f"{BUILD}/tests/tool/mktrace"


def summary_of(name):
    trace = f"{tempdir()}/{name}.rota"
    equal(run(MKTRACE, f"{FOLDER}/{name}.txt", trace).status, 0)
    result = run(ROTA, "report", trace, "--json", "--check")
    equal(result.status, 0, str(result))
    return json.loads(result.out)


def test_one_p():
    summary = summary_of("one-p")
    told = {key: summary[key] for key in (
        "goroutines",
        "p",
        "runtimes",
        "goroutine_rows",
        "go_functions",
        "ladder",
        "verdict",
        "limit_by_second",
    )}
    text = json.dumps(told, indent=1) + "\n"
    path = f"{FOLDER}/one-p.json"
    if os.environ.get("UPDATE_GOLDEN"):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    with open(path, encoding="utf-8") as file:
        equal(json.loads(text), json.load(file))


main()
