/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Quotas, affinity, work conservation and the rungs they make, on schedules small enough to count by hand. */
#include "feed.h"

static struct feed *flat(uint32_t cpus, struct metric_config config)
{
	struct rota_topology topology;

	feed_topology(&topology, 1, 1, 1, cpus, 1);
	return feed_new(&topology, config);
}

static void record(struct feed *f, const struct rota_thread *thread, union rota_any_record rec)
{
	struct rota_event event = { .rec = rec, .cpu = ROTA_CPU_NONE };

	f->sink.record(f->sink.ctx, thread, &event);
}

static void tell_set(struct feed *f, uint64_t ts, uint16_t number, uint64_t mask)
{
	record(f, NULL,
	       (union rota_any_record){
		       .cpuset = {.head = { .ts_ns = ts, .type = ROTA_REC_CPUSET, .aux = number }, .mask = mask}
        });
}

static void tell_affinity(struct feed *f, uint64_t ts, int n, uint16_t number)
{
	record(f, &f->threads[n].thread,
	       (union rota_any_record){
		       .head = {.ts_ns = ts, .type = ROTA_REC_AFFINITY, .aux = number, .tid = 100 + (uint32_t)n}
        });
}

static void tell_cgroup(struct feed *f, uint64_t ts, uint16_t number, uint32_t text, uint8_t flags)
{
	record(f, NULL,
	       (union rota_any_record){
		       .cgroup = {.head = { .ts_ns = ts, .type = ROTA_REC_CGROUP, .flags = flags, .aux = number },
                                  .path = text}
        });
}

static void tell_text(struct feed *f, uint64_t ts, uint32_t id, const char *text)
{
	union rota_any_record rec = {
		.text = {.head = { .ts_ns = ts, .type = ROTA_REC_TEXT, .aux = (uint16_t)strlen(text) }, .id = id}
	};

	memcpy(rec.text.text, text, strlen(text));
	record(f, NULL, rec);
}

static void tell_quota(struct feed *f, uint64_t ts, uint16_t number, uint64_t quota_ns, uint64_t periods,
		       uint64_t throttled, uint64_t ns)
{
	record(f, NULL,
	       (union rota_any_record){
		       .quota = {.head = { .ts_ns = ts, .type = ROTA_REC_QUOTA, .aux = number },
                                 .quota_ns = quota_ns,
                                 .period_ns = 100,
                                 .periods = periods,
                                 .throttled_periods = throttled,
                                 .throttled_ns = ns}
        });
}

static const struct rota_rung *rung(const struct rota_summary *s, const char *name)
{
	for (uint32_t i = 0; i < s->rung_count; i++)
		if (!strcmp(s->rungs[i].rung, name))
			return &s->rungs[i];
	return NULL;
}

static bool noted(const struct rota_summary *s, const char *part)
{
	for (uint32_t i = 0; i < s->note_count; i++)
		if (strstr(s->notes[i], part))
			return true;
	return false;
}

Test(limits, quotas_are_differences_smallest_first)
{
	struct feed *f = flat(1, (struct metric_config){ 0 });
	struct rota_summary *s;

	feed_switch(f, 0, 0, 0, 0);
	tell_text(f, 1, 1, "/big");
	tell_text(f, 1, 2, "/big/small");
	tell_cgroup(f, 1, 0, 0, 0);
	tell_cgroup(f, 1, 1, 1, 0);
	tell_cgroup(f, 1, 2, 2, ROTA_CGROUP_V1);
	tell_quota(f, 2, 1, 300, 10, 5, 1000);
	tell_quota(f, 2, 2, 50, 1, 1, 7);
	feed_start(f, 10);
	tell_quota(f, 20, 1, 300, 12, 5, 1000);
	tell_quota(f, 20, 2, 50, 4, 3, 107);
	tell_quota(f, 40, 2, 60, 1, 1, 5); /* removed and made again, with another limit */
	tell_quota(f, 50, 1, 300, 15, 6, 1250);
	s = feed_stop(f, 60);
	cr_assert(s->quotas_known);
	cr_assert_eq(s->quota_count, 2);
	cr_assert_str_eq(s->quotas[0].cgroup, "/big/small");
	cr_assert(s->quotas[0].v1);
	cr_assert_float_eq(s->quotas[0].cpus, 0.6, 1e-12);
	cr_assert_eq(s->quotas[0].periods, 3 + 1);
	cr_assert_eq(s->quotas[0].throttled_periods, 2 + 1);
	cr_assert_eq(s->quotas[0].throttled_ns, 100 + 5);
	cr_assert(noted(s, "quota of cgroup /big/small changed meanwhile: it began as 0.50 cpus and ended as 0.60"));
	cr_assert_str_eq(s->quotas[1].cgroup, "/big");
	cr_assert_eq(s->quotas[1].periods, 5);
	cr_assert_eq(s->quotas[1].throttled_periods, 1);
	cr_assert_eq(s->quotas[1].throttled_ns, 250);
	rota_summary_free(s);
	feed_free(f);
}

