/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Waits in futex calls by process and address: stays come in as they end, with who ended them; locks go out, each with how many
 * threads waited and who woke them (the likely holders). The tables are bounded; what found no place is counted.
 */
#ifndef ROTA_METRIC_LOCKS_H
#define ROTA_METRIC_LOCKS_H

#include "metric/directory.h"
#include "metric/texts.h"
#include "rota/summary.h"

#define LOCKS_MAX        4096U  /* the table has twice as many slots */
#define LOCK_PARTIES_MAX 32768U /* threads that waited for a lock or woke its waiters, over all locks */

struct lock {
	uint64_t address, ns, count, max_ns;
	uint32_t tgid;
};

struct lock_party { /* a thread that had to do with a lock */
	uint32_t lock, tid;
	uint64_t start_ns; /* start_boottime: is it still the same thread? */
	uint64_t waits, wakes;
	char name[ROTA_COMM_SIZE];
};

struct locks {              /* the arrays are there once there is a lock */
	struct lock *locks; /* [0]: those that found no place */
	size_t lock_capacity;
	uint32_t lock_count;
	struct lock_party *parties; /* [0]: those that found no place */
	size_t party_capacity;
	uint32_t party_count;
	uint32_t *lock_slots, *party_slots; /* hash → number, 0 for none */
};

struct lock_hint { /* of a thread: where it was counted last; {0} in a new window */
	uint32_t lock, waiter, waker;
};

void locks_fini(struct locks *locks);
void locks_begin(struct locks *locks);
/* A stay of `waiter` at `address` ends, or is cut. `counts`: it is one more, not the rest of one. */
void locks_wait(struct locks *locks, struct lock_hint *hint, const struct rota_thread *waiter, uint64_t address,
		uint64_t ns, bool counts);
/* Thread `tid` ended the stay that was just told. */
void locks_wake(struct locks *locks, const struct directory *directory, struct lock_hint *hint, uint32_t tid);
/* Fills the summary's locks, most time first, without names; and its notes. */
void locks_fill(const struct locks *locks, const struct directory *directory, struct rota_summary *summary);
/* Names that were told, also after the window ended. */
void locks_name(const struct texts *texts, struct rota_summary *summary);

#endif
