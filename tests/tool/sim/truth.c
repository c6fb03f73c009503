/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What really was: spans of states of threads and cpus, and owners of tids, as time goes on; and the machine itself. */
#include "tool/sim/world.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

static void span_append(struct sim_spans *spans, struct sim_span span)
{
	if (spans->count) {
		struct sim_span *last = &spans->at[spans->count - 1];

		if (last->state == span.state && last->cpu == span.cpu && last->uid == span.uid &&
		    last->told == span.told)
			return;
		if (last->since_ns == span.since_ns) { /* one instant: the last word counts */
			*last = span;
			return;
		}
	}
	spans->at = xgrow(spans->at, &spans->capacity, spans->count + 1, sizeof(*spans->at));
	spans->at[spans->count++] = span;
}

void sim_note_thread(struct schedsim *sim, struct sim_thread *thread)
{
	uint8_t state = !thread->target || thread->unborn || thread->dead ? ROTA_NONE : thread->state;

	span_append(&thread->spans, (struct sim_span){ .since_ns = sim->now_ns,
						       .state = state,
						       .cpu = thread->cpu,
						       .uid = thread->uid,
						       .reason = state == ROTA_BLOCKED ? thread->reason : 0,
						       .argument = state == ROTA_BLOCKED ? thread->argument : 0 });
}

void sim_note_cpu(struct schedsim *sim, uint32_t number)
{
	struct sim_cpu *cpu = &sim->cpus[number];
	struct sim_span span = { .since_ns = sim->now_ns, .uid = cpu->uid };

	if (!cpu->online)
		span.state = ROTA_CPU_OFFLINE;
	else if (cpu->uid == SIM_NOBODY)
		span.state = ROTA_CPU_IDLE;
	else
		span.state = sim_is_target(sim, cpu->uid) ? ROTA_CPU_TARGET : ROTA_CPU_OTHER;
	span.told = cpu->told || span.state == ROTA_CPU_TARGET || span.state == ROTA_CPU_OFFLINE;
	if (cpu->spans.count) { /* what the kernel side counts until now, by who was there */
		uint64_t ns = sim->now_ns - cpu->since_ns;
		uint8_t was = cpu->spans.at[cpu->spans.count - 1].state;

		cpu->target_ns += was == ROTA_CPU_TARGET ? ns : 0;
		cpu->other_ns += was == ROTA_CPU_OTHER ? ns : 0;
		cpu->idle_ns += was == ROTA_CPU_IDLE ? ns : 0;
	}
	cpu->since_ns = sim->now_ns;
	span_append(&cpu->spans, span);
}

void sim_note_tid(struct schedsim *sim, uint32_t tid, uint32_t uid)
{
	sim->tids = xgrow(sim->tids, &sim->tid_capacity, sim->tid_count + 1, sizeof(*sim->tids));
	sim->tids[sim->tid_count++] = (struct sim_tid){ .since_ns = sim->now_ns, .tid = tid, .uid = uid };
}

uint32_t sim_uid_of(const struct schedsim *sim, uint32_t tid, uint64_t ts_ns)
{
	for (size_t i = sim->tid_count; i--;) {
		if (sim->tids[i].tid == tid && sim->tids[i].since_ns <= ts_ns)
			return sim->tids[i].uid;
	}
	return SIM_NOBODY;
}

struct sim_span sim_span_at(const struct sim_spans *spans, uint64_t ts_ns)
{
	size_t low = 0, high = spans->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (spans->at[middle].since_ns <= ts_ns)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? spans->at[low - 1] : (struct sim_span){ .uid = SIM_NOBODY };
}

struct rota_topology *sim_topology_new(uint32_t packages, uint32_t cores, uint32_t smt)
{
	struct rota_topology *topology = xcalloc(1, sizeof(*topology));
	uint32_t core_count = packages * cores;

	topology->cpu_count = topology->online_count = core_count * smt;
	topology->core_count = core_count;
	topology->llc_count = topology->node_count = topology->package_count = packages;
	topology->smt = smt;
	topology->cpus = xcalloc(topology->cpu_count, sizeof(*topology->cpus));
	topology->cores = xcalloc(core_count, sizeof(*topology->cores));
	for (uint32_t i = 0; i < core_count; i++) {
		struct rota_core_info *core = &topology->cores[i];

		core->package = core->llc = core->node = i / cores;
		core->cpu_count = smt;
		core->cpus = xcalloc(smt, sizeof(*core->cpus));
		for (uint32_t k = 0; k < smt; k++) {
			uint32_t cpu = k * core_count + i;

			core->cpus[k] = cpu;
			topology->cpus[cpu] = (struct rota_cpu_info){ .present = true,
								      .online = true,
								      .allowed = true,
								      .core = i,
								      .llc = core->llc,
								      .node = core->node,
								      .package = core->package,
								      .os_core = i,
								      .os_node = core->node,
								      .os_package = core->package };
		}
	}
	return topology;
}

void sim_topology_free(struct rota_topology *topology)
{
	if (!topology)
		return;
	for (uint32_t i = 0; i < topology->core_count; i++)
		free(topology->cores[i].cpus);
	free(topology->cores);
	free(topology->cpus);
	free(topology);
}
