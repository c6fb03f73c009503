/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: a machine, or a directory of canned /proc and /sys files. Goes out: one row a question. Never changes
 * anything on the machine, and never guesses from a version number what can be asked.
 */
#include "host/doctor.h"
#include "host/probe.h"
#include "host/sysfile.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RINGS_TOTAL_BYTES (256ULL << 20)
#define RING_MIN_BYTES    (256ULL << 10)
#define RING_MAX_BYTES    (8ULL << 20)

void probe_answer(struct doctor_row *row, enum doctor_grade grade, const char *fix, const char *format, ...)
{
	va_list arguments;

	row->grade = grade;
	snprintf(row->fix, sizeof(row->fix), "%s", fix);
	va_start(arguments, format);
	vsnprintf(row->found, sizeof(row->found), format, arguments);
	va_end(arguments);
}

static uint64_t effective_capabilities(const char *root)
{
	uint64_t caps = 0;
	char *status, *line;

	if (sysfile_read_all(root, "/proc/self/status", &status))
		return 0;
	line = strstr(status, "\nCapEff:");
	if (line)
		caps = strtoull(line + strlen("\nCapEff:"), NULL, 16);
	free(status);
	return caps;
}

static size_t ask_all(const struct probe *probes, const struct probe_context *context, struct doctor_row *rows,
		      size_t size)
{
	size_t count = 0;

	for (const struct probe *probe = probes; probe->question && count < size; probe++) {
		struct doctor_row row = { .question = probe->question };

		probe->ask(context, &row);
		if (row.found[0])
			rows[count++] = row;
	}
	return count;
}

size_t doctor_examine(const char *root, struct doctor_row *rows, size_t size)
{
	const struct probe *tables[] = { probes_kernel, probes_bpf, probes_shape, probes_cpu, probes_place };
	struct probe_context context = { .root = root, .live = !*root, .caps = effective_capabilities(root) };
	bool bpf = context.caps >> CAP_BPF & 1, perfmon = context.caps >> CAP_PERFMON & 1;
	size_t count = 0;

	context.may_bpf = (context.caps >> CAP_SYS_ADMIN & 1) || (bpf && perfmon);
	context.memlock_charged = context.live && context.may_bpf && probe_memlock_charged();
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		count += ask_all(tables[i], &context, rows + count, size - count);
	return count;
}

uint64_t doctor_ring_bytes(uint32_t cpu_count)
{
	uint64_t each = RINGS_TOTAL_BYTES / (cpu_count ? cpu_count : 1), size = RING_MIN_BYTES;

	while (size * 2 <= each && size < RING_MAX_BYTES)
		size *= 2;
	return size;
}

const struct doctor_row *doctor_verdict(const struct doctor_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (rows[i].grade == DOCTOR_FAIL)
			return &rows[i];
	}
	return NULL;
}
