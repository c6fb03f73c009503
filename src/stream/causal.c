/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Cause before effect (causal.h). Four questions: is a thread that is woken for the first time born; is one that arrives on a
 * cpu, or on its queue, still on another cpu by what was delivered so far; is one that arrives on a cpu still asleep; is it
 * still queued elsewhere. In each case the record that answers otherwise may be waiting in a ring whose clock is ahead.
 */
#include "stream/causal.h"

#include "base/alloc.h"
#include "rota/transition.h"

#include <stdlib.h>

void causal_init(struct causal *causal, uint32_t cpu_count)
{
	causal->doing = xcalloc(ROTA_TID_MAX, sizeof(*causal->doing));
	causal->occupants = xcalloc(cpu_count + 1, sizeof(*causal->occupants));
}

void causal_fini(struct causal *causal)
{
	free(causal->doing);
	free(causal->occupants);
}

void causal_gap(struct causal *causal, uint32_t cpu)
{
	causal->doing[causal->occupants[cpu]] = DOING_UNKNOWN;
	causal->occupants[cpu] = 0;
	causal->open_gaps++;
	causal->epoch++;
}

void causal_gap_end(struct causal *causal, uint32_t count)
{
	causal->open_gaps -= causal->open_gaps < count ? causal->open_gaps : count;
	causal->epoch++;
}

static bool is_fresh(const struct causal *causal, uint32_t doing)
{
	return !causal->open_gaps && doing >> DOING_EPOCH == (causal->epoch & DOING_MASK);
}

static bool leaves_cpu(const struct rota_event *event, uint32_t tid, uint32_t cpu)
{
	return event->rec.head.type == ROTA_REC_SWITCH && event->rec.head.tid == tid;
}

/* A wakeup of a thread that is itself on the cpu it is queued on was one of a running thread: nothing came of it. */
static bool is_real_wakeup(const struct rota_event *event)
{
	const struct rota_rec_wakeup *wakeup = &event->rec.wakeup;

	return (wakeup->head.flags & ROTA_WAKEUP_OCCUPIED) && wakeup->occupant_tid != wakeup->head.tid;
}

static bool is_woken(const struct rota_event *event, uint32_t tid, uint32_t cpu)
{
	return event->rec.head.type == ROTA_REC_WAKEUP && event->rec.head.tid == tid && is_real_wakeup(event);
}

static bool comes_onto_queue(const struct rota_event *event, uint32_t tid, uint32_t cpu)
{
	if (event->rec.head.tid != tid || event->rec.head.aux != cpu)
		return false;
	return event->rec.head.type == ROTA_REC_MIGRATE || is_woken(event, tid, cpu);
}

static bool is_born(const struct rota_event *event, uint32_t tid, uint32_t cpu)
{
	return event->rec.head.type == ROTA_REC_TASK && event->rec.head.tid == tid &&
	       (event->rec.head.flags & ROTA_TASK_NEW);
}

static uint64_t wait_in_queue_ns(const struct queue *queue, const struct queue_sought *sought)
{
	uint64_t ts_ns;

	if (!queue->filled || !queue_find(queue, sought, &ts_ns))
		return 0;
	return ts_ns > queue->floor_ns ? ts_ns : queue->floor_ns;
}

/* A wakeup may have been recorded anywhere: on the waker's cpu, on the thread's, or on one that took the interrupt. */
static uint64_t wait_in_others_ns(const struct queue *queues, uint32_t cpu_count, uint32_t own,
				  const struct queue_sought *sought)
{
	for (uint32_t cpu = 0; cpu < cpu_count; cpu++) {
		uint64_t ts_ns = cpu == own ? 0 : wait_in_queue_ns(&queues[cpu], sought);

		if (ts_ns)
			return ts_ns;
	}
	return 0;
}

/* `tid` comes to run, or to be moved to another queue; it should be on the queue of from_cpu by now. */
static uint64_t wait_for_queueing_ns(const struct causal *causal, uint32_t tid, uint32_t from_cpu, uint64_t ts_ns,
				     uint32_t own, const struct queue *queues, uint32_t cpu_count)
{
	uint32_t doing = causal->doing[tid] & DOING_MASK;
	struct queue_sought sought = { .tid = tid, .cpu = from_cpu, .until_ns = ts_ns + CAUSAL_WINDOW_NS };

	if (doing == DOING_UNKNOWN || doing == DOING_QUEUED + from_cpu || !is_fresh(causal, causal->doing[tid]))
		return 0;
	sought.match = doing == DOING_SLEEPS ? is_woken : comes_onto_queue;
	return wait_in_others_ns(queues, cpu_count, own, &sought);
}

