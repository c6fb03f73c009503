/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who runs where: SWITCH, WAKEUP, MIGRATE, OCCUPANT and SNAPSHOT events in, moves of threads and cpus out. An event that
 * contradicts what was believed is right, and what was believed is corrected at the event's own time, never backwards.
 * While any cpu is in a gap only one thing is believed: a thread RUNNING on a cpu that is in none.
 */
#include "timeline/move.h"

#include <string.h>

/* --- SWITCH ---------------------------------------------------------------------------------------------------- */

/*
 * A thread that is believed RUNNING on another cpu is moved between queues or arrives here: it may be the dying leader, under
 * the tid that exec took from the thread that does run.
 */
static void notice_swap_elsewhere(struct timeline *timeline, uint32_t tid, uint32_t cpu)
{
	struct thread *thread = thread_find(timeline, tid), *leader;

	if (!thread || thread->state != ROTA_RUNNING || thread->cpu == cpu || !thread->pub.tgid ||
	    thread->pub.tgid == tid)
		return;
	leader = thread_find(timeline, thread->pub.tgid);
	if (leader && leader != thread && (leader->state == ROTA_RUNNABLE || leader->state == ROTA_THROTTLED))
		thread_swap(timeline, thread, thread->pub.tgid);
}

static void leave_cpu(struct timeline *timeline, struct thread *thread, const struct cpu *cpu,
		      const struct rota_rec_switch *sw)
{
	const struct rota_record *head = &sw->head;
	struct move move = { .cpu = (uint16_t)cpu->number };
	unsigned int out = (head->flags & ROTA_SWITCH_OUT_MASK) >> ROTA_SWITCH_OUT_SHIFT;
	uint8_t to;

	move.flags = head->flags & ROTA_SWITCH_INVOLUNTARY ? ROTA_TRANSITION_INVOLUNTARY : ROTA_TRANSITION_VOLUNTARY;
	switch (out) {
	case ROTA_OUT_DEAD:
		move.flags |= ROTA_TRANSITION_DIED;
		to = ROTA_NONE;
		break;
	case ROTA_OUT_PREEMPTED:
	case ROTA_OUT_YIELDED:
		to = head->flags & ROTA_SWITCH_THROTTLED ? ROTA_THROTTLED : ROTA_RUNNABLE;
		move.cause = out == ROTA_OUT_YIELDED ? ROTA_CAUSE_YIELDED : ROTA_CAUSE_PREEMPTED;
		break;
	case ROTA_OUT_STOPPED:
		to = ROTA_STOPPED;
		move.raw_state = head->aux;
		break;
	default:
		to = ROTA_BLOCKED;
		move.raw_state = head->aux;
		move.reason = sw->reason;
		move.argument = sw->argument;
		if (head->flags & ROTA_SWITCH_IOWAIT)
			move.flags |= ROTA_TRANSITION_IOWAIT;
		break;
	}
	if (timeline->gaps && to != ROTA_NONE) { /* what becomes of it may be recorded where records are lost */
		to = ROTA_UNKNOWN;
		move.cause = ROTA_CAUSE_UNKNOWN;
		move.raw_state = 0;
		move.reason = 0;
		move.argument = 0;
		move.flags &= (uint8_t)~ROTA_TRANSITION_IOWAIT;
	}
	thread_move_inline(timeline, thread, to, &move);
}

/* Who left, as a thread of the table with its membership as the record says; NULL for idle. */
static struct thread *resolve_leaver(struct timeline *timeline, struct cpu *cpu, const struct rota_record *head)
{
	struct thread *thread;

	if (!head->tid)
		return NULL;
	cpu_notice_swap(timeline, cpu, head->tid);
	thread = thread_get(timeline, head->tid);
	thread_set_target(timeline, thread, head->flags & ROTA_SWITCH_PREV_TARGET);
	return thread;
}

static struct thread *resolve_comer(struct timeline *timeline, const struct cpu *cpu, uint32_t tid, bool target)
{
	struct thread *thread;

