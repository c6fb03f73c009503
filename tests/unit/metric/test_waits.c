/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Waiting for a cpu: cut stays, causes, whom it waited for, the longest waits, wakeups. */
#include "unit/metric/feed.h"

static struct feed *flat(uint32_t cpus, struct metric_config config)
{
	struct rota_topology topology;

	feed_topology(&topology, 1, 1, 1, cpus, 1);
	return feed_new(&topology, config);
}

/* Thread 1 waits from before t0 to 300, and again from 900 past t1: 200 + 200, both cut; thread 2 waits [400, 450) whole. */
Test(waits, cut_at_both_edges)
{
	struct feed *f = flat(1, (struct metric_config){ 0 });
	struct rota_summary *s;

	feed_switch(f, 0, 0, 0, 0);
	feed(f, 0, 2, ROTA_BLOCKED, 0);
	feed(f, 50, 1, ROTA_RUNNABLE, 0, .cause = ROTA_CAUSE_NEW);
	feed_start(f, 100);
	feed_switch(f, 300, 0, ROTA_BLOCKED, 1);
	feed_wake(f, 400, 2, 0);
	feed_switch(f, 450, 0, ROTA_BLOCKED, 2);
	feed_wake(f, 900, 1, 0);
	s = feed_stop(f, 1100);
	cr_assert_eq(s->runqueue.ns, 450);
	cr_assert_eq(s->runqueue.count, 3);
	cr_assert_eq(s->runqueue.cut_count, 2);
	cr_assert_eq(s->runqueue.cause_ns[ROTA_CAUSE_NEW], 200);
	cr_assert_eq(s->runqueue.cause_ns[ROTA_CAUSE_WAKEUP], 250);
	cr_assert_eq(s->runqueue.cause_count[ROTA_CAUSE_WAKEUP], 2);
	cr_assert_eq(feed_row(s, 1)->runqueue.cut_count, 2);
	cr_assert_eq(s->runqueue.histogram.max_ns, 200);
	cr_assert_eq(s->runqueue.histogram.buckets[50], 1);
	cr_assert_eq(s->runqueue.histogram.buckets[200], 2);
	cr_assert_eq(s->wait_count, 3);
	cr_assert_eq(s->longest_waits[0].at_ns, 0);
	cr_assert(s->longest_waits[0].cut);
	cr_assert_eq(s->longest_waits[1].at_ns, 800);
	cr_assert(s->longest_waits[1].cut);
	cr_assert_not(s->longest_waits[2].cut);
	rota_summary_free(s);
	feed_free(f);
}

/* A wait with nothing of it inside the window is no wait: woken at the very end, and run at the very start. */
Test(waits, edges_without_time)
{
	struct feed *f = flat(1, (struct metric_config){ 0 });
	struct rota_summary *s;

	feed_switch(f, 0, 0, 0, NOBODY);
	feed(f, 0, 0, ROTA_RUNNABLE, 0);
	feed(f, 0, 1, ROTA_BLOCKED, 0);
	feed_switch(f, 100, 0, 0, 0);
	feed_start(f, 100);
	feed_wake(f, 500, 1, 0);
	s = feed_stop(f, 500);
	cr_assert_eq(s->runqueue.count, 0);
	cr_assert_eq(s->runqueue.ns, 0);
	rota_summary_free(s);
	feed_free(f);
}

/*
 * cpu 0: idle [0,10), stranger 40 [10,110), stranger 41 [110,310), away [310,350), thread 0 [350,500).
 * Thread 1 waits on cpu 0 from 5 to 500, thread 2 from 200 to 330, then is moved to idle cpu 1 and runs there at 340.
 * idle: 5; 40: 100; 41: 200 + 110 = 310; away: 40 + 20 = 60; thread 0: 150; cpu 1 idle 10 → nobody 15. Σ = 495 + 140 = 635.
 */
Test(waits, waited_for)
{
	struct feed *f = flat(2, (struct metric_config){ 0 });
	struct rota_summary *s;

	feed_switch(f, 0, 0, 0, NOBODY);
	feed_switch(f, 0, 1, 0, NOBODY);
	for (int n = 0; n < 3; n++)
		feed(f, 0, n, ROTA_BLOCKED, 0);
	feed_start(f, 0);
	feed_wake(f, 5, 1, 0);
	feed_switch(f, 10, 0, 0, 40);
	feed_switch(f, 110, 0, 0, 41);
	feed_wake(f, 200, 2, 0);
	feed_switch(f, 310, 0, 0, AWAY);
	f->sink.queue_move(
		f->sink.ctx,
		&(struct rota_queue_move){ .thread = &f->threads[2].thread, .ts_ns = 330, .from_cpu = 0, .cpu = 1 });
	feed_switch(f, 340, 1, 0, 2);
	feed_wake(f, 350, 0, 0);
	feed_switch(f, 350, 0, 0, 0);
	f->sink.thread_gone(f->sink.ctx, &f->threads[41].thread);
	s = feed_stop(f, 500);
	cr_assert_eq(s->runqueue.ns, 635);
	cr_assert_eq(s->waited_for_count, 5);
	cr_assert_eq(s->waited_for[0].tid, 141);
	cr_assert_eq(s->waited_for[0].ns, 310);
	cr_assert_str_eq(s->waited_for[0].name, "t41");
	cr_assert_not(s->waited_for[0].ours);
	cr_assert_eq(s->waited_for[1].tid, 100);
	cr_assert_eq(s->waited_for[1].ns, 150);
	cr_assert(s->waited_for[1].ours);
	cr_assert_eq(s->waited_for[2].tid, 140);
	cr_assert_eq(s->waited_for[2].ns, 100);
	cr_assert_eq(s->waited_for[3].ns, 60);
	cr_assert_not(s->waited_for[3].known);
	cr_assert_eq(s->waited_for[4].tid, 0);
	cr_assert(s->waited_for[4].known);
	cr_assert_eq(s->waited_for[4].ns, 15);
	rota_summary_free(s);
	feed_free(f);
}

