/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: the summary's strip of slots. Goes out: rows of letters, an axis and a legend. A character stands for the
 * slots it covers by majority; never shows a letter that the legend does not name.
 */
#include "view/strip.h"
#include "view/label.h"

#include "base/alloc.h"
#include "base/duration.h"

#include <stdlib.h>
#include <string.h>

#define ROW_LABEL_COLUMNS 20
#define TICK_COLUMNS      9
#define SHOW_ALL_CPUS     16 /* up to so many hardware threads every row is shown; above, cores without ours are not */

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

enum mark {
	MARK_OURS = '#',
	MARK_IDLE = '.',
	MARK_OTHERS = '-',
	MARK_AWAY = ':',
	MARK_UNKNOWN = '?',
	MARK_OFFLINE = ' '
};

struct drawing {
	const struct rota_summary *summary;
	char *letter_of;     /* by index of the thread; 0 = none */
	uint32_t per_column; /* slots a character */
	uint32_t columns;
	bool used[128]; /* which characters were drawn */
};

/* The slots of a row of summary.cpus: the strip goes by the kernel's cpu numbers, which may have holes. */
static const struct rota_strip_slot *slots_of(const struct rota_summary *summary, uint32_t row)
{
	return &summary->strip.slots[(size_t)summary->cpus[row].cpu * summary->strip.slot_count];
}

/* Letters for the busiest threads that are in the strip at all; the summary's threads come most running first. */
static void give_letters(struct drawing *drawing)
{
	const struct rota_summary *summary = drawing->summary;
	const struct rota_strip *strip = &summary->strip;
	uint32_t given = 0;

	drawing->letter_of = xcalloc(summary->thread_count + 1U, 1);
	for (uint32_t row = 0; row < summary->cpu_count; row++) {
		const struct rota_strip_slot *slots = slots_of(summary, row);

		for (uint32_t i = 0; i < strip->slot_count; i++)
			if (slots[i].occupancy == ROTA_CPU_TARGET && slots[i].thread < summary->thread_count)
				drawing->letter_of[slots[i].thread] = MARK_OURS;
	}
	for (uint32_t i = 0; i < summary->thread_count && given < sizeof(letters) - 1; i++)
		if (drawing->letter_of[i])
			drawing->letter_of[i] = letters[given++];
}

static char slot_mark(const struct drawing *drawing, const struct rota_strip_slot *slot)
{
	switch (slot->occupancy) {
	case ROTA_CPU_TARGET:
		return slot->thread < drawing->summary->thread_count ? drawing->letter_of[slot->thread] : MARK_OURS;
	case ROTA_CPU_OTHER:
		return MARK_OTHERS;
	case ROTA_CPU_IDLE:
		return MARK_IDLE;
	case ROTA_CPU_AWAY:
		return MARK_AWAY;
	case ROTA_CPU_OFFLINE:
		return MARK_OFFLINE;
	default:
		return MARK_UNKNOWN;
	}
}

/* The mark of most of the slots that one character covers; of equals, the earlier. */
static char majority(const struct drawing *drawing, const struct rota_strip_slot *slots, uint32_t count)
{
	uint32_t tally[128] = { 0 };
	char best = MARK_UNKNOWN;

	for (uint32_t i = 0; i < count; i++)
		tally[(unsigned char)slot_mark(drawing, &slots[i])]++;
	for (uint32_t i = 0; i < count; i++) {
		char mark = slot_mark(drawing, &slots[i]);

		if (i == 0 || tally[(unsigned char)mark] > tally[(unsigned char)best])
			best = mark;
	}
	return best;
}

static void draw_row(struct page *page, struct drawing *drawing, uint32_t row)
{
	const struct rota_strip *strip = &drawing->summary->strip;
	const struct rota_strip_slot *slots = slots_of(drawing->summary, row);

	for (uint32_t first = 0; first < strip->slot_count; first += drawing->per_column) {
		uint32_t left = strip->slot_count - first;
		char mark[2] = { majority(drawing, &slots[first],
					  left < drawing->per_column ? left : drawing->per_column) };

		drawing->used[(unsigned char)mark[0]] = true;
		page_text(page, mark);
	}
	page_end(page);
}

static bool row_has_ours(const struct rota_summary *summary, uint32_t row)
{
	const struct rota_strip_slot *slots = slots_of(summary, row);

	for (uint32_t i = 0; i < summary->strip.slot_count; i++)
		if (slots[i].occupancy == ROTA_CPU_TARGET)
			return true;
	return false;
}

/* The rows (indices into summary.cpus) of a core; without a topology each cpu is a core of its own. */
static uint32_t rows_of_core(const struct rota_summary *summary, uint32_t core, uint32_t *rows)
{
	const struct rota_topology *topology = summary->topology;
	uint32_t count = 0;

	for (uint32_t i = 0; i < summary->cpu_count; i++) {
		uint32_t cpu = summary->cpus[i].cpu;

		if (topology && cpu < topology->cpu_count ? topology->cpus[cpu].core == core : i == core)
			rows[count++] = i;
	}
	return count;
}

