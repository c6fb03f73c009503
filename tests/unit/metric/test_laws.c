/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The conservation laws over random legal schedules, with losses, hotplug, clipping and intervals; against a second, slow
 * account of the same schedule kept here; and that metric_check() finds each law broken when it is.
 */
#include "unit/metric/feed.h"

#include <errno.h>

#define THREADS 12

struct world {
	struct feed *feed;
	uint64_t random, now_ns, start_ns, end_ns;
	int cpus;
	/* the slow account: what each thread and cpu is doing, added up instant by instant */
	uint64_t state_ns[FEED_THREADS][ROTA_STATES], target_ns[FEED_CPUS], level_ns[THREADS + 1], unknown_ns;
};

static uint32_t roll(struct world *w, uint32_t sides)
{
	w->random ^= w->random << 13; /* xorshift64 */
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return (uint32_t)(w->random >> 33) % sides;
}

/* Time passes from now to ts: everything is as it is. */
static void pass(struct world *w, uint64_t ts)
{
	uint64_t from = w->now_ns > w->start_ns ? w->now_ns : w->start_ns, to = ts < w->end_ns ? ts : w->end_ns;
	uint32_t running = 0, unknown = 0;

	w->now_ns = ts;
	if (to <= from)
		return;
	for (int n = 0; n < THREADS; n++) {
		uint8_t state = w->feed->threads[n].state;

		w->state_ns[n][state] += to - from;
		running += state == ROTA_RUNNING;
		unknown += state == ROTA_UNKNOWN;
	}
	for (int cpu = 0; cpu < w->cpus; cpu++) {
		if (w->feed->occupant[cpu] >= 0 && w->feed->occupant[cpu] < 32)
			w->target_ns[cpu] += to - from;
		unknown += w->feed->occupant[cpu] == DARK;
	}
	if (unknown)
		w->unknown_ns += to - from;
	else
		w->level_ns[running] += to - from;
}

static uint8_t some_out(struct world *w)
{
	const uint8_t outs[] = { ROTA_RUNNABLE, ROTA_RUNNABLE,  ROTA_BLOCKED, ROTA_BLOCKED,
				 ROTA_BLOCKED,  ROTA_THROTTLED, ROTA_STOPPED, ROTA_NONE };

	return outs[roll(w, sizeof(outs))];
}

/* A thread that waits, or a stranger, or nobody comes onto a cpu. */
static int some_next(struct world *w)
{
	int n = (int)roll(w, THREADS);
	const int others[] = { NOBODY, NOBODY, AWAY, 40, 41, 42 };
	int who = others[roll(w, 6)];

	if (w->feed->threads[n].state == ROTA_RUNNABLE || w->feed->threads[n].state == ROTA_THROTTLED)
		return n;
	for (int cpu = 0; who >= 0 && cpu < w->cpus; cpu++) {
		if (w->feed->occupant[cpu] == who)
			return NOBODY;
	}
	return who;
}

static void step_thread(struct world *w, int n)
{
	struct feed_thread *t = &w->feed->threads[n];
	int cpu = (int)roll(w, (uint32_t)w->cpus);

	switch (t->state) {
	case ROTA_NONE:
		feed(w->feed, w->now_ns, n, ROTA_RUNNABLE, cpu, .cause = ROTA_CAUSE_NEW, .flags = ROTA_TRANSITION_BORN);
		break;
	case ROTA_BLOCKED:
	case ROTA_STOPPED:
		feed(w->feed, w->now_ns, n, roll(w, 8) ? ROTA_RUNNABLE : ROTA_THROTTLED, cpu,
		     .cause = ROTA_CAUSE_WAKEUP,
		     .waker = { .known = roll(w, 2),
				.interrupt = !roll(w, 4),
				.tid = 100 + roll(w, THREADS),
				.delay_ns = 5 });
		break;
	case ROTA_UNKNOWN:
		feed(w->feed, w->now_ns, n, ROTA_BLOCKED, ROTA_CPU_NONE);
		break;
	case ROTA_RUNNABLE:
	case ROTA_THROTTLED:
		w->feed->sink.queue_move(w->feed->sink.ctx, &(struct rota_queue_move){ .thread = &t->thread,
										       .ts_ns = w->now_ns,
										       .from_cpu = (uint16_t)t->cpu,
										       .cpu = (uint16_t)cpu });
		t->cpu = cpu;
		break;
	default:
		break;
	}
}

