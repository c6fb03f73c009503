/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* CSV, read back by a parser of its own after RFC 4180: shape, exact figures, quoting, empty for unknown. */
#include "capture.h"
#include "sample.h"

#define MAX_FIELDS 64

struct row {
	char *fields[MAX_FIELDS];
	int count;
};

/* Takes one record apart in place; returns where the next begins. */
static char *parse_row(char *at, struct row *ret_row)
{
	ret_row->count = 0;
	for (;;) {
		char *to = at;
		bool quoted = *at == '"';

		cr_assert_lt(ret_row->count, MAX_FIELDS);
		ret_row->fields[ret_row->count++] = to;
		at += quoted;
		while (quoted ? !(at[0] == '"' && at[1] != '"') : *at != ',' && *at != '\r') {
			cr_assert(*at, "the end, inside a field");
			at += quoted && *at == '"';
			*to++ = *at++;
		}
		at += quoted;
		if (*at == ',') {
			*to = 0;
			at++;
			continue;
		}
		cr_assert(at[0] == '\r' && at[1] == '\n', "a record ends in CR LF");
		*to = 0;
		return at + 2;
	}
}

static const char *field(const struct row *header, const struct row *row, const char *name)
{
	cr_assert_eq(header->count, row->count);
	for (int i = 0; i < header->count; i++)
		if (strcmp(header->fields[i], name) == 0)
			return row->fields[i];
	cr_assert_fail("no column %s", name);
	return NULL;
}

static uint64_t ns_of(const char *seconds)
{
	const char *point = strchr(seconds, '.');

	cr_assert(point && strlen(point) == 10, "%s has not nine digits", seconds);
	return strtoull(seconds, NULL, 10) * 1000000000ULL + strtoull(point + 1, NULL, 10);
}

Test(csv, threads_are_exact)
{
	struct rota_summary *summary = sample_service();
	char *text = capture_csv(summary, (struct view_options){ .table = VIEW_THREADS }), *at = text;
	struct row header, row;

	at = parse_row(at, &header);
	for (uint32_t i = 0; i < summary->thread_count; i++) {
		const struct rota_thread_summary *thread = &summary->threads[i];

		at = parse_row(at, &row);
		cr_expect_str_eq(field(&header, &row, "name"), thread->name);
		cr_expect_eq(strtoul(field(&header, &row, "tid"), NULL, 10), thread->tid);
		cr_expect_eq(ns_of(field(&header, &row, "running_seconds")), thread->state_ns[ROTA_RUNNING]);
		cr_expect_eq(ns_of(field(&header, &row, "runqueue_seconds")), thread->state_ns[ROTA_RUNNABLE]);
		cr_expect_eq(ns_of(field(&header, &row, "throttled_seconds")), thread->state_ns[ROTA_THROTTLED]);
		cr_expect_eq(ns_of(field(&header, &row, "blocked_seconds")), thread->state_ns[ROTA_BLOCKED]);
		cr_expect_eq(ns_of(field(&header, &row, "criticality_seconds")), thread->criticality_ns);
		cr_expect_eq(ns_of(field(&header, &row, "sibling_ours_seconds")), thread->smt.ours_ns);
		cr_expect_eq(strtoull(field(&header, &row, "voluntary"), NULL, 10), thread->voluntary);
		cr_expect_float_eq(strtod(field(&header, &row, "running_fraction"), NULL),
				   (double)thread->state_ns[ROTA_RUNNING] / 30e9, 1e-12);
		cr_expect_eq(*field(&header, &row, "mean_parallelism") == 0, thread->state_ns[ROTA_RUNNING] == 0);
	}
	cr_expect_eq(*at, 0);
	free(text);
	sample_free(summary);
}

Test(csv, rows_are_sorted_and_limited)
{
	struct rota_summary *summary = sample_service();
	char *text = capture_csv(summary, (struct view_options){ .table = VIEW_THREADS, .sort = "tid", .rows = 2 });
	struct row header, row;
	char *at = parse_row(text, &header);

	at = parse_row(at, &row);
	cr_expect_str_eq(field(&header, &row, "tid"), "4734");
	at = parse_row(at, &row);
	cr_expect_str_eq(field(&header, &row, "tid"), "4733");
	cr_expect_eq(*at, 0);
	free(text);
	sample_free(summary);
}

Test(csv, without_smt_its_fields_are_empty)
{
	struct rota_summary *summary = sample_turns();
	char *text = capture_csv(summary, (struct view_options){ .table = VIEW_CPUS });
	struct row header, row;

	parse_row(parse_row(text, &header), &row);
	cr_expect_str_eq(field(&header, &row, "sibling_idle_seconds"), "");
	cr_expect_str_eq(field(&header, &row, "target_seconds"), "8.000000000");
	free(text);
	text = capture_csv(summary, (struct view_options){ .table = VIEW_CORES });
	parse_row(parse_row(text, &header), &row);
	cr_expect_str_eq(field(&header, &row, "cpus"), "0");
	cr_expect_str_eq(field(&header, &row, "target_seconds_more"), "");
	free(text);
	sample_free(summary);
}

Test(csv, hostile_names)
{
	struct rota_summary *summary = sample_hostile();
	char *text = capture_csv(summary, (struct view_options){ .table = VIEW_THREADS }), *at;
	struct row header, row[5];

	cr_expect_null(strchr(text, '\033'));
	at = parse_row(text, &header);
	for (size_t i = 0; i < COUNT_OF(row); i++)
		at = parse_row(at, &row[i]);
	cr_expect_str_eq(row[0].fields[0], "?[2J?[31mred");
	cr_expect_str_eq(row[2].fields[0], "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd");
	cr_expect_str_eq(row[4].fields[0], "say \"hi\", x");
	free(text);
	sample_free(summary);
}

Test(csv, overview_is_pairs)
{
	struct rota_summary *summary = sample_lossy();
	char *text = capture_csv(summary, (struct view_options){ .table = VIEW_OVERVIEW });

	cr_expect_eq(strncmp(text, "name,value\r\nwindow_seconds,30.000000000\r\n", 41), 0);
	cr_expect(strstr(text, "\r\nlost_records,1204\r\n"));
	cr_expect(strstr(text, "\r\nthreads,24\r\n"));
	cr_expect(strstr(text, "\r\nparallelism_unknown_seconds,0.600000000\r\n"));
	cr_expect(strstr(text, "\r\nrunqueue_max_seconds,0.006200000\r\n"));
	cr_expect(strstr(text, "\r\nincomplete,1\r\n"));
	free(text);
	sample_free(summary);
	summary = sample_turns();
	text = capture_csv(summary, (struct view_options){ .table = VIEW_OVERVIEW });
	cr_expect(strstr(text, "\r\noverhead_bpf_seconds,\r\n"));
	cr_expect(strstr(text, "\r\nsibling_ours_seconds,\r\n"));
	free(text);
	sample_free(summary);
}
