/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: the list of threads. Goes out: what the kernel says of each. A thread that is gone is not told of. */
#include "capture/affinity.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/cpulist.h"

#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct affinity {
	struct drain *drain;
	struct members *members;
	uint32_t words; /* of 64 cpus, in a set */
	uint64_t *sets; /* set n, from 1 on, at (n - 1) * words */
	size_t capacity;
	uint32_t set_count;
	uint32_t next; /* member to be read again next */
};

struct affinity *affinity_new(struct drain *drain, struct members *members, uint32_t cpu_count, bool in_namespace)
{
	struct affinity *affinity;

	if (in_namespace)
		return NULL;
	affinity = xcalloc(1, sizeof(*affinity));
	affinity->drain = drain;
	affinity->members = members;
	affinity->words = (cpu_count + 63U) / 64U;
	return affinity;
}

void affinity_free(struct affinity *affinity)
{
	if (!affinity)
		return;
	free(affinity->sets);
	free(affinity);
}

static bool set_is(const struct affinity *affinity, uint32_t set, const uint64_t *bits)
{
	return set &&
	       !memcmp(&affinity->sets[(size_t)(set - 1U) * affinity->words], bits, affinity->words * sizeof(*bits));
}

static void tell_set(struct affinity *affinity, uint32_t set, const uint64_t *bits)
{
	for (uint32_t i = 0; i < affinity->words; i++) {
		union rota_any_record record = { 0 };

		if (!bits[i])
			continue;
		record.cpuset.head.ts_ns = clock_ns(CLOCK_MONOTONIC);
		record.cpuset.head.type = ROTA_REC_CPUSET;
		record.cpuset.head.aux = (uint16_t)set;
		record.cpuset.first = 64U * i;
		record.cpuset.mask = bits[i];
		drain_put(affinity->drain, &record);
	}
}

/* The set's number; told if new. 0: no room. */
static uint32_t set_of(struct affinity *affinity, const uint64_t *bits)
{
	uint32_t set = 1;

	while (set <= affinity->set_count && !set_is(affinity, set, bits))
		set++;
	if (set <= affinity->set_count)
		return set;
	if (set > AFFINITY_SETS_MAX)
		return 0;
	affinity->sets = xgrow(affinity->sets, &affinity->capacity, (size_t)set * affinity->words, sizeof(*bits));
	memcpy(&affinity->sets[(size_t)(set - 1U) * affinity->words], bits, affinity->words * sizeof(*bits));
	affinity->set_count = set;
	tell_set(affinity, set, bits);
	return set;
}

static void tell(struct affinity *affinity, struct member *member)
{
	uint64_t bits[ROTA_CPU_MAX / 64] = { 0 };
	union rota_any_record record = { 0 };
	uint32_t set;

	if (!member->affinity_read)
		affinity->members->affinity_new--;
	member->affinity_read = true;
	if (syscall(SYS_sched_getaffinity, member->tid, sizeof(bits), bits) <= 0 ||
	    set_is(affinity, member->cpuset, bits))
		return;
	set = set_of(affinity, bits);
	if (!set)
		return;
	member->cpuset = (uint16_t)set;
	record.affinity.head = (struct rota_record){ .ts_ns = clock_ns(CLOCK_MONOTONIC),
						     .type = ROTA_REC_AFFINITY,
						     .flags = ROTA_F_TARGET,
						     .aux = (uint16_t)set,
						     .tid = member->tid };
	drain_put(affinity->drain, &record);
}

void affinity_tell_new(struct affinity *affinity)
{
	struct members *members;

	if (!affinity)
		return;
	members = affinity->members;
	/* they come at the end of the list, or where somebody has gone */
	for (uint32_t i = members->count, done = 0; i > 0 && members->affinity_new && done < AFFINITY_NEW_MAX; i--) {
		if (members->list[i - 1].affinity_read)
			continue;
		tell(affinity, &members->list[i - 1]);
		done++;
	}
}

void affinity_tell_again(struct affinity *affinity, uint32_t most)
{
	const struct members *members;

	if (!affinity)
		return;
	affinity_tell_new(affinity);
	members = affinity->members;
	for (uint32_t i = 0; i < members->count && i < most; i++) {
		if (affinity->next >= members->count)
			affinity->next = 0;
		tell(affinity, &affinity->members->list[affinity->next++]);
	}
}
