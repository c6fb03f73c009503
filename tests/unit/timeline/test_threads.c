/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One thread at a time: every change of state, and what a first event says about the time before it. */
#include "feed.h"

Test(threads, a_day_in_a_life)
{
	struct feed *feed = feed_ready(1, 1, false);

	feed_tasks(feed, 20, 7, 7, 500, ROTA_TASK_NEW, ROTA_UNKNOWN, 0);
	EXPECT(feed, "is t7 of 7 \"n7\"\n");
	feed_wakes(feed, 30, 7, 0, 0, ROTA_WAKEUP_NEW | ROTA_WAKEUP_HAS_WAKER);
	EXPECT(feed, "30 t7 NONE>RUNNABLE@0 born new by 77 after 5\n"
		     "30 cpu0 AWAY>IDLE\n");
	feed_switches(feed, 40, 0, 0, 7, 0);
	EXPECT(feed, "40 cpu0 IDLE>t7\n"
		     "40 t7 RUNNABLE>RUNNING@0 in\n");
	feed_switch_raw(feed, 50, 0, 7, 0, ROTA_OUT_BLOCKED << ROTA_SWITCH_OUT_SHIFT | ROTA_SWITCH_IOWAIT, 2);
	EXPECT(feed, "50 t7 RUNNING>BLOCKED@0 voluntary iowait raw 2\n"
		     "50 cpu0 t7>AWAY\n");
	feed_wakes(feed, 60, 7, 0, 0, ROTA_WAKEUP_HAS_WAKER | ROTA_WAKEUP_IRQ);
	EXPECT(feed, "60 t7 BLOCKED>RUNNABLE@0 wakeup by 77 irq after 5\n"
		     "60 cpu0 AWAY>IDLE\n");
	feed_switches(feed, 70, 0, 0, 7, 0);
	feed_skip(feed);
	feed_switches(feed, 80, 0, 7, 0, ROTA_OUT_STOPPED);
	EXPECT(feed, "80 t7 RUNNING>STOPPED@0 voluntary\n"
		     "80 cpu0 t7>AWAY\n");
	feed_wakes(feed, 90, 7, 0, 0, 0);
	feed_switches(feed, 95, 0, 0, 7, 0);
	feed_skip(feed);
	feed_switches(feed, 99, 0, 7, 0, ROTA_OUT_DEAD);
	EXPECT(feed, "99 t7 RUNNING>NONE@0 voluntary died\n"
		     "99 cpu0 t7>AWAY\n"
		     "gone t7\n");
	feed_free(feed);
}

Test(threads, two_take_turns_on_one_cpu)
{
	struct feed *feed = feed_ready(1, 1, false);

	feed_switches(feed, 20, 0, 0, 7, 0);
	feed_wakes(feed, 25, 8, 0, 7, 0);
	feed_skip(feed);
	feed_switches(feed, 30, 0, 7, 8, ROTA_OUT_PREEMPTED);
	EXPECT(feed, "30 t7 RUNNING>RUNNABLE@0 involuntary preempted\n"
		     "30 cpu0 t7>t8\n"
		     "30 t8 RUNNABLE>RUNNING@0 in\n");
	feed_switches(feed, 40, 0, 8, 7, ROTA_OUT_YIELDED);
	EXPECT(feed, "40 t8 RUNNING>RUNNABLE@0 involuntary yielded\n"
		     "40 cpu0 t8>t7\n"
		     "40 t7 RUNNABLE>RUNNING@0 in\n");
	feed_free(feed);
}

Test(threads, out_of_quota)
{
	struct feed *feed = feed_ready(1, 1, false);

	feed_switches(feed, 20, 0, 0, 7, 0);
	feed_skip(feed);
	feed_switch_raw(feed, 30, 0, 7, 0,
			ROTA_OUT_PREEMPTED << ROTA_SWITCH_OUT_SHIFT | ROTA_SWITCH_THROTTLED | ROTA_SWITCH_INVOLUNTARY,
			0);
	EXPECT(feed, "30 t7 RUNNING>THROTTLED@0 involuntary preempted\n"
		     "30 cpu0 t7>IDLE\n");
	feed_switches(feed, 40, 0, 0, 7, 0);
	EXPECT(feed, "40 cpu0 IDLE>t7\n"
		     "40 t7 THROTTLED>RUNNING@0 in\n");
	feed_switches(feed, 50, 0, 7, 0, ROTA_OUT_BLOCKED);
	feed_skip(feed);
	feed_wakes(feed, 60, 7, 0, 0, ROTA_WAKEUP_THROTTLED);
	EXPECT(feed, "60 t7 BLOCKED>THROTTLED@0 wakeup\n"
		     "60 cpu0 AWAY>IDLE\n");
	feed_wakes(feed, 65, 7, 0, 0, ROTA_WAKEUP_THROTTLED); /* still */
	EXPECT(feed, "");
	feed_wakes(feed, 70, 7, 0, 0, 0); /* its quota is back */
	EXPECT(feed, "70 t7 THROTTLED>RUNNABLE@0 preempted\n");
	feed_switches(feed, 80, 0, 0, 7, 0);
	EXPECT(feed, "80 cpu0 IDLE>t7\n"
		     "80 t7 RUNNABLE>RUNNING@0 in\n");
	feed_free(feed);
}

