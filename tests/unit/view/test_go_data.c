/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Go programs in JSON and CSV: figures against the summary, what is null and why, every field documented, hostile names. */
#include "capture.h"
#include "golden.h"
#include "parsed.h"
#include "sample_go.h"
#include "view/column.h"

#include <math.h>

static const enum view_table tables[] = { VIEW_GOROUTINES, VIEW_GO_FUNCTIONS, VIEW_GO_WAITS, VIEW_RUNTIMES };

Test(go_data, levels_and_runtimes)
{
	struct rota_summary *summary = sample_go_service();
	struct json_object *root = parse(summary, false), *levels = at(root, "goroutines.demand.levels");

	cr_expect_eq(count_at(root, "goroutines.in_progress.looks"), 600U);
	cr_expect_float_eq(json_object_get_double(at(root, "goroutines.in_progress.mean")), 1204, 1e-9);
	cr_expect_eq(count_at(root, "goroutines.in_progress.max"), 1312U);
	cr_expect_eq(sum_ns(levels, "seconds"), ns_at(root, "goroutines.demand.looked_seconds"));
	cr_expect_eq(ns_at(root, "goroutines.demand.active_seconds"), 27000000000ULL);
	cr_expect_float_eq(json_object_get_double(at(root, "goroutines.demand.mean_active")), 6.7 / 0.9, 1e-9);
	cr_expect_eq(ns_at(root, "p.gomaxprocs.looked_seconds") + ns_at(root, "p.gomaxprocs.unknown_seconds"),
		     ns_at(root, "window.seconds"));
	cr_expect_eq(ns_at(root, "p.held_throttled_seconds"), 140000000000ULL);
	cr_expect_eq(count_at(root, "p.hand_offs"), 1234U);
	cr_expect_str_eq(text_at(root, "runtimes.0.version"), "go1.23.4");
	cr_expect_str_eq(text_at(root, "runtimes.0.found_by"), "dwarf");
	cr_expect_str_eq(text_at(root, "runtimes.0.gomaxprocs_set_by"), "runtime");
	cr_expect_null(at(root, "runtimes.0.gomaxprocs_environment"));
	cr_expect_null(at(root, "runtimes.0.note"));
	cr_expect_eq(count_at(root, "runtimes.0.samples.gc"), 812U);
	cr_expect_eq(ns_at(root, "runtimes.0.mutex_wait_seconds"), 45000000000ULL);
	cr_expect_float_eq(json_object_get_double(at(root, "runtimes.0.latency.p99_us")), 2097.151, 1e-9);
	cr_expect_str_eq(text_at(root, "ladder.0.rung"), "goroutines");
	json_object_put(root);
	sample_free(summary);
}

Test(go_data, rows)
{
	struct rota_summary *summary = sample_go_service();
	struct json_object *root = parse(summary, true);

	cr_expect_eq(json_object_array_length(at(root, "goroutine_rows")), 9U);
	cr_expect_eq(count_at(root, "goroutine_rows.0.goid"), 18U);
	cr_expect_str_eq(text_at(root, "goroutine_rows.0.function"),
			 "github.com/shop/checkout/internal/cart.(*Service).handle.func1");
	cr_expect_str_eq(text_at(root, "goroutine_rows.2.kind"), "runtime");
	cr_expect_str_eq(text_at(root, "goroutine_rows.4.kind"), "scheduler");
	cr_expect_str_eq(text_at(root, "goroutine_rows.7.kind"), "C");
	cr_expect_null(at(root, "goroutine_rows.3.goid"));
	cr_expect_eq(count_at(root, "goroutine_rows.3.folded"), 412U);
	cr_expect_null(at(root, "goroutine_rows.4.function"));
	cr_expect_null(at(root, "goroutine_rows.0.exact_seconds"));
	cr_expect_float_eq(json_object_get_double(at(root, "goroutine_rows.0.share")), 1800.0 / 5600, 1e-12);
	cr_expect_eq(ns_at(root, "goroutine_rows.0.blocked_by_class.disk"), 700000000U);
	cr_expect_eq(json_object_array_length(at(root, "go_functions")), 7U);
	cr_expect_eq(count_at(root, "go_functions.3.goroutines"), 412U);
	cr_expect_str_eq(text_at(root, "go_populations.0.reason"), "IO wait");
	cr_expect_null(at(root, "go_populations.4.reason"));
	cr_expect_str_eq(text_at(root, "go_populations.6.state"), "other");
	json_object_put(root);
	sample_free(summary);
}

static bool noted(struct json_object *root, const char *what)
{
	struct json_object *notes = at(root, "notes");

	for (size_t i = 0; i < json_object_array_length(notes); i++)
		if (strstr(json_object_get_string(json_object_array_get_idx(notes, i)), what))
			return true;
	return false;
}

