/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: a root and a path in it. Goes out: the file's text or number. Never logs: a missing file is often the answer. */
#include "host/sysfile.h"

#include "base/buffer.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_STEP_BYTES 16384U

static int open_below(const char *root, const char *path)
{
	char full[PATH_MAX];

	if ((size_t)snprintf(full, sizeof(full), "%s%s", root, path) >= sizeof(full))
		return -ENAMETOOLONG;
	int fd = open(full, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

ssize_t sysfile_read(const char *root, const char *path, char *ret_text, size_t size)
{
	int fd = open_below(root, path);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = read(fd, ret_text, size - 1);
	if (n < 0)
		n = -errno;
	close(fd);
	if (n < 0)
		return n;
	while (n > 0 && isspace((unsigned char)ret_text[n - 1]))
		n--;
	ret_text[n] = 0;
	return n;
}

int sysfile_read_all(const char *root, const char *path, char **ret_text)
{
	struct buffer text = { 0 };
	int fd = open_below(root, path);
	ssize_t n;

	if (fd < 0)
		return fd;
	do {
		n = read(fd, buffer_reserve(&text, READ_STEP_BYTES), READ_STEP_BYTES);
		if (n > 0)
			text.size += (size_t)n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0) {
		int err = -errno;

		close(fd);
		buffer_fini(&text);
		return err;
	}
	close(fd);
	buffer_put_u8(&text, 0);
	*ret_text = (char *)text.data;
	return 0;
}

int sysfile_number(const char *root, const char *path, long long *ret_number)
{
	char text[64], *end;
	ssize_t n = sysfile_read(root, path, text, sizeof(text));
	long long number;

	if (n < 0)
		return (int)n;
	errno = 0;
	number = strtoll(text, &end, 10);
	if (errno || end == text || *end)
		return -EINVAL;
	*ret_number = number;
	return 0;
}

int sysfile_cpulist(const char *root, const char *path, struct cpulist *ret_list)
{
	char *text = NULL;
	int err = sysfile_read_all(root, path, &text);

	if (err)
		return err;
	err = cpulist_parse(text, ret_list);
	free(text);
	return err;
}

bool sysfile_exists(const char *root, const char *path)
{
	char full[PATH_MAX];

	return (size_t)snprintf(full, sizeof(full), "%s%s", root, path) < sizeof(full) && !access(full, F_OK);
}

unsigned long sysfile_namespace(const char *root, const char *path)
{
	char full[PATH_MAX], link[64], *bracket;
	ssize_t n;

	if ((size_t)snprintf(full, sizeof(full), "%s%s", root, path) >= sizeof(full))
		return 0;
	n = readlink(full, link, sizeof(link) - 1);
	if (n <= 0)
		return 0;
	link[n] = 0;
	bracket = strchr(link, '[');
	return bracket ? strtoul(bracket + 1, NULL, 10) : 0;
}
