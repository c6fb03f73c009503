/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Two busy tasks on the two hardware threads of one physical core. The kernel counts two cpus and both tasks run all the
 * time, but they share one core's execution units: each gets on more slowly than it would alone.
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

	example_init(&example, argc, argv, "two busy tasks on the two hardware threads of one core");
	if (!example_two_cpus(true, cpus)) {
		printf("siblings: no core here has two hardware threads to run on (no SMT, or it is off): nothing to show\n");
		return 0;
	}
	example_add(&example, "left", cpus[0], compute, NULL);
	example_add(&example, "right", cpus[1], compute, NULL);
	return example_run(&example);
}
