/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which cpus are watched, and moves that are made of several: leaving a cpu to a stranger, correcting a belief, ending a
 * thread. The two doors through which every single state changes are in move.h.
 */
#include "timeline/move.h"

bool cpu_watched(const struct timeline *timeline, const struct cpu *cpu)
{
	return timeline->every_switch || cpu->watched || cpu->queued || cpu->ours_beside ||
	       cpu->occupancy == ROTA_CPU_TARGET;
}

void cpu_check_watch(struct timeline *timeline, struct cpu *cpu)
{
	if (cpu->occupancy != ROTA_CPU_OTHER && cpu->occupancy != ROTA_CPU_IDLE)
		return;
	if (!cpu_watched(timeline, cpu))
		cpu_move(timeline, cpu, ROTA_CPU_AWAY, NULL);
}

void thread_move(struct timeline *timeline, struct thread *thread, uint8_t to, const struct move *move)
{
	thread_move_inline(timeline, thread, to, move);
}

void cpu_move(struct timeline *timeline, struct cpu *cpu, uint8_t to, struct thread *thread)
{
	cpu_move_inline(timeline, cpu, to, thread);
}

void cpu_leave_to(struct timeline *timeline, struct cpu *cpu, struct thread *stranger)
{
	/* it does not count for itself: it is about to be left by T */
	bool watched = timeline->every_switch || cpu->queued || cpu->ours_beside;

	if (!watched)
		cpu_move(timeline, cpu, ROTA_CPU_AWAY, NULL);
	else if (stranger)
		cpu_move(timeline, cpu, ROTA_CPU_OTHER, stranger);
	else
		cpu_move(timeline, cpu, ROTA_CPU_IDLE, NULL);
}

void cpu_vacate(struct timeline *timeline, struct cpu *cpu)
{
	struct thread *thread = cpu->thread;

	if (cpu->occupancy == ROTA_CPU_TARGET && thread->state == ROTA_RUNNING)
		thread_put(timeline, thread, ROTA_UNKNOWN, thread->cpu, 0);
}

void thread_recall(struct timeline *timeline, struct thread *thread, const struct cpu *cpu)
{
	struct cpu *other;

	if (thread->state != ROTA_RUNNING || thread->cpu == cpu->number)
		return;
	other = &timeline->cpus[thread->cpu];
	cpu_vacate(timeline, other);
	cpu_move(timeline, other, ROTA_CPU_UNKNOWN, NULL);
	other->gone_tid = thread->pub.tid;
}

void thread_supersede(struct timeline *timeline, struct thread *thread)
{
	uint32_t tgid = thread->pub.tgid;

	/* A thread that runs cannot have ended unseen: exec gave it the tid of a leader that was gone before. */
	if (thread->state == ROTA_RUNNING && tgid && tgid != thread->pub.tid && !thread_find(timeline, tgid))
		thread_swap(timeline, thread, tgid);
	else
		thread_end(timeline, thread);
}

void thread_end(struct timeline *timeline, struct thread *thread)
{
	thread_put(timeline, thread, ROTA_NONE, thread->cpu, ROTA_TRANSITION_DIED);
	for (uint32_t i = 0; thread->seats && i < timeline->cpu_count; i++) {
		if (timeline->cpus[i].thread == thread)
			cpu_move(timeline, &timeline->cpus[i], ROTA_CPU_UNKNOWN, NULL);
	}
	thread_drop(timeline, thread);
}
