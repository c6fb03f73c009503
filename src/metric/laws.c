/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: a summary. Goes out: 0, or the name of a law that does not hold. */
#include "metric/laws.h"
#include "metric/smt.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

struct check {
	const struct rota_summary *summary;
	uint64_t window_ns;
	bool known; /* no level was unknown at any time: integrals must match exactly */
	char *why;
	size_t why_size;
};

static int broken(const struct check *check, const char *law, const char *where, uint64_t a, uint64_t b)
{
	snprintf(check->why, check->why_size, "%s (%s): %llu against %llu", law, where, (unsigned long long)a,
		 (unsigned long long)b);
	return -EDOM;
}

#define LAW_EQUAL(law, where, a, b)                                                                                    \
	do {                                                                                                           \
		if ((a) != (b))                                                                                        \
			return broken(check, (law), (where), (uint64_t)(a), (uint64_t)(b));                            \
	} while (0)
#define LAW_AT_MOST(law, where, a, b)                                                                                  \
	do {                                                                                                           \
		if ((a) > (b))                                                                                         \
			return broken(check, (law), (where), (uint64_t)(a), (uint64_t)(b));                            \
	} while (0)

static uint64_t levels_integral(const struct rota_levels *levels)
{
	uint64_t sum = 0;

	for (uint32_t k = 0; k < levels->level_count; k++)
		sum += k * levels->ns[k];
	return sum;
}

static int check_levels(const struct check *check, const char *name, const struct rota_levels *levels)
{
	uint64_t sum_ns = 0, active_ns = 0;
	double mean;

	for (uint32_t k = 0; k < levels->level_count; k++) {
		sum_ns += levels->ns[k];
		active_ns += k ? levels->ns[k] : 0;
	}
	LAW_EQUAL("time over the levels + unknown = window", name, sum_ns + levels->unknown_ns, check->window_ns);
	LAW_EQUAL("active time = time at levels above 0", name, levels->active_ns, active_ns);
	LAW_EQUAL("unknown time is that of parallelism", name, levels->unknown_ns,
		  check->summary->parallelism.unknown_ns);
	if (levels->level_count) {
		LAW_AT_MOST("the highest level has time", name, 1, levels->ns[levels->level_count - 1]);
		LAW_EQUAL("max = the highest level", name, levels->max, levels->level_count - 1);
	}
	mean = sum_ns ? (double)levels_integral(levels) / (double)sum_ns : 0;
	if (fabs(mean - levels->mean) > 1e-9 * (1 + mean))
		return broken(check, "mean = integral / known time (in 1e-9)", name, (uint64_t)(mean * 1e9),
			      (uint64_t)(levels->mean * 1e9));
	return 0;
}

/* At every known instant `less` ≤ `more`, so for every k the time at or above k is no longer. */
static int check_below(const struct check *check, const char *name, const struct rota_levels *less,
		       const struct rota_levels *more)
{
	uint64_t less_ns = 0, more_ns = 0;
	uint32_t k = less->level_count > more->level_count ? less->level_count : more->level_count;

	while (k-- > 0) {
		less_ns += k < less->level_count ? less->ns[k] : 0;
		more_ns += k < more->level_count ? more->ns[k] : 0;
		if (k)
			LAW_AT_MOST("packages ≤ L3s ≤ C ≤ P ≤ K ≤ N", name, less_ns, more_ns);
	}
	return 0;
}

static int check_runqueue(const struct check *check, const char *name, const struct rota_runqueue *runqueue,
			  uint64_t runnable_ns)
{
	uint64_t ns = 0, count = 0, in_buckets = 0;

	for (unsigned int i = 0; i < ROTA_CAUSES; i++) {
		ns += runqueue->cause_ns[i];
		count += runqueue->cause_count[i];
	}
	LAW_EQUAL("run-queue wait = time RUNNABLE", name, runqueue->ns, runnable_ns);
	LAW_EQUAL("waits by cause sum to all (ns)", name, ns, runqueue->ns);
	LAW_EQUAL("waits by cause sum to all (count)", name, count, runqueue->count);
	LAW_EQUAL("the histogram holds all waits (ns)", name, runqueue->histogram.sum_ns, runqueue->ns);
	LAW_EQUAL("the histogram holds all waits (count)", name, runqueue->histogram.count, runqueue->count);
	LAW_AT_MOST("cut waits are waits", name, runqueue->cut_count, runqueue->count);
	LAW_AT_MOST("no wait is longer than the window", name, runqueue->histogram.max_ns, check->window_ns);
	if (!runqueue->histogram.buckets)
		return 0;
	for (uint32_t i = 0; i < runqueue->histogram.bucket_count; i++)
		in_buckets += runqueue->histogram.buckets[i];
	LAW_EQUAL("the histogram's buckets sum to its count", name, in_buckets, runqueue->count);
	return 0;
}

