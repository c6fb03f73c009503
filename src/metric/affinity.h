/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How many cpus T was allowed: threads that begin and cease to want a cpu come in with the set of cpus they may use; out goes
 * the size of the union of their sets, its mean over the time in which at least one wanted to run, and the union of those
 * that mattered.
 * Constant work a change, but where a combination of sets is new.
 */
#ifndef ROTA_METRIC_AFFINITY_H
#define ROTA_METRIC_AFFINITY_H

#include "metric/cpusets.h"
#include "rota/summary.h"

struct affinity {
	const struct cpusets *sets;
	uint32_t wanting[CPUSETS_MAX]; /* threads that want to run, by set */
	uint64_t active;               /* sets with such threads; bit 0, those that were not told, is never set */
	uint64_t set_ns[CPUSETS_MAX];  /* time in which a thread of that set wanted to run */
	uint64_t since_ns;
	uint64_t cached, cached_changes; /* `allowed` is the size of the union of these sets, as they were then */
	uint32_t allowed;
	uint64_t wanting_ns;          /* time in which somebody wanted to run whose set is known */
	unsigned __int128 allowed_ns; /* ∫ allowed dt over it */
};

void affinity_init(struct affinity *affinity, const struct cpusets *sets);
void affinity_begin(struct affinity *affinity, uint64_t ts_ns);
void affinity_flush(struct affinity *affinity, uint64_t ts_ns);
/* After affinity_flush(): summary->affinity but for confined_threads, which are counted of the rows; and a note. */
void affinity_fill(const struct affinity *affinity, struct rota_summary *summary);

/* A thread whose set has this index begins to want a cpu (step 1), or ceases to (step UINT32_MAX). */
static inline void affinity_want(struct affinity *affinity, uint8_t set, uint32_t step, uint64_t ts_ns)
{
	uint32_t before = affinity->wanting[set];

	affinity->wanting[set] += step;
	if (set && (!before || !affinity->wanting[set])) {
		affinity_flush(affinity, ts_ns);
		affinity->active ^= 1ULL << set;
	}
}

#endif
