/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The tasks of the examples: options in, threads started together and joined, their account out on stdout. What a task
 * does is none of this file's business.
 */
#include "example.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

uint64_t example_now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

uint64_t example_cpu_ns(void)
{
	return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

bool example_over(const struct example_task *task)
{
	return example_now_ns() >= task->example->end_ns;
}

void example_work(uint64_t ns)
{
	uint64_t end_ns = example_cpu_ns() + ns;

	while (example_cpu_ns() < end_ns)
		;
}

void example_sleep_until(uint64_t ns)
{
	struct timespec until = { .tv_sec = (time_t)(ns / 1000000000U), .tv_nsec = (long)(ns % 1000000000U) };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
		;
}

void example_pin(int cpu)
{
	cpu_set_t set;

	if (cpu == EXAMPLE_ANY_CPU)
		return;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) != 0) {
		fprintf(stderr, "cannot run on cpu %d: %s\n", cpu, strerror(errno));
		exit(1);
	}
}

unsigned int example_cpus(int *ret_cpus, unsigned int size)
{
	unsigned int count = 0;
	cpu_set_t set;

	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return 0;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &set))
			continue;
		if (count < size)
			ret_cpus[count] = cpu;
		count++;
	}
	return count;
}

/* What the kernel's topology folder says of a cpu: equal texts mean the same core, package… */
static void topology_of(int cpu, const char *name, char *ret_text, size_t size)
{
	char path[96];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/topology/%s", cpu, name);
	snprintf(ret_text, size, "cpu%d", cpu); /* what the kernel does not tell is taken for one of its own */
	file = fopen(path, "re");
	if (!file)
		return;
	if (!fgets(ret_text, (int)size, file))
		snprintf(ret_text, size, "cpu%d", cpu);
	fclose(file);
}

bool example_same(int a, int b, const char *what)
{
	char first[128], second[128];

	topology_of(a, what, first, sizeof(first));
	topology_of(b, what, second, sizeof(second));
	return strcmp(first, second) == 0;
}

bool example_two_cpus(bool same_core, int ret_cpus[2])
{
	int cpus[CPU_SETSIZE];
	unsigned int count = example_cpus(cpus, CPU_SETSIZE);

	for (unsigned int i = 0; i < count; i++) {
		for (unsigned int j = i + 1; j < count; j++) {
			if (example_same(cpus[i], cpus[j], EXAMPLE_CORE) != same_core)
				continue;
			ret_cpus[0] = cpus[i];
			ret_cpus[1] = cpus[j];
			return true;
		}
	}
	if (same_core || count < 2)
		return false;
	ret_cpus[0] = cpus[0]; /* one core only: its siblings are the two cpus there are */
	ret_cpus[1] = cpus[1];
	return true;
}

void example_init(struct example *example, int argc, char **argv, const char *about)
{
	double seconds = 2;
	char *end = "";

	memset(example, 0, sizeof(*example));
	example->name = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--account") == 0) {
			example->account = true;
		} else if (strcmp(argv[i], "--seconds") == 0 && i + 1 < argc) {
			seconds = strtod(argv[++i], &end);
			if (*end != '\0' || !(seconds > 0 && seconds <= 3600)) {
				fprintf(stderr, "%s: --seconds takes a number above 0, at most 3600\n", example->name);
				exit(2);
			}
		} else {
			bool help = strcmp(argv[i], "--help") == 0;

			fprintf(help ? stdout : stderr, "usage: %s [--seconds N] [--account]\n%s\n", example->name,
				about);
			exit(help ? 0 : 2);
		}
	}
	example->length_ns = (uint64_t)(seconds * 1e9);
}

void example_add(struct example *example, const char *name, int cpu, void (*work)(struct example_task *),
		 void *argument)
{
	struct example_task *task = &example->tasks[example->task_count];

	if (example->task_count == EXAMPLE_MAX_TASKS) {
		fprintf(stderr, "%s: more than %d tasks\n", example->name, EXAMPLE_MAX_TASKS);
		exit(1);
	}
	*task = (struct example_task){ .example = example, .work = work, .argument = argument, .cpu = cpu };
	task->number = example->task_count++;
	snprintf(task->name, sizeof(task->name), "%s", name);
}

static void *run_task(void *argument)
{
	struct example_task *task = argument;
	uint64_t cpu_ns;

	pthread_setname_np(pthread_self(), task->name);
	task->tid = gettid();
	example_pin(task->cpu);
	if (task->number == 0)
		task->example->end_ns = example_now_ns() + task->example->length_ns;
	pthread_barrier_wait(&task->example->start);
	task->from_ns = example_now_ns();
	cpu_ns = example_cpu_ns();
	task->work(task);
	task->cpu_ns = example_cpu_ns() - cpu_ns;
	task->to_ns = example_now_ns();
	return NULL;
}

static void print_account(const struct example *example)
{
	printf("{\"program\": \"%s\", \"process_cpu_ns\": %llu, \"tasks\": [", example->name,
	       (unsigned long long)clock_ns(CLOCK_PROCESS_CPUTIME_ID));
	for (unsigned int i = 0; i < example->task_count; i++) {
		const struct example_task *task = &example->tasks[i];

		printf("%s{\"name\": \"%s\", \"tid\": %d, \"cpu\": %d, \"from_ns\": %llu, \"to_ns\": %llu, \"cpu_ns\": %llu}",
		       i ? ", " : "", task->name, task->tid, task->cpu, (unsigned long long)task->from_ns,
		       (unsigned long long)task->to_ns, (unsigned long long)task->cpu_ns);
	}
	printf("]}\n");
}

int example_run(struct example *example)
{
	int err;

	pthread_barrier_init(&example->start, NULL, example->task_count);
	for (unsigned int i = 1; i < example->task_count; i++) {
		err = pthread_create(&example->tasks[i].thread, NULL, run_task, &example->tasks[i]);
		if (err) {
			fprintf(stderr, "%s: cannot start thread %u: %s\n", example->name, i, strerror(err));
			return 1;
		}
	}
	run_task(&example->tasks[0]);
	for (unsigned int i = 1; i < example->task_count; i++)
		pthread_join(example->tasks[i].thread, NULL);
	pthread_barrier_destroy(&example->start);
	if (example->account)
		print_account(example);
	return fflush(stdout) == 0 ? 0 : 1;
}
