/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The ping-pong of tests/live/pingpong.c at a steady 100,000 context switches a second: between two passes the first thread
 * spins until the next one is due, so that waiting makes no switches of its own. Prints the rate that it reached.
 */
#include "live/program.h"

#define PASS_NS 20000U /* a pass is two switches */

struct player {
	int read_fd, write_fd, cpu;
};

static void *answer(void *argument)
{
	struct player *player = argument;
	char byte;

	pin_to_cpu(player->cpu);
	while (read(player->read_fd, &byte, 1) == 1)
		if (write(player->write_fd, &byte, 1) != 1)
			break;
	return NULL;
}

int main(int argc, char **argv)
{
	uint64_t length_ns = program_begin(argc, argv, 2), from_ns, due_ns, ts_ns, passes = 0;
	int there[2], back[2], cpu = allowed_cpu(0);
	struct player pong;
	pthread_t thread;
	char byte = 'x';

	if (pipe(there) != 0 || pipe(back) != 0)
		die("cannot make a pipe: %s", strerror(errno));
	pong = (struct player){ .read_fd = there[0], .write_fd = back[1], .cpu = cpu };
	pin_to_cpu(cpu);
	start_thread(&thread, answer, &pong);
	from_ns = due_ns = now_ns();
	do {
		if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1)
			die("a pipe broke");
		passes++;
		due_ns += PASS_NS;
		while ((ts_ns = now_ns()) < due_ns)
			;
	} while (ts_ns < from_ns + length_ns);
	close(there[1]);
	pthread_join(thread, NULL);
	printf("{\"pid\": %d, \"switches_per_second\": %.0f}\n", getpid(),
	       (double)(passes * 2) * 1e9 / (double)(ts_ns - from_ns));
	return 0;
}
