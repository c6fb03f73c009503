/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who shares a core with whom. */
#include "unit/metric/feed.h"

#include <errno.h>

static struct feed *cores(uint32_t count, uint32_t smt)
{
	struct rota_topology topology;

	feed_topology(&topology, 1, 1, 1, count, smt);
	return feed_new(&topology, (struct metric_config){ 0 });
}

/*
 * One core, cpus 0 and 1. Thread 0 on cpu 0 for all 1000. On cpu 1: idle 100, stranger 200, thread 1 300, away 150,
 * stranger without a name 50, unknown 0, offline 200.
 */
Test(smt, pair)
{
	struct feed *f = cores(1, 2);
	struct rota_summary *s;
	const struct rota_thread_summary *t;

	feed_switch(f, 0, 0, 0, 0);
	feed_switch(f, 0, 1, 0, NOBODY);
	feed(f, 0, 1, ROTA_RUNNABLE, 1);
	feed_start(f, 0);
	feed_switch(f, 100, 1, 0, 40);
	feed_switch(f, 300, 1, 0, 1);
	feed_switch(f, 600, 1, ROTA_BLOCKED, AWAY);
	f->sink.cpu(f->sink.ctx,
		    &(struct rota_cpu_transition){
			    .since_ns = 600, .ts_ns = 750, .cpu = 1, .from = ROTA_CPU_AWAY, .to = ROTA_CPU_OTHER });
	feed_switch(f, 800, 1, 0, OFF);
	s = feed_stop(f, 1000);
	t = feed_row(s, 0);
	cr_assert(s->smt_present);
	cr_assert_eq(t->smt.idle_ns, 100 + 200);
	cr_assert_eq(t->smt.others_ns, 200 + 50);
	cr_assert_eq(t->smt.ours_ns, 300);
	cr_assert_eq(t->smt.unknown_ns, 150);
	cr_assert_eq(feed_row(s, 1)->smt.ours_ns, 300);
	cr_assert_eq(s->smt.ours_ns, 600);
	cr_assert_eq(s->cpus[1].smt.ours_ns, 300);
	cr_assert_eq(s->cores[0].level_ns[2], 300);
	cr_assert_eq(s->cores[0].level_ns[1], 700);
	cr_assert_eq(feed_level(&s->core_parallelism, 1), 1000);
	cr_assert_eq(feed_level(&s->parallelism, 2), 300);
	cr_assert_eq(s->cpus[1].offline_ns, 200);
	cr_assert_str_eq(s->rungs[2].rung, "cores");
	cr_assert_str_eq(s->rungs[2].note, "0.30 ran two of ours at once");
	rota_summary_free(s);
	feed_free(f);
}

/* Strangers 40 and 41 follow each other on the sibling; 40 also runs there while nobody of ours is beside it. */
Test(smt, neighbours_are_named)
{
	struct feed *f = cores(1, 2);
	struct rota_summary *s;

	feed_switch(f, 0, 0, 0, 0);
	feed_switch(f, 0, 1, 0, NOBODY);
	feed_start(f, 0);
	feed_switch(f, 100, 1, 0, 40);
	feed_switch(f, 300, 1, 0, 41);
	feed_switch(f, 350, 1, 0, 40);
	feed_switch(f, 600, 0, ROTA_BLOCKED, NOBODY);
	feed_switch(f, 700, 0, ROTA_NONE, 0);
	feed_switch(f, 900, 1, 0, NOBODY);
	s = feed_stop(f, 1000);
	cr_assert_eq(s->smt.others_ns, 200 + 50 + 250 + 200);
	cr_assert_eq(s->neighbour_count, 2);
	cr_assert_eq(s->neighbours[0].tid, 140); /* the feed gives thread 40 tid 140 */
	cr_assert_eq(s->neighbours[0].ns, 200 + 250 + 200);
	cr_assert_eq(s->neighbours[1].tid, 141);
	cr_assert_eq(s->neighbours[1].ns, 50);
	cr_assert(s->neighbours[0].known && !s->neighbours[0].ours);
	s->neighbours[0].ns++;
	cr_assert_eq(metric_check(s, (char[256]){ 0 }, 256), -EDOM);
	rota_summary_free(s);
	feed_free(f);
}

