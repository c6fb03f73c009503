/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the programs that live tests observe share: options, clocks, spinning, a thread's own figures from the kernel.
 * Each program ends by itself after --seconds, prints its account as JSON lines on stdout, and with --wait says
 * {"ready": true, "pid": N} first and begins at a line on stdin (or its end), so that a test can attach before.
 */
#ifndef ROTA_TEST_PROGRAM_H
#define ROTA_TEST_PROGRAM_H

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_SECOND 1000000000ULL
typedef unsigned long long print_u64;

static inline uint64_t clock_now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

static inline uint64_t now_ns(void)
{
	return clock_now_ns(CLOCK_MONOTONIC);
}

static inline uint64_t thread_cpu_ns(void)
{
	return clock_now_ns(CLOCK_THREAD_CPUTIME_ID);
}

static inline void __attribute__((format(printf, 1, 2), noreturn)) die(const char *format, ...)
{
	__builtin_va_list arguments;

	__builtin_va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	__builtin_va_end(arguments);
	fputc('\n', stderr);
	exit(1);
}

static inline void spin_cpu_ns(uint64_t ns)
{
	uint64_t end_ns = thread_cpu_ns() + ns;

	while (thread_cpu_ns() < end_ns)
		;
}

static inline void wait_until_ns(uint64_t ns)
{
	struct timespec until = { .tv_sec = (time_t)(ns / NS_PER_SECOND), .tv_nsec = (long)(ns % NS_PER_SECOND) };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
		;
}

static inline void pin_to_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) != 0)
		die("cannot run on cpu %d: %s", cpu, strerror(errno));
}

static inline int allowed_cpu(unsigned int index) /* -1 where there are fewer */
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return -1;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &set) && index-- == 0)
			return cpu;
	return -1;
}

static inline void futex_wait(_Atomic uint32_t *word, uint32_t value)
{
	syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static inline void futex_wake_all(_Atomic uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
}

static inline void start_thread(pthread_t *ret_thread, void *(*run)(void *), void *argument)
{
	int err = pthread_create(ret_thread, NULL, run, argument);

	if (err)
		die("cannot start a thread: %s", strerror(err));
}

/* What every program understands. Returns the length in ns; waits where --wait asks for it. */
static inline uint64_t program_begin(int argc, char **argv, double seconds)
{
	bool wait = false;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--wait") == 0)
			wait = true;
		else if (strcmp(argv[i], "--seconds") == 0 && i + 1 < argc)
			seconds = strtod(argv[++i], NULL);
		else
			die("usage: %s [--seconds N] [--wait]", argv[0]);
	}
	if (!(seconds > 0 && seconds <= 600))
		die("%s: --seconds takes a number above 0, at most 600", argv[0]);
	if (wait) {
		int byte;

		printf("{\"ready\": true, \"pid\": %d}\n", getpid());
		fflush(stdout);
		do {
			byte = getchar();
		} while (byte != '\n' && byte != EOF);
	}
	return (uint64_t)(seconds * (double)NS_PER_SECOND);
}

struct thread_figures {                   /* what the kernel says about one thread */
	print_u64 run_ns, wait_ns, runs;  /* schedstat */
	print_u64 voluntary, involuntary; /* context switches */
};

/* Another thread's figures must be read while it sleeps: a running one's lag by up to a tick. */
static inline void figures_read(int tid, struct thread_figures *ret_figures)
{
	char path[64], line[128];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/schedstat", tid);
	file = fopen(path, "re");
	if (!file ||
	    fscanf(file, "%llu %llu %llu", &ret_figures->run_ns, &ret_figures->wait_ns, &ret_figures->runs) != 3)
		die("cannot read %s", path);
	fclose(file);
	snprintf(path, sizeof(path), "/proc/self/task/%d/status", tid);
	file = fopen(path, "re");
	if (!file)
		die("cannot read %s", path);
	while (fgets(line, sizeof(line), file)) {
		sscanf(line, "voluntary_ctxt_switches: %llu", &ret_figures->voluntary);
		sscanf(line, "nonvoluntary_ctxt_switches: %llu", &ret_figures->involuntary);
	}
	fclose(file);
}

/* R, S, D, T, Z … as /proc says; of a thread of the calling process. */
static inline char thread_state(int tid)
{
	char path[64], state = '?';
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	file = fopen(path, "re");
	if (!file || fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
		die("cannot read %s", path);
	fclose(file);
	return state;
}

/*
 * Whether a thread of the calling process is asleep and off its cpu: to tell what system call it is in, the kernel waits until it
 * has been switched out (wait_task_inactive() in kernel/sched/core.c), or says "running".
 */
static inline bool thread_inactive(int tid)
{
	char path[64], word[16] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", tid);
	file = fopen(path, "re");
	if (!file || fscanf(file, "%15s", word) != 1)
		die("cannot read %s", path);
	fclose(file);
	return strcmp(word, "running") != 0 && thread_state(tid) == 'S';
}

/*
 * The figures of a thread of the calling process that is going to sleep, once it does. It is S some time before its last switch,
 * which is what both counts of switches and the running time wait for. (That there are as many switches from it as to it cannot
 * be waited for: in a storm of switches Linux 7.2 leaves some out of schedstat, sched_info_arrive() in kernel/sched/stats.h.)
 */
static inline void figures_read_asleep(int tid, struct thread_figures *ret_figures)
{
	while (!thread_inactive(tid))
		sched_yield();
	figures_read(tid, ret_figures);
}

static inline void figures_print(const char *key, const struct thread_figures *figures)
{
	printf("\"%s\": {\"run_ns\": %llu, \"wait_ns\": %llu, \"runs\": %llu, \"voluntary\": %llu, \"involuntary\": %llu}",
	       key, figures->run_ns, figures->wait_ns, figures->runs, figures->voluntary, figures->involuntary);
}

#endif
