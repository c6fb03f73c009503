/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Events in, state transitions out (timeline.h): the room's door, and the clock that never falls. What each event means is
 * decided in run.c, member.c and loss.c.
 */
#include "timeline/timeline.h"
#include "timeline/state.h"

#include "base/alloc.h"

#include <errno.h>
#include <stdlib.h>

struct timeline *timeline_new(const struct timeline_config *config, const struct rota_sink *sink)
{
	const struct rota_topology *topology = config->topology;
	struct timeline *timeline = xcalloc(1, sizeof(*timeline));
	uint32_t *pool;
	size_t siblings = 0;

	timeline->topology = topology;
	timeline->every_switch = config->every_switch;
	timeline->sink = *sink;
	timeline->cpu_count = topology->cpu_count;
	timeline->cpus = xcalloc(topology->cpu_count, sizeof(*timeline->cpus));
	timeline->by_tid = idtable_new();
	for (uint32_t i = 0; i < topology->core_count; i++)
		siblings += (size_t)topology->cores[i].cpu_count * topology->cores[i].cpu_count;
	pool = timeline->sibling_pool = xcalloc(siblings, sizeof(*pool));
	for (uint32_t i = 0; i < topology->cpu_count; i++) {
		struct cpu *cpu = &timeline->cpus[i];
		const struct rota_core_info *core;

		cpu->number = i;
		cpu->present = topology->cpus[i].present;
		if (!cpu->present)
			continue;
		core = &topology->cores[topology->cpus[i].core];
		cpu->siblings = pool;
		for (uint32_t k = 0; k < core->cpu_count; k++) {
			if (core->cpus[k] != i)
				cpu->siblings[cpu->sibling_count++] = core->cpus[k];
		}
		pool += cpu->sibling_count;
	}
	return timeline;
}

void timeline_free(struct timeline *timeline)
{
	if (!timeline)
		return;
	table_fini(timeline);
	free(timeline->cpus);
	free(timeline->sibling_pool);
	free(timeline);
}

/* The first moment there is: cpus begin here, and those that are off are said to be. */
static void timeline_begin(struct timeline *timeline, uint64_t ts_ns)
{
	timeline->begun = true;
	timeline->now_ns = ts_ns;
	for (uint32_t i = 0; i < timeline->cpu_count; i++) {
		struct cpu *cpu = &timeline->cpus[i];

		cpu->since_ns = ts_ns;
		if (cpu->present && !timeline->topology->cpus[i].online)
			cpu_move(timeline, cpu, ROTA_CPU_OFFLINE, NULL);
	}
}

static void feed_start(struct timeline *timeline)
{
	if (timeline->started)
		return;
	timeline->started = true;
	timeline->sink.start(timeline->sink.ctx, timeline->now_ns);
}

static void feed_stop(struct timeline *timeline)
{
	if (!timeline->started || timeline->stopped)
		return;
	timeline->stopped = true;
	timeline->sink.stop(timeline->sink.ctx, timeline->now_ns);
}

/* Records of cpus that the topology does not have cannot be placed anywhere. */
static bool names_known_cpus(const struct timeline *timeline, const struct rota_event *event)
{
	uint16_t aux = event->rec.head.aux;

	switch (event->rec.head.type) {
	case ROTA_REC_SWITCH:
		return event->cpu < timeline->cpu_count;
	case ROTA_REC_WAKEUP:
	case ROTA_REC_MIGRATE:
	case ROTA_REC_OCCUPANT:
	case ROTA_REC_TASK:
	case ROTA_REC_SNAPSHOT:
	case ROTA_REC_HOTPLUG:
	case ROTA_REC_CPUTIME:
	case ROTA_EVENT_GAP:
		return aux < timeline->cpu_count;
	case ROTA_REC_LOST:
		return aux < timeline->cpu_count || aux == ROTA_CPU_NONE;
	default:
		return true;
	}
}

