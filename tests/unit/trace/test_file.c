/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A trace file is what was written, or says that it is not: cut anywhere, any byte flipped, blocks taken out or forged. */
#include "account.h"

#include <zlib.h>

Test(file, cut_at_every_byte_reads_up_to_the_last_whole_block)
{
	struct buffer file = sample(2, 40);
	struct account whole = account_of(file.data, file.size);
	size_t offsets[256];
	unsigned int count = block_offsets(&file, offsets), done = 0;

	cr_assert(whole.complete);
	cr_assert_eq(whole.damage, 0);
	cr_assert_eq(whole.blocks + 1, count); /* the index is not given out */
	for (size_t size = 0; size < file.size; size++) {
		struct account part = account_of(file.data, size);
		int expected = !size ? -ENODATA : size < FILE_HEADER ? -EBADMSG : 0;

		cr_assert_eq(part.open_error, expected, "cut at %zu", size);
		while (done < count && offsets[done + 1] <= size)
			done++;
		if (!expected) {
			cr_assert(!part.complete, "cut at %zu", size);
			cr_assert_eq(part.damage, 0, "cut at %zu: a clean cut is no damage", size);
			cr_assert_eq(part.blocks, done < whole.blocks ? done : whole.blocks - 1, "cut at %zu", size);
			cr_assert(begins_with(&whole, &part), "cut at %zu", size);
		}
		account_fini(&part);
	}
	account_fini(&whole);
	buffer_fini(&file);
}

/* A flipped byte: an error, or damage told; and what is still given out was all written, in its order. */
static void expect_flip_noticed(const struct account *whole, const struct account *flipped, size_t at)
{
	uint32_t next = 0;
	size_t start = 0;

	if (at < FILE_HEADER) {
		cr_assert(flipped->open_error == -EBADMSG || flipped->open_error == -ENOEXEC, "byte %zu", at);
		return;
	}
	cr_assert_eq(flipped->open_error, 0);
	cr_assert_geq(flipped->damage, 1, "byte %zu", at);
	for (uint32_t i = 0; i < flipped->blocks; i++) {
		size_t size = flipped->block_end[i] - start;

		for (; next < whole->blocks; next++) {
			size_t from = next ? whole->block_end[next - 1] : 0;

			if (whole->block_end[next] - from == size &&
			    !memcmp(whole->text.data + from, flipped->text.data + start, size))
				break;
		}
		cr_assert_lt(next++, whole->blocks, "byte %zu: a block that was never written", at);
		start = flipped->block_end[i];
	}
	cr_assert_geq(flipped->blocks + 1, whole->blocks, "byte %zu: more than one block lost", at);
}

Test(file, every_flipped_byte_is_noticed)
{
	static const uint8_t masks[] = { 0x01, 0x80, 0xff, 0x20 };
	struct buffer file = sample(2, 40);
	struct account whole = account_of(file.data, file.size);

	for (size_t at = 0; at < file.size; at++) {
		for (unsigned int i = 0; i < sizeof(masks); i++) {
			struct account flipped;

			file.data[at] ^= masks[i];
			flipped = account_of(file.data, file.size);
			expect_flip_noticed(&whole, &flipped, at);
			file.data[at] ^= masks[i];
			account_fini(&flipped);
		}
	}
	account_fini(&whole);
	buffer_fini(&file);
}

static struct buffer spliced(const struct buffer *file, size_t from, size_t to, const void *insert, size_t size)
{
	struct buffer out = { 0 };

	buffer_append(&out, file->data, from);
	buffer_append(&out, insert, size);
	buffer_append(&out, file->data + to, file->size - to);
	return out;
}

