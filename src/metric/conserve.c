/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: queues and cpus. Goes out: three sums of time. Counts per set, so that no thread is ever looked at by itself. */
#include "metric/conserve.h"
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define UNTOLD_PART 10U /* known: less than a tenth of the time with threads queued behind others is untold */

void conserve_init(struct conserve *conserve, const struct cpusets *sets)
{
	uint32_t cpus = sets->topology->cpu_count;

	*conserve = (struct conserve){ .sets = sets, .changes = UINT32_MAX };
	conserve->kinds = xcalloc(cpus, sizeof(*conserve->kinds));
	conserve->queued = xcalloc(cpus, sizeof(*conserve->queued));
	conserve->queued_by = xcalloc((size_t)cpus * CPUSETS_MAX, sizeof(*conserve->queued_by));
	for (uint32_t i = 0; i < cpus; i++)
		if (!sets->topology->cpus[i].present || !sets->topology->cpus[i].online)
			conserve->kinds[i] = CONSERVE_OFFLINE;
}

void conserve_fini(struct conserve *conserve)
{
	free(conserve->kinds);
	free(conserve->queued);
	free(conserve->queued_by);
	*conserve = (struct conserve){ 0 };
}

static bool is_free(const struct conserve *conserve, uint32_t cpu)
{
	return conserve->kinds[cpu] == CONSERVE_IDLE && !conserve->queued[cpu];
}

/* A set was added, or has grown: all sets are counted anew. */
static void recount(struct conserve *conserve)
{
	const struct cpusets *sets = conserve->sets;

	conserve->changes = sets->changes;
	memset(conserve->free, 0, sizeof(conserve->free));
	memset(conserve->dark, 0, sizeof(conserve->dark));
	for (uint32_t cpu = 0; cpu < sets->topology->cpu_count; cpu++) {
		for (uint32_t set = 1; set < sets->count; set++) {
			if (!cpusets_has(sets, set, cpu))
				continue;
			conserve->free[set] += is_free(conserve, cpu);
			conserve->dark[set] += conserve->kinds[cpu] == CONSERVE_DARK;
		}
	}
}

void conserve_flush(struct conserve *conserve, uint64_t ts_ns)
{
	uint64_t dt_ns = ts_ns - conserve->since_ns;
	bool idle = false, untold = false;

	conserve->since_ns = ts_ns;
	if (!conserve->behind_all || !dt_ns)
		return;
	if (conserve->changes != conserve->sets->changes)
		recount(conserve);
	for (uint32_t set = 1; set < conserve->sets->count && !idle; set++) {
		idle = conserve->behind[set] && conserve->free[set];
		untold = untold || (conserve->behind[set] && conserve->dark[set]);
	}
	conserve->behind_ns += dt_ns;
	if (idle)
		conserve->idle_ns += dt_ns;
	else if (untold || conserve->behind[0])
		conserve->untold_ns += dt_ns;
}

void conserve_begin(struct conserve *conserve, uint64_t ts_ns)
{
	conserve->since_ns = ts_ns;
	conserve->behind_ns = conserve->idle_ns = conserve->untold_ns = 0;
}

static void add(const struct conserve *conserve, uint32_t counts[CPUSETS_MAX], uint32_t cpu, uint32_t step)
{
	for (uint32_t set = 1; set < conserve->sets->count; set++)
		counts[set] += cpusets_has(conserve->sets, set, cpu) ? step : 0;
}

/* The cpu's place among the free ones, after what it was. */
static void note_free(struct conserve *conserve, uint32_t cpu, bool was_free)
{
	bool now_free = is_free(conserve, cpu);

	if (was_free != now_free)
		add(conserve, conserve->free, cpu, now_free ? 1 : UINT32_MAX);
}

void conserve_queue(struct conserve *conserve, uint32_t cpu, uint8_t set, uint32_t step, uint64_t ts_ns)
{
	bool was_free = is_free(conserve, cpu);

	conserve_flush(conserve, ts_ns);
	if (conserve->changes != conserve->sets->changes)
		recount(conserve);
	conserve->queued[cpu] += step;
	conserve->queued_by[(size_t)cpu * CPUSETS_MAX + set] += step;
	if (conserve->kinds[cpu] == CONSERVE_BUSY) {
		conserve->behind[set] += step;
		conserve->behind_all += step;
	}
	note_free(conserve, cpu, was_free);
}

/* Those queued on the cpu wait behind somebody from now on (step 1), or no longer (step UINT32_MAX). */
static void move_behind(struct conserve *conserve, uint32_t cpu, bool behind)
{
	const uint32_t *queued = &conserve->queued_by[(size_t)cpu * CPUSETS_MAX];

	if (!conserve->queued[cpu])
		return;
	for (uint32_t set = 0; set < conserve->sets->count; set++)
		conserve->behind[set] += behind ? queued[set] : -queued[set];
	conserve->behind_all += behind ? conserve->queued[cpu] : -conserve->queued[cpu];
}

void conserve_turn(struct conserve *conserve, uint32_t cpu, uint8_t kind, uint64_t ts_ns)
{
	uint8_t was = conserve->kinds[cpu];
	bool was_free = is_free(conserve, cpu);

	conserve_flush(conserve, ts_ns);
	if (conserve->changes != conserve->sets->changes)
		recount(conserve);
	if (was == CONSERVE_BUSY || kind == CONSERVE_BUSY)
		move_behind(conserve, cpu, kind == CONSERVE_BUSY);
	conserve->kinds[cpu] = kind;
	if (was == CONSERVE_DARK || kind == CONSERVE_DARK)
		add(conserve, conserve->dark, cpu, kind == CONSERVE_DARK ? 1 : UINT32_MAX);
	note_free(conserve, cpu, was_free);
}

void conserve_fill(const struct conserve *conserve, struct rota_summary *summary)
{
	struct rota_work_conservation *row = &summary->work_conservation;

	row->idle_while_runnable_ns = conserve->idle_ns;
	row->untold_ns = conserve->untold_ns;
	row->known = conserve->untold_ns <= conserve->behind_ns / UNTOLD_PART;
}
