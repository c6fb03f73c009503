# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What blocked threads are said to be blocked in, against /proc/TID/syscall, the descriptors' links and the program itself.

tests/live/blocked.c blocks threads in some forty known ways. Followed from its start, each way shows in the SWITCH by which its
thread left; attached to later, in the REASON that the first walk writes. The kernel's own answer is read meanwhile.
"""

import ctypes
import os
import re
import socket
import subprocess

import observe
import rotatest
from observe import Recording, say
from rotatest import BUILD, ROTA, check, equal, program, run, start, wait_for

MKTRACE = os.path.join(BUILD, "tests", "tool", "mktrace")
PIDFD_GETFD = 438
BUSY = "sync_file"  # blocks again and again: /proc shows one of many moments
FAMILIES = {
    "unix": socket.AF_UNIX,
    "inet": socket.AF_INET,
    "inet6": socket.AF_INET6,
    "netlink": socket.AF_NETLINK,
    "packet": socket.AF_PACKET,
    "vsock": socket.AF_VSOCK,
}
LINKS = {  # what /proc/PID/fd/N leads to
    "pipe": r"pipe:|.*/fifo$",
    "eventfd": r"anon_inode:\[eventfd\]",
    "timerfd": r"anon_inode:\[timerfd\]",
    "signalfd": r"anon_inode:\[signalfd\]",
    "inotify": r"anon_inode:inotify",
    "fanotify": r"anon_inode:\[fanotify\]",
    "userfaultfd": r"anon_inode:\[userfaultfd\]",
    "epoll": r"anon_inode:\[eventpoll\]",
    "io_uring": r"anon_inode:\[io_uring\]",
    "pidfd": r"anon_inode:\[pidfd\]",
    "tty": r"/dev/(pts/\d+|ptmx|pts/ptmx)$",
    "char": r"/dev/kmsg$",
    "block": r".*/block$",
    "directory": r"/",
    "file": r"/",
}


# --- what is not rota ------------------------------------------------------------------------------------------------


def saved_syscall(tid):
    """Number and first argument as the kernel tells them, (-1, None) in no call, None while it runs."""
    with open(f"/proc/{tid}/syscall", encoding="ascii") as file:
        words = file.read().split()
    if words[0] == "running":
        return None
    return (-1, None) if words[0] == "-1" else (int(words[0]), int(words[1], 16))


def family_of(pid, fd):
    pidfd = os.pidfd_open(pid)
    copy = ctypes.CDLL(None, use_errno=True).syscall(PIDFD_GETFD, pidfd, fd, 0)
    os.close(pidfd)
    check(copy >= 0, f"pidfd_getfd: {os.strerror(ctypes.get_errno())}")
    with socket.socket(fileno=copy) as copied:
        return copied.getsockopt(socket.SOL_SOCKET, socket.SO_DOMAIN)


def check_account(pid, way):
    """The program did what it says: the kernel agrees on the call, its argument and the kind of file."""
    if way["name"] == BUSY:
        return
    number, first = wait_for(lambda: saved_syscall(way["tid"]), what=f"{way['name']} to block")
    equal(number, way["number"], f"{way['name']}: number of the call by /proc")
    if way["address"]:
        equal(first, way["address"], f"{way['name']}: address by /proc")
    if way["fd"] < 0:
        return
    equal(first, way["fd"], f"{way['name']}: descriptor by /proc")
    if way["kind"] in FAMILIES:
        equal(family_of(pid, way["fd"]), FAMILIES[way["kind"]], f"{way['name']}: family of the socket")
    else:
        link = os.readlink(f"/proc/{pid}/fd/{way['fd']}")
        check(re.match(LINKS[way["kind"]], link), f"{way['name']}: descriptor {way['fd']} is {link}")


def in_memory(folder):
    return run("stat", "-f", "-c", "%T", folder).out.strip() == "tmpfs"


def settle(account):
    """Until every thread is where it will stay: twice in a row asleep with as many switches."""
    for way in account["ways"]:
        if not way["cannot"] and way["name"] != BUSY:
            wait_for(lambda tid=way["tid"]: asleep(tid), what=f"{way['name']} to sleep")
            check_account(account["pid"], way)


def asleep(tid):
    with open(f"/proc/{tid}/stat", encoding="utf-8") as file:
        return file.read().rsplit(")", 1)[1].split()[0] in "SD" and saved_syscall(tid)


# --- what rota says --------------------------------------------------------------------------------------------------


def expected(way):
    """Texts of mktrace -d that are right: a call is a name, or a number where libseccomp is older than the call."""
    calls = {way["call"], str(way["number"])} if way["number"] >= 0 else {way["call"]}
    end = (f":{way['kind']}" if way["kind"] else "") + (f" at {way['address']:#x}" if way["address"] else "")
    return {call + end for call in calls}


def said(trace):
    """By tid, what its SWITCH records and its REASON records say, in their order."""
    dump = run(MKTRACE, "-d", trace).expect(0).out
    switches, reasons = {}, {}
    for line in dump.splitlines():
        match = re.match(r"@\S+ +cpu\d+ (switch|reason) (\d+) (?:-> \S+ blocked )?.*?in (\S+(?: at 0x[0-9a-f]+)?)", line)
        if match:
            (switches if match[1] == "switch" else reasons).setdefault(int(match[2]), []).append(match[3])
    return switches, reasons


def check_ways(account, by_tid, what):
    done = 0
    for way in account["ways"]:
        if way["cannot"]:
            say(f"{way['name']}: cannot be had here: {way['cannot']}")
            continue
        # once the program ends, a thread may block on its way out, too: that is no way of the program's
        texts = [text for text in by_tid.get(way["tid"], []) if text != "exiting"]
        if way["name"] == BUSY:
            in_fsync = {text for text in texts if text.startswith("fsync")}
            check(in_fsync <= expected(way), f"{way['name']}: {what} says {in_fsync}")
            check(in_fsync or what != "SWITCH" or in_memory(rotatest.tempdir()), "a file on a disk was synced without a wait")
            continue
        check(texts, f"{way['name']} (tid {way['tid']}): no {what} says why it blocked")
        check(texts[-1] in expected(way), f"{way['name']}: {what} says {texts[-1]!r}, expected one of {expected(way)}")
        done += 1
    check(done >= 25, f"only {done} ways to block")
    say(f"{done} ways by {what}")


def test_from_the_start():
    """Each thread's last switch-out says it."""
    path = os.path.join(rotatest.tempdir(), "x.rota")
    child = start(ROTA, "record", "-q", "-o", path, "--", program("blocked"), "--folder", rotatest.tempdir())
    account = child.json_line()
    settle(account)
    child.finish(stdin=b"").expect(0)
    check_ways(account, said(path)[0], "SWITCH")


