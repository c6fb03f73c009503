/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Go programs as a whole: looks at their schedulers, who holds a P without a cpu, hand-offs, totals, intervals, the ladder. */
#include "go_feed.h"

#define S 1000000000ULL

static struct rota_summary *end(struct feed *f, uint64_t ts)
{
	struct rota_summary *summary = feed_stop(f, ts);

	cr_assert_geq(summary->go.runtime_count, 1);
	return summary;
}

Test(go_runtime, looks_hold_until_the_next)
{
	struct feed *f = go_begin(10 * S, (struct metric_config){ 0 });
	const struct rota_runtime *runtime;
	struct rota_summary *summary;

	feed_start(f, 10 * S);
	go_onto(f, 10 * S, 0, 0);
	go_census(f, 11 * S, TGID, 2, 10, 3, 2);
	go_census(f, 13 * S, TGID, 2, 20, 0, 1);
	go_runtime(f, 13 * S, 2, 0);
	summary = end(f, 14 * S);
	runtime = &summary->go.runtimes[0];
	cr_expect_eq(summary->go.runtime_count, 1);
	cr_expect_eq(runtime->tgid, TGID);
	cr_expect_str_eq(runtime->version, "go1.24.4");
	cr_expect_eq(runtime->gomaxprocs, 2);
	cr_expect_eq(runtime->gomaxprocs_first, 2);
	cr_expect_eq(runtime->setter, ROTA_SETTER_ENVIRONMENT);
	cr_expect_eq(runtime->running_ns, 4 * S);
	cr_expect_eq(runtime->known_ns, 3 * S);
	cr_expect_eq(runtime->in_progress.looks, 2);
	cr_expect_eq(runtime->in_progress.looked_ns, 3 * S);
	cr_expect_float_eq(runtime->in_progress.mean, 40 / 3.0, 1e-9);
	cr_expect_eq(runtime->in_progress.min, 10);
	cr_expect_eq(runtime->in_progress.max, 20);
	cr_expect_float_eq(runtime->demand.mean, (5 * 2 + 1 * 1) / 3.0, 1e-9);
	cr_expect_eq(runtime->p_busy.level_count, 2);
	cr_expect_eq(runtime->p_busy.levels[0].level, 1);
	cr_expect_eq(runtime->p_busy.levels[0].ns, 1 * S);
	cr_expect_eq(runtime->p_busy.levels[1].ns, 2 * S);
	cr_expect_float_eq(summary->go.gomaxprocs.mean, 2, 1e-9);
	rota_summary_free(summary);
	feed_free(f);
}

Test(go_runtime, what_was_seen_before_the_window_holds_in_it)
{
	struct feed *f = go_begin(10 * S, (struct metric_config){ .interval_ns = S });
	struct rota_summary *summary;

	f->round_ns = S / 2;
	f->next_round_ns = 10 * S;
	go_census(f, 10 * S - 3, TGID, 2, 7, 0, 1);
	feed_start(f, 10 * S);
	go_onto(f, 10 * S, 0, 0);
	feed_rounds(f, 12 * S + S / 2);
	go_census(f, 12 * S + S / 2, TGID, 2, 9, 0, 1);
	summary = end(f, 13 * S);
	cr_expect_eq(summary->go.in_progress.looked_ns, 3 * S);
	cr_expect_float_eq(summary->go.in_progress.mean, (7 * 2.5 + 9 * 0.5) / 3, 1e-9);
	cr_assert_eq(f->interval_count, 3);
	cr_expect_float_eq(f->intervals[0]->go.in_progress.mean, 7, 1e-9);
	cr_expect_eq(f->intervals[1]->go.in_progress.looked_ns, S);
	cr_expect_float_eq(f->intervals[2]->go.in_progress.mean, 8, 1e-9);
	rota_summary_free(summary);
	feed_free(f);
}

