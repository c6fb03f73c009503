/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Transitions in, a summary out. One pass, memory bounded by threads alive at once plus METRIC_MAX_ROWS.
 * Beyond METRIC_MAX_ROWS threads, those that have exited are folded into one row a process name (`folded`), with a note.
 */
#ifndef ROTA_METRIC_METRIC_H
#define ROTA_METRIC_METRIC_H

#include "rota/sink.h"
#include "rota/summary.h"

#define METRIC_MAX_ROWS 20000U

struct metric_config {
	const struct rota_topology *topology; /* outlives the metric and its summaries */
	uint32_t longest_waits;               /* how many to keep; 0 = 10 */
	uint64_t from_ns, to_ns; /* clip the window to [from_ns, to_ns] of CLOCK_MONOTONIC; 0, 0 = START to STOP */
	/* Called at START: may set the two above, which may be given relative to it. NULL: they stay. */
	void (*clip)(void *ctx, uint64_t start_ns, uint64_t *ret_from_ns, uint64_t *ret_to_ns);
	void *clip_ctx;
	bool strip;          /* keep what --timeline draws */
	const char *machine; /* uname -m of where it was recorded, copied; NULL: here */
	/*
	 * At the first progress() at or after each interval_ns from START, and at STOP, a summary of the interval that ends
	 * there is handed to `interval` (owned by it); 0 = none. The whole window's summary comes from metric_take() all the same.
	 */
	uint64_t interval_ns;
	void (*interval)(void *ctx, struct rota_summary *summary);
	void *interval_ctx;
};

struct metric;
struct metric *metric_new(const struct metric_config *config);
void metric_free(struct metric *metric);
struct rota_sink metric_sink(struct metric *metric);
/* After stop: the summary of the whole window, owned by the caller. NULL if the window never began or is empty. */
struct rota_summary *metric_take(struct metric *metric);

#endif
