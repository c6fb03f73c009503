/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What program.c and program_go.c share: the skeleton, and what hangs on it. Private to these two. */
#ifndef ROTA_CAPTURE_PROGRAM_OWN_H
#define ROTA_CAPTURE_PROGRAM_OWN_H

#include "capture/program.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "rota.skel.h"

#define EXACT_PROBES 2

struct exact { /* the uprobes of one process */
	uint32_t tgid;
	struct bpf_link *links[EXACT_PROBES];
};

struct program {
	struct rota_bpf *skeleton;
	struct kernel_shape shape;
	uint32_t cpu_count;
	int *ring_fds;
	struct bpf_link **clocks; /* by cpu, NULL for none */
	struct exact *exacts;
	size_t exact_capacity, exact_count;
	bool attached;
};

/* Why something could not be done with a program, from what the machine says about itself. Returns `err`. */
int program_explain(const char *what, int err);
/* Before the load: which programs for Go exist at all. */
void program_set_go(struct program *program, const struct program_config *config);
void program_stop_clocks(struct program *program);

#endif
