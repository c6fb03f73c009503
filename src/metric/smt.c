/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: who took which cpu when. Goes out: sibling splits and cores' levels. Work a change is one core's siblings. */
#include "metric/smt.h"
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

enum sibling { SIBLING_IDLE, SIBLING_OURS, SIBLING_OTHERS, SIBLING_UNKNOWN };

static uint64_t *split_count(struct rota_smt_split *split, enum sibling sibling)
{
	switch (sibling) {
	case SIBLING_OURS:
		return &split->ours_ns;
	case SIBLING_OTHERS:
		return &split->others_ns;
	case SIBLING_UNKNOWN:
		return &split->unknown_ns;
	default:
		return &split->idle_ns;
	}
}

/* More than two siblings: ours before others before unknown before idle. An offline sibling takes nothing: idle. */
static enum sibling sibling_of(const struct smt_core *core, const struct smt_cpu *cpu)
{
	bool dark = cpu->occupancy == ROTA_CPU_AWAY || cpu->occupancy == ROTA_CPU_UNKNOWN;

	if (core->targets > (uint32_t)(cpu->occupancy == ROTA_CPU_TARGET))
		return SIBLING_OURS;
	if (core->others > (uint32_t)(cpu->occupancy == ROTA_CPU_OTHER))
		return SIBLING_OTHERS;
	return core->dark > (uint32_t)dark ? SIBLING_UNKNOWN : SIBLING_IDLE;
}

static void cpu_flush(struct smt_cpu *cpu, uint64_t ts_ns)
{
	struct smt_runner *runner = cpu->runner;

	if (!runner || !cpu->siblings)
		return;
	*split_count(&runner->split, cpu->sibling) += ts_ns - runner->since_ns;
	*split_count(&cpu->split, cpu->sibling) += ts_ns - runner->since_ns;
	runner->since_ns = ts_ns;
}

static void core_flush(struct smt_core *core, uint64_t ts_ns)
{
	if (core->unknown)
		core->unknown_ns += ts_ns - core->since_ns;
	else
		core->level_ns[core->targets] += ts_ns - core->since_ns;
	core->since_ns = ts_ns;
}

static void core_count(struct smt_core *core, uint8_t occupancy, uint32_t step)
{
	core->targets += occupancy == ROTA_CPU_TARGET ? step : 0;
	core->others += occupancy == ROTA_CPU_OTHER ? step : 0;
	core->dark += occupancy == ROTA_CPU_AWAY || occupancy == ROTA_CPU_UNKNOWN ? step : 0;
	core->unknown += occupancy == ROTA_CPU_UNKNOWN ? step : 0;
}

void smt_init(struct smt *smt, const struct rota_topology *topology, struct level *level)
{
	*smt = (struct smt){ .topology = topology,
			     .cpus = xcalloc(topology->cpu_count, sizeof(*smt->cpus)),
			     .cores = xcalloc(topology->core_count, sizeof(*smt->cores)),
			     .llc_cores = xcalloc(topology->llc_count, sizeof(*smt->llc_cores)),
			     .package_cores = xcalloc(topology->package_count, sizeof(*smt->package_cores)) };
	for (uint32_t i = 0; i < topology->core_count; i++)
		smt->cores[i].level_ns = xcalloc(topology->cores[i].cpu_count + 1U, sizeof(uint64_t));
	for (uint32_t i = 0; i < topology->cpu_count; i++) {
		const struct rota_cpu_info *info = &topology->cpus[i];
		struct smt_cpu *cpu = &smt->cpus[i];

		if (!info->present)
			continue;
		cpu->core = info->core;
		cpu->siblings = topology->cores[info->core].cpu_count > 1;
		cpu->occupancy = info->online ? ROTA_CPU_UNKNOWN : ROTA_CPU_OFFLINE;
		cpu->sibling = SIBLING_UNKNOWN;
		core_count(&smt->cores[cpu->core], cpu->occupancy, 1);
		level->unknown += cpu->occupancy == ROTA_CPU_UNKNOWN;
	}
	level_reserve(level, LEVEL_CORES, topology->core_count);
	level_reserve(level, LEVEL_LLCS, topology->llc_count);
	level_reserve(level, LEVEL_PACKAGES, topology->package_count);
}

