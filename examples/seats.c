/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Two busy threads, seated in up to four ways, for an equal time each: both on one hardware thread, on the two of one core, on
 * two cores, in two sockets. The work is the same; what differs is what they share. Seats that the machine does not have are
 * left out. The first thread stays where it is, the second moves from seat to seat.
 */
#include "example.h"

#include <sched.h>
#include <stdio.h>

enum seat { ONE_CPU, ONE_CORE, TWO_CORES, TWO_SOCKETS, SEATS };

struct seats {
	int cpus[SEATS]; /* the second thread's, one after the other */
	unsigned int count;
};

static enum seat seat_beside(int first, int cpu)
{
	if (cpu == first)
		return ONE_CPU;
	if (example_same(first, cpu, EXAMPLE_CORE))
		return ONE_CORE;
	return example_same(first, cpu, EXAMPLE_PACKAGE) ? TWO_CORES : TWO_SOCKETS;
}

static void find_seats(struct seats *seats, int first)
{
	int cpus[CPU_SETSIZE];
	unsigned int count = example_cpus(cpus, CPU_SETSIZE);

	for (enum seat seat = ONE_CPU; seat < SEATS; seat++) {
		for (unsigned int i = 0; i < count; i++) {
			if (seat_beside(first, cpus[i]) == seat) {
				seats->cpus[seats->count++] = cpus[i];
				break;
			}
		}
	}
}

static void sit_and_work(struct example_task *task)
{
	const struct seats *seats = task->argument;
	uint64_t seat_ns = task->example->length_ns / seats->count;
	uint64_t end_ns = task->example->end_ns - task->example->length_ns;

	for (unsigned int i = 0; i < seats->count; i++) {
		end_ns += seat_ns;
		if (task->number == 1)
			example_pin(seats->cpus[i]);
		while (example_now_ns() < end_ns)
			;
	}
}

int main(int argc, char **argv)
{
	struct seats seats = { .count = 0 };
	struct example example;
	int first[2];

	example_init(&example, argc, argv,
		     "two busy threads: on one hardware thread, one core, two cores, two sockets");
	if (!example_two_cpus(true, first) && example_cpus(first, 1) == 0)
		return 1;
	find_seats(&seats, first[0]);
	example_add(&example, "stayer", first[0], sit_and_work, &seats);
	example_add(&example, "mover", first[0], sit_and_work, &seats);
	return example_run(&example);
}
