/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Rows of threads that are gone: the first METRIC_MAX_ROWS of them each its own, all later ones added up in one row a process
 * name. Nothing is dropped: the sums over all rows are those over all threads.
 */
#ifndef ROTA_METRIC_ROWS_H
#define ROTA_METRIC_ROWS_H

#include "metric/thread_metric.h"

#define ROWS_MAX_NAMES 1024U /* folded rows; later names share one called "others" */

struct rows {
	struct thread_row *rows;
	size_t capacity;
	uint32_t count;
	struct thread_row *folds;
	uint32_t fold_count;
	uint32_t *fold_of; /* hash of the name → fold + 1; twice ROWS_MAX_NAMES slots */
	uint64_t folded;   /* threads in all folds */
};

void rows_fini(struct rows *rows); /* frees the rows too: also how to begin anew */
/* Takes over what `row` owns. `process_name`: ROTA_COMM_SIZE bytes, NUL-terminated. */
void rows_add(struct rows *rows, struct thread_row *row, const char *process_name);

#endif
