/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * An io_uring with a submission-queue poller: the kernel adds a thread to this process ("iou-sqp-N") that polls, so it runs
 * nearly all the time, while the main thread sleeps. It is made by the kernel, and no fork or clone call of ours shows it.
 * The poller's figures are read while it runs, so they lag by up to a tick of the kernel's clock.
 */
#include "program.h"

#include <dirent.h>
#include <linux/io_uring.h>

#define IDLE_AFTER_MS 600000U /* poll on, however long nothing is submitted */

/* The other thread of this process: the kernel made it. It names itself "iou-sqp-N" once it runs. */
static int find_poller(void)
{
	DIR *tasks = opendir("/proc/self/task");
	struct dirent *entry;
	int poller = -1;

	if (!tasks)
		return -1;
	while (poller < 0 && (entry = readdir(tasks)))
		if (atoi(entry->d_name) > 0 && atoi(entry->d_name) != getpid())
			poller = atoi(entry->d_name);
	closedir(tasks);
	return poller;
}

int main(int argc, char **argv)
{
	uint64_t length_ns = program_begin(argc, argv, 1);
	struct io_uring_params params = { .flags = IORING_SETUP_SQPOLL, .sq_thread_idle = IDLE_AFTER_MS };
	int ring = (int)syscall(__NR_io_uring_setup, 8, &params), poller;
	struct thread_figures before = { 0 }, after = { 0 };

	if (ring < 0) {
		printf("{\"sqpoll\": false, \"reason\": \"io_uring_setup: %s\"}\n", strerror(errno));
		return 0;
	}
	poller = find_poller();
	if (poller < 0) {
		printf("{\"sqpoll\": false, \"reason\": \"no second thread in /proc/self/task\"}\n");
		return 0;
	}
	/* It sleeps until the first submission or this nudge; from then on it polls without a pause. */
	syscall(__NR_io_uring_enter, ring, 0, 0, IORING_ENTER_SQ_WAKEUP, NULL, 0);
	figures_read(poller, &before);
	wait_until_ns(now_ns() + length_ns);
	figures_read(poller, &after);
	printf("{\"sqpoll\": true, \"pid\": %d, \"poller\": %d, ", getpid(), poller);
	figures_print("begin", &before);
	printf(", ");
	figures_print("end", &after);
	printf("}\n");
	close(ring);
	return 0;
}
