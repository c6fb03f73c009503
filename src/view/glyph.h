/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* UTF-8 from outside, one code point at a time, and how many columns of a terminal each takes. */
#ifndef ROTA_VIEW_GLYPH_H
#define ROTA_VIEW_GLYPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GLYPH_BAD 0xffffffffU /* a byte that begins no valid sequence (RFC 3629: no surrogates, nothing overlong) */

/* The code point at *at (before `end`), or GLYPH_BAD; *at moves past it, past one byte if it is bad. */
uint32_t glyph_next(const char **at, const char *end);
/* False for what a terminal might obey rather than show: controls, line separators, bidirectional overrides. */
bool glyph_printable(uint32_t code);
/* 0 for combining marks, 2 for East Asian wide and most emoji (Unicode's EastAsianWidth W and F), else 1. */
unsigned int glyph_columns(uint32_t code);
/* What stands for a character of our own texts where only ASCII can be shown; '?' for one that is not ours. */
char glyph_ascii(uint32_t code);

#endif
