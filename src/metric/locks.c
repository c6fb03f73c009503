/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: waits and wakeups. Goes out: sums by lock. What a thread was counted in last is tried before the hashes. */
#include "metric/locks.h"
#include "base/alloc.h"
#include "metric/summary.h"

#include <string.h>

#define LOCK_SLOTS  (2 * LOCKS_MAX)
#define PARTY_SLOTS (2 * LOCK_PARTIES_MAX)

void locks_fini(struct locks *locks)
{
	free(locks->locks);
	free(locks->parties);
	free(locks->lock_slots);
	free(locks->party_slots);
	*locks = (struct locks){ 0 };
}

void locks_begin(struct locks *locks)
{
	if (!locks->lock_count)
		return;
	memset(locks->lock_slots, 0, LOCK_SLOTS * sizeof(*locks->lock_slots));
	memset(locks->party_slots, 0, PARTY_SLOTS * sizeof(*locks->party_slots));
	locks->locks[0] = (struct lock){ 0 };
	locks->parties[0] = (struct lock_party){ 0 };
	locks->lock_count = locks->party_count = 1;
}

static void prepare(struct locks *locks)
{
	locks->lock_slots = xcalloc(LOCK_SLOTS, sizeof(*locks->lock_slots));
	locks->party_slots = xcalloc(PARTY_SLOTS, sizeof(*locks->party_slots));
	locks->locks = xgrow(NULL, &locks->lock_capacity, 1, sizeof(*locks->locks));
	locks->parties = xgrow(NULL, &locks->party_capacity, 1, sizeof(*locks->parties));
	locks->lock_count = locks->party_count = 1;
}

static uint32_t lock_find(struct locks *locks, uint32_t tgid, uint64_t address)
{
	uint64_t hash = (address ^ (uint64_t)tgid << 32) * 0x9e3779b97f4a7c15ULL;
	uint32_t slot = (uint32_t)(hash >> 32) % LOCK_SLOTS;

	for (; locks->lock_slots[slot]; slot = (slot + 1) % LOCK_SLOTS) {
		const struct lock *lock = &locks->locks[locks->lock_slots[slot]];

		if (lock->address == address && lock->tgid == tgid)
			return locks->lock_slots[slot];
	}
	if (locks->lock_count > LOCKS_MAX)
		return 0;
	locks->locks = xgrow(locks->locks, &locks->lock_capacity, locks->lock_count + 1U, sizeof(*locks->locks));
	locks->locks[locks->lock_count] = (struct lock){ .tgid = tgid, .address = address };
	locks->lock_slots[slot] = locks->lock_count;
	return locks->lock_count++;
}

static uint32_t party_find(struct locks *locks, uint32_t lock, uint32_t tid, const struct rota_thread *thread)
{
	uint64_t start_ns = thread ? thread->start_boottime_ns : 0;
	uint32_t slot = ((lock * 2654435761U) ^ (tid * 2246822519U)) % PARTY_SLOTS;
	struct lock_party *party;

	for (; locks->party_slots[slot]; slot = (slot + 1) % PARTY_SLOTS) {
		party = &locks->parties[locks->party_slots[slot]];
		if (party->lock == lock && party->tid == tid && party->start_ns == start_ns)
			return locks->party_slots[slot];
	}
	if (locks->party_count > LOCK_PARTIES_MAX)
		return 0;
	locks->parties =
		xgrow(locks->parties, &locks->party_capacity, locks->party_count + 1U, sizeof(*locks->parties));
	party = &locks->parties[locks->party_count];
	*party = (struct lock_party){ .lock = lock, .tid = tid, .start_ns = start_ns };
	if (thread)
		memcpy(party->name, thread->comm, sizeof(party->name));
	locks->party_slots[slot] = locks->party_count;
	return locks->party_count++;
}

