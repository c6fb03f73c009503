/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The tables themselves, for column.c, and how their getters say what they found. */
#ifndef ROTA_VIEW_COLUMN_TABLES_H
#define ROTA_VIEW_COLUMN_TABLES_H

#include "view/column.h"

extern const struct column_table table_threads, table_processes, table_cpus, table_cores, table_waits, table_totals,
	table_syscalls, table_syscall_totals, table_wakeups, table_blocked, table_locks, table_goroutines,
	table_go_functions, table_go_waits, table_runtimes;

/* A table without peculiarities: what there is of it, and its columns, an array. */
#define COLUMN_TABLE(title_, count_, row_, columns_)                                                                   \
	{                                                                                                              \
		.title = title_, .row_count = count_, .row = row_, .columns = columns_,                                \
		.column_count = sizeof(columns_) / sizeof((columns_)[0])                                               \
	}

static inline uint64_t column_window_ns(const struct rota_summary *summary)
{
	return summary->end_ns - summary->start_ns;
}

static inline void column_set_number(struct column_value *value, uint64_t number)
{
	value->known = true;
	value->number = number;
}

static inline void column_set_real(struct column_value *value, double real)
{
	value->known = true;
	value->real = real;
}

static inline void column_set_share(struct column_value *value, uint64_t part, uint64_t whole)
{
	value->known = whole > 0;
	value->real = (double)part;
	value->whole = (double)whole;
}

/*
 * Getters, one a line: `row` is a const TYPE *, `summary` the summary. Unknown where KNOWN is false.
 */
#define COLUMN_GET_NUMBER(function, TYPE, known_if, expression)                                                        \
	static void function(const struct rota_summary *summary, const void *untyped, struct column_value *value)      \
	{                                                                                                              \
		const TYPE *row = untyped;                                                                             \
                                                                                                                       \
		(void)summary;                                                                                         \
		(void)row;                                                                                             \
		if (known_if)                                                                                          \
			column_set_number(value, expression);                                                          \
	}
#define COLUMN_GET_REAL(function, TYPE, known_if, expression)                                                          \
	static void function(const struct rota_summary *summary, const void *untyped, struct column_value *value)      \
	{                                                                                                              \
		const TYPE *row = untyped;                                                                             \
                                                                                                                       \
		(void)summary;                                                                                         \
		(void)row;                                                                                             \
		if (known_if)                                                                                          \
			column_set_real(value, expression);                                                            \
	}
#define COLUMN_GET_SHARE(function, TYPE, part, whole_ns)                                                               \
	static void function(const struct rota_summary *summary, const void *untyped, struct column_value *value)      \
	{                                                                                                              \
		const TYPE *row = untyped;                                                                             \
                                                                                                                       \
		column_set_share(value, part, whole_ns);                                                               \
	}
#define COLUMN_GET_COMM(function, TYPE, member)                                                                        \
	static void function(const struct rota_summary *summary, const void *untyped, struct column_value *value)      \
	{                                                                                                              \
		const TYPE *row = untyped;                                                                             \
                                                                                                                       \
		value->known = true;                                                                                   \
		label_name(value->text, row->member);                                                                  \
	}

#define COLUMN(UNIT, key_, header_, csv_, width_, rank_, left_, rare_, get_, says)                                     \
	{                                                                                                              \
		.name = key_, .header = header_, .csv = csv_, .unit = UNIT, .width = width_, .rank = rank_,            \
		.left = left_, .rare = rare_, .get = get_, .explanation = says                                         \
	}
#define TEXT(key, header, csv, width, rank, get, says)                                                                 \
	COLUMN(COLUMN_NAME, key, header, csv, width, rank, true, false, get, says)
#define RIGHT_TEXT(key, header, csv, width, rank, get, says)                                                           \
	COLUMN(COLUMN_NAME, key, header, csv, width, rank, false, false, get, says)
#define ID(key, header, csv, rank, get, says) COLUMN(COLUMN_ID, key, header, csv, 7, rank, false, false, get, says)
#define TALLY(key, header, csv, rank, get, says)                                                                       \
	COLUMN(COLUMN_COUNT, key, header, csv, 9, rank, false, false, get, says)
#define TIME(key, header, csv, rank, get, says) COLUMN(COLUMN_TIME, key, header, csv, 9, rank, false, false, get, says)
#define RARE(key, header, csv, rank, get, says) COLUMN(COLUMN_TIME, key, header, csv, 9, rank, false, true, get, says)
#define SHARE(key, header, csv, rank, get, says)                                                                       \
	COLUMN(COLUMN_SHARE, key, header, csv, 8, rank, false, false, get, says)
#define MEAN(key, header, csv, rank, get, says) COLUMN(COLUMN_MEAN, key, header, csv, 8, rank, false, false, get, says)

#endif
