/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* In progress, demand, parallelism, criticality, windows and intervals, against figures worked out by hand. */
#include "unit/metric/feed.h"

static struct feed *flat(uint32_t cpus, struct metric_config config)
{
	struct rota_topology topology;

	feed_topology(&topology, 1, 1, 1, cpus, 1);
	return feed_new(&topology, config);
}

/* Concurrent, not parallel: N = 2 for all 1000 ns, K = P = 0. */
Test(level, two_sleepers)
{
	struct feed *f = flat(2, (struct metric_config){ 0 });
	struct rota_summary *s;

	feed_switch(f, 10, 0, 0, NOBODY);
	feed_switch(f, 10, 1, 0, NOBODY);
	feed(f, 20, 0, ROTA_BLOCKED, 0);
	feed(f, 30, 1, ROTA_BLOCKED, 1);
	feed_start(f, 100);
	s = feed_stop(f, 1100);
	cr_assert_eq(feed_level(&s->in_progress, 2), 1000);
	cr_assert_eq(feed_level(&s->demand, 0), 1000);
	cr_assert_eq(feed_level(&s->parallelism, 0), 1000);
	cr_assert_eq(s->in_progress.max, 2);
	cr_assert_eq(s->parallelism.max, 0);
	cr_assert_float_eq(s->in_progress.mean, 2.0, 1e-12);
	cr_assert_float_eq(s->parallelism.mean_active, 0.0, 1e-12);
	cr_assert_eq(s->thread_count, 2);
	cr_assert_eq(feed_row(s, 0)->state_ns[ROTA_BLOCKED], 1000);
	cr_assert_eq(feed_row(s, 1)->lifetime_ns, 1000);
	cr_assert_eq(s->cpus[0].idle_ns, 1000);
	cr_assert_eq(s->unknown_ns, 0);
	cr_assert_float_eq(s->coverage, 1.0, 0.0);
	rota_summary_free(s);
	feed_free(f);
}

/*
 * Two busy threads on one cpu, changing every 100 ns for 1000 ns from thread 0 on: want 2, get 1. Each runs 5 × 100 and
 * waits 5 × 100. The switch at 100 … 900: nine, each involuntary; thread 0 leaves at 100, 300, …, 900 (5), thread 1 at 200 … 800 (4).
 */
Test(level, taking_turns)
{
	struct feed *f = flat(1, (struct metric_config){ 0 });
	struct rota_summary *s;

	feed_switch(f, 0, 0, 0, 0);
	feed(f, 0, 1, ROTA_RUNNABLE, 0, .cause = ROTA_CAUSE_PREEMPTED);
	feed_start(f, 0);
	for (uint64_t i = 1; i <= 9; i++)
		feed_switch(f, i * 100, 0, ROTA_RUNNABLE, (int)(i % 2));
	s = feed_stop(f, 1000);
	cr_assert_eq(feed_level(&s->demand, 2), 1000);
	cr_assert_eq(feed_level(&s->parallelism, 1), 1000);
	cr_assert_eq(feed_row(s, 0)->state_ns[ROTA_RUNNING], 500);
	cr_assert_eq(feed_row(s, 1)->state_ns[ROTA_RUNNING], 500);
	cr_assert_eq(feed_row(s, 0)->state_ns[ROTA_RUNNABLE], 500);
	cr_assert_eq(feed_row(s, 0)->involuntary, 5);
	cr_assert_eq(feed_row(s, 1)->involuntary, 4);
	cr_assert_eq(s->switch_ins, 9);
	cr_assert_eq(s->voluntary, 0);
	/* waited for: while thread 0 ran (500), thread 1 waited, and the other way round */
	cr_assert_eq(s->waited_for_count, 2);
	cr_assert_eq(s->waited_for[0].ns, 500);
	cr_assert_eq(s->waited_for[1].ns, 500);
	cr_assert(s->waited_for[0].ours && s->waited_for[0].known);
	/* the ladder: 2 in progress, want 2, get 1, stuck 1 */
	cr_assert_str_eq(s->rungs[0].rung, "threads");
	cr_assert_float_eq(s->rungs[0].have, 2, 1e-12);
	cr_assert_float_eq(s->rungs[0].want, 2, 1e-12);
	cr_assert_str_eq(s->rungs[1].rung, "hardware_threads");
	cr_assert_float_eq(s->rungs[1].have, 1, 1e-12);
	cr_assert_float_eq(s->rungs[1].stuck, 1, 1e-12);
	rota_summary_free(s);
	feed_free(f);
}

