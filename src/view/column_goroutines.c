/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: a summary. Goes out: the columns of its tables of goroutines, and of the functions that they began with. Those
 * of the program come first, then the runtime's own. A figure by samples is never shown without its error beside it.
 */
#include "view/column_tables.h"
#include "view/goroutine.h"
#include "view/label.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static uint64_t sum(const uint64_t *values, uint32_t count)
{
	uint64_t total = 0;

	for (uint32_t i = 0; i < count; i++)
		total += values[i];
	return total;
}

/* A share of the running time of its process: of what was measured where it was, else of what was sampled. */
static void set_share(const struct rota_summary *summary, uint32_t tgid, const struct rota_sampled *sampled, bool exact,
		      uint64_t exact_ns, struct column_value *value)
{
	uint64_t running_ns = goroutine_running_ns(summary, tgid);

	value->known = true;
	value->real = exact && running_ns ? (double)exact_ns / (double)running_ns : sampled->share;
	value->whole = 1;
}

static void set_process(const struct rota_summary *summary, uint32_t tgid, struct column_value *value)
{
	value->known = true;
	label_process(value->text, summary, tgid);
}

static void set_most(const uint64_t class_ns[ROTA_BLOCKED_CLASSES], struct column_value *value)
{
	unsigned int most = label_most_class(class_ns);

	value->known = most < ROTA_BLOCKED_CLASSES;
	if (value->known)
		snprintf(value->text, sizeof(value->text), "%s", label_blocked_class((uint8_t)most));
}

