/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Makes system calls of which it knows how many there are and how long they took. By its first argument:
 *   count N    a fixed number of several calls in two threads and a child process, N getppid(2) among them
 *   time       long calls, each between two readings of the clock (which takes no system call), and says the sums
 *   read       16 MiB at a time from /dev/zero on one cpu beside a thread that spins there, and its own figures of that
 *   beside PID parks, spins for two seconds on the first cpu, says its own and the other process's figures of that, parks
 *   threads N  N threads one after the other, each with one getppid(2)
 *   compat N   N getppid(2) by the table for 32-bit programs; says "compat": false where the kernel has none
 *   forever    getppid(2) until --seconds are over; says how many, how long that took, and for how long it ran
 */
#include "program.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/wait.h>

#define MEGABYTE (1U << 20)

/* A thread that must leave the cpu does so in mid-call or on the way out, which is no part of the call: make that rare. */
static char room[16 * MEGABYTE];

static void ask(unsigned long count)
{
	while (count--)
		syscall(SYS_getppid);
}

static void *ask_in_thread(void *argument)
{
	ask(*(unsigned long *)argument);
	return NULL;
}

/* Whether a join finds the thread gone or must ask the kernel to wait is chance; asking until it is gone takes no call. */
static void join(pthread_t thread)
{
	while (pthread_tryjoin_np(thread, NULL) == EBUSY)
		;
}

static void count(unsigned long calls)
{
	int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	struct timespec nap = { .tv_nsec = 100000 };
	unsigned long half = calls / 2;
	pthread_t thread;
	pid_t child;

	start_thread(&thread, ask_in_thread, &half);
	join(thread);
	ask(calls - half);
	for (int i = 0; i < 300; i++)
		if (read(zero, room, 4096) != 4096)
			die("/dev/zero: %s", strerror(errno));
	for (int i = 0; i < 20; i++)
		clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, NULL);
	child = fork();
	if (!child) {
		for (int i = 0; i < 50; i++)
			syscall(SYS_getpgid, 0);
		_exit(0);
	}
	if (waitpid(child, NULL, 0) != child)
		die("lost a child");
	for (int i = 0; i < 5; i++) /* a call that fails is a call */
		if (!close(-1))
			die("closed nothing");
}

struct timed {
	const char *name;
	unsigned int count;
	uint64_t ns;
};

static void time_calls(void)
{
	struct timed timed[] = {
		{"read",             200, 0},
		{ "getrandom",       400, 0},
		{ "clock_nanosleep", 100, 0},
	};
	int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	struct timespec nap = { .tv_nsec = 2000000 };

	struct sched_param first = { .sched_priority = 1 };

	memset(room, 1, sizeof(room));
	/* who is put aside between the call and the clock times something else than the call */
	if (sched_setscheduler(0, SCHED_FIFO, &first))
		die("cannot come first: %s", strerror(errno));
	for (unsigned int i = 0; i < timed[0].count; i++) {
		uint64_t from_ns = now_ns();
		ssize_t size = read(zero, room, 4 * MEGABYTE);

		timed[0].ns += now_ns() - from_ns;
		if (size != 4 * MEGABYTE)
			die("/dev/zero: %zd", size);
	}
	for (unsigned int i = 0; i < timed[1].count; i++) {
		uint64_t from_ns = now_ns();
		ssize_t size = getrandom(room, 65536, 0);

		timed[1].ns += now_ns() - from_ns;
		if (size != 65536)
			die("getrandom: %zd", size);
	}
	for (unsigned int i = 0; i < timed[2].count; i++) {
		uint64_t from_ns = now_ns();

		clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, NULL);
		timed[2].ns += now_ns() - from_ns;
	}
	for (size_t i = 0; i < 3; i++)
		printf("{\"tid\": %d, \"syscall\": \"%s\", \"count\": %u, \"ns\": %llu}\n", gettid(), timed[i].name,
		       timed[i].count, (print_u64)timed[i].ns);
}

static atomic_bool done;

static void *spin(void *argument)
{
	pin_to_cpu(*(int *)argument);
	while (!done)
		;
	return NULL;
}