Test(go_runtime, several_programs_add_up_and_end)
{
	struct feed *f = go_begin(10 * S, (struct metric_config){ 0 });
	union rota_any_record other = {
		.runtime = {.head = { .ts_ns = 10 * S, .type = ROTA_REC_RUNTIME, .aux = ROTA_RUNTIME_GO, .tid = 105 },
                            .gomaxprocs = 4}
	};
	struct rota_summary *summary;

	feed_start(f, 10 * S);
	f->threads[5].thread.tgid = 105;
	go_onto(f, 10 * S, 0, 0);
	go_onto(f, 10 * S, 5, 1);
	go_tell(f, other, -1, -1);
	go_census(f, 10 * S, TGID, 2, 10, 0, 2);
	go_census(f, 10 * S, 105, 4, 100, 0, 1);
	go_census(f, 12 * S, 105, 0, 0, 0, 0); /* it has ended */
	summary = end(f, 14 * S);
	cr_expect_eq(summary->go.runtime_count, 2);
	cr_expect_float_eq(summary->go.in_progress.mean, (110 * 2 + 10 * 2) / 4.0, 1e-9);
	cr_expect_float_eq(summary->go.gomaxprocs.mean, (6 * 2 + 2 * 2) / 4.0, 1e-9);
	cr_expect_eq(summary->go.p_busy.max, 3);
	for (uint32_t i = 0; i < 2; i++) {
		const struct rota_runtime *runtime = &summary->go.runtimes[i];

		cr_expect_eq(runtime->known_ns, runtime->tgid == 105 ? 2 * S : 4 * S);
		cr_expect_float_eq(runtime->in_progress.mean, runtime->tgid == 105 ? 100 : 10, 1e-9);
	}
	rota_summary_free(summary);
	feed_free(f);
}

Test(go_runtime, sight_is_lost)
{
	struct feed *f = go_begin(10 * S, (struct metric_config){ 0 });
	struct rota_summary *summary;
	bool said = false;

	feed_start(f, 10 * S);
	go_onto(f, 10 * S, 0, 0);
	go_census(f, 10 * S, TGID, 2, 10, 0, 2);
	go_runtime(f, 11 * S, 2, ROTA_RUNTIME_LOST);
	summary = end(f, 14 * S);
	cr_expect(summary->go.runtimes[0].lost);
	cr_expect_eq(summary->go.runtimes[0].known_ns, S);
	cr_expect_eq(summary->go.in_progress.looked_ns, S, "what is not looked at is not known");
	cr_expect_float_eq(summary->go.in_progress.mean, 10, 1e-9);
	for (uint32_t i = 0; i < summary->note_count; i++)
		said = said || strstr(summary->notes[i], "only the threads were followed");
	cr_expect(said);
	rota_summary_free(summary);
	feed_free(f);
}

Test(go_runtime, more_levels_than_are_kept_share_them)
{
	struct feed *f = go_begin(10 * S, (struct metric_config){ 0 });
	const struct rota_looked_at *looked;
	struct rota_summary *summary;

	feed_start(f, 10 * S);
	for (uint32_t i = 0; i < 5000; i++)
		go_census(f, 10 * S + i * 1000, TGID, 2, 200 * i, 0, 0);
	summary = end(f, 10 * S + 5000 * 1000);
	looked = &summary->go.runtimes[0].in_progress;
	cr_expect_leq(looked->level_count, ROTA_LOOKED_LEVELS);
	cr_expect_eq(looked->max, 200 * 4999);
	cr_expect_float_eq(looked->mean, 200 * 4999 / 2.0, 1e-3, "the mean is not that of the levels: %f",
			   looked->mean);
	rota_summary_free(summary);
	feed_free(f);
}

/* --- a P is busy, but its M waits --- */

Test(go_runtime, a_p_without_a_cpu)
{
	struct feed *f = go_begin(1000, (struct metric_config){ 0 });
	struct rota_summary *summary;

	feed_start(f, 1000);
	go_onto(f, 1000, 0, 0);
	go_at(f, 1200, 0, 7, 1, STATE(RUNNING, RUNNING), 0); /* preempted with its P */
	feed_switch(f, 1200, 0, ROTA_RUNNABLE, 40);
	feed_switch(f, 1300, 0, ROTA_RUNNABLE, 0);
	go_at(f, 1400, 0, 0, 1, STATE(IDLE, RUNNING), ROTA_GO_SYSTEM | ROTA_GO_SPINNING); /* it only looks for work */
	feed_switch(f, 1400, 0, ROTA_RUNNABLE, 40);
	feed_switch(f, 1450, 0, ROTA_RUNNABLE, 0);
	go_at(f, 1500, 0, 7, 1, STATE(SYSCALL, SYSCALL), 0); /* in a system call: the P is not busy */
	feed_switch(f, 1500, 0, ROTA_RUNNABLE, 40);
	feed_switch(f, 1530, 0, ROTA_RUNNABLE, 0);
	feed_switch(f, 1600, 0, ROTA_RUNNABLE, 40); /* without a record: not known */
	feed_switch(f, 1700, 0, ROTA_RUNNABLE, 0);
	go_at(f, 1800, 0, 7, 1, STATE(RUNNING, RUNNING), 0);
	feed_switch(f, 1800, 0, ROTA_THROTTLED, NOBODY); /* out of quota; still so at the end */
	summary = end(f, 2000);
	cr_expect_eq(summary->go.held_runnable_ns, 100);
	cr_expect_eq(summary->go.held_throttled_ns, 200);
	cr_expect_eq(summary->go.runtimes[0].held_runnable_ns, 100);
	cr_expect_eq(go_row(summary, 7)->runnable_ns, 100);
	cr_expect_eq(go_row(summary, 7)->throttled_ns, 200);
	cr_expect_eq(go_row(summary, 7)->switch_outs, 3);
	rota_summary_free(summary);
	feed_free(f);
}

