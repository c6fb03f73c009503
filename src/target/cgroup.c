/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: a path as a person, systemd or /proc/PID/cgroup writes it. Goes out: the directory, its hierarchy and its id,
 * and who is in it. Never takes a directory that is not below a cgroup mount.
 */
#include "target/cgroup.h"

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/log.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DEPTH_MAX 128 /* of nested cgroups; a path of PATH_MAX holds few real ones deeper */

struct mount {
	char *point;   /* as mountinfo has it */
	char *real;    /* root + point without symbolic links */
	char *base;    /* the cgroup that is mounted there: "/", or the one that a container sees as its root */
	char *options; /* of the super block: v1's controllers are among them */
	bool v2;
};

struct mounts {
	struct mount *list;
	size_t count, capacity;
};

/* --- mounts ------------------------------------------------------------------------------------------------------- */

/* mountinfo writes blanks, tabs, newlines and backslashes as \ooo. In place. */
static void unescape(char *text)
{
	char *out = text;

	while (*text) {
		if (text[0] == '\\' && text[1] >= '0' && text[1] <= '3' && isdigit((unsigned char)text[2]) &&
		    isdigit((unsigned char)text[3])) {
			*out++ = (char)((text[1] - '0') << 6 | (text[2] - '0') << 3 | (text[3] - '0'));
			text += 4;
		} else {
			*out++ = *text++;
		}
	}
	*out = 0;
}

/* "31 23 0:28 /root /point opts… - type source superopts" (proc(5)) */
static void add_mount(const char *root, char *line, struct mounts *mounts)
{
	char base[PATH_MAX], point[PATH_MAX], type[32], options[1024], full[PATH_MAX], real[PATH_MAX];
	const char *tail = strstr(line, " - ");
	struct mount *mount;

	if (!tail || sscanf(tail, " - %31s %*s %1023s", type, options) != 2 ||
	    (strcmp(type, "cgroup") != 0 && strcmp(type, "cgroup2") != 0) ||
	    sscanf(line, "%*s %*s %*s %4095s %4095s", base, point) != 2)
		return;
	unescape(base);
	unescape(point);
	if ((size_t)snprintf(full, sizeof(full), "%s%s", root, point) >= sizeof(full) || !realpath(full, real))
		return;
	mounts->list = xgrow(mounts->list, &mounts->capacity, mounts->count + 1, sizeof(*mounts->list));
	mount = &mounts->list[mounts->count++];
	*mount = (struct mount){
		.point = xstrdup(point),
		.real = xstrdup(real),
		.base = xstrdup(base),
		.options = xstrdup(options),
		.v2 = !strcmp(type, "cgroup2"),
	};
}

static int for_lines(const char *root, const char *name, void (*use)(const char *root, char *line, struct mounts *ctx),
		     struct mounts *ctx)
{
	char path[PATH_MAX], *line = NULL;
	size_t capacity = 0;
	FILE *file;

	if ((size_t)snprintf(path, sizeof(path), "%s%s", root, name) >= sizeof(path))
		return -ENAMETOOLONG;
	file = fopen(path, "re");
	if (!file)
		return -errno;
	while (getline(&line, &capacity, file) >= 0)
		use(root, line, ctx);
	free(line);
	fclose(file);
	return 0;
}

static void mounts_fini(struct mounts *mounts)
{
	for (size_t i = 0; i < mounts->count; i++) {
		free(mounts->list[i].point);
		free(mounts->list[i].real);
		free(mounts->list[i].base);
		free(mounts->list[i].options);
	}
	free(mounts->list);
}

/* Whether `word` is one of the words between commas in `list`. */
static bool has_word(const char *list, const char *word, size_t length)
{
	while (*list) {
		size_t here = strcspn(list, ",\n");

		if (here == length && !strncmp(list, word, length))
			return true;
		list += here;
		list += *list ? 1 : 0;
	}
	return false;
}

