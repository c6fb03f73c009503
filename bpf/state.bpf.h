/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the programs know between two events: one word and one waking note a thread, one block a cpu, one ring a cpu.
 * Settings come in through .rodata before the load; user space reads and writes the rest through the maps.
 */
#ifndef ROTA_BPF_STATE_H
#define ROTA_BPF_STATE_H

#include "kernel.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#include "rota/record.h"
#include "rota/settings.h"

const volatile struct bpf_settings settings = {};
struct bpf_control control = {}; /* .bss: user space reads and writes it */

/* --- threads ------------------------------------------------------------------------------------------------------ */

/* bits of thread_word.queue; written only under the run-queue lock of the cpu it is on */
#define QUEUE_QUEUED 0x01 /* counted in bpf_cpu.queued of the cpu whose queue it is on */
#define QUEUE_PARITY 0x02 /* nvcsw was odd at the last switch-out */
#define QUEUE_SEEN   0x04 /* QUEUE_PARITY is meant */
#define QUEUE_THROTTLED                                                                                                \
	0x08 /* throttle.bpf.h: it was throttled when it was queued, and its word in `wakings` says since when */

struct thread_word {
	u8 member; /* MEMBER_*; written at birth, exec, rename, cgroup moves and by user space */
	u8 queue;
	u8 known; /* a TASK record names it */
	u8 life;  /* life_of() the task that was born with this tid; 0: not known */
};

/* 16 threads a cache line. Indexed by tid / 16; never full: as many as pid_max allows */
struct thread_line {
	struct thread_word words[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, u32);
	__type(value, struct thread_line);
	__uint(max_entries, 1); /* set before load */
} threads SEC(".maps");

/* The last sched_waking of each thread of T, in one word that is written at once: see pack_waking(). */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, u32);
	__type(value, u64);
	__uint(max_entries, 1);
} wakings SEC(".maps");

/* What the person named, as ids of rota's own pid namespace → MEMBER_*; user space sees by `found` which were there. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, u32);
	__type(value, struct bpf_seed);
	__uint(max_entries, 1);
} seeds SEC(".maps");

/* --- cpus --------------------------------------------------------------------------------------------------------- */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, u32);
	__type(value, struct bpf_cpu);
	__uint(max_entries, 1);
} cpus SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, u32);
	__type(value, struct bpf_siblings);
	__uint(max_entries, 1);
} siblings SEC(".maps");

struct ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__type(key, u32);
	__uint(max_entries, 1);
	__array(values, struct ring);
} rings SEC(".maps");

/* --- look-ups ------------------------------------------------------------------------------------------------------ */

static __always_inline struct thread_word *thread_word(u32 tid)
{
	u32 index = tid >> 4;
	struct thread_line *line = bpf_map_lookup_elem(&threads, &index);

	return line ? &line->words[tid & 15] : NULL;
}

/* A tid is free for the next task some time before its old one leaves the cpu for good: they differ in when they were born. */
static __always_inline u8 life_of(struct task_struct *task)
{
	return task->start_boottime | 1;
}

static __always_inline struct bpf_cpu *cpu_state(u32 cpu)
{
	return bpf_map_lookup_elem(&cpus, &cpu);
}

/* `word` is the thread's own, or NULL. */
static __always_inline bool in_target_by(const struct thread_word *word, u32 tid, u32 tgid)
{
	if (settings.every_switch)
		return tid && tgid != control.own_tgid;
	if (!word)
		return false;
	if (word->member & (MEMBER_THREAD | MEMBER_EXCLUDED))
		return word->member & MEMBER_THREAD;
	if (tid != tgid) {
		word = thread_word(tgid);
		if (!word)
			return false;
	}
	return word->member & MEMBER_PROCESS;
}

static __always_inline bool in_target(u32 tid, u32 tgid)
{
	return in_target_by(thread_word(tid), tid, tgid);
}

static __always_inline bool is_target(struct task_struct *task)
{
	return in_target(task->pid, task->tgid);
}

/* --- the kernel's tasks -------------------------------------------------------------------------------------------- */

static __always_inline u32 task_cpu(struct task_struct *task)
{
	if (bpf_core_field_exists(((struct thread_info *)0)->cpu))
		return task->thread_info.cpu;
	return ((struct task_struct___before_5_16 *)task)->cpu;
}

static __always_inline u32 task_state_bits(struct task_struct *task)
{
	if (bpf_core_field_exists(((struct task_struct *)0)->__state))
		return task->__state;
	return (u32)((struct task_struct___before_5_14 *)task)->state;
}

/* On the run queue and wanting to run: with delayed dequeue (6.12 on) a sleeper may still be on it. */
static __always_inline bool task_is_queued(struct task_struct *task)
{
	struct sched_entity___delayed *se = (void *)&task->se;

	if (!task->on_rq)
		return false;
	return !bpf_core_field_exists(se->sched_delayed) || !se->sched_delayed;
}

/*
 * Held by a signal, a tracer or a freezer. In a frozen cgroup v2 it sleeps interruptibly: `frozen` says so, but is set while it
 * waits in vfork(2), too. Before 6.1 the freezer of v1 and of a suspend let it sleep uninterruptibly with PF_FROZEN.
 */
static __always_inline bool task_is_stopped(struct task_struct *task, u32 state)
{
	if (state & (__TASK_STOPPED | __TASK_TRACED | TASK_FROZEN))
		return true;
	if (BPF_CORE_READ_BITFIELD(task, frozen) && task->jobctl & JOBCTL_TRAP_FREEZE)
		return true;
	return (task->flags & (PF_FROZEN | PF_KTHREAD)) == PF_FROZEN;
}

/* An io_uring or vhost worker: it shows the registers of the thread that made it. */
static __always_inline bool task_is_worker(u32 flags)
{
	u32 mask = PF_IO_WORKER;

	if (bpf_core_field_exists(((struct kernel_clone_args *)0)->user_worker))
		mask |= PF_USER_WORKER;
	return flags & mask;
}

/*
 * Runnable, but its cgroup is out of quota. By task from 6.18 on; before, whether its queue's hierarchy is throttled, which
 * does not bind a real-time thread of the same cgroup.
 */
static __always_inline bool task_is_throttled(struct task_struct *task)
{
	struct task_struct___throttled *by_task = (void *)task;

	if (bpf_core_field_exists(by_task->throttled))
		return by_task->throttled;
	if (bpf_core_field_exists(((struct sched_entity *)0)->cfs_rq) &&
	    bpf_core_field_exists(((struct cfs_rq *)0)->throttle_count))
		return task->se.cfs_rq->throttle_count > 0 && task->prio >= MAX_RT_PRIO;
	return false;
}

/* Packed so that one store publishes it: 38 bits of time (274 s before it wraps), 22 of tid, a mark and the context. */
#define WAKING_TIME_BITS 38
#define WAKING_TIME_MASK ((1ULL << WAKING_TIME_BITS) - 1)

static __always_inline u64 pack_waking(u64 now_ns, u32 waker_tid, bool interrupt)
{
	return (now_ns & WAKING_TIME_MASK) | (u64)(waker_tid & (ROTA_TID_MAX - 1)) << WAKING_TIME_BITS |
	       (u64)interrupt << 62 | 1ULL << 63;
}

#endif
