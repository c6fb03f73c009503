/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One thread under three names, a third of --seconds each, working half of the time: "larva", "pupa", "imago". One thread,
 * one row in a report, under the last name.
 */
#include "program.h"

#include <sys/prctl.h>

int main(int argc, char **argv)
{
	static const char *const names[] = { "larva", "pupa", "imago" };
	uint64_t third_ns = program_begin(argc, argv, 1.5) / 3, start_ns = now_ns(), cpu_ns = thread_cpu_ns();

	for (int i = 0; i < 3; i++) {
		prctl(PR_SET_NAME, names[i]);
		spin_cpu_ns(third_ns / 2);
		wait_until_ns(start_ns + third_ns * (uint64_t)(i + 1));
	}
	cpu_ns = thread_cpu_ns() - cpu_ns;
	printf("{\"pid\": %d, \"name\": \"%s\", \"cpu_ns\": %llu}\n", getpid(), names[2], (print_u64)cpu_ns);
	return 0;
}