/* Blocked as rota's table of system calls has it: futex is a lock, pread64 on a file a disk. */
static void block(struct feed *f, uint64_t ts, int thread, int cpu, uint32_t reason, int next)
{
	feed(f, ts, thread, ROTA_BLOCKED, cpu, .flags = ROTA_TRANSITION_VOLUNTARY, .reason = reason, .raw_state = 1);
	feed_cpu(f, ts, cpu, next);
}

#define FUTEX     (ROTA_REASON_TOLD | 202U)
#define NANOSLEEP (ROTA_REASON_TOLD | 35U)

Test(go_runtime, blocked_with_a_goroutine)
{
	struct feed *f = go_begin(1000, (struct metric_config){ 0 });
	const struct rota_goroutine *row;
	struct rota_summary *summary;

	feed_start(f, 1000);
	go_onto(f, 1000, 0, 0);
	go_at(f, 1100, 0, 7, 1, STATE(SYSCALL, SYSCALL), 0);
	block(f, 1100, 0, 0, NANOSLEEP, NOBODY);
	go_onto(f, 1300, 0, 0);
	go_at(f, 1400, 0, 7, 0, STATE(SYSCALL, IDLE), ROTA_GO_CGO | ROTA_GO_LOCKED);
	block(f, 1400, 0, 0, NANOSLEEP, NOBODY);
	go_onto(f, 1450, 0, 0);
	go_at(f, 1500, 0, 0, 0, 0, ROTA_GO_SYSTEM); /* parks: no goroutine's wait */
	block(f, 1500, 0, 0, FUTEX, NOBODY);
	summary = end(f, 2000);
	cr_expect_eq(summary->go.runtimes[0].syscall_ns, 200);
	cr_expect_eq(summary->go.runtimes[0].cgo_ns, 50);
	/* as the record at the end of its stay on the cpu says, and until the next one */
	cr_expect_eq(summary->go.runtimes[0].locked_ns, 150);
	row = go_row(summary, 7);
	cr_expect_eq(row->class_ns[ROTA_BLOCKED_SLEEP], 250);
	cr_expect_eq(row->class_ns[ROTA_BLOCKED_LOCK], 0);
	cr_expect_eq(row->thread_count, 1);
	cr_expect_eq(row->cpu_count, 1);
	rota_summary_free(summary);
	feed_free(f);
}

Test(go_runtime, hand_offs)
{
	struct feed *f = go_begin(1000, (struct metric_config){ 0 });
	struct rota_summary *summary;

	feed_start(f, 1000);
	go_onto(f, 1000, 0, 0);
	go_onto(f, 1000, 1, 1);
	go_at(f, 1100, 0, 7, 1, STATE(SYSCALL, SYSCALL), 0); /* thread 0 blocks with P 0 */
	block(f, 1100, 0, 0, NANOSLEEP, NOBODY);
	go_at(f, 1200, 1, 8, 1, STATE(RUNNING, RUNNING), ROTA_GO_TICK); /* thread 1 has it: handed off */
	go_at(f, 1250, 1, 8, 1, STATE(RUNNING, RUNNING), ROTA_GO_TICK); /* the same one */
	go_onto(f, 1300, 0, 0);
	go_at(f, 1400, 0, 7, 2, STATE(SYSCALL, SYSCALL), 0);
	block(f, 1400, 0, 0, NANOSLEEP, NOBODY);
	go_onto(f, 1500, 0, 0); /* it is back before anybody was seen with it */
	go_at(f, 1600, 1, 8, 2, STATE(RUNNING, RUNNING), ROTA_GO_TICK);
	go_at(f, 1700, 0, 7, 3, STATE(SYSCALL, SYSCALL), 0); /* preempted in the call: not blocked with it */
	feed_switch(f, 1700, 0, ROTA_RUNNABLE, NOBODY);
	go_at(f, 1800, 1, 8, 3, STATE(RUNNING, RUNNING), ROTA_GO_TICK);
	summary = end(f, 2000);
	cr_expect_eq(summary->go.hand_offs, 1, "%llu", (unsigned long long)summary->go.hand_offs);
	rota_summary_free(summary);
	feed_free(f);
}

