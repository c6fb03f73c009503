/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: bytes that may be anything. Goes out: code points, their width, their stand-in in ASCII. Never depends on
 * the locale (wcwidth(3) does, and knows only ASCII in "C"), never reads past the end.
 */
#include "view/glyph.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct range {
	uint32_t first, last;
};

uint32_t glyph_next(const char **at, const char *end)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 }; /* below it the sequence is overlong */
	const unsigned char *byte = (const unsigned char *)*at;
	unsigned int length = byte[0] < 0x80 ? 1 : byte[0] >= 0xf0 ? 4 : byte[0] >= 0xe0 ? 3 : byte[0] >= 0xc0 ? 2 : 0;
	uint32_t code;

	(*at)++;
	if (length == 1)
		return byte[0];
	if (!length || byte[0] > 0xf4 || (size_t)(end - (const char *)byte) < length)
		return GLYPH_BAD;
	code = byte[0] & (0xffU >> (length + 1));
	for (unsigned int i = 1; i < length; i++) {
		if ((byte[i] & 0xc0) != 0x80)
			return GLYPH_BAD;
		code = code << 6 | (byte[i] & 0x3fU);
	}
	if (code < smallest[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return GLYPH_BAD;
	*at = (const char *)byte + length;
	return code;
}

static bool within(uint32_t code, const struct range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	return false;
}

bool glyph_printable(uint32_t code)
{
	static const struct range obeyed[] = {
		{0,        0x1f    },
                { 0x7f,    0x9f    },
                { 0x200b,  0x200f  },
                { 0x2028,  0x202e  },
                { 0x2060,  0x206f  },
		{ 0xfeff,  0xfeff  },
                { 0xfff9,  0xfffb  },
                { 0xe000,  0xf8ff  },
                { 0xe0000, 0x10ffff},
	};

	return code != GLYPH_BAD && !within(code, obeyed, COUNT(obeyed));
}

unsigned int glyph_columns(uint32_t code)
{
	static const struct range none[] = {
		{0x300,   0x36f },
                { 0x483,  0x489 },
                { 0x591,  0x5bd },
                { 0x610,  0x61a },
                { 0x64b,  0x65f },
		{ 0x1ab0, 0x1aff},
                { 0x1dc0, 0x1dff},
                { 0x20d0, 0x20ff},
                { 0xfe00, 0xfe0f},
                { 0xfe20, 0xfe2f},
	};
	static const struct range two[] = {
		{0x1100,   0x115f },
                { 0x231a,  0x231b },
                { 0x23e9,  0x23ec },
                { 0x2614,  0x2615 },
		{ 0x2e80,  0x303e },
                { 0x3041,  0x33ff },
                { 0x3400,  0x4dbf },
                { 0x4e00,  0x9fff },
		{ 0xa000,  0xa4cf },
                { 0xac00,  0xd7a3 },
                { 0xf900,  0xfaff },
                { 0xfe30,  0xfe6f },
		{ 0xff00,  0xff60 },
                { 0xffe0,  0xffe6 },
                { 0x1f300, 0x1f64f},
                { 0x1f680, 0x1f6ff},
		{ 0x1f900, 0x1f9ff},
                { 0x20000, 0x3fffd},
	};

	if (code < 0x300)
		return 1;
	return within(code, none, COUNT(none)) ? 0 : within(code, two, COUNT(two)) ? 2 : 1;
}

char glyph_ascii(uint32_t code)
{
	static const struct {
		uint32_t code;
		char ascii;
	} table[] = {
		{0x2013,  '-' }, /* – */
		{ 0x2014, '-' }, /* — */
		{ 0x00b7, '|' }, /* · */
		{ 0x2026, '~' }, /* … */
		{ 0x25c4, '<' }, /* ◄ */
		{ 0x2264, '<' }, /* ≤ */
		{ 0x2265, '>' }, /* ≥ */
		{ 0x00d7, 'x' }, /* × */
		{ 0x00b5, 'u' }, /* µ */
		{ 0x251c, '|' }, /* ├ */
		{ 0x2514, '`' }, /* └ */
		{ 0x2500, '-' }, /* ─ */
		{ 0x2502, '|' }, /* │ */
		{ 0x2524, '|' }, /* ┤ */
		{ 0x2588, '#' }, /* █ */
		{ 0x2592, '=' }, /* ▒ */
		{ 0x2019, '\''}, /* ’ */
	};

	for (size_t i = 0; i < COUNT(table); i++)
		if (table[i].code == code)
			return table[i].ascii;
	return '?';
}
