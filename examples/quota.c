/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Two busy tasks in a cgroup that may use half a cpu: 50 ms in each 100 ms. They spend them within 25 ms, and then both stand
 * still for 75 ms, however idle the machine is. The cgroup is made for it and removed again, which needs root.
 */
#include "example.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PERIOD_US 100000
#define QUOTA_US  50000

struct place {          /* where the cpu controller is: cgroup v2, or v1's hierarchy of it */
	char home[256]; /* the cgroup this program is in */
	char own[256];  /* the one it makes */
	bool v1;
};

static int put(const char *folder, const char *file, const char *text)
{
	char path[512];
	ssize_t size;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	size = write(fd, text, strlen(text));
	if (size < 0)
		size = -errno;
	close(fd);
	return size < 0 ? (int)size : 0;
}

/* The path after the second colon of the line of /proc/self/cgroup that names `controller` ("" for version 2). */
static bool find_home(const char *controller, char *ret_path, size_t size)
{
	FILE *file = fopen("/proc/self/cgroup", "re");
	char line[512];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file)) {
		char *names = strchr(line, ':'), *path = names ? strchr(names + 1, ':') : NULL;

		if (!path)
			continue;
		*path++ = 0;
		path[strcspn(path, "\n")] = 0;
		found = strcmp(names + 1, controller) == 0 || (*controller && strcmp(names + 1, "cpu,cpuacct") == 0);
		if (found)
			snprintf(ret_path, size, "%s", strcmp(path, "/") == 0 ? "" : path);
	}
	if (file)
		fclose(file);
	return found;
}

static int enter(struct place *place)
{
	static const char v1[] = "/sys/fs/cgroup/cpu", v2[] = "/sys/fs/cgroup";
	char path[200], text[64];
	int err;

	place->v1 = access("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", F_OK) == 0 ||
		    access("/sys/fs/cgroup/cpu/cgroup.procs", F_OK) == 0;
	if (!find_home(place->v1 ? "cpu" : "", path, sizeof(path)))
		return -ENOENT;
	snprintf(place->home, sizeof(place->home), "%s%s", place->v1 ? v1 : v2, path);
	snprintf(place->own, sizeof(place->own), "%s/rota-quota-%d", place->v1 ? v1 : v2, getpid());
	if (!place->v1)
		put(v2, "cgroup.subtree_control", "+cpu"); /* on most machines it is there already */
	if (mkdir(place->own, 0755) != 0)
		return -errno;
	if (place->v1) {
		snprintf(text, sizeof(text), "%d", PERIOD_US);
		err = put(place->own, "cpu.cfs_period_us", text);
		snprintf(text, sizeof(text), "%d", QUOTA_US);
		err = err ? err : put(place->own, "cpu.cfs_quota_us", text);
	} else {
		snprintf(text, sizeof(text), "%d %d", QUOTA_US, PERIOD_US);
		err = put(place->own, "cpu.max", text);
	}
	if (!err)
		err = put(place->own, "cgroup.procs", "0");
	if (err)
		rmdir(place->own);
	return err;
}

static void leave(const struct place *place)
{
	put(place->home, "cgroup.procs", "0");
	if (rmdir(place->own) != 0)
		fprintf(stderr, "quota: cannot remove %s: %s\n", place->own, strerror(errno));
}

static void compute(struct example_task *task)
{
	while (!example_over(task))
		;
}

int main(int argc, char **argv)
{
	struct example example;
	struct place place = { 0 };
	int err, status;

	example_init(&example, argc, argv, "two busy tasks that may use half a cpu together");
	err = enter(&place);
	if (err) {
		printf("quota: cannot make a cgroup with a cpu quota here (%s): nothing to show\n", strerror(-err));
		return 0;
	}
	example_add(&example, "thrifty", EXAMPLE_ANY_CPU, compute, NULL);
	example_add(&example, "lavish", EXAMPLE_ANY_CPU, compute, NULL);
	status = example_run(&example);
	leave(&place);
	return status;
}
