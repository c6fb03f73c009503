/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Cause before effect, thread by thread, where the clocks of two cpus disagree. Keeps four bytes a tid: what the thread of T
 * was last said to be doing. Looks only into records that wait in the queues; never delivers, never changes a record.
 *
 * The kernel orders a thread's wakeup, switch-in and switch-out by its run-queue locks, so an effect that is ahead of its
 * cause is the clocks' fault, and waits for it; by at most CAUSAL_WINDOW_NS, beyond which it must be something else (a loss).
 * While records are missing the cause may be among them: what a gap leaves in doubt makes nobody wait.
 */
#ifndef ROTA_STREAM_CAUSAL_H
#define ROTA_STREAM_CAUSAL_H

#include "stream/queue.h"

#define CAUSAL_WINDOW_NS 20000U /* clocks of two cpus were seen 10 µs apart; twice that */

struct causal {
	uint32_t *doing;     /* by tid, ROTA_TID_MAX of them; pages untouched by any tid cost nothing */
	uint32_t *occupants; /* by cpu: the thread of T that runs there, 0 for none */
	uint32_t epoch;      /* counts the beginnings and ends of gaps: a sleep noted in another one may be over */
	uint32_t open_gaps;
};

/* What a tid is doing, low 16 bits: nothing known, asleep, or a base plus the cpu it runs or is queued on. Above: epoch. */
enum {
	DOING_UNKNOWN = 0,
	DOING_SLEEPS = 1,
	DOING_RUNS = 0x2000,
	DOING_QUEUED = 0x4000,
	DOING_MASK = 0xffff,
	DOING_EPOCH = 16,
};
_Static_assert(ROTA_CPU_MAX <= 0x2000, "a cpu does not fit between the bases");

static inline bool doing_runs(uint32_t doing)
{
	return (doing & DOING_MASK) >= DOING_RUNS && (doing & DOING_MASK) < DOING_QUEUED;
}

void causal_init(struct causal *causal, uint32_t cpu_count);
void causal_fini(struct causal *causal);
void causal_gap(struct causal *causal, uint32_t cpu);       /* a GAP on `cpu` is delivered */
void causal_gap_end(struct causal *causal, uint32_t count); /* so many GAPs have ended */
/*
 * The time for which `event`, at the head of queues[own], has to wait because its cause is still in a queue; 0: none.
 * queues[] has a queue for each cpu.
 */
uint64_t causal_wait_ns(const struct causal *causal, const struct rota_event *event, uint32_t own,
			const struct queue *queues, uint32_t cpu_count);
/* Cheaply: whether causal_wait_ns() is worth asking. Not where a thread comes onto the cpu that it is queued on. */
static inline bool causal_may_wait(const struct causal *causal, const struct rota_event *event, uint32_t own)
{
	const struct rota_record *head = &event->rec.head;

	switch (head->type) {
	case ROTA_REC_SWITCH:
		return (head->flags & ROTA_SWITCH_NEXT_TARGET) &&
		       causal->doing[event->rec.sw.next_tid] != ((DOING_QUEUED + own) | causal->epoch << DOING_EPOCH);
	case ROTA_REC_WAKEUP:
		return (head->flags & ROTA_WAKEUP_NEW) || doing_runs(causal->doing[head->tid]);
	case ROTA_REC_MIGRATE:
		return true;
	default:
		return false;
	}
}
void causal_note_rare(struct causal *causal, const struct rota_event *event);

static inline void causal_note_switch(struct causal *causal, const struct rota_event *event)
{
	const struct rota_rec_switch *sw = &event->rec.sw;
	bool next_target = sw->head.flags & ROTA_SWITCH_NEXT_TARGET;

	if (sw->head.flags & ROTA_SWITCH_PREV_TARGET) {
		uint32_t out = (sw->head.flags & ROTA_SWITCH_OUT_MASK) >> ROTA_SWITCH_OUT_SHIFT;
		uint32_t doing = DOING_UNKNOWN;

		if (out == ROTA_OUT_BLOCKED || out == ROTA_OUT_STOPPED)
			doing = DOING_SLEEPS;
		else if (out == ROTA_OUT_PREEMPTED || out == ROTA_OUT_YIELDED)
			doing = DOING_QUEUED + event->cpu;
		causal->doing[sw->head.tid] = doing | causal->epoch << DOING_EPOCH;
	}
	if (next_target)
		causal->doing[sw->next_tid] = DOING_RUNS + event->cpu;
	causal->occupants[event->cpu] = next_target ? sw->next_tid : 0;
}

/* `event` is delivered now. */
static inline void causal_note(struct causal *causal, const struct rota_event *event)
{
	const struct rota_record *head = &event->rec.head;

	if (head->type == ROTA_REC_SWITCH) {
		causal_note_switch(causal, event);
	} else if (head->type == ROTA_REC_WAKEUP) {
		if (!doing_runs(causal->doing[head->tid]))
			causal->doing[head->tid] = (DOING_QUEUED + head->aux) | causal->epoch << DOING_EPOCH;
	} else {
		causal_note_rare(causal, event);
	}
}

#endif
