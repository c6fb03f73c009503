/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: a summary. Goes out: the columns of its tables of system calls, by thread and in total, and of wakeups. Computes
 * nothing that the summary does not hold, but differences and means.
 */
#include "view/column_tables.h"
#include "view/label.h"

#include <stdio.h>
#include <string.h>

/* --- system calls -------------------------------------------------------------------------------------------------- */

static void call_name(const struct rota_summary *summary, const void *untyped, struct column_value *value)
{
	const struct rota_syscall *row = untyped;

	(void)summary;
	value->known = true;
	snprintf(value->text, sizeof(value->text), "%.*s%s", (int)sizeof(row->syscall), row->syscall,
		 row->compat ? " (32-bit)" : "");
}

static void call_thread(const struct rota_summary *summary, const void *untyped, struct column_value *value)
{
	const struct rota_syscall *row = untyped;

	(void)summary;
	value->known = true;
	if (row->tid)
		label_name(value->text, row->thread);
	else
		strcpy(value->text, "others");
}

COLUMN_GET_NUMBER(call_tid, struct rota_syscall, row->tid, row->tid)
COLUMN_GET_NUMBER(call_tgid, struct rota_syscall, row->tgid, row->tgid)
COLUMN_GET_NUMBER(call_count, struct rota_syscall, true, row->count)
COLUMN_GET_NUMBER(call_time, struct rota_syscall, true, row->ns)
COLUMN_GET_NUMBER(call_cpu, struct rota_syscall, true, row->cpu_ns)
COLUMN_GET_NUMBER(call_off, struct rota_syscall, true, row->ns - row->cpu_ns)
COLUMN_GET_NUMBER(call_p50, struct rota_syscall, row->p50_ns, row->p50_ns)
COLUMN_GET_NUMBER(call_p99, struct rota_syscall, row->p99_ns, row->p99_ns)
COLUMN_GET_NUMBER(call_max, struct rota_syscall, true, row->max_ns)

#define CALL_COLUMNS                                                                                                   \
	TEXT("syscall", "system call", "syscall", 24, 0, call_name, "what was asked of the kernel"),                   \
		TALLY("calls", "calls", "count", 0, call_count, "how often, counted as the calls return"),             \
		TIME("time", "time", "seconds", 0, call_time, "from entry to return, all calls added up"),             \
		TIME("cpu", "on a cpu", "cpu_seconds", 1, call_cpu,                                                    \
		     "the part of that in which the kernel worked for the caller"),                                    \
		TIME("off", "off cpu", "off_cpu_seconds", 5, call_off,                                                 \
		     "the part in which the caller slept or waited for a cpu"),                                        \
		TIME("p50", "p50", "p50_seconds", 2, call_p50, "half of the calls took no longer"),                    \
		TIME("p99", "p99", "p99_seconds", 3, call_p99, "99 of 100 calls took no longer"),                      \
		TIME("max", "max", "max_seconds", 4, call_max, "the longest")

static const struct column total_columns[] = { CALL_COLUMNS };

static const struct column call_columns[] = {
	TEXT("name", "thread", "name", 16, 0, call_thread, "who called"),
	ID("tid", "tid", "tid", 0, call_tid, "the kernel's number for the thread"),
	ID("tgid", "process", "tgid", 9, call_tgid, "the number of its process"),
	CALL_COLUMNS,
};

static uint32_t call_rows(const struct rota_summary *summary)
{
	return summary->syscall_count;
}

static const void *call_row(const struct rota_summary *summary, uint32_t index)
{
	return &summary->syscalls[index];
}

static uint32_t total_rows(const struct rota_summary *summary)
{
	return summary->syscall_total_count;
}

static const void *total_row(const struct rota_summary *summary, uint32_t index)
{
	return &summary->syscall_totals[index];
}

/* --- wakeups -------------------------------------------------------------------------------------------------------- */

static void wakeup_waker(const struct rota_summary *summary, const void *untyped, struct column_value *value)
{
	const struct rota_wakeups *row = untyped;

	(void)summary;
	value->known = true;
	if (row->interrupt)
		strcpy(value->text, "an interrupt");
	else if (row->wakee_tid)
		label_thread(value->text, row->waker, row->waker_tid);
	else
		label_name(value->text, row->waker); /* those that found no place: "others" */
}

static void wakeup_wakee(const struct rota_summary *summary, const void *untyped, struct column_value *value)
{
	const struct rota_wakeups *row = untyped;

	(void)summary;
	value->known = true;
	if (row->wakee_tid)
		label_thread(value->text, row->wakee, row->wakee_tid);
	else
		label_name(value->text, row->wakee);
}

COLUMN_GET_NUMBER(wakeup_waker_tid, struct rota_wakeups, !row->interrupt && row->wakee_tid, row->waker_tid)
COLUMN_GET_NUMBER(wakeup_wakee_tid, struct rota_wakeups, row->wakee_tid, row->wakee_tid)
COLUMN_GET_NUMBER(wakeup_count, struct rota_wakeups, true, row->count)
COLUMN_GET_NUMBER(wakeup_delay, struct rota_wakeups, true, row->delay_ns)
COLUMN_GET_NUMBER(wakeup_mean, struct rota_wakeups, row->count, row->delay_ns / row->count)

static const struct column wakeup_columns[] = {
	TALLY("wakeups", "wakeups", "count", 0, wakeup_count, "how often one made the other runnable, and it then ran"),
	TIME("mean", "mean", "mean_seconds", 0, wakeup_mean, "from the request to running, on average"),
	TIME("total", "in all", "seconds", 2, wakeup_delay, "the same, all of them added up"),
	TEXT("waker", "woken by", "waker", 24, 0, wakeup_waker,
	     "the thread that asked for it; an interrupt is a device or a timer, whoever it interrupted"),
	ID("waker-tid", "", "waker_tid", COLUMN_CSV_ONLY, wakeup_waker_tid, ""),
	TEXT("wakee", "who", "wakee", 24, 0, wakeup_wakee, "the thread that slept"),
	ID("wakee-tid", "", "wakee_tid", COLUMN_CSV_ONLY, wakeup_wakee_tid, ""),
};

static uint32_t wakeup_rows(const struct rota_summary *summary)
{
	return summary->wakeup_count;
}

static const void *wakeup_row(const struct rota_summary *summary, uint32_t index)
{
	return &summary->wakeups[index];
}

const struct column_table table_syscalls = COLUMN_TABLE("system calls", call_rows, call_row, call_columns);
const struct column_table table_syscall_totals = COLUMN_TABLE("system calls", total_rows, total_row, total_columns);
const struct column_table table_wakeups = COLUMN_TABLE("pairs", wakeup_rows, wakeup_row, wakeup_columns);
