/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A growing run of bytes, and a reader over bytes that came from outside: it never reads past the end. */
#ifndef ROTA_BASE_BUFFER_H
#define ROTA_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer { /* all zero is an empty buffer */
	uint8_t *data;
	size_t size, capacity;
};

void buffer_fini(struct buffer *buffer);
void buffer_clear(struct buffer *buffer); /* keeps the memory */
/* Room for `extra` more bytes; returns where they start. The caller adds what it used to size. */
uint8_t *buffer_reserve(struct buffer *buffer, size_t extra);
void buffer_append(struct buffer *buffer, const void *bytes, size_t size);
void buffer_put_u8(struct buffer *buffer, uint8_t value);
void buffer_put_u32(struct buffer *buffer, uint32_t value); /* little-endian */
void buffer_put_u64(struct buffer *buffer, uint64_t value);
void buffer_put_varint(struct buffer *buffer, uint64_t value); /* LEB128, at most 10 bytes */

struct cursor { /* `bad` is sticky: once set, every read gives 0 */
	const uint8_t *at, *end;
	bool bad;
};

static inline struct cursor cursor_over(const void *bytes, size_t size)
{
	return (struct cursor){ .at = bytes, .end = (const uint8_t *)bytes + size };
}
static inline size_t cursor_left(const struct cursor *cursor)
{
	return cursor->bad ? 0 : (size_t)(cursor->end - cursor->at);
}
uint8_t cursor_u8(struct cursor *cursor);
uint32_t cursor_u32(struct cursor *cursor);
uint64_t cursor_u64(struct cursor *cursor);
uint64_t cursor_varint(struct cursor *cursor);                   /* rejects encodings of more than 64 bits */
const uint8_t *cursor_bytes(struct cursor *cursor, size_t size); /* NULL and bad where fewer are left */

/* Small signed differences as small unsigned numbers: 0, -1, 1, -2 … → 0, 1, 2, 3 … */
static inline uint64_t zigzag(int64_t value)
{
	return ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
}
static inline int64_t unzigzag(uint64_t value)
{
	return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

#endif
