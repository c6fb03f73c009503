/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which machine this is, what time it is on each of its clocks, and what its cpus have been doing besides threads. */
#ifndef ROTA_HOST_IDENTITY_H
#define ROTA_HOST_IDENTITY_H

#include "base/cpulist.h"

#include <stddef.h>
#include <stdint.h>

struct identity {
	char host_name[65], kernel[65], arch[65]; /* uname(2): nodename, release, machine */
	int32_t utc_offset_s;                     /* seconds east of UTC, now */
};
int identity_read(struct identity *ret_identity); /* 0 or -errno */

struct identity_clocks { /* three clocks at one moment */
	uint64_t monotonic_ns, boottime_ns, realtime_ns;
	uint64_t error_ns; /* how far apart the readings can be at most */
};
/* Reads MONOTONIC, the other two and MONOTONIC again, and keeps the quickest of several tries. */
void identity_clocks_read(struct identity_clocks *ret_clocks);

/* Cpus that are online now. 0 or -errno. `root` is "" on a machine, a directory of canned files in tests. */
int identity_online(const char *root, struct cpulist *ret_online);

struct identity_cpu_time { /* cumulative since boot, in steps of a tick (10 ms) */
	bool known;        /* false: the cpu is not in /proc/stat (offline) */
	uint64_t steal_ns, irq_ns /* hard and soft interrupts */;
};
/* *ret_times (malloc'd) is indexed by cpu number; *ret_count is the highest one in /proc/stat + 1. 0 or -errno. */
int identity_cpu_times(const char *root, struct identity_cpu_time **ret_times, size_t *ret_count);

#endif
