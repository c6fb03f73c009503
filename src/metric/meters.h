/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Cumulative counters whose growth inside a window is wanted (stolen and interrupt time, rota's own cost), and lost records.
 * The newest reading at or before the window's start is subtracted from the newest at or before its end, so that
 * neighbouring windows sum to the one that holds them.
 */
#ifndef ROTA_METRIC_METERS_H
#define ROTA_METRIC_METERS_H

#include "rota/summary.h"

struct meter {
	bool has_base; /* `base` is a reading */
	bool read;     /* there was a reading in this window, beside the base */
	bool known;    /* `last` is a reading, of this window or before it */
	uint64_t base, last;
};

struct cpu_meters {
	struct meter steal, irq;
	uint64_t lost;
};

struct meters {
	uint32_t cpu_count;
	struct cpu_meters *cpus;
	struct meter bpf, user;
	bool bpf_known, bpf_estimated; /* as the newest reading says */
	uint64_t lost;
};

void meters_init(struct meters *meters, uint32_t cpu_count);
void meters_fini(struct meters *meters);
void meters_begin(struct meters *meters);
void meters_cpu_time(struct meters *meters, uint32_t cpu, uint64_t steal_ns, uint64_t irq_ns);
void meters_cost(struct meters *meters, const struct rota_rec_cost *cost);
void meters_lost(struct meters *meters, uint32_t cpu, uint64_t count);
/* Stolen since the window began, on all cpus, as far as has been read. */
uint64_t meters_stolen_ns(const struct meters *meters);
/* Into the summary; its cpu rows are there already. */
void meters_fill(const struct meters *meters, struct rota_summary *summary);

#endif
