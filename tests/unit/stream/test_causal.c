/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Cause before effect where the clocks of two cpus disagree. */
#include "feed.h"

#define US 1000ULL

Test(causal, a_switch_in_waits_for_the_switch_out_elsewhere)
{
	struct feed *feed = feed_new(3);

	/* thread 7 ran on cpu 0 and went on on cpu 1, whose clock is 5 µs behind */
	FEED(feed, 0, rec_switch(100 * US, 0, 7, 0), rec_switch(200 * US, 7, 0, ROTA_OUT_PREEMPTED));
	FEED(feed, 1, rec_switch(195 * US, 0, 7, 0), rec_switch(197 * US, 7, 0, 0));
	FEED(feed, 2, rec_switch(196 * US, 0, 9, 0));
	stream_round(feed->stream, 1000 * US);
	EXPECT(feed, 0, ROTA_REC_SWITCH, 0, 100 * US);
	EXPECT(feed, 1, ROTA_REC_SWITCH, 2, 196 * US); /* nobody else moves */
	EXPECT(feed, 2, ROTA_REC_SWITCH, 0, 200 * US);
	EXPECT(feed, 3, ROTA_REC_SWITCH, 1, 200 * US);
	EXPECT(feed, 4, ROTA_REC_SWITCH, 1, 200 * US);
	cr_assert_eq(stream_reordered(feed->stream), 2);
	feed_free(feed);
}

Test(causal, a_switch_in_waits_for_its_wakeup_wherever_that_is)
{
	struct feed *feed = feed_new(3);

	FEED(feed, 1, rec_switch(50 * US, 0, 7, 0), rec_switch(100 * US, 7, 0, ROTA_OUT_BLOCKED),
	     rec_switch(200 * US, 0, 7, 0));
	FEED(feed, 2, rec_wakeup(209 * US, 7, 1, 0));
	stream_round(feed->stream, 1000 * US);
	EXPECT(feed, 2, ROTA_REC_WAKEUP, 2, 209 * US);
	EXPECT(feed, 3, ROTA_REC_SWITCH, 1, 209 * US);
	cr_assert_eq(stream_reordered(feed->stream), 1);
	feed_free(feed);
}

Test(causal, a_wakeup_waits_for_the_switch_out)
{
	struct feed *feed = feed_new(3);

	FEED(feed, 0, rec_switch(100 * US, 0, 7, 0), rec_switch(200 * US, 7, 0, ROTA_OUT_BLOCKED));
	FEED(feed, 2, rec_wakeup(193 * US, 7, 1, 0));
	stream_round(feed->stream, 1000 * US);
	EXPECT(feed, 1, ROTA_REC_SWITCH, 0, 200 * US);
	EXPECT(feed, 2, ROTA_REC_WAKEUP, 2, 200 * US);
	feed_free(feed);
}

Test(causal, a_wakeup_that_found_the_thread_running_does_not_wait)
{
	struct feed *feed = feed_new(3);

	FEED(feed, 0, rec_switch(100 * US, 0, 7, 0), rec_switch(200 * US, 7, 0, ROTA_OUT_BLOCKED));
	FEED(feed, 2, rec_wakeup(193 * US, 7, 0, 7));
	stream_round(feed->stream, 1000 * US);
	EXPECT(feed, 1, ROTA_REC_WAKEUP, 2, 193 * US);
	EXPECT(feed, 2, ROTA_REC_SWITCH, 0, 200 * US);
	cr_assert_eq(stream_reordered(feed->stream), 0);
	feed_free(feed);
}

Test(causal, a_chain_of_causes_is_put_in_order)
{
	struct feed *feed = feed_new(3);

	/* off cpu 0, woken by cpu 2, on cpu 1: each clock behind the one before */
	FEED(feed, 0, rec_switch(100 * US, 0, 7, 0), rec_switch(210 * US, 7, 0, ROTA_OUT_BLOCKED));
	FEED(feed, 2, rec_wakeup(205 * US, 7, 1, 0));
	FEED(feed, 1, rec_switch(201 * US, 0, 7, 0));
	stream_round(feed->stream, 1000 * US);
	EXPECT(feed, 1, ROTA_REC_SWITCH, 0, 210 * US);
	EXPECT(feed, 2, ROTA_REC_WAKEUP, 2, 210 * US);
	EXPECT(feed, 3, ROTA_REC_SWITCH, 1, 210 * US);
	feed_free(feed);
}

