/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: strings. Goes out: TEXT records, each string once. Memory is bounded by the limits in the header. */
#include "capture/text.h"
#include "base/alloc.h"
#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

struct text {
	struct drain *drain;
	char **strings; /* number - 1 */
	size_t capacity, bytes;
	uint32_t count;
	uint32_t *slots; /* hash of the string → number; 0: empty */
	uint32_t slot_count;
	uint64_t refused;
};

struct text *text_new(struct drain *drain)
{
	struct text *text = xcalloc(1, sizeof(*text));

	text->drain = drain;
	return text;
}

void text_free(struct text *text)
{
	if (!text)
		return;
	for (uint32_t i = 0; i < text->count; i++)
		free(text->strings[i]);
	free(text->strings);
	free(text->slots);
	free(text);
}

uint64_t text_refused(const struct text *text)
{
	return text->refused;
}

/* FNV-1a (draft-eastlake-fnv) */
static uint32_t hash(const char *string, size_t length)
{
	uint32_t value = 2166136261U;

	for (size_t i = 0; i < length; i++)
		value = (value ^ (uint8_t)string[i]) * 16777619U;
	return value;
}

static bool same(const char *stored, const char *string, size_t length)
{
	return !strncmp(stored, string, length) && !stored[length];
}

/* Where the string is, or the empty slot where it would be. */
static uint32_t *slot_of(const struct text *text, const char *string, size_t length)
{
	uint32_t at = hash(string, length) & (text->slot_count - 1U);

	while (text->slots[at] && !same(text->strings[text->slots[at] - 1U], string, length))
		at = (at + 1U) & (text->slot_count - 1U);
	return &text->slots[at];
}

static void rehash(struct text *text)
{
	free(text->slots);
	text->slot_count = text->slot_count ? 2U * text->slot_count : 64U;
	text->slots = xcalloc(text->slot_count, sizeof(*text->slots));
	for (uint32_t i = 0; i < text->count; i++)
		*slot_of(text, text->strings[i], strlen(text->strings[i])) = i + 1U;
}

static void put(struct text *text, uint32_t id, const char *string, size_t length)
{
	union rota_any_record record;
	size_t piece, at = 0;

	do { /* a text whose length is a multiple of the piece's ends with an empty one */
		piece = length - at < ROTA_TEXT_SIZE ? length - at : ROTA_TEXT_SIZE;
		record = (union rota_any_record){
			.text = {.head = { .ts_ns = clock_ns(CLOCK_MONOTONIC),
					    .type = ROTA_REC_TEXT,
					    .aux = (uint16_t)piece },
                                 .id = id}
		};
		memcpy(record.text.text, string + at, piece);
		drain_put(text->drain, &record);
		at += piece;
	} while (piece == ROTA_TEXT_SIZE);
}

uint32_t text_intern(struct text *text, const char *string)
{
	size_t length = string ? strnlen(string, TEXT_LENGTH_MAX) : 0;
	uint32_t *slot, id;

	if (!length)
		return 0;
	if (2U * text->count >= text->slot_count)
		rehash(text);
	slot = slot_of(text, string, length);
	id = *slot;
	if (id)
		return id;
	if (text->count == TEXT_COUNT_MAX || text->bytes + length > TEXT_BYTES_MAX) {
		text->refused++;
		return 0;
	}
	text->strings = xgrow(text->strings, &text->capacity, text->count + 1U, sizeof(*text->strings));
	text->strings[text->count] = xcalloc(length + 1U, 1);
	memcpy(text->strings[text->count], string, length);
	text->bytes += length;
	id = *slot = ++text->count;
	put(text, id, string, length);
	return id;
}
