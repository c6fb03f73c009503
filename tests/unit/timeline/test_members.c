/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who is in T, under which name and tid: joining, leaving, exec, tids used again, strangers. */
#include "feed.h"

static void leave(struct feed *feed, uint64_t ts_ns, uint32_t tid)
{
	union rota_any_record record = feed_head(ROTA_REC_LEAVE, ts_ns, tid, 0, 0);

	feed_record(feed, 0, &record);
}

static void exec(struct feed *feed, uint64_t ts_ns, uint32_t tid, uint32_t old_tid)
{
	union rota_any_record record = feed_head(ROTA_REC_EXEC, ts_ns, tid, 0, ROTA_F_TARGET);

	record.exec.old_tid = old_tid;
	strcpy(record.exec.comm, "new");
	feed_record(feed, 0, &record);
}

Test(members, leave_and_join_while_running)
{
	struct feed *feed = feed_ready(1, 2, false);

	feed_switches(feed, 20, 0, 0, 7, 0);
	feed_occupies(feed, 20, 1, 0);
	feed_skip(feed);
	leave(feed, 30, 7);
	EXPECT(feed, "30 t7 RUNNING>NONE@0\n"
		     "30 cpu0 t7>AWAY\n"
		     "30 cpu1 IDLE>AWAY\n");
	leave(feed, 31, 7);
	EXPECT(feed, "");
	feed_tasks(feed, 40, 7, 7, 100, ROTA_TASK_JOIN, ROTA_RUNNING, 0);
	EXPECT(feed, "is t7 of 7 \"n7\"\n"
		     "40 cpu0 AWAY>t7\n"
		     "40 t7 NONE>RUNNING@0\n");
	feed_free(feed);
}

Test(members, a_process_leaves_with_all_its_threads)
{
	struct feed *feed = feed_ready(1, 2, false);
	union rota_any_record record = feed_head(ROTA_REC_LEAVE, 30, 7, 1, 0);

	feed_tasks(feed, 20, 7, 7, 100, ROTA_TASK_JOIN, ROTA_BLOCKED, 0);
	feed_tasks(feed, 20, 8, 7, 101, ROTA_TASK_JOIN, ROTA_BLOCKED, 0);
	feed_tasks(feed, 20, 9, 9, 102, ROTA_TASK_JOIN, ROTA_BLOCKED, 0);
	feed_skip(feed);
	feed_record(feed, 0, &record);
	EXPECT(feed, "30 t7 BLOCKED>NONE@0\n"
		     "30 t8 BLOCKED>NONE@0\n");
	feed_free(feed);
}

Test(members, one_that_leaves_while_another_waits_is_named_on)
{
	struct feed *feed = feed_ready(1, 1, false);

	feed_switches(feed, 20, 0, 0, 7, 0);
	feed_wakes(feed, 21, 8, 0, 7, 0);
	feed_skip(feed);
	leave(feed, 30, 7);
	EXPECT(feed, "30 t7 RUNNING>NONE@0\n"
		     "30 cpu0 t7>o7\n");
	feed_free(feed);
}

Test(members, leave_while_queued_or_asleep)
{
	struct feed *feed = feed_ready(1, 1, false);

	feed_wakes(feed, 20, 7, 0, 0, 0);
	feed_tasks(feed, 21, 8, 8, 100, ROTA_TASK_JOIN, ROTA_BLOCKED, 0);
	feed_skip(feed);
	leave(feed, 30, 7);
	EXPECT(feed, "30 t7 RUNNABLE>NONE@0\n"
		     "30 cpu0 IDLE>AWAY\n");
	leave(feed, 31, 8);
	EXPECT(feed, "31 t8 BLOCKED>NONE@0\n");
	feed_free(feed);
}

Test(members, the_flags_of_a_switch_are_right_where_the_record_is_late)
{
	struct feed *feed = feed_ready(1, 1, false);

	feed_switches(feed, 20, 0, 0, 7, 0);
	feed_skip(feed);
	feed_switch_raw(feed, 30, 0, 7 + 1000, 0, 0, 0); /* not the one who was there */
	EXPECT(feed, "30 t7 RUNNING>UNKNOWN@0\n"
		     "30 cpu0 t7>AWAY\n");
	feed_free(feed);
}

