/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What to follow: the options -p, -t, -c, -n, -a or a command turned into ids and rules that capture puts into the kernel.
 * Reads /proc and the cgroup file systems below a root path (a directory of canned files in tests, "" on a machine).
 * Ids are those of the pid namespace rota runs in, as the person typed them; capture translates them for the kernel.
 */
#ifndef ROTA_TARGET_TARGET_H
#define ROTA_TARGET_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum target_kind {
	TARGET_PROCESS, /* -p: processes, their threads; and, with children, all their descendants, living and to come */
	TARGET_THREAD,  /* -t: exactly these threads */
	TARGET_CGROUP,  /* -c: every thread in a cgroup or a descendant of it, as they come and go */
	TARGET_NAME, /* -n: processes and threads whose name (comm) matches a glob, as they come, exec and are renamed */
	TARGET_COMMAND, /* -- CMD: a child of rota, held until everything is attached */
	TARGET_SYSTEM,  /* -a: every thread but rota's own and the idle tasks */
};

struct target {
	enum target_kind kind;
	bool children;       /* follow what they start; always false for TARGET_THREAD */
	uint32_t *processes; /* tgids to follow from the start (with their living descendants) */
	size_t process_count;
	uint32_t *threads; /* tids to follow from the start, beyond those of `processes` */
	size_t thread_count;
	int *pidfds; /* TARGET_PROCESS: one for each -p, readable when it has ended; -1 for none */
	size_t pidfd_count;
	char *name_glob;           /* TARGET_NAME: fnmatch(3) pattern of *, ? and [...] on the 15 bytes of comm */
	uint32_t cgroup_hierarchy; /* TARGET_CGROUP: hierarchy id (0 = v2) and the id (inode) of the directory */
	uint64_t cgroup_id;
	char *cgroup_path;
	char *description; /* for people: "checkout[4711]", "2 processes: …", "cgroup /a/b", "ls -l" */
};

struct target_request { /* as parsed from the command line; exactly one kind */
	enum target_kind kind;
	const char *text;     /* the option's argument; NULL for COMMAND and SYSTEM */
	char *const *command; /* TARGET_COMMAND: argv, NULL-terminated */
	bool children;
};

/*
 * 0, or -errno with the reason logged (what, why, what to do): -EINVAL a text that is no pid list, -ESRCH no such process
 * or thread (says when -p was given a tid that is no process, and which process it belongs to), -EINVAL for a zombie, a
 * kernel thread or rota itself, -ENOENT no such cgroup or nothing matches now (TARGET_NAME: not an error, it may come).
 */
int target_resolve(const char *root, const struct target_request *request, struct target **ret_target);
void target_free(struct target *target);

#endif
