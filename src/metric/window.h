/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One window of time: the whole, or an interval. Transitions come in, one summary goes out. It follows states from the first
 * transition on, so that what is there when the window begins is known; it counts only from window_begin() to window_end().
 * Knows nothing of START, STOP, clipping or intervals (metric.c), nor of the cpus' other and idle time (cpu_time.h).
 */
#ifndef ROTA_METRIC_WINDOW_H
#define ROTA_METRIC_WINDOW_H

#include "metric/affinity.h"
#include "metric/conserve.h"
#include "metric/go_part.h"
#include "metric/meters.h"
#include "metric/quota.h"
#include "metric/rows.h"
#include "metric/runqueue.h"
#include "metric/seconds.h"
#include "metric/strip.h"
#include "metric/syscalls.h"
#include "metric/waits.h"
#include "metric/wakeups.h"

#define WINDOW_PAGE_BITS 8U
#define WINDOW_PAGE_SIZE (1U << WINDOW_PAGE_BITS)

struct window_cpu {
	struct queue queue;
	uint64_t since_ns;    /* of its occupant, or the window's start */
	uint64_t labelled_ns; /* up to there strip_goroutines and strip_ps know what the occupant carried */
	uint32_t occupant;    /* index of the thread, UINT32_MAX for none with a name */
	uint32_t serial;      /* the occupant's, for the strip */
	uint8_t occupancy;
	uint64_t switch_ins;
	struct history history;
};

struct window {
	const struct rota_topology *topology;
	struct directory *directory; /* not owned; a thread is put in when a window first hears of it */
	uint64_t start_ns;
	struct level level;
	struct smt smt;
	struct window_cpu *cpus;
	struct thread_metric **pages; /* by rota_thread.index; addresses are stable */
	size_t page_capacity;
	uint32_t slot_count, serial;
	struct rows rows;
	struct rota_runqueue runqueue;
	struct waits waits;
	struct wakeups wakeups;
	struct locks locks;
	struct blocked_table blocked_table;
	struct waited waited, beside;
	struct strip strip;
	struct strip strip_goroutines, strip_ps; /* the same by what threads of Go programs carried */
	struct meters meters;
	struct seconds seconds; /* whoever drives the window calls seconds_step() at seconds.next_ns */
	struct syscalls syscalls;
	struct quotas quotas;
	struct cpusets *cpusets; /* not owned */
	struct affinity affinity;
	struct conserve conserve;
	struct go_part go;
	char machine[16]; /* uname -m of where it was recorded; "": here */
};

void window_init(struct window *window, const struct rota_topology *topology, struct directory *directory,
		 struct cpusets *cpusets, struct go_names *names, uint32_t longest_waits, bool strip);
void window_fini(struct window *window);
void window_begin(struct window *window, uint64_t ts_ns);
/* Counts all that is open up to ts_ns. States are kept: window_begin() may follow. */
void window_end(struct window *window, uint64_t ts_ns);
void window_thread(struct window *window, const struct rota_thread_transition *transition, uint64_t ts_ns);
void window_cpu(struct window *window, const struct rota_cpu_transition *transition, uint64_t ts_ns);
void window_queue_move(struct window *window, const struct rota_queue_move *move, uint64_t ts_ns);
/* The thread may use the cpus of this set (metric/cpusets.h) from ts_ns on. */
void window_affinity(struct window *window, const struct rota_thread *thread, uint8_t set, uint64_t ts_ns);
/* A GO or GO_RUN record of the thread, on `cpu`. */
void window_carry(struct window *window, const struct rota_thread *thread, const struct rota_event *event,
		  uint64_t ts_ns);
void window_gone(struct window *window, const struct rota_thread *thread, uint64_t ts_ns);
/* After window_end(): the summary, but for what cpu_time.h and ladder.h add. May be called once for each end. */
struct rota_summary *window_summary(struct window *window, uint64_t end_ns);

static inline struct thread_metric *window_slot(const struct window *window, uint32_t index)
{
	return &window->pages[index >> WINDOW_PAGE_BITS][index & (WINDOW_PAGE_SIZE - 1)];
}

#endif
