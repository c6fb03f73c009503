/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Work conservation: the time during which a thread of T waited on a cpu that another thread occupied, while some other cpu
 * that it may use was idle. Queued threads come in by cpu and set of allowed cpus, and the cpus' occupancies.
 *
 * A cpu is free only while it is known to be idle and no thread of T is queued on it: the few microseconds in which an idle cpu
 * wakes up for a thread do not count, neither for that thread nor for others. Where no cpu is free, but of one that it may use
 * it was not recorded whether it was (AWAY, UNKNOWN), or its set is not known, the time is untold. Work a change is constant
 * but for changes of a cpu between busy, idle and not known: then one addition for each set of cpus (at most 64).
 */
#ifndef ROTA_METRIC_CONSERVE_H
#define ROTA_METRIC_CONSERVE_H

#include "metric/cpusets.h"
#include "rota/summary.h"

enum conserve_kind { CONSERVE_DARK, CONSERVE_BUSY, CONSERVE_IDLE, CONSERVE_OFFLINE };

struct conserve {
	const struct cpusets *sets;
	uint8_t *kinds;                                /* of each cpu: enum conserve_kind */
	uint32_t *queued;                              /* threads of T on its queue */
	uint32_t *queued_by;                           /* the same by set: cpu * CPUSETS_MAX + set */
	uint32_t behind[CPUSETS_MAX];                  /* threads of T queued on busy cpus, by set */
	uint32_t free[CPUSETS_MAX], dark[CPUSETS_MAX]; /* cpus of the set that are free, not known */
	uint32_t behind_all;
	uint32_t changes; /* of the sets, as they are counted in free and dark */
	uint64_t since_ns;
	uint64_t behind_ns, idle_ns, untold_ns;
};

void conserve_init(struct conserve *conserve, const struct cpusets *sets);
void conserve_fini(struct conserve *conserve);
void conserve_begin(struct conserve *conserve, uint64_t ts_ns);
void conserve_flush(struct conserve *conserve, uint64_t ts_ns);
/* A thread of that set is queued on `cpu` (step 1), or no longer (step UINT32_MAX). */
void conserve_queue(struct conserve *conserve, uint32_t cpu, uint8_t set, uint32_t step, uint64_t ts_ns);
/* What the cpu does has changed to another kind: what conserve_cpu() leaves to this. */
void conserve_turn(struct conserve *conserve, uint32_t cpu, uint8_t kind, uint64_t ts_ns);
/* After conserve_flush(). */
void conserve_fill(const struct conserve *conserve, struct rota_summary *summary);

/* `to`: enum rota_occupancy */
static inline void conserve_cpu(struct conserve *conserve, uint32_t cpu, uint8_t to, uint64_t ts_ns)
{
	static const uint8_t kinds[ROTA_OCCUPANCIES] = { [ROTA_CPU_TARGET] = CONSERVE_BUSY,
							 [ROTA_CPU_OTHER] = CONSERVE_BUSY,
							 [ROTA_CPU_IDLE] = CONSERVE_IDLE,
							 [ROTA_CPU_OFFLINE] = CONSERVE_OFFLINE };

	if (conserve->kinds[cpu] != kinds[to])
		conserve_turn(conserve, cpu, kinds[to], ts_ns);
}

#endif
