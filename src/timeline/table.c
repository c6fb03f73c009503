/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who is who: the threads timeline knows, by tid and by index. Makes, renames and ends them and tells the sink so; it must
 * never change a state (state.c does), nor end a thread that is in T or on a cpu.
 */
#include "timeline/state.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

void stranger_link(struct timeline *timeline, struct thread *thread)
{
	thread->newer = NULL;
	thread->older = timeline->newest;
	if (timeline->newest)
		timeline->newest->newer = thread;
	else
		timeline->oldest = thread;
	timeline->newest = thread;
	timeline->stranger_count++;
}

void stranger_unlink(struct timeline *timeline, struct thread *thread)
{
	if (thread->older)
		thread->older->newer = thread->newer;
	else
		timeline->oldest = thread->newer;
	if (thread->newer)
		thread->newer->older = thread->older;
	else
		timeline->newest = thread->older;
	thread->older = thread->newer = NULL;
	timeline->stranger_count--;
}

void strangers_trim(struct timeline *timeline)
{
	while (timeline->stranger_count > TIMELINE_STRANGERS_MAX)
		thread_drop(timeline, timeline->oldest);
}

void thread_seat(struct timeline *timeline, struct thread *thread)
{
	if (!thread->seats++ && !thread->pub.target)
		stranger_unlink(timeline, thread);
}

void thread_unseat(struct timeline *timeline, struct thread *thread)
{
	if (!--thread->seats && !thread->pub.target)
		stranger_link(timeline, thread);
}

struct thread *thread_get(struct timeline *timeline, uint32_t tid)
{
	struct thread *thread = idtable_get(timeline->by_tid, tid);

	if (thread)
		return thread;
	thread = xcalloc(1, sizeof(*thread));
	thread->pub.tid = tid;
	thread->cpu = NO_CPU;
	if (timeline->free_count) {
		thread->pub.index = timeline->free_indices[--timeline->free_count];
	} else {
		thread->pub.index = timeline->index_count++;
		timeline->by_index = xgrow(timeline->by_index, &timeline->index_capacity, timeline->index_count,
					   sizeof(*timeline->by_index));
	}
	timeline->by_index[thread->pub.index] = thread;
	idtable_set(timeline->by_tid, tid, thread);
	stranger_link(timeline, thread);
	return thread;
}

void thread_drop(struct timeline *timeline, struct thread *thread)
{
	struct departed *departed = &timeline->departed[timeline->departed_next++ % TIMELINE_DEPARTED];

	departed->tid = thread->pub.tid;
	departed->start_boottime_ns = thread->pub.start_boottime_ns;
	if (!thread->pub.target && !thread->seats)
		stranger_unlink(timeline, thread);
	if (idtable_get(timeline->by_tid, thread->pub.tid) == thread)
		idtable_set(timeline->by_tid, thread->pub.tid, NULL);
	timeline->sink.thread_gone(timeline->sink.ctx, &thread->pub);
	timeline->by_index[thread->pub.index] = NULL;
	timeline->free_indices = xgrow(timeline->free_indices, &timeline->free_capacity, timeline->free_count + 1,
				       sizeof(*timeline->free_indices));
	timeline->free_indices[timeline->free_count++] = thread->pub.index;
	free(thread);
}

bool thread_departed(const struct timeline *timeline, uint32_t tid, uint64_t start_boottime_ns)
{
	for (unsigned int i = 0; start_boottime_ns && i < TIMELINE_DEPARTED; i++) {
		if (timeline->departed[i].tid == tid && timeline->departed[i].start_boottime_ns == start_boottime_ns)
			return true;
	}
	return false;
}

/*
 * de_thread() in fs/exec.c: the thread that execs takes the leader's tid and start time; the leader, dying, gets its tid.
 * Where the leader was gone before, its start time is not known here and the next TASK record fills it in.
 */
void thread_swap(struct timeline *timeline, struct thread *thread, uint32_t tid)
{
	uint32_t old_tid = thread->pub.tid;
	struct thread *other = thread_find(timeline, tid);
	uint64_t start_ns = other ? other->pub.start_boottime_ns : 0;
	bool takes_leader_tid = tid == thread->pub.tgid;

	if (tid == old_tid)
		return;
	idtable_set(timeline->by_tid, tid, thread);
	idtable_set(timeline->by_tid, old_tid, other);
	thread->pub.tid = tid;
	if (takes_leader_tid) {
		thread->exec_old_tid = old_tid;
		thread->pub.start_boottime_ns = start_ns;
	} else if (other) { /* seen from the dying leader's side: `other` is the one that did exec */
		other->exec_old_tid = tid;
		other->pub.start_boottime_ns = thread->pub.start_boottime_ns;
	}
	if (other) {
		other->pub.tid = old_tid;
		timeline->sink.thread_changed(timeline->sink.ctx, &other->pub);
	}
	timeline->sink.thread_changed(timeline->sink.ctx, &thread->pub);
}

/*
 * An exec by a thread that is not the leader swaps the two tids before any record says so. It shows when a thread leaves a
 * cpu under another tid than it came with: the leader's, or, for the dying leader, that of one of its threads.
 */
void cpu_notice_swap(struct timeline *timeline, const struct cpu *cpu, uint32_t tid)
{
	struct thread *occupant = cpu->thread;
	const struct thread *other;
	uint32_t tgid;

	if (!occupant || occupant->pub.tid == tid || !occupant->pub.target || !occupant->pub.tgid)
		return;
	other = thread_find(timeline, tid);
	tgid = occupant->pub.tgid;
	if (tid == tgid || (occupant->pub.tid == tgid && other && other->pub.tgid == tgid))
		thread_swap(timeline, occupant, tid);
}

void thread_rename(struct timeline *timeline, struct thread *thread, const char *comm)
{
	if (!strncmp(thread->pub.comm, comm, ROTA_COMM_SIZE - 1))
		return;
	memset(thread->pub.comm, 0, ROTA_COMM_SIZE);
	memcpy(thread->pub.comm, comm, strnlen(comm, ROTA_COMM_SIZE - 1));
	timeline->sink.thread_changed(timeline->sink.ctx, &thread->pub);
}

void table_fini(struct timeline *timeline)
{
	for (uint32_t i = 0; i < timeline->index_count; i++)
		free(timeline->by_index[i]);
	free(timeline->by_index);
	free(timeline->free_indices);
	idtable_free(timeline->by_tid);
}
