/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: /proc below a root path. Goes out: who is there. Whatever vanishes while it is being looked at was not
 * there: only what was asked for by number is an error. Never logs: the callers know what the person typed.
 */
#include "target/proc.h"

#include "base/alloc.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PF_KTHREAD 0x00200000U /* include/linux/sched.h */

/* The file's first size - 1 bytes, NUL-terminated. Their number, or -errno, with -ESRCH for "no such process". */
static ssize_t read_path(const char *path, char *ret_text, size_t size)
{
	size_t used = 0;
	ssize_t n;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	do {
		n = read(fd, ret_text + used, size - 1 - used);
		if (n > 0)
			used += (size_t)n;
	} while (n > 0 && used < size - 1);
	if (n < 0) {
		int err = -errno;

		close(fd);
		return err;
	}
	close(fd);
	ret_text[used] = 0;
	return (ssize_t)used;
}

/* A file of /proc/TID, which is there for every thread, though only leaders are listed. */
static ssize_t read_file(const char *root, uint32_t tid, const char *name, char *ret_text, size_t size)
{
	char path[PATH_MAX];

	if ((size_t)snprintf(path, sizeof(path), "%s/proc/%" PRIu32 "/%s", root, tid, name) >= sizeof(path))
		return -ENAMETOOLONG;
	return read_path(path, ret_text, size);
}

int proc_stat_parse(const char *text, struct proc_stat *ret_stat)
{
	/* the name ends at the last ")": nothing after it can contain one */
	const char *open = strchr(text, '('), *close = strrchr(text, ')');
	struct proc_stat stat = { 0 };
	unsigned int flags;
	size_t length;

	if (!open || !close || close < open)
		return -EBADMSG;
	length = (size_t)(close - open - 1);
	/* /proc shows more than the kernel's 15 bytes for kworkers: "kworker/0:1-events" */
	if (length >= sizeof(stat.comm))
		length = sizeof(stat.comm) - 1;
	memcpy(stat.comm, open + 1, length);
	/* state ppid pgrp session tty tpgid flags, 12 numbers, starttime (proc(5), fields 3 to 22) */
	if (sscanf(close + 1,
		   " %c %" SCNu32 " %*d %*d %*d %*d %u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %" SCNu64,
		   &stat.state, &stat.ppid, &flags, &stat.start_ticks) != 4)
		return -EBADMSG;
	stat.kthread = flags & PF_KTHREAD;
	*ret_stat = stat;
	return 0;
}

int proc_stat_read(const char *root, uint32_t tid, struct proc_stat *ret_stat)
{
	char text[2048];
	ssize_t n = read_file(root, tid, "stat", text, sizeof(text));

	return n < 0 ? (int)n : proc_stat_parse(text, ret_stat);
}

int proc_thread_read(const char *root, uint32_t tgid, uint32_t tid, struct proc_stat *ret_stat)
{
	char path[PATH_MAX], text[2048];
	ssize_t n;

	if ((size_t)snprintf(path, sizeof(path), "%s/proc/%" PRIu32 "/task/%" PRIu32 "/stat", root, tgid, tid) >=
	    sizeof(path))
		return -ENAMETOOLONG;
	n = read_path(path, text, sizeof(text));
	return n < 0 ? (int)n : proc_stat_parse(text, ret_stat);
}

int proc_tgid_read(const char *root, uint32_t tid, uint32_t *ret_tgid)
{
	char text[4096];
	ssize_t n = read_file(root, tid, "status", text, sizeof(text));
	const char *line;

	if (n < 0)
		return (int)n;
	/* the name comes first, but the kernel writes a newline in it as "\n" */
	line = strstr(text, "\nTgid:");
	if (!line || sscanf(line, "\nTgid: %" SCNu32, ret_tgid) != 1)
		return -EBADMSG;
	return 0;
}

int proc_cmdline_read(const char *root, uint32_t tgid, char *ret_bytes, size_t size)
{
	return (int)read_file(root, tgid, "cmdline", ret_bytes, size);
}

static int list_directory(const char *path, struct idlist *list)
{
	DIR *directory = opendir(path);
	struct dirent *entry;

	if (!directory)
		return errno == ENOENT ? -ESRCH : -errno;
	while ((entry = readdir(directory))) {
		if (isdigit((unsigned char)entry->d_name[0]))
			idlist_add(list, (uint32_t)strtoul(entry->d_name, NULL, 10));
	}
	closedir(directory);
	return 0;
}

int proc_list_processes(const char *root, struct idlist *list)
{
	char path[PATH_MAX];
	int err;

	snprintf(path, sizeof(path), "%s/proc", root);
	err = list_directory(path, list);
	return err == -ESRCH ? -ENOENT : err;
}

int proc_list_threads(const char *root, uint32_t tgid, struct idlist *list)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/proc/%" PRIu32 "/task", root, tgid);
	return list_directory(path, list);
}

bool proc_is_alive(const char *root, uint32_t tgid)
{
	struct idlist threads = { 0 };
	struct proc_stat stat;
	bool alive;

	if (proc_stat_read(root, tgid, &stat))
		return false;
	alive = !proc_is_dead(&stat);
	if (!alive && !proc_list_threads(root, tgid, &threads)) {
		for (size_t i = 0; i < threads.count && !alive; i++)
			alive = !proc_thread_read(root, tgid, threads.ids[i], &stat) && !proc_is_dead(&stat);
	}
	idlist_fini(&threads);
	return alive;
}

uint32_t proc_self(const char *root)
{
	char path[PATH_MAX], link[32];
	ssize_t n;

	snprintf(path, sizeof(path), "%s/proc/self", root);
	n = readlink(path, link, sizeof(link) - 1);
	if (n <= 0)
		return 0;
	link[n] = 0;
	return (uint32_t)strtoul(link, NULL, 10);
}

int proc_add_descendants(const char *root, struct idlist *list)
{
	struct idlist all = { 0 };
	uint32_t self = proc_self(root), *parents;
	size_t before;
	int err;

	err = proc_list_processes(root, &all);
	if (err)
		return err;
	parents = xcalloc(all.count, sizeof(*parents)); /* 0: gone, a kernel thread, or rota: nobody's descendant */
	for (size_t i = 0; i < all.count; i++) {
		struct proc_stat stat;

		if (!proc_stat_read(root, all.ids[i], &stat) && !stat.kthread && all.ids[i] != self &&
		    (!proc_is_dead(&stat) || proc_is_alive(root, all.ids[i])))
			parents[i] = stat.ppid;
	}
	do {
		before = list->count;
		for (size_t i = 0; i < all.count; i++) {
			if (parents[i] && idlist_has(list, parents[i]))
				idlist_add(list, all.ids[i]);
		}
	} while (list->count > before);
	free(parents);
	idlist_fini(&all);
	return 0;
}
