/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: facts, chunks and round marks. Goes out: a trace file, front to back, in whole blocks. Never seeks, never
 * writes on after an error: what a reader then finds at the end is one block cut short.
 */
#include "trace/writer.h"
#include "base/alloc.h"
#include "trace/codec.h"
#include "trace/format.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#define PENDING_BYTES   (256U << 10) /* handed to write(2) when there is so much, even in the middle of a round */
#define COMPRESS_BYTES  48           /* less than this is not worth a zstd frame */
#define COLUMN_BYTES    256          /* a column of a chunk from this size on gets zstd blocks, so codes, of its own */
#define ZSTD_ROTA_LEVEL 1

struct trace_writer {
	int fd;
	int err; /* the first error: every later call returns it */
	uint32_t sequence;
	uint64_t written; /* bytes handed to write(2) */
	struct buffer pending;
	struct buffer index; /* entries, FORMAT_INDEX_ENTRY bytes each */
	uint64_t round_count, chunk_count, record_count, round_records;
	ZSTD_CCtx *zstd;
};

/* All of it, whatever write(2) makes of it at a time. */
static int write_all(struct trace_writer *writer, const uint8_t *bytes, size_t size)
{
	while (size) {
		ssize_t n = write(writer->fd, bytes, size);

		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			struct pollfd wait = { .fd = writer->fd, .events = POLLOUT };

			if (poll(&wait, 1, -1) < 0 && errno != EINTR)
				return -errno;
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		bytes += n;
		size -= (size_t)n;
		writer->written += (size_t)n;
	}
	return 0;
}

int trace_writer_flush(struct trace_writer *writer)
{
	if (!writer->err)
		writer->err = write_all(writer, writer->pending.data, writer->pending.size);
	buffer_clear(&writer->pending);
	return writer->err;
}

/*
 * One zstd frame of the pieces, into at most `room` bytes; 0 if it does not fit. A large piece ends its zstd block, because
 * a block has one table of literal codes and the pieces (a chunk's columns) have nothing in common.
 */
static size_t compress_pieces(ZSTD_CCtx *zstd, const uint8_t *bytes, const size_t *pieces, size_t piece_count,
			      size_t size, uint8_t *out, size_t room)
{
	ZSTD_outBuffer to = { .dst = out, .size = room };
	size_t since_block = 0;

	ZSTD_CCtx_reset(zstd, ZSTD_reset_session_only);
	ZSTD_CCtx_setPledgedSrcSize(zstd, size);
	for (size_t i = 0; i < piece_count; i++) {
		ZSTD_inBuffer from = { .src = bytes, .size = pieces[i] };
		ZSTD_EndDirective directive = i + 1 == piece_count ? ZSTD_e_end : ZSTD_e_continue;
		size_t left;

		since_block += pieces[i];
		if (directive == ZSTD_e_continue && since_block >= COLUMN_BYTES) {
			directive = ZSTD_e_flush;
			since_block = 0;
		}
		left = ZSTD_compressStream2(zstd, &to, &from, directive);
		if (ZSTD_isError(left) || from.pos < from.size || (directive != ZSTD_e_continue && left))
			return 0;
		bytes += pieces[i];
	}
	return to.pos;
}

/* Appends one block to what is pending. `pieces` say how `size` bytes fall into parts; NULL: one part. */
static void put_block(struct trace_writer *writer, enum format_kind kind, const struct chunk *chunk,
		      const uint8_t *bytes, const size_t *pieces, size_t piece_count, size_t size)
{
	uint8_t *header = buffer_reserve(&writer->pending, FORMAT_BLOCK_HEADER + size), *data;
	uint16_t cpu = chunk ? chunk->cpu : ROTA_CPU_NONE;
	size_t stored = 0;

	data = header + FORMAT_BLOCK_HEADER;
	if (size >= COMPRESS_BYTES && kind != FORMAT_END)
		stored = compress_pieces(writer->zstd, bytes, pieces ? pieces : &size, pieces ? piece_count : 1, size,
					 data, size - 1);
	memcpy(header, FORMAT_SYNC, FORMAT_SYNC_SIZE);
	header[FORMAT_KIND_AT] = (uint8_t)kind;
	header[FORMAT_METHOD_AT] = stored ? FORMAT_ZSTD : FORMAT_RAW;
	if (!stored) {
		memcpy(data, bytes, size);
		stored = size;
	}
	header[FORMAT_CPU_AT] = (uint8_t)cpu;
	header[FORMAT_CPU_AT + 1] = (uint8_t)(cpu >> 8);
	format_put32(header + FORMAT_SEQUENCE_AT, writer->sequence++);
	format_put32(header + FORMAT_RECORDS_AT, chunk ? chunk->record_count : 0);
	format_put32(header + FORMAT_STORED_AT, (uint32_t)stored);
	format_put32(header + FORMAT_PLAIN_AT, (uint32_t)size);
	format_put32(header + FORMAT_DATA_CRC_AT, (uint32_t)crc32(0, data, (uInt)stored));
	format_put32(header + FORMAT_BLOCK_CRC_AT, (uint32_t)crc32(0, header, FORMAT_BLOCK_CRC_AT));
	writer->pending.size += FORMAT_BLOCK_HEADER + stored;
}

