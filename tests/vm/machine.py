# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""One guest: QEMU's command line, its start, its end within a time, and what it left behind.

Software emulation only (no KVM needed). The first serial line is the console, the second the results, a raw disk takes a
tar archive of the guest's /output.
"""

import os
import shutil
import signal
import subprocess
import tarfile

import lock

QEMU = "qemu-system-x86_64"
MEMORY_MB = 2048
# One host thread for all cpus of a guest. With one each (thread=multi), QEMU 7.2 and kernel 7.2 ended in 3 of 7 boots in an oops,
# the ones looked at a stray int3; with thread=single in none of 10. The likely cause is a stale translation of code that
# another cpu has just patched, which QEMU 8.1 mended (deba78709ae8, "accel/tcg: Always lock pages before translation"); a newer
# QEMU was not tried. Boots took as long with either; the second cpu runs a second guest.
ACCEL = "tcg,thread=single"
DISK_BYTES = 512 << 20  # sparse


class Guest:
    """A guest in build/vm/KERNEL-TOPOLOGY/ (with ~2 behind it if another run has that): console.log, results.log, output/
    (what the guest left in ROTA_OUTPUT)."""

    def __init__(self, build, kernel, topology, info):
        self.kernel, self.topology, self.info = kernel, topology, info
        self.name = f"{kernel.name}-{topology.name}"
        self.folder, self._claim = lock.claim(os.path.join(build, "vm", self.name))
        self.process = None

    def path(self, name):
        return os.path.join(self.folder, name)

    def prepare(self, base, overlay):
        """An empty folder with the initrd and the disk in it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.path("output"))
        with open(self.path("initrd"), "wb") as file:
            file.write(base)
            file.write(overlay)
        with open(self.path("disk"), "wb") as file:
            file.truncate(DISK_BYTES)

    def counts(self):
        """What rota should say of the topology, by the names of its summary. QEMU gives each socket one L3."""
        t = self.topology
        cores = t.sockets * t.cores
        return {"packages": t.sockets, "nodes": t.nodes, "llcs": t.sockets, "cores": cores, "cpus": t.cpus, "smt": t.threads}

    def expected(self):
        """The same as a word for the guest, packages:2,nodes:1,…: see tests/vm/test_topology.py."""
        return ",".join(f"{name}:{value}" for name, value in self.counts().items())

    def append(self, seconds):
        """The kernel's command line. A TSC that ticks with the host's, the same for all cpus, is what QEMU gives; the
        kernel, which cannot know, would distrust it and take a slow clock (each reading of HPET or PM timer leaves the
        emulated cpu)."""
        words = ["console=ttyS0", "panic=-1", "quiet", "tsc=reliable", "mitigations=off", "random.trust_cpu=on"]
        words += [f"rota.cgroup={self.kernel.cgroup}", f"rota.topology={self.topology.name}"]
        words += [f"rota.expect={self.expected()}", f"rota.seconds={seconds}"]
        return " ".join(words)

    def arguments(self, script_seconds, console):
        t = self.topology
        smp = f"{t.cpus},sockets={t.sockets},cores={t.cores},threads={t.threads}"
        argv = [QEMU, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-machine", "q35", "-smp", smp]
        # An AMD model shows no SMT without topoext; hence the vendor
        argv += ["-accel", os.environ.get("ROTA_VM_ACCEL", ACCEL), "-cpu", "max,vendor=GenuineIntel", "-m", str(MEMORY_MB)]
        argv += os.environ.get("ROTA_VM_QEMU", "").split()
        if t.nodes > 1:
            for node in range(t.nodes):
                first = node * t.cpus // t.nodes
                last = (node + 1) * t.cpus // t.nodes - 1
                argv += ["-object", f"memory-backend-ram,id=m{node},size={MEMORY_MB // t.nodes}M"]
                argv += ["-numa", f"node,nodeid={node},cpus={first}-{last},memdev=m{node}"]
        argv += ["-kernel", self.info["image"], "-initrd", self.path("initrd"), "-append", self.append(script_seconds)]
        argv += ["-serial", console, "-serial", f"file:{self.path('results.log')}"]
        argv += ["-drive", f"file={self.path('disk')},format=raw,if=none,id=disk", "-device", "virtio-blk-pci,drive=disk"]
        return argv

    def run(self, seconds, script_seconds):
        """Boots it and waits for its end. Returns None, or why it did not end well."""
        argv = self.arguments(script_seconds, f"file:{self.path('console.log')}")
        with open(self.path("qemu.log"), "wb") as log:
            with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True) as child:
                self.process = child
                try:
                    status = child.wait(seconds)
                except subprocess.TimeoutExpired:
                    return f"did not end in {seconds} s"
                finally:
                    self.end()
        if status != 0:
            return f"QEMU ended with status {status}: {self.text('qemu.log').strip()[-500:]}"
        if "Kernel panic" in self.text("console.log"):
            return "kernel panic"
        return None

    def end(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def shell(self):
        """Boots it with this terminal as its console; returns QEMU's status."""
        return subprocess.run(self.arguments(600, "mon:stdio"), check=False).returncode

    def text(self, name):
        try:
            with open(self.path(name), encoding="utf-8", errors="replace") as file:
                return file.read().replace("\r", "")
        except OSError:
            return ""

    def take_output(self):
        """Unpacks what the guest left; frees the disk and the initrd. Returns None, or why it could not."""
        try:
            with tarfile.open(self.path("disk"), "r:") as archive:
                for member in archive:
                    if member.isfile() or member.isdir():
                        member.mode |= 0o700 if member.isdir() else 0o600
                        member.uid, member.gid = os.getuid(), os.getgid()
                        archive.extract(member, self.path("output"), numeric_owner=True)
        except (tarfile.TarError, OSError) as error:
            return f"its output cannot be read: {error}"
        finally:
            for name in ("disk", "initrd"):
                if os.path.exists(self.path(name)):
                    os.unlink(self.path(name))
        return None


def obstacle():
    """Why no guest can run here, or None."""
    if not shutil.which(QEMU):
        return f"no {QEMU} (Debian: qemu-system-x86)"
    return None
