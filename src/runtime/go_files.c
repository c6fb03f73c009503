/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: processes. Goes out: a first guess, at the price of opening and closing a file. */
#include "runtime/go_files.h"
#include "runtime/go_image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int go_files_likely(struct go_files *files, const char *root, uint32_t tgid)
{
	uint64_t changed_ns, slot;
	struct stat status;
	char path[128];
	int fd, likely;

	snprintf(path, sizeof(path), "%s/proc/%u/exe", root, tgid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	if (fstat(fd, &status)) {
		likely = -errno;
		close(fd);
		return likely;
	}
	changed_ns = (uint64_t)status.st_mtim.tv_sec * 1000000000U + (uint64_t)status.st_mtim.tv_nsec;
	slot = (status.st_ino * 0x9e3779b97f4a7c15ULL ^ status.st_dev) >> 32 & (GO_FILES - 1);
	if (files->files[slot].inode != status.st_ino || files->files[slot].device != status.st_dev ||
	    files->files[slot].changed_ns != changed_ns) {
		files->files[slot].device = status.st_dev;
		files->files[slot].inode = status.st_ino;
		files->files[slot].changed_ns = changed_ns;
		files->files[slot].likely = go_image_likely(fd);
	}
	likely = files->files[slot].likely;
	close(fd);
	return likely;
}
