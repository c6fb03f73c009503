/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who is in T: decided in the kernel, at birth, exec, rename, cgroup moves, and for those alive at the start by a walk over
 * all tasks. The subject is always the task an event is about, never `current` by chance.
 */
#ifndef ROTA_BPF_MEMBER_H
#define ROTA_BPF_MEMBER_H

#include "reason.bpf.h"

#define MAX_CGROUP_DEPTH 64
#define MAX_HIERARCHIES  32
#define MAX_NS_LEVEL     32 /* MAX_PID_NS_LEVEL, include/linux/pid_namespace.h */
#define MAX_ANCESTORS    64

/* enum rota_state, as rota/transition.h numbers it */
enum { STATE_NONE, STATE_UNKNOWN, STATE_RUNNING, STATE_RUNNABLE, STATE_THROTTLED, STATE_BLOCKED, STATE_STOPPED };

/* --- by cgroup ---------------------------------------------------------------------------------------------------- */

static __always_inline bool cgroup_below_target(struct cgroup *cgroup)
{
	for (int depth = 0; depth < MAX_CGROUP_DEPTH && cgroup; depth++) {
		struct cgroup_subsys_state *parent;

		if (BPF_CORE_READ(cgroup, kn, id) == settings.cgroup_id)
			return true;
		parent = BPF_CORE_READ(cgroup, self.parent);
		cgroup = parent ? BPF_CORE_READ(parent, cgroup) : NULL;
	}
	return false;
}

/* A css_set is linked to one cgroup of each hierarchy, v1, named and v2 alike (kernel/cgroup/cgroup.c link_css_set()). */
static __always_inline bool in_target_cgroup(struct task_struct *task)
{
	struct css_set *set = BPF_CORE_READ(task, cgroups);
	struct list_head *head = (void *)set + bpf_core_field_offset(struct css_set, cgrp_links);
	struct list_head *at = BPF_CORE_READ(head, next);

	for (int i = 0; i < MAX_HIERARCHIES && at != head; i++) {
		struct cgrp_cset_link *link = (void *)at - bpf_core_field_offset(struct cgrp_cset_link, cgrp_link);
		struct cgroup *cgroup = BPF_CORE_READ(link, cgrp);

		if ((u32)BPF_CORE_READ(cgroup, root, hierarchy_id) == settings.cgroup_hierarchy)
			return cgroup_below_target(cgroup);
		at = BPF_CORE_READ(at, next);
	}
	return false;
}

/* --- by name ------------------------------------------------------------------------------------------------------ */

/*
 * Shift-and matching of the pattern that src/capture/glob.c compiled: bit i of `at` means that the first i tokens match what
 * was read so far; a star stays where it is on any byte, and is passed for free.
 */
static __always_inline bool name_matches(const char *comm)
{
	char name[ROTA_COMM_SIZE] = {};
	u32 at = 1;

	bpf_probe_read_kernel_str(name, sizeof(name), comm);
	at |= (at & settings.glob.star) << 1;
	for (int i = 0; i < ROTA_COMM_SIZE - 1 && name[i]; i++) {
		at = (at & settings.glob.accept[(u8)name[i]]) << 1 | (at & settings.glob.star);
		at |= (at & settings.glob.star) << 1;
	}
	return at & settings.glob.end;
}

/* --- by id -------------------------------------------------------------------------------------------------------- */

/* The task's id as rota's pid namespace numbers it; 0 where it is not in it. */
static __always_inline u32 tid_as_typed(struct task_struct *task)
{
	struct pid *pid;
	u32 level;

	if (!settings.own_namespace)
		return task->pid;
	pid = task->thread_pid;
	if (!pid)
		return 0;
	level = pid->level;
	for (u32 i = 0; i < MAX_NS_LEVEL && i <= level; i++) {
		u64 size = bpf_core_type_size(struct upid);
		void *at = (void *)pid + bpf_core_field_offset(struct pid, numbers) + i * size;
		struct pid_namespace *ns = NULL;
		int nr = 0;

		bpf_probe_read_kernel(&ns, sizeof(ns), at + bpf_core_field_offset(struct upid, ns));
		if (BPF_CORE_READ(ns, ns.inum) != settings.own_namespace)
			continue;
		bpf_probe_read_kernel(&nr, sizeof(nr), at + bpf_core_field_offset(struct upid, nr));
		return nr;
	}
	return 0;
}

/* Whether a living forefather's process is in T. */
static __always_inline bool descends_from_target(struct task_struct *task)
{
	struct task_struct *parent = BPF_CORE_READ(task, real_parent);

	for (int i = 0; i < MAX_ANCESTORS && parent; i++) {
		u32 tgid = BPF_CORE_READ(parent, tgid);
		struct thread_word *word = thread_word(tgid);

		if (word && word->member & MEMBER_PROCESS)
			return true;
		if (tgid <= 1)
			return false;
		parent = BPF_CORE_READ(parent, group_leader, real_parent);
	}
	return false;
}

/* --- joining and leaving ------------------------------------------------------------------------------------------ */

static __always_inline u8 task_state(struct task_struct *task)
{
	u32 bits;

	if (task->on_cpu)
		return STATE_RUNNING;
	if (task_is_queued(task))
		return task_is_throttled(task) ? STATE_THROTTLED : STATE_RUNNABLE;
	bits = task_state_bits(task);
	return task_is_stopped(task, bits) ? STATE_STOPPED : STATE_BLOCKED;
}

/* A member that is on a queue without having been counted there: watch the cpu until that queue has run empty. */
static __always_inline void watch_queue_of(struct task_struct *task)
{
	struct thread_word *word = thread_word(task->pid);
	struct bpf_cpu *there;

	if (!word || word->queue & QUEUE_QUEUED)
		return;
	there = cpu_state(task_cpu(task));
	if (there)
		there->force_watch = 1;
}

/* `word` belongs to the leader of a process (then all of it joins) or to one thread. */
static __always_inline void join(struct task_struct *task, u8 how)
{
	struct thread_word *word = thread_word(task->pid);
	struct outlet outlet;
	u64 now = bpf_ktime_get_ns();
	u8 state;

	if (!word || (u32)task->tgid == control.own_tgid)
		return;
	control.joined_ns = now;
	word->member = (word->member & ~MEMBER_EXCLUDED) | how;
	if (!outlet_open(&outlet))
		return;
	state = task_state(task);
	if (state == STATE_BLOCKED)
		emit_reason(&outlet, now, task);
	emit_task(&outlet, now, task, ROTA_F_TARGET | ROTA_TASK_JOIN, state, BPF_CORE_READ(task, real_parent, tgid));
	if (state == STATE_RUNNABLE || state == STATE_THROTTLED)
		watch_queue_of(task);
	if (how & MEMBER_PROCESS)
		control.sync_wanted++;
}

static __always_inline void leave(struct task_struct *task, bool process)
{
	struct thread_word *word = thread_word(task->pid);
	struct outlet outlet;

	if (!word)
		return;
	if (process)
		word->member &= ~(MEMBER_PROCESS | MEMBER_THREAD | MEMBER_BY_NAME);
	else
		word->member = MEMBER_EXCLUDED | (word->member & MEMBER_PROCESS);
	if (!outlet_open(&outlet))
		return;
	emit_head(&outlet, bpf_ktime_get_ns(), ROTA_REC_LEAVE, 0, process, task->pid);
	if (process)
		control.sync_wanted++;
}

#endif
