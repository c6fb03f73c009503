/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The Go programs of a trace, and what their goroutines began with: RUNTIME, GOROUTINE and the last GO_CENSUS records come in,
 * names by number go out. A process that does an exec is another program with the same tgid. Memory is bounded; a goroutine
 * that found no place has no name, and is counted.
 */
#ifndef ROTA_METRIC_GO_NAMES_H
#define ROTA_METRIC_GO_NAMES_H

#include "base/idtable.h"
#include "rota/record.h"

#include <stdbool.h>
#include <stddef.h>

#define GO_PROGRAMS_MAX 65536U
#define GO_NAMES_MAX    (1U << 21)

struct go_program {
	uint32_t tgid;
	bool told, ended;                /* a RUNTIME record names it; its last census has come */
	struct rota_rec_runtime runtime; /* the last one */
	uint32_t gomaxprocs_first;
};

struct go_name {
	uint64_t goid;
	uint32_t program; /* + 1; 0: free */
	uint32_t start;   /* a TEXT; 0: not known */
	bool system;
};

struct go_names {
	struct go_program *programs;
	size_t program_capacity;
	uint32_t program_count;
	struct idtable *by_tgid; /* → the newest program + 1 */
	struct go_name *slots;
	uint32_t slot_count, count;
	uint64_t refused;
	bool repeated; /* some process ran one program after another */
};

void go_names_init(struct go_names *names);
void go_names_fini(struct go_names *names);
void go_names_add(struct go_names *names, const union rota_any_record *record);
/* Number of the program that process `tgid` runs, made if it is not known yet; UINT32_MAX: there are too many. */
uint32_t go_names_program(struct go_names *names, uint32_t tgid);
/* NULL: not told. */
const struct go_name *go_names_get(const struct go_names *names, uint32_t program, uint64_t goid);

#endif