/* --- what the runtime adds up itself --- */

Test(go_runtime, totals_are_what_grew_in_the_window)
{
	struct feed *f = go_begin(10 * S, (struct metric_config){ 0 });
	const struct rota_runtime *runtime;
	struct rota_summary *summary;

	go_totals(f, 10 * S - 4, 1000, 5, UINT64_MAX);
	feed_start(f, 10 * S);
	go_onto(f, 10 * S, 0, 0);
	go_totals(f, 11 * S, 1500, 6, UINT64_MAX);
	go_totals(f, 12 * S, 4000, 9, UINT64_MAX);
	summary = end(f, 13 * S);
	runtime = &summary->go.runtimes[0];
	cr_expect(runtime->totals_known);
	cr_expect_eq(runtime->mutex_wait_ns, 3000);
	cr_expect_eq(runtime->gc_cycles, 4);
	cr_expect_eq(runtime->gc_assist_ns, 0);
	rota_summary_free(summary);
	feed_free(f);
}

Test(go_runtime, its_own_latencies)
{
	struct feed *f = go_begin(10 * S, (struct metric_config){ 0 });
	union rota_any_record record = {
		.go_latency = {.head = { .ts_ns = 10 * S - 4, .type = ROTA_REC_GO_LATENCY, .tid = TGID },
                               .upper_ns = 128,
                               .count = 100}
	};
	const struct rota_histogram *latency;
	struct rota_summary *summary;

	go_tell(f, record, -1, -1); /* before the window */
	feed_start(f, 10 * S);
	go_onto(f, 10 * S, 0, 0);
	record.head.ts_ns = 11 * S;
	record.go_latency.count = 7;
	go_tell(f, record, -1, -1);
	record.go_latency.upper_ns = 64;
	record.go_latency.count = 3;
	go_tell(f, record, -1, -1);
	summary = end(f, 13 * S);
	latency = &summary->go.runtimes[0].latency;
	cr_expect_eq(latency->count, 10);
	cr_expect_eq(latency->max_ns, 127);
	cr_assert_eq(latency->bucket_count, 128);
	cr_expect_eq(latency->buckets[127], 7);
	cr_expect_eq(latency->buckets[63], 3);
	rota_summary_free(summary);
	feed_free(f);
}

/* --- the ladder --- */

Test(go_runtime, the_ladders_upper_rungs)
{
	struct feed *f = go_begin(10 * S, (struct metric_config){ 0 });
	const struct rota_rung *rung;
	struct rota_summary *summary;

	feed_start(f, 10 * S);
	go_onto(f, 10 * S, 0, 0);
	go_census(f, 10 * S, TGID, 1, 12, 3, 1);
	summary = end(f, 12 * S);
	cr_assert_geq(summary->rung_count, 4);
	cr_expect_str_eq(summary->rungs[0].rung, "goroutines");
	cr_expect_str_eq(summary->rungs[1].rung, "p");
	cr_expect_str_eq(summary->rungs[2].rung, "threads");
	rung = go_rung(summary, "goroutines");
	cr_expect_float_eq(rung->have, 12, 1e-9);
	cr_expect_float_eq(rung->want, 4, 1e-9);
	rung = go_rung(summary, "p");
	cr_expect_float_eq(rung->have, 1, 1e-9);
	cr_expect_float_eq(rung->want, 4, 1e-9);
	cr_expect_float_eq(rung->get, 1, 1e-9);
	cr_expect_float_eq(rung->stuck, 3, 1e-9);
	cr_expect(strstr(rung->note, "permits to run Go code"));
	rota_summary_free(summary);
	feed_free(f);
}

Test(go_runtime, none_without_go)
{
	struct rota_topology topology;
	struct rota_summary *summary;
	struct feed *f;

	feed_topology(&topology, 1, 1, 1, 2, 1);
	f = feed_new(&topology, (struct metric_config){ 0 });
	feed_cpu(f, 990, 0, NOBODY);
	feed_cpu(f, 990, 1, NOBODY);
	feed_start(f, 1000);
	go_onto(f, 1000, 0, 0);
	summary = feed_stop(f, 2000);
	cr_expect_eq(summary->go.runtime_count, 0);
	cr_expect_eq(summary->go.goroutine_count, 0);
	cr_expect_null(go_rung(summary, "p"));
	cr_expect_str_eq(summary->rungs[0].rung, "threads");
	rota_summary_free(summary);
	feed_free(f);
}