Test(threads, a_wakeup_of_one_that_is_awake_changes_nothing)
{
	struct feed *feed = feed_ready(2, 1, false);

	feed_switches(feed, 20, 0, 0, 7, 0);
	feed_wakes(feed, 25, 8, 1, 0, 0);
	feed_skip(feed);
	feed_wakes(feed, 30, 7, 0, 7, 0);
	feed_wakes(feed, 30, 8, 1, 0, 0);
	EXPECT(feed, "");
	feed_free(feed);
}

Test(threads, a_queue_migration_changes_only_the_queue)
{
	struct feed *feed = feed_ready(2, 1, false);

	feed_wakes(feed, 20, 7, 0, 0, 0);
	EXPECT(feed, "20 t7 NONE>RUNNABLE@0 wakeup\n"
		     "20 cpu0 AWAY>IDLE\n");
	feed_migrates(feed, 30, 7, 0, 1, 0);
	EXPECT(feed, "30 t7 queue 0>1\n"
		     "30 cpu0 IDLE>AWAY\n"
		     "30 cpu1 AWAY>IDLE\n");
	feed_switches(feed, 40, 1, 0, 7, 0);
	EXPECT(feed, "40 cpu1 IDLE>t7\n"
		     "40 t7 RUNNABLE>RUNNING@1 in\n");
	feed_migrates(feed, 40, 7, 1, 0, 0);
	EXPECT(feed, ""); /* told late */
	feed_free(feed);
}

Test(threads, a_first_event_says_what_was_before)
{
	struct feed *feed = feed_ready(3, 1, false);

	feed_switches(feed, 20, 0, 0, 7, 0);
	EXPECT(feed, "20 cpu0 AWAY>t7\n"
		     "20 t7 NONE>RUNNING@0 in\n");
	feed_switches(feed, 30, 1, 8, 0, ROTA_OUT_BLOCKED);
	EXPECT(feed, "30 cpu1 AWAY>t8\n"
		     "30 t8 NONE>RUNNING@1\n"
		     "30 t8 RUNNING>BLOCKED@1 voluntary\n"
		     "30 cpu1 t8>AWAY\n");
	feed_wakes(feed, 40, 9, 2, 9, 0); /* it runs where it is woken */
	EXPECT(feed, "40 cpu2 AWAY>t9\n"
		     "40 t9 NONE>RUNNING@2\n");
	feed_free(feed);
}

Test(threads, a_listing_counts_only_where_no_event_told)
{
	struct feed *feed = feed_ready(3, 1, false);

	feed_switches(feed, 20, 0, 0, 7, 0);
	feed_switches(feed, 21, 0, 7, 0, ROTA_OUT_BLOCKED);
	feed_skip(feed);
	feed_tasks(feed, 30, 7, 7, 100, ROTA_TASK_SYNC, ROTA_RUNNING, 0); /* read before it left */
	EXPECT(feed, "is t7 of 7 \"n7\"\n");
	feed_tasks(feed, 31, 8, 7, 101, ROTA_TASK_SYNC, ROTA_BLOCKED, 1);
	EXPECT(feed, "is t8 of 7 \"n8\"\n"
		     "31 t8 NONE>BLOCKED@1\n");
	feed_tasks(feed, 32, 9, 7, 102, ROTA_TASK_SYNC, ROTA_RUNNABLE, 1);
	EXPECT(feed, "is t9 of 7 \"n9\"\n"
		     "32 t9 NONE>RUNNABLE@1\n");
	feed_tasks(feed, 33, 10, 7, 103, ROTA_TASK_SYNC, ROTA_RUNNING, 2);
	EXPECT(feed, "is t10 of 7 \"n10\"\n"
		     "33 cpu2 AWAY>t10\n"
		     "33 t10 NONE>RUNNING@2\n");
	feed_tasks(feed, 34, 11, 7, 104, ROTA_TASK_SYNC, ROTA_RUNNING, 2); /* t10 runs there */
	EXPECT(feed, "is t11 of 7 \"n11\"\n"
		     "34 t11 NONE>UNKNOWN@2\n");
	feed_free(feed);
}

Test(threads, one_that_died_while_it_was_listed_stays_dead)
{
	struct feed *feed = feed_ready(1, 1, false);

	feed_tasks(feed, 20, 7, 7, 100, ROTA_TASK_NEW, 0, 0);
	feed_wakes(feed, 21, 7, 0, 0, ROTA_WAKEUP_NEW);
	feed_switches(feed, 22, 0, 0, 7, 0);
	feed_switches(feed, 23, 0, 7, 0, ROTA_OUT_DEAD);
	feed_skip(feed);
	feed_tasks(feed, 24, 7, 7, 100, ROTA_TASK_SYNC, ROTA_BLOCKED, 0);
	EXPECT(feed, "");
	feed_tasks(feed, 25, 7, 7, 200, ROTA_TASK_SYNC, ROTA_BLOCKED, 0); /* the tid is another's now */
	EXPECT(feed, "is t7 of 7 \"n7\"\n"
		     "25 t7 NONE>BLOCKED@0\n");
	feed_free(feed);
}

