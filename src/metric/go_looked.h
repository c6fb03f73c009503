/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A count that is looked at now and then: each value is taken to hold until the next one (struct rota_looked_at). */
#ifndef ROTA_METRIC_GO_LOOKED_H
#define ROTA_METRIC_GO_LOOKED_H

#include "rota/summary.h"

struct looked {
	bool known; /* a value holds now */
	uint64_t value, since_ns;
	uint32_t looks; /* in the window */
	uint64_t ns, min, max;
	double area;        /* Σ value × ns */
	unsigned int shift; /* levels[k]: values k << shift and above, below (k + 1) << shift */
	uint64_t *levels;   /* ROTA_LOOKED_LEVELS of them; NULL: none yet */
};

void looked_fini(struct looked *looked);
/* The window begins: what holds goes on to hold. */
void looked_begin(struct looked *looked, uint64_t ts_ns);
/* Counts what holds up to ts_ns. */
void looked_flush(struct looked *looked, uint64_t ts_ns);
/* From ts_ns on it is `value`. */
void looked_set(struct looked *looked, uint64_t value, uint64_t ts_ns);
/* From ts_ns on it is not known. */
void looked_unset(struct looked *looked, uint64_t ts_ns);
/* ret_looked->levels is the caller's. */
void looked_take(const struct looked *looked, struct rota_looked_at *ret_looked);

#endif
