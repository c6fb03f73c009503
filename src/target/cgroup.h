/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Cgroups of both versions, found in the mounts that /proc/self/mountinfo below a root path names. Private to src/target. */
#ifndef ROTA_TARGET_CGROUP_H
#define ROTA_TARGET_CGROUP_H

#include "target/idlist.h"

struct cgroup {
	uint32_t hierarchy; /* 0 = v2 */
	uint64_t id;        /* the directory's inode: kernfs_node.id, on 64-bit kernels */
	char *path;         /* the directory, to be opened as it stands */
	char *name;         /* the path inside its hierarchy's mount: "/a/b" */
};

/*
 * `text`: a directory below a cgroup mount, "controller:/a/b", or "/a/b" or "a/b" inside the v2 mount, else inside the v1
 * mount of cpu, else of any other that has it. 0, or -ENOENT, -EINVAL, -errno with the reason logged.
 */
int cgroup_find(const char *root, const char *text, struct cgroup *ret_cgroup);
void cgroup_fini(struct cgroup *cgroup);
/* Appends the threads in the directory `path` and all below it, as far as they are still there. 0 or -errno. */
int cgroup_list_threads(const char *path, struct idlist *list);

#endif
