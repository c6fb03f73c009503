/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where the cpus' time went: shares, edges, offline, stolen time, cost. */
#include "unit/metric/feed.h"

static struct feed *flat(uint32_t cpus, struct metric_config config)
{
	struct rota_topology topology;

	feed_topology(&topology, 1, 1, 1, cpus, 1);
	return feed_new(&topology, config);
}

static void share(struct feed *f, uint32_t cpu, uint64_t since, uint64_t ts, uint64_t target, uint64_t other,
		  uint64_t idle)
{
	f->sink.cpu_share(f->sink.ctx, &(struct rota_cpu_share){ cpu, since, ts, target, other, idle });
}

/*
 * [0, 1000): T 200, other known 100, away 700. The share: other 400, idle 400: of the away time 300 other, 400 idle.
 * Then away [1000, 1500) without a share: unknown.
 */
Test(cpus, share_tells_away_time)
{
	struct feed *f = flat(1, (struct metric_config){ 0 });
	struct rota_summary *s;

	feed_switch(f, 0, 0, 0, 0);
	feed_start(f, 0);
	feed_switch(f, 200, 0, ROTA_BLOCKED, 40);
	feed_switch(f, 300, 0, 0, AWAY);
	share(f, 0, 0, 1000, 200, 400, 400);
	s = feed_stop(f, 1500);
	cr_assert_eq(s->cpus[0].target_ns, 200);
	cr_assert_eq(s->cpus[0].other_ns, 400);
	cr_assert_eq(s->cpus[0].idle_ns, 400);
	cr_assert_eq(s->cpus[0].unknown_ns, 500);
	rota_summary_free(s);
	feed_free(f);
}

/* Snapshots lie 100 ns before START and 200 ns before STOP, 10^6 apart: such slivers go the way of the share (1 : 3). */
Test(cpus, slivers_at_the_edges)
{
	struct feed *f = flat(1, (struct metric_config){ 0 });
	struct rota_summary *s;

	feed_switch(f, 1000, 0, 0, AWAY);
	share(f, 0, 500, 1000, 0, 0, 500);
	feed_start(f, 1100);
	share(f, 0, 1000, 1001000, 0, 250000, 750000);
	s = feed_stop(f, 1001200);
	/* 999,900 inside the share and 200 after it */
	cr_assert_eq(s->cpus[0].other_ns, 249975 + 50);
	cr_assert_eq(s->cpus[0].idle_ns, 749925 + 150);
	cr_assert_eq(s->cpus[0].unknown_ns, 0);
	rota_summary_free(s);
	feed_free(f);
}

/*
 * The window begins in the middle of a share. [0, 1000) all away, other 700, idle 300; the window begins at 400. Of the
 * 400 before, any may have been other or idle: inside at least 700 - 400 = 300 other, idle not even that; 300 unknown.
 */
Test(cpus, share_across_the_start)
{
	struct feed *f = flat(1, (struct metric_config){ .from_ns = 400 });
	struct rota_summary *s;

	feed_switch(f, 0, 0, 0, AWAY);
	feed_start(f, 0);
	share(f, 0, 0, 1000, 0, 700, 300);
	s = feed_stop(f, 1000);
	cr_assert_eq(s->cpus[0].other_ns, 300);
	cr_assert_eq(s->cpus[0].idle_ns, 0);
	cr_assert_eq(s->cpus[0].unknown_ns, 300);
	rota_summary_free(s);
	feed_free(f);
}

/* The same at the end: to = 600. */
Test(cpus, share_across_the_end)
{
	struct feed *f = flat(1, (struct metric_config){ .to_ns = 600 });
	struct rota_summary *s;

	feed_switch(f, 0, 0, 0, AWAY);
	feed_start(f, 0);
	share(f, 0, 0, 1000, 0, 700, 300);
	s = feed_stop(f, 2000);
	cr_assert_eq(s->cpus[0].other_ns, 300);
	cr_assert_eq(s->cpus[0].unknown_ns, 300);
	rota_summary_free(s);
	feed_free(f);
}

