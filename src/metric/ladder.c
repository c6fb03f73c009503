/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: means. Goes out: struct rota_rung. Never a number for what was not measured: has_* is false there. */
#include "metric/ladder.h"

#include <stdio.h>

static struct rota_rung *rung_add(struct rota_summary *summary, const char *name, double have)
{
	struct rota_rung *rung = &summary->rungs[summary->rung_count++];

	*rung = (struct rota_rung){ .rung = name, .have = have };
	return rung;
}

static void rung_flow(struct rota_rung *rung, double want, double get)
{
	rung->has_want = rung->has_get = rung->has_stuck = true;
	rung->want = want;
	rung->get = get;
	rung->stuck = want > get ? want - get : 0; /* below 0 by rounding only */
}

struct machine { /* what there was on average */
	double cpus, cores, others;
	bool others_known; /* to 1 % of the cpus' time */
};

static struct machine machine_of(const struct rota_summary *summary)
{
	double window_ns = (double)(summary->end_ns - summary->start_ns), unknown_ns = 0, other_ns = 0, online_ns = 0;
	const struct rota_topology *topology = summary->topology;
	struct machine machine = { 0 };

	for (uint32_t i = 0; i < summary->cpu_count; i++) {
		unknown_ns += (double)summary->cpus[i].unknown_ns;
		other_ns += (double)summary->cpus[i].other_ns;
		online_ns += window_ns - (double)summary->cpus[i].offline_ns;
	}
	for (uint32_t core = 0; core < summary->core_count; core++) {
		double most_ns = 0; /* a core is there as long as the longest of its cpus */

		for (uint32_t i = 0; i < summary->cpu_count; i++) {
			double ns = window_ns - (double)summary->cpus[i].offline_ns;

			if (topology->cpus[summary->cpus[i].cpu].core == core && ns > most_ns)
				most_ns = ns;
		}
		machine.cores += most_ns / window_ns;
	}
	machine.cpus = online_ns / window_ns;
	machine.others = other_ns / window_ns;
	machine.others_known = unknown_ns <= online_ns / 100;
	return machine;
}

void ladder_fill(struct rota_summary *summary, double throttled_mean)
{
	double want = summary->demand.mean, get = summary->parallelism.mean, cores = summary->core_parallelism.mean;
	struct machine machine = machine_of(summary);
	struct rota_rung *rung;

	summary->rung_count = 0;
	rung = rung_add(summary, "threads", summary->in_progress.mean);
	rung->has_want = true;
	rung->want = want;
	snprintf(rung->note, sizeof(rung->note), "in progress");
	if (summary->throttled_ns) { /* how many cpus the quota allows, no scheduler event says */
		rung = rung_add(summary, "quota", 0);
		rung_flow(rung, want, want - throttled_mean);
		snprintf(rung->note, sizeof(rung->note), "throttled; the limit itself was not recorded");
		want -= throttled_mean;
	}
	rung = rung_add(summary, "hardware_threads", machine.cpus);
	rung_flow(rung, want, get);
	if (machine.others_known)
		snprintf(rung->note, sizeof(rung->note), "%.2f taken by others", machine.others);
	rung = rung_add(summary, "cores", machine.cores);
	rung->has_get = true;
	rung->get = cores;
	if (summary->smt_present)
		snprintf(rung->note, sizeof(rung->note), "%.2f ran two of ours at once", get > cores ? get - cores : 0);
	rung = rung_add(summary, "l3", summary->topology->llc_count);
	rung->has_get = true;
	rung->get = summary->llc_parallelism.mean;
	rung = rung_add(summary, "sockets", summary->topology->package_count);
	rung->has_get = true;
	rung->get = summary->package_parallelism.mean;
}
