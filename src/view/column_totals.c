/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: a summary. Goes out: its totals as one row (CSV's overview), and the columns of the longest waits. A mean over
 * no time, and what there is no measurement of, is unknown.
 */
#include "view/column_tables.h"
#include "view/label.h"

#include "base/histogram.h"

#include <stdio.h>

static uint64_t threads_seen(const struct rota_summary *summary)
{
	uint64_t total = 0;

	for (uint32_t i = 0; i < summary->thread_count; i++)
		total += summary->threads[i].folded ? summary->threads[i].folded : 1;
	return total;
}

static bool level_known(const struct rota_summary *summary, const struct rota_levels *levels)
{
	return column_window_ns(summary) > levels->unknown_ns;
}

#define LEVEL_GETTERS(prefix, member)                                                                                  \
	COLUMN_GET_REAL(prefix##_mean, struct rota_summary, level_known(row, &row->member), row->member.mean)          \
	COLUMN_GET_REAL(prefix##_active, struct rota_summary, row->member.active_ns, row->member.mean_active)          \
	COLUMN_GET_NUMBER(prefix##_max, struct rota_summary, level_known(row, &row->member), row->member.max)          \
	COLUMN_GET_NUMBER(prefix##_active_ns, struct rota_summary, true, row->member.active_ns)                        \
	COLUMN_GET_NUMBER(prefix##_unknown_ns, struct rota_summary, true, row->member.unknown_ns)
#define LEVEL_COLUMNS(prefix, name)                                                                                    \
	TOTAL_MEAN(name "_mean", prefix##_mean), TOTAL_MEAN(name "_mean_active", prefix##_active),                     \
		TOTAL_COUNT(name "_max", prefix##_max), TOTAL_TIME(name "_active_seconds", prefix##_active_ns),        \
		TOTAL_TIME(name "_unknown_seconds", prefix##_unknown_ns)
#define TOTAL_MEAN(name, get)                  MEAN(name, name, name, 0, get, "")
#define TOTAL_COUNT(name, get)                 TALLY(name, name, name, 0, get, "")
#define TOTAL_TIME(name, get)                  TIME(name, name, name, 0, get, "")
#define NUMBER(function, known_if, expression) COLUMN_GET_NUMBER(function, struct rota_summary, known_if, expression)
#define QUANTILE(function, fraction)                                                                                   \
	NUMBER(function, row->runqueue.histogram.count, histogram_quantile_ns(&row->runqueue.histogram, fraction))

LEVEL_GETTERS(in_progress, in_progress)
LEVEL_GETTERS(demand, demand)
LEVEL_GETTERS(parallelism, parallelism)
LEVEL_GETTERS(cores, core_parallelism)
LEVEL_GETTERS(llcs, llc_parallelism)
LEVEL_GETTERS(packages, package_parallelism)
NUMBER(window, true, column_window_ns(row))
COLUMN_GET_REAL(coverage, struct rota_summary, true, row->coverage)
NUMBER(lost, true, row->lost_records)
NUMBER(damaged, true, row->damaged_blocks)
NUMBER(incomplete, true, row->incomplete)
NUMBER(unknown, true, row->unknown_ns)
NUMBER(threads, true, threads_seen(row))
NUMBER(processes, true, row->process_count)
NUMBER(smt_idle, row->smt_present, row->smt.idle_ns)
NUMBER(smt_ours, row->smt_present, row->smt.ours_ns)
NUMBER(smt_others, row->smt_present, row->smt.others_ns)
NUMBER(smt_unknown, row->smt_present, row->smt.unknown_ns)
NUMBER(waiting, true, row->runqueue.ns)
NUMBER(waits, true, row->runqueue.count)
NUMBER(waits_cut, true, row->runqueue.cut_count)
QUANTILE(p50, 0.50)
QUANTILE(p90, 0.90)
QUANTILE(p99, 0.99)
NUMBER(longest, row->runqueue.histogram.count, row->runqueue.histogram.max_ns)
NUMBER(throttled, true, row->throttled_ns)
NUMBER(blocked_lock, true, row->class_ns[ROTA_BLOCKED_LOCK])
NUMBER(blocked_network, true, row->class_ns[ROTA_BLOCKED_NETWORK])
NUMBER(blocked_disk, true, row->class_ns[ROTA_BLOCKED_DISK])
NUMBER(blocked_sleep, true, row->class_ns[ROTA_BLOCKED_SLEEP])
NUMBER(blocked_poll, true, row->class_ns[ROTA_BLOCKED_POLL])
NUMBER(blocked_pipe, true, row->class_ns[ROTA_BLOCKED_PIPE])
NUMBER(blocked_wait, true, row->class_ns[ROTA_BLOCKED_WAIT])
NUMBER(blocked_page_fault, true, row->class_ns[ROTA_BLOCKED_PAGE_FAULT])
NUMBER(blocked_worker, true, row->class_ns[ROTA_BLOCKED_WORKER])
NUMBER(blocked_exiting, true, row->class_ns[ROTA_BLOCKED_EXITING])
NUMBER(blocked_other, true, row->class_ns[ROTA_BLOCKED_OTHER])
NUMBER(blocked_unknown, true, row->class_ns[ROTA_BLOCKED_UNKNOWN])
NUMBER(voluntary, true, row->voluntary)
NUMBER(involuntary, true, row->involuntary)
NUMBER(switch_ins, true, row->switch_ins)
NUMBER(same_core, true, row->migrations[ROTA_SAME_CORE])
NUMBER(same_llc, true, row->migrations[ROTA_SAME_LLC])
NUMBER(same_node, true, row->migrations[ROTA_SAME_NODE])
NUMBER(same_package, true, row->migrations[ROTA_SAME_PACKAGE])
NUMBER(other_package, true, row->migrations[ROTA_OTHER_PACKAGE])
NUMBER(cost_bpf, row->overhead_bpf_known, row->overhead_bpf_ns)
NUMBER(cost_user, true, row->overhead_user_ns)

#define LOOKED_MEAN(function, member)                                                                                  \
	COLUMN_GET_REAL(function, struct rota_summary, row->go.member.looks > 0, row->go.member.mean)
#define GO_NUMBER(function, expression) NUMBER(function, row->go.runtime_count > 0, expression)

LOOKED_MEAN(goroutines_mean, in_progress)
LOOKED_MEAN(goroutines_want, demand)
LOOKED_MEAN(goroutines_run, running)
LOOKED_MEAN(gomaxprocs_mean, gomaxprocs)
LOOKED_MEAN(busy_mean, p_busy)
NUMBER(goroutines_max, row->go.in_progress.looks > 0, row->go.in_progress.max)
GO_NUMBER(go_programs, row->go.runtime_count)
GO_NUMBER(held_waiting, row->go.held_runnable_ns)
GO_NUMBER(held_throttled, row->go.held_throttled_ns)
GO_NUMBER(hand_offs, row->go.hand_offs)

static const struct column total_columns[] = {
	TOTAL_TIME("window_seconds", window),
	TOTAL_MEAN("coverage_fraction", coverage),
	TOTAL_COUNT("lost_records", lost),
	TOTAL_COUNT("damaged_blocks", damaged),
	TOTAL_COUNT("incomplete", incomplete),
	TOTAL_TIME("unknown_seconds", unknown),
	TOTAL_COUNT("threads", threads),
	TOTAL_COUNT("processes", processes),
	LEVEL_COLUMNS(in_progress, "in_progress"),
	LEVEL_COLUMNS(demand, "demand"),
	LEVEL_COLUMNS(parallelism, "parallelism"),
	LEVEL_COLUMNS(cores, "core_parallelism"),
	LEVEL_COLUMNS(llcs, "llc_parallelism"),
	LEVEL_COLUMNS(packages, "package_parallelism"),
	TOTAL_TIME("sibling_idle_seconds", smt_idle),
	TOTAL_TIME("sibling_ours_seconds", smt_ours),
	TOTAL_TIME("sibling_others_seconds", smt_others),
	TOTAL_TIME("smt_unknown_seconds", smt_unknown),
	TOTAL_TIME("runqueue_seconds", waiting),
	TOTAL_COUNT("runqueue_count", waits),
	TOTAL_COUNT("runqueue_cut", waits_cut),
	TOTAL_TIME("runqueue_p50_seconds", p50),
	TOTAL_TIME("runqueue_p90_seconds", p90),
	TOTAL_TIME("runqueue_p99_seconds", p99),
	TOTAL_TIME("runqueue_max_seconds", longest),
	TOTAL_TIME("throttled_seconds", throttled),
	TOTAL_TIME("blocked_lock_seconds", blocked_lock),
	TOTAL_TIME("blocked_network_seconds", blocked_network),
	TOTAL_TIME("blocked_disk_seconds", blocked_disk),
	TOTAL_TIME("blocked_sleep_seconds", blocked_sleep),
	TOTAL_TIME("blocked_poll_seconds", blocked_poll),
	TOTAL_TIME("blocked_pipe_seconds", blocked_pipe),
	TOTAL_TIME("blocked_wait_seconds", blocked_wait),
	TOTAL_TIME("blocked_page_fault_seconds", blocked_page_fault),
	TOTAL_TIME("blocked_worker_seconds", blocked_worker),
	TOTAL_TIME("blocked_exiting_seconds", blocked_exiting),
	TOTAL_TIME("blocked_other_seconds", blocked_other),
	TOTAL_TIME("blocked_unknown_seconds", blocked_unknown),
	TOTAL_COUNT("voluntary", voluntary),
	TOTAL_COUNT("involuntary", involuntary),
	TOTAL_COUNT("switch_ins", switch_ins),
	TOTAL_COUNT("migrations_same_core", same_core),
	TOTAL_COUNT("migrations_same_llc", same_llc),
	TOTAL_COUNT("migrations_same_node", same_node),
	TOTAL_COUNT("migrations_same_package", same_package),
	TOTAL_COUNT("migrations_other_package", other_package),
	TOTAL_COUNT("go_programs", go_programs),
	TOTAL_MEAN("goroutines_in_progress_mean", goroutines_mean),
	TOTAL_COUNT("goroutines_in_progress_max", goroutines_max),
	TOTAL_MEAN("goroutines_demand_mean", goroutines_want),
	TOTAL_MEAN("goroutines_running_mean", goroutines_run),
	TOTAL_MEAN("gomaxprocs_mean", gomaxprocs_mean),
	TOTAL_MEAN("p_busy_mean", busy_mean),
	TOTAL_TIME("p_held_runqueue_seconds", held_waiting),
	TOTAL_TIME("p_held_throttled_seconds", held_throttled),
	TOTAL_COUNT("hand_offs", hand_offs),
	TOTAL_TIME("overhead_bpf_seconds", cost_bpf),
	TOTAL_TIME("overhead_user_seconds", cost_user),
};

static uint32_t one_row(const struct rota_summary *summary)
{
	return 1;
}

static const void *summary_itself(const struct rota_summary *summary, uint32_t index)
{
	return summary;
}

static void wait_length(const struct rota_summary *summary, const void *untyped, struct column_value *value)
{
	const struct rota_wait *row = untyped;
	struct column_value length = { .known = true, .number = row->ns };
	static const struct column time = { .unit = COLUMN_TIME };
	char text[LABEL_SIZE];

	value->known = true;
	snprintf(value->text, sizeof(value->text), "%s%s", row->cut ? "≥ " : "",
		 column_format(&time, &length, text, sizeof(text)));
}

static void wait_at(const struct rota_summary *summary, const void *untyped, struct column_value *value)
{
	const struct rota_wait *row = untyped;
	uint64_t milliseconds = row->at_ns / 1000000U;

	value->known = true;
	snprintf(value->text, sizeof(value->text), "%llu.%03llu", (unsigned long long)(milliseconds / 1000),
		 (unsigned long long)(milliseconds % 1000));
}

static void wait_thread(const struct rota_summary *summary, const void *untyped, struct column_value *value)
{
	const struct rota_wait *row = untyped;

	value->known = true;
	label_thread(value->text, row->thread, row->tid);
}

static void wait_cause(const struct rota_summary *summary, const void *untyped, struct column_value *value)
{
	const struct rota_wait *row = untyped;

	value->known = true;
	snprintf(value->text, sizeof(value->text), "%s", label_cause_of(row->state, row->cause));
}

static void wait_instead(const struct rota_summary *summary, const void *untyped, struct column_value *value)
{
	const struct rota_wait *row = untyped;
	char name[LABEL_SIZE];

	value->known = row->instead_known;
	if (!row->instead_known)
		return;
	if (row->instead_tid)
		snprintf(value->text, sizeof(value->text), "%s%s", label_thread(name, row->instead, row->instead_tid),
			 row->instead_ours ? " (ours)" : "");
	else
		snprintf(value->text, sizeof(value->text), "nobody");
}

static void wait_waker(const struct rota_summary *summary, const void *untyped, struct column_value *value)
{
	const struct rota_wait *row = untyped;

	value->known = row->waker.known;
	if (!row->waker.known)
		return;
	if (row->waker.interrupt)
		snprintf(value->text, sizeof(value->text), "an interrupt");
	else
		label_thread(value->text, row->waker_name, row->waker.tid);
}

COLUMN_GET_NUMBER(wait_cpu, struct rota_wait, true, row->cpu)

static uint32_t wait_count(const struct rota_summary *summary)
{
	return summary->wait_count;
}

static const void *wait_row(const struct rota_summary *summary, uint32_t index)
{
	return &summary->longest_waits[index];
}

static const struct column wait_columns[] = {
	RIGHT_TEXT("wait", "longest waits", "", 14, 0, wait_length,
		   "how long it waited for a cpu; ≥: the wait began before or ended after what was watched"),
	RIGHT_TEXT("at", "at +s", "", 8, 0, wait_at, "when the wait began, in seconds from the start"),
	TEXT("thread", "thread", "", 20, 0, wait_thread, "who waited"),
	TEXT("cause", "cause", "", 9, 0, wait_cause, "why it was in the queue"),
	TEXT("instead", "instead", "", 24, 0, wait_instead, "who ran longest on that hardware thread meanwhile"),
	ID("cpu", "cpu", "", 2, wait_cpu, "the hardware thread it waited for"),
	TEXT("waker", "woken by", "", 20, 1, wait_waker, "who had asked for it to run"),
};

const struct column_table table_totals = COLUMN_TABLE("totals", one_row, summary_itself, total_columns);
const struct column_table table_waits = COLUMN_TABLE("longest waits", wait_count, wait_row, wait_columns);
