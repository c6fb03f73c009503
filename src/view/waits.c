/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: the summary's run-queue waits, switches and migrations. Goes out: the middle of a report. Never prints a line
 * of zeros where one word will do.
 */
#include "view/waits.h"
#include "view/label.h"
#include "view/number.h"
#include "view/table.h"

#include "base/duration.h"
#include "base/histogram.h"

#include <stdlib.h>

#define WAITED_FOR_SHOWN 4
#define LONGEST_SHOWN    5

static void print_times(struct page *page, const struct rota_runqueue *queue)
{
	static const struct {
		const char *word;
		double fraction;
	} quantiles[] = {
		{"p50",  0.50},
                { "p90", 0.90},
                { "p99", 0.99}
	};
	char text[DURATION_TEXT_SIZE];

	page_label(page, "  one wait took");
	for (size_t i = 0; queue->histogram.bucket_count && i < sizeof(quantiles) / sizeof(quantiles[0]); i++)
		page_item(page, PAGE_LABEL_COLUMNS, "%s %s", quantiles[i].word,
			  duration_format(text, sizeof(text),
					  histogram_quantile_ns(&queue->histogram, quantiles[i].fraction)));
	page_item(page, PAGE_LABEL_COLUMNS, "max %s", duration_format(text, sizeof(text), queue->histogram.max_ns));
	page_end(page);
	page_explain(page, EXPLAIN_WAIT_TIMES);
}

static void print_causes(struct page *page, const struct rota_runqueue *queue)
{
	static const uint8_t order[] = { ROTA_CAUSE_WAKEUP, ROTA_CAUSE_NEW, ROTA_CAUSE_PREEMPTED, ROTA_CAUSE_YIELDED,
					 ROTA_CAUSE_UNKNOWN };
	char time[DURATION_TEXT_SIZE], count[NUMBER_TEXT_SIZE];

	page_label(page, "  by cause");
	for (size_t i = 0; i < sizeof(order); i++) {
		uint8_t cause = order[i];

		if (queue->cause_count[cause] || queue->cause_ns[cause])
			page_item(page, PAGE_LABEL_COLUMNS, "%s %s (%s ×)", label_cause(cause),
				  duration_format(time, sizeof(time), queue->cause_ns[cause]),
				  number_count(count, sizeof(count), queue->cause_count[cause]));
	}
	page_end(page);
	page_explain(page, EXPLAIN_CAUSES);
}

void waits_print_whom(struct page *page, const char *label, const struct rota_waited_for *list, uint32_t list_count)
{
	uint64_t rest_ns = 0;
	char time[DURATION_TEXT_SIZE], name[LABEL_SIZE];

	if (!list_count)
		return;
	page_label(page, label);
	for (uint32_t i = 0; i < list_count; i++) {
		const struct rota_waited_for *who = &list[i];

		if (i >= WAITED_FOR_SHOWN) {
			rest_ns += who->ns;
			continue;
		}
		duration_format(time, sizeof(time), who->ns);
		if (!who->known)
			page_item(page, PAGE_LABEL_COLUMNS, "not known %s", time);
		else if (!who->tid)
			page_item(page, PAGE_LABEL_COLUMNS, "nobody (the cpu was just changing over) %s", time);
		else
			page_item(page, PAGE_LABEL_COLUMNS, "%s %s%s", label_thread(name, who->name, who->tid),
				  who->ours ? "(ours) " : "", time);
	}
	if (rest_ns)
		page_item(page, PAGE_LABEL_COLUMNS, "%s more %s",
			  number_count(name, sizeof(name), list_count - WAITED_FOR_SHOWN),
			  duration_format(time, sizeof(time), rest_ns));
	page_end(page);
}

static void print_waited_for(struct page *page, const struct rota_summary *summary)
{
	waits_print_whom(page, "  for whom", summary->waited_for, summary->waited_for_count);
	if (summary->waited_for_count)
		page_explain(page, EXPLAIN_WAITED_FOR);
}

