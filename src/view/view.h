/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What every view is asked: which tables, in which order, how wide. Views draw a const summary and compute nothing new. */
#ifndef ROTA_VIEW_VIEW_H
#define ROTA_VIEW_VIEW_H

#include "rota/summary.h"

#include <stdbool.h>
#include <stdio.h>

enum view_table {
	VIEW_OVERVIEW,
	VIEW_THREADS,
	VIEW_CPUS,
	VIEW_CORES,
	VIEW_PROCESSES,
	VIEW_SYSCALLS,
	VIEW_WAKEUPS,
	VIEW_SYSCALL_TOTALS,
	VIEW_BLOCKED,
	VIEW_LOCKS,
	VIEW_GOROUTINES,
	VIEW_GO_FUNCTIONS,
	VIEW_GO_WAITS,
	VIEW_RUNTIMES
};

enum view_timeline { /* whose letters the strip shows */
		     VIEW_TIMELINE_NONE = 0,
		     VIEW_TIMELINE_THREADS = 1,
		     VIEW_TIMELINE_PS,
		     VIEW_TIMELINE_GOROUTINES,
		     VIEW_TIMELINE_ALL /* the three, one below the other for each hardware thread */
};

struct view_options {
	enum view_table table;       /* --by; VIEW_OVERVIEW: the ladder, and the busiest threads */
	const char *sort;            /* column name or NULL */
	uint32_t worst;              /* --worst N: longest waits to show; 0 = the view's choice */
	uint32_t rows;               /* at most so many rows in a table, and say how many were left out; 0 = all */
	bool explain;                /* each line followed by one plain sentence */
	enum view_timeline timeline; /* draw the strip */
	bool bottle;                 /* draw the bottle graph, instead of the overview */
	bool colour, utf8;           /* what the output can show */
	uint32_t width;              /* columns; 0 = 80, at least 20 */
	const char *command; /* the subcommand that prints, for the first line: "stat", "report"; NULL = "stat" */
};

/* 0, or -EINVAL with the known column names logged when options->sort is none of the table's. */
int text_report(FILE *out, const struct rota_summary *summary, const struct view_options *options);
/* One JSON object (schema rota.summary/1); pretty over many lines, or one line. 0 or -errno of writing. */
int json_report(FILE *out, const struct rota_summary *summary, bool one_line);
/* One table, one header line, RFC 4180; full precision, base units in the column names. VIEW_OVERVIEW: name,value pairs. */
int csv_report(FILE *out, const struct rota_summary *summary, const struct view_options *options);
/* `rota topology`: socket → NUMA node → L3 → core → hardware threads, with offline and not-allowed marks. */
void text_topology(FILE *out, const struct rota_topology *topology, const struct view_options *options);

#endif