static void step(struct world *w)
{
	int cpu = (int)roll(w, (uint32_t)w->cpus), who = w->feed->occupant[cpu];
	uint32_t kind = roll(w, 100);
	uint8_t out = kind < 2 ? ROTA_UNKNOWN : some_out(w);

	if (roll(w, 4)) /* many things happen at the same instant */
		pass(w, w->now_ns + roll(w, 50));
	if (kind < 60) {
		int next = kind < 2 ? DARK : kind == 2 ? OFF : some_next(w);

		if (kind < 2)
			w->feed->sink.lost(w->feed->sink.ctx, (uint32_t)cpu, w->now_ns, w->now_ns, 3);
		if (next == who || (who == OFF && next < 0))
			next = NOBODY;
		feed_switch(w->feed, w->now_ns, cpu, out, next);
		if (who >= 0 && who < 32 && out == ROTA_NONE && roll(w, 2))
			w->feed->sink.thread_gone(w->feed->sink.ctx, &w->feed->threads[who].thread);
	} else {
		step_thread(w, (int)roll(w, THREADS));
	}
	if (!roll(w, 50))
		w->feed->sink.progress(w->feed->sink.ctx, w->now_ns);
	if (!roll(w, 30)) {
		uint64_t since = w->now_ns - roll(w, 200);

		since = since > w->now_ns ? 0 : since;
		w->feed->sink.cpu_share(w->feed->sink.ctx,
					&(struct rota_cpu_share){ (uint32_t)cpu, since, w->now_ns, roll(w, 100),
								  roll(w, 100), roll(w, 100) });
	}
}

static void compare(const struct world *w, const struct rota_summary *s)
{
	uint64_t state_ns[FEED_THREADS][ROTA_STATES] = { 0 };

	for (uint32_t i = 0; i < s->thread_count; i++) {
		for (int k = 0; k < ROTA_STATES; k++)
			state_ns[s->threads[i].tid - 100][k] += s->threads[i].state_ns[k];
	}
	for (int n = 0; n < THREADS; n++) {
		for (int k = ROTA_UNKNOWN; k < ROTA_STATES; k++)
			cr_assert_eq(state_ns[n][k], w->state_ns[n][k], "thread %d state %d", n, k);
	}
	for (int cpu = 0; cpu < w->cpus; cpu++)
		cr_assert_eq(s->cpus[cpu].target_ns, w->target_ns[cpu], "cpu %d", cpu);
	for (uint32_t k = 0; k <= THREADS; k++)
		cr_assert_eq(feed_level(&s->parallelism, k), w->level_ns[k], "level %u", k);
	cr_assert_eq(s->parallelism.unknown_ns, w->unknown_ns);
}

static void compare_intervals(const struct feed *f, const struct rota_summary *whole)
{
	enum { SUMS = 20 };
	uint64_t sums[SUMS] = { 0 };

	for (uint32_t i = 0; i <= f->interval_count; i++) {
		const struct rota_summary *s = i < f->interval_count ? f->intervals[i] : whole;
		uint64_t sign = i < f->interval_count ? 1 : UINT64_MAX;
		unsigned int k = 0;

		sums[k++] += sign * (s->end_ns - s->start_ns);
		sums[k++] += sign * s->voluntary;
		sums[k++] += sign * s->involuntary;
		sums[k++] += sign * s->switch_ins;
		sums[k++] += sign * s->runqueue.ns;
		sums[k++] += sign * s->throttled_ns;
		sums[k++] += sign * s->lost_records;
		sums[k++] += sign * s->unknown_ns;
		sums[k++] += sign * s->smt.ours_ns;
		sums[k++] += sign * s->smt.idle_ns;
		sums[k++] += sign * s->demand.active_ns;
		sums[k++] += sign * feed_level(&s->in_progress, 5);
		for (uint32_t n = 0; n < s->wakeup_count; n++)
			sums[k] += sign * s->wakeups[n].count;
		k++;
		for (uint32_t n = 0; n < ROTA_DISTANCES; n++)
			sums[k] += sign * s->migrations[n];
		k++;
		for (uint32_t n = 0; n < s->cpu_count; n++) {
			sums[k] += sign * s->cpus[n].other_ns;
			sums[k + 1] += sign * s->cpus[n].idle_ns;
			sums[k + 2] += sign * s->cpus[n].offline_ns;
		}
		cr_assert_leq(k + 3, SUMS);
	}
	for (unsigned int k = 0; k < SUMS; k++)
		cr_assert_eq(sums[k], 0, "quantity %u: the intervals do not sum to the whole", k);
}

