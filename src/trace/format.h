/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The layout of a trace file, version 1 (docs/rota-trace.5): what the writer and the reader agree on. Private to this
 * room. All numbers are little-endian; all checksums are zlib's CRC-32.
 */
#ifndef ROTA_TRACE_FORMAT_H
#define ROTA_TRACE_FORMAT_H

#include "trace/chunk.h"

/* The file header: magic, version, CRC of these twelve bytes. Later versions keep these sixteen bytes. */
#define FORMAT_MAGIC       "\x89ROTA\r\n\x1a" /* not text, and damaged by a transfer as text */
#define FORMAT_MAGIC_SIZE  8
#define FORMAT_VERSION     1U
#define FORMAT_VERSION_AT  8
#define FORMAT_FILE_CRC_AT 12
#define FORMAT_FILE_HEADER 16

/* A block: header, then stored_size bytes */
#define FORMAT_SYNC         "\xf5\xffRB" /* two bytes that no UTF-8 text has */
#define FORMAT_SYNC_SIZE    4
#define FORMAT_KIND_AT      4  /* u8, enum format_kind */
#define FORMAT_METHOD_AT    5  /* u8, enum format_method */
#define FORMAT_CPU_AT       6  /* u16; ROTA_CPU_NONE but for a CHUNK */
#define FORMAT_SEQUENCE_AT  8  /* u32: blocks before this one */
#define FORMAT_RECORDS_AT   12 /* u32; 0 but for a CHUNK */
#define FORMAT_STORED_AT    16 /* u32: bytes after the header */
#define FORMAT_PLAIN_AT     20 /* u32: bytes they become */
#define FORMAT_DATA_CRC_AT  24 /* u32: of the stored bytes */
#define FORMAT_BLOCK_CRC_AT 28 /* u32: of the header before it */
#define FORMAT_BLOCK_HEADER 32

enum format_kind { FORMAT_META = 1, FORMAT_CHUNK, FORMAT_ROUND, FORMAT_INDEX, FORMAT_END, FORMAT_KINDS };
enum format_method { FORMAT_RAW, FORMAT_ZSTD, FORMAT_METHODS };

/* Largest plain payload. A CHUNK's is CHUNK_MAX_BYTES; hwloc's XML of a thousand cpus is above a megabyte. */
#define FORMAT_META_MAX      (16U << 20)
#define FORMAT_ROUND_SIZE    8U  /* ts_ns */
#define FORMAT_INDEX_ENTRY   24U /* for each round: ts_ns, offset of the ROUND block, records since the round before */
#define FORMAT_INDEX_ENTRIES 32768U /* most in one INDEX block */
#define FORMAT_END_SIZE      32U    /* offset of the first INDEX block (of END if none), rounds, chunks, records */

static inline void format_put32(uint8_t *at, uint32_t value)
{
	for (unsigned int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}
static inline void format_put64(uint8_t *at, uint64_t value)
{
	format_put32(at, (uint32_t)value);
	format_put32(at + 4, (uint32_t)(value >> 32));
}
static inline uint32_t format_get32(const uint8_t *at)
{
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}
static inline uint64_t format_get64(const uint8_t *at)
{
	return format_get32(at) | (uint64_t)format_get32(at + 4) << 32;
}

#endif