/* The same two on a cpu each: P = C = 2. */
Test(level, parallel)
{
	struct feed *f = flat(2, (struct metric_config){ 0 });
	struct rota_summary *s;

	feed_switch(f, 0, 0, 0, 0);
	feed_switch(f, 0, 1, 0, 1);
	feed_start(f, 0);
	s = feed_stop(f, 1000);
	cr_assert_eq(feed_level(&s->parallelism, 2), 1000);
	cr_assert_eq(feed_level(&s->core_parallelism, 2), 1000);
	cr_assert_eq(feed_level(&s->llc_parallelism, 1), 1000);
	cr_assert_eq(s->runqueue.count, 0);
	cr_assert_eq(feed_row(s, 0)->criticality_ns, 500);
	cr_assert_float_eq(feed_row(s, 0)->mean_parallelism, 2.0, 1e-12);
	rota_summary_free(s);
	feed_free(f);
}

/*
 * Thread 0 alone for 300, then with 1 for 200, then with 1 and 2 for 90, then all idle for 10.
 * Criticality: t0 300 + 100 + 30 = 430, t1 100 + 30 = 130, t2 30; Σ = 590 = time with P ≥ 1.
 * Mean parallelism: t0 (300 + 400 + 270) / 590, t1 (400 + 270) / 290, t2 3.
 */
Test(level, criticality)
{
	struct feed *f = flat(3, (struct metric_config){ 0 });
	struct rota_summary *s;

	feed_switch(f, 0, 0, 0, 0);
	feed_switch(f, 0, 1, 0, NOBODY);
	feed_switch(f, 0, 2, 0, NOBODY);
	feed(f, 0, 1, ROTA_BLOCKED, 1);
	feed(f, 0, 2, ROTA_BLOCKED, 2);
	feed_start(f, 0);
	feed_wake(f, 300, 1, 1);
	feed_switch(f, 300, 1, 0, 1);
	feed_wake(f, 500, 2, 2);
	feed_switch(f, 500, 2, 0, 2);
	feed_switch(f, 590, 0, ROTA_BLOCKED, NOBODY);
	feed_switch(f, 590, 1, ROTA_BLOCKED, NOBODY);
	feed_switch(f, 590, 2, ROTA_BLOCKED, NOBODY);
	s = feed_stop(f, 600);
	cr_assert_eq(feed_row(s, 0)->criticality_ns, 430);
	cr_assert_eq(feed_row(s, 1)->criticality_ns, 130);
	cr_assert_eq(feed_row(s, 2)->criticality_ns, 30);
	cr_assert_eq(s->parallelism.active_ns, 590);
	cr_assert_float_eq(feed_row(s, 0)->mean_parallelism, 970.0 / 590, 1e-12);
	cr_assert_float_eq(feed_row(s, 1)->mean_parallelism, 670.0 / 290, 1e-12);
	cr_assert_float_eq(feed_row(s, 2)->mean_parallelism, 3.0, 1e-12);
	cr_assert_float_eq(s->parallelism.mean_active, (300.0 + 400 + 270) / 590, 1e-12);
	rota_summary_free(s);
	feed_free(f);
}

/* A thirtieth of 10^15 ns thirty times over a fortnight-long window: the fixed point must not drift by 1 ns. */
Test(level, criticality_does_not_drift)
{
	const uint64_t day = 86400ULL * 1000000000ULL;
	struct feed *f = flat(30, (struct metric_config){ 0 });
	struct rota_summary *s;

	for (int i = 0; i < 30; i++)
		feed_switch(f, 0, i, 0, i);
	feed_start(f, 0);
	s = feed_stop(f, 15 * day);
	for (int i = 0; i < 30; i++)
		cr_assert_eq(feed_row(s, i)->criticality_ns, day / 2);
	rota_summary_free(s);
	feed_free(f);
}

/*
 * cpu 1 is UNKNOWN in [200, 500), thread 1 with it; thread 0 runs throughout. Known: 700 of 1000, at P = 2 for 200 + 500.
 * unknown = 300 (thread) + 300 (cpu) of 2 × 1000 lifetimes + 2 × 1000 cpu time.
 */
Test(level, unknown_interval)
{
	struct feed *f = flat(2, (struct metric_config){ 0 });
	struct rota_summary *s;

	feed_switch(f, 0, 0, 0, 0);
	feed_switch(f, 0, 1, 0, 1);
	feed_start(f, 0);
	feed(f, 200, 1, ROTA_UNKNOWN, 1);
	feed_cpu(f, 200, 1, DARK);
	f->sink.lost(f->sink.ctx, 1, 200, 500, 7);
	feed_cpu(f, 500, 1, 1);
	feed(f, 500, 1, ROTA_RUNNING, 1);
	s = feed_stop(f, 1000);
	cr_assert_eq(s->parallelism.unknown_ns, 300);
	cr_assert_eq(feed_level(&s->parallelism, 2), 700);
	cr_assert_eq(s->parallelism.level_count, 3);
	cr_assert_eq(feed_row(s, 0)->state_ns[ROTA_RUNNING], 1000);
	cr_assert_eq(feed_row(s, 0)->criticality_ns, 350);
	cr_assert_float_eq(feed_row(s, 0)->mean_parallelism, 2.0, 1e-12);
	cr_assert_eq(feed_row(s, 1)->state_ns[ROTA_UNKNOWN], 300);
	cr_assert_eq(s->unknown_ns, 600);
	cr_assert_float_eq(s->coverage, 1 - 600.0 / 4000, 1e-12);
	cr_assert_eq(s->lost_records, 7);
	cr_assert_eq(s->lost_cpu_count, 1);
	cr_assert_eq(s->lost_cpus[0].cpu, 1);
	cr_assert_eq(s->cpus[1].unknown_ns, 300);
	cr_assert_eq(s->cores[1].unknown_ns, 300);
	cr_assert_eq(s->cores[0].unknown_ns, 0);
	cr_assert_eq(s->cores[0].level_ns[1], 1000);
	rota_summary_free(s);
	feed_free(f);
}

