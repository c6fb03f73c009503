/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which ring is next: a tournament of keys, one leaf a ring, each inner node the smaller of its two. Keys come in, the
 * smallest is at the root. A key carries its ring's number, so nothing but 64-bit minima is computed and no branch depends
 * on who wins; a heap of the same size spent its time on branches that nobody can predict.
 *
 * A key is, from the top: time since base_ns (47 bits, 39 hours), how often the record was put off (4), ring (13).
 */
#ifndef ROTA_STREAM_MERGE_H
#define ROTA_STREAM_MERGE_H

#include "base/alloc.h"
#include "rota/record.h"

#include <stdint.h>
#include <stdlib.h>

#define MERGE_RING_BITS  13
#define MERGE_ORDER_BITS 17
#define MERGE_NONE       UINT64_MAX                       /* a ring that has no record */
#define MERGE_SPAN_NS    (1ULL << 46)                     /* times up to base_ns + this are told apart */
#define MERGE_ORDER_MASK ((1ULL << MERGE_ORDER_BITS) - 1) /* all records of one time */
_Static_assert(ROTA_CPU_MAX < 1U << MERGE_RING_BITS, "a ring's number does not fit");

struct merge {
	uint64_t *keys;  /* keys[1] is the root; the leaves begin at keys[leaves] */
	uint32_t leaves; /* a power of two */
	uint64_t base_ns;
};

static inline void merge_init(struct merge *merge, uint32_t rings)
{
	merge->leaves = 2;
	while (merge->leaves < rings)
		merge->leaves *= 2;
	merge->keys = xcalloc(2ULL * merge->leaves, sizeof(*merge->keys));
	merge->base_ns = 0;
}

static inline void merge_fini(struct merge *merge)
{
	free(merge->keys);
}

static inline uint64_t merge_key(const struct merge *merge, uint64_t ts_ns, uint32_t parked, uint32_t ring)
{
	uint64_t since_ns = ts_ns - merge->base_ns;

	if (since_ns > 2 * MERGE_SPAN_NS - 2)
		since_ns = 2 * MERGE_SPAN_NS - 2;
	return since_ns << MERGE_ORDER_BITS | (uint64_t)parked << MERGE_RING_BITS | ring;
}

static inline uint32_t merge_ring(uint64_t key)
{
	return (uint32_t)key & ((1U << MERGE_RING_BITS) - 1);
}

static inline uint64_t merge_ns(const struct merge *merge, uint64_t key)
{
	return merge->base_ns + (key >> MERGE_ORDER_BITS);
}

static inline uint64_t merge_min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* On the way up only the other child is read, never what was written just now: the steps need not wait for each other. */
static inline void merge_set(struct merge *merge, uint32_t ring, uint64_t key)
{
	uint64_t *keys = merge->keys;

	for (uint32_t at = merge->leaves + ring; at > 1; at >>= 1) {
		keys[at] = key;
		key = merge_min(key, keys[at ^ 1]);
	}
	keys[1] = key;
}

/* All leaves are set: fills in the rest. */
static inline void merge_build(struct merge *merge)
{
	for (uint32_t at = merge->leaves; --at;)
		merge->keys[at] = merge_min(merge->keys[2ULL * at], merge->keys[2ULL * at + 1]);
}

#endif
