/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Bytes in, the same bytes out, and no read past the end of bytes from outside. */
#include "base/buffer.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

Test(buffer, numbers_lie_as_the_format_says)
{
	static const uint8_t expected[] = { 0xab, 0x04, 0x03, 0x02, 0x01, 8,    7,    6,    5,   4,
					    3,    2,    1,    0x00, 0x7f, 0x80, 0x01, 0xac, 0x02 };
	struct buffer buffer = { 0 };

	buffer_put_u8(&buffer, 0xab);
	buffer_put_u32(&buffer, 0x01020304);
	buffer_put_u64(&buffer, 0x0102030405060708);
	buffer_put_varint(&buffer, 0);
	buffer_put_varint(&buffer, 127);
	buffer_put_varint(&buffer, 128);
	buffer_put_varint(&buffer, 300);
	cr_assert_eq(buffer.size, sizeof(expected));
	cr_assert_eq(memcmp(buffer.data, expected, sizeof(expected)), 0);
	struct cursor cursor = cursor_over(buffer.data, buffer.size);

	cr_assert_eq(cursor_u8(&cursor), 0xab);
	cr_assert_eq(cursor_u32(&cursor), 0x01020304);
	cr_assert_eq(cursor_u64(&cursor), 0x0102030405060708);
	cr_assert_eq(cursor_varint(&cursor), 0);
	cr_assert_eq(cursor_varint(&cursor), 127);
	cr_assert_eq(cursor_varint(&cursor), 128);
	cr_assert_eq(cursor_varint(&cursor), 300);
	cr_assert_eq(cursor_left(&cursor), 0);
	cr_assert(!cursor.bad);
	buffer_fini(&buffer);
	cr_assert_null(buffer.data);
}

Test(buffer, varints_of_every_length_round_trip)
{
	for (unsigned int bits = 0; bits <= 64; bits++) {
		uint64_t edge = bits == 64 ? UINT64_MAX : (1ULL << bits) - 1;

		for (int step = -1; step <= 1; step++) {
			uint64_t value = edge + (uint64_t)(int64_t)step;
			struct buffer buffer = { 0 };
			struct cursor cursor;

			buffer_put_varint(&buffer, value);
			cr_assert_leq(buffer.size, 10);
			cursor = cursor_over(buffer.data, buffer.size);
			cr_assert_eq(cursor_varint(&cursor), value);
			cr_assert(!cursor.bad);
			cr_assert_eq(cursor.at, cursor.end);
			buffer_fini(&buffer);
		}
	}
}

Test(buffer, grows_and_keeps)
{
	struct buffer buffer = { 0 };

	for (unsigned int i = 0; i < 100000; i++)
		buffer_put_u8(&buffer, (uint8_t)(i * 31));
	buffer_append(&buffer, NULL, 0);
	cr_assert_eq(buffer.size, 100000);
	for (unsigned int i = 0; i < 100000; i++)
		cr_assert_eq(buffer.data[i], (uint8_t)(i * 31));
	buffer_clear(&buffer);
	cr_assert_eq(buffer.size, 0);
	cr_assert_geq(buffer.capacity, 100000);
	buffer_fini(&buffer);
}

Test(cursor, hostile_varints)
{
	static const struct {
		const char *bytes;
		size_t size;
	} bad[] = {
		{"",					      0 },
		{ "\x80",					 1 },
		{ "\xff\xff\xff",                                 3 },
		{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02",     10}, /* a 65th bit */
		{ "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", 11}, /* an 11th byte */
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint8_t *bytes = malloc(bad[i].size + 1);
		struct cursor cursor = cursor_over(memcpy(bytes, bad[i].bytes, bad[i].size), bad[i].size);

		cr_expect_eq(cursor_varint(&cursor), 0, "%zu", i);
		cr_expect(cursor.bad, "%zu", i);
		free(bytes);
	}
}

Test(cursor, a_short_read_is_bad_for_good)
{
	struct cursor cursor = cursor_over("abcd", 4);

	cr_assert_eq(cursor_bytes(&cursor, 0), cursor.at);
	cr_assert_eq(cursor_u8(&cursor), 'a');
	cr_assert_eq(cursor_u32(&cursor), 0);
	cr_assert(cursor.bad);
	cr_assert_eq(cursor_left(&cursor), 0);
	cr_assert_eq(cursor_u8(&cursor), 0);
	cr_assert_eq(cursor_varint(&cursor), 0);
	cr_assert_null(cursor_bytes(&cursor, 1));
	cursor = cursor_over("abcd", 4);
	cr_assert_null(cursor_bytes(&cursor, SIZE_MAX));
	cr_assert(cursor.bad);
}

Test(zigzag, small_is_small)
{
	static const int64_t values[] = { 0, -1, 1, -2, 2 };

	for (uint64_t i = 0; i < 5; i++) {
		cr_assert_eq(zigzag(values[i]), i);
		cr_assert_eq(unzigzag(i), values[i]);
	}
	cr_assert_eq(zigzag(INT64_MIN), UINT64_MAX);
	cr_assert_eq(unzigzag(UINT64_MAX), INT64_MIN);
	cr_assert_eq(unzigzag(zigzag(INT64_MAX)), INT64_MAX);
}
