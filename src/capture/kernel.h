/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef ROTA_CAPTURE_KERNEL_H
#define ROTA_CAPTURE_KERNEL_H

#include "rota/settings.h"

/* Fills in what the programs must be told about this kernel: has_prev_state, preempt_count_distance. */
void kernel_probe(struct bpf_settings *settings);
/* How THROTTLED is told on this kernel: "task", "cfs_rq" or "none" (trace/meta.h). */
const char *kernel_throttle_source(void);

#endif
