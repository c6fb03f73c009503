/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The scheduler's side of rota: every context switch, wakeup and queue move passes through here, and those that concern T
 * become records. Which do is said in docs/architecture.md, "What is recorded, exactly". These programs run with the
 * run-queue lock held and interrupts off: no loop over more than a core's siblings, no hash look-up (but for threads of Go
 * programs, one), one clock reading.
 * Everything is inlined: the verifiers of 5.10 and its like hold every number for decisive in a program that has functions
 * (subprog_cnt > 1 in __mark_reg_unknown()), find no two states alike, and take minutes instead of a second.
 */
#include "kernel.h"
#include "go.bpf.h"
#include "member.bpf.h"
#include "reason.bpf.h"
#include "syscalls.bpf.h"
#include "sample.bpf.h"
#include "task.bpf.h"
#include "throttle.bpf.h"
#include "unseen.bpf.h"
#include "walk.bpf.h"

#define COST_SAMPLE    64   /* one switch in so many is timed; a power of two */
#define COST_LIKELY_NS 2000 /* what a switch may cost at most */

#define SCHED_YIELD_X86_64 24
#define SCHED_YIELD_I386   158
#define SCHED_YIELD_ARM64  124

/*
 * Whether this cpu serves an interrupt. x86-64 keeps the count in a per-cpu variable whose address only kernels with
 * KALLSYMS_ALL tell; but the run queue of this cpu is a per-cpu variable too, `current` points to it, and BTF has the
 * distance between the two. arm64 keeps it in thread_info.
 */
static __always_inline bool in_interrupt(void)
{
	u32 count = 0;

#if defined(__TARGET_ARCH_x86)
	struct bpf_cpu *self = cpu_state(bpf_get_smp_processor_id());

	if (!self || !settings.preempt_count_distance || !bpf_core_field_exists(((struct sched_entity *)0)->cfs_rq))
		return false;
	if (!self->preempt_count) {
		struct task_struct *current = (void *)bpf_get_current_task();

		self->preempt_count = (u64)BPF_CORE_READ(current, se.cfs_rq, rq) + settings.preempt_count_distance;
	}
	bpf_probe_read_kernel(&count, sizeof(count), (void *)self->preempt_count);
#else
	struct task_struct___arm64 *current = (void *)bpf_get_current_task();

	count = BPF_CORE_READ(current, thread_info.preempt_count);
#endif
	return count & INTERRUPT_MASK;
}

static __always_inline bool in_sched_yield(struct task_struct *task)
{
	long number = syscall_of(task);

#if defined(__TARGET_ARCH_x86)
	return number == SCHED_YIELD_X86_64 || number == SCHED_YIELD_I386;
#else
	return number == SCHED_YIELD_ARM64;
#endif
}

/* How `prev` of T leaves: its flags for the SWITCH record. Also keeps its queue word. */
static __always_inline u8 leave_cpu(struct task_struct *prev, struct thread_word *word, u32 state, bool preempt,
				    struct bpf_cpu *self)
{
	u8 flags = 0, out, parity = prev->nvcsw & 1;
	bool voluntary;

