/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: pieces of text of any origin. Goes out: lines that fit. Never writes a control character but the newline,
 * nor, without colour, an escape sequence; never a line wider than the page.
 */
#include "view/page.h"
#include "view/glyph.h"

#include "base/alloc.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_DEFAULT_WIDTH  80
#define PAGE_SMALLEST_WIDTH 20 /* narrower than a label, nothing can be laid out */
#define EXPLAIN_INDENT      4

void page_init(struct page *page, FILE *out, const struct view_options *options)
{
	*page = (struct page){ .out = out,
			       .width = options->width ? options->width : PAGE_DEFAULT_WIDTH,
			       .utf8 = options->utf8,
			       .colour = options->colour,
			       .explain = options->explain };
	if (page->width < PAGE_SMALLEST_WIDTH)
		page->width = PAGE_SMALLEST_WIDTH;
}

void page_fini(struct page *page)
{
	buffer_fini(&page->line);
}

/* One character as the page will show it: what it is and how many columns it takes. */
static uint32_t next_shown(const char **at, const char *end, unsigned int *ret_columns)
{
	uint32_t code = glyph_next(at, end);

	if (!glyph_printable(code))
		code = '?';
	*ret_columns = glyph_columns(code);
	return code;
}

static void put(struct page *page, const char *text, size_t size)
{
	const char *end = text + size;

	while (text < end) {
		const char *start = text;
		unsigned int columns;
		uint32_t code = next_shown(&text, end, &columns);

		if (code < 0x80) {
			buffer_put_u8(&page->line, (uint8_t)code);
		} else if (page->utf8) {
			buffer_append(&page->line, start, (size_t)(text - start));
		} else {
			for (unsigned int i = 0; i < columns; i++)
				buffer_put_u8(&page->line, (uint8_t)glyph_ascii(code));
		}
		page->used += columns;
	}
}

void page_text(struct page *page, const char *text)
{
	put(page, text, strlen(text));
}

void page_printf(struct page *page, const char *format, ...)
{
	va_list arguments;
	char text[1024];

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	page_text(page, text);
}

void page_style(struct page *page, enum page_style style)
{
	if (page->colour)
		buffer_put_u8(&page->line, (uint8_t)style);
}

void page_to(struct page *page, uint32_t column)
{
	while (page->used < column)
		page_text(page, " ");
}

static uint32_t columns_of(const char *text, size_t size)
{
	const char *end = text + size;
	uint32_t total = 0;

	while (text < end) {
		unsigned int columns;

		next_shown(&text, end, &columns);
		total += columns;
	}
	return total;
}

uint32_t page_columns(const char *text)
{
	return columns_of(text, strlen(text));
}

/* How many bytes of `text` fit into `columns`. */
static size_t fitting(const char *text, size_t size, uint32_t columns)
{
	const char *at = text, *end = text + size;

	while (at < end) {
		const char *start = at;
		unsigned int wide;

		next_shown(&at, end, &wide);
		if (wide > columns)
			return (size_t)(start - text);
		columns -= wide;
	}
	return size;
}

void page_cell(struct page *page, const char *text, uint32_t columns, enum page_align align)
{
	uint32_t start = page->used, wide = page_columns(text);

	if (align == PAGE_RIGHT && wide < columns)
		page_to(page, start + columns - wide);
	if (wide <= columns) {
		page_text(page, text);
	} else if (columns) {
		put(page, text, fitting(text, strlen(text), columns - 1));
		page_text(page, "…");
	}
	page_to(page, start + columns);
}

/* Where the last `columns` columns of a text begin. */
static const char *tail_of(const char *text, uint32_t columns)
{
	const char *end = text + strlen(text), *at = text;
	uint32_t all = page_columns(text);

	while (at < end && all > columns) {
		unsigned int wide;

		next_shown(&at, end, &wide);
		all -= wide;
	}
	return at;
}

/* Where the part that is shown begins; *ret_cut: behind an ellipsis. */
static const char *shown_tail(const char *text, uint32_t columns, bool *ret_cut)
{
	size_t path = strcspn(text, "([ "), skipped; /* what is in brackets may have slashes of its own */
	const char *tail, *slash = NULL;

	*ret_cut = page_columns(text) > columns && columns;
	if (!*ret_cut)
		return text;
	tail = tail_of(text, columns - 1);
	skipped = (size_t)(tail - text);
	if (skipped < path)
		slash = memchr(tail, '/', path - skipped);
	return slash ? slash : tail;
}

