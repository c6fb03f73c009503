/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The verdict of the hand-built service: a quota, but for one second; with all that a verdict may have. */
#ifndef ROTA_TESTS_VIEW_SAMPLE_VERDICT_H
#define ROTA_TESTS_VIEW_SAMPLE_VERDICT_H

#include "base/alloc.h"
#include "rota/summary.h"

#include <stdio.h>
#include <string.h>

static inline void sample_evidence(struct rota_verdict *verdict, const char *name, double value, const char *unit,
				   const char *says)
{
	struct rota_evidence *one = &verdict->evidence[verdict->evidence_count++];

	snprintf(one->name, sizeof(one->name), "%s", name);
	snprintf(one->unit, sizeof(one->unit), "%s", unit);
	snprintf(one->says, sizeof(one->says), "%s", says);
	one->value = value;
}

static inline void sample_service_verdict(struct rota_summary *summary)
{
	struct rota_verdict *verdict = &summary->verdict;

	verdict->limit = ROTA_LIMIT_QUOTA;
	verdict->second = ROTA_LIMIT_NEIGHBOURS;
	snprintf(verdict->sentence, sizeof(verdict->sentence),
		 "It wants 6.95 cpus, its cgroup allows 2.00: nothing ran for 72 ms of every 100 ms.");
	snprintf(verdict->advice, sizeof(verdict->advice),
		 "2 threads for steady latency, or a quota of 7 (now 2.00) for cgroup /shop/checkout.");
	snprintf(verdict->second_says, sizeof(verdict->second_says),
		 "Second best is neighbours, by which 8.1 %% of the time is explained.");
	sample_evidence(verdict, "throttled_share", 0.709, "share",
			"throttled 71 % of the time it wants to run (threshold 20 %)");
	sample_evidence(verdict, "throttled_periods", 291, "periods",
			"/shop/checkout: throttled in 291 of 300 periods");
	verdict->second_ns = 1000000000;
	verdict->second_count = 30;
	verdict->by_second = xcalloc(30, 1);
	memset(verdict->by_second, ROTA_LIMIT_QUOTA, 30);
	verdict->by_second[17] = ROTA_LIMIT_NONE;
}

#endif
