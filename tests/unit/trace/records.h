/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Random valid records of every type, made from include/rota/record.h alone, and the comparison of two. Independent of
 * the codec's own tables, so that a wrong entry there shows.
 */
#ifndef TEST_TRACE_RECORDS_H
#define TEST_TRACE_RECORDS_H

#include "rota/transition.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct dice { /* xorshift64*: the same records on every machine */
	uint64_t state;
};

static inline uint64_t dice_roll(struct dice *dice)
{
	dice->state ^= dice->state >> 12;
	dice->state ^= dice->state << 25;
	dice->state ^= dice->state >> 27;
	return dice->state * 0x2545f4914f6cdd1dULL;
}

static inline uint32_t dice_below(struct dice *dice, uint32_t bound)
{
	return (uint32_t)((dice_roll(dice) >> 32) % bound);
}

/* Mostly small, sometimes anything up to `max`: every length of number comes up. */
static inline uint64_t dice_number(struct dice *dice, uint64_t max)
{
	return (dice_roll(dice) >> dice_below(dice, 64)) & max;
}

/* One of `few` tids mostly, else any. */
static inline uint32_t dice_tid(struct dice *dice, uint32_t few)
{
	return dice_below(dice, 16) ? 100 + 7 * dice_below(dice, few) : dice_below(dice, ROTA_TID_MAX);
}

static inline void dice_comm(struct dice *dice, char comm[ROTA_COMM_SIZE])
{
	unsigned int length = dice_below(dice, ROTA_COMM_SIZE);

	for (unsigned int i = 0; i < length; i++)
		comm[i] = (char)(1 + dice_below(dice, 255));
}

static inline uint64_t dice_ts(struct dice *dice, uint64_t last_ns)
{
	switch (dice_below(dice, 64)) {
	case 0:
		return last_ns - dice_below(dice, 100000); /* written in preemptible context: a little late */
	case 1:
		return dice_roll(dice); /* nothing may be assumed */
	case 2:
		return last_ns + dice_number(dice, UINT64_MAX >> 8);
	case 3:
		return last_ns;
	default:
		return last_ns + dice_below(dice, 70000); /* over the edge from two bytes to more */
	}
}

/* Few reasons are most of a real stream, and each is a shape of its own. */
static inline uint32_t random_reason(struct dice *dice)
{
	static const uint32_t flags[] = { 0, 0, 0, ROTA_REASON_COMPAT, ROTA_REASON_WORKER, ROTA_REASON_EXITING };
	uint32_t reason = ROTA_REASON_TOLD | flags[dice_below(dice, sizeof(flags) / sizeof(flags[0]))];

	if (!dice_below(dice, 8))
		return 0;
	reason |= dice_below(dice, 8) ? dice_below(dice, 3) : dice_below(dice, ROTA_REASON_SYSCALL_MASK + 1);
	return reason | (dice_below(dice, 4) ? 0 : dice_below(dice, ROTA_FD_KINDS) << ROTA_REASON_FD_KIND_SHIFT);
}

static inline uint64_t random_argument(struct dice *dice)
{
	return dice_below(dice, 2) ? 0x7ffff7d00000ULL + 8 * dice_below(dice, 32) : dice_number(dice, UINT64_MAX);
}

static inline void random_switch(struct dice *dice, uint32_t few, struct rota_rec_switch *record)
{
	record->head.flags = (uint8_t)(dice_roll(dice) & ~(uint64_t)ROTA_SWITCH_OUT_MASK);
	record->head.flags |= (uint8_t)(dice_below(dice, ROTA_OUT_DEAD + 1) << ROTA_SWITCH_OUT_SHIFT);
	if (dice_below(dice, 8)) /* a few kinds are most of a real stream */
		record->head.flags = ROTA_SWITCH_PREV_TARGET;
	record->head.aux = (uint16_t)(dice_below(dice, 8) ? dice_below(dice, 3) : dice_roll(dice));
	record->next_tid = dice_below(dice, 4) ? dice_tid(dice, few) : 0;
	if ((record->head.flags & (ROTA_SWITCH_OUT_MASK | ROTA_SWITCH_PREV_TARGET)) == ROTA_SWITCH_PREV_TARGET) {
		record->reason = random_reason(dice); /* it blocked (ROTA_OUT_BLOCKED is 0) */
		record->argument = record->reason && dice_below(dice, 2) ? random_argument(dice) : 0;
	}
}