static int check_blocked(const struct check *check, const char *name, const struct rota_blocked *blocked,
			 uint32_t count, const uint64_t class_ns[ROTA_BLOCKED_CLASSES], uint64_t blocked_ns)
{
	uint64_t by_class[ROTA_BLOCKED_CLASSES] = { 0 }, all_ns = 0;

	for (uint32_t i = 0; i < count; i++) {
		LAW_AT_MOST("a kind of blocking has a class", name, blocked[i].blocked_class, ROTA_BLOCKED_CLASSES - 1);
		by_class[blocked[i].blocked_class] += blocked[i].ns;
	}
	for (unsigned int i = 0; i < ROTA_BLOCKED_CLASSES; i++) {
		LAW_EQUAL("blocked rows of a class sum to its time", name, by_class[i], class_ns[i]);
		all_ns += class_ns[i];
	}
	LAW_EQUAL("blocked time by class sums to time BLOCKED", name, all_ns, blocked_ns);
	return 0;
}

static int check_all_blocked(const struct check *check)
{
	const struct rota_summary *summary = check->summary;
	uint64_t class_ns[ROTA_BLOCKED_CLASSES] = { 0 }, blocked_ns = 0, count = 0, rows = 0, lock_ns = 0;
	int err = 0;

	for (uint32_t i = 0; !err && i < summary->thread_count; i++) {
		const struct rota_thread_summary *thread = &summary->threads[i];

		err = check_blocked(check, thread->name, thread->blocked, thread->blocked_count, thread->class_ns,
				    thread->state_ns[ROTA_BLOCKED]);
		for (unsigned int k = 0; k < ROTA_BLOCKED_CLASSES; k++)
			class_ns[k] += thread->class_ns[k];
		for (uint32_t k = 0; k < thread->blocked_count; k++)
			count += thread->blocked[k].count;
		blocked_ns += thread->state_ns[ROTA_BLOCKED];
	}
	if (err)
		return err;
	for (unsigned int k = 0; k < ROTA_BLOCKED_CLASSES; k++)
		LAW_EQUAL("blocked time by class adds up", "threads", class_ns[k], summary->class_ns[k]);
	for (uint32_t i = 0; i < summary->blocked_count; i++)
		rows += summary->blocked[i].count;
	LAW_EQUAL("times blocked add up", "threads", count, rows);
	for (uint32_t i = 0; i < summary->lock_count; i++) {
		const struct rota_lock *lock = &summary->locks[i];
		uint64_t woken = 0;

		lock_ns += lock->ns;
		for (uint32_t k = 0; k < lock->waker_count; k++)
			woken += lock->wakers[k].count;
		LAW_AT_MOST("no wait for a lock is longer than all", lock->name, lock->max_ns, lock->ns);
		LAW_AT_MOST("who waits for a lock is woken once", lock->name, woken, lock->count);
		LAW_AT_MOST("a lock is handed on at a wakeup", lock->name, lock->handed_on, lock->count);
	}
	LAW_AT_MOST("waiting for locks is being blocked", "all", lock_ns, blocked_ns);
	return check_blocked(check, "all", summary->blocked, summary->blocked_count, summary->class_ns, blocked_ns);
}

