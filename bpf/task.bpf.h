/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Birth, exec, rename and cgroup moves: where a tid gets its meaning and T its members. Rare, so plainness before speed. */
#ifndef ROTA_BPF_TASK_H
#define ROTA_BPF_TASK_H

#include "go.bpf.h"
#include "member.bpf.h"

/* How a new task stands to T. `current` made it (fork, clone, or an io_uring or vhost worker). */
static __always_inline u8 member_at_birth(struct task_struct *child, u32 creator_tid, u32 creator_tgid)
{
	bool leader = child->pid == child->tgid;
	struct thread_word *word;

	if ((u32)child->tgid == control.own_tgid)
		return 0;
	if (settings.kind == BPF_KIND_CGROUP) {
		/* not inherited: clone3(CLONE_INTO_CGROUP) may put it elsewhere */
		bool inside = in_target_cgroup(child);

		if (leader)
			return inside ? MEMBER_PROCESS : 0;
		return inside ? MEMBER_THREAD : MEMBER_EXCLUDED;
	}
	word = thread_word(creator_tid);
	if (!leader) /* a process in T has all its threads in T; a thread in T by its name may pass that on */
		return settings.kind == BPF_KIND_NAME && word && settings.children
			       ? word->member & (MEMBER_THREAD | MEMBER_BY_NAME) &
					 (word->member & MEMBER_THREAD ? 0xff : 0)
			       : 0;
	if (settings.kind == BPF_KIND_NAME && !settings.children)
		return name_matches(child->comm) ? MEMBER_PROCESS | MEMBER_BY_NAME : 0;
	/* a thread followed by -t is followed alone */
	if (!settings.children || (word && word->member & MEMBER_THREAD && settings.kind == BPF_KIND_IDS))
		return 0;
	return in_target(creator_tid, creator_tgid) ? MEMBER_PROCESS : 0;
}

SEC("tp_btf/task_newtask")
int on_newtask(u64 *ctx)
{
	struct task_struct *child = (void *)ctx[0];
	u64 creator = bpf_get_current_pid_tgid(); /* tid in the low half, tgid in the high */
	u32 tid = child->pid;
	struct thread_word *word = thread_word(tid);
	u64 *waking = bpf_map_lookup_elem(&wakings, &tid);
	struct outlet outlet;

	if (!word) {
		control.beyond++;
		return 0;
	}
	if (waking)
		*waking = 0;
	/* the tid may have been another task's: nothing of that one stays */
	word->known = 0;
	word->queue = QUEUE_SEEN;
	word->life = life_of(child);
	word->member = member_at_birth(child, (u32)creator, creator >> 32);
	if (is_target(child) && outlet_open(&outlet))
		emit_task(&outlet, bpf_ktime_get_ns(), child, ROTA_F_TARGET | ROTA_TASK_NEW, STATE_UNKNOWN,
			  (u32)creator);
	return 0;
}

/* Names decide membership with --name: at exec and at each rename. */
static __always_inline void judge_name(struct task_struct *task, const char *comm)
{
	struct thread_word *word = thread_word(task->pid);
	bool leader = task->pid == task->tgid, matches;

	if (settings.kind != BPF_KIND_NAME || !word)
		return;
	matches = name_matches(comm);
	if (matches && !is_target(task))
		join(task, (leader ? MEMBER_PROCESS : MEMBER_THREAD) | MEMBER_BY_NAME);
	else if (!matches && word->member & MEMBER_BY_NAME)
		leave(task, leader);
}

SEC("tp_btf/sched_process_exec")
int on_exec(u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];
	u32 old_tid = ctx[1], tid = task->pid;
	struct thread_word *word = thread_word(tid), *old = thread_word(old_tid);
	struct rota_rec_exec *record;
	struct outlet outlet;
	u64 now;

	if (!word || !old)
		return 0;
	if (go_process(tid)) /* what was known of its memory is of the program before */
		bpf_map_delete_elem(&go_processes, &tid);
	if (old_tid !=
	    tid) { /* it took over the leader's tid (de_thread() in fs/exec.c), and its parity of nvcsw with it */
		word->member |= old->member & MEMBER_THREAD;
		word->queue = 0;
		old->member = 0;
	}
	if (!is_target(task) || !outlet_open(&outlet))
		return 0;
	now = bpf_ktime_get_ns();
	if (!reserve(&outlet, now, record))
		return 0;
	fill_head(&record->head, now, ROTA_REC_EXEC, ROTA_F_TARGET, 0, tid);
	record->old_tid = old_tid;
	record->zero = 0;
	__builtin_memset(record->comm, 0, sizeof(record->comm));
	bpf_probe_read_kernel_str(record->comm, ROTA_COMM_SIZE, &task->comm);
	submit(&outlet, record);
	return 0;
}

SEC("tp_btf/task_rename")
int on_rename(u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];
	const char *comm = (const char *)ctx[1];
	struct thread_word *word = thread_word(task->pid);
	struct outlet outlet;
	bool target;

	if (!word)
		return 0;
	target = is_target(task);
	if ((target || word->known) && outlet_open(&outlet))
		emit_name(&outlet, bpf_ktime_get_ns(), task->pid, target ? ROTA_F_TARGET : 0, comm);
	judge_name(task, comm);
	return 0;
}

SEC("tp_btf/cgroup_attach_task")
int on_cgroup_attach(u64 *ctx)
{
	struct cgroup *to = (void *)ctx[0];
	struct task_struct *task = (void *)ctx[2];
	bool process = ctx[3], inside;

	if (settings.kind != BPF_KIND_CGROUP)
		return 0;
	if ((u32)BPF_CORE_READ(to, root, hierarchy_id) != settings.cgroup_hierarchy)
		return 0;
	inside = cgroup_below_target(to);
	if (inside && !is_target(task))
		join(task, process ? MEMBER_PROCESS : MEMBER_THREAD);
	else if (!inside && is_target(task))
		leave(task, process);
	return 0;
}

#endif