/* A v1 hierarchy's number: in /proc/self/cgroup "4:cpu,cpuacct:/…" or, for one of named kind, "9:name=systemd:/". */
static int hierarchy_of(const char *root, const struct mount *mount, uint32_t *ret_hierarchy)
{
	char path[PATH_MAX], *line = NULL;
	size_t capacity = 0;
	int err = -ENOENT;
	FILE *file;

	if (mount->v2) {
		*ret_hierarchy = 0;
		return 0;
	}
	snprintf(path, sizeof(path), "%s/proc/self/cgroup", root);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	while (err && getline(&line, &capacity, file) >= 0) {
		char *names = strchr(line, ':'), *end = names ? strchr(names + 1, ':') : NULL;

		if (!end)
			continue;
		*end = 0;
		for (char *word = names + 1; *word && err;
		     word += strcspn(word, ",") + (word[strcspn(word, ",")] == ',')) {
			if (!has_word(mount->options, word, strcspn(word, ",")))
				continue;
			*ret_hierarchy = (uint32_t)strtoul(line, NULL, 10);
			err = 0;
		}
	}
	free(line);
	fclose(file);
	return err;
}

/* --- finding ------------------------------------------------------------------------------------------------------ */

/* The mount that the directory lies in: the longest one that is a prefix of it. */
static const struct mount *mount_above(const struct mounts *mounts, const char *real)
{
	const struct mount *best = NULL;

	for (size_t i = 0; i < mounts->count; i++) {
		size_t length = strlen(mounts->list[i].real);

		if (strncmp(real, mounts->list[i].real, length) != 0 || (real[length] && real[length] != '/'))
			continue;
		if (!best || length > strlen(best->real))
			best = &mounts->list[i];
	}
	return best;
}

/* 0 where base + "/" + below is a directory in a cgroup mount; -ENOENT, -ENOTDIR. */
static int try_path(const char *root, const struct mounts *mounts, const char *base, const char *below,
		    struct cgroup *ret_cgroup)
{
	char full[PATH_MAX], real[PATH_MAX];
	const struct mount *mount;
	uint32_t hierarchy = 0;
	struct stat info;
	int err;

	if ((size_t)snprintf(full, sizeof(full), "%s/%s", base, below) >= sizeof(full))
		return -ENAMETOOLONG;
	if (!realpath(full, real) || stat(real, &info))
		return -errno;
	mount = mount_above(mounts, real);
	if (!mount)
		return -EXDEV;
	if (!S_ISDIR(info.st_mode))
		return -ENOTDIR;
	err = hierarchy_of(root, mount, &hierarchy);
	if (err)
		return err;
	*ret_cgroup = (struct cgroup){
		.hierarchy = hierarchy,
		.id = info.st_ino,
		.path = xstrdup(real),
		.name = xstrdup(real[strlen(mount->real)] ? real + strlen(mount->real) : "/"),
	};
	return 0;
}

/* Inside the v2 mount, then v1's cpu, then the rest: where quotas are comes first. */
static int try_mounts(const char *root, const struct mounts *mounts, const char *text, struct cgroup *ret_cgroup)
{
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < mounts->count; i++) {
			const struct mount *mount = &mounts->list[i];
			int rank = mount->v2 ? 0 : has_word(mount->options, "cpu", 3) ? 1 : 2;

			if (rank == round && !try_path(root, mounts, mount->real, text, ret_cgroup))
				return 0;
		}
	}
	return -ENOENT;
}

static int try_controller(const char *root, const struct mounts *mounts, const char *text, const char *colon,
			  struct cgroup *ret_cgroup)
{
	for (size_t i = 0; i < mounts->count; i++) {
		const struct mount *mount = &mounts->list[i];

		if (!mount->v2 && has_word(mount->options, text, (size_t)(colon - text)))
			return try_path(root, mounts, mount->real, colon + 1, ret_cgroup);
	}
	return -ENODEV;
}

static int explain(const struct mounts *mounts, const char *text, int err)
{
	struct buffer points = { 0 };

	for (size_t i = 0; i < mounts->count; i++) {
		buffer_append(&points, points.size ? ", " : "", points.size ? 2 : 0);
		buffer_append(&points, mounts->list[i].point, strlen(mounts->list[i].point));
	}
	buffer_put_u8(&points, 0);
	if (!mounts->count)
		log_error(
			"cannot follow cgroup '%s': no cgroup file system is mounted; mount one with `mount -t cgroup2 "
			"none /sys/fs/cgroup`",
			text);
	else if (err == -ENODEV)
		log_error(
			"cannot follow cgroup '%s': no cgroup v1 mount has that controller (mounted: %s); leave it out, or "
			"see /proc/self/mountinfo",
			text, (char *)points.data);
	else if (err == -ENOTDIR)
		log_error("cannot follow cgroup '%s': it is a file, not a directory; name the directory it is in",
			  text);
	else if (err == -EXDEV)
		log_error("cannot follow cgroup '%s': that directory is no cgroup; cgroups are below %s", text,
			  (char *)points.data);
	else if (err == -EACCES)
		log_error("cannot follow cgroup '%s': permission denied; run rota as root", text);
	else
		log_error(
			"cannot follow cgroup '%s': there is none of that name below %s; `cat /proc/PID/cgroup` shows a "
			"process's",
			text, (char *)points.data);
	buffer_fini(&points);
	return err == -ENOTDIR ? -EINVAL : err == -EACCES ? err : -ENOENT;
}

