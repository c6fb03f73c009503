/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The tables of a summary as data: for each, where its rows are, and its columns: name, header, unit, width, getter,
 * explanation. Text and CSV draw from them, and --sort takes its keys from them.
 */
#ifndef ROTA_VIEW_COLUMN_H
#define ROTA_VIEW_COLUMN_H

#include "view/view.h"

#define COLUMN_TEXT_SIZE 256

enum column_unit {
	COLUMN_NAME,  /* text */
	COLUMN_ID,    /* a number that names something */
	COLUMN_COUNT, /* how many */
	COLUMN_TIME,  /* nanoseconds; a duration in text, seconds in CSV */
	COLUMN_SHARE, /* part of a whole; per cent in text, a fraction in CSV */
	COLUMN_MEAN,
};

struct column_value {
	bool known;                  /* false: could not be measured here: "–" in text, empty in CSV */
	uint64_t number;             /* ID, COUNT, TIME; COLUMN_TIME: nanoseconds */
	double real, whole;          /* MEAN: real; SHARE: real of whole */
	char text[COLUMN_TEXT_SIZE]; /* NAME */
	const char *shared;          /* NAME: instead of text[], one that the summary owns, of any length */
};

struct column {
	const char *name;   /* the key of --sort */
	const char *header; /* in text */
	const char *csv;    /* in CSV: name and base unit */
	enum column_unit unit;
	uint8_t width;
	uint8_t rank; /* text: 0 always shown, else the lower the sooner, as the page has room; COLUMN_CSV_ONLY never */
	bool left;    /* text: aligned left */
	bool rare;    /* text: left out where it is 0 or unknown in every row */
	bool varies;  /* text: left out where every row says the same */
	bool tail;    /* text: where it does not fit its end is kept, not its beginning */
	void (*get)(const struct rota_summary *summary, const void *row, struct column_value *ret_value);
	const char *explanation;
};
#define COLUMN_CSV_ONLY 255

struct column_table {
	const char *title; /* text, above the table */
	uint32_t (*row_count)(const struct rota_summary *summary);
	const void *(*row)(const struct rota_summary *summary, uint32_t index);
	const struct column *columns;
	uint32_t column_count;
	const char *none; /* text, where there is no row; NULL: "no TITLE" */
	/* Rows that come after all others, unless --sort says otherwise; NULL: none do. */
	bool (*after)(const void *row);
};

const struct column_table *column_table(enum view_table table); /* VIEW_OVERVIEW: one row, the summary's totals */
const struct column_table *column_table_waits(void);            /* the longest waits */

void column_get(const struct column *column, const struct rota_summary *summary, const void *row,
		struct column_value *ret_value);           /* *ret_value is zeroed first */
const char *column_text(const struct column_value *value); /* of NAME */
/* A value as text reports print it: in `out`, or a text of the value. */
const char *column_format(const struct column *column, const struct column_value *value, char *out, size_t size);

/*
 * The rows' order by `sort` (a column's name): numbers descending, names ascending, unknown last, equals in the summary's
 * order; the summary's own order for NULL, but for rows that come after all others. *ret_order: row_count indices, malloc'd. 0, or -EINVAL, with the known names
 * logged.
 */
int column_order(const struct column_table *table, const struct rota_summary *summary, const char *sort,
		 uint32_t **ret_order);

#endif
