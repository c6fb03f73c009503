/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The text report: golden screens, and what must hold of every screen: width, ASCII, no escape sequences, hostile names. */
#include "capture.h"
#include "golden.h"
#include "lines.h"
#include "sample.h"

#include <errno.h>

typedef struct rota_summary *(*maker)(void);

static const maker makers[] = {
	sample_service, sample_turns, sample_lossy, sample_asleep, sample_empty, sample_hostile
};

static void check_golden(maker make, struct view_options options, const char *name)
{
	struct rota_summary *summary = make();
	char *text = capture_text(summary, options);

	golden_check(name, text);
	free(text);
	sample_free(summary);
}

Test(text, overview_of_a_service)
{
	check_golden(sample_service, (struct view_options){ .utf8 = true, .width = 100 }, "service-100");
}

Test(text, overview_explained)
{
	check_golden(sample_service,
		     (struct view_options){ .utf8 = true, .width = 80, .explain = true, .timeline = true },
		     "service-explained-80");
}

Test(text, overview_in_ascii)
{
	check_golden(sample_service, (struct view_options){ .width = 80, .timeline = true }, "service-ascii-80");
}

Test(text, overview_in_colour)
{
	check_golden(sample_lossy, (struct view_options){ .utf8 = true, .colour = true, .width = 100, .explain = true },
		     "lossy-colour-100");
}

Test(text, turns_and_parallel_in_one_strip)
{
	check_golden(sample_turns, (struct view_options){ .utf8 = true, .width = 100, .timeline = true }, "turns-100");
}

Test(text, losses_are_said)
{
	check_golden(sample_lossy, (struct view_options){ .utf8 = true, .width = 100, .timeline = true }, "lossy-100");
}

Test(text, asleep_and_empty)
{
	check_golden(sample_asleep, (struct view_options){ .utf8 = true, .width = 100 }, "asleep-100");
	check_golden(sample_empty, (struct view_options){ .utf8 = true, .width = 100, .timeline = true }, "empty-100");
}

Test(text, hostile_names)
{
	check_golden(sample_hostile, (struct view_options){ .utf8 = true, .width = 100, .timeline = true },
		     "hostile-100");
}

Test(text, tables)
{
	check_golden(sample_service,
		     (struct view_options){
			     .utf8 = true, .width = 200, .table = VIEW_THREADS, .rows = 5, .command = "report" },
		     "threads-200");
	check_golden(sample_service,
		     (struct view_options){ .utf8 = true, .width = 80, .table = VIEW_THREADS, .rows = 5 },
		     "threads-80");
	check_golden(sample_service, (struct view_options){ .utf8 = true, .width = 120, .table = VIEW_CPUS },
		     "cpus-120");
	check_golden(sample_service, (struct view_options){ .utf8 = true, .width = 100, .table = VIEW_CORES },
		     "cores-100");
	check_golden(sample_service,
		     (struct view_options){ .utf8 = true, .width = 120, .table = VIEW_PROCESSES, .explain = true },
		     "processes-120");
}

Test(text, every_line_fits_and_is_printable)
{
	static const uint32_t widths[] = { 20, 40, 79, 80, 100, 200 };

	cr_assert(setlocale(LC_ALL, "C.UTF-8"));
	for (size_t m = 0; m < COUNT_OF(makers); m++) {
		struct rota_summary *summary = makers[m]();

		for (unsigned int variant = 0; variant < COUNT_OF(widths) * 2 * 5; variant++) {
			struct view_options options = { .width = widths[variant % COUNT_OF(widths)],
							.utf8 = variant / COUNT_OF(widths) % 2,
							.table = (enum view_table)(variant / COUNT_OF(widths) / 2),
							.explain = true,
							.timeline = true,
							.worst = 10 };
			char *text = capture_text(summary, options);

			check_lines(text, options);
			free(text);
		}
		sample_free(summary);
	}
}

Test(text, colour_adds_escape_sequences_and_nothing_else)
{
	for (size_t m = 0; m < COUNT_OF(makers); m++) {
		struct rota_summary *summary = makers[m]();
		struct view_options options = { .width = 90, .utf8 = true, .explain = true, .timeline = true };
		char *plain = capture_text(summary, options), *colour, *to;

		options.colour = true;
		to = colour = capture_text(summary, options);
		cr_assert(strchr(colour, '\033'));
		for (const char *from = colour; *from; from++) {
			if (*from == '\033')
				from = strchr(from, 'm');
			else
				*to++ = *from;
		}
		*to = 0;
		cr_assert_null(strchr(plain, '\033'));
		cr_expect_str_eq(colour, plain);
		free(colour);
		free(plain);
		sample_free(summary);
	}
}

