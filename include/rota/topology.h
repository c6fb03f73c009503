/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The machine as plain data: each hardware thread's core, L3 (LLC), NUMA node and package. Made by src/host from hwloc,
 * live or from the XML inside a trace; read by everything else. No pointers into hwloc, no behaviour but look-ups.
 */
#ifndef ROTA_TOPOLOGY_H
#define ROTA_TOPOLOGY_H

#include <stdbool.h>
#include <stdint.h>

struct rota_cpu_info { /* one possible cpu (= hardware thread); all numbers are dense and logical, from 0 */
	bool present;  /* false: the kernel has no such cpu number; the other fields are then meaningless */
	bool online;   /* at the time the topology was taken */
	bool allowed;  /* rota (or the shell that started it) may run here */
	uint32_t core; /* index into rota_topology.cores */
	uint32_t llc;  /* which last-level-cache domain; every cpu has one, a cpu without known cache its package's */
	uint32_t node; /* which NUMA node, logical */
	uint32_t package;
	uint32_t os_core; /* the kernel's core_id and node number, for printing beside other tools' output */
	uint32_t os_node;
	uint32_t os_package;
};

struct rota_core_info {
	uint32_t package, llc, node;
	uint32_t cpu_count; /* hardware threads present on this core, 1 = no SMT here */
	uint32_t *cpus;     /* cpu_count kernel cpu numbers, ascending */
};

struct rota_topology {
	uint32_t cpu_count;         /* size of cpus[]: highest possible cpu number + 1 */
	struct rota_cpu_info *cpus; /* indexed by kernel cpu number */
	uint32_t core_count;
	struct rota_core_info *cores;
	uint32_t llc_count, node_count, package_count;
	uint32_t online_count; /* cpus online when it was taken */
	uint32_t smt;          /* most hardware threads on one core; 1 = a machine without SMT */
};

/* How far apart two cpus are, for migrations. Nearest class that holds. */
enum rota_distance {
	ROTA_SAME_CORE,
	ROTA_SAME_LLC,
	ROTA_SAME_NODE,
	ROTA_SAME_PACKAGE,
	ROTA_OTHER_PACKAGE,
	ROTA_DISTANCES
};

static inline enum rota_distance rota_topology_distance(const struct rota_topology *topology, uint32_t a, uint32_t b)
{
	const struct rota_cpu_info *x = &topology->cpus[a], *y = &topology->cpus[b];

	if (x->core == y->core)
		return ROTA_SAME_CORE;
	if (x->llc == y->llc)
		return ROTA_SAME_LLC;
	if (x->package != y->package)
		return ROTA_OTHER_PACKAGE; /* also where the firmware makes one node of several packages */
	return x->node == y->node ? ROTA_SAME_NODE : ROTA_SAME_PACKAGE;
}

#endif
