/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Sets of cpus that threads may use, as CPUSET and AFFINITY records tell them: their numbers come in, dense indices go out, so
 * that what is counted for each set is a small array. There are at most CPUSETS_MAX; what is told beyond them shares the
 * last one, which is then the union of those, and `merged` counts them.
 */
#ifndef ROTA_METRIC_CPUSETS_H
#define ROTA_METRIC_CPUSETS_H

#include "rota/record.h"
#include "rota/topology.h"

#include <stddef.h>

#define CPUSETS_MAX      64U   /* with index 0, which means: not told */
#define CPUSETS_TOLD_MAX 8192U /* numbers kept */

struct cpusets {
	const struct rota_topology *topology;
	uint32_t words; /* of 64 cpus, in a set */
	uint64_t *told; /* number n at n * words: as CPUSET told it */
	size_t told_capacity;
	uint8_t *index_of; /* number → index; 0: not used by a thread yet */
	size_t index_capacity;
	uint32_t told_count;
	uint64_t *bits;   /* index i at i * words */
	uint32_t count;   /* indices in use, 0 among them */
	uint32_t changes; /* counts: a set was added or has grown */
	uint64_t merged;  /* AFFINITY records whose set shares the last index */
};

void cpusets_init(struct cpusets *sets, const struct rota_topology *topology);
void cpusets_fini(struct cpusets *sets);
/* Takes CPUSET, and leaves other records alone. */
void cpusets_add(struct cpusets *sets, const union rota_any_record *record);
/* The index of set `number`, which an AFFINITY record named; 0 where it was not told. */
uint8_t cpusets_index(struct cpusets *sets, uint16_t number);
uint32_t cpusets_size(const struct cpusets *sets, uint8_t index); /* cpus in it; 0 for index 0 */

static inline const uint64_t *cpusets_bits(const struct cpusets *sets, uint8_t index)
{
	return &sets->bits[(size_t)index * sets->words];
}

static inline bool cpusets_has(const struct cpusets *sets, uint32_t index, uint32_t cpu)
{
	return sets->bits[(size_t)index * sets->words + cpu / 64] >> (cpu % 64) & 1;
}

#endif
