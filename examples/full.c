/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One busy task for each cpu. All want to run and all do: nothing waits, and nothing is left over. Compare with `crowd`, which
 * asks for four times as much and gets the same.
 */
#include "example.h"

#include <stdio.h>

static void compute(struct example_task *task)
{
	while (!example_over(task))
		;
}

int main(int argc, char **argv)
{
	struct example example;
	unsigned int tasks;

	example_init(&example, argc, argv, "one busy task for each cpu: all of them run");
	tasks = example_cpus(NULL, 0);
	if (tasks > EXAMPLE_MAX_TASKS)
		tasks = EXAMPLE_MAX_TASKS;
	for (unsigned int i = 0; i < tasks; i++) {
		char name[16];

		snprintf(name, sizeof(name), "worker-%u", i);
		example_add(&example, name, EXAMPLE_ANY_CPU, compute, NULL);
	}
	return example_run(&example);
}
