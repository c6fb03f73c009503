/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* System calls of a window: sums by thread and call, totals, quantiles, intervals, threads that are gone, what is told of. */
#include "feed.h"

#include "base/histogram.h"

static void tell(struct feed *f, const union rota_any_record *record)
{
	struct rota_event event = { .cpu = ROTA_CPU_NONE, .rec = *record };

	f->sink.record(f->sink.ctx, NULL, &event);
}

static void calls(struct feed *f, uint64_t ts, uint32_t tid, uint16_t number, uint8_t flags, uint64_t count,
		  uint64_t ns, uint64_t cpu_ns, uint64_t max_ns)
{
	union rota_any_record record = {
		.calls = {.head = { .ts_ns = ts, .type = ROTA_REC_CALLS, .flags = flags, .aux = number, .tid = tid },
                          .count = count,
                          .total_ns = ns,
                          .cpu_ns = cpu_ns,
                          .max_ns = max_ns}
	};

	tell(f, &record);
}

static void spread(struct feed *f, uint64_t ts, uint32_t tid, uint16_t number, uint64_t ns, uint64_t count)
{
	union rota_any_record record = {
		.calls_spread = {.head = { .ts_ns = ts, .type = ROTA_REC_CALLS_SPREAD, .aux = number, .tid = tid },
                                 .bucket = histogram_bucket(ns),
                                 .count = count}
	};

	tell(f, &record);
}

static struct feed *begin(uint64_t ts, struct metric_config config)
{
	struct rota_topology topology;
	struct feed *f;

	feed_topology(&topology, 1, 1, 1, 2, 1);
	config.machine = "x86_64";
	f = feed_new(&topology, config);
	feed_cpu(f, ts - 10, 0, NOBODY);
	feed_cpu(f, ts - 10, 1, NOBODY);
	return f;
}

static const struct rota_syscall *find(const struct rota_syscall *rows, uint32_t count, uint32_t tid, const char *name)
{
	for (uint32_t i = 0; i < count; i++)
		if (rows[i].tid == tid && !strcmp(rows[i].syscall, name))
			return &rows[i];
	cr_assert_fail("no row of %s for %u", name, tid);
	return NULL;
}

static bool has_note(const struct rota_summary *summary, const char *words)
{
	for (uint32_t i = 0; i < summary->note_count; i++)
		if (strstr(summary->notes[i], words))
			return true;
	return false;
}

Test(syscalls, not_followed_is_not_known)
{
	struct feed *f = begin(1000, (struct metric_config){ 0 });
	struct rota_summary *summary;

	feed_start(f, 1000);
	feed_switch(f, 1000, 0, 0, 1);
	summary = feed_stop(f, 2000);
	cr_assert(!summary->syscalls_known);
	cr_assert_eq(summary->syscall_count + summary->syscall_total_count, 0);
	rota_summary_free(summary);
	feed_free(f);
}

Test(syscalls, followed_without_a_call_is_known)
{
	struct feed *f = begin(1000, (struct metric_config){ 0 });
	struct rota_summary *summary;

	calls(f, 1000, 0, 0, 0, 0, 0, 0, 0);
	feed_start(f, 1000);
	feed_switch(f, 1000, 0, 0, 1);
	summary = feed_stop(f, 2000);
	cr_assert(summary->syscalls_known);
	cr_assert_eq(summary->syscall_count, 0);
	rota_summary_free(summary);
	feed_free(f);
}

