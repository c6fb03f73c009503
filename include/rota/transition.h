/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What timeline says: thread X left state A, held since since_ns, for state B at ts_ns; the same for cpus. Transitions
 * come in the order of time (ts_ns never falls). A thread's or a cpu's transitions are gapless: the first one comes from
 * state ROTA_NONE (ROTA_CPU_UNKNOWN), and each `from` and since_ns is the `to` and ts_ns of the one before it.
 * At equal ts_ns a cpu's transition comes before that of the thread that arrives and after that of the thread that leaves.
 */
#ifndef ROTA_TRANSITION_H
#define ROTA_TRANSITION_H

#include "rota/record.h"
#include <stdbool.h>

enum rota_state {
	ROTA_NONE = 0, /* not in T: not born yet, dead, or outside; not part of its lifetime */
	ROTA_UNKNOWN,  /* in T, but records that would tell were lost, or it was not sighted yet */
	ROTA_RUNNING,
	ROTA_RUNNABLE,
	ROTA_THROTTLED,
	ROTA_BLOCKED,
	ROTA_STOPPED,
	ROTA_STATES
};

enum rota_cause { /* why a stay in RUNNABLE or THROTTLED began */
		  ROTA_CAUSE_UNKNOWN = 0,
		  ROTA_CAUSE_WAKEUP,
		  ROTA_CAUSE_NEW,
		  ROTA_CAUSE_PREEMPTED,
		  ROTA_CAUSE_YIELDED,
		  ROTA_CAUSES
};

/* A thread, of T or a stranger that occupied a cpu. Owned by timeline. Its address is stable until `thread_gone`. */
struct rota_thread {
	uint32_t index;             /* dense, from 0; used again only after thread_gone */
	uint32_t tid, tgid;         /* tgid 0: not known */
	uint64_t start_boottime_ns; /* 0: not known */
	bool target;                /* in T now */
	bool kthread, worker;
	char comm[ROTA_COMM_SIZE]; /* newest name; "" where not known */
};

struct rota_waker { /* who asked for a wakeup, meant only where `known` */
	bool known, interrupt;
	uint32_t tid;
	uint32_t delay_ns; /* request (sched_waking) to enqueue */
};

#define ROTA_TRANSITION_INVOLUNTARY 0x01 /* RUNNING → x: counted in nivcsw */
#define ROTA_TRANSITION_VOLUNTARY   0x02 /* RUNNING → x: counted in nvcsw. Neither: no switch of its own (loss, leave) */
#define ROTA_TRANSITION_IOWAIT      0x04 /* → BLOCKED with in_iowait set */
#define ROTA_TRANSITION_SWITCH_IN   0x08 /* → RUNNING by a switch seen (not by a snapshot or after a loss) */
#define ROTA_TRANSITION_BORN        0x10 /* NONE → x: a new thread, not one that was there or joined */
#define ROTA_TRANSITION_DIED        0x20 /* x → NONE: its end, not a leave */

struct rota_thread_transition {
	const struct rota_thread *thread;
	uint64_t since_ns, ts_ns; /* `from` was held in [since_ns, ts_ns) */
	uint8_t from, to;         /* enum rota_state */
	uint8_t cause;            /* enum rota_cause of `to`, where that is RUNNABLE or THROTTLED */
	uint8_t flags;
	uint16_t cpu;            /* RUNNING, RUNNABLE, THROTTLED: the cpu of `to`; else the cpu it was on last */
	uint16_t raw_state;      /* → BLOCKED, STOPPED: the kernel's task state bits, low 16 */
	uint32_t reason;         /* → BLOCKED: ROTA_REASON_* (rota/record.h); 0: not told */
	uint64_t argument;       /* → BLOCKED in a futex call: the address waited on; else 0 */
	struct rota_waker waker; /* BLOCKED/STOPPED → RUNNABLE */
};

enum rota_occupancy {                       /* who is on a cpu */
		      ROTA_CPU_UNKNOWN = 0, /* lost, or not seen yet */
		      ROTA_CPU_TARGET,
		      ROTA_CPU_OTHER, /* a stranger, named by `thread` */
		      ROTA_CPU_IDLE,
		      ROTA_CPU_AWAY, /* nobody of T; who, was not recorded because nobody of T waited there or ran on a sibling */
		      ROTA_CPU_OFFLINE,
		      ROTA_OCCUPANCIES
};

struct rota_cpu_transition {
	uint64_t since_ns, ts_ns;
	uint32_t cpu;
	uint8_t from, to; /* enum rota_occupancy; equal where one stranger (or one of T) follows another */
	const struct rota_thread *from_thread,
		*thread; /* TARGET and OTHER: who; NULL else, and for a stranger of unknown name */
};

/* A queued thread moved to another cpu's queue: no change of state, but it waits for somebody else from now on. */
struct rota_queue_move {
	const struct rota_thread *thread;
	uint64_t ts_ns;
	uint16_t from_cpu, cpu;
};

/* Between two snapshots of one cpu with no loss between: how its time was shared, by the kernel side's own counters. */
struct rota_cpu_share {
	uint32_t cpu;
	uint64_t since_ns, ts_ns;
	uint64_t target_ns, other_ns, idle_ns; /* sum = ts_ns - since_ns, but for the nanoseconds a snapshot takes */
};

#endif
