/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: what level.h's inline half has added up. Goes out: struct rota_levels. Never touches the counts. */
#include "metric/level.h"
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

void level_init(struct level *level)
{
	*level = (struct level){ 0 };
	for (unsigned int kind = 0; kind < LEVELS; kind++)
		level_reserve(level, kind, 15);
}

void level_fini(struct level *level)
{
	for (unsigned int kind = 0; kind < LEVELS; kind++)
		free(level->tracks[kind].ns);
	free(level->reciprocal);
	*level = (struct level){ 0 };
}

void level_reserve(struct level *level, enum level_kind kind, uint32_t most)
{
	struct level_track *track = &level->tracks[kind];
	size_t known = level->reciprocal_count;

	track->ns = xgrow(track->ns, &track->capacity, (size_t)most + 1, sizeof(*track->ns));
	if (kind != LEVEL_PARALLELISM)
		return;
	level->reciprocal =
		xgrow(level->reciprocal, &level->reciprocal_count, track->capacity, sizeof(*level->reciprocal));
	for (size_t p = known ? known : 1; p < level->reciprocal_count; p++)
		level->reciprocal[p] = UINT64_MAX / p;
}

void level_begin(struct level *level, uint64_t ts_ns)
{
	for (unsigned int kind = 0; kind < LEVELS; kind++) {
		struct level_track *track = &level->tracks[kind];

		memset(track->ns, 0, track->capacity * sizeof(*track->ns));
		track->since_ns = ts_ns;
	}
	level->now = (struct level_mark){ 0 };
	level->throttled_ns = 0;
	level->unknown_since_ns = level->throttled_since_ns = ts_ns;
}

static void flush_throttled(struct level *level, uint64_t ts_ns)
{
	if (!level->unknown)
		level->throttled_ns += (ts_ns - level->throttled_since_ns) * level->throttled;
	level->throttled_since_ns = ts_ns;
}

void level_flush(struct level *level, uint64_t ts_ns)
{
	for (unsigned int kind = 0; kind < LEVELS; kind++)
		level_track_flush(level, kind, ts_ns);
	flush_throttled(level, ts_ns);
	level_sync(level, ts_ns);
}

void level_unknown(struct level *level, uint32_t step, uint64_t ts_ns)
{
	bool before = level->unknown != 0;

	if (!step)
		return;
	if (before != (level->unknown + step != 0)) {
		level_flush(level, ts_ns);
		level->unknown_since_ns = ts_ns;
	}
	level->unknown += step;
}

void level_thread_rare(struct level *level, uint8_t from, uint8_t to, uint64_t ts_ns)
{
	uint32_t throttled = (uint32_t)(to == ROTA_THROTTLED) - (uint32_t)(from == ROTA_THROTTLED);
	uint32_t in_progress = (uint32_t)(to != ROTA_NONE) - (uint32_t)(from != ROTA_NONE);

	level_unknown(level, (uint32_t)(to == ROTA_UNKNOWN) - (uint32_t)(from == ROTA_UNKNOWN), ts_ns);
	if (in_progress)
		level_change(level, LEVEL_IN_PROGRESS, in_progress, ts_ns);
	if (throttled)
		flush_throttled(level, ts_ns);
	level->throttled += throttled;
}

void level_take(const struct level *level, enum level_kind kind, struct rota_levels *ret_levels)
{
	const struct level_track *track = &level->tracks[kind];
	struct rota_levels levels = { .unknown_ns = level->now.unknown_ns };
	size_t count = track->capacity;
	double weighted = 0;
	uint64_t known_ns = 0;

	while (count > 0 && !track->ns[count - 1])
		count--;
	levels.level_count = (uint32_t)count;
	levels.ns = xcalloc(count, sizeof(*levels.ns));
	for (size_t k = 0; k < count; k++) {
		levels.ns[k] = track->ns[k];
		known_ns += levels.ns[k];
		weighted += (double)k * (double)levels.ns[k];
		if (k)
			levels.active_ns += levels.ns[k];
	}
	levels.max = count ? (uint32_t)count - 1 : 0;
	levels.mean = known_ns ? weighted / (double)known_ns : 0;
	levels.mean_active = levels.active_ns ? weighted / (double)levels.active_ns : 0;
	*ret_levels = levels;
}
