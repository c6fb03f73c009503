/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Two threads go through four phases of equal length together: both busy on two cpus, one busy and one asleep, both busy on
 * one cpu, both asleep. So 2 run at once, then 1, then 1 of 2 that want to, then none. --seconds is the length of all four.
 * With --account each thread tells, for each phase, when it entered and left it and how much cpu time it used in it.
 */
#include "example.h"

#include <stdio.h>

#define PHASES  4
#define THREADS 2

struct edges { /* CLOCK_MONOTONIC, and the thread's own CLOCK_THREAD_CPUTIME_ID beside it */
	uint64_t from_ns, to_ns, from_cpu_ns, to_cpu_ns;
};

struct phases {
	int cpus[2];
	struct edges edges[PHASES][THREADS];
};

struct phase {
	const char *name;
	int busy;    /* how many of the two work; the others sleep */
	bool shared; /* on one cpu, not on two */
};
static const struct phase phase_table[PHASES] = {
	{"parallel", 2, false},
	{ "single",  1, false},
	{ "turns",   2, true },
	{ "asleep",  0, false},
};

static void go_through_the_phases(struct example_task *task)
{
	struct phases *phases = task->argument;
	uint64_t phase_ns = task->example->length_ns / PHASES;
	uint64_t start_ns = task->example->end_ns - phase_ns * PHASES;

	for (int i = 0; i < PHASES; i++) {
		struct edges *edges = &phases->edges[i][task->number];
		uint64_t end_ns = start_ns + phase_ns * (uint64_t)(i + 1);

		example_pin(phases->cpus[phase_table[i].shared ? 0 : task->number]);
		edges->from_ns = example_now_ns();
		edges->from_cpu_ns = example_cpu_ns();
		if ((int)task->number < phase_table[i].busy)
			while (example_now_ns() < end_ns)
				;
		else
			example_sleep_until(end_ns);
		edges->to_ns = example_now_ns();
		edges->to_cpu_ns = example_cpu_ns();
	}
}

static void print_phases(const struct example *example, const struct phases *phases)
{
	printf("{\"program\": \"%s\", \"cpus\": [%d, %d], \"phases\": [", example->name, phases->cpus[0],
	       phases->cpus[1]);
	for (int i = 0; i < PHASES; i++) {
		printf("%s{\"phase\": \"%s\", \"threads\": [", i ? ", " : "", phase_table[i].name);
		for (int j = 0; j < THREADS; j++) {
			const struct edges *edges = &phases->edges[i][j];

			printf("%s{\"tid\": %d, \"from_ns\": %llu, \"to_ns\": %llu, \"cpu_ns\": %llu}", j ? ", " : "",
			       example->tasks[j].tid, (unsigned long long)edges->from_ns,
			       (unsigned long long)edges->to_ns,
			       (unsigned long long)(edges->to_cpu_ns - edges->from_cpu_ns));
		}
		printf("]}");
	}
	printf("]}\n");
}

int main(int argc, char **argv)
{
	struct phases phases = {
		.cpus = {0, 0}
	};
	struct example example;
	bool account;
	int status;

	example_init(&example, argc, argv,
		     "two threads: on two cpus, one alone, on one cpu, both asleep; a quarter each");
	if (!example_two_cpus(false, phases.cpus)) {
		printf("phases: there is only one cpu to run on here, and the first phase needs two\n");
		return 0;
	}
	account = example.account;
	example.account = false; /* the account by phase takes the place of the usual one */
	example_add(&example, "one", phases.cpus[0], go_through_the_phases, &phases);
	example_add(&example, "two", phases.cpus[1], go_through_the_phases, &phases);
	status = example_run(&example);
	if (status == 0 && account)
		print_phases(&example, &phases);
	return status;
}
