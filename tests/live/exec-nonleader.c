/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A thread that is not the leader calls exec: the kernel ends the leader and gives its tid to the caller. Before, the second
 * thread spins for half of --seconds while the leader sleeps; after, the new program spins for the other half.
 */
#include "program.h"

struct plan {
	char **argv;
	uint64_t half_ns;
};

static void *spin_and_exec(void *argument)
{
	struct plan *plan = argument;
	char cpu[32], tid[32], half[32];

	pthread_setname_np(pthread_self(), "before-exec");
	spin_cpu_ns(plan->half_ns);
	snprintf(cpu, sizeof(cpu), "%llu", (print_u64)thread_cpu_ns());
	snprintf(tid, sizeof(tid), "%d", gettid());
	snprintf(half, sizeof(half), "%llu", (print_u64)plan->half_ns);
	execl("/proc/self/exe", "after-exec", "--after", tid, cpu, half, (char *)NULL);
	die("cannot exec: %s", strerror(errno));
}

static int after_exec(char **argv)
{
	spin_cpu_ns(strtoull(argv[4], NULL, 10));
	printf("{\"pid\": %d, \"tid\": %d, \"tid_before\": %s, \"cpu_before_ns\": %s, \"cpu_ns\": %llu}\n", getpid(),
	       gettid(), argv[2], argv[3], (print_u64)thread_cpu_ns());
	return 0;
}

int main(int argc, char **argv)
{
	struct plan plan = { .argv = argv };
	pthread_t thread;

	if (argc == 5 && strcmp(argv[1], "--after") == 0)
		return after_exec(argv);
	plan.half_ns = program_begin(argc, argv, 1) / 2;
	start_thread(&thread, spin_and_exec, &plan);
	pthread_join(thread, NULL); /* never returns: exec ends this thread */
	return 1;
}
