/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One task that writes a little and waits each time until it is safely on the disk, as a database's journal does. It hardly
 * uses a cpu; how fast it is depends on how fast the disk answers. The file is in $TMPDIR, or /var/tmp, and has no name.
 */
#include "example.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/vfs.h>
#include <unistd.h>

#define RECORD_BYTES 4096
#define FILE_RECORDS 256

static void write_and_flush(struct example_task *task)
{
	static const char record[RECORD_BYTES] = "a record";
	const int *file = task->argument;

	for (unsigned int i = 0; !example_over(task); i++) {
		if (pwrite(*file, record, sizeof(record), (off_t)(i % FILE_RECORDS) * RECORD_BYTES) < 0 ||
		    fsync(*file) != 0) {
			perror("journal: cannot write");
			return;
		}
	}
}

int main(int argc, char **argv)
{
	const char *folder = getenv("TMPDIR");
	struct example example;
	struct statfs system;
	int file;

	example_init(&example, argc, argv, "a task that writes and flushes, again and again");
	if (!folder)
		folder = "/var/tmp";
	file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (file < 0 || fstatfs(file, &system) != 0) {
		printf("journal: cannot make a file in %s (set TMPDIR): nothing to show\n", folder);
		return 0;
	}
	if (system.f_type == TMPFS_MAGIC) {
		printf("journal: %s is in memory, so nothing is to wait for (set TMPDIR): nothing to show\n", folder);
		return 0;
	}
	example_add(&example, "journal", EXAMPLE_ANY_CPU, write_and_flush, &file);
	return example_run(&example);
}
