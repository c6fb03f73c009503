/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the examples share: a few named tasks that start together, each a thread of its own, and stop together after
 * --seconds. With --account the program prints, as one line of JSON on stdout, what each task says of its own cpu time:
 * a second opinion that owes nothing to rota.
 */
#ifndef ROTA_EXAMPLE_H
#define ROTA_EXAMPLE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define EXAMPLE_MAX_TASKS 256
#define EXAMPLE_ANY_CPU   (-1)

struct example;

struct example_task {
	struct example *example;
	void (*work)(struct example_task *task);
	void *argument;      /* whatever the program gave with the task */
	char name[16];       /* the thread's name, as ps -L and rota show it */
	int cpu;             /* pinned to it, or EXAMPLE_ANY_CPU */
	unsigned int number; /* from 0, in the order they were added */
	pthread_t thread;
	int tid;
	uint64_t from_ns, to_ns, cpu_ns; /* CLOCK_MONOTONIC around the work, and the thread's own cpu time in it */
};

struct example {
	const char *name;
	uint64_t length_ns;
	bool account;
	uint64_t end_ns; /* CLOCK_MONOTONIC at which the tasks should stop; set by example_run() */
	pthread_barrier_t start;
	unsigned int task_count;
	struct example_task tasks[EXAMPLE_MAX_TASKS];
};

/* Reads --seconds N (default 2), --account and --help. Leaves the program on anything else. */
void example_init(struct example *example, int argc, char **argv, const char *about);
/* One more task. Task 0 is the main thread, so a program with two tasks has two threads, not three. */
void example_add(struct example *example, const char *name, int cpu, void (*work)(struct example_task *),
		 void *argument);
/* Starts all tasks together, waits until every one of them has returned, prints the account. An exit status. */
int example_run(struct example *example);

bool example_over(const struct example_task *task); /* is it time to stop? */
void example_work(uint64_t ns);                     /* use this much of the thread's own cpu time */
void example_sleep_until(uint64_t ns);              /* sleep until this time of CLOCK_MONOTONIC */

uint64_t example_now_ns(void); /* CLOCK_MONOTONIC */
uint64_t example_cpu_ns(void); /* cpu time of the calling thread so far */
void example_pin(int cpu);     /* let the calling thread run on this cpu only; EXAMPLE_ANY_CPU: does nothing */

/* The cpus this program may use, ascending. Returns how many there are; at most `size` are stored. */
unsigned int example_cpus(int *ret_cpus, unsigned int size);
/* Two usable cpus: hardware threads of one core (same_core), or of two where the machine has two. False: there are none. */
bool example_two_cpus(bool same_core, int ret_cpus[2]);
/* Do two cpus belong to one core, one package? `what` is one of these, the kernel's names for them. */
#define EXAMPLE_CORE    "thread_siblings_list"
#define EXAMPLE_PACKAGE "physical_package_id"
bool example_same(int a, int b, const char *what);

#endif
