# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Debian packages of any suite, by an apt of its own in a folder: package lists, index and downloaded files stay there, and
nothing outside of it is touched. The mirror is the one that this machine's apt uses. Whoever calls it unpacks the packages
(dpkg -x) where it likes, and keeps what it unpacked; nothing is installed."""

import glob
import os
import re
import shutil
import subprocess

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


class Unavailable(Exception):
    """A package cannot be had; the text says why."""


def run(*argv, env=None):
    result = subprocess.run(argv, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        lines = [line for line in (result.stderr + result.stdout).splitlines() if line.strip()]
        raise Unavailable(f"{argv[0]} {argv[1]}: {' '.join(lines[-3:]) or f'status {result.returncode}'}")
    return result.stdout


def mirror():
    """The URI of a Debian mirror, from this machine's own apt sources."""
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        raise Unavailable("no apt-get and dpkg here to fetch Debian packages with")
    if os.environ.get("ROTA_DEBIAN_MIRROR"):
        return os.environ["ROTA_DEBIAN_MIRROR"]
    for line in run("apt-get", "indextargets", "--format", "$(CREATED_BY) $(ORIGIN) $(LABEL) $(REPO_URI)").splitlines():
        if line.startswith("Packages Debian Debian "):
            return line.split()[3]
    raise Unavailable("this machine's apt sources name no Debian mirror (ROTA_DEBIAN_MIRROR can)")


def _stanza(text):
    """The fields of the first package that apt-cache show prints."""
    return dict(re.findall(r"^([A-Za-z-]+): (.*)$", text.split("\n\n")[0], re.MULTILINE))


class Apt:
    """An apt of its own for one suite."""

    def __init__(self, folder, suite):
        self.folder = os.path.abspath(folder)
        for name in ("lists/partial", "cache/archives/partial", "deb"):
            os.makedirs(os.path.join(self.folder, name), exist_ok=True)
        signed = f" [signed-by={KEYRING}]" if os.path.exists(KEYRING) else ""
        self._write("sources.list", f"deb{signed} {mirror()} {suite} main\n")
        options = {
            "Dir::State": self.folder,
            "Dir::State::lists": self._path("lists"),
            "Dir::State::status": "/dev/null",
            "Dir::Cache": self._path("cache"),
            "Dir::Etc::sourcelist": self._path("sources.list"),
            "Dir::Etc::sourceparts": "-",
            "APT::Architecture": "amd64",
            "APT::Sandbox::User": "",  # the folder may be one that only this user can read
            "Acquire::Languages": "none",
            "Acquire::Retries": "2",
        }
        self._write("apt.conf", "".join(f'{name} "{value}";\n' for name, value in options.items()))
        self.env = dict(os.environ, APT_CONFIG=self._path("apt.conf"), LC_ALL="C")

    def _path(self, name):
        return os.path.join(self.folder, name)

    def _write(self, name, text):
        with open(self._path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def update(self):
        run("apt-get", "update", "-q", "--error-on=any", env=self.env)

    def show(self, package):
        return _stanza(run("apt-cache", "show", "--no-all-versions", package, env=self.env))

    def download(self, packages):
        """The packages as files, in the order asked for."""
        shutil.rmtree(self._path("deb"), ignore_errors=True)
        os.makedirs(self._path("deb"))
        old = os.getcwd()
        os.chdir(self._path("deb"))  # apt-get download writes here
        try:
            run("apt-get", "download", "-q", *packages, env=self.env)
        finally:
            os.chdir(old)
        return sorted(glob.glob(self._path("deb/*.deb")))


def words(field):
    """Names of a Depends field, versions and alternatives left out."""
    return [re.split(r"[ (|:]", part.strip())[0] for part in field.split(",") if part.strip()]