static int check_thread(const struct check *check, const struct rota_thread_summary *thread)
{
	const struct rota_topology *topology = check->summary->topology;
	uint64_t states_ns = 0, cpus_ns = 0, shared_ns = 0, threads = thread->folded ? thread->folded : 1;

	for (unsigned int i = 0; i < ROTA_STATES; i++)
		states_ns += thread->state_ns[i];
	for (uint32_t i = 0; i < thread->cpu_count; i++) {
		cpus_ns += thread->cpus[i].ns;
		if (topology->cores[topology->cpus[thread->cpus[i].cpu].core].cpu_count > 1)
			shared_ns += thread->cpus[i].ns;
	}
	LAW_EQUAL("no time in state NONE", thread->name, thread->state_ns[ROTA_NONE], 0);
	LAW_EQUAL("a thread's states sum to its lifetime", thread->name, states_ns, thread->lifetime_ns);
	LAW_AT_MOST("a thread's lifetime is inside the window", thread->name, thread->lifetime_ns,
		    threads * check->window_ns);
	LAW_EQUAL("a thread's cpus sum to its time RUNNING", thread->name, cpus_ns, thread->state_ns[ROTA_RUNNING]);
	LAW_EQUAL("sibling split sums to time RUNNING on cores with siblings", thread->name,
		  smt_split_sum(&thread->smt), shared_ns);
	LAW_AT_MOST("criticality is at most the time RUNNING", thread->name, thread->criticality_ns,
		    thread->state_ns[ROTA_RUNNING] + threads);
	return check_runqueue(check, thread->name, &thread->runqueue, thread->state_ns[ROTA_RUNNABLE]);
}

static int check_cpus(const struct check *check)
{
	const struct rota_topology *topology = check->summary->topology;
	char where[32];

	for (uint32_t i = 0; i < check->summary->cpu_count; i++) {
		const struct rota_cpu_summary *cpu = &check->summary->cpus[i];
		bool siblings = topology->cores[topology->cpus[cpu->cpu].core].cpu_count > 1;

		snprintf(where, sizeof(where), "cpu %u", cpu->cpu);
		LAW_EQUAL("target + other + idle + offline + unknown = window", where,
			  cpu->target_ns + cpu->other_ns + cpu->idle_ns + cpu->offline_ns + cpu->unknown_ns,
			  check->window_ns);
		LAW_EQUAL("a cpu's sibling split sums to its target time", where, smt_split_sum(&cpu->smt),
			  siblings ? cpu->target_ns : 0);
	}
	return 0;
}

static int check_cores(const struct check *check)
{
	const struct rota_topology *topology = check->summary->topology;
	uint64_t active_ns = 0, running_ns = 0, target_ns = 0;
	char where[32];

	for (uint32_t i = 0; i < check->summary->core_count; i++) {
		const struct rota_core_summary *core = &check->summary->cores[i];
		uint64_t sum_ns = core->unknown_ns;

		snprintf(where, sizeof(where), "core %u", core->core);
		LAW_EQUAL("a core has a level for each hardware thread and 0", where, core->level_count,
			  topology->cores[core->core].cpu_count + 1);
		for (uint32_t k = 0; k < core->level_count; k++) {
			sum_ns += core->level_ns[k];
			active_ns += k ? core->level_ns[k] : 0;
			running_ns += k * core->level_ns[k];
		}
		LAW_EQUAL("a core's levels + unknown = window", where, sum_ns, check->window_ns);
	}
	for (uint32_t i = 0; i < check->summary->cpu_count; i++)
		target_ns += check->summary->cpus[i].target_ns;
	LAW_AT_MOST("cores' siblings running T are cpus running T", "all", running_ns, target_ns);
	LAW_AT_MOST("∫ C dt is within the cores' busy time", "all", levels_integral(&check->summary->core_parallelism),
		    active_ns);
	if (check->known) {
		LAW_EQUAL("cores' siblings running T are cpus running T", "all", running_ns, target_ns);
		LAW_EQUAL("∫ C dt = the cores' busy time", "all", levels_integral(&check->summary->core_parallelism),
			  active_ns);
	}
	return 0;
}

struct totals { /* over all thread rows */
	uint64_t state_ns[ROTA_STATES], lifetime_ns, criticality_ns, alone_ns, threads;
	uint64_t voluntary, involuntary, switch_ins, migrations[ROTA_DISTANCES];
	uint64_t wait_count, cut_count, cause_ns[ROTA_CAUSES], cause_count[ROTA_CAUSES];
	struct rota_smt_split smt;
};

