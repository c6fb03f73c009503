/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a view prints, as a string. Free with free(3). */
#ifndef ROTA_TESTS_VIEW_CAPTURE_H
#define ROTA_TESTS_VIEW_CAPTURE_H

#include "view/view.h"

#include <criterion/criterion.h>
#include <stdio.h>

static __attribute__((noinline, unused)) char *capture_text(const struct rota_summary *summary,
							    struct view_options options)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	cr_assert_eq(text_report(out, summary, &options), 0);
	fclose(out);
	return text;
}

static __attribute__((noinline, unused)) char *capture_csv(const struct rota_summary *summary,
							   struct view_options options)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	cr_assert_eq(csv_report(out, summary, &options), 0);
	fclose(out);
	return text;
}

static __attribute__((noinline, unused)) char *capture_json(const struct rota_summary *summary, bool one_line)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	cr_assert_eq(json_report(out, summary, one_line), 0);
	fclose(out);
	return text;
}

static __attribute__((noinline, unused)) char *capture_topology(const struct rota_topology *topology,
								struct view_options options)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	text_topology(out, topology, &options);
	fclose(out);
	return text;
}

#endif
