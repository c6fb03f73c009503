/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: means. Goes out: struct rota_rung. Never a number for what was not measured: has_* is false there. */
#include "metric/ladder.h"

#include <stdio.h>
#include <string.h>

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

/*
 * Threads that wanted to run beyond the cpus that T was allowed: mean over the known time. Demand is known by level, what was
 * allowed only as a mean; a program whose affinity changes while its demand does is therefore approximated.
 */
static double beyond_mean(const struct rota_summary *summary)
{
	double beyond_ns = 0, known_ns = 0;

	for (uint32_t k = 0; k < summary->demand.level_count; k++) {
		known_ns += (double)summary->demand.ns[k];
		if (k > summary->affinity.allowed_cpus)
			beyond_ns += (k - summary->affinity.allowed_cpus) * (double)summary->demand.ns[k];
	}
	return known_ns > 0 ? beyond_ns / known_ns : 0;
}

/*
 * Fewer cpus than the machine has are worth a rung where somebody waits because of it, or where it is half a cpu at least: a
 * kernel thread bound to its cpu, alone for a moment, confines nobody else.
 */
static bool is_confined(const struct rota_summary *summary, const struct machine *machine, double waiting)
{
	double fewer = machine->cpus - summary->affinity.allowed_cpus;

	if (!summary->affinity.known || fewer < 0.005)
		return false;
	return fewer >= 0.5 || (waiting >= 0.005 && beyond_mean(summary) >= 0.005);
}

/* `waiting`: threads that wait for a cpu, mean: no more can be stuck here. Returns what gets through. */
static double fill_allowed(struct rota_summary *summary, double want, double waiting)
{
	double stuck = waiting > 0 ? beyond_mean(summary) : 0;
	struct rota_rung *rung = rung_add(summary, "allowed_cpus", summary->affinity.allowed_cpus);

	rung_flow(rung, want, want - (stuck < waiting ? stuck : waiting));
	snprintf(rung->note, sizeof(rung->note), "%s%.70s", strpbrk(summary->affinity.cpus, ",-") ? "cpus " : "cpu ",
		 summary->affinity.cpus);
	return rung->get;
}

/* The quota that was hit most, or the smallest; NULL where there is none, or where T is not all inside it. */
static const struct rota_quota *tightest(const struct rota_summary *summary)
{
	const struct rota_quota *quota = NULL;

	for (uint32_t i = 0; i < summary->quota_count; i++) {
		const struct rota_quota *one = &summary->quotas[i];

		if (one->cpus > 0 && (!quota || one->throttled_ns > quota->throttled_ns))
			quota = one;
	}
	/* so much ran that this cgroup cannot have held it all: nothing is said of a limit that did not strike */
	if (quota && !summary->throttled_ns && summary->parallelism.mean > quota->cpus * 1.1 + 0.1)
		return NULL;
	return quota;
}

static double fill_quota(struct rota_summary *summary, double want, double throttled_mean)
{
	const struct rota_quota *quota = tightest(summary);
	double allowed_ns, ran_ns = 0;
	struct rota_rung *rung;
	bool shared;

	if (!quota && !summary->throttled_ns)
		return want;
	rung = rung_add(summary, "quota", quota ? quota->cpus : 0);
	rung_flow(rung, want, want - throttled_mean);
	if (!quota) {
		snprintf(rung->note, sizeof(rung->note), "throttled; the limit itself was not recorded");
		return rung->get;
	}
	for (uint32_t k = 1; k < summary->parallelism.level_count; k++)
		ran_ns += k * (double)summary->parallelism.ns[k];
	/* spent in nearly each period, and not by T */
	allowed_ns = quota->cpus * (double)quota->period_ns * (double)quota->periods;
	shared = quota->periods && quota->throttled_periods >= quota->periods - quota->periods / 10 &&
		 ran_ns < 0.8 * allowed_ns;
	snprintf(rung->note, sizeof(rung->note), "throttled in %llu of %llu periods%s",
		 (unsigned long long)quota->throttled_periods, (unsigned long long)quota->periods,
		 shared ? ", others use it too" : "");
	return rung->get;
}

static void note_hardware(struct rota_rung *rung, const struct rota_summary *summary, const struct machine *machine)
{
	double window_ns = (double)(summary->end_ns - summary->start_ns), stolen_ns = 0;
	size_t used = 0;

	for (uint32_t i = 0; i < summary->cpu_count; i++)
		stolen_ns += summary->cpus[i].steal_known ? (double)summary->cpus[i].steal_ns : 0;
	if (machine->others_known)
		used = (size_t)snprintf(rung->note, sizeof(rung->note), "%.2f taken by others", machine->others);
	if (stolen_ns >= 0.005 * window_ns && used < sizeof(rung->note))
		snprintf(rung->note + used, sizeof(rung->note) - used, "%s%.2f stolen", used ? ", " : "",
			 stolen_ns / window_ns);
}

/* Goroutines and Ps, as far as they were looked at. */
static void fill_go(struct rota_summary *summary)
{
	const struct rota_go *go = &summary->go;
	struct rota_rung *rung;
	double window_ns = (double)(summary->end_ns - summary->start_ns);
	double held = ((double)go->held_runnable_ns + (double)go->held_throttled_ns) / window_ns;

	if (!go->in_progress.looks)
		return;
	rung = rung_add(summary, "goroutines", go->in_progress.mean);
	rung->has_want = true;
	rung->want = go->demand.mean;
	snprintf(rung->note, sizeof(rung->note), "in progress (looked at %u times)", go->in_progress.looks);
	rung = rung_add(summary, "p", go->gomaxprocs.mean);
	rung_flow(rung, go->demand.mean, go->p_busy.mean);
	if (held >= 0.005)
		snprintf(rung->note, sizeof(rung->note), "permits to run Go code; %.2f held by threads without a cpu",
			 held);
	else
		snprintf(rung->note, sizeof(rung->note), "permits to run Go code");
}

static void note_threads(struct rota_rung *rung, const struct rota_summary *summary)
{
	double beyond = rung->want - summary->go.p_busy.mean;

	if (summary->go.in_progress.looks && beyond >= 0.005)
		snprintf(rung->note, sizeof(rung->note), "+ %.2f %s", beyond,
			 summary->process_count > summary->go.runtime_count
				 ? "in system calls, C, the runtime, other processes"
				 : "in system calls, C and the runtime itself");
	else
		snprintf(rung->note, sizeof(rung->note), "in progress");
}

void ladder_fill(struct rota_summary *summary, double throttled_mean)
{
	double want = summary->demand.mean, get = summary->parallelism.mean, cores = summary->core_parallelism.mean;
	struct machine machine = machine_of(summary);
	struct rota_rung *rung;

	summary->rung_count = 0;
	fill_go(summary);
	rung = rung_add(summary, "threads", summary->in_progress.mean);
	rung->has_want = true;
	rung->want = want;
	note_threads(rung, summary);
	if (is_confined(summary, &machine, want - throttled_mean - get))
		want = fill_allowed(summary, want, want - throttled_mean - get);
	want = fill_quota(summary, want, throttled_mean);
	rung = rung_add(summary, "hardware_threads", machine.cpus);
	rung_flow(rung, want, get);
	note_hardware(rung, summary, &machine);
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
