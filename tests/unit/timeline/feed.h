/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A timeline under test: events written down one by one go in; what comes out is kept as text, one line a call, so that a
 * test reads as what was recorded and what it means.
 *
 *   100 t7 RUNNABLE>RUNNING@1 in        thread 7 leaves RUNNABLE for RUNNING on cpu 1, by a switch seen
 *   100 cpu1 IDLE>t7                    cpu 1: idle before, now thread 7 of T (o7: a stranger)
 */
#ifndef TIMELINE_FEED_H
#define TIMELINE_FEED_H

#include "timeline/timeline.h"

#include "base/alloc.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct feed {
	struct rota_topology *topology;
	struct timeline *timeline;
	char *text;
	size_t size, capacity;
};

static inline void __attribute__((format(printf, 2, 3))) feed_say(struct feed *feed, const char *format, ...)
{
	char line[256];
	va_list arguments;
	size_t length;

	va_start(arguments, format);
	length = (size_t)vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	feed->text = xgrow(feed->text, &feed->capacity, feed->size + length + 1, 1);
	memcpy(feed->text + feed->size, line, length + 1);
	feed->size += length;
}

static inline void feed_on_thread(void *ctx, const struct rota_thread_transition *transition)
{
	static const char *const states[] = { "NONE",      "UNKNOWN", "RUNNING", "RUNNABLE",
					      "THROTTLED", "BLOCKED", "STOPPED" };
	static const char *const causes[] = { "", " wakeup", " new", " preempted", " yielded" };
	struct feed *feed = ctx;

	feed_say(feed, "%llu t%u %s>%s@%d%s%s%s%s%s%s%s", (unsigned long long)transition->ts_ns,
		 transition->thread->tid, states[transition->from], states[transition->to], (int16_t)transition->cpu,
		 transition->flags & ROTA_TRANSITION_SWITCH_IN ? " in" : "",
		 transition->flags & ROTA_TRANSITION_VOLUNTARY ? " voluntary" : "",
		 transition->flags & ROTA_TRANSITION_INVOLUNTARY ? " involuntary" : "",
		 transition->flags & ROTA_TRANSITION_IOWAIT ? " iowait" : "",
		 transition->flags & ROTA_TRANSITION_BORN ? " born" : "",
		 transition->flags & ROTA_TRANSITION_DIED ? " died" : "", causes[transition->cause]);
	if (transition->waker.known)
		feed_say(feed, " by %u%s after %u", transition->waker.tid, transition->waker.interrupt ? " irq" : "",
			 transition->waker.delay_ns);
	if (transition->raw_state)
		feed_say(feed, " raw %u", transition->raw_state);
	feed_say(feed, "\n");
}

static inline void feed_say_occupant(struct feed *feed, uint8_t occupancy, const struct rota_thread *thread)
{
	static const char *const names[] = { "UNKNOWN", "t", "o", "IDLE", "AWAY", "OFFLINE" };

	feed_say(feed, "%s", names[occupancy]);
	if (thread)
		feed_say(feed, "%u", thread->tid);
}

static inline void feed_on_cpu(void *ctx, const struct rota_cpu_transition *transition)
{
	struct feed *feed = ctx;

	feed_say(feed, "%llu cpu%u ", (unsigned long long)transition->ts_ns, transition->cpu);
	feed_say_occupant(feed, transition->from, transition->from_thread);
	feed_say(feed, ">");
	feed_say_occupant(feed, transition->to, transition->thread);
	feed_say(feed, "\n");
}

static inline void feed_on_queue_move(void *ctx, const struct rota_queue_move *move)
{
	feed_say(ctx, "%llu t%u queue %u>%u\n", (unsigned long long)move->ts_ns, move->thread->tid, move->from_cpu,
		 move->cpu);
}

static inline void feed_on_share(void *ctx, const struct rota_cpu_share *share)
{
	feed_say(ctx, "%llu cpu%u since %llu target %llu other %llu idle %llu\n", (unsigned long long)share->ts_ns,
		 share->cpu, (unsigned long long)share->since_ns, (unsigned long long)share->target_ns,
		 (unsigned long long)share->other_ns, (unsigned long long)share->idle_ns);
}

static inline void feed_on_cpu_time(void *ctx, uint32_t cpu, uint64_t ts_ns, uint64_t steal_ns, uint64_t irq_ns)
{
	feed_say(ctx, "%llu cpu%u steal %llu irq %llu\n", (unsigned long long)ts_ns, cpu, (unsigned long long)steal_ns,
		 (unsigned long long)irq_ns);
}

static inline void feed_on_cost(void *ctx, const struct rota_rec_cost *cost)
{
	feed_say(ctx, "%llu cost %llu %llu\n", (unsigned long long)cost->head.ts_ns, (unsigned long long)cost->bpf_ns,
		 (unsigned long long)cost->user_ns);
}

