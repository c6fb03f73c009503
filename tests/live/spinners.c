/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Threads that spin when told to and sleep else, for quotas and affinity: the kernel's counters can be read while all sleep.
 * `spinners THREADS CPUS`: thread i is pinned to the i-th cpu of the first CPUS it may use, by turns; CPUS 0: none is pinned.
 * Says {"ready": true, "pid": N, "tids": […]}; each line on stdin is a number of seconds, for which all spin; when all sleep
 * again it says {"cpu_ns": […]}, what each has used so far. Ends at the end of stdin.
 */
#include "program.h"

#define SPINNERS_MAX 64

static struct spinner {
	pthread_t thread;
	int cpu, tid;
	_Atomic uint64_t cpu_ns;
} spinners[SPINNERS_MAX];
static _Atomic uint32_t turn, resting;
static _Atomic uint64_t end_ns;

static void *spin(void *argument)
{
	struct spinner *self = argument;

	if (self->cpu >= 0)
		pin_to_cpu(self->cpu);
	self->tid = (int)syscall(SYS_gettid);
	for (uint32_t next = 0;; next++) {
		self->cpu_ns = thread_cpu_ns();
		atomic_fetch_add(&resting, 1);
		futex_wake_all(&resting);
		while (atomic_load(&turn) == next)
			futex_wait(&turn, next);
		while (now_ns() < atomic_load(&end_ns))
			;
	}
	return NULL;
}

static void wait_for_rest(uint32_t count)
{
	uint32_t now;

	while ((now = atomic_load(&resting)) != count)
		futex_wait(&resting, now);
}

int main(int argc, char **argv)
{
	int count = argc == 3 ? atoi(argv[1]) : 0, cpus = argc == 3 ? atoi(argv[2]) : -1;
	char line[64];

	if (count < 1 || count > SPINNERS_MAX || cpus < 0)
		die("usage: %s THREADS CPUS", argv[0]);
	for (int i = 0; i < count; i++) {
		spinners[i].cpu = cpus ? allowed_cpu((unsigned int)(i % cpus)) : -1;
		if (cpus && spinners[i].cpu < 0)
			die("there are fewer than %d cpus", cpus);
		start_thread(&spinners[i].thread, spin, &spinners[i]);
	}
	wait_for_rest((uint32_t)count);
	printf("{\"ready\": true, \"pid\": %d, \"tids\": [", getpid());
	for (int i = 0; i < count; i++)
		printf("%s%d", i ? ", " : "", spinners[i].tid);
	printf("]}\n");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		atomic_store(&resting, 0);
		atomic_store(&end_ns, now_ns() + (uint64_t)(strtod(line, NULL) * (double)NS_PER_SECOND));
		atomic_fetch_add(&turn, 1);
		futex_wake_all(&turn);
		wait_for_rest((uint32_t)count);
		printf("{\"cpu_ns\": [");
		for (int i = 0; i < count; i++)
			printf("%s%llu", i ? ", " : "", (print_u64)spinners[i].cpu_ns);
		printf("]}\n");
		fflush(stdout);
	}
	return 0;
}
