/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A sink that believes nothing: each transition is held against what the simulator says really was, and against the rules
 * of rota/transition.h (gapless, in the order of time, cpus and threads in step). Failures are counted and the first one is
 * described; it never stops a test by itself.
 *
 * Use: #include "tool/sim/oracle.c" after schedsim.c in the one file of a test program.
 */
#ifndef SIM_ORACLE_H
#define SIM_ORACLE_H

#include "rota/sink.h"
#include "tool/sim/schedsim.h"

struct oracle_thread { /* by struct rota_thread.index */
	const struct rota_thread *thread;
	uint32_t uid;
	uint64_t since_ns, checked_ns; /* held against the truth up to checked_ns */
	uint8_t state, cause;
	uint16_t cpu;
};

struct oracle_cpu {
	uint64_t since_ns;
	uint8_t occupancy;
	const struct rota_thread *thread;
	uint64_t share_ns[3], share_since_ns, share_until_ns; /* target, other, idle */
};

struct oracle_counts { /* by uid, within the window */
	uint64_t voluntary, involuntary, switch_ins;
	uint64_t state_ns[ROTA_STATES];
};

struct oracle {
	const struct schedsim *sim;
	bool lossless; /* nothing may be UNKNOWN in the window, and everything told must be known */
	bool skewed;   /* only the rules are checked, not the instants */
	struct oracle_thread *threads;
	size_t thread_capacity;
	struct oracle_cpu *cpus;
	struct oracle_counts *counts;
	uint64_t cause_ns[ROTA_CAUSES], throttled_ns;
	uint64_t now_ns, start_ns, stop_ns, unknown_ns, lost, known_ns;
	uint32_t running, target_cpus;
	uint64_t failures;
	char first[320];
	uint64_t reasons; /* told with a BLOCKED */
};

struct oracle *oracle_new(const struct schedsim *sim, bool lossless, bool skewed);
void oracle_free(struct oracle *oracle);
struct rota_sink oracle_sink(struct oracle *oracle);
/* Between two events: threads and cpus agree. */
void oracle_check_step(struct oracle *oracle);
/* After the end: what was still open, and the totals. */
void oracle_check_end(struct oracle *oracle);

#endif
