/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Seconds of hand-made schedules: their number, their verdicts, and that cutting them changes nothing that is counted. */
#include "unit/metric/feed.h"

#include "base/limit.h"
#include "metric/seconds.h"

#define S 1000000000ULL

static struct feed *two_cpus(void)
{
	struct rota_topology topology;

	feed_topology(&topology, 1, 1, 1, 2, 1);
	return feed_new(&topology, (struct metric_config){ 0 });
}

static void begin(struct feed *f, int threads)
{
	for (int i = 0; i < threads; i++)
		feed(f, 0, i, ROTA_BLOCKED, i % 2);
	feed_cpu(f, 0, 0, NOBODY);
	feed_cpu(f, 0, 1, NOBODY);
	f->sink.start(f->sink.ctx, 0);
}

static struct rota_summary *end(struct feed *f, uint64_t ts)
{
	char why[256];
	struct rota_summary *summary;

	f->sink.stop(f->sink.ctx, ts);
	summary = metric_take(f->metric);
	cr_assert(summary);
	cr_assert_eq(metric_check(summary, why, sizeof(why)), 0, "%s", why);
	return summary;
}

static void expect_seconds(const struct rota_summary *summary, const char *letters)
{
	const struct rota_verdict *verdict = &summary->verdict;
	char found[64] = "";

	for (uint32_t i = 0; i < verdict->second_count; i++)
		strcat(found, verdict->by_second[i] == ROTA_LIMIT_NONE ? "-" : limit_letter(verdict->by_second[i]));
	cr_expect_str_eq(found, letters);
}

/* Both busy, one busy, none busy; a second each. */
Test(seconds, phases_are_told_apart)
{
	struct feed *f = two_cpus();
	struct rota_summary *summary;

	begin(f, 2);
	feed_wake(f, 1, 0, 0);
	feed_wake(f, 1, 1, 1);
	feed_switch(f, 2, 0, 0, 0);
	feed_switch(f, 2, 1, 0, 1);
	feed_switch(f, 1 * S, 1, ROTA_BLOCKED, NOBODY);
	feed_switch(f, 2 * S, 0, ROTA_BLOCKED, NOBODY);
	summary = end(f, 3 * S);
	expect_seconds(summary, "HS-");
	cr_expect_eq(summary->verdict.second_ns, S);
	cr_expect_eq(summary->threads[0].alone_ns + summary->threads[1].alone_ns, summary->parallelism.ns[1]);
	cr_expect_eq(summary->threads[0].alone_ns, 1 * S);
	cr_expect(strstr(summary->verdict.sentence, "t0[100]") || summary->verdict.limit != ROTA_LIMIT_SERIAL);
	rota_summary_free(summary);
	feed_free(f);
}

/* Nothing happens for seconds on end: they are told all the same, and a rest below a tenth belongs to the one before. */
Test(seconds, quiet_seconds_and_a_short_rest)
{
	static const struct {
		uint64_t length_ns;
		const char *letters;
	} cases[] = {
		{4 * S,               "SSSS" },
		{ 4 * S + S / 10,     "SSSSS"},
		{ 4 * S + S / 10 - 1, "SSSS" },
		{ S / 2,              "S"    },
		{ S / 1000,           "?"    }
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct feed *f = two_cpus();
		struct rota_summary *summary;

		begin(f, 1);
		feed_wake(f, 1, 0, 0);
		feed_switch(f, 1, 0, 0, 0);
		summary = end(f, cases[i].length_ns);
		expect_seconds(summary, cases[i].letters);
		rota_summary_free(summary);
		feed_free(f);
	}
}

/* A thread that dies within a second counts for it, and its successor in the same slot begins anew. */
Test(seconds, threads_that_end)
{
	struct feed *f = two_cpus();
	struct rota_summary *summary;

	begin(f, 1);
	feed_wake(f, 1, 0, 0);
	feed_switch(f, 1, 0, 0, 0);
	feed_switch(f, 9 * S / 10, 0, ROTA_NONE, NOBODY);
	f->sink.thread_gone(f->sink.ctx, &f->threads[0].thread);
	f->threads[0].thread.tid = 999;
	f->threads[0].thread.start_boottime_ns = 2000;
	feed(f, 19 * S / 10, 0, ROTA_BLOCKED, 0, .flags = ROTA_TRANSITION_BORN);
	summary = end(f, 3 * S);
	expect_seconds(summary, "S--");
	rota_summary_free(summary);
	feed_free(f);
}

