/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the encoder and the decoder of chunks agree on (docs/rota-trace.5, CHUNKS). A chunk is a short header and nine
 * columns of bytes, one after the other: like bytes lie beside like, so that the file's entropy coder sees each field's
 * own distribution, and the decoder of SWITCH and WAKEUP is a handful of byte loads. Private to this room.
 */
#ifndef ROTA_TRACE_CODEC_H
#define ROTA_TRACE_CODEC_H

#include "trace/chunk.h"

#include <stdbool.h>

enum codec_column {
	COLUMN_TAG,         /* one byte a record: number of its shape, or CODEC_NEW */
	COLUMN_WHO,         /* one byte a tid: number of its slot, or CODEC_NEW */
	COLUMN_SWITCH_LOW,  /* ts of SWITCH records since the record before: low byte … */
	COLUMN_SWITCH_HIGH, /* … and high byte, or a CODEC_WIDE escape */
	COLUMN_WAKEUP_LOW,  /* the same of WAKEUP records */
	COLUMN_WAKEUP_HIGH,
	COLUMN_DELAY_LOW, /* waking_delay_ns of WAKEUP records */
	COLUMN_DELAY_HIGH,
	COLUMN_MORE, /* everything rare: definitions, escapes, fields of the other records */
	CODEC_COLUMNS
};

#define CODEC_NEW 0xff /* defined in COLUMN_MORE, takes the next slot */

/*
 * High bytes from here on are escapes: bits 0-2 are how many more bytes of the number (1 to 7) follow in COLUMN_MORE, low
 * to high; bit 3 says that it is to be subtracted.
 */
#define CODEC_WIDE          0xf0
#define CODEC_WIDE_NEGATIVE 0x08
#define CODEC_WIDE_BYTES    0x07

/* Modes of a shape: where the fields come from that the shape does not hold itself */
#define CODEC_AUX_MASK          0x03
#define CODEC_AUX_SHAPE         0x00 /* head.aux is part of the shape */
#define CODEC_AUX_OWN           0x01 /* it is the chunk's cpu */
#define CODEC_AUX_MORE          0x02 /* it follows with each record */
#define CODEC_SWITCH_PREV_WHO   0x04 /* head.tid is told; else it is the occupant */
#define CODEC_SWITCH_NEXT_MASK  0x18
#define CODEC_SWITCH_NEXT_WHO   0x00        /* next_tid is told */
#define CODEC_SWITCH_NEXT_WAKEE 0x08        /* it is the thread last woken onto this cpu */
#define CODEC_SWITCH_NEXT_IDLE  0x10        /* it is 0 */
#define CODEC_SWITCH_REASON     0x20        /* the shape holds the reason, too; else it is 0 */
#define CODEC_SWITCH_ARGUMENT   0x40        /* the argument is told, as a zigzag from the last one; else it is 0 */
#define CODEC_REASON_MASK       0x000fffffU /* the bits of a reason that a shape holds, beside ROTA_REASON_TOLD */
#define CODEC_TID_IDLE          0x00        /* WAKEUP's two further tids: 0 … */
#define CODEC_TID_OCCUPANT      0x01        /* … the occupant … */
#define CODEC_TID_WHO           0x02        /* … or told */
#define CODEC_OCCUPANT_SHIFT    2
#define CODEC_WAKER_SHIFT       4
#define CODEC_TID_MASK          0x03

/* Largest header of a chunk: ts, and three varints that are below CHUNK_MAX_BYTES */
#define CODEC_HEADER_MAX (8 + 3 * 3)

struct codec_header {
	uint64_t ts_ns;
	size_t size[CODEC_COLUMNS];
};
/*
 * Parses the header of a chunk; *ret_columns is where COLUMN_TAG begins. False where the bytes cannot be a chunk; what it
 * accepts lies inside the chunk, column by column.
 */
bool codec_header_parse(const struct chunk *chunk, struct codec_header *ret_header, const uint8_t **ret_columns);

#endif
