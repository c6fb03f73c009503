/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * 24 threads that spin, sleep, lock, pipe and yield, for truth tests. All park (sleep on one futex) at both edges of the
 * stretch that is compared, so that the kernel's own figures, read by the main thread while they sleep, are exact.
 *
 * Steps, each begun by a line on stdin or by SIGUSR1 and answered by a line on stdout: all parked ("parked": "begin") → all
 * at work ("working") → all parked again ("parked": "end") → threads end, and one JSON line each says what they did. With --seconds N the steps follow by themselves.
 * At a step each thread also reads its own switch counts (getrusage), after it was woken: they must equal those read for it.
 *
 * The pace matters. At a switch the kernel's account goes by the run queue's clock, read when the switch (or the wakeup that
 * asked for it: rq_clock_skip_update() in kernel/sched/core.c) began, while the switch itself comes 0.3 µs to 10 µs later,
 * most of it in a virtual machine and for a thread that an interrupt preempts. So schedstat owes each thread that much a
 * switch; to stay well below 1 % of its time no thread may be made to switch every few 100 µs.
 */
#include "program.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>

#define THREADS  24
#define ROUND_NS 500000U
#define NAP_NS   5000000U

enum kind { SPIN, SLEEP, LOCK, PIPE, YIELD };
static const char *const kind_names[] = { "spin", "sleep", "lock", "pipe", "yield" };
static const struct {
	enum kind kind;
	int count;
} crew[] = {
	{SPIN,   5},
        { SLEEP, 5},
        { LOCK,  5},
        { PIPE,  4},
        { YIELD, 5}
};

enum edge { BEGIN, END, EDGES };

struct workload {
	_Atomic uint32_t step;   /* 0: parked before, 1: working, 2: parked after, 3: ending */
	_Atomic uint32_t parked; /* how many have arrived at the park of this step */
	pthread_mutex_t lock;
	struct worker {
		struct workload *workload;
		pthread_t thread;
		enum kind kind;
		int tid, read_fd, write_fd; /* PIPE: one of a pair; the one with an even number begins */
		int number;
		struct thread_figures figures[EDGES];
		struct rusage own[EDGES];
	} workers[THREADS];
};

static void park(struct worker *worker, uint32_t step)
{
	atomic_fetch_add(&worker->workload->parked, 1);
	futex_wake_all(&worker->workload->parked);
	while (atomic_load(&worker->workload->step) == step)
		futex_wait(&worker->workload->step, step);
}

static bool working(const struct worker *worker)
{
	return atomic_load(&worker->workload->step) == 1;
}

static void sleep_once(void)
{
	wait_until_ns(now_ns() + NAP_NS);
}

/* One byte back and forth; the pair's first thread says 'q' when it is time to park, so that neither is left reading. */
static void pipe_ping(struct worker *worker)
{
	char byte;

	do {
		byte = working(worker) ? 'p' : 'q';
		if (write(worker->write_fd, &byte, 1) != 1 || read(worker->read_fd, &byte, 1) != 1)
			die("a pipe broke");
	} while (byte != 'q');
}

static void pipe_pong(struct worker *worker)
{
	char byte;

	do {
		if (read(worker->read_fd, &byte, 1) != 1)
			die("a pipe broke");
		spin_cpu_ns(ROUND_NS * 8);
		if (write(worker->write_fd, &byte, 1) != 1)
			die("a pipe broke");
	} while (byte != 'q');
}

static void work(struct worker *worker)
{
	if (worker->kind == PIPE) {
		if (worker->number % 2 == 0)
			pipe_ping(worker);
		else
			pipe_pong(worker);
		return;
	}
	while (working(worker)) {
		if (worker->kind == LOCK)
			pthread_mutex_lock(&worker->workload->lock);
		spin_cpu_ns(worker->kind == YIELD ? ROUND_NS / 20 : ROUND_NS);
		if (worker->kind == LOCK) {
			pthread_mutex_unlock(&worker->workload->lock);
			sleep_once();
		} else if (worker->kind == SLEEP) {
			sleep_once();
		} else if (worker->kind == YIELD) {
			sched_yield();
		}
	}
}

static void *run_worker(void *argument)
{
	struct worker *worker = argument;
	char name[16];

	snprintf(name, sizeof(name), "%s-%d", kind_names[worker->kind], worker->number);
	pthread_setname_np(pthread_self(), name);
	worker->tid = gettid();
	park(worker, 0);
	getrusage(RUSAGE_THREAD, &worker->own[BEGIN]);
	work(worker);
	park(worker, 2);
	getrusage(RUSAGE_THREAD, &worker->own[END]);
	return NULL;
}

