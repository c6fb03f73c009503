/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The JSON summary parsed back, and its values by path. */
#ifndef ROTA_TESTS_VIEW_PARSED_H
#define ROTA_TESTS_VIEW_PARSED_H

#include "capture.h"
#include "golden.h"

#include "base/alloc.h"

#include <json-c/json.h>
#include <math.h>
#include <string.h>

static inline struct json_object *parse(const struct rota_summary *summary, bool one_line)
{
	char *text = capture_json(summary, one_line);
	enum json_tokener_error error;
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *root;

	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	root = json_tokener_parse_ex(tokener, text, -1);
	error = json_tokener_get_error(tokener);
	cr_assert_eq(error, json_tokener_success, "%s", json_tokener_error_desc(error));
	json_tokener_free(tokener);
	if (one_line)
		cr_expect_eq(strchr(text, '\n'), text + strlen(text) - 1, "more than one line");
	free(text);
	return root;
}

/* "a.b.2.c" from the root; fails if a step does not exist. NULL: there, and null. */
static inline struct json_object *at(struct json_object *value, const char *path)
{
	char *copy = xstrdup(path), *rest = copy, *step;

	while ((step = strsep(&rest, "."))) {
		if (json_object_is_type(value, json_type_array)) {
			cr_assert_lt((size_t)atoi(step), json_object_array_length(value), "%s", path);
			value = json_object_array_get_idx(value, (size_t)atoi(step));
		} else {
			cr_assert(json_object_object_get_ex(value, step, &value), "no %s in %s", step, path);
		}
	}
	free(copy);
	return value;
}

/* Seconds in the text back to nanoseconds: exact, or a digit was lost. */
static inline uint64_t ns_at(struct json_object *root, const char *path)
{
	struct json_object *value = at(root, path);

	cr_assert(json_object_is_type(value, json_type_double), "%s", path);
	return (uint64_t)llround(json_object_get_double(value) * 1e9);
}

static inline uint64_t count_at(struct json_object *root, const char *path)
{
	struct json_object *value = at(root, path);

	cr_assert(json_object_is_type(value, json_type_int), "%s", path);
	return json_object_get_uint64(value);
}

static inline const char *text_at(struct json_object *root, const char *path)
{
	return json_object_get_string(at(root, path));
}

static inline uint64_t sum_ns(struct json_object *array, const char *path)
{
	uint64_t total = 0;

	for (size_t i = 0; i < json_object_array_length(array); i++)
		total += ns_at(json_object_array_get_idx(array, i), path);
	return total;
}

/* Every key that occurs, at any depth, stands in docs/json.md in back quotes, alone or as the end of a path. */
static inline void expect_documented(struct json_object *value, const char *manual)
{
	if (json_object_is_type(value, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(value); i++)
			expect_documented(json_object_array_get_idx(value, i), manual);
	} else if (json_object_is_type(value, json_type_object)) {
		json_object_object_foreach(value, key, inner)
		{
			char *as_path = xasprintf(".%s", key), *alone = xasprintf("`%s", key);

			cr_expect(strstr(manual, as_path) || strstr(manual, alone), "docs/json.md does not have %s",
				  key);
			free(as_path);
			free(alone);
			expect_documented(inner, manual);
		}
	}
}

static inline void expect_all_documented(struct json_object *root)
{
	char *manual = golden_read(GOLDEN_DIR "/../../../docs/json.md");

	cr_assert(manual, "no docs/json.md");
	expect_documented(root, manual);
	free(manual);
}

#endif
