/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: a pattern as a person types it. Goes out: bit masks that match a name in 15 steps (bpf/member.bpf.h). */
#include "capture/glob.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define MAX_TOKENS 31

static void accept_all(struct bpf_glob *glob, uint32_t bit)
{
	for (unsigned int c = 1; c < 256; c++)
		glob->accept[c] |= bit;
}

/* `at` points behind the '['. Returns what follows the ']', NULL where there is none. */
static const char *compile_bracket(struct bpf_glob *glob, uint32_t bit, const char *at)
{
	bool negated = *at == '!' || *at == '^', set[256] = { false };
	const char *first;

	if (negated)
		at++;
	for (first = at; *at && (*at != ']' || at == first); at++) {
		unsigned char low, high;

		if (*at == '\\' && at[1])
			at++;
		low = high = (unsigned char)*at;
		if (at[1] == '-' && at[2] && at[2] != ']') {
			at += 2;
			high = (unsigned char)*at;
		}
		for (unsigned int c = low; c <= high; c++)
			set[c] = true;
	}
	if (*at != ']')
		return NULL;
	for (unsigned int c = 1; c < 256; c++)
		if (set[c] != negated)
			glob->accept[c] |= bit;
	return at + 1;
}

int glob_compile(const char *pattern, struct bpf_glob *ret_glob)
{
	bool literal = !strpbrk(pattern, "*?[\\");
	struct bpf_glob glob = { 0 };
	unsigned int token = 0;

	if (!*pattern)
		return -EINVAL;
	while (*pattern) {
		uint32_t bit = 1U << token;

		if (literal && token == ROTA_COMM_SIZE - 1)
			break;
		if (token == MAX_TOKENS)
			return -E2BIG;
		if (*pattern == '*') {
			glob.star |= bit;
			while (*pattern == '*')
				pattern++;
		} else if (*pattern == '?') {
			accept_all(&glob, bit);
			pattern++;
		} else if (*pattern == '[') {
			pattern = compile_bracket(&glob, bit, pattern + 1);
			if (!pattern)
				return -EINVAL;
		} else {
			if (*pattern == '\\' && pattern[1])
				pattern++;
			glob.accept[(unsigned char)*pattern++] |= bit;
		}
		token++;
	}
	glob.end = 1U << token;
	*ret_glob = glob;
	return 0;
}
