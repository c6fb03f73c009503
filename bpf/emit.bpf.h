/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: facts. Goes out: records in the ring of the cpu this runs on. A record that does not fit is counted in
 * bpf_cpu.lost and told by a LOST record before the next one that does: never a silent drop.
 */
#ifndef ROTA_BPF_EMIT_H
#define ROTA_BPF_EMIT_H

#include "state.bpf.h"

#define FILL_CHECK 64 /* the ring's fill is looked at once in so many records; a power of two */

struct outlet { /* the way out of this cpu */
	struct bpf_cpu *self;
	void *ring;
	u32 cpu;
};

static __always_inline bool outlet_open(struct outlet *outlet)
{
	outlet->cpu = bpf_get_smp_processor_id();
	outlet->self = cpu_state(outlet->cpu);
	if (!outlet->self)
		return false;
	outlet->ring = bpf_map_lookup_elem(&rings, &outlet->cpu);
	return outlet->ring;
}

static __always_inline void submit(const struct outlet *outlet, void *record)
{
	u64 flags = BPF_RB_NO_WAKEUP;

	if (++outlet->self->emitted % FILL_CHECK == 0 &&
	    bpf_ringbuf_query(outlet->ring, BPF_RB_AVAIL_DATA) > settings.ring_high_bytes)
		flags = BPF_RB_FORCE_WAKEUP;
	bpf_ringbuf_submit(record, flags);
}

static __always_inline void fill_head(struct rota_record *head, u64 now, u8 type, u8 flags, u16 aux, u32 tid)
{
	head->ts_ns = now;
	head->type = type;
	head->flags = flags;
	head->aux = aux;
	head->tid = tid;
}

static __always_inline bool tell_lost(const struct outlet *outlet, u64 now)
{
	u64 count = outlet->self->lost;
	struct rota_rec_lost *record;

	record = bpf_ringbuf_reserve(outlet->ring, sizeof(*record), 0);
	if (!record)
		return false;
	fill_head(&record->head, now, ROTA_REC_LOST, 0, outlet->cpu, 0);
	record->count = count;
	submit(outlet, record);
	__sync_fetch_and_add(&outlet->self->lost, -count);
	return true;
}

/* A macro, because the verifier wants the size to be a constant and the result to keep its type. */
#define reserve(outlet, now, record)                                                                                   \
	({                                                                                                             \
		(record) = NULL;                                                                                       \
		if (!(outlet)->self->lost || tell_lost(outlet, now))                                                   \
			(record) = bpf_ringbuf_reserve((outlet)->ring, sizeof(*(record)), 0);                          \
		if (!(record))                                                                                         \
			__sync_fetch_and_add(&(outlet)->self->lost, 1);                                                \
		(record);                                                                                              \
	})

/* `task` may be any pointer to one: its members are read with probes, this is no hot path. */
static __always_inline void emit_task(const struct outlet *outlet, u64 now, struct task_struct *task, u8 flags,
				      u8 state, u32 parent_tid)
{
	u32 tid = BPF_CORE_READ(task, pid), cpu, task_flags = BPF_CORE_READ(task, flags);
	struct thread_word *word = thread_word(tid);
	struct rota_rec_task *record;

	if (bpf_core_field_exists(((struct thread_info *)0)->cpu))
		cpu = BPF_CORE_READ(task, thread_info.cpu);
	else
		cpu = BPF_CORE_READ((struct task_struct___before_5_16 *)task, cpu);
	if (task_flags & PF_KTHREAD)
		flags |= ROTA_TASK_KTHREAD;
	else if (task_is_worker(task_flags))
		flags |= ROTA_TASK_WORKER;
	if (!reserve(outlet, now, record))
		return;
	fill_head(&record->head, now, ROTA_REC_TASK, flags, cpu, tid);
	record->tgid = BPF_CORE_READ(task, tgid);
	record->parent_tid = parent_tid;
	record->start_boottime_ns = BPF_CORE_READ(task, start_boottime);
	record->state = state;
	__builtin_memset(record->zero, 0, sizeof(record->zero));
	__builtin_memset(record->comm, 0, sizeof(record->comm));
	bpf_probe_read_kernel_str(record->comm, ROTA_COMM_SIZE, &task->comm);
	submit(outlet, record);
	if (word)
		word->known = 1;
}

