/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A simulated recording through the real rooms (pipeline.h). */
#include "tool/sim/pipeline.h"

#include "base/alloc.h"
#include "stream/stream.h"
#include "timeline/timeline.h"

#include <stdlib.h>

static uint32_t shuffle_below(uint64_t *random, uint32_t limit)
{
	*random = *random * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(*random >> 33) % limit;
}

static void ring_chunks(const struct schedsim *sim, uint32_t number, size_t round, uint64_t *random,
			const struct sim_consumer *consumer)
{
	const struct sim_ring *ring = &sim->rings[number];
	uint16_t cpu = number == sim->cpu_count ? ROTA_CPU_NONE : (uint16_t)number;
	struct chunk_encoder *encoder = chunk_encoder_new(cpu);
	struct chunk chunk;

	for (size_t i = round ? ring->round_end[round - 1] : 0; i < ring->round_end[round]; i++) {
		chunk_encode(encoder, &ring->records[i]);
		if (*random && !shuffle_below(random, 5)) {
			chunk = chunk_encoder_take(encoder);
			consumer->chunk(consumer->ctx, &chunk);
		}
	}
	if (chunk_encoder_size(encoder)) {
		chunk = chunk_encoder_take(encoder);
		consumer->chunk(consumer->ctx, &chunk);
	}
	chunk_encoder_free(encoder);
}

void sim_chunks(const struct schedsim *sim, uint64_t shuffle, const struct sim_consumer *consumer)
{
	uint32_t *order = xcalloc(sim->cpu_count + 1, sizeof(*order));

	for (uint32_t i = 0; i <= sim->cpu_count; i++)
		order[i] = i;
	for (size_t round = 0; round < sim->round_count; round++) {
		for (uint32_t i = sim->cpu_count; shuffle && i; i--) {
			uint32_t other = shuffle_below(&shuffle, i + 1), kept = order[i];

			order[i] = order[other];
			order[other] = kept;
		}
		for (uint32_t i = 0; i <= sim->cpu_count; i++)
			ring_chunks(sim, order[i], round, &shuffle, consumer);
		consumer->round(consumer->ctx, sim->round_ns[round]);
	}
	free(order);
}

struct pipeline {
	struct stream *stream;
	struct timeline *timeline;
	void (*step)(void *ctx);
	void *step_ctx;
};

static void pipeline_event(void *ctx, const struct rota_event *event)
{
	struct pipeline *pipeline = ctx;

	timeline_feed(pipeline->timeline, event);
	if (pipeline->step)
		pipeline->step(pipeline->step_ctx);
}

static void pipeline_chunk(void *ctx, const struct chunk *chunk)
{
	stream_chunk(((struct pipeline *)ctx)->stream, chunk);
}

static void pipeline_round(void *ctx, uint64_t ts_ns)
{
	struct pipeline *pipeline = ctx;

	stream_round(pipeline->stream, ts_ns);
	timeline_progress(pipeline->timeline, ts_ns);
}

struct sim_pipeline_result sim_pipeline(const struct schedsim *sim, uint64_t shuffle, const struct rota_sink *sink,
					void (*step)(void *ctx))
{
	struct timeline_config config = { .topology = sim->topology, .every_switch = sim->config.every_switch };
	struct pipeline pipeline = { .step = step, .step_ctx = sink->ctx };
	struct sim_consumer consumer = { .ctx = &pipeline, .chunk = pipeline_chunk, .round = pipeline_round };
	struct sim_pipeline_result result;

	pipeline.timeline = timeline_new(&config, sink);
	pipeline.stream = stream_new(sim->cpu_count, pipeline_event, &pipeline);
	sim_chunks(sim, shuffle, &consumer);
	result.finished = timeline_finish(pipeline.timeline, stream_finish(pipeline.stream));
	result.reordered = stream_reordered(pipeline.stream);
	result.damaged = stream_damaged(pipeline.stream);
	stream_free(pipeline.stream);
	timeline_free(pipeline.timeline);
	return result;
}
