/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The two tasks of turns.c, on two cpus: both want to run and both run, at the same time. Nothing waits.
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
	int cpus[2];

	example_init(&example, argc, argv, "two busy tasks on two cpus: they want 2 cpus and get 2");
	if (!example_two_cpus(false, cpus)) {
		printf("parallel: there is only one cpu to run on here, so nothing can run in parallel\n");
		return 0;
	}
	example_add(&example, "left", cpus[0], compute, NULL);
	example_add(&example, "right", cpus[1], compute, NULL);
	return example_run(&example);
}
