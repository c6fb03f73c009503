/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The figures of each second of a window, for a verdict by second: at each full second from the window's start the differences
 * of what the window adds up anyhow. Costs nothing an event; work proportional to the threads alive once a second. Memory is
 * bounded: when there are SECONDS_MAX pieces, neighbours are joined and each stands for twice the time from then on.
 */
#ifndef ROTA_METRIC_SECONDS_H
#define ROTA_METRIC_SECONDS_H

#include "metric/thread_metric.h"
#include "metric/verdict.h"

#define SECONDS_MAX      131072U /* 36 hours by second */
#define SECONDS_STEP_NS  1000000000ULL
#define SECONDS_TAIL_NUM 10U /* a rest shorter than a tenth of a step belongs to the step before it */

struct seconds_mark { /* of one thread, at the beginning of the step: what had been added up by then */
	uint32_t serial;
	uint64_t wanting_ns, runnable_ns, alone_ns, waited_ns, switch_ins, involuntary;
	uint64_t blocked_ns[ROTA_BLOCKED_CLASSES];
};

struct seconds_sums { /* of one step; thread × nanoseconds but where another unit is said */
	uint64_t known_ns, in_progress_ns, demand_ns, parallelism_ns, cores_ns, wanting_ns, active_ns;
	uint64_t throttled_ns, nobody_ns, unknown_ns, stolen_ns, starved_ns, mutex_ns;
	uint64_t alone_ns, ours_ns, others_ns, confined_ns, involuntary, lock_ns;
	uint64_t blocked_ns[ROTA_BLOCKED_CLASSES];
	uint64_t told_ns;             /* somebody wanted to run, and which cpus it may use is known */
	unsigned __int128 allowed_ns; /* cpus × nanoseconds, over that */
};

struct seconds_track { /* pieces of step_ns each from the start of the window; the last one may be shorter or a bit longer */
	uint64_t step_ns;
	uint32_t count;
	struct verdict_piece *pieces; /* owned */
};

struct seconds {
	uint64_t since_ns; /* the present step began */
	uint64_t next_ns;  /* and ends; UINT64_MAX outside the window */
	struct seconds_mark *marks;
	size_t mark_count;
	struct seconds_sums totals; /* of the window, when the step began: those that are not kept by thread */
	struct seconds_sums step;   /* of the present step, of threads that are gone */
	struct seconds_track track;
	size_t capacity;
};

struct window;

void seconds_init(struct seconds *seconds);
void seconds_fini(struct seconds *seconds);
/* The window begins: it has just been set to nothing. */
void seconds_begin(struct seconds *seconds, uint64_t ts_ns);
/* A step ends at ts_ns, up to which all has been counted; the next one begins. */
void seconds_step(struct window *window, uint64_t ts_ns);
/* The window ends. */
void seconds_end(struct window *window, uint64_t ts_ns);
/* A thread is about to be forgotten; its state is NONE. */
void seconds_gone(struct window *window, uint32_t index, uint64_t ts_ns);
/* The pieces, owned by the caller: free(ret_track->pieces). */
void seconds_take(struct seconds *seconds, struct seconds_track *ret_track);
/* All pieces as one; `alone` is the largest of theirs, which is not that of the whole. */
struct verdict_piece seconds_whole(const struct seconds_track *track);

#endif
