/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Threads that each block in one known way, for ever. Prints one line of JSON once all are about to: for each the call, its
 * number, the kind of file and the address that a trace must show; or why this kernel or machine cannot do it. Then waits for
 * its stdin to end. --folder DIR: where files go, on a disk.
 */
#include "blocked_files.h"

#include <linux/io_uring.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif
#define SYS_FUTEX_WAIT 455 /* 6.7 on */

/* --- waiting for several things ------------------------------------------------------------------------------------ */

static void wait_epoll(struct way *way)
{
	int fd = need(way, epoll_create1(0), "epoll_create1");
	struct epoll_event event;

	begin(way, fd);
	for (;;)
		syscall(SYS_epoll_pwait, fd, &event, 1, -1, NULL, 8);
}

static void wait_ppoll(struct way *way)
{
	begin(way, -1);
	for (;;)
		syscall(SYS_ppoll, NULL, 0, NULL, NULL, 0);
}

static void wait_uring(struct way *way)
{
	struct io_uring_params parameters = { 0 };
	int fd = need(way, (int)syscall(SYS_io_uring_setup, 4, &parameters), "io_uring_setup");

	begin(way, fd);
	for (;;)
		syscall(SYS_io_uring_enter, fd, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0);
}

/* --- futexes ------------------------------------------------------------------------------------------------------- */

static void wait_futex(struct way *way)
{
	static uint32_t word;

	way->address = (uintptr_t)&word;
	begin(way, -1);
	for (;;)
		syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
}

static void wait_mutex(struct way *way)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

	way->address = (uintptr_t)&mutex;
	pthread_mutex_lock(&mutex);
	begin(way, -1);
	pthread_mutex_lock(&mutex);
}

/* The address here is in a list that the kernel reads from memory: none is told. */
static void wait_futexes(struct way *way)
{
	static uint32_t word;
	struct { /* struct futex_waitv */
		uint64_t value, address;
		uint32_t flags, zero;
	} waiter = { 0, (uintptr_t)&word, 2 | 128 /* 32 bits, private */, 0 };

	if (syscall(SYS_futex_waitv, &waiter, 0, 0, NULL, 0) && errno == ENOSYS)
		cannot(way, "futex_waitv");
	begin(way, -1);
	for (;;)
		syscall(SYS_futex_waitv, &waiter, 1, 0, NULL, 0);
}

static void wait_futex2(struct way *way)
{
	static uint32_t word;

	if (syscall(SYS_FUTEX_WAIT, NULL, 0, 0, 0, NULL, 0) && errno == ENOSYS)
		cannot(way, "futex_wait(2) of 6.7");
	way->address = (uintptr_t)&word;
	begin(way, -1);
	for (;;)
		syscall(SYS_FUTEX_WAIT, &word, 0, ~0U, 2 | 128, NULL, 0);
}

/* --- locks of files ------------------------------------------------------------------------------------------------ */

static void lock_twice(struct way *way, int held, int wanted, const char *what)
{
	need(way, held, what);
	need(way, wanted, what);
	need(way, flock(held, LOCK_EX), what);
	begin(way, wanted);
	for (;;)
		syscall(SYS_flock, wanted, LOCK_EX);
}

static void lock_file(struct way *way)
{
	int held = open_file("flock", O_RDWR | O_CREAT);

	lock_twice(way, held, open_file("flock", O_RDWR), "flock of a file");
}

static void lock_directory(struct way *way)
{
	lock_twice(way, open(folder, O_RDONLY), open(folder, O_RDONLY), "flock of a directory");
}

/* Between pidfds of one process: from 6.9 on each process has an inode for them, before all shared one. */
static void lock_pidfd(struct way *way)
{
	lock_twice(way, (int)syscall(SYS_pidfd_open, getpid(), 0), (int)syscall(SYS_pidfd_open, getpid(), 0),
		   "flock of a pidfd");
}

