/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which cpus the threads of T may use, as sched_getaffinity(2) says: their masks within their cpusets and the cpus online.
 * Goes out: CPUSET and AFFINITY records, one only where a thread's set is new. New threads are read when they become known
 * (AFFINITY_NEW_MAX at once), the others by turns, AFFINITY_POLL_MAX a poll and AFFINITY_AGAIN_MAX a round: a change is told
 * some 100 ms late, with thousands of threads in T some seconds. A call takes about a third of a microsecond.
 */
#ifndef ROTA_CAPTURE_AFFINITY_H
#define ROTA_CAPTURE_AFFINITY_H

#include "capture/drain.h"
#include "capture/members.h"

#define AFFINITY_NEW_MAX   4096U /* threads read at once as they become known: below 2 ms */
#define AFFINITY_AGAIN_MAX 1024U /* threads read again in a round: below 0.5 ms a second */
#define AFFINITY_POLL_MAX  256U  /* and in each poll between rounds, ten a second: below 0.1 ms */
#define AFFINITY_SETS_MAX  4096U /* sets told; threads with others are not told of */

struct affinity;
/* NULL where threads cannot be asked: records name them by ids that mean others in this pid namespace (in_namespace). */
struct affinity *affinity_new(struct drain *drain, struct members *members, uint32_t cpu_count, bool in_namespace);
void affinity_free(struct affinity *affinity);
void affinity_tell_new(struct affinity *affinity);
/* Reads `most` threads again, by turns. */
void affinity_tell_again(struct affinity *affinity, uint32_t most);

#endif
