# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What is tested of Go: versions × ways to build × programs. Data only: toolchains.py fetches the versions, programs.py
builds the programs."""

from typing import NamedTuple


class Version(NamedTuple):
    """A Go release of Debian: the packages golang-NAME-go and golang-NAME-src."""

    name: str
    suites: tuple  # Debian suites that have it, the first that can be had is taken


class Build(NamedTuple):
    """A way to build a Go program."""

    name: str
    flags: tuple  # after `go build`
    cgo: bool  # CGO_ENABLED, and the files with `import "C"` are compiled in (tag rota_cgo): C code is really called


class Program(NamedTuple):
    """A program to observe: files in tests/go."""

    name: str
    files: tuple
    cgo_files: tuple  # beside them where the build has cgo


# The first of each pair of releases whose runtime structs or wait reasons differ is among them (RUNTIMES: goid moves in
# 1.23 and back in 1.25, m.p in 1.25, statuses in 1.26, stripped binaries' pclntab in 1.20).
VERSIONS = {
    version.name: version
    for version in (
        Version("1.19", ("bookworm",)),
        Version("1.22", ("bookworm-backports",)),
        Version("1.23", ("bookworm-backports",)),
        Version("1.24", ("trixie",)),
        Version("1.26", ("sid",)),
        Version("1.27", ("sid",)),
    )
}

STATIC = "-linkmode external -extldflags -static"

BUILDS = {
    build.name: build
    for build in (
        Build("default", (), False),
        Build("stripped", ("-trimpath", "-ldflags=-s -w"), False),
        Build("pie", ("-buildmode=pie",), False),
        Build("cgo", (), True),
        Build("cgo-static", (f"-ldflags={STATIC}",), True),
    )
}

PROGRAMS = {
    program.name: program
    for program in (
        Program("witness", ("witness.go", "witness_modes.go"), ("witness_cgo.go",)),
    )
}
