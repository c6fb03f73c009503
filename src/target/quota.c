/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: threads and directories. Goes out: cgroups that may limit them, and their counters. What vanishes meanwhile was
 * not there. Never assumes that the limit is on the leaf: any ancestor may have it.
 */
#include "target/quota.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH_MAX         128         /* of nested cgroups */
#define INITIAL_CGROUP_NS 0xEFFFFFFBU /* PROC_CGROUP_INIT_INO, include/linux/proc_ns.h */
#define NS_PER_US         1000U

void quota_trees_open(const char *root, struct quota_trees *ret_trees)
{
	*ret_trees = (struct quota_trees){ .root = xasprintf("%s", root) };
	ret_trees->count = cgroup_cpu_trees(root, ret_trees->trees);
}

void quota_trees_close(struct quota_trees *trees)
{
	for (size_t i = 0; i < trees->count; i++)
		cgroup_tree_fini(&trees->trees[i]);
	free(trees->root);
	*trees = (struct quota_trees){ 0 };
}

bool quota_namespace_hides(void)
{
	struct stat status;

	return !stat("/proc/self/ns/cgroup", &status) && status.st_ino != INITIAL_CGROUP_NS;
}

/* --- which cgroups ------------------------------------------------------------------------------------------------ */

/* What of `path` lies below `base`: "/a/b" below "/a" is "/b", below "/" itself; NULL: not below it. */
static const char *below(const char *path, const char *base)
{
	size_t length = strcmp(base, "/") ? strlen(base) : 0;

	if (strncmp(path, base, length) != 0 || (path[length] && path[length] != '/'))
		return NULL;
	return path + length;
}

static void use_place(const struct cgroup_tree *tree, const char *inside, quota_use use, void *ctx)
{
	struct quota_place place = { .v1 = tree->v1 };

	place.path = xasprintf("%s%s", strcmp(tree->base, "/") || !*inside ? tree->base : "", inside);
	place.directory = xasprintf("%s%s", tree->point, inside);
	use(ctx, &place);
	free(place.path);
	free(place.directory);
}

/* `inside`: the path below the mount, cut back in place to "", which is the root; a container's root may have a limit. */
static void climb(const struct cgroup_tree *tree, char *inside, quota_use use, void *ctx)
{
	char *slash;

	while (inside[0] && inside[1] && (slash = strrchr(inside, '/'))) {
		use_place(tree, inside, use, ctx);
		*slash = 0;
	}
	use_place(tree, "", use, ctx);
}

static void use_line(const struct quota_trees *trees, char *line, quota_use use, void *ctx, bool *ret_hidden)
{
	for (size_t i = 0; i < trees->count; i++) {
		char *path, *copy = xasprintf("%s", line);
		const char *inside;

		if (cgroup_line_is(copy, trees->trees[i].v1, &path)) {
			inside = below(path, trees->trees[i].base);
			if (!inside || !strncmp(path, "/..", 3))
				*ret_hidden = true;
			else
				climb(&trees->trees[i], path + (inside - path), use, ctx);
		}
		free(copy);
	}
}

int quota_places_of(const struct quota_trees *trees, uint32_t tid, quota_use use, void *ctx, bool *ret_hidden)
{
	char path[PATH_MAX], *line = NULL;
	size_t capacity = 0;
	FILE *file;

	if ((size_t)snprintf(path, sizeof(path), "%s/proc/%" PRIu32 "/cgroup", trees->root, tid) >= sizeof(path))
		return -ENAMETOOLONG;
	file = fopen(path, "re");
	if (!file)
		return errno == ENOENT ? -ESRCH : -errno;
	while (getline(&line, &capacity, file) >= 0)
		use_line(trees, line, use, ctx, ret_hidden);
	free(line);
	fclose(file);
	return 0;
}

bool quota_places_above(const struct quota_trees *trees, const char *directory, quota_use use, void *ctx)
{
	for (size_t i = 0; i < trees->count; i++) {
		const char *inside = below(directory, trees->trees[i].point);
		char *copy;

		if (!inside)
			continue;
		copy = xasprintf("%s", inside);
		climb(&trees->trees[i], copy, use, ctx);
		free(copy);
		return true;
	}
	return false;
}

