/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: waits above the threshold, and who came onto each cpu when. Goes out: the longest waits, sorted. */
#include "metric/waits.h"
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

void history_add(struct history *history, uint64_t ts_ns, uint8_t occupancy, const struct rota_thread *thread)
{
	struct occupant *occupant = &history->occupants[history->count++ % HISTORY_SIZE];

	occupant->since_ns = ts_ns;
	occupant->tid = thread ? thread->tid : 0;
	occupant->occupancy = occupancy;
	if (thread)
		memcpy(occupant->comm, thread->comm, sizeof(occupant->comm));
	else if (occupancy == ROTA_CPU_TARGET || occupancy == ROTA_CPU_OTHER)
		occupant->occupancy = ROTA_CPU_UNKNOWN;
}

struct candidate {
	const struct occupant *occupant;
	uint64_t ns;
};

static bool is_told(const struct occupant *occupant)
{
	return occupant->occupancy != ROTA_CPU_UNKNOWN && occupant->occupancy != ROTA_CPU_AWAY;
}

/* Time by occupant in [from_ns, to_ns), newest first; returns how many, and what time nobody accounts for. */
static uint32_t collect(const struct history *history, uint64_t from_ns, uint64_t to_ns, struct candidate *candidates,
			uint64_t *ret_untold_ns)
{
	uint32_t kept = history->count < HISTORY_SIZE ? history->count : HISTORY_SIZE, count = 0;
	uint64_t end_ns = to_ns;

	*ret_untold_ns = 0;
	for (uint32_t i = 1; i <= kept && end_ns > from_ns; i++) {
		const struct occupant *occupant = &history->occupants[(history->count - i) % HISTORY_SIZE];
		uint64_t since_ns = occupant->since_ns > from_ns ? occupant->since_ns : from_ns;
		uint32_t k = 0;

		if (since_ns >= end_ns)
			continue;
		if (!is_told(occupant)) {
			*ret_untold_ns += end_ns - since_ns;
		} else {
			while (k < count && candidates[k].occupant->tid != occupant->tid)
				k++;
			if (k == count)
				candidates[count++] = (struct candidate){ .occupant = occupant };
			candidates[k].ns += end_ns - since_ns;
		}
		end_ns = since_ns;
	}
	*ret_untold_ns += end_ns - from_ns;
	return count;
}

void history_instead(const struct history *history, uint64_t from_ns, uint64_t to_ns, struct rota_wait *wait)
{
	struct candidate candidates[HISTORY_SIZE], best = { 0 };
	uint64_t untold_ns, second_ns = 0;
	uint32_t count = collect(history, from_ns, to_ns, candidates, &untold_ns);

	for (uint32_t i = 0; i < count; i++) {
		if (candidates[i].ns > best.ns) {
			second_ns = best.ns;
			best = candidates[i];
		} else if (candidates[i].ns > second_ns) {
			second_ns = candidates[i].ns;
		}
	}
	if (!best.occupant || best.ns < second_ns + untold_ns)
		return;
	wait->instead_known = true;
	wait->instead_ns = best.ns;
	wait->instead_tid = best.occupant->tid;
	wait->instead_ours = best.occupant->occupancy == ROTA_CPU_TARGET;
	if (best.occupant->tid)
		memcpy(wait->instead, best.occupant->comm, sizeof(wait->instead));
}

void waits_init(struct waits *waits, uint32_t most)
{
	*waits = (struct waits){ .waits = xcalloc(most, sizeof(*waits->waits)), .most = most };
}

void waits_fini(struct waits *waits)
{
	free(waits->waits);
	*waits = (struct waits){ 0 };
}

void waits_begin(struct waits *waits)
{
	waits->count = 0;
	waits->threshold_ns = 0;
}

void waits_add(struct waits *waits, const struct rota_wait *wait)
{
	uint32_t at;

	if (waits->count < waits->most)
		waits->count++;
	for (at = waits->count - 1; at > 0 && waits->waits[at - 1].ns < wait->ns; at--)
		waits->waits[at] = waits->waits[at - 1];
	waits->waits[at] = *wait;
	if (waits->count == waits->most)
		waits->threshold_ns = waits->waits[waits->count - 1].ns;
}
