/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A record as a line of text and back, for mktrace, whose opening comment describes the text. What is text and what is
 * implied by other words is in the tables; the formatter asks the parser what a line says so far and adds what is missing.
 */
#ifndef TEST_TOOL_MKTRACE_TEXT_H
#define TEST_TOOL_MKTRACE_TEXT_H

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/idtable.h"
#include "rota/transition.h"
#include "trace/record.h"

#include "mktrace_reason.h"
#include "mktrace_table.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_WORDS 64

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct known { /* what the lines so far say of tids */
	struct idtable *targets;
};

/* --- text to record ------------------------------------------------------------------------------------------------ */

struct words {
	char *word[MAX_WORDS];
	bool quoted[MAX_WORDS];
	unsigned int count, next;
	char *copy;
};

/* Cuts a line into words; false if it cannot be cut. "" quotes, with \" \\ and \xHH inside. */
static bool words_split(const char *line, struct words *ret_words)
{
	struct words *words = ret_words;
	char *out = words->copy = xmalloc(2 * strlen(line) + 2);

	words->count = words->next = 0;
	for (;;) {
		line += strspn(line, " \t\n");
		if (!*line || *line == '#')
			return true;
		if (words->count == MAX_WORDS)
			return false;
		words->word[words->count] = out;
		words->quoted[words->count++] = *line == '"';
		if (*line != '"') {
			while (*line && !strchr(" \t\n#", *line))
				*out++ = *line++;
			*out++ = 0;
			continue;
		}
		for (line++; *line && *line != '"'; line++) {
			unsigned int value;

			if (*line == '\\' && line[1] == 'x' && isxdigit((unsigned char)line[2]) &&
			    isxdigit((unsigned char)line[3]) && sscanf(line + 2, "%2x", &value) == 1 && value) {
				*out++ = (char)value;
				line += 3;
			} else {
				line += *line == '\\';
				*out++ = *line;
			}
		}
		*out++ = 0;
		if (*line++ != '"')
			return false;
	}
}

static const struct {
	const char *unit;
	uint64_t ns;
} units[] = {
	{"s",   1000000000},
        { "ms", 1000000   },
        { "us", 1000      },
        { "ns", 1         },
        { "",   1         }
};

/* "1.5ms", exactly; false where it is no whole number of nanoseconds. */
static bool parse_time(const char *text, uint64_t *ret_ns)
{
	__extension__ unsigned __int128 value = 0, scale = 1;
	bool point = false;

	if (!isdigit((unsigned char)*text))
		return false;
	for (; isdigit((unsigned char)*text) || (*text == '.' && !point); text++) {
		if (*text == '.') {
			point = true;
			continue;
		}
		value = 10 * value + (unsigned int)(*text - '0');
		scale *= point ? 10 : 1;
		if (value > UINT64_MAX || scale > 1000000000)
			return false;
	}
	for (size_t i = 0; i < COUNT(units); i++) {
		if (strcmp(text, units[i].unit) != 0)
			continue;
		value *= units[i].ns;
		if (value % scale || value / scale > UINT64_MAX)
			return false;
		*ret_ns = (uint64_t)(value / scale);
		return true;
	}
	return false;
}

static bool parse_number(const char *text, uint64_t below, uint64_t *ret_value)
{
	uint64_t value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 0);
	if (!isdigit((unsigned char)*text) || *end || errno || (below && value >= below))
		return false;
	*ret_value = value;
	return true;
}

static const uint8_t kind_size[] = { [TID] = 4,
				     [CPU] = 4,
				     [AUX] = 2,
				     [TIME64] = 8,
				     [TIME32] = 4,
				     [NUMBER64] = 8,
				     [NUMBER32] = 4,
				     [HEX32] = 4,
				     [SHORT16] = 2,
				     [NUMBER16] = 2,
				     [NUMBER8] = 1,
				     [HEX64] = 8,
				     [COUNT16] = 2,
				     [CALL] = 2,
				     [REASON] = 4,
				     [COMM] = ROTA_COMM_SIZE,
				     [TEXT] = ROTA_TEXT_SIZE,
				     [FRAMES] = 8 * ROTA_STACK_FRAMES };

/* 0x1,0x2 and how many there are. */
static bool parse_frames(const char *text, uint64_t *ret_frames, uint16_t *ret_count)
{
	char *end;

	memset(ret_frames, 0, ROTA_STACK_FRAMES * sizeof(*ret_frames));
	for (*ret_count = 0; *ret_count < ROTA_STACK_FRAMES; text = end + 1) {
		ret_frames[(*ret_count)++] = strtoull(text, &end, 16);
		if (end == text || *end != ',')
			return end != text && !*end;
	}
	return false;
}