static struct totals totals_of(const struct rota_summary *summary)
{
	struct totals totals = { 0 };

	for (uint32_t i = 0; i < summary->thread_count; i++) {
		const struct rota_thread_summary *thread = &summary->threads[i];

		for (unsigned int k = 0; k < ROTA_STATES; k++)
			totals.state_ns[k] += thread->state_ns[k];
		totals.lifetime_ns += thread->lifetime_ns;
		totals.criticality_ns += thread->criticality_ns;
		totals.alone_ns += thread->alone_ns;
		totals.threads += thread->folded ? thread->folded : 1;
		totals.voluntary += thread->voluntary;
		totals.involuntary += thread->involuntary;
		totals.switch_ins += thread->switch_ins;
		for (unsigned int k = 0; k < ROTA_DISTANCES; k++)
			totals.migrations[k] += thread->migrations[k];
		totals.wait_count += thread->runqueue.count;
		totals.cut_count += thread->runqueue.cut_count;
		for (unsigned int k = 0; k < ROTA_CAUSES; k++) {
			totals.cause_ns[k] += thread->runqueue.cause_ns[k];
			totals.cause_count[k] += thread->runqueue.cause_count[k];
		}
		smt_split_add(&totals.smt, &thread->smt);
	}
	return totals;
}

/* Levels are integrals of what the threads did; where levels were unknown for a while, threads may have done more. */
static int check_integrals(const struct check *check, const struct totals *totals)
{
	const struct rota_summary *summary = check->summary;
	uint64_t running_ns = totals->state_ns[ROTA_RUNNING], target_ns = 0;
	uint64_t wanting_ns = running_ns + totals->state_ns[ROTA_RUNNABLE] + totals->state_ns[ROTA_THROTTLED];
	uint64_t active_ns = summary->parallelism.active_ns;

	for (uint32_t i = 0; i < summary->cpu_count; i++)
		target_ns += summary->cpus[i].target_ns;
	LAW_EQUAL("Σ threads' RUNNING = Σ cpus' target", "all", running_ns, target_ns);
	LAW_AT_MOST("∫ P dt ≤ Σ RUNNING", "all", levels_integral(&summary->parallelism), running_ns);
	LAW_AT_MOST("∫ K dt ≤ Σ wanting to run", "all", levels_integral(&summary->demand), wanting_ns);
	LAW_AT_MOST("∫ N dt ≤ Σ lifetimes", "all", levels_integral(&summary->in_progress), totals->lifetime_ns);
	if (check->known) {
		LAW_EQUAL("∫ P dt = Σ RUNNING", "all", levels_integral(&summary->parallelism), running_ns);
		LAW_EQUAL("∫ K dt = Σ wanting to run", "all", levels_integral(&summary->demand), wanting_ns);
		LAW_EQUAL("∫ N dt = Σ lifetimes", "all", levels_integral(&summary->in_progress), totals->lifetime_ns);
	}
	LAW_EQUAL("Σ time alone = time with P = 1", "all", totals->alone_ns,
		  summary->parallelism.level_count > 1 ? summary->parallelism.ns[1] : 0);
	LAW_AT_MOST("Σ criticality = time with P ≥ 1, to 1 ns a thread", "too much", totals->criticality_ns,
		    active_ns + totals->threads);
	LAW_AT_MOST("Σ criticality = time with P ≥ 1, to 1 ns a thread", "too little", active_ns,
		    totals->criticality_ns + totals->threads);
	return 0;
}

static int check_splits(const struct check *check, const char *name, const struct rota_smt_split *a,
			const struct rota_smt_split *b)
{
	LAW_EQUAL("sibling idle adds up", name, a->idle_ns, b->idle_ns);
	LAW_EQUAL("sibling ours adds up", name, a->ours_ns, b->ours_ns);
	LAW_EQUAL("sibling others adds up", name, a->others_ns, b->others_ns);
	LAW_EQUAL("sibling unknown adds up", name, a->unknown_ns, b->unknown_ns);
	return 0;
}