int cgroup_find(const char *root, const char *text, struct cgroup *ret_cgroup)
{
	const char *colon = strchr(text, ':'), *slash = strchr(text, '/');
	struct mounts mounts = { 0 };
	int err = -ENOENT, first = 0;

	if (!*text) {
		log_error("cannot follow a cgroup without a name; give its path, such as system.slice/cron.service");
		return -EINVAL;
	}
	for_lines(root, "/proc/self/mountinfo", add_mount, &mounts);
	if (colon && (!slash || colon < slash)) {
		err = try_controller(root, &mounts, text, colon, ret_cgroup);
	} else {
		if (*text == '/')
			first = err = try_path(root, &mounts, root, text + 1, ret_cgroup);
		if (err)
			err = try_mounts(root, &mounts, text + (*text == '/'), ret_cgroup);
		if (err && first && first != -ENOENT)
			err = first;
	}
	if (err)
		err = explain(&mounts, text, err);
	mounts_fini(&mounts);
	return err;
}

void cgroup_fini(struct cgroup *cgroup)
{
	free(cgroup->path);
	free(cgroup->name);
}

size_t cgroup_cpu_trees(const char *root, struct cgroup_tree ret_trees[CGROUP_TREES])
{
	struct mounts mounts = { 0 };
	bool has[CGROUP_TREES] = { false };
	size_t count = 0;

	for_lines(root, "/proc/self/mountinfo", add_mount, &mounts);
	for (size_t i = 0; i < mounts.count; i++) {
		const struct mount *mount = &mounts.list[i];

		if ((!mount->v2 && !has_word(mount->options, "cpu", 3)) || has[mount->v2])
			continue; /* a second mount of a tree shows nothing new */
		has[mount->v2] = true;
		ret_trees[count].point = xstrdup(mount->real);
		ret_trees[count].base = xstrdup(mount->base);
		ret_trees[count++].v1 = !mount->v2;
	}
	mounts_fini(&mounts);
	return count;
}

void cgroup_tree_fini(struct cgroup_tree *tree)
{
	free(tree->point);
	free(tree->base);
}

bool cgroup_line_is(char *line, bool v1, char **ret_path)
{
	char *names = strchr(line, ':'), *path = names ? strchr(names + 1, ':') : NULL;

	if (!path)
		return false;
	*path = 0;
	*ret_path = path + 1;
	(*ret_path)[strcspn(*ret_path, "\n")] = 0;
	return v1 ? has_word(names + 1, "cpu", 3) : !strcmp(line, "0:");
}

/* --- members ------------------------------------------------------------------------------------------------------ */

/* cgroup.threads is v2's list of threads, tasks is v1's. */
static int list_here(const char *path, struct idlist *list)
{
	static const char *const names[] = { "cgroup.threads", "tasks", "cgroup.procs" };
	char full[PATH_MAX];
	FILE *file = NULL;
	unsigned int tid;

	for (size_t i = 0; !file && i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(full, sizeof(full), "%.*s/%s", PATH_MAX - 32, path, names[i]);
		file = fopen(full, "re");
	}
	if (!file)
		return -errno;
	while (fscanf(file, "%u", &tid) == 1)
		idlist_add(list, tid); /* 0 is a thread outside our pid namespace */
	fclose(file);
	return 0;
}

static int list_below(const char *path, struct idlist *list, int depth)
{
	struct dirent *entry;
	DIR *directory;
	int err;

	err = list_here(path, list);
	if (err)
		return err;
	directory = opendir(path);
	if (!directory)
		return -errno;
	while ((entry = readdir(directory))) {
		char *child;

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.' || depth >= DEPTH_MAX)
			continue;
		child = xasprintf("%s/%s", path, entry->d_name);
		list_below(child, list, depth + 1); /* removed meanwhile: then nobody is in it */
		free(child);
	}
	closedir(directory);
	return 0;
}

int cgroup_list_threads(const char *path, struct idlist *list)
{
	return list_below(path, list, 0);
}
