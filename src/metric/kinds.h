/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Blocked time by kind (metric/blocked.h), of a thread or of many: stays come in, sums go out. Bounded: what finds no place
 * among KINDS_MAX kinds is added up in one more, so that the sum over all is always that of all stays.
 */
#ifndef ROTA_METRIC_KINDS_H
#define ROTA_METRIC_KINDS_H

#include "metric/blocked.h"

#include <stddef.h>

#define KINDS_MAX 64U

struct kind_sum {
	uint32_t kind;
	uint8_t blocked_class;
	uint64_t ns, count;
};

struct kinds {
	struct kind_sum *sums;
	size_t capacity;
	uint32_t count; /* at most KINDS_MAX + 1 */
};

/* The number of the entry of sums[] for `kind`, which is made if there is none and there is room. */
uint32_t kinds_find(struct kinds *kinds, struct blocked_table *table, uint32_t kind);
void kinds_add(struct kinds *kinds, const struct kind_sum *sum);
/* A new window: nothing is left but entry `keep`, as entry 0, with sums of 0. */
void kinds_begin(struct kinds *kinds, uint32_t keep);
void kinds_fini(struct kinds *kinds);

struct thread_row;
/*
 * Rows of the summary from those of its threads: blocked and class_ns of each thread, in the order of `rows`, and of all.
 * `machine`: whose system call numbers they are (base/syscall.h).
 */
void kinds_fill(const struct thread_row *rows, const char *machine, struct rota_summary *summary);

#endif
