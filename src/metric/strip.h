/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What --timeline draws: stays of occupants on cpus come in, ROTA_STRIP_SLOTS slices of time for each cpu go out, each with
 * who had most of it. The slices start narrow and double in width, by joining neighbours, whenever the time no longer fits.
 */
#ifndef ROTA_METRIC_STRIP_H
#define ROTA_METRIC_STRIP_H

#include "rota/summary.h"

#define STRIP_CANDIDATES 4U    /* occupants remembered of a slice; more, and the least of them makes room */
#define STRIP_FIRST_NS   1000U /* width of a slice at first */

struct strip_candidate {
	uint64_t ns;
	uint32_t serial; /* TARGET: of the thread in the window; else 0 */
	uint8_t occupancy;
};

struct strip_slice {
	struct strip_candidate candidates[STRIP_CANDIDATES];
};

struct strip_row { /* of one cpu */
	uint64_t slot_ns;
	struct strip_slice *slices;
};

struct strip {
	uint64_t start_ns;
	uint32_t cpu_count; /* 0: not wanted */
	struct strip_row *rows;
};

void strip_init(struct strip *strip, uint32_t cpu_count);
void strip_fini(struct strip *strip);
void strip_begin(struct strip *strip, uint64_t ts_ns);
void strip_add(struct strip *strip, uint32_t cpu, uint64_t from_ns, uint64_t to_ns, uint8_t occupancy, uint32_t serial);
/* ret_strip->slots[].thread holds serials, to be replaced by rows. */
void strip_take(struct strip *strip, uint64_t end_ns, struct rota_strip *ret_strip);

#endif
