/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Waiting for a cpu: finished stays in RUNNABLE come in and go out by cause and as a histogram; and for each cpu, how many
 * wait there and who is on it, so that time × waiters is credited to that occupant. Constant work a change. The credits of a
 * window sum exactly to its time in RUNNABLE.
 */
#ifndef ROTA_METRIC_RUNQUEUE_H
#define ROTA_METRIC_RUNQUEUE_H

#include "metric/thread_metric.h"

struct queue { /* of one cpu */
	uint64_t since_ns;
	struct waited_sum *credit;   /* whose sum grows */
	uint32_t waiters, preempted; /* preempted: of the waiters */
};

struct waited { /* whom threads waited for, or who ran beside them; without those alive now */
	struct rota_waited_for *gone;
	size_t capacity;
	uint32_t count;
	struct waited_sum nobody;  /* the cpu was idle */
	struct waited_sum unknown; /* nobody knows who was there */
	uint64_t merged_count;     /* of `gone`, added to `unknown` when there were too many */
};

#define WAITED_MAX 4096U

static inline void queue_flush(struct queue *queue, uint64_t ts_ns)
{
	if (queue->waiters) {
		queue->credit->ns += (ts_ns - queue->since_ns) * queue->waiters;
		queue->credit->preempted_ns += (ts_ns - queue->since_ns) * queue->preempted;
	}
	queue->since_ns = ts_ns;
}

/* A stay in RUNNABLE of `ns` is over, or was cut by an edge of what is known. */
void runqueue_add(struct rota_runqueue *runqueue, struct thread_metric *thread, uint64_t ns, bool cut);
void waited_fini(struct waited *waited);
/* An occupant is gone. */
void waited_add(struct waited *waited, const struct rota_waited_for *one);
struct rota_waited_for waited_for_thread(const struct thread_metric *thread, const struct rota_thread *identity,
					 struct waited_sum sum);
int waited_compare(const void *a, const void *b); /* most first */

#endif