void page_cell_tail(struct page *page, const char *text, uint32_t columns)
{
	uint32_t start = page->used;
	bool cut;
	const char *tail = shown_tail(text, columns, &cut);

	if (!columns)
		return;
	if (cut)
		page_text(page, "…");
	page_text(page, tail);
	page_to(page, start + columns);
}

const char *page_tail(char *out, size_t size, const char *text, uint32_t columns)
{
	bool cut;
	const char *tail = shown_tail(text, columns, &cut);

	snprintf(out, size, "%s%s", cut ? "…" : "", tail);
	return out;
}

static void write_style(struct page *page, uint8_t style)
{
	static const char *const sequences[] = {
		[PAGE_PLAIN] = "\033[0m",
		[PAGE_BOLD] = "\033[1m",
		[PAGE_DIM] = "\033[2m",
		[PAGE_ALERT] = "\033[1;33m",
	};

	fputs(sequences[style], page->out);
}

/* Takes the spaces off the end, also those before styles, which print nothing. */
static void trim(struct buffer *line)
{
	size_t styles = line->size, kept;

	while (styles && (line->data[styles - 1] == ' ' || line->data[styles - 1] <= PAGE_ALERT))
		styles--;
	kept = styles;
	for (size_t i = styles; i < line->size; i++)
		if (line->data[i] != ' ')
			line->data[kept++] = line->data[i];
	line->size = kept;
}

void page_end(struct page *page)
{
	const char *at, *end;
	uint32_t room = page->width;
	bool cut = page->used > page->width;

	trim(&page->line);
	at = (const char *)page->line.data;
	end = at + page->line.size;
	if (cut)
		room--;
	while (at < end) {
		const char *start = at;
		unsigned int columns;

		if ((uint8_t)*at <= PAGE_ALERT) {
			write_style(page, (uint8_t)*at++);
			continue;
		}
		next_shown(&at, end, &columns);
		if (columns > room) { /* nothing more but styles, so that the last of them is not lost */
			room = 0;
			continue;
		}
		room -= columns;
		fwrite(start, 1, (size_t)(at - start), page->out);
	}
	if (cut)
		fputs(page->utf8 ? "…" : "~", page->out);
	fputc('\n', page->out);
	buffer_clear(&page->line);
	page->used = 0;
}

static void next_line(struct page *page, uint32_t indent)
{
	page_end(page);
	page_to(page, indent);
}

void page_words(struct page *page, uint32_t indent, const char *text)
{
	bool gap = false; /* a word stands before this one in the line */

	if (indent + 8 > page->width)
		indent = 0;
	while (*text) {
		size_t size = strcspn(text, " ");

		if (page->used > indent && page->used + gap + columns_of(text, size) > page->width)
			next_line(page, indent);
		else if (gap)
			page_text(page, " ");
		while (columns_of(text, size) > page->width - indent) { /* a word wider than the page is broken */
			size_t part = fitting(text, size, page->width - indent);

			put(page, text, part);
			next_line(page, indent);
			text += part;
			size -= part;
		}
		put(page, text, size);
		text += size;
		text += strspn(text, " ");
		gap = true;
	}
}

void page_item(struct page *page, uint32_t indent, const char *format, ...)
{
	va_list arguments;
	char text[512];

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (indent + 8 > page->width)
		indent = 0;
	if (page->used > indent) {
		if (page->used + 3 + page_columns(text) > page->width)
			next_line(page, indent);
		else
			page_text(page, " · ");
	}
	if (page_columns(text) > page->width - indent)
		page_words(page, indent, text);
	else
		page_text(page, text);
}

void page_label(struct page *page, const char *label)
{
	page_text(page, label);
	page_to(page, PAGE_LABEL_COLUMNS);
}

void page_explain_text(struct page *page, const char *text)
{
	if (!page->explain || !*text)
		return;
	page_style(page, PAGE_DIM);
	page_to(page, EXPLAIN_INDENT);
	page_words(page, EXPLAIN_INDENT, text);
	page_style(page, PAGE_PLAIN);
	page_end(page);
}

void page_explain(struct page *page, enum explain_key key)
{
	page_explain_text(page, explain_text(key));
}
