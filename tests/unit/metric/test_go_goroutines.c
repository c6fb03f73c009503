/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Goroutines: by sample with their error, exactly by GO_RUN, by function, more than are told apart, in a strip. */
#include "go_feed.h"

#include <math.h>

static void tick(struct feed *f, uint64_t ts, int thread, uint64_t goid, uint8_t flags)
{
	go_at(f, ts, thread, goid, 1, goid ? STATE(RUNNING, RUNNING) : 0, ROTA_GO_TICK | flags);
}

Test(goroutines, shares_by_sample)
{
	struct feed *f = go_begin(1000, (struct metric_config){ 0 });
	const struct rota_runtime *runtime;
	const struct rota_goroutine *row;
	struct rota_summary *summary;
	uint64_t all = 0;

	feed_start(f, 1000);
	go_name(f, 1000, 7, 2, false);
	go_onto(f, 1000, 0, 0);
	for (uint64_t i = 0; i < 60; i++)
		tick(f, 1001 + i, 0, 7, 0);
	for (uint64_t i = 0; i < 20; i++)
		tick(f, 1100 + i, 0, 8, i < 5 ? ROTA_GO_CGO : 0);
	for (uint64_t i = 0; i < 10; i++)
		tick(f, 1200 + i, 0, 9, ROTA_GO_SYSTEM);
	for (uint64_t i = 0; i < 6; i++)
		tick(f, 1300 + i, 0, 0, ROTA_GO_SYSTEM | (i < 2 ? ROTA_GO_SPINNING : 0));
	for (uint64_t i = 0; i < 3; i++)
		tick(f, 1400 + i, 0, 0, ROTA_GO_FOREIGN);
	tick(f, 1500, 0, 0, ROTA_GO_UNREADABLE);
	go_name(f, 1500, 9, 3, true); /* told late */
	summary = feed_stop(f, 2000);
	runtime = &summary->go.runtimes[0];
	cr_expect_eq(runtime->samples, 100);
	cr_expect_eq(runtime->scheduler_samples, 6);
	cr_expect_eq(runtime->spinning_samples, 2);
	cr_expect_eq(runtime->cgo_samples, 5);
	cr_expect_eq(runtime->gc_samples, 10);
	cr_expect_eq(runtime->foreign_samples, 3);
	cr_expect_eq(runtime->unreadable_samples, 1);
	row = go_row(summary, 7);
	cr_expect_eq(row, &summary->go.goroutines[0], "most cpu first");
	cr_expect_str_eq(row->start, "main.worker");
	cr_expect_float_eq(row->sampled.share, 0.6, 1e-9);
	cr_expect_float_eq(row->sampled.share_error, 1.96 * sqrt(0.6 * 0.4 / 100), 1e-9);
	cr_expect_float_eq(row->sampled.cpu_ns, 600, 1e-6);
	cr_expect(go_row(summary, 9)->system);
	cr_expect_str_eq(go_row(summary, 9)->start, "runtime.gcBgMarkWorker");
	cr_expect_str_eq(go_row(summary, 8)->start, "");
	for (uint32_t i = 0; i < summary->go.goroutine_count; i++) {
		all += summary->go.goroutines[i].sampled.samples;
		cr_expect(!summary->go.goroutines[i].exact);
		if (summary->go.goroutines[i].scheduler)
			cr_expect_eq(summary->go.goroutines[i].sampled.samples, 6);
		if (summary->go.goroutines[i].foreign)
			cr_expect_eq(summary->go.goroutines[i].sampled.samples, 3);
	}
	cr_expect_eq(all, 99);
	rota_summary_free(summary);
	feed_free(f);
}

Test(goroutines, exactly_by_their_switches)
{
	struct feed *f = go_begin(1000, (struct metric_config){ 0 });
	const struct rota_goroutine *row = NULL;
	struct rota_summary *summary;

	feed_start(f, 1000);
	go_runtime(f, 1000, 2, ROTA_RUNTIME_EXACT);
	go_onto(f, 1000, 0, 0);
	go_run(f, 1100, 0, 7); /* the 100 before belong to nobody that is known */
	go_run(f, 1250, 0, 8);
	go_run(f, 1300, 0, 0); /* schedules */
	go_run(f, 1310, 0, 7);
	go_at(f, 1400, 0, 7, 1, STATE(RUNNING, RUNNING), 0);
	feed_switch(f, 1400, 0, ROTA_RUNNABLE, 40);
	feed_switch(f, 1500, 0, ROTA_RUNNABLE, 0); /* goes on with 7 */
	summary = feed_stop(f, 1600);
	cr_expect_eq(go_row(summary, 7)->exact_ns, 150 + 90 + 100);
	cr_expect_eq(go_row(summary, 8)->exact_ns, 50);
	cr_expect(go_row(summary, 8)->exact);
	for (uint32_t i = 0; i < summary->go.goroutine_count; i++)
		row = summary->go.goroutines[i].scheduler ? &summary->go.goroutines[i] : row;
	cr_assert(row);
	cr_expect_eq(row->exact_ns, 10);
	cr_expect_eq(summary->go.runtimes[0].running_ns, 500);
	rota_summary_free(summary);
	feed_free(f);
}

