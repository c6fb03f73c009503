/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * --syscalls: what each thread of T called, how often and for how long, added up in the kernel. Entries and returns of system
 * calls come in, sums by (thread, call) and counts by length go out through two tables that user space empties each round; a
 * call of at least settings_calls.min_ns is a CALL record too. These programs are loaded only when asked for, as every system
 * call of the machine then takes the kernel's slow path; whoever is not in T leaves them after one look-up.
 *
 * A call that does not return is in no table: exit, exit_group, and those in which a thread was killed. An exec returns.
 * The programs run with preemption off (kernel/trace/bpf_trace.c): a thread's word has one writer at a time.
 */
#ifndef ROTA_BPF_SYSCALLS_H
#define ROTA_BPF_SYSCALLS_H

#include "emit.bpf.h"

const volatile struct bpf_call_settings call_settings = {};
struct bpf_call_control call_control = {};

/* The call a thread is in. By tid, as many as pid_max allows, but one where --syscalls is off. */
struct call_word {
	u64 enter_ns; /* 0: in none that was seen to begin */
	u64 state;    /* low to high: number (12), compat (1), off a cpu now (1), time off a cpu (50, 13 days) */
};

#define CALL_NUMBER    0x0fffULL
#define CALL_COMPAT    0x1000ULL
#define CALL_OFF       0x2000ULL
#define CALL_OFF_SHIFT 14

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, u32);
	__type(value, struct call_word);
	__uint(max_entries, 1);
} call_words SEC(".maps");

/* Keys: BPF_CALL_KEY_* (rota/settings.h). Allocated at load: no memory is asked for on the way of a system call. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, u64);
	__type(value, struct bpf_call_sum);
	__uint(max_entries, 1);
} call_sums SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, u64);
	__type(value, u64);
	__uint(max_entries, 1);
} call_spread SEC(".maps");

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct thread_info___calls {
	unsigned long flags; /* arm64 */
	u32 status;          /* x86-64 */
};

struct task_struct___calls {
	struct thread_info___calls thread_info;
};
#pragma clang attribute pop

#define TS_COMPAT     0x0002      /* arch/x86/include/asm/thread_info.h */
#define TIF_32BIT     (1UL << 22) /* arch/arm64/include/asm/thread_info.h */
#define BPF_NOEXIST   1           /* include/uapi/linux/bpf.h */
#define PF_FORKNOEXEC 0x0040      /* forked, and no exec since: include/linux/sched.h */

/* Whether `current` made its call by the table for 32-bit programs. */
static __always_inline bool call_is_compat(void)
{
	struct task_struct___calls *current = (void *)bpf_get_current_task();

#if defined(__TARGET_ARCH_x86)
	return BPF_CORE_READ(current, thread_info.status) & TS_COMPAT;
#else
	return BPF_CORE_READ(current, thread_info.flags) & TIF_32BIT;
#endif
}

/* The number in the saved registers at return; -1 after rt_sigreturn, which restored others. */
static __always_inline int call_number_at_return(struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	return (int)regs->orig_ax;
#else
	return ((struct pt_regs___aarch64 *)regs)->syscallno;
#endif
}

/* fork, vfork, clone, clone3: the child returns from the call too, which its parent made. */
static __always_inline bool call_makes_tasks(int number)
{
#if defined(__TARGET_ARCH_x86)
	return (number >= 56 && number <= 58) || number == 435;
#else
	return number == 220 || number == 435;
#endif
}

/* --- while it is in a call: on_switch() tells when it leaves a cpu and when it comes back -------------------------- */

static __always_inline void call_leaves_cpu(u32 tid, u64 now, bool dead)
{
	struct call_word *word = bpf_map_lookup_elem(&call_words, &tid);

	if (!word || !word->enter_ns)
		return;
	if (dead)
		word->enter_ns = 0;
	else if (!(word->state & CALL_OFF))
		word->state = (word->state - (now << CALL_OFF_SHIFT)) | CALL_OFF;
}

static __always_inline void call_takes_cpu(u32 tid, u64 now)
{
	struct call_word *word = bpf_map_lookup_elem(&call_words, &tid);

	if (word && word->enter_ns && word->state & CALL_OFF)
		word->state = (word->state + (now << CALL_OFF_SHIFT)) & ~CALL_OFF;
}

/* --- adding up ----------------------------------------------------------------------------------------------------- */

/* The bucket of base/histogram.h, of each four neighbours the second: its upper edge is the middle of the four. */
static __always_inline u32 call_bucket(u64 ns)
{
	u64 rest = ns;
	u32 octave = 0;

	if (ns < 256)
		return (ns & ~3ULL) | 1;
	for (u32 step = 32; step; step >>= 1) {
		if (rest >> step) {
			rest >>= step;
			octave += step;
		}
	}
	return ((256 + (octave - 8) * 128 + ((ns >> (octave - 7)) & 127)) & ~3U) | 1;
}

