/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names of system calls, against the kernel's own tables as its headers have them. */
#include "base/syscall.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/syscall.h>

static const char *name(const char *machine, bool compat, uint32_t number)
{
	static char text[SYSCALL_NAME_SIZE];

	return syscall_name(machine, compat, number, text, sizeof(text));
}

Test(syscall, this_machine)
{
	cr_assert_str_eq(name(NULL, false, SYS_futex), "futex");
	cr_assert_str_eq(name("", false, SYS_read), "read");
	cr_assert_str_eq(name(NULL, false, SYS_clock_nanosleep), "clock_nanosleep");
	cr_assert_eq(syscall_number(NULL, false, "epoll_pwait"), SYS_epoll_pwait);
}

/* arch/x86/entry/syscalls/syscall_64.tbl and syscall_32.tbl, include/uapi/asm-generic/unistd.h, arch/arm/tools/syscall.tbl */
Test(syscall, every_machine)
{
	static const struct {
		const char *machine;
		bool compat;
		uint32_t number;
		const char *name;
	} cases[] = {
		{"x86_64",   false, 0,   "read" },
                { "x86_64",  false, 202, "futex"},
                { "x86_64",  true,  3,   "read" },
		{ "x86_64",  true,  240, "futex"},
                { "aarch64", false, 63,  "read" },
                { "aarch64", false, 98,  "futex"},
		{ "aarch64", true,  3,   "read" },
                { "aarch64", true,  240, "futex"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_assert_str_eq(name(cases[i].machine, cases[i].compat, cases[i].number), cases[i].name);
		cr_assert_eq(syscall_number(cases[i].machine, cases[i].compat, cases[i].name), (int)cases[i].number);
	}
}

Test(syscall, unknown_ones_are_numbers)
{
	cr_assert_str_eq(name("x86_64", false, 4094), "syscall_4094");
	cr_assert_str_eq(name("aarch64", true, 455), "futex_wait");
	cr_assert_str_eq(name("vax", false, 455), "syscall_455");
	cr_assert_str_eq(name("vax", false, 3), "syscall_3");
	cr_assert_eq(syscall_number("x86_64", false, "no such call"), -1);
	cr_assert_eq(syscall_number("aarch64", false, "open"), -1);
}
