/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Between hwloc and rota's own table: one row a hardware thread that hwloc knows. Private to src/host. */
#ifndef ROTA_HOST_TOPOLOGY_ROWS_H
#define ROTA_HOST_TOPOLOGY_ROWS_H

#include "base/cpulist.h"
#include "rota/topology.h"

/* Equal keys: the same core, L3 domain, node, package. A key has no other meaning. */
struct topology_row {
	uint32_t cpu; /* the kernel's number */
	uint32_t core_key, llc_key, node_key, package_key;
	uint32_t os_core, os_node, os_package;
	uint32_t allowed;
};

/*
 * Numbers cores, L3 domains, nodes and packages from 0 in the order of the rows; cpus in `offline` without a row become
 * a core each. 0, or -EBADMSG: no rows, a cpu twice, a number of ROTA_CPU_MAX or above, no cpu online.
 */
int topology_build(const struct topology_row *rows, uint32_t count, const struct cpulist *offline,
		   struct rota_topology **ret_topology);

#endif