static uint32_t draw_cores(struct page *page, struct drawing *drawing)
{
	const struct rota_summary *summary = drawing->summary;
	uint32_t cores = summary->topology ? summary->topology->core_count : summary->cpu_count, left_out = 0;
	uint32_t *rows = xcalloc(summary->cpu_count + 1U, sizeof(*rows));

	for (uint32_t core = 0; core < cores; core++) {
		uint32_t count = rows_of_core(summary, core, rows);
		bool ours = summary->cpu_count <= SHOW_ALL_CPUS;

		for (uint32_t i = 0; i < count && !ours; i++)
			ours = row_has_ours(summary, rows[i]);
		if (!ours) {
			left_out += count;
			continue;
		}
		for (uint32_t i = 0; i < count; i++) {
			if (i == 0)
				page_printf(page, "  core %u", core);
			page_to(page, 12);
			page_printf(page, "cpu %u", summary->cpus[rows[i]].cpu);
			page_to(page, ROW_LABEL_COLUMNS);
			draw_row(page, drawing, rows[i]);
		}
	}
	free(rows);
	return left_out;
}

/* A tick's time in its unit, as short as it is exact: "0 s", "2.5 s", "150 ms". */
static void tick_label(char *out, size_t size, uint64_t ns, uint64_t step_ns)
{
	static const struct {
		uint64_t ns;
		const char *unit;
	} units[] = {
		{1000000000U, "s" },
                { 1000000U,   "ms"},
                { 1000U,      "us"},
                { 1U,         "ns"}
	};
	size_t i = 0;

	while (step_ns < units[i].ns)
		i++;
	snprintf(out, size, "|%llu %s", (unsigned long long)(ns / units[i].ns), units[i].unit);
}

/* Steps of 1, 2 or 5 times a power of ten, at least TICK_COLUMNS apart. */
static uint64_t tick_step_ns(uint64_t character_ns)
{
	uint64_t step = 1;

	while (step < UINT64_MAX / 10) {
		if (step >= TICK_COLUMNS * character_ns)
			return step;
		if (2 * step >= TICK_COLUMNS * character_ns)
			return 2 * step;
		if (5 * step >= TICK_COLUMNS * character_ns)
			return 5 * step;
		step *= 10;
	}
	return step;
}

static void draw_axis(struct page *page, const struct drawing *drawing)
{
	uint64_t character_ns = drawing->summary->strip.slot_ns * drawing->per_column;
	uint64_t step_ns = tick_step_ns(character_ns ? character_ns : 1);

	for (uint64_t at_ns = 0; at_ns / (character_ns ? character_ns : 1) < drawing->columns; at_ns += step_ns) {
		uint32_t column = (uint32_t)(at_ns / (character_ns ? character_ns : 1));
		char label[DURATION_TEXT_SIZE];

		tick_label(label, sizeof(label), at_ns, step_ns);
		page_to(page, ROW_LABEL_COLUMNS + column);
		if (page->used + page_columns(label) <= page->width)
			page_text(page, label);
	}
	page_end(page);
}

static void draw_legend(struct page *page, const struct drawing *drawing, uint32_t left_out)
{
	static const struct {
		char mark;
		const char *sign, *text;
	} marks[] = {
		{MARK_OURS,     "#",     "another of ours"                               },
		{ MARK_OTHERS,  "-",     "somebody else"                                 },
		{ MARK_IDLE,    ".",     "idle"					  },
		{ MARK_AWAY,    ":",     "not ours (idle or somebody else: not recorded)"},
		{ MARK_UNKNOWN, "?",     "unknown"                                       },
		{ MARK_OFFLINE, "blank", "offline"                                       },
	};
	char name[LABEL_SIZE];

	page_label(page, "");
	for (uint32_t i = 0; i < drawing->summary->thread_count; i++) {
		const struct rota_thread_summary *thread = &drawing->summary->threads[i];
		char letter = drawing->letter_of[i];

		if (letter && letter != MARK_OURS && drawing->used[(unsigned char)letter])
			page_item(page, ROW_LABEL_COLUMNS, "%c %s", letter,
				  label_thread(name, thread->name, thread->tid));
	}
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (drawing->used[(unsigned char)marks[i].mark])
			page_item(page, ROW_LABEL_COLUMNS, "%s %s", marks[i].sign, marks[i].text);
	page_end(page);
	if (!left_out)
		return;
	page_label(page, "");
	page_printf(page, "%u more hardware thread%s ran nothing of ours for long", left_out, left_out == 1 ? "" : "s");
	page_end(page);
}

void strip_print(struct page *page, const struct rota_summary *summary)
{
	const struct rota_strip *strip = &summary->strip;
	struct drawing drawing = { .summary = summary };
	uint32_t room = page->width > ROW_LABEL_COLUMNS + 1 ? page->width - ROW_LABEL_COLUMNS : 1;
	char time[DURATION_TEXT_SIZE];

	page_end(page);
	page_label(page, "timeline");
	if (!strip->slot_count || !strip->slots) {
		page_words(page, PAGE_LABEL_COLUMNS, "was not kept");
		page_end(page);
		return;
	}
	drawing.per_column = (strip->slot_count + room - 1) / room;
	drawing.columns = (strip->slot_count + drawing.per_column - 1) / drawing.per_column;
	page_printf(page, "one character is %s",
		    duration_format(time, sizeof(time), strip->slot_ns * drawing.per_column));
	page_end(page);
	page_explain(page, EXPLAIN_STRIP);
	give_letters(&drawing);
	uint32_t left_out = draw_cores(page, &drawing);
	draw_axis(page, &drawing);
	draw_legend(page, &drawing, left_out);
	free(drawing.letter_of);
}
