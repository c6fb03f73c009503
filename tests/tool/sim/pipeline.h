/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A simulated recording through the real rooms: chunks as capture would make them, stream, timeline, and a sink at the end.
 *
 * Use: #include "tool/sim/pipeline.c" after schedsim.c in the one file of a test program.
 */
#ifndef SIM_PIPELINE_H
#define SIM_PIPELINE_H

#include "rota/sink.h"
#include "tool/sim/schedsim.h"
#include "trace/chunk.h"

/* Where the chunks and round marks of a recording go. */
struct sim_consumer {
	void *ctx;
	void (*chunk)(void *ctx, const struct chunk *chunk);
	void (*round)(void *ctx, uint64_t ts_ns);
};

/*
 * All chunks, round by round. `shuffle` 0: cpus in order, one chunk each; else it seeds the order in which the cpus of a
 * round come and where their records are cut into chunks.
 */
void sim_chunks(const struct schedsim *sim, uint64_t shuffle, const struct sim_consumer *consumer);

struct sim_pipeline_result {
	uint64_t reordered, damaged;
	int finished; /* of timeline_finish() */
};
/* `step` (may be NULL) is called with the sink's ctx after each event. */
struct sim_pipeline_result sim_pipeline(const struct schedsim *sim, uint64_t shuffle, const struct rota_sink *sink,
					void (*step)(void *ctx));

#endif