/* Of what goes on as it is, only what threads of Go programs carry has its place among their states. */
static inline void feed_on_record(void *ctx, const struct rota_thread *thread, const struct rota_event *event)
{
	const struct rota_record *head = &event->rec.head;

	if (head->type == ROTA_REC_GO || head->type == ROTA_REC_GO_RUN)
		feed_say(ctx, "%llu t%u carries %llu\n", (unsigned long long)head->ts_ns, thread ? thread->tid : 0,
			 (unsigned long long)event->rec.go.goid);
}

static inline void feed_on_lost(void *ctx, uint32_t cpu, uint64_t since_ns, uint64_t ts_ns, uint64_t count)
{
	feed_say(ctx, "%llu lost %llu on %d since %llu\n", (unsigned long long)ts_ns, (unsigned long long)count,
		 (int16_t)cpu, (unsigned long long)since_ns);
}

static inline void feed_on_changed(void *ctx, const struct rota_thread *thread)
{
	feed_say(ctx, "is t%u of %u \"%s\"\n", thread->tid, thread->tgid, thread->comm);
}

static inline void feed_on_gone(void *ctx, const struct rota_thread *thread)
{
	feed_say(ctx, "gone t%u\n", thread->tid);
}

static inline void feed_on_start(void *ctx, uint64_t ts_ns)
{
	feed_say(ctx, "%llu start\n", (unsigned long long)ts_ns);
}

static inline void feed_on_stop(void *ctx, uint64_t ts_ns)
{
	feed_say(ctx, "%llu stop\n", (unsigned long long)ts_ns);
}

static inline void feed_on_progress(void *ctx, uint64_t ts_ns)
{
	feed_say(ctx, "%llu progress\n", (unsigned long long)ts_ns);
}

/* cores × smt, cpu numbers: core c's threads are c * smt … c * smt + smt - 1 */
static inline struct feed *feed_new(uint32_t cores, uint32_t smt, bool every_switch)
{
	struct feed *feed = xcalloc(1, sizeof(*feed));
	struct rota_topology *topology = feed->topology = xcalloc(1, sizeof(*topology));
	struct timeline_config config = { .topology = topology, .every_switch = every_switch };
	struct rota_sink sink = {
		.ctx = feed,
		.thread = feed_on_thread,
		.cpu = feed_on_cpu,
		.queue_move = feed_on_queue_move,
		.cpu_share = feed_on_share,
		.cpu_time = feed_on_cpu_time,
		.cost = feed_on_cost,
		.lost = feed_on_lost,
		.record = feed_on_record,
		.thread_changed = feed_on_changed,
		.thread_gone = feed_on_gone,
		.start = feed_on_start,
		.stop = feed_on_stop,
		.progress = feed_on_progress,
	};

	topology->cpu_count = topology->online_count = cores * smt;
	topology->core_count = cores;
	topology->llc_count = topology->node_count = topology->package_count = 1;
	topology->smt = smt;
	topology->cpus = xcalloc(cores * smt, sizeof(*topology->cpus));
	topology->cores = xcalloc(cores, sizeof(*topology->cores));
	for (uint32_t i = 0; i < cores; i++) {
		topology->cores[i].cpu_count = smt;
		topology->cores[i].cpus = xcalloc(smt, sizeof(uint32_t));
		for (uint32_t k = 0; k < smt; k++) {
			topology->cores[i].cpus[k] = i * smt + k;
			topology->cpus[i * smt + k] =
				(struct rota_cpu_info){ .present = true, .online = true, .core = i };
		}
	}
	feed->timeline = timeline_new(&config, &sink);
	feed_say(feed, "%s", "");
	return feed;
}

static inline void feed_free(struct feed *feed)
{
	timeline_free(feed->timeline);
	for (uint32_t i = 0; i < feed->topology->core_count; i++)
		free(feed->topology->cores[i].cpus);
	free(feed->topology->cores);
	free(feed->topology->cpus);
	free(feed->topology);
	free(feed->text);
	free(feed);
}

/* What came out since the last call is exactly this. */
static inline void feed_expect_text(struct feed *feed, const char *expected, int line)
{
	cr_assert_str_eq(feed->text, expected, "line %d: came out:\n%sexpected:\n%s", line, feed->text, expected);
	feed->size = 0;
	feed->text[0] = '\0';
}
#define EXPECT(feed, ...) feed_expect_text(feed, __VA_ARGS__, __LINE__)
/* Whatever came out until here is another test's matter. */
static inline void feed_skip(struct feed *feed)
{
	feed->size = 0;
	feed->text[0] = '\0';
}

static inline void feed_record(struct feed *feed, uint16_t cpu, const union rota_any_record *record)
{
	struct rota_event event = { .rec = *record, .cpu = cpu };

	timeline_feed(feed->timeline, &event);
}

static inline union rota_any_record feed_head(uint8_t type, uint64_t ts_ns, uint32_t tid, uint16_t aux, uint8_t flags)
{
	union rota_any_record record = { 0 };

	record.head = (struct rota_record){ .ts_ns = ts_ns, .type = type, .flags = flags, .aux = aux, .tid = tid };
	return record;
}

/* --- one function for each kind of record; threads below 1000 are of T, others are strangers ------------------------ */

