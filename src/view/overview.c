/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: a summary. Goes out: its header, its sentence, its losses and notes. The sentence is for somebody who has just
 * learned the words, so it says what happened, and a mean over no known time is never printed.
 */
#include "view/overview.h"
#include "view/number.h"
#include "view/runtimes.h"

#include "base/duration.h"

#include <inttypes.h>
#include <string.h>

#define SENTENCE_SIZE 768

static uint64_t window_ns(const struct rota_summary *summary)
{
	return summary->end_ns - summary->start_ns;
}

void overview_print_header(struct page *page, const struct rota_summary *summary, const char *command)
{
	const char *target = summary->identity.target_description;
	uint64_t cost_ns = summary->overhead_user_ns + (summary->overhead_bpf_known ? summary->overhead_bpf_ns : 0);
	char text[NUMBER_TEXT_SIZE];

	page_style(page, PAGE_BOLD);
	page_printf(page, "rota %s  ", command ? command : "stat");
	page_words(page, 4, target ? target : "unknown target");
	page_style(page, PAGE_PLAIN);
	runtimes_print_header(page, summary);
	page_item(page, 4, "%s", duration_format(text, sizeof(text), window_ns(summary)));
	if (summary->coverage < 1)
		page_style(page, PAGE_ALERT);
	page_item(page, 4, "seen %s", number_percent(text, sizeof(text), summary->coverage, 1));
	if (summary->coverage < 1)
		page_style(page, PAGE_PLAIN);
	page_item(page, 4, "rota itself %s%s of a cpu", summary->overhead_bpf_known ? "" : "at least ",
		  number_percent(text, sizeof(text), (double)cost_ns, (double)window_ns(summary)));
	page_end(page);
	page_explain(page, EXPLAIN_HEADER);
	if (summary->incomplete) {
		page_style(page, PAGE_ALERT);
		page_words(page, 4,
			   "The recording stopped without saying so (killed, disk full or cut off): this is what was "
			   "saved until then.");
		page_style(page, PAGE_PLAIN);
		page_end(page);
		page_explain(page, EXPLAIN_INCOMPLETE);
	}
	page_end(page);
}

static uint64_t threads_seen(const struct rota_summary *summary)
{
	uint64_t total = 0;

	for (uint32_t i = 0; i < summary->thread_count; i++)
		total += summary->threads[i].folded ? summary->threads[i].folded : 1;
	return total;
}

static bool known(const struct rota_summary *summary, const struct rota_levels *levels)
{
	return levels->unknown_ns < window_ns(summary);
}

/* All of them, all the time: then "on average" would say nothing. */
static bool constant(const struct rota_levels *in_progress, uint64_t total)
{
	return in_progress->max == total && in_progress->mean >= (double)total * 0.995;
}

/* "24 threads were in progress", and where they came and went, how many at a time. */
static size_t say_in_progress(char *out, size_t size, const struct rota_summary *summary, uint64_t total)
{
	char count[NUMBER_TEXT_SIZE], mean[NUMBER_TEXT_SIZE], max[NUMBER_TEXT_SIZE];
	int used = snprintf(out, size, "%s thread%s in progress", number_count(count, sizeof(count), total),
			    total == 1 ? " was" : "s were");

	if (total > 1 && known(summary, &summary->in_progress) && !constant(&summary->in_progress, total))
		used += snprintf(out + used, size - (size_t)used, ", on average %s at a time (at most %s)",
				 number_mean(mean, sizeof(mean), summary->in_progress.mean),
				 number_count(max, sizeof(max), summary->in_progress.max));
	return (size_t)used;
}

static void say_cores(char *out, size_t size, const struct rota_summary *summary)
{
	char mean[NUMBER_TEXT_SIZE], count[NUMBER_TEXT_SIZE];

	if (!summary->core_count || !known(summary, &summary->core_parallelism))
		snprintf(out, size, ".");
	else if (summary->core_count == 1)
		snprintf(out, size, ", on the only physical core.");
	else
		snprintf(out, size, ", on %s of %s physical cores.",
			 number_mean(mean, sizeof(mean), summary->core_parallelism.mean),
			 number_count(count, sizeof(count), summary->core_count));
}

/* One thread throughout: shares of the time say more than "0.45 wanted to run". */
static void say_single(char *out, size_t size, const struct rota_summary *summary)
{
	char want[NUMBER_TEXT_SIZE], get[NUMBER_TEXT_SIZE];

	snprintf(out, size, "; it wanted to run %s of the time and ran %s of the time.",
		 number_percent(want, sizeof(want), summary->demand.mean, 1),
		 number_percent(get, sizeof(get), summary->parallelism.mean, 1));
}

