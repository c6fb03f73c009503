/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Four tasks and one lock. Nearly all of each task's work is done while it holds the lock, so one works and three wait for
 * it, however many cpus there are. Waiting for a lock is not waiting for a cpu: they sleep, and want nothing.
 */
#include "example.h"

#define TASKS     4
#define INSIDE_NS 400000U /* work done with the lock held */
#define BEFORE_NS 20000U  /* work done without it */

static void take_the_lock_again_and_again(struct example_task *task)
{
	pthread_mutex_t *lock = task->argument;

	while (!example_over(task)) {
		example_work(BEFORE_NS);
		pthread_mutex_lock(lock);
		example_work(INSIDE_NS);
		pthread_mutex_unlock(lock);
	}
}

int main(int argc, char **argv)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	const char *const names[TASKS] = { "ann", "ben", "cleo", "dan" };
	struct example example;

	example_init(&example, argc, argv, "four tasks, one lock that is nearly always held: one runs");
	for (int i = 0; i < TASKS; i++)
		example_add(&example, names[i], EXAMPLE_ANY_CPU, take_the_lock_again_and_again, &lock);
	return example_run(&example);
}