/* Threads 0 and 1 on one cpu: 0 runs [0, 250), 1 [250, 600), idle after; 1 waits [100, 250). */
static void clip_schedule(struct feed *f)
{
	feed_switch(f, 0, 0, 0, 0);
	feed(f, 0, 1, ROTA_BLOCKED, 0);
	feed_start(f, 0);
	feed_wake(f, 100, 1, 0);
	feed_switch(f, 250, 0, ROTA_BLOCKED, 1);
	feed_switch(f, 600, 0, ROTA_BLOCKED, NOBODY);
}

/* Clipped to [200, 400]: 0 runs 50, 1 waits 50 (cut) and runs 150. */
Test(window, clipped)
{
	struct feed *f = flat(1, (struct metric_config){ .from_ns = 200, .to_ns = 400 });
	struct rota_summary *s;

	clip_schedule(f);
	s = feed_stop(f, 1000);
	cr_assert_eq(s->start_ns, 200);
	cr_assert_eq(s->end_ns, 400);
	cr_assert_eq(feed_row(s, 0)->state_ns[ROTA_RUNNING], 50);
	cr_assert_eq(feed_row(s, 0)->state_ns[ROTA_BLOCKED], 150);
	cr_assert_eq(feed_row(s, 1)->state_ns[ROTA_RUNNABLE], 50);
	cr_assert_eq(feed_row(s, 1)->state_ns[ROTA_RUNNING], 150);
	cr_assert_eq(s->runqueue.count, 1);
	cr_assert_eq(s->runqueue.cut_count, 1);
	cr_assert_eq(s->switch_ins, 1);
	cr_assert_eq(s->cpus[0].target_ns, 200);
	cr_assert_eq(s->wait_count, 1);
	cr_assert_eq(s->longest_waits[0].at_ns, 0);
	cr_assert(s->longest_waits[0].cut);
	rota_summary_free(s);
	feed_free(f);
}

static void relative(void *ctx, uint64_t start_ns, uint64_t *ret_from_ns, uint64_t *ret_to_ns)
{
	*ret_from_ns = start_ns + *(const uint64_t *)ctx;
	*ret_to_ns = 400;
}

/* The same window, said as "200 after START" once START is known. */
Test(window, clipped_at_start)
{
	uint64_t after_ns = 200;
	struct feed *f = flat(1, (struct metric_config){ .clip = relative, .clip_ctx = &after_ns });
	struct rota_summary *s;

	clip_schedule(f);
	s = feed_stop(f, 1000);
	cr_assert_eq(s->start_ns, 200);
	cr_assert_eq(s->end_ns, 400);
	cr_assert_eq(feed_row(s, 0)->state_ns[ROTA_RUNNING], 50);
	rota_summary_free(s);
	feed_free(f);
}

Test(window, never_began)
{
	struct feed *f = flat(1, (struct metric_config){ .from_ns = 5000 });

	clip_schedule(f);
	f->sink.stop(f->sink.ctx, 1000);
	cr_assert_null(metric_take(f->metric));
	feed_free(f);
	f = flat(1, (struct metric_config){ .to_ns = 50 });
	feed_start(f, 100);
	f->sink.stop(f->sink.ctx, 1000);
	cr_assert_null(metric_take(f->metric));
	feed_free(f);
	f = flat(1, (struct metric_config){ 0 });
	feed_start(f, 100);
	f->sink.stop(f->sink.ctx, 100);
	cr_assert_null(metric_take(f->metric));
	feed_free(f);
}

static void levels_add(uint64_t *sum, const struct rota_levels *levels)
{
	for (uint32_t k = 0; k < levels->level_count; k++)
		sum[k] += levels->ns[k];
}

