/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: numbers and bytes. Goes out: json-c values that print exactly. Never a NaN or an infinity, which JSON does not
 * have, never bytes that are not UTF-8, which json-c would pass through.
 */
#include "view/json_value.h"
#include "view/glyph.h"
#include "view/number.h"

#include "base/alloc.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

struct json_object *json_seconds(uint64_t ns)
{
	char text[NUMBER_TEXT_SIZE];

	return json_object_new_double_s((double)ns / 1e9, number_seconds(text, sizeof(text), ns));
}

struct json_object *json_microseconds(uint64_t ns)
{
	char text[NUMBER_TEXT_SIZE];

	return json_object_new_double_s((double)ns / 1e3, number_microseconds(text, sizeof(text), ns));
}

struct json_object *json_seconds_if(bool known, uint64_t ns)
{
	return known ? json_seconds(ns) : NULL;
}

struct json_object *json_mean(bool known, double mean)
{
	char text[NUMBER_TEXT_SIZE];

	if (!known || !isfinite(mean))
		return NULL;
	snprintf(text, sizeof(text), "%.12g", mean);
	return json_object_new_double_s(mean, text);
}

struct json_object *json_count(uint64_t count)
{
	return json_object_new_uint64(count);
}

struct json_object *json_decimal(uint64_t number)
{
	char text[NUMBER_TEXT_SIZE];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	return json_object_new_string(text);
}

struct json_object *json_text(const char *text, size_t size)
{
	size_t length = text ? strnlen(text, size) : 0, used = 0;
	const char *at = text, *end = text + length;
	struct json_object *value;
	char *valid;

	if (!text)
		return NULL;
	valid = xmalloc(length * (sizeof(REPLACEMENT) - 1) + 1);
	while (at < end) {
		const char *start = at;
		bool bad = glyph_next(&at, end) == GLYPH_BAD;
		size_t part = bad ? sizeof(REPLACEMENT) - 1 : (size_t)(at - start);

		memcpy(valid + used, bad ? REPLACEMENT : start, part);
		used += part;
	}
	value = json_object_new_string_len(valid, (int)used);
	free(valid);
	return value;
}

struct json_object *json_compact(struct json_object *value)
{
	char *line = xstrdup(
		json_object_to_json_string_ext(value, JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE));

	json_object_set_serializer(value, json_object_userdata_to_json_string, line, json_object_free_userdata);
	return value;
}

void json_put(struct json_object *object, const char *key, struct json_object *value)
{
	json_object_object_add_ex(object, key, value, JSON_C_OBJECT_ADD_CONSTANT_KEY);
}

void json_push(struct json_object *array, struct json_object *value)
{
	json_object_array_add(array, value);
}
