/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Rows: migrations, reasons, processes, folding, the strip. */
#include "unit/metric/feed.h"

/* 2 packages × 2 nodes × 2 L3s × 2 cores × 2 hardware threads = 32 cpus: every distance there is. */
Test(rows, migrations_of_all_distances)
{
	/* from cpu 0 and back: 1 same core, 2 same L3, 4 same node, 8 same package, 16 other package; last, the far end */
	const int path[] = { 0, 1, 0, 2, 0, 4, 0, 8, 0, 16, 0, 31 };
	const uint64_t expect[ROTA_DISTANCES] = { 2, 2, 2, 2, 3 };
	struct rota_topology topology;
	const struct rota_thread_summary *t;
	struct rota_summary *s;
	struct feed *f;

	feed_topology(&topology, 2, 2, 2, 2, 2);
	f = feed_new(&topology, (struct metric_config){ 0 });
	for (int cpu = 0; cpu < 32; cpu++)
		feed_switch(f, 0, cpu, 0, NOBODY);
	feed(f, 0, 0, ROTA_BLOCKED, 0);
	feed_start(f, 0);
	for (int i = 0; i < 12; i++) {
		feed_wake(f, 100 * (uint64_t)i + 10, 0, path[i]);
		feed_switch(f, 100 * (uint64_t)i + 20, path[i], 0, 0);
		feed_switch(f, 100 * (uint64_t)i + 90, path[i], ROTA_BLOCKED, NOBODY);
	}
	s = feed_stop(f, 2000);
	t = feed_row(s, 0);
	for (int i = 0; i < ROTA_DISTANCES; i++) {
		cr_assert_eq(t->migrations[i], expect[i], "distance %d", i);
		cr_assert_eq(s->migrations[i], expect[i]);
		cr_assert_eq(s->processes[0].migrations[i], expect[i]);
	}
	cr_assert_eq(t->cpu_count, 7);
	cr_assert_eq(t->cpus[0].cpu, 0);
	cr_assert_eq(t->cpus[0].ns, 6 * 70);
	cr_assert_eq(s->voluntary, 12);
	cr_assert_eq(feed_level(&s->package_parallelism, 1), 12 * 70);
	rota_summary_free(s);
	feed_free(f);
}

/* The first time a thread is seen to run it has not moved, nor after it was lost. */
Test(rows, no_migration_without_a_before)
{
	struct rota_topology topology;
	struct rota_summary *s;
	struct feed *f;

	feed_topology(&topology, 1, 1, 1, 2, 1);
	f = feed_new(&topology, (struct metric_config){ 0 });
	feed_switch(f, 0, 0, 0, NOBODY);
	feed_switch(f, 0, 1, 0, NOBODY);
	feed_start(f, 0);
	feed(f, 10, 0, ROTA_RUNNABLE, 0, .cause = ROTA_CAUSE_NEW, .flags = ROTA_TRANSITION_BORN);
	feed_switch(f, 20, 1, 0, 0);
	feed(f, 50, 0, ROTA_UNKNOWN, 1);
	feed_cpu(f, 50, 1, DARK);
	feed_switch(f, 60, 0, 0, 0);
	feed_cpu(f, 70, 1, NOBODY);
	s = feed_stop(f, 100);
	cr_assert_eq(s->migrations[ROTA_SAME_LLC], 0);
	cr_assert_eq(feed_row(s, 0)->cpu_count, 2);
	rota_summary_free(s);
	feed_free(f);
}

