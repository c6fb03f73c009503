/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a thread of a Go program carries: from its fs base to its g, from there to its M, and what that has: the goroutine that it
 * runs and the P that it holds (runtime/runtime2.go). Read from the thread's own memory while it is current: at the switch that
 * takes it off its cpu, where none of it can change until it comes back, and at the ticks of a clock. Only looks. Whoever
 * has no entry in `go_processes` pays one test.
 */
#ifndef ROTA_BPF_GO_H
#define ROTA_BPF_GO_H

#include "emit.bpf.h"
#include "regs.bpf.h"

#define GO_SCAN_BIT    0x1000U /* _Gscan: the collector looks at its stack */
#define GO_P_STATUS_AT 4       /* p.status is behind p.id; user space refuses a layout where it is not */

#define MAYBE __attribute__((unused)) /* on one machine, not on the other */

const volatile struct bpf_go_settings go_settings = {};
struct bpf_go_control go_control = {};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, u32);
	__type(value, struct bpf_go);
	__uint(max_entries, BPF_GO_PROCESSES);
} go_processes SEC(".maps");

struct go_chain {
	u64 goid, start_pc;
	u32 state;
	u16 p; /* number, plus one */
	u8 flags;
};

static __always_inline u64 go_word(u64 address, bool *bad)
{
	u64 word = 0;

	if (bpf_probe_read_user(&word, sizeof(word), (void *)address))
		*bad = true;
	return word;
}

static __always_inline u32 go_half(u64 address, bool *bad)
{
	u32 half = 0;

	if (bpf_probe_read_user(&half, sizeof(half), (void *)address))
		*bad = true;
	return half;
}

static __always_inline u8 go_byte(u64 address, bool *bad)
{
	u8 byte = 0;

	if (bpf_probe_read_user(&byte, sizeof(byte), (void *)address))
		*bad = true;
	return byte;
}

/*
 * g of `task`, which is current. x86-64: where its fs base leads. arm64: in R28 while it runs Go, so in the registers that it
 * saved, which the caller has read; in C code that register is anything, and what it leads to fails the checks.
 */
static __always_inline u64 go_g_of(MAYBE struct task_struct *task, MAYBE const struct bpf_go *go, MAYBE u64 r28,
				   MAYBE bool *bad)
{
#if defined(__TARGET_ARCH_x86)
	u64 base = BPF_CORE_READ(task, thread.fsbase);

	return base ? go_word(base + go->tls_offset, bad) : 0;
#else
	return r28;
#endif
}

/* R28 as `task` saved it when it entered the kernel; 0 on x86-64, where nobody asks. */
static __always_inline u64 go_saved_r28(MAYBE struct task_struct *task)
{
#if defined(__TARGET_ARCH_x86)
	return 0;
#else
	struct pt_regs___aarch64 *registers;

	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
		registers = (struct pt_regs___aarch64 *)bpf_task_pt_regs(task);
	else
		registers = (struct pt_regs___aarch64 *)computed_registers(task);
	return registers ? BPF_CORE_READ(registers, regs[28]) : 0;
#endif
}

/*
 * The P of an M, plus one, and its status. In a system call an M gives up m.p until Go 1.25, and keeps the P only as long as
 * nobody has taken it: then the P's count of system calls is still the one that the M noted.
 */
static __always_inline u32 go_p_of(u64 m, const struct bpf_go *go, bool in_syscall, u32 *ret_status, bool *bad)
{
	u64 p = go_word(m + go->m_p, bad), both;

	if (!p && in_syscall) {
		p = go_word(m + go->m_oldp, bad);
		if (p && go_half(m + go->m_syscalltick, bad) != go_half(p + go->p_syscalltick, bad))
			p = 0;
	}
	if (!p)
		return 0;
	both = go_word(p + go->p_id, bad);
	*ret_status = both >> 32 & 0xff;
	return (u32)both + 1;
}

static __always_inline void go_read_chain(struct task_struct *task, const struct bpf_go *go, u64 r28,
					  struct go_chain *chain)
{
	bool bad = false;
	u64 g = go_g_of(task, go, r28, &bad), m, curg;
	u32 g_status = 0, p_status = 0, reason = 0;

	if (!g && !bad) {
		chain->flags = ROTA_GO_FOREIGN;
		return;
	}
	m = bad ? 0 : go_word(g + go->g_m, &bad);
	if (bad || !m) {
		chain->flags = ROTA_GO_UNREADABLE;
		return;
	}
	curg = go_word(m + go->m_curg, &bad);
	if (go_byte(m + go->m_spinning, &bad))
		chain->flags |= ROTA_GO_SPINNING;
	if (go_byte(m + go->m_incgo, &bad))
		chain->flags |= ROTA_GO_CGO;
	if (go_word(m + go->m_lockedg, &bad))
		chain->flags |= ROTA_GO_LOCKED;
	if (g != curg)
		chain->flags |= ROTA_GO_SYSTEM;
	if (curg) {
		/* a goroutine that knows another M, and not this one: what was read is not what it was taken for */
		if (go_word(curg + go->g_m, &bad) != m)
			bad = true;
		chain->goid = go_word(curg + go->g_goid, &bad);
		chain->start_pc = go_word(curg + go->g_startpc, &bad);
		g_status = go_half(curg + go->g_atomicstatus, &bad) & ~GO_SCAN_BIT & 0xff;
		if (g_status == ROTA_GO_G_WAITING)
			reason = go_byte(curg + go->g_waitreason, &bad);
	}
	chain->p = go_p_of(m, go, g_status == ROTA_GO_G_SYSCALL, &p_status, &bad);
	chain->state = g_status | p_status << 8 | reason << 16;
	if (bad)
		*chain = (struct go_chain){ .flags = ROTA_GO_UNREADABLE };
}