static uint64_t offset(const struct trace_writer *writer)
{
	return writer->written + writer->pending.size;
}

int trace_writer_new(int fd, struct trace_writer **ret_writer)
{
	struct trace_writer *writer = xcalloc(1, sizeof(*writer));
	uint8_t header[FORMAT_FILE_HEADER];
	int err;

	writer->fd = fd;
	writer->zstd = ZSTD_createCCtx();
	if (!writer->zstd ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(writer->zstd, ZSTD_c_compressionLevel, ZSTD_ROTA_LEVEL))) {
		trace_writer_free(writer);
		return -ENOMEM;
	}
	memcpy(header, FORMAT_MAGIC, FORMAT_MAGIC_SIZE);
	format_put32(header + FORMAT_VERSION_AT, FORMAT_VERSION);
	format_put32(header + FORMAT_FILE_CRC_AT, (uint32_t)crc32(0, header, FORMAT_FILE_CRC_AT));
	buffer_append(&writer->pending, header, sizeof(header));
	err = trace_writer_flush(writer);
	if (err) {
		trace_writer_free(writer);
		return err;
	}
	*ret_writer = writer;
	return 0;
}

void trace_writer_free(struct trace_writer *writer)
{
	if (!writer)
		return;
	ZSTD_freeCCtx(writer->zstd);
	buffer_fini(&writer->pending);
	buffer_fini(&writer->index);
	free(writer);
}

int trace_writer_meta(struct trace_writer *writer, const char *key, const char *value)
{
	size_t key_size = strlen(key) + 1, value_size = strlen(value) + 1;
	struct buffer text = { 0 };

	if (writer->err)
		return writer->err;
	if (key_size == 1)
		return -EINVAL;
	if (key_size > FORMAT_META_MAX || value_size > FORMAT_META_MAX - key_size)
		return -EMSGSIZE;
	buffer_append(&text, key, key_size);
	buffer_append(&text, value, value_size);
	put_block(writer, FORMAT_META, NULL, text.data, NULL, 0, text.size);
	buffer_fini(&text);
	return writer->pending.size >= PENDING_BYTES ? trace_writer_flush(writer) : 0;
}

int trace_writer_chunk(struct trace_writer *writer, const struct chunk *chunk)
{
	struct codec_header header;
	size_t pieces[1 + CODEC_COLUMNS];
	const uint8_t *columns;

	if (writer->err)
		return writer->err;
	if (!chunk->record_count)
		return 0;
	if (chunk->size > CHUNK_MAX_BYTES)
		return -EMSGSIZE;
	if (!codec_header_parse(chunk, &header, &columns))
		return -EBADMSG;
	pieces[0] = (size_t)(columns - chunk->bytes);
	memcpy(pieces + 1, header.size, sizeof(header.size));
	put_block(writer, FORMAT_CHUNK, chunk, chunk->bytes, pieces, 1 + CODEC_COLUMNS, chunk->size);
	writer->chunk_count++;
	writer->record_count += chunk->record_count;
	writer->round_records += chunk->record_count;
	return writer->pending.size >= PENDING_BYTES ? trace_writer_flush(writer) : 0;
}

int trace_writer_round(struct trace_writer *writer, uint64_t ts_ns)
{
	uint8_t bytes[FORMAT_ROUND_SIZE];

	if (writer->err)
		return writer->err;
	buffer_put_u64(&writer->index, ts_ns);
	buffer_put_u64(&writer->index, offset(writer));
	buffer_put_u64(&writer->index, writer->round_records);
	writer->round_count++;
	writer->round_records = 0;
	format_put64(bytes, ts_ns);
	put_block(writer, FORMAT_ROUND, NULL, bytes, NULL, 0, sizeof(bytes));
	return trace_writer_flush(writer);
}

int trace_writer_finish(struct trace_writer *writer)
{
	const size_t most = (size_t)FORMAT_INDEX_ENTRIES * FORMAT_INDEX_ENTRY;
	uint64_t index_offset = offset(writer);
	uint8_t bytes[FORMAT_END_SIZE];

	if (writer->err)
		return writer->err;
	for (size_t at = 0; at < writer->index.size; at += most) {
		size_t size = writer->index.size - at < most ? writer->index.size - at : most;

		put_block(writer, FORMAT_INDEX, NULL, writer->index.data + at, NULL, 0, size);
	}
	format_put64(bytes, index_offset);
	format_put64(bytes + 8, writer->round_count);
	format_put64(bytes + 16, writer->chunk_count);
	format_put64(bytes + 24, writer->record_count);
	put_block(writer, FORMAT_END, NULL, bytes, NULL, 0, sizeof(bytes));
	return trace_writer_flush(writer);
}

uint64_t trace_writer_bytes(const struct trace_writer *writer)
{
	return writer->written;
}