static void expect_line(struct rota_summary *summary, const char *expected)
{
	char *text, *line;

	summary->verdict.sentence[0] = 0; /* which would come first */
	text = capture_text(summary, (struct view_options){ .utf8 = true, .width = 400 });
	line = strstr(text, "\n\n") + 2;

	line[strcspn(line, "\n")] = 0;
	cr_expect_str_eq(line, expected);
	free(text);
}

Test(text, first_sentence)
{
	struct rota_summary *summary = sample_service();

	expect_line(summary,
		    "24 threads were in progress; on average 6.95 wanted to run and 1.94 ran at once, on 1.49 of 8 "
		    "physical cores.");
	summary->core_count = 1;
	expect_line(summary,
		    "24 threads were in progress; on average 6.95 wanted to run and 1.94 ran at once, on the only "
		    "physical core.");
	summary->core_count = 8;
	summary->in_progress.mean = 3.2;
	summary->in_progress.max = 17;
	summary->threads[23].folded = 1181;
	summary->parallelism.max = 1;
	expect_line(summary,
		    "1,204 threads were in progress, on average 3.20 at a time (at most 17); on average 6.95 wanted to "
		    "run and 1.94 ran at once, on 1.49 of 8 physical cores. Never more than one ran at a time: "
		    "concurrent, not parallel.");
	summary->parallelism.unknown_ns = 30000 * MS;
	expect_line(
		summary,
		"1,204 threads were in progress, on average 3.20 at a time (at most 17); what they did is not known, "
		"because the records of it were lost.");
	sample_free(summary);
}

Test(text, first_sentence_of_few)
{
	struct rota_summary *summary = sample_asleep();

	expect_line(summary, "2 threads were in progress and none ran: concurrent, not parallel.");
	summary->demand.mean = 0.5;
	summary->demand.active_ns = 2500 * MS;
	expect_line(summary, "2 threads were in progress; on average 0.50 wanted to run, but none ran.");
	summary->parallelism.mean = 0.4;
	summary->parallelism.active_ns = 2000 * MS;
	summary->thread_count = 1;
	summary->in_progress.max = 1;
	summary->in_progress.mean = 1;
	expect_line(summary,
		    "1 thread was in progress; it wanted to run 50.0 % of the time and ran 40.0 % of the time.");
	summary->parallelism.active_ns = summary->demand.active_ns = 0;
	expect_line(summary, "1 thread was in progress and it never ran.");
	summary->thread_count = 0;
	expect_line(summary, "No thread was in progress: there was nothing to watch.");
	sample_free(summary);
}

Test(text, strip_shows_turns_and_parallel)
{
	struct rota_summary *summary = sample_turns();
	char *text = capture_text(summary, (struct view_options){ .width = 80, .timeline = true });

	cr_expect(strstr(text, "cpu 0   AABBAABBAAAAAAAA\n"));
	cr_expect(strstr(text, "cpu 1   ........BBBBBBBB\n"));
	cr_expect(strstr(text, "A left[100] | B right[101] | . idle\n"));
	free(text);
	sample_free(summary);
}

Test(text, strip_goes_by_cpu_number)
{
	struct rota_summary *summary = sample_turns();
	char *text;

	/* The kernel has no cpu 1: three rows are left, and the slots of cpu 1 belong to none of them. */
	((struct rota_topology *)summary->topology)->cpus[1].present = false;
	memmove(&summary->cpus[1], &summary->cpus[2], 2 * sizeof(summary->cpus[0]));
	summary->cpu_count = 3;
	text = capture_text(summary, (struct view_options){ .width = 80, .timeline = true });
	cr_expect(strstr(text, "cpu 0   AABBAABBAAAAAAAA\n"));
	cr_expect_null(strstr(text, "cpu 1 "));
	cr_expect(strstr(text, "cpu 2   ................\n"));
	free(text);
	sample_free(summary);
}

Test(text, mark_stands_only_where_something_is_stuck)
{
	struct rota_summary *summary = sample_service();
	char *text = capture_text(summary, (struct view_options){ .utf8 = true, .width = 100 });

	cr_expect(strstr(text, "4.93 ◄"));
	free(text);
	summary->rungs[1].stuck = 0.05;
	text = capture_text(summary, (struct view_options){ .utf8 = true, .width = 100 });
	cr_expect_null(strstr(text, "◄"));
	free(text);
	sample_free(summary);
}

Test(text, unknown_sort_key)
{
	struct rota_summary *summary = sample_service();
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	cr_expect_eq(text_report(out, summary, &(struct view_options){ .table = VIEW_CPUS, .sort = "tid" }), -EINVAL);
	cr_expect_eq(csv_report(out, summary, &(struct view_options){ .table = VIEW_CPUS, .sort = "tid" }), -EINVAL);
	fclose(out);
	cr_expect_eq(size, 0U, "something was printed all the same");
	free(text);
	sample_free(summary);
}