static int check_totals(const struct check *check, const struct totals *totals)
{
	const struct rota_summary *summary = check->summary;
	struct rota_smt_split by_cpu = { 0 };
	uint64_t switch_ins = 0, waited_ns = 0, preempted_ns = 0, beside_ns = 0;
	int err;

	LAW_EQUAL("voluntary switches add up", "threads", totals->voluntary, summary->voluntary);
	LAW_EQUAL("involuntary switches add up", "threads", totals->involuntary, summary->involuntary);
	LAW_EQUAL("switch-ins add up", "threads", totals->switch_ins, summary->switch_ins);
	LAW_EQUAL("throttled time adds up", "threads", totals->state_ns[ROTA_THROTTLED], summary->throttled_ns);
	for (unsigned int i = 0; i < ROTA_DISTANCES; i++)
		LAW_EQUAL("migrations add up", "threads", totals->migrations[i], summary->migrations[i]);
	for (uint32_t i = 0; i < summary->cpu_count; i++) {
		switch_ins += summary->cpus[i].switch_ins;
		smt_split_add(&by_cpu, &summary->cpus[i].smt);
	}
	LAW_EQUAL("switch-ins add up", "cpus", switch_ins, summary->switch_ins);
	LAW_EQUAL("waits add up (count)", "threads", totals->wait_count, summary->runqueue.count);
	LAW_EQUAL("waits add up (cut)", "threads", totals->cut_count, summary->runqueue.cut_count);
	for (unsigned int i = 0; i < ROTA_CAUSES; i++) {
		LAW_EQUAL("waits by cause add up (ns)", "threads", totals->cause_ns[i], summary->runqueue.cause_ns[i]);
		LAW_EQUAL("waits by cause add up (count)", "threads", totals->cause_count[i],
			  summary->runqueue.cause_count[i]);
	}
	for (uint32_t i = 0; i < summary->waited_for_count; i++)
		waited_ns += summary->waited_for[i].ns, preempted_ns += summary->waited_for[i].preempted_ns;
	LAW_EQUAL("time waited for somebody = time RUNNABLE", "all", waited_ns, totals->state_ns[ROTA_RUNNABLE]);
	LAW_EQUAL("time waited after preemptions = time RUNNABLE by that cause", "all", preempted_ns,
		  summary->runqueue.cause_ns[ROTA_CAUSE_PREEMPTED]);
	for (uint32_t i = 0; i < summary->neighbour_count; i++)
		beside_ns += summary->neighbours[i].ns;
	if (summary->topology->smt <= 2) /* with more, several strangers share at once */
		LAW_EQUAL("time beside strangers = siblings' time of others", "all", beside_ns, summary->smt.others_ns);
	err = check_splits(check, "threads", &totals->smt, &summary->smt);
	if (!err)
		err = check_splits(check, "cpus", &by_cpu, &summary->smt);
	return err ? err : check_runqueue(check, "all", &summary->runqueue, totals->state_ns[ROTA_RUNNABLE]);
}

static int check_processes(const struct check *check, const struct totals *totals)
{
	struct totals sum = { 0 };

	for (uint32_t i = 0; i < check->summary->process_count; i++) {
		const struct rota_process_summary *process = &check->summary->processes[i];

		for (unsigned int k = 0; k < ROTA_STATES; k++)
			sum.state_ns[k] += process->state_ns[k];
		sum.lifetime_ns += process->lifetime_ns;
		sum.criticality_ns += process->criticality_ns;
		sum.threads += process->thread_count;
		sum.voluntary += process->voluntary;
		sum.involuntary += process->involuntary;
		for (unsigned int k = 0; k < ROTA_DISTANCES; k++)
			sum.migrations[k] += process->migrations[k];
		smt_split_add(&sum.smt, &process->smt);
	}
	for (unsigned int k = 0; k < ROTA_STATES; k++)
		LAW_EQUAL("processes sum to threads", "states", sum.state_ns[k], totals->state_ns[k]);
	LAW_EQUAL("processes sum to threads", "lifetime", sum.lifetime_ns, totals->lifetime_ns);
	LAW_EQUAL("processes sum to threads", "criticality", sum.criticality_ns, totals->criticality_ns);
	LAW_EQUAL("processes sum to threads", "number", sum.threads, totals->threads);
	LAW_EQUAL("processes sum to threads", "voluntary", sum.voluntary, totals->voluntary);
	LAW_EQUAL("processes sum to threads", "involuntary", sum.involuntary, totals->involuntary);
	for (unsigned int k = 0; k < ROTA_DISTANCES; k++)
		LAW_EQUAL("processes sum to threads", "migrations", sum.migrations[k], totals->migrations[k]);
	return check_splits(check, "processes", &sum.smt, &totals->smt);
}

