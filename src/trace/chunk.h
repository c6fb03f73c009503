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

#define CHUNK_MAX_BYTES  (1U << 20)                /* encoded; decoders refuse more */
#define CHUNK_FULL_BYTES (CHUNK_MAX_BYTES - 4096U) /* whoever encodes takes the chunk once it has reached this size */

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
/* A record must be valid as rota/event.h says, or the whole chunk will be refused. The `zero` members are not kept. */
void chunk_encode(struct chunk_encoder *encoder, const union rota_any_record *record);
/* Encoded bytes so far, an upper bound by a few; 0 = nothing to take. At CHUNK_FULL_BYTES it is time to take the chunk. */
size_t chunk_encoder_size(const struct chunk_encoder *encoder);
/* The chunk made so far; valid until the next chunk_encode(), which begins a new one. */
struct chunk chunk_encoder_take(struct chunk_encoder *encoder);

/* Decoder: plain data, lives where the caller puts it; the chunk's bytes must outlive it. No user reads its members. */
#define CHUNK_SHAPES 128 /* kinds of record a chunk knows at a time (docs/rota-trace.5) */
#define CHUNK_TIDS   255 /* tids a chunk knows at a time; the first one is 0 */
struct chunk_shape {
	uint8_t type, flags;
	uint16_t aux;
	uint8_t modes;
	uint32_t reason;
};
struct chunk_decoder {
	struct cursor cursor; /* over what is rare; `bad` once the chunk was found to be none */
	const uint8_t *tag, *who, *who_end;
	const uint8_t *switch_low, *switch_high, *wakeup_low, *wakeup_high, *delay_low, *delay_high;
	uint32_t left; /* records still to come, and of these the switches and the wakeups */
	uint32_t switches_left, wakeups_left;
	uint32_t occupant_tid;   /* who the last record said is on the cpu */
	uint32_t last_wakee_tid; /* who was woken onto it last */
	uint32_t last_new_tid;
	uint16_t cpu;
	uint8_t shape_count, shape_next, tid_count, tid_next;
	uint64_t last_ts_ns, last_boottime_ns, last_argument;
	struct chunk_shape shapes[CHUNK_SHAPES];
	uint32_t tids[CHUNK_TIDS];
};
void chunk_decoder_init(struct chunk_decoder *decoder, const struct chunk *chunk);
/* 1: *ret_event holds the next record, validated (rota/event.h). 0: the end. -EBADMSG: the bytes are not a chunk. */
int chunk_decode(struct chunk_decoder *decoder, struct rota_event *ret_event);

#endif
