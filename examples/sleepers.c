/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Two tasks that wait for the end and do nothing else. Two are in progress, none wants a cpu, none runs: this is
 * concurrency without parallelism.
 */
#include "example.h"

static void wait_for_the_end(struct example_task *task)
{
	example_sleep_until(task->example->end_ns);
}

int main(int argc, char **argv)
{
	struct example example;

	example_init(&example, argc, argv, "two tasks that sleep: 2 in progress, 0 running");
	example_add(&example, "tea", EXAMPLE_ANY_CPU, wait_for_the_end, NULL);
	example_add(&example, "toast", EXAMPLE_ANY_CPU, wait_for_the_end, NULL);
	return example_run(&example);
}
