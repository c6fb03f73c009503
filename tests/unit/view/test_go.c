/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Go programs in text: golden screens, and what must hold of every screen whatever names there are. */
#include "capture.h"
#include "golden.h"
#include "lines.h"
#include "sample_go.h"

typedef struct rota_summary *(*maker)(void);

static const maker makers[] = { sample_go_service,      sample_go_turns,        sample_go_run,
				sample_go_threads_only, sample_go_nothing_seen, sample_go_hostile,
				sample_go_many,         sample_service,         sample_empty };

static void check_golden(maker make, struct view_options options, const char *name)
{
	struct rota_summary *summary = make();
	char *text = capture_text(summary, options);

	golden_check(name, text);
	free(text);
	sample_free(summary);
}

Test(go, overview)
{
	check_golden(sample_go_service, (struct view_options){ .utf8 = true, .width = 100 }, "go-service-100");
	check_golden(sample_go_service,
		     (struct view_options){ .utf8 = true, .width = 120, .timeline = VIEW_TIMELINE_ALL },
		     "go-service-all-120");
	check_golden(sample_go_service, (struct view_options){ .width = 80, .timeline = VIEW_TIMELINE_PS },
		     "go-service-ascii-80");
	check_golden(sample_go_service,
		     (struct view_options){
			     .utf8 = true, .width = 80, .explain = true, .timeline = VIEW_TIMELINE_GOROUTINES },
		     "go-service-explained-80");
}

Test(go, several_programs)
{
	check_golden(sample_go_run, (struct view_options){ .utf8 = true, .width = 100 }, "go-run-100");
	check_golden(sample_go_run, (struct view_options){ .utf8 = true, .width = 120, .table = VIEW_RUNTIMES },
		     "go-runtimes-120");
}

Test(go, threads_only_and_nothing_seen)
{
	check_golden(sample_go_threads_only, (struct view_options){ .utf8 = true, .width = 100 },
		     "go-threads-only-100");
	check_golden(sample_go_nothing_seen, (struct view_options){ .utf8 = true, .width = 100 },
		     "go-nothing-seen-100");
}

Test(go, turns)
{
	check_golden(sample_go_turns,
		     (struct view_options){ .utf8 = true, .width = 100, .timeline = VIEW_TIMELINE_ALL },
		     "go-turns-100");
}

Test(go, tables)
{
	check_golden(sample_go_service, (struct view_options){ .utf8 = true, .width = 120, .table = VIEW_GOROUTINES },
		     "goroutines-120");
	check_golden(sample_go_service,
		     (struct view_options){ .utf8 = true, .width = 80, .table = VIEW_GOROUTINES, .explain = true },
		     "goroutines-explained-80");
	check_golden(sample_go_service,
		     (struct view_options){ .width = 100, .table = VIEW_GO_FUNCTIONS, .sort = "goroutines" },
		     "go-functions-ascii-100");
	check_golden(sample_go_service, (struct view_options){ .utf8 = true, .width = 80, .table = VIEW_GO_WAITS },
		     "go-waits-80");
	check_golden(sample_go_hostile, (struct view_options){ .utf8 = true, .width = 100, .table = VIEW_GOROUTINES },
		     "go-hostile-100");
	check_golden(sample_go_many,
		     (struct view_options){ .utf8 = true, .width = 100, .table = VIEW_GOROUTINES, .rows = 4 },
		     "go-many-100");
}

