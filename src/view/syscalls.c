/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: a summary's system calls and wakeups. Goes out: a section of the report for each. */
#include "view/syscalls.h"
#include "view/column.h"
#include "view/number.h"
#include "view/table.h"

#include "base/duration.h"

#include <stdlib.h>

#define CALLS_SHOWN 10
#define PAIRS_SHOWN 5

static void print_rows(struct page *page, const struct column_table *table, const struct rota_summary *summary,
		       uint32_t limit)
{
	uint32_t *order;

	if (column_order(table, summary, NULL, &order) < 0)
		return;
	table_print(page, table, summary, order, limit);
	free(order);
}

void syscalls_print(struct page *page, const struct rota_summary *summary)
{
	uint64_t running_ns = 0, count = 0, cpu_ns = 0, ns = 0, user_ns;
	char text[NUMBER_TEXT_SIZE], share[NUMBER_TEXT_SIZE];

	if (!summary->syscalls_known)
		return;
	for (uint32_t i = 0; i < summary->thread_count; i++)
		running_ns += summary->threads[i].state_ns[ROTA_RUNNING];
	for (uint32_t i = 0; i < summary->syscall_total_count; i++) {
		count += summary->syscall_totals[i].count;
		ns += summary->syscall_totals[i].ns;
		cpu_ns += summary->syscall_totals[i].cpu_ns;
	}
	user_ns = running_ns > cpu_ns ? running_ns - cpu_ns : 0;
	page_end(page);
	page_label(page, "system calls");
	page_item(page, PAGE_LABEL_COLUMNS, "%s", number_count(text, sizeof(text), count));
	page_item(page, PAGE_LABEL_COLUMNS, "%s in them", duration_format(text, sizeof(text), ns));
	page_item(page, PAGE_LABEL_COLUMNS, "%s of it on a cpu (%s of the running time)",
		  duration_format(text, sizeof(text), cpu_ns),
		  number_percent(share, sizeof(share), (double)cpu_ns, (double)running_ns));
	page_item(page, PAGE_LABEL_COLUMNS, "%s ran outside them", duration_format(text, sizeof(text), user_ns));
	page_end(page);
	page_explain(page, EXPLAIN_SYSCALLS);
	if (summary->syscall_total_count)
		print_rows(page, column_table(VIEW_SYSCALL_TOTALS), summary, CALLS_SHOWN);
}

void wakeups_print(struct page *page, const struct rota_summary *summary)
{
	if (!summary->wakeup_count)
		return;
	page_end(page);
	print_rows(page, column_table(VIEW_WAKEUPS), summary, PAIRS_SHOWN);
	page_explain(page, EXPLAIN_WAKEUPS);
}
