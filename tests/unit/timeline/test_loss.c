/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Gaps: what is forgotten, what stays known, how it is learned again. */
#include "feed.h"

/* t7 runs on cpu 0, t8 on cpu 1, t9 waits on cpu 0, t10 sleeps, a stranger is on cpu 2 where t11 waits. */
static struct feed *feed_busy(void)
{
	struct feed *feed = feed_ready(3, 1, false);

	feed_switches(feed, 20, 0, 0, 7, 0);
	feed_switches(feed, 21, 1, 0, 8, 0);
	feed_wakes(feed, 22, 9, 0, 7, 0);
	feed_tasks(feed, 23, 10, 7, 100, ROTA_TASK_SYNC, ROTA_BLOCKED, 1);
	feed_wakes(feed, 24, 11, 2, 2000, 0);
	feed_skip(feed);
	return feed;
}

Test(gap, leaves_only_what_runs_on_sound_cpus)
{
	struct feed *feed = feed_busy();

	feed_bare(feed, ROTA_EVENT_GAP, 30, 0, 0);
	EXPECT(feed, "30 t7 RUNNING>UNKNOWN@0\n"
		     "30 t9 RUNNABLE>UNKNOWN@0\n"
		     "30 t10 BLOCKED>UNKNOWN@1\n"
		     "30 t11 RUNNABLE>UNKNOWN@2\n"
		     "30 cpu2 o2000>AWAY\n"
		     "30 cpu0 t7>UNKNOWN\n");
	feed_free(feed);
}

Test(gap, a_second_one_takes_its_own_cpu)
{
	struct feed *feed = feed_busy();

	feed_bare(feed, ROTA_EVENT_GAP, 30, 0, 0);
	feed_skip(feed);
	feed_bare(feed, ROTA_EVENT_GAP, 31, 1, 0);
	EXPECT(feed, "31 t8 RUNNING>UNKNOWN@1\n"
		     "31 cpu1 t8>UNKNOWN\n");
	feed_lost_on(feed, 40, 0, 4);
	EXPECT(feed, "40 lost 4 on 0 since 30\n");
	feed_switches(feed, 41, 0, 0, 7, 0);
	EXPECT(feed, "41 cpu0 UNKNOWN>t7\n"
		     "41 t7 UNKNOWN>RUNNING@0 in\n");
	feed_switches(feed, 42, 0, 7, 0, ROTA_OUT_BLOCKED); /* its wakeup may be lost on cpu 1 */
	EXPECT(feed, "42 t7 RUNNING>UNKNOWN@0 voluntary\n"
		     "42 cpu0 t7>AWAY\n");
	feed_free(feed);
}

Test(gap, meanwhile_only_running_and_dying_are_believed)
{
	struct feed *feed = feed_busy();

	feed_bare(feed, ROTA_EVENT_GAP, 30, 0, 0);
	feed_skip(feed);
	feed_wakes(feed, 31, 10, 1, 8, 0);
	EXPECT(feed, "");
	feed_migrates(feed, 32, 9, 0, 1, 8);
	EXPECT(feed, "");
	feed_switches(feed, 33, 1, 8, 10, ROTA_OUT_PREEMPTED);
	EXPECT(feed, "33 t8 RUNNING>UNKNOWN@1 involuntary\n"
		     "33 cpu1 t8>t10\n"
		     "33 t10 UNKNOWN>RUNNING@1 in\n");
	feed_switches(feed, 34, 1, 10, 0, ROTA_OUT_DEAD);
	EXPECT(feed, "34 t10 RUNNING>NONE@1 voluntary died\n"
		     "34 cpu1 t10>AWAY\n"
		     "gone t10\n");
	feed_tasks(feed, 35, 12, 7, 200, ROTA_TASK_NEW, 0, 1);
	EXPECT(feed, "is t12 of 7 \"n12\"\n"
		     "35 t12 NONE>UNKNOWN@1 born\n");
	feed_free(feed);
}

Test(gap, events_of_the_cpu_itself_say_who_exists_but_not_who_runs)
{
	struct feed *feed = feed_busy();

	feed_bare(feed, ROTA_EVENT_GAP, 30, 0, 0);
	feed_skip(feed);
	feed_switches(feed, 31, 0, 7, 9, ROTA_OUT_BLOCKED);
	EXPECT(feed, "");
	feed_snapshots(feed, 32, 0, 9, 0, 0, 0);
	EXPECT(feed, "");
	feed_switches(feed, 33, 0, 9, 13, ROTA_OUT_DEAD);
	EXPECT(feed, "33 t13 NONE>UNKNOWN@0\n"
		     "33 t9 UNKNOWN>NONE@0 died\n"
		     "gone t9\n");
	feed_free(feed);
}

Test(gap, afterwards_each_is_unknown_until_told)
{
	struct feed *feed = feed_busy();

	feed_bare(feed, ROTA_EVENT_GAP, 30, 0, 0);
	feed_skip(feed);
	feed_lost_on(feed, 40, 0, 12);
	EXPECT(feed, "40 lost 12 on 0 since 30\n");
	feed_wakes(feed, 41, 9, 2, 2000, 0);
	EXPECT(feed, "41 t9 UNKNOWN>RUNNABLE@2 wakeup\n"
		     "41 cpu2 AWAY>o2000\n");
	feed_migrates(feed, 42, 11, 2, 1, 8);
	EXPECT(feed, ""); /* queued, but throttled or not is not said */
	feed_snapshots(feed, 43, 0, 7, 0, 0, 0);
	EXPECT(feed, "43 cpu0 UNKNOWN>t7\n"
		     "43 t7 UNKNOWN>RUNNING@0\n");
	feed_switches(feed, 44, 0, 7, 0, ROTA_OUT_BLOCKED);
	EXPECT(feed, "44 t7 RUNNING>BLOCKED@0 voluntary\n"
		     "44 cpu0 t7>AWAY\n");
	feed_free(feed);
}

