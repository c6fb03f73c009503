/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a trace says about itself beside its records (trace/meta.h): gathered live, written by record, read by report. From
 * them comes the identity of a summary, so that live and recorded ones cannot differ.
 */
#ifndef ROTA_CMD_FACTS_H
#define ROTA_CMD_FACTS_H

#include "rota/summary.h"
#include "rota/topology.h"
#include "target/target.h"

#include <stddef.h>

struct facts {
	struct fact {
		char *key, *value;
	} * list;
	size_t count, capacity;
};

void facts_fini(struct facts *facts);
void facts_set(struct facts *facts, const char *key, const char *value); /* replaces an earlier value */
const char *facts_get(const struct facts *facts, const char *key);       /* NULL: not said */
/* This machine, this target, this moment. 0 or -errno. */
int facts_gather(struct facts *facts, const struct target *target, const char *xml, const char *offline,
		 const char *throttle_source);
void facts_set_clocks(struct facts *facts, const char *key); /* META_CLOCK_START, META_CLOCK_END: now */
/* The machine the trace was made on. 0; -ENODATA: the trace does not say; -EBADMSG: it says nonsense. */
int facts_topology(const struct facts *facts, struct rota_topology **ret_topology);
/* CLOCK_REALTIME (ns since 1970) at an instant of CLOCK_MONOTONIC; 0 where the clocks are not known. */
int64_t facts_realtime_ns(const struct facts *facts, uint64_t monotonic_ns);
int facts_utc_offset_s(const struct facts *facts);
/* Fills summary->identity and the notes that come from the facts. */
void facts_identify(const struct facts *facts, struct rota_summary *summary);

#endif
