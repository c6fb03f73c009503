/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The two doors through which states change: thread_move() for threads, cpu_move() for cpus. They tell the sink, keep each
 * thread's and each cpu's history gapless, and keep what the kernel's watched rule looks at (docs/architecture.md): how
 * many of T are queued on a cpu, how many of its siblings run T. They decide nothing; the callers do. In a header so that
 * the few callers that every switch passes (run.c) have them inline.
 */
#ifndef ROTA_TIMELINE_MOVE_H
#define ROTA_TIMELINE_MOVE_H

#include "timeline/state.h"

static inline bool is_queued(uint8_t state)
{
	return state == ROTA_RUNNABLE || state == ROTA_THROTTLED;
}

static inline void thread_move_inline(struct timeline *timeline, struct thread *thread, uint8_t to,
				      const struct move *move)
{
	uint8_t from = thread->state;
	uint16_t from_cpu = thread->cpu;
	struct rota_thread_transition transition;

	if (from == to)
		return;
	transition = (struct rota_thread_transition){
		.thread = &thread->pub,
		.since_ns = from == ROTA_NONE ? timeline->now_ns : thread->since_ns,
		.ts_ns = timeline->now_ns,
		.from = from,
		.to = to,
		.cause = move->cause,
		.flags = move->flags,
		.cpu = move->cpu,
		.raw_state = move->raw_state,
		.reason = move->reason,
		.argument = move->argument,
		.waker = move->waker,
	};
	if (is_queued(to))
		timeline->cpus[move->cpu].queued++;
	thread->state = to;
	thread->since_ns = timeline->now_ns;
	thread->cpu = move->cpu;
	timeline->sink.thread(timeline->sink.ctx, &transition);
	if (is_queued(from)) {
		struct cpu *cpu = &timeline->cpus[from_cpu];

		if (!--cpu->queued)
			cpu_check_watch(timeline, cpu);
	}
}

static inline void cpu_move_inline(struct timeline *timeline, struct cpu *cpu, uint8_t to, struct thread *thread)
{
	uint8_t from = cpu->occupancy;
	struct thread *from_thread = cpu->thread;
	struct rota_cpu_transition transition;

	if (from == to && from_thread == thread)
		return;
	transition = (struct rota_cpu_transition){
		.since_ns = cpu->since_ns,
		.ts_ns = timeline->now_ns,
		.cpu = cpu->number,
		.from = from,
		.to = to,
		.from_thread = from_thread ? &from_thread->pub : NULL,
		.thread = thread ? &thread->pub : NULL,
	};
	cpu->occupancy = to;
	cpu->thread = thread;
	cpu->since_ns = timeline->now_ns;
	if (thread)
		thread_seat(timeline, thread);
	timeline->sink.cpu(timeline->sink.ctx, &transition);
	if (from_thread)
		thread_unseat(timeline, from_thread);
	if ((from == ROTA_CPU_TARGET) == (to == ROTA_CPU_TARGET))
		return;
	for (uint32_t i = 0; i < cpu->sibling_count; i++) {
		struct cpu *sibling = &timeline->cpus[cpu->siblings[i]];

		sibling->ours_beside += to == ROTA_CPU_TARGET ? 1U : -1U;
		if (!sibling->ours_beside)
			cpu_check_watch(timeline, sibling);
	}
}

#endif
