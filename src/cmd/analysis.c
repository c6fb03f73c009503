/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: chunks and rounds, live or from a file. Goes out: a summary. Holds the three rooms together and nothing else. */
#include "cmd/analysis.h"
#include "base/alloc.h"
#include "metric/summary.h"
#include "stream/stream.h"
#include "timeline/timeline.h"

#include <stdlib.h>

struct analysis {
	struct analysis_config config;
	struct metric *metric;
	struct timeline *timeline;
	struct stream *stream;
	uint64_t start_ns;
};

/* The window's edges may be given relative to t0, which is known only now. */
static void clip(void *ctx, uint64_t start_ns, uint64_t *ret_from_ns, uint64_t *ret_to_ns)
{
	struct analysis *analysis = ctx;

	analysis->start_ns = start_ns;
	if (analysis->config.started)
		analysis->config.started(analysis->config.ctx, start_ns, ret_from_ns, ret_to_ns);
}

static void deliver(void *ctx, const struct rota_event *event)
{
	struct analysis *analysis = ctx;

	timeline_feed(analysis->timeline, event);
}

struct analysis *analysis_new(const struct analysis_config *config)
{
	struct analysis *analysis = xcalloc(1, sizeof(*analysis));
	struct rota_sink sink;
	struct timeline_config timeline = { .topology = config->topology, .every_switch = config->every_switch };

	analysis->config = *config;
	analysis->config.metric.topology = config->topology;
	analysis->config.metric.clip = clip;
	analysis->config.metric.clip_ctx = analysis;
	if (config->sink) {
		sink = *config->sink;
	} else {
		analysis->metric = metric_new(&analysis->config.metric);
		sink = metric_sink(analysis->metric);
	}
	analysis->timeline = timeline_new(&timeline, &sink);
	analysis->stream = stream_new(config->topology->cpu_count, deliver, analysis);
	return analysis;
}

void analysis_free(struct analysis *analysis)
{
	if (!analysis)
		return;
	stream_free(analysis->stream);
	timeline_free(analysis->timeline);
	metric_free(analysis->metric);
	free(analysis);
}

void analysis_chunk(struct analysis *analysis, const struct chunk *chunk)
{
	stream_chunk(analysis->stream, chunk);
}

void analysis_damage(struct analysis *analysis)
{
	stream_damage(analysis->stream);
}

void analysis_round(struct analysis *analysis, uint64_t ts_ns)
{
	stream_round(analysis->stream, ts_ns);
	timeline_progress(analysis->timeline, ts_ns);
}

struct rota_summary *analysis_finish(struct analysis *analysis, bool complete)
{
	uint64_t last_ns = stream_finish(analysis->stream);
	struct rota_summary *summary;

	if (timeline_finish(analysis->timeline, last_ns))
		return NULL;
	summary = metric_take(analysis->metric);
	if (!summary)
		return NULL;
	summary->incomplete = !complete;
	summary->damaged_blocks = stream_damaged(analysis->stream);
	summary->reordered = stream_reordered(analysis->stream);
	return summary;
}

int analysis_end(struct analysis *analysis)
{
	return timeline_finish(analysis->timeline, stream_finish(analysis->stream));
}

uint64_t analysis_start_ns(const struct analysis *analysis)
{
	return analysis->start_ns;
}