/* A share that claims more than there was, and one over a loss, never break the sum. */
Test(cpus, absurd_shares)
{
	struct feed *f = flat(1, (struct metric_config){ 0 });
	struct rota_summary *s;

	feed_switch(f, 0, 0, 0, AWAY);
	feed_start(f, 0);
	share(f, 0, 0, 1000, 0, UINT64_MAX, 0);
	feed_switch(f, 1100, 0, 0, AWAY);
	share(f, 0, 1000, 1200, 0, UINT64_MAX, UINT64_MAX - 3);
	feed_cpu(f, 1500, 0, DARK);
	feed_cpu(f, 1600, 0, AWAY);
	share(f, 0, 1200, 2000, 0, 800, 0);
	s = feed_stop(f, 2000);
	/* the first is all other; the second, 200, half and half; the third has 400 in doubt: 800 - 400 are other for sure */
	cr_assert_eq(s->cpus[0].other_ns, 1000 + 100 + 400);
	cr_assert_eq(s->cpus[0].idle_ns, 100);
	cr_assert_eq(s->cpus[0].unknown_ns, 400);
	rota_summary_free(s);
	feed_free(f);
}

/* Shares across the edges of intervals: 3 intervals of 1000, shares end at 700, 1900 and 3000; sums are the whole's. */
Test(cpus, intervals)
{
	struct feed *f = flat(1, (struct metric_config){ .interval_ns = 1000 });
	uint64_t other = 0, idle = 0, unknown = 0;
	struct rota_summary *s;

	feed_switch(f, 0, 0, 0, AWAY);
	feed_start(f, 0);
	share(f, 0, 0, 700, 0, 100, 600);
	f->sink.progress(f->sink.ctx, 1000);
	cr_assert_eq(f->interval_count, 0, "300 of the first interval are not told yet");
	share(f, 0, 700, 1900, 0, 400, 800);
	cr_assert_eq(f->interval_count, 1);
	f->sink.progress(f->sink.ctx, 2000);
	share(f, 0, 1900, 3000, 0, 0, 1100);
	s = feed_stop(f, 3000);
	cr_assert_eq(f->interval_count, 3);
	/* 300 of the 1200 lie in the first interval: a quarter of 400 and of 800 */
	cr_assert_eq(f->intervals[0]->cpus[0].other_ns, 100 + 100);
	cr_assert_eq(f->intervals[0]->cpus[0].idle_ns, 600 + 200);
	for (uint32_t i = 0; i < 3; i++) {
		other += f->intervals[i]->cpus[0].other_ns;
		idle += f->intervals[i]->cpus[0].idle_ns;
		unknown += f->intervals[i]->cpus[0].unknown_ns;
	}
	cr_assert_eq(other, s->cpus[0].other_ns);
	cr_assert_eq(idle, s->cpus[0].idle_ns);
	cr_assert_eq(other, 500);
	cr_assert_eq(idle, 2500);
	cr_assert_eq(unknown, 0);
	rota_summary_free(s);
	feed_free(f);
}

/* An interval does not wait for ever for a share that does not come; then both it and the whole say unknown. */
Test(cpus, interval_without_its_share)
{
	struct feed *f = flat(1, (struct metric_config){ .interval_ns = 1000 });
	struct rota_summary *s;

	feed_switch(f, 0, 0, 0, AWAY);
	feed_start(f, 0);
	for (uint64_t ts = 1000; ts <= 3000; ts += 500)
		f->sink.progress(f->sink.ctx, ts);
	cr_assert_geq(f->interval_count, 1);
	cr_assert_eq(f->intervals[0]->cpus[0].unknown_ns, 1000);
	share(f, 0, 0, 3500, 0, 3500, 0);
	s = feed_stop(f, 3500);
	cr_assert_eq(f->interval_count, 4);
	cr_assert_eq(s->cpus[0].unknown_ns + s->cpus[0].other_ns, 3500);
	cr_assert_eq(s->cpus[0].unknown_ns, f->intervals[0]->cpus[0].unknown_ns + f->intervals[1]->cpus[0].unknown_ns +
						    f->intervals[2]->cpus[0].unknown_ns +
						    f->intervals[3]->cpus[0].unknown_ns);
	rota_summary_free(s);
	feed_free(f);
}

