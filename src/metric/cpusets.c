/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: words of sets. Goes out: sets without cpus that this machine does not have. Nothing a record says is trusted. */
#include "metric/cpusets.h"
#include "base/alloc.h"

#include <stdlib.h>

void cpusets_init(struct cpusets *sets, const struct rota_topology *topology)
{
	*sets = (struct cpusets){ .topology = topology, .words = topology->cpu_count / 64U + 1U, .count = 1 };
	sets->bits = xcalloc((size_t)CPUSETS_MAX * sets->words, sizeof(*sets->bits));
}

void cpusets_fini(struct cpusets *sets)
{
	free(sets->told);
	free(sets->index_of);
	free(sets->bits);
	*sets = (struct cpusets){ 0 };
}

/* Those of the 64 cpus from `first` on that are there. */
static uint64_t present(const struct cpusets *sets, uint32_t first)
{
	uint64_t mask = 0;

	for (uint32_t cpu = first; cpu < first + 64U && cpu < sets->topology->cpu_count; cpu++)
		mask |= (uint64_t)sets->topology->cpus[cpu].present << (cpu - first);
	return mask;
}

void cpusets_add(struct cpusets *sets, const union rota_any_record *record)
{
	uint32_t number = record->head.aux, word = record->cpuset.first / 64U;

	if (record->head.type != ROTA_REC_CPUSET || number >= CPUSETS_TOLD_MAX || word >= sets->words)
		return;
	sets->told = xgrow(sets->told, &sets->told_capacity, (size_t)(number + 1U) * sets->words, sizeof(*sets->told));
	sets->index_of = xgrow(sets->index_of, &sets->index_capacity, number + 1U, sizeof(*sets->index_of));
	if (number >= sets->told_count)
		sets->told_count = number + 1U;
	sets->told[(size_t)number * sets->words + word] |= record->cpuset.mask & present(sets, 64U * word);
}

uint8_t cpusets_index(struct cpusets *sets, uint16_t number)
{
	uint64_t any = 0;
	uint32_t index;

	if (number >= sets->told_count)
		return 0;
	if (sets->index_of[number]) {
		sets->merged += sets->merged && sets->index_of[number] == CPUSETS_MAX - 1U;
		return sets->index_of[number];
	}
	for (uint32_t i = 0; i < sets->words; i++)
		any |= sets->told[(size_t)number * sets->words + i];
	if (!any)
		return 0;
	sets->merged += sets->count == CPUSETS_MAX;
	index = sets->count < CPUSETS_MAX ? sets->count++ : CPUSETS_MAX - 1U;
	for (uint32_t i = 0; i < sets->words; i++)
		sets->bits[(size_t)index * sets->words + i] |= sets->told[(size_t)number * sets->words + i];
	sets->index_of[number] = (uint8_t)index;
	sets->changes++;
	return (uint8_t)index;
}

uint32_t cpusets_size(const struct cpusets *sets, uint8_t index)
{
	uint32_t size = 0;

	for (uint32_t i = 0; i < sets->words; i++)
		size += (uint32_t)__builtin_popcountll(cpusets_bits(sets, index)[i]);
	return size;
}
