/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who is in T, since when and under which name: TASK, NAME, EXEC and LEAVE events in; identity and membership kept. These
 * records may come a little late, so a state they tell counts only for a thread of which no switch or wakeup told better.
 */
#include "timeline/state.h"

#include <string.h>

void thread_set_target(struct timeline *timeline, struct thread *thread, bool target)
{
	bool running;

	if (thread->pub.target == target)
		return;
	if (target) {
		if (!thread->seats)
			stranger_unlink(timeline, thread);
		thread->pub.target = true;
		return;
	}
	running = thread->state == ROTA_RUNNING;
	thread_put(timeline, thread, ROTA_NONE, thread->cpu, 0);
	if (running) {
		struct cpu *cpu = &timeline->cpus[thread->cpu];

		if (cpu->occupancy == ROTA_CPU_TARGET && cpu->thread == thread)
			cpu_leave_to(timeline, cpu, thread);
	}
	thread->unborn = false;
	thread->pub.target = false;
	if (!thread->seats)
		stranger_link(timeline, thread);
}

/* A known thread under this tid that cannot be the one the record means. */
static bool is_another(const struct thread *thread, const struct rota_rec_task *task)
{
	if (thread->pub.start_boottime_ns && task->start_boottime_ns)
		return thread->pub.start_boottime_ns != task->start_boottime_ns;
	/* one without identity is the newborn only if its birth was what brought it here */
	return (task->head.flags & ROTA_TASK_NEW) && !thread->unidentified_birth && !thread->exec_old_tid;
}

static void identify(struct timeline *timeline, struct thread *thread, const struct rota_rec_task *task)
{
	struct rota_thread *pub = &thread->pub;
	struct rota_thread before = *pub;
	bool same;

	thread->unidentified_birth = false;
	pub->tgid = task->tgid;
	if (task->start_boottime_ns)
		pub->start_boottime_ns = task->start_boottime_ns;
	pub->kthread = task->head.flags & ROTA_TASK_KTHREAD;
	pub->worker = task->head.flags & ROTA_TASK_WORKER;
	memset(pub->comm, 0, ROTA_COMM_SIZE);
	memcpy(pub->comm, task->comm, strnlen(task->comm, ROTA_COMM_SIZE - 1));
	same = before.tgid == pub->tgid && before.start_boottime_ns == pub->start_boottime_ns &&
	       before.kthread == pub->kthread && before.worker == pub->worker &&
	       !memcmp(before.comm, pub->comm, ROTA_COMM_SIZE);
	if (!same)
		timeline->sink.thread_changed(timeline->sink.ctx, pub);
}

/* The state a synchronisation or a joining tells, for a thread of which nothing else is known. */
static void adopt_state(struct timeline *timeline, struct thread *thread, const struct rota_rec_task *task)
{
	struct cpu *cpu = &timeline->cpus[task->head.aux];
	uint16_t number = task->head.aux;
	uint8_t state = task->state;

	thread->unborn = false;
	if (state == ROTA_RUNNING) {
		bool free = cpu->occupancy == ROTA_CPU_UNKNOWN || cpu->occupancy == ROTA_CPU_AWAY ||
			    (cpu->occupancy == ROTA_CPU_OTHER && cpu->thread == thread);

		if (!cpu->gap && free) {
			cpu_move(timeline, cpu, ROTA_CPU_TARGET, thread);
			thread_put(timeline, thread, ROTA_RUNNING, number, 0);
			return;
		}
		state = ROTA_UNKNOWN; /* read at another moment than the cpu's occupant: the next event tells */
	} else if (timeline->gaps || state <= ROTA_UNKNOWN || state >= ROTA_STATES) {
		state = ROTA_UNKNOWN;
	}
	if (state == ROTA_BLOCKED && timeline->reason.head.tid == thread->pub.tid)
		thread_move(timeline, thread, state,
			    &(struct move){ .cpu = number,
					    .reason = timeline->reason.reason,
					    .argument = timeline->reason.argument });
	else
		thread_put(timeline, thread, state, number, 0);
}

