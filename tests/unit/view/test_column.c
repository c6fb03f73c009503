/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Columns: sorting by each kind, unknown values, and that every table's columns are complete and named once. */
#include "sample.h"
#include "view/column.h"

#include <criterion/criterion.h>
#include <errno.h>

static const enum view_table tables[] = { VIEW_THREADS, VIEW_CPUS, VIEW_CORES, VIEW_PROCESSES };

Test(column, every_column_is_whole)
{
	for (size_t t = 0; t < COUNT_OF(tables); t++) {
		const struct column_table *table = column_table(tables[t]);

		for (uint32_t i = 0; i < table->column_count; i++) {
			const struct column *column = &table->columns[i];

			cr_expect(column->name[0] && column->csv[0] && column->get, "%s", column->name);
			cr_expect(column->rank == COLUMN_CSV_ONLY || column->explanation[0], "%s is not explained",
				  column->name);
			for (uint32_t j = 0; j < i; j++) {
				cr_expect_str_neq(column->name, table->columns[j].name);
				cr_expect_str_neq(column->csv, table->columns[j].csv);
			}
		}
	}
}

static void expect_order(const char *sort, const struct rota_summary *summary, uint32_t first, uint32_t second,
			 uint32_t third)
{
	uint32_t *order;

	cr_assert_eq(column_order(column_table(VIEW_THREADS), summary, sort, &order), 0);
	cr_expect_eq(order[0], first, "%s: %u", sort, order[0]);
	cr_expect_eq(order[1], second, "%s: %u", sort, order[1]);
	cr_expect_eq(order[2], third, "%s: %u", sort, order[2]);
	free(order);
}

Test(column, numbers_fall_names_rise_equals_stay)
{
	struct rota_summary *summary = sample_service();

	expect_order(NULL, summary, 0, 1, 2);
	expect_order("running", summary, 0, 1, 2);
	expect_order("tid", summary, 23, 22, 21);
	expect_order("name", summary, 0, 1, 10); /* checkout, worker-1, worker-10 */
	expect_order("waiting", summary, 0, 1, 2);
	expect_order("blocked", summary, 18, 19, 20);
	expect_order("share", summary, 0, 1, 2);
	expect_order("beside", summary, 17, 16, 15); /* unknown for those that never ran */
	expect_order("longest", summary, 0, 1, 2);
	sample_free(summary);
}

Test(column, unknown_comes_last)
{
	struct rota_summary *summary = sample_service();
	uint32_t *order;

	summary->cpus[5].steal_known = false;
	cr_assert_eq(column_order(column_table(VIEW_CPUS), summary, "stolen", &order), 0);
	cr_expect_eq(order[0], 3U);
	cr_expect_eq(order[1], 0U);
	cr_expect_eq(order[15], 5U);
	free(order);
	sample_free(summary);
}

Test(column, every_name_sorts_every_table)
{
	struct rota_summary *summary = sample_hostile();

	for (size_t t = 0; t < COUNT_OF(tables); t++) {
		const struct column_table *table = column_table(tables[t]);
		uint32_t rows = table->row_count(summary);

		for (uint32_t i = 0; i < table->column_count; i++) {
			uint32_t *order, seen = 0;

			cr_assert_eq(column_order(table, summary, table->columns[i].name, &order), 0);
			for (uint32_t row = 0; row < rows; row++)
				for (uint32_t k = 0; k < rows; k++)
					seen += order[k] == row;
			cr_expect_eq(seen, rows, "%s is no permutation", table->columns[i].name);
			free(order);
		}
	}
	sample_free(summary);
}

Test(column, unknown_name_is_refused)
{
	struct rota_summary *summary = sample_service();
	uint32_t *order = (uint32_t *)summary;

	cr_expect_eq(column_order(column_table(VIEW_THREADS), summary, "nonsense", &order), -EINVAL);
	cr_expect_eq(order, (uint32_t *)summary, "output touched on failure");
	cr_expect_eq(column_order(column_table(VIEW_THREADS), summary, "", &order), -EINVAL);
	sample_free(summary);
}
