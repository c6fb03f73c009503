/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The chain stream → timeline → metric, wired once: live runs and files feed the same bytes to the same code, so they agree
 * by construction.
 */
#ifndef ROTA_CMD_ANALYSIS_H
#define ROTA_CMD_ANALYSIS_H

#include "metric/metric.h"
#include "rota/summary.h"
#include "trace/chunk.h"

struct analysis_config {
	const struct rota_topology *topology; /* outlives the analysis and its summaries */
	bool every_switch;
	struct metric_config metric;  /* its topology is filled in here */
	const struct rota_sink *sink; /* copied: transitions go there, and no summary is made; NULL: a summary */
	/* Called when t0 is known, before anything is measured: may clip the window. NULL: none. */
	void (*started)(void *ctx, uint64_t start_ns, uint64_t *ret_from_ns, uint64_t *ret_to_ns);
	void *ctx;
};

struct analysis;
struct analysis *analysis_new(const struct analysis_config *config);
void analysis_free(struct analysis *analysis);
void analysis_chunk(struct analysis *analysis, const struct chunk *chunk);
void analysis_damage(struct analysis *analysis);
void analysis_round(struct analysis *analysis, uint64_t ts_ns);
/*
 * The summary of the whole window, owned by the caller; its identity is still empty. NULL if the window never began or
 * nothing lies in it. `complete`: the recording said that it ended.
 */
struct rota_summary *analysis_finish(struct analysis *analysis, bool complete);
/* The same where there is a sink: 0, or -ENODATA if the window never began. */
int analysis_end(struct analysis *analysis);
uint64_t analysis_start_ns(const struct analysis *analysis); /* t0; 0: not seen yet */

#endif
