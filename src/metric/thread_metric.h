/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One thread inside one window: what it is doing now, and what has been added up since the window began. Comes in: the ends
 * of its stays, already clipped to the window. Goes out: a row of the summary. Never outlives its slot; rows do.
 */
#ifndef ROTA_METRIC_THREAD_METRIC_H
#define ROTA_METRIC_THREAD_METRIC_H

#include "metric/blocked.h"
#include "metric/smt.h"

#define THREAD_NO_CPU UINT16_MAX

struct thread_metric {
	/* now */
	uint64_t since_ns;       /* its state, or the window, began */
	uint64_t woken_ns;       /* the wakeup that `waker` asked for, before the window began or in it */
	struct level_mark mark;  /* RUNNING: the integrals at since_ns */
	struct smt_runner smt;   /* so far, and up to when */
	struct rota_waker waker; /* who asked for the wakeup; known false once it ran */
	uint8_t state, cause, reason;
	bool in_window; /* was in T at some time in the window */
	bool cut;       /* its state began before the window */
	bool ours;      /* as an occupant: was of T when last on a cpu */
	uint16_t cpu;   /* RUNNING, RUNNABLE, THROTTLED: where; THREAD_NO_CPU: a cpu that does not exist */
	uint16_t last_cpu;
	uint16_t occupies;  /* the cpu on which it is the occupant by the cpu's own transitions */
	uint32_t cpu_entry; /* RUNNING: its entry in cpus[] */
	uint32_t wakeup;    /* wakeup pair it was last counted in */
	uint32_t serial;    /* identity within the window */
	uint64_t waited_ns; /* time × threads that waited for it */
	/* so far */
	uint64_t state_ns[ROTA_STATES];
	level_fixed share;
	uint64_t width_ns, unknown_level_ns; /* ∫ P dt while it ran; time it ran with P unknown */
	uint64_t voluntary, involuntary, switch_ins;
	uint64_t migrations[ROTA_DISTANCES];
	uint64_t wait_count, wait_cut_count, wait_max_ns;
	uint64_t cause_ns[ROTA_CAUSES], cause_count[ROTA_CAUSES];
	uint64_t blocked_ns[BLOCKED_REASONS], blocked_count[BLOCKED_REASONS];
	struct rota_cpu_ns *cpus; /* ascending by cpu */
	size_t cpu_capacity;
	uint32_t cpu_count;
};

/* A summary row with what it takes to fold it into another. */
struct thread_row {
	struct rota_thread_summary summary;
	uint64_t width_ns, known_ns; /* mean_parallelism = width / known */
	uint32_t serial;
};

void thread_metric_fini(struct thread_metric *thread);
/* Forgets what was added up; the present state goes on from ts_ns. */
void thread_metric_begin(struct thread_metric *thread, uint64_t ts_ns);
/* The entry of cpus[] for `cpu`, made if there is none. */
uint32_t thread_metric_cpu(struct thread_metric *thread, uint32_t cpu);
/* Copies out; *ret_row owns its arrays. */
void thread_metric_row(const struct thread_metric *thread, const struct rota_thread *identity,
		       struct thread_row *ret_row);
/* Adds one thread's row to another that stands for many; frees what `from` owns. */
void thread_row_fold(struct thread_row *into, struct thread_row *from);
void thread_row_fini(struct thread_row *row);

#endif