/* Who ran in place of threads that the kernel had put aside. */
static void print_preempted(struct page *page, const struct rota_summary *summary)
{
	const struct rota_waited_for *most[WAITED_FOR_SHOWN] = { NULL };
	uint64_t own_ns = 0, strange_ns = 0, rest_ns = 0;
	char time[DURATION_TEXT_SIZE], name[LABEL_SIZE];

	for (uint32_t i = 0; i < summary->waited_for_count; i++) {
		const struct rota_waited_for *who = &summary->waited_for[i];
		uint32_t at = WAITED_FOR_SHOWN;

		*(!who->known || !who->tid ? &rest_ns : who->ours ? &own_ns : &strange_ns) += who->preempted_ns;
		if (!who->known || !who->tid || !who->preempted_ns)
			continue;
		while (at && (!most[at - 1] || most[at - 1]->preempted_ns < who->preempted_ns)) {
			at--;
			if (at + 1 < WAITED_FOR_SHOWN)
				most[at + 1] = most[at];
		}
		if (at < WAITED_FOR_SHOWN)
			most[at] = who;
	}
	if (!own_ns && !strange_ns)
		return;
	page_label(page, "  preempted for");
	if (own_ns)
		page_item(page, PAGE_LABEL_COLUMNS, "our own %s", duration_format(time, sizeof(time), own_ns));
	if (strange_ns)
		page_item(page, PAGE_LABEL_COLUMNS, "others %s", duration_format(time, sizeof(time), strange_ns));
	if (rest_ns)
		page_item(page, PAGE_LABEL_COLUMNS, "not known or nobody %s",
			  duration_format(time, sizeof(time), rest_ns));
	for (uint32_t i = 0; i < WAITED_FOR_SHOWN && most[i]; i++)
		page_item(page, PAGE_LABEL_COLUMNS, "%s %s%s", label_thread(name, most[i]->name, most[i]->tid),
			  most[i]->ours ? "(ours) " : "", duration_format(time, sizeof(time), most[i]->preempted_ns));
	page_end(page);
	page_explain(page, EXPLAIN_PREEMPTED);
}

void waits_print(struct page *page, const struct rota_summary *summary)
{
	const struct rota_runqueue *queue = &summary->runqueue;
	char time[DURATION_TEXT_SIZE], count[NUMBER_TEXT_SIZE];

	page_label(page, "waiting for a cpu");
	if (!queue->count) {
		page_words(page, PAGE_LABEL_COLUMNS, "no thread had to wait");
		page_end(page);
		page_explain(page, EXPLAIN_WAITING);
		return;
	}
	page_item(page, PAGE_LABEL_COLUMNS, "%s in %s wait%s", duration_format(time, sizeof(time), queue->ns),
		  number_count(count, sizeof(count), queue->count), queue->count == 1 ? "" : "s");
	if (queue->cut_count)
		page_item(page, PAGE_LABEL_COLUMNS, "%s of them cut by the start or the end",
			  number_count(count, sizeof(count), queue->cut_count));
	page_end(page);
	page_explain(page, EXPLAIN_WAITING);
	if (queue->histogram.count)
		print_times(page, queue);
	print_causes(page, queue);
	print_waited_for(page, summary);
	print_preempted(page, summary);
}

void waits_print_longest(struct page *page, const struct rota_summary *summary, uint32_t limit)
{
	const struct column_table *table = column_table_waits();
	uint32_t *order;

	if (!summary->wait_count || column_order(table, summary, NULL, &order) < 0)
		return;
	page_end(page);
	table_print(page, table, summary, order, limit ? limit : LONGEST_SHOWN);
	free(order);
}

static void print_stolen(struct page *page, const struct rota_summary *summary)
{
	uint64_t stolen_ns = 0;
	uint32_t cpus = 0;
	char time[DURATION_TEXT_SIZE];

	for (uint32_t i = 0; i < summary->cpu_count; i++) {
		if (!summary->cpus[i].steal_known || !summary->cpus[i].steal_ns)
			continue;
		stolen_ns += summary->cpus[i].steal_ns;
		cpus++;
	}
	if (!stolen_ns)
		return;
	page_label(page, "stolen time");
	page_item(page, PAGE_LABEL_COLUMNS, "%s on %u hardware thread%s, while the hypervisor ran something else",
		  duration_format(time, sizeof(time), stolen_ns), cpus, cpus == 1 ? "" : "s");
	page_end(page);
	page_explain(page, EXPLAIN_STOLEN);
}

void waits_print_switches(struct page *page, const struct rota_summary *summary)
{
	char count[NUMBER_TEXT_SIZE];
	bool moved = false;

	page_label(page, "left the cpu");
	page_item(page, PAGE_LABEL_COLUMNS, "%s × voluntarily", number_count(count, sizeof(count), summary->voluntary));
	page_item(page, PAGE_LABEL_COLUMNS, "%s × involuntarily",
		  number_count(count, sizeof(count), summary->involuntary));
	page_end(page);
	page_explain(page, EXPLAIN_SWITCHES);
	page_label(page, "migrations");
	for (unsigned int i = 0; i < ROTA_DISTANCES; i++) {
		if (!summary->migrations[i])
			continue;
		moved = true;
		page_item(page, PAGE_LABEL_COLUMNS, "%s %s", number_count(count, sizeof(count), summary->migrations[i]),
			  label_distance(i));
	}
	if (!moved)
		page_text(page, "none");
	page_end(page);
	page_explain(page, EXPLAIN_MIGRATIONS);
	print_stolen(page, summary);
}
