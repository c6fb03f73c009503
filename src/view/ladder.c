/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: the summary's rungs, levels and SMT split. Goes out: the upper half of a report. The mark stands only where
 * something noteworthy is stuck; a rung's figures are printed with two decimals so that want = get + stuck can be checked.
 */
#include "view/ladder.h"
#include "view/number.h"
#include "view/waits.h"

#include <math.h>
#include <string.h>

#define FIGURE_COLUMNS 9
#define NOTE_COLUMN    (PAGE_LABEL_COLUMNS + 4 * FIGURE_COLUMNS + 4)
#define MAX_GROUPS     6
#define GROUP_COLUMNS  8

static const char *rung_label(const char *rung)
{
	static const char *const labels[][2] = {
		{"goroutines",        "goroutines"      },
                { "p",                "P (GOMAXPROCS)"  },
		{ "threads",          "OS threads"      },
                { "allowed_cpus",     "allowed cpus"    },
		{ "quota",            "cgroup quota"    },
                { "hardware_threads", "hardware threads"},
		{ "cores",            "physical cores"  },
                { "l3",               "L3 domains"      },
		{ "sockets",          "sockets"         },
	};

	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		if (strcmp(labels[i][0], rung) == 0)
			return labels[i][1];
	return rung;
}

/* A single L3 or socket is nothing to choose from. */
static bool rung_shown(const struct rota_rung *rung)
{
	return rung->have > 1 || (strcmp(rung->rung, "l3") != 0 && strcmp(rung->rung, "sockets") != 0);
}

/* Where most is stuck, if that is worth a look: a tenth of a thread and a twentieth of what was wanted. */
static const struct rota_rung *limiting_rung(const struct rota_summary *summary)
{
	const struct rota_rung *limit = NULL;

	for (uint32_t i = 0; i < summary->rung_count; i++) {
		const struct rota_rung *rung = &summary->rungs[i];

		if (!rung->has_stuck || rung->stuck < 0.1 || (rung->has_want && rung->stuck < rung->want / 20))
			continue;
		if (!limit || rung->stuck > limit->stuck)
			limit = rung;
	}
	return limit;
}

static void figure(struct page *page, bool has, double value, bool whole)
{
	char text[NUMBER_TEXT_SIZE] = "";

	if (has && whole && value >= 0 && value < 1e15 && value == floor(value))
		number_count(text, sizeof(text), (uint64_t)value);
	else if (has)
		number_mean(text, sizeof(text), value);
	page_cell(page, text, FIGURE_COLUMNS, PAGE_RIGHT);
}

/* Threads are what Go calls Ms where a rung above them is Go's. */
static bool is_m(const struct rota_summary *summary, const struct rota_rung *rung)
{
	return rung > summary->rungs && strcmp(rung->rung, "threads") == 0 &&
	       (strcmp(rung[-1].rung, "p") == 0 || strcmp(rung[-1].rung, "goroutines") == 0);
}

static void print_rung(struct page *page, const struct rota_rung *rung, bool limit, bool is_m)
{
	uint32_t note_column = NOTE_COLUMN + 12 <= page->width ? NOTE_COLUMN : 4;
	char note[sizeof(rung->note) + 1];

	if (limit)
		page_style(page, PAGE_ALERT);
	page_label(page, is_m ? "OS threads (M)" : rung_label(rung->rung));
	figure(page, true, rung->have, strcmp(rung->rung, "quota") != 0);
	figure(page, rung->has_want, rung->want, false);
	figure(page, rung->has_get, rung->get, false);
	figure(page, rung->has_stuck, rung->stuck, false);
	if (limit) {
		page_text(page, " ◄");
		page_style(page, PAGE_PLAIN);
	}
	snprintf(note, sizeof(note), "%.*s", (int)sizeof(rung->note), rung->note);
	if (note[0]) {
		if (note_column < NOTE_COLUMN)
			page_end(page);
		page_to(page, note_column);
		page_words(page, note_column, note);
	}
	page_end(page);
	page_explain(page, is_m ? EXPLAIN_M : explain_rung(rung->rung));
}

void ladder_print(struct page *page, const struct rota_summary *summary)
{
	static const char *const headers[] = { "have", "want", "get", "stuck" };
	const struct rota_rung *limit = limiting_rung(summary);

	if (!summary->rung_count)
		return;
	page_style(page, PAGE_BOLD);
	page_label(page, "");
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		page_cell(page, headers[i], FIGURE_COLUMNS, PAGE_RIGHT);
	page_style(page, PAGE_PLAIN);
	page_end(page);
	page_explain(page, EXPLAIN_LADDER);
	for (uint32_t i = 0; i < summary->rung_count; i++)
		if (rung_shown(&summary->rungs[i]))
			print_rung(page, &summary->rungs[i], &summary->rungs[i] == limit,
				   is_m(summary, &summary->rungs[i]));
	page_end(page);
}

struct group { /* levels first … last, and the time at them */
	uint32_t first, last;
	uint64_t ns;
};