Test(limits, no_quota_and_not_looked_at_are_two_things)
{
	struct feed *f = flat(1, (struct metric_config){ 0 });
	struct rota_summary *s;

	feed_switch(f, 0, 0, 0, 0);
	tell_cgroup(f, 1, 0, 0, ROTA_CGROUP_HIDDEN | ROTA_CGROUP_CUT);
	tell_cgroup(f, 1, 3, 0, 0);
	tell_quota(f, 2, 3, 0, 10, 5, 1000); /* a limit that was taken away before the window */
	feed_start(f, 10);
	s = feed_stop(f, 60);
	cr_assert(s->quotas_known);
	cr_assert_eq(s->quota_count, 0);
	cr_assert(noted(s, "namespace"));
	cr_assert(noted(s, "more cgroups or threads"));
	cr_assert_null(rung(s, "quota"));
	rota_summary_free(s);
	feed_free(f);
	f = flat(1, (struct metric_config){ 0 });
	feed_switch(f, 0, 0, 0, 0);
	feed_start(f, 10);
	s = feed_stop(f, 60);
	cr_assert_not(s->quotas_known);
	rota_summary_free(s);
	feed_free(f);
}

Test(limits, quotas_of_intervals_sum_to_the_whole)
{
	struct feed *f = flat(1, (struct metric_config){ .interval_ns = 100 });
	uint64_t throttled_ns = 0;
	struct rota_summary *s;

	feed_switch(f, 0, 0, 0, 0);
	tell_text(f, 1, 1, "/a");
	tell_cgroup(f, 1, 1, 1, 0);
	tell_quota(f, 2, 1, 50, 0, 0, 0);
	feed_start(f, 10);
	for (uint64_t i = 1; i <= 5; i++) {
		tell_quota(f, 10 + 100 * i, 1, 50, i, i, 30 * i * i);
		f->sink.progress(f->sink.ctx, 10 + 100 * i);
	}
	tell_quota(f, 550, 1, 50, 6, 6, 1000);
	s = feed_stop(f, 560);
	cr_assert_eq(s->quotas[0].throttled_ns, 1000);
	cr_assert_eq(f->interval_count, 6);
	for (uint32_t i = 0; i < f->interval_count; i++) {
		cr_assert_eq(f->intervals[i]->quotas[0].periods, 1);
		throttled_ns += f->intervals[i]->quotas[0].throttled_ns;
	}
	cr_assert_eq(f->intervals[1]->quotas[0].throttled_ns, 30 * (4 - 1));
	cr_assert_eq(throttled_ns, 1000);
	rota_summary_free(s);
	feed_free(f);
}

/* Two threads on cpu 0, to which both are confined, of four cpus; the first half of the time one of them sleeps. */
Test(limits, the_rung_of_allowed_cpus)
{
	struct feed *f = flat(4, (struct metric_config){ 0 });
	struct rota_summary *s;

	for (int cpu = 1; cpu < 4; cpu++)
		feed_switch(f, 0, cpu, 0, NOBODY);
	feed_switch(f, 0, 0, 0, 0);
	feed(f, 0, 1, ROTA_BLOCKED, 0);
	tell_set(f, 1, 1, 0x1);
	tell_affinity(f, 1, 0, 1);
	tell_affinity(f, 1, 1, 1);
	feed_start(f, 100);
	feed_wake(f, 200, 1, 0);
	s = feed_stop(f, 300);
	cr_assert(s->affinity.known);
	cr_assert_float_eq(s->affinity.allowed_cpus, 1, 1e-12);
	cr_assert_str_eq(s->affinity.cpus, "0");
	cr_assert_eq(s->affinity.confined_threads, 2);
	cr_assert_eq(feed_row(s, 0)->allowed_cpus, 1);
	cr_assert_not_null(rung(s, "allowed_cpus"));
	cr_assert_float_eq(rung(s, "allowed_cpus")->have, 1, 1e-12);
	cr_assert_float_eq(rung(s, "allowed_cpus")->want, 1.5, 1e-12);
	cr_assert_float_eq(rung(s, "allowed_cpus")->stuck, 0.5, 1e-12);
	cr_assert_float_eq(rung(s, "hardware_threads")->want, 1, 1e-12);
	cr_assert_float_eq(rung(s, "hardware_threads")->stuck, 0, 1e-12);
	/* the other cpus were idle, and not allowed */
	cr_assert(s->work_conservation.known);
	cr_assert_eq(s->work_conservation.idle_while_runnable_ns, 0);
	rota_summary_free(s);
	feed_free(f);
}

