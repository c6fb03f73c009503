/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: a row for each thread that is gone. Goes out: at most METRIC_MAX_ROWS and ROWS_MAX_NAMES of them. */
#include "metric/rows.h"
#include "base/alloc.h"
#include "metric/metric.h"

#include <stdlib.h>
#include <string.h>

#define FOLD_SLOTS (2 * ROWS_MAX_NAMES)

void rows_fini(struct rows *rows)
{
	for (uint32_t i = 0; i < rows->count; i++)
		thread_row_fini(&rows->rows[i]);
	for (uint32_t i = 0; i < rows->fold_count; i++)
		thread_row_fini(&rows->folds[i]);
	free(rows->rows);
	free(rows->folds);
	free(rows->fold_of);
	*rows = (struct rows){ 0 };
}

/* The fold for a name, or a new one with no thread in it; the last one is for all names that found no place. */
static struct thread_row *fold_find(struct rows *rows, const char *name, uint32_t tgid)
{
	uint32_t hash = 2166136261U; /* FNV-1a */
	struct thread_row *fold;

	if (!rows->folds) {
		rows->folds = xcalloc(ROWS_MAX_NAMES, sizeof(*rows->folds));
		rows->fold_of = xcalloc(FOLD_SLOTS, sizeof(*rows->fold_of));
	}
	for (const char *at = name; *at; at++)
		hash = (hash ^ (unsigned char)*at) * 16777619U;
	for (hash %= FOLD_SLOTS; rows->fold_of[hash]; hash = (hash + 1) % FOLD_SLOTS) {
		fold = &rows->folds[rows->fold_of[hash] - 1];
		if (!strncmp(fold->summary.name, name, ROTA_COMM_SIZE))
			return fold;
	}
	if (rows->fold_count == ROWS_MAX_NAMES)
		return &rows->folds[ROWS_MAX_NAMES - 1];
	fold = &rows->folds[rows->fold_count++];
	rows->fold_of[hash] = rows->fold_count;
	if (rows->fold_count == ROWS_MAX_NAMES)
		name = "others";
	strncpy(fold->summary.name, name, ROTA_COMM_SIZE - 1);
	fold->summary.tgid = tgid;
	fold->summary.kthread = true;
	fold->summary.worker = true;
	return fold;
}

void rows_add(struct rows *rows, struct thread_row *row, const char *process_name)
{
	if (rows->count < METRIC_MAX_ROWS) {
		rows->rows = xgrow(rows->rows, &rows->capacity, rows->count + 1U, sizeof(*rows->rows));
		rows->rows[rows->count++] = *row;
		return;
	}
	thread_row_fold(fold_find(rows, process_name, row->summary.tgid), row);
	rows->folded++;
}