static inline void random_wakeup(struct dice *dice, uint32_t few, struct rota_rec_wakeup *record)
{
	record->head.flags = (uint8_t)dice_below(dice, 0x40);
	record->waker_tid = dice_below(dice, 3) ? dice_tid(dice, few) : 0;
	record->occupant_tid = dice_below(dice, 3) ? dice_tid(dice, few) : 0;
	record->waking_delay_ns = (uint32_t)dice_number(dice, UINT32_MAX);
}

static inline void random_task(struct dice *dice, uint32_t few, struct rota_rec_task *record)
{
	record->head.flags = (uint8_t)dice_below(dice, 0x40);
	record->tgid = dice_tid(dice, few);
	record->parent_tid = dice_tid(dice, few);
	record->start_boottime_ns = dice_roll(dice);
	record->state = (uint8_t)dice_below(dice, ROTA_STATES);
	dice_comm(dice, record->comm);
}

static inline void random_text(struct dice *dice, struct rota_rec_text *record)
{
	record->head.flags = 0;
	record->head.aux = (uint16_t)dice_below(dice, ROTA_TEXT_SIZE + 1);
	record->id = (uint32_t)dice_number(dice, UINT32_MAX);
	for (unsigned int i = 0; i < record->head.aux; i++)
		record->text[i] = (char)(1 + dice_below(dice, 255));
}

static inline void random_quota(struct dice *dice, struct rota_rec_quota *record)
{
	record->head.flags = 0;
	record->head.aux = (uint16_t)dice_roll(dice);
	record->quota_ns = dice_number(dice, UINT64_MAX);
	record->period_ns = dice_number(dice, UINT64_MAX);
	record->periods = dice_number(dice, UINT64_MAX);
	record->throttled_periods = dice_number(dice, UINT64_MAX);
	record->throttled_ns = dice_number(dice, UINT64_MAX);
}

static inline void random_stack(struct dice *dice, struct rota_rec_stack *record)
{
	record->head.flags = 0;
	record->head.aux = (uint16_t)dice_below(dice, ROTA_STACK_FRAMES + 1);
	record->id = (uint32_t)dice_number(dice, UINT32_MAX);
	record->first = (uint32_t)dice_number(dice, UINT32_MAX);
	for (unsigned int i = 0; i < record->head.aux; i++)
		record->frames[i] = dice_number(dice, UINT64_MAX);
}

static inline void random_symbol(struct dice *dice, struct rota_rec_symbol *record)
{
	record->head.flags = 0;
	record->address = dice_number(dice, UINT64_MAX);
	record->offset = dice_number(dice, UINT64_MAX);
	record->name = (uint32_t)dice_number(dice, UINT32_MAX);
	record->module = (uint32_t)dice_number(dice, UINT32_MAX);
}

static inline void random_calls(struct dice *dice, struct rota_rec_calls *record)
{
	record->head.flags = (uint8_t)dice_below(dice, 16);
	record->count = dice_number(dice, UINT64_MAX);
	record->total_ns = dice_number(dice, UINT64_MAX);
	record->cpu_ns = dice_number(dice, UINT64_MAX);
	record->max_ns = dice_number(dice, UINT64_MAX);
}

