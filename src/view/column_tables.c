/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: a summary. Goes out: the columns of its tables of threads and processes. Computes nothing that the summary
 * does not hold, but sums and shares.
 */
#include "view/column_tables.h"
#include "view/label.h"

#include <inttypes.h>
#include <stdio.h>

static uint64_t sum(const uint64_t *values, uint32_t count)
{
	uint64_t total = 0;

	for (uint32_t i = 0; i < count; i++)
		total += values[i];
	return total;
}

/* What a thread and a process have in common. */
#define COMMON_GETTERS(prefix, TYPE)                                                                                   \
	COLUMN_GET_NUMBER(prefix##_tgid, TYPE, row->tgid, row->tgid)                                                   \
	COLUMN_GET_NUMBER(prefix##_running, TYPE, true, row->state_ns[ROTA_RUNNING])                                   \
	COLUMN_GET_SHARE(prefix##_share, TYPE, row->state_ns[ROTA_RUNNING], column_window_ns(summary))                 \
	COLUMN_GET_NUMBER(prefix##_waiting, TYPE, true, row->state_ns[ROTA_RUNNABLE])                                  \
	COLUMN_GET_NUMBER(prefix##_throttled, TYPE, true, row->state_ns[ROTA_THROTTLED])                               \
	COLUMN_GET_NUMBER(prefix##_blocked, TYPE, true, row->state_ns[ROTA_BLOCKED])                                   \
	COLUMN_GET_NUMBER(prefix##_stopped, TYPE, true, row->state_ns[ROTA_STOPPED])                                   \
	COLUMN_GET_NUMBER(prefix##_unknown, TYPE, true, row->state_ns[ROTA_UNKNOWN])                                   \
	COLUMN_GET_NUMBER(prefix##_lifetime, TYPE, true, row->lifetime_ns)                                             \
	COLUMN_GET_SHARE(prefix##_held_up, TYPE, row->criticality_ns, summary->parallelism.active_ns)                  \
	COLUMN_GET_NUMBER(prefix##_criticality, TYPE, true, row->criticality_ns)                                       \
	COLUMN_GET_NUMBER(prefix##_smt_idle, TYPE, summary->smt_present, row->smt.idle_ns)                             \
	COLUMN_GET_NUMBER(prefix##_smt_ours, TYPE, summary->smt_present, row->smt.ours_ns)                             \
	COLUMN_GET_NUMBER(prefix##_smt_others, TYPE, summary->smt_present, row->smt.others_ns)                         \
	COLUMN_GET_NUMBER(prefix##_smt_unknown, TYPE, summary->smt_present, row->smt.unknown_ns)                       \
	COLUMN_GET_NUMBER(prefix##_voluntary, TYPE, true, row->voluntary)                                              \
	COLUMN_GET_NUMBER(prefix##_involuntary, TYPE, true, row->involuntary)                                          \
	COLUMN_GET_NUMBER(prefix##_migrations, TYPE, true, sum(row->migrations, ROTA_DISTANCES))                       \
	COLUMN_GET_NUMBER(prefix##_same_core, TYPE, true, row->migrations[ROTA_SAME_CORE])                             \
	COLUMN_GET_NUMBER(prefix##_same_llc, TYPE, true, row->migrations[ROTA_SAME_LLC])                               \
	COLUMN_GET_NUMBER(prefix##_same_node, TYPE, true, row->migrations[ROTA_SAME_NODE])                             \
	COLUMN_GET_NUMBER(prefix##_same_package, TYPE, true, row->migrations[ROTA_SAME_PACKAGE])                       \
	COLUMN_GET_NUMBER(prefix##_other_package, TYPE, true, row->migrations[ROTA_OTHER_PACKAGE])

COMMON_GETTERS(thread, struct rota_thread_summary)
COMMON_GETTERS(process, struct rota_process_summary)

static void thread_name(const struct rota_summary *summary, const void *untyped, struct column_value *value)
{
	const struct rota_thread_summary *row = untyped;
	char name[LABEL_SIZE];

	value->known = true;
	label_name(name, row->name);
	if (row->folded)
		snprintf(value->text, sizeof(value->text), "%s (%" PRIu32 " ended)", name, row->folded);
	else
		snprintf(value->text, sizeof(value->text), "%s", name);
}

COLUMN_GET_NUMBER(thread_tid, struct rota_thread_summary, !row->folded, row->tid)
COLUMN_GET_NUMBER(thread_switch_ins, struct rota_thread_summary, true, row->switch_ins)
COLUMN_GET_NUMBER(thread_waits, struct rota_thread_summary, true, row->runqueue.count)
COLUMN_GET_NUMBER(thread_longest, struct rota_thread_summary, row->runqueue.count, row->runqueue.histogram.max_ns)
COLUMN_GET_NUMBER(thread_cpus, struct rota_thread_summary, true, row->cpu_count)
COLUMN_GET_REAL(thread_beside, struct rota_thread_summary, row->state_ns[ROTA_RUNNING], row->mean_parallelism)
COLUMN_GET_NUMBER(thread_threads, struct rota_thread_summary, true, row->folded ? row->folded : 1)
COLUMN_GET_COMM(process_name, struct rota_process_summary, name)
COLUMN_GET_NUMBER(process_threads, struct rota_process_summary, true, row->thread_count)

#define RUNNING_COLUMNS(prefix)                                                                                        \
	TIME("running", "running", "running_seconds", 0, prefix##_running, "time on a hardware thread"),               \
		SHARE("share", "of a cpu", "running_fraction", 1, prefix##_share,                                      \
		      "running time as part of the whole; 100 % is one hardware thread kept busy"),                    \
		TIME("waiting", "waiting", "runqueue_seconds", 0, prefix##_waiting,                                    \
		     "could have run, but waited for a cpu"),                                                          \
		RARE("throttled", "throttled", "throttled_seconds", 2, prefix##_throttled,                             \
		     "stood still because the control group had spent its quota"),                                     \
		TIME("blocked", "blocked", "blocked_seconds", 2, prefix##_blocked,                                     \
		     "slept: waited for input, a lock, a timer, another thread"),                                      \
		RARE("stopped", "stopped", "stopped_seconds", 3, prefix##_stopped,                                     \
		     "held by a signal, a debugger or the freezer"),                                                   \
		RARE("unknown", "unknown", "unknown_seconds", 2, prefix##_unknown,                                     \
		     "not known, because records were lost or it was not seen yet"),                                   \
		TIME("lifetime", "lived", "lifetime_seconds", 9, prefix##_lifetime,                                    \
		     "how long it was watched; the states before this column sum to it"),                              \
		SHARE("held-up", "held up", "held_up_fraction", 3, prefix##_held_up,                                   \
		      "share of the running time it held up; time alone counts full, time beside others in parts"),    \
		TIME("criticality", "held up", "criticality_seconds", COLUMN_CSV_ONLY, prefix##_criticality, "")

#define SMT_COLUMNS(prefix)                                                                                            \
	TIME("sibling-idle", "sib idle", "sibling_idle_seconds", 6, prefix##_smt_idle,                                 \
	     "running time in which the other hardware thread of the core was idle"),                                  \
		TIME("sibling-ours", "sib ours", "sibling_ours_seconds", 6, prefix##_smt_ours,                         \
		     "running time in which it ran another of these threads"),                                         \
		TIME("sibling-others", "sib other", "sibling_others_seconds", 6, prefix##_smt_others,                  \
		     "running time in which it ran somebody else's thread"),                                           \
		TIME("sibling-unknown", "sib ?", "smt_unknown_seconds", COLUMN_CSV_ONLY, prefix##_smt_unknown, "")

#define SWITCH_COLUMNS(prefix)                                                                                         \
	TALLY("voluntary", "voluntary", "voluntary", 4, prefix##_voluntary,                                            \
	      "times it left the cpu to wait for something"),                                                          \
		TALLY("involuntary", "involunt.", "involuntary", 4, prefix##_involuntary,                              \
		      "times the kernel gave its cpu to another"),                                                     \
		TALLY("migrations", "moved", "migrations", 5, prefix##_migrations,                                     \
		      "times it went on on another hardware thread than before"),                                      \
		TALLY("same-core", "", "migrations_same_core", COLUMN_CSV_ONLY, prefix##_same_core, ""),               \
		TALLY("same-llc", "", "migrations_same_llc", COLUMN_CSV_ONLY, prefix##_same_llc, ""),                  \
		TALLY("same-node", "", "migrations_same_node", COLUMN_CSV_ONLY, prefix##_same_node, ""),               \
		TALLY("same-package", "", "migrations_same_package", COLUMN_CSV_ONLY, prefix##_same_package, ""),      \
		TALLY("other-package", "", "migrations_other_package", COLUMN_CSV_ONLY, prefix##_other_package, "")

/* The kind of blocking that took most of its blocked time, where it was told. */
static void thread_on(const struct rota_summary *summary, const void *untyped, struct column_value *value)
{
	const struct rota_thread_summary *row = untyped;

	(void)summary;
	value->known = row->blocked_count && row->blocked[0].blocked_class != ROTA_BLOCKED_UNKNOWN;
	if (value->known)
		label_blocked(value->text, &row->blocked[0]);
}

static const struct column thread_columns[] = {
	TEXT("name", "thread", "name", 16, 0, thread_name, "the thread's name"),
	ID("tid", "tid", "tid", 0, thread_tid, "the kernel's number for it"),
	ID("tgid", "process", "tgid", 9, thread_tgid, "the number of its process"),
	RUNNING_COLUMNS(thread),
	MEAN("beside", "at once", "mean_parallelism", 5, thread_beside,
	     "how many ran at once, itself included, while it ran"),
	TEXT("on", "mostly on", "blocked_on", 16, 3, thread_on,
	     "what most of its blocked time was for: the system call and the kind of file"),
	SMT_COLUMNS(thread),
	SWITCH_COLUMNS(thread),
	TALLY("switch-ins", "switch-in", "switch_ins", 11, thread_switch_ins, "times it was put on a hardware thread"),
	TALLY("waits", "waits", "runqueue_count", 11, thread_waits, "how often it waited for a cpu"),
	TIME("longest", "longest", "longest_wait_seconds", 7, thread_longest, "its longest wait for a cpu"),
	TALLY("cpus", "cpus", "cpus", 10, thread_cpus, "on how many hardware threads it ran"),
	TALLY("threads", "threads", "threads", COLUMN_CSV_ONLY, thread_threads, ""),
};

static const struct column process_columns[] = {
	TEXT("name", "process", "name", 16, 0, process_name, "the process's name"),
	ID("tgid", "tgid", "tgid", 0, process_tgid, "the kernel's number for it"),
	TALLY("threads", "threads", "threads", 1, process_threads, "its threads that were seen"),
	RUNNING_COLUMNS(process),
	SMT_COLUMNS(process),
	SWITCH_COLUMNS(process),
};

static uint32_t thread_count(const struct rota_summary *summary)
{
	return summary->thread_count;
}

static const void *thread_row(const struct rota_summary *summary, uint32_t index)
{
	return &summary->threads[index];
}

static uint32_t process_count(const struct rota_summary *summary)
{
	return summary->process_count;
}

static const void *process_row(const struct rota_summary *summary, uint32_t index)
{
	return &summary->processes[index];
}

const struct column_table table_threads = COLUMN_TABLE("threads", thread_count, thread_row, thread_columns);
const struct column_table table_processes = COLUMN_TABLE("processes", process_count, process_row, process_columns);
