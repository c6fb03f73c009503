/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: values or hostile bytes. Goes out: bytes or values. Never reads outside what it was given. */
#include "base/buffer.h"
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

void buffer_fini(struct buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct buffer){ 0 };
}

void buffer_clear(struct buffer *buffer)
{
	buffer->size = 0;
}

uint8_t *buffer_reserve(struct buffer *buffer, size_t extra)
{
	if (buffer->capacity - buffer->size < extra)
		buffer->data = xgrow(buffer->data, &buffer->capacity, buffer->size + extra, 1);
	return buffer->data + buffer->size;
}

void buffer_append(struct buffer *buffer, const void *bytes, size_t size)
{
	if (!size)
		return;
	memcpy(buffer_reserve(buffer, size), bytes, size);
	buffer->size += size;
}

void buffer_put_u8(struct buffer *buffer, uint8_t value)
{
	*buffer_reserve(buffer, 1) = value;
	buffer->size++;
}

static void put_little_endian(struct buffer *buffer, uint64_t value, size_t size)
{
	uint8_t *at = buffer_reserve(buffer, size);

	for (size_t i = 0; i < size; i++)
		at[i] = (uint8_t)(value >> (8 * i));
	buffer->size += size;
}

void buffer_put_u32(struct buffer *buffer, uint32_t value)
{
	put_little_endian(buffer, value, sizeof(value));
}

void buffer_put_u64(struct buffer *buffer, uint64_t value)
{
	put_little_endian(buffer, value, sizeof(value));
}

void buffer_put_varint(struct buffer *buffer, uint64_t value)
{
	uint8_t *at = buffer_reserve(buffer, 10);
	size_t n = 0;

	while (value >= 0x80) {
		at[n++] = (uint8_t)(value | 0x80);
		value >>= 7;
	}
	at[n++] = (uint8_t)value;
	buffer->size += n;
}

const uint8_t *cursor_bytes(struct cursor *cursor, size_t size)
{
	const uint8_t *at = cursor->at;

	if (cursor_left(cursor) < size) {
		cursor->bad = true;
		return NULL;
	}
	cursor->at += size;
	return at;
}

static uint64_t get_little_endian(struct cursor *cursor, size_t size)
{
	const uint8_t *at = cursor_bytes(cursor, size);
	uint64_t value = 0;

	if (!at)
		return 0;
	for (size_t i = 0; i < size; i++)
		value |= (uint64_t)at[i] << (8 * i);
	return value;
}

uint8_t cursor_u8(struct cursor *cursor)
{
	return (uint8_t)get_little_endian(cursor, 1);
}

uint32_t cursor_u32(struct cursor *cursor)
{
	return (uint32_t)get_little_endian(cursor, 4);
}

uint64_t cursor_u64(struct cursor *cursor)
{
	return get_little_endian(cursor, 8);
}

uint64_t cursor_varint(struct cursor *cursor)
{
	uint64_t value = 0;

	for (unsigned int shift = 0; shift < 64 && !cursor->bad && cursor->at < cursor->end; shift += 7) {
		uint8_t byte = *cursor->at++;

		if (shift == 63 && byte > 1)
			break; /* a 65th bit */
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return value;
	}
	cursor->bad = true;
	return 0;
}
