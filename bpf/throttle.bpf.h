/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * When a throttled thread gets its quota back. No event tells it: the thread is put on the queue again and waits there, and
 * only its switch-in is seen. But the queue of its cgroup on that cpu adds up how long it stood still
 * (cfs_rq.throttled_clock_self_time, 6.7 on), and says since when it does now (throttled_clock_self): both in the time of
 * rq.clock. So at the switch-in the moment of its release is known, and a WAKEUP record with that time is written, late in its
 * ring (src/capture/late.h). On kernels without these fields THROTTLED lasts until the switch-in.
 *
 * A thread may wait so long for the cpu that others of its cgroup run out of quota again before it has run: then the sum has two
 * stays. All threads that one stay holds have the same note of it; so the last stays of a cpu are kept by note, with their ends
 * as the first thread that runs again, or that begins the next stay, tells them.
 *
 * What is kept meanwhile lies in the word for the thread's last waking, which a thread that is queued does not have.
 */
#ifndef ROTA_BPF_THROTTLE_H
#define ROTA_BPF_THROTTLE_H

#include "unseen.bpf.h"

#define THROTTLE_LONGEST_NS 60000000000ULL /* a period is at most 1 s; after a minute the note is not believed */

/* Units of 256 ns: 52 bits of them, and 12 bits that tell whether it is still the same queue. */
static __always_inline u64 pack_throttle(u64 origin_ns, const struct cfs_rq *queue)
{
	return (origin_ns >> 8) << 12 | ((u64)queue >> 6 & 0xfff);
}

static __always_inline bool throttle_is_told(void)
{
	return bpf_core_field_exists(((struct cfs_rq___throttled *)0)->throttled_clock_self_time) &&
	       bpf_core_field_exists(((struct sched_entity *)0)->cfs_rq);
}

static __always_inline u64 end_of(u64 note, u64 stood)
{
	return ((note >> 12) << 8) + stood;
}

/* A stay that `note` tells of begins on this cpu, unless it has begun; the one before it, of the same queue, has ended. */
static __always_inline void stay_begins(struct bpf_cpu *self, u64 note, u64 stood)
{
	u32 i;

	for (i = 0; i < BPF_RELEASES; i++) {
		struct bpf_release *stay = &self->releases[i];

		if (stay->note == note)
			return;
		if (stay->note && !stay->at_ns && !((stay->note ^ note) & 0xfff))
			stay->at_ns = end_of(stay->note, stood);
	}
	for (i = BPF_RELEASES - 1; i > 0; i--)
		self->releases[i] = self->releases[i - 1];
	self->releases[0].note = note;
	self->releases[0].at_ns = 0;
}

/* When the stay that `note` tells of ended, `stood` being the sum of all stays so far; in the time of rq.clock. */
static __always_inline u64 stay_end(struct bpf_cpu *self, u64 note, u64 stood)
{
	u32 i;

	for (i = 0; i < BPF_RELEASES; i++) {
		struct bpf_release *stay = &self->releases[i];

		if (stay->note != note)
			continue;
		if (!stay->at_ns)
			stay->at_ns = end_of(note, stood);
		return stay->at_ns;
	}
	return end_of(note, stood);
}

/* `task` of T is queued, and throttled. `self`: on the queue of this cpu, NULL for another's. */
static __always_inline int note_throttle(struct task_struct *task, struct thread_word *word, struct bpf_cpu *self)
{
	struct cfs_rq___throttled *queue;
	u32 tid = BPF_CORE_READ(task, pid);
	u64 *note, since, stood;

	if (!throttle_is_told() || !word)
		return 0;
	queue = (void *)BPF_CORE_READ(task, se.cfs_rq);
	since = BPF_CORE_READ(queue, throttled_clock_self);
	stood = BPF_CORE_READ(queue, throttled_clock_self_time);
	note = bpf_map_lookup_elem(&wakings, &tid);
	if (!note || !since)
		return 0;
	*note = pack_throttle(since - stood, (void *)queue);
	word->queue |= QUEUE_THROTTLED;
	if (self)
		stay_begins(self, *note, stood);
	return 0;
}

/* `task` of T was throttled when it left its cpu, and is about to run. */
static __always_inline int book_release(struct outlet *outlet, struct task_struct *task, u64 now)
{
	u32 tid = BPF_CORE_READ(task, pid);
	struct rota_rec_wakeup *record;
	struct cfs_rq___throttled *queue;
	u64 *note, stood, at;

	note = bpf_map_lookup_elem(&wakings, &tid);
	if (!note || !*note || !outlet->self || outlet->self->lost || !throttle_is_told())
		return 0;
	queue = (void *)BPF_CORE_READ(task, se.cfs_rq);
	stood = BPF_CORE_READ(queue, throttled_clock_self_time);
	at = *note;
	*note = 0;
	if (pack_throttle(0, (void *)queue) != (at & 0xfff))
		return 0; /* it was moved to another cpu or cgroup */
	at = from_queue_clock(outlet->self, task, stay_end(outlet->self, at, stood), now);
	if (at >= now || now - at > THROTTLE_LONGEST_NS || at < control.joined_ns || !reserve(outlet, now, record))
		return 0;
	record->waker_tid = 0;
	record->waking_delay_ns = 0;
	record->occupant_tid = 0;
	record->zero = 0;
	fill_head(&record->head, at, ROTA_REC_WAKEUP, ROTA_F_TARGET, outlet->cpu, tid);
	submit(outlet, record);
	return 0;
}

#endif