Test(goroutines, exact_switches_end)
{
	struct feed *f = go_begin(1000, (struct metric_config){ .interval_ns = 500 });
	struct rota_summary *summary;
	bool said = false;

	f->round_ns = 100;
	f->next_round_ns = 1000;
	feed_start(f, 1000);
	go_runtime(f, 1000, 2, ROTA_RUNTIME_EXACT);
	go_onto(f, 1000, 0, 0);
	go_run(f, 1000, 0, 7);
	feed_rounds(f, 1800);
	go_runtime(f, 1800, 2, 0); /* too many: they are not recorded any more */
	summary = feed_stop(f, 2500);
	cr_expect_eq(go_row(summary, 7)->exact_ns, 800);
	cr_expect(!summary->go.runtimes[0].exact);
	cr_expect(go_row(summary, 7)->exact);
	for (uint32_t i = 0; i < summary->note_count; i++)
		said = said || strstr(summary->notes[i], "for a part of the window only");
	cr_expect(said);
	cr_assert_eq(f->interval_count, 3);
	cr_expect_eq(go_row(f->intervals[0], 7)->exact_ns, 500);
	cr_expect_eq(go_row(f->intervals[1], 7)->exact_ns, 300, "%llu",
		     (unsigned long long)go_row(f->intervals[1], 7)->exact_ns);
	rota_summary_free(summary);
	feed_free(f);
}

Test(goroutines, a_loss_hides_their_switches)
{
	struct feed *f = go_begin(1000, (struct metric_config){ 0 });
	struct rota_summary *summary;

	feed_start(f, 1000);
	go_onto(f, 1000, 0, 0);
	go_run(f, 1000, 0, 7);
	feed(f, 1200, 0, ROTA_UNKNOWN, 0);
	feed_cpu(f, 1200, 0, DARK);
	go_run(f, 1300, 0, 8); /* comes through, but where it ran is not known */
	go_run(f, 1350, 0, 9);
	feed_cpu(f, 1400, 0, 0);
	feed(f, 1400, 0, ROTA_RUNNING, 0);
	summary = feed_stop(f, 1500);
	cr_expect_eq(go_row(summary, 7)->exact_ns, 200);
	for (uint32_t i = 0; i < summary->go.goroutine_count; i++)
		cr_expect_neq(summary->go.goroutines[i].goid, 8);
	rota_summary_free(summary);
	feed_free(f);
}

Test(goroutines, by_function)
{
	struct feed *f = go_begin(1000, (struct metric_config){ 0 });
	const struct rota_go_function *function = NULL;
	struct rota_summary *summary;

	feed_start(f, 1000);
	go_onto(f, 1000, 0, 0);
	for (uint64_t goid = 10; goid < 20; goid++) {
		go_name(f, 1000, goid, 2, false);
		tick(f, 1000 + goid, 0, goid, 0);
	}
	go_name(f, 1000, 1, 4, false);
	tick(f, 1030, 0, 1, 0);
	summary = feed_stop(f, 2000);
	cr_assert_eq(summary->go.function_count, 2);
	function = &summary->go.functions[0];
	cr_expect_str_eq(function->start, "main.worker");
	cr_expect_eq(function->goroutines, 10);
	cr_expect_eq(function->sampled.samples, 10);
	cr_expect_float_eq(function->sampled.share, 10 / 11.0, 1e-9);
	cr_expect_str_eq(summary->go.functions[1].start, "main.main");
	rota_summary_free(summary);
	feed_free(f);
}

