/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who ran while a thread waited after a preemption: apart from who ran while it waited for other reasons. */
#include "feed.h"

static const struct rota_waited_for *whom(const struct rota_summary *summary, uint32_t tid)
{
	for (uint32_t i = 0; i < summary->waited_for_count; i++)
		if (summary->waited_for[i].known && summary->waited_for[i].tid == tid)
			return &summary->waited_for[i];
	cr_assert_fail("nobody waited for %u", tid);
	return NULL;
}

static struct feed *begin(void)
{
	struct rota_topology topology;
	struct feed *f;

	feed_topology(&topology, 1, 1, 1, 2, 1);
	f = feed_new(&topology, (struct metric_config){ 0 });
	feed_cpu(f, 0, 0, NOBODY);
	feed_cpu(f, 0, 1, NOBODY);
	feed_start(f, 0);
	return f;
}

/* t1 is put aside for the stranger t40 for 300, then t2, once woken, waits 100 for t1. */
Test(preempted, is_told_from_other_waits)
{
	struct feed *f = begin();
	struct rota_summary *summary;

	feed_switch(f, 0, 0, 0, 1);
	feed_switch(f, 1000, 0, ROTA_RUNNABLE, 40);
	feed_switch(f, 1300, 0, 0, 1);
	feed(f, 1400, 2, ROTA_BLOCKED, 0);
	feed_wake(f, 1500, 2, 0);
	feed_switch(f, 1600, 0, ROTA_BLOCKED, 2);
	summary = feed_stop(f, 2000);
	cr_assert_eq(whom(summary, 140)->ns, 300);
	cr_assert_eq(whom(summary, 140)->preempted_ns, 300);
	cr_assert(!whom(summary, 140)->ours);
	cr_assert_eq(whom(summary, 101)->ns, 100);
	cr_assert_eq(whom(summary, 101)->preempted_ns, 0);
	rota_summary_free(summary);
	feed_free(f);
}

/* Two wait behind t3 at once, one of them put aside by it; then it moves to the other cpu, where the idle task is. */
Test(preempted, counts_each_waiter_and_follows_moves)
{
	struct feed *f = begin();
	struct rota_summary *summary;
	struct rota_queue_move move = { .thread = &f->threads[1].thread, .ts_ns = 500, .from_cpu = 0, .cpu = 1 };

	feed(f, 0, 2, ROTA_BLOCKED, 0);
	feed_switch(f, 0, 0, 0, 1);
	feed_switch(f, 200, 0, ROTA_RUNNABLE, 3);
	feed_wake(f, 300, 2, 0);
	f->sink.queue_move(f->sink.ctx, &move);
	feed(f, 550, 1, ROTA_RUNNING, 1, .flags = ROTA_TRANSITION_SWITCH_IN);
	feed_cpu(f, 550, 1, 1);
	summary = feed_stop(f, 1000);
	cr_assert_eq(whom(summary, 103)->ns, 300 + 700, "t1 from 200 to 500, t2 from 300 on");
	cr_assert_eq(whom(summary, 103)->preempted_ns, 300);
	cr_assert_eq(whom(summary, 0)->preempted_ns, 50, "nobody was on the other cpu");
	rota_summary_free(summary);
	feed_free(f);
}

/* A window that begins in the middle of such a wait has its part of it. */
Test(preempted, is_cut_with_the_window)
{
	struct rota_topology topology;
	struct rota_summary *summary;
	struct feed *f;

	feed_topology(&topology, 1, 1, 1, 2, 1);
	f = feed_new(&topology, (struct metric_config){ .from_ns = 600, .to_ns = 900 });
	feed_cpu(f, 0, 0, NOBODY);
	feed_cpu(f, 0, 1, NOBODY);
	feed_start(f, 0);
	feed_switch(f, 0, 0, 0, 1);
	feed_switch(f, 500, 0, ROTA_RUNNABLE, 40);
	summary = feed_stop(f, 2000);
	cr_assert_eq(whom(summary, 140)->preempted_ns, 300);
	cr_assert_eq(summary->runqueue.cause_ns[ROTA_CAUSE_PREEMPTED], 300);
	rota_summary_free(summary);
	feed_free(f);
}
