/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The test's own process is the one asked about: the linker's addresses and dladdr(3) are the oracle. */
#include "runtime/symbols.h"

#include <criterion/criterion.h>
#include <dlfcn.h>
#include <gnu/libc-version.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int symbols_test_data[64] = { 1 }; /* .data */
int symbols_test_bss[64];          /* .bss: no part of any file */

int symbols_test_function(int x);
__attribute__((noinline)) int symbols_test_function(int x)
{
	return x + symbols_test_data[x & 63];
}

static struct symbol find(struct symbols *symbols, const void *address)
{
	struct symbol symbol;

	cr_assert(symbols_find(symbols, (uint32_t)getpid(), (uint64_t)address, &symbol));
	return symbol;
}

Test(symbols, names_functions_and_objects_of_the_program)
{
	struct symbols *symbols = symbols_new();
	struct symbol symbol = find(symbols, (const void *)symbols_test_function);

	cr_assert_str_eq(symbol.name, "symbols_test_function");
	cr_assert_str_eq(symbol.module, "test_symbols");
	cr_assert_eq(symbol.offset, 0);
	symbol = find(symbols, &symbols_test_data[3]);
	cr_assert_str_eq(symbol.name, "symbols_test_data");
	cr_assert_eq(symbol.offset, 3 * sizeof(int));
	symbol = find(symbols, &symbols_test_bss[5]);
	cr_assert_str_eq(symbol.name, "symbols_test_bss");
	cr_assert_eq(symbol.offset, 5 * sizeof(int));
	symbols_free(symbols);
}

Test(symbols, names_functions_of_libraries)
{
	struct symbols *symbols = symbols_new();
	struct symbol symbol;
	Dl_info info;

	/* one that no sanitizer puts a function of its own before */
	cr_assert(dladdr((const void *)gnu_get_libc_version, &info));
	symbol = find(symbols, info.dli_saddr);
	cr_assert_eq(symbol.offset, 0);
	cr_assert_eq(strncmp(symbol.module, "libc", 4), 0, "%s", symbol.module);
	cr_assert_not_null(strstr(symbol.name, "libc_version"), "%s", symbol.name);
	symbols_free(symbols);
}

Test(symbols, says_nothing_of_memory_that_is_no_file)
{
	struct symbols *symbols = symbols_new();
	void *heap = malloc(100);
	struct symbol symbol = find(symbols, heap);

	cr_assert_null(symbol.name);
	cr_assert_null(symbol.module);
	symbol = find(symbols, NULL);
	cr_assert_null(symbol.name);
	symbol = find(symbols, &symbol); /* the stack lies above all files */
	cr_assert_null(symbol.name);
	cr_assert_null(symbol.module);
	free(heap);
	symbols_free(symbols);
}

Test(symbols, a_process_that_has_ended_has_none)
{
	struct symbols *symbols = symbols_new();
	struct symbol symbol;
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	cr_assert_eq(waitpid(pid, NULL, 0), pid);
	cr_assert_not(symbols_find(symbols, (uint32_t)pid, (uint64_t)(const void *)symbols_test_function, &symbol));
	cr_assert_null(symbol.name);
	symbols_free(symbols);
}

Test(symbols, a_library_that_came_later_is_seen_after_a_refresh)
{
	struct symbols *symbols = symbols_new();
	struct symbol symbol = find(symbols, (const void *)symbols_test_function);
	void *library = dlopen("libhwloc.so.15", RTLD_NOW | RTLD_LOCAL), *address;

	if (!library)
		cr_skip("no library to load");
	address = dlsym(library, "hwloc_topology_init");
	symbols_refresh(symbols);
	symbol = find(symbols, address);
	cr_assert_str_eq(symbol.name, "hwloc_topology_init");
	symbols_free(symbols);
}

Test(symbols, many_processes_are_forgotten_in_turn)
{
	struct symbols *symbols = symbols_new();
	struct symbol symbol;

	for (uint32_t tgid = 1; tgid < 200; tgid++)
		symbols_find(symbols, 4000000 + tgid, 0x1000, &symbol); /* none of them exists: above every pid_max */
	symbol = find(symbols, (const void *)symbols_test_function);
	cr_assert_str_eq(symbol.name, "symbols_test_function");
	symbols_forget(symbols, (uint32_t)getpid());
	symbol = find(symbols, (const void *)symbols_test_function);
	cr_assert_str_eq(symbol.name, "symbols_test_function");
	symbols_free(symbols);
}