Test(goroutines, more_than_there_are_rows)
{
	struct feed *f = go_begin(1000, (struct metric_config){ 0 });
	const uint32_t count = 3 * ROTA_GOROUTINE_ROWS;
	uint64_t samples = 0, goroutines = 0;
	struct rota_summary *summary;

	feed_start(f, 1000);
	go_onto(f, 1000, 0, 0);
	for (uint32_t i = 0; i < count; i++) {
		go_name(f, 1000 + i, 10 + i, i & 1 ? 2 : 4, false);
		tick(f, 1000 + i, 0, 10 + i, 0);
	}
	tick(f, 1000 + count, 0, 10, 0);
	tick(f, 1000 + count, 0, 0, ROTA_GO_SYSTEM);
	summary = feed_stop(f, 1000000);
	cr_expect_leq(summary->go.goroutine_count, ROTA_GOROUTINE_ROWS + 3);
	for (uint32_t i = 0; i < summary->go.goroutine_count; i++) {
		const struct rota_goroutine *row = &summary->go.goroutines[i];

		samples += row->sampled.samples;
		goroutines += row->folded ? row->folded : !row->scheduler;
	}
	cr_expect_eq(samples, count + 2);
	cr_expect_eq(goroutines, count);
	cr_expect_eq(go_row(summary, 10)->sampled.samples, 2);
	cr_expect_eq(summary->go.functions[0].goroutines, count / 2);
	rota_summary_free(summary);
	feed_free(f);
}

Test(goroutines, a_million)
{
	struct feed *f = go_begin(1000, (struct metric_config){ 0 });
	const uint64_t count = 1000000;
	struct rota_summary *summary;
	uint64_t samples = 0;

	feed_start(f, 1000);
	go_onto(f, 1000, 0, 0);
	for (uint64_t i = 0; i < count; i++)
		tick(f, 1000 + i, 0, 10 + i, 0);
	summary = feed_stop(f, 1000 + count);
	for (uint32_t i = 0; i < summary->go.goroutine_count; i++)
		samples += summary->go.goroutines[i].sampled.samples;
	cr_expect_eq(samples, count, "nothing is dropped");
	samples = 0;
	for (uint32_t i = 0; i < summary->go.function_count; i++)
		samples += summary->go.functions[i].sampled.samples;
	cr_expect_eq(samples, count, "nor by function");
	cr_expect_leq(summary->go.goroutine_count, ROTA_GOROUTINE_ROWS + 3);
	rota_summary_free(summary);
	feed_free(f);
}

Test(goroutines, threads_cpus_and_cores)
{
	struct feed *f = go_begin(1000, (struct metric_config){ 0 });
	struct rota_summary *summary;

	feed_start(f, 1000);
	go_onto(f, 1000, 0, 0);
	go_onto(f, 1000, 1, 1);
	tick(f, 1100, 0, 7, 0);
	tick(f, 1200, 1, 7, 0);
	tick(f, 1300, 1, 8, 0);
	summary = feed_stop(f, 2000);
	cr_expect_eq(go_row(summary, 7)->thread_count, 2);
	cr_expect_eq(go_row(summary, 7)->cpu_count, 2);
	cr_expect_eq(go_row(summary, 7)->core_count, 2);
	cr_expect_eq(go_row(summary, 8)->thread_count, 1);
	cr_expect_eq(go_row(summary, 8)->cpu_count, 1);
	rota_summary_free(summary);
	feed_free(f);
}

Test(goroutines, populations_are_those_of_the_last_look)
{
	struct feed *f = go_begin(1000, (struct metric_config){ 0 });
	union rota_any_record record = {
		.go_population = { .head = { .type = ROTA_REC_GO_POPULATION, .aux = ROTA_GO_G_WAITING, .tid = TGID } }
	};
	struct rota_summary *summary;

	go_text(f, 999, 5, "chan receive");
	feed_start(f, 1000);
	go_onto(f, 1000, 0, 0);
	for (uint64_t ts = 1100; ts <= 1200; ts += 100) {
		record.head.ts_ns = ts;
		record.head.aux = ROTA_GO_G_RUNNABLE;
		record.go_population.reason = 0;
		record.go_population.count = ts / 100;
		go_tell(f, record, -1, -1);
		record.head.aux = ROTA_GO_G_WAITING;
		record.go_population.reason = 5;
		record.go_population.count = ts;
		go_tell(f, record, -1, -1);
	}
	summary = feed_stop(f, 2000);
	cr_assert_eq(summary->go.population_count, 2);
	cr_expect_str_eq(summary->go.populations[0].reason, "chan receive");
	cr_expect_eq(summary->go.populations[0].count, 1200);
	cr_expect_eq(summary->go.populations[1].status, ROTA_GO_G_RUNNABLE);
	cr_expect_eq(summary->go.populations[1].count, 12);
	rota_summary_free(summary);
	feed_free(f);
}
