/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: a summary. Goes out: the columns of its tables of Go programs, and of what their goroutines do (--go-scan). What
 * is not known of a program whose threads alone were followed is empty.
 */
#include "view/column_tables.h"
#include "view/goroutine.h"
#include "view/label.h"

#include "base/histogram.h"

#include <stdio.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void runtime_name(const struct rota_summary *summary, const void *untyped, struct column_value *value)
{
	const struct rota_runtime *row = untyped;

	(void)summary;
	value->known = true;
	label_thread(value->text, row->name, row->tgid);
}

static void runtime_version(const struct rota_summary *summary, const void *untyped, struct column_value *value)
{
	const struct rota_runtime *row = untyped;

	(void)summary;
	value->known = row->version[0] != 0;
	snprintf(value->text, sizeof(value->text), "%.*s", (int)sizeof(row->version), row->version);
}

static void runtime_setter(const struct rota_summary *summary, const void *untyped, struct column_value *value)
{
	const struct rota_runtime *row = untyped;

	(void)summary;
	value->shared = label_setter(row->setter);
	value->known = value->shared[0] != 0;
}

static void runtime_tier(const struct rota_summary *summary, const void *untyped, struct column_value *value)
{
	const struct rota_runtime *row = untyped;

	(void)summary;
	value->shared = label_tier(row->tier);
	value->known = value->shared[0] != 0;
}

static void runtime_note(const struct rota_summary *summary, const void *untyped, struct column_value *value)
{
	const struct rota_runtime *row = untyped;

	(void)summary;
	value->known = row->note[0] != 0;
	snprintf(value->text, sizeof(value->text), "%.*s", (int)sizeof(row->note), row->note);
}

/* Of the running time of all that is followed, Go or not. */
static uint64_t all_running_ns(const struct rota_summary *summary)
{
	uint64_t ns = 0;

	for (uint32_t i = 0; i < summary->thread_count; i++)
		ns += summary->threads[i].state_ns[ROTA_RUNNING];
	return ns;
}

#define NUMBER(function, known_if, expression) COLUMN_GET_NUMBER(function, struct rota_runtime, known_if, expression)
#define LOOKED(function, member)               COLUMN_GET_REAL(function, struct rota_runtime, row->member.looks > 0, row->member.mean)
#define FOLLOWED                               goroutine_followed(row)

COLUMN_GET_SHARE(runtime_share, struct rota_runtime, row->running_ns, all_running_ns(summary))
COLUMN_GET_SHARE(runtime_followed, struct rota_runtime, row->known_ns, column_window_ns(summary))
NUMBER(runtime_tgid, true, row->tgid)
NUMBER(runtime_running, true, row->running_ns)
NUMBER(runtime_gomaxprocs, row->gomaxprocs > 0, row->gomaxprocs)
NUMBER(runtime_first, row->gomaxprocs_first > 0, row->gomaxprocs_first)
LOOKED(runtime_in_progress, in_progress)
LOOKED(runtime_demand, demand)
LOOKED(runtime_running_mean, running)
LOOKED(runtime_busy, p_busy)
LOOKED(runtime_threads, m_count)
LOOKED(runtime_spinning, m_spinning)
NUMBER(runtime_waiting, FOLLOWED, row->held_runnable_ns)
NUMBER(runtime_throttled, FOLLOWED, row->held_throttled_ns)
NUMBER(runtime_hand_offs, FOLLOWED, row->hand_offs)
NUMBER(runtime_syscalls, FOLLOWED, row->syscall_ns)
NUMBER(runtime_c, FOLLOWED, row->cgo_ns)
NUMBER(runtime_locked, FOLLOWED, row->locked_ns)
NUMBER(runtime_gc, row->gc_known, row->gc_ns)
NUMBER(runtime_cycles, row->gc_totals_known, row->gc_cycles)
NUMBER(runtime_assist, row->gc_totals_known, row->gc_assist_ns)
NUMBER(runtime_mutex, row->totals_known, row->mutex_wait_ns)
NUMBER(runtime_p50, row->latency.count > 0, histogram_quantile_ns(&row->latency, 0.50))
NUMBER(runtime_p99, row->latency.count > 0, histogram_quantile_ns(&row->latency, 0.99))
NUMBER(runtime_max, row->latency.count > 0, row->latency.max_ns)

