/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The bottle graph: golden drawings, and what must hold of every one: width, heights, order, symmetry. */
#include "capture.h"
#include "golden.h"
#include "sample.h"

#include <locale.h>
#include <wchar.h>

/*
 * A program of one thread that runs alone for 6 s of 10, and four that share the other 4 s: its criticality is 6 s + 4 s / 5,
 * theirs 4 s / 5 each. Behind them 100 that ran 1 ms each, as one row of threads that have ended.
 */
static struct rota_summary *neck(void)
{
	struct rota_summary *summary = sample_asleep();

	free(summary->threads);
	summary->thread_count = 6;
	summary->threads = xcalloc(6, sizeof(*summary->threads));
	for (uint32_t i = 0; i < 6; i++) {
		struct rota_thread_summary *thread = &summary->threads[i];

		snprintf(thread->name, sizeof(thread->name), i ? "worker-%u" : "main", i);
		thread->tid = 4711 + i;
		thread->state_ns[ROTA_RUNNING] = (i ? 4000 : 10000) * MS;
		thread->criticality_ns = (i ? 800 : 6800) * MS;
		thread->mean_parallelism = i ? 5 : 2.6;
		thread->alone_ns = i ? 0 : 6000 * MS;
	}
	strcpy(summary->threads[5].name, "batch");
	summary->threads[5].folded = 100;
	summary->threads[5].criticality_ns = 20 * MS;
	summary->threads[5].mean_parallelism = 4;
	summary->threads[5].state_ns[ROTA_RUNNING] = 100 * MS;
	free(summary->parallelism.ns);
	summary->parallelism = (struct rota_levels){ .level_count = 6, .ns = xcalloc(6, sizeof(uint64_t)) };
	summary->parallelism.ns[1] = 6000 * MS;
	summary->parallelism.ns[5] = 4020 * MS;
	summary->parallelism.active_ns = 10020 * MS;
	return summary;
}

static char *drawn(struct rota_summary *summary, uint32_t width, bool utf8, bool explain)
{
	return capture_text(
		summary,
		(struct view_options){
			.bottle = true, .width = width, .utf8 = utf8, .explain = explain, .command = "report" });
}

static void check_golden(struct rota_summary *summary, uint32_t width, bool utf8, bool explain, const char *name)
{
	char *text = drawn(summary, width, utf8, explain);

	golden_check(name, text);
	free(text);
	sample_free(summary);
}

Test(bottle, neck)
{
	check_golden(neck(), 100, true, false, "bottle-neck-100");
	check_golden(neck(), 80, false, true, "bottle-neck-ascii-80");
	check_golden(neck(), 200, true, false, "bottle-neck-200");
}

Test(bottle, many_threads_and_none)
{
	check_golden(sample_service(), 120, true, false, "bottle-service-120");
	check_golden(sample_empty(), 100, true, false, "bottle-empty-100");
	check_golden(sample_hostile(), 100, true, false, "bottle-hostile-100");
}

static uint32_t count_of(const char *line, wchar_t wanted, uint32_t *ret_first)
{
	uint32_t count = 0, column = 0;
	mbstate_t state = { 0 };
	wchar_t code;
	size_t size;

	while ((size = mbrtowc(&code, line, MB_CUR_MAX, &state)) && size <= MB_CUR_MAX && code != L'\n') {
		if (code == wanted) {
			if (!count++)
				*ret_first = column;
		}
		column++;
		line += size;
	}
	return count;
}

/* Whatever the width: no line is wider, boxes grow downwards and stand in the middle of one another. */
Test(bottle, shape_at_every_width)
{
	cr_assert(setlocale(LC_CTYPE, "C.UTF-8"));
	for (uint32_t width = 60; width <= 200; width++) {
		struct rota_summary *summary = neck();
		char *text = drawn(summary, width, true, false);
		uint32_t before = 0, middle = 0, lines = 0;

		for (char *line = text; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
			uint32_t first = 0, dark = count_of(line, L'█', &first), boxed = dark;

			if (!dark)
				boxed = count_of(line, L'▒', &first);
			if (!boxed)
				continue;
			lines++;
			cr_assert_leq(first + boxed, width, "wider than %u", width);
			cr_assert_geq(boxed, before, "a box is narrower than the one above it");
			if (middle)
				cr_assert(abs((int)(2 * first + boxed) - (int)middle) <= 1, "width %u: off the middle",
					  width);
			before = boxed;
			middle = middle ? middle : 2 * first + boxed;
		}
		cr_assert(lines >= 19 && lines <= 22, "width %u: %u lines", width, lines);
		free(text);
		sample_free(summary);
	}
}

Test(bottle, the_serial_part_is_named_with_its_gain)
{
	struct rota_summary *summary = neck();
	char *text = drawn(summary, 120, true, false);

	/* 6 s of 10.02 s: 1 / (1 - 0.5988) */
	cr_assert(strstr(text, "59.9 % of the running time, one thread ran alone"), "%s", text);
	cr_assert(strstr(text, "removing it gains at most 2.49 ×"), "%s", text);
	cr_assert(strstr(text, "main[4711] 59.9 %: removing that gains at most 2.49 ×"), "%s", text);
	free(text);
	sample_free(summary);
}