/* Waits until every thread sleeps in park(); from then on until the next step their figures stand still. */
static void wait_for_park(struct workload *workload, enum edge edge)
{
	uint32_t parked;

	while ((parked = atomic_load(&workload->parked)) < THREADS)
		futex_wait(&workload->parked, parked);
	atomic_store(&workload->parked, 0);
	for (int i = 0; i < THREADS; i++) {
		struct worker *worker = &workload->workers[i];

		figures_read_asleep(worker->tid, &worker->figures[edge]);
	}
	printf("{\"parked\": \"%s\", \"pid\": %d, \"ts_ns\": %llu}\n", edge == BEGIN ? "begin" : "end", getpid(),
	       (print_u64)now_ns());
	fflush(stdout);
}

static void next_step(struct workload *workload)
{
	atomic_fetch_add(&workload->step, 1);
	futex_wake_all(&workload->step);
}

/* A line on stdin, or SIGUSR1; with a length given, that time instead. */
static void wait_for_command(int signals, uint64_t length_ns)
{
	struct pollfd sources[] = {
		{.fd = STDIN_FILENO, .events = POLLIN},
                { .fd = signals,     .events = POLLIN}
	};
	struct signalfd_siginfo info;
	char byte;

	if (length_ns) {
		wait_until_ns(now_ns() + length_ns);
		return;
	}
	for (;;) {
		if (poll(sources, 2, -1) < 0)
			continue;
		if (sources[1].revents && read(signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
			return;
		if (sources[0].revents && (read(STDIN_FILENO, &byte, 1) != 1 || byte == '\n'))
			return;
	}
}

static void start_workers(struct workload *workload)
{
	int number = 0, ends[2], back[2];

	for (size_t i = 0; i < sizeof(crew) / sizeof(crew[0]); i++) {
		for (int j = 0; j < crew[i].count; j++, number++) {
			struct worker *worker = &workload->workers[number];

			worker->workload = workload;
			worker->kind = crew[i].kind;
			worker->number = j;
			if (worker->kind != PIPE)
				continue;
			if (j % 2 == 0 && (pipe(ends) != 0 || pipe(back) != 0))
				die("cannot make a pipe: %s", strerror(errno));
			worker->write_fd = j % 2 == 0 ? ends[1] : back[1];
			worker->read_fd = j % 2 == 0 ? back[0] : ends[0];
		}
	}
	for (int i = 0; i < THREADS; i++)
		start_thread(&workload->workers[i].thread, run_worker, &workload->workers[i]);
}

static void print_accounts(const struct workload *workload)
{
	for (int i = 0; i < THREADS; i++) {
		const struct worker *worker = &workload->workers[i];

		printf("{\"tid\": %d, \"kind\": \"%s\", ", worker->tid, kind_names[worker->kind]);
		figures_print("begin", &worker->figures[BEGIN]);
		printf(", ");
		figures_print("end", &worker->figures[END]);
		printf(", \"own\": {\"voluntary\": %ld, \"involuntary\": %ld}}\n",
		       worker->own[END].ru_nvcsw - worker->own[BEGIN].ru_nvcsw,
		       worker->own[END].ru_nivcsw - worker->own[BEGIN].ru_nivcsw);
	}
}

int main(int argc, char **argv)
{
	struct workload workload = { .lock = PTHREAD_MUTEX_INITIALIZER };
	uint64_t length_ns = 0;
	sigset_t signals;
	int signal_fd;

	if (argc > 1)
		length_ns = program_begin(argc, argv, 1);
	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	signal_fd = signalfd(-1, &signals, SFD_CLOEXEC);
	if (signal_fd < 0)
		die("signalfd: %s", strerror(errno));

	start_workers(&workload);
	wait_for_park(&workload, BEGIN);
	if (!length_ns)
		wait_for_command(signal_fd, 0);
	next_step(&workload);
	printf("{\"working\": true, \"ts_ns\": %llu}\n", (print_u64)now_ns());
	fflush(stdout);
	wait_for_command(signal_fd, length_ns);
	next_step(&workload);
	wait_for_park(&workload, END);
	if (!length_ns)
		wait_for_command(signal_fd, 0);
	next_step(&workload);
	for (int i = 0; i < THREADS; i++)
		pthread_join(workload.workers[i].thread, NULL);
	print_accounts(&workload);
	return 0;
}