/* What user space tells of a runtime: the tables and counts of a process. */
static inline bool random_runtime(struct dice *dice, uint8_t type, union rota_any_record *next)
{
	struct rota_record *head = &next->head;

	head->flags = 0;
	switch (type) {
	case ROTA_REC_RUNTIME:
		head->flags = (uint8_t)(dice_below(dice, 32) << 1);
		head->aux = dice_below(dice, 2) ? ROTA_RUNTIME_GO : 0;
		next->runtime.version = (uint32_t)dice_number(dice, UINT32_MAX);
		next->runtime.note = (uint32_t)dice_number(dice, UINT32_MAX);
		next->runtime.gomaxprocs = (uint32_t)dice_number(dice, UINT32_MAX);
		next->runtime.environment = (uint32_t)dice_number(dice, UINT32_MAX);
		next->runtime.tier = (uint32_t)dice_number(dice, UINT32_MAX);
		next->runtime.setter = (uint32_t)dice_number(dice, UINT32_MAX);
		return true;
	case ROTA_REC_GO_TOTALS:
		head->aux = (uint16_t)dice_roll(dice);
		next->go_totals.mutex_wait_ns = dice_number(dice, UINT64_MAX);
		next->go_totals.gc_cycles = dice_number(dice, UINT64_MAX);
		next->go_totals.gc_assist_ns = dice_number(dice, UINT64_MAX);
		return true;
	case ROTA_REC_GO_LATENCY:
		head->aux = (uint16_t)dice_roll(dice);
		next->go_latency.upper_ns = dice_number(dice, UINT64_MAX);
		next->go_latency.count = dice_number(dice, UINT64_MAX);
		return true;
	case ROTA_REC_GOROUTINE:
		head->aux = (uint16_t)dice_roll(dice);
		head->flags = dice_below(dice, 2) ? ROTA_GOROUTINE_SYSTEM : 0;
		next->goroutine.goid = dice_number(dice, UINT64_MAX);
		next->goroutine.start = (uint32_t)dice_number(dice, UINT32_MAX);
		return true;
	case ROTA_REC_GO_REASON:
		head->aux = (uint16_t)dice_below(dice, 256);
		next->go_reason.name = (uint32_t)dice_number(dice, UINT32_MAX);
		return true;
	case ROTA_REC_GO_POPULATION:
		head->aux = (uint16_t)dice_below(dice, 256);
		next->go_population.reason = (uint32_t)dice_number(dice, UINT32_MAX);
		next->go_population.count = dice_number(dice, UINT64_MAX);
		return true;
	default:
		return false;
	}
}

static inline void random_census(struct dice *dice, struct rota_rec_go_census *record)
{
	record->head.flags = (uint8_t)(dice_below(dice, 4) << 1);
	record->head.aux = (uint16_t)dice_roll(dice);
	record->goroutines = (uint32_t)dice_number(dice, UINT32_MAX);
	record->system = (uint32_t)dice_number(dice, UINT32_MAX);
	record->runnable = (uint32_t)dice_number(dice, UINT32_MAX);
	record->running = (uint32_t)dice_number(dice, UINT32_MAX);
	record->in_syscall = (uint32_t)dice_number(dice, UINT32_MAX);
	record->p_idle = (uint16_t)dice_number(dice, UINT16_MAX);
	record->p_running = (uint16_t)dice_number(dice, UINT16_MAX);
	record->p_syscall = (uint16_t)dice_number(dice, UINT16_MAX);
	record->p_stopped = (uint16_t)dice_number(dice, UINT16_MAX);
	record->m_count = (uint16_t)dice_number(dice, UINT16_MAX);
	record->m_idle = (uint16_t)dice_number(dice, UINT16_MAX);
	record->m_spinning = (uint16_t)dice_number(dice, UINT16_MAX);
	record->m_locked = (uint16_t)dice_number(dice, UINT16_MAX);
}

/* Of threads that a runtime's goroutines run on; false for the other types. What is not kept in a trace is 0. */
static inline bool random_go(struct dice *dice, uint8_t type, union rota_any_record *next)
{
	switch (type) {
	case ROTA_REC_GO:
		next->head.flags = (uint8_t)dice_roll(dice);
		next->head.aux = (uint16_t)(dice_below(dice, 8) ? dice_below(dice, 9) : dice_roll(dice));
		next->go.goid = dice_number(dice, UINT64_MAX);
		next->go.state = (uint32_t)dice_number(dice, UINT32_MAX);
		return true;
	case ROTA_REC_GO_RUN:
		next->head.aux = (uint16_t)dice_below(dice, 9);
		next->go_run.goid = dice_number(dice, UINT64_MAX);
		return true;
	case ROTA_REC_GO_CENSUS:
		random_census(dice, &next->go_census);
		return true;
	default:
		return type > ROTA_REC_GO_RUN && random_runtime(dice, type, next);
	}
}