/* `tid` is not on a cpu any more, or on another one than it was. */
static uint64_t wait_for_leaving_ns(const struct causal *causal, uint32_t tid, uint64_t ts_ns, uint32_t own,
				    const struct queue *queues, uint32_t cpu_count)
{
	uint32_t cpu = (causal->doing[tid] & DOING_MASK) - DOING_RUNS;
	struct queue_sought sought = { .match = leaves_cpu, .tid = tid, .until_ns = ts_ns + CAUSAL_WINDOW_NS };

	return cpu == own || cpu >= cpu_count ? 0 : wait_in_queue_ns(&queues[cpu], &sought);
}

static uint64_t wait_of_wakeup_ns(const struct causal *causal, const struct rota_record *head, uint32_t own,
				  const struct queue *queues, uint32_t cpu_count)
{
	struct queue_sought sought = { .match = is_born, .tid = head->tid, .until_ns = head->ts_ns + CAUSAL_WINDOW_NS };
	uint32_t doing = causal->doing[head->tid];

	if (doing_runs(doing))
		return wait_for_leaving_ns(causal, head->tid, head->ts_ns, own, queues, cpu_count);
	if ((head->flags & ROTA_WAKEUP_NEW) && (doing & DOING_MASK) == DOING_UNKNOWN)
		return wait_in_others_ns(queues, cpu_count, own, &sought);
	return 0;
}

uint64_t causal_wait_ns(const struct causal *causal, const struct rota_event *event, uint32_t own,
			const struct queue *queues, uint32_t cpu_count)
{
	const struct rota_record *head = &event->rec.head;
	uint32_t tid, from_cpu;

	switch (head->type) {
	case ROTA_REC_SWITCH:
		tid = event->rec.sw.next_tid;
		from_cpu = own;
		if (!tid || !(head->flags & ROTA_SWITCH_NEXT_TARGET))
			return 0; /* not every wakeup and switch of a stranger is recorded */
		break;
	case ROTA_REC_WAKEUP:
		return is_real_wakeup(event) ? wait_of_wakeup_ns(causal, head, own, queues, cpu_count) : 0;
	case ROTA_REC_MIGRATE:
		tid = head->tid;
		from_cpu = event->rec.migrate.from_cpu;
		break;
	default:
		return 0;
	}
	if (doing_runs(causal->doing[tid]))
		return wait_for_leaving_ns(causal, tid, head->ts_ns, own, queues, cpu_count);
	return wait_for_queueing_ns(causal, tid, from_cpu, head->ts_ns, own, queues, cpu_count);
}

/* What is told of a thread without events of its own: a snapshot is in the order of its ring, a listing may be stale. */
static void note_snapshot(struct causal *causal, const struct rota_record *head)
{
	if (!(head->flags & ROTA_F_TARGET))
		return;
	causal->doing[head->tid] = DOING_RUNS + head->aux;
	causal->occupants[head->aux] = head->tid;
}

static void note_task(struct causal *causal, const struct rota_rec_task *task)
{
	uint32_t *doing = &causal->doing[task->head.tid], epoch = causal->epoch << DOING_EPOCH;

	if (task->head.flags & ROTA_TASK_NEW) /* its first wakeup is to come */
		*doing = DOING_SLEEPS | epoch;
	if (!(task->head.flags & ROTA_TASK_SYNC) || doing_runs(*doing))
		return;
	if ((*doing & DOING_MASK) != DOING_UNKNOWN && *doing >> DOING_EPOCH == (causal->epoch & DOING_MASK))
		return;
	if (task->state == ROTA_BLOCKED || task->state == ROTA_STOPPED)
		*doing = DOING_SLEEPS | epoch;
	else if (task->state == ROTA_RUNNABLE || task->state == ROTA_THROTTLED)
		*doing = (DOING_QUEUED + task->head.aux) | epoch;
}

void causal_note_rare(struct causal *causal, const struct rota_event *event)
{
	const struct rota_record *head = &event->rec.head;

	switch (head->type) {
	case ROTA_REC_MIGRATE:
		if (!doing_runs(causal->doing[head->tid]))
			causal->doing[head->tid] = (DOING_QUEUED + head->aux) | causal->epoch << DOING_EPOCH;
		break;
	case ROTA_REC_TASK:
		note_task(causal, &event->rec.task);
		break;
	case ROTA_REC_SNAPSHOT:
		note_snapshot(causal, head);
		break;
	case ROTA_REC_EXEC: /* two tids may have changed hands */
		if (head->tid != event->rec.exec.old_tid) {
			causal->doing[head->tid] = DOING_UNKNOWN;
			causal->doing[event->rec.exec.old_tid] = DOING_UNKNOWN;
		}
		break;
	case ROTA_REC_LEAVE:
		causal->doing[head->tid] = DOING_UNKNOWN;
		break;
	default:
		break;
	}
}
