/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: the summary's verdict. Goes out: its lines. A letter that stands for several seconds is that of most of them; of
 * equals, the earlier. Never shows a letter that the legend does not name.
 */
#include "view/verdict.h"

#include "base/limit.h"

#include <inttypes.h>
#include <string.h>

#define TEXT_COLUMN 7 /* where the text after LIMIT and TRY begins */

static bool is_limit(uint8_t limit)
{
	return limit != ROTA_LIMIT_NONE && limit != ROTA_LIMIT_UNKNOWN;
}

static void print_evidence(struct page *page, const struct rota_verdict *verdict)
{
	char text[sizeof(verdict->evidence[0].says) + 16];

	page_explain(page, EXPLAIN_LIMIT);
	for (uint32_t i = 0; i < verdict->evidence_count; i++) {
		snprintf(text, sizeof(text), "Evidence: %s.", verdict->evidence[i].says);
		page_explain_text(page, text);
	}
	page_explain_text(page, verdict->second_says);
}

void verdict_print(struct page *page, const struct rota_summary *summary)
{
	const struct rota_verdict *verdict = &summary->verdict;
	char text[sizeof(verdict->sentence) + 32];

	if (!verdict->sentence[0]) /* nothing was judged */
		return;
	page_style(page, is_limit(verdict->limit) ? PAGE_ALERT : PAGE_BOLD);
	page_text(page, "LIMIT");
	page_to(page, TEXT_COLUMN);
	page_text(page, limit_name(verdict->limit));
	page_style(page, PAGE_PLAIN);
	page_text(page, ". ");
	snprintf(text, sizeof(text), "%s", verdict->sentence);
	page_words(page, TEXT_COLUMN, text);
	page_end(page);
	print_evidence(page, verdict);
	if (verdict->advice[0]) {
		page_style(page, PAGE_BOLD);
		page_text(page, "TRY");
		page_to(page, TEXT_COLUMN);
		page_style(page, PAGE_PLAIN);
		page_words(page, TEXT_COLUMN, verdict->advice);
		page_end(page);
	}
	page_end(page);
}

static uint8_t most_of(const uint8_t *limits, uint32_t count)
{
	uint32_t tally[ROTA_LIMITS] = { 0 };
	uint8_t most = limits[0];

	for (uint32_t i = 0; i < count; i++)
		tally[limits[i] < ROTA_LIMITS ? limits[i] : ROTA_LIMIT_UNKNOWN]++;
	for (uint32_t i = 0; i < count; i++) {
		if (tally[limits[i] < ROTA_LIMITS ? limits[i] : ROTA_LIMIT_UNKNOWN] > tally[most])
			most = limits[i];
	}
	return most;
}

void verdict_print_seconds(struct page *page, const struct rota_summary *summary)
{
	const struct rota_verdict *verdict = &summary->verdict;
	uint32_t room = page->width > PAGE_LABEL_COLUMNS + 8 ? page->width - PAGE_LABEL_COLUMNS : page->width;
	uint32_t each = room ? (verdict->second_count + room - 1) / room : 1;
	bool drawn[ROTA_LIMITS] = { false };

	if (verdict->second_count < 2)
		return;
	page_label(page, "limit by second");
	for (uint32_t i = 0; i < verdict->second_count; i += each) {
		uint32_t left = verdict->second_count - i;
		uint8_t limit = most_of(&verdict->by_second[i], left < each ? left : each);

		drawn[limit < ROTA_LIMITS ? limit : ROTA_LIMIT_UNKNOWN] = true;
		page_text(page, limit_letter(limit));
	}
	page_end(page);
	page_label(page, "");
	for (uint8_t i = 0; i < ROTA_LIMITS; i++) { /* limits first, unknown and none last */
		uint8_t limit = (uint8_t)(ROTA_LIMITS - 1 - i);

		if (drawn[limit])
			page_item(page, PAGE_LABEL_COLUMNS, "%s %s", limit_letter(limit), limit_name(limit));
	}
	if (each * verdict->second_ns > 1000000000U)
		page_item(page, PAGE_LABEL_COLUMNS, "one letter is %" PRIu64 " s",
			  each * verdict->second_ns / 1000000000U);
	page_end(page);
	page_explain(page, EXPLAIN_LIMIT_SECONDS);
}
