/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: a summary whose threads and processes keep the laws. Goes out: 0, or the name of a law of Go programs that does not hold. */
#include "metric/laws.h"

#include <errno.h>
#include <stdio.h>

struct check {
	const struct rota_summary *summary;
	uint64_t window_ns;
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

static int check_looked(const struct check *check, const char *name, const struct rota_looked_at *looked)
{
	uint64_t sum_ns = 0;

	for (uint32_t i = 0; i < looked->level_count; i++) {
		sum_ns += looked->levels[i].ns;
		LAW_AT_MOST("a level that was met has time", name, 1, looked->levels[i].ns);
		if (i)
			LAW_AT_MOST("levels ascend", name, looked->levels[i - 1].level + 1, looked->levels[i].level);
	}
	LAW_EQUAL("time over the levels = time looked at", name, sum_ns, looked->looked_ns);
	LAW_AT_MOST("looked at no longer than the window", name, looked->looked_ns, check->window_ns);
	LAW_AT_MOST("no more levels than are kept", name, looked->level_count, ROTA_LOOKED_LEVELS);
	if (!looked->looks) {
		LAW_EQUAL("never looked at, nothing known", name, looked->looked_ns, 0);
		return 0;
	}
	LAW_AT_MOST("the least is no more than the most", name, looked->min, looked->max);
	if (looked->mean < (double)looked->min * (1 - 1e-9) || looked->mean > (double)looked->max * (1 + 1e-9))
		return broken(check, "the mean lies between the least and the most", name, (uint64_t)looked->mean,
			      looked->max);
	return 0;
}

static int check_counts(const struct check *check, const struct rota_runtime *runtime)
{
	const struct rota_looked_at *counts[] = { &runtime->in_progress, &runtime->demand,  &runtime->running,
						  &runtime->p_busy,      &runtime->m_count, &runtime->m_spinning };
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(counts) / sizeof(counts[0]); i++)
		err = check_looked(check, runtime->name, counts[i]);
	return err;
}

static int check_runtime(const struct check *check, const struct rota_runtime *runtime)
{
	const char *name = runtime->name;
	int err = check_counts(check, runtime);

	if (err)
		return err;
	LAW_AT_MOST("followed no longer than the window", name, runtime->known_ns, check->window_ns);
	LAW_AT_MOST("it collects garbage while it is followed", name, runtime->gc_ns, runtime->known_ns);
	LAW_AT_MOST("each sample is of one kind", name,
		    runtime->scheduler_samples + runtime->foreign_samples + runtime->unreadable_samples,
		    runtime->samples);
	LAW_AT_MOST("who spins is a sample", name, runtime->spinning_samples, runtime->samples);
	LAW_AT_MOST("who collects is a sample", name, runtime->gc_samples, runtime->samples);
	LAW_AT_MOST("who is in C is a sample", name, runtime->cgo_samples, runtime->samples);
	return 0;
}

/* Those of one process: an exec can make one tgid several programs. */
static int check_process(const struct check *check, uint32_t tgid, const char *name)
{
	const struct rota_summary *summary = check->summary;
	const struct rota_go *go = &summary->go;
	uint64_t samples = 0, in_rows = 0, exact_ns = 0, running_ns = UINT64_MAX;

	for (uint32_t i = 0; i < go->runtime_count; i++) {
		if (go->runtimes[i].tgid != tgid)
			continue;
		samples += go->runtimes[i].samples;
		in_rows += go->runtimes[i].unreadable_samples;
	}
	for (uint32_t i = 0; i < go->goroutine_count; i++) {
		if (go->goroutines[i].tgid != tgid)
			continue;
		in_rows += go->goroutines[i].sampled.samples;
		exact_ns += go->goroutines[i].exact_ns;
	}
	LAW_EQUAL("goroutines' samples and those that could not be read = samples", name, in_rows, samples);
	for (uint32_t i = 0; i < summary->process_count; i++) {
		if (summary->processes[i].tgid == tgid)
			running_ns = summary->processes[i].state_ns[ROTA_RUNNING];
		if (!summary->processes[i].tgid) /* threads that are added up by name may be among these */
			return 0;
	}
	LAW_AT_MOST("goroutines ran, exactly, no longer than their process", name, exact_ns, running_ns);
	return 0;
}

