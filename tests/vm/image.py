# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The initramfs: rota, its test programs, the tests, a Python and a few tools with the libraries they need, under
busybox. One image serves all kernels; what differs (kernel modules, the job) is a second archive behind it.

The archive is an uncompressed "newc" cpio (Documentation/driver-api/early-userspace/buffer-format.rst), written here, so
that neither root nor a cpio program is needed.
"""

import glob
import os
import re
import shutil
import stat
import subprocess

import kernels
import lock

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GUEST_TOP = "/rota"  # where the project lies in the guest
PYTHON = "/usr/bin/python3"
# Tools that tests start and whose busybox kin differ: taken from this machine where it has them
TOOLS = ("taskset", "chrt", "setpriv", "unshare", "nsenter", "prlimit", "strace")
ADMIN_TOOLS = ("/usr/sbin/bpftool",)  # the same, where tests look for them
DLOPENED = ("libgcc_s.so.1",)  # beside libc; glibc loads it when a thread calls pthread_exit(3)
# Of Python's library, what no test in a guest will need; most of its size
PYTHON_WITHOUT = re.compile(
    r"^(test|idlelib|lib2to3|ensurepip|tkinter|turtledemo|pydoc_data|distutils|config-.*|site-packages|dist-packages|"
    r"__pycache__|sqlite3|dbm|curses|wsgiref|venv|xmlrpc|turtle\.py|pydoc\.py|doctest\.py|asyncio|unittest|email|html|xml)$"
)
EXTENSIONS_WITHOUT = re.compile(r"^(_ssl|_hashlib|_tkinter|_dbm|_gdbm|_sqlite3|_curses|_curses_panel|readline|nis|_test|_codecs_)")
DEVICES = {"dev/console": (5, 1), "dev/null": (1, 3)}


class Missing(Exception):
    """The image cannot be made here; the text says why."""


class Archive:
    """A cpio archive in memory; a path added twice is kept once."""

    def __init__(self):
        self.parts, self.names, self.number = [], set(), 0

    def _entry(self, name, mode, content=b"", device=(0, 0)):
        self.number += 1
        raw = name.encode() + b"\0"
        fields = (self.number, mode, 0, 0, 1, 0, len(content), 0, 0, *device, len(raw), 0)
        head = b"070701" + b"".join(b"%08X" % field for field in fields) + raw
        self.parts += [head, b"\0" * (-len(head) % 4), content, b"\0" * (-len(content) % 4)]

    def folder(self, name):
        name = name.strip("/")
        if name and name not in self.names:
            self.folder(os.path.dirname(name))
            self.names.add(name)
            self._entry(name, stat.S_IFDIR | 0o755)

    def bytes(self, name, content, mode=0o644):
        name = name.strip("/")
        if name not in self.names:
            self.folder(os.path.dirname(name))
            self.names.add(name)
            self._entry(name, stat.S_IFREG | mode, content)

    def file(self, name, path):
        with open(path, "rb") as file:
            self.bytes(name, file.read(), stat.S_IMODE(os.stat(path).st_mode) | 0o444)

    def link(self, name, target):
        name = name.strip("/")
        if name not in self.names:
            self.folder(os.path.dirname(name))
            self.names.add(name)
            self._entry(name, stat.S_IFLNK | 0o777, target.encode())

    def device(self, name, numbers):
        self.folder(os.path.dirname(name))
        self._entry(name, stat.S_IFCHR | 0o600, b"", numbers)

    def finish(self):
        self._entry("TRAILER!!!", 0)
        content = b"".join(self.parts)
        return content + b"\0" * (-len(content) % 512)


def libraries(path):
    """Paths of what the dynamic linker would load for it."""
    result = subprocess.run(["ldd", path], env=dict(os.environ, LC_ALL="C"), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if "not found" in result.stdout:
        raise Missing(f"{path} lacks a library: {result.stdout}")
    return re.findall(r"(/\S+) \(0x", result.stdout)


def add_program(archive, name, path, strip_to=None):
    """A program and its libraries; stripped if a scratch path for that is given (BTF of BPF objects is data, and stays)."""
    for library in libraries(path):
        archive.file(library, os.path.realpath(library))
    if strip_to and shutil.which("strip"):
        subprocess.run(["strip", "-o", strip_to, path], check=True, stdin=subprocess.DEVNULL)  # raises if it is not built
        path = strip_to
    archive.file(name, path)


def _python_paths():
    if not os.access(PYTHON, os.X_OK):
        raise Missing(f"no {PYTHON} to put into the guest")
    ask = "import sysconfig, sys; print(sysconfig.get_path('stdlib'), sysconfig.get_config_var('DESTSHARED') or '', sys.implementation.cache_tag)"
    return subprocess.run([PYTHON, "-c", ask], check=True, capture_output=True, text=True).stdout.split()


def _compiled(scratch, stdlib, tag):
    """A folder with the library's modules compiled, X.pyc beside nothing; kept between runs."""
    folder = os.path.join(scratch, tag)
    if os.path.exists(os.path.join(folder, "done")):
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    program = (
        "import os, py_compile, sys\n"
        "mode = py_compile.PycInvalidationMode.UNCHECKED_HASH\n"
        "for line in sys.stdin:\n"
        "    source, target = line.rstrip('\\n').split('\\t')\n"
        "    os.makedirs(os.path.dirname(target), exist_ok=True)\n"
        "    py_compile.compile(source, target, doraise=True, invalidation_mode=mode, optimize=0)\n"
    )
    lines = []
    for path, folders, names in os.walk(stdlib):
        folders[:] = [name for name in folders if not PYTHON_WITHOUT.match(name)]
        for name in names:
            if name.endswith(".py") and not PYTHON_WITHOUT.match(name):
                inside = os.path.relpath(os.path.join(path, name), stdlib)
                lines.append(f"{os.path.join(stdlib, inside)}\t{os.path.join(folder, inside)}c\n")
    subprocess.run([PYTHON, "-c", program], input="".join(lines), text=True, check=True)
    with open(os.path.join(folder, "done"), "w", encoding="ascii"):
        pass
    return folder