static void lock_block_device(struct way *way)
{
	char node[4096];

	snprintf(node, sizeof(node), "%s/block", folder);
	if (mknod(node, S_IFBLK | 0600, makedev(7, 0))) /* a loop device, which need not be in use */
		cannot(way, "mknod");
	lock_twice(way, open(node, O_RDONLY), open(node, O_RDONLY), "open of a loop device");
}

static void lock_range(struct way *way)
{
	int held = need(way, open_file("fcntl", O_RDWR | O_CREAT), "open"),
	    wanted = need(way, open_file("fcntl", O_RDWR), "open");
	struct flock range = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	need(way, fcntl(held, F_OFD_SETLK, &range), "fcntl");
	begin(way, wanted);
	for (;;)
		syscall(SYS_fcntl, wanted, F_OFD_SETLKW, &range);
}

/* Blocks again and again, each time for as long as the disk takes. */
static void sync_file(struct way *way)
{
	static char page[65536];
	int fd = need(way, open_file("fsync", O_RDWR | O_CREAT), "open");

	begin(way, fd);
	for (;;) {
		page[0]++;
		if (pwrite(fd, page, sizeof(page), 0) < 0)
			die("cannot write: %s", strerror(errno));
		syscall(SYS_fsync, fd);
	}
}

/* --- waiting for time, signals, messages and processes ------------------------------------------------------------- */

static void sleep_long(struct way *way)
{
	struct timespec hour = { 3600, 0 };

	begin(way, -1);
	for (;;)
		syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &hour, NULL);
}

static void wait_signal(struct way *way)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	begin(way, -1);
	for (;;)
		syscall(SYS_rt_sigtimedwait, &set, NULL, NULL, 8);
}

static void receive_message(struct way *way)
{
	int queue = need(way, msgget(IPC_PRIVATE, 0600), "msgget");
	char message[64];

	begin(way, -1);
	for (;;)
		if (syscall(SYS_msgrcv, queue, message, 8, 0, 0) < 0 && errno == EIDRM)
			pause();
}

static void take_semaphore(struct way *way)
{
	int set = need(way, semget(IPC_PRIVATE, 1, 0600), "semget");
	struct sembuf take = { 0, -1, 0 };

	begin(way, -1);
	for (;;)
		if (syscall(SYS_semtimedop, set, &take, 1, NULL) < 0 && errno == EIDRM)
			pause();
}

static pid_t child_that_waits(void)
{
	pid_t child = fork();

	if (child)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
}

static void wait_child(struct way *way)
{
	pid_t child = need(way, child_that_waits(), "fork");

	begin(way, -1);
	for (;;)
		syscall(SYS_wait4, child, NULL, 0, NULL);
}

/* The kernel keeps a parent in vfork(2) until its child has gone its own way. */
static void wait_vfork(struct way *way)
{
	begin(way, -1);
	if (!syscall(SYS_clone, CLONE_VFORK | SIGCHLD, 0, 0, 0, 0)) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	die("vfork came back");
}

/* --- in no call, and in one of another table ----------------------------------------------------------------------- */

static void touch_memory(struct way *way)
{
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int fd = need(way, new_userfaultfd(), "userfaultfd");
	volatile char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	range.range.start = (uintptr_t)page;
	range.range.len = 4096;
	need(way, ioctl(fd, UFFDIO_REGISTER, &range), "UFFDIO_REGISTER");
	begin(way, -1);
	page[0] = 1;
	die("nobody should have filled this page");
}

#if defined(__x86_64__)
static long call_int80(long number, long first, long second, long third)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(first), "c"(second), "d"(third)
			 : "memory", "r8", "r9", "r10", "r11");
	return result;
}

static bool has_int80(void)
{
	pid_t child = fork();
	int status;

	if (!child)
		_exit(call_int80(20, 0, 0, 0) == getpid()
			      ? 0
			      : 1); /* getpid: dies, or fails, where there is no such gate */
	return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && !WEXITSTATUS(status);
}

static void read_int80(struct way *way)
{
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	int ends[2];

	if (!has_int80() || low == MAP_FAILED)
		cannot(way, "32-bit calls");
	need(way, pipe(ends), "pipe");
	begin(way, ends[0]);
	for (;;)
		call_int80(3, ends[0], (long)low, 1);
}
#endif