Test(syscalls, sums_by_thread_and_in_total)
{
	struct feed *f = begin(1000, (struct metric_config){ 0 });
	const struct rota_syscall *row;
	struct rota_summary *summary;

	calls(f, 1000, 0, 0, 0, 0, 0, 0, 0);
	feed_start(f, 1000);
	feed_switch(f, 1000, 0, 0, 1);
	feed_switch(f, 1000, 1, 0, 2);
	calls(f, 1500, 101, 0, ROTA_F_TARGET, 100, 200, 150, 9);
	calls(f, 1500, 101, 202, ROTA_F_TARGET, 2, 30, 10, 20);
	calls(f, 1500, 102, 0, ROTA_F_TARGET, 50, 400, 100, 90);
	calls(f, 1500, 102, 3, ROTA_F_TARGET | ROTA_CALL_COMPAT, 7, 8, 8, 2); /* read(2) by the other table */
	calls(f, 2000, 101, 0, ROTA_F_TARGET, 1, 50, 50, 50);
	summary = feed_stop(f, 2000);
	cr_assert_eq(summary->syscall_count, 4);
	row = find(summary->syscalls, 4, 101, "read");
	cr_assert_eq(row->count, 101);
	cr_assert_eq(row->ns, 250);
	cr_assert_eq(row->cpu_ns, 200);
	cr_assert_eq(row->max_ns, 50);
	cr_assert_eq(row->tgid, 100);
	cr_assert_str_eq(row->thread, "t1");
	cr_assert_eq(find(summary->syscalls, 4, 101, "futex")->count, 2);
	cr_assert_eq(summary->syscalls[0].ns, 400, "most time first");
	cr_assert_eq(summary->syscall_total_count, 3);
	cr_assert_eq(summary->syscall_totals[0].count, 151);
	cr_assert_eq(summary->syscall_totals[0].ns, 650);
	cr_assert_eq(summary->syscall_totals[0].max_ns, 90);
	cr_assert(!summary->syscall_totals[0].compat);
	cr_assert_eq(summary->syscall_totals[2].count, 7);
	cr_assert(summary->syscall_totals[2].compat);
	cr_assert_str_eq(summary->syscall_totals[2].syscall, "read");
	cr_assert_eq(feed_row(summary, 1)->syscall_ns, 280);
	cr_assert_eq(feed_row(summary, 1)->syscall_cpu_ns, 210);
	cr_assert_eq(feed_row(summary, 2)->syscall_ns, 408);
	rota_summary_free(summary);
	feed_free(f);
}

/* A quantile is the middle of the bucket of the value of that rank, within 1.6 %: two threads' counts are one population. */
Test(syscalls, quantiles_are_of_merged_counts)
{
	struct feed *f = begin(1000, (struct metric_config){ 0 });
	const struct rota_syscall *row;
	struct rota_summary *summary;

	feed_start(f, 1000);
	feed_switch(f, 1000, 0, 0, 1);
	feed_switch(f, 1000, 1, 0, 2);
	calls(f, 1500, 101, 0, ROTA_F_TARGET, 60, 60 * 1000, 0, 1000);
	spread(f, 1500, 101, 0, 1000, 60);
	calls(f, 1500, 102, 0, ROTA_F_TARGET, 40, 39 * 5000 + 1000000, 0, 1000000);
	spread(f, 1500, 102, 0, 1000000, 1);
	spread(f, 1500, 102, 0, 5000, 39);
	summary = feed_stop(f, 2000);
	row = find(summary->syscalls, 2, 102, "read");
	cr_assert_float_eq((double)row->p50_ns, 5000, 5000 * 0.016);
	cr_assert_float_eq((double)row->p99_ns, 1000000, 1000000 * 0.016);
	cr_assert_float_eq((double)summary->syscall_totals[0].p50_ns, 1000, 1000 * 0.016);
	cr_assert_float_eq((double)summary->syscall_totals[0].p99_ns, 5000, 5000 * 0.016, "%llu is not the 99th of 100",
			   (unsigned long long)summary->syscall_totals[0].p99_ns);
	rota_summary_free(summary);
	feed_free(f);
}