/* Only the thread itself writes its sums, so no addition is atomic. */
static __always_inline void call_book(u64 key, u64 ns, u64 cpu_ns)
{
	struct bpf_call_sum *sum = bpf_map_lookup_elem(&call_sums, &key), first = { 0 };
	u64 bucket_key = key | (u64)call_bucket(ns) << BPF_CALL_KEY_BUCKET_SHIFT, one = 1, *count;

	if (!sum) {
		first = (struct bpf_call_sum){ .count = 1, .ns = ns, .cpu_ns = cpu_ns, .max_ns = ns };
		if (bpf_map_update_elem(&call_sums, &key, &first, BPF_NOEXIST)) {
			__sync_fetch_and_add(&call_control.homeless, 1);
			return;
		}
	} else {
		sum->count++;
		sum->ns += ns;
		sum->cpu_ns += cpu_ns;
		if (ns > sum->max_ns)
			sum->max_ns = ns;
	}
	count = bpf_map_lookup_elem(&call_spread, &bucket_key);
	if (count)
		(*count)++;
	else if (bpf_map_update_elem(&call_spread, &bucket_key, &one, BPF_NOEXIST))
		__sync_fetch_and_add(&call_control.shapeless, 1);
}

static __always_inline void call_emit(u64 now, u64 ns, u32 tid, u64 state)
{
	struct rota_rec_call *record;
	struct outlet outlet;

	if (!outlet_open(&outlet) || !reserve(&outlet, now, record))
		return;
	fill_head(&record->head, now, ROTA_REC_CALL, ROTA_F_TARGET | (state & CALL_COMPAT ? ROTA_CALL_COMPAT : 0),
		  state & CALL_NUMBER, tid);
	record->duration_ns = ns;
	submit(&outlet, record);
}

/* --- the programs -------------------------------------------------------------------------------------------------- */

/* The calls of `-- COMMAND` begin with the exec's return: what rota's child does before, it does for rota. */
static __always_inline bool calls_begun(void)
{
	struct task_struct *current;

	if (call_control.begun)
		return true;
	current = (void *)bpf_get_current_task();
	if (!(BPF_CORE_READ(current, flags) & PF_FORKNOEXEC))
		call_control.begun = 1;
	return call_control.begun;
}

SEC("tp_btf/sys_enter")
int on_sys_enter(u64 *ctx)
{
	u64 ids = bpf_get_current_pid_tgid(), number = ctx[1];
	struct call_word *word;
	u32 tid = ids;

	if (!in_target(tid, ids >> 32))
		return 0;
	word = bpf_map_lookup_elem(&call_words, &tid);
	if (!word)
		return 0;
	word->state = (number & CALL_NUMBER) | (call_is_compat() ? CALL_COMPAT : 0);
	word->enter_ns = bpf_ktime_get_ns();
	return 0;
}

SEC("tp_btf/sys_exit")
int on_sys_exit(u64 *ctx)
{
	u64 ids = bpf_get_current_pid_tgid(), now, ns, off_ns, state, key;
	struct call_word *word;
	struct bpf_cpu *self;
	u32 tid = ids;
	int number;

	if (!in_target(tid, ids >> 32))
		return 0;
	now = bpf_ktime_get_ns();
	word = bpf_map_lookup_elem(&call_words, &tid);
	if (!word || !calls_begun())
		return 0;
	number = call_number_at_return((struct pt_regs *)ctx[0]);
	state = word->state;
	/* of another call: that of a thread whose tid this one has now, by birth or by exec */
	if (!word->enter_ns || (number >= 0 && (number & CALL_NUMBER) != (state & CALL_NUMBER))) {
		word->enter_ns = 0;
		if (ctx[1] || !call_makes_tasks(number))
			__sync_fetch_and_add(&call_control.headless, 1);
		return 0;
	}
	ns = now - word->enter_ns;
	word->enter_ns = 0;
	if (state & CALL_OFF) /* its coming back was not delivered */
		state += now << CALL_OFF_SHIFT;
	off_ns = state >> CALL_OFF_SHIFT;
	key = tid | (state & (CALL_NUMBER | CALL_COMPAT)) << BPF_CALL_KEY_NUMBER_SHIFT |
	      (u64)(*(volatile u32 *)&call_control.epoch & 1) << BPF_CALL_KEY_EPOCH_SHIFT;
	call_book(key, ns, off_ns < ns ? ns - off_ns : 0);
	self = cpu_state(bpf_get_smp_processor_id());
	if (self)
		self->calls++;
	if (ns >= call_settings.min_ns)
		call_emit(now, ns, tid, state);
	return 0;
}

/* Counts the threads of T that are in a call now. */
SEC("iter/task")
int walk_calls(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct call_word *word;
	u32 tid;

	if (!task || !task->pid || !is_target(task))
		return 0;
	tid = task->pid;
	word = bpf_map_lookup_elem(&call_words, &tid);
	if (word && word->enter_ns)
		call_control.open++;
	return 0;
}

#endif