	if (state & TASK_DEAD) {
		out = ROTA_OUT_DEAD;
	} else if (!task_is_queued(prev)) {
		out = task_is_stopped(prev, state) ? ROTA_OUT_STOPPED : ROTA_OUT_BLOCKED;
		if (BPF_CORE_READ_BITFIELD(prev, in_iowait))
			flags |= ROTA_SWITCH_IOWAIT;
	} else {
		out = !preempt && in_sched_yield(prev) ? ROTA_OUT_YIELDED : ROTA_OUT_PREEMPTED;
		if (task_is_throttled(prev))
			flags |= ROTA_SWITCH_THROTTLED;
	}
	voluntary = out == ROTA_OUT_BLOCKED || out == ROTA_OUT_STOPPED || out == ROTA_OUT_DEAD;
	if (out == ROTA_OUT_DEAD && word && word->life && word->life != life_of(prev))
		word = NULL; /* it is the next one's already */
	if (word) {
		u8 queue = word->queue;

		/* __schedule() has raised nvcsw or nivcsw before this event: which one, its parity tells exactly */
		if (queue & QUEUE_SEEN)
			voluntary = !!(queue & QUEUE_PARITY) != parity;
		queue = QUEUE_SEEN | (parity ? QUEUE_PARITY : 0);
		if (out == ROTA_OUT_PREEMPTED || out == ROTA_OUT_YIELDED) {
			queue |= QUEUE_QUEUED;
			__sync_fetch_and_add(&self->queued, 1);
		}
		word->queue = queue;
		if (flags & ROTA_SWITCH_THROTTLED)
			note_throttle(prev, word, self);
		if (out == ROTA_OUT_DEAD)
			word->member &= MEMBER_PROCESS | MEMBER_BY_NAME; /* a process outlives its leader */
	}
	if (!voluntary)
		flags |= ROTA_SWITCH_INVOLUNTARY;
	return flags | out << ROTA_SWITCH_OUT_SHIFT;
}

/* Whether a sibling runs T. The caller has published its own occupant; the fence makes sure one of two sees the other. */
static __always_inline bool sibling_runs_target(u32 cpu)
{
	const struct bpf_siblings *list = bpf_map_lookup_elem(&siblings, &cpu);
	struct bpf_cpu *self = cpu_state(cpu);

	if (!self || !list)
		return 0;
	__sync_fetch_and_add(&self->fence, 1);
	for (u32 i = 0; i + 1 < settings.smt && i < SETTINGS_SIBLING_MAX && i < list->count; i++) {
		struct bpf_cpu *other = cpu_state(list->cpus[i]);

		if (other && *(volatile u32 *)&other->kind == KIND_TARGET)
			return 1;
	}
	return 0;
}

/* Who is on the siblings now that T came onto `cpu`, this one: their switches are recorded from here on. */
static __always_inline int emit_sibling_occupants(u32 cpu, u64 now)
{
	const struct bpf_siblings *list = bpf_map_lookup_elem(&siblings, &cpu);
	struct outlet outlet;

	if (!list || !outlet_open(&outlet))
		return 0;
	for (u32 i = 0; i + 1 < settings.smt && i < SETTINGS_SIBLING_MAX && i < list->count; i++) {
		struct bpf_cpu *other = cpu_state(list->cpus[i]);

		if (other && other->since_ns)
			emit_head(&outlet, now, ROTA_REC_OCCUPANT, other->kind == KIND_TARGET ? ROTA_F_TARGET : 0,
				  list->cpus[i], other->tid);
	}
	return 0;
}

