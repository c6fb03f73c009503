/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The cgroups that may limit T's cpu time: those of its threads as they become known, and every ancestor; with --cgroup also
 * all below it, with --system all there are. Goes out: CGROUP and QUOTA records of those that have a limit, at both edges of
 * the window and at every round; CGROUP number 0 says that cgroups were looked at at all, and what could not be.
 */
#ifndef ROTA_CAPTURE_QUOTA_H
#define ROTA_CAPTURE_QUOTA_H

#include "capture/members.h"
#include "capture/text.h"
#include "target/target.h"

#define QUOTA_CGROUPS_MAX 1024U /* cgroups looked at, with and without a limit */
#define QUOTA_TOLD_MAX    256U  /* with a limit: read at each edge, about 15 µs each */
#define QUOTA_NEW_MAX     4096U /* threads whose cgroups are looked up at once as they become known: about 20 µs each */
#define QUOTA_AGAIN_MAX   64U   /* and again in each round, by turns: they may have been moved */
#define QUOTA_RECHECK_MAX 128U  /* cgroups without a limit asked again in each round, by turns */

struct quotas;
/* `root` as in target/quota.h. `in_namespace`: ids in records mean others here; then only the ids of `target` are looked up. */
struct quotas *quotas_new(const char *root, const struct target *target, struct members *members, struct text *text,
			  bool in_namespace);
void quotas_free(struct quotas *quotas);
/* Finds cgroups and limits that are new; outside of the edges, for it may take some milliseconds. */
void quotas_look(struct quotas *quotas, struct drain *drain);
/* Reads and tells all that have a limit: right before an edge. */
void quotas_tell(struct quotas *quotas, struct drain *drain);

#endif
