/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: a summary. Goes out: the columns of its tables of blocked time and of locks. Computes nothing that the summary
 * does not hold, but means and shares.
 */
#include "view/column_tables.h"
#include "view/label.h"

#include <inttypes.h>
#include <stdio.h>

/* --- blocked time ---------------------------------------------------------------------------------------------------- */

static void blocked_class(const struct rota_summary *summary, const void *untyped, struct column_value *value)
{
	const struct rota_blocked *row = untyped;

	(void)summary;
	value->known = true;
	snprintf(value->text, sizeof(value->text), "%s", label_blocked_class(row->blocked_class));
}

static void blocked_call(const struct rota_summary *summary, const void *untyped, struct column_value *value)
{
	const struct rota_blocked *row = untyped;

	(void)summary;
	value->known = row->blocked_class != ROTA_BLOCKED_UNKNOWN;
	if (value->known)
		label_blocked_call(value->text, row);
}

static void blocked_on(const struct rota_summary *summary, const void *untyped, struct column_value *value)
{
	const struct rota_blocked *row = untyped;

	(void)summary;
	value->known = row->fd_kind[0] != 0;
	snprintf(value->text, sizeof(value->text), "%s", row->fd_kind);
}

static void blocked_sleep(const struct rota_summary *summary, const void *untyped, struct column_value *value)
{
	const struct rota_blocked *row = untyped;

	(void)summary;
	value->known = row->uninterruptible || row->iowait;
	snprintf(value->text, sizeof(value->text), "%s", row->iowait ? "i/o wait" : "uninterruptible");
}

static uint64_t blocked_ns(const struct rota_summary *summary)
{
	uint64_t ns = 0;

	for (unsigned int i = 0; i < ROTA_BLOCKED_CLASSES; i++)
		ns += summary->class_ns[i];
	return ns;
}

COLUMN_GET_NUMBER(blocked_time, struct rota_blocked, true, row->ns)
COLUMN_GET_SHARE(blocked_share, struct rota_blocked, row->ns, blocked_ns(summary))
COLUMN_GET_NUMBER(blocked_count, struct rota_blocked, true, row->count)
COLUMN_GET_NUMBER(blocked_mean, struct rota_blocked, row->count, row->ns / row->count)
COLUMN_GET_NUMBER(blocked_compat, struct rota_blocked, true, row->compat)
COLUMN_GET_NUMBER(blocked_uninterruptible, struct rota_blocked, true, row->uninterruptible)
COLUMN_GET_NUMBER(blocked_iowait, struct rota_blocked, true, row->iowait)

static const struct column blocked_columns[] = {
	TEXT("class", "blocked for", "class", 12, 0, blocked_class, "what threads slept for, roughly"),
	TEXT("syscall", "in", "syscall", 24, 0, blocked_call, "the system call that they were in"),
	TEXT("on", "on", "fd_kind", 16, 0, blocked_on, "the kind of file that the call was for"),
	COLUMN(COLUMN_TIME, "time", "time", "seconds", 10, 0, false, false, blocked_time,
	       "all threads' sleeps of this kind added up"),
	SHARE("share", "share", "fraction", 1, blocked_share, "the part of all blocked time"),
	TALLY("count", "times", "count", 0, blocked_count, "how often"),
	TIME("mean", "mean", "mean_seconds", 2, blocked_mean, "how long one such sleep took on average"),
	TEXT("sleep", "sleep", "", 15, 3, blocked_sleep,
	     "uninterruptible: signals did not end it, as is usual in the kernel's own waits; i/o wait: for a disk, mostly"),
	TALLY("compat", "", "compat", COLUMN_CSV_ONLY, blocked_compat, ""),
	TALLY("uninterruptible", "", "uninterruptible", COLUMN_CSV_ONLY, blocked_uninterruptible, ""),
	TALLY("iowait", "", "iowait", COLUMN_CSV_ONLY, blocked_iowait, ""),
};

static uint32_t blocked_rows(const struct rota_summary *summary)
{
	return summary->blocked_count;
}

static const void *blocked_row(const struct rota_summary *summary, uint32_t index)
{
	return &summary->blocked[index];
}

