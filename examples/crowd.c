/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Four times as many busy tasks as there are cpus to run on. All want to run, as many run as there are cpus, the others
 * queue: more threads do not make more cpus.
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

	example_init(&example, argc, argv, "four busy tasks for each cpu: most of them queue");
	tasks = 4 * example_cpus(NULL, 0);
	if (tasks > EXAMPLE_MAX_TASKS)
		tasks = EXAMPLE_MAX_TASKS;
	for (unsigned int i = 0; i < tasks; i++) {
		char name[16];

		snprintf(name, sizeof(name), "guest-%u", i);
		example_add(&example, name, EXAMPLE_ANY_CPU, compute, NULL);
	}
	return example_run(&example);
}