/* What a goroutine and a function have in common. */
#define COMMON_GETTERS(prefix, TYPE)                                                                                   \
	static void prefix##_share(const struct rota_summary *summary, const void *untyped,                            \
				   struct column_value *value)                                                         \
	{                                                                                                              \
		const TYPE *row = untyped;                                                                             \
                                                                                                                       \
		set_share(summary, row->tgid, &row->sampled, row->exact, row->exact_ns, value);                        \
	}                                                                                                              \
	static void prefix##_error(const struct rota_summary *summary, const void *untyped,                            \
				   struct column_value *value)                                                         \
	{                                                                                                              \
		const TYPE *row = untyped;                                                                             \
                                                                                                                       \
		value->known = true;                                                                                   \
		value->real = row->exact ? 0 : row->sampled.share_error;                                               \
		value->whole = 1;                                                                                      \
	}                                                                                                              \
	static void prefix##_process(const struct rota_summary *summary, const void *untyped,                          \
				     struct column_value *value)                                                       \
	{                                                                                                              \
		const TYPE *row = untyped;                                                                             \
                                                                                                                       \
		set_process(summary, row->tgid, value);                                                                \
	}                                                                                                              \
	static void prefix##_most(const struct rota_summary *summary, const void *untyped, struct column_value *value) \
	{                                                                                                              \
		const TYPE *row = untyped;                                                                             \
                                                                                                                       \
		set_most(row->class_ns, value);                                                                        \
	}                                                                                                              \
	COLUMN_GET_NUMBER(prefix##_tgid, TYPE, true, row->tgid)                                                        \
	COLUMN_GET_NUMBER(prefix##_cpu, TYPE, true, row->exact ? row->exact_ns : goroutine_ns(row->sampled.cpu_ns))    \
	COLUMN_GET_NUMBER(prefix##_cpu_error, TYPE, true, row->exact ? 0 : goroutine_ns(row->sampled.cpu_error_ns))    \
	COLUMN_GET_NUMBER(prefix##_exact, TYPE, true, row->exact)                                                      \
	COLUMN_GET_NUMBER(prefix##_samples, TYPE, true, row->sampled.samples)                                          \
	COLUMN_GET_NUMBER(prefix##_waiting, TYPE, true, row->runnable_ns)                                              \
	COLUMN_GET_NUMBER(prefix##_throttled, TYPE, true, row->throttled_ns)                                           \
	COLUMN_GET_NUMBER(prefix##_blocked, TYPE, true, sum(row->class_ns, ROTA_BLOCKED_CLASSES))                      \
	COLUMN_GET_NUMBER(prefix##_outs, TYPE, true, row->switch_outs)

COMMON_GETTERS(goroutine, struct rota_goroutine)
COMMON_GETTERS(function, struct rota_go_function)

#define COST_COLUMNS(prefix)                                                                                               \
	SHARE("share", "of cpu", "share_fraction", 0, prefix##_share,                                                      \
	      "the part of its process's time on cpus; by samples, unless --go-exact was given"),                          \
		SHARE("error", "give/take", "share_error_fraction", 0, prefix##_error,                                     \
		      "how far that may be off: half of the 95 % interval of the samples; 0 where every switch was seen"), \
		TIME("cpu", "cpu time", "cpu_seconds", 1, prefix##_cpu, "the same share as time on a cpu"),                \
		TIME("cpu-error", "give/take", "cpu_error_seconds", COLUMN_CSV_ONLY, prefix##_cpu_error, ""),              \
		TALLY("exact", "", "exact", COLUMN_CSV_ONLY, prefix##_exact, ""),                                          \
		TALLY("samples", "samples", "samples", 12, prefix##_samples,                                               \
		      "ticks of the sampling clock that met it")
#define WAIT_COLUMNS(prefix)                                                                                           \
	TIME("waiting", "waiting", "runqueue_seconds", 2, prefix##_waiting,                                            \
	     "it ran in Go's eyes, but its thread waited for a cpu"),                                                  \
		RARE("throttled", "throttled", "throttled_seconds", 3, prefix##_throttled,                             \
		     "the same, because the control group had spent its quota"),                                       \
		TIME("blocked", "blocked", "blocked_seconds", 5, prefix##_blocked,                                     \
		     "its thread slept with it: in system calls or in C code; waits inside of Go are not in it"),      \
		TEXT("mostly", "mostly", "blocked_mostly", 12, 5, prefix##_most, "what most of that was for"),         \
		TALLY("switch-outs", "left cpu", "switch_outs", 6, prefix##_outs,                                      \
		      "times its thread left a cpu with it")
#define PROCESS_COLUMNS(prefix)                                                                                        \
	COLUMN(COLUMN_ID, "tgid", "", "tgid", 7, COLUMN_CSV_ONLY, false, false, prefix##_tgid, ""),                    \
	{                                                                                                              \
		.name = "process", .header = "process", .csv = "process", .unit = COLUMN_NAME, .width = 22, .rank = 2, \
		.left = true, .varies = true, .get = prefix##_process,                                                 \
		.explanation = "the Go program that it belongs to"                                                     \
	}
#define NAME_COLUMN(key, head, csv_, getter, says)                                                                     \
	{                                                                                                              \
		.name = key, .header = head, .csv = csv_, .unit = COLUMN_NAME, .width = 40, .left = true,              \
		.tail = true, .get = getter, .explanation = says                                                       \
	}

static void goroutine_name(const struct rota_summary *summary, const void *untyped, struct column_value *value)
{
	(void)summary;
	value->known = true;
	value->shared = goroutine_label(value->text, sizeof(value->text), untyped);
}

static void goroutine_start(const struct rota_summary *summary, const void *untyped, struct column_value *value)
{
	const struct rota_goroutine *row = untyped;

	(void)summary;
	value->known = row->start && row->start[0];
	value->shared = row->start;
}

static void goroutine_whose(const struct rota_summary *summary, const void *untyped, struct column_value *value)
{
	(void)summary;
	value->known = true;
	value->shared = goroutine_kind(untyped);
}

COLUMN_GET_NUMBER(goroutine_goid, struct rota_goroutine, row->goid, row->goid)
COLUMN_GET_NUMBER(goroutine_folded, struct rota_goroutine, true, row->folded)
COLUMN_GET_NUMBER(goroutine_threads, struct rota_goroutine, true, row->thread_count)
COLUMN_GET_NUMBER(goroutine_cpus, struct rota_goroutine, true, row->cpu_count)
COLUMN_GET_NUMBER(goroutine_cores, struct rota_goroutine, true, row->core_count)

static const struct column goroutine_columns[] = {
	NAME_COLUMN("name", "began with", "name", goroutine_name,
		    "the function that it began with; (N of them): goroutines that are told together"),
	COLUMN(COLUMN_NAME, "function", "", "function", 0, COLUMN_CSV_ONLY, true, false, goroutine_start, ""),
	COLUMN(COLUMN_ID, "goid", "goroutine", "goid", 9, 0, false, false, goroutine_goid,
	       "its number in Go, as in a stack trace"),
	TEXT("kind", "whose", "kind", 9, 0, goroutine_whose,
	     "program: the program's; runtime: Go's own, such as garbage collection; scheduler: Go's code between two "
	     "goroutines; C: threads that Go does not know"),
	PROCESS_COLUMNS(goroutine),
	COST_COLUMNS(goroutine),
	COLUMN(COLUMN_COUNT, "threads", "Ms", "threads", 5, 3, false, false, goroutine_threads,
	       "OS threads that it was seen on"),
	COLUMN(COLUMN_COUNT, "cpus", "cpus", "cpus", 4, 3, false, false, goroutine_cpus,
	       "hardware threads that it was seen on"),
	COLUMN(COLUMN_COUNT, "cores", "cores", "cores", 5, 4, false, false, goroutine_cores,
	       "physical cores that it was seen on"),
	WAIT_COLUMNS(goroutine),
	TALLY("folded", "", "folded", COLUMN_CSV_ONLY, goroutine_folded, ""),
};

static void function_name(const struct rota_summary *summary, const void *untyped, struct column_value *value)
{
	const struct rota_go_function *row = untyped;

	(void)summary;
	value->known = true;
	value->shared = row->start && row->start[0] ? row->start : "(not known)";
}

static void function_whose(const struct rota_summary *summary, const void *untyped, struct column_value *value)
{
	const struct rota_go_function *row = untyped;

	(void)summary;
	value->known = true;
	value->shared = row->system ? "runtime" : "program";
}

COLUMN_GET_NUMBER(function_goroutines, struct rota_go_function, true, row->goroutines)

static const struct column function_columns[] = {
	NAME_COLUMN("name", "goroutines that began with", "function", function_name,
		    "the function of the go statement that made them"),
	TEXT("kind", "whose", "kind", 9, 0, function_whose,
	     "program: the program's; runtime: Go's own, such as garbage collection"),
	PROCESS_COLUMNS(function),
	TALLY("goroutines", "seen", "goroutines", 0, function_goroutines,
	      "how many of them were seen on a cpu, by samples and when threads switched"),
	COST_COLUMNS(function),
	WAIT_COLUMNS(function),
};

static uint32_t goroutine_rows(const struct rota_summary *summary)
{
	return summary->go.goroutine_count;
}

static const void *goroutine_row(const struct rota_summary *summary, uint32_t index)
{
	return &summary->go.goroutines[index];
}

static bool goroutine_after(const void *untyped)
{
	const struct rota_goroutine *row = untyped;

	return row->system || row->scheduler || row->foreign;
}

static uint32_t function_rows(const struct rota_summary *summary)
{
	return summary->go.function_count;
}

static const void *function_row(const struct rota_summary *summary, uint32_t index)
{
	return &summary->go.functions[index];
}

static bool function_after(const void *untyped)
{
	return ((const struct rota_go_function *)untyped)->system;
}

const struct column_table table_goroutines = {
	.title = "goroutines",
	.row_count = goroutine_rows,
	.row = goroutine_row,
	.columns = goroutine_columns,
	.column_count = COUNT(goroutine_columns),
	.none = "no goroutine was seen on a cpu",
	.after = goroutine_after,
};
const struct column_table table_go_functions = {
	.title = "functions",
	.row_count = function_rows,
	.row = function_row,
	.columns = function_columns,
	.column_count = COUNT(function_columns),
	.none = "no goroutine was seen on a cpu",
	.after = function_after,
};
