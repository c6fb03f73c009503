/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: stays in RUNNABLE, and occupants that are gone. Goes out: sums. Never drops time: what is merged stays counted. */
#include "metric/runqueue.h"
#include "base/alloc.h"
#include "base/histogram.h"

#include <stdlib.h>
#include <string.h>

void runqueue_add(struct rota_runqueue *runqueue, struct thread_metric *thread, uint64_t ns, bool cut)
{
	uint8_t cause = thread->cause < ROTA_CAUSES ? thread->cause : ROTA_CAUSE_UNKNOWN;

	runqueue->ns += ns;
	runqueue->count++;
	runqueue->cut_count += cut;
	runqueue->cause_ns[cause] += ns;
	runqueue->cause_count[cause]++;
	histogram_add(&runqueue->histogram, ns);
	thread->wait_count++;
	thread->wait_cut_count += cut;
	thread->causes[cause].ns += ns;
	thread->causes[cause].count++;
	if (ns > thread->wait_max_ns)
		thread->wait_max_ns = ns;
}

void waited_fini(struct waited *waited)
{
	free(waited->gone);
	*waited = (struct waited){ 0 };
}

int waited_compare(const void *a, const void *b)
{
	const struct rota_waited_for *x = a, *y = b;

	if (x->ns != y->ns)
		return x->ns > y->ns ? -1 : 1;
	if (x->known != y->known)
		return x->known ? -1 : 1;
	return (x->tid > y->tid) - (x->tid < y->tid);
}

void waited_add(struct waited *waited, const struct rota_waited_for *one)
{
	if (waited->count == WAITED_MAX) { /* the lesser half loses its names, so this is rare */
		qsort(waited->gone, waited->count, sizeof(*waited->gone), waited_compare);
		for (; waited->count > WAITED_MAX / 2; waited->count--) {
			waited->unknown.ns += waited->gone[waited->count - 1].ns;
			waited->unknown.preempted_ns += waited->gone[waited->count - 1].preempted_ns;
			waited->merged_count++;
		}
	}
	waited->gone = xgrow(waited->gone, &waited->capacity, waited->count + 1U, sizeof(*waited->gone));
	waited->gone[waited->count++] = *one;
}

struct rota_waited_for waited_for_thread(const struct thread_metric *thread, const struct rota_thread *identity,
					 struct waited_sum sum)
{
	struct rota_waited_for one = { .tid = identity->tid,
				       .tgid = identity->tgid,
				       .ours = thread->ours,
				       .known = true,
				       .ns = sum.ns,
				       .preempted_ns = sum.preempted_ns };

	memcpy(one.name, identity->comm, sizeof(one.name));
	return one;
}
