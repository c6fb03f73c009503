/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: the bytes of a trace file, which may be anything. Goes out: its blocks, in order, and where blocks are missing
 * or damaged. Never trusts a length before its checksum and its bound, never holds more than one block, never seeks, and
 * never passes over a byte in silence: each one belongs to a block handed out, to damage told, or to a last block cut short.
 */
#include "trace/reader.h"
#include "base/alloc.h"
#include "trace/format.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#define READ_BYTES (256U << 10) /* asked of read(2) at a time, at least */

struct header { /* of a block, checked by header_parse() */
	uint8_t kind, method;
	uint16_t cpu;
	uint32_t sequence, records, stored, plain, data_crc;
};

struct trace_reader {
	int fd;
	bool eof;
	struct buffer in;    /* in.data[at … in.size): read, not yet used */
	size_t at;           /* where the next block should begin */
	size_t used;         /* bytes of the block handed out last, to be passed before the next one */
	uint64_t offset;     /* of in.data[at] in the file */
	struct buffer plain; /* the decompressed payload */
	ZSTD_DCtx *zstd;
	uint32_t sequence;                   /* expected of the next block */
	uint64_t damage_offset, damage_size; /* bytes passed over since the last block */
	bool damaged;                        /* some of the file was: the index need not agree */
	bool ended;                          /* END was seen */
	/* What the index must say: a checksum of its entries as this reader would write them, and one of those read. */
	uint32_t round_crc, index_crc;
	uint64_t index_offset; /* of the first INDEX block, 0 = none yet */
	uint64_t round_count, chunk_count, record_count, round_records;
};

