/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Durations as typed and as printed. */
#include "base/duration.h"

#include <criterion/criterion.h>
#include <errno.h>

Test(duration, what_people_type)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} cases[] = {
		{"1",       1000000000   },
                { "10s",    10000000000  },
                { "500ms",  500000000    },
		{ "2m",     120000000000 },
                { "1h",     3600000000000},
                { "250us",  250000       },
		{ "250µs", 250000       },
                { "1.5s",   1500000000   },
                { "1ns",    1            },
		{ ".5",     500000000    },
                { "0.1",    100000000    },
                { "2min",   120000000000 },
	};

	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t ns = 0;

		cr_expect_eq(duration_parse(cases[i].text, &ns), 0, "%s", cases[i].text);
		cr_expect_eq(ns, cases[i].ns, "%s: %lu", cases[i].text, ns);
	}
}

Test(duration, what_is_none)
{
	static const struct {
		const char *text;
		int err;
	} cases[] = {
		{"",          -EINVAL},
                { "abc",      -EINVAL},
                { "5x",       -EINVAL},
                { "5 s",      -EINVAL},
		{ "s",        -EINVAL},
                { "1e",       -EINVAL},
                { "0x10",     -EINVAL},
                { "inf",      -EINVAL},
		{ "nan",      -EINVAL},
                { " 5",       -EINVAL},
                { "+5",       -EINVAL},
                { "5s5",      -EINVAL},
		{ "--5",      -EINVAL},
                { "0",        -ERANGE},
                { "-1",       -ERANGE},
                { "-1s",      -ERANGE},
		{ "0.1ns",    -ERANGE},
                { "1e40",     -ERANGE},
                { "2000000h", -ERANGE},
	};

	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t ns = 42;

		cr_expect_eq(duration_parse(cases[i].text, &ns), cases[i].err, "%s", cases[i].text);
		cr_expect_eq(ns, 42, "%s: the output was touched", cases[i].text);
	}
}

Test(duration, what_is_printed)
{
	static const struct {
		uint64_t ns;
		const char *text;
	} cases[] = {
		{0,             "0 ns"    },
		{ 940,          "940 ns"  },
		{ 999,          "999 ns"  },
		{ 1000,         "1.00 us" },
		{ 9994,         "9.99 us" },
		{ 9996,         "10.0 us" },
		{ 88100000,     "88.1 ms" },
		{ 999400,       "999 us"  },
		{ 999600,       "1.00 ms" },
		{ 1200000000,   "1.20 s"  },
		{ 59900000000,  "59.9 s"  },
		{ 200000000000, "3 m 20 s"},
		{ 60000000000,  "1 m 0 s" },
		{ 119600000000, "2 m 0 s" },
	};

	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[DURATION_TEXT_SIZE];

		cr_expect_str_eq(duration_format(text, sizeof(text), cases[i].ns), cases[i].text, "%lu ns: %s",
				 cases[i].ns, text);
	}
}