static void run_world(uint64_t seed)
{
	static const uint32_t shapes[][5] = {
		{1,  1, 1, 1, 1},
                { 1, 1, 1, 2, 2},
                { 2, 1, 1, 2, 2},
                { 1, 1, 2, 1, 4},
                { 2, 2, 1, 1, 1}
	};
	const uint32_t *shape = shapes[seed % 5];
	struct world w = { .random = seed * 0x9e3779b97f4a7c15ULL + 1, .start_ns = 500, .end_ns = UINT64_MAX };
	struct metric_config config = { .strip = seed % 3 == 0, .interval_ns = seed % 2 ? 600 : 0 };
	struct rota_topology topology;
	struct rota_summary *s;

	if (seed % 7 == 0)
		config.from_ns = w.start_ns = 900;
	if (seed % 11 == 0)
		config.to_ns = w.end_ns = 3000;
	feed_topology(&topology, shape[0], shape[1], shape[2], shape[3], shape[4]);
	w.feed = feed_new(&topology, config);
	w.cpus = (int)topology.cpu_count;
	while (w.now_ns < 500)
		step(&w);
	w.start_ns = config.from_ns ? config.from_ns : w.now_ns;
	memset(w.state_ns, 0, sizeof(w.state_ns));
	memset(w.target_ns, 0, sizeof(w.target_ns));
	memset(w.level_ns, 0, sizeof(w.level_ns));
	w.unknown_ns = 0;
	feed_start(w.feed, w.now_ns);
	for (int i = 0; i < 400 || w.now_ns < 4000; i++)
		step(&w);
	pass(&w, w.now_ns + 10);
	s = feed_stop(w.feed, w.now_ns);
	compare(&w, s);
	if (config.interval_ns)
		compare_intervals(w.feed, s);
	rota_summary_free(s);
	feed_free(w.feed);
}

Test(laws, random_schedules)
{
	for (uint64_t seed = 1; seed <= 2000; seed++)
		run_world(seed);
}

static struct rota_summary *sound(struct feed **ret_feed)
{
	struct rota_topology topology;

	feed_topology(&topology, 1, 1, 1, 1, 2);
	*ret_feed = feed_new(&topology, (struct metric_config){ 0 });
	feed_switch(*ret_feed, 0, 0, 0, 0);
	feed_switch(*ret_feed, 0, 1, 0, NOBODY);
	feed(*ret_feed, 0, 1, ROTA_RUNNABLE, 1);
	feed_start(*ret_feed, 0);
	feed_switch(*ret_feed, 100, 1, 0, 1);
	feed_switch(*ret_feed, 300, 1, ROTA_BLOCKED, 40);
	return feed_stop(*ret_feed, 1000);
}

/* Each figure in turn is made wrong by one: the check must name a law. */
Test(laws, each_can_be_broken)
{
	struct feed *f;
	struct rota_summary *s = sound(&f);
	uint64_t *const figures[] = { &s->parallelism.ns[1],
				      &s->parallelism.unknown_ns,
				      &s->demand.ns[2],
				      &s->in_progress.active_ns,
				      &s->core_parallelism.ns[1],
				      &s->threads[0].state_ns[ROTA_RUNNING],
				      &s->threads[1].state_ns[ROTA_RUNNABLE],
				      &s->threads[1].state_ns[ROTA_NONE],
				      &s->threads[0].lifetime_ns,
				      &s->threads[0].smt.ours_ns,
				      &s->threads[0].voluntary,
				      &s->threads[0].involuntary,
				      &s->threads[0].switch_ins,
				      &s->threads[0].migrations[ROTA_SAME_CORE],
				      &s->threads[0].cpus[0].ns,
				      &s->threads[1].blocked[0].ns,
				      &s->threads[1].runqueue.count,
				      &s->cpus[0].target_ns,
				      &s->cpus[1].other_ns,
				      &s->cpus[1].idle_ns,
				      &s->cpus[0].smt.idle_ns,
				      &s->cpus[0].switch_ins,
				      &s->cores[0].level_ns[2],
				      &s->runqueue.ns,
				      &s->runqueue.cause_ns[0],
				      &s->runqueue.histogram.sum_ns,
				      &s->runqueue.histogram.buckets[100],
				      &s->smt.unknown_ns,
				      &s->processes[0].lifetime_ns,
				      &s->processes[0].voluntary,
				      &s->waited_for[0].ns,
				      &s->throttled_ns,
				      &s->unknown_ns,
				      &s->end_ns };
	char why[256];

	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
		(*figures[i])++;
		cr_assert_eq(metric_check(s, why, sizeof(why)), -EDOM, "figure %zu can be wrong unnoticed", i);
		cr_assert_neq(why[0], '\0');
		(*figures[i])--;
		cr_assert_eq(metric_check(s, why, sizeof(why)), 0);
	}
	s->threads[0].criticality_ns += 3; /* two threads: 1 ns each is allowed */
	s->processes[0].criticality_ns += 3;
	cr_assert_eq(metric_check(s, why, sizeof(why)), -EDOM);
	rota_summary_free(s);
	feed_free(f);
}

Test(summary, notes_are_said_once)
{
	struct rota_summary *s = xcalloc(1, sizeof(*s));

	rota_summary_note(s, "%d of %d", 1, 2);
	rota_summary_note(s, "another");
	rota_summary_note(s, "1 of 2");
	cr_assert_eq(s->note_count, 2);
	cr_assert_str_eq(s->notes[0], "1 of 2");
	rota_summary_free(s);
	rota_summary_free(NULL);
}