/* cpu 1 goes offline at 600 for 300; cpu 2 is offline from the start and never heard of; have = (1000 + 700 + 0) / 1000. */
Test(cpus, offline)
{
	struct rota_topology topology;
	struct rota_summary *s;
	struct feed *f;

	feed_topology(&topology, 1, 1, 1, 3, 1);
	topology.cpus[2].online = false;
	topology.online_count = 2;
	f = feed_new(&topology, (struct metric_config){ 0 });
	feed_switch(f, 0, 0, 0, NOBODY);
	feed_switch(f, 0, 1, 0, 0);
	feed_start(f, 0);
	feed_switch(f, 600, 1, ROTA_BLOCKED, OFF);
	feed_switch(f, 900, 1, 0, NOBODY);
	s = feed_stop(f, 1000);
	cr_assert_eq(s->cpus[1].target_ns, 600);
	cr_assert_eq(s->cpus[1].offline_ns, 300);
	cr_assert_eq(s->cpus[1].idle_ns, 100);
	cr_assert_eq(s->cpus[2].offline_ns, 1000);
	cr_assert_eq(s->parallelism.unknown_ns, 0);
	cr_assert_float_eq(s->coverage, 1.0, 0.0);
	cr_assert_float_eq(s->rungs[1].have, 1.7, 1e-12);
	cr_assert_float_eq(s->rungs[2].have, 1.7, 1e-12);
	rota_summary_free(s);
	feed_free(f);
}

static void cost(struct feed *f, uint64_t ts, uint64_t bpf, uint64_t user, uint16_t kind)
{
	f->sink.cost(f->sink.ctx, &(struct rota_rec_cost){
					  .head = {.ts_ns = ts, .aux = kind},
                                            .bpf_ns = bpf, .user_ns = user
        });
}

/* Readings at 50 (before), 1500 and 1900; intervals of 1000: 0 → 30 is in none of the first, all in the second. */
Test(cpus, cumulative_readings)
{
	struct feed *f = flat(2, (struct metric_config){ .interval_ns = 1000 });
	struct rota_summary *s;

	feed_switch(f, 0, 0, 0, NOBODY);
	feed_switch(f, 0, 1, 0, NOBODY);
	f->sink.cpu_time(f->sink.ctx, 0, 50, 5000, 700);
	cost(f, 50, 100, 1000, 1);
	feed_start(f, 100);
	cost(f, 600, 120, 1100, 1);
	f->sink.progress(f->sink.ctx, 1100);
	f->sink.cpu_time(f->sink.ctx, 0, 1500, 5010, 705);
	f->sink.cpu_time(f->sink.ctx, 1, 1500, 9000, 0);
	f->sink.cpu_time(f->sink.ctx, 0, 1900, 5030, 720);
	cost(f, 1900, 160, 1400, 2);
	s = feed_stop(f, 2100);
	cr_assert(s->cpus[0].steal_known);
	cr_assert_eq(s->cpus[0].steal_ns, 30);
	cr_assert_eq(s->cpus[0].irq_ns, 20);
	cr_assert_not(s->cpus[1].steal_known);
	cr_assert_eq(s->cpus[1].steal_ns, 0);
	cr_assert_eq(s->overhead_bpf_ns, 60);
	cr_assert_eq(s->overhead_user_ns, 400);
	cr_assert(s->overhead_bpf_known && s->overhead_bpf_estimated);
	cr_assert_eq(f->interval_count, 2);
	cr_assert_eq(f->intervals[0]->overhead_bpf_ns, 20);
	cr_assert_eq(f->intervals[1]->overhead_bpf_ns, 40);
	cr_assert_eq(f->intervals[0]->cpus[0].steal_ns + f->intervals[1]->cpus[0].steal_ns, 30);
	rota_summary_free(s);
	feed_free(f);
}

/* A loss [400, 900] that is told after `to` = 600 belongs to the window; one that begins after it does not. */
Test(cpus, losses_and_clipping)
{
	struct feed *f = flat(1, (struct metric_config){ .to_ns = 600 });
	struct rota_summary *s;

	feed_switch(f, 0, 0, 0, NOBODY);
	f->sink.lost(f->sink.ctx, 0, 20, 50, 1000);
	feed_start(f, 100);
	feed_cpu(f, 400, 0, DARK);
	f->sink.lost(f->sink.ctx, 0, 400, 900, 5);
	f->sink.lost(f->sink.ctx, 0, 950, 990, 70);
	s = feed_stop(f, 1000);
	cr_assert_eq(s->lost_records, 5);
	cr_assert_eq(s->cpus[0].unknown_ns, 200);
	rota_summary_free(s);
	feed_free(f);
}
