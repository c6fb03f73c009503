/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: program and goroutine. Goes out: where to add. */
#include "metric/goroutines.h"
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS 256U
#define MULTIPLIER  0x9e3779b97f4a7c15ULL

void goroutines_init(struct goroutines *goroutines, uint32_t cpu_count)
{
	*goroutines = (struct goroutines){ .cpu_words = (cpu_count + 63) / 64 };
	goroutines->stride = sizeof(struct goroutine_sum) + goroutines->cpu_words * sizeof(uint64_t);
}

void goroutines_fini(struct goroutines *goroutines)
{
	free(goroutines->sums);
	free(goroutines->slots);
	*goroutines = (struct goroutines){ 0 };
}

void goroutines_begin(struct goroutines *goroutines)
{
	if (goroutines->slot_count)
		memset(goroutines->slots, 0, goroutines->slot_count * sizeof(*goroutines->slots));
	goroutines->count = 0;
	goroutines->folded = 0;
}

struct goroutine_sum *goroutines_index(const struct goroutines *goroutines, uint32_t index)
{
	return (struct goroutine_sum *)(void *)(goroutines->sums + index * goroutines->stride);
}

static uint32_t *slot_of(const struct goroutines *goroutines, uint32_t program, uint64_t goid)
{
	uint32_t mask = goroutines->slot_count - 1;
	uint32_t at = (uint32_t)((goid * MULTIPLIER ^ (uint64_t)program * 0x85ebca6bU) >> 24) & mask;

	for (;; at = (at + 1) & mask) {
		const struct goroutine_sum *sum;

		if (!goroutines->slots[at])
			return &goroutines->slots[at];
		sum = goroutines_index(goroutines, goroutines->slots[at] - 1);
		if (sum->goid == goid && sum->program == program)
			return &goroutines->slots[at];
	}
}

static void grow(struct goroutines *goroutines)
{
	free(goroutines->slots);
	goroutines->slot_count = goroutines->slot_count ? 2 * goroutines->slot_count : FIRST_SLOTS;
	goroutines->slots = xcalloc(goroutines->slot_count, sizeof(*goroutines->slots));
	for (uint32_t i = 0; i < goroutines->count; i++) {
		const struct goroutine_sum *sum = goroutines_index(goroutines, i);

		*slot_of(goroutines, sum->program, sum->goid) = i + 1;
	}
}

struct goroutine_sum *goroutines_at(struct goroutines *goroutines, uint32_t program, uint64_t goid)
{
	struct goroutine_sum *sum;
	uint32_t *slot;

	if (2 * goroutines->count >= goroutines->slot_count)
		grow(goroutines);
	slot = slot_of(goroutines, program, goid);
	if (*slot)
		return goroutines_index(goroutines, *slot - 1);
	if (goroutines->count >= GOROUTINES_MAX && goid && goid < GOROUTINE_FOREIGN) {
		goroutines->folded++;
		return goroutines_at(goroutines, program, GOROUTINE_REST);
	}
	goroutines->sums = xgrow(goroutines->sums, &goroutines->capacity, goroutines->count + 1U, goroutines->stride);
	*slot = ++goroutines->count;
	sum = goroutines_index(goroutines, goroutines->count - 1);
	memset(sum, 0, goroutines->stride);
	sum->goid = goid;
	sum->program = program;
	return sum;
}

void goroutine_seen(struct goroutine_sum *sum, uint32_t thread_serial, uint16_t cpu, uint32_t cpu_words)
{
	bool new = sum->thread_count < GOROUTINE_THREADS_TOLD;

	for (uint32_t i = 0; i < sum->thread_count && new; i++)
		new = sum->threads[i] != thread_serial;
	if (new)
		sum->threads[sum->thread_count++] = thread_serial;
	if (cpu / 64U < cpu_words)
		sum->cpus[cpu / 64] |= 1ULL << cpu % 64;
}

uint32_t goroutines_number(struct goroutines *goroutines, uint32_t program, uint64_t goid)
{
	const struct goroutine_sum *sum = goroutines_at(goroutines, program, goid);

	return (uint32_t)((size_t)((const uint8_t *)sum - goroutines->sums) / goroutines->stride);
}
