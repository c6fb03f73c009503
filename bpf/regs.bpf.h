/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The registers that a thread saved when it last entered the kernel, and the system call they tell of. By bpf_task_pt_regs()
 * where the kernel has it; else computed as that helper would. Never for kernel threads and workers: theirs mean nothing.
 */
#ifndef ROTA_BPF_REGS_H
#define ROTA_BPF_REGS_H

#include "state.bpf.h"

#define STACK_BYTES (16 << 10) /* THREAD_SIZE: arch/x86/include/asm/page_64_types.h, arch/arm64/include/asm/memory.h */

/* How large `task`'s kernel stack is: as mapped, where it is mapped (CONFIG_VMAP_STACK); else KASAN doubles it. */
static __always_inline u64 stack_bytes(struct task_struct *task)
{
	struct task_struct___vmap *mapped = (void *)task;
	u64 size = STACK_BYTES;

	if (bpf_core_field_exists(((struct task_struct___kasan *)0)->kasan_depth))
		size *= 2;
	if (bpf_core_field_exists(mapped->stack_vm_area)) {
		u64 area = BPF_CORE_READ(mapped, stack_vm_area, size);

		if (area > settings.page_bytes)
			size = area - settings.page_bytes;
	}
	return size;
}

/* The registers lie at the top of the stack (task_pt_regs()). A kernel that pads it there, for FRED (6.9 on), has the helper. */
static __always_inline struct pt_regs *computed_registers(struct task_struct *task)
{
	struct pt_regs *registers = task->stack + stack_bytes(task) - bpf_core_type_size(struct pt_regs);

	/* what a user thread saved says that it came from user mode; anything else is a wrong guess of the size */
#if defined(__TARGET_ARCH_x86)
	return (BPF_CORE_READ(registers, cs) & 3) == 3 ? registers : NULL;
#else
	return BPF_CORE_READ((struct pt_regs___aarch64 *)registers, pstate) & 0xf ? NULL : registers;
#endif
}

struct saved_call {
	long number; /* -1: in none */
	bool compat;
	u64 first; /* argument */
};

/* By the helper, whose registers the verifier lets a program load; or by a guess, which takes probes. */
static __always_inline bool read_saved_call(struct task_struct *task, struct saved_call *ret_call)
{
	bool helper = bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs);
#if defined(__TARGET_ARCH_x86)
	struct pt_regs *registers;

	ret_call->compat = task->thread_info.status & TS_COMPAT;
	if (helper) {
		registers = (struct pt_regs *)bpf_task_pt_regs(task);
		ret_call->number = registers->orig_ax;
		ret_call->first = ret_call->compat ? (u32)registers->bx : registers->di;
		return true;
	}
	registers = computed_registers(task);
	if (!registers)
		return false;
	ret_call->number = BPF_CORE_READ(registers, orig_ax);
	ret_call->first = ret_call->compat ? (u32)BPF_CORE_READ(registers, bx) : BPF_CORE_READ(registers, di);
#else
	struct pt_regs___aarch64 *registers;

	ret_call->compat = task->thread_info.flags & TIF_32BIT;
	if (helper) {
		registers = (struct pt_regs___aarch64 *)bpf_task_pt_regs(task);
		ret_call->number = registers->syscallno;
		ret_call->first = registers->orig_x0;
	} else {
		registers = (struct pt_regs___aarch64 *)computed_registers(task);
		if (!registers)
			return false;
		ret_call->number = BPF_CORE_READ(registers, syscallno);
		ret_call->first = BPF_CORE_READ(registers, orig_x0);
	}
	if (ret_call->compat)
		ret_call->first = (u32)ret_call->first;
#endif
	return true;
}

static __always_inline bool is_kernels_own(u32 task_flags)
{
	return task_flags & PF_KTHREAD || task_is_worker(task_flags);
}

/* The system call `task` is in; -1 where it is in none, or that cannot be told. */
static __always_inline long syscall_of(struct task_struct *task)
{
	struct saved_call call;

	if (is_kernels_own(task->flags) || !read_saved_call(task, &call))
		return -1;
	return call.number;
}

#endif