	if (!tid)
		return NULL;
	if (target)
		notice_swap_elsewhere(timeline, tid, cpu->number);
	thread = thread_get(timeline, tid);
	thread_set_target(timeline, thread, target);
	return thread;
}

/* A thread of T leaves `cpu`; makes up for what was not seen before. */
static void thread_leaves(struct timeline *timeline, struct thread *thread, struct cpu *cpu,
			  const struct rota_rec_switch *sw)
{
	if (thread->state != ROTA_RUNNING || thread->cpu != cpu->number) {
		thread_recall(timeline, thread, cpu);
		cpu_move(timeline, cpu, ROTA_CPU_TARGET, thread);
		thread_put(timeline, thread, ROTA_RUNNING, (uint16_t)cpu->number,
			   thread->unborn ? ROTA_TRANSITION_BORN : 0);
		thread->unborn = false;
	}
	leave_cpu(timeline, thread, cpu, sw);
}

/* Before a thread of T comes onto `cpu`: it must have been waiting somewhere. */
static void thread_before_arrival(struct timeline *timeline, struct thread *thread, const struct cpu *cpu)
{
	thread_recall(timeline, thread, cpu);
	if (thread->state == ROTA_BLOCKED || thread->state == ROTA_STOPPED)
		thread_move(timeline, thread, ROTA_RUNNABLE, &(struct move){ .cpu = (uint16_t)cpu->number });
}

/* In a gap of this cpu a switch tells who existed and who died, but not who is there a moment later. */
static void switch_in_gap(struct timeline *timeline, struct cpu *cpu, const struct rota_event *event)
{
	const struct rota_rec_switch *sw = &event->rec.sw;
	bool died = (sw->head.flags & ROTA_SWITCH_OUT_MASK) >> ROTA_SWITCH_OUT_SHIFT == ROTA_OUT_DEAD;
	struct thread *leaver = resolve_leaver(timeline, cpu, &sw->head);
	struct thread *comer = resolve_comer(timeline, cpu, sw->next_tid, sw->head.flags & ROTA_SWITCH_NEXT_TARGET);

	if (comer && comer->pub.target && comer->state == ROTA_NONE)
		thread_put(timeline, comer, ROTA_UNKNOWN, (uint16_t)cpu->number,
			   comer->unborn ? ROTA_TRANSITION_BORN : 0);
	if (comer)
		comer->unborn = false;
	if (leaver && leaver->pub.target && leaver->state == ROTA_NONE)
		thread_put(timeline, leaver, ROTA_UNKNOWN, (uint16_t)cpu->number, 0);
	if (leaver && leaver != comer && died)
		thread_end(timeline, leaver);
}

void feed_switch(struct timeline *timeline, const struct rota_event *event)
{
	const struct rota_rec_switch *sw = &event->rec.sw;
	struct cpu *cpu = &timeline->cpus[event->cpu];
	struct thread *leaver, *comer;
	uint32_t gone_tid = cpu->gone_tid;
	bool died;

	cpu_set_online(timeline, cpu);
	cpu->gone_tid = 0;
	if (cpu->gap) {
		switch_in_gap(timeline, cpu, event);
		return;
	}
	leaver = resolve_leaver(timeline, cpu, &sw->head);
	comer = resolve_comer(timeline, cpu, sw->next_tid, sw->head.flags & ROTA_SWITCH_NEXT_TARGET);
	if (cpu->thread != leaver)
		cpu_vacate(timeline, cpu);
	died = leaver && leaver != comer &&
	       (sw->head.flags & ROTA_SWITCH_OUT_MASK) >> ROTA_SWITCH_OUT_SHIFT == ROTA_OUT_DEAD;
	if (leaver && leaver->pub.target) {
		/* seen elsewhere already, this is the overdue record of how it left */
		bool overdue =
			gone_tid == leaver->pub.tid && cpu->thread != leaver && leaver->state != ROTA_UNKNOWN && !died;

		if (!overdue && leaver != comer)
			thread_leaves(timeline, leaver, cpu, sw);
	}
	if (comer && comer->pub.target) {
		uint8_t flags = ROTA_TRANSITION_SWITCH_IN;

		thread_before_arrival(timeline, comer, cpu);
		cpu_move_inline(timeline, cpu, ROTA_CPU_TARGET, comer);
		if (comer->state == ROTA_NONE && comer->unborn)
			flags |= ROTA_TRANSITION_BORN;
		thread_move_inline(timeline, comer, ROTA_RUNNING,
				   &(struct move){ .cpu = (uint16_t)cpu->number, .flags = flags });
	} else {
		cpu_leave_to(timeline, cpu, comer);
	}
	if (comer)
		comer->unborn = false;
	cpu->last_prev_tid = sw->head.tid;
	cpu->last_next_tid = sw->next_tid;
	cpu->last_switch_ns = timeline->now_ns;
	if (died)
		thread_end(timeline, leaver);
}

