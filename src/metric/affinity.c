/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: which sets are wanted. Goes out: sizes of unions. Never counts time of which no set is known. */
#include "metric/affinity.h"
#include "base/cpulist.h"
#include "metric/summary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void affinity_init(struct affinity *affinity, const struct cpusets *sets)
{
	*affinity = (struct affinity){ .sets = sets };
}

/* The union's bits in one word. */
static uint64_t union_word(const struct affinity *affinity, uint64_t active, uint32_t word)
{
	uint64_t bits = 0;

	for (; active; active &= active - 1)
		bits |= cpusets_bits(affinity->sets, (uint8_t)__builtin_ctzll(active))[word];
	return bits;
}

static void count_union(struct affinity *affinity)
{
	affinity->cached = affinity->active;
	affinity->cached_changes = affinity->sets->changes;
	affinity->allowed = 0;
	for (uint32_t i = 0; i < affinity->sets->words; i++)
		affinity->allowed += (uint32_t)__builtin_popcountll(union_word(affinity, affinity->active, i));
}

void affinity_flush(struct affinity *affinity, uint64_t ts_ns)
{
	uint64_t dt_ns = ts_ns - affinity->since_ns;

	affinity->since_ns = ts_ns;
	if (!affinity->active || !dt_ns)
		return;
	if (affinity->cached != affinity->active || affinity->cached_changes != affinity->sets->changes)
		count_union(affinity);
	affinity->wanting_ns += dt_ns;
	for (uint64_t left = affinity->active; left; left &= left - 1)
		affinity->set_ns[__builtin_ctzll(left)] += dt_ns;
	affinity->allowed_ns += (unsigned __int128)dt_ns * affinity->allowed;
}

void affinity_begin(struct affinity *affinity, uint64_t ts_ns)
{
	affinity->since_ns = ts_ns;
	memset(affinity->set_ns, 0, sizeof(affinity->set_ns));
	affinity->wanting_ns = 0;
	affinity->allowed_ns = 0;
}

/* Sets for a tenth of the time at least: not those of the moment before a program bound its threads. */
static uint64_t lasting_sets(const struct affinity *affinity)
{
	uint64_t sets = 0;

	for (unsigned int i = 1; i < CPUSETS_MAX; i++)
		sets |= (uint64_t)(affinity->set_ns[i] >= affinity->wanting_ns / 10) << i;
	return sets;
}

/* The cpus as a list, cut at a comma where it is too long. */
static void format_cpus(const struct affinity *affinity, char *out, size_t size)
{
	struct cpulist list = { 0 };
	uint64_t sets = lasting_sets(affinity);
	size_t length;
	char *text;

	for (uint32_t cpu = 0; cpu < affinity->sets->topology->cpu_count && cpu < ROTA_CPU_MAX; cpu++)
		if (union_word(affinity, sets, cpu / 64U) >> (cpu % 64U) & 1)
			cpulist_add(&list, cpu);
	text = cpulist_format(&list);
	length = strlen(text);
	if (length >= size) {
		length = size - sizeof("…");
		while (length && text[length] != ',')
			length--;
		text[length] = 0;
		snprintf(out, size, "%s…", text);
	} else {
		snprintf(out, size, "%s", text);
	}
	free(text);
}

void affinity_fill(const struct affinity *affinity, struct rota_summary *summary)
{
	struct rota_affinity *row = &summary->affinity;

	row->known = affinity->wanting_ns > 0;
	if (row->known) {
		row->allowed_cpus = (double)affinity->allowed_ns / (double)affinity->wanting_ns;
		format_cpus(affinity, row->cpus, sizeof(row->cpus));
	}
	if (affinity->sets->merged)
		rota_summary_note(
			summary,
			"Threads may use more than %u different sets of cpus; the rest are taken for one, which has the cpus of all of them.",
			CPUSETS_MAX - 2U);
}
