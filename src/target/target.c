/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: what the person asked for. Goes out: struct target: who is followed from the start, and the rule by which
 * others join. Who is born between this look and the attaching is capture's to find. rota's own threads are never among
 * them, nor are the dead.
 */
#include "target/target.h"
#include "target/cgroup.h"
#include "target/check.h"
#include "target/describe.h"
#include "target/proc.h"

#include "base/alloc.h"
#include "base/log.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>
#include <unistd.h>

struct members { /* who belongs to it now */
	struct idlist processes, threads;
};

static void members_fini(struct members *members)
{
	idlist_fini(&members->processes);
	idlist_fini(&members->threads);
}

/* --- who belongs to it now ---------------------------------------------------------------------------------------- */

/* The processes named with -p are in the list already. */
static int collect_process(const char *root, const struct target *target, struct members *members)
{
	return target->children ? proc_add_descendants(root, &members->processes) : 0;
}

static int collect_cgroup(const char *root, const struct target *target, struct members *members)
{
	struct idlist all = { 0 }, own = { 0 };
	int err = cgroup_list_threads(target->cgroup_path, &all);

	proc_list_threads(root, proc_self(root), &own);
	for (size_t i = 0; i < all.count; i++) {
		if (!idlist_has(&own, all.ids[i]))
			idlist_add(&members->threads, all.ids[i]);
	}
	idlist_fini(&all);
	idlist_fini(&own);
	return err;
}

static bool name_matches(const char *root, const char *glob, uint32_t tgid, uint32_t tid)
{
	struct proc_stat stat;

	return !proc_thread_read(root, tgid, tid, &stat) && !proc_is_dead(&stat) && !fnmatch(glob, stat.comm, 0);
}

/* By its leader's name, which stays when the leader ends before the others. */
static bool process_matches(const char *root, const char *glob, uint32_t tgid)
{
	struct proc_stat stat;

	return !proc_stat_read(root, tgid, &stat) && !fnmatch(glob, stat.comm, 0) &&
	       (!proc_is_dead(&stat) || proc_is_alive(root, tgid));
}

/* Kernel threads too: a name says which ones are meant. */
static int collect_name(const char *root, const struct target *target, struct members *members)
{
	struct idlist all = { 0 };
	uint32_t self = proc_self(root);
	int err = proc_list_processes(root, &all);

	for (size_t i = 0; i < all.count; i++) {
		struct idlist threads = { 0 };

		if (all.ids[i] == self)
			continue;
		if (process_matches(root, target->name_glob, all.ids[i])) {
			idlist_add(&members->processes, all.ids[i]);
			continue;
		}
		proc_list_threads(root, all.ids[i], &threads);
		for (size_t j = 0; j < threads.count; j++) {
			if (threads.ids[j] != all.ids[i] &&
			    name_matches(root, target->name_glob, all.ids[i], threads.ids[j]))
				idlist_add(&members->threads, threads.ids[j]);
		}
		idlist_fini(&threads);
	}
	idlist_fini(&all);
	if (!err && target->children && members->processes.count)
		err = proc_add_descendants(root, &members->processes);
	return err;
}

static int collect(const char *root, const struct target *target, struct members *members)
{
	switch (target->kind) {
	case TARGET_PROCESS:
		return collect_process(root, target, members);
	case TARGET_CGROUP:
		return collect_cgroup(root, target, members);
	case TARGET_NAME:
		return collect_name(root, target, members);
	case TARGET_THREAD:
	case TARGET_COMMAND:
	case TARGET_SYSTEM:
		break;
	}
	return 0;
}

/* --- from the request to the rule --------------------------------------------------------------------------------- */

static int resolve_process(const char *root, const struct target_request *request, struct target *target,
			   struct members *members)
{
	int err = check_parse("-p", request->text, &members->processes);

	if (err)
		return err;
	target->pidfds = xcalloc(members->processes.count, sizeof(*target->pidfds));
	for (size_t i = 0; i < members->processes.count; i++) {
		err = check_process(root, members->processes.ids[i], &target->pidfds[i]);
		if (err)
			return err;
		target->pidfd_count++;
	}
	target->description = describe_ids(root, members->processes.ids, members->processes.count, "processes");
	return 0;
}

