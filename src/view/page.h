/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Lines of text for a terminal or a file. Whatever is put on a page (thread names are bytes from outside) leaves it as
 * printable characters in at most `width` columns: controls and bad UTF-8 become '?', without UTF-8 every character has
 * a stand-in in ASCII, and escape sequences are written only by page_style() and only with colour. A page is at least 20
 * columns wide.
 */
#ifndef ROTA_VIEW_PAGE_H
#define ROTA_VIEW_PAGE_H

#include "base/buffer.h"
#include "view/explain.h"
#include "view/view.h"

#define PAGE_LABEL_COLUMNS 20 /* where the text of a labelled line begins */

enum page_style { PAGE_PLAIN = 1, PAGE_BOLD, PAGE_DIM, PAGE_ALERT };
enum page_align { PAGE_LEFT, PAGE_RIGHT };

struct page {
	FILE *out;
	uint32_t width;
	bool utf8, colour, explain;
	struct buffer line; /* printable UTF-8 and the bytes of enum page_style */
	uint32_t used;      /* columns of it */
};

void page_init(struct page *page, FILE *out, const struct view_options *options);
void page_fini(struct page *page); /* every line must have been ended */

void page_text(struct page *page, const char *text);
void page_printf(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
void page_style(struct page *page, enum page_style style);
/* Spaces up to `column`; nothing if the line is already there. */
void page_to(struct page *page, uint32_t column);
/* `text` in exactly `columns` columns, padded or cut with an ellipsis. */
void page_cell(struct page *page, const char *text, uint32_t columns, enum page_align align);
/*
 * The same, aligned left, for names whose end tells most, as those of functions: "…/pay.(*Card).charge". Where directories
 * have to go, they go whole.
 */
void page_cell_tail(struct page *page, const char *text, uint32_t columns);
/* The same as text, not padded; `out` has room for columns × 4 + 4 bytes (a character of no width may cost it some). */
const char *page_tail(char *out, size_t size, const char *text, uint32_t columns);
/* Ends the line: writes it, cut to the width, without spaces at its end. */
void page_end(struct page *page);
/* Puts words until the text is done, going on in new lines at column `indent`; does not end the last line. */
void page_words(struct page *page, uint32_t indent, const char *text);
/* An item of a list: " · " before it unless it is the first at `indent`. Moves down whole; broken if wider than a line. */
void page_item(struct page *page, uint32_t indent, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Begins a labelled line. */
void page_label(struct page *page, const char *label);
/* With --explain: the sentence, indented, on lines of its own. Else nothing. */
void page_explain(struct page *page, enum explain_key key);
void page_explain_text(struct page *page, const char *text);

uint32_t page_columns(const char *text); /* how many columns `text` will take */

#endif
