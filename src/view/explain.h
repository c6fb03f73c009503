/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* --explain: one plain sentence for each kind of line of a report, for somebody who has just learned the words. */
#ifndef ROTA_VIEW_EXPLAIN_H
#define ROTA_VIEW_EXPLAIN_H

enum explain_key {
	EXPLAIN_HEADER,
	EXPLAIN_LIMIT,
	EXPLAIN_LIMIT_SECONDS,
	EXPLAIN_SENTENCE,
	EXPLAIN_LADDER,
	EXPLAIN_THREADS,
	EXPLAIN_ALLOWED_CPUS,
	EXPLAIN_QUOTA,
	EXPLAIN_HARDWARE_THREADS,
	EXPLAIN_CORES,
	EXPLAIN_L3,
	EXPLAIN_SOCKETS,
	EXPLAIN_LEVELS,
	EXPLAIN_SMT,
	EXPLAIN_NO_SMT,
	EXPLAIN_WAITING,
	EXPLAIN_WAIT_TIMES,
	EXPLAIN_CAUSES,
	EXPLAIN_WAITED_FOR,
	EXPLAIN_SWITCHES,
	EXPLAIN_MIGRATIONS,
	EXPLAIN_STOLEN,
	EXPLAIN_QUOTAS,
	EXPLAIN_AFFINITY,
	EXPLAIN_IDLE,
	EXPLAIN_LOSS,
	EXPLAIN_INCOMPLETE,
	EXPLAIN_COST,
	EXPLAIN_STRIP,
	EXPLAIN_BOTTLE,
	EXPLAIN_SERIAL,
	EXPLAIN_SYSCALLS,
	EXPLAIN_WAKEUPS,
	EXPLAIN_PREEMPTED,
	EXPLAIN_BLOCKED,
	EXPLAIN_KEYS
};

const char *explain_text(enum explain_key key);
/* The key for a rung of the ladder by its name in struct rota_rung; EXPLAIN_KEYS, whose text is empty, if unknown. */
enum explain_key explain_rung(const char *rung);

#endif
