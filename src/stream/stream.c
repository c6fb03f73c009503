/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Chunks of many cpus in, one ordered sequence of events out (stream.h). At each round mark the rings are merged by the
 * times of their first records (merge.h), up to the mark. The order at equal times is that of the cpus'
 * numbers with user space's records last, so that the order in which chunks arrive within a round never shows. A record
 * whose cause still waits in another ring is put off (causal.h) by giving its ring a later key: nobody else has to move.
 */
#include "stream/stream.h"

#include "base/alloc.h"
#include "stream/causal.h"
#include "stream/merge.h"
#include "stream/queue.h"

#include <stdlib.h>
#include <string.h>

#define STREAM_PARK_MAX 8 /* how often a record is put off before it is delivered as it is */

struct stream {
	uint32_t cpu_count;
	struct queue *queues; /* one for each cpu, and the last for user space */
	struct merge merge;
	struct causal causal;
	stream_event_fn event;
	void *ctx;
	uint64_t last_ns;       /* ordered time of the last event given out */
	uint64_t round_ns;      /* last round mark */
	bool damage;            /* something unreadable since the last round */
	uint32_t *foreseen;     /* by cpu: losses that user space tells of in this round: gaps from its start on */
	uint32_t foreseen_all;  /* the same for ROTA_CPU_NONE */
	bool any_foreseen;      /* some foreseen[] is not 0 */
	uint64_t reordered;     /* events lifted or put off */
	uint64_t damaged;       /* stream_damage() and chunks for cpus that do not exist */
	struct rota_event made; /* for the events that stream itself makes */
};

static inline uint64_t stream_key_of_head(struct stream *stream, struct queue *queue, uint32_t index)
{
	uint64_t ts_ns = queue->slots[queue->head].rec.head.ts_ns;

	if (ts_ns < queue->floor_ns)
		ts_ns = queue->floor_ns;
	queue->floor_ns = ts_ns;
	return merge_key(&stream->merge, ts_ns, queue->parked, index);
}

/* --- giving out ------------------------------------------------------------------------------------------------ */

static void stream_emit_made(struct stream *stream, uint8_t type, uint16_t cpu, uint64_t ts_ns)
{
	struct rota_event *event = &stream->made;

	if (type == ROTA_EVENT_GAP)
		causal_gap(&stream->causal, cpu);
	else
		causal_gap_end(&stream->causal, 1);

	memset(event, 0, sizeof(*event));
	if (ts_ns > stream->last_ns)
		stream->last_ns = ts_ns;
	event->cpu = cpu;
	event->rec.head.type = type;
	event->rec.head.aux = cpu;
	event->rec.head.ts_ns = stream->last_ns;
	stream->event(stream->ctx, event);
}

static void stream_emit_gap(struct stream *stream, struct queue *queue)
{
	if (queue->gap_open)
		return;
	queue->gap_open = true;
	stream_emit_made(stream, ROTA_EVENT_GAP, queue->cpu, stream->last_ns);
}

static inline void stream_emit_head(struct stream *stream, struct queue *queue, uint64_t key_ns)
{
	struct rota_event *event = &queue->slots[queue->head];

	if (key_ns > stream->last_ns)
		stream->last_ns = key_ns;
	if (event->rec.head.ts_ns != stream->last_ns || queue->parked) {
		stream->reordered++;
		event->rec.head.ts_ns = stream->last_ns;
	}
	causal_note(&stream->causal, event);
	if (event->rec.head.type == ROTA_REC_LOST) {
		queue->gap_open = false;
		causal_gap_end(&stream->causal, event->rec.head.aux == ROTA_CPU_NONE ? stream->cpu_count : 1);
	}
	stream->event(stream->ctx, event);
	if (queue_lost_next(queue) && queue->cpu != ROTA_CPU_NONE)
		stream_emit_gap(stream, queue);
}