/* The records that tell of something else than states; false for the others. */
static inline bool random_tale(struct dice *dice, uint8_t type, union rota_any_record *next)
{
	struct rota_record *head = &next->head;

	switch (type) {
	case ROTA_REC_REASON:
		next->reason.reason = random_reason(dice);
		next->reason.argument = random_argument(dice);
		break;
	case ROTA_REC_SAMPLE:
		head->flags = (uint8_t)dice_below(dice, 8);
		next->sample.stack = (uint32_t)dice_number(dice, UINT32_MAX);
		break;
	case ROTA_REC_CALL:
		head->flags = (uint8_t)dice_below(dice, 4);
		head->aux = (uint16_t)dice_below(dice, ROTA_REASON_SYSCALL_MASK + 1);
		next->call.duration_ns = dice_number(dice, UINT64_MAX);
		break;
	case ROTA_REC_TEXT:
		random_text(dice, &next->text);
		break;
	case ROTA_REC_CGROUP:
		head->flags = dice_below(dice, 2) ? ROTA_CGROUP_V1 : 0;
		next->cgroup.path = (uint32_t)dice_number(dice, UINT32_MAX);
		break;
	case ROTA_REC_QUOTA:
		random_quota(dice, &next->quota);
		break;
	case ROTA_REC_CPUSET:
		head->flags = 0;
		next->cpuset.first = 64 * dice_below(dice, ROTA_CPU_MAX / 64);
		next->cpuset.mask = dice_number(dice, UINT64_MAX);
		break;
	case ROTA_REC_AFFINITY:
		head->aux = (uint16_t)dice_roll(dice);
		break;
	case ROTA_REC_STACK:
		random_stack(dice, &next->stack);
		break;
	case ROTA_REC_SYMBOL:
		random_symbol(dice, &next->symbol);
		break;
	case ROTA_REC_CALLS:
		head->aux = (uint16_t)dice_below(dice, ROTA_REASON_SYSCALL_MASK + 1);
		random_calls(dice, &next->calls);
		break;
	case ROTA_REC_CALLS_SPREAD:
		head->flags = (uint8_t)dice_below(dice, 4);
		head->aux = (uint16_t)dice_below(dice, ROTA_REASON_SYSCALL_MASK + 1);
		next->calls_spread.bucket = (uint32_t)dice_number(dice, UINT32_MAX);
		next->calls_spread.count = dice_number(dice, UINT64_MAX);
		break;
	default:
		return random_go(dice, type, next);
	}
	return true;
}

/* A record of `type` after *last, which becomes it. Unused bytes are zero. */
static inline void random_record(struct dice *dice, uint8_t type, uint32_t few, uint16_t own_cpu,
				 union rota_any_record *last)
{
	union rota_any_record next;
	struct rota_record *head = &next.head;
	uint16_t some_cpu = (uint16_t)(dice_below(dice, 4) ? own_cpu : dice_below(dice, ROTA_CPU_MAX));

