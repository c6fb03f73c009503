/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Chunks of many cpus in, one ordered sequence of events out. Holds no more than the chunks between two rounds. What was
 * lost comes out as ROTA_EVENT_GAP (the last good moment of a cpu) … ROTA_REC_LOST (the first good one again).
 */
#ifndef ROTA_STREAM_STREAM_H
#define ROTA_STREAM_STREAM_H

#include "trace/chunk.h"

typedef void (*stream_event_fn)(void *ctx, const struct rota_event *event);

struct stream;
/* `cpu_count`: cpus are numbered below it; records that name others are damage. */
struct stream *stream_new(uint32_t cpu_count, stream_event_fn event, void *ctx);
void stream_free(struct stream *stream);
/* Copies the chunk. A chunk that does not decode counts as damage. */
void stream_chunk(struct stream *stream, const struct chunk *chunk);
/* Something was here that could not be read: the whole time between the rounds around it is in doubt, on every cpu. */
void stream_damage(struct stream *stream);
/* No record with a time ≤ ts_ns will come any more: delivers all up to it. */
void stream_round(struct stream *stream, uint64_t ts_ns);
/* Delivers nothing of what came after the last round (it may be incomplete); returns that round's ts_ns, 0 if none. */
uint64_t stream_finish(struct stream *stream);
uint64_t stream_reordered(const struct stream *stream); /* events whose time was lifted or order mended */
uint64_t stream_damaged(const struct stream *stream);   /* blocks */

#endif
