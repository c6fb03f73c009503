/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Text against tests/golden/view/NAME.txt, byte for byte. With ROTA_GOLDEN_UPDATE=1 in the environment the files are
 * written anew; the difference is then for a person to read in the commit.
 */
#ifndef ROTA_TESTS_VIEW_GOLDEN_H
#define ROTA_TESTS_VIEW_GOLDEN_H

#include "base/alloc.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef TEST_SOURCE_DIR
#define GOLDEN_DIR TEST_SOURCE_DIR "/tests/golden/view"
#else
#define GOLDEN_DIR "tests/golden/view"
#endif

static inline char *golden_read(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text;
	size_t size;

	if (!file)
		return NULL;
	text = xmalloc(1 << 20);
	size = fread(text, 1, (1 << 20) - 1, file);
	text[size] = 0;
	fclose(file);
	return text;
}

static inline void golden_check(const char *name, const char *actual)
{
	char *path = xasprintf("%s/%s.txt", GOLDEN_DIR, name), *expected;
	size_t line = 1, start = 0, i = 0;

	if (getenv("ROTA_GOLDEN_UPDATE")) {
		FILE *file = fopen(path, "we");

		cr_assert(file, "cannot write %s", path);
		fputs(actual, file);
		fclose(file);
		free(path);
		return;
	}
	expected = golden_read(path);
	cr_assert(expected, "no golden file %s: ROTA_GOLDEN_UPDATE=1 writes it", path);
	for (; expected[i] == actual[i] && expected[i]; i++) {
		if (expected[i] != '\n')
			continue;
		line++;
		start = i + 1;
	}
	cr_expect(expected[i] == actual[i], "%s:%zu differs\n  expected: %.*s\n  actual:   %.*s", path, line,
		  (int)strcspn(expected + start, "\n"), expected + start, (int)strcspn(actual + start, "\n"),
		  actual + start);
	free(expected);
	free(path);
}

#endif