static int check_goroutines(const struct check *check)
{
	const struct rota_go *go = &check->summary->go;
	uint64_t runnable_ns = 0, throttled_ns = 0;

	for (uint32_t i = 0; i < go->goroutine_count; i++) {
		const struct rota_goroutine *row = &go->goroutines[i];
		bool known = false;

		for (uint32_t k = 0; k < go->runtime_count; k++)
			known = known || go->runtimes[k].tgid == row->tgid;
		LAW_EQUAL("a goroutine is of a process that is followed", row->start, known, true);
		if (!(row->sampled.share >= 0 && row->sampled.share <= 1 && row->sampled.share_error <= 1))
			return broken(check, "a share lies between 0 and 1 (in 1e-9)", row->start,
				      (uint64_t)(row->sampled.share * 1e9), 1000000000);
		LAW_AT_MOST("no more cores than cpus", row->start, row->core_count, row->cpu_count);
		runnable_ns += row->runnable_ns;
		throttled_ns += row->throttled_ns;
	}
	LAW_AT_MOST("goroutines that have a P and no cpu are among their processes'", "all", runnable_ns,
		    go->held_runnable_ns);
	LAW_AT_MOST("goroutines that have a P and no quota are among their processes'", "all", throttled_ns,
		    go->held_throttled_ns);
	return 0;
}

static int check_sums(const struct check *check)
{
	const struct rota_summary *summary = check->summary;
	const struct rota_go *go = &summary->go;
	uint64_t runnable_ns = 0, throttled_ns = 0, off_ns = 0, blocked_ns = 0, hand_offs = 0;

	for (uint32_t i = 0; i < go->runtime_count; i++) {
		runnable_ns += go->runtimes[i].held_runnable_ns;
		throttled_ns += go->runtimes[i].held_throttled_ns;
		off_ns += go->runtimes[i].syscall_ns + go->runtimes[i].cgo_ns;
		hand_offs += go->runtimes[i].hand_offs;
	}
	for (uint32_t i = 0; i < summary->thread_count; i++)
		blocked_ns += summary->threads[i].state_ns[ROTA_BLOCKED];
	LAW_EQUAL("all programs' held time = the sum of each", "runnable", go->held_runnable_ns, runnable_ns);
	LAW_EQUAL("all programs' held time = the sum of each", "throttled", go->held_throttled_ns, throttled_ns);
	LAW_EQUAL("all programs' hand-offs = the sum of each", "all", go->hand_offs, hand_offs);
	LAW_AT_MOST("who holds a P and waits is RUNNABLE", "all", runnable_ns, summary->runqueue.ns);
	LAW_AT_MOST("who holds a P and waits for quota is THROTTLED", "all", throttled_ns, summary->throttled_ns);
	LAW_AT_MOST("who is in a system call or in C, and off its cpu, is BLOCKED", "all", off_ns, blocked_ns);
	if (go->p_busy.looks)
		LAW_AT_MOST("no more Ps are busy than there are", "all", go->p_busy.max, go->gomaxprocs.max);
	return 0;
}

int metric_check_go(const struct rota_summary *summary, char *why, size_t why_size)
{
	const struct rota_go *go = &summary->go;
	const struct rota_looked_at *sums[] = { &go->in_progress, &go->demand, &go->running, &go->p_busy,
						&go->gomaxprocs };
	struct check check = {
		.summary = summary, .window_ns = summary->end_ns - summary->start_ns, .why = why, .why_size = why_size
	};
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(sums) / sizeof(sums[0]); i++)
		err = check_looked(&check, "all programs", sums[i]);
	for (uint32_t i = 0; !err && i < go->runtime_count; i++) {
		err = check_runtime(&check, &go->runtimes[i]);
		if (!err)
			err = check_process(&check, go->runtimes[i].tgid, go->runtimes[i].name);
	}
	if (!err)
		err = check_goroutines(&check);
	return err ? err : check_sums(&check);
}
