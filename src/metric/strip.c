/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: stays on cpus, in order. Goes out: slices. Memory is fixed; work a stay is that of the slices it fills. */
#include "metric/strip.h"
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

static void slice_add(struct strip_slice *slice, const struct strip_candidate *one)
{
	struct strip_candidate *least = &slice->candidates[0];

	for (unsigned int i = 0; i < STRIP_CANDIDATES; i++) {
		struct strip_candidate *candidate = &slice->candidates[i];

		if (candidate->ns && candidate->occupancy == one->occupancy && candidate->serial == one->serial) {
			candidate->ns += one->ns;
			return;
		}
		if (candidate->ns < least->ns)
			least = candidate;
	}
	if (one->ns > least->ns)
		*least = *one;
}

static void row_double(struct strip_row *row)
{
	for (uint32_t i = 0; i < ROTA_STRIP_SLOTS; i += 2) {
		struct strip_slice joined = row->slices[i];

		for (unsigned int k = 0; k < STRIP_CANDIDATES; k++) {
			if (row->slices[i + 1].candidates[k].ns)
				slice_add(&joined, &row->slices[i + 1].candidates[k]);
		}
		row->slices[i / 2] = joined;
	}
	memset(&row->slices[ROTA_STRIP_SLOTS / 2], 0, ROTA_STRIP_SLOTS / 2 * sizeof(*row->slices));
	row->slot_ns *= 2;
}

void strip_init(struct strip *strip, uint32_t cpu_count)
{
	*strip = (struct strip){ .cpu_count = cpu_count, .rows = xcalloc(cpu_count, sizeof(*strip->rows)) };
	for (uint32_t i = 0; i < cpu_count; i++)
		strip->rows[i].slices = xcalloc(ROTA_STRIP_SLOTS, sizeof(struct strip_slice));
	strip_begin(strip, 0);
}

void strip_fini(struct strip *strip)
{
	for (uint32_t i = 0; i < strip->cpu_count; i++)
		free(strip->rows[i].slices);
	free(strip->rows);
	*strip = (struct strip){ 0 };
}

void strip_begin(struct strip *strip, uint64_t ts_ns)
{
	strip->start_ns = ts_ns;
	for (uint32_t i = 0; i < strip->cpu_count; i++) {
		strip->rows[i].slot_ns = STRIP_FIRST_NS;
		memset(strip->rows[i].slices, 0, ROTA_STRIP_SLOTS * sizeof(struct strip_slice));
	}
}

void strip_add(struct strip *strip, uint32_t cpu, uint64_t from_ns, uint64_t to_ns, uint8_t occupancy, uint32_t serial)
{
	struct strip_candidate part = { .occupancy = occupancy, .serial = occupancy == ROTA_CPU_TARGET ? serial : 0 };
	struct strip_row *row = &strip->rows[cpu];
	uint64_t at_ns = from_ns - strip->start_ns, end_ns = to_ns - strip->start_ns;

	while (end_ns > row->slot_ns * ROTA_STRIP_SLOTS)
		row_double(row);
	while (at_ns < end_ns) {
		uint64_t slot = at_ns / row->slot_ns, edge_ns = (slot + 1) * row->slot_ns;

		part.ns = (edge_ns < end_ns ? edge_ns : end_ns) - at_ns;
		slice_add(&row->slices[slot], &part);
		at_ns += part.ns;
	}
}

static struct rota_strip_slot slice_take(const struct strip_slice *slice)
{
	const struct strip_candidate *most = &slice->candidates[0];

	for (unsigned int i = 1; i < STRIP_CANDIDATES; i++) {
		if (slice->candidates[i].ns > most->ns)
			most = &slice->candidates[i];
	}
	return (struct rota_strip_slot){ .occupancy = most->occupancy, .thread = most->serial };
}

void strip_take(struct strip *strip, uint64_t end_ns, struct rota_strip *ret_strip)
{
	struct rota_strip out = { .slot_ns = STRIP_FIRST_NS };
	uint64_t window_ns = end_ns - strip->start_ns;

	while (window_ns > out.slot_ns * ROTA_STRIP_SLOTS)
		out.slot_ns *= 2;
	out.slot_count = (uint32_t)((window_ns + out.slot_ns - 1) / out.slot_ns);
	out.slots = xcalloc((size_t)strip->cpu_count * out.slot_count, sizeof(*out.slots));
	for (uint32_t cpu = 0; cpu < strip->cpu_count; cpu++) {
		while (strip->rows[cpu].slot_ns < out.slot_ns)
			row_double(&strip->rows[cpu]);
		for (uint32_t i = 0; i < out.slot_count; i++)
			out.slots[cpu * out.slot_count + i] = slice_take(&strip->rows[cpu].slices[i]);
	}
	*ret_strip = out;
}