/* A mask that changes: 2 cpus for 300 ns, then all 4 for 100 ns. */
Test(limits, affinity_is_a_mean_over_time)
{
	struct feed *f = flat(4, (struct metric_config){ 0 });
	struct rota_summary *s;

	for (int cpu = 1; cpu < 4; cpu++)
		feed_switch(f, 0, cpu, 0, NOBODY);
	feed_switch(f, 0, 0, 0, 0);
	tell_set(f, 1, 1, 0x3);
	tell_set(f, 1, 2, 0xff); /* more than there are */
	tell_affinity(f, 1, 0, 1);
	feed_start(f, 100);
	tell_affinity(f, 400, 0, 2);
	tell_affinity(f, 450, 0, 9); /* a set that was never told */
	s = feed_stop(f, 500);
	cr_assert_float_eq(s->affinity.allowed_cpus, (2 * 300 + 4 * 100) / 400.0, 1e-12);
	cr_assert_str_eq(s->affinity.cpus, "0-3");
	cr_assert_eq(s->affinity.confined_threads, 0);
	cr_assert_eq(feed_row(s, 0)->allowed_cpus, 4);
	rota_summary_free(s);
	feed_free(f);
}

/* Threads that were not told are taken for their leader's kin in sums, and are not known by themselves. */
Test(limits, an_untold_thread_inherits)
{
	struct feed *f = flat(2, (struct metric_config){ 0 });
	struct rota_summary *s;

	feed_switch(f, 0, 1, 0, NOBODY);
	feed_switch(f, 0, 0, 0, 0);
	tell_set(f, 1, 1, 0x1);
	tell_affinity(f, 1, 0, 1);
	feed_start(f, 100);
	feed(f, 200, 1, ROTA_RUNNABLE, 0, .cause = ROTA_CAUSE_NEW, .flags = ROTA_TRANSITION_BORN);
	s = feed_stop(f, 300);
	cr_assert_float_eq(s->affinity.allowed_cpus, 1, 1e-12);
	cr_assert_eq(s->affinity.confined_threads, 1);
	cr_assert_eq(feed_row(s, 1)->allowed_cpus, 0);
	cr_assert_eq(s->work_conservation.idle_while_runnable_ns, 0);
	cr_assert_eq(s->work_conservation.untold_ns, 0);
	rota_summary_free(s);
	feed_free(f);
}

Test(limits, more_sets_than_are_told_apart)
{
	struct feed *f = flat(64, (struct metric_config){ 0 });
	struct rota_summary *s;

	for (int cpu = 1; cpu < 64; cpu++)
		feed_switch(f, 0, cpu, 0, NOBODY);
	feed_switch(f, 0, 0, 0, 0);
	for (uint16_t i = 0; i < 64; i++) {
		tell_set(f, 1, i + 1, 1ULL << i);
		tell_affinity(f, 1, 0, i + 1);
	}
	feed_start(f, 100);
	s = feed_stop(f, 300);
	cr_assert(noted(s, "different sets of cpus"));
	cr_assert_float_eq(s->affinity.allowed_cpus, 2, 1e-12); /* the last two share a set */
	rota_summary_free(s);
	feed_free(f);
}

/* One on cpu 0, one queued behind it; cpu 1 idle, then somebody else's, then not recorded, then idle with one of T queued. */
Test(conserve, counts_only_what_is_known_to_be_free)
{
	struct feed *f = flat(2, (struct metric_config){ 0 });
	struct rota_summary *s;

	feed_switch(f, 0, 1, 0, NOBODY);
	feed_switch(f, 0, 0, 0, 0);
	feed(f, 0, 1, ROTA_BLOCKED, 0);
	feed(f, 0, 2, ROTA_BLOCKED, 1);
	tell_set(f, 1, 1, 0x3);
	for (int i = 0; i < 3; i++)
		tell_affinity(f, 1, i, 1);
	feed_start(f, 100);
	feed_wake(f, 200, 1, 0);                 /* 200 to 230: cpu 1 could have it */
	feed_cpu(f, 230, 1, 40);                 /* 230 to 300: it is busy */
	feed_cpu(f, 300, 1, AWAY);               /* 300 to 304: nobody knows */
	feed_cpu(f, 304, 1, NOBODY);             /* 304 to 310: free again */
	feed_wake(f, 310, 2, 1);                 /* 310 to 320: it wakes up for another thread */
	feed_switch(f, 320, 1, 0, 2);            /* 320 to 400: busy */
	feed_switch(f, 400, 0, ROTA_BLOCKED, 1); /* nobody waits any more */
	feed_switch(f, 450, 1, ROTA_BLOCKED, NOBODY);
	s = feed_stop(f, 500);
	cr_assert_eq(s->work_conservation.idle_while_runnable_ns, 30 + 6);
	cr_assert_eq(s->work_conservation.untold_ns, 4);
	cr_assert(s->work_conservation.known); /* 4 of 200 */
	rota_summary_free(s);
	feed_free(f);
}