static struct verdict_piece piece(float seconds, float demand, float wanting)
{
	return (struct verdict_piece){
		.seconds = seconds, .known = 1, .demand = demand, .wanting = wanting, .alone = wanting
	};
}

Test(seconds, the_whole_is_the_mean_of_its_pieces)
{
	struct verdict_piece pieces[] = { piece(1, 2, 1), piece(1, 0, 0), piece(2, 1, 0.5F) };
	struct seconds_track track = { .step_ns = S, .count = 3, .pieces = pieces };
	struct verdict_piece whole = seconds_whole(&track);

	cr_expect_float_eq(whole.seconds, 4, 1e-6);
	cr_expect_float_eq(whole.known, 1, 1e-6);
	cr_expect_float_eq(whole.demand, 1, 1e-6);
	cr_expect_float_eq(whole.wanting, 0.5, 1e-6);
	cr_expect_float_eq(whole.alone, 1, 1e-6); /* the largest */
}

/* Memory is bounded: after SECONDS_MAX steps each stands for two seconds. */
Test(seconds, very_long_windows_have_wider_steps)
{
	struct feed *f = two_cpus();
	struct rota_summary *summary;
	uint64_t length_ns = (SECONDS_MAX + 100ULL) * S;

	begin(f, 1);
	feed_wake(f, 1, 0, 0);
	feed_switch(f, 1, 0, 0, 0);
	feed_switch(f, length_ns / 2, 0, ROTA_BLOCKED, NOBODY);
	summary = end(f, length_ns);
	cr_expect_eq(summary->verdict.second_ns, 2 * S);
	cr_expect_eq(summary->verdict.second_count, SECONDS_MAX / 2 + 50);
	cr_expect_eq(summary->verdict.by_second[0], ROTA_LIMIT_SERIAL);
	cr_expect_eq(summary->verdict.by_second[SECONDS_MAX / 2], ROTA_LIMIT_NONE);
	rota_summary_free(summary);
	feed_free(f);
}

/*
 * A thread that blocks for the disk in one second, `runs` times for the rest of it between runs of run_ns each: does it work? Its
 * waits are the limit if it does, and those of an idle thread are none.
 */
static uint8_t limit_of_reader(unsigned int runs, uint64_t run_ns)
{
	struct feed *f = two_cpus();
	struct rota_summary *summary;
	uint8_t limit;

	begin(f, 1);
	for (unsigned int i = 0; i < runs; i++) {
		uint64_t ts = 1000 + i * (S / 20);

		feed_wake(f, ts, 0, 0);
		feed_cpu(f, ts, 0, 0);
		feed(f, ts, 0, ROTA_RUNNING, 0, .flags = ROTA_TRANSITION_SWITCH_IN);
		feed(f, ts + run_ns, 0, ROTA_BLOCKED, 0, .flags = ROTA_TRANSITION_VOLUNTARY | ROTA_TRANSITION_IOWAIT,
		     .raw_state = 2, .reason = ROTA_REASON_TOLD | ROTA_REASON_NO_SYSCALL);
		feed_cpu(f, ts + run_ns, 0, NOBODY);
	}
	summary = end(f, S);
	limit = summary->verdict.by_second[0];
	rota_summary_free(summary);
	feed_free(f);
	return limit;
}

Test(seconds, who_works)
{
	cr_expect_eq(limit_of_reader(10, 1000), ROTA_LIMIT_IO_DISK);
	cr_expect_eq(limit_of_reader(9, 1000), ROTA_LIMIT_NONE);
	cr_expect_eq(limit_of_reader(1, S / 100), ROTA_LIMIT_IO_DISK);
	cr_expect_eq(limit_of_reader(1, S / 100 - 1), ROTA_LIMIT_NONE);
}
