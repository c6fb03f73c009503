/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Threads that get the tid of one that has just ended, by setting /proc/sys/kernel/ns_last_pid back before each start (needs
 * root). Thread number i works i + 1 ms, so whoever mixes them up gets the wrong sums. Says "reused": false, and why, where
 * it could not be done.
 */
#include "program.h"

#define THREADS  8
#define ATTEMPTS 200

struct life {
	int number, tid;
	uint64_t cpu_ns;
};

static void *live(void *argument)
{
	struct life *life = argument;
	char name[16];

	life->tid = gettid();
	snprintf(name, sizeof(name), "life-%d", life->number);
	pthread_setname_np(pthread_self(), name);
	spin_cpu_ns((uint64_t)(life->number + 1) * 1000000);
	life->cpu_ns = thread_cpu_ns();
	return NULL;
}

static bool set_last_pid(int tid)
{
	FILE *file = fopen("/proc/sys/kernel/ns_last_pid", "we");
	bool written;

	if (!file)
		return false;
	written = fprintf(file, "%d", tid) > 0;
	return fclose(file) == 0 && written;
}

int main(int argc, char **argv)
{
	uint64_t end_ns = program_begin(argc, argv, 10) + now_ns();
	struct life lives[THREADS] = { 0 };
	int attempts = 0, count = 0;

	while (count < THREADS && attempts < ATTEMPTS && now_ns() < end_ns) {
		struct life life = { .number = count };
		pthread_t thread;

		if (count > 0 && !set_last_pid(lives[0].tid - 1)) {
			printf("{\"reused\": false, \"reason\": \"/proc/sys/kernel/ns_last_pid: %s\"}\n",
			       strerror(errno));
			return 0;
		}
		start_thread(&thread, live, &life);
		pthread_join(thread, NULL);
		attempts++;
		if (count > 0 && life.tid != lives[0].tid)
			continue; /* somebody else took it, or the last one is not buried yet */
		lives[count++] = life;
	}
	if (count < THREADS) {
		printf("{\"reused\": false, \"reason\": \"the tid was not free again in %d attempts\"}\n", attempts);
		return 0;
	}
	printf("{\"reused\": true, \"pid\": %d, \"tid\": %d, \"attempts\": %d, \"cpu_ns\": [", getpid(), lives[0].tid,
	       attempts);
	for (int i = 0; i < THREADS; i++)
		printf("%s%llu", i ? ", " : "", (print_u64)lives[i].cpu_ns);
	printf("]}\n");
	return 0;
}
