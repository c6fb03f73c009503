/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The part of a window that is about Go programs: what threads carried (GO, GO_RUN), and the looks at their schedulers come in;
 * summary->go goes out. What a thread carried when it left its cpu holds while it is off it: that is exact, and joins the
 * thread's states with its goroutine and P. What happens between two switches is known from ticks (a sample), from GO_RUN
 * records (exactly), or not at all.
 */
#ifndef ROTA_METRIC_GO_PART_H
#define ROTA_METRIC_GO_PART_H

#include "metric/go_looked.h"
#include "metric/go_names.h"
#include "metric/goroutines.h"
#include "metric/texts.h"
#include "rota/event.h"

enum go_count { GO_IN_PROGRESS, GO_DEMAND, GO_RUNNING, GO_P_BUSY, GO_PS, GO_MS, GO_MS_SPINNING, GO_STARVED, GO_COUNTS };

struct go_sums { /* of one program */
	struct looked counts[GO_COUNTS];
	bool in_window, gc, gc_known, totals_known;
	uint64_t gc_since_ns, gc_ns, known_ns, known_since_ns;
	bool known; /* a census holds now */
	bool exact; /* a GO_RUN record has come */
	uint64_t held_runnable_ns, held_throttled_ns, syscall_ns, cgo_ns, locked_ns, hand_offs;
	uint64_t samples, spinning_samples, scheduler_samples, gc_samples, cgo_samples, foreign_samples,
		unreadable_samples;
	struct rota_rec_go_totals totals_first, totals_last;
	struct rota_histogram latency;
	uint32_t *
		holders; /* by P: serial of the thread that blocked with it in a system call and has not run since; 0: none */
	size_t holder_capacity;
};

struct go_carry { /* what a thread carries */
	uint32_t program, serial;
	uint64_t goid, run_goid, run_since_ns; /* run_*: by GO_RUN */
	uint32_t state;
	uint16_t p;
	uint8_t flags;
	bool off; /* it left its cpu with it */
	bool exact, running;
};

struct go_population_seen {
	uint32_t program, reason;
	uint8_t status;
	uint64_t count;
};

struct go_part {
	struct go_names *names; /* not owned */
	const struct rota_topology *topology;
	struct go_sums *sums; /* by program */
	size_t sum_capacity;
	uint32_t sum_count;
	struct go_carry *carries; /* number - 1 */
	size_t carry_capacity;
	uint32_t carry_count, carry_free; /* those given back: linked by serial; 0: none */
	struct looked totals[GO_COUNTS];
	struct goroutines goroutines;
	struct go_population_seen *populations;
	size_t population_capacity;
	uint32_t population_count;
	uint64_t population_ns;
	bool open; /* the window has begun, and not ended */
	uint64_t start_ns;
};

void go_part_init(struct go_part *part, const struct rota_topology *topology, struct go_names *names);
void go_part_fini(struct go_part *part);
void go_part_begin(struct go_part *part, uint64_t ts_ns);
void go_part_end(struct go_part *part, uint64_t ts_ns);
/* A record of a process: RUNTIME, GO_CENSUS and the like. */
void go_part_record(struct go_part *part, const union rota_any_record *record, uint64_t ts_ns);
/*
 * GO and GO_RUN: of the thread with this serial, on `cpu`, which is RUNNING or not; *carry is the number of what it carries, 0
 * where nothing yet.
 */
void go_part_carry(struct go_part *part, const union rota_any_record *record, uint32_t tgid, uint32_t serial,
		   uint16_t cpu, bool running, uint32_t *carry, uint64_t ts_ns);
/* A stay of a thread that carries something ends, or the window does; `state` was held for `ns`. */
void go_part_stay(struct go_part *part, uint32_t carry, uint8_t state, uint8_t blocked_class, uint64_t ns,
		  uint64_t ts_ns);
/*
 * What it carried up to now, for a strip: the goroutine's number in the table plus one, 0 for none; and the P. False: not known, or
 * outside of the window.
 */
bool go_part_label(struct go_part *part, uint32_t carry, uint32_t *ret_goroutine, uint16_t *ret_p);
/* The thread is gone. */
void go_part_drop(struct go_part *part, uint32_t *carry);
/* It comes onto a cpu at ts_ns; leaves it, after its stay was counted; and is BLOCKED from then on. */
void go_part_runs(struct go_part *part, uint32_t carry, uint64_t ts_ns);
void go_part_leaves(struct go_part *part, uint32_t carry);
void go_part_blocks(struct go_part *part, uint32_t carry);

/* After go_part_end(). */
void go_part_fill(const struct go_part *part, const struct texts *texts, struct rota_summary *summary);

#endif
