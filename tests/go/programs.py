# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Builds the programs of matrix.py, with each version and in each way, into build/go/bin/VERSION-BUILD/NAME. What is newer
than its sources is left as it is. Each build either is there or has a reason why not; one does not hinder the next.

    python3 tests/go/programs.py [VERSION…]    without names: the versions that are there (nothing is fetched then)
"""

import os
import shutil
import subprocess
import sys
from typing import NamedTuple

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import lock  # noqa: E402 # behind the path that they are found by
import matrix  # noqa: E402
import toolchains  # noqa: E402
from debian import Unavailable  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))


class Binary(NamedTuple):
    """One built program, or why there is none."""

    version: str  # of matrix.VERSIONS, or "installed"
    build: str
    name: str
    path: str
    release: str  # "go1.24.4", or "" where there is no toolchain
    skipped: str  # the reason, or ""
    fresh: bool  # built now, not found


def _is_new(path, sources):
    try:
        built = os.path.getmtime(path)
    except OSError:
        return False
    return all(os.path.getmtime(source) <= built for source in sources)


def _compile(toolchain, build, program, path):
    """Whether it had to be built. Raises Unavailable."""
    if build.cgo and not shutil.which("gcc"):
        raise Unavailable("cgo needs gcc")
    names = program.files + (program.cgo_files if build.cgo else ())
    sources = [os.path.join(HERE, name) for name in names]
    if _is_new(path, [*sources, toolchain.go, os.path.join(HERE, "matrix.py")]):
        return False
    os.makedirs(os.path.dirname(path), exist_ok=True)
    result = subprocess.run(
        [toolchain.go, "build", "-p", "1", *build.flags, "-o", path + ".new", *names],
        cwd=HERE, env=toolchain.environment(build.cgo), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )
    if result.returncode != 0:
        raise Unavailable(f"go build: {' '.join((result.stderr + result.stdout).split())[:500]}")
    os.rename(path + ".new", path)
    return True


def build_all(versions, folder):
    """Yields a Binary for each program of each version and build, as it becomes known. Fetches what is not there."""
    for version in versions:
        reason, toolchain = "", None
        try:
            toolchain = toolchains.fetch(version, folder)
        except Unavailable as why:
            reason = str(why)
        for build in matrix.BUILDS.values():
            for program in matrix.PROGRAMS.values():
                path = os.path.abspath(os.path.join(folder, "go", "bin", f"{version}-{build.name}", program.name))
                binary = Binary(version, build.name, program.name, path, toolchain.release if toolchain else "", reason, False)
                if toolchain:
                    try:
                        with lock.locked(os.path.join(folder, "go", "bin", f"{version}.lock")):
                            binary = binary._replace(fresh=_compile(toolchain, build, program, path))
                    except Unavailable as why:
                        binary = binary._replace(skipped=str(why))
                yield binary


def main():
    folder = os.environ.get("BUILD", "build")
    versions = sys.argv[1:] or toolchains.there(folder)
    if not versions:
        print("go-programs: skipped: no go in PATH, and no toolchain fetched (make go-toolchains)")
    failed = False
    for binary in build_all(versions, folder):
        what = f"{binary.version}-{binary.build}/{binary.name}"
        if binary.skipped:
            print(f"{what}: skipped: {binary.skipped}", flush=True)
            failed = failed or binary.release != ""
        elif binary.fresh:
            print(f"{what}: {binary.release}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