Test(causal, beyond_the_window_it_is_no_inversion)
{
	struct feed *feed = feed_new(2);

	FEED(feed, 0, rec_switch(100 * US, 0, 7, 0), rec_switch(240 * US, 7, 0, ROTA_OUT_PREEMPTED));
	FEED(feed, 1, rec_switch(195 * US, 0, 7, 0));
	stream_round(feed->stream, 1000 * US);
	EXPECT(feed, 1, ROTA_REC_SWITCH, 1, 195 * US);
	EXPECT(feed, 2, ROTA_REC_SWITCH, 0, 240 * US);
	cr_assert_eq(stream_reordered(feed->stream), 0);
	feed_free(feed);
}

Test(causal, waits_that_close_a_circle_end)
{
	struct feed *feed = feed_new(2);

	FEED(feed, 0, rec_switch(100 * US, 0, 7, 0), rec_switch(200 * US, 3, 8, ROTA_OUT_PREEMPTED),
	     rec_switch(201 * US, 7, 0, ROTA_OUT_PREEMPTED));
	FEED(feed, 1, rec_switch(100 * US, 0, 8, 0), rec_switch(200 * US, 4, 7, ROTA_OUT_PREEMPTED),
	     rec_switch(201 * US, 8, 0, ROTA_OUT_PREEMPTED));
	stream_round(feed->stream, 1000 * US);
	cr_assert_eq(feed->count, 6);
	for (size_t i = 1; i < feed->count; i++)
		cr_assert_geq(feed->out[i].rec.head.ts_ns, feed->out[i - 1].rec.head.ts_ns);
	feed_free(feed);
}

Test(causal, a_thread_runs_on_the_queue_it_was_moved_to)
{
	struct feed *feed = feed_new(3);
	union rota_any_record migrate = rec_wakeup(0, 7, 1, 0);

	migrate.head.type = ROTA_REC_MIGRATE;
	migrate.head.flags = ROTA_F_TARGET;
	migrate.head.ts_ns = 207 * US;
	migrate.migrate.occupant_tid = 0;
	migrate.migrate.from_cpu = 0;
	FEED(feed, 0, rec_switch(100 * US, 0, 7, 0), rec_switch(150 * US, 7, 8, ROTA_OUT_PREEMPTED));
	FEED(feed, 1, rec_switch(200 * US, 0, 7, 0));
	FEED(feed, 2, migrate);
	stream_round(feed->stream, 1000 * US);
	EXPECT(feed, 2, ROTA_REC_MIGRATE, 2, 207 * US);
	EXPECT(feed, 3, ROTA_REC_SWITCH, 1, 207 * US);
	feed_free(feed);
}

Test(causal, a_birth_comes_before_the_first_wakeup)
{
	struct feed *feed = feed_new(2);
	union rota_any_record task = { 0 }, wakeup = rec_wakeup(200 * US, 7, 1, 0);

	wakeup.head.flags |= ROTA_WAKEUP_NEW;
	task.head = (struct rota_record){
		.ts_ns = 208 * US, .type = ROTA_REC_TASK, .flags = ROTA_F_TARGET | ROTA_TASK_NEW, .tid = 7
	};
	task.task.state = 1;
	FEED(feed, 0, task);
	FEED(feed, 1, wakeup);
	stream_round(feed->stream, 1000 * US);
	EXPECT(feed, 0, ROTA_REC_TASK, 0, 208 * US);
	EXPECT(feed, 1, ROTA_REC_WAKEUP, 1, 208 * US);
	feed_free(feed);
}

/* The wakeup that this switch-in had was lost; the one that follows belongs to the next stay. */
Test(causal, what_was_before_a_loss_makes_nobody_wait)
{
	struct feed *feed = feed_new(3);

	FEED(feed, 0, rec_switch(50 * US, 0, 7, 0), rec_switch(100 * US, 7, 0, ROTA_OUT_BLOCKED),
	     rec_switch(200 * US, 0, 7, 0), rec_switch(203 * US, 7, 0, ROTA_OUT_BLOCKED));
	FEED(feed, 1, rec_switch(60 * US, 0, 9, 0), rec_lost(150 * US, 1, 1), rec_snapshot(150 * US, 1));
	FEED(feed, 2, rec_wakeup(206 * US, 7, 0, 0));
	stream_round(feed->stream, 1000 * US);
	EXPECT(feed, 6, ROTA_REC_SWITCH, 0, 200 * US);
	EXPECT(feed, 7, ROTA_REC_SWITCH, 0, 203 * US);
	EXPECT(feed, 8, ROTA_REC_WAKEUP, 2, 206 * US);
	feed_free(feed);
}