static int check_longest(const struct check *check)
{
	const struct rota_summary *summary = check->summary;

	for (uint32_t i = 0; i < summary->wait_count; i++) {
		const struct rota_wait *wait = &summary->longest_waits[i];

		LAW_AT_MOST("a wait is inside the window", wait->thread, wait->at_ns + wait->ns, check->window_ns);
		LAW_AT_MOST("who ran instead ran no longer than the wait", wait->thread, wait->instead_ns, wait->ns);
		if (i)
			LAW_AT_MOST("the longest waits come first", wait->thread, wait->ns,
				    summary->longest_waits[i - 1].ns);
	}
	if (summary->wait_count && summary->runqueue.histogram.max_ns)
		LAW_AT_MOST("the longest wait is among the longest waits", "all", summary->runqueue.histogram.max_ns,
			    summary->longest_waits[0].ns);
	return 0;
}

static int check_coverage(const struct check *check, const struct totals *totals)
{
	const struct rota_summary *summary = check->summary;
	uint64_t unknown_ns = totals->state_ns[ROTA_UNKNOWN];
	double all_ns = (double)totals->lifetime_ns + (double)summary->cpu_count * (double)check->window_ns, coverage;

	for (uint32_t i = 0; i < summary->cpu_count; i++)
		unknown_ns += summary->cpus[i].unknown_ns;
	LAW_EQUAL("unknown = threads' + cpus' unknown", "all", summary->unknown_ns, unknown_ns);
	coverage = all_ns > 0 ? 1 - (double)unknown_ns / all_ns : 1;
	if (!(fabs(coverage - summary->coverage) <= 1e-9))
		return broken(check, "coverage = 1 - unknown / all (in 1e-9)", "all",
			      (uint64_t)(summary->coverage * 1e9), (uint64_t)(coverage * 1e9));
	return 0;
}

static int check_all_levels(const struct check *check)
{
	const struct rota_summary *summary = check->summary;
	const struct {
		const char *name;
		const struct rota_levels *levels;
	} kinds[] = {
		{"in progress",  &summary->in_progress        },
                { "demand",      &summary->demand             },
		{ "parallelism", &summary->parallelism        },
                { "cores",       &summary->core_parallelism   },
		{ "L3s",         &summary->llc_parallelism    },
                { "packages",    &summary->package_parallelism}
	};
	int err = 0;

	for (unsigned int i = 0; !err && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		err = check_levels(check, kinds[i].name, kinds[i].levels);
		if (!err && i)
			err = check_below(check, kinds[i].name, kinds[i].levels, kinds[i - 1].levels);
	}
	return err;
}

int metric_check(const struct rota_summary *summary, char *why, size_t why_size)
{
	struct check check = { .summary = summary,
			       .window_ns = summary->end_ns - summary->start_ns,
			       .known = !summary->parallelism.unknown_ns,
			       .why = why,
			       .why_size = why_size };
	struct totals totals = totals_of(summary);
	int err;

	if (why_size)
		why[0] = '\0';
	if (summary->end_ns <= summary->start_ns)
		return broken(&check, "the window ends after it begins", "all", summary->start_ns, summary->end_ns);
	err = check_all_levels(&check);
	for (uint32_t i = 0; !err && i < summary->thread_count; i++)
		err = check_thread(&check, &summary->threads[i]);
	if (!err)
		err = check_all_blocked(&check);
	if (!err)
		err = check_cpus(&check);
	if (!err)
		err = check_cores(&check);
	if (!err)
		err = check_integrals(&check, &totals);
	if (!err)
		err = check_totals(&check, &totals);
	if (!err)
		err = check_processes(&check, &totals);
	if (!err)
		err = check_longest(&check);
	if (!err)
		err = check_coverage(&check, &totals);
	return err ? err : metric_check_go(summary, why, why_size);
}
