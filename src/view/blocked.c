/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: a summary's blocked time and locks. Goes out: two sections of the report, each with its greatest rows. */
#include "view/blocked.h"
#include "view/label.h"
#include "view/number.h"
#include "view/table.h"

#include "base/duration.h"

#include <stdlib.h>

#define KINDS_SHOWN 6
#define LOCKS_SHOWN 5

/* Classes, most time first. */
static void print_classes(struct page *page, const struct rota_summary *summary, uint64_t all_ns)
{
	bool printed[ROTA_BLOCKED_CLASSES] = { false };
	char time[DURATION_TEXT_SIZE], share[NUMBER_TEXT_SIZE];

	page_label(page, "blocked");
	for (;;) {
		unsigned int most = ROTA_BLOCKED_CLASSES;

		for (unsigned int i = 0; i < ROTA_BLOCKED_CLASSES; i++) {
			if (!printed[i] && summary->class_ns[i] &&
			    (most == ROTA_BLOCKED_CLASSES || summary->class_ns[i] > summary->class_ns[most]))
				most = i;
		}
		if (most == ROTA_BLOCKED_CLASSES)
			break;
		printed[most] = true;
		page_item(page, PAGE_LABEL_COLUMNS, "%s %s (%s)", label_blocked_class((uint8_t)most),
			  duration_format(time, sizeof(time), summary->class_ns[most]),
			  number_percent(share, sizeof(share), (double)summary->class_ns[most], (double)all_ns));
	}
	page_end(page);
	page_explain(page, EXPLAIN_BLOCKED);
}

static void print_top(struct page *page, const struct rota_summary *summary, enum view_table which, uint32_t limit)
{
	const struct column_table *table = column_table(which);
	uint32_t *order;

	if (!table->row_count(summary) || column_order(table, summary, NULL, &order) < 0)
		return;
	page_end(page);
	table_print(page, table, summary, order, limit);
	free(order);
}

void blocked_print(struct page *page, const struct rota_summary *summary)
{
	uint64_t all_ns = 0;

	for (unsigned int i = 0; i < ROTA_BLOCKED_CLASSES; i++)
		all_ns += summary->class_ns[i];
	if (all_ns == summary->class_ns[ROTA_BLOCKED_UNKNOWN]) /* or all 0 */
		return;
	page_end(page);
	print_classes(page, summary, all_ns);
	print_top(page, summary, VIEW_BLOCKED, KINDS_SHOWN);
	print_top(page, summary, VIEW_LOCKS, LOCKS_SHOWN);
}
