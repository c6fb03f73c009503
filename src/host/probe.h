/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The questions `rota doctor` asks, in tables by subject: doctor.c strings them together. Private to src/host. */
#ifndef ROTA_HOST_PROBE_H
#define ROTA_HOST_PROBE_H

#include "host/doctor.h"

#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>

#ifndef CAP_PERFMON /* linux/capability.h before 5.8 */
#define CAP_PERFMON 38
#define CAP_BPF     39
#endif

struct probe_context {
	const char *root;     /* where /proc and /sys are: "" on a machine */
	bool live;            /* system calls may be asked too: root is this machine's */
	bool memlock_charged; /* the kernel charges BPF maps to RLIMIT_MEMLOCK (before 5.11) */
	uint64_t caps;        /* effective capabilities */
	bool may_bpf;         /* they suffice to load rota's programs */
};

struct probe {
	const char *question;
	/* Sets grade, found and fix. Leaves found empty where the question cannot be put: then there is no row. */
	void (*ask)(const struct probe_context *context, struct doctor_row *row);
};

/* Each table ends with a NULL question. */
extern const struct probe probes_kernel[], probes_bpf[], probes_shape[], probes_cpu[], probes_place[];

void probe_answer(struct doctor_row *row, enum doctor_grade grade, const char *fix, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* Whether the kernel charges BPF maps to RLIMIT_MEMLOCK, found out by a helper that came with the change. */
bool probe_memlock_charged(void);

/* What rota holds in kernel memory: a ring a cpu, and some bytes for every possible thread id. */
#define PROBE_THREAD_BYTES 12ULL
uint64_t probe_kernel_memory_bytes(const struct probe_context *context);

#endif
