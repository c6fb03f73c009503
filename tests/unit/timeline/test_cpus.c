/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Cpus: who is there, and when nobody says any more; snapshots, hotplug, the window. */
#include "feed.h"

Test(cpus, watched_while_one_of_ours_waits_there)
{
	struct feed *feed = feed_ready(2, 1, false);

	feed_tasks(feed, 15, 2000, 2000, 1, 0, ROTA_UNKNOWN, 0);
	feed_skip(feed);
	feed_wakes(feed, 20, 7, 0, 2000, 0);
	EXPECT(feed, "20 t7 NONE>RUNNABLE@0 wakeup\n"
		     "20 cpu0 AWAY>o2000\n");
	feed_switches(feed, 30, 0, 2000, 3000, ROTA_OUT_BLOCKED);
	EXPECT(feed, "30 cpu0 o2000>o3000\n");
	feed_switches(feed, 40, 0, 3000, 7, ROTA_OUT_PREEMPTED);
	EXPECT(feed, "40 cpu0 o3000>t7\n"
		     "40 t7 RUNNABLE>RUNNING@0 in\n");
	feed_switches(feed, 50, 0, 7, 3000, ROTA_OUT_BLOCKED);
	EXPECT(feed, "50 t7 RUNNING>BLOCKED@0 voluntary\n"
		     "50 cpu0 t7>AWAY\n");
	feed_free(feed);
}

Test(cpus, watched_while_a_sibling_runs_ours)
{
	struct feed *feed = feed_ready(1, 2, false);

	feed_switches(feed, 20, 0, 0, 7, 0);
	feed_skip(feed);
	feed_occupies(feed, 20, 1, 2000);
	EXPECT(feed, "20 cpu1 AWAY>o2000\n");
	feed_switches(feed, 30, 1, 2000, 0, ROTA_OUT_BLOCKED);
	EXPECT(feed, "30 cpu1 o2000>IDLE\n");
	feed_switches(feed, 40, 0, 7, 8, ROTA_OUT_BLOCKED); /* ours follows ours: still watched */
	EXPECT(feed, "40 t7 RUNNING>BLOCKED@0 voluntary\n"
		     "40 cpu0 t7>t8\n"
		     "40 t8 NONE>RUNNING@0 in\n");
	feed_switches(feed, 50, 0, 8, 0, ROTA_OUT_BLOCKED);
	EXPECT(feed, "50 t8 RUNNING>BLOCKED@0 voluntary\n"
		     "50 cpu0 t8>AWAY\n"
		     "50 cpu1 IDLE>AWAY\n");
	feed_free(feed);
}

Test(cpus, an_occupant_read_before_a_switch_yields_to_it)
{
	struct feed *feed = feed_ready(1, 2, false);

	feed_switches(feed, 20, 1, 2000, 3000, ROTA_OUT_BLOCKED); /* recorded because cpu 0 was about to run ours */
	feed_switches(feed, 21, 0, 0, 7, 0);
	feed_skip(feed);
	feed_occupies(feed, 21, 1, 2000);
	EXPECT(feed, "21 cpu1 AWAY>o3000\n");
	feed_free(feed);
}

Test(cpus, what_is_known_is_not_overwritten_by_what_another_cpu_read)
{
	struct feed *feed = feed_ready(1, 1, false);

	feed_wakes(feed, 20, 7, 0, 0, 0);
	feed_switches(feed, 30, 0, 0, 2000, 0);
	feed_skip(feed);
	feed_wakes(feed, 31, 8, 0, 0, 0);
	EXPECT(feed, "31 t8 NONE>RUNNABLE@0 wakeup\n");
	feed_free(feed);
}

Test(cpus, with_every_switch_recorded_nobody_is_away)
{
	struct feed *feed = feed_ready(1, 2, true);

	feed_switches(feed, 20, 0, 0, 2000, 0);
	EXPECT(feed, "20 cpu0 IDLE>o2000\n");
	feed_switches(feed, 30, 0, 2000, 7, ROTA_OUT_BLOCKED);
	EXPECT(feed, "30 cpu0 o2000>t7\n"
		     "30 t7 NONE>RUNNING@0 in\n");
	feed_switches(feed, 40, 0, 7, 0, ROTA_OUT_BLOCKED);
	EXPECT(feed, "40 t7 RUNNING>BLOCKED@0 voluntary\n"
		     "40 cpu0 t7>IDLE\n");
	feed_free(feed);
}

Test(cpus, snapshots_establish_and_share)
{
	struct feed *feed = feed_new(3, 1, false);

	feed_snapshots(feed, 10, 0, 7, 100, 200, 300);
	EXPECT(feed, "10 cpu0 UNKNOWN>t7\n"
		     "10 t7 NONE>RUNNING@0\n");
	feed_snapshots(feed, 11, 1, 2000, 0, 0, 0);
	EXPECT(feed, "11 cpu1 UNKNOWN>AWAY\n");
	feed_snapshots(feed, 30, 0, 7, 120, 200, 300);
	EXPECT(feed, "30 cpu0 since 10 target 20 other 0 idle 0\n");
	feed_snapshots(feed, 41, 1, 0, 0, 12, 18);
	EXPECT(feed, "41 cpu1 since 11 target 0 other 12 idle 18\n");
	feed_wakes(feed, 50, 8, 2, 2000, 0); /* of a cpu of which nothing is known it could be one of ours */
	EXPECT(feed, "50 t8 NONE>RUNNABLE@2 wakeup\n");
	feed_snapshots(feed, 60, 2, 2000, 0, 0, 0);
	EXPECT(feed, "60 cpu2 UNKNOWN>o2000\n");
	feed_free(feed);
}

