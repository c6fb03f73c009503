/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The Go programs among the processes of T: finds them as they come, tells the kernel side where their threads keep what they
 * carry, and tells of their schedulers: RUNTIME, GO_CENSUS, GO_TOTALS, GO_LATENCY, GOROUTINE, GO_REASON and GO_POPULATION
 * records in the user-space stream. Watches what passes through the drain; reads processes, and never writes to one.
 */
#ifndef ROTA_CAPTURE_GO_H
#define ROTA_CAPTURE_GO_H

#include "capture/drain.h"
#include "capture/program.h"
#include "capture/text.h"

#define GO_PROCESSES_MAX  BPF_GO_PROCESSES /* followed at once */
#define GO_CENSUS_NS      50000000ULL      /* between two looks at a scheduler */
#define GO_SCAN_BUDGET_NS 50000000ULL      /* --go-scan: what one look at all goroutines may take */
#define GO_EXACT_HITS_MAX 200000U          /* --go-exact: a second; above, it ends itself */

struct go_watch_config {
	bool scan, exact; /* --go-scan, --go-exact */
};

struct go_watch;
/* `program`, `drain` and `text` outlive it. */
struct go_watch *go_watch_new(struct program *program, struct drain *drain, struct text *text,
			      const struct go_watch_config *config);
void go_watch_free(struct go_watch *watch);
/* Does what is due: looks at new processes, takes a census. Call often; see go_watch_due_ns(). */
void go_watch_work(struct go_watch *watch);
/* When go_watch_work() has something to do next (CLOCK_MONOTONIC); UINT64_MAX: nothing. */
uint64_t go_watch_due_ns(const struct go_watch *watch);
/* A round ends, or the window begins (`start`) or ends (`stop`): figures that add up are told, before the mark. Takes little time. */
void go_watch_round(struct go_watch *watch, bool start, bool stop);

#endif
