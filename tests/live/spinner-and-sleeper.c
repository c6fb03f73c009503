/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Two threads that do not change: the main thread spins, the other sleeps, from start to end. Whoever looks in the middle
 * sees hardly a context switch, and must still count one as running and one as asleep from the first nanosecond.
 */
#include "program.h"

struct sleeper {
	uint64_t end_ns;
	_Atomic int tid;
};

static void *sleep_throughout(void *argument)
{
	struct sleeper *sleeper = argument;

	pthread_setname_np(pthread_self(), "sleeper");
	atomic_store(&sleeper->tid, gettid());
	wait_until_ns(sleeper->end_ns);
	return NULL;
}

int main(int argc, char **argv)
{
	uint64_t length_ns = program_begin(argc, argv, 2), cpu_ns = thread_cpu_ns(), from_ns = now_ns();
	struct sleeper sleeper = { .end_ns = from_ns + length_ns };
	pthread_t thread;

	pthread_setname_np(pthread_self(), "spinner");
	start_thread(&thread, sleep_throughout, &sleeper);
	while (now_ns() < sleeper.end_ns)
		;
	cpu_ns = thread_cpu_ns() - cpu_ns;
	printf("{\"spinner\": %d, \"sleeper\": %d, \"from_ns\": %llu, \"to_ns\": %llu, \"cpu_ns\": %llu}\n", gettid(),
	       atomic_load(&sleeper.tid), (print_u64)from_ns, (print_u64)sleeper.end_ns, (print_u64)cpu_ns);
	pthread_join(thread, NULL);
	return 0;
}
