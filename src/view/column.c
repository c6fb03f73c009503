/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: a column, a row. Goes out: its value, its text, the order of rows. Never a number for what is not known. */
#include "view/column.h"
#include "view/column_tables.h"
#include "view/number.h"

#include "base/alloc.h"
#include "base/duration.h"
#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const struct column_table *column_table(enum view_table table)
{
	static const struct column_table *const tables[] = {
		[VIEW_OVERVIEW] = &table_totals,
		[VIEW_THREADS] = &table_threads,
		[VIEW_CPUS] = &table_cpus,
		[VIEW_CORES] = &table_cores,
		[VIEW_PROCESSES] = &table_processes,
		[VIEW_SYSCALLS] = &table_syscalls,
		[VIEW_WAKEUPS] = &table_wakeups,
		[VIEW_SYSCALL_TOTALS] = &table_syscall_totals,
		[VIEW_BLOCKED] = &table_blocked,
		[VIEW_LOCKS] = &table_locks,
		[VIEW_GOROUTINES] = &table_goroutines,
		[VIEW_GO_FUNCTIONS] = &table_go_functions,
		[VIEW_GO_WAITS] = &table_go_waits,
		[VIEW_RUNTIMES] = &table_runtimes,
	};

	return tables[table];
}

const struct column_table *column_table_waits(void)
{
	return &table_waits;
}

void column_get(const struct column *column, const struct rota_summary *summary, const void *row,
		struct column_value *ret_value)
{
	*ret_value = (struct column_value){ 0 };
	column->get(summary, row, ret_value);
}

const char *column_text(const struct column_value *value)
{
	return value->shared ? value->shared : value->text;
}

const char *column_format(const struct column *column, const struct column_value *value, char *out, size_t size)
{
	out[0] = 0;
	if (!value->known) {
		snprintf(out, size, "–");
		return out;
	}
	switch (column->unit) {
	case COLUMN_NAME:
		return column_text(value);
	case COLUMN_ID:
		snprintf(out, size, "%" PRIu64, value->number);
		break;
	case COLUMN_COUNT:
		number_count(out, size, value->number);
		break;
	case COLUMN_TIME:
		if (value->number)
			duration_format(out, size, value->number);
		else
			snprintf(out, size, "0");
		break;
	case COLUMN_SHARE:
		number_percent(out, size, value->real, value->whole);
		break;
	case COLUMN_MEAN:
		number_mean(out, size, value->real);
		break;
	}
	return out;
}

static const struct column *find(const struct column_table *table, const char *name)
{
	for (uint32_t i = 0; i < table->column_count; i++)
		if (strcmp(table->columns[i].name, name) == 0)
			return &table->columns[i];
	return NULL;
}

static void log_unknown(const struct column_table *table, const char *sort)
{
	char names[1024];
	size_t used = 0;

	for (uint32_t i = 0; i < table->column_count && used < sizeof(names); i++)
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", i ? ", " : "",
					 table->columns[i].name);
	log_error("no column \"%s\" to sort by; known are: %s", sort, names);
}

struct key {
	uint32_t index;
	const struct column *column;
	struct column_value value;
};

static int compare_numbers(double a, double b)
{
	return a > b ? -1 : a < b;
}

static int compare_values(const struct column *column, const struct column_value *a, const struct column_value *b)
{
	if (a->known != b->known)
		return a->known ? -1 : 1;
	if (!a->known)
		return 0;
	switch (column->unit) {
	case COLUMN_NAME:
		return strcmp(column_text(a), column_text(b));
	case COLUMN_SHARE:
		return compare_numbers(a->whole > 0 ? a->real / a->whole : 0, b->whole > 0 ? b->real / b->whole : 0);
	case COLUMN_MEAN:
		return compare_numbers(a->real, b->real);
	case COLUMN_ID:
	case COLUMN_COUNT:
	case COLUMN_TIME:
		break;
	}
	return a->number > b->number ? -1 : a->number < b->number;
}

static int compare_keys(const void *left, const void *right)
{
	const struct key *a = left, *b = right;
	int order = compare_values(a->column, &a->value, &b->value);

	return order ? order : a->index < b->index ? -1 : a->index > b->index;
}

/* The summary's order, but those that come after the others. */
static void put_in_order(const struct column_table *table, const struct rota_summary *summary, uint32_t *order)
{
	uint32_t count = table->row_count(summary), placed = 0;

	for (uint32_t i = 0; i < count; i++)
		if (!table->after || !table->after(table->row(summary, i)))
			order[placed++] = i;
	for (uint32_t i = 0; placed < count; i++)
		if (table->after(table->row(summary, i)))
			order[placed++] = i;
}

int column_order(const struct column_table *table, const struct rota_summary *summary, const char *sort,
		 uint32_t **ret_order)
{
	const struct column *column = sort ? find(table, sort) : NULL;
	uint32_t count = table->row_count(summary), *order;
	struct key *keys;

	if (sort && !column) {
		log_unknown(table, sort);
		return -EINVAL;
	}
	order = xcalloc(count + 1U, sizeof(*order));
	if (!column)
		put_in_order(table, summary, order);
	if (column) {
		keys = xcalloc(count + 1U, sizeof(*keys));
		for (uint32_t i = 0; i < count; i++) {
			keys[i].index = i;
			keys[i].column = column;
			column_get(column, summary, table->row(summary, i), &keys[i].value);
		}
		qsort(keys, count, sizeof(*keys), compare_keys);
		for (uint32_t i = 0; i < count; i++)
			order[i] = keys[i].index;
		free(keys);
	}
	*ret_order = order;
	return 0;
}
