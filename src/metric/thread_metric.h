/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One thread inside one window: what it is doing now, and what has been added up since the window began. Comes in: the ends
 * of its stays, already clipped to the window. Goes out: a row of the summary. Never outlives its slot; rows do.
 */
#ifndef ROTA_METRIC_THREAD_METRIC_H
#define ROTA_METRIC_THREAD_METRIC_H

#include "metric/kinds.h"
#include "metric/locks.h"
#include "metric/smt.h"

#define THREAD_NO_CPU       UINT16_MAX
#define THREAD_METRIC_ALIGN 64 /* a cache line */

/* Time × threads that waited for somebody, and the part of those that wait because they were preempted. */
struct waited_sum {
	uint64_t ns, preempted_ns;
};

struct thread_sum { /* of finished stays of one kind */
	uint64_t ns, count;
};

/* What changes together lies in one cache line: with many threads, getting here is most of the work. */
struct thread_metric {
	/* now */
	uint64_t since_ns;        /* its state, or the window, began */
	uint64_t woken_ns;        /* the wakeup that `waker` asked for, before the window began or in it */
	struct waited_sum waited; /* threads that waited for it, so far */
	uint64_t beside_ns;       /* as a stranger: time it ran beside T on siblings, so far */
	struct rota_waker waker;  /* who asked for the wakeup; known false once it ran */
	uint32_t serial;          /* identity within the window */
	uint32_t cpu_entry;       /* of last_cpu in cpus[] */
	uint32_t wakeup;          /* wakeup pair it was last counted in */
	uint16_t cpu;             /* RUNNING, RUNNABLE, THROTTLED: where; THREAD_NO_CPU: a cpu that does not exist */
	uint16_t last_cpu;
	uint16_t occupies; /* the cpu on which it is the occupant by the cpu's own transitions */
	uint8_t state, cause;
	bool in_window; /* was in T at some time in the window */
	bool cut;       /* its state began before the window */
	bool ours;      /* as an occupant: was of T when last on a cpu */
	uint8_t set;    /* metric/cpusets.h: the cpus it may use, told or guessed; 0: not known */
	bool set_told;
	uint32_t carry; /* metric/go_part.h: what it carries, as a thread of a Go program; 0: nothing */
	uint32_t kind;  /* metric/blocked.h: how it blocks or did last; 0: it has not */
	/* the same, of the next cache line */
	uint64_t argument;   /* BLOCKED: the lock's address, 0 for none */
	uint32_t kind_entry; /* of `kind` in kinds */
	struct lock_hint lock_hint;
	/* so far */
	uint64_t kind_ns, kind_count; /* BLOCKED as `kind`, not yet in kinds */
	struct smt_runner smt;
	uint64_t here_ns; /* RUNNING on last_cpu, not yet in cpus[] */
	uint64_t voluntary, involuntary;
	/* sums of differences of the integrals in struct level; while it is RUNNING, the present stay's beginning is taken off */
	level_fixed share;
	uint64_t width_ns, unknown_level_ns; /* ∫ P dt while it ran; time it ran with P unknown */
	uint64_t alone_ns;                   /* time it ran with P = 1 */
	uint64_t switch_ins;
	uint64_t wait_count, wait_cut_count, wait_max_ns;
	uint64_t state_ns[ROTA_STATES];
	struct thread_sum causes[ROTA_CAUSES];
	uint64_t migrations[ROTA_DISTANCES];
	/* kept from window to window */
	struct rota_cpu_ns *cpus; /* ascending by cpu */
	size_t cpu_capacity;
	uint32_t cpu_count;
	struct kinds kinds; /* emptied in each window */
} __attribute__((aligned(THREAD_METRIC_ALIGN)));

/* A summary row with what it takes to fold it into another. */
struct thread_row {
	struct rota_thread_summary summary; /* without `blocked`, which kinds_fill() makes of this: */
	struct kinds kinds;
	uint64_t width_ns, known_ns; /* mean_parallelism = width / known */
	uint32_t serial;
	uint8_t set; /* metric/cpusets.h; 0: not told, or of many */
};

void thread_metric_fini(struct thread_metric *thread);
/* Forgets what was added up; the present state goes on from ts_ns. */
void thread_metric_begin(struct thread_metric *thread, uint64_t ts_ns);
/* `cpu` is the one it ran on last from now on: its entry of cpus[] is found, or made. */
void thread_metric_cpu(struct thread_metric *thread, uint16_t cpu);
/* It blocks in this way from now on. */
void thread_metric_kind(struct thread_metric *thread, struct blocked_table *table, uint32_t kind);
/* Its time BLOCKED in the window up to ts_ns for reasons of a class (enum rota_blocked_class), the present stay included. */
uint64_t thread_metric_class_ns(const struct thread_metric *thread, unsigned int blocked_class, uint64_t ts_ns);
/* Copies out; *ret_row owns its arrays. */
void thread_metric_row(const struct thread_metric *thread, const struct rota_thread *identity,
		       struct thread_row *ret_row);
/* Adds one thread's row to another that stands for many; frees what `from` owns. */
void thread_row_fold(struct thread_row *into, struct thread_row *from);
void thread_row_fini(struct thread_row *row);

#endif