Test(go_data, what_is_not_known_is_null_and_said)
{
	struct rota_summary *summary = sample_go_threads_only();
	struct json_object *root = parse(summary, false);

	cr_expect_null(at(root, "goroutines"));
	cr_expect_null(at(root, "p"));
	cr_expect(noted(root, "goroutines and p are null"));
	cr_expect(json_object_get_boolean(at(root, "runtimes.0.threads_only")));
	cr_expect_null(at(root, "runtimes.0.hand_offs"));
	cr_expect_null(at(root, "runtimes.0.held_runqueue_seconds"));
	cr_expect_null(at(root, "runtimes.0.samples"));
	cr_expect_null(at(root, "runtimes.0.gc_seconds"));
	cr_expect_null(at(root, "runtimes.0.latency"));
	cr_expect_null(at(root, "runtimes.0.gomaxprocs"));
	cr_expect_null(at(root, "go_populations"));
	cr_expect(noted(root, "--go-scan"));
	json_object_put(root);
	sample_free(summary);
	summary = sample_service();
	root = parse(summary, false);
	cr_expect_null(at(root, "runtimes"));
	cr_expect_null(at(root, "goroutine_rows"));
	cr_expect_null(at(root, "go_functions"));
	cr_expect(noted(root, "no Go program was seen"));
	json_object_put(root);
	sample_free(summary);
}

Test(go_data, every_field_is_documented)
{
	struct rota_summary *summary = sample_go_service();
	struct json_object *root = parse(summary, false);

	expect_all_documented(root);
	json_object_put(root);
	sample_free(summary);
}

Test(go_data, hostile_names_stay_valid)
{
	struct rota_summary *summary = sample_go_hostile();
	struct json_object *root = parse(summary, true);

	cr_expect_str_eq(text_at(root, "goroutine_rows.2.function"),
			 "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd");
	cr_expect_eq(strlen(text_at(root, "goroutine_rows.3.function")), 4004U);
	cr_expect_eq(strlen(text_at(root, "goroutine_rows.4.function")), 12000U); /* U+FFFD for each byte */
	cr_expect_eq(strlen(text_at(root, "runtimes.0.name")), (size_t)ROTA_COMM_SIZE);
	cr_expect_null(at(root, "runtimes.0.found_by"));
	json_object_put(root);
	for (size_t t = 0; t < COUNT_OF(tables); t++) {
		char *text = capture_csv(summary, (struct view_options){ .table = tables[t] });

		cr_expect_null(strchr(text, '\033'));
		cr_expect_eq(strncmp(text, column_table(tables[t])->columns[0].csv,
				     strlen(column_table(tables[t])->columns[0].csv)),
			     0);
		free(text);
	}
	sample_free(summary);
}

Test(go_data, csv_of_goroutines)
{
	struct rota_summary *summary = sample_go_turns();
	char *text = capture_csv(summary, (struct view_options){ .table = VIEW_GOROUTINES, .rows = 1 });

	cr_expect_str_eq(text,
			 "name,function,goid,kind,tgid,process,share_fraction,share_error_fraction,cpu_seconds,"
			 "cpu_error_seconds,exact,samples,threads,cpus,cores,runqueue_seconds,throttled_seconds,"
			 "blocked_seconds,blocked_mostly,switch_outs,folded\r\n"
			 "main.left,main.left,18,program,100,turns[100],0.5,0,6.000000000,0.000000000,1,582,1,1,1,"
			 "0.000000000,0.000000000,0.000000000,,0,0\r\n");
	free(text);
	text = capture_csv(summary, (struct view_options){ .table = VIEW_OVERVIEW });
	cr_expect(strstr(text, "\r\ngoroutines_demand_mean,2\r\n"));
	cr_expect(strstr(text, "\r\np_busy_mean,1.5\r\n"));
	free(text);
	sample_free(summary);
	summary = sample_service();
	text = capture_csv(summary, (struct view_options){ .table = VIEW_OVERVIEW });
	cr_expect(strstr(text, "\r\ngoroutines_demand_mean,\r\n"));
	cr_expect(strstr(text, "\r\nhand_offs,\r\n"));
	free(text);
	sample_free(summary);
}

/* A name of any length, whole. */
Test(go_data, csv_does_not_cut)
{
	struct rota_summary *summary = sample_go_hostile();
	char *text = capture_csv(summary, (struct view_options){ .table = VIEW_GO_FUNCTIONS }), *longest = text;
	size_t most = 0;

	for (char *line = text; *line; line += strcspn(line, "\n") + 1)
		if (strcspn(line, "\n") > most) {
			most = strcspn(line, "\n");
			longest = line;
		}
	cr_expect_gt(most, 12000U, "%.80s", longest);
	free(text);
	sample_free(summary);
}

Test(go_data, columns_are_whole_and_sort)
{
	struct rota_summary *summary = sample_go_hostile();

	for (size_t t = 0; t < COUNT_OF(tables); t++) {
		const struct column_table *table = column_table(tables[t]);

		for (uint32_t i = 0; i < table->column_count; i++) {
			const struct column *column = &table->columns[i];
			uint32_t *order, seen = 0, rows = table->row_count(summary);

			cr_expect(column->name[0] && column->csv[0] && column->get, "%s", column->name);
			cr_expect(column->rank == COLUMN_CSV_ONLY || column->explanation[0], "%s", column->name);
			for (uint32_t k = 0; k < i; k++) {
				cr_expect_str_neq(column->name, table->columns[k].name);
				cr_expect_str_neq(column->csv, table->columns[k].csv);
			}
			cr_assert_eq(column_order(table, summary, column->name, &order), 0);
			for (uint32_t row = 0; row < rows; row++)
				for (uint32_t k = 0; k < rows; k++)
					seen += order[k] == row;
			cr_expect_eq(seen, rows, "%s", column->name);
			free(order);
		}
	}
	sample_free(summary);
}