Test(syscalls, intervals_have_their_own)
{
	struct feed *f = begin(1000, (struct metric_config){ .interval_ns = 1000 });
	struct rota_summary *summary;

	calls(f, 1000, 0, 0, 0, 0, 0, 0, 0);
	feed_start(f, 1000);
	feed_switch(f, 1000, 0, 0, 1);
	calls(f, 2000, 101, 0, ROTA_F_TARGET, 3, 30, 30, 10);
	f->sink.progress(f->sink.ctx, 2000);
	calls(f, 3000, 101, 0, ROTA_F_TARGET, 4, 50, 50, 40);
	f->sink.progress(f->sink.ctx, 3000);
	calls(f, 3500, 101, 0, ROTA_F_TARGET, 5, 60, 60, 20);
	summary = feed_stop(f, 3500);
	cr_assert_eq(f->interval_count, 3);
	for (uint32_t i = 0; i < 3; i++) {
		cr_assert(f->intervals[i]->syscalls_known);
		cr_assert_eq(f->intervals[i]->syscall_count, 1);
		cr_assert_eq(f->intervals[i]->syscalls[0].count, 3 + i);
	}
	cr_assert_eq(f->intervals[2]->syscalls[0].max_ns, 20);
	cr_assert_eq(summary->syscalls[0].count, 12);
	cr_assert_eq(summary->syscalls[0].max_ns, 40);
	rota_summary_free(summary);
	feed_free(f);
}

Test(syscalls, a_thread_that_is_gone_keeps_its_name)
{
	struct feed *f = begin(1000, (struct metric_config){ 0 });
	struct rota_summary *summary;

	feed_start(f, 1000);
	feed_switch(f, 1000, 0, 0, 1);
	feed_switch(f, 1200, 0, ROTA_NONE, NOBODY);
	f->sink.thread_gone(f->sink.ctx, &f->threads[1].thread);
	calls(f, 1500, 101, 39, ROTA_F_TARGET, 3, 30, 30, 10);
	summary = feed_stop(f, 2000);
	cr_assert_str_eq(summary->syscalls[0].thread, "t1");
	cr_assert_str_eq(summary->syscalls[0].syscall, "getpid");
	cr_assert_eq(feed_row(summary, 1)->syscall_ns, 30);
	rota_summary_free(summary);
	feed_free(f);
}

Test(syscalls, what_is_not_counted_is_noted)
{
	struct feed *f = begin(1000, (struct metric_config){ 0 });
	struct rota_summary *summary;

	feed_start(f, 1000);
	feed_switch(f, 1000, 0, 0, 1);
	calls(f, 1500, 0, 0, 0, 11, 0, 0, 0);
	calls(f, 1500, 0, 0, ROTA_CALLS_HEADLESS, 12, 0, 0, 0);
	calls(f, 2000, 0, 0, ROTA_CALLS_OPEN, 13, 0, 0, 0);
	spread(f, 2000, 0, 0, 0, 14);
	summary = feed_stop(f, 2000);
	cr_assert_eq(summary->syscall_count, 0);
	cr_assert(has_note(summary, "11 system calls lost"));
	cr_assert(has_note(summary, "12 system calls that had begun before"));
	cr_assert(has_note(summary, "13 system calls open at the end"));
	cr_assert(has_note(summary, "leave out 14 system calls"));
	rota_summary_free(summary);
	feed_free(f);
}

/* Beyond SYSCALLS_MAX rows nothing is dropped: calls lose their thread. */
Test(syscalls, rows_are_bounded)
{
	struct feed *f = begin(1000, (struct metric_config){ 0 });
	struct rota_summary *summary;
	uint64_t count = 0;

	feed_start(f, 1000);
	feed_switch(f, 1000, 0, 0, 1);
	for (uint32_t tid = 1; tid <= 70000; tid++)
		calls(f, 1500, tid, 39, ROTA_F_TARGET, 2, 20, 20, 10);
	summary = feed_stop(f, 2000);
	cr_assert_eq(summary->syscall_count, 65537);
	for (uint32_t i = 0; i < summary->syscall_count; i++)
		count += summary->syscalls[i].count;
	cr_assert_eq(count, 140000);
	cr_assert_eq(find(summary->syscalls, summary->syscall_count, 0, "getpid")->count, 2 * (70000 - 65536));
	cr_assert_eq(summary->syscall_totals[0].count, 140000);
	rota_summary_free(summary);
	feed_free(f);
}