static int resolve_thread(const char *root, const struct target_request *request, struct target *target,
			  struct members *members)
{
	int err = check_parse("-t", request->text, &members->threads);

	for (size_t i = 0; i < members->threads.count && !err; i++)
		err = check_thread(root, members->threads.ids[i]);
	if (err)
		return err;
	target->children = false;
	target->description = describe_ids(root, members->threads.ids, members->threads.count, "threads");
	return 0;
}

static int resolve_cgroup(const char *root, const struct target_request *request, struct target *target,
			  struct members *members)
{
	struct cgroup cgroup;
	char *name;
	int err = cgroup_find(root, request->text, &cgroup);

	if (err)
		return err;
	target->cgroup_hierarchy = cgroup.hierarchy;
	target->cgroup_id = cgroup.id;
	target->cgroup_path = xstrdup(cgroup.path);
	name = describe_text(cgroup.name, 0);
	target->description = xasprintf("cgroup %s", name);
	free(name);
	cgroup_fini(&cgroup);
	return 0;
}

static int resolve_name(const char *root, const struct target_request *request, struct target *target,
			struct members *members)
{
	char *shown;

	if (!*request->text) {
		log_error("-n needs a name, or a pattern such as 'postgres*'");
		return -EINVAL;
	}
	target->name_glob = xstrdup(request->text);
	/* the kernel keeps 15 bytes of a name; a longer plain name would never match */
	if (strlen(request->text) >= ROTA_COMM_SIZE && !strpbrk(request->text, "*?[\\"))
		target->name_glob[ROTA_COMM_SIZE - 1] = 0;
	shown = describe_text(target->name_glob, DESCRIBE_COLUMNS);
	target->description = xasprintf("name '%s'", shown);
	free(shown);
	return 0;
}

static int resolve_command(const char *root, const struct target_request *request, struct target *target,
			   struct members *members)
{
	if (!request->command || !request->command[0] || !*request->command[0]) {
		log_error("no command after --; give one, such as -- make -j4");
		return -EINVAL;
	}
	target->description = describe_command(request->command);
	return 0;
}

static int resolve_system(const char *root, const struct target_request *request, struct target *target,
			  struct members *members)
{
	target->description = xstrdup("the whole system");
	return 0;
}

int target_resolve(const char *root, const struct target_request *request, struct target **ret_target)
{
	static int (*const resolve[])(const char *root, const struct target_request *request, struct target *target,
				      struct members *members) = {
		[TARGET_PROCESS] = resolve_process, [TARGET_THREAD] = resolve_thread,
		[TARGET_CGROUP] = resolve_cgroup,   [TARGET_NAME] = resolve_name,
		[TARGET_COMMAND] = resolve_command, [TARGET_SYSTEM] = resolve_system,
	};
	struct target *target = xcalloc(1, sizeof(*target));
	struct members members = { 0 };
	int err;

	target->kind = request->kind;
	target->children = request->children;
	err = resolve[request->kind](root, request, target, &members);
	if (!err) {
		err = collect(root, target, &members);
		if (err)
			log_error("cannot list the members of %s: %s; is /proc mounted?", target->description,
				  strerror(-err));
	}
	if (err) {
		members_fini(&members);
		target_free(target);
		return err;
	}
	target->processes = idlist_take(&members.processes, &target->process_count);
	target->threads = idlist_take(&members.threads, &target->thread_count);
	*ret_target = target;
	return 0;
}

void target_free(struct target *target)
{
	if (!target)
		return;
	for (size_t i = 0; i < target->pidfd_count; i++) {
		if (target->pidfds[i] >= 0)
			close(target->pidfds[i]);
	}
	free(target->pidfds);
	free(target->processes);
	free(target->threads);
	free(target->name_glob);
	free(target->cgroup_path);
	free(target->description);
	free(target);
}
