/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: readings. Goes out: differences. A counter that falls (a reset) counts as not having grown. */
#include "metric/meters.h"
#include "base/alloc.h"

#include <stdlib.h>

void meters_init(struct meters *meters, uint32_t cpu_count)
{
	*meters = (struct meters){ .cpu_count = cpu_count, .cpus = xcalloc(cpu_count, sizeof(*meters->cpus)) };
}

void meters_fini(struct meters *meters)
{
	free(meters->cpus);
	*meters = (struct meters){ 0 };
}

static void meter_begin(struct meter *meter)
{
	meter->has_base = meter->known;
	meter->base = meter->last;
	meter->read = false;
}

void meters_begin(struct meters *meters)
{
	for (uint32_t i = 0; i < meters->cpu_count; i++) {
		meter_begin(&meters->cpus[i].steal);
		meter_begin(&meters->cpus[i].irq);
		meters->cpus[i].lost = 0;
	}
	meter_begin(&meters->bpf);
	meter_begin(&meters->user);
	meters->lost = 0;
}

static void meter_read(struct meter *meter, uint64_t value)
{
	meter->last = value;
	meter->known = true;
	meter->read = true;
}

static uint64_t meter_growth(const struct meter *meter)
{
	return meter->last > meter->base ? meter->last - meter->base : 0;
}

/* Since boot: the first reading of all says nothing but where to count from. */
static void meter_read_from_boot(struct meter *meter, uint64_t value)
{
	bool first = !meter->known;

	meter_read(meter, value);
	if (first) {
		meter->base = value;
		meter->has_base = true;
		meter->read = false;
	}
}

void meters_cpu_time(struct meters *meters, uint32_t cpu, uint64_t steal_ns, uint64_t irq_ns)
{
	struct cpu_meters *cpu_meters;

	if (cpu >= meters->cpu_count)
		return;
	cpu_meters = &meters->cpus[cpu];
	meter_read_from_boot(&cpu_meters->steal, steal_ns);
	meter_read_from_boot(&cpu_meters->irq, irq_ns);
}

void meters_cost(struct meters *meters, const struct rota_rec_cost *cost)
{
	meter_read(&meters->bpf, cost->bpf_ns);
	meter_read(&meters->user, cost->user_ns);
	meters->bpf_known = cost->head.aux != 0;
	meters->bpf_estimated = cost->head.aux == 2;
}

void meters_lost(struct meters *meters, uint32_t cpu, uint64_t count)
{
	meters->lost += count;
	if (cpu < meters->cpu_count)
		meters->cpus[cpu].lost += count;
}

uint64_t meters_stolen_ns(const struct meters *meters)
{
	uint64_t sum_ns = 0;

	for (uint32_t i = 0; i < meters->cpu_count; i++)
		sum_ns += meter_growth(&meters->cpus[i].steal);
	return sum_ns;
}

void meters_fill(const struct meters *meters, struct rota_summary *summary)
{
	for (uint32_t i = 0; i < summary->cpu_count; i++) {
		struct rota_cpu_summary *row = &summary->cpus[i];
		const struct cpu_meters *cpu = &meters->cpus[row->cpu];

		row->steal_known = cpu->steal.has_base && cpu->steal.read;
		row->steal_ns = row->steal_known ? meter_growth(&cpu->steal) : 0;
		row->irq_ns = row->steal_known ? meter_growth(&cpu->irq) : 0;
	}
	/* these count from when the programs were loaded: without a reading before the window, from 0 */
	summary->overhead_bpf_ns = meter_growth(&meters->bpf);
	summary->overhead_user_ns = meter_growth(&meters->user);
	summary->overhead_bpf_known = meters->bpf_known;
	summary->overhead_bpf_estimated = meters->bpf_estimated;
	summary->lost_records = meters->lost;
	summary->lost_cpus = xcalloc(meters->cpu_count, sizeof(*summary->lost_cpus));
	for (uint32_t i = 0; i < meters->cpu_count; i++) {
		if (meters->cpus[i].lost)
			summary->lost_cpus[summary->lost_cpu_count++] =
				(struct rota_lost_on_cpu){ .cpu = i, .records = meters->cpus[i].lost };
	}
}
