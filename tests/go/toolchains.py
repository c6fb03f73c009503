# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Go toolchains: Debian's of several releases, fetched as packages and unpacked into the build folder (nothing outside of
it is touched), and the one in PATH.

    build/go/toolchains/apt/SUITE/         an apt of its own: package lists and index of one suite
    build/go/toolchains/1.XX/root/         what `dpkg -x` unpacked
    build/go/toolchains/1.XX/toolchain.json   what is there: release, GOROOT
    build/go/toolchains/1.XX/cache/        its GOCACHE

What is unpacked is kept until `make clean`: a toolchain that is there is used without asking the mirror.

    python3 tests/go/toolchains.py [VERSION…]    fetches them (all of matrix.py), and says what is there and what is not
"""

import json
import os
import re
import shutil
import sys
import time
from typing import NamedTuple

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import lock  # noqa: E402 # behind the path that they are found by
import matrix  # noqa: E402
from debian import Apt, Unavailable, run  # noqa: E402

INSTALLED = "installed"  # the version's name of the `go` in PATH
FRESH_SECONDS = 6 * 3600  # package lists that are older are read anew


class Toolchain(NamedTuple):
    """A Go that works: asked for by `version` ("1.24" or "installed"); `release` is what it calls itself ("go1.24.4")."""

    version: str
    release: str
    goroot: str
    cache: str

    @property
    def go(self):
        return os.path.join(self.goroot, "bin", "go")

    def environment(self, cgo=False):
        """For `go build` of single files: nothing is fetched, no other toolchain is taken, no settings of the user's."""
        env = {name: value for name, value in os.environ.items() if not name.startswith(("GO", "CGO"))}
        return env | {
            "GOROOT": self.goroot,
            "GOTOOLCHAIN": "local",
            "GOPROXY": "off",
            "GOFLAGS": "",
            "GOENV": "off",
            "GO111MODULE": "off",
            "GOPATH": os.path.join(self.cache, "path"),
            "GOCACHE": self.cache,
            "CGO_ENABLED": "1" if cgo else "0",
        }


def _release(goroot):
    go = os.path.join(goroot, "bin", "go")
    words = run(go, "version", env=dict(os.environ, GOROOT=goroot, GOTOOLCHAIN="local", GOENV="off", GOFLAGS="")).split()
    if len(words) < 3 or not words[2].startswith("go1."):
        raise Unavailable(f"{go} version says: {' '.join(words)}")
    return words[2]


def installed(build):
    """The `go` in PATH. Raises Unavailable."""
    go = shutil.which("go")
    if not go:
        raise Unavailable("no go in PATH")
    goroot = run(go, "env", "GOROOT").strip()
    cache = os.path.abspath(os.path.join(build, "go", "toolchains", INSTALLED, "cache"))
    return Toolchain(INSTALLED, _release(goroot), goroot, cache)


def _known(folder, version):
    """The toolchain unpacked there before, or None."""
    try:
        with open(os.path.join(folder, "toolchain.json"), encoding="utf-8") as file:
            info = json.load(file)
    except (OSError, ValueError):
        return None
    goroot = os.path.abspath(os.path.join(folder, info["goroot"]))
    toolchain = Toolchain(version, info["release"], goroot, os.path.join(folder, "cache"))
    return toolchain if os.access(toolchain.go, os.X_OK) else None


def _apt(build, suite):
    """The suite's apt, its lists not older than FRESH_SECONDS. Call with the lock held."""
    folder = os.path.join(build, "go", "toolchains", "apt", suite)
    stamp = os.path.join(folder, "updated")
    apt = Apt(folder, suite)
    if not os.path.exists(stamp) or time.time() - os.path.getmtime(stamp) > FRESH_SECONDS:
        apt.update()
        with open(stamp, "w", encoding="ascii"):
            pass
    return apt


def _unpack(apt, folder, version):
    root = os.path.join(folder, "root")
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(root)
    # -go depends on libc6 and on -src, of which it holds links: /usr/lib/go-1.XX/src → ../../share/go-1.XX/src
    for deb in apt.download([f"golang-{version}-go", f"golang-{version}-src"]):
        run("dpkg", "-x", deb, root)
        os.unlink(deb)
    goroot = os.path.join("root", "usr", "lib", f"go-{version}")
    info = {"release": _release(os.path.join(folder, goroot)), "goroot": goroot}
    with open(os.path.join(folder, "toolchain.json"), "w", encoding="utf-8") as file:
        json.dump(info, file, indent=1)
    return _known(folder, version)


def fetch(name, build):
    """The toolchain of one version of matrix.VERSIONS, or "installed". Raises Unavailable."""
    if name == INSTALLED:
        return installed(build)
    if name not in matrix.VERSIONS:
        raise Unavailable(f"unknown; there are {' '.join(matrix.VERSIONS)} {INSTALLED}")
    folder = os.path.abspath(os.path.join(build, "go", "toolchains", name))
    with lock.locked(os.path.join(build, "go", "toolchains", "lock")):
        toolchain = _known(folder, name)
        reasons = []
        for suite in () if toolchain else matrix.VERSIONS[name].suites:
            try:
                toolchain = _unpack(_apt(build, suite), folder, name)
                break
            except Unavailable as why:
                reasons.append(f"{suite}: {why}")
    if toolchain is None:
        raise Unavailable("; ".join(reasons))
    return toolchain


def there(build):
    """Versions that can be used without fetching: those unpacked before, and the one in PATH."""
    found = []
    for name in matrix.VERSIONS:
        if _known(os.path.abspath(os.path.join(build, "go", "toolchains", name)), name):
            found.append(name)
    return found + ([INSTALLED] if shutil.which("go") else [])


def main():
    build = os.environ.get("BUILD", "build")
    for name in sys.argv[1:] or (*matrix.VERSIONS, INSTALLED):
        try:
            toolchain = fetch(name, build)
        except Unavailable as why:
            print(f"{name}: skipped: {why}", flush=True)
            continue
        print(f"{name}: {toolchain.release} in {toolchain.goroot}", flush=True)


if __name__ == "__main__":
    main()
