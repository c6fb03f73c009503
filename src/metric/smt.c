/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: who took which cpu when. Goes out: sibling splits and cores' levels. Work a change is one core's siblings. */
#include "metric/smt.h"
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* More than two siblings: ours before others before unknown before idle. An offline sibling takes nothing: idle. */
static enum smt_sibling sibling_of(const struct smt_core *core, const struct smt_cpu *cpu)
{
	uint8_t own = cpu->occupancy;
	uint32_t dark = core->count[ROTA_CPU_AWAY] + core->count[ROTA_CPU_UNKNOWN];

	if (core->count[ROTA_CPU_TARGET] > (uint32_t)(own == ROTA_CPU_TARGET))
		return SIBLING_OURS;
	if (core->count[ROTA_CPU_OTHER] > (uint32_t)(own == ROTA_CPU_OTHER))
		return SIBLING_OTHERS;
	return dark > (uint32_t)(own == ROTA_CPU_AWAY || own == ROTA_CPU_UNKNOWN) ? SIBLING_UNKNOWN : SIBLING_IDLE;
}

/* With more than two siblings several strangers may have shared: each did, for all of the time. */
static __attribute__((noinline)) void credit_strangers(const struct smt *smt, const struct smt_cpu *cpu, uint64_t dt_ns)
{
	const struct rota_core_info *info = &smt->topology->cores[cpu->core];

	for (uint32_t i = 0; i < info->cpu_count; i++) {
		uint64_t *beside = smt->cpus[info->cpus[i]].beside;

		if (beside)
			*beside += dt_ns;
	}
}

static inline void cpu_flush(const struct smt *smt, struct smt_cpu *cpu, uint64_t ts_ns)
{
	struct smt_runner *runner = cpu->runner;
	uint64_t dt_ns;

	if (!runner || !cpu->siblings)
		return;
	dt_ns = ts_ns - runner->since_ns;
	runner->ns[cpu->sibling] += dt_ns;
	cpu->ns[cpu->sibling] += dt_ns;
	runner->since_ns = ts_ns;
	if (cpu->sibling == SIBLING_OTHERS)
		credit_strangers(smt, cpu, dt_ns);
}

static inline void core_flush(struct smt_core *core, uint64_t ts_ns)
{
	uint64_t dt_ns = ts_ns - core->since_ns;

	core->since_ns = ts_ns;
	if (core->count[ROTA_CPU_UNKNOWN])
		core->unknown_ns += dt_ns;
	else
		core->level_ns[core->count[ROTA_CPU_TARGET]] += dt_ns;
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
		smt->cores[cpu->core].count[cpu->occupancy]++;
		level->unknown += cpu->occupancy == ROTA_CPU_UNKNOWN;
	}
	for (uint32_t i = 0; i < topology->cpu_count; i++)
		smt->cpus[i].sibling = (uint8_t)sibling_of(&smt->cores[smt->cpus[i].core], &smt->cpus[i]);
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
		memset(smt->cpus[i].ns, 0, sizeof(smt->cpus[i].ns));
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
		cpu_flush(smt, &smt->cpus[i], ts_ns);
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

/* What its siblings are to `cpu` may have changed. */
static inline void sibling_set(const struct smt *smt, struct smt_cpu *cpu, enum smt_sibling sibling, uint64_t ts_ns)
{
	if (sibling == cpu->sibling)
		return;
	cpu_flush(smt, cpu, ts_ns);
	cpu->sibling = (uint8_t)sibling;
}

/* Another stranger, or none, is on `self` from now on: what the siblings shared so far goes to the one before. */
static void stranger_set(const struct smt *smt, struct smt_cpu *self, uint64_t *beside, uint64_t ts_ns)
{
	const struct rota_core_info *info = &smt->topology->cores[self->core];

	for (uint32_t i = 0; i < info->cpu_count; i++) {
		struct smt_cpu *other = &smt->cpus[info->cpus[i]];

		if (other != self && other->sibling == SIBLING_OTHERS)
			cpu_flush(smt, other, ts_ns);
	}
	self->beside = beside;
}

void smt_occupancy(struct smt *smt, struct level *level, uint32_t cpu, uint8_t to, uint64_t *beside, uint64_t ts_ns)
{
	static const uint8_t alone[ROTA_OCCUPANCIES] = { [ROTA_CPU_UNKNOWN] = SIBLING_UNKNOWN,
							 [ROTA_CPU_TARGET] = SIBLING_OURS,
							 [ROTA_CPU_OTHER] = SIBLING_OTHERS,
							 [ROTA_CPU_AWAY] = SIBLING_UNKNOWN };
	struct smt_cpu *self = &smt->cpus[cpu];
	struct smt_core *core = &smt->cores[self->core];
	const struct rota_core_info *info;
	uint8_t from = self->occupancy;

	if (self->siblings && self->beside != beside)
		stranger_set(smt, self, beside, ts_ns);
	if (from == to)
		return;
	core_flush(core, ts_ns);
	core->count[from]--;
	core->count[to]++;
	self->occupancy = to;
	if (from == ROTA_CPU_UNKNOWN || to == ROTA_CPU_UNKNOWN)
		level_unknown(level, to == ROTA_CPU_UNKNOWN ? 1 : UINT32_MAX, ts_ns);
	if (to == ROTA_CPU_TARGET && core->count[to] == 1)
		core_active(smt, level, self->core, 1, ts_ns);
	if (from == ROTA_CPU_TARGET && !core->count[from])
		core_active(smt, level, self->core, UINT32_MAX, ts_ns);
	if (!self->siblings)
		return;
	info = &smt->topology->cores[self->core];
	for (uint32_t i = 0; i < info->cpu_count; i++) {
		struct smt_cpu *other = &smt->cpus[info->cpus[i]];

		if (other != self)
			sibling_set(smt, other, info->cpu_count == 2 ? alone[to] : sibling_of(core, other), ts_ns);
	}
}

void smt_arrive(struct smt *smt, uint32_t cpu, struct smt_runner *runner, uint64_t ts_ns)
{
	cpu_flush(smt, &smt->cpus[cpu], ts_ns);
	runner->since_ns = ts_ns;
	smt->cpus[cpu].runner = runner;
}

void smt_leave(struct smt *smt, uint32_t cpu, struct smt_runner *runner, uint64_t ts_ns)
{
	struct smt_cpu *self = &smt->cpus[cpu];

	if (self->runner == runner) {
		cpu_flush(smt, self, ts_ns);
		self->runner = NULL;
	} else if (
		self->siblings) { /* another thread was said to run here before this one left: who shared is not known */
		runner->ns[SIBLING_UNKNOWN] += ts_ns - runner->since_ns;
		runner->since_ns = ts_ns;
	}
}
