/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * libFuzzer target for everything in src/trace that reads bytes from outside. The first byte chooses: the rest is a file
 * as it stands; or a file whose checksums are made right first, so that what lies behind them is reached; or one chunk.
 * Whatever comes out is checked against include/rota/event.h, and a chunk that decodes must survive encoding.
 *
 * clang -O1 -g -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -Iinclude -Isrc tests/fuzz/fuzz_trace.c src/trace/[a-z]*.c
 *       src/base/[a-z]*.c -lzstd -lz -lm
 */
#include "rota/transition.h"
#include "trace/reader.h"
#include "trace/record.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#define FILE_HEADER  16
#define BLOCK_HEADER 32

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void check_reason(uint32_t reason)
{
	require(!(reason & 0x7ff00000U) && !reason == !(reason & ROTA_REASON_TOLD));
	require((reason & ROTA_REASON_FD_KIND_MASK) >> ROTA_REASON_FD_KIND_SHIFT < ROTA_FD_KINDS);
}

static void check_event(const struct rota_event *event)
{
	const union rota_any_record *record = &event->rec;

	require(rota_record_size(record->head.type) > 0);
	require(record->head.tid < ROTA_TID_MAX);
	switch (record->head.type) {
	case ROTA_REC_SWITCH:
		require(record->sw.next_tid < ROTA_TID_MAX);
		require((record->head.flags & ROTA_SWITCH_OUT_MASK) >> ROTA_SWITCH_OUT_SHIFT <= ROTA_OUT_DEAD);
		check_reason(record->sw.reason);
		require(record->sw.reason || !record->sw.argument);
		require(!record->sw.reason || !(record->head.flags & ROTA_SWITCH_OUT_MASK));
		break;
	case ROTA_REC_WAKEUP:
		require(record->wakeup.waker_tid < ROTA_TID_MAX && record->wakeup.occupant_tid < ROTA_TID_MAX);
		require(record->head.aux < ROTA_CPU_MAX && !(record->head.flags & 0xc0));
		break;
	case ROTA_REC_MIGRATE:
		require(record->migrate.from_cpu < ROTA_CPU_MAX && record->migrate.occupant_tid < ROTA_TID_MAX);
		break;
	case ROTA_REC_TASK:
		require(record->task.state < ROTA_STATES && record->task.tgid < ROTA_TID_MAX);
		require(record->task.parent_tid < ROTA_TID_MAX);
		require(memchr(record->task.comm, 0, ROTA_COMM_SIZE) != NULL);
		break;
	case ROTA_REC_REASON:
		check_reason(record->reason.reason);
		break;
	case ROTA_REC_TEXT:
		require(record->head.aux <= ROTA_TEXT_SIZE && !memchr(record->text.text, 0, record->head.aux));
		break;
	case ROTA_REC_STACK:
		require(record->head.aux <= ROTA_STACK_FRAMES);
		break;
	case ROTA_REC_CALL:
	case ROTA_REC_CALLS:
	case ROTA_REC_CALLS_SPREAD:
		require(record->head.aux <= ROTA_REASON_SYSCALL_MASK);
		break;
	case ROTA_REC_CPUSET:
		require(record->cpuset.first < ROTA_CPU_MAX);
		break;
	case ROTA_REC_NAME:
		require(memchr(record->name.comm, 0, ROTA_COMM_SIZE) != NULL);
		break;
	case ROTA_REC_EXEC:
		require(memchr(record->exec.comm, 0, ROTA_COMM_SIZE) && record->exec.old_tid < ROTA_TID_MAX);
		break;
	default:
		break;
	}
}

/* Encoded anew, the chunk must decode to the same records. */
static void check_again(const struct chunk *first, const struct chunk *second)
{
	struct chunk_decoder a, b;
	struct rota_event x, y;

	chunk_decoder_init(&a, first);
	chunk_decoder_init(&b, second);
	while (chunk_decode(&a, &x) == 1) {
		require(chunk_decode(&b, &y) == 1);
		require(!memcmp(&x.rec, &y.rec, rota_record_size(x.rec.head.type)));
	}
	require(chunk_decode(&b, &y) == 0);
}

static void try_chunk(const struct chunk *chunk)
{
	struct chunk_encoder *encoder = chunk_encoder_new(chunk->cpu);
	struct chunk_decoder decoder;
	struct rota_event event;
	uint32_t count = 0;
	int result;

	chunk_decoder_init(&decoder, chunk);
	while ((result = chunk_decode(&decoder, &event)) == 1) {
		check_event(&event);
		chunk_encode(encoder, &event.rec);
		require(++count <= chunk->size);
	}
	require(result == chunk_decode(&decoder, &event));
	if (result == 0 && chunk_encoder_size(encoder) <= CHUNK_MAX_BYTES) {
		struct chunk again = chunk_encoder_take(encoder);

		require(count == chunk->record_count);
		check_again(chunk, &again);
	}
	chunk_encoder_free(encoder);
}

static void try_file(const uint8_t *bytes, size_t size)
{
	int fd = memfd_create("fuzz", 0);
	struct trace_reader *reader;
	struct trace_block block;
	uint64_t at = FILE_HEADER;
	int result;

	require(fd >= 0 && write(fd, bytes, size) == (ssize_t)size && lseek(fd, 0, SEEK_SET) == 0);
	if (trace_reader_new(fd, &reader, NULL) == 0) {
		while ((result = trace_reader_next(reader, &block)) == 1) {
			require(block.offset >= at && block.offset + block.size <= size);
			at = block.kind == TRACE_DAMAGE ? block.offset : block.offset + block.size;
			if (block.kind == TRACE_CHUNK)
				try_chunk(&block.chunk);
			if (block.kind == TRACE_META)
				require(strlen(block.key) + strlen(block.value) > 0);
		}
		require(result == 0);
		trace_reader_free(reader);
	}
	close(fd);
}

static void put32(uint8_t *at, uint32_t value)
{
	for (unsigned int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

/* The marks and checksums of a file and of its blocks, where the sizes in it say that they lie. */
static void sign(uint8_t *bytes, size_t size)
{
	if (size < FILE_HEADER)
		return;
	memcpy(bytes, "\x89ROTA\r\n\x1a\x01\0\0", 12);
	put32(bytes + 12, (uint32_t)crc32(0, bytes, 12));
	for (size_t at = FILE_HEADER; size - at >= BLOCK_HEADER;) {
		uint8_t *block = bytes + at;
		size_t stored = block[16] | (size_t)block[17] << 8 | (size_t)block[18] << 16;

		if (stored > size - at - BLOCK_HEADER)
			break;
		memcpy(block, "\xf5\xffRB", 4);
		put32(block + 24, (uint32_t)crc32(0, block + BLOCK_HEADER, (uInt)stored));
		put32(block + 28, (uint32_t)crc32(0, block, 28));
		at += BLOCK_HEADER + stored;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	uint8_t *copy;

	if (size < 4)
		return 0;
	copy = malloc(size - 1); /* exactly as large, so that the sanitizer sees the end */
	require(copy != NULL);
	memcpy(copy, bytes + 1, size - 1);
	if (bytes[0] % 3 == 2) {
		struct chunk chunk = { .cpu = copy[0], .record_count = copy[1], .bytes = copy + 2, .size = size - 3 };

		if (bytes[0] & 0x80)
			chunk.cpu = ROTA_CPU_NONE;
		try_chunk(&chunk);
	} else {
		if (bytes[0] % 3 == 1)
			sign(copy, size - 1);
		try_file(copy, size - 1);
	}
	free(copy);
	return 0;
}
