/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where the cpus' time went: their occupancies come in, and shares between two snapshots; time by occupancy in each piece of
 * the window goes out. AWAY time (nobody of T; whether others or idle was not recorded) is told by the share that covers it.
 *
 * A share that reaches beyond the window, or over time that is not known, by x leaves it open how much of x was other: then
 * only what must lie inside is counted (other - x, idle - x), the rest stays unknown. Where x is small beside the share
 * (the moments between a snapshot and the START or STOP beside it), it is taken to be divided like the share itself.
 *
 * A piece is an interval, or the whole window. A share over the edge of two intervals is divided between them in proportion
 * to their AWAY time, so a piece is held until its last share has come, and pieces sum to the window.
 */
#ifndef ROTA_METRIC_CPU_TIME_H
#define ROTA_METRIC_CPU_TIME_H

#include "rota/summary.h"

/* x is small up to a hundredth of the share, and never above 10 ms. */
#define CPU_TIME_SLACK_FRACTION 100U
#define CPU_TIME_SLACK_NS       10000000U

struct cpu_piece_time {
	uint64_t ns[ROTA_OCCUPANCIES];
	uint64_t other_ns, idle_ns; /* of ns[ROTA_CPU_AWAY], as shares told */
	uint64_t open_ns;           /* of ns[ROTA_CPU_AWAY], share still to come */
};

struct cpu_piece {
	struct cpu_piece *next;
	struct cpu_piece_time cpus[];
};

struct cpu_span {        /* of one cpu, since its last share or since it became known */
	uint64_t now_ns; /* counted up to here */
	uint64_t since_ns;
	uint64_t other_ns, idle_ns;     /* known from transitions */
	uint64_t outside_ns;            /* AWAY outside the window */
	uint64_t ratio_ns, ratio_of[2]; /* the last share: its length, and what of its AWAY time was other, idle */
	uint8_t occupancy;
};

struct cpu_time {
	const struct rota_topology *topology;
	struct cpu_span *spans;
	struct cpu_piece *current; /* NULL outside the window */
	struct cpu_piece *held;    /* finished pieces, oldest first */
};

void cpu_time_init(struct cpu_time *time, const struct rota_topology *topology);
void cpu_time_fini(struct cpu_time *time);
void cpu_time_begin(struct cpu_time *time, uint64_t ts_ns);
/* The current piece ends and is held; the next begins unless this was the `last`. */
void cpu_time_cut(struct cpu_time *time, uint64_t ts_ns, bool last);
void cpu_time_occupancy(struct cpu_time *time, uint32_t cpu, uint8_t to, uint64_t ts_ns);
void cpu_time_share(struct cpu_time *time, const struct rota_cpu_share *share);
/* No share will come any more. */
void cpu_time_settle(struct cpu_time *time);
/* Does the piece still wait for a share? */
bool cpu_piece_open(const struct cpu_time *time, const struct cpu_piece *piece);
/* The oldest held piece; the caller frees it. */
struct cpu_piece *cpu_time_release(struct cpu_time *time);
struct cpu_piece *cpu_piece_new(const struct cpu_time *time);
void cpu_piece_add(const struct cpu_time *time, struct cpu_piece *into, const struct cpu_piece *from);
/* Into the summary's rows, which are there already. Returns the AWAY time that no share told. */
uint64_t cpu_piece_fill(const struct cpu_piece *piece, struct rota_summary *summary);

#endif
