/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The longest waits for a cpu. Stays in RUNNABLE and THROTTLED come in, the N longest go out, each with who ran on that cpu
 * meanwhile, out of a short history of the cpu's occupants that is only searched for a stay that is among the N.
 */
#ifndef ROTA_METRIC_WAITS_H
#define ROTA_METRIC_WAITS_H

#include "rota/summary.h"

#define HISTORY_SIZE 64U /* occupants remembered of each cpu; a power of two */

struct occupant {
	uint64_t since_ns;
	uint32_t tid;
	uint8_t occupancy; /* ROTA_CPU_UNKNOWN also for one without a name */
	char comm[ROTA_COMM_SIZE];
};

struct history {        /* of one cpu */
	uint32_t count; /* ever put in; the newest is [(count - 1) % HISTORY_SIZE] */
	struct occupant occupants[HISTORY_SIZE];
};

struct waits {
	struct rota_wait *waits; /* longest first */
	uint32_t count, most;
	uint64_t threshold_ns; /* a wait must be longer than this to be kept */
};

void history_add(struct history *history, uint64_t ts_ns, uint8_t occupancy, const struct rota_thread *thread);
/*
 * Who ran longest in [from_ns, to_ns): fills the wait's instead_*. Not known where what the history does not tell could
 * have made another one the longest. tid 0: longest was nobody.
 */
void history_instead(const struct history *history, uint64_t from_ns, uint64_t to_ns, struct rota_wait *wait);

void waits_init(struct waits *waits, uint32_t most);
void waits_fini(struct waits *waits);
void waits_begin(struct waits *waits);
void waits_add(struct waits *waits, const struct rota_wait *wait); /* the wait must be longer than the threshold */

#endif