/* 0 and 1 by themselves; above, every level while there are few, else ranges that each reach `factor` times as far. */
static uint32_t group_levels(const struct rota_levels *levels, struct group groups[MAX_GROUPS])
{
	uint32_t max = levels->level_count ? levels->level_count - 1 : 0, count = 0, needed;
	uint64_t factor = 1, first;

	do {
		factor *= 2;
		needed = 2;
		for (first = 2; first <= max; first *= factor)
			needed++;
	} while (needed > MAX_GROUPS);
	if (max < MAX_GROUPS)
		factor = 0;
	for (first = 0; first <= max; first = groups[count++].last + 1U) {
		uint64_t last = first < 2 || !factor ? first : first * factor - 1;

		groups[count] = (struct group){ .first = (uint32_t)first, .last = last < max ? (uint32_t)last : max };
		for (uint64_t k = first; k <= groups[count].last && k < levels->level_count; k++)
			groups[count].ns += levels->ns[k];
	}
	if (factor && count > 3 && 4 * (max - groups[count - 1].first + 1) <= groups[count - 1].first * (factor - 1)) {
		count--; /* the maximum barely reaches into a range of its own */
		groups[count - 1].last = max;
		groups[count - 1].ns += groups[count].ns;
	}
	return count;
}

static void print_means(struct page *page, const struct rota_levels *levels)
{
	char mean[NUMBER_TEXT_SIZE], active[NUMBER_TEXT_SIZE], max[NUMBER_TEXT_SIZE], text[3 * NUMBER_TEXT_SIZE + 64];

	if (levels->active_ns)
		snprintf(text, sizeof(text), "mean %s · while running %s · max %s",
			 number_mean(mean, sizeof(mean), levels->mean),
			 number_mean(active, sizeof(active), levels->mean_active),
			 number_count(max, sizeof(max), levels->max));
	else
		snprintf(text, sizeof(text), "nothing ran");
	page_label(page, "");
	page_words(page, PAGE_LABEL_COLUMNS, text);
	page_end(page);
}

void ladder_print_levels(struct page *page, const struct rota_summary *summary)
{
	const struct rota_levels *levels = &summary->parallelism;
	double window = (double)(summary->end_ns - summary->start_ns);
	struct group groups[MAX_GROUPS];
	uint32_t count = group_levels(levels, groups);
	char text[NUMBER_TEXT_SIZE];

	page_label(page, "running at once");
	for (uint32_t i = 0; i < count; i++) {
		if (groups[i].first == groups[i].last)
			snprintf(text, sizeof(text), "%u", groups[i].first);
		else
			snprintf(text, sizeof(text), "%u–%u", groups[i].first, groups[i].last);
		page_cell(page, text, GROUP_COLUMNS, PAGE_RIGHT);
	}
	if (levels->unknown_ns)
		page_cell(page, "unknown", GROUP_COLUMNS + 1, PAGE_RIGHT);
	page_end(page);
	page_label(page, "share of time");
	for (uint32_t i = 0; i < count; i++)
		page_cell(page, number_percent(text, sizeof(text), (double)groups[i].ns, window), GROUP_COLUMNS,
			  PAGE_RIGHT);
	if (levels->unknown_ns)
		page_cell(page, number_percent(text, sizeof(text), (double)levels->unknown_ns, window),
			  GROUP_COLUMNS + 1, PAGE_RIGHT);
	page_end(page);
	print_means(page, levels);
	page_explain(page, EXPLAIN_LEVELS);
}

void ladder_print_smt(struct page *page, const struct rota_summary *summary)
{
	const struct rota_smt_split *smt = &summary->smt;
	const struct {
		const char *word;
		uint64_t ns;
	} parts[] = {
		{"idle",     smt->idle_ns   },
		{ "ours",    smt->ours_ns   },
		{ "others",  smt->others_ns },
		{ "unknown", smt->unknown_ns},
	};
	uint64_t running_ns = smt->idle_ns + smt->ours_ns + smt->others_ns + smt->unknown_ns;
	char text[NUMBER_TEXT_SIZE];

	if (!summary->core_count)
		return; /* no machine to speak of */
	page_label(page, "SMT sibling");
	if (!summary->smt_present)
		page_words(page, PAGE_LABEL_COLUMNS, "none: each core of this machine has one hardware thread");
	else if (!running_ns)
		page_words(page, PAGE_LABEL_COLUMNS, "nothing ran beside which a sibling could be idle or busy");
	for (size_t i = 0; summary->smt_present && running_ns && i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (i == 3 && !parts[i].ns)
			continue;
		page_item(page, PAGE_LABEL_COLUMNS, "%s %s", parts[i].word,
			  number_percent(text, sizeof(text), (double)parts[i].ns, (double)running_ns));
	}
	page_end(page);
	page_explain(page, summary->smt_present ? EXPLAIN_SMT : EXPLAIN_NO_SMT);
	waits_print_whom(page, "  others were", summary->neighbours, summary->neighbour_count);
}