/* Stands before the TASK record whose BLOCKED it explains. */
void feed_reason(struct timeline *timeline, const struct rota_rec_reason *reason)
{
	timeline->reason = *reason;
}

static void task_of_target(struct timeline *timeline, struct thread *thread, const struct rota_rec_task *task)
{
	uint8_t flags = task->head.flags;

	thread_set_target(timeline, thread, true);
	if (thread->state != ROTA_NONE && thread->state != ROTA_UNKNOWN)
		return;
	if (flags & (ROTA_TASK_SYNC | ROTA_TASK_JOIN)) {
		adopt_state(timeline, thread, task);
		return;
	}
	if (thread->state == ROTA_UNKNOWN)
		return;
	/* Its state begins with the event that follows; where that may be lost, now. */
	if (timeline->gaps)
		thread_put(timeline, thread, ROTA_UNKNOWN, task->head.aux,
			   flags & ROTA_TASK_NEW ? ROTA_TRANSITION_BORN : 0);
}

void feed_task(struct timeline *timeline, const struct rota_event *event)
{
	const struct rota_rec_task *task = &event->rec.task;
	uint32_t tid = task->head.tid;
	struct thread *thread;

	if (!tid)
		return;
	if ((task->head.flags & ROTA_TASK_SYNC) && task->state == ROTA_RUNNING)
		cpu_notice_swap(timeline, &timeline->cpus[task->head.aux], tid);
	thread = thread_find(timeline, tid);
	if (thread && is_another(thread, task)) {
		thread_supersede(timeline, thread);
		thread = NULL;
	}
	if (!thread && (task->head.flags & (ROTA_TASK_SYNC | ROTA_TASK_JOIN)) &&
	    thread_departed(timeline, tid, task->start_boottime_ns))
		return; /* it died while it was being listed */
	if (!thread)
		thread = thread_get(timeline, tid);
	thread->told_ns = timeline->now_ns;
	if (thread->cpu == NO_CPU)
		thread->cpu = task->head.aux;
	identify(timeline, thread, task);
	if ((task->head.flags & ROTA_TASK_NEW) && thread->state == ROTA_NONE)
		thread->unborn = true;
	if (task->head.flags & ROTA_F_TARGET)
		task_of_target(timeline, thread, task);
	else
		thread_set_target(timeline, thread, false);
}

void feed_name(struct timeline *timeline, const struct rota_event *event)
{
	struct thread *thread = thread_find(timeline, event->rec.head.tid);

	if (thread)
		thread_rename(timeline, thread, event->rec.name.comm);
}

void feed_exec(struct timeline *timeline, const struct rota_event *event)
{
	const struct rota_rec_exec *exec = &event->rec.exec;
	struct thread *thread = thread_find(timeline, exec->head.tid);

	if (exec->old_tid && exec->old_tid != exec->head.tid) {
		struct thread *old = thread_find(timeline, exec->old_tid);

		if (thread && thread->exec_old_tid == exec->old_tid) {
			thread->exec_old_tid = 0; /* its switches told already */
		} else if (old && (!old->pub.tgid || old->pub.tgid == exec->head.tid)) {
			thread_swap(timeline, old, exec->head.tid);
			old->exec_old_tid = 0;
			thread = old;
		}
	}
	if (thread)
		thread_rename(timeline, thread, exec->comm);
}

/* `aux` 1: the leader of a process, whose other threads leave with it. One that stays after all is told of by its next record. */
void feed_leave(struct timeline *timeline, const struct rota_event *event)
{
	const struct rota_record *head = &event->rec.head;
	struct thread *thread = thread_find(timeline, head->tid);

	if (thread)
		thread_set_target(timeline, thread, false);
	for (uint32_t i = 0; head->aux == 1 && i < timeline->index_count; i++) {
		thread = timeline->by_index[i];
		if (thread && thread->pub.tgid == head->tid)
			thread_set_target(timeline, thread, false);
	}
}
