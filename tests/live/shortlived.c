/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * 2,000 threads one after another, each of which works for 1 ms of its own cpu time and ends. Their cpu times are added
 * up by themselves. --seconds only bounds the whole: it stops early, and says how many there were.
 */
#include "program.h"

#define THREADS 2000
#define LIFE_NS 1000000U

static void *live_shortly(void *argument)
{
	_Atomic uint64_t *cpu_ns = argument;

	spin_cpu_ns(LIFE_NS);
	atomic_fetch_add(cpu_ns, thread_cpu_ns());
	return NULL;
}

int main(int argc, char **argv)
{
	uint64_t length_ns = program_begin(argc, argv, 30), end_ns = now_ns() + length_ns;
	_Atomic uint64_t cpu_ns = 0;
	int count = 0;

	for (; count < THREADS && now_ns() < end_ns; count++) {
		pthread_t thread;

		start_thread(&thread, live_shortly, &cpu_ns);
		pthread_join(thread, NULL);
	}
	printf("{\"pid\": %d, \"threads\": %d, \"threads_cpu_ns\": %llu, \"main_cpu_ns\": %llu, \"process_cpu_ns\": %llu}\n",
	       getpid(), count, (print_u64)atomic_load(&cpu_ns), (print_u64)thread_cpu_ns(),
	       (print_u64)clock_now_ns(CLOCK_PROCESS_CPUTIME_ID));
	return 0;
}
