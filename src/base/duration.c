/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: text or nanoseconds. Goes out: the other. Never accepts a text it does not understand whole. */
#include "base/duration.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *unit;
	double ns;
} units[] = {
	{"",     1e9   },
        { "ns",  1     },
        { "us",  1e3   },
        { "µs", 1e3   },
        { "ms",  1e6   },
	{ "s",   1e9   },
        { "m",   60e9  },
        { "min", 60e9  },
        { "h",   3600e9},
};

int duration_parse(const char *text, uint64_t *ret_ns)
{
	const char *number = *text == '-' ? text + 1 : text;
	char *end;
	double value;

	if (!isdigit((unsigned char)number[0]) && !(number[0] == '.' && isdigit((unsigned char)number[1])))
		return -EINVAL;
	if (number[0] == '0' && (number[1] == 'x' || number[1] == 'X'))
		return -EINVAL;
	value = strtod(text, &end);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		double ns = value * units[i].ns;

		if (strcmp(end, units[i].unit) != 0)
			continue;
		if (!(ns >= 1) || ns > 0x1p62)
			return -ERANGE;
		*ret_ns = (uint64_t)llround(ns);
		return 0;
	}
	return -EINVAL;
}

const char *duration_format(char *out, size_t size, uint64_t ns)
{
	static const struct {
		double ns;
		const char *unit;
	} steps[] = {
		{1e9,  "s" },
                { 1e6, "ms"},
                { 1e3, "us"}
	};
	double value = (double)ns;

	if (ns >= 60000000000ULL) {
		uint64_t seconds = (ns + 500000000ULL) / 1000000000ULL;

		snprintf(out, size, "%llu m %llu s", (unsigned long long)(seconds / 60),
			 (unsigned long long)(seconds % 60));
		return out;
	}
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		double in_unit = value / steps[i].ns;

		if (in_unit < 0.9995)
			continue;
		snprintf(out, size, "%.*f %s", in_unit < 9.995 ? 2 : in_unit < 99.95 ? 1 : 0, in_unit, steps[i].unit);
		return out;
	}
	snprintf(out, size, "%llu ns", (unsigned long long)ns);
	return out;
}
