/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: a machine and a number. Goes out: a name, or the number as one. */
#include "base/syscall.h"

#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t table_of(const char *machine, bool compat)
{
	static const struct {
		const char *machine;
		uint32_t table, compat;
	} tables[] = {
		{"x86_64",   SCMP_ARCH_X86_64,  SCMP_ARCH_X86},
		{ "aarch64", SCMP_ARCH_AARCH64, SCMP_ARCH_ARM},
	};

	if (!machine || !*machine) {
#if defined(__aarch64__)
		machine = "aarch64";
#else
		machine = "x86_64";
#endif
	}
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		if (!strcmp(machine, tables[i].machine))
			return compat ? tables[i].compat : tables[i].table;
	return 0;
}

/*
 * Calls that threads may block in and that are newer than the libseccomp of supported distributions. From 424 on, a number is
 * the same on every architecture and in the 32-bit tables (scripts/syscall.tbl, arch/x86/entry/syscalls/).
 */
static const char *newer_name(uint32_t number)
{
	switch (number) {
	case 454:
		return "futex_wake";
	case 455:
		return "futex_wait";
	case 456:
		return "futex_requeue";
	default:
		return NULL;
	}
}

const char *syscall_name(const char *machine, bool compat, uint32_t number, char *out, size_t size)
{
	uint32_t table = table_of(machine, compat);
	char *name = table ? seccomp_syscall_resolve_num_arch(table, (int)number) : NULL;

	if (name)
		snprintf(out, size, "%s", name);
	else if (table && newer_name(number))
		snprintf(out, size, "%s", newer_name(number));
	else
		snprintf(out, size, "syscall_%u", number);
	free(name);
	return out;
}

int syscall_number(const char *machine, bool compat, const char *name)
{
	uint32_t table = table_of(machine, compat);
	int number = table ? seccomp_syscall_resolve_name_arch(table, name) : -1;

	return number < 0 ? -1
			  : number; /* libseccomp's own numbers for calls that this table does not have are negative */
}