/* Tries to have `need` bytes from `at` on. 1: there they are. 0: the file ends before. -errno. */
static int fill(struct trace_reader *reader, size_t need)
{
	struct buffer *in = &reader->in;

	while (in->size - reader->at < need && !reader->eof) {
		ssize_t n;

		if (reader->at) {
			memmove(in->data, in->data + reader->at, in->size - reader->at);
			in->size -= reader->at;
			reader->at = 0;
		}
		buffer_reserve(in, need - in->size > READ_BYTES ? need - in->size : READ_BYTES);
		n = read(reader->fd, in->data + in->size, in->capacity - in->size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			reader->eof = true;
		in->size += (size_t)n;
	}
	return in->size - reader->at >= need;
}

static const uint8_t *here(const struct trace_reader *reader)
{
	return reader->in.data + reader->at;
}

static size_t left(const struct trace_reader *reader)
{
	return reader->in.size - reader->at;
}

static void pass(struct trace_reader *reader, size_t size)
{
	reader->at += size;
	reader->offset += size;
}

static bool header_sizes_valid(const struct header *header)
{
	uint32_t most = header->kind == FORMAT_CHUNK ? CHUNK_MAX_BYTES : FORMAT_META_MAX;

	if (header->kind == FORMAT_ROUND || header->kind == FORMAT_END)
		most = header->kind == FORMAT_ROUND ? FORMAT_ROUND_SIZE : FORMAT_END_SIZE;
	if (!header->plain || header->plain > most)
		return false;
	if (header->method == FORMAT_RAW ? header->stored != header->plain : header->stored >= header->plain)
		return false;
	if (header->kind == FORMAT_CHUNK)
		return header->records && (header->cpu < ROTA_CPU_MAX || header->cpu == ROTA_CPU_NONE);
	if (header->records || header->cpu != ROTA_CPU_NONE)
		return false;
	if (header->kind == FORMAT_ROUND || header->kind == FORMAT_END)
		return header->plain == most && header->method == FORMAT_RAW;
	return header->kind == FORMAT_META || !(header->plain % FORMAT_INDEX_ENTRY);
}

static bool header_parse(const uint8_t *at, struct header *ret_header)
{
	struct header header = {
		.kind = at[FORMAT_KIND_AT],
		.method = at[FORMAT_METHOD_AT],
		.cpu = (uint16_t)(at[FORMAT_CPU_AT] | at[FORMAT_CPU_AT + 1] << 8),
		.sequence = format_get32(at + FORMAT_SEQUENCE_AT),
		.records = format_get32(at + FORMAT_RECORDS_AT),
		.stored = format_get32(at + FORMAT_STORED_AT),
		.plain = format_get32(at + FORMAT_PLAIN_AT),
		.data_crc = format_get32(at + FORMAT_DATA_CRC_AT),
	};

	if (memcmp(at, FORMAT_SYNC, FORMAT_SYNC_SIZE) != 0 ||
	    format_get32(at + FORMAT_BLOCK_CRC_AT) != crc32(0, at, FORMAT_BLOCK_CRC_AT))
		return false;
	if (!header.kind || header.kind >= FORMAT_KINDS || header.method >= FORMAT_METHODS ||
	    !header_sizes_valid(&header))
		return false;
	*ret_header = header;
	return true;
}

/* The payload of the block at `at`, whose checksum is right; NULL if it does not decompress. */
static const uint8_t *payload(struct trace_reader *reader, const struct header *header)
{
	const uint8_t *stored = here(reader) + FORMAT_BLOCK_HEADER;
	size_t size;

	if (header->method == FORMAT_RAW)
		return stored;
	buffer_clear(&reader->plain);
	size = ZSTD_decompressDCtx(reader->zstd, buffer_reserve(&reader->plain, header->plain), header->plain, stored,
				   header->stored);
	return ZSTD_isError(size) || size != header->plain ? NULL : reader->plain.data;
}

/* key NUL value NUL */
static bool meta_parse(const uint8_t *bytes, size_t size, struct trace_block *ret_block)
{
	const uint8_t *end = memchr(bytes, 0, size);

	if (!end || end == bytes || memchr(end + 1, 0, size - (size_t)(end + 1 - bytes)) != bytes + size - 1)
		return false;
	ret_block->kind = TRACE_META;
	ret_block->key = (const char *)bytes;
	ret_block->value = (const char *)end + 1;
	return true;
}

static void count_round(struct trace_reader *reader, uint64_t ts_ns)
{
	uint8_t entry[FORMAT_INDEX_ENTRY];

	format_put64(entry, ts_ns);
	format_put64(entry + 8, reader->offset);
	format_put64(entry + 16, reader->round_records);
	reader->round_crc = (uint32_t)crc32(reader->round_crc, entry, sizeof(entry));
	reader->round_count++;
	reader->round_records = 0;
}

/* Whether END and the index before it are those of the blocks that were read. */
static bool index_agrees(const struct trace_reader *reader, const uint8_t *end)
{
	uint64_t index_offset = reader->index_offset ? reader->index_offset : reader->offset;

	return reader->round_crc == reader->index_crc && format_get64(end) == index_offset &&
	       format_get64(end + 8) == reader->round_count && format_get64(end + 16) == reader->chunk_count &&
	       format_get64(end + 24) == reader->record_count;
}

enum verdict { GIVE, HIDE, BAD }; /* a block that the caller sees, one that it does not, and one that is none */

static enum verdict block_open(struct trace_reader *reader, const struct header *header, struct trace_block *ret_block)
{
	const uint8_t *bytes = payload(reader, header);

	if (!bytes)
		return BAD;
	switch ((enum format_kind)header->kind) {
	case FORMAT_META:
		return meta_parse(bytes, header->plain, ret_block) ? GIVE : BAD;
	case FORMAT_CHUNK:
		ret_block->kind = TRACE_CHUNK;
		ret_block->chunk = (struct chunk){ header->cpu, header->records, bytes, header->plain };
		reader->chunk_count++;
		reader->record_count += header->records;
		reader->round_records += header->records;
		return GIVE;
	case FORMAT_ROUND:
		ret_block->kind = TRACE_ROUND;
		ret_block->ts_ns = format_get64(bytes);
		count_round(reader, ret_block->ts_ns);
		return GIVE;
	case FORMAT_INDEX:
		if (!reader->index_offset)
			reader->index_offset = reader->offset;
		reader->index_crc = (uint32_t)crc32(reader->index_crc, bytes, header->plain);
		return HIDE;
	case FORMAT_END:
		ret_block->kind = TRACE_END;
		if (!reader->damaged && !index_agrees(reader, bytes)) {
			ret_block->kind = TRACE_DAMAGE; /* the next call, which looks at it again, gives END */
			reader->damaged = true;
		}
		return GIVE;
	case FORMAT_KINDS:
		break;
	}
	return BAD;
}

/* The bytes up to the next place where a block may begin are damage. */
static int pass_damage(struct trace_reader *reader, size_t size)
{
	const uint8_t *found;
	int result;

	if (!reader->damage_size)
		reader->damage_offset = reader->offset;
	for (;;) {
		size_t keep = FORMAT_SYNC_SIZE - 1;

		pass(reader, size);
		reader->damage_size += size;
		result = fill(reader, FORMAT_SYNC_SIZE);
		if (result < 0)
			return result;
		found = memmem(here(reader), left(reader), FORMAT_SYNC, FORMAT_SYNC_SIZE);
		if (!result)
			keep = 0;
		size = found ? (size_t)(found - here(reader)) : left(reader) - keep;
		if (!size)
			return 0;
	}
}

/* The file ends inside what begins at `at`. Could that be the beginning of the block that was to come? */
static bool tail_is_cut_block(const struct trace_reader *reader)
{
	const uint8_t *at = here(reader);
	size_t size = left(reader);
	struct header header;

	if (reader->damage_size || reader->ended)
		return false;
	if (memcmp(at, FORMAT_SYNC, size < FORMAT_SYNC_SIZE ? size : FORMAT_SYNC_SIZE) != 0)
		return false;
	if (size > FORMAT_KIND_AT && (!at[FORMAT_KIND_AT] || at[FORMAT_KIND_AT] >= FORMAT_KINDS))
		return false;
	if (size >= FORMAT_RECORDS_AT && format_get32(at + FORMAT_SEQUENCE_AT) != reader->sequence)
		return false;
	if (size < FORMAT_BLOCK_HEADER)
		return true;
	/* A whole header, so its payload is cut; unless the file lost something in the middle and goes on behind it. */
	for (const uint8_t *end = at + size, *next = at + 1; (size_t)(end - next) >= FORMAT_BLOCK_HEADER; next++) {
		next = memmem(next, (size_t)(end - next), FORMAT_SYNC, FORMAT_SYNC_SIZE);
		if (!next || (size_t)(end - next) < FORMAT_BLOCK_HEADER)
			break;
		if (header_parse(next, &header))
			return false;
	}
	return header_parse(at, &header);
}

static int give_damage(struct trace_reader *reader, uint64_t offset, uint64_t size, struct trace_block *ret_block)
{
	*ret_block = (struct trace_block){ .kind = TRACE_DAMAGE, .offset = offset, .size = size };
	reader->damaged = true;
	reader->damage_size = 0;
	return 1;
}

/*
 * The whole block at `at` has a good header. 1: *ret_block. 0: go on looking. -errno. A block of a later sequence number
 * is given after the damage of those before it, one of an earlier number is no part of this file's sequence.
 */
static int take_block(struct trace_reader *reader, const struct header *header, struct trace_block *ret_block)
{
	struct trace_block block = { .offset = reader->offset, .size = FORMAT_BLOCK_HEADER + header->stored };
	int32_t ahead = (int32_t)(header->sequence - reader->sequence);

	if (ahead < 0 || reader->ended ||
	    crc32(0, here(reader) + FORMAT_BLOCK_HEADER, header->stored) != header->data_crc)
		return pass_damage(reader, 1);
	if (ahead > 0 || reader->damage_size) {
		reader->sequence = header->sequence;
		return give_damage(reader, reader->damage_size ? reader->damage_offset : reader->offset,
				   reader->damage_size, ret_block);
	}
	switch (block_open(reader, header, &block)) {
	case BAD:
		return pass_damage(reader, 1);
	case HIDE:
		reader->sequence++;
		pass(reader, block.size);
		return 0;
	case GIVE:
		break;
	}
	if (block.kind != TRACE_DAMAGE) {
		reader->sequence++;
		reader->used = block.size;
	}
	reader->ended = block.kind == TRACE_END;
	*ret_block = block;
	return 1;
}

int trace_reader_next(struct trace_reader *reader, struct trace_block *ret_block)
{
	struct header header;

	pass(reader, reader->used);
	reader->used = 0;
	for (;;) {
		int result = fill(reader, FORMAT_BLOCK_HEADER);

		if (result > 0 && header_parse(here(reader), &header)) {
			result = fill(reader, FORMAT_BLOCK_HEADER + header.stored);
			if (result > 0)
				result = take_block(reader, &header, ret_block);
			else if (!result && !tail_is_cut_block(reader))
				result = pass_damage(reader, 1);
			else if (!result)
				return 0;
		} else if (result > 0 || (!result && left(reader) && !tail_is_cut_block(reader))) {
			result = pass_damage(reader, 1);
		} else if (!result) {
			return reader->damage_size
				       ? give_damage(reader, reader->damage_offset, reader->damage_size, ret_block)
				       : 0;
		}
		if (result)
			return result;
	}
}

bool trace_reader_complete(const struct trace_reader *reader)
{
	return reader->ended;
}

/* 0, or what is wrong with the sixteen bytes (or fewer) that the file begins with. */
static int file_header_check(const uint8_t *bytes, size_t size, uint32_t *ret_version)
{
	uint32_t version;

	if (!size)
		return -ENODATA;
	if (memcmp(bytes, FORMAT_MAGIC, size < FORMAT_MAGIC_SIZE ? size : FORMAT_MAGIC_SIZE) != 0)
		return -ENOEXEC;
	if (size < FORMAT_FILE_HEADER ||
	    format_get32(bytes + FORMAT_FILE_CRC_AT) != crc32(0, bytes, FORMAT_FILE_CRC_AT))
		return -EBADMSG;
	version = format_get32(bytes + FORMAT_VERSION_AT);
	if (ret_version)
		*ret_version = version;
	return version == FORMAT_VERSION ? 0 : -EPROTONOSUPPORT;
}

int trace_reader_new(int fd, struct trace_reader **ret_reader, uint32_t *ret_version)
{
	struct trace_reader *reader = xcalloc(1, sizeof(*reader));
	int err;

	reader->fd = fd;
	reader->zstd = ZSTD_createDCtx();
	err = reader->zstd ? fill(reader, FORMAT_FILE_HEADER) : -ENOMEM;
	if (err >= 0) {
		size_t size = left(reader) < FORMAT_FILE_HEADER ? left(reader) : FORMAT_FILE_HEADER;

		err = file_header_check(here(reader), size, ret_version);
	}
	if (err) {
		trace_reader_free(reader);
		return err;
	}
	pass(reader, FORMAT_FILE_HEADER);
	*ret_reader = reader;
	return 0;
}

void trace_reader_free(struct trace_reader *reader)
{
	if (!reader)
		return;
	ZSTD_freeDCtx(reader->zstd);
	buffer_fini(&reader->in);
	buffer_fini(&reader->plain);
	free(reader);
}