/* The siblings change places at one instant: no time may fall between. */
Test(smt, swap)
{
	struct feed *f = cores(1, 2);
	struct rota_summary *s;

	feed_switch(f, 0, 0, 0, 0);
	feed_switch(f, 0, 1, 0, NOBODY);
	feed_start(f, 0);
	feed_switch(f, 400, 0, ROTA_RUNNABLE, NOBODY);
	feed_switch(f, 400, 1, 0, 0);
	s = feed_stop(f, 1000);
	cr_assert_eq(feed_row(s, 0)->smt.idle_ns, 1000);
	cr_assert_eq(feed_row(s, 0)->migrations[ROTA_SAME_CORE], 1);
	cr_assert_eq(feed_row(s, 0)->cpus[0].cpu, 1);
	cr_assert_eq(feed_row(s, 0)->cpus[0].ns, 600);
	cr_assert_eq(feed_row(s, 0)->cpus[1].ns, 400);
	rota_summary_free(s);
	feed_free(f);
}

/* Four siblings, ours before others before unknown before idle: thread 0 on cpu 0, the other three as listed. */
Test(smt, four_way_precedence)
{
	struct feed *f = cores(1, 4);
	struct rota_summary *s;
	const struct rota_smt_split *split;

	feed_switch(f, 0, 0, 0, 0);
	for (int cpu = 1; cpu < 4; cpu++)
		feed_switch(f, 0, cpu, 0, NOBODY); /* idle idle idle: 100 idle */
	feed(f, 0, 1, ROTA_RUNNABLE, 3);
	feed_start(f, 0);
	feed_switch(f, 100, 1, 0, AWAY);          /* away idle idle: 50 unknown */
	feed_switch(f, 150, 2, 0, 40);            /* away other idle: 70 others */
	feed_switch(f, 220, 3, 0, 1);             /* away other ours: 30 ours */
	feed_switch(f, 250, 2, 0, NOBODY);        /* away idle ours: 10 ours */
	feed_switch(f, 260, 3, ROTA_BLOCKED, 41); /* away idle other: 40 others */
	feed_switch(f, 300, 3, 0, NOBODY);        /* away idle idle: 200 unknown */
	feed_switch(f, 500, 1, 0, NOBODY);        /* idle: 500 */
	s = feed_stop(f, 1000);
	split = &feed_row(s, 0)->smt;
	cr_assert_eq(split->idle_ns, 100 + 500);
	cr_assert_eq(split->unknown_ns, 50 + 200);
	cr_assert_eq(split->others_ns, 70 + 40);
	cr_assert_eq(split->ours_ns, 30 + 10);
	cr_assert_eq(feed_row(s, 1)->smt.ours_ns, 40);
	cr_assert_eq(s->cores[0].level_count, 5);
	cr_assert_eq(s->cores[0].level_ns[2], 40);
	rota_summary_free(s);
	feed_free(f);
}

/* Without SMT nothing is split, and the summary says so. */
Test(smt, absent)
{
	struct feed *f = cores(2, 1);
	struct rota_summary *s;
	bool noted = false;

	feed_switch(f, 0, 0, 0, 0);
	feed_switch(f, 0, 1, 0, 1);
	feed_start(f, 0);
	s = feed_stop(f, 1000);
	cr_assert_not(s->smt_present);
	cr_assert_eq(s->smt.idle_ns + s->smt.ours_ns + s->smt.others_ns + s->smt.unknown_ns, 0);
	for (uint32_t i = 0; i < s->note_count; i++)
		noted = noted || strstr(s->notes[i], "no SMT");
	cr_assert(noted);
	rota_summary_free(s);
	feed_free(f);
}
