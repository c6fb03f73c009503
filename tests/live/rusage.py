# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""rusage.py COMMAND…: runs it, then prints what wait4(2) says of it as one JSON line, and exits as it did."""

import json
import os
import sys


def main():
    pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
    _, status, usage = os.wait4(pid, 0)
    print(
        json.dumps(
            {
                "rusage": pid,
                "cpu_seconds": usage.ru_utime + usage.ru_stime,
                "voluntary": usage.ru_nvcsw,
                "involuntary": usage.ru_nivcsw,
            }
        )
    )
    sys.exit(os.waitstatus_to_exitcode(status))


main()
