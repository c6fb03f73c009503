/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Limits on cpu time: in which cgroups of v2 and of v1's cpu hierarchy a thread is, what limit each has, and how often it was
 * hit. Reads below a root path (a directory of canned files in tests, "" on a machine). Never logs.
 *
 * cpu.max, cpu.stat: Documentation/admin-guide/cgroup-v2.rst; cpu.cfs_quota_us, cpu.cfs_period_us, cpu.stat:
 * Documentation/scheduler/sched-bwc.rst. The root cgroup has no limit; in a
 * container, what looks like the root is a cgroup of the host and may have one.
 */
#ifndef ROTA_TARGET_QUOTA_H
#define ROTA_TARGET_QUOTA_H

#include "target/cgroup.h"

struct quota_reading {
	uint64_t quota_ns; /* cpu time allowed in a period; 0: no limit */
	uint64_t period_ns;
	uint64_t periods, throttled_periods; /* since the cgroup exists: nr_periods, nr_throttled */
	uint64_t throttled_ns; /* throttled_usec, v1: throttled_time. Added up over cpus, and only when a stay ends */
};

struct quota_place { /* a cgroup in one of the trees */
	char *path;  /* as in /proc/PID/cgroup: "/a/b" */
	char *directory;
	bool v1;
};

struct quota_trees {
	char *root;
	struct cgroup_tree trees[CGROUP_TREES];
	size_t count;
};

void quota_trees_open(const char *root, struct quota_trees *ret_trees);
void quota_trees_close(struct quota_trees *trees);
/*
 * Calls `use` for each cgroup that thread tid is in, and for its ancestors up to what is mounted, the leaf first. `place` lives
 * until `use` returns. 0; -ESRCH where there is no such thread; -errno. *ret_hidden is set where a cgroup lies outside
 * of what this mount and cgroup namespace show (cgroup_namespaces(7): "/..").
 */
typedef void (*quota_use)(void *ctx, const struct quota_place *place);
int quota_places_of(const struct quota_trees *trees, uint32_t tid, quota_use use, void *ctx, bool *ret_hidden);
/* The same for the cgroup in `directory`, as struct cgroup.path has it, and its ancestors. False: it is in none of the trees. */
bool quota_places_above(const struct quota_trees *trees, const char *directory, quota_use use, void *ctx);
/* The same for all cgroups below `directory`, or for all cgroups there are (NULL), at most `most`. False: there are more. */
bool quota_places_below(const struct quota_trees *trees, const char *directory, size_t most, quota_use use, void *ctx);
/* 0; -ENOENT: it is gone, or no limit can be set there (root, or the controller is not enabled); -EBADMSG; -errno. */
int quota_read(const char *directory, bool v1, struct quota_reading *ret_reading);
/* Whether rota's own cgroup namespace hides ancestors from it. */
bool quota_namespace_hides(void);

#endif