/* --- who occupies a cpu ---------------------------------------------------------------------------------------- */

static void occupy_by_target(struct timeline *timeline, struct cpu *cpu, struct thread *thread)
{
	if (thread->state == ROTA_RUNNING && thread->cpu != cpu->number)
		return; /* two cpus claim it: the one that saw the switch is right */
	cpu_vacate(timeline, cpu);
	if (thread->state == ROTA_BLOCKED || thread->state == ROTA_STOPPED)
		thread_move(timeline, thread, ROTA_RUNNABLE, &(struct move){ .cpu = (uint16_t)cpu->number });
	cpu_move(timeline, cpu, ROTA_CPU_TARGET, thread);
	thread->unborn = false;
	thread_put(timeline, thread, ROTA_RUNNING, (uint16_t)cpu->number, 0);
}

/* `tid` was on this cpu just now. The cpu is in no gap. */
static void cpu_establish(struct timeline *timeline, struct cpu *cpu, uint32_t tid, bool target)
{
	struct thread *thread = tid ? thread_get(timeline, tid) : NULL;

	if (thread)
		thread_set_target(timeline, thread, target);
	if (thread && target) {
		occupy_by_target(timeline, cpu, thread);
		return;
	}
	cpu_vacate(timeline, cpu);
	cpu_leave_to(timeline, cpu, thread);
}

/* Another cpu says who is on `cpu`, which it read without a lock: only good where nothing better is known. */
static void cpu_told(struct timeline *timeline, struct cpu *cpu, uint32_t tid)
{
	const struct thread *thread;

	if (cpu->gap)
		return;
	if (cpu->occupancy == ROTA_CPU_UNKNOWN && tid)
		return; /* it may be of T, joined or born in the gap: only a record with flags tells */
	if (cpu->occupancy != ROTA_CPU_UNKNOWN && cpu->occupancy != ROTA_CPU_AWAY)
		return;
	if (cpu->last_switch_ns && tid == cpu->last_prev_tid && tid != cpu->last_next_tid &&
	    timeline->now_ns - cpu->last_switch_ns <= TIMELINE_RACE_NS)
		tid = cpu->last_next_tid; /* read just before that switch */
	thread = tid ? thread_find(timeline, tid) : NULL;
	if (thread && thread->pub.target)
		return; /* it is leaving or about to come: the switch will tell */
	cpu_establish(timeline, cpu, tid, false);
}

void feed_occupant(struct timeline *timeline, const struct rota_event *event)
{
	const struct rota_record *head = &event->rec.head;
	struct cpu *cpu = &timeline->cpus[head->aux];

	if (cpu->occupancy == ROTA_CPU_UNKNOWN && !cpu->gap)
		cpu_establish(timeline, cpu, head->tid, head->flags & ROTA_F_TARGET);
	else
		cpu_told(timeline, cpu, head->tid);
}

