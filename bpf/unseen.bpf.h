/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Makes up for switches and wakeups that no program saw. A kernel may refuse to run tracing programs while certain tasks are
 * current (a guest's supervising agent, say): then nobody tells that such a task leaves a cpu, nor whom it wakes, nor whom an
 * interrupt wakes meanwhile. It shows when the next thread leaves a cpu it never came to, or comes from a queue it was never
 * put on; and the kernel's own account of that thread (struct sched_info) has the time. Goes out: a record with that time,
 * late in its ring; src/capture/late.c puts it where it belongs. Costs the usual switch two comparisons.
 */
#ifndef ROTA_BPF_UNSEEN_H
#define ROTA_BPF_UNSEEN_H

#include "emit.bpf.h"

/* `stamp` of the run queue's clock as CLOCK_MONOTONIC, at the latest `now`. */
static __always_inline u64 from_queue_clock(struct bpf_cpu *self, struct task_struct *task, u64 stamp, u64 now)
{
	u64 at;

	note_queue_clock(self, task, now);
	at = stamp + self->ahead_ns;
	return stamp && (__s64)(now - at) > 0 && at < now ? at : now;
}

static __always_inline bool sched_info_exists(void)
{
	return bpf_core_field_exists(((struct task_struct *)0)->sched_info);
}

/* When the one who came to this cpu last has left it unseen: it has run for so long, by the kernel's account. */
static __always_inline u64 departed(const struct bpf_cpu *self, u64 now)
{
	struct task_struct *gone = (struct task_struct *)self->task;
	u64 at;

	if (!self->tid || !gone || (u32)BPF_CORE_READ(gone, pid) != self->tid)
		return self->tid ? now : self->since_ns;
	at = self->since_ns + BPF_CORE_READ(gone, se.sum_exec_runtime) - self->exec_ns;
	return at < self->since_ns || at > now ? now : at;
}

/*
 * How it left, for its SWITCH record. If it is off the queue now, it went to sleep; if not, it may have been woken since: then
 * the counter of switches that the kernel has raised since it came tells.
 */
static __always_inline u8 departed_flags(const struct bpf_cpu *self)
{
	struct task_struct *gone = (struct task_struct *)self->task;
	struct thread_word *word = thread_word(self->tid);
	u8 parity, seen, out = ROTA_OUT_BLOCKED, flags = 0;

	if (self->kind != KIND_TARGET || !word || !gone)
		return 0;
	parity = BPF_CORE_READ(gone, nvcsw) & 1;
	seen = word->queue & QUEUE_SEEN;
	if (seen && BPF_CORE_READ_BITFIELD_PROBED(gone, on_rq) && !!(word->queue & QUEUE_PARITY) == parity) {
		out = ROTA_OUT_PREEMPTED;
		flags = ROTA_SWITCH_INVOLUNTARY;
	}
	word->queue = QUEUE_SEEN | (parity ? QUEUE_PARITY : 0) | (word->queue & QUEUE_QUEUED);
	return flags | ROTA_SWITCH_PREV_TARGET | out << ROTA_SWITCH_OUT_SHIFT;
}

/*
 * `task` is on this cpu and not who came to it last: books the switch between the two. Tasks are told apart by address: an
 * exec may give a thread another tid while it runs.
 */
static __always_inline int book_switch(struct outlet *outlet, struct task_struct *task, u64 now, bool target)
{
	u32 tid = BPF_CORE_READ(task, pid), gone_tid;
	struct bpf_cpu *self = outlet->self;
	struct thread_word *word = thread_word(tid);
	u64 at = now;
	u8 flags = 0;

	if (!self || !word || self->task == (u64)task)
		return 0;
	if (tid && sched_info_exists())
		at = from_queue_clock(self, task, BPF_CORE_READ(task, sched_info.last_arrival), now);
	else if (!tid)
		at = departed(self, now);
	if (at < self->since_ns)
		at = self->since_ns;
	gone_tid =
		self->kind == KIND_TARGET ? self->tid : 0; /* who else left is not known: it may not be who came last */
	flags = departed_flags(self) | (target ? ROTA_SWITCH_NEXT_TARGET : 0);
	occupy(self, at, task, tid, target, BPF_CORE_READ(task, se.sum_exec_runtime));
	if (!flags)
		return 0;
	if (word->queue & QUEUE_QUEUED) {
		word->queue &= ~QUEUE_QUEUED;
		__sync_fetch_and_add(&self->queued, -1);
	}
	if (at < control.joined_ns) /* its state was told when it joined */
		return 0;
	if (self->lost) /* states are unknown anyhow, and a LOST record must not move */
		return 0;
	introduce(outlet, now, task, tid, target);
	emit_switch(outlet, at, flags, 0, gone_tid, tid, 0, 0);
	return 0;
}

/* `task` of T is about to run, and nobody saw it put on a queue. */
static __always_inline int book_wakeup(struct outlet *outlet, struct task_struct *task, u64 now)
{
	struct rota_rec_wakeup *record;
	u64 queued, stamp;

	if (!sched_info_exists() || !outlet->self || outlet->self->lost)
		return 0;
	stamp = BPF_CORE_READ(task, sched_info.last_queued);
	queued = from_queue_clock(outlet->self, task, stamp, now);
	if (!stamp || queued < control.joined_ns || !reserve(outlet, queued, record))
		return 0;
	record->waker_tid = 0;
	record->waking_delay_ns = 0;
	record->occupant_tid = 0;
	record->zero = 0;
	fill_head(&record->head, queued, ROTA_REC_WAKEUP, ROTA_F_TARGET, outlet->cpu, BPF_CORE_READ(task, pid));
	submit(outlet, record);
	return 0;
}

#endif
