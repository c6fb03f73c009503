/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Threads on given cpus that do what they are told to, so that who shares a core with whom is known:
 *
 *     pinned [--seconds N] NAME=CPU[,CPU…]/PATTERN[/POLICY] …
 *
 * CPU is a number, or `any` for a thread that stays where it may be. PATTERN: `spin`; `duty:BUSY:IDLE`, ms of its own cpu time
 * and ms asleep, in turns; `pass`, of which each two neighbours hand a byte back and forth; `hop:US`, which moves to the next
 * cpu of its list after each US of its own cpu time. POLICY: `fifo`, `idle`.
 *
 * All park (sleep on one futex) at both edges, where the main thread reads the kernel's figures for them. It says {"parked":
 * "begin"} → a line on stdin → all at work for --seconds, or until the next line → {"parked": "end"} with everybody's account
 * → a line → end. The main thread works only between start_ns and end_ns of its account, outside of which all are asleep.
 */
#include "program.h"

#define MAX_THREADS 16
#define MAX_CPUS    8
#define MAX_HOPS    64 /* pairs of cpus, from and to */
#define ANY         (-1)

enum pattern { SPIN, DUTY, PASS, HOP };
enum step { BEGIN, WORK, END, OVER };

struct shared {
	_Atomic uint32_t step;   /* enum step */
	_Atomic uint32_t parked; /* how many have come to the park of this step */
};

struct worker {
	struct shared *shared;
	char name[16];
	int cpus[MAX_CPUS], cpu_count;
	enum pattern pattern;
	uint64_t busy_ns, idle_ns;
	int policy;
	bool first; /* PASS: it begins */
	int read_fd, write_fd;

	pthread_t thread;
	_Atomic int tid;
	struct thread_figures begin, end;
	uint64_t from_ns, to_ns, cpu_ns; /* CLOCK_MONOTONIC around its work, its own cpu time in it */
	struct hop {
		int from, to;
		print_u64 count;
	} hops[MAX_HOPS];
	int hop_count;
};

static void park(struct worker *worker, uint32_t step)
{
	atomic_fetch_add(&worker->shared->parked, 1);
	futex_wake_all(&worker->shared->parked);
	while (atomic_load(&worker->shared->step) == step)
		futex_wait(&worker->shared->step, step);
}

static bool working(const struct worker *worker)
{
	return atomic_load(&worker->shared->step) == WORK;
}

/* Sleeps for that time, or until it is time to park. */
static void rest(struct worker *worker, uint64_t ns)
{
	struct timespec length = { .tv_sec = (time_t)(ns / NS_PER_SECOND), .tv_nsec = (long)(ns % NS_PER_SECOND) };

	syscall(SYS_futex, &worker->shared->step, FUTEX_WAIT_PRIVATE, WORK, &length, NULL, 0);
}

static void hand_over(struct worker *worker)
{
	char byte = 'p';

	while (byte != 'q') {
		if (worker->first) {
			byte = working(worker) ? 'p' : 'q';
			if (write(worker->write_fd, &byte, 1) != 1 || read(worker->read_fd, &byte, 1) != 1)
				die("a pipe broke");
		} else if (read(worker->read_fd, &byte, 1) != 1 || write(worker->write_fd, &byte, 1) != 1) {
			die("a pipe broke");
		}
	}
}

static void count_hop(struct worker *worker, int from, int to)
{
	int i = 0;

	while (i < worker->hop_count && (worker->hops[i].from != from || worker->hops[i].to != to))
		i++;
	if (i == MAX_HOPS)
		die("%s went between too many cpus", worker->name);
	if (i == worker->hop_count)
		worker->hops[worker->hop_count++] = (struct hop){ .from = from, .to = to };
	worker->hops[i].count++;
}

static void hop(struct worker *worker)
{
	for (int i = 1; working(worker); i++) {
		int from = sched_getcpu(), to = worker->cpus[i % worker->cpu_count];

		spin_cpu_ns(worker->busy_ns);
		pin_to_cpu(to);
		if (sched_getcpu() != to)
			die("%s is on cpu %d after it was moved to %d", worker->name, sched_getcpu(), to);
		if (from != to)
			count_hop(worker, from, to);
	}
}

static void work(struct worker *worker)
{
	if (worker->pattern == PASS) {
		hand_over(worker);
		return;
	}
	if (worker->pattern == HOP) {
		hop(worker);
		return;
	}
	while (working(worker)) {
		if (worker->pattern == DUTY) {
			spin_cpu_ns(worker->busy_ns);
			rest(worker, worker->idle_ns);
		}
	}
}

static void *run_worker(void *argument)
{
	struct worker *worker = argument;
	struct sched_param param = { .sched_priority = worker->policy == SCHED_FIFO ? 10 : 0 };

	pthread_setname_np(pthread_self(), worker->name);
	if (worker->cpus[0] != ANY)
		pin_to_cpu(worker->cpus[0]);
	if (worker->policy != SCHED_OTHER && sched_setscheduler(0, worker->policy, &param) != 0)
		die("%s cannot have its policy: %s", worker->name, strerror(errno));
	atomic_store(&worker->tid, gettid());
	park(worker, BEGIN);
	worker->from_ns = now_ns();
	worker->cpu_ns = thread_cpu_ns();
	work(worker);
	worker->cpu_ns = thread_cpu_ns() - worker->cpu_ns;
	worker->to_ns = now_ns();
	park(worker, END);
	return NULL;
}

