/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * System calls of a window: CALLS and CALLS_SPREAD records come in, rows by (thread, call) and by call go out, with quantiles
 * from the counts by length. Records are told for whole rounds, so a window that was clipped has those of the rounds that end
 * in it. Memory is bounded: beyond SYSCALLS_MAX rows, calls are added up without their thread.
 */
#ifndef ROTA_METRIC_SYSCALLS_H
#define ROTA_METRIC_SYSCALLS_H

#include "rota/event.h"
#include "rota/summary.h"

#include <stddef.h>

#define SYSCALLS_MAX 65536U /* rows */

struct syscall_length {
	uint32_t bucket; /* base/histogram.h */
	uint64_t count;
};

struct syscall_row {
	uint32_t tid; /* 0: threads that found no row of their own */
	uint16_t number;
	bool compat;
	uint64_t count, ns, cpu_ns, max_ns;
	struct syscall_length *lengths; /* ascending by bucket */
	size_t length_capacity;
	uint32_t length_count;
};

struct syscalls {
	bool followed; /* the recording has them at all */
	struct syscall_row *rows;
	size_t row_capacity;
	uint32_t row_count;
	uint32_t *slots; /* hash → row + 1 */
	uint32_t slot_count;
	uint64_t homeless, shapeless, headless, open; /* rota/record.h */
};

void syscalls_fini(struct syscalls *syscalls);  /* frees all, and forgets whether they are followed */
void syscalls_begin(struct syscalls *syscalls); /* a new window */
/* Takes CALLS and CALLS_SPREAD, and leaves other records alone. */
void syscalls_add(struct syscalls *syscalls, const union rota_any_record *record);
/*
 * Fills the summary's syscalls, syscall_totals, its threads' sums and its notes; threads must stand in it already.
 * `machine`: whose numbers they are (base/syscall.h).
 */
void syscalls_fill(const struct syscalls *syscalls, const char *machine, struct rota_summary *summary);

#endif
