/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Hand-made schedules for the metric tests: "thread 1 comes onto cpu 0 at 100, whoever was there blocks" goes in, legal
 * transitions in the order that rota/transition.h asks for go to a metric. Keeps no figures of its own.
 */
#ifndef TESTS_METRIC_FEED_H
#define TESTS_METRIC_FEED_H

#include "base/alloc.h"
#include "metric/laws.h"
#include "metric/metric.h"
#include "metric/summary.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FEED_THREADS 64
#define FEED_CPUS    64
#define NOBODY       (-1) /* idle */
#define AWAY         (-2)
#define DARK         (-3) /* UNKNOWN */
#define OFF          (-4)

struct feed_thread {
	struct rota_thread thread;
	uint8_t state;
	uint64_t since_ns;
	int cpu;
};

struct feed {
	struct rota_topology topology;
	struct feed_thread threads[FEED_THREADS];
	int occupant[FEED_CPUS]; /* thread or one of the above */
	uint64_t since_ns[FEED_CPUS];
	struct metric *metric;
	struct rota_sink sink;
	struct rota_summary *intervals[64];
	uint32_t interval_count;
	uint64_t round_ns, next_round_ns; /* 0: the test makes its rounds itself */
};

/* packages × nodes × L3s × cores × hardware threads; cpus are numbered in that order, siblings adjacent. */
static inline void feed_topology(struct rota_topology *t, uint32_t packages, uint32_t nodes, uint32_t llcs,
				 uint32_t cores, uint32_t smt)
{
	uint32_t llc_all = packages * nodes * llcs;

	*t = (struct rota_topology){ .package_count = packages,
				     .node_count = packages * nodes,
				     .llc_count = llc_all,
				     .core_count = llc_all * cores,
				     .cpu_count = llc_all * cores * smt,
				     .online_count = llc_all * cores * smt,
				     .smt = smt };
	t->cpus = xcalloc(t->cpu_count, sizeof(*t->cpus));
	t->cores = xcalloc(t->core_count, sizeof(*t->cores));
	for (uint32_t i = 0; i < t->cpu_count; i++) {
		uint32_t core = i / smt, llc = core / cores, node = llc / llcs, package = node / nodes;

		t->cpus[i] = (struct rota_cpu_info){ .present = true,
						     .online = true,
						     .allowed = true,
						     .core = core,
						     .llc = llc,
						     .node = node,
						     .package = package };
		if (!t->cores[core].cpus)
			t->cores[core].cpus = xcalloc(smt, sizeof(uint32_t));
		t->cores[core].package = package;
		t->cores[core].llc = llc;
		t->cores[core].node = node;
		t->cores[core].cpus[t->cores[core].cpu_count++] = i;
	}
}

static inline void feed_interval(void *ctx, struct rota_summary *summary)
{
	struct feed *f = ctx;

	cr_assert_lt(f->interval_count, 64);
	f->intervals[f->interval_count++] = summary;
}

/* Threads 0 … 31 are of T, 32 … 63 strangers; thread n is tid 100 + n of process 100, named "tn". All cpus UNKNOWN. */
static inline struct feed *feed_new(const struct rota_topology *topology, struct metric_config config)
{
	struct feed *f = xcalloc(1, sizeof(*f));

	f->topology = *topology;
	config.topology = &f->topology;
	config.interval = feed_interval;
	config.interval_ctx = f;
	f->metric = metric_new(&config);
	f->sink = metric_sink(f->metric);
	for (int i = 0; i < FEED_THREADS; i++) {
		f->threads[i].thread = (struct rota_thread){ .index = (uint32_t)i,
							     .tid = 100 + (uint32_t)i,
							     .tgid = 100,
							     .start_boottime_ns = 1000,
							     .target = i < 32 };
		snprintf(f->threads[i].thread.comm, ROTA_COMM_SIZE, "t%d", i);
	}
	for (int i = 0; i < FEED_CPUS; i++)
		f->occupant[i] = DARK;
	return f;
}

static inline void feed_free(struct feed *f)
{
	for (uint32_t i = 0; i < f->interval_count; i++)
		rota_summary_free(f->intervals[i]);
	metric_free(f->metric);
	for (uint32_t i = 0; i < f->topology.core_count; i++)
		free(f->topology.cores[i].cpus);
	free(f->topology.cores);
	free(f->topology.cpus);
	free(f);
}

/* The rounds that lie before `ts`. */
static inline void feed_rounds(struct feed *f, uint64_t ts)
{
	while (f->round_ns && f->next_round_ns + f->round_ns <= ts)
		f->sink.progress(f->sink.ctx, f->next_round_ns += f->round_ns);
}

