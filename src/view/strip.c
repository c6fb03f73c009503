/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: the summary's strip of slots. Goes out: rows of letters, an axis and a legend. A character stands for the
 * slots it covers by majority; never shows a letter that the legend does not name.
 */
#include "view/strip.h"
#include "view/column.h"
#include "view/goroutine.h"
#include "view/label.h"

#include "base/alloc.h"
#include "base/duration.h"

#include <stdlib.h>
#include <string.h>

#define ROW_LABEL_COLUMNS 20
#define TICK_COLUMNS      9
#define GOROUTINE_COLUMNS 40 /* of a name in the legend */
#define SHOW_ALL_CPUS     16 /* up to so many hardware threads every row is shown; above, cores without ours are not */

static const char capitals_first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
static const char smalls_first[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char digits_first[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

enum mark {
	MARK_OURS = '#',
	MARK_NONE = '+',
	MARK_IDLE = '.',
	MARK_OTHERS = '-',
	MARK_AWAY = ':',
	MARK_UNKNOWN = '?',
	MARK_OFFLINE = ' '
};

#define NO_ITEM UINT32_MAX

struct cast { /* the things of one kind that letters stand for */
	enum view_timeline kind;
	const char *letters;
	char *letter_of; /* by index of the thing; 0 = none */
	uint32_t count;  /* of things */
	bool used[128];  /* which characters were drawn */
};

struct drawing {
	const struct rota_summary *summary;
	struct cast casts[3];
	uint32_t cast_count;
	uint32_t per_column; /* slots a character */
	uint32_t columns;
};

/* The slots of a row of summary.cpus: the strip goes by the kernel's cpu numbers, which may have holes. */
static const struct rota_strip_slot *slots_of(const struct rota_summary *summary, uint32_t row)
{
	return &summary->strip.slots[(size_t)summary->cpus[row].cpu * summary->strip.slot_count];
}

/* Which thing of the cast had the slot; NO_ITEM: none, or it is not known. */
static uint32_t item_of(const struct cast *cast, const struct rota_strip_slot *slot)
{
	uint32_t item = slot->thread;

	if (cast->kind == VIEW_TIMELINE_PS)
		item = slot->p ? slot->p - 1U : NO_ITEM;
	else if (cast->kind == VIEW_TIMELINE_GOROUTINES)
		item = slot->goroutine;
	return item < cast->count ? item : NO_ITEM;
}

/* Letters for the first things that are in the strip at all: threads and goroutines come busiest first, Ps by number. */
static void give_letters(const struct rota_summary *summary, struct cast *cast)
{
	uint32_t given = 0;

	cast->letter_of = xcalloc(cast->count + 1U, 1);
	for (uint32_t row = 0; row < summary->cpu_count; row++) {
		const struct rota_strip_slot *slots = slots_of(summary, row);

		for (uint32_t i = 0; i < summary->strip.slot_count; i++) {
			uint32_t item = item_of(cast, &slots[i]);

			if (slots[i].occupancy == ROTA_CPU_TARGET && item != NO_ITEM)
				cast->letter_of[item] = MARK_OURS;
		}
	}
	for (uint32_t i = 0; i < cast->count && cast->letters[given]; i++)
		if (cast->letter_of[i])
			cast->letter_of[i] = cast->letters[given++];
}

static uint32_t things(const struct rota_summary *summary, enum view_timeline kind)
{
	switch (kind) {
	case VIEW_TIMELINE_PS:
		return UINT16_MAX;
	case VIEW_TIMELINE_GOROUTINES:
		return summary->go.goroutine_count;
	default:
		return summary->thread_count;
	}
}

static void add_cast(struct drawing *drawing, enum view_timeline kind, const char *letters)
{
	struct cast *cast = &drawing->casts[drawing->cast_count++];

	*cast = (struct cast){ .kind = kind, .letters = letters, .count = things(drawing->summary, kind) };
	give_letters(drawing->summary, cast);
}

static void choose_casts(struct drawing *drawing, enum view_timeline timeline)
{
	bool all = timeline == VIEW_TIMELINE_ALL && drawing->summary->go.runtime_count;

	if (timeline == VIEW_TIMELINE_ALL && !all)
		timeline = VIEW_TIMELINE_THREADS; /* the other rows would be empty */
	if (timeline == VIEW_TIMELINE_THREADS || all)
		add_cast(drawing, VIEW_TIMELINE_THREADS, capitals_first);
	if (timeline == VIEW_TIMELINE_PS || all)
		add_cast(drawing, VIEW_TIMELINE_PS, digits_first);
	if (timeline == VIEW_TIMELINE_GOROUTINES || all) /* beside threads, in letters that do not look like theirs */
		add_cast(drawing, VIEW_TIMELINE_GOROUTINES, all ? smalls_first : capitals_first);
}

static char slot_mark(const struct cast *cast, const struct rota_strip_slot *slot)
{
	uint32_t item;

	switch (slot->occupancy) {
	case ROTA_CPU_TARGET:
		item = item_of(cast, slot);
		if (item != NO_ITEM)
			return cast->letter_of[item];
		return cast->kind == VIEW_TIMELINE_THREADS ? MARK_OURS : MARK_NONE;
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
static char majority(const struct cast *cast, const struct rota_strip_slot *slots, uint32_t count)
{
	uint32_t tally[128] = { 0 };
	char best = MARK_UNKNOWN;

	for (uint32_t i = 0; i < count; i++)
		tally[(unsigned char)slot_mark(cast, &slots[i])]++;
	for (uint32_t i = 0; i < count; i++) {
		char mark = slot_mark(cast, &slots[i]);

		if (i == 0 || tally[(unsigned char)mark] > tally[(unsigned char)best])
			best = mark;
	}
	return best;
}

static void draw_row(struct page *page, const struct drawing *drawing, struct cast *cast, uint32_t row)
{
	const struct rota_strip *strip = &drawing->summary->strip;
	const struct rota_strip_slot *slots = slots_of(drawing->summary, row);

	page_to(page, ROW_LABEL_COLUMNS);
	for (uint32_t first = 0; first < strip->slot_count; first += drawing->per_column) {
		uint32_t left = strip->slot_count - first;
		char mark[2] = { majority(cast, &slots[first],
					  left < drawing->per_column ? left : drawing->per_column) };

		cast->used[(unsigned char)mark[0]] = true;
		page_text(page, mark);
	}
	page_end(page);
}

/* A line for each kind of thing; of several, what kind stands before it. */
static void draw_cpu(struct page *page, struct drawing *drawing, uint32_t row)
{
	static const char *const signs[] = { "M", "P", "G" };

	page_to(page, 12);
	page_printf(page, "cpu %u", drawing->summary->cpus[row].cpu);
	for (uint32_t i = 0; i < drawing->cast_count; i++) {
		if (drawing->cast_count > 1) {
			page_to(page, ROW_LABEL_COLUMNS - 2);
			page_text(page, signs[i]);
		}
		draw_row(page, drawing, &drawing->casts[i], row);
	}
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
			draw_cpu(page, drawing, rows[i]);
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

/* Who a letter is, on a line of its own kind. */
static void say_thing(struct page *page, const struct rota_summary *summary, const struct cast *cast, uint32_t item)
{
	char name[COLUMN_TEXT_SIZE], thread[LABEL_SIZE], cut[4 * GOROUTINE_COLUMNS + 8];
	const struct rota_goroutine *row;
	char letter = cast->letter_of[item];

	if (cast->kind == VIEW_TIMELINE_THREADS) {
		page_item(page, ROW_LABEL_COLUMNS, "%c %s", letter,
			  label_thread(thread, summary->threads[item].name, summary->threads[item].tid));
	} else if (cast->kind == VIEW_TIMELINE_PS) {
		page_item(page, ROW_LABEL_COLUMNS, "%c P%u", letter, item);
	} else {
		const char *label;

		row = &summary->go.goroutines[item];
		label = goroutine_label(name, sizeof(name), row);
		page_tail(cut, sizeof(cut), label ? label : name, GOROUTINE_COLUMNS);
		if (row->goid)
			page_item(page, ROW_LABEL_COLUMNS, "%c %s[%llu]", letter, cut, (unsigned long long)row->goid);
		else
			page_item(page, ROW_LABEL_COLUMNS, "%c %s", letter, cut);
	}
}

static void say_marks(struct page *page, const struct drawing *drawing)
{
	static const struct {
		char mark;
		const char *sign, *text;
	} marks[] = {
		{MARK_OURS,     "#",     "another of ours"                               },
		{ MARK_NONE,    "+",     "ours, with none that is known"                 },
		{ MARK_OTHERS,  "-",     "somebody else"                                 },
		{ MARK_IDLE,    ".",     "idle"					  },
		{ MARK_AWAY,    ":",     "not ours (idle or somebody else: not recorded)"},
		{ MARK_UNKNOWN, "?",     "unknown"                                       },
		{ MARK_OFFLINE, "blank", "offline"                                       },
	};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		bool used = false;

		for (uint32_t k = 0; k < drawing->cast_count; k++)
			used = used || drawing->casts[k].used[(unsigned char)marks[i].mark];
		if (used)
			page_item(page, ROW_LABEL_COLUMNS, "%s %s", marks[i].sign, marks[i].text);
	}
	page_end(page);
}

static void draw_legend(struct page *page, const struct drawing *drawing, uint32_t left_out)
{
	static const char *const labels[] = { "  M: OS threads", "  P: permits", "  G: goroutines" };

	for (uint32_t k = 0; k < drawing->cast_count; k++) {
		const struct cast *cast = &drawing->casts[k];

		page_label(page, drawing->cast_count > 1 ? labels[k] : "");
		for (uint32_t i = 0; i < cast->count; i++) {
			char letter = cast->letter_of[i];

			if (letter && letter != MARK_OURS && cast->used[(unsigned char)letter])
				say_thing(page, drawing->summary, cast, i);
		}
		if (drawing->cast_count > 1)
			page_end(page);
	}
	if (drawing->cast_count > 1)
		page_label(page, "");
	say_marks(page, drawing);
	if (!left_out)
		return;
	page_label(page, "");
	page_printf(page, "%u more hardware thread%s ran nothing of ours for long", left_out, left_out == 1 ? "" : "s");
	page_end(page);
}

static const char *title(enum view_timeline timeline)
{
	switch (timeline) {
	case VIEW_TIMELINE_PS:
		return "timeline by P";
	case VIEW_TIMELINE_GOROUTINES:
		return "by goroutine";
	default:
		return "timeline";
	}
}

static enum explain_key explanation(enum view_timeline timeline)
{
	switch (timeline) {
	case VIEW_TIMELINE_PS:
		return EXPLAIN_STRIP_PS;
	case VIEW_TIMELINE_GOROUTINES:
		return EXPLAIN_STRIP_GOROUTINES;
	case VIEW_TIMELINE_ALL:
		return EXPLAIN_STRIP_ALL;
	default:
		return EXPLAIN_STRIP;
	}
}

void strip_print(struct page *page, const struct rota_summary *summary, enum view_timeline timeline)
{
	const struct rota_strip *strip = &summary->strip;
	struct drawing drawing = { .summary = summary };
	uint32_t room = page->width > ROW_LABEL_COLUMNS + 1 ? page->width - ROW_LABEL_COLUMNS : 1;
	char time[DURATION_TEXT_SIZE];

	if (timeline == VIEW_TIMELINE_NONE)
		return;
	page_end(page);
	page_label(page, title(timeline));
	if (!strip->slot_count || !strip->slots) {
		page_words(page, PAGE_LABEL_COLUMNS, "was not kept");
		page_end(page);
		return;
	}
	drawing.per_column = (strip->slot_count + room - 1) / room;
	drawing.columns = (strip->slot_count + drawing.per_column - 1) / drawing.per_column;
	page_item(page, PAGE_LABEL_COLUMNS, "one character is %s",
		  duration_format(time, sizeof(time), strip->slot_ns * drawing.per_column));
	if (timeline != VIEW_TIMELINE_THREADS && !summary->go.runtime_count)
		page_item(page, PAGE_LABEL_COLUMNS, "no Go program was seen");
	page_end(page);
	page_explain(page, explanation(timeline));
	choose_casts(&drawing, timeline);
	uint32_t left_out = draw_cores(page, &drawing);
	draw_axis(page, &drawing);
	draw_legend(page, &drawing, left_out);
	for (uint32_t i = 0; i < drawing.cast_count; i++)
		free(drawing.casts[i].letter_of);
}
