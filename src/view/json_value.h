/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Values of the JSON summary: exact seconds, valid text, null for what is not known. Each returns a new reference. */
#ifndef ROTA_VIEW_JSON_VALUE_H
#define ROTA_VIEW_JSON_VALUE_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object *json_seconds(uint64_t ns);      /* 1.500000001: no nanosecond is lost */
struct json_object *json_microseconds(uint64_t ns); /* 1500000.001 */
struct json_object *json_seconds_if(bool known, uint64_t ns);
struct json_object *json_mean(bool known, double mean);
struct json_object *json_count(uint64_t count);
struct json_object *json_decimal(uint64_t number); /* as a string: beyond 2^53 a double would round it */
/* At most `size` bytes of `text`, up to a NUL; bytes that are no valid UTF-8 become U+FFFD. null for NULL. */
struct json_object *json_text(const char *text, size_t size);
/* The same value, printed on one line even in pretty output. Takes the reference and returns it. */
struct json_object *json_compact(struct json_object *value);
/* Adds, with the key not copied: `key` must be a literal. */
void json_put(struct json_object *object, const char *key, struct json_object *value);
void json_push(struct json_object *array, struct json_object *value);

#endif
