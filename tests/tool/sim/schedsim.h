/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A random scheduler for property tests. A seed goes in; out come the records that the capture rules of
 * docs/architecture.md would have made of it, ring by ring and round by round, and the truth: who did what when. It shares
 * no code with what it tests but the record types, and the same seed always gives the same bytes.
 *
 * Use: #include "tool/sim/schedsim.c" in the one file of a test program.
 */
#ifndef SCHEDSIM_H
#define SCHEDSIM_H

#include "rota/record.h"
#include "rota/topology.h"
#include "rota/transition.h"

#include <stddef.h>

struct schedsim_config {
	uint32_t packages, cores, smt; /* packages × cores each × hardware threads each */
	uint32_t threads, strangers;   /* at the start */
	uint32_t steps;                /* things that happen */
	uint32_t round_steps;          /* between two rounds */
	bool every_switch;             /* as with --system: every switch is recorded (T stays what it is) */
	bool exec, reuse, membership, hotplug, throttle;
	bool go;              /* threads of T tell which goroutines they run */
	bool ragged;          /* a round's chunks hold some records beyond their SNAPSHOT */
	uint32_t loss_permil; /* chance, at each step, that a ring begins to lose records */
	uint32_t miss_permil; /* chance, for each round, that programs are skipped on unknown cpus */
	uint32_t skew_ns;     /* clocks differ by at most this */
};

struct sim_span { /* from since_ns until the next span's */
	uint64_t since_ns;
	uint8_t state;   /* threads: enum rota_state; cpus: enum rota_occupancy */
	bool told;       /* cpus: the records say who is there */
	uint16_t cpu;    /* threads */
	uint32_t uid;    /* cpus: who, meant for TARGET and OTHER */
	uint32_t reason; /* threads that are BLOCKED: in what, ROTA_REASON_*, and on which address */
	uint64_t argument;
};

struct sim_spans {
	struct sim_span *at;
	size_t count, capacity;
};

struct sim_stay { /* one stay in RUNNABLE or THROTTLED */
	uint64_t since_ns, end_ns;
	uint8_t state, cause;
};

struct sim_thread {
	uint32_t uid; /* index into schedsim.threads; never used again */
	uint32_t tid, tgid;
	uint64_t start_ns;
	char comm[ROTA_COMM_SIZE];
	bool told_go;                             /* that its process is a Go program */
	bool target, unborn, dead, named, doomed; /* doomed: a leader whose process did exec */
	uint8_t state;                            /* of strangers too */
	uint8_t cause;
	uint16_t cpu;
	uint32_t exec_old_tid; /* swapped, EXEC record not written yet */
	uint64_t queued_ns, died_ns;
	uint32_t reason; /* what it blocked in last; 0: not told */
	uint64_t argument;
	struct sim_spans spans;
	/* within the window */
	uint64_t voluntary, involuntary, switch_ins;
	struct sim_stay *stays;
	size_t stay_count, stay_capacity;
};

struct sim_tid { /* who had a tid from when on; UINT32_MAX: nobody */
	uint64_t since_ns;
	uint32_t tid, uid;
};

struct sim_ring {
	union rota_any_record *records;
	size_t count, capacity;
	size_t *round_end; /* records [round_end[r - 1], round_end[r]) belong to round r */
	size_t round_capacity;
	bool losing;
	uint64_t lost;
	int64_t skew_ns;
};

struct sim_cpu {
	uint32_t uid; /* UINT32_MAX: idle */
	bool online, told;
	uint64_t since_ns, target_ns, other_ns, idle_ns; /* as the kernel side counts them */
	struct sim_spans spans;
};

struct sim_mark { /* what a thread carried from ts_ns on, as a GO_RUN record (run), or as a GO record at its switch-out says */
	uint64_t ts_ns, goid;
	uint32_t uid;
	bool run, held; /* held: with a busy P */
};

struct schedsim {
	struct schedsim_config config;
	uint64_t random;
	uint64_t now_ns, start_ns, stop_ns;
	struct rota_topology *topology;
	uint32_t cpu_count;
	struct sim_cpu *cpus;
	struct sim_ring *rings; /* cpu_count, and the last is user space's */
	uint64_t *round_ns;
	size_t round_count, round_capacity;
	struct sim_thread *threads;
	size_t thread_count, thread_capacity;
	struct sim_tid *tids;
	size_t tid_count, tid_capacity;
	uint32_t next_tid;
	uint32_t *free_tids;
	size_t free_count, free_capacity;
	bool in_window, resync_due, missing;
	uint64_t missed, lost_total;
	struct sim_mark *marks;
	size_t mark_count, mark_capacity;
};

#define SIM_NOBODY        UINT32_MAX
#define SIM_START_NS      1000000ULL /* a thread's start time is this + uid * the step (exec gives it another's) */
#define SIM_START_STEP_NS 1000ULL

struct schedsim *schedsim_run(const struct schedsim_config *config, uint64_t seed);
void schedsim_free(struct schedsim *sim);

/* What a span list says at ts_ns; state 0 before its first span. */
struct sim_span sim_span_at(const struct sim_spans *spans, uint64_t ts_ns);
/* The uid that had `tid` at ts_ns, SIM_NOBODY if none. */
uint32_t sim_uid_of(const struct schedsim *sim, uint32_t tid, uint64_t ts_ns);
/* A machine of packages × cores × smt, cpus numbered as Linux on x86 does: first siblings first. */
struct rota_topology *sim_topology_new(uint32_t packages, uint32_t cores, uint32_t smt);
void sim_topology_free(struct rota_topology *topology);

/* Time that a goroutine of process `tgid` ran in the window, as far as GO_RUN records tell. */
uint64_t sim_go_exact_ns(const struct schedsim *sim, uint32_t tgid, uint64_t goid);
/* Time that threads were in `state` after a switch-out with a busy P. */
uint64_t sim_go_held_ns(const struct schedsim *sim, uint8_t state);

#endif