/* Intervals of 150: [0,150) … [900,1000): seven. Everything that can be added must add up to the whole. */
Test(window, intervals_sum_to_the_whole)
{
	struct feed *f = flat(1, (struct metric_config){ .interval_ns = 150 });
	uint64_t n[8] = { 0 }, p[8] = { 0 }, k[8] = { 0 }, state_ns[ROTA_STATES] = { 0 }, target = 0, idle = 0, in = 0,
		 vol = 0;
	struct rota_summary *s;

	f->round_ns = 50;
	clip_schedule(f);
	s = feed_stop(f, 1000);
	cr_assert_eq(f->interval_count, 7);
	for (uint32_t i = 0; i < 7; i++) {
		const struct rota_summary *one = f->intervals[i];

		cr_assert_eq(one->start_ns, i * 150);
		cr_assert_eq(one->end_ns, i == 6 ? 1000 : (i + 1) * 150);
		levels_add(n, &one->in_progress);
		levels_add(p, &one->parallelism);
		levels_add(k, &one->demand);
		for (uint32_t t = 0; t < one->thread_count; t++) {
			for (int state = 0; state < ROTA_STATES; state++)
				state_ns[state] += one->threads[t].state_ns[state];
		}
		target += one->cpus[0].target_ns;
		idle += one->cpus[0].idle_ns;
		in += one->switch_ins;
		vol += one->voluntary;
	}
	/* by hand: interval 1 is [150, 300): 0 runs 100, 1 waits 100 (cut) and runs 50 */
	cr_assert_eq(feed_row(f->intervals[1], 0)->state_ns[ROTA_RUNNING], 100);
	cr_assert_eq(feed_row(f->intervals[1], 1)->state_ns[ROTA_RUNNABLE], 100);
	cr_assert_eq(feed_row(f->intervals[1], 1)->state_ns[ROTA_RUNNING], 50);
	cr_assert_eq(f->intervals[1]->runqueue.cut_count, 1);
	cr_assert_eq(f->intervals[0]->runqueue.cut_count, 1);
	cr_assert_eq(s->runqueue.cut_count, 0);
	for (uint32_t level = 0; level < 8; level++) {
		cr_assert_eq(n[level], feed_level(&s->in_progress, level));
		cr_assert_eq(p[level], feed_level(&s->parallelism, level));
		cr_assert_eq(k[level], feed_level(&s->demand, level));
	}
	for (int state = 0; state < ROTA_STATES; state++)
		cr_assert_eq(state_ns[state], feed_row(s, 0)->state_ns[state] + feed_row(s, 1)->state_ns[state]);
	cr_assert_eq(target, 600);
	cr_assert_eq(idle, 400);
	cr_assert_eq(in, s->switch_ins);
	cr_assert_eq(vol, s->voluntary);
	cr_assert_eq(s->voluntary, 2);
	rota_summary_free(s);
	feed_free(f);
}

/* The end of a round at an interval's end is enough to report it: nobody waits for the next event. */
Test(window, interval_is_given_at_progress)
{
	struct feed *f = flat(1, (struct metric_config){ .interval_ns = 150 });

	feed_switch(f, 0, 0, 0, 0);
	feed_start(f, 0);
	f->sink.progress(f->sink.ctx, 149);
	cr_assert_eq(f->interval_count, 0);
	f->sink.progress(f->sink.ctx, 150);
	cr_assert_eq(f->interval_count, 1);
	rota_summary_free(feed_stop(f, 150)); /* and no empty one follows */
	cr_assert_eq(f->interval_count, 1);
	feed_free(f);
}

/* A thread that joins at 400 and dies at 700 lives 300; one gone before the window is not in it. */
Test(level, lifetime)
{
	struct feed *f = flat(1, (struct metric_config){ 0 });
	struct rota_summary *s;

	feed_switch(f, 0, 0, 0, 5);
	feed_switch(f, 50, 0, ROTA_NONE, NOBODY);
	f->sink.thread_gone(f->sink.ctx, &f->threads[5].thread);
	feed_start(f, 100);
	feed(f, 400, 1, ROTA_RUNNABLE, 0, .cause = ROTA_CAUSE_NEW, .flags = ROTA_TRANSITION_BORN);
	feed_switch(f, 450, 0, 0, 1);
	feed_switch(f, 700, 0, ROTA_NONE, NOBODY);
	f->sink.thread_gone(f->sink.ctx, &f->threads[1].thread);
	s = feed_stop(f, 1100);
	cr_assert_eq(s->thread_count, 1);
	cr_assert_eq(s->threads[0].tid, 101);
	cr_assert_eq(s->threads[0].lifetime_ns, 300);
	cr_assert_eq(s->threads[0].state_ns[ROTA_RUNNING], 250);
	cr_assert_not(s->threads[0].alive);
	cr_assert_eq(feed_level(&s->in_progress, 1), 300);
	cr_assert_eq(feed_level(&s->in_progress, 0), 700);
	rota_summary_free(s);
	feed_free(f);
}
