/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A directory of canned /proc, /sys and cgroup files, made and removed by the test that needs it. */
#ifndef TESTS_UNIT_CANNED_H
#define TESTS_UNIT_CANNED_H

#include <criterion/criterion.h>
#include <ftw.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct canned {
	char root[64];
};

static inline void canned_open(struct canned *canned)
{
	snprintf(canned->root, sizeof(canned->root), "/tmp/rota-test-XXXXXX");
	cr_assert(mkdtemp(canned->root));
}

static inline int canned_remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
	(void)info, (void)kind, (void)where;
	return remove(path);
}

static inline void canned_close(struct canned *canned)
{
	cr_assert(nftw(canned->root, canned_remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0);
}

/* root + path, with all directories above it made. */
static inline const char *canned_path(const struct canned *canned, const char *path, char *out)
{
	snprintf(out, PATH_MAX, "%s%s", canned->root, path);
	for (char *slash = strchr(out + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		mkdir(out, 0755);
		*slash = '/';
	}
	return out;
}

static inline void canned_bytes(const struct canned *canned, const char *path, const void *bytes, size_t size)
{
	char full[PATH_MAX];
	FILE *file = fopen(canned_path(canned, path, full), "we");

	cr_assert(file, "cannot make %s", full);
	cr_assert(fwrite(bytes, 1, size, file) == size);
	fclose(file);
}

static inline void canned_file(const struct canned *canned, const char *path, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static inline void canned_file(const struct canned *canned, const char *path, const char *format, ...)
{
	char text[8192];
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	cr_assert(n >= 0 && (size_t)n < sizeof(text));
	canned_bytes(canned, path, text, (size_t)n);
}

static inline void canned_directory(const struct canned *canned, const char *path)
{
	char full[PATH_MAX];

	mkdir(canned_path(canned, path, full), 0755);
}

static inline void canned_link(const struct canned *canned, const char *path, const char *to)
{
	char full[PATH_MAX];

	unlink(canned_path(canned, path, full));
	cr_assert(symlink(to, full) == 0);
}

static inline void canned_unlink(const struct canned *canned, const char *path)
{
	char full[PATH_MAX];

	cr_assert(unlink(canned_path(canned, path, full)) == 0);
}

#endif
