# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A running witness (witness.go) as a test sees it: what it said, by event, and the commands it takes. The test goes on
when the witness has said that it is where the test wants it; nothing waits for a time.

    w = Witness(path, "block", "-n", "3")     all goroutines are there, and wait
    w.begin()                                 they work
    w.mark()                                  → points so far
    end = w.end()                             → the end line; done and points are complete
"""

import os

from rotatest import Failure, start


class Witness:
    """Workers by name in `workers`, `done`; `points` {name: [(ns, tid), …]}, all that were said so far."""

    def __init__(self, path, mode, *arguments, env=None):
        self.child = start(path, "-mode", mode, "-told", "stdin", *arguments, env=dict(os.environ, **(env or {})))
        self.workers, self.done, self.points, self.events = {}, {}, {}, []
        self.process = self.control = None
        self._until("ready")

    @property
    def pid(self):
        return self.child.pid

    def _until(self, event):
        while True:
            fields = self.child.json_line()
            self.events.append(fields)
            kind = fields["event"]
            if kind == "worker":
                self.workers[fields["name"]] = fields
            elif kind == "done":
                self.done[fields["name"]] = fields
            elif kind == "points":
                self.points.setdefault(fields["name"], []).extend((ns, tid) for ns, tid in fields["points"])
                if fields["dropped"]:
                    raise Failure(f"{fields['name']} dropped {fields['dropped']} points: mark more often, or -every longer")
            elif kind in ("process", "control"):
                setattr(self, kind, fields)
            if kind == event:
                return fields

    def begin(self):
        self.child.say("begin")
        return self._until("working")

    def mark(self):
        """The process line of now; the points of all workers until now are in `points`."""
        self.child.say("mark")
        process = self._until("process")
        for _ in self.workers:
            self._until("points")
        return process

    def end(self):
        self.child.say("end")
        end = self._until("end")
        self.child.finish().expect(0)
        return end
