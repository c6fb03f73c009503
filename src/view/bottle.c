/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: threads with criticality and mean parallelism. Goes out: boxes of characters, and the serial part in words. */
#include "view/bottle.h"
#include "view/label.h"
#include "view/number.h"

#include "base/alloc.h"
#include "base/duration.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define BOTTLE_LINES   20 /* of the whole bottle, 5 % of its height each */
#define SHARE_COLUMNS  8
#define WIDTH_COLUMNS  9
#define NAME_COLUMNS   24
#define NAME_NARROW    14
#define DRAW_COLUMNS   20 /* narrower, boxes would show nothing */
#define GAP_COLUMNS    2
#define SERIAL_THREADS 3

struct box {
	char name[LABEL_SIZE + 24];
	double height_ns, width;
	uint64_t running_ns; /* weight of the mean where threads share a box */
	uint32_t lines;
};

static int narrowest_first(const void *a, const void *b)
{
	const struct box *x = a, *y = b;

	if (x->width != y->width)
		return x->width < y->width ? -1 : 1;
	return x->height_ns != y->height_ns ? (x->height_ns > y->height_ns ? -1 : 1) : 0;
}

static double total_height_ns(const struct rota_summary *summary)
{
	double total = 0;

	for (uint32_t i = 0; i < summary->thread_count; i++)
		total += (double)summary->threads[i].criticality_ns;
	return total;
}

static void name_box(struct box *box, const struct rota_thread_summary *thread)
{
	char name[LABEL_SIZE];

	if (thread->folded)
		snprintf(box->name, sizeof(box->name), "%s (%" PRIu32 " ended)", label_name(name, thread->name),
			 thread->folded);
	else
		snprintf(box->name, sizeof(box->name), "%s", label_thread(name, thread->name, thread->tid));
}

/* The boxes, top first; those of less than half a line are one. The array is the caller's. */
static struct box *make_boxes(const struct rota_summary *summary, double total_ns, uint32_t *ret_count)
{
	struct box *boxes = xcalloc(2 * BOTTLE_LINES + 1, sizeof(*boxes)), rest = { 0 };
	uint64_t rest_threads = 0;
	uint32_t count = 0;
	double above_ns = 0;

	for (uint32_t i = 0; i < summary->thread_count; i++) {
		const struct rota_thread_summary *thread = &summary->threads[i];
		double height_ns = (double)thread->criticality_ns;

		if (!thread->criticality_ns)
			continue;
		if (height_ns * 2 * BOTTLE_LINES >= total_ns && count < 2 * BOTTLE_LINES) {
			boxes[count] = (struct box){ .height_ns = height_ns, .width = thread->mean_parallelism };
			name_box(&boxes[count++], thread);
			continue;
		}
		rest_threads += thread->folded ? thread->folded : 1;
		rest.height_ns += height_ns;
		rest.width += thread->mean_parallelism * (double)thread->state_ns[ROTA_RUNNING];
		rest.running_ns += thread->state_ns[ROTA_RUNNING];
	}
	if (rest_threads) {
		snprintf(rest.name, sizeof(rest.name), "%" PRIu64 " more thread%s", rest_threads,
			 rest_threads == 1 ? "" : "s");
		rest.width = rest.running_ns ? rest.width / (double)rest.running_ns : 0;
		boxes[count++] = rest;
	}
	qsort(boxes, count, sizeof(*boxes), narrowest_first);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t top = (uint32_t)(above_ns / total_ns * BOTTLE_LINES + 0.5);

		above_ns += boxes[i].height_ns;
		boxes[i].lines = (uint32_t)(above_ns / total_ns * BOTTLE_LINES + 0.5) - top;
		if (!boxes[i].lines)
			boxes[i].lines = 1;
	}
	*ret_count = count;
	return boxes;
}

/* How a page is divided: words to the left, the bottle to the right. */
struct plan {
	uint32_t name, left, draw; /* columns; draw 0: no room for a bottle */
	double widest;
};

static struct plan plan_page(const struct page *page, const struct box *boxes, uint32_t count)
{
	struct plan plan = { .name = NAME_COLUMNS, .widest = 1 };

	if (page->width < SHARE_COLUMNS + WIDTH_COLUMNS + NAME_COLUMNS + 2 * DRAW_COLUMNS)
		plan.name = NAME_NARROW;
	plan.left = SHARE_COLUMNS + WIDTH_COLUMNS + GAP_COLUMNS + plan.name + GAP_COLUMNS;
	if (page->width >= plan.left + DRAW_COLUMNS)
		plan.draw = page->width - plan.left;
	for (uint32_t i = 0; i < count; i++)
		if (boxes[i].width > plan.widest)
			plan.widest = boxes[i].width;
	return plan;
}

static void draw_line(struct page *page, const struct plan *plan, const struct box *box, bool dark)
{
	uint32_t columns = (uint32_t)(box->width / plan->widest * plan->draw + 0.5);

	if (columns < 1)
		columns = 1;
	if (columns > plan->draw)
		columns = plan->draw;
	page_to(page, plan->left + (plan->draw - columns) / 2);
	for (uint32_t i = 0; i < columns; i++)
		page_text(page, dark ? "█" : "▒");
}