static __always_inline struct bpf_go *go_process(u32 tgid)
{
	if (!go_settings.on || !*(volatile u32 *)&go_control.processes)
		return NULL;
	return bpf_map_lookup_elem(&go_processes, &tgid);
}

/* `task` is current, and of T. It must have its memory: not at its last switch. */
static __always_inline void emit_go(const struct outlet *outlet, u64 now, struct task_struct *task, u32 task_flags,
				    const struct bpf_go *go, u64 r28, u32 tid, u32 tgid, u8 flags)
{
	struct go_chain chain = {};
	struct rota_rec_go *record;

	if (is_kernels_own(task_flags) || task_flags & PF_EXITING)
		return;
	go_read_chain(task, go, r28, &chain);
	if (!reserve(outlet, now, record))
		return;
	fill_head(&record->head, now, ROTA_REC_GO, flags | chain.flags | ROTA_F_TARGET, chain.p, tid);
	record->goid = chain.goid;
	record->start_pc = chain.start_pc;
	record->state = chain.state;
	record->tgid = tgid;
	submit(outlet, record);
}

static __always_inline void emit_go_at_switch(const struct outlet *outlet, u64 now, struct task_struct *prev, u32 tid,
					      u32 tgid)
{
	const struct bpf_go *go = go_process(tgid);

	if (go)
		emit_go(outlet, now, prev, prev->flags, go, go_saved_r28(prev), tid, tgid, 0);
}

/* `r28`: arm64, as the clock's interrupt found it in user mode; 0: in the kernel. */
static __always_inline void emit_go_at_tick(const struct outlet *outlet, u64 now, u64 r28, u32 tid, u32 tgid)
{
	const struct bpf_go *go = go_process(tgid);
	struct task_struct *current;

	if (!go)
		return;
	current = (void *)bpf_get_current_task();
	emit_go(outlet, now, current, BPF_CORE_READ(current, flags), go, r28, tid, tgid, ROTA_GO_TICK);
}

/* --- exact mode ----------------------------------------------------------------------------------------------------- */

/*
 * Uprobes run in preemptible context, the only programs here that do. A ring with a record begun and not submitted holds up all
 * that comes behind it: so the record is put at once, and where the kernel lets a program say so (6.10 on), nobody comes
 * in between.
 */
extern void bpf_preempt_disable(void) __ksym __weak;
extern void bpf_preempt_enable(void) __ksym __weak;

static __always_inline void put_go_run(struct rota_rec_go_run *record, u32 tid)
{
	struct outlet outlet;
	u64 now;

	if (!outlet_open(&outlet))
		return;
	now = bpf_ktime_get_ns();
	if (outlet.self->lost && !tell_lost(&outlet, now)) {
		__sync_fetch_and_add(&outlet.self->lost, 1);
		return;
	}
	fill_head(&record->head, now, ROTA_REC_GO_RUN, ROTA_F_TARGET, 0, tid);
	if (bpf_ringbuf_output(outlet.ring, record, sizeof(*record), BPF_RB_NO_WAKEUP))
		__sync_fetch_and_add(&outlet.self->lost, 1);
}

/* `current` goes on with the goroutine at `g`; 0: it schedules. */
static __always_inline void emit_go_run(u64 g)
{
	u64 both = bpf_get_current_pid_tgid();
	u32 tid = both, tgid = both >> 32;
	const struct bpf_go *go = go_process(tgid);
	struct rota_rec_go_run record = { .tgid = tgid };
	bool bad = false;

	__sync_fetch_and_add(&go_control.hits, 1);
	if (!go || !in_target(tid, tgid))
		return;
	if (g) {
		record.goid = go_word(g + go->g_goid, &bad);
		record.start_pc = go_word(g + go->g_startpc, &bad);
	}
	if (bad)
		return;
	if (bpf_preempt_disable) {
		bpf_preempt_disable();
		put_go_run(&record, tid);
		bpf_preempt_enable();
	} else {
		put_go_run(&record, tid);
	}
}

/* runtime.execute(gp *g, …): Go's first argument is in AX (the internal ABI, 1.17 on). */
SEC("uprobe")
int go_execute(MAYBE struct pt_regs *registers)
{
#if defined(__TARGET_ARCH_x86)
	emit_go_run(registers->ax);
#endif
	return 0;
}

/* runtime.schedule(): the goroutine before it has ended or waits. */
SEC("uprobe")
int go_schedule(MAYBE struct pt_regs *registers)
{
	emit_go_run(0);
	return 0;
}

#endif