static void say_several(char *out, size_t size, const struct rota_summary *summary, uint64_t total)
{
	char want[NUMBER_TEXT_SIZE], get[NUMBER_TEXT_SIZE], cores[128];

	say_cores(cores, sizeof(cores), summary);
	snprintf(out, size, "; on average %s wanted to run and %s ran at once%s%s",
		 number_mean(want, sizeof(want), summary->demand.mean),
		 number_mean(get, sizeof(get), summary->parallelism.mean), cores,
		 summary->parallelism.max == 1 && total > 1 && !summary->parallelism.unknown_ns
			 ? " Never more than one ran at a time: concurrent, not parallel."
			 : "");
}

static void say(char *out, size_t size, const struct rota_summary *summary)
{
	uint64_t total = threads_seen(summary);
	bool all_seen = !summary->parallelism.unknown_ns;
	char want[NUMBER_TEXT_SIZE];
	size_t used;

	if (!total) {
		snprintf(out, size, "No thread was in progress: there was nothing to watch.");
		return;
	}
	used = say_in_progress(out, size, summary, total);
	if (!known(summary, &summary->parallelism) || !known(summary, &summary->demand))
		snprintf(out + used, size - used, "; what %s did is not known, because the records of it were lost.",
			 total == 1 ? "it" : "they");
	else if (!summary->parallelism.active_ns && !summary->demand.active_ns)
		snprintf(out + used, size - used, " and %s ran%s", total == 1 ? "it never" : "none",
			 !all_seen    ? " in the time that is known."
			 : total == 1 ? "."
				      : ": concurrent, not parallel.");
	else if (!summary->parallelism.active_ns)
		snprintf(out + used, size - used, "; on average %s wanted to run, but none ran%s.",
			 number_mean(want, sizeof(want), summary->demand.mean),
			 all_seen ? "" : " in the time that is known");
	else if (total == 1 && constant(&summary->in_progress, 1))
		say_single(out + used, size - used, summary);
	else
		say_several(out + used, size - used, summary, total);
}

void overview_print_sentence(struct page *page, const struct rota_summary *summary)
{
	char text[SENTENCE_SIZE];

	say(text, sizeof(text), summary);
	page_words(page, 0, text);
	page_end(page);
	page_explain(page, EXPLAIN_SENTENCE);
}

static void print_lost_cpus(struct page *page, const struct rota_summary *summary)
{
	char count[NUMBER_TEXT_SIZE];

	for (uint32_t i = 0; i < summary->lost_cpu_count; i++) {
		const struct rota_lost_on_cpu *lost = &summary->lost_cpus[i];

		number_count(count, sizeof(count), lost->records);
		if (lost->cpu == ROTA_CPU_NONE)
			page_item(page, PAGE_LABEL_COLUMNS, "%s on an unknown cpu", count);
		else
			page_item(page, PAGE_LABEL_COLUMNS, "%s on cpu %" PRIu32, count, lost->cpu);
	}
}

void overview_print_loss(struct page *page, const struct rota_summary *summary)
{
	char count[NUMBER_TEXT_SIZE], percent[NUMBER_TEXT_SIZE];

	if (!summary->lost_records && !summary->damaged_blocks && !summary->lost_cpu_count)
		return;
	page_style(page, PAGE_ALERT);
	page_label(page, "loss");
	page_item(page, PAGE_LABEL_COLUMNS, "%s of the time is unknown",
		  number_percent(percent, sizeof(percent), 1 - summary->coverage, 1));
	page_item(page, PAGE_LABEL_COLUMNS, "%s record%s lost",
		  number_count(count, sizeof(count), summary->lost_records), summary->lost_records == 1 ? "" : "s");
	if (summary->damaged_blocks)
		page_item(page, PAGE_LABEL_COLUMNS, "%s damaged block%s in the file",
			  number_count(count, sizeof(count), summary->damaged_blocks),
			  summary->damaged_blocks == 1 ? "" : "s");
	page_style(page, PAGE_PLAIN);
	page_end(page);
	if (summary->lost_cpu_count) {
		page_label(page, "  records lost");
		print_lost_cpus(page, summary);
		page_end(page);
	}
	page_explain(page, EXPLAIN_LOSS);
}

void overview_print_cost(struct page *page, const struct rota_summary *summary)
{
	char text[DURATION_TEXT_SIZE];

	page_label(page, "rota itself");
	if (!summary->overhead_bpf_known)
		page_item(page, PAGE_LABEL_COLUMNS, "in the kernel: not measured");
	else
		page_item(page, PAGE_LABEL_COLUMNS, "%s in the kernel%s",
			  duration_format(text, sizeof(text), summary->overhead_bpf_ns),
			  summary->overhead_bpf_estimated ? " (estimated)" : "");
	page_item(page, PAGE_LABEL_COLUMNS, "%s as a program",
		  duration_format(text, sizeof(text), summary->overhead_user_ns));
	page_end(page);
	page_explain(page, EXPLAIN_COST);
}

void overview_print_notes(struct page *page, const struct rota_summary *summary)
{
	if (!summary->note_count)
		return;
	page_end(page);
	for (uint32_t i = 0; i < summary->note_count; i++) {
		page_text(page, i ? "      " : "note: ");
		page_words(page, 6, summary->notes[i]);
		page_end(page);
	}
}
