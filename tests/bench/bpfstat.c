/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kernel's own account of BPF programs. Has the statistics on for as long as it lives (bpf_enable_stats(2), so that they
 * go off by themselves); for each line on stdin prints one: {"ID": [name, runs, nanoseconds], …} of all tracing programs.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

static void print_one(uint32_t id, int fd, const char *before)
{
	struct bpf_prog_info info = { 0 };
	uint32_t size = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &size) || info.type != BPF_PROG_TYPE_TRACING)
		return;
	printf("%s\"%u\": [\"%s\", %llu, %llu]", before, id, info.name, (unsigned long long)info.run_cnt,
	       (unsigned long long)info.run_time_ns);
}

int main(void)
{
	int byte, stats = bpf_enable_stats(BPF_STATS_RUN_TIME);

	if (stats < 0) {
		fprintf(stderr, "bpfstat: the kernel's BPF statistics cannot be had: %s\n", strerror(errno));
		return 1;
	}
	while ((byte = getchar()) != EOF) {
		uint32_t id = 0;

		if (byte != '\n')
			continue;
		printf("{\"0\": [\"\", 0, 0]");
		while (!bpf_prog_get_next_id(id, &id)) {
			int fd = bpf_prog_get_fd_by_id(id);

			if (fd < 0)
				continue;
			print_one(id, fd, ", ");
			close(fd);
		}
		printf("}\n");
		fflush(stdout);
	}
	close(stats);
	return 0;
}
