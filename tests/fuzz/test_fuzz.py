# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A short run of every fuzz target (tests/fuzz/fuzz_ROOM.c, libFuzzer), from a fixed seed; FUZZ_RUNS asks for a longer one."""

import glob
import os

import rotatest
from rotatest import BUILD, TOP, check, equal, run, skip, tempdir, timeout

RUNS = os.environ.get("FUZZ_RUNS", "20000")
FLAGS = "-O1 -g -std=gnu11 -D_GNU_SOURCE -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all".split()


def need_fuzzer(folder):
    source = f"{folder}/empty.c"
    with open(source, "w", encoding="ascii") as file:
        file.write("int LLVMFuzzerTestOneInput(const unsigned char *b, unsigned long n) { return b && n ? 0 : 0; }\n")
    if run("clang", *FLAGS, source, "-o", f"{folder}/empty").status != 0:
        skip("clang has no libFuzzer here (package libclang-rt-dev or libclang-rt-VERSION-dev)")


def make_seeds(folder):
    """A file for each line of the text that has every kind of record, so small that its chunks are stored as they are."""
    mktrace = os.path.join(BUILD, "tests", "tool", "mktrace")
    os.mkdir(folder)
    with open(os.path.join(TOP, "tests", "golden", "mktrace", "every-record.txt"), encoding="utf-8") as file:
        lines = [line for line in file if line.startswith("@") and not line.endswith("round\n")]
    for number, line in enumerate(lines):
        with open(f"{folder}.txt", "w", encoding="utf-8") as file:
            file.write(f'@0 task 100 tgid 100 "a" target\n@0 task 101 tgid 100 "b" target\n{line}@20s round\nend\n')
        run(mktrace, f"{folder}.txt", f"{folder}.rota").expect(0)
        with open(f"{folder}.rota", "rb") as file:
            trace = file.read()
        with open(f"{folder}/{number}", "wb") as file:
            file.write(b"\1" + trace)  # 1: with its checksums made right again (fuzz_trace.c)
    check(len(lines) > 40, f"only {len(lines)} seeds")


def build(name, sources, libraries):
    os.makedirs(f"{BUILD}/fuzz", exist_ok=True)
    target = f"{BUILD}/fuzz/fuzz_{name}"
    sources = [f"tests/fuzz/fuzz_{name}.c", *sources, *glob.glob("src/base/*.c", root_dir=TOP)]
    built = run("clang", *FLAGS, "-Iinclude", "-Isrc", *sources, *libraries, "-o", target, cwd=TOP, timeout=300)
    equal(built.status, 0, str(built))
    return target


def fuzz(target, folder):
    result = run(target, f"{folder}/seeds", f"-runs={RUNS}", "-seed=1", "-max_len=4096", f"-artifact_prefix={folder}/", timeout=500)
    check(result.status == 0 and f"Done {RUNS} runs" in result.err, f"the fuzzer found something\n{result}")


@timeout(600)
def test_trace():
    folder = tempdir()
    need_fuzzer(folder)
    target = build("trace", glob.glob("src/trace/*.c", root_dir=TOP), ["-lzstd", "-lz", "-lseccomp", "-lm"])
    make_seeds(f"{folder}/seeds")
    fuzz(target, folder)


@timeout(600)
def test_go_image():
    folder = tempdir()
    need_fuzzer(folder)
    sources = [f"src/runtime/{name}.c" for name in ("go_image", "go_functions", "go_dwarf", "go_layout")]
    target = build("go_image", sources, ["-lelf", "-ldw", "-lseccomp", "-lm"])
    os.mkdir(f"{folder}/seeds")
    for number, seed in enumerate((b"\1", b"\1\0\x10\xf0", b"\0\x7fELF")):
        with open(f"{folder}/seeds/{number}", "wb") as file:
            file.write(seed)
    fuzz(target, folder)


rotatest.main()
