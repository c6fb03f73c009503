/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Small files of /proc and /sys below a root path: "" on a machine, a directory of canned files in tests. */
#ifndef ROTA_HOST_SYSFILE_H
#define ROTA_HOST_SYSFILE_H

#include "base/cpulist.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The file's first size - 1 bytes, NUL-terminated, white space at its end taken off. Their number, or -errno. */
ssize_t sysfile_read(const char *root, const char *path, char *ret_text, size_t size);
/* The whole file, however long (malloc'd, NUL-terminated). 0 or -errno. */
int sysfile_read_all(const char *root, const char *path, char **ret_text);
/* A file that is one decimal number. 0, -errno, or -EINVAL where it is none. */
int sysfile_number(const char *root, const char *path, long long *ret_number);
/* A file in the kernel's list format of cpus. 0 or -errno. */
int sysfile_cpulist(const char *root, const char *path, struct cpulist *ret_list);
bool sysfile_exists(const char *root, const char *path);
/* The inode in a namespace link such as /proc/self/ns/pid, 0 where there is none. */
unsigned long sysfile_namespace(const char *root, const char *path);

#endif