/* What concerns no state goes on as it is. */
static void pass_on(struct timeline *timeline, const struct rota_event *event)
{
	const struct rota_record *head = &event->rec.head;
	const struct thread *thread = NULL;

	switch (head->type) {
	case ROTA_REC_SAMPLE:
	case ROTA_REC_CALL:
	case ROTA_REC_AFFINITY:
	case ROTA_REC_GO:
	case ROTA_REC_GO_RUN:
		thread = thread_find(timeline, head->tid);
		if (!thread)
			return; /* it left, or its TASK record was lost */
		break;
	case ROTA_REC_CALLS: /* told at the end of a round, when the thread may have ended */
	case ROTA_REC_CALLS_SPREAD:
		thread = thread_find(timeline, head->tid);
		break;
	default:
		break;
	}
	timeline->sink.record(timeline->sink.ctx, thread ? &thread->pub : NULL, event);
}

static void feed_rest(struct timeline *timeline, const struct rota_event *event)
{
	const union rota_any_record *rec = &event->rec;

	switch (rec->head.type) {
	case ROTA_REC_LOST:
		feed_lost(timeline, event);
		break;
	case ROTA_EVENT_GAP:
		feed_gap(timeline, rec->head.aux);
		break;
	case ROTA_REC_SYNC:
		feed_sync(timeline, event);
		break;
	case ROTA_REC_UNWATCH:
		feed_unwatch(timeline);
		break;
	case ROTA_REC_HOTPLUG:
		feed_hotplug(timeline, event);
		break;
	case ROTA_REC_START:
		feed_start(timeline);
		break;
	case ROTA_REC_STOP:
		feed_stop(timeline);
		break;
	case ROTA_REC_CPUTIME:
		timeline->sink.cpu_time(timeline->sink.ctx, rec->head.aux, timeline->now_ns, rec->cputime.steal_ns,
					rec->cputime.irq_ns);
		break;
	case ROTA_REC_COST:
		timeline->sink.cost(timeline->sink.ctx, &rec->cost);
		break;
	case ROTA_REC_REASON:
		feed_reason(timeline, &rec->reason);
		break;
	default:
		pass_on(timeline, event);
		break;
	}
}

void timeline_feed(struct timeline *timeline, const struct rota_event *event)
{
	if (!timeline->begun)
		timeline_begin(timeline, event->rec.head.ts_ns);
	if (event->rec.head.ts_ns > timeline->now_ns)
		timeline->now_ns = event->rec.head.ts_ns;
	if (!names_known_cpus(timeline, event))
		return;
	switch (event->rec.head.type) {
	case ROTA_REC_SWITCH:
		feed_switch(timeline, event);
		break;
	case ROTA_REC_WAKEUP:
		feed_wakeup(timeline, event);
		break;
	case ROTA_REC_MIGRATE:
		feed_migrate(timeline, event);
		break;
	case ROTA_REC_OCCUPANT:
		feed_occupant(timeline, event);
		break;
	case ROTA_REC_SNAPSHOT:
		feed_snapshot(timeline, event);
		break;
	case ROTA_REC_TASK:
		feed_task(timeline, event);
		if (timeline->reason.head.tid == event->rec.head.tid)
			timeline->reason.head.tid = 0; /* adopted or not, it is of no later state */
		break;
	case ROTA_REC_NAME:
		feed_name(timeline, event);
		break;
	case ROTA_REC_EXEC:
		feed_exec(timeline, event);
		break;
	case ROTA_REC_LEAVE:
		feed_leave(timeline, event);
		break;
	default:
		feed_rest(timeline, event);
		break;
	}
	if (timeline->stranger_count > TIMELINE_STRANGERS_MAX)
		strangers_trim(timeline);
}

void timeline_progress(struct timeline *timeline, uint64_t ts_ns)
{
	timeline->sink.progress(timeline->sink.ctx, ts_ns);
}

int timeline_finish(struct timeline *timeline, uint64_t ts_ns)
{
	if (ts_ns > timeline->now_ns)
		timeline->now_ns = ts_ns;
	if (!timeline->started)
		return -ENODATA;
	feed_stop(timeline);
	return 0;
}