void locks_wait(struct locks *locks, struct lock_hint *hint, const struct rota_thread *waiter, uint64_t address,
		uint64_t ns, bool counts)
{
	struct lock *lock;

	if (!locks->lock_count)
		prepare(locks);
	if (!hint->lock || locks->locks[hint->lock].address != address ||
	    locks->locks[hint->lock].tgid != waiter->tgid) {
		*hint = (struct lock_hint){ .lock = lock_find(locks, waiter->tgid, address) };
		hint->waiter = hint->lock ? party_find(locks, hint->lock, waiter->tid, waiter) : 0;
	}
	lock = &locks->locks[hint->lock];
	lock->ns += ns;
	lock->count += counts;
	locks->parties[hint->waiter].waits += counts;
	if (ns > lock->max_ns)
		lock->max_ns = ns;
}

void locks_wake(struct locks *locks, const struct directory *directory, struct lock_hint *hint, uint32_t tid)
{
	if (!hint->lock) /* it found no place */
		return;
	if (!hint->waker || locks->parties[hint->waker].tid != tid)
		hint->waker = party_find(locks, hint->lock, tid, directory_find(directory, tid));
	locks->parties[hint->waker].wakes++;
}

/* Among the most frequent wakers of its lock, if it is one. */
static void add_waker(struct rota_lock *lock, const struct lock_party *party, const struct directory *directory)
{
	const struct rota_thread *thread = directory_find(directory, party->tid);
	uint32_t at = lock->waker_count;

	while (at > 0 && lock->wakers[at - 1].count < party->wakes)
		at--;
	if (at == ROTA_LOCK_WAKERS)
		return;
	if (lock->waker_count < ROTA_LOCK_WAKERS)
		lock->waker_count++;
	memmove(&lock->wakers[at + 1], &lock->wakers[at], (lock->waker_count - 1 - at) * sizeof(lock->wakers[0]));
	lock->wakers[at].tid = party->tid;
	lock->wakers[at].count = party->wakes;
	memcpy(lock->wakers[at].name,
	       thread && thread->start_boottime_ns == party->start_ns ? thread->comm : party->name, ROTA_COMM_SIZE);
}

static int most_time_first(const void *a, const void *b)
{
	const struct rota_lock *x = a, *y = b;

	if (x->ns != y->ns)
		return x->ns > y->ns ? -1 : 1;
	if (x->tgid != y->tgid)
		return x->tgid < y->tgid ? -1 : 1;
	return (x->address > y->address) - (x->address < y->address);
}

void locks_fill(const struct locks *locks, const struct directory *directory, struct rota_summary *summary)
{
	uint32_t count = 0;

	if (locks->lock_count < 2)
		return;
	summary->locks = xcalloc(locks->lock_count, sizeof(*summary->locks));
	for (uint32_t i = 1; i < locks->lock_count; i++) {
		const struct lock *lock = &locks->locks[i];

		summary->locks[i - 1] = (struct rota_lock){ .tgid = lock->tgid,
							    .address = lock->address,
							    .ns = lock->ns,
							    .count = lock->count,
							    .max_ns = lock->max_ns };
	}
	for (uint32_t i = 1; i < locks->party_count; i++) {
		const struct lock_party *party = &locks->parties[i];
		struct rota_lock *lock = &summary->locks[party->lock - 1];

		lock->waiter_count += party->waits != 0;
		lock->handed_on += party->waits ? party->wakes : 0;
		if (party->wakes)
			add_waker(lock, party, directory);
	}
	for (uint32_t i = 0; i + 1 < locks->lock_count; i++) {
		if (summary->locks[i].count)
			summary->locks[count++] = summary->locks[i];
	}
	summary->lock_count = count;
	qsort(summary->locks, count, sizeof(*summary->locks), most_time_first);
	if (locks->locks[0].count)
		rota_summary_note(summary, "%llu waits for locks are not named by lock (more than %u locks).",
				  (unsigned long long)locks->locks[0].count, LOCKS_MAX);
	if (locks->party_count > LOCK_PARTIES_MAX && locks->parties[0].waits + locks->parties[0].wakes)
		rota_summary_note(
			summary,
			"How many threads waited for a lock, and who woke them, is counted for the first %u pairs of a "
			"thread and a lock only.",
			LOCK_PARTIES_MAX);
}

void locks_name(const struct texts *texts, struct rota_summary *summary)
{
	for (uint32_t i = 0; i < summary->lock_count; i++) {
		struct rota_lock *lock = &summary->locks[i];

		texts_name(texts, lock->tgid, lock->address, lock->name, sizeof(lock->name));
	}
}
