/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a reader says of a file, as one text, so that comparing two files is comparing two texts; and small files with every
 * kind of block to say it of.
 */
#ifndef TEST_TRACE_ACCOUNT_H
#define TEST_TRACE_ACCOUNT_H

#include "records.h"

#include "base/alloc.h"
#include "trace/reader.h"
#include "trace/writer.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define BLOCK_HEADER 32
#define FILE_HEADER  16

/* What a reader said of a file, as one text: comparing two files is comparing two texts. */
struct account {
	struct buffer text;    /* every block's kind and content, in order; without damage */
	size_t block_end[256]; /* where in `text` the n-th block ends */
	uint32_t blocks, damage;
	bool complete;
	int open_error, error;
};

static inline void account_add(struct account *account, const struct trace_block *block)
{
	struct buffer *text = &account->text;

	buffer_put_u8(text, (uint8_t)block->kind);
	if (block->kind == TRACE_META) {
		buffer_append(text, block->key, strlen(block->key) + 1);
		buffer_append(text, block->value, strlen(block->value) + 1);
	} else if (block->kind == TRACE_CHUNK) {
		buffer_put_u32(text, block->chunk.cpu);
		buffer_put_u32(text, block->chunk.record_count);
		buffer_append(text, block->chunk.bytes, block->chunk.size);
	} else if (block->kind == TRACE_ROUND) {
		buffer_put_u64(text, block->ts_ns);
	}
	account->block_end[account->blocks++] = text->size;
}

static inline struct account account_of_fd(int fd)
{
	struct account account = { 0 };
	struct trace_reader *reader;
	struct trace_block block;
	int result;

	account.open_error = trace_reader_new(fd, &reader, NULL);
	if (account.open_error)
		return account;
	while ((result = trace_reader_next(reader, &block)) == 1) {
		if (block.kind == TRACE_DAMAGE)
			account.damage++;
		else
			account_add(&account, &block);
		cr_assert_lt(account.blocks + account.damage, 256);
	}
	account.error = result;
	account.complete = trace_reader_complete(reader);
	cr_assert_eq(trace_reader_next(reader, &block), result);
	trace_reader_free(reader);
	return account;
}

static inline int memory_file(const void *bytes, size_t size)
{
	int fd = memfd_create("trace", 0);

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, bytes, size), (ssize_t)size);
	cr_assert_eq(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static inline struct account account_of(const void *bytes, size_t size)
{
	int fd = memory_file(bytes, size);
	struct account account = account_of_fd(fd);

	close(fd);
	return account;
}

static inline void account_fini(struct account *account)
{
	buffer_fini(&account->text);
}

static inline bool begins_with(const struct account *whole, const struct account *part)
{
	return part->text.size <= whole->text.size &&
	       (!part->text.size || !memcmp(part->text.data, whole->text.data, part->text.size));
}

/* `count` records on `cpu`, as one chunk of the file. */
static inline int write_chunk(struct trace_writer *writer, struct dice *dice, uint16_t cpu, uint32_t count)
{
	struct chunk_encoder *encoder = chunk_encoder_new(cpu);
	union rota_any_record last = { .head = { .ts_ns = 1000 } };
	struct chunk chunk;
	int err;

	for (uint32_t i = 0; i < count; i++) {
		random_record(dice, (uint8_t)(1 + dice_below(dice, ROTA_REC_TYPES - 1)), 5, cpu, &last);
		chunk_encode(encoder, &last);
	}
	chunk = chunk_encoder_take(encoder);
	err = trace_writer_chunk(writer, &chunk);
	chunk_encoder_free(encoder);
	return err;
}

/* A small file with every kind of block, compressed and raw. 0 or the first error of the writer. */
static inline int write_sample(int fd, unsigned int rounds, uint32_t records)
{
	struct dice dice = { 11 };
	struct trace_writer *writer;
	char text[300];
	int err = trace_writer_new(fd, &writer);

	if (err)
		return err;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = 0;
	err = trace_writer_meta(writer, "topology.xml", text);
	if (!err)
		err = trace_writer_meta(writer, "note.0", "");
	for (unsigned int round = 0; round < rounds && !err; round++) {
		for (uint16_t cpu = 0; cpu < 2 && !err; cpu++)
			err = write_chunk(writer, &dice, cpu, cpu ? records : 2);
		if (!err)
			err = trace_writer_round(writer, 1000000ULL * (round + 1));
	}
	if (!err)
		err = write_chunk(writer, &dice, ROTA_CPU_NONE, 3);
	if (!err)
		err = trace_writer_finish(writer);
	if (!err)
		cr_assert_eq(trace_writer_bytes(writer), (uint64_t)lseek(fd, 0, SEEK_CUR));
	trace_writer_free(writer);
	return err;
}

static inline struct buffer contents(int fd)
{
	struct buffer bytes = { 0 };
	off_t size = lseek(fd, 0, SEEK_END);

	cr_assert_eq(pread(fd, buffer_reserve(&bytes, (size_t)size), (size_t)size, 0), size);
	bytes.size = (size_t)size;
	return bytes;
}

static inline struct buffer sample(unsigned int rounds, uint32_t records)
{
	int fd = memfd_create("sample", 0);
	struct buffer bytes;

	cr_assert_eq(write_sample(fd, rounds, records), 0);
	bytes = contents(fd);
	close(fd);
	return bytes;
}

/* Offsets of the blocks, found by walking the sizes that docs/rota-trace.5 gives. Returns how many. */
static inline unsigned int block_offsets(const struct buffer *file, size_t offsets[256])
{
	unsigned int count = 0;

	for (size_t at = FILE_HEADER; at < file->size; count++) {
		const uint8_t *size = file->data + at + 16;

		cr_assert_lt(count, 255);
		offsets[count] = at;
		at += BLOCK_HEADER + (size[0] | (size_t)size[1] << 8 | (size_t)size[2] << 16);
	}
	offsets[count] = file->size;
	return count;
}

#endif
