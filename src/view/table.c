/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: a table's columns and the order of its rows. Goes out: aligned lines. Never drops a row without saying so, and
 * drops a column only for want of room or because it says nothing.
 */
#include "view/table.h"
#include "view/number.h"

#include <string.h>

#define MAX_COLUMNS      48
#define GAP_COLUMNS      2
#define NAME_MIN_COLUMNS 8

struct layout {
	const struct column *columns[MAX_COLUMNS]; /* shown, in the table's order */
	uint32_t widths[MAX_COLUMNS];
	uint32_t count;
};

static bool says_something(const struct column_value *value, enum column_unit unit)
{
	if (!value->known)
		return false;
	return unit == COLUMN_NAME ||
	       (unit == COLUMN_SHARE || unit == COLUMN_MEAN ? value->real != 0 : value->number != 0);
}

/* Whether two rows differ in what this column says. */
static bool differs(const struct column *column, const struct column_table *table, const struct rota_summary *summary)
{
	char first[COLUMN_TEXT_SIZE], other[COLUMN_TEXT_SIZE];
	struct column_value first_value, value;

	for (uint32_t i = 0; i < table->row_count(summary); i++) {
		column_get(column, summary, table->row(summary, i), i ? &value : &first_value);
		if (i && strcmp(column_format(column, &first_value, first, sizeof(first)),
				column_format(column, &value, other, sizeof(other))) != 0)
			return true;
	}
	return false;
}

/* Whether any row has something in this column: a value at all, and for rare columns one that is not 0. */
static bool wanted(const struct column *column, const struct column_table *table, const struct rota_summary *summary)
{
	uint32_t rows = table->row_count(summary);

	if (column->rank == 0 || column->rank == COLUMN_CSV_ONLY)
		return column->rank == 0;
	if (column->varies && !differs(column, table, summary))
		return false;
	for (uint32_t i = 0; i < rows; i++) {
		struct column_value value;

		column_get(column, summary, table->row(summary, i), &value);
		if (!column->rare ? value.known : says_something(&value, column->unit))
			return true;
	}
	return false;
}

/* Columns of text are as wide as what is in them, up to their width; columns of numbers do not move. */
static uint32_t width_of(const struct column *column, const struct column_table *table,
			 const struct rota_summary *summary, const uint32_t *order, uint32_t rows)
{
	uint32_t widest = page_columns(column->header);

	if (column->unit != COLUMN_NAME)
		return column->width > widest ? column->width : widest;
	for (uint32_t i = 0; i < rows; i++) {
		char text[COLUMN_TEXT_SIZE];
		struct column_value value;
		uint32_t columns;

		column_get(column, summary, table->row(summary, order[i]), &value);
		columns = page_columns(column_format(column, &value, text, sizeof(text)));
		if (columns > widest)
			widest = columns < column->width ? columns : column->width;
	}
	return widest;
}

static uint32_t total_width(const struct layout *layout, const bool *shown)
{
	uint32_t total = 0;

	for (uint32_t i = 0; i < layout->count; i++)
		if (!shown || shown[i])
			total += layout->widths[i] + (total ? GAP_COLUMNS : 0);
	return total;
}

/* Takes in columns rank by rank while they fit. */
static void choose(struct layout *layout, uint32_t page_width)
{
	bool shown[MAX_COLUMNS] = { false };
	uint32_t kept = 0;

	for (unsigned int rank = 0; rank < COLUMN_CSV_ONLY; rank++) {
		for (uint32_t i = 0; i < layout->count; i++) {
			if (layout->columns[i]->rank != rank)
				continue;
			shown[i] = true;
			if (rank && total_width(layout, shown) > page_width)
				shown[i] = false;
		}
	}
	for (uint32_t i = 0; i < layout->count; i++) {
		if (!shown[i])
			continue;
		layout->columns[kept] = layout->columns[i];
		layout->widths[kept++] = layout->widths[i];
	}
	layout->count = kept;
}

/* A page narrower than the columns that are always shown: the widest texts give way. */
static void squeeze(struct layout *layout, uint32_t page_width)
{
	while (total_width(layout, NULL) > page_width) {
		uint32_t widest = UINT32_MAX;

		for (uint32_t i = 0; i < layout->count; i++)
			if (layout->columns[i]->left && layout->widths[i] > NAME_MIN_COLUMNS &&
			    (widest == UINT32_MAX || layout->widths[i] > layout->widths[widest]))
				widest = i;
		if (widest == UINT32_MAX)
			return;
		layout->widths[widest]--;
	}
}

static void lay_out(struct layout *layout, const struct column_table *table, const struct rota_summary *summary,
		    const uint32_t *order, uint32_t rows, uint32_t page_width)
{
	layout->count = 0;
	for (uint32_t i = 0; i < table->column_count && layout->count < MAX_COLUMNS; i++) {
		const struct column *column = &table->columns[i];

		if (!wanted(column, table, summary))
			continue;
		layout->columns[layout->count] = column;
		layout->widths[layout->count++] = width_of(column, table, summary, order, rows);
	}
	choose(layout, page_width);
	squeeze(layout, page_width);
}

static void cell(struct page *page, const struct layout *layout, uint32_t index, const char *text)
{
	if (index)
		page_to(page, page->used + GAP_COLUMNS);
	if (layout->columns[index]->tail)
		page_cell_tail(page, text, layout->widths[index]);
	else
		page_cell(page, text, layout->widths[index], layout->columns[index]->left ? PAGE_LEFT : PAGE_RIGHT);
}

static void explain(struct page *page, const struct layout *layout)
{
	if (!page->explain)
		return;
	for (uint32_t i = 0; i < layout->count; i++) {
		char text[512];

		snprintf(text, sizeof(text), "%s: %s.", layout->columns[i]->header, layout->columns[i]->explanation);
		page_explain_text(page, text);
	}
}

void table_print(struct page *page, const struct column_table *table, const struct rota_summary *summary,
		 const uint32_t *order, uint32_t limit)
{
	uint32_t all = table->row_count(summary), rows = limit && limit < all ? limit : all;
	struct layout layout;
	char text[COLUMN_TEXT_SIZE];

	lay_out(&layout, table, summary, order, rows, page->width);
	page_style(page, PAGE_BOLD);
	for (uint32_t i = 0; i < layout.count; i++)
		cell(page, &layout, i, layout.columns[i]->header);
	page_style(page, PAGE_PLAIN);
	page_end(page);
	explain(page, &layout);
	for (uint32_t row = 0; row < rows; row++) {
		for (uint32_t i = 0; i < layout.count; i++) {
			struct column_value value;

			column_get(layout.columns[i], summary, table->row(summary, order[row]), &value);
			cell(page, &layout, i, column_format(layout.columns[i], &value, text, sizeof(text)));
		}
		page_end(page);
	}
	if (rows < all) {
		page_style(page, PAGE_DIM);
		page_printf(page, "… and %s more %s", number_count(text, sizeof(text), all - rows), table->title);
		page_style(page, PAGE_PLAIN);
		page_end(page);
	}
	if (!all) {
		if (table->none)
			page_words(page, 0, table->none);
		else
			page_printf(page, "no %s", table->title);
		page_end(page);
	}
}
