/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: the running kernel's type information (BTF) and symbols. Goes out: which of its shapes the BPF programs meet, and
 * by which way they tell what not every kernel tells alike. A version number is never compared.
 */
#ifndef ROTA_HOST_SHAPE_H
#define ROTA_HOST_SHAPE_H

#include <stdbool.h>
#include <stdint.h>

struct btf;

/* How a thread that its cgroup's quota holds up is told from one that waits for a cpu. */
enum shape_throttle {
	SHAPE_THROTTLE_NONE,  /* no quotas (CONFIG_CFS_BANDWIDTH) */
	SHAPE_THROTTLE_QUEUE, /* cfs_rq.throttle_count of its queue, as it is put there: before 6.18 */
	SHAPE_THROTTLE_TASK,  /* task_struct.throttled: 6.18 on */
};

struct kernel_shape {
	bool switch_has_prev_state;     /* sched_switch has its fourth argument: 5.18 on */
	bool has_rdonly_cast;           /* bpf_rdonly_cast(): 6.2 on */
	bool interrupts_told;           /* whether a wakeup comes from an interrupt */
	bool own_account;               /* task_struct.sched_info (CONFIG_SCHED_INFO) */
	int64_t preempt_count_distance; /* x86-64: bytes from a cpu's struct rq to its preemption count; 0: not known */
	enum shape_throttle throttle;
};

/* Of the kernel that `btf` describes; `kallsyms` is the path of its symbols, which are read where BTF leaves a gap. */
void shape_of(const struct btf *btf, const char *kallsyms, struct kernel_shape *ret_shape);
/* Of the running kernel. False where it has no BTF: nothing loads then, and that has its own message. */
bool shape_read(struct kernel_shape *ret_shape);
/* As traces name it (trace/meta.h): "task", "cfs_rq", "none". */
const char *shape_throttle_name(enum shape_throttle throttle);

#endif
