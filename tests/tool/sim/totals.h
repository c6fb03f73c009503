/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a simulated schedule amounts to, computed the slow and plain way: at each moment at which anything changes, everything
 * is counted anew. Shares no code and no method with src/metric.
 *
 * Use: #include "tool/sim/totals.c" after schedsim.c in the one file of a test program.
 */
#ifndef SIM_TOTALS_H
#define SIM_TOTALS_H

#include "tool/sim/schedsim.h"

#define SIM_LEVELS 128

enum { SIM_N, SIM_K, SIM_P, SIM_C, SIM_KINDS };

struct sim_totals {
	uint64_t window_ns;
	uint64_t level_ns[SIM_KINDS][SIM_LEVELS];
	uint64_t smt_ns[4]; /* idle, ours, others, not told; of running time on cores with siblings */
	uint64_t state_ns[ROTA_STATES];
	uint64_t *thread_ns; /* by uid * ROTA_STATES + state */
	uint64_t *cpu_ns;    /* by cpu * ROTA_OCCUPANCIES + occupancy */
	uint64_t waits, wait_ns[ROTA_CAUSES], wait_count[ROTA_CAUSES], cut_waits;
	uint64_t voluntary, involuntary, switch_ins;
	uint64_t migrations_least[ROTA_DISTANCES], migrations_most[ROTA_DISTANCES];
};

struct sim_totals *sim_totals_new(const struct schedsim *sim);
void sim_totals_free(struct sim_totals *totals);

#endif