#define OURS(tid) ((tid) && (tid) < 1000)

static inline void feed_switch_raw(struct feed *feed, uint64_t ts_ns, uint16_t cpu, uint32_t prev, uint32_t next,
				   uint8_t flags, uint16_t raw_state)
{
	union rota_any_record record = feed_head(ROTA_REC_SWITCH, ts_ns, prev, raw_state, flags);

	record.head.flags |= (OURS(prev) ? ROTA_SWITCH_PREV_TARGET : 0) | (OURS(next) ? ROTA_SWITCH_NEXT_TARGET : 0);
	record.sw.next_tid = next;
	feed_record(feed, cpu, &record);
}

static inline void feed_switches(struct feed *feed, uint64_t ts_ns, uint16_t cpu, uint32_t prev, uint32_t next,
				 enum rota_out out)
{
	bool involuntary = out == ROTA_OUT_PREEMPTED || out == ROTA_OUT_YIELDED;

	feed_switch_raw(feed, ts_ns, cpu, prev, next,
			(uint8_t)(out << ROTA_SWITCH_OUT_SHIFT | (involuntary ? ROTA_SWITCH_INVOLUNTARY : 0)), 0);
}

static inline void feed_wakes(struct feed *feed, uint64_t ts_ns, uint32_t tid, uint16_t cpu, uint32_t occupant,
			      uint8_t flags)
{
	union rota_any_record record =
		feed_head(ROTA_REC_WAKEUP, ts_ns, tid, cpu, flags | ROTA_F_TARGET | ROTA_WAKEUP_OCCUPIED);

	record.wakeup.occupant_tid = occupant;
	record.wakeup.waker_tid = flags & ROTA_WAKEUP_HAS_WAKER ? 77 : 0;
	record.wakeup.waking_delay_ns = flags & ROTA_WAKEUP_HAS_WAKER ? 5 : 0;
	feed_record(feed, 0, &record);
}

static inline void feed_migrates(struct feed *feed, uint64_t ts_ns, uint32_t tid, uint16_t from, uint16_t cpu,
				 uint32_t occupant)
{
	union rota_any_record record = feed_head(ROTA_REC_MIGRATE, ts_ns, tid, cpu, ROTA_F_TARGET);

	record.migrate.from_cpu = from;
	record.migrate.occupant_tid = occupant;
	feed_record(feed, 0, &record);
}

static inline void feed_occupies(struct feed *feed, uint64_t ts_ns, uint16_t cpu, uint32_t tid)
{
	union rota_any_record record = feed_head(ROTA_REC_OCCUPANT, ts_ns, tid, cpu, OURS(tid) ? ROTA_F_TARGET : 0);

	feed_record(feed, 0, &record);
}

static inline void feed_tasks(struct feed *feed, uint64_t ts_ns, uint32_t tid, uint32_t tgid, uint64_t start_ns,
			      uint8_t flags, uint8_t state, uint16_t cpu)
{
	union rota_any_record record = feed_head(ROTA_REC_TASK, ts_ns, tid, cpu, flags | (OURS(tid) ? 1 : 0));

	record.task.tgid = tgid;
	record.task.start_boottime_ns = start_ns;
	record.task.state = state;
	snprintf(record.task.comm, sizeof(record.task.comm), "n%u", tid);
	feed_record(feed, 0, &record);
}

static inline void feed_snapshots(struct feed *feed, uint64_t ts_ns, uint16_t cpu, uint32_t tid, uint64_t target_ns,
				  uint64_t other_ns, uint64_t idle_ns)
{
	union rota_any_record record = feed_head(ROTA_REC_SNAPSHOT, ts_ns, tid, cpu, OURS(tid) ? ROTA_F_TARGET : 0);

	record.snapshot.target_ns = target_ns;
	record.snapshot.other_ns = other_ns;
	record.snapshot.idle_ns = idle_ns;
	feed_record(feed, cpu, &record);
}

static inline void feed_bare(struct feed *feed, uint8_t type, uint64_t ts_ns, uint16_t aux, uint8_t flags)
{
	union rota_any_record record = feed_head(type, ts_ns, 0, aux, flags);

	feed_record(feed, ROTA_CPU_NONE, &record);
}

static inline void feed_lost_on(struct feed *feed, uint64_t ts_ns, uint16_t cpu, uint64_t count)
{
	union rota_any_record record = feed_head(ROTA_REC_LOST, ts_ns, 0, cpu, 0);

	record.lost.count = count;
	feed_record(feed, cpu, &record);
}

/* Every cpu idle at 10, and nobody of T known: as after the first snapshots. */
static inline struct feed *feed_ready(uint32_t cores, uint32_t smt, bool every_switch)
{
	struct feed *feed = feed_new(cores, smt, every_switch);

	for (uint32_t cpu = 0; cpu < cores * smt; cpu++)
		feed_snapshots(feed, 10, (uint16_t)cpu, 0, 0, 0, 0);
	feed_skip(feed);
	return feed;
}

#endif
