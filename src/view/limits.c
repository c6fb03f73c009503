/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: a summary. Goes out: one line a limit. Nothing is printed of what does not limit. */
#include "view/limits.h"
#include "base/duration.h"
#include "view/number.h"

#define QUOTAS_SHOWN 4
#define IDLE_PARTS   1000U /* time with a cpu idle is shown from a thousandth of the window on */

static void print_quota(struct page *page, const struct rota_quota *quota, bool first)
{
	char cpus[NUMBER_TEXT_SIZE], throttled[NUMBER_TEXT_SIZE], periods[NUMBER_TEXT_SIZE], time[DURATION_TEXT_SIZE];

	page_label(page, first ? "cgroup quota" : "");
	page_item(page, PAGE_LABEL_COLUMNS, "%.120s: %s cpus", quota->cgroup,
		  number_mean(cpus, sizeof(cpus), quota->cpus));
	page_item(page, PAGE_LABEL_COLUMNS, "throttled in %s of %s periods",
		  number_count(throttled, sizeof(throttled), quota->throttled_periods),
		  number_count(periods, sizeof(periods), quota->periods));
	if (quota->throttled_ns)
		page_item(page, PAGE_LABEL_COLUMNS, "%s over all cpus",
			  duration_format(time, sizeof(time), quota->throttled_ns));
	page_end(page);
}

static void print_quotas(struct page *page, const struct rota_summary *summary)
{
	for (uint32_t i = 0; i < summary->quota_count && i < QUOTAS_SHOWN; i++)
		print_quota(page, &summary->quotas[i], i == 0);
	if (summary->quota_count > QUOTAS_SHOWN) {
		page_label(page, "");
		page_item(page, PAGE_LABEL_COLUMNS, "%u more, with larger quotas", summary->quota_count - QUOTAS_SHOWN);
		page_end(page);
	}
	if (summary->quota_count)
		page_explain(page, EXPLAIN_QUOTAS);
}

static void print_affinity(struct page *page, const struct rota_summary *summary)
{
	const struct rota_affinity *affinity = &summary->affinity;
	char text[NUMBER_TEXT_SIZE];

	if (!affinity->known || !affinity->confined_threads)
		return;
	page_label(page, "allowed cpus");
	page_item(page, PAGE_LABEL_COLUMNS, "%s of %u", number_mean(text, sizeof(text), affinity->allowed_cpus),
		  summary->topology->online_count);
	page_item(page, PAGE_LABEL_COLUMNS, "cpus %.*s", (int)sizeof(affinity->cpus), affinity->cpus);
	page_item(page, PAGE_LABEL_COLUMNS, "%s thread%s may not use every cpu",
		  number_count(text, sizeof(text), affinity->confined_threads),
		  affinity->confined_threads == 1 ? "" : "s");
	page_end(page);
	page_explain(page, EXPLAIN_AFFINITY);
}

static void print_idle(struct page *page, const struct rota_summary *summary)
{
	const struct rota_work_conservation *work = &summary->work_conservation;
	char time[DURATION_TEXT_SIZE];

	if (!work->known || work->idle_while_runnable_ns <= (summary->end_ns - summary->start_ns) / IDLE_PARTS)
		return;
	page_label(page, "idle meanwhile");
	page_item(page, PAGE_LABEL_COLUMNS,
		  "%s with a thread queued behind another while a cpu that it may use was idle",
		  duration_format(time, sizeof(time), work->idle_while_runnable_ns));
	page_end(page);
	page_explain(page, EXPLAIN_IDLE);
}

void limits_print(struct page *page, const struct rota_summary *summary)
{
	print_quotas(page, summary);
	print_affinity(page, summary);
	print_idle(page, summary);
}
