/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The machine's topology from hwloc: live, or from the XML inside a trace. The only user of hwloc. */
#ifndef ROTA_HOST_TOPOLOGY_H
#define ROTA_HOST_TOPOLOGY_H

#include "rota/topology.h"

/*
 * This machine, offline cpus included (hwloc's INCLUDE_DISALLOWED; /sys/devices/system/cpu/possible for those that are
 * offline, each then a core of its own where the kernel does not say). *ret_xml (malloc'd, may be NULL if not wanted)
 * is the hwloc XML to put into a trace, *ret_offline the list of possible but offline cpus ("" if none). 0 or -errno.
 */
int topology_read(struct rota_topology **ret_topology, char **ret_xml, char **ret_offline);
/* From XML and the list of offline cpus (may be NULL). The XML is hostile: -EBADMSG for what hwloc refuses. */
int topology_from_xml(const char *xml, const char *offline, struct rota_topology **ret_topology);
/* From hwloc's synthetic notation ("pack:2 core:2 pu:2"), for tests and generated traces; *ret_xml as above. */
int topology_from_synthetic(const char *description, struct rota_topology **ret_topology, char **ret_xml);
void topology_free(struct rota_topology *topology);

#endif
