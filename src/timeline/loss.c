/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is not known: GAP, LOST, SYNC and HOTPLUG events in; UNKNOWN and OFFLINE out. From the first gap on, a thread that
 * is not RUNNING on a cpu without gap may have been woken, moved or ended by a record that was lost, so all those are
 * UNKNOWN until something tells of them again.
 */
#include "timeline/state.h"

static void forget_thread(struct timeline *timeline, struct thread *thread)
{
	uint8_t flags = thread->unborn && thread->state == ROTA_NONE ? ROTA_TRANSITION_BORN : 0;

	if (thread->state == ROTA_RUNNING && !timeline->cpus[thread->cpu].gap)
		return;
	if (thread->state == ROTA_NONE && !thread->unborn)
		return;
	thread->unborn = false;
	thread_put(timeline, thread, ROTA_UNKNOWN, thread->cpu, flags);
}

/* The first gap while there was none: whatever hangs on records that any cpu may write is in doubt. */
static void forget_threads(struct timeline *timeline)
{
	for (uint32_t i = 0; i < timeline->index_count; i++) {
		struct thread *thread = timeline->by_index[i];

		if (thread && thread->pub.target)
			forget_thread(timeline, thread);
	}
}

void feed_gap(struct timeline *timeline, uint32_t number)
{
	struct cpu *cpu = &timeline->cpus[number];

	timeline->sync_open = false;
	if (cpu->gap++)
		return;
	timeline->gaps++;
	cpu->gap_since_ns = timeline->now_ns;
	cpu->share_valid = false;
	cpu->gone_tid = 0;
	cpu->watched = false;
	cpu->last_switch_ns = 0;
	if (timeline->gaps == 1)
		forget_threads(timeline);
	else if (cpu->occupancy == ROTA_CPU_TARGET)
		forget_thread(timeline, cpu->thread);
	if (cpu->occupancy != ROTA_CPU_OFFLINE)
		cpu_move(timeline, cpu, ROTA_CPU_UNKNOWN, NULL);
}

static void end_gap(struct timeline *timeline, struct cpu *cpu)
{
	if (!--cpu->gap)
		timeline->gaps--;
}

void feed_lost(struct timeline *timeline, const struct rota_event *event)
{
	const struct rota_rec_lost *lost = &event->rec.lost;
	uint64_t since_ns = timeline->now_ns;
	uint32_t first = lost->head.aux, end = first + 1;

	if (lost->head.aux == ROTA_CPU_NONE) {
		first = 0;
		end = timeline->cpu_count;
	}
	for (uint32_t i = first; i < end; i++) {
		struct cpu *cpu = &timeline->cpus[i];

		if (!cpu->gap)
			feed_gap(timeline, i); /* nobody said when it began */
		if (cpu->gap_since_ns < since_ns)
			since_ns = cpu->gap_since_ns;
		end_gap(timeline, cpu);
	}
	timeline->sink.lost(timeline->sink.ctx, lost->head.aux, since_ns, timeline->now_ns, lost->count);
}

/* A walk of all live threads is complete: one that is still UNKNOWN and was not on the list has died unseen. */
static void end_unlisted(struct timeline *timeline)
{
	for (uint32_t i = 0; i < timeline->index_count; i++) {
		struct thread *thread = timeline->by_index[i];

		if (thread && thread->pub.target && thread->state == ROTA_UNKNOWN &&
		    thread->told_ns + TIMELINE_SKEW_NS < timeline->sync_begin_ns)
			thread_end(timeline, thread);
	}
}

void feed_sync(struct timeline *timeline, const struct rota_event *event)
{
	if (event->rec.head.flags & ROTA_SYNC_BEGIN) {
		timeline->sync_begin_ns = timeline->now_ns;
		timeline->sync_open = !timeline->gaps;
	} else if ((event->rec.head.flags & ROTA_SYNC_END) && timeline->sync_open) {
		timeline->sync_open = false;
		end_unlisted(timeline);
	}
}

/* An event of a cpu that was thought offline: the news of its coming is late. Nobody of T was on it. */
void cpu_set_online(struct timeline *timeline, struct cpu *cpu)
{
	if (cpu->occupancy == ROTA_CPU_OFFLINE)
		cpu_move(timeline, cpu, cpu->gap ? ROTA_CPU_UNKNOWN : ROTA_CPU_AWAY, NULL);
}

void feed_hotplug(struct timeline *timeline, const struct rota_event *event)
{
	struct cpu *cpu = &timeline->cpus[event->rec.head.aux];

	cpu->share_valid = false; /* its counters stood still, or will */
	if (event->rec.head.flags & ROTA_HOTPLUG_ONLINE) {
		cpu_set_online(timeline, cpu);
		return;
	}
	/* Whoever was queued on it is moved by MIGRATE records of its own. */
	cpu_vacate(timeline, cpu);
	cpu_move(timeline, cpu, ROTA_CPU_OFFLINE, NULL);
}

/* The stretch around an edge of the window, or around a round mark, is over: cpus are watched by rule again. */
void feed_unwatch(struct timeline *timeline)
{
	for (uint32_t i = 0; i < timeline->cpu_count; i++) {
		timeline->cpus[i].watched = false;
		cpu_check_watch(timeline, &timeline->cpus[i]);
	}
}
