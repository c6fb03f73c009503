/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The conservation laws of docs/architecture.md, checked on a finished summary: what must add up, adds up. Reads, never
 * mends. Tests of all kinds and `rota report --check` stand on it, so it recomputes every sum from the rows.
 */
#ifndef ROTA_METRIC_LAWS_H
#define ROTA_METRIC_LAWS_H

#include "rota/summary.h"

#include <stddef.h>

/* 0, or -EDOM with the first broken law and its numbers in `why` (which is "" where all hold). */
int metric_check(const struct rota_summary *summary, char *why, size_t why_size);

/* Of these, what must hold of Go programs (laws_go.c); metric_check() asks it, too. */
int metric_check_go(const struct rota_summary *summary, char *why, size_t why_size);

#endif
