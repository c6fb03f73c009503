/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the views of goroutines share: whom a row stands for, and figures by samples in words. */
#ifndef ROTA_VIEW_GOROUTINE_H
#define ROTA_VIEW_GOROUTINE_H

#include "rota/summary.h"

#include <stddef.h>

#define GOROUTINE_SHARE_SIZE 96

/*
 * The function that it began with, "(scheduler)", "(C code)"; with how many there are where several are told together. Its
 * end is always there. NULL if it is in `out`, else a text of any length that the summary owns.
 */
const char *goroutine_label(char *out, size_t size, const struct rota_goroutine *row);
/* "program", "runtime", "scheduler", "C" */
const char *goroutine_kind(const struct rota_goroutine *row);

/* The runtime of a process, or NULL. */
const struct rota_runtime *goroutine_runtime(const struct rota_summary *summary, uint32_t tgid);
/* Running time of the threads of a Go process; 0 where it is not known. */
uint64_t goroutine_running_ns(const struct rota_summary *summary, uint32_t tgid);
/* Nanoseconds from a double: never negative. */
uint64_t goroutine_ns(double ns);

/* part of all samples: "12.3 % ± 1.1 %", the half width of the 95 % interval; "–" where there is none. ASCII: "+/-". */
const char *goroutine_sampled(char *out, size_t size, uint64_t part, uint64_t samples, bool utf8);

/* Whether the runtime's structures were read at any time. */
bool goroutine_followed(const struct rota_runtime *runtime);

#endif
