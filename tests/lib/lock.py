# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Locks in the build folder, so that two runs at a time do not spoil each other's files."""

import contextlib
import fcntl
import os


@contextlib.contextmanager
def locked(path):
    """Holds the lock file `path`, waiting for who has it."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def claim(path):
    """The first of `path`, `path`~2, `path`~3 … that nobody has claimed, and the open file that holds the claim."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    for number in range(1, 100):
        name = path if number == 1 else f"{path}~{number}"
        file = open(f"{name}.lock", "w", encoding="ascii")  # held as long as the claim, pylint: disable=consider-using-with
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return name, file
        except BlockingIOError:
            file.close()
    raise RuntimeError(f"99 others use {path}")
