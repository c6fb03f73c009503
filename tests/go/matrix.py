#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Builds the Go programs that tests observe: each version of Go × each way to build.

    tests/go/matrix.py build [VERSION…]    of the toolchains that are there (installed, or fetched before)
    tests/go/matrix.py fetch [VERSION…]    fetches Debian's toolchains first; says what cannot be had, and why

Goes to build/go/bin/VERSION-WAY/NAME; what is newer than its source is kept.
"""

import os
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(TOP, "tests", "lib"), os.path.join(TOP, "tests", "go")]
sys.dont_write_bytecode = True

import toolchains  # noqa: E402 # behind the path that it is found by

BUILD = os.path.join(TOP, os.environ.get("BUILD", "build"))
WAYS = {  # name: flags, cgo
    "plain": ((), False),
    "stripped": (("-trimpath", "-ldflags=-s -w"), False),
    "pie": (("-buildmode=pie",), False),
    "cgo": ((), True),
    "static-cgo": (('-ldflags=-linkmode external -extldflags "-static"',), True),
}


def path_of(version, way):
    return os.path.join(BUILD, "go", "bin", f"{version}-{way}", "witness")


def sources(cgo):
    folder = os.path.join(TOP, "tests", "go")
    return [os.path.join(folder, "witness.go"), os.path.join(folder, "witness_c.go" if cgo else "witness_noc.go")]


def build_one(toolchain, way):
    flags, cgo = WAYS[way]
    output = path_of(toolchain.name, way)
    files = sources(cgo)
    if os.path.exists(output) and all(os.path.getmtime(output) > os.path.getmtime(file) for file in files):
        return output
    toolchain.build(output, files, *flags, cgo=cgo)
    return output


def build(toolchain):
    """[(way, path, reason)]: path None where it could not be built."""
    results = []
    for way in WAYS:
        try:
            results.append((way, build_one(toolchain, way), None))
        except toolchains.Unavailable as why:
            results.append((way, None, str(why)))
    return results


def main():
    verb, *versions = sys.argv[1:] or ["build"]
    if verb not in ("build", "fetch"):
        sys.exit(__doc__)
    status = 0
    for version in versions or toolchains.SUITES:
        if verb == "fetch":
            try:
                toolchains.fetch(version, BUILD)
            except toolchains.Unavailable as why:
                print(f"go {version}: skipped: {why}", flush=True)
    for version, toolchain in toolchains.known(BUILD).items():
        if versions and version not in versions:
            continue
        for way, path, why in build(toolchain):
            if not path:
                print(f"go {version}, {way}: cannot be built: {why}", flush=True)
                status = 1
    sys.exit(status)


if __name__ == "__main__":
    main()