def add_python(archive, scratch):
    stdlib, shared, tag = (_python_paths() + [""])[:3]
    compiled = _compiled(os.path.join(scratch, "python"), stdlib, tag or shared)
    add_program(archive, PYTHON, os.path.realpath(PYTHON))
    for path, _, names in os.walk(compiled):
        for name in names:
            if name.endswith(".pyc"):
                full = os.path.join(path, name)
                archive.file(os.path.join(stdlib, os.path.relpath(full, compiled)), full)
    for path in sorted(glob.glob(os.path.join(stdlib, "lib-dynload", "*.so"))):
        if not EXTENSIONS_WITHOUT.match(os.path.basename(path)):
            add_program(archive, path, path)


def add_project(archive, build, scratch):
    """rota, test programs and examples at GUEST_TOP/build, the scripts at GUEST_TOP/tests."""
    stripped = os.path.join(scratch, "stripped")
    add_program(archive, f"{GUEST_TOP}/build/rota", os.path.join(build, "rota"), stripped)
    libc = next(path for path in libraries(os.path.join(build, "rota")) if os.path.basename(path).startswith("libc.so"))
    for library in (os.path.join(os.path.dirname(libc), name) for name in DLOPENED):
        archive.file(library, os.path.realpath(library))
    for folder in ("tests", "tests/tool", "examples"):
        for path in sorted(glob.glob(os.path.join(build, folder, "*"))):
            if os.path.isfile(path) and os.access(path, os.X_OK):
                add_program(archive, f"{GUEST_TOP}/build/{folder}/{os.path.basename(path)}", path, stripped)
    for pattern in ("tests/lib/*.py", "tests/live/*.py", "tests/live/*.sh", "tests/vm/*.py", "tests/vm/*.sh"):
        for path in sorted(glob.glob(os.path.join(TOP, pattern))):
            archive.file(f"{GUEST_TOP}/{os.path.relpath(path, TOP)}", path)


def add_system(archive):
    """Init, busybox with all its applets, tools, users."""
    busybox = shutil.which("busybox")
    if not busybox or libraries(busybox):
        raise Missing("no static busybox here (Debian: busybox-static)")
    archive.file("bin/busybox", busybox)
    applets = subprocess.run([busybox, "--list"], check=True, capture_output=True, text=True).stdout.split()
    for tool in TOOLS:
        path = shutil.which(tool)
        if path:
            add_program(archive, f"usr/bin/{tool}", os.path.realpath(path))
    for path in ADMIN_TOOLS:
        if os.access(path, os.X_OK):
            add_program(archive, path, os.path.realpath(path))
    for applet in applets:
        if applet not in ("busybox", *TOOLS):
            archive.link(f"bin/{applet}", "/bin/busybox")
    archive.file("init", os.path.join(TOP, "tests/vm/guest-init"))
    archive.bytes("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n")
    archive.bytes("etc/group", b"root:x:0:\nnogroup:x:65534:\n")
    for folder in ("proc", "sys", "dev", "tmp", "run", "root", "output", "var/tmp", "boot", "usr/bin", "usr/sbin", "sbin", "job"):
        archive.folder(folder)
    for name, numbers in DEVICES.items():
        archive.device(name, numbers)


def make_base(build):
    """The image without kernel and job, as bytes."""
    scratch = os.path.join(build, "vm", "image")
    archive = Archive()
    with lock.locked(os.path.join(scratch, "lock")):
        add_system(archive)
        add_project(archive, build, scratch)
        add_python(archive, scratch)
    return archive.finish()


def make_overlay(info, job):
    """What one guest gets behind the image: kernel modules in the order to load, the kernel's config, and the job's
    files {name in /job: text}."""
    archive = Archive()
    for number, path in enumerate(info["modules"]):
        name = os.path.basename(path).removesuffix(".xz")
        archive.bytes(f"lib/modules/load/{number:02}-{name}", kernels.module_bytes(path))
    archive.file(f"boot/config-{info['release']}", info["config"])
    for name, text in job.items():
        archive.bytes(f"job/{name}", text if isinstance(text, bytes) else text.encode(), 0o755)
    return archive.finish()
