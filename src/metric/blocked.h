/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Why a thread is off the run queue. Comes in: what its switch-out told (ROTA_REASON_*, the raw task state, in_iowait). Goes
 * out: a kind, one word that is the same for equal reasons; and, when a summary is made, the system call, the file and the
 * class that it stands for. The classes are those of docs/blocked.md.
 */
#ifndef ROTA_METRIC_BLOCKED_H
#define ROTA_METRIC_BLOCKED_H

#include "rota/summary.h"

/* A kind: ROTA_REASON_*, and of what the reason leaves free these. Never 0. */
#define BLOCKED_KIND_UNINTERRUPTIBLE 0x00100000U
#define BLOCKED_KIND_IOWAIT          0x00200000U
#define BLOCKED_KIND_MERGED          0x00400000U /* kinds that found no place in a thread's table */
#define BLOCKED_KIND                 0x40000000U /* always set */
#define BLOCKED_REASON_BITS                                                                                            \
	(ROTA_REASON_SYSCALL_MASK | ROTA_REASON_FD_KIND_MASK | ROTA_REASON_COMPAT | ROTA_REASON_WORKER |               \
	 ROTA_REASON_EXITING | ROTA_REASON_TOLD)
_Static_assert(!(BLOCKED_REASON_BITS &
		 (BLOCKED_KIND_UNINTERRUPTIBLE | BLOCKED_KIND_IOWAIT | BLOCKED_KIND_MERGED | BLOCKED_KIND)),
	       "a kind's own bits are not those of a reason");

/* include/linux/sched.h: TASK_UNINTERRUPTIBLE (0x2 since 4.14) and TASK_RTLOCK_WAIT (0x1000 since 5.15, PREEMPT_RT only) */
#define BLOCKED_RAW_UNINTERRUPTIBLE 0x1002U

static inline uint32_t blocked_kind(const struct rota_thread_transition *transition)
{
	return (transition->reason & BLOCKED_REASON_BITS) | BLOCKED_KIND |
	       (transition->raw_state & BLOCKED_RAW_UNINTERRUPTIBLE ? BLOCKED_KIND_UNINTERRUPTIBLE : 0) |
	       (transition->flags & ROTA_TRANSITION_IOWAIT ? BLOCKED_KIND_IOWAIT : 0);
}

/* The kind under which it is added up: without what says nothing more once the rest is known. */
uint32_t blocked_kind_plain(uint32_t kind);
/* What the class of a call is decided by, looked up once a call. */
struct blocked_table {
	const char *machine; /* whose system call numbers they are (base/syscall.h); not owned */
	uint8_t groups[2][ROTA_REASON_SYSCALL_MASK + 1]; /* [compat][number]; 0: not looked up yet */
};
enum rota_blocked_class blocked_table_class(struct blocked_table *table, uint32_t kind);
/* All but ns and count. `machine`: whose system call numbers they are (base/syscall.h). */
void blocked_describe(uint32_t kind, const char *machine, struct rota_blocked *ret_blocked);

#endif
