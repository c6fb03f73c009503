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

#define CGROUP_TREES 2
struct cgroup_tree { /* where limits on cpu time may be set: cgroup v2, and cgroup v1's cpu hierarchy */
	char *point; /* the directory where it is mounted, below the root path */
	char *base; /* the cgroup that is seen there: "/", or a container's own; paths of /proc/PID/cgroup begin with it */
	bool v1;
};

/* At most one of each version; the number of them. The caller frees each with cgroup_tree_fini(). */
size_t cgroup_cpu_trees(const char *root, struct cgroup_tree ret_trees[CGROUP_TREES]);
void cgroup_tree_fini(struct cgroup_tree *tree);
/* Whether a line of /proc/PID/cgroup (taken apart in place) is that of v1's cpu hierarchy, or of v2; *ret_path: its path. */
bool cgroup_line_is(char *line, bool v1, char **ret_path);
/* Appends the threads in the directory `path` and all below it, as far as they are still there. 0 or -errno. */
int cgroup_list_threads(const char *path, struct idlist *list);

#endif