/* A thread's state changes; the caller keeps cpus in step. */
static inline void feed_thread(struct feed *f, uint64_t ts, int n, uint8_t to, int cpu,
			       struct rota_thread_transition extra)
{
	struct feed_thread *t = &f->threads[n];

	feed_rounds(f, ts);
	extra.thread = &t->thread;
	extra.since_ns = t->since_ns;
	extra.ts_ns = ts;
	extra.from = t->state;
	extra.to = to;
	extra.cpu = cpu < 0 ? ROTA_CPU_NONE : (uint16_t)cpu;
	t->state = to;
	t->since_ns = ts;
	t->cpu = cpu;
	f->sink.thread(f->sink.ctx, &extra);
}

#define feed(f, ts, n, to, cpu, ...)                                                                                   \
	feed_thread((f), (ts), (n), (to), (cpu), (struct rota_thread_transition){ __VA_ARGS__ })

static inline uint8_t feed_occupancy(int who)
{
	switch (who) {
	case NOBODY:
		return ROTA_CPU_IDLE;
	case AWAY:
		return ROTA_CPU_AWAY;
	case DARK:
		return ROTA_CPU_UNKNOWN;
	case OFF:
		return ROTA_CPU_OFFLINE;
	default:
		return who < 32 ? ROTA_CPU_TARGET : ROTA_CPU_OTHER;
	}
}

/* The cpu alone. */
static inline void feed_cpu(struct feed *f, uint64_t ts, int cpu, int who)
{
	int before = f->occupant[cpu];
	struct rota_cpu_transition transition = { .since_ns = f->since_ns[cpu],
						  .ts_ns = ts,
						  .cpu = (uint32_t)cpu,
						  .from = feed_occupancy(before),
						  .to = feed_occupancy(who),
						  .from_thread = before >= 0 ? &f->threads[before].thread : NULL,
						  .thread = who >= 0 ? &f->threads[who].thread : NULL };

	f->occupant[cpu] = who;
	f->since_ns[cpu] = ts;
	f->sink.cpu(f->sink.ctx, &transition);
}

/* Whoever is on the cpu leaves for `out` (a thread of T only), and `who` comes: leave, cpu, arrive. */
static inline void feed_switch(struct feed *f, uint64_t ts, int cpu, uint8_t out, int who)
{
	int before = f->occupant[cpu];

	if (before >= 0 && before < 32)
		feed(f, ts, before, out, cpu,
		     .flags = out == ROTA_RUNNABLE ? ROTA_TRANSITION_INVOLUNTARY : ROTA_TRANSITION_VOLUNTARY,
		     .cause = ROTA_CAUSE_PREEMPTED, .raw_state = 1);
	feed_cpu(f, ts, cpu, who);
	if (who >= 0 && who < 32)
		feed(f, ts, who, ROTA_RUNNING, cpu, .flags = ROTA_TRANSITION_SWITCH_IN);
}

static inline void feed_wake(struct feed *f, uint64_t ts, int n, int cpu)
{
	feed(f, ts, n, ROTA_RUNNABLE, cpu, .cause = ROTA_CAUSE_WAKEUP);
}

static inline void feed_start(struct feed *f, uint64_t ts)
{
	f->sink.start(f->sink.ctx, ts);
}

/* Stops and takes; the laws must hold, and so they must for each interval. */
static inline struct rota_summary *feed_stop(struct feed *f, uint64_t ts)
{
	struct rota_summary *summary;
	char why[256];

	feed_rounds(f, ts - 1);
	f->sink.stop(f->sink.ctx, ts);
	summary = metric_take(f->metric);
	cr_assert_not_null(summary);
	cr_assert_eq(metric_check(summary, why, sizeof(why)), 0, "whole window: %s", why);
	for (uint32_t i = 0; i < f->interval_count; i++)
		cr_assert_eq(metric_check(f->intervals[i], why, sizeof(why)), 0, "interval %u: %s", i, why);
	return summary;
}

static inline const struct rota_thread_summary *feed_row(const struct rota_summary *summary, int n)
{
	for (uint32_t i = 0; i < summary->thread_count; i++) {
		if (summary->threads[i].tid == 100 + (uint32_t)n)
			return &summary->threads[i];
	}
	cr_assert_fail("no row for thread %d", n);
	return NULL;
}

static inline uint64_t feed_level(const struct rota_levels *levels, uint32_t k)
{
	return k < levels->level_count ? levels->ns[k] : 0;
}

#endif
