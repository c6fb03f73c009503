/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: rows of findings, or a topology. Goes out: a table or JSON. Judges nothing: the grades come with the rows. */
#include "view/doctor.h"
#include "view/json_value.h"
#include "view/page.h"

#include <errno.h>

#define QUESTION_COLUMNS 22
#define GRADE_COLUMNS    6

static const struct {
	const char *word;
	enum page_style style;
} grades[] = {
	[VIEW_OK] = {"ok",    PAGE_PLAIN},
	[VIEW_NOTE] = { "note", PAGE_PLAIN},
	[VIEW_WARN] = { "warn", PAGE_BOLD },
	[VIEW_FAIL] = { "FAIL", PAGE_ALERT},
};

void text_doctor(FILE *out, const struct view_doctor_row *rows, size_t count, const struct view_options *options)
{
	size_t failed = 0;
	struct page page;

	page_init(&page, out, options);
	for (size_t i = 0; i < count; i++) {
		failed += rows[i].grade == VIEW_FAIL;
		page_style(&page, grades[rows[i].grade].style);
		page_cell(&page, grades[rows[i].grade].word, GRADE_COLUMNS - 1, PAGE_LEFT);
		page_to(&page, GRADE_COLUMNS);
		page_cell(&page, rows[i].question, QUESTION_COLUMNS - 1, PAGE_LEFT);
		page_to(&page, GRADE_COLUMNS + QUESTION_COLUMNS);
		page_style(&page, PAGE_PLAIN);
		page_words(&page, GRADE_COLUMNS + QUESTION_COLUMNS, rows[i].found);
		page_end(&page);
		if (!rows[i].fix[0])
			continue;
		page_to(&page, GRADE_COLUMNS + QUESTION_COLUMNS);
		page_text(&page, "→ ");
		page_words(&page, GRADE_COLUMNS + QUESTION_COLUMNS + 2, rows[i].fix);
		page_end(&page);
	}
	page_end(&page);
	page_words(&page, 0,
		   failed ? "`rota stat` would not work here: see the lines marked FAIL." : "`rota stat` works here.");
	page_end(&page);
	page_fini(&page);
}

static int print(FILE *out, struct json_object *root)
{
	const char *text =
		json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
	int err = fprintf(out, "%s\n", text) < 0 ? -EIO : 0;

	json_object_put(root);
	return err;
}

int json_doctor(FILE *out, const struct view_doctor_row *rows, size_t count, bool works)
{
	struct json_object *root = json_object_new_object(), *list = json_object_new_array();

	for (size_t i = 0; i < count; i++) {
		struct json_object *row = json_object_new_object();

		json_put(row, "question", json_text(rows[i].question, SIZE_MAX));
		json_put(row, "grade", json_text(grades[rows[i].grade].word, SIZE_MAX));
		json_put(row, "found", json_text(rows[i].found, SIZE_MAX));
		json_put(row, "fix", json_text(rows[i].fix[0] ? rows[i].fix : NULL, SIZE_MAX));
		json_push(list, row);
	}
	json_put(root, "schema", json_text("rota.doctor/1", SIZE_MAX));
	json_put(root, "works", json_object_new_boolean(works));
	json_put(root, "rows", list);
	return print(out, root);
}

int json_topology(FILE *out, const struct rota_topology *topology)
{
	struct json_object *root = json_object_new_object(), *list = json_object_new_array();

	for (uint32_t cpu = 0; cpu < topology->cpu_count; cpu++) {
		const struct rota_cpu_info *info = &topology->cpus[cpu];
		struct json_object *row;

		if (!info->present)
			continue;
		row = json_object_new_object();
		json_put(row, "cpu", json_count(cpu));
		json_put(row, "core", json_count(info->core));
		json_put(row, "llc", json_count(info->llc));
		json_put(row, "node", json_count(info->node));
		json_put(row, "package", json_count(info->package));
		json_put(row, "online", json_object_new_boolean(info->online));
		json_put(row, "allowed", json_object_new_boolean(info->allowed));
		json_push(list, json_compact(row));
	}
	json_put(root, "schema", json_text("rota.topology/1", SIZE_MAX));
	json_put(root, "packages", json_count(topology->package_count));
	json_put(root, "nodes", json_count(topology->node_count));
	json_put(root, "llcs", json_count(topology->llc_count));
	json_put(root, "cores", json_count(topology->core_count));
	json_put(root, "online_cpus", json_count(topology->online_count));
	json_put(root, "smt", json_count(topology->smt));
	json_put(root, "cpus", list);
	return print(out, root);
}
