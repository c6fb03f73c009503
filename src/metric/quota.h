/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Quotas of cgroups: CGROUP and QUOTA records come in (cumulative counters), the window's part of each goes out, smallest quota
 * first. A counter that falls was set to 0 meanwhile: the cgroup was made anew. A cgroup that is first read inside the window
 * counts from that reading on.
 */
#ifndef ROTA_METRIC_QUOTA_H
#define ROTA_METRIC_QUOTA_H

#include "metric/texts.h"
#include "rota/summary.h"

#define QUOTAS_MAX 1024U /* cgroups kept */

struct quota_meter {
	char *path;            /* owned; NULL: not told */
	bool v1, read;         /* read: at least once */
	bool limited, changed; /* in this window */
	uint64_t period_ns;
	double cpus, first_cpus; /* newest limit, and the one the window began with; 0: none */
	struct rota_rec_quota last;
	uint64_t periods, throttled_periods, throttled_ns; /* in this window */
};

struct quotas {
	struct quota_meter *meters; /* by the cgroup's number */
	size_t capacity;
	uint32_t count;
	bool looked, hidden, cut; /* CGROUP number 0 */
};

void quotas_fini(struct quotas *quotas);
void quotas_begin(struct quotas *quotas);
/* Takes CGROUP and QUOTA, and leaves other records alone. The text of a path must have been told before. */
void quotas_add(struct quotas *quotas, const struct texts *texts, const union rota_any_record *record);
/* summary->quotas, and notes. */
void quotas_fill(const struct quotas *quotas, struct rota_summary *summary);

#endif
