# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""tests/tool/include-rules finds what it is there to find: each case puts one fault into a small tree."""

import os
import shutil

import rotatest
from rotatest import TOP, cases, check, contains, equal, run, tempdir

LICENCE = "/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */\n"


def lint(files):
    """Runs the script in a tree of these files: {path: text}."""
    top = tempdir()
    for path, text in files.items():
        os.makedirs(os.path.dirname(f"{top}/{path}"), exist_ok=True)
        with open(f"{top}/{path}", "w", encoding="utf-8") as file:
            file.write(text)
    os.makedirs(f"{top}/tests/tool", exist_ok=True)
    shutil.copy(f"{TOP}/tests/tool/include-rules", f"{top}/tests/tool/")
    with open(f"{top}/Makefile", "w", encoding="ascii") as file:
        file.write("# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause\n")
    return run("python3", f"{top}/tests/tool/include-rules")


GOOD = {
    "include/rota/record.h": LICENCE + "#include <stdint.h>\n",
    "include/rota/summary.h": LICENCE + '#include "rota/record.h"\n',
    "src/base/log.h": LICENCE,
    "src/trace/chunk.h": LICENCE + '#include "base/log.h"\n#include "rota/record.h"\n#include <zstd.h>\n',
    "src/stream/stream.c": LICENCE + '#include "trace/chunk.h"\n',
    "src/metric/metric.c": LICENCE + '#include "rota/summary.h"\n/* no FILE *, no "/proc" here */\n',
    "src/cmd/main.c": LICENCE + '#include "trace/chunk.h"\n',
    "tests/unit/trace/test_chunk.c": LICENCE + '#include "trace/chunk.h"\n#include <criterion/criterion.h>\n',
}


def test_good_tree_is_clean():
    result = lint(GOOD)
    equal((result.status, result.out), (0, ""), str(result))


@cases(
    {
        "higher_room": ("src/trace/reader.c", '#include "stream/stream.h"\n', "may not include"),
        "capture": ("src/stream/x.c", '#include "capture/capture.h"\n', "may not include"),
        "contract": ("src/view/x.c", '#include "rota/record.h"\n', "may not include the contract"),
        "zstd": ("src/stream/x.c", "#include <zstd.h>\n", "only room trace"),
        "hwloc": ("src/cmd/x.c", "#include <hwloc.h>\n", "only room host"),
        "skeleton": ("src/host/x.c", '#include "rota.skel.h"\n', "only room capture"),
        "libbpf": ("src/trace/x.c", "#include <bpf/libbpf.h>\n", "only room capture and host"),
        "ncurses": ("src/cmd/x.c", "#include <ncurses.h>\n", "only room view"),
        "file_in_metric": ("src/metric/x.c", "void f(FILE *out);\n", "sees no clock"),
        "clock_in_timeline": ("src/timeline/x.c", "int f(void) { return clock_gettime(0, 0); }\n", "sees no clock"),
        "unit_test_reaches_up": ("tests/unit/base/test_x.c", '#include "trace/chunk.h"\n', "may not include"),
        "missing": ("src/base/x.c", '#include "base/nothing.h"\n', "is not in the tree"),
        "new_room": ("src/attic/x.c", "", "is not a room"),
        "unfinished": ("src/base/x.c", "/* TODO: more */\n", "left unfinished"),
        "too_long": ("src/base/x.c", "\n" * 600, "more than 600"),
        "vmlinux": ("bpf/rota.bpf.c", '#include "vmlinux.h"\n', "not from a dump"),
    }
)
def test_finds(path, text, words):
    files = dict(GOOD)
    files.setdefault("src/stream/stream.h", LICENCE)
    files.setdefault("src/capture/capture.h", LICENCE)
    files[path] = LICENCE + text
    result = lint(files)
    equal(result.status, 1, str(result))
    contains(result.out, words)
    check(all(line.startswith(path + ":") for line in result.out.splitlines()), f"something else was found: {result.out}")


def test_finds_a_missing_licence():
    result = lint(GOOD | {"src/base/x.c": "int x;\n"})
    equal((result.status, result.out), (1, "src/base/x.c:1: does not begin with its SPDX line\n"))


def test_finds_a_circle():
    result = lint(GOOD | {"src/base/a.h": LICENCE + '#include "base/b.h"\n', "src/base/b.h": LICENCE + '#include "base/a.h"\n'})
    equal(result.status, 1)
    contains(result.out, "src/base/a.h -> src/base/b.h -> src/base/a.h")


rotatest.main()
