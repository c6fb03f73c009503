# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Debian kernels, fetched as packages and unpacked into the build folder; nothing outside of it is touched.

    build/vm/kernels/NAME/apt/       an apt of its own: package lists and index of one suite
    build/vm/kernels/NAME/root/      what `dpkg -x` unpacked
    build/vm/kernels/NAME/kernel.json   what is there: version, image, modules

The mirror is the one that this machine's apt uses. A kernel that is there already is taken where the mirror cannot be
reached; the package lists are read anew once they are older than FRESH_SECONDS.
"""

import glob
import json
import lzma
import os
import re
import shutil
import subprocess
import time

import lock

FRESH_SECONDS = 6 * 3600
META_PACKAGE = "linux-image-cloud-amd64"  # Depends names the image of today
MODULES = ("virtio_pci", "virtio_blk")  # what the guest's output goes through
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


class Unavailable(Exception):
    """The kernel cannot be had; the text says why."""


def _run(*argv, env=None):
    result = subprocess.run(argv, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        lines = [line for line in (result.stderr + result.stdout).splitlines() if line.strip()]
        raise Unavailable(f"{argv[0]} {argv[1]}: {' '.join(lines[-3:]) or f'status {result.returncode}'}")
    return result.stdout


def mirror():
    """The URI of a Debian mirror, from this machine's own apt sources."""
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        raise Unavailable("no apt-get and dpkg here to fetch Debian kernels with")
    if os.environ.get("ROTA_DEBIAN_MIRROR"):
        return os.environ["ROTA_DEBIAN_MIRROR"]
    for line in _run("apt-get", "indextargets", "--format", "$(CREATED_BY) $(ORIGIN) $(LABEL) $(REPO_URI)").splitlines():
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
        _run("apt-get", "update", "-q", "--error-on=any", env=self.env)

    def show(self, package):
        return _stanza(_run("apt-cache", "show", "--no-all-versions", package, env=self.env))

    def download(self, packages):
        """The packages as files, in the order asked for."""
        shutil.rmtree(self._path("deb"), ignore_errors=True)
        os.makedirs(self._path("deb"))
        old = os.getcwd()
        os.chdir(self._path("deb"))  # apt-get download writes here
        try:
            _run("apt-get", "download", "-q", *packages, env=self.env)
        finally:
            os.chdir(old)
        return sorted(glob.glob(self._path("deb/*.deb")))


def words(field):
    """Names of a Depends field, versions and alternatives left out."""
    return [re.split(r"[ (|:]", part.strip())[0] for part in field.split(",") if part.strip()]


def _packages(apt):
    """Version of the suite's kernel and the packages that hold its image and modules: the image package, and where that
    is empty (7.x), the linux-binary-…, linux-modules-… and linux-base-… that it depends on."""
    meta = apt.show(META_PACKAGE)
    images = [name for name in words(meta["Depends"]) if re.match(r"linux-image-\d", name)]
    if not images:
        raise Unavailable(f"{META_PACKAGE} depends on no image: {meta['Depends']}")
    image = apt.show(images[0])
    parts = [name for name in words(image.get("Depends", "")) if re.match(r"linux-(binary|modules|base)-\d", name)]
    return meta["Version"], [images[0], *parts]


def _modules(root):
    """{name: path} of all kernel modules below root."""
    found = {}
    for folder, _, names in os.walk(root):
        for name in names:
            if re.search(r"\.ko(\.xz)?$", name):
                found[name.split(".ko")[0].replace("-", "_")] = os.path.join(folder, name)
    return found


def module_bytes(path):
    with open(path, "rb") as file:
        content = file.read()
    return lzma.decompress(content) if path.endswith(".xz") else content


def _needed_modules(root):
    """Paths of the modules in MODULES that are not built in, each after those it depends on (.modinfo's "depends=")."""
    available, order = _modules(root), []

    def add(name):
        path = available.get(name)
        if path is None or path in order:
            return
        for depends in re.findall(rb"\0depends=([^\0]*)\0", module_bytes(path)):
            for other in depends.decode("ascii").split(","):
                add(other.replace("-", "_"))
        order.append(path)

    for name in MODULES:
        add(name)
    return order


def _one(root, *patterns):
    for pattern in patterns:
        for path in sorted(glob.glob(os.path.join(root, pattern))):
            return path
    raise Unavailable(f"no {' or '.join(patterns)} in the packages")


def _unpack(apt, folder, suite):
    version, packages = _packages(apt)
    info = _known(folder)
    if info and info["version"] == version and os.path.exists(info["image"]):
        return info
    root = os.path.join(folder, "root")
    shutil.rmtree(root, ignore_errors=True)
    for deb in apt.download(packages):
        _run("dpkg", "-x", deb, root)
        os.unlink(deb)
    image = _one(root, "boot/vmlinuz-*", "usr/lib/modules/*/vmlinuz", "lib/modules/*/vmlinuz")
    config = _one(root, "boot/config-*", "usr/lib/modules/*/config", "lib/modules/*/config")
    release = re.search(r"vmlinuz-(.*)$", image) or re.search(r"modules/([^/]*)/", image)
    return {
        "version": version,
        "release": release[1],
        "suite": suite,
        "image": os.path.abspath(image),
        "config": os.path.abspath(config),
        "modules": [os.path.abspath(path) for path in _needed_modules(root)],
    }


def _known(folder):
    try:
        with open(os.path.join(folder, "kernel.json"), encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError):
        return None


def fetch(kernel, build):
    """Facts about the unpacked kernel: version, release, suite, image, config, modules. Raises Unavailable."""
    folder = os.path.join(build, "vm", "kernels", kernel.name)
    with lock.locked(os.path.join(folder, "lock")):
        return _fetch(kernel, folder)


def _fetch(kernel, folder):
    info = _known(folder)
    there = info is not None and os.path.exists(info["image"])
    if there and time.time() - info["fetched"] < FRESH_SECONDS:
        return info
    reasons = []
    for suite in kernel.suites:
        try:
            apt = Apt(os.path.join(folder, "apt"), suite)
            apt.update()
            info = _unpack(apt, folder, suite) | {"fetched": time.time()}
        except Unavailable as why:
            reasons.append(f"{suite}: {why}")
            continue
        with open(os.path.join(folder, "kernel.json"), "w", encoding="utf-8") as file:
            json.dump(info, file, indent=1)
        return info
    if there:
        print(f"  {kernel.name}: taking {info['version']} fetched before; {'; '.join(reasons)}", flush=True)
        return info
    raise Unavailable("; ".join(reasons))
