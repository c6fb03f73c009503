/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What any tracer of these events costs at least: three programs that do nothing. */
#include "kernel.h"
#include <bpf/bpf_helpers.h>

SEC("tp_btf/sched_switch")
int floor_switch(u64 *ctx __attribute__((unused)))
{
	return 0;
}

SEC("tp_btf/sched_waking")
int floor_waking(u64 *ctx __attribute__((unused)))
{
	return 0;
}

SEC("tp_btf/sched_wakeup")
int floor_wakeup(u64 *ctx __attribute__((unused)))
{
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
