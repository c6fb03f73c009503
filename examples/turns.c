/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Two tasks that always have work, on one cpu. Both want to run all the time, one runs at any time: the kernel lets them
 * take turns, some milliseconds each. Both make progress, at half speed.
 */
#include "example.h"

static void compute(struct example_task *task)
{
	while (!example_over(task))
		;
}

int main(int argc, char **argv)
{
	struct example example;
	int cpu;

	example_init(&example, argc, argv, "two busy tasks on one cpu: they want 2 cpus and get 1");
	if (example_cpus(&cpu, 1) == 0)
		return 1;
	example_add(&example, "left", cpu, compute, NULL);
	example_add(&example, "right", cpu, compute, NULL);
	return example_run(&example);
}