/* A thread that is not the leader does exec: its next switch is under the leader's tid. */
Test(exec, by_a_non_leader_shows_in_its_switch)
{
	struct feed *feed = feed_ready(2, 1, false);

	feed_tasks(feed, 15, 100, 100, 1000, ROTA_TASK_SYNC, ROTA_BLOCKED, 0);
	feed_tasks(feed, 16, 105, 100, 1005, ROTA_TASK_SYNC, ROTA_BLOCKED, 0);
	feed_wakes(feed, 17, 105, 0, 0, 0);
	feed_switches(feed, 18, 0, 0, 105, 0);
	feed_wakes(feed, 18, 100, 1, 0, 0);
	feed_switches(feed, 19, 1, 0, 100, 0); /* the leader runs to its end */
	feed_skip(feed);
	feed_switches(feed, 30, 0, 100, 0, ROTA_OUT_BLOCKED);
	EXPECT(feed, "is t105 of 100 \"n100\"\n"
		     "is t100 of 100 \"n105\"\n"
		     "30 t100 RUNNING>BLOCKED@0 voluntary\n"
		     "30 cpu0 t100>AWAY\n");
	feed_switches(feed, 31, 1, 105, 0, ROTA_OUT_DEAD);
	EXPECT(feed, "31 t105 RUNNING>NONE@1 voluntary died\n"
		     "31 cpu1 t105>AWAY\n"
		     "gone t105\n");
	feed_wakes(feed, 40, 100, 0, 0, 0);
	feed_switches(feed, 41, 0, 0, 100, 0);
	feed_skip(feed);
	exec(feed, 42, 100, 105);
	EXPECT(feed, "is t100 of 100 \"new\"\n");
	feed_tasks(feed, 50, 100, 100, 1000, ROTA_TASK_SYNC, ROTA_RUNNING, 0); /* with the leader's start time */
	EXPECT(feed, "is t100 of 100 \"n100\"\n");
	feed_free(feed);
}

Test(exec, by_a_non_leader_shows_in_the_dying_leaders_switch)
{
	struct feed *feed = feed_ready(2, 1, false);

	feed_tasks(feed, 15, 100, 100, 1000, ROTA_TASK_SYNC, ROTA_RUNNING, 0);
	feed_tasks(feed, 16, 105, 100, 1005, ROTA_TASK_SYNC, ROTA_RUNNING, 1);
	feed_skip(feed);
	feed_switches(feed, 30, 0, 105, 0, ROTA_OUT_DEAD);
	EXPECT(feed, "is t100 of 100 \"n105\"\n"
		     "is t105 of 100 \"n100\"\n"
		     "30 t105 RUNNING>NONE@0 voluntary died\n"
		     "30 cpu0 t105>AWAY\n"
		     "gone t105\n");
	feed_switches(feed, 40, 1, 100, 0, ROTA_OUT_PREEMPTED);
	EXPECT(feed, "40 t100 RUNNING>RUNNABLE@1 involuntary preempted\n"
		     "40 cpu1 t100>IDLE\n");
	feed_free(feed);
}

Test(exec, told_by_its_own_record_first)
{
	struct feed *feed = feed_ready(1, 1, false);

	feed_tasks(feed, 16, 105, 100, 1005, ROTA_TASK_SYNC, ROTA_RUNNING, 0);
	feed_skip(feed);
	exec(feed, 20, 100, 105); /* the leader was gone long before */
	EXPECT(feed, "is t100 of 100 \"n105\"\n"
		     "is t100 of 100 \"new\"\n");
	feed_switches(feed, 30, 0, 100, 0, ROTA_OUT_BLOCKED);
	EXPECT(feed, "30 t100 RUNNING>BLOCKED@0 voluntary\n"
		     "30 cpu0 t100>AWAY\n");
	feed_free(feed);
}

