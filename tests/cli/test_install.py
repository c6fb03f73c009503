# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""make install puts things where DESTDIR and PREFIX say, and make uninstall leaves nothing."""

import os

import rotatest
from rotatest import ROTA, TOP, check, equal, run, skip, tempdir


def files_below(folder):
    return sorted(os.path.relpath(os.path.join(path, name), folder) for path, _, names in os.walk(folder) for name in names)


def make(*arguments):
    # -o: what is there is installed; building is not this test's business
    build = os.environ.get("BUILD", "build")
    targets = ["-o", "all", "-o", f"{build}/rota"]
    return run("make", "--no-print-directory", "-s", *targets, *arguments, cwd=TOP).expect(0)


def test_install_and_uninstall():
    if not os.path.exists(ROTA):
        skip(f"{ROTA} is not built")
    folder = tempdir()
    make("install", f"DESTDIR={folder}", "PREFIX=/opt/rota")
    installed = files_below(folder)
    check(all(name.startswith("opt/rota/") for name in installed), f"outside of PREFIX: {installed}")
    for name in ("bin/rota", "share/man/man1/rota.1", "share/man/man1/rota-stat.1", "share/licenses/rota/LICENSE",
                 "share/bash-completion/completions/rota", "share/zsh/site-functions/_rota",
                 "share/fish/vendor_completions.d/rota.fish", "lib/rota/examples/turns"):
        check(f"opt/rota/{name}" in installed, f"{name} was not installed: {installed}")
    equal(os.stat(f"{folder}/opt/rota/bin/rota").st_mode & 0o777, 0o755, "mode")
    make("uninstall", f"DESTDIR={folder}", "PREFIX=/opt/rota")
    equal(files_below(folder), [], "left behind")


def test_every_manual_is_well_formed():
    for name in sorted(os.listdir(f"{TOP}/docs")):
        if name[-2:] in (".1", ".5", ".7"):
            result = run("mandoc", "-T", "lint", "-W", "warning", f"{TOP}/docs/{name}")
            equal(result.out, "", name)


rotatest.main()