SEC("tp_btf/sched_switch")
int on_switch(u64 *ctx)
{
	bool preempt = ctx[0];
	struct task_struct *prev = (void *)ctx[1], *next = (void *)ctx[2];
	u32 prev_tid = prev->pid, next_tid = next->pid, was_kind, state, reason = 0;
	bool prev_target, next_target, watched, unseen = false, throttled = false;
	struct thread_word *word, *prev_word;
	struct outlet outlet;
	struct bpf_cpu *self;
	u64 now, argument = 0;
	u8 flags = 0;

	outlet.cpu = bpf_get_smp_processor_id();
	self = outlet.self = cpu_state(outlet.cpu);
	if (!self)
		return 0;
	now = bpf_ktime_get_ns();
	/* it may have joined T, or left it, while it ran here */
	prev_word = prev_tid ? thread_word(prev_tid) : NULL;
	word = next_tid ? thread_word(next_tid) : NULL;
	prev_target = in_target_by(prev_word, prev_tid, prev->tgid);
	next_target = in_target_by(word, next_tid, next->tgid);
	if (self->task != (u64)prev && self->since_ns) {
		outlet.ring = bpf_map_lookup_elem(&rings, &outlet.cpu);
		if (outlet.ring)
			book_switch(&outlet, prev, now, prev_target);
	}
	was_kind = self->kind;
	watched = prev_target || next_target || (int)self->queued > 0 || self->force_watch || settings.every_switch ||
		  control.watch_all || (was_kind == KIND_TARGET && self->since_ns);

	occupy(self, now, next, next_tid, next_target, next->se.sum_exec_runtime);
	if (settings.smt > 1 && sibling_runs_target(outlet.cpu))
		watched = true;
	self->runs++;
	if (!watched)
		return 0;

	if (word && word->queue & QUEUE_QUEUED) {
		throttled = word->queue & QUEUE_THROTTLED;
		word->queue &= ~(QUEUE_QUEUED | QUEUE_THROTTLED);
		__sync_fetch_and_add(&self->queued, -1);
	} else if (word && next_target) {
		unseen = word->queue & QUEUE_SEEN;
	}
	if (!next_tid)
		self->force_watch = 0;
	/* the argument is what __schedule() decided on; prev->__state may be TASK_WAKING by now */
	state = settings.has_prev_state ? (u32)ctx[3] : task_state_bits(prev);
	if (prev_target) {
		flags = leave_cpu(prev, prev_word, state, preempt, self) | ROTA_SWITCH_PREV_TARGET;
		if ((flags & ROTA_SWITCH_OUT_MASK) >> ROTA_SWITCH_OUT_SHIFT == ROTA_OUT_BLOCKED)
			reason = reason_of(prev, &argument);
	}
	if (next_target)
		flags |= ROTA_SWITCH_NEXT_TARGET;
	if (call_settings.on) {
		if (prev_target)
			call_leaves_cpu(prev_tid, now, state & TASK_DEAD);
		if (next_target)
			call_takes_cpu(next_tid, now);
	}

	outlet.ring = bpf_map_lookup_elem(&rings, &outlet.cpu);
	if (!outlet.ring)
		return 0;
	introduce_by(&outlet, now, prev, prev_word, prev_target);
	introduce_by(&outlet, now, next, word, next_target);
	if (unseen)
		book_wakeup(&outlet, next, now);
	else if (throttled)
		book_release(&outlet, next, now);
	if (prev_target && !(state & TASK_DEAD))
		emit_go_at_switch(&outlet, now, prev, prev_tid, prev->tgid);
	if (sample_settings.on && prev_target && !(prev->flags & PF_KTHREAD))
		emit_stack_sample(&outlet, ctx, now, prev_tid, prev->tgid, ROTA_SAMPLE_SWITCH);
	emit_switch(&outlet, now, flags, state, prev_tid, next_tid, reason, argument);
	if (settings.smt > 1 && next_target && was_kind != KIND_TARGET)
		emit_sibling_occupants(outlet.cpu, now);
	if (self->runs % COST_SAMPLE == 0) {
		u64 cost = bpf_ktime_get_ns() - now;

		/* a hypervisor that took the cpu meanwhile is not our cost */
		self->sampled_ns += (cost < COST_LIKELY_NS ? cost : COST_LIKELY_NS) * COST_SAMPLE;
		note_queue_clock(self, prev, now);
	}
	return 0;
}

/* The request: who asks, when, and from what context. `current` is the waker here, and nowhere else. */
SEC("tp_btf/sched_waking")
int on_waking(u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];
	u32 tid = task->pid;
	u64 *waking;

	if (!in_target(tid, task->tgid))
		return 0;
	waking = bpf_map_lookup_elem(&wakings, &tid);
	if (waking)
		*waking = pack_waking(bpf_ktime_get_ns(), (u32)bpf_get_current_pid_tgid(), in_interrupt());
	return 0;
}

