/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where in the code: transitions and the stacks of a trace recorded with --stacks come in; lines that flame-graph tools read
 * go out, "thread;outermost;…;innermost" and a weight. Time off the cpu is exact, each stay in microseconds under the stack
 * with which it began; time on the cpu is the sampling clock's ticks. With a level, only what happened while exactly that
 * many threads of T ran: level 1 is the code that ran when nothing else of the program did.
 */
#ifndef ROTA_METRIC_FOLDED_H
#define ROTA_METRIC_FOLDED_H

#include "rota/sink.h"

enum folded_state { FOLDED_RUNNING, FOLDED_BLOCKED, FOLDED_RUNNABLE };

struct folded_config {
	enum folded_state state;
	bool has_level;
	uint32_t level;          /* RUNNING: level 0 holds no sample */
	const char *machine;     /* whose system calls (base/syscall.h); outlives the folded */
	uint64_t from_ns, to_ns; /* clip to [from_ns, to_ns] of CLOCK_MONOTONIC; 0, 0 = START to STOP */
	/* Called at START: may set the two above, which may be given relative to it. NULL: they stay. */
	void (*clip)(void *ctx, uint64_t start_ns, uint64_t *ret_from_ns, uint64_t *ret_to_ns);
	void *clip_ctx;
};

struct folded_line {
	char *stack;     /* frames, outermost first, ";" between; owned by the lines */
	uint64_t weight; /* samples (RUNNING), or microseconds */
};

struct folded_lines {
	uint32_t count;
	struct folded_line *lines; /* heaviest first */
	uint64_t samples;          /* of T in the window, whatever the level */
	uint64_t total_ns;         /* time in the state in the window, at the level asked for; 0 for RUNNING */
	uint64_t stackless_ns;     /* of that, with no stack told */
	bool stacks_recorded;      /* false: the trace was recorded without --stacks */
};

struct folded;
struct folded *folded_new(const struct folded_config *config);
void folded_free(struct folded *folded);
struct rota_sink folded_sink(struct folded *folded);
/* After stop. */
void folded_take(struct folded *folded, struct folded_lines *ret_lines);
void folded_lines_fini(struct folded_lines *lines);

#endif
