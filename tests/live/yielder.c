/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Two threads on one cpu that call sched_yield(2) now and then, and a third beside them that never does: each says how often
 * it left the cpu inside of sched_yield and otherwise, by the kernel's own counters read right before and after the call. With their account printed all sleep until a line on stdin.
 */
#include "program.h"

#define THREADS  3
#define ROUND_NS 300000

struct park {
	_Atomic uint32_t parked, over;
};

struct worker {
	pthread_t thread;
	struct park *park;
	bool yields;
	uint64_t end_ns;
	_Atomic int tid;
	long calls, left_in_yield;
};

static long involuntary_now(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_THREAD, &usage) != 0)
		die("getrusage: %s", strerror(errno));
	return usage.ru_nivcsw;
}

static void *work(void *argument)
{
	struct worker *worker = argument;

	pthread_setname_np(pthread_self(), worker->yields ? "yields" : "spins");
	atomic_store(&worker->tid, gettid());
	while (now_ns() < worker->end_ns) {
		long before;

		spin_cpu_ns(ROUND_NS);
		if (!worker->yields)
			continue;
		before = involuntary_now();
		sched_yield();
		worker->left_in_yield += involuntary_now() - before;
		worker->calls++;
	}
	atomic_fetch_add(&worker->park->parked, 1);
	futex_wake_all(&worker->park->parked);
	while (!atomic_load(&worker->park->over))
		futex_wait(&worker->park->over, 0);
	return NULL;
}

/* All have parked; their figures are right once they sleep. */
static void await_rest(struct park *park, const struct worker *workers)
{
	uint32_t parked;

	while ((parked = atomic_load(&park->parked)) < THREADS)
		futex_wait(&park->parked, parked);
	for (int i = 0; i < THREADS; i++)
		while (thread_state(atomic_load(&workers[i].tid)) != 'S')
			sched_yield();
}

int main(int argc, char **argv)
{
	uint64_t length_ns = program_begin(argc, argv, 1), end_ns = now_ns() + length_ns;
	struct worker workers[THREADS] = { { .yields = true }, { .yields = true }, { .yields = false } };
	struct park park = { 0 };

	pin_to_cpu(allowed_cpu(0));
	for (int i = 0; i < THREADS; i++) {
		workers[i].end_ns = end_ns;
		workers[i].park = &park;
		start_thread(&workers[i].thread, work, &workers[i]);
	}
	await_rest(&park, workers);
	for (int i = 0; i < THREADS; i++) {
		struct worker *worker = &workers[i];
		int tid = atomic_load(&worker->tid);
		struct thread_figures figures;

		figures_read(tid, &figures);
		printf("{\"tid\": %d, \"yields\": %s, \"calls\": %ld, \"left_in_yield\": %ld, ", tid,
		       worker->yields ? "true" : "false", worker->calls, worker->left_in_yield);
		figures_print("figures", &figures);
		puts("}");
	}
	fflush(stdout);
	getchar();
	atomic_store(&park.over, 1);
	futex_wake_all(&park.over);
	for (int i = 0; i < THREADS; i++)
		pthread_join(workers[i].thread, NULL);
	return 0;
}