static bool parse_number_of(enum kind kind, const char *text, uint64_t *ret_value)
{
	static const uint64_t below[] = { [NUMBER32] = 1ULL << 32, [HEX32] = 1ULL << 32, [SHORT16] = 1 << 16,
					  [NUMBER16] = 1 << 16,    [COUNT16] = 1 << 16,  [NUMBER8] = 1 << 8 };

	return parse_number(text, kind <= NUMBER8 || (kind > HEX64 && kind <= SHORT16) ? below[kind] : 0, ret_value);
}

static bool parse_value(const char *text, enum kind kind, size_t offset, union rota_any_record *record)
{
	uint8_t *ret_field = (uint8_t *)record + offset;
	uint32_t word = 0;
	uint64_t value = 0;
	bool ok;

	if (kind == FRAMES)
		return parse_frames(text, record->stack.frames, &record->head.aux);
	if (kind == TEXT) {
		record->head.aux = (uint16_t)strlen(text);
		if (strlen(text) > ROTA_TEXT_SIZE)
			return false;
		memcpy(memset(ret_field, 0, ROTA_TEXT_SIZE), text, strlen(text));
		return true;
	}

	if (kind == COMM) {
		ok = strlen(text) < ROTA_COMM_SIZE;
		if (ok)
			memcpy(memset(ret_field, 0, ROTA_COMM_SIZE), text, strlen(text));
		return ok;
	}
	if (kind == TID && !strcmp(text, "idle"))
		ok = true;
	else if (kind == AUX && !strcmp(text, "anywhere"))
		ok = (value = ROTA_CPU_NONE) != 0;
	else if (kind == TID)
		ok = parse_number(text, ROTA_TID_MAX, &value);
	else if (kind == CPU || kind == AUX)
		ok = parse_number(text, ROTA_CPU_MAX, &value);
	else if (kind == TIME64 || kind == TIME32)
		ok = parse_time(text, &value) && (kind == TIME64 || value <= UINT32_MAX);
	else if (kind == CALL || kind == REASON)
		ok = kind == CALL ? parse_call(text, false, &word) : parse_reason(text, &word);
	else
		ok = parse_number_of(kind, text, &value);
	value |= word;
	if (ok)
		memcpy(ret_field, &value, kind_size[kind]); /* little-endian */
	return ok;
}

static const char *next_word(struct words *words)
{
	return words->next < words->count ? words->word[words->next++] : "";
}

/* PREV -> NEXT */
static bool parse_switch(struct words *words, const struct known *known, struct rota_rec_switch *record)
{
	union rota_any_record *any = (union rota_any_record *)record;

	if (!parse_value(next_word(words), TID, HEAD(tid), any) || strcmp(next_word(words), "->") != 0 ||
	    !parse_value(next_word(words), TID, AT(rota_rec_switch, next_tid), any))
		return false;
	if (idtable_get(known->targets, record->head.tid))
		record->head.flags |= ROTA_SWITCH_PREV_TARGET;
	if (idtable_get(known->targets, record->next_tid))
		record->head.flags |= ROTA_SWITCH_NEXT_TARGET;
	return true;
}

/* A word that stands alone; false if it is none. */
static bool parse_mark(const char *word, union rota_any_record *record)
{
	struct rota_record *head = &record->head;

	for (size_t i = 0; i < COUNT(marks); i++) {
		if (marks[i].type != head->type || strcmp(marks[i].word, word) != 0)
			continue;
		head->flags = (uint8_t)((head->flags | marks[i].set) & ~marks[i].clear);
		if (head->type == ROTA_REC_SWITCH && marks[i].set == ROTA_SWITCH_IOWAIT)
			head->aux = 0x02; /* TASK_UNINTERRUPTIBLE */
		return true;
	}
	for (unsigned int i = 0; i < COUNT(outs) && head->type == ROTA_REC_SWITCH; i++) {
		if (strcmp(outs[i].word, word) != 0)
			continue;
		head->flags &= ROTA_SWITCH_PREV_TARGET | ROTA_SWITCH_NEXT_TARGET;
		head->flags |= (uint8_t)(i << ROTA_SWITCH_OUT_SHIFT | outs[i].flags);
		head->aux = outs[i].state;
		return true;
	}
	for (uint8_t i = 0; i < ROTA_STATES && head->type == ROTA_REC_TASK; i++) {
		if (strcmp(states[i], word) != 0)
			continue;
		record->task.state = i;
		return true;
	}
	return false;
}

