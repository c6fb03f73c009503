# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""docs/testing.md names the kernels, topologies and scripts that tests/vm/matrix.py has; and what the harness of the
virtual machines does without one: the archive it writes, the mirror's packages it reads, the results it counts."""

import os
import re
import sys

import rotatest
from rotatest import TOP, check, contains, equal, tempdir

sys.path.insert(0, os.path.join(TOP, "tests", "vm"))

import judge  # noqa: E402 # behind the path that they are found by
import kernels  # noqa: E402
import matrix  # noqa: E402
import tap  # noqa: E402


def table(first):
    """Cells of the table in docs/testing.md whose first heading begins with `first`; `-quoted words bare."""
    with open(f"{TOP}/docs/testing.md", encoding="utf-8") as file:
        text = file.read()
    match = re.search(rf"^(\| {first}.*\n)\|[-| ]+\n((?:\|.*\n)+)", text, re.MULTILINE)
    check(match, f"docs/testing.md has no table that begins with | {first}")
    rows = [match[1], *match[2].splitlines()]
    return [[cell.strip().replace("`", "") for cell in row.strip().strip("|").split("|")] for row in rows]


def test_the_table_of_guests_is_the_matrix():
    head, *rows = table("topology")
    columns = [f"{k.name}: {' or '.join(k.suites)}, cgroup {k.cgroup}" for k in matrix.KERNELS.values()]
    equal(head, ["topology", "sockets, cores a socket, threads a core, NUMA nodes", *columns], "heading")
    expected = [
        [t.name, f"{t.sockets}, {t.cores}, {t.threads}, {t.nodes}: {t.says}"]
        + ["yes" if (kernel, t.name) in matrix.GUESTS else "" for kernel in matrix.KERNELS]
        for t in matrix.TOPOLOGIES.values()
    ]
    equal(rows, expected, "rows")


def test_the_table_of_scripts_is_the_matrix():
    where = {}  # script → guests, or all of them
    for guest in matrix.GUESTS:
        for script, *functions in matrix.scripts(*guest):
            where.setdefault(script, {}).setdefault(" × ".join(guest), functions)
    described = {row[0]: row[1] for row in table("script")[1:]}
    equal(sorted(described), sorted(where), "scripts")
    for script, guests in where.items():
        expected = "all" if len(guests) == len(matrix.GUESTS) else ", ".join(guests)
        equal(described[script], expected, script)


def test_every_script_of_the_matrix_is_there():
    for guest in matrix.GUESTS:
        for script, *functions in matrix.scripts(*guest):
            check(os.path.exists(f"{TOP}/{script}"), f"{guest}: no {script}")
            with open(f"{TOP}/{script}", encoding="utf-8") as file:
                defined = re.findall(r"^def (test_\w+)\(", file.read(), re.MULTILINE)
            for function in functions:  # NAME, or NAME_CASE of rotatest.cases
                there = any(function == name or function.startswith(f"{name}_") for name in defined)
                check(there, f"{guest}: no {function} in {script}")


def test_each_kernel_has_two_topologies_and_one_has_all():
    by_kernel = {name: {topology for kernel, topology in matrix.GUESTS if kernel == name} for name in matrix.KERNELS}
    equal(by_kernel["6.12"], set(matrix.TOPOLOGIES), "topologies of 6.12")
    for name, topologies in by_kernel.items():
        check(len(topologies) >= 2, f"{name} has only {topologies}")


def run_guests(*arguments, **environment):
    """tests/vm/run beside a build folder with nothing in it but a program that is never started."""
    build = tempdir()
    os.symlink("/bin/false", f"{build}/rota")
    environment = dict(os.environ, BUILD=build, **environment)
    return rotatest.run(sys.executable, f"{TOP}/tests/vm/run", *arguments, env=environment)


def skipped_guests(result, expected, why):
    """Each of these is skipped, and says why."""
    lines = [line.split(": ", 1) for line in result.expect(0).out.splitlines() if line.startswith("  skipped")]
    equal([name.split()[1] for name, _ in lines], [f"{kernel}-{topology}" for kernel, topology in expected], "skipped")
    for _, reason in lines:
        contains(reason, why)
    contains(result.out, f"\n0 passed, 0 failed, {len(expected)} skipped\n")


def test_without_qemu_all_guests_are_skipped():
    skipped_guests(run_guests(PATH=tempdir()), list(matrix.GUESTS), "no qemu-system-x86_64 (Debian: qemu-system-x86)")


