/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What must hold of every line that a view prints: it fits, it is printable, it is ASCII where nothing else was asked for. */
#ifndef ROTA_TESTS_VIEW_LINES_H
#define ROTA_TESTS_VIEW_LINES_H

#include "view/view.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <string.h>
#include <wchar.h>

/* Columns of a line as the C library counts them, which the view does not use. */
static inline int columns(const char *line, size_t size)
{
	mbstate_t state = { 0 };
	int total = 0;

	for (size_t at = 0; at < size;) {
		wchar_t wide;
		size_t used = mbrtowc(&wide, line + at, size - at, &state);

		cr_assert(used != (size_t)-1 && used != (size_t)-2 && used != 0, "not UTF-8: %.*s", (int)size, line);
		cr_assert(wcwidth(wide) >= 0, "not printable: %.*s", (int)size, line);
		total += wcwidth(wide);
		at += used;
	}
	return total;
}

static inline void check_lines(const char *text, struct view_options options)
{
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
		size_t size = strcspn(line, "\n");

		if (!options.utf8)
			for (size_t i = 0; i < size; i++)
				cr_assert(line[i] >= 0x20 && line[i] < 0x7f, "byte %#x in %.*s", (unsigned char)line[i],
					  (int)size, line);
		cr_assert(columns(line, size) <= (int)options.width, "wider than %u: %.*s", options.width, (int)size,
			  line);
		cr_assert(size == 0 || line[size - 1] != ' ', "spaces at the end of: %.*s", (int)size, line);
	}
}

#endif