static const struct option *option_find(uint8_t type, const char *word)
{
	for (size_t i = 0; i < COUNT(options); i++) {
		if (options[i].word && (!options[i].type || options[i].type == type) && !strcmp(options[i].word, word))
			return &options[i];
	}
	return NULL;
}

/* The words after the time and the ring. False where they say nothing that is understood: words->next tells where. */
static bool parse_record(struct words *words, uint16_t cpu, const struct known *known, union rota_any_record *record)
{
	struct rota_record *head = &record->head;
	const struct record_layout *layout;
	const char *verb = next_word(words);

	for (uint8_t type = 1; type < ROTA_REC_TYPES; type++) {
		if (!strcmp(verbs[type], verb))
			head->type = type;
	}
	if (!head->type)
		return false;
	layout = &record_layouts[head->type];
	if (layout->aux == RECORD_AUX_CPU_OR_NONE || (layout->aux == RECORD_AUX_CPU && cpu != ROTA_CPU_NONE))
		head->aux = cpu;
	record->task.state = head->type == ROTA_REC_TASK ? ROTA_UNKNOWN : record->task.state;
	if (head->type == ROTA_REC_SWITCH && !parse_switch(words, known, &record->sw))
		return false;
	for (size_t i = 0; i < COUNT(options); i++) {
		if (options[i].type == head->type && !options[i].word &&
		    !parse_value(next_word(words), options[i].kind, options[i].offset, record))
			return false;
	}
	if (head->type != ROTA_REC_SWITCH && head->type != ROTA_REC_TASK && head->tid &&
	    (layout->flags & ROTA_F_TARGET) && idtable_get(known->targets, head->tid))
		head->flags |= ROTA_F_TARGET;
	while (words->next < words->count) {
		bool quoted = words->quoted[words->next];
		const char *word = next_word(words);
		const struct option *option = option_find(head->type, quoted ? "" : word);

		if (!option && (quoted || !parse_mark(word, record)))
			return false;
		if (option && !parse_value(quoted ? word : next_word(words), option->kind, option->offset, record))
			return false;
		if (option)
			head->flags |= option->flag;
	}
	return record_head_valid(head->type, head->flags, head->aux);
}

static void learn(struct known *known, const struct rota_record *head)
{
	bool target = head->flags & ROTA_F_TARGET;

	if (head->type == ROTA_REC_TASK || head->type == ROTA_REC_EXEC)
		idtable_set(known->targets, head->tid, target ? known : NULL);
	else if (head->type == ROTA_REC_LEAVE)
		idtable_set(known->targets, head->tid, NULL);
}

/* --- record to text ------------------------------------------------------------------------------------------------ */

static void put_text(struct buffer *out, const char *text)
{
	buffer_append(out, text, strlen(text));
}

static void put_quoted(struct buffer *out, const char *text)
{
	put_text(out, "\"");
	for (; *text; text++) {
		char piece[8];

		if (*text == '"' || *text == '\\')
			snprintf(piece, sizeof(piece), "\\%c", *text);
		else
			snprintf(piece, sizeof(piece), isprint((unsigned char)*text) ? "%c" : "\\x%02x",
				 (unsigned char)*text);
		put_text(out, piece);
	}
	put_text(out, "\"");
}

/* In the largest unit in which at most three decimals say it exactly. */
static void put_time(struct buffer *out, uint64_t ns)
{
	char text[40] = "0";

	for (size_t i = 0; i < COUNT(units) - 1 && ns; i++) {
		uint64_t whole = ns / units[i].ns, rest = ns % units[i].ns, milli = units[i].ns / 1000;
		int length;

		if (!whole || (milli ? rest % milli : rest))
			continue;
		length = snprintf(text, sizeof(text), "%" PRIu64, whole);
		if (rest) {
			length += snprintf(text + length, sizeof(text) - (size_t)length, ".%03" PRIu64, rest / milli);
			while (text[length - 1] == '0')
				length--;
		}
		snprintf(text + length, sizeof(text) - (size_t)length, "%s", units[i].unit);
		break;
	}
	put_text(out, text);
}

static void put_frames(struct buffer *out, const struct rota_rec_stack *stack)
{
	char text[32];

	for (unsigned int i = 0; i < stack->head.aux; i++) {
		snprintf(text, sizeof(text), "%s0x%" PRIx64, i ? "," : "", stack->frames[i]);
		put_text(out, text);
	}
}