/* Thread 1 waits [100, 600): 40 had 60, 41 had 240, 40 again 200 → 40 ran longest with 260. */
Test(waits, instead)
{
	struct feed *f = flat(1, (struct metric_config){ .longest_waits = 1 });
	const struct rota_wait *wait;
	struct rota_summary *s;

	feed_switch(f, 0, 0, 0, 40);
	feed(f, 0, 1, ROTA_BLOCKED, 0);
	feed_start(f, 0);
	feed(f, 100, 1, ROTA_RUNNABLE, 0, .cause = ROTA_CAUSE_WAKEUP,
	     .waker = { .known = true, .tid = 140, .delay_ns = 9 });
	feed_switch(f, 160, 0, 0, 41);
	feed_switch(f, 400, 0, 0, 40);
	feed_switch(f, 600, 0, 0, 1);
	feed_switch(f, 700, 0, ROTA_RUNNABLE, 41);
	feed_switch(f, 800, 0, 0, 1);
	s = feed_stop(f, 1000);
	cr_assert_eq(s->wait_count, 1);
	wait = &s->longest_waits[0];
	cr_assert_eq(wait->ns, 500);
	cr_assert_eq(wait->at_ns, 100);
	cr_assert_eq(wait->tid, 101);
	cr_assert_eq(wait->cause, ROTA_CAUSE_WAKEUP);
	cr_assert(wait->instead_known);
	cr_assert_eq(wait->instead_tid, 140);
	cr_assert_eq(wait->instead_ns, 260);
	cr_assert_str_eq(wait->instead, "t40");
	cr_assert_not(wait->instead_ours);
	cr_assert(wait->waker.known);
	cr_assert_str_eq(wait->waker_name, "t40");
	/* the wakeup: one, 9 + 500 from request to running; the preemption at 700 is none */
	cr_assert_eq(s->wakeup_count, 1);
	cr_assert_eq(s->wakeups[0].count, 1);
	cr_assert_eq(s->wakeups[0].delay_ns, 509);
	cr_assert_str_eq(s->wakeups[0].waker, "t40");
	cr_assert_str_eq(s->wakeups[0].wakee, "t1");
	rota_summary_free(s);
	feed_free(f);
}

/* What was not recorded could have been somebody who ran longer: 40 for 100, unknown for 150. */
Test(waits, instead_not_known)
{
	struct feed *f = flat(1, (struct metric_config){ 0 });
	struct rota_summary *s;

	feed_switch(f, 0, 0, 0, 40);
	feed(f, 0, 1, ROTA_RUNNABLE, 0);
	feed_start(f, 0);
	feed_switch(f, 100, 0, 0, AWAY);
	feed_switch(f, 250, 0, 0, 1);
	s = feed_stop(f, 1000);
	cr_assert_eq(s->wait_count, 1);
	cr_assert_not(s->longest_waits[0].instead_known);
	rota_summary_free(s);
	feed_free(f);
}

/* More switches during the wait than the history holds: 40 and 41 take turns, 100 × 10 each, then 42 has 1500. */
Test(waits, instead_beyond_the_history)
{
	struct feed *f = flat(1, (struct metric_config){ 0 });
	struct rota_summary *s;
	uint64_t ts = 0;

	feed_switch(f, 0, 0, 0, 40);
	feed(f, 0, 1, ROTA_RUNNABLE, 0);
	feed_start(f, 0);
	for (int i = 1; i < 200; i++)
		feed_switch(f, ts += 10, 0, 0, i % 2 ? 41 : 40);
	feed_switch(f, ts += 10, 0, 0, 42);
	feed_switch(f, ts += 1500, 0, 0, 1);
	s = feed_stop(f, 5000);
	/* the history has 1500 of 42, some 600 of 40 and 41, and tells nothing of the first 1400: another one may have had more */
	cr_assert_eq(s->longest_waits[0].ns, 3500);
	cr_assert_not(s->longest_waits[0].instead_known);
	rota_summary_free(s);
	feed_free(f);
}

