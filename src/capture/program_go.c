/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The part of the BPF programs that is not there from the start: the sampling clocks, which Go programs that are met later want,
 * too; what the kernel side knows of these; and the uprobes of exact mode.
 */
#include "capture/program_own.h"
#include "base/alloc.h"
#include "base/log.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SAMPLE_HZ 97

void program_set_go(struct program *program, const struct program_config *config)
{
	struct rota_bpf *skeleton = program->skeleton;

	skeleton->rodata->go_settings.on = config->go;
	skeleton->rodata->go_settings.exact = config->go_exact;
	bpf_program__set_autoload(skeleton->progs.go_execute, config->go_exact);
	bpf_program__set_autoload(skeleton->progs.go_schedule, config->go_exact);
	bpf_program__set_autoattach(skeleton->progs.go_execute, false);
	bpf_program__set_autoattach(skeleton->progs.go_schedule, false);
}

/* --- clocks ---------------------------------------------------------------------------------------------------------- */

/*
 * A software clock on each online cpu, that ticks while the cpu is busy and not (perf_event_open(2)). Not in step with the
 * scheduler's own: 97 is prime to 100, 250, 300 and 1000 Hz.
 */
int program_start_clocks(struct program *program)
{
	struct perf_event_attr attributes = {
		.size = sizeof(attributes),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.freq = 1,
		.sample_freq = SAMPLE_HZ,
	};

	if (program->clocks)
		return 0;
	program->clocks = xcalloc(program->cpu_count, sizeof(struct bpf_link *));
	for (uint32_t cpu = 0; cpu < program->cpu_count; cpu++) {
		long fd;
		int err;

		if (program->ring_fds[cpu] < 0)
			continue;
		fd = syscall(SYS_perf_event_open, &attributes, -1, (int)cpu, -1, PERF_FLAG_FD_CLOEXEC);
		if (fd < 0 && errno == ENODEV)
			continue; /* offline */
		if (fd < 0)
			return program_explain("open a sampling clock (perf_event_open)", -errno);
		program->clocks[cpu] = bpf_program__attach_perf_event(program->skeleton->progs.on_tick, (int)fd);
		err = program->clocks[cpu] ? 0 : -errno;
		if (err) {
			close((int)fd);
			return program_explain("attach a BPF program to a sampling clock", err);
		}
	}
	return 0;
}

void program_stop_clocks(struct program *program)
{
	for (uint32_t cpu = 0; program->clocks && cpu < program->cpu_count; cpu++)
		bpf_link__destroy(program->clocks[cpu]);
	free(program->clocks);
	program->clocks = NULL;
}

/* --- Go processes ----------------------------------------------------------------------------------------------------- */

int program_go_follow(struct program *program, uint32_t tgid, const struct bpf_go *go)
{
	int fd = bpf_map__fd(program->skeleton->maps.go_processes);

	if (bpf_map_update_elem(fd, &tgid, go, BPF_ANY))
		return -errno;
	__atomic_store_n(&program->skeleton->bss->go_control.processes, 1, __ATOMIC_RELEASE);
	return 0;
}

void program_go_forget(struct program *program, uint32_t tgid)
{
	bpf_map_delete_elem(bpf_map__fd(program->skeleton->maps.go_processes), &tgid);
	program_end_exact(program, tgid);
}

/* --- exact mode ------------------------------------------------------------------------------------------------------- */

static void end_exact(struct exact *exact)
{
	for (size_t i = 0; i < EXACT_PROBES; i++)
		bpf_link__destroy(exact->links[i]);
}

int program_begin_exact(struct program *program, uint32_t tgid, uint64_t execute_offset, uint64_t schedule_offset)
{
	const struct {
		const struct bpf_program *program;
		uint64_t offset;
	} probes[EXACT_PROBES] = {
		{program->skeleton->progs.go_execute,   execute_offset },
		{ program->skeleton->progs.go_schedule, schedule_offset},
	};
	struct exact exact = { .tgid = tgid };
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u/exe", tgid);
	for (size_t i = 0; i < EXACT_PROBES; i++) {
		int err;

		/* of this process only: another one of the same file is not slowed down */
		exact.links[i] =
			bpf_program__attach_uprobe(probes[i].program, false, (pid_t)tgid, path, probes[i].offset);
		err = exact.links[i] ? 0 : -errno;
		if (err) {
			end_exact(&exact);
			return err;
		}
	}
	program->exacts =
		xgrow(program->exacts, &program->exact_capacity, program->exact_count + 1, sizeof(*program->exacts));
	program->exacts[program->exact_count++] = exact;
	return 0;
}

void program_end_exact(struct program *program, uint32_t tgid)
{
	for (size_t i = program->exact_count; i--;) {
		if (tgid && program->exacts[i].tgid != tgid)
			continue;
		end_exact(&program->exacts[i]);
		program->exacts[i] = program->exacts[--program->exact_count];
	}
}

uint64_t program_exact_hits(const struct program *program)
{
	return __atomic_load_n(&program->skeleton->bss->go_control.hits, __ATOMIC_RELAXED);
}