Test(file, a_block_taken_out_is_noticed)
{
	struct buffer file = sample(3, 40);
	size_t offsets[256];
	unsigned int count = block_offsets(&file, offsets);
	struct account whole = account_of(file.data, file.size);

	for (unsigned int i = 0; i + 1 < count; i++) { /* without END there is no more than a cut */
		struct buffer out = spliced(&file, offsets[i], offsets[i + 1], NULL, 0);
		struct account account = account_of(out.data, out.size);

		cr_assert_eq(account.damage, 1, "block %u", i);
		cr_assert(account.complete);
		cr_assert_eq(account.blocks, whole.blocks - (i + 2 < count), "block %u", i);
		account_fini(&account);
		buffer_fini(&out);
	}
	account_fini(&whole);
	buffer_fini(&file);
}

Test(file, any_run_of_bytes_taken_out_is_noticed)
{
	struct buffer file = sample(2, 10);
	struct dice dice = { 5 };
	size_t offsets[256];
	unsigned int count = block_offsets(&file, offsets);

	for (unsigned int i = 0; i < 3000; i++) {
		size_t from = FILE_HEADER + dice_below(&dice, (uint32_t)(file.size - FILE_HEADER));
		size_t to = from + 1 + dice_below(&dice, (uint32_t)(file.size - from));
		struct buffer out = spliced(&file, from, to, NULL, 0);
		struct account account = account_of(out.data, out.size);

		cr_assert(account.damage || !account.complete, "%zu to %zu", from, to);
		if (to <= offsets[count - 1]) /* a whole block follows; else it may look like a cut at the end */
			cr_assert_geq(account.damage, 1, "%zu to %zu of %zu", from, to, file.size);
		account_fini(&account);
		buffer_fini(&out);
	}
	buffer_fini(&file);
}

Test(file, bytes_put_in_or_behind_are_noticed)
{
	static const char garbage[] = "\xf5\xffRB and no block \xf5\xff\xf5\xffR";
	struct buffer file = sample(2, 10);
	size_t offsets[256];
	unsigned int count = block_offsets(&file, offsets);
	struct account whole = account_of(file.data, file.size);

	for (unsigned int i = 0; i <= count; i++) {
		size_t sizes[] = { 1, 5, sizeof(garbage) - 1, offsets[i ? i : 1] - offsets[i ? i - 1 : 0] };

		for (unsigned int j = 0; j < 4; j++) { /* j == 3: the block before once more */
			const void *what = j < 3 ? (const void *)garbage : file.data + offsets[i ? i - 1 : 0];
			struct buffer out = spliced(&file, offsets[i], offsets[i], what, sizes[j]);
			struct account account = account_of(out.data, out.size);

			if (i || j < 3) { /* the first block before the first block is only a repetition of itself */
				cr_assert_eq(account.damage, 1, "before block %u, %u", i, j);
			}
			cr_assert(begins_with(&whole, &account) && account.blocks == whole.blocks,
				  "before block %u, %u", i, j);
			account_fini(&account);
			buffer_fini(&out);
		}
	}
	account_fini(&whole);
	buffer_fini(&file);
}