static void put_value(struct buffer *out, enum kind kind, size_t offset, const union rota_any_record *record)
{
	const uint8_t *field = (const uint8_t *)record + offset;
	char text[2 * ROTA_TEXT_SIZE] = "";
	uint64_t value = 0;

	if (kind == COMM || kind == TEXT) {
		memcpy(text, field, kind_size[kind]);
		put_quoted(out, text);
		return;
	}
	if (kind == FRAMES) {
		put_frames(out, &record->stack);
		return;
	}
	memcpy(&value, field, kind_size[kind]);
	if (kind == TIME64 || kind == TIME32) {
		put_time(out, value);
		return;
	}
	snprintf(text, sizeof(text),
		 kind == NUMBER16 || kind == NUMBER8 || kind == HEX64 || kind == HEX32 ? "0x%" PRIx64 : "%" PRIu64,
		 value);
	if (kind == REASON)
		reason_text((uint32_t)value, text, sizeof(text));
	else if (kind == CALL && !(record->head.flags & ROTA_CALL_COMPAT)) /* the line's `compat` comes too late */
		call_text((uint32_t)value, false, text, sizeof(text));
	else if (kind == TID && !value)
		snprintf(text, sizeof(text), "idle");
	else if (kind == AUX && value == ROTA_CPU_NONE)
		snprintf(text, sizeof(text), "anywhere");
	put_text(out, text);
}

/* What the words so far say, in *ret_record. */
static void implied(const struct buffer *text, uint16_t cpu, const struct known *known,
		    union rota_any_record *ret_record)
{
	char *line = xcalloc(1, text->size + 1);
	struct words words;

	memset(ret_record, 0, sizeof(*ret_record));
	memcpy(line, text->data, text->size);
	if (words_split(line, &words))
		parse_record(&words, cpu, known, ret_record);
	free(words.copy);
	free(line);
}

static void put_marks(struct buffer *out, uint16_t cpu, const struct known *known, const union rota_any_record *record)
{
	union rota_any_record so_far;

	for (size_t i = 0; i < COUNT(marks); i++) {
		uint8_t flags = record->head.flags;
		bool sets, clears;

		if (marks[i].type != record->head.type)
			continue;
		implied(out, cpu, known, &so_far);
		sets = marks[i].set & flags & ~so_far.head.flags;
		clears = marks[i].clear & ~flags & so_far.head.flags;
		if (!sets && !clears)
			continue;
		put_text(out, " ");
		put_text(out, marks[i].word);
	}
	implied(out, cpu, known, &so_far);
	if (record->head.type == ROTA_REC_TASK && so_far.task.state != record->task.state) {
		put_text(out, " ");
		put_text(out, states[record->task.state]);
	}
}

/* Options of the record's type: those always told, or those that the words so far do not imply. */
static void put_options(struct buffer *out, uint16_t cpu, const struct known *known,
			const union rota_any_record *record, bool always)
{
	for (size_t i = 0; i < COUNT(options); i++) {
		const struct option *option = &options[i];
		const uint8_t *field = (const uint8_t *)record + option->offset;
		union rota_any_record so_far;

		if ((option->type && option->type != record->head.type) || !option->word || option->always != always)
			continue;
		implied(out, cpu, known, &so_far);
		if (!always && !memcmp(field, (const uint8_t *)&so_far + option->offset, kind_size[option->kind]) &&
		    !(option->flag & record->head.flags & ~so_far.head.flags))
			continue;
		put_text(out, " ");
		put_text(out, option->word);
		put_text(out, *option->word ? " " : "");
		put_value(out, option->kind, option->offset, record);
	}
}

/* The verb and all that follows: parsed again it gives the record. */
static void put_record(struct buffer *out, uint16_t cpu, const struct known *known, const union rota_any_record *record)
{
	const struct rota_record *head = &record->head;
	struct buffer text = { 0 };
	unsigned int left_as = (head->flags & ROTA_SWITCH_OUT_MASK) >> ROTA_SWITCH_OUT_SHIFT;

	put_text(&text, verbs[head->type]);
	if (head->type == ROTA_REC_SWITCH) {
		put_text(&text, " ");
		put_value(&text, TID, HEAD(tid), record);
		put_text(&text, " -> ");
		put_value(&text, TID, AT(rota_rec_switch, next_tid), record);
		put_text(&text, head->tid || left_as ? " " : "");
		put_text(&text, head->tid || left_as ? outs[left_as].word : "");
	}
	for (size_t i = 0; i < COUNT(options); i++) {
		if (options[i].type != head->type || options[i].word)
			continue;
		put_text(&text, " ");
		put_value(&text, options[i].kind, options[i].offset, record);
	}
	put_options(&text, cpu, known, record, true);
	put_marks(&text, cpu, known, record);
	put_options(&text, cpu, known, record, false);
	buffer_append(out, text.data, text.size);
	buffer_fini(&text);
}

#endif
