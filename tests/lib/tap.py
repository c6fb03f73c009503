# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Counting what test programs report as TAP; tests/run and tests/vm/run share it."""

import re

RESULT = re.compile(r"^(ok|not ok)\b\s*\d*\s*-?\s*(.*?)\s*(?:#\s*SKIP\b\s*(.*))?$", re.IGNORECASE)
PLAN = re.compile(r"^1\.\.(\d+)")
CRITERION_TIME = re.compile(" +[(][0-9.]+s[)]$")  # behind a test's name


def _print(line):
    print(line, flush=True)


class Totals:
    """How many tests passed, failed, were skipped. Says each failure and skip, and if verbose each pass, through `say`."""

    def __init__(self, verbose=False, say=_print):
        self.passed = self.failed = self.skipped = 0
        self.verbose, self.say = verbose, say
        self.failures = []

    def counts(self):
        return self.passed, self.failed, self.skipped

    def ok(self, name):
        self.passed += 1
        if self.verbose:
            self.say(f"  passed   {name}")

    def skip(self, name, reason):
        self.skipped += 1
        self.say(f"  skipped  {name}: {reason or 'no reason given'}")

    def fail(self, name, output):
        self.failed += 1
        self.failures.append(name)
        self.say("\n".join([f"  FAILED   {name}", *(f"      {line}" for line in output.splitlines())]))

    def add(self, other):
        """What another counted and said."""
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.failures += other.failures

    def finish(self):
        """Names what failed, prints the last line, returns the exit status."""
        if self.failures:
            self.say("\n".join(["", "failed:", *(f"  {name}" for name in self.failures)]))
        self.say(f"\n{self.passed} passed, {self.failed} failed, {self.skipped} skipped")
        return 1 if self.failed or not self.passed + self.skipped else 0  # nothing to run is no success


def count_tap(totals, name, tap, status, output):
    """Adds one program's TAP to the totals. What it did not report (a crash, a missing result) is one failure more."""
    planned, seen, failed, pending = None, 0, 0, None
    details = []

    def settle():
        if pending is not None:
            totals.fail(pending, "\n".join(details))

    for line in tap.splitlines():
        plan, result = PLAN.match(line), RESULT.match(line)
        if result or plan:
            settle()
            pending, details = None, []
        if plan:
            planned = int(plan[1])
        elif result:
            seen += 1
            title = f"{name}: {CRITERION_TIME.sub('', result[2])}"
            if result[1].lower() == "not ok":
                failed += 1
                pending = title
            elif result[3] is not None:
                totals.skip(title, result[3])
            else:
                totals.ok(title)
        elif pending is not None:
            details.append(line[2:] if line.startswith("# ") else line)
    settle()
    if planned is None:
        totals.fail(name, f"printed no TAP plan; status {status}\n{tap}{output}")
    elif seen != planned:
        totals.fail(name, f"{seen} of {planned} tests reported; status {status}\n{output}")
    elif status != 0 and failed == 0:
        totals.fail(name, f"all tests passed, but its status is {status}\n{output}")
    elif failed and output.strip():
        totals.say("      " + output.strip().replace("\n", "\n      "))
