/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One busy task for each cpu, and beside them as many processes that are busy with something else, as on a machine shared
 * with strangers. To rota they are strangers if it is told not to follow children (`rota demo` does so): the tasks then wait
 * half of the time behind somebody who is not of the program.
 */
#include "example.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_STRANGERS 64

static void compute(struct example_task *task)
{
	while (!example_over(task))
		;
}

static pid_t start_stranger(int cpu)
{
	pid_t parent = getpid(), pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_NAME, "stranger");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	example_pin(cpu);
	for (;;)
		example_work(1000000);
}

int main(int argc, char **argv)
{
	struct example example;
	pid_t strangers[MAX_STRANGERS];
	int cpus[MAX_STRANGERS], status;
	unsigned int count = example_cpus(cpus, MAX_STRANGERS), started = 0;

	example_init(&example, argc, argv, "one busy task for each cpu, and a stranger beside each");
	if (count > MAX_STRANGERS)
		count = MAX_STRANGERS;
	for (; started < count; started++) {
		char name[16];

		strangers[started] = start_stranger(cpus[started]);
		if (strangers[started] < 0) {
			perror("neighbours: cannot start a stranger");
			break;
		}
		snprintf(name, sizeof(name), "tenant-%u", started);
		example_add(&example, name, cpus[started], compute, NULL);
	}
	status = started == count ? example_run(&example) : 1;
	while (started-- > 0) {
		kill(strangers[started], SIGKILL);
		waitpid(strangers[started], NULL, 0);
	}
	return status;
}