static void put_le(uint8_t *at, uint64_t value, unsigned int size)
{
	for (unsigned int i = 0; i < size; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

/* Makes the checksums of the block at `at` right again. */
static void sign(struct buffer *file, size_t at, size_t stored)
{
	uint8_t *block = file->data + at;

	put_le(block + 24, crc32(0, block + BLOCK_HEADER, (uInt)stored), 4);
	put_le(block + 28, crc32(0, block, 28), 4);
}

Test(file, an_index_that_contradicts_the_blocks_is_noticed)
{
	struct buffer file = sample(1, 10);
	size_t offsets[256];
	unsigned int count = block_offsets(&file, offsets);

	for (unsigned int last = 1; last <= 2; last++) { /* END, INDEX */
		size_t at = offsets[count - last], size = offsets[count - last + 1] - at - BLOCK_HEADER;

		for (size_t i = 0; i < size; i += 8) {
			struct account account;

			file.data[at + BLOCK_HEADER + i] ^= 1;
			sign(&file, at, size);
			account = account_of(file.data, file.size);
			cr_assert_eq(account.damage, 1, "byte %zu of block %u from the end", i, last);
			cr_assert(account.complete);
			file.data[at + BLOCK_HEADER + i] ^= 1;
			sign(&file, at, size);
			account_fini(&account);
		}
	}
	struct account good = account_of(file.data, file.size);
	cr_assert_eq(good.damage, 0);
	account_fini(&good);
	buffer_fini(&file);
}

Test(file, hostile_headers_are_damage)
{
	static const struct {
		const char *what;
		unsigned int at, size;
		uint64_t value;
	} cases[] = {
		{"kind 0",                   4,  1, 0           },
		{ "kind 6",                  4,  1, 6           },
		{ "method 2",                5,  1, 2           },
		{ "a cpu that is none",      6,  2, ROTA_CPU_MAX},
		{ "no records",              12, 4, 0           },
		{ "stored beyond the file",  16, 4, 0xfffffff0  },
		{ "stored not plain",        16, 4, 3           },
		{ "plain of 4 GB",           20, 4, 0xffffffff  },
		{ "plain of 0",              20, 4, 0           },
		{ "zstd that is none",       5,  1, 1           },
		{ "a kind with other rules", 4,  1, 3           },
		{ "a meta that is a chunk",  4,  1, 1           },
	};
	struct buffer file = sample(1, 10);
	size_t offsets[256], at;

	block_offsets(&file, offsets);
	at = offsets[2]; /* the first CHUNK, small enough to be raw */
	cr_assert_eq(file.data[at + 4], 2);
	cr_assert_eq(file.data[at + 5], 0);
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buffer forged = spliced(&file, file.size, file.size, NULL, 0);
		struct account account;

		put_le(forged.data + at + cases[i].at, cases[i].value, cases[i].size);
		put_le(forged.data + at + 28, crc32(0, forged.data + at, 28), 4);
		account = account_of(forged.data, forged.size);
		cr_expect_eq(account.damage, 1, "%s", cases[i].what);
		cr_expect(account.complete, "%s", cases[i].what);
		account_fini(&account);
		buffer_fini(&forged);
	}
	buffer_fini(&file);
}

Test(file, a_zstd_frame_that_is_longer_or_shorter_than_told_is_damage)
{
	struct buffer file = sample(1, 200);
	size_t offsets[256], at;

	block_offsets(&file, offsets);
	at = offsets[0]; /* 300 times x */
	cr_assert_eq(file.data[at + 5], 1);
	for (int step = -1; step <= 1; step += 2) {
		struct account account;

		put_le(file.data + at + 20, (uint64_t)(13 + 300 + step), 4);
		put_le(file.data + at + 28, crc32(0, file.data + at, 28), 4);
		account = account_of(file.data, file.size);
		cr_assert_eq(account.damage, 1);
		account_fini(&account);
	}
	buffer_fini(&file);
}

Test(file, what_is_no_trace)
{
	static const uint8_t newer[] = "\x89ROTA\r\n\x1a\x02\0\0";
	uint8_t header[FILE_HEADER] = { 0 };
	struct trace_reader *reader = NULL;
	uint32_t version = 0;
	int fd;

	cr_assert_eq(account_of("", 0).open_error, -ENODATA);
	cr_assert_eq(account_of("#!/bin/sh\necho a text file\n", 27).open_error, -ENOEXEC);
	cr_assert_eq(account_of("\x7f", 1).open_error, -ENOEXEC);
	memcpy(header, newer, sizeof(newer));
	put_le(header + 12, crc32(0, header, 12), 4);
	fd = memory_file(header, sizeof(header));
	cr_assert_eq(trace_reader_new(fd, &reader, &version), -EPROTONOSUPPORT);
	cr_assert_eq(version, 2);
	cr_assert_null(reader);
	close(fd);
	fd = open("/", O_RDONLY | O_DIRECTORY);
	cr_assert_eq(trace_reader_new(fd, &reader, NULL), -EISDIR);
	close(fd);
	cr_assert_eq(trace_reader_new(-1, &reader, NULL), -EBADF);
}
