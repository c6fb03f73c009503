/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One byte through two pipes between two threads pinned to one cpu: each pass is two context switches, at the highest rate
 * that the cpu can make with blocking. Prints the rate.
 */
#include "program.h"

struct player {
	int read_fd, write_fd, cpu;
	struct thread_figures figures;
};

static void *answer(void *argument)
{
	struct player *player = argument;
	char byte;

	pthread_setname_np(pthread_self(), "pong");
	pin_to_cpu(player->cpu);
	while (read(player->read_fd, &byte, 1) == 1)
		if (write(player->write_fd, &byte, 1) != 1)
			break;
	figures_read(gettid(), &player->figures);
	return NULL;
}

int main(int argc, char **argv)
{
	uint64_t length_ns = program_begin(argc, argv, 2), from_ns, to_ns, passes = 0;
	int there[2], back[2], cpu = allowed_cpu(0);
	struct thread_figures own = { 0 };
	struct player pong;
	pthread_t thread;
	char byte = 'x';

	if (pipe(there) != 0 || pipe(back) != 0)
		die("cannot make a pipe: %s", strerror(errno));
	pong = (struct player){ .read_fd = there[0], .write_fd = back[1], .cpu = cpu };
	pthread_setname_np(pthread_self(), "ping");
	pin_to_cpu(cpu);
	start_thread(&thread, answer, &pong);
	from_ns = now_ns();
	do {
		for (int i = 0; i < 100; i++, passes++)
			if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1)
				die("a pipe broke");
		to_ns = now_ns();
	} while (to_ns < from_ns + length_ns);
	close(there[1]);
	pthread_join(thread, NULL);
	figures_read(gettid(), &own);
	printf("{\"pid\": %d, \"cpu\": %d, \"seconds\": %.6f, \"passes\": %llu, \"switches_per_second\": %.0f, ",
	       getpid(), cpu, (double)(to_ns - from_ns) / 1e9, (print_u64)passes,
	       (double)(passes * 2) * 1e9 / (double)(to_ns - from_ns));
	figures_print("ping", &own);
	printf(", ");
	figures_print("pong", &pong.figures);
	printf("}\n");
	return 0;
}
