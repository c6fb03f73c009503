/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where timeline delivers, in the order of time. A table of functions with one context; every member must be set.
 * Nothing a callback is handed may be kept beyond the call, but `struct rota_thread` pointers until thread_gone.
 */
#ifndef ROTA_SINK_H
#define ROTA_SINK_H

#include "rota/event.h"
#include "rota/transition.h"

struct rota_sink {
	void *ctx;
	void (*thread)(void *ctx, const struct rota_thread_transition *transition);
	void (*cpu)(void *ctx, const struct rota_cpu_transition *transition);
	void (*queue_move)(void *ctx, const struct rota_queue_move *move);
	void (*cpu_share)(void *ctx, const struct rota_cpu_share *share);
	/* Cumulative since boot; deltas between START and STOP are the window's. */
	void (*cpu_time)(void *ctx, uint32_t cpu, uint64_t ts_ns, uint64_t steal_ns, uint64_t irq_ns);
	void (*cost)(void *ctx, const struct rota_rec_cost *cost);
	/* `count` records lost on `cpu` (ROTA_CPU_NONE: not known where) in (since_ns, ts_ns]; states already say UNKNOWN. */
	void (*lost)(void *ctx, uint32_t cpu, uint64_t since_ns, uint64_t ts_ns, uint64_t count);
	/* A thread was renamed or identified: `thread` carries what is new. */
	void (*thread_changed)(void *ctx, const struct rota_thread *thread);
	void (*thread_gone)(void *ctx, const struct rota_thread *thread);
	/*
	 * A record that tells of something else than states: SAMPLE, CALL, TEXT, CGROUP, QUOTA, CPUSET, AFFINITY, STACK,
	 * SYMBOL, CALLS, CALLS_SPREAD, and all of runtimes (GO … GO_POPULATION). `thread`: who head.tid is; NULL for types
	 * that name none, or only a process, and for CALLS and CALLS_SPREAD where it is gone.
	 */
	void (*record)(void *ctx, const struct rota_thread *thread, const struct rota_event *event);
	/* t0 and t1. All states at these instants have been delivered before the call. */
	void (*start)(void *ctx, uint64_t ts_ns);
	void (*stop)(void *ctx, uint64_t ts_ns);
	/* Everything up to ts_ns has been delivered (the end of a round): a good moment for an interval report. */
	void (*progress)(void *ctx, uint64_t ts_ns);
};

#endif
