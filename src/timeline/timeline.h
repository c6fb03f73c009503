/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Events in, state transitions of threads and cpus out (rota/transition.h). Knows what the kernel does and what the BPF
 * programs leave out; knows nothing of clocks, files, options or metrics.
 */
#ifndef ROTA_TIMELINE_TIMELINE_H
#define ROTA_TIMELINE_TIMELINE_H

#include "rota/event.h"
#include "rota/sink.h"
#include "rota/topology.h"

struct timeline_config {
	const struct rota_topology *topology; /* outlives the timeline */
	bool every_switch;                    /* recorded with --system: no switch was left out */
};

struct timeline;
struct timeline *timeline_new(const struct timeline_config *config, const struct rota_sink *sink);
void timeline_free(struct timeline *timeline);
void timeline_feed(struct timeline *timeline, const struct rota_event *event);
/* Everything up to ts_ns has been fed: tells the sink (progress). */
void timeline_progress(struct timeline *timeline, uint64_t ts_ns);
/* The end of the events. Without a STOP before it, the window ends at ts_ns. 0, or -ENODATA if no START was seen. */
int timeline_finish(struct timeline *timeline, uint64_t ts_ns);

#endif