/* The N longest of many, longest first; throttled stays are among them but not in the run-queue figures. */
Test(waits, longest)
{
	struct feed *f = flat(1, (struct metric_config){ .longest_waits = 3 });
	const uint64_t length[] = { 30, 70, 10, 90, 50, 80 };
	struct rota_summary *s;
	uint64_t ts = 0;

	feed_switch(f, 0, 0, 0, NOBODY);
	feed(f, 0, 0, ROTA_BLOCKED, 0);
	feed_start(f, 0);
	for (int i = 0; i < 6; i++) {
		if (length[i] == 80)
			feed(f, ts += 100, 0, ROTA_THROTTLED, 0, .cause = ROTA_CAUSE_WAKEUP);
		else
			feed_wake(f, ts += 100, 0, 0);
		feed_switch(f, ts += length[i], 0, 0, 0);
		feed_switch(f, ts += 5, 0, ROTA_BLOCKED, NOBODY);
	}
	s = feed_stop(f, 2000);
	cr_assert_eq(s->wait_count, 3);
	cr_assert_eq(s->longest_waits[0].ns, 90);
	cr_assert_eq(s->longest_waits[1].ns, 80);
	cr_assert_eq(s->longest_waits[1].state, ROTA_THROTTLED);
	cr_assert_not(s->longest_waits[1].instead_known);
	cr_assert_eq(s->longest_waits[2].ns, 70);
	cr_assert_eq(s->runqueue.count, 5);
	cr_assert_eq(s->runqueue.ns, 250);
	cr_assert_eq(s->throttled_ns, 80);
	/* the quota rung takes what was throttled: want 330 + 30 running = 360 / 2000, get 280 / 2000 */
	cr_assert_str_eq(s->rungs[1].rung, "quota");
	cr_assert_float_eq(s->rungs[1].want, 360.0 / 2000, 1e-12);
	cr_assert_float_eq(s->rungs[1].stuck, 80.0 / 2000, 1e-12);
	cr_assert_float_eq(s->rungs[2].want, 280.0 / 2000, 1e-12);
	cr_assert_float_eq(s->rungs[2].get, 30.0 / 2000, 1e-12);
	rota_summary_free(s);
	feed_free(f);
}

/* Who was interrupted did not wake anybody; more pairs than the table holds are added up, and said so. */
Test(wakeups, interrupts_and_a_full_table)
{
	struct feed *f = flat(1, (struct metric_config){ 0 });
	struct rota_summary *s;
	uint64_t ts = 0, count = 0;
	bool noted = false;

	feed_switch(f, 0, 0, 0, NOBODY);
	feed(f, 0, 0, ROTA_BLOCKED, 0);
	feed_start(f, 0);
	for (uint32_t i = 0; i < 5000; i++) {
		feed(f, ts += 10, 0, ROTA_RUNNABLE, 0,
		     .waker = { .known = true, .interrupt = i < 100, .tid = 1000 + i, .delay_ns = 1 });
		feed_switch(f, ts += 10, 0, 0, 0);
		feed_switch(f, ts += 10, 0, ROTA_BLOCKED, NOBODY);
	}
	s = feed_stop(f, ts + 1);
	cr_assert_eq(s->wakeup_count, 4097); /* 4,096 pairs: interrupt and 4,095 tids; the other 805 in one */
	cr_assert_eq(s->wakeups[0].count, 805);
	cr_assert_str_eq(s->wakeups[0].waker, "others");
	cr_assert_eq(s->wakeups[1].count, 100);
	cr_assert(s->wakeups[1].interrupt);
	cr_assert_eq(s->wakeups[1].delay_ns, 1100);
	for (uint32_t i = 0; i < s->wakeup_count; i++)
		count += s->wakeups[i].count;
	cr_assert_eq(count, 5000);
	for (uint32_t i = 0; i < s->note_count; i++)
		noted = noted || strstr(s->notes[i], "805 wakeups");
	cr_assert(noted);
	rota_summary_free(s);
	feed_free(f);
}

/* A pair has the names that its threads had last, also when one of them has died under it. */
Test(wakeups, have_the_last_names)
{
	struct feed *f = flat(1, (struct metric_config){ 0 });
	struct rota_thread *wakee = &f->threads[0].thread;
	struct rota_summary *s;

	feed_switch(f, 0, 0, 0, NOBODY);
	feed(f, 0, 0, ROTA_BLOCKED, 0);
	feed_start(f, 0);
	feed(f, 10, 0, ROTA_RUNNABLE, 0, .waker = { .known = true, .interrupt = true, .tid = 7, .delay_ns = 1 });
	feed_switch(f, 20, 0, 0, 0);
	strcpy(wakee->comm, "afterexec");
	f->sink.thread_changed(f->sink.ctx, wakee);
	feed_switch(f, 30, 0, ROTA_NONE, NOBODY);
	f->sink.thread_gone(f->sink.ctx, wakee);
	s = feed_stop(f, 40);
	cr_assert_eq(s->wakeup_count, 1);
	cr_assert(s->wakeups[0].interrupt);
	cr_assert_str_eq(s->wakeups[0].wakee, "afterexec");
	rota_summary_free(s);
	feed_free(f);
}
