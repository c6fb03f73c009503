/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How many at once: changes of the counts N, K, P, C (and L3 domains, packages) come in, time at each level goes out, and
 * with it the two integrals that criticality and width are differences of. Constant work a change, and only for what changes; it must never add time
 * to a level while any thread of T or any cpu is UNKNOWN: that time is counted apart, for all levels alike.
 */
#ifndef ROTA_METRIC_LEVEL_H
#define ROTA_METRIC_LEVEL_H

#include "rota/summary.h"

#include <stddef.h>

enum level_kind {
	LEVEL_IN_PROGRESS, /* N: threads in T */
	LEVEL_DEMAND,      /* K: RUNNING, RUNNABLE, THROTTLED */
	LEVEL_PARALLELISM, /* P: RUNNING */
	LEVEL_CORES,       /* C: cores with at least one cpu that runs T */
	LEVEL_LLCS,
	LEVEL_PACKAGES,
	LEVELS
};

typedef unsigned __int128 level_fixed; /* nanoseconds with 64 fractional bits */

struct level_mark { /* the integrals at one instant; a thread's share is the difference of two */
	level_fixed share;
	uint64_t width_ns, unknown_ns, alone_ns; /* alone: P = 1 */
};

struct level_track { /* one count, and the time it has had each value up to since_ns */
	uint64_t since_ns;
	uint32_t count;
	uint64_t *ns;
	size_t capacity;
};

struct level {
	struct level_track tracks[LEVELS];
	uint32_t unknown;   /* threads of T and cpus that are UNKNOWN now */
	uint32_t throttled; /* threads THROTTLED now */
	uint64_t unknown_since_ns, throttled_since_ns;
	struct level_mark now; /* after level_sync() */
	uint64_t throttled_ns; /* ∫ throttled dt over the known time */
	uint64_t *reciprocal;  /* [p]: floor((2^64 - 1) / p), 0 for p = 0 */
	size_t reciprocal_count;
};

void level_init(struct level *level);
void level_fini(struct level *level);
/* Counts of this kind will never exceed `most`. Must be said before they do. */
void level_reserve(struct level *level, enum level_kind kind, uint32_t most);
/* Forgets the time so far, keeps the counts; time runs from ts_ns on. */
void level_begin(struct level *level, uint64_t ts_ns);
/* Counts everything up to ts_ns. */
void level_flush(struct level *level, uint64_t ts_ns);
/* How many threads and cpus are UNKNOWN changes by `step`. */
void level_unknown(struct level *level, uint32_t step, uint64_t ts_ns);
/* A change of state that is not between RUNNING, RUNNABLE, BLOCKED and STOPPED: what level_thread() leaves to this. */
void level_thread_rare(struct level *level, uint8_t from, uint8_t to, uint64_t ts_ns);
/* The time up to the last level_flush(), with the derived figures; *ret_levels owns its array. */
void level_take(const struct level *level, enum level_kind kind, struct rota_levels *ret_levels);

static inline void level_track_flush(struct level *level, enum level_kind kind, uint64_t ts_ns)
{
	struct level_track *track = &level->tracks[kind];
	uint64_t dt_ns = ts_ns - track->since_ns;

	track->since_ns = ts_ns;
	if (!dt_ns || level->unknown)
		return;
	track->ns[track->count] += dt_ns;
	/*
	 * share = ∫ dt / P (GAPP's CMetric: each running thread's criticality grows at this rate), in fixed point: dt times
	 * floor(2^64 / P) is at most dt / 2^64 ns too small, so over any window that fits 64 bits the error is below 1 ns.
	 */
	if (kind == LEVEL_PARALLELISM) {
		level->now.share += (level_fixed)dt_ns * level->reciprocal[track->count];
		level->now.width_ns += dt_ns * track->count;
		level->now.alone_ns += track->count == 1 ? dt_ns : 0;
	}
}

static inline void level_change(struct level *level, enum level_kind kind, uint32_t step, uint64_t ts_ns)
{
	level_track_flush(level, kind, ts_ns);
	level->tracks[kind].count += step;
}

/* Brings the integrals in level->now up to ts_ns. */
static inline void level_sync(struct level *level, uint64_t ts_ns)
{
	level_track_flush(level, LEVEL_PARALLELISM, ts_ns);
	if (level->unknown) {
		level->now.unknown_ns += ts_ns - level->unknown_since_ns;
		level->unknown_since_ns = ts_ns;
	}
}

/* A thread of T goes from one state to another. */
static inline void level_thread(struct level *level, uint8_t from, uint8_t to, uint64_t ts_ns)
{
	enum { WANTS = 1, RARE = 2 };
	static const uint8_t traits[ROTA_STATES] = { [ROTA_NONE] = RARE,
						     [ROTA_UNKNOWN] = RARE,
						     [ROTA_RUNNING] = WANTS,
						     [ROTA_RUNNABLE] = WANTS,
						     [ROTA_THROTTLED] = WANTS | RARE };

	if ((traits[from] | traits[to]) & RARE)
		level_thread_rare(level, from, to, ts_ns);
	if ((traits[from] ^ traits[to]) & WANTS)
		level_change(level, LEVEL_DEMAND, traits[to] & WANTS ? 1 : UINT32_MAX, ts_ns);
	if (to == ROTA_RUNNING)
		level_change(level, LEVEL_PARALLELISM, 1, ts_ns);
	if (from == ROTA_RUNNING)
		level_change(level, LEVEL_PARALLELISM, UINT32_MAX, ts_ns);
}

#endif
