/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a simulated schedule amounts to (totals.h). */
#include "tool/sim/totals.h"

#include "base/alloc.h"

#include <stdlib.h>

struct moments {
	uint64_t *at;
	size_t count, capacity;
};

static void moments_add(struct moments *moments, const struct schedsim *sim, const struct sim_spans *spans)
{
	for (size_t i = 0; i < spans->count; i++) {
		uint64_t ts_ns = spans->at[i].since_ns;

		if (ts_ns <= sim->start_ns || ts_ns >= sim->stop_ns)
			continue;
		moments->at = xgrow(moments->at, &moments->capacity, moments->count + 1, sizeof(*moments->at));
		moments->at[moments->count++] = ts_ns;
	}
}

static int by_time(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* How one cpu's siblings are at a moment: index into smt_ns. */
static unsigned int sibling_kind(const struct schedsim *sim, const struct sim_span *now, uint32_t cpu)
{
	const struct rota_core_info *core = &sim->topology->cores[sim->topology->cpus[cpu].core];
	bool ours = false, others = false, dark = false;

	for (uint32_t i = 0; i < core->cpu_count; i++) {
		const struct sim_span *span = &now[core->cpus[i]];

		if (core->cpus[i] == cpu)
			continue;
		ours |= span->state == ROTA_CPU_TARGET;
		others |= span->state == ROTA_CPU_OTHER && span->told;
		dark |= (span->state == ROTA_CPU_OTHER || span->state == ROTA_CPU_IDLE) && !span->told;
	}
	return ours ? 1 : others ? 2 : dark ? 3 : 0;
}

static void count_threads(struct sim_totals *totals, const struct schedsim *sim, uint64_t ts_ns, uint64_t ns,
			  uint32_t *levels)
{
	for (size_t i = 0; i < sim->thread_count; i++) {
		uint8_t state = sim_span_at(&sim->threads[i].spans, ts_ns).state;

		if (state == ROTA_NONE)
			continue;
		totals->thread_ns[i * ROTA_STATES + state] += ns;
		totals->state_ns[state] += ns;
		levels[SIM_N]++;
		levels[SIM_K] += state == ROTA_RUNNING || state == ROTA_RUNNABLE || state == ROTA_THROTTLED;
		levels[SIM_P] += state == ROTA_RUNNING;
	}
}

static void count_interval(struct sim_totals *totals, const struct schedsim *sim, uint64_t ts_ns, uint64_t ns)
{
	struct sim_span *now = xcalloc(sim->cpu_count, sizeof(*now));
	uint32_t levels[SIM_KINDS] = { 0 };

	count_threads(totals, sim, ts_ns, ns, levels);
	for (uint32_t i = 0; i < sim->cpu_count; i++) {
		now[i] = sim_span_at(&sim->cpus[i].spans, ts_ns);
		totals->cpu_ns[i * ROTA_OCCUPANCIES + now[i].state] += ns;
	}
	for (uint32_t i = 0; i < sim->topology->core_count; i++) {
		const struct rota_core_info *core = &sim->topology->cores[i];
		bool busy = false;

		for (uint32_t k = 0; k < core->cpu_count; k++) {
			if (now[core->cpus[k]].state != ROTA_CPU_TARGET)
				continue;
			busy = true;
			if (core->cpu_count > 1)
				totals->smt_ns[sibling_kind(sim, now, core->cpus[k])] += ns;
		}
		levels[SIM_C] += busy;
	}
	for (unsigned int kind = 0; kind < SIM_KINDS; kind++)
		totals->level_ns[kind][levels[kind]] += ns;
	free(now);
}

static void count_waits(struct sim_totals *totals, const struct schedsim *sim, const struct sim_thread *thread)
{
	for (size_t i = 0; i < thread->stay_count; i++) {
		const struct sim_stay *stay = &thread->stays[i];
		uint64_t since_ns = stay->since_ns > sim->start_ns ? stay->since_ns : sim->start_ns;
		uint64_t end_ns = stay->end_ns < sim->stop_ns ? stay->end_ns : sim->stop_ns;

		if (since_ns >= end_ns || stay->state != ROTA_RUNNABLE)
			continue;
		totals->waits++;
		totals->cut_waits += stay->since_ns < sim->start_ns || stay->end_ns >= sim->stop_ns;
		totals->wait_ns[stay->cause] += end_ns - since_ns;
		totals->wait_count[stay->cause]++;
	}
}

/* Where a thread ran before the records began may be known or not: two bounds. */
static void count_migrations(struct sim_totals *totals, const struct schedsim *sim, const struct sim_thread *thread)
{
	const struct sim_span *ran = NULL, *last = NULL; /* where it was seen to run; to run or to sleep */
	bool left = false;

	for (size_t i = 0; i < thread->spans.count; i++) {
		const struct sim_span *span = &thread->spans.at[i];

		left |= span->state == ROTA_NONE;
		if (span->state == ROTA_RUNNING && span->since_ns >= sim->start_ns && last && last->cpu != span->cpu) {
			enum rota_distance distance = rota_topology_distance(sim->topology, last->cpu, span->cpu);

			totals->migrations_most[distance]++;
			totals->migrations_least[distance] += ran && !left && ran[1].since_ns > sim->start_ns;
		}
		if (span->state == ROTA_RUNNING || span->state == ROTA_BLOCKED || span->state == ROTA_STOPPED)
			last = span;
		if (span->state == ROTA_RUNNING) {
			ran = span;
			left = false;
		}
	}
}

struct sim_totals *sim_totals_new(const struct schedsim *sim)
{
	struct sim_totals *totals = xcalloc(1, sizeof(*totals));
	struct moments moments = { 0 };
	uint64_t since_ns = sim->start_ns;

	totals->window_ns = sim->stop_ns - sim->start_ns;
	totals->thread_ns = xcalloc(sim->thread_count * ROTA_STATES, sizeof(uint64_t));
	totals->cpu_ns = xcalloc((size_t)sim->cpu_count * ROTA_OCCUPANCIES, sizeof(uint64_t));
	for (size_t i = 0; i < sim->thread_count; i++)
		moments_add(&moments, sim, &sim->threads[i].spans);
	for (uint32_t i = 0; i < sim->cpu_count; i++)
		moments_add(&moments, sim, &sim->cpus[i].spans);
	if (moments.count)
		qsort(moments.at, moments.count, sizeof(*moments.at), by_time);
	for (size_t i = 0; i <= moments.count; i++) {
		uint64_t until_ns = i < moments.count ? moments.at[i] : sim->stop_ns;

		if (until_ns > since_ns)
			count_interval(totals, sim, since_ns, until_ns - since_ns);
		since_ns = until_ns;
	}
	for (size_t i = 0; i < sim->thread_count; i++) {
		const struct sim_thread *thread = &sim->threads[i];

		count_waits(totals, sim, thread);
		count_migrations(totals, sim, thread);
		totals->voluntary += thread->voluntary;
		totals->involuntary += thread->involuntary;
		totals->switch_ins += thread->switch_ins;
	}
	free(moments.at);
	return totals;
}

void sim_totals_free(struct sim_totals *totals)
{
	free(totals->thread_ns);
	free(totals->cpu_ns);
	free(totals);
}
