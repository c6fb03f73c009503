/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A chunk: records of one cpu's ring (or of the user-space stream) in the order they were written, delta- and
 * varint-coded. Self-contained: it can be decoded without any other chunk. Live analysis and the trace file carry the
 * same bytes; only the file compresses them (docs/rota-trace.5).
 */
#ifndef ROTA_TRACE_CHUNK_H
#define ROTA_TRACE_CHUNK_H

#include "base/buffer.h"
#include "rota/event.h"

#define CHUNK_MAX_BYTES (1U << 20) /* encoded; encoders close a chunk before it exceeds this, decoders refuse more */

struct chunk {        /* a view: bytes belong to whoever made it */
	uint16_t cpu; /* or ROTA_CPU_NONE */
	uint32_t record_count;
	const uint8_t *bytes;
	size_t size;
};

/* Encoder: one for each cpu, used again and again. */
struct chunk_encoder;
struct chunk_encoder *chunk_encoder_new(uint16_t cpu);
void chunk_encoder_free(struct chunk_encoder *encoder);
void chunk_encode(struct chunk_encoder *encoder, const union rota_any_record *record);
size_t chunk_encoder_size(const struct chunk_encoder *encoder); /* encoded bytes so far; 0 = nothing to take */
/* The chunk made so far; valid until the next chunk_encode(), which begins a new one. */
struct chunk chunk_encoder_take(struct chunk_encoder *encoder);

/* Decoder: plain data, lives where the caller puts it; the chunk's bytes must outlive it. */
struct chunk_decoder {
	struct cursor cursor;
	uint16_t cpu;
	uint32_t left; /* records still to come */
	uint64_t last_ts_ns;
	uint32_t occupant_tid; /* who the last record said is on the cpu */
	uint32_t recent[16];   /* tids seen lately, most recent first */
};
void chunk_decoder_init(struct chunk_decoder *decoder, const struct chunk *chunk);
/* 1: *ret_event holds the next record, validated (rota/event.h). 0: the end. -EBADMSG: the bytes are not a chunk. */
int chunk_decode(struct chunk_decoder *decoder, struct rota_event *ret_event);

#endif
