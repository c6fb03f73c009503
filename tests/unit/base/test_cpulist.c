/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The kernel's list format: what it writes is read, written back the same, and nothing else is taken. */
#include "base/cpulist.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct cpulist parsed(const char *text)
{
	struct cpulist list;

	cr_assert_eq(cpulist_parse(text, &list), 0, "'%s'", text);
	return list;
}

Test(cpulist, reads_ranges_and_single_cpus)
{
	struct cpulist list = parsed("0-3,8,62-65\n");
	static const uint32_t members[] = { 0, 1, 2, 3, 8, 62, 63, 64, 65 };
	uint32_t cpu = 0;

	cr_assert_eq(cpulist_count(&list), 9);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		cpu = cpulist_next(&list, cpu);
		cr_assert_eq(cpu, members[i]);
		cr_assert(cpulist_has(&list, cpu));
		cpu++;
	}
	cr_assert_eq(cpulist_next(&list, cpu), ROTA_CPU_MAX);
	cr_assert_not(cpulist_has(&list, 4));
	cr_assert_not(cpulist_has(&list, ROTA_CPU_MAX));
}

Test(cpulist, writes_what_it_read)
{
	static const char *const texts[] = { "", "0", "0-1", "1,3,5", "0-3,8,62-65", "63-64", "4095", "0-4095" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct cpulist list = parsed(texts[i]);
		char *text = cpulist_format(&list);

		cr_assert_str_eq(text, texts[i]);
		free(text);
	}
}

Test(cpulist, empty_files_are_the_empty_set)
{
	struct cpulist list = parsed("\n");

	cr_assert_eq(cpulist_count(&list), 0);
	cr_assert_eq(cpulist_next(&list, 0), ROTA_CPU_MAX);
}

Test(cpulist, overlaps_count_once)
{
	struct cpulist list = parsed("0-3,2-5");

	cr_assert_eq(cpulist_count(&list), 6);
}

Test(cpulist, takes_nothing_else)
{
	static const struct {
		const char *text;
		int err;
	} bad[] = {
		{"a",                     -EINVAL},
                { "1-",                   -EINVAL},
		{ "-1",                   -EINVAL},
                { "3-1",                  -EINVAL},
		{ "1,",                   -EINVAL},
                { ",1",                   -EINVAL},
		{ "1,,2",                 -EINVAL},
                { "1 2",                  -EINVAL},
		{ "1\n2",                 -EINVAL},
                { "+1",                   -EINVAL},
		{ "1,\n",                 -EINVAL},
                { "4096",                 -ERANGE},
		{ "0-4096",               -ERANGE},
                { "99999999999999999999", -ERANGE},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct cpulist list, untouched;

		memset(&list, 0x5a, sizeof(list));
		untouched = list;
		cr_assert_eq(cpulist_parse(bad[i].text, &list), bad[i].err, "'%s'", bad[i].text);
		cr_assert_eq(memcmp(&list, &untouched, sizeof(list)), 0, "'%s' changed its output", bad[i].text);
	}
}

Test(cpulist, subtracts)
{
	struct cpulist list = parsed("0-7,100"), without = parsed("1,3,5-7,200");
	char *text;

	cpulist_subtract(&list, &without);
	text = cpulist_format(&list);
	cr_assert_str_eq(text, "0,2,4,100");
	free(text);
}