/* --- what contradicts is believed, at its own time ---------------------------------------------------------------- */

Test(contradiction, a_sleeper_is_switched_in)
{
	struct feed *feed = feed_ready(1, 1, false);

	feed_switches(feed, 20, 0, 0, 7, 0);
	feed_switches(feed, 30, 0, 7, 0, ROTA_OUT_BLOCKED);
	feed_skip(feed);
	feed_switches(feed, 40, 0, 0, 7, 0);
	EXPECT(feed, "40 t7 BLOCKED>RUNNABLE@0\n"
		     "40 cpu0 AWAY>t7\n"
		     "40 t7 RUNNABLE>RUNNING@0 in\n");
	feed_free(feed);
}

Test(contradiction, a_sleeper_is_switched_out)
{
	struct feed *feed = feed_ready(1, 1, false);

	feed_switches(feed, 20, 0, 0, 7, 0);
	feed_switches(feed, 30, 0, 7, 0, ROTA_OUT_BLOCKED);
	feed_skip(feed);
	feed_switches(feed, 40, 0, 7, 0, ROTA_OUT_PREEMPTED);
	EXPECT(feed, "40 cpu0 AWAY>t7\n"
		     "40 t7 BLOCKED>RUNNING@0\n"
		     "40 t7 RUNNING>RUNNABLE@0 involuntary preempted\n"
		     "40 cpu0 t7>IDLE\n");
	feed_free(feed);
}

Test(contradiction, one_that_runs_here_turns_up_there_and_its_leaving_is_told_later)
{
	struct feed *feed = feed_ready(2, 1, false);

	feed_switches(feed, 20, 0, 0, 7, 0);
	feed_skip(feed);
	feed_switches(feed, 30, 1, 0, 7, 0);
	EXPECT(feed, "30 t7 RUNNING>UNKNOWN@0\n"
		     "30 cpu0 t7>UNKNOWN\n"
		     "30 cpu1 AWAY>t7\n"
		     "30 t7 UNKNOWN>RUNNING@1 in\n");
	feed_switches(feed, 31, 0, 7, 0, ROTA_OUT_PREEMPTED); /* overdue */
	EXPECT(feed, "31 cpu0 UNKNOWN>AWAY\n");
	feed_switches(feed, 40, 1, 7, 0, ROTA_OUT_BLOCKED);
	EXPECT(feed, "40 t7 RUNNING>BLOCKED@1 voluntary\n"
		     "40 cpu1 t7>AWAY\n");
	feed_free(feed);
}

Test(contradiction, another_leaves_than_was_there)
{
	struct feed *feed = feed_ready(1, 1, false);

	feed_switches(feed, 20, 0, 0, 7, 0);
	feed_skip(feed);
	feed_switches(feed, 30, 0, 8, 0, ROTA_OUT_BLOCKED);
	EXPECT(feed, "30 t7 RUNNING>UNKNOWN@0\n"
		     "30 cpu0 t7>t8\n"
		     "30 t8 NONE>RUNNING@0\n"
		     "30 t8 RUNNING>BLOCKED@0 voluntary\n"
		     "30 cpu0 t8>AWAY\n");
	feed_free(feed);
}

Test(contradiction, time_that_falls_stands_still)
{
	struct feed *feed = feed_ready(1, 1, false);

	feed_switches(feed, 20, 0, 0, 7, 0);
	feed_skip(feed);
	feed_switches(feed, 15, 0, 7, 0, ROTA_OUT_BLOCKED);
	EXPECT(feed, "20 t7 RUNNING>BLOCKED@0 voluntary\n"
		     "20 cpu0 t7>AWAY\n");
	feed_free(feed);
}

/* What a thread of a Go program carries is told before the switch that takes it off, and of nobody who is not known. */
Test(threads, what_they_carry)
{
	struct feed *feed = feed_ready(1, 1, false);
	struct rota_event event = { .cpu = 0 };

	feed_switches(feed, 20, 0, 0, 7, 0);
	feed_skip(feed);
	event.rec.go = (struct rota_rec_go){
		.head = {.ts_ns = 30, .type = ROTA_REC_GO, .flags = ROTA_F_TARGET, .tid = 7},
                  .goid = 17
	};
	timeline_feed(feed->timeline, &event);
	feed_switches(feed, 30, 0, 7, 0, ROTA_OUT_PREEMPTED);
	EXPECT(feed, "30 t7 carries 17\n"
		     "30 t7 RUNNING>RUNNABLE@0 involuntary preempted\n"
		     "30 cpu0 t7>IDLE\n");
	event.rec.go_run = (struct rota_rec_go_run){
		.head = {.ts_ns = 35, .type = ROTA_REC_GO_RUN, .flags = ROTA_F_TARGET, .tid = 99},
                  .goid = 17
	};
	timeline_feed(feed->timeline, &event);
	EXPECT(feed, "");
	feed_free(feed);
}
