/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: a summary and what is wanted of it. Goes out: a report for people: the overview, or one table. Puts the pieces
 * in order and nothing else; the pieces are in overview.c, ladder.c, runtimes.c, waits.c, table.c and strip.c.
 */
#include "view/blocked.h"
#include "view/bottle.h"
#include "view/column.h"
#include "view/ladder.h"
#include "view/limits.h"
#include "view/overview.h"
#include "view/runtimes.h"
#include "view/strip.h"
#include "view/syscalls.h"
#include "view/table.h"
#include "view/verdict.h"
#include "view/waits.h"

#include <stdlib.h>

#define BUSIEST_SHOWN 10

static void print_overview(struct page *page, const struct rota_summary *summary, const struct view_options *options,
			   const uint32_t *order)
{
	verdict_print(page, summary);
	overview_print_sentence(page, summary);
	overview_print_loss(page, summary);
	page_end(page);
	ladder_print(page, summary);
	ladder_print_levels(page, summary);
	verdict_print_seconds(page, summary);
	ladder_print_smt(page, summary);
	limits_print(page, summary);
	runtimes_print(page, summary);
	strip_print(page, summary, options->timeline);
	page_end(page);
	waits_print(page, summary);
	waits_print_longest(page, summary, options->worst);
	wakeups_print(page, summary);
	blocked_print(page, summary);
	page_end(page);
	table_print(page, column_table(VIEW_THREADS), summary, order, options->rows ? options->rows : BUSIEST_SHOWN);
	runtimes_print_functions(page, summary);
	syscalls_print(page, summary);
	page_end(page);
	waits_print_switches(page, summary);
	overview_print_cost(page, summary);
}

static void print_table(struct page *page, const struct rota_summary *summary, const struct view_options *options,
			const uint32_t *order)
{
	overview_print_loss(page, summary);
	if (options->table == VIEW_GOROUTINES || options->table == VIEW_GO_FUNCTIONS)
		runtimes_print_whose(page, summary);
	table_print(page, column_table(options->table), summary, order, options->rows);
	if (options->worst)
		waits_print_longest(page, summary, options->worst);
	strip_print(page, summary, options->timeline);
}

int text_report(FILE *out, const struct rota_summary *summary, const struct view_options *options)
{
	bool overview = options->table == VIEW_OVERVIEW;
	const struct column_table *table = column_table(overview ? VIEW_THREADS : options->table);
	struct page page;
	uint32_t *order;
	int err = column_order(table, summary, options->sort, &order);

	if (err < 0)
		return err;
	page_init(&page, out, options);
	overview_print_header(&page, summary, options->command);
	if (options->bottle)
		bottle_print(&page, summary);
	else if (overview)
		print_overview(&page, summary, options, order);
	else
		print_table(&page, summary, options, order);
	overview_print_notes(&page, summary);
	page_fini(&page);
	free(order);
	return 0;
}