Test(cpus, a_share_over_a_gap_is_not_told)
{
	struct feed *feed = feed_ready(1, 1, false);

	feed_bare(feed, ROTA_EVENT_GAP, 20, 0, 0);
	feed_snapshots(feed, 25, 0, 0, 5, 5, 5);
	feed_lost_on(feed, 30, 0, 3);
	feed_skip(feed);
	feed_snapshots(feed, 40, 0, 0, 10, 10, 10);
	EXPECT(feed, "40 cpu0 UNKNOWN>AWAY\n");
	feed_snapshots(feed, 50, 0, 0, 10, 10, 20);
	EXPECT(feed, "50 cpu0 since 40 target 0 other 0 idle 10\n");
	feed_free(feed);
}

Test(hotplug, off_and_on)
{
	struct feed *feed = feed_ready(2, 1, false);

	feed_bare(feed, ROTA_REC_HOTPLUG, 20, 1, 0);
	EXPECT(feed, "20 cpu1 AWAY>OFFLINE\n");
	feed_bare(feed, ROTA_REC_HOTPLUG, 25, 1, 0);
	EXPECT(feed, "");
	feed_bare(feed, ROTA_REC_HOTPLUG, 30, 1, ROTA_HOTPLUG_ONLINE);
	EXPECT(feed, "30 cpu1 OFFLINE>AWAY\n"); /* whoever of ours comes there is recorded */
	feed_snapshots(feed, 40, 1, 0, 0, 0, 5);
	EXPECT(feed, ""); /* the share would cover the time it was off */
	feed_free(feed);
}

Test(hotplug, with_one_of_ours_on_it_or_waiting)
{
	struct feed *feed = feed_ready(2, 1, false);

	feed_switches(feed, 20, 1, 0, 7, 0);
	feed_wakes(feed, 21, 8, 1, 7, 0);
	feed_skip(feed);
	feed_bare(feed, ROTA_REC_HOTPLUG, 30, 1, 0);
	EXPECT(feed, "30 t7 RUNNING>UNKNOWN@1\n"
		     "30 cpu1 t7>OFFLINE\n");
	feed_migrates(feed, 31, 8, 1, 0, 0);
	EXPECT(feed, "31 t8 queue 1>0\n"
		     "31 cpu0 AWAY>IDLE\n");
	feed_free(feed);
}

Test(hotplug, an_event_of_a_cpu_that_was_off_is_the_first_news)
{
	struct feed *feed = feed_new(2, 1, false);

	feed->topology->cpus[1].online = false;
	feed_snapshots(feed, 10, 0, 0, 0, 0, 0);
	EXPECT(feed, "10 cpu1 UNKNOWN>OFFLINE\n"
		     "10 cpu0 UNKNOWN>AWAY\n");
	feed_switches(feed, 20, 1, 0, 7, 0);
	EXPECT(feed, "20 cpu1 OFFLINE>AWAY\n"
		     "20 cpu1 AWAY>t7\n"
		     "20 t7 NONE>RUNNING@1 in\n");
	feed_bare(feed, ROTA_REC_HOTPLUG, 21, 1, ROTA_HOTPLUG_ONLINE);
	EXPECT(feed, "");
	feed_free(feed);
}

Test(window, start_and_stop)
{
	struct feed *feed = feed_ready(1, 1, false);

	cr_assert_eq(timeline_finish(feed->timeline, 5), -ENODATA);
	feed_bare(feed, ROTA_REC_STOP, 15, 0, 0);
	EXPECT(feed, ""); /* nothing began */
	feed_bare(feed, ROTA_REC_START, 20, 0, 0);
	feed_bare(feed, ROTA_REC_START, 30, 0, 0);
	EXPECT(feed, "20 start\n");
	timeline_progress(feed->timeline, 40);
	EXPECT(feed, "40 progress\n");
	feed_bare(feed, ROTA_REC_STOP, 50, 0, 0);
	EXPECT(feed, "50 stop\n");
	cr_assert_eq(timeline_finish(feed->timeline, 60), 0);
	EXPECT(feed, "");
	feed_free(feed);
}

Test(window, without_stop_it_ends_with_the_events)
{
	struct feed *feed = feed_ready(1, 1, false);

	feed_bare(feed, ROTA_REC_START, 20, 0, 0);
	feed_skip(feed);
	cr_assert_eq(timeline_finish(feed->timeline, 60), 0);
	EXPECT(feed, "60 stop\n");
	feed_free(feed);
}

Test(window, what_user_space_counts_is_handed_on)
{
	struct feed *feed = feed_ready(1, 1, false);
	union rota_any_record record = feed_head(ROTA_REC_CPUTIME, 20, 0, 0, 0);

	record.cputime.steal_ns = 3;
	record.cputime.irq_ns = 4;
	feed_record(feed, ROTA_CPU_NONE, &record);
	record = feed_head(ROTA_REC_COST, 21, 0, 0, 0);
	record.cost.bpf_ns = 5;
	record.cost.user_ns = 6;
	feed_record(feed, ROTA_CPU_NONE, &record);
	EXPECT(feed, "20 cpu0 steal 3 irq 4\n"
		     "21 cost 5 6\n");
	feed_free(feed);
}

Test(window, records_of_cpus_that_do_not_exist_are_nobodys)
{
	struct feed *feed = feed_ready(1, 1, false);

	feed_switches(feed, 20, 1, 0, 7, 0);
	feed_wakes(feed, 20, 7, 4000, 0, 0);
	feed_snapshots(feed, 20, 3, 7, 0, 0, 0);
	feed_bare(feed, ROTA_EVENT_GAP, 20, 9, 0);
	feed_lost_on(feed, 20, 9, 1);
	EXPECT(feed, "");
	feed_free(feed);
}