void smt_fini(struct smt *smt)
{
	for (uint32_t i = 0; smt->cores && i < smt->topology->core_count; i++)
		free(smt->cores[i].level_ns);
	free(smt->cpus);
	free(smt->cores);
	free(smt->llc_cores);
	free(smt->package_cores);
	*smt = (struct smt){ 0 };
}

void smt_begin(struct smt *smt, uint64_t ts_ns)
{
	const struct rota_topology *topology = smt->topology;

	for (uint32_t i = 0; i < topology->cpu_count; i++) {
		smt->cpus[i].split = (struct rota_smt_split){ 0 };
		if (smt->cpus[i].runner)
			smt->cpus[i].runner->since_ns = ts_ns;
	}
	for (uint32_t i = 0; i < topology->core_count; i++) {
		struct smt_core *core = &smt->cores[i];

		memset(core->level_ns, 0, (topology->cores[i].cpu_count + 1U) * sizeof(uint64_t));
		core->unknown_ns = 0;
		core->since_ns = ts_ns;
	}
}

void smt_flush(struct smt *smt, uint64_t ts_ns)
{
	for (uint32_t i = 0; i < smt->topology->cpu_count; i++)
		cpu_flush(&smt->cpus[i], ts_ns);
	for (uint32_t i = 0; i < smt->topology->core_count; i++)
		core_flush(&smt->cores[i], ts_ns);
}

/* A core begins (step 1) or ceases (step -1) to run T. */
static void core_active(struct smt *smt, struct level *level, uint32_t core, uint32_t step, uint64_t ts_ns)
{
	const struct rota_core_info *info = &smt->topology->cores[core];
	uint32_t *llc = &smt->llc_cores[info->llc], *package = &smt->package_cores[info->package];
	bool llc_before = *llc != 0, package_before = *package != 0;

	*llc += step;
	*package += step;
	level_change(level, LEVEL_CORES, step, ts_ns);
	if (llc_before != (*llc != 0))
		level_change(level, LEVEL_LLCS, step, ts_ns);
	if (package_before != (*package != 0))
		level_change(level, LEVEL_PACKAGES, step, ts_ns);
}

void smt_occupancy(struct smt *smt, struct level *level, uint32_t cpu, uint8_t to, uint64_t ts_ns)
{
	struct smt_cpu *self = &smt->cpus[cpu];
	struct smt_core *core = &smt->cores[self->core];
	const struct rota_core_info *info = &smt->topology->cores[self->core];
	uint8_t from = self->occupancy;
	bool before = core->targets != 0;

	if (from == to)
		return;
	core_flush(core, ts_ns);
	core_count(core, from, UINT32_MAX); /* one less */
	core_count(core, to, 1);
	self->occupancy = to;
	level_unknown(level, (uint32_t)(to == ROTA_CPU_UNKNOWN) - (uint32_t)(from == ROTA_CPU_UNKNOWN), ts_ns);
	if (before != (core->targets != 0))
		core_active(smt, level, self->core, before ? UINT32_MAX : 1, ts_ns);
	if (!self->siblings)
		return;
	for (uint32_t i = 0; i < info->cpu_count; i++) {
		struct smt_cpu *other = &smt->cpus[info->cpus[i]];
		enum sibling sibling = sibling_of(core, other);

		if (sibling == other->sibling)
			continue;
		cpu_flush(other, ts_ns);
		other->sibling = (uint8_t)sibling;
	}
}

void smt_arrive(struct smt *smt, uint32_t cpu, struct smt_runner *runner, uint64_t ts_ns)
{
	cpu_flush(&smt->cpus[cpu], ts_ns);
	runner->since_ns = ts_ns;
	smt->cpus[cpu].runner = runner;
}

void smt_leave(struct smt *smt, uint32_t cpu, struct smt_runner *runner, uint64_t ts_ns)
{
	struct smt_cpu *self = &smt->cpus[cpu];

	if (self->runner == runner) {
		cpu_flush(self, ts_ns);
		self->runner = NULL;
	} else if (
		self->siblings) { /* another thread was said to run here before this one left: who shared is not known */
		runner->split.unknown_ns += ts_ns - runner->since_ns;
		runner->since_ns = ts_ns;
	}
}
