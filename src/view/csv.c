/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: a summary. Goes out: one table as RFC 4180 with every column, in base units and full precision. Never a number
 * for what is not known: the field is empty.
 */
#include "view/column.h"
#include "view/glyph.h"
#include "view/number.h"
#include "view/view.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LINE_END "\r\n"

/*
 * Quoted where RFC 4180 wants it. Bytes that are no valid UTF-8 become U+FFFD and control characters '?', so that the file
 * is text whatever a thread calls itself, and harmless on a terminal.
 */
static void put_text(FILE *out, const char *text)
{
	const char *at = text, *end = text + strlen(text);
	bool quoted = strpbrk(text, ",\"") != NULL;

	if (quoted)
		fputc('"', out);
	while (at < end) {
		const char *start = at;
		uint32_t code = glyph_next(&at, end);

		if (code == GLYPH_BAD)
			fputs("\xef\xbf\xbd", out);
		else if (!glyph_printable(code))
			fputc('?', out);
		else if (*start == '"')
			fputs("\"\"", out);
		else
			fwrite(start, 1, (size_t)(at - start), out);
	}
	if (quoted)
		fputc('"', out);
}

static void put_value(FILE *out, const struct column *column, const struct column_value *value)
{
	char text[NUMBER_TEXT_SIZE];

	if (!value->known)
		return;
	switch (column->unit) {
	case COLUMN_NAME:
		put_text(out, column_text(value));
		break;
	case COLUMN_ID:
	case COLUMN_COUNT:
		fprintf(out, "%" PRIu64, value->number);
		break;
	case COLUMN_TIME:
		fputs(number_seconds(text, sizeof(text), value->number), out);
		break;
	case COLUMN_SHARE:
		fprintf(out, "%.12g", value->real / value->whole);
		break;
	case COLUMN_MEAN:
		fprintf(out, "%.12g", value->real);
		break;
	}
}

static void put_pairs(FILE *out, const struct column_table *table, const struct rota_summary *summary)
{
	fputs("name,value" LINE_END, out);
	for (uint32_t i = 0; i < table->column_count; i++) {
		struct column_value value;

		column_get(&table->columns[i], summary, summary, &value);
		fprintf(out, "%s,", table->columns[i].csv);
		put_value(out, &table->columns[i], &value);
		fputs(LINE_END, out);
	}
}

static void put_table(FILE *out, const struct column_table *table, const struct rota_summary *summary,
		      const uint32_t *order, uint32_t rows)
{
	for (uint32_t i = 0; i < table->column_count; i++)
		fprintf(out, "%s%s", i ? "," : "", table->columns[i].csv);
	fputs(LINE_END, out);
	for (uint32_t row = 0; row < rows; row++) {
		for (uint32_t i = 0; i < table->column_count; i++) {
			struct column_value value;

			column_get(&table->columns[i], summary, table->row(summary, order[row]), &value);
			if (i)
				fputc(',', out);
			put_value(out, &table->columns[i], &value);
		}
		fputs(LINE_END, out);
	}
}

int csv_report(FILE *out, const struct rota_summary *summary, const struct view_options *options)
{
	bool overview = options->table == VIEW_OVERVIEW;
	const struct column_table *table = column_table(overview ? VIEW_THREADS : options->table);
	uint32_t rows = table->row_count(summary), *order;
	int err = column_order(table, summary, options->sort, &order);

	if (err < 0)
		return err;
	if (overview)
		put_pairs(out, column_table(VIEW_OVERVIEW), summary);
	else
		put_table(out, table, summary, order, options->rows && options->rows < rows ? options->rows : rows);
	free(order);
	return 0;
}