Test(go, every_line_fits_and_is_printable)
{
	static const uint32_t widths[] = { 20, 40, 80, 100, 120, 200 };
	static const enum view_table tables[] = { VIEW_OVERVIEW, VIEW_GOROUTINES, VIEW_GO_FUNCTIONS, VIEW_GO_WAITS,
						  VIEW_RUNTIMES };

	cr_assert(setlocale(LC_ALL, "C.UTF-8"));
	for (size_t m = 0; m < COUNT_OF(makers); m++) {
		struct rota_summary *summary = makers[m]();

		for (unsigned int variant = 0; variant < COUNT_OF(widths) * 2 * COUNT_OF(tables); variant++) {
			struct view_options options = { .width = widths[variant % COUNT_OF(widths)],
							.utf8 = variant / COUNT_OF(widths) % 2,
							.table = tables[variant / COUNT_OF(widths) / 2],
							.explain = true,
							.rows = 40,
							.timeline = 1 + variant % 4 };
			char *text = capture_text(summary, options);

			check_lines(text, options);
			free(text);
		}
		sample_free(summary);
	}
}

static void expect_strip(enum view_timeline timeline, const char *const *lines)
{
	struct rota_summary *summary = sample_go_turns();
	char *text = capture_text(summary, (struct view_options){ .width = 80, .timeline = timeline });

	for (; *lines; lines++)
		cr_expect(strstr(text, *lines), "no \"%s\" in\n%s", *lines, text);
	free(text);
	sample_free(summary);
}

Test(go, strip_shows_goroutines_taking_turns_on_one_thread)
{
	expect_strip(VIEW_TIMELINE_THREADS,
		     (const char *[]){ "cpu 0   AAAAAAAAAAAAAAAA\n", "cpu 1   ........BBBBBBBB\n", NULL });
	expect_strip(VIEW_TIMELINE_GOROUTINES,
		     (const char *[]){ "cpu 0   AABBAABBAAAAAAAA\n", "cpu 1   ........BBBBBBBB\n",
				       "A main.left[18] | B main.right[19] | . idle\n", NULL });
	expect_strip(VIEW_TIMELINE_PS, (const char *[]){ "cpu 0   0000000000000000\n", "cpu 1   ........1111111",
							 "0 P0 | 1 P1 | . idle\n", NULL });
	expect_strip(VIEW_TIMELINE_ALL,
		     (const char *[]){ "cpu 0 M AAAAAAAAAAAAAAAA\n", "                  P 0000000000000000\n",
				       "                  G aabbaabbaaaaaaaa\n", "cpu 1 M ........BBBBBBBB\n", NULL });
}

Test(go, strip_without_go)
{
	struct rota_summary *summary = sample_turns();
	char *text = capture_text(summary, (struct view_options){ .width = 80, .timeline = VIEW_TIMELINE_GOROUTINES });

	cr_expect(strstr(text, "no Go program was seen"));
	cr_expect(strstr(text, "cpu 0   ++++++++++++++++\n"), "%s", text);
	cr_expect(strstr(text, "+ ours, with none that is known"));
	free(text);
	sample_free(summary);
}

Test(go, without_go_nothing_is_said_of_it)
{
	struct rota_summary *summary = sample_service();
	char *text = capture_text(summary, (struct view_options){ .width = 100, .explain = true });

	cr_expect_null(strstr(text, "Go "));
	cr_expect_null(strstr(text, "(M)"));
	free(text);
	text = capture_text(summary, (struct view_options){ .width = 100, .table = VIEW_RUNTIMES });
	cr_expect(strstr(text, "no Go program was seen"));
	free(text);
	sample_free(summary);
}

Test(go, those_of_the_runtime_come_last_unless_sorted)
{
	struct rota_summary *summary = sample_go_many();
	char *text = capture_csv(summary, (struct view_options){ .table = VIEW_GOROUTINES });
	char *first_system = strstr(text, "\r\nruntime.gcBgMarkWorker");

	cr_assert(first_system);
	cr_expect_null(strstr(first_system, "\r\nmain.worker"));
	free(text);
	text = capture_csv(summary, (struct view_options){ .table = VIEW_GOROUTINES, .sort = "goid", .rows = 3 });
	cr_expect(strstr(text, ",4096,program,") < strstr(text, ",4094,program,"), "%s", text);
	cr_expect(strstr(text, ",4095,program,"));
	free(text);
	sample_free(summary);
}
