# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Go toolchains of several versions: Debian's packages, unpacked into the build folder, and the `go` in PATH if there is one.

    build/go/toolchains/1.24/apt/    an apt of its own
    build/go/toolchains/1.24/root/   what was unpacked; GOROOT is root/usr/lib/go-1.24
    build/go/toolchains/1.24/toolchain.json

What is there already is kept and taken; `fetch` asks the mirror only where nothing is there.
"""

import json
import os
import re
import shutil
import subprocess

import debian
import lock

SUITES = {  # version: the suites that have it, best first
    "1.19": ("bookworm",),
    "1.22": ("bookworm-backports",),
    "1.23": ("bookworm-backports",),
    "1.24": ("trixie", "bookworm-backports"),
    "1.26": ("unstable",),
}
Unavailable = debian.Unavailable


class Toolchain:
    """`go` of one version, and the environment that keeps it to itself: no network, no other toolchain, no user settings."""

    def __init__(self, name, goroot, build):
        self.name, self.goroot = name, goroot
        self.go = os.path.join(goroot, "bin", "go")
        scratch = os.path.join(os.path.abspath(build), "go")
        self.env = dict(
            os.environ,
            GOROOT=goroot,
            GOTOOLCHAIN="local",
            GOPROXY="off",
            GOFLAGS="",
            GO111MODULE="off",
            GOENV="off",
            GOTELEMETRY="off",
            GOPATH=os.path.join(scratch, "path"),
            GOCACHE=os.path.join(scratch, "cache", name),
        )

    def version(self):
        return debian.run(self.go, "version", env=self.env).split()[2]

    def build(self, output, sources, *flags, cgo=False):
        """Compiles files of one package. Raises Unavailable with the compiler's words."""
        os.makedirs(os.path.dirname(output), exist_ok=True)
        env = dict(self.env, CGO_ENABLED="1" if cgo else "0")
        debian.run(self.go, "build", "-p", "1", *flags, "-o", output, *sources, env=env)


def _linked(root, path):
    """Debian's trees refer to each other by absolute links: the same below `root`."""
    for folder, folders, files in os.walk(path):
        for name in (*folders, *files):
            link = os.path.join(folder, name)
            if os.path.islink(link) and os.path.isabs(os.readlink(link)):
                target = os.path.join(root, os.readlink(link).lstrip("/"))
                os.unlink(link)
                os.symlink(os.path.relpath(target, folder), link)


def _fetch(version, folder):
    reasons = []
    for suite in SUITES[version]:
        try:
            apt = debian.Apt(os.path.join(folder, "apt"), suite)
            apt.update()
            root = os.path.join(os.path.abspath(folder), "root")
            shutil.rmtree(root, ignore_errors=True)
            debian.unpack(apt.download([f"golang-{version}-go", f"golang-{version}-src"]), root)
        except Unavailable as why:
            reasons.append(f"{suite}: {why}")
            continue
        _linked(root, os.path.join(root, "usr", "lib"))
        with open(os.path.join(folder, "toolchain.json"), "w", encoding="utf-8") as file:
            json.dump({"goroot": os.path.join(root, "usr", "lib", f"go-{version}")}, file)
        return
    raise Unavailable("; ".join(reasons))


def fetched(version, build):
    """The toolchain as it was fetched before, or None."""
    try:
        with open(os.path.join(build, "go", "toolchains", version, "toolchain.json"), encoding="utf-8") as file:
            goroot = json.load(file)["goroot"]
    except (OSError, ValueError, KeyError):
        return None
    return Toolchain(version, goroot, build) if os.path.exists(os.path.join(goroot, "bin", "go")) else None


def fetch(version, build):
    """Raises Unavailable with the reason."""
    folder = os.path.join(build, "go", "toolchains", version)
    with lock.locked(os.path.join(folder, "lock")):
        if not fetched(version, build):
            _fetch(version, folder)
    toolchain = fetched(version, build)
    if not toolchain:
        raise Unavailable(f"golang-{version}-go holds no bin/go")
    return toolchain


def installed(build):
    """The `go` in PATH, named by its version ("1.19"), or None."""
    go = shutil.which("go")
    if not go:
        return None
    result = subprocess.run([go, "env", "GOROOT", "GOVERSION"], capture_output=True, text=True, check=False)
    words = result.stdout.split()
    match = re.match(r"go(\d+\.\d+)", words[1]) if result.returncode == 0 and len(words) == 2 else None
    return Toolchain(match[1], words[0], build) if match else None


def known(build):
    """{version: Toolchain} of all that can be used now without a network; what was fetched goes before what is installed."""
    toolchains = {}
    here = installed(build)
    if here:
        toolchains[here.name] = here
    for version in SUITES:
        toolchain = fetched(version, build)
        if toolchain:
            toolchains[version] = toolchain
    return toolchains
