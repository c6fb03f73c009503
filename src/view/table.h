/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A table of columns (view/column.h) as text. */
#ifndef ROTA_VIEW_TABLE_H
#define ROTA_VIEW_TABLE_H

#include "view/column.h"
#include "view/page.h"

/*
 * Rows in `order` (from column_order()), at most `limit` of them (0 = all), then a line that says how many were left out.
 * Columns that do not fit into the page are left out by rank; rare ones also where they are 0 in every row.
 * With --explain, a line for each column shown.
 */
void table_print(struct page *page, const struct column_table *table, const struct rota_summary *summary,
		 const uint32_t *order, uint32_t limit);

#endif