static void read_beside_a_spinner(uint64_t length_ns)
{
	int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC), cpu = allowed_cpu(0);
	struct thread_figures before, after;
	uint64_t until_ns;
	pthread_t thread;

	pin_to_cpu(cpu);
	start_thread(&thread, spin, &cpu);
	memset(room, 1, sizeof(room));
	sched_yield(); /* a switch brings the thread's figures up to date */
	figures_read(gettid(), &before);
	until_ns = now_ns() + length_ns;
	while (now_ns() < until_ns)
		if (read(zero, room, sizeof(room)) != sizeof(room))
			die("/dev/zero: %s", strerror(errno));
	sched_yield();
	figures_read(gettid(), &after);
	done = true;
	printf("{\"tid\": %d, \"run_ns\": %llu, \"wait_ns\": %llu}\n", gettid(),
	       (print_u64)(after.run_ns - before.run_ns), (print_u64)(after.wait_ns - before.wait_ns));
	join(thread);
}

static uint64_t run_ns_of(const char *path)
{
	FILE *file = fopen(path, "re");
	print_u64 run_ns = 0;

	if (!file || fscanf(file, "%llu", &run_ns) != 1)
		die("cannot read %s", path);
	fclose(file);
	return run_ns;
}

static void beside(int pid)
{
	char path[64];
	uint64_t until_ns, before_ns = 0, after_ns = 0;
	struct thread_figures before, after;
	int cpu = allowed_cpu(0);

	pin_to_cpu(cpu);
	snprintf(path, sizeof(path), "/proc/%d/schedstat", pid);
	printf("{\"ready\": true, \"pid\": %d}\n", getpid());
	fflush(stdout);
	getchar();
	figures_read(gettid(), &before);
	before_ns = run_ns_of(path);
	until_ns = now_ns() + 2 * NS_PER_SECOND;
	while (now_ns() < until_ns)
		;
	sched_yield(); /* a switch brings its figures up to date, and the other's */
	figures_read(gettid(), &after);
	after_ns = run_ns_of(path);
	printf("{\"tid\": %d, \"wait_ns\": %llu, \"other_run_ns\": %llu}\n", gettid(),
	       (print_u64)(after.wait_ns - before.wait_ns), (print_u64)(after_ns - before_ns));
	fflush(stdout);
	getchar();
	getchar();
}

static sigjmp_buf refused;

static void on_fault(int number)
{
	siglongjmp(refused, number);
}

/* int $0x80 is a call by the 32-bit table whoever makes it; a kernel that has none sends a signal. */
static void compat(unsigned long calls)
{
	bool able = false;

#if defined(__x86_64__)
	signal(SIGSEGV, on_fault);
	signal(SIGILL, on_fault);
	if (!sigsetjmp(refused, 1)) {
		for (unsigned long i = 0; i < calls; i++) {
			long number = 64; /* __NR_getppid, arch/x86/entry/syscalls/syscall_32.tbl */

			__asm__ volatile("int $0x80" : "+a"(number)::"memory", "r8", "r9", "r10", "r11");
			if (number != getppid())
				die("that was no getppid");
		}
		able = true;
	}
#endif
	printf("{\"tid\": %d, \"compat\": %s}\n", gettid(), able ? "true" : "false");
}

static void forever(uint64_t length_ns)
{
	uint64_t from_ns = now_ns(), to_ns = from_ns, calls = 0;
	struct thread_figures before, after;

	figures_read(gettid(), &before);
	for (; to_ns < from_ns + length_ns; calls += 100) {
		ask(100);
		to_ns = now_ns();
	}
	sched_yield();
	figures_read(gettid(), &after);
	printf("{\"tid\": %d, \"calls\": %llu, \"ns\": %llu, \"run_ns\": %llu}\n", gettid(), (print_u64)calls,
	       (print_u64)(to_ns - from_ns), (print_u64)(after.run_ns - before.run_ns));
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	unsigned long number = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;

	if (!strcmp(what, "count")) {
		count(number);
	} else if (!strcmp(what, "time")) {
		time_calls();
	} else if (!strcmp(what, "read")) {
		read_beside_a_spinner(NS_PER_SECOND);
	} else if (!strcmp(what, "beside")) {
		beside((int)number);
	} else if (!strcmp(what, "threads")) {
		unsigned long one = 1;

		while (number--) {
			pthread_t thread;

			start_thread(&thread, ask_in_thread, &one);
			join(thread);
		}
	} else if (!strcmp(what, "compat")) {
		compat(number);
	} else if (!strcmp(what, "forever")) {
		forever(program_begin(argc - 1, argv + 1, 2));
	} else {
		die("calls: count N, time, read, beside PID, threads N, compat N or forever");
	}
	return 0;
}