static const struct column runtime_columns[] = {
	TEXT("name", "Go program", "name", 24, 0, runtime_name, "the process"),
	COLUMN(COLUMN_ID, "tgid", "", "tgid", 7, COLUMN_CSV_ONLY, false, false, runtime_tgid, ""),
	TEXT("version", "version", "version", 20, 2, runtime_version, "the Go that it was built with"),
	TIME("running", "running", "running_seconds", 0, runtime_running, "its threads' time on cpus"),
	SHARE("share", "of all", "running_fraction", 0, runtime_share, "that as part of all that was followed"),
	COLUMN(COLUMN_COUNT, "gomaxprocs", "GOMAXPROCS", "gomaxprocs", 10, 0, false, false, runtime_gomaxprocs,
	       "how many threads may run Go code at once: the number of its Ps, at the end"),
	TALLY("first", "", "gomaxprocs_first", COLUMN_CSV_ONLY, runtime_first, ""),
	TEXT("set-by", "set by", "gomaxprocs_set_by", 11, 3, runtime_setter,
	     "who chose that number: the runtime by default, the environment, or the program by a call"),
	MEAN("goroutines", "goroutines", "goroutines_in_progress_mean", 1, runtime_in_progress,
	     "goroutines in progress on average, the runtime's own left out"),
	MEAN("want", "want", "goroutines_demand_mean", 1, runtime_demand, "of these, how many wanted to run"),
	MEAN("run", "run", "goroutines_running_mean", 6, runtime_running_mean, "of these, how many ran"),
	MEAN("busy", "P busy", "p_busy_mean", 1, runtime_busy, "how many Ps were at work on average"),
	TIME("waiting", "waiting", "held_runqueue_seconds", 4, runtime_waiting,
	     "a P was busy, but its thread waited for a cpu; added up over Ps"),
	RARE("throttled", "throttled", "held_throttled_seconds", 4, runtime_throttled,
	     "the same, because the control group had spent its quota"),
	TALLY("hand-offs", "hand-offs", "hand_offs", 7, runtime_hand_offs,
	      "a P went to another thread because its own sat in a system call"),
	TIME("syscalls", "in calls", "syscall_seconds", 8, runtime_syscalls,
	     "threads asleep in a system call with a goroutine"),
	RARE("c", "in C", "cgo_seconds", 8, runtime_c, "threads asleep in C code that Go called"),
	RARE("locked", "locked", "locked_seconds", 10, runtime_locked, "threads that belong to one goroutine"),
	MEAN("threads", "Ms", "threads_mean", 9, runtime_threads, "threads that Go had on average"),
	MEAN("spinning", "spinning", "spinning_mean", 11, runtime_spinning, "of these, how many looked for work"),
	TIME("gc", "GC", "gc_seconds", 7, runtime_gc, "time in which it collected garbage, beside its work"),
	TALLY("gc-cycles", "GC cycles", "gc_cycles", 12, runtime_cycles, "how often it did"),
	TIME("gc-assist", "assist", "gc_assist_seconds", 13, runtime_assist,
	     "time goroutines had to help with that instead of working"),
	TIME("mutex-wait", "mutex", "mutex_wait_seconds", 7, runtime_mutex, "goroutines' waits for sync mutexes"),
	TIME("p50", "p50 <", "latency_p50_seconds", 12, runtime_p50,
	     "half of the goroutines that could run began to sooner"),
	TIME("p99", "p99 <", "latency_p99_seconds", 8, runtime_p99, "99 of 100 of them did"),
	TIME("max", "max <", "latency_max_seconds", 12, runtime_max, "all of them did"),
	SHARE("followed", "followed", "known_fraction", 14, runtime_followed,
	      "the part of the time in which its goroutines could be seen"),
	TEXT("found-by", "", "found_by", 8, COLUMN_CSV_ONLY, runtime_tier, ""),
	TEXT("note", "note", "note", 60, 15, runtime_note, "what is not known of it, and why"),
};

/* --- what goroutines do --------------------------------------------------------------------------------------------- */

static void wait_state(const struct rota_summary *summary, const void *untyped, struct column_value *value)
{
	const struct rota_go_population *row = untyped;

	(void)summary;
	value->known = true;
	value->shared = label_go_status(row->status);
}

static void wait_reason(const struct rota_summary *summary, const void *untyped, struct column_value *value)
{
	const struct rota_go_population *row = untyped;

	(void)summary;
	value->known = row->reason && row->reason[0];
	value->shared = row->reason;
}

static void wait_process(const struct rota_summary *summary, const void *untyped, struct column_value *value)
{
	const struct rota_go_population *row = untyped;

	value->known = true;
	label_process(value->text, summary, row->tgid);
}

static uint64_t population_of(const struct rota_summary *summary, uint32_t tgid)
{
	uint64_t total = 0;

	for (uint32_t i = 0; i < summary->go.population_count; i++)
		if (summary->go.populations[i].tgid == tgid)
			total += summary->go.populations[i].count;
	return total;
}

COLUMN_GET_NUMBER(wait_tgid, struct rota_go_population, true, row->tgid)
COLUMN_GET_NUMBER(wait_count, struct rota_go_population, true, row->count)
COLUMN_GET_SHARE(wait_share, struct rota_go_population, row->count, population_of(summary, row->tgid))

static const struct column wait_columns[] = {
	TALLY("count", "goroutines", "count", 0, wait_count,
	      "how many there were at the last look, the runtime's own too"),
	SHARE("share", "share", "fraction", 1, wait_share, "the part of all of that program"),
	TEXT("state", "state", "state", 12, 0, wait_state, "what they did"),
	TEXT("reason", "for", "reason", 40, 0, wait_reason, "what those that wait wait for, in Go's own words"),
	COLUMN(COLUMN_ID, "tgid", "", "tgid", 7, COLUMN_CSV_ONLY, false, false, wait_tgid, ""),
	{.name = "process",
											  .header = "process",
											  .csv = "process",
											  .unit = COLUMN_NAME,
											  .width = 22,
											  .rank = 2,
											  .left = true,
											  .varies = true,
											  .get = wait_process,
											  .explanation = "the Go program that they belong to"},
};

static uint32_t runtime_rows(const struct rota_summary *summary)
{
	return summary->go.runtime_count;
}

static const void *runtime_row(const struct rota_summary *summary, uint32_t index)
{
	return &summary->go.runtimes[index];
}

static uint32_t wait_rows(const struct rota_summary *summary)
{
	return summary->go.population_count;
}

static const void *wait_row(const struct rota_summary *summary, uint32_t index)
{
	return &summary->go.populations[index];
}

const struct column_table table_runtimes = {
	.title = "Go programs",
	.row_count = runtime_rows,
	.row = runtime_row,
	.columns = runtime_columns,
	.column_count = COUNT(runtime_columns),
	.none = "no Go program was seen among what was followed",
};
const struct column_table table_go_waits = {
	.title = "kinds",
	.row_count = wait_rows,
	.row = wait_row,
	.columns = wait_columns,
	.column_count = COUNT(wait_columns),
	.none = "nothing is known of what goroutines wait for: --go-scan of stat and record looks at each of them",
};