def test_attached_to_what_sleeps():
    """None of them runs in the window: the walk says it, right before it says that the thread is blocked."""
    child = start(program("blocked"), "--folder", rotatest.tempdir())
    account = child.json_line()
    settle(account)
    recording = Recording("-p", str(account["pid"]))
    recording.stop()
    dump = run(MKTRACE, "-d", recording.path).expect(0).out
    child.finish(stdin=b"").expect(0)
    check_ways(account, said(recording.path)[1], "REASON")
    for tid in (way["tid"] for way in account["ways"] if not way["cannot"] and way["name"] != BUSY):
        lines = [line for line in dump.splitlines() if re.search(rf" (reason|task) {tid} ", line)]
        kinds = [line.split()[2] for line in lines]
        equal(kinds[:2], ["reason", "task"], f"records of {tid}")
        equal(lines[0].split()[:2], lines[1].split()[:2], "time and ring of the two")
        check(" blocked" in lines[1], f"{lines[1]!r} after a REASON")


def test_workers_are_not_in_their_creators_call():
    """Kernel threads, and with --system all of them: none is said to be in a call."""
    path = os.path.join(rotatest.tempdir(), "x.rota")
    run(ROTA, "record", "-q", "-a", "-d", "500ms", "-o", path).expect(0)
    dump = run(MKTRACE, "-d", path).expect(0).out
    workers = set(re.findall(r" task (\d+) .*? (?:kthread|worker)\b", dump))
    switches, reasons = said(path)
    told = {text for tid in workers for text in switches.get(int(tid), []) + reasons.get(int(tid), [])}
    check(workers, "no kernel thread in a trace of the whole machine")
    equal(told, {"worker"}, "what kernel threads are blocked in")


rotatest.main(live=True)