/* Who this is, once: whoever shares a cpu with T must have a name. `word`: the thread's own; NULL for an idle task. */
static __always_inline void introduce_by(const struct outlet *outlet, u64 now, struct task_struct *task,
					 const struct thread_word *word, bool target)
{
	if (word && !word->known)
		emit_task(outlet, now, task, target ? ROTA_F_TARGET : 0, 0, BPF_CORE_READ(task, real_parent, tgid));
}

static __always_inline void introduce(const struct outlet *outlet, u64 now, struct task_struct *task, u32 tid,
				      bool target)
{
	introduce_by(outlet, now, task, tid ? thread_word(tid) : NULL, target);
}

static __always_inline void emit_name(const struct outlet *outlet, u64 now, u32 tid, u8 flags, const char *comm)
{
	struct rota_rec_name *record;

	if (!reserve(outlet, now, record))
		return;
	fill_head(&record->head, now, ROTA_REC_NAME, flags, 0, tid);
	__builtin_memset(record->comm, 0, sizeof(record->comm));
	bpf_probe_read_kernel_str(record->comm, ROTA_COMM_SIZE, comm);
	submit(outlet, record);
}

static __always_inline void emit_switch(const struct outlet *outlet, u64 now, u8 flags, u32 state, u32 prev_tid,
					u32 next_tid, u32 reason, u64 argument)
{
	struct rota_rec_switch *record;

	if (!reserve(outlet, now, record))
		return;
	fill_head(&record->head, now, ROTA_REC_SWITCH, flags, state, prev_tid);
	record->next_tid = next_tid;
	record->reason = reason;
	record->argument = argument;
	submit(outlet, record);
}

/*
 * How far CLOCK_MONOTONIC is ahead of this cpu's run-queue clock. That was read some time ago (0.3 µs to 10 µs at a switch, up
 * to a tick else), so the smallest difference of late is the truest; and it may grow as fast as NTP slews, 500 ppm.
 */
static __always_inline void note_queue_clock(struct bpf_cpu *self, struct task_struct *task, u64 now)
{
	u64 ahead = now - BPF_CORE_READ(task, se.cfs_rq, rq, clock);
	u64 limit = self->ahead_ns + ((now - self->ahead_at_ns) >> 11);

	self->ahead_ns = !self->ahead_at_ns || (__s64)(ahead - limit) < 0 ? ahead : limit;
	self->ahead_at_ns = now;
}

static __always_inline void emit_head(const struct outlet *outlet, u64 now, u8 type, u8 flags, u16 aux, u32 tid)
{
	struct rota_record *record;

	if (!reserve(outlet, now, record))
		return;
	fill_head(record, now, type, flags, aux, tid);
	submit(outlet, record);
}

static __always_inline void account(struct bpf_cpu *self, u64 now)
{
	u32 kind = self->kind;

	if (self->since_ns && kind < KINDS)
		self->spent_ns[kind] += now - self->since_ns;
	self->since_ns = now;
}

/* `next` is on this cpu from now on; siblings and wakers read it. */
static __always_inline void occupy(struct bpf_cpu *self, u64 now, struct task_struct *next, u32 tid, bool target,
				   u64 exec_ns)
{
	account(self, now);
	self->task = (u64)next;
	self->exec_ns = exec_ns;
	self->tid = tid;
	*(volatile u32 *)&self->kind = target ? KIND_TARGET : tid ? KIND_OTHER : KIND_IDLE;
}

#endif
