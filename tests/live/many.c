/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * many --threads N: N threads that are all there at once; each works for 100 µs of its own cpu time and sleeps until the
 * last one has. many --processes N: N processes that each do so and end, eight at a time. What they say of their own cpu
 * time is added up and printed.
 */
#include "program.h"

#include <sys/mman.h>
#include <sys/wait.h>

#define LIFE_NS     100000U
#define AT_ONCE     8
#define STACK_BYTES 65536

struct account { /* shared by all, processes too */
	_Atomic uint64_t cpu_ns;
	_Atomic uint32_t done, over;
};

static void work(struct account *account)
{
	spin_cpu_ns(LIFE_NS);
	atomic_fetch_add(&account->cpu_ns, thread_cpu_ns());
	atomic_fetch_add(&account->done, 1);
}

static void *run(void *argument)
{
	struct account *account = argument;

	work(account);
	futex_wake_all(&account->done);
	while (!atomic_load(&account->over))
		futex_wait(&account->over, 0);
	return NULL;
}

static void run_threads(struct account *account, uint32_t count)
{
	pthread_t *threads = calloc(count, sizeof(*threads));
	pthread_attr_t attributes;
	uint32_t done;

	if (!threads)
		die("no memory");
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	for (uint32_t i = 0; i < count; i++)
		if ((errno = pthread_create(&threads[i], &attributes, run, account)) != 0)
			die("cannot start thread %u: %s", i, strerror(errno));
	while ((done = atomic_load(&account->done)) < count)
		futex_wait(&account->done, done);
	atomic_store(&account->over, 1);
	futex_wake_all(&account->over);
	for (uint32_t i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	free(threads);
}

static void run_processes(struct account *account, uint32_t count)
{
	for (uint32_t i = 0; i < count + AT_ONCE; i++) {
		pid_t pid = i < count ? fork() : -1;

		if (pid == 0) {
			work(account);
			_exit(0);
		}
		if (i < count && pid < 0)
			die("cannot start process %u: %s", i, strerror(errno));
		if (i >= AT_ONCE)
			wait(NULL);
	}
}

int main(int argc, char **argv)
{
	struct account *account =
		mmap(NULL, sizeof(*account), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint32_t count = argc == 3 ? (uint32_t)atoi(argv[2]) : 0;

	if (account == MAP_FAILED)
		die("no memory");
	if (count && strcmp(argv[1], "--threads") == 0)
		run_threads(account, count);
	else if (count && strcmp(argv[1], "--processes") == 0)
		run_processes(account, count);
	else
		die("usage: %s --threads N | --processes N", argv[0]);
	printf("{\"pid\": %d, \"count\": %u, \"cpu_ns\": %llu}\n", getpid(), atomic_load(&account->done),
	       (print_u64)atomic_load(&account->cpu_ns));
	return 0;
}
