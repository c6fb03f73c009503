/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A pipeline of three tasks joined by pipes: read → parse → write. Parsing an item costs four times as much as reading or
 * writing it, so parse works nearly all the time, the pipe before it is full, the pipe after it is empty, and the other two
 * mostly wait. Making read or write faster would change nothing.
 */
#include "example.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define STAGES       3
#define QUEUED_BYTES 4096 /* a pipe holds this much: here, eight items */

struct item {
	char bytes[512];
};

struct stage {
	int from, to; /* pipe ends; -1: the first stage makes items, the last one drops them */
	uint64_t item_ns;
};

static void pass_items_on(struct example_task *task)
{
	struct stage *stage = task->argument;
	struct item item = { .bytes = "" };

	while (stage->from >= 0 || !example_over(task)) {
		if (stage->from >= 0 && read(stage->from, &item, sizeof(item)) != (ssize_t)sizeof(item))
			break; /* the stage before has closed its end: that was the last item */
		example_work(stage->item_ns);
		if (stage->to >= 0 && write(stage->to, &item, sizeof(item)) != (ssize_t)sizeof(item))
			break;
	}
	if (stage->to >= 0)
		close(stage->to);
	if (stage->from >= 0)
		close(stage->from);
}

int main(int argc, char **argv)
{
	const char *const names[STAGES] = { "read", "parse", "write" };
	struct stage stages[STAGES] = {
		{-1,  -1, 100000},
                { -1, -1, 400000},
                { -1, -1, 100000}
	};
	struct example example;

	example_init(&example, argc, argv, "three stages joined by pipes, the middle one four times as slow");
	for (int i = 0; i < STAGES - 1; i++) {
		int ends[2];

		if (pipe2(ends, O_CLOEXEC) != 0) {
			perror("pipeline: cannot make a pipe");
			return 1;
		}
		fcntl(ends[1], F_SETPIPE_SZ, QUEUED_BYTES);
		stages[i].to = ends[1];
		stages[i + 1].from = ends[0];
	}
	for (int i = 0; i < STAGES; i++)
		example_add(&example, names[i], EXAMPLE_ANY_CPU, pass_items_on, &stages[i]);
	return example_run(&example);
}
