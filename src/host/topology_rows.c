/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: one row a hardware thread (from hwloc, possibly by way of a hostile file) and the offline cpus. Goes out:
 * struct rota_topology, dense and consistent: every cpu of a core has its core's L3 domain, node and package. Never
 * trusts a row: keys are only compared, cpu numbers are checked before they are an index.
 */
#include "host/topology_rows.h"
#include "host/topology.h"

#include "base/alloc.h"

#include <errno.h>
#include <stdlib.h>

struct numbering { /* key → dense number, in the order of first sight */
	uint32_t *keys;
	uint32_t count;
};

static uint32_t number_of(struct numbering *numbering, uint32_t key)
{
	/* newest first: hwloc's order visits everything below one object before the next object */
	for (uint32_t i = numbering->count; i-- > 0;) {
		if (numbering->keys[i] == key)
			return i;
	}
	numbering->keys[numbering->count] = key;
	return numbering->count++;
}

static void core_append(struct rota_core_info *core, uint32_t cpu)
{
	uint32_t at = core->cpu_count++;

	core->cpus = xreallocarray(core->cpus, core->cpu_count, sizeof(*core->cpus));
	for (; at > 0 && core->cpus[at - 1] > cpu; at--)
		core->cpus[at] = core->cpus[at - 1];
	core->cpus[at] = cpu;
}

static int place_rows(struct rota_topology *topology, const struct topology_row *rows, uint32_t count,
		      const struct cpulist *offline)
{
	uint32_t *keys = xcalloc((size_t)count * 4, sizeof(*keys));
	struct numbering cores = { .keys = keys }, llcs = { .keys = keys + count };
	struct numbering nodes = { .keys = keys + 2 * (size_t)count }, packages = { .keys = keys + 3 * (size_t)count };
	int err = 0;

	for (uint32_t i = 0; i < count && !err; i++) {
		const struct topology_row *row = &rows[i];
		struct rota_cpu_info *cpu = &topology->cpus[row->cpu];
		uint32_t index = number_of(&cores, row->core_key);
		struct rota_core_info *core = &topology->cores[index];

		if (cpu->present) {
			err = -EBADMSG;
			break;
		}
		if (!core->cpu_count) {
			core->package = number_of(&packages, row->package_key);
			core->llc = number_of(&llcs, row->llc_key);
			core->node = number_of(&nodes, row->node_key);
		}
		core_append(core, row->cpu);
		*cpu = (struct rota_cpu_info){
			.present = true,
			.online = !cpulist_has(offline, row->cpu),
			.allowed = row->allowed,
			.core = index,
			.llc = core->llc,
			.node = core->node,
			.package = core->package,
			.os_core = row->os_core,
			.os_node = row->os_node,
			.os_package = row->os_package,
		};
	}
	topology->core_count = cores.count;
	topology->llc_count = llcs.count;
	topology->node_count = nodes.count;
	topology->package_count = packages.count;
	free(keys);
	return err;
}

/*
 * The kernel drops what it knew of a cpu when it goes offline. Its core is then its own; for its package, node and L3
 * those of the known cpu with the nearest number are the best guess, and right wherever there is only one of each.
 */
static const struct rota_cpu_info *nearest_known(const struct rota_topology *topology, const struct cpulist *known,
						 uint32_t cpu)
{
	for (uint32_t distance = 1; distance < topology->cpu_count; distance++) {
		if (cpu >= distance && cpulist_has(known, cpu - distance))
			return &topology->cpus[cpu - distance];
		if (cpulist_has(known, cpu + distance))
			return &topology->cpus[cpu + distance];
	}
	return NULL;
}

static void place_offline(struct rota_topology *topology, const struct cpulist *known, const struct cpulist *unknown)
{
	for (uint32_t cpu = cpulist_next(unknown, 0); cpu < ROTA_CPU_MAX; cpu = cpulist_next(unknown, cpu + 1)) {
		const struct rota_cpu_info *near = nearest_known(topology, known, cpu);
		uint32_t index = topology->core_count++;
		struct rota_core_info *core = &topology->cores[index];

		core->package = near->package;
		core->llc = near->llc;
		core->node = near->node;
		core_append(core, cpu);
		topology->cpus[cpu] = (struct rota_cpu_info){
			.present = true,
			.core = index,
			.llc = near->llc,
			.node = near->node,
			.package = near->package,
			.os_core = index,
			.os_node = near->os_node,
			.os_package = near->os_package,
		};
	}
}

static void count_up(struct rota_topology *topology)
{
	for (uint32_t cpu = 0; cpu < topology->cpu_count; cpu++)
		topology->online_count += topology->cpus[cpu].present && topology->cpus[cpu].online;
	for (uint32_t core = 0; core < topology->core_count; core++) {
		if (topology->cores[core].cpu_count > topology->smt)
			topology->smt = topology->cores[core].cpu_count;
	}
}

int topology_build(const struct topology_row *rows, uint32_t count, const struct cpulist *offline,
		   struct rota_topology **ret_topology)
{
	struct cpulist known = { 0 }, unknown = *offline;
	struct rota_topology *topology;
	uint32_t highest = 0;
	int err;

	if (!count || count > ROTA_CPU_MAX)
		return -EBADMSG;
	for (uint32_t i = 0; i < count; i++) {
		if (rows[i].cpu >= ROTA_CPU_MAX)
			return -EBADMSG;
		cpulist_add(&known, rows[i].cpu);
	}
	cpulist_subtract(&unknown, &known);
	for (uint32_t cpu = 0; cpu < ROTA_CPU_MAX; cpu++) {
		if (cpulist_has(&known, cpu) || cpulist_has(&unknown, cpu))
			highest = cpu;
	}

	topology = xcalloc(1, sizeof(*topology));
	topology->cpu_count = highest + 1;
	topology->cpus = xcalloc(topology->cpu_count, sizeof(*topology->cpus));
	topology->core_count = count + cpulist_count(&unknown);
	topology->cores = xcalloc(topology->core_count, sizeof(*topology->cores));
	err = place_rows(topology, rows, count, offline);
	if (err) {
		topology_free(topology);
		return err;
	}
	place_offline(topology, &known, &unknown);
	count_up(topology);
	if (!topology->online_count) {
		topology_free(topology);
		return -EBADMSG;
	}
	*ret_topology = topology;
	return 0;
}

void topology_free(struct rota_topology *topology)
{
	if (!topology)
		return;
	for (uint32_t core = 0; core < topology->core_count; core++)
		free(topology->cores[core].cpus);
	free(topology->cores);
	free(topology->cpus);
	free(topology);
}
