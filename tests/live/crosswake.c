/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One thread wakes another on another cpu, a fixed number of times: "waker" on the first allowed cpu hands a byte through a
 * pipe to "wakee" on the second, and waits for the answer before the next. Says how often; "cpus": 1 where there is one only.
 */
#include "program.h"

#define TIMES 500

struct wakee {
	int read_fd, write_fd, cpu, tid;
	struct thread_figures figures;
};

static void *answer(void *argument)
{
	struct wakee *wakee = argument;
	char byte;

	pthread_setname_np(pthread_self(), "wakee");
	wakee->tid = gettid();
	pin_to_cpu(wakee->cpu);
	while (read(wakee->read_fd, &byte, 1) == 1)
		if (write(wakee->write_fd, &byte, 1) != 1)
			break;
	figures_read(gettid(), &wakee->figures);
	return NULL;
}

int main(int argc, char **argv)
{
	int there[2], back[2], cpu = allowed_cpu(0);
	struct thread_figures first = { 0 }, own = { 0 };
	struct wakee wakee;
	pthread_t thread;
	char byte = 'x';

	program_begin(argc, argv, 1);
	if (allowed_cpu(1) < 0) {
		printf("{\"cpus\": 1}\n");
		return 0;
	}
	if (pipe(there) != 0 || pipe(back) != 0)
		die("cannot make a pipe: %s", strerror(errno));
	wakee = (struct wakee){ .read_fd = there[0], .write_fd = back[1], .cpu = allowed_cpu(1) };
	start_thread(&thread, answer, &wakee);
	pthread_setname_np(pthread_self(), "waker");
	pin_to_cpu(cpu);
	figures_read(gettid(), &first);
	for (int i = 0; i < TIMES; i++) {
		/* both are asleep most of the time, so each pass is one wakeup either way */
		wait_until_ns(now_ns() + 200000);
		if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1)
			die("a pipe broke");
	}
	close(there[1]);
	pthread_join(thread, NULL);
	figures_read(gettid(), &own);
	own.runs -= first.runs;
	printf("{\"cpus\": 2, \"pid\": %d, \"waker\": %d, \"wakee\": %d, \"waker_cpu\": %d, \"wakee_cpu\": %d, \"times\": %d, ",
	       getpid(), gettid(), wakee.tid, cpu, wakee.cpu, TIMES);
	figures_print("waker_figures", &own);
	printf(", ");
	figures_print("wakee_figures", &wakee.figures);
	printf("}\n");
	return 0;
}
