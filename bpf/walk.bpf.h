/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What user space asks for: a walk over all tasks (who is in T, and what it is doing), a snapshot on one cpu, and rota's
 * own id. Together they establish the states at the start of a window and after a loss.
 */
#ifndef ROTA_BPF_WALK_H
#define ROTA_BPF_WALK_H

#include "member.bpf.h"
#include "unseen.bpf.h"

/* BPF_WALK_SEED: gives `task` its part in T, and no record. */
static __always_inline void seed(struct task_struct *task)
{
	struct thread_word *word = thread_word(task->pid);
	bool leader = task->pid == task->tgid;
	u32 typed = tid_as_typed(task);
	struct bpf_seed *named;
	u8 before;

	if (!word || (u32)task->tgid == control.own_tgid)
		return;
	before = word->member;
	if (settings.kind == BPF_KIND_CGROUP) {
		bool inside = in_target_cgroup(task);

		if (leader)
			word->member = inside ? MEMBER_PROCESS : 0;
		else if (inside != !!is_target(task))
			word->member = inside ? MEMBER_THREAD : MEMBER_EXCLUDED;
		control.seeded += word->member != before;
		return;
	}
	if (settings.kind == BPF_KIND_NAME) {
		if (name_matches(task->comm))
			word->member |= (leader ? MEMBER_PROCESS : MEMBER_THREAD) | MEMBER_BY_NAME;
	}
	named = typed ? bpf_map_lookup_elem(&seeds, &typed) : NULL;
	if (named) {
		word->member |= named->member;
		named->found = 1;
	} else if (leader && settings.children && !is_target(task) && descends_from_target(task)) {
		word->member |= MEMBER_PROCESS;
	}
	control.seeded += word->member != before;
}

/* BPF_WALK_SYNC: tells what a thread of T is doing. */
static __always_inline void sync_task(struct task_struct *task, struct seq_file *seq)
{
	u64 mark[2] = {};
	struct thread_word *word = thread_word(task->pid);
	struct outlet outlet;
	u64 now;
	u8 state;

	if (!word || !is_target(task) || (task->exit_state && !task->on_cpu) || !outlet_open(&outlet))
		return;
	/* the time first: an event between the two readings is then after it, and decides */
	now = bpf_ktime_get_ns();
	state = task_state(task);
	if (state == STATE_RUNNABLE || state == STATE_THROTTLED)
		watch_queue_of(task);
	if (state == STATE_BLOCKED)
		emit_reason(&outlet, now, task);
	emit_task(&outlet, now, task, ROTA_F_TARGET | ROTA_TASK_SYNC, state, BPF_CORE_READ(task, real_parent, tgid));
	/* user space reads a page at a time, so that it comes back to drain the rings */
	bpf_seq_write(seq, mark, sizeof(mark));
}

SEC("iter/task")
int walk_tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;

	if (!task || !task->pid)
		return 0;
	if (control.walk == BPF_WALK_SEED)
		seed(task);
	else
		sync_task(task, ctx->meta->seq);
	return 0;
}

/* Run by BPF_PROG_TEST_RUN on the cpu it is about, in interrupt context there. Returns 1 where the ring had no room. */
SEC("raw_tp")
int take_snapshot(void *ctx __attribute__((unused)))
{
	struct task_struct *current = (void *)bpf_get_current_task();
	u64 ids = bpf_get_current_pid_tgid();
	u32 tid = ids;
	struct rota_rec_snapshot *record;
	struct outlet outlet;
	u8 flags = 0;
	bool target;
	u64 now;

	if (!outlet_open(&outlet))
		return 0;
	target = tid && in_target(tid, ids >> 32);
	if (target)
		flags = ROTA_F_TARGET;
	introduce(&outlet, bpf_ktime_get_ns(), current, tid, target);
	now = bpf_ktime_get_ns();
	if (outlet.self->task != (u64)current && outlet.self->since_ns)
		book_switch(&outlet, current, now, target);
	occupy(outlet.self, now, current, tid, target, BPF_CORE_READ(current, se.sum_exec_runtime));
	if (!reserve(&outlet, now, record)) {
		__sync_fetch_and_add(&outlet.self->lost, -1); /* nothing is lost: it will be taken again */
		return 1;
	}
	if (control.watch_all)
		flags |= ROTA_SNAPSHOT_WATCHED;
	fill_head(&record->head, now, ROTA_REC_SNAPSHOT, flags, outlet.cpu, tid);
	record->target_ns = outlet.self->spent_ns[KIND_TARGET];
	record->other_ns = outlet.self->spent_ns[KIND_OTHER];
	record->idle_ns = outlet.self->spent_ns[KIND_IDLE];
	submit(&outlet, record);
	return 0;
}

SEC("raw_tp")
int who_am_i(void *ctx __attribute__((unused)))
{
	control.own_tgid = bpf_get_current_pid_tgid() >> 32;
	return 0;
}

#endif