/* --- all of them --------------------------------------------------------------------------------------------------- */

/* clang-format off: it would break each row into ten */
#define WAY_OF(function, word, nr, what)                                                                               \
	{                                                                                                              \
		.name = #function, .call = (word), .number = (nr), .kind = (what), .block = (function)                 \
	}
#define WAY(function, word, what) WAY_OF(function, #word, SYS_##word, what)

static struct way ways[] = {
	WAY(read_pipe, read, "pipe"),
	WAY(write_pipe, write, "pipe"),
	WAY(read_fifo, read, "pipe"),
	WAY(read_eventfd, read, "eventfd"),
	WAY(read_timerfd, read, "timerfd"),
	WAY(read_signalfd, read, "signalfd"),
	WAY(read_inotify, read, "inotify"),
	WAY(read_fanotify, read, "fanotify"),
	WAY(read_userfaultfd, read, "userfaultfd"),
	WAY(read_tty, read, "tty"),
	WAY(read_ptmx, read, "tty"),
	WAY(read_kmsg, read, "char"),
	WAY(receive_unix, recvfrom, "unix"),
	WAY(receive_inet, recvfrom, "inet"),
	WAY(receive_inet6, recvfrom, "inet6"),
	WAY(receive_netlink, recvfrom, "netlink"),
	WAY(receive_packet, recvfrom, "packet"),
	WAY(accept_vsock, accept4, "vsock"),
	WAY(accept_inet, accept4, "inet"),
	WAY(connect_inet, connect, "inet"),
	WAY(wait_epoll, epoll_pwait, "epoll"),
	WAY(wait_ppoll, ppoll, ""),
	WAY(wait_uring, io_uring_enter, "io_uring"),
	WAY(wait_futex, futex, ""),
	WAY(wait_mutex, futex, ""),
	WAY(wait_futexes, futex_waitv, ""),
	WAY_OF(wait_futex2, "futex_wait", SYS_FUTEX_WAIT, ""),
	WAY(lock_file, flock, "file"),
	WAY(lock_directory, flock, "directory"),
	WAY(lock_pidfd, flock, "pidfd"),
	WAY(lock_block_device, flock, "block"),
	WAY(lock_range, fcntl, "file"),
	WAY(sync_file, fsync, "file"),
	WAY(sleep_long, clock_nanosleep, ""),
	WAY(wait_signal, rt_sigtimedwait, ""),
	WAY(receive_message, msgrcv, ""),
	WAY(take_semaphore, semtimedop, ""),
	WAY(wait_child, wait4, ""),
	WAY(wait_vfork, clone, ""),
	WAY_OF(touch_memory, "fault", NO_CALL, ""),
#if defined(__x86_64__)
	WAY_OF(read_int80, "compat:read", 3, "pipe"),
#endif
};

/* clang-format on */

static void *run_way(void *argument)
{
	struct way *way = argument;

	pthread_setname_np(pthread_self(), way->name);
	way->block(way);
	return NULL;
}

int main(int argc, char **argv)
{
	size_t count = sizeof(ways) / sizeof(ways[0]);
	sigset_t set;
	char byte;

	if (argc == 3 && !strcmp(argv[1], "--folder"))
		folder = argv[2];
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (size_t i = 0; i < count; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, run_way, &ways[i]))
			die("cannot make a thread");
		while (!ways[i].begun)
			sched_yield();
	}
	printf("{\"pid\": %d, \"ways\": [", getpid());
	for (size_t i = 0; i < count; i++) {
		const struct way *way = &ways[i];

		printf("%s{\"name\": \"%s\", \"call\": \"%s\", \"number\": %ld, \"kind\": \"%s\", ", i ? ", " : "",
		       way->name, way->call, way->number, way->kind);
		printf("\"tid\": %d, \"fd\": %d, \"address\": %llu, \"cannot\": \"%s\"}", way->tid, way->fd,
		       (print_u64)way->address, way->cannot ? way->cannot : "");
	}
	printf("]}\n");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	_exit(0);
}