/* Puts the head of a ring off until its cause was delivered. False: it has no cause to wait for. */
static bool stream_park(struct stream *stream, struct queue *queue, uint32_t index)
{
	const struct rota_event *event = &queue->slots[queue->head];
	uint64_t wait_ns;

	if (queue->parked >= STREAM_PARK_MAX || queue->cpu == ROTA_CPU_NONE)
		return false;
	wait_ns = causal_wait_ns(&stream->causal, event, index, stream->queues, stream->cpu_count);
	if (!wait_ns)
		return false;
	queue->parked++;
	if (wait_ns > queue->floor_ns)
		queue->floor_ns = wait_ns;
	merge_set(&stream->merge, index, stream_key_of_head(stream, queue, index));
	return true;
}

static void stream_merge_span(struct stream *stream, uint64_t until_ns)
{
	struct merge *merge = &stream->merge;
	uint64_t last_key = merge_key(merge, until_ns, 0, 0) | MERGE_ORDER_MASK, key;

	while ((key = merge->keys[1]) <= last_key) {
		uint32_t index = merge_ring(key);
		struct queue *queue = &stream->queues[index];

		if (causal_may_wait(&stream->causal, &queue->slots[queue->head], index) &&
		    stream_park(stream, queue, index))
			continue;
		stream_emit_head(stream, queue, merge_ns(merge, key));
		queue_drop_head(queue);
		if (__builtin_expect(queue->filled, 1)) { /* who is next is known before the look-ahead is */
			merge_set(merge, index, stream_key_of_head(stream, queue, index));
			queue_refill(queue);
			continue;
		}
		queue_refill(queue);
		merge_set(merge, index, queue->filled ? stream_key_of_head(stream, queue, index) : MERGE_NONE);
	}
}

/* The earliest time at the head of any ring. False: all are empty. */
static bool stream_first(const struct stream *stream, uint64_t *ret_ts_ns)
{
	uint64_t first_ns = UINT64_MAX;
	bool any = false;

	for (uint32_t i = 0; i <= stream->cpu_count; i++) {
		const struct queue *queue = &stream->queues[i];
		uint64_t ts_ns;

		if (!queue->filled)
			continue;
		ts_ns = queue->slots[queue->head].rec.head.ts_ns;
		first_ns = merge_min(first_ns, ts_ns > queue->floor_ns ? ts_ns : queue->floor_ns);
		any = true;
	}
	if (any)
		*ret_ts_ns = first_ns;
	return any;
}

static void stream_merge(struct stream *stream, uint64_t until_ns)
{
	struct merge *merge = &stream->merge;
	uint64_t first_ns;

	/* once, unless the round is longer than keys can tell times apart */
	while (stream_first(stream, &first_ns) && first_ns <= until_ns) {
		merge->base_ns = first_ns;
		memset(merge->keys, 0xff, 2 * merge->leaves * sizeof(*merge->keys));
		for (uint32_t i = 0; i <= stream->cpu_count; i++) {
			struct queue *queue = &stream->queues[i];

			if (queue->filled)
				merge->keys[merge->leaves + i] = stream_key_of_head(stream, queue, i);
		}
		merge_build(merge);
		stream_merge_span(stream, until_ns - first_ns < MERGE_SPAN_NS ? until_ns : first_ns + MERGE_SPAN_NS);
	}
}

/* --- losses ---------------------------------------------------------------------------------------------------- */

/*
 * What user space says of losses comes at the end of a round but concerns it from its start, so its chunks are read ahead.
 * They are few and small.
 */
static void stream_foresee(struct stream *stream, const struct chunk *chunk)
{
	struct chunk_decoder decoder;
	struct rota_event event;
	int rc;

	chunk_decoder_init(&decoder, chunk);
	while ((rc = chunk_decode(&decoder, &event)) > 0) {
		if (!queue_names_cpus_of(&event, stream->cpu_count))
			break;
		if (event.rec.head.type != ROTA_REC_LOST)
			continue;
		if (event.rec.head.aux == ROTA_CPU_NONE)
			stream->foreseen_all++;
		else
			stream->foreseen[event.rec.head.aux]++;
		stream->any_foreseen = true;
	}
	if (rc != 0) /* what it would have said is not known: the queue counts it, everything is in doubt */
		stream->damage = true;
}