static void snapshot_share(struct timeline *timeline, struct cpu *cpu, const struct rota_rec_snapshot *snapshot)
{
	bool grows = snapshot->target_ns >= cpu->target_ns && snapshot->other_ns >= cpu->other_ns &&
		     snapshot->idle_ns >= cpu->idle_ns;

	if (cpu->share_valid && grows) {
		struct rota_cpu_share share = {
			.cpu = cpu->number,
			.since_ns = cpu->share_ns,
			.ts_ns = timeline->now_ns,
			.target_ns = snapshot->target_ns - cpu->target_ns,
			.other_ns = snapshot->other_ns - cpu->other_ns,
			.idle_ns = snapshot->idle_ns - cpu->idle_ns,
		};
		timeline->sink.cpu_share(timeline->sink.ctx, &share);
	}
	cpu->share_valid = true;
	cpu->share_ns = timeline->now_ns;
	cpu->target_ns = snapshot->target_ns;
	cpu->other_ns = snapshot->other_ns;
	cpu->idle_ns = snapshot->idle_ns;
}

void feed_snapshot(struct timeline *timeline, const struct rota_event *event)
{
	const struct rota_rec_snapshot *snapshot = &event->rec.snapshot;
	struct cpu *cpu = &timeline->cpus[snapshot->head.aux];
	uint32_t tid = snapshot->head.tid;

	cpu_set_online(timeline, cpu);
	if (cpu->gap)
		return;
	snapshot_share(timeline, cpu, snapshot);
	if (snapshot->head.flags & ROTA_SNAPSHOT_WATCHED)
		cpu->watched = true;
	if (tid)
		cpu_notice_swap(timeline, cpu, tid);
	if (tid && cpu->occupancy == ROTA_CPU_TARGET && cpu->thread->pub.tid == tid &&
	    (snapshot->head.flags & ROTA_F_TARGET))
		return;
	cpu_establish(timeline, cpu, tid, snapshot->head.flags & ROTA_F_TARGET);
}

/* --- queues ---------------------------------------------------------------------------------------------------- */

/* A new thread's first wakeup; whoever had its tid before has died unseen. */
static struct thread *resolve_newborn(struct timeline *timeline, uint32_t tid)
{
	struct thread *thread = thread_find(timeline, tid);

	if (thread && !thread->unborn && (thread->state != ROTA_NONE || !thread->pub.target)) {
		if (thread->state == ROTA_UNKNOWN && thread->told_ns + TIMELINE_SKEW_NS >= timeline->now_ns)
			return thread; /* it was born in a gap and listed before this wakeup */
		thread_supersede(timeline, thread);
		thread = NULL;
	}
	if (!thread) {
		thread = thread_get(timeline, tid);
		thread->unidentified_birth = true;
	}
	thread->unborn = thread->state == ROTA_NONE;
	return thread;
}

static void wakeup_enqueues(struct timeline *timeline, struct thread *thread, const struct rota_rec_wakeup *wakeup)
{
	uint8_t flags = wakeup->head.flags;
	struct move move = {
		.cpu = wakeup->head.aux,
		.cause = flags & ROTA_WAKEUP_NEW ? ROTA_CAUSE_NEW : ROTA_CAUSE_WAKEUP,
		.flags = thread->unborn && thread->state == ROTA_NONE ? ROTA_TRANSITION_BORN : 0,
	};

	if (flags & ROTA_WAKEUP_HAS_WAKER) {
		move.waker.known = true;
		move.waker.interrupt = flags & ROTA_WAKEUP_IRQ;
		move.waker.tid = wakeup->waker_tid;
		move.waker.delay_ns = wakeup->waking_delay_ns;
	}
	thread->unborn = false;
	if (timeline->gaps) {
		thread_put(timeline, thread, ROTA_UNKNOWN, move.cpu, move.flags);
		return;
	}
	thread_move_inline(timeline, thread, flags & ROTA_WAKEUP_THROTTLED ? ROTA_THROTTLED : ROTA_RUNNABLE, &move);
}