struct descent {
	const struct cgroup_tree *tree;
	quota_use use;
	void *ctx;
	size_t left;
	bool cut;
};

static void descend(struct descent *descent, const char *directory, int depth)
{
	DIR *stream = opendir(directory);
	struct dirent *entry;

	while (stream && !descent->cut && (entry = readdir(stream))) {
		char *child;

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		if (!descent->left || depth == DEPTH_MAX) {
			descent->cut = true;
			break;
		}
		descent->left--;
		child = xasprintf("%s/%s", directory, entry->d_name);
		use_place(descent->tree, child + strlen(descent->tree->point), descent->use, descent->ctx);
		descend(descent, child, depth + 1);
		free(child);
	}
	if (stream)
		closedir(stream);
}

bool quota_places_below(const struct quota_trees *trees, const char *directory, size_t most, quota_use use, void *ctx)
{
	struct descent descent = { .use = use, .ctx = ctx, .left = most };

	for (size_t i = 0; i < trees->count && !descent.cut; i++) {
		descent.tree = &trees->trees[i];
		if (!directory) {
			use_place(descent.tree, "", use, ctx);
			descend(&descent, descent.tree->point, 0);
		}
		if (directory && below(directory, descent.tree->point))
			descend(&descent, directory, 0);
	}
	return !descent.cut;
}

/* --- limits and counters ------------------------------------------------------------------------------------------ */

static int read_file(const char *directory, const char *name, char *ret_text, size_t size)
{
	char path[PATH_MAX];
	ssize_t n;
	int fd, err;

	ret_text[0] = 0;
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", directory, name) >= sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, ret_text, size - 1);
	err = n < 0 ? -errno : 0;
	close(fd);
	ret_text[n > 0 ? n : 0] = 0;
	return err == -ENODEV ? -ENOENT : err; /* removed between the two calls */
}

/* "max 100000" or "50000 100000" (v2); in v1 two files, -1 for no limit. Microseconds. */
static int read_limit(const char *directory, bool v1, struct quota_reading *reading)
{
	char text[64] = "", period[32] = "";
	uint64_t quota_us = 0, period_us = 0;
	int err = read_file(directory, v1 ? "cpu.cfs_quota_us" : "cpu.max", text, sizeof(text));

	if (!err && v1)
		err = read_file(directory, "cpu.cfs_period_us", period, sizeof(period));
	if (err)
		return err;
	if (text[0] == '-' || !strncmp(text, "max", 3))
		return 0;
	if (v1 ? sscanf(text, "%" SCNu64, &quota_us) + sscanf(period, "%" SCNu64, &period_us) != 2
	       : sscanf(text, "%" SCNu64 " %" SCNu64, &quota_us, &period_us) != 2)
		return -EBADMSG;
	if (!period_us || quota_us > UINT64_MAX / NS_PER_US || period_us > UINT64_MAX / NS_PER_US)
		return -EBADMSG;
	reading->quota_ns = quota_us * NS_PER_US;
	reading->period_ns = period_us * NS_PER_US;
	return 0;
}

/* A line "name value" of cpu.stat; 0 where there is none. */
static uint64_t counter(const char *text, const char *name)
{
	size_t length = strlen(name);

	while (text && *text) {
		if (!strncmp(text, name, length) && text[length] == ' ')
			return strtoull(text + length, NULL, 10);
		text = strchr(text, '\n');
		text += text ? 1 : 0;
	}
	return 0;
}

int quota_read(const char *directory, bool v1, struct quota_reading *ret_reading)
{
	struct quota_reading reading = { 0 };
	char text[2048] = "";
	int err = read_limit(directory, v1, &reading);

	if (!err)
		err = read_file(directory, "cpu.stat", text, sizeof(text));
	if (err)
		return err;
	reading.periods = counter(text, "nr_periods");
	reading.throttled_periods = counter(text, "nr_throttled");
	reading.throttled_ns = v1 ? counter(text, "throttled_time") : counter(text, "throttled_usec") * NS_PER_US;
	*ret_reading = reading;
	return 0;
}
