/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who wakes whom: wakeups that led to a switch-in come in, pairs with count and total delay (request to running) go out. The
 * table is bounded; pairs that found no place are added up in one without names, and counted.
 */
#ifndef ROTA_METRIC_WAKEUPS_H
#define ROTA_METRIC_WAKEUPS_H

#include "metric/directory.h"
#include "rota/summary.h"

#define WAKEUPS_MAX   4096U /* pairs; the table has twice as many slots */
#define WAKEUPS_NAMED 64U

struct wakeup_pair {
	struct rota_wakeups sum;
	uint64_t waker_start_ns, wakee_start_ns; /* start_boottime: is it still the same thread? */
};

struct wakeups {
	struct wakeup_pair *pairs;     /* [0]: those that found no place */
	uint32_t *slots;               /* hash of the tids → pair, 0 for none */
	uint32_t count;                /* of pairs, [0] included */
	uint64_t merged;               /* wakeups in [0] */
	uint64_t named[WAKEUPS_NAMED]; /* bit tid % 4096: a pair may name that tid */
};

void wakeups_init(struct wakeups *wakeups);
void wakeups_fini(struct wakeups *wakeups);
void wakeups_begin(struct wakeups *wakeups);
/* `hint` is the pair returned for this wakee before; returns the one used now. */
uint32_t wakeups_add(struct wakeups *wakeups, const struct directory *directory, uint32_t hint,
		     const struct rota_waker *waker, const struct rota_thread *wakee, uint64_t delay_ns);
/* The thread has a new name: its pairs have it, too, also when it will be gone. */
void wakeups_rename(struct wakeups *wakeups, const struct rota_thread *thread);
/* A copy, most frequent first; the caller frees it. */
struct rota_wakeups *wakeups_take(struct wakeups *wakeups, uint32_t *ret_count);

#endif