Test(exec, of_a_thread_seen_as_occupant)
{
	struct feed *feed = feed_ready(1, 1, false);

	feed_tasks(feed, 16, 105, 100, 1005, ROTA_TASK_SYNC, ROTA_RUNNING, 0);
	feed_skip(feed);
	feed_wakes(feed, 20, 100, 0, 100, 0);
	EXPECT(feed, "is t100 of 100 \"n105\"\n");
	feed_free(feed);
}

Test(tids, used_again)
{
	struct feed *feed = feed_ready(1, 1, false);

	feed_tasks(feed, 15, 7, 7, 100, ROTA_TASK_SYNC, ROTA_BLOCKED, 0);
	feed_skip(feed);
	feed_tasks(feed, 20, 7, 7, 200, ROTA_TASK_NEW, 0, 0); /* its end was not seen */
	EXPECT(feed, "20 t7 BLOCKED>NONE@0 died\n"
		     "gone t7\n"
		     "is t7 of 7 \"n7\"\n");
	feed_wakes(feed, 21, 7, 0, 0, ROTA_WAKEUP_NEW);
	EXPECT(feed, "21 t7 NONE>RUNNABLE@0 born new\n"
		     "21 cpu0 AWAY>IDLE\n");
	feed_free(feed);
}

Test(tids, a_birth_whose_record_comes_late)
{
	struct feed *feed = feed_ready(1, 1, false);

	feed_wakes(feed, 20, 7, 0, 0, ROTA_WAKEUP_NEW);
	EXPECT(feed, "20 t7 NONE>RUNNABLE@0 born new\n"
		     "20 cpu0 AWAY>IDLE\n");
	feed_tasks(feed, 21, 7, 7, 200, ROTA_TASK_NEW, 0, 0);
	EXPECT(feed, "is t7 of 7 \"n7\"\n");
	feed_switches(feed, 22, 0, 0, 7, 0);
	EXPECT(feed, "22 cpu0 IDLE>t7\n"
		     "22 t7 RUNNABLE>RUNNING@0 in\n");
	feed_free(feed);
}

Test(tids, a_name_can_change)
{
	struct feed *feed = feed_ready(1, 1, false);
	union rota_any_record record = feed_head(ROTA_REC_NAME, 20, 7, 0, ROTA_F_TARGET);

	memcpy(record.name.comm, "0123456789abcdef", ROTA_COMM_SIZE); /* no NUL: not even that is trusted */
	feed_tasks(feed, 15, 7, 7, 100, ROTA_TASK_SYNC, ROTA_BLOCKED, 0);
	feed_skip(feed);
	feed_record(feed, 0, &record);
	EXPECT(feed, "is t7 of 7 \"0123456789abcde\"\n");
	feed_record(feed, 0, &record);
	EXPECT(feed, "");
	feed_free(feed);
}

Test(strangers, are_bounded_but_for_those_on_a_cpu)
{
	struct feed *feed = feed_ready(1, 1, true);

	feed_switches(feed, 20, 0, 0, 5000, 0);
	for (uint32_t tid = 10000; tid < 10000 + 65536; tid++)
		feed_tasks(feed, 21, tid, tid, tid, 0, ROTA_UNKNOWN, 0);
	feed_skip(feed);
	feed_tasks(feed, 22, 90000, 90000, 1, 0, ROTA_UNKNOWN, 0);
	EXPECT(feed, "is t90000 of 90000 \"n90000\"\n"
		     "gone t10000\n");
	feed_switches(feed, 23, 0, 5000, 0, ROTA_OUT_BLOCKED);
	EXPECT(feed, "23 cpu0 o5000>IDLE\n"
		     "gone t10001\n");
	feed_switches(feed, 24, 0, 0, 5000, 0);
	feed_switches(feed, 25, 0, 5000, 0, ROTA_OUT_DEAD);
	EXPECT(feed, "24 cpu0 IDLE>o5000\n"
		     "25 cpu0 o5000>IDLE\n"
		     "gone t5000\n");
	feed_free(feed);
}
