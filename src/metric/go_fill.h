/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the files share that fill struct rota_go from a window's sums: go_fill.c (programs, populations), go_rows.c (goroutines). */
#ifndef ROTA_METRIC_GO_FILL_H
#define ROTA_METRIC_GO_FILL_H

#include "metric/go_part.h"

struct filling {
	const struct go_part *part;
	const struct texts *texts;
	struct rota_summary *summary;
	struct rota_go *go;
	uint32_t *rows; /* program → row of runtimes + 1 */
	size_t text_capacity;
	struct copied { /* where the texts of `texts` have been copied to: a hash by address, of a power of two slots */
		const char *from;
		const char *to;
	} * copies;
	uint32_t copy_slots;
};

/* `text`, owned by texts or for ever, as the summary's own; one copy of each. */
const char *go_fill_text(struct filling *filling, const char *text);
/* Rows of goroutines and functions, once the programs' rows are there. */
void go_fill_goroutines(struct filling *filling);
/* A strip's slots name goroutines by serial; from here on by row. */
void go_fill_strip(const struct filling *filling);

#endif