	if (some_cpu >= ROTA_CPU_MAX)
		some_cpu = 0;
	memset(&next, 0, sizeof(next));
	head->ts_ns = dice_ts(dice, last->head.ts_ns);
	head->type = type;
	head->aux = some_cpu;
	head->tid = dice_tid(dice, few);
	head->flags = (uint8_t)dice_below(dice, 2);
	switch (type) {
	case ROTA_REC_SWITCH:
		if (last->head.type == ROTA_REC_SWITCH && dice_below(dice, 8))
			head->tid = last->sw.next_tid;
		random_switch(dice, few, &next.sw);
		break;
	case ROTA_REC_WAKEUP:
		random_wakeup(dice, few, &next.wakeup);
		break;
	case ROTA_REC_MIGRATE:
		next.migrate.occupant_tid = dice_tid(dice, few);
		next.migrate.from_cpu = dice_below(dice, ROTA_CPU_MAX);
		break;
	case ROTA_REC_TASK:
		random_task(dice, few, &next.task);
		break;
	case ROTA_REC_NAME:
		dice_comm(dice, next.name.comm);
		break;
	case ROTA_REC_EXEC:
		next.exec.old_tid = dice_tid(dice, few);
		dice_comm(dice, next.exec.comm);
		break;
	case ROTA_REC_SNAPSHOT:
		head->flags = (uint8_t)dice_below(dice, 4);
		next.snapshot.target_ns = dice_number(dice, UINT64_MAX);
		next.snapshot.other_ns = dice_number(dice, UINT64_MAX);
		next.snapshot.idle_ns = dice_number(dice, UINT64_MAX);
		break;
	case ROTA_REC_LOST:
		head->flags = 0;
		head->aux = dice_below(dice, 2) ? ROTA_CPU_NONE : some_cpu;
		next.lost.count = dice_number(dice, UINT64_MAX);
		break;
	case ROTA_REC_START:
	case ROTA_REC_STOP:
	case ROTA_REC_UNWATCH:
		head->flags = 0;
		break;
	case ROTA_REC_SYNC:
		head->flags = dice_below(dice, 2) ? ROTA_SYNC_BEGIN : ROTA_SYNC_END;
		break;
	case ROTA_REC_HOTPLUG:
		head->flags = dice_below(dice, 2) ? ROTA_HOTPLUG_ONLINE : 0;
		break;
	case ROTA_REC_CPUTIME:
		head->flags = 0;
		next.cputime.steal_ns = dice_number(dice, UINT64_MAX);
		next.cputime.irq_ns = dice_number(dice, UINT64_MAX);
		break;
	case ROTA_REC_COST:
		head->flags = 0;
		head->aux = (uint16_t)dice_below(dice, 3);
		next.cost.bpf_ns = dice_number(dice, UINT64_MAX);
		next.cost.user_ns = dice_number(dice, UINT64_MAX);
		break;
	default: /* OCCUPANT, LEAVE: nothing but the head */
		random_tale(dice, type, &next);
		break;
	}
	*last = next;
}

/* Bytes of each type by hand from include/rota/record.h. */
static inline size_t size_by_hand(uint8_t type)
{
	static const uint8_t sizes[ROTA_REC_TYPES] = {
		[ROTA_REC_SWITCH] = 32,    [ROTA_REC_WAKEUP] = 32,        [ROTA_REC_MIGRATE] = 24,
		[ROTA_REC_OCCUPANT] = 16,  [ROTA_REC_TASK] = 56,          [ROTA_REC_NAME] = 32,
		[ROTA_REC_EXEC] = 40,      [ROTA_REC_LEAVE] = 16,         [ROTA_REC_SNAPSHOT] = 40,
		[ROTA_REC_LOST] = 24,      [ROTA_REC_START] = 16,         [ROTA_REC_STOP] = 16,
		[ROTA_REC_SYNC] = 16,      [ROTA_REC_HOTPLUG] = 16,       [ROTA_REC_CPUTIME] = 32,
		[ROTA_REC_COST] = 32,      [ROTA_REC_UNWATCH] = 16,       [ROTA_REC_REASON] = 32,
		[ROTA_REC_SAMPLE] = 24,    [ROTA_REC_CALL] = 24,          [ROTA_REC_TEXT] = 56,
		[ROTA_REC_CGROUP] = 24,    [ROTA_REC_QUOTA] = 56,         [ROTA_REC_CPUSET] = 32,
		[ROTA_REC_AFFINITY] = 16,  [ROTA_REC_STACK] = 56,         [ROTA_REC_SYMBOL] = 40,
		[ROTA_REC_CALLS] = 48,     [ROTA_REC_CALLS_SPREAD] = 32,  [ROTA_REC_GO] = 40,
		[ROTA_REC_GO_RUN] = 40,    [ROTA_REC_RUNTIME] = 40,       [ROTA_REC_GO_CENSUS] = 56,
		[ROTA_REC_GO_TOTALS] = 40, [ROTA_REC_GO_LATENCY] = 32,    [ROTA_REC_GOROUTINE] = 32,
		[ROTA_REC_GO_REASON] = 24, [ROTA_REC_GO_POPULATION] = 32,
	};

	return sizes[type];
}

#endif