/* --- locks ----------------------------------------------------------------------------------------------------------- */

static void lock_name(const struct rota_summary *summary, const void *untyped, struct column_value *value)
{
	const struct rota_lock *row = untyped;

	(void)summary;
	value->known = true;
	label_lock(value->text, row);
}

static void lock_address(const struct rota_summary *summary, const void *untyped, struct column_value *value)
{
	const struct rota_lock *row = untyped;

	(void)summary;
	value->known = true;
	snprintf(value->text, sizeof(value->text), "0x%" PRIx64, row->address);
}

static void lock_process(const struct rota_summary *summary, const void *untyped, struct column_value *value)
{
	const struct rota_lock *row = untyped;

	value->known = row->tgid != 0;
	for (uint32_t i = 0; i < summary->process_count; i++) {
		if (summary->processes[i].tgid == row->tgid) {
			label_thread(value->text, summary->processes[i].name, row->tgid);
			return;
		}
	}
	snprintf(value->text, sizeof(value->text), "[%" PRIu32 "]", row->tgid);
}

static void lock_waker(const struct rota_summary *summary, const void *untyped, struct column_value *value)
{
	const struct rota_lock *row = untyped;

	(void)summary;
	value->known = row->waker_count > 0;
	if (value->known)
		label_thread(value->text, row->wakers[0].name, row->wakers[0].tid);
}

COLUMN_GET_NUMBER(lock_tgid, struct rota_lock, row->tgid, row->tgid)
COLUMN_GET_NUMBER(lock_time, struct rota_lock, true, row->ns)
COLUMN_GET_NUMBER(lock_count, struct rota_lock, true, row->count)
COLUMN_GET_NUMBER(lock_mean, struct rota_lock, row->count, row->ns / row->count)
COLUMN_GET_NUMBER(lock_max, struct rota_lock, true, row->max_ns)
COLUMN_GET_NUMBER(lock_waiters, struct rota_lock, true, row->waiter_count)
COLUMN_GET_SHARE(lock_handed_on, struct rota_lock, row->handed_on, row->count)
COLUMN_GET_SHARE(lock_waker_share, struct rota_lock, row->waker_count ? row->wakers[0].count : 0, row->count)

static const struct column lock_columns[] = {
	TEXT("name", "lock", "name", 40, 0, lock_name,
	     "what lies at the address that threads waited on (futex(2)); condition variables and queues are among them"),
	TEXT("address", "", "address", 20, COLUMN_CSV_ONLY, lock_address, ""),
	ID("tgid", "", "tgid", COLUMN_CSV_ONLY, lock_tgid, ""),
	COLUMN(COLUMN_TIME, "time", "waited", "seconds", 10, 0, false, false, lock_time,
	       "all threads' waits for it added up"),
	TALLY("count", "waits", "count", 1, lock_count, "how often a thread had to wait"),
	TIME("mean", "mean", "mean_seconds", 3, lock_mean, "how long one wait took on average"),
	TIME("max", "max", "max_seconds", 2, lock_max, "the longest wait"),
	TALLY("waiters", "waiters", "waiters", 2, lock_waiters, "how many threads waited for it"),
	SHARE("handed-on", "handed on", "handed_on_fraction", 5, lock_handed_on,
	      "waits that ended because a thread woke the waiter that waits here itself at times: a lock that goes round; "
	      "else it is more like a signal that there is work"),
	TEXT("waker", "woken by", "waker", 22, 1, lock_waker, "who woke the waiters most often: the likely holder"),
	SHARE("waker-share", "", "waker_fraction", COLUMN_CSV_ONLY, lock_waker_share, ""),
	TEXT("process", "process", "process", 22, 4, lock_process, "whose address it is"),
};

static uint32_t lock_rows(const struct rota_summary *summary)
{
	return summary->lock_count;
}

static const void *lock_row(const struct rota_summary *summary, uint32_t index)
{
	return &summary->locks[index];
}

const struct column_table table_blocked = COLUMN_TABLE("kinds", blocked_rows, blocked_row, blocked_columns);
const struct column_table table_locks = COLUMN_TABLE("locks", lock_rows, lock_row, lock_columns);
