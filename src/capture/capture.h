/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From context switches to chunks: loads and attaches the BPF programs, drains the per-cpu rings, and hands encoded chunks
 * and round marks to a consumer (a trace writer, a live analysis, or both). The only user of the skeletons.
 */
#ifndef ROTA_CAPTURE_CAPTURE_H
#define ROTA_CAPTURE_CAPTURE_H

#include "rota/topology.h"
#include "target/target.h"
#include "trace/chunk.h"

#include <stdbool.h>

struct capture_consumer { /* a callback that returns -errno ends the capture with that error */
	void *ctx;
	int (*chunk)(void *ctx, const struct chunk *chunk);
	int (*round)(void *ctx, uint64_t ts_ns); /* no record with a time ≤ ts_ns will come any more */
};

struct capture_config {
	const struct target *target;
	const struct rota_topology *topology;
	uint64_t ring_bytes;  /* for each cpu; a power of two ≥ the page size; 0 = chosen from the number of cpus */
	uint64_t flush_ns;    /* time between rounds; 0 = 1 s */
	uint64_t duration_ns; /* how long it shall take, 0: not known; no round is made shortly before its end */
	bool calls;           /* --syscalls: count and time the system calls of T */
	uint64_t call_min_ns; /* a call that took so long has a record of its own */
	bool stacks;          /* --stacks: user stacks at switches and at the ticks of a clock */
	bool no_go;           /* do not look for Go programs */
	bool go_scan;         /* --go-scan: look at all goroutines of each, at the start and the end */
	bool go_exact;        /* --go-exact: every goroutine switch, by uprobes */
	struct capture_consumer consumer;
};

struct capture;
/* Loads and attaches. 0, or -errno with the reason logged. Nothing is followed yet. */
int capture_open(const struct capture_config *config, struct capture **ret_capture);
/* Seeds T, synchronises with what runs now, begins the window: *ret_start_ns is t0 (CLOCK_MONOTONIC). */
int capture_start(struct capture *capture, uint64_t *ret_start_ns);
/*
 * Waits up to timeout_ns (or until a ring fills, a target's pidfd or `wake_fd` becomes readable; -1 for none), drains the
 * rings and ends a round when one is due. 0, or -errno. *ret_ended: every -p target has ended.
 */
int capture_poll(struct capture *capture, uint64_t timeout_ns, int wake_fd, bool *ret_ended);
/* Ends the window and the last round. The programs are detached. */
int capture_stop(struct capture *capture, uint64_t *ret_stop_ns);
void capture_close(struct capture *capture);
uint64_t capture_lost(const struct capture *capture); /* records that could not be kept so far */
/* How THROTTLED is told on this kernel: "task", "cfs_rq" or "none" (trace/meta.h). */
const char *capture_throttle_source(const struct capture *capture);
/* Whether this kernel tells a wakeup by an interrupt from one by the thread that was interrupted. */
bool capture_tells_interrupts(const struct capture *capture);
/* Whether this kernel takes rota's own programs: 0, or -errno and the name of the first that it refused ("": not known). */
int capture_try(const char **ret_refused);

#endif