static void parse_worker(struct worker *worker, const char *text)
{
	char cpus[64], pattern[32], policy[16] = "other";
	unsigned int busy = 0, idle = 0;

	if (sscanf(text, "%15[^=]=%63[^/]/%31[^/]/%15s", worker->name, cpus, pattern, policy) < 3)
		die("not a thread: %s", text);
	for (char *at = cpus; *at && worker->cpu_count < MAX_CPUS; at += strcspn(at, ","), at += *at == ',')
		worker->cpus[worker->cpu_count++] = strncmp(at, "any", 3) ? atoi(at) : ANY;
	if (strcmp(pattern, "spin") == 0) {
		worker->pattern = SPIN;
	} else if (sscanf(pattern, "duty:%u:%u", &busy, &idle) == 2) {
		worker->pattern = DUTY;
		worker->busy_ns = busy * 1000000ULL;
		worker->idle_ns = idle * 1000000ULL;
	} else if (sscanf(pattern, "hop:%u", &busy) == 1) {
		worker->pattern = HOP;
		worker->busy_ns = busy * 1000ULL;
	} else if (strcmp(pattern, "pass") == 0) {
		worker->pattern = PASS;
	} else {
		die("no pattern %s", pattern);
	}
	worker->policy = !strcmp(policy, "fifo") ? SCHED_FIFO : !strcmp(policy, "idle") ? SCHED_IDLE : SCHED_OTHER;
	if (worker->policy == SCHED_OTHER && strcmp(policy, "other") != 0)
		die("no policy %s", policy);
}

static void join_pairs(struct worker *workers, int count)
{
	struct worker *open = NULL;
	int there[2], back[2];

	for (int i = 0; i < count; i++) {
		if (workers[i].pattern != PASS)
			continue;
		if (!open) {
			open = &workers[i];
			continue;
		}
		if (pipe(there) != 0 || pipe(back) != 0)
			die("cannot make a pipe: %s", strerror(errno));
		open->first = true;
		open->write_fd = there[1];
		open->read_fd = back[0];
		workers[i].read_fd = there[0];
		workers[i].write_fd = back[1];
		open = NULL;
	}
	if (open)
		die("%s has nobody to hand its byte to", open->name);
}

/* Until every thread sleeps in park(); their figures then stand still until the next step. Returns when that was. */
static uint64_t wait_for_park(struct shared *shared, struct worker *workers, uint32_t count, enum step edge)
{
	uint32_t parked;

	while ((parked = atomic_load(&shared->parked)) < count)
		futex_wait(&shared->parked, parked);
	atomic_store(&shared->parked, 0);
	for (uint32_t i = 0; i < count; i++)
		figures_read_asleep(workers[i].tid, edge == BEGIN ? &workers[i].begin : &workers[i].end);
	return now_ns();
}

/* Returns when it was taken, just before anybody is woken. */
static uint64_t next_step(struct shared *shared, uint64_t length_ns)
{
	uint64_t ts_ns;
	int byte;

	if (length_ns)
		wait_until_ns(now_ns() + length_ns);
	else
		do {
			byte = getchar();
		} while (byte != '\n' && byte != EOF);
	ts_ns = now_ns();
	atomic_fetch_add(&shared->step, 1);
	futex_wake_all(&shared->step);
	return ts_ns;
}

static void print_worker(const struct worker *worker)
{
	printf("{\"name\": \"%s\", \"tid\": %d, \"from_ns\": %llu, \"to_ns\": %llu, \"cpu_ns\": %llu, \"hops\": [",
	       worker->name, worker->tid, (print_u64)worker->from_ns, (print_u64)worker->to_ns,
	       (print_u64)worker->cpu_ns);
	for (int i = 0; i < worker->hop_count; i++)
		printf("%s{\"from\": %d, \"to\": %d, \"count\": %llu}", i ? ", " : "", worker->hops[i].from,
		       worker->hops[i].to, worker->hops[i].count);
	printf("], ");
	figures_print("begin", &worker->begin);
	printf(", ");
	figures_print("end", &worker->end);
	printf("}");
}

static void print_edge(const char *edge, uint64_t start_ns, uint64_t end_ns, const struct worker *workers, int count)
{
	printf("{\"parked\": \"%s\", \"pid\": %d, \"start_ns\": %llu, \"end_ns\": %llu, \"threads\": [", edge, getpid(),
	       (print_u64)start_ns, (print_u64)end_ns);
	for (int i = 0; i < count; i++) {
		printf("%s", i ? ", " : "");
		print_worker(&workers[i]);
	}
	printf("]}\n");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	static struct shared shared;
	static struct worker workers[MAX_THREADS];
	uint64_t length_ns = 0, start_ns, end_ns;
	int count = 0, next = 1;

	if (argc > 2 && strcmp(argv[1], "--seconds") == 0) {
		length_ns = (uint64_t)(strtod(argv[2], NULL) * (double)NS_PER_SECOND);
		next = 3;
	}
	for (; next < argc && count < MAX_THREADS; next++, count++) {
		workers[count].shared = &shared;
		parse_worker(&workers[count], argv[next]);
	}
	if (!count || next < argc)
		die("%s takes 1 to %d threads", argv[0], MAX_THREADS);
	join_pairs(workers, count);
	for (int i = 0; i < count; i++)
		start_thread(&workers[i].thread, run_worker, &workers[i]);
	end_ns = wait_for_park(&shared, workers, (uint32_t)count, BEGIN);
	print_edge("begin", end_ns, end_ns, workers, count);
	start_ns = next_step(&shared, 0);
	next_step(&shared, length_ns);
	end_ns = wait_for_park(&shared, workers, (uint32_t)count, END);
	print_edge("end", start_ns, end_ns, workers, count);
	next_step(&shared, 0);
	for (int i = 0; i < count; i++)
		pthread_join(workers[i].thread, NULL);
	return 0;
}
