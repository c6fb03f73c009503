/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Numbers as text, code points from hostile bytes, and cells, words and items on a page. */
#include "view/glyph.h"
#include "view/number.h"
#include "view/page.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void expect_percent(double part, double whole, const char *expected)
{
	char text[NUMBER_TEXT_SIZE];

	cr_expect_str_eq(number_percent(text, sizeof(text), part, whole), expected);
}

Test(number, percent_never_rounds_to_nothing_or_all)
{
	expect_percent(0, 5, "0 %");
	expect_percent(5, 5, "100 %");
	expect_percent(0.0001, 1, "<0.1 %");
	expect_percent(0.0005, 1, "0.1 %");
	expect_percent(0.99949, 1, "99.9 %");
	expect_percent(0.99996, 1, ">99.9 %");
	expect_percent(0.719, 1, "71.9 %");
	expect_percent(1.94, 1, "194.0 %");
	expect_percent(12.5, 1, "1250 %");
	expect_percent(1, 0, "–");
}

Test(number, counts_and_means)
{
	char text[NUMBER_TEXT_SIZE];

	cr_expect_str_eq(number_count(text, sizeof(text), 0), "0");
	cr_expect_str_eq(number_count(text, sizeof(text), 999), "999");
	cr_expect_str_eq(number_count(text, sizeof(text), 1204), "1,204");
	cr_expect_str_eq(number_count(text, sizeof(text), UINT64_MAX), "18,446,744,073,709,551,615");
	cr_expect_str_eq(number_mean(text, sizeof(text), 6.95), "6.95");
	cr_expect_str_eq(number_mean(text, sizeof(text), 1204.5), "1,204.50");
	cr_expect_str_eq(number_mean(text, sizeof(text), 0.996), "1.00");
	cr_expect_str_eq(number_mean(text, sizeof(text), 0), "0.00");
	cr_expect_str_eq(number_mean(text, sizeof(text), 0.004), "<0.01");
	cr_expect_str_eq(number_seconds(text, sizeof(text), 1500000001), "1.500000001");
	cr_expect_str_eq(number_seconds(text, sizeof(text), UINT64_MAX), "18446744073.709551615");
	cr_expect_str_eq(number_microseconds(text, sizeof(text), 1001), "1.001");
}

static void expect_codes(const char *bytes, size_t size, const uint32_t *codes, size_t count)
{
	const char *at = bytes, *end = bytes + size;
	size_t i = 0;

	for (; at < end && i < count; i++)
		cr_expect_eq(glyph_next(&at, end), codes[i], "code %zu of \"%s\"", i, bytes);
	cr_expect(at == end && i == count);
}

Test(glyph, bad_sequences_are_bad_byte_by_byte)
{
	expect_codes("a\xc3\xa9", 3, (const uint32_t[]){ 'a', 0xe9 }, 2);
	expect_codes("\xe2\x82\xac", 3, (const uint32_t[]){ 0x20ac }, 1);
	expect_codes("\xf0\x9f\x98\x80", 4, (const uint32_t[]){ 0x1f600 }, 1);
	expect_codes("\xc0\xaf", 2, (const uint32_t[]){ GLYPH_BAD, GLYPH_BAD }, 2);                /* overlong '/' */
	expect_codes("\xed\xa0\x80", 3, (const uint32_t[]){ GLYPH_BAD, GLYPH_BAD, GLYPH_BAD }, 3); /* surrogate */
	expect_codes("\xe2\x82", 2, (const uint32_t[]){ GLYPH_BAD, GLYPH_BAD }, 2);                /* cut short */
	expect_codes("\xf4\x90\x80\x80", 4, (const uint32_t[]){ GLYPH_BAD, GLYPH_BAD, GLYPH_BAD, GLYPH_BAD }, 4);
}