/* The enqueue. Fires under the lock of the queue it is put on, often on another cpu, with idle as `current`. */
static __always_inline void enqueued(struct task_struct *task, u8 flags)
{
	struct rota_rec_wakeup *record;
	u32 tid = task->pid, cpu;
	struct bpf_cpu *there;
	struct thread_word *word;
	struct outlet outlet;
	u64 now, *waking;

	if (!in_target(tid, task->tgid))
		return;
	word = thread_word(tid);
	/* woken while it still runs, or is queued already: nothing changes */
	if (!word || word->queue & QUEUE_QUEUED || task->on_cpu)
		return;
	cpu = task_cpu(task);
	there = cpu_state(cpu);
	word->queue |= QUEUE_QUEUED;
	if (there)
		__sync_fetch_and_add(&there->queued, 1);
	if (!outlet_open(&outlet))
		return;
	now = bpf_ktime_get_ns();
	if (!reserve(&outlet, now, record))
		return;
	record->waker_tid = 0;
	record->waking_delay_ns = 0;
	record->occupant_tid = 0;
	record->zero = 0;
	waking = bpf_map_lookup_elem(&wakings, &tid);
	if (waking && *waking) {
		u64 note = *waking, delay = (now - note) & WAKING_TIME_MASK;

		*waking = 0;
		flags |= ROTA_WAKEUP_HAS_WAKER | (note >> 62 & 1 ? ROTA_WAKEUP_IRQ : 0);
		record->waker_tid = note >> WAKING_TIME_BITS & (ROTA_TID_MAX - 1);
		/* the two clock readings may be of two cpus: a difference below zero is none */
		if (delay > WAKING_TIME_MASK / 2)
			delay = 0;
		record->waking_delay_ns = delay > 0xffffffff ? 0xffffffff : delay;
	}
	if (there && there->since_ns) {
		flags |= ROTA_WAKEUP_OCCUPIED;
		/* here and now `current` is right, whatever switch was not seen */
		record->occupant_tid = cpu == outlet.cpu ? (u32)bpf_get_current_pid_tgid() : there->tid;
	}
	if (task_is_throttled(task)) {
		flags |= ROTA_WAKEUP_THROTTLED;
		note_throttle(task, word, NULL);
	}
	fill_head(&record->head, now, ROTA_REC_WAKEUP, flags, cpu, tid);
	submit(&outlet, record);
}

SEC("tp_btf/sched_wakeup")
int on_wakeup(u64 *ctx)
{
	enqueued((void *)ctx[0], ROTA_F_TARGET);
	return 0;
}

SEC("tp_btf/sched_wakeup_new")
int on_wakeup_new(u64 *ctx)
{
	enqueued((void *)ctx[0], ROTA_F_TARGET | ROTA_WAKEUP_NEW);
	return 0;
}

/* A thread of T that is queued goes to another queue. (It also fires on the way of a wakeup, where it is not queued yet.) */
SEC("tp_btf/sched_migrate_task")
int on_migrate(u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];
	u32 tid = task->pid, from, to = ctx[1];
	struct rota_rec_migrate *record;
	struct bpf_cpu *source, *there;
	struct thread_word *word;
	struct outlet outlet;
	u64 now;

	if (!in_target(tid, task->tgid))
		return 0;
	word = thread_word(tid);
	if (!word || !(word->queue & QUEUE_QUEUED))
		return 0;
	from = task_cpu(task);
	source = cpu_state(from);
	there = cpu_state(to);
	if (source)
		__sync_fetch_and_add(&source->queued, -1);
	if (there)
		__sync_fetch_and_add(&there->queued, 1);
	if (!outlet_open(&outlet))
		return 0;
	now = bpf_ktime_get_ns();
	if (!reserve(&outlet, now, record))
		return 0;
	fill_head(&record->head, now, ROTA_REC_MIGRATE, ROTA_F_TARGET, to, tid);
	record->occupant_tid = there ? there->tid : 0;
	record->from_cpu = from;
	submit(&outlet, record);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
