# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What is written about the options, in the man pages and the completions, is what `rota help` says there is."""

import os
import re

import rotatest
from rotatest import ROTA, TOP, check, equal, rota, skip

COMMANDS = ("stat", "record", "report", "export", "topology", "doctor", "demo")
EXAMPLES = "sleepers turns parallel full crowd neighbours quota convoy pipeline readers journal siblings seats phases".split()


def read(path):
    with open(f"{TOP}/{path}", encoding="utf-8") as file:
        return file.read()


def options_of(command):
    """{long name: short name or None} as the program itself lists them."""
    if not os.path.exists(ROTA):
        skip(f"{ROTA} is not built")
    text = rota("help", command).expect(0).out
    found = {m[2]: m[1] for m in re.finditer(r"^ +(?:-(\w),)? *--([a-z-]+)", text, re.MULTILINE)}
    check(len(found) >= 4, f"rota help {command} lists hardly any option:\n{text}")
    return found


def test_manuals_have_every_option_and_no_other():
    for command in COMMANDS:
        documented = {}
        for line in re.findall(r"^\.It (Fl .*)$", read(f"docs/rota-{command}.1"), re.MULTILINE):
            for clause in re.split(r"(?<=[a-z]) , (?=Fl -)", line):  # two options in one entry: --from, --to
                match = re.match(r"Fl (?:(\w) , )?-([a-z][a-z-]+)", clause)
                if match:
                    documented[match[2]] = match[1]
            for name in re.findall(r", Fl -([a-z][a-z-]+)", line):
                documented[name] = None
        equal(documented, options_of(command), f"rota-{command}.1")


def test_bash_completes_every_option_and_no_other():
    for command in COMMANDS:
        known = options_of(command)
        expected = {f"--{name}" for name in known} | {f"-{short}" for short in known.values() if short}
        script = f"source {TOP}/docs/completion/rota.bash; COMP_WORDS=(rota {command} -); COMP_CWORD=2; _rota; echo ${{COMPREPLY[@]}}"
        offered = set(rotatest.run("bash", "-c", script).expect(0).out.split()) - {"--"}
        equal(sorted(offered), sorted(expected), f"bash completion of {command}")


def test_zsh_and_fish_know_every_option():
    zsh, fish = read("docs/completion/_rota"), read("docs/completion/rota.fish")
    every = set().union(*(options_of(command) for command in COMMANDS))
    equal(sorted(set(re.findall(r"--([a-z][a-z-]+)(?=(?:=-)?[\[,}])", zsh)) - {"version"}), sorted(every), "zsh")
    equal(sorted(set(re.findall(r"^complete .* -l ([a-z][a-z-]+)", fish, re.MULTILINE)) - {"version"}), sorted(every), "fish")


def test_tables_and_strips_are_the_same_everywhere():
    """What --by and --timeline take, as the program says when it is given something else."""
    if not os.path.exists(ROTA):
        skip(f"{ROTA} is not built")
    tables = rota("report", "--by", "moon").expect(2).err.split("there are ")[1].strip().replace(" and ", ", ").split(", ")
    strips = rota("report", "--timeline=moon").expect(2).err.split("is none of: ")[1].split()
    check(len(tables) >= 12 and len(strips) == 4, f"{tables}, {strips}")
    for name, words in (("by", tables), ("timeline", strips)):
        for path in ("docs/rota-report.1", "docs/completion/rota.bash", "docs/completion/_rota", "docs/completion/rota.fish"):
            for word in words:
                check(re.search(rf"\b{word}\b", read(path)), f"{word} of --{name} is not in {path}")


def test_bash_completes_what_the_timeline_is_by():
    for words, index in ((("--timeline", "="), 3), (("--timeline", "=", "g"), 4)):
        script = (f"source {TOP}/docs/completion/rota.bash; COMP_WORDS=(rota report {' '.join(words)}); COMP_CWORD={index}; "
                  "_rota; echo ${COMPREPLY[@]}")
        offered = rotatest.run("bash", "-c", script).expect(0).out.split()
        equal(offered, ["goroutine"] if "g" in words else ["thread", "p", "goroutine", "all"], f"after {words}")


def test_examples_are_described_everywhere():
    for name in EXAMPLES:
        for path in ("examples/README.md", "docs/rota-demo.1", "docs/completion/rota.bash", "docs/completion/_rota",
                     "docs/completion/rota.fish", "examples/examples.mk"):
            check(re.search(rf"\b{name}\b", read(path)), f"{name} is not in {path}")


rotatest.main()
