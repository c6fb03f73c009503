/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who shares a core with whom: occupants of cpus and the threads of T that run on them come in; how each running thread's
 * siblings spent its running time (idle, ours, others, unknown) and how many siblings of a core ran T at once go out. The
 * four sum exactly to the running time on cores with more than one hardware thread; on others nothing is added.
 */
#ifndef ROTA_METRIC_SMT_H
#define ROTA_METRIC_SMT_H

#include "metric/level.h"

enum smt_sibling { SIBLING_IDLE, SIBLING_OURS, SIBLING_OTHERS, SIBLING_UNKNOWN, SIBLINGS };

struct smt_runner { /* embedded in each thread */
	uint64_t ns[SIBLINGS];
	uint64_t since_ns; /* up to here ns[] is filled, while it runs */
};

struct smt_cpu {
	struct smt_runner *runner; /* the thread of T that runs here, NULL for none */
	uint64_t ns[SIBLINGS];
	uint64_t *beside; /* occupied by a stranger: grows by the time that this one ran beside T */
	uint32_t core;
	uint8_t occupancy; /* enum rota_occupancy */
	uint8_t sibling;   /* enum smt_sibling: which of the four its siblings are now */
	bool siblings;     /* its core has more than one hardware thread */
};

struct smt_core {
	uint64_t since_ns, unknown_ns;
	uint64_t *level_ns;
	uint32_t count[ROTA_OCCUPANCIES]; /* of its cpus */
};

struct smt {
	const struct rota_topology *topology;
	struct smt_cpu *cpus;
	struct smt_core *cores;
	uint32_t *llc_cores, *package_cores; /* cores of each that run T now */
};

/* Cpus that are offline in the topology begin as OFFLINE, all others as UNKNOWN; `level` is told so. */
void smt_init(struct smt *smt, const struct rota_topology *topology, struct level *level);
void smt_fini(struct smt *smt);
/* Forgets the time so far, keeps who is where. */
void smt_begin(struct smt *smt, uint64_t ts_ns);
/* Counts everything up to ts_ns. */
void smt_flush(struct smt *smt, uint64_t ts_ns);
/*
 * A cpu's occupancy changes. `beside`: of the stranger that is on it from now on, a sum that shall grow while a sibling
 * runs T and shares with strangers (not with others of T); NULL where there is none.
 */
void smt_occupancy(struct smt *smt, struct level *level, uint32_t cpu, uint8_t to, uint64_t *beside, uint64_t ts_ns);
/* A thread of T begins or ends to run on a cpu. */
void smt_arrive(struct smt *smt, uint32_t cpu, struct smt_runner *runner, uint64_t ts_ns);
void smt_leave(struct smt *smt, uint32_t cpu, struct smt_runner *runner, uint64_t ts_ns);

static inline struct rota_smt_split smt_split(const uint64_t ns[SIBLINGS])
{
	return (struct rota_smt_split){ .idle_ns = ns[SIBLING_IDLE],
					.ours_ns = ns[SIBLING_OURS],
					.others_ns = ns[SIBLING_OTHERS],
					.unknown_ns = ns[SIBLING_UNKNOWN] };
}

static inline void smt_split_add(struct rota_smt_split *into, const struct rota_smt_split *from)
{
	into->idle_ns += from->idle_ns;
	into->ours_ns += from->ours_ns;
	into->others_ns += from->others_ns;
	into->unknown_ns += from->unknown_ns;
}

static inline uint64_t smt_split_sum(const struct rota_smt_split *split)
{
	return split->idle_ns + split->ours_ns + split->others_ns + split->unknown_ns;
}

#endif