void feed_wakeup(struct timeline *timeline, const struct rota_event *event)
{
	const struct rota_rec_wakeup *wakeup = &event->rec.wakeup;
	struct cpu *cpu = &timeline->cpus[wakeup->head.aux];
	bool occupied = wakeup->head.flags & ROTA_WAKEUP_OCCUPIED;
	bool target = wakeup->head.flags & ROTA_F_TARGET;
	struct thread *thread;

	if (!wakeup->head.tid)
		return;
	if (occupied && wakeup->occupant_tid == wakeup->head.tid)
		cpu_notice_swap(timeline, cpu, wakeup->head.tid);
	thread = wakeup->head.flags & ROTA_WAKEUP_NEW && target ? resolve_newborn(timeline, wakeup->head.tid)
								: thread_get(timeline, wakeup->head.tid);
	thread_set_target(timeline, thread, target);
	if (!target)
		return;
	if (occupied && wakeup->occupant_tid == wakeup->head.tid) { /* it was running: nothing came of the wakeup */
		if (thread->state == ROTA_UNKNOWN || thread->state == ROTA_NONE) {
			if (!cpu->gap)
				occupy_by_target(timeline, cpu, thread);
			else
				thread_put(timeline, thread, ROTA_UNKNOWN, wakeup->head.aux, 0);
		}
		return;
	}
	if (thread->state == ROTA_THROTTLED && !(wakeup->head.flags & ROTA_WAKEUP_THROTTLED)) /* it may run again */
		thread_move(timeline, thread, ROTA_RUNNABLE,
			    &(struct move){ .cpu = wakeup->head.aux, .cause = ROTA_CAUSE_PREEMPTED });
	else if (thread->state != ROTA_RUNNING && thread->state != ROTA_RUNNABLE && thread->state != ROTA_THROTTLED)
		wakeup_enqueues(timeline, thread, wakeup);
	if (occupied && cpu_watched(timeline, cpu))
		cpu_told(timeline, cpu, wakeup->occupant_tid);
}

static void queue_move(struct timeline *timeline, struct thread *thread, struct cpu *cpu)
{
	struct cpu *from = &timeline->cpus[thread->cpu];
	struct rota_queue_move move = {
		.thread = &thread->pub,
		.ts_ns = timeline->now_ns,
		.from_cpu = thread->cpu,
		.cpu = (uint16_t)cpu->number,
	};

	if (from == cpu)
		return;
	cpu->queued++;
	thread->cpu = (uint16_t)cpu->number;
	timeline->sink.queue_move(timeline->sink.ctx, &move);
	if (!--from->queued)
		cpu_check_watch(timeline, from);
}

void feed_migrate(struct timeline *timeline, const struct rota_event *event)
{
	const struct rota_rec_migrate *migrate = &event->rec.migrate;
	struct cpu *cpu = &timeline->cpus[migrate->head.aux];
	struct thread *thread;

	if (!migrate->head.tid)
		return;
	notice_swap_elsewhere(timeline, migrate->head.tid, ROTA_CPU_NONE);
	thread = thread_get(timeline, migrate->head.tid);
	thread_set_target(timeline, thread, migrate->head.flags & ROTA_F_TARGET);
	if (!thread->pub.target)
		return;
	switch (thread->state) {
	case ROTA_RUNNABLE:
	case ROTA_THROTTLED:
		queue_move(timeline, thread, cpu);
		break;
	case ROTA_RUNNING:
		return; /* told late: it has been switched in since */
	case ROTA_UNKNOWN:
	case ROTA_NONE: /* queued, but throttled or not is not said */
		thread_put(timeline, thread, ROTA_UNKNOWN, migrate->head.aux, 0);
		break;
	default:
		thread_put(timeline, thread, ROTA_RUNNABLE, migrate->head.aux, 0);
		break;
	}
	if (cpu_watched(timeline, cpu))
		cpu_told(timeline, cpu, migrate->occupant_tid);
}