/* The gaps that begin before anything else of this round. */
static void stream_open_gaps(struct stream *stream, uint64_t round_ns)
{
	if (!stream->last_ns) { /* nothing was given out yet: the doubt begins with the first record there is */
		stream->last_ns = round_ns;
		stream_first(stream, &stream->last_ns);
		stream->last_ns = merge_min(stream->last_ns, round_ns);
	}
	for (uint32_t cpu = 0; cpu < stream->cpu_count; cpu++) {
		struct queue *queue = &stream->queues[cpu];
		const struct rota_event *head = queue_head(queue);
		uint32_t doubts = stream->damage + stream->foreseen_all + stream->foreseen[cpu];

		if (head ? head->rec.head.type == ROTA_REC_LOST : queue->broken)
			stream_emit_gap(stream, queue);
		while (doubts--)
			stream_emit_made(stream, ROTA_EVENT_GAP, (uint16_t)cpu, stream->last_ns);
		stream->foreseen[cpu] = 0;
	}
	stream->foreseen_all = 0;
	stream->any_foreseen = false;
}

static bool stream_has_early_gap(const struct stream *stream)
{
	if (stream->damage || stream->any_foreseen)
		return true;
	for (uint32_t cpu = 0; cpu < stream->cpu_count; cpu++) {
		const struct queue *queue = &stream->queues[cpu];

		if (queue->filled ? queue->slots[queue->head].rec.head.type == ROTA_REC_LOST : queue->broken)
			return true;
	}
	return false;
}

/* --- the room's door ------------------------------------------------------------------------------------------- */

struct stream *stream_new(uint32_t cpu_count, stream_event_fn event, void *ctx)
{
	struct stream *stream = xcalloc(1, sizeof(*stream));

	stream->cpu_count = cpu_count;
	stream->event = event;
	stream->ctx = ctx;
	stream->queues = xcalloc(cpu_count + 1, sizeof(*stream->queues));
	merge_init(&stream->merge, cpu_count + 1);
	stream->foreseen = xcalloc(cpu_count + 1, sizeof(*stream->foreseen));
	for (uint32_t cpu = 0; cpu < cpu_count; cpu++)
		queue_init(&stream->queues[cpu], (uint16_t)cpu, cpu_count);
	queue_init(&stream->queues[cpu_count], ROTA_CPU_NONE, cpu_count);
	causal_init(&stream->causal, cpu_count);
	return stream;
}

void stream_free(struct stream *stream)
{
	if (!stream)
		return;
	for (uint32_t i = 0; i <= stream->cpu_count; i++)
		queue_fini(&stream->queues[i]);
	causal_fini(&stream->causal);
	free(stream->queues);
	merge_fini(&stream->merge);
	free(stream->foreseen);
	free(stream);
}

void stream_chunk(struct stream *stream, const struct chunk *chunk)
{
	uint32_t index = chunk->cpu == ROTA_CPU_NONE ? stream->cpu_count : chunk->cpu;

	if (index > stream->cpu_count || (index == stream->cpu_count && chunk->cpu != ROTA_CPU_NONE)) {
		stream_damage(stream);
		return;
	}
	if (chunk->cpu == ROTA_CPU_NONE)
		stream_foresee(stream, chunk);
	queue_push(&stream->queues[index], chunk);
}

void stream_damage(struct stream *stream)
{
	stream->damage = true;
	stream->damaged++;
}

void stream_round(struct stream *stream, uint64_t ts_ns)
{
	bool damage = stream->damage;

	if (ts_ns < stream->round_ns)
		ts_ns = stream->round_ns;
	if (stream_has_early_gap(stream))
		stream_open_gaps(stream, ts_ns);
	stream_merge(stream, ts_ns);
	for (uint32_t cpu = 0; damage && cpu < stream->cpu_count; cpu++)
		stream_emit_made(stream, ROTA_REC_LOST, (uint16_t)cpu, ts_ns);
	stream->damage = false;
	stream->round_ns = ts_ns;
}

uint64_t stream_finish(struct stream *stream)
{
	return stream->round_ns;
}

uint64_t stream_reordered(const struct stream *stream)
{
	return stream->reordered;
}

uint64_t stream_damaged(const struct stream *stream)
{
	uint64_t damaged = stream->damaged;

	for (uint32_t i = 0; i <= stream->cpu_count; i++)
		damaged += stream->queues[i].damaged_chunks;
	return damaged;
}