/* Draws with `draw` on a page and returns what came out. */
static __attribute__((noinline)) char *drawn(void (*draw)(struct page *), struct view_options options)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	struct page page;

	page_init(&page, out, &options);
	draw(&page);
	page_fini(&page);
	fclose(out);
	return text;
}

static void expect_drawn(void (*draw)(struct page *), struct view_options options, const char *expected)
{
	char *text = drawn(draw, options);

	cr_expect_str_eq(text, expected);
	free(text);
}

static void draw_cells(struct page *page)
{
	page_cell(page, "ab", 4, PAGE_RIGHT);
	page_cell(page, "|", 1, PAGE_LEFT);
	page_cell(page, "日本語", 4, PAGE_LEFT);
	page_cell(page, "|", 1, PAGE_LEFT);
	page_cell(page, "e\xcc\x81t\xc3\xa9", 4, PAGE_RIGHT);
	page_cell(page, "|", 1, PAGE_LEFT);
	page_end(page);
}

Test(page, cells_count_columns_not_bytes)
{
	expect_drawn(draw_cells, (struct view_options){ .utf8 = true }, "  ab|日… | e\xcc\x81t\xc3\xa9|\n");
	expect_drawn(draw_cells, (struct view_options){ .utf8 = false }, "  ab|??~ | et?|\n");
}

static void draw_tails(struct page *page)
{
	static const char *const names[] = { "main.main",
					     "github.com/a/b/pay.(*Card).charge",
					     "averylongpackagename.(*Type).Method.func1",
					     "a.f[go.shape.struct { x/y.Z }]",
					     "github.com/é日本.f",
					     "" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		page_cell_tail(page, names[i], 22);
		page_text(page, "|");
		page_end(page);
	}
	page_cell_tail(page, "main.main", 0);
	page_text(page, "|");
	page_end(page);
}

/* Whole directories go, but not those of types in brackets; never half of a wide character. */
Test(page, tails_are_kept)
{
	char out[64];

	expect_drawn(draw_tails, (struct view_options){ .utf8 = true, .width = 40 },
		     "main.main             |\n"
		     "…/b/pay.(*Card).charge|\n"
		     "….(*Type).Method.func1|\n"
		     "…ape.struct { x/y.Z }]|\n"
		     "github.com/é日本.f    |\n"
		     "                      |\n"
		     "|\n");
	cr_expect_str_eq(page_tail(out, sizeof(out), "x/日本.f", 5), "…本.f");
	cr_expect_str_eq(page_tail(out, sizeof(out), "x/日本.f", 6), "…本.f");
	cr_expect_str_eq(page_tail(out, sizeof(out), "short", 5), "short");
}

static void draw_words(struct page *page)
{
	page_text(page, "note: ");
	page_words(page, 2, "one two three four five averyveryverylongwordindeed six");
	page_end(page);
}

Test(page, words_wrap_and_break)
{
	expect_drawn(draw_words, (struct view_options){ .width = 20 },
		     "note: one two three\n  four five\n  averyveryverylongw\n  ordindeed six\n");
}

static void draw_items(struct page *page)
{
	page_text(page, "a:");
	page_to(page, 4);
	page_item(page, 4, "%s", "first 1");
	page_item(page, 4, "%s", "second 2");
	page_item(page, 4, "%s", "third 3");
	page_end(page);
}

Test(page, items_move_down_whole)
{
	expect_drawn(draw_items, (struct view_options){ .width = 24 }, "a:  first 1 | second 2\n    third 3\n");
}

static void draw_long(struct page *page)
{
	page_style(page, PAGE_BOLD);
	page_text(page, "0123456789012345678901234");
	page_style(page, PAGE_PLAIN);
	page_end(page);
}

Test(page, a_long_line_is_cut_and_its_style_ended)
{
	expect_drawn(draw_long, (struct view_options){ .width = 20, .utf8 = true }, "0123456789012345678…\n");
	expect_drawn(draw_long, (struct view_options){ .width = 20, .colour = true },
		     "\033[1m0123456789012345678\033[0m~\n");
}