Test(conserve, says_when_it_cannot_tell)
{
	struct feed *f = flat(3, (struct metric_config){ 0 });
	struct rota_summary *s;

	feed_switch(f, 0, 1, 0, AWAY);
	feed_switch(f, 0, 2, 0, NOBODY);
	feed_switch(f, 0, 0, 0, 0);
	feed(f, 0, 1, ROTA_BLOCKED, 0);
	tell_set(f, 1, 1, 0x3); /* cpus 0 and 1: that cpu 2 is idle does not help */
	tell_affinity(f, 1, 0, 1);
	tell_affinity(f, 1, 1, 1);
	feed_start(f, 100);
	feed_wake(f, 200, 1, 0);
	s = feed_stop(f, 300);
	cr_assert_eq(s->work_conservation.idle_while_runnable_ns, 0);
	cr_assert_eq(s->work_conservation.untold_ns, 100);
	cr_assert_not(s->work_conservation.known);
	rota_summary_free(s);
	feed_free(f);
}

/* Moved to the free cpu's queue, it is not behind anybody; throttled, it does not wait for a cpu. */
Test(conserve, moves_and_throttling)
{
	struct feed *f = flat(2, (struct metric_config){ 0 });
	struct rota_summary *s;

	feed_switch(f, 0, 1, 0, NOBODY);
	feed_switch(f, 0, 0, 0, 0);
	feed(f, 0, 1, ROTA_BLOCKED, 0);
	tell_set(f, 1, 1, 0x3);
	tell_affinity(f, 1, 0, 1);
	tell_affinity(f, 1, 1, 1);
	feed_start(f, 100);
	feed_wake(f, 200, 1, 0);
	f->sink.queue_move(
		f->sink.ctx,
		&(struct rota_queue_move){ .thread = &f->threads[1].thread, .ts_ns = 225, .from_cpu = 0, .cpu = 1 });
	feed(f, 250, 1, ROTA_THROTTLED, 0, .cause = ROTA_CAUSE_PREEMPTED);
	feed(f, 300, 1, ROTA_RUNNABLE, 0, .cause = ROTA_CAUSE_PREEMPTED); /* its quota is back */
	feed_switch(f, 307, 0, ROTA_BLOCKED, 1);
	s = feed_stop(f, 400);
	cr_assert_eq(s->work_conservation.idle_while_runnable_ns, 25 + 7);
	cr_assert_eq(s->throttled_ns, 50);
	rota_summary_free(s);
	feed_free(f);
}

Test(limits, the_rung_of_the_quota)
{
	struct feed *f = flat(2, (struct metric_config){ 0 });
	struct rota_summary *s;

	feed_switch(f, 0, 1, 0, NOBODY);
	feed_switch(f, 0, 0, 0, 0);
	tell_text(f, 1, 1, "/a");
	tell_cgroup(f, 1, 1, 1, 0);
	tell_quota(f, 2, 1, 50, 0, 0, 0);
	feed_start(f, 100);
	for (uint64_t ts = 150; ts < 500; ts += 100) { /* 50 of each 100 */
		feed_switch(f, ts, 0, ROTA_THROTTLED, NOBODY);
		feed(f, ts + 50, 0, ROTA_RUNNABLE, 0, .cause = ROTA_CAUSE_PREEMPTED);
		feed_switch(f, ts + 50, 0, 0, 0);
	}
	tell_quota(f, 500, 1, 50, 4, 4, 200);
	s = feed_stop(f, 500);
	cr_assert_not_null(rung(s, "quota"));
	cr_assert_float_eq(rung(s, "quota")->have, 0.5, 1e-12);
	cr_assert_float_eq(rung(s, "quota")->want, 1, 1e-12);
	cr_assert_float_eq(rung(s, "quota")->stuck, 0.5, 1e-12);
	cr_assert_str_eq(rung(s, "quota")->note, "throttled in 4 of 4 periods");
	cr_assert_eq(s->quotas[0].throttled_ns, s->throttled_ns);
	rota_summary_free(s);
	feed_free(f);
}