Test(gap, who_is_not_listed_afterwards_has_died)
{
	struct feed *feed = feed_busy();

	feed_bare(feed, ROTA_EVENT_GAP, 30, 0, 0);
	feed_lost_on(feed, 40, 0, 12);
	feed_skip(feed);
	feed_bare(feed, ROTA_REC_SYNC, 50000, 0, ROTA_SYNC_BEGIN);
	feed_tasks(feed, 50001, 7, 7, 97, ROTA_TASK_SYNC, ROTA_RUNNING, 0);
	feed_tasks(feed, 50002, 10, 7, 100, ROTA_TASK_SYNC, ROTA_BLOCKED, 1);
	EXPECT(feed, "is t7 of 7 \"n7\"\n"
		     "50001 cpu0 UNKNOWN>t7\n"
		     "50001 t7 UNKNOWN>RUNNING@0\n"
		     "50002 t10 UNKNOWN>BLOCKED@1\n");
	feed_bare(feed, ROTA_REC_SYNC, 50003, 0, ROTA_SYNC_END);
	EXPECT(feed, "50003 t9 UNKNOWN>NONE@0 died\n"
		     "gone t9\n"
		     "50003 t11 UNKNOWN>NONE@2 died\n"
		     "gone t11\n");
	feed_free(feed);
}

Test(gap, a_listing_with_a_gap_in_it_ends_nobody)
{
	struct feed *feed = feed_busy();

	feed_bare(feed, ROTA_REC_SYNC, 50000, 0, ROTA_SYNC_BEGIN);
	feed_bare(feed, ROTA_EVENT_GAP, 50001, 0, 0);
	feed_lost_on(feed, 50002, 0, 1);
	feed_skip(feed);
	feed_bare(feed, ROTA_REC_SYNC, 50003, 0, ROTA_SYNC_END);
	EXPECT(feed, "");
	feed_free(feed);
}

Test(gap, on_all_cpus_ends_with_one_record_for_all)
{
	struct feed *feed = feed_busy();

	for (uint16_t cpu = 0; cpu < 3; cpu++)
		feed_bare(feed, ROTA_EVENT_GAP, 30, cpu, 0);
	feed_bare(feed, ROTA_EVENT_GAP, 35, 1, 0); /* and one of its own in between */
	feed_lost_on(feed, 36, 1, 2);
	feed_skip(feed);
	feed_snapshots(feed, 37, 1, 8, 0, 0, 0);
	EXPECT(feed, ""); /* still in the other one */
	feed_lost_on(feed, 40, ROTA_CPU_NONE, 5);
	EXPECT(feed, "40 lost 5 on -1 since 30\n");
	feed_snapshots(feed, 41, 1, 8, 0, 0, 0);
	EXPECT(feed, "41 cpu1 UNKNOWN>t8\n"
		     "41 t8 UNKNOWN>RUNNING@1\n");
	feed_free(feed);
}

Test(gap, a_loss_whose_beginning_nobody_told_begins_at_once)
{
	struct feed *feed = feed_busy();

	feed_lost_on(feed, 40, 1, 5);
	EXPECT(feed, "40 t8 RUNNING>UNKNOWN@1\n"
		     "40 t9 RUNNABLE>UNKNOWN@0\n"
		     "40 t10 BLOCKED>UNKNOWN@1\n"
		     "40 t11 RUNNABLE>UNKNOWN@2\n"
		     "40 cpu2 o2000>AWAY\n"
		     "40 cpu1 t8>UNKNOWN\n"
		     "40 lost 5 on 1 since 40\n");
	feed_free(feed);
}

Test(gap, a_sibling_of_a_gap_is_not_watched_for_all_we_know)
{
	struct feed *feed = feed_ready(1, 2, false);

	feed_switches(feed, 20, 0, 0, 7, 0);
	feed_occupies(feed, 20, 1, 2000);
	feed_skip(feed);
	feed_bare(feed, ROTA_EVENT_GAP, 30, 0, 0);
	EXPECT(feed, "30 t7 RUNNING>UNKNOWN@0\n"
		     "30 cpu0 t7>UNKNOWN\n"
		     "30 cpu1 o2000>AWAY\n");
	feed_free(feed);
}

Test(gap, with_every_switch_recorded_sound_cpus_stay_known)
{
	struct feed *feed = feed_ready(2, 1, true);

	feed_switches(feed, 20, 1, 0, 2000, 0);
	feed_skip(feed);
	feed_bare(feed, ROTA_EVENT_GAP, 30, 0, 0);
	EXPECT(feed, "30 cpu0 IDLE>UNKNOWN\n");
	feed_switches(feed, 31, 1, 2000, 0, ROTA_OUT_BLOCKED);
	EXPECT(feed, "31 cpu1 o2000>IDLE\n");
	feed_free(feed);
}
