/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: waker, wakee, delay. Goes out: sums by pair. The pair of a thread's last wakeup is tried before the hash. */
#include "metric/wakeups.h"

#include <string.h>

#define SLOTS (2 * WAKEUPS_MAX)

void wakeups_init(struct wakeups *wakeups)
{
	*wakeups = (struct wakeups){ .pairs = xcalloc(WAKEUPS_MAX + 1, sizeof(*wakeups->pairs)),
				     .slots = xcalloc(SLOTS, sizeof(*wakeups->slots)),
				     .count = 1 };
}

void wakeups_fini(struct wakeups *wakeups)
{
	free(wakeups->pairs);
	free(wakeups->slots);
	*wakeups = (struct wakeups){ 0 };
}

void wakeups_begin(struct wakeups *wakeups)
{
	memset(wakeups->slots, 0, SLOTS * sizeof(*wakeups->slots));
	memset(wakeups->pairs, 0, wakeups->count * sizeof(*wakeups->pairs));
	memset(wakeups->named, 0, sizeof(wakeups->named));
	wakeups->count = 1;
	wakeups->merged = 0;
}

static uint64_t *named_word(struct wakeups *wakeups, uint32_t tid, uint64_t *ret_bit)
{
	*ret_bit = 1ULL << (tid % 64);
	return &wakeups->named[tid / 64 % WAKEUPS_NAMED];
}

static void note_named(struct wakeups *wakeups, uint32_t tid)
{
	uint64_t bit, *word = named_word(wakeups, tid, &bit);

	*word |= bit;
}

static bool is_pair(const struct wakeup_pair *pair, uint32_t waker_tid, bool interrupt, const struct rota_thread *wakee)
{
	return pair->sum.wakee_tid == wakee->tid && pair->sum.waker_tid == waker_tid &&
	       pair->sum.interrupt == interrupt && pair->wakee_start_ns == wakee->start_boottime_ns;
}

static uint32_t pair_find(struct wakeups *wakeups, const struct directory *directory, uint32_t waker_tid,
			  bool interrupt, const struct rota_thread *wakee)
{
	uint32_t hash = (waker_tid * 2654435761U) ^ (wakee->tid * 2246822519U);
	const struct rota_thread *waker;
	struct wakeup_pair *pair;

	hash ^= hash >> 15;
	for (hash %= SLOTS; wakeups->slots[hash]; hash = (hash + 1) % SLOTS) {
		if (is_pair(&wakeups->pairs[wakeups->slots[hash]], waker_tid, interrupt, wakee))
			return wakeups->slots[hash];
	}
	if (wakeups->count > WAKEUPS_MAX)
		return 0;
	pair = &wakeups->pairs[wakeups->count];
	pair->sum = (struct rota_wakeups){ .interrupt = interrupt, .waker_tid = waker_tid, .wakee_tid = wakee->tid };
	pair->wakee_start_ns = wakee->start_boottime_ns;
	memcpy(pair->sum.wakee, wakee->comm, sizeof(pair->sum.wakee));
	waker = directory_find(directory, waker_tid);
	if (waker) {
		pair->waker_start_ns = waker->start_boottime_ns;
		memcpy(pair->sum.waker, waker->comm, sizeof(pair->sum.waker));
	}
	note_named(wakeups, waker_tid);
	note_named(wakeups, wakee->tid);
	wakeups->slots[hash] = wakeups->count;
	return wakeups->count++;
}

uint32_t wakeups_add(struct wakeups *wakeups, const struct directory *directory, uint32_t hint,
		     const struct rota_waker *waker, const struct rota_thread *wakee, uint64_t delay_ns)
{
	uint32_t waker_tid = waker->interrupt ? 0 : waker->tid; /* who was interrupted has nothing to do with it */

	if (!hint || hint >= wakeups->count || !is_pair(&wakeups->pairs[hint], waker_tid, waker->interrupt, wakee))
		hint = pair_find(wakeups, directory, waker_tid, waker->interrupt, wakee);
	wakeups->pairs[hint].sum.count++;
	wakeups->pairs[hint].sum.delay_ns += delay_ns;
	wakeups->merged += !hint;
	return hint;
}

static int most_first(const void *a, const void *b)
{
	const struct rota_wakeups *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	if (x->waker_tid != y->waker_tid)
		return x->waker_tid < y->waker_tid ? -1 : 1;
	return (x->wakee_tid > y->wakee_tid) - (x->wakee_tid < y->wakee_tid);
}

void wakeups_rename(struct wakeups *wakeups, const struct rota_thread *thread)
{
	uint64_t bit, *word = named_word(wakeups, thread->tid, &bit);

	if (!(*word & bit))
		return;
	for (uint32_t i = 1; i < wakeups->count; i++) {
		struct wakeup_pair *pair = &wakeups->pairs[i];

		if (pair->sum.waker_tid == thread->tid && pair->waker_start_ns == thread->start_boottime_ns)
			memcpy(pair->sum.waker, thread->comm, ROTA_COMM_SIZE);
		if (pair->sum.wakee_tid == thread->tid && pair->wakee_start_ns == thread->start_boottime_ns)
			memcpy(pair->sum.wakee, thread->comm, ROTA_COMM_SIZE);
	}
}

struct rota_wakeups *wakeups_take(struct wakeups *wakeups, uint32_t *ret_count)
{
	struct rota_wakeups *list = xcalloc(wakeups->count, sizeof(*list));
	uint32_t count = 0;

	for (uint32_t i = 0; i < wakeups->count; i++) {
		struct wakeup_pair *pair = &wakeups->pairs[i];

		if (!pair->sum.count)
			continue;
		if (!i) {
			strcpy(pair->sum.waker, "others");
			strcpy(pair->sum.wakee, "others");
		}
		list[count++] = pair->sum;
	}
	qsort(list, count, sizeof(*list), most_first);
	*ret_count = count;
	return list;
}