/* METRIC_MAX_ROWS + 500 threads live 10 ns each in two processes; the last 500 are folded by the leader's name. */
Test(rows, folding)
{
	struct rota_thread leader = { .index = 1, .tid = 7, .tgid = 7, .start_boottime_ns = 1, .comm = "parent" };
	struct rota_topology topology;
	uint64_t running = 0, ts = 0, threads = 0;
	const struct rota_thread_summary *fold = NULL;
	struct rota_summary *s;
	struct feed *f;
	bool noted = false;

	feed_topology(&topology, 1, 1, 1, 1, 1);
	f = feed_new(&topology, (struct metric_config){ 0 });
	f->sink.thread_changed(f->sink.ctx, &leader);
	feed_switch(f, 0, 0, 0, NOBODY);
	feed_start(f, 0);
	for (uint32_t i = 0; i < METRIC_MAX_ROWS + 500; i++) {
		struct rota_thread *t = &f->threads[0].thread;

		t->tid = 1000 + i;
		t->tgid = 7;
		t->start_boottime_ns = i;
		snprintf(t->comm, sizeof(t->comm), "child");
		f->sink.thread_changed(f->sink.ctx, t);
		feed_switch(f, ts, 0, 0, 0);
		feed_switch(f, ts += 10, 0, ROTA_NONE, NOBODY);
		f->sink.thread_gone(f->sink.ctx, t);
	}
	s = feed_stop(f, ts + 5);
	cr_assert_eq(s->thread_count, METRIC_MAX_ROWS + 1);
	for (uint32_t i = 0; i < s->thread_count; i++) {
		running += s->threads[i].state_ns[ROTA_RUNNING];
		threads += s->threads[i].folded ? s->threads[i].folded : 1;
		if (s->threads[i].folded)
			fold = &s->threads[i];
	}
	cr_assert_eq(threads, METRIC_MAX_ROWS + 500);
	cr_assert_eq(running, 10ULL * (METRIC_MAX_ROWS + 500));
	cr_assert_not_null(fold);
	cr_assert_eq(fold->folded, 500);
	cr_assert_str_eq(fold->name, "parent");
	cr_assert_eq(fold->tgid, 7);
	cr_assert_eq(fold->state_ns[ROTA_RUNNING], 5000);
	cr_assert_eq(fold->criticality_ns, 5000);
	cr_assert_eq(s->process_count, 1);
	cr_assert_eq(s->processes[0].thread_count, METRIC_MAX_ROWS + 500);
	cr_assert_str_eq(s->processes[0].name, "parent");
	for (uint32_t i = 0; i < s->note_count; i++)
		noted = noted || strstr(s->notes[i], "500 threads");
	cr_assert(noted);
	rota_summary_free(s);
	feed_free(f);
}

/* A name newer than the row counts; an exec moves a thread to another tid. */
Test(rows, newest_identity)
{
	struct rota_topology topology;
	struct rota_summary *s;
	struct feed *f;

	feed_topology(&topology, 1, 1, 1, 1, 1);
	f = feed_new(&topology, (struct metric_config){ 0 });
	feed_switch(f, 0, 0, 0, 0);
	feed_start(f, 0);
	f->threads[0].thread.tid = 555;
	strcpy(f->threads[0].thread.comm, "after");
	f->sink.thread_changed(f->sink.ctx, &f->threads[0].thread);
	s = feed_stop(f, 100);
	cr_assert_eq(s->threads[0].tid, 555);
	cr_assert_str_eq(s->threads[0].name, "after");
	rota_summary_free(s);
	feed_free(f);
}

/*
 * AABB on one cpu over 4 × 512 µs = 2048 µs: slices of 4 µs, 512 of them, the first half A, the second B. A stranger takes
 * 1 µs of the first slice and loses it, and 3 µs of the last and wins it.
 */
Test(strip, aabb)
{
	struct rota_topology topology;
	struct rota_summary *s;
	struct feed *f;

	feed_topology(&topology, 1, 1, 1, 1, 1);
	f = feed_new(&topology, (struct metric_config){ .strip = true });
	feed_switch(f, 0, 0, 0, 40);
	feed(f, 0, 0, ROTA_RUNNABLE, 0);
	feed(f, 0, 1, ROTA_RUNNABLE, 0);
	feed_start(f, 0);
	feed_switch(f, 1000, 0, 0, 0);
	feed_switch(f, 1024000, 0, ROTA_RUNNABLE, 1);
	feed_switch(f, 2045000, 0, ROTA_RUNNABLE, 40);
	s = feed_stop(f, 2048000);
	cr_assert_eq(s->strip.slot_ns, 4000);
	cr_assert_eq(s->strip.slot_count, 512);
	for (uint32_t i = 0; i < 511; i++) {
		cr_assert_eq(s->strip.slots[i].occupancy, ROTA_CPU_TARGET, "slot %u", i);
		cr_assert_eq(s->threads[s->strip.slots[i].thread].tid, i < 256 ? 100 : 101, "slot %u", i);
	}
	cr_assert_eq(s->strip.slots[511].occupancy, ROTA_CPU_OTHER);
	rota_summary_free(s);
	feed_free(f);
}