def test_guests_of_a_kernel_that_cannot_be_had_are_skipped():
    folder = tempdir()
    os.symlink("/bin/false", f"{folder}/qemu-system-x86_64")
    expected = [guest for guest in matrix.GUESTS if guest[0] == "6.1"]
    result = run_guests("--kernel", "6.1", PATH=folder)
    skipped_guests(result, expected, "kernel cannot be had: bookworm: no apt-get and dpkg here")
    if not rotatest.shutil.which("apt-get"):
        return
    path = f"{folder}:{os.environ['PATH']}"
    result = run_guests("--kernel", "6.1", PATH=path, ROTA_DEBIAN_MIRROR=f"file:{folder}/no-mirror")
    skipped_guests(result, expected, "kernel cannot be had: bookworm: apt-get update: ")


RESULTS = """@ready 6.12
@begin tests/vm/test_a.py
1..2
ok 1 - one
not ok 2 - two
# why
@err a line on stderr
@end 1
@begin tests/vm/test_b.py
1..2
ok 1 - one
"""


class CannedGuest:
    name = "k-t"

    def __init__(self, results):
        self.results = results

    def text(self, name):
        return self.results if name == "results.log" else "the last line of the console"

    def path(self, name):
        return f"/nonexistent/{name}"


def counted(results, scripts, why=None):
    lines = []
    totals = tap.Totals(say=lines.append)
    judge.count_scripts(totals, CannedGuest(results), scripts, why)
    return totals, "\n".join(lines)


def test_a_guest_that_dies_is_counted_as_failed():
    totals, said = counted(RESULTS, ["tests/vm/test_a.py", "tests/vm/test_b.py", "tests/vm/test_c.py"], "kernel panic")
    expected = ["k-t: guest", "k-t vm/test_a.py: two", "k-t vm/test_b.py", "k-t vm/test_c.py"]
    equal(totals.failures, expected, "failed")
    equal(totals.passed, 2, "passed")
    contains(said, "kernel panic")
    contains(said, "the last line of the console")
    contains(said, "a line on stderr")


def test_a_guest_that_ends_early_without_a_reason_is_counted_as_failed():
    totals, _ = counted("", [])
    equal(totals.failures, ["k-t: guest"], "failed")
    totals, _ = counted("@ready\n@finished\n", [])
    equal(totals.failures, [], "failed")


def test_a_recording_that_did_not_come_back_is_counted_as_failed():
    for status, failures in ((0, ["k-t: recordings"]), (1, [])):  # where the script itself failed, that has been counted
        totals = tap.Totals(say=lambda line: None)
        judge.count_recordings(totals, "rota", CannedGuest(f"@begin {judge.RECORDER} \n@end {status}\n@finished\n"))
        equal(totals.failures, failures, "failed")


def test_summaries_that_differ_are_found():
    equal(judge.differences({"a": [1, {"b": 2}]}, {"a": [1, {"b": 2}]}), [], "of equal ones")
    equal(len(judge.differences({"a": [1, {"b": 2}], "c": 0}, {"a": [1, {"b": 3}]})), 2, "differences")
    equal(len(judge.differences({"a": [1]}, {"a": [1, 2]})), 1, "differences")


def test_dependencies_of_a_package_are_read():
    field = "linux-base (>= 4.3~), initramfs-tools (>= 0.1) | linux-initramfs-tool, linux-binary-7.2.1+deb14-cloud-amd64 (= 7.2.1-1)"
    equal(kernels.words(field), ["linux-base", "initramfs-tools", "linux-binary-7.2.1+deb14-cloud-amd64"], "names")


def test_the_archive_is_a_cpio_archive():
    import image  # pylint: disable=import-outside-toplevel

    busybox = image.shutil.which("busybox") or rotatest.skip("no busybox to read a cpio archive with")
    archive = image.Archive()
    archive.bytes("a/b/c", b"content\n", 0o755)
    archive.bytes("a/b/c", b"a second time", 0o755)
    archive.link("a/l", "b/c")
    folder = tempdir()
    rotatest.run(busybox, "cpio", "-idm", stdin=archive.finish(), cwd=folder).expect(0)
    with open(f"{folder}/a/l", encoding="ascii") as file:
        equal(file.read(), "content\n", "content through the link")
    check(os.access(f"{folder}/a/b/c", os.X_OK), "not executable")


rotatest.main()