static void print_box(struct page *page, const struct plan *plan, const struct box *box, double total_ns, bool dark)
{
	char text[NUMBER_TEXT_SIZE];

	for (uint32_t line = 0; line < box->lines && (plan->draw || !line); line++) {
		if (line == (plan->draw ? (box->lines - 1) / 2 : 0)) { /* beside the middle of its box */
			page_cell(page, number_percent(text, sizeof(text), box->height_ns, total_ns), SHARE_COLUMNS,
				  PAGE_RIGHT);
			page_cell(page, number_mean(text, sizeof(text), box->width), WIDTH_COLUMNS, PAGE_RIGHT);
			page_to(page, page->used + GAP_COLUMNS);
			page_cell(page, box->name, plan->name, PAGE_LEFT);
		}
		if (plan->draw)
			draw_line(page, plan, box, dark);
		page_end(page);
	}
}

/* How wide the widest box is. */
static void print_scale(struct page *page, const struct plan *plan)
{
	char number[NUMBER_TEXT_SIZE], text[NUMBER_TEXT_SIZE + 16];
	uint32_t columns, end = plan->left + plan->draw - 1;

	if (!plan->draw)
		return;
	snprintf(text, sizeof(text), " %s at once ", number_mean(number, sizeof(number), plan->widest));
	columns = page_columns(text);
	page_to(page, plan->left);
	page_text(page, "├");
	while (page->used < plan->left + (plan->draw - columns) / 2)
		page_text(page, "─");
	page_text(page, text);
	while (page->used < end)
		page_text(page, "─");
	page_text(page, "┤");
	page_end(page);
}

/* Amdahl's law: a part of the time that took none would leave 1 - share of it. */
static const char *gain(char *out, size_t size, double share)
{
	char number[NUMBER_TEXT_SIZE];

	if (share >= 1)
		snprintf(out, size, "there is nothing else");
	else
		snprintf(out, size, "gains at most %s ×", number_mean(number, sizeof(number), 1 / (1 - share)));
	return out;
}

/* Who ran alone for longest, but for the `count` threads of shown[]; NULL: nobody did. */
static const struct rota_thread_summary *next_alone(const struct rota_summary *summary,
						    const struct rota_thread_summary *const *shown, uint32_t count)
{
	const struct rota_thread_summary *most = NULL;

	for (uint32_t i = 0; i < summary->thread_count; i++) {
		const struct rota_thread_summary *thread = &summary->threads[i];
		bool again = false;

		for (uint32_t k = 0; k < count; k++)
			again = again || shown[k] == thread;
		if (!again && thread->alone_ns && (!most || thread->alone_ns > most->alone_ns))
			most = thread;
	}
	return most;
}

static void print_serial(struct page *page, const struct rota_summary *summary)
{
	const struct rota_levels *levels = &summary->parallelism;
	uint64_t alone_ns = levels->level_count > 1 ? levels->ns[1] : 0;
	const struct rota_thread_summary *shown[SERIAL_THREADS] = { NULL }, *most;
	char time[DURATION_TEXT_SIZE], share[NUMBER_TEXT_SIZE], more[64], name[LABEL_SIZE];

	page_label(page, "serial part");
	if (!alone_ns) {
		page_words(page, PAGE_LABEL_COLUMNS, "none: whenever one thread ran, another did too");
		page_end(page);
		page_explain(page, EXPLAIN_SERIAL);
		return;
	}
	page_item(page, PAGE_LABEL_COLUMNS, "%s, %s of the running time, one thread ran alone",
		  duration_format(time, sizeof(time), alone_ns),
		  number_percent(share, sizeof(share), (double)alone_ns, (double)levels->active_ns));
	page_item(page, PAGE_LABEL_COLUMNS, "removing it %s",
		  gain(more, sizeof(more), (double)alone_ns / (double)levels->active_ns));
	page_end(page);
	page_explain(page, EXPLAIN_SERIAL);
	if (!next_alone(summary, shown, 0))
		return;
	page_label(page, "  most of it");
	for (uint32_t i = 0; i < SERIAL_THREADS && (most = next_alone(summary, shown, i)); i++) {
		shown[i] = most;
		page_item(page, PAGE_LABEL_COLUMNS, "%s %s: removing that %s",
			  most->folded ? label_name(name, most->name) : label_thread(name, most->name, most->tid),
			  number_percent(share, sizeof(share), (double)most->alone_ns, (double)levels->active_ns),
			  gain(more, sizeof(more), (double)most->alone_ns / (double)levels->active_ns));
	}
	page_end(page);
}

void bottle_print(struct page *page, const struct rota_summary *summary)
{
	double total_ns = total_height_ns(summary);
	struct plan plan;
	struct box *boxes;
	uint32_t count;

	if (total_ns <= 0) {
		page_text(page, "no bottle: none of these threads ran");
		page_end(page);
		return;
	}
	boxes = make_boxes(summary, total_ns, &count);
	plan = plan_page(page, boxes, count);
	page_style(page, PAGE_BOLD);
	page_cell(page, "held up", SHARE_COLUMNS, PAGE_RIGHT);
	page_cell(page, "at once", WIDTH_COLUMNS, PAGE_RIGHT);
	page_to(page, page->used + GAP_COLUMNS);
	page_cell(page, "thread", plan.name, PAGE_LEFT);
	page_style(page, PAGE_PLAIN);
	page_end(page);
	page_explain(page, EXPLAIN_BOTTLE);
	for (uint32_t i = 0; i < count; i++)
		print_box(page, &plan, &boxes[i], total_ns, i % 2 == 0);
	print_scale(page, &plan);
	free(boxes);
	page_end(page);
	print_serial(page, summary);
}
