/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: readings. Goes out: differences. Never a difference over a reset. */
#include "metric/quota.h"
#include "base/alloc.h"
#include "metric/summary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void quotas_fini(struct quotas *quotas)
{
	for (uint32_t i = 0; i < quotas->count; i++)
		free(quotas->meters[i].path);
	free(quotas->meters);
	*quotas = (struct quotas){ 0 };
}

void quotas_begin(struct quotas *quotas)
{
	for (uint32_t i = 0; i < quotas->count; i++) {
		struct quota_meter *meter = &quotas->meters[i];

		meter->periods = meter->throttled_periods = meter->throttled_ns = 0;
		meter->limited = meter->cpus > 0;
		meter->changed = false;
		meter->first_cpus = meter->cpus;
	}
}

static struct quota_meter *meter_of(struct quotas *quotas, uint16_t number)
{
	if (!number || number >= QUOTAS_MAX)
		return NULL;
	quotas->meters = xgrow(quotas->meters, &quotas->capacity, number + 1U, sizeof(*quotas->meters));
	if (number >= quotas->count)
		quotas->count = number + 1U;
	return &quotas->meters[number];
}

static uint64_t growth(uint64_t now, uint64_t before)
{
	return now >= before ? now - before : now;
}

static void add_reading(struct quota_meter *meter, const struct rota_rec_quota *reading)
{
	double cpus =
		reading->quota_ns && reading->period_ns ? (double)reading->quota_ns / (double)reading->period_ns : 0;

	if (meter->read) {
		meter->periods += growth(reading->periods, meter->last.periods);
		meter->throttled_periods += growth(reading->throttled_periods, meter->last.throttled_periods);
		meter->throttled_ns += growth(reading->throttled_ns, meter->last.throttled_ns);
		meter->changed = meter->changed || cpus != meter->cpus;
	} else {
		meter->first_cpus = cpus;
	}
	meter->read = true;
	meter->limited = meter->limited || cpus > 0;
	meter->cpus = cpus;
	meter->period_ns = cpus > 0 ? reading->period_ns : meter->period_ns;
	meter->last = *reading;
}

void quotas_add(struct quotas *quotas, const struct texts *texts, const union rota_any_record *record)
{
	struct quota_meter *meter;

	if (record->head.type == ROTA_REC_CGROUP && !record->head.aux) {
		quotas->looked = true;
		quotas->hidden = record->head.flags & ROTA_CGROUP_HIDDEN;
		quotas->cut = record->head.flags & ROTA_CGROUP_CUT;
		return;
	}
	if (record->head.type != ROTA_REC_CGROUP && record->head.type != ROTA_REC_QUOTA)
		return;
	meter = meter_of(quotas, record->head.aux);
	if (!meter)
		return;
	if (record->head.type == ROTA_REC_CGROUP) {
		const char *path = texts_get(texts, record->cgroup.path);

		free(meter->path);
		meter->path = xstrdup(path ? path : "");
		meter->v1 = record->head.flags & ROTA_CGROUP_V1;
	} else {
		add_reading(meter, &record->quota);
	}
}

static int compare(const void *a, const void *b)
{
	const struct rota_quota *x = a, *y = b;

	if (x->cpus != y->cpus)
		return x->cpus < y->cpus ? -1 : 1;
	return strcmp(x->cgroup, y->cgroup);
}

static void note_change(const struct quota_meter *meter, struct rota_summary *summary)
{
	char from[32] = "none", to[32] = "none";

	if (meter->first_cpus > 0)
		snprintf(from, sizeof(from), "%.2f cpus", meter->first_cpus);
	if (meter->cpus > 0)
		snprintf(to, sizeof(to), "%.2f cpus", meter->cpus);
	rota_summary_note(summary, "The quota of cgroup %s changed meanwhile: it began as %s and ended as %s.",
			  meter->path ? meter->path : "?", from, to);
}

void quotas_fill(const struct quotas *quotas, struct rota_summary *summary)
{
	summary->quotas_known = quotas->looked;
	summary->quotas = xcalloc(quotas->count + 1U, sizeof(*summary->quotas));
	for (uint32_t i = 0; i < quotas->count; i++) {
		const struct quota_meter *meter = &quotas->meters[i];

		if (!meter->read || !meter->limited)
			continue;
		summary->quotas[summary->quota_count++] = (struct rota_quota){
			.cgroup = xstrdup(meter->path ? meter->path : ""),
			.v1 = meter->v1,
			.cpus = meter->cpus > 0 ? meter->cpus : meter->first_cpus,
			.period_ns = meter->period_ns,
			.periods = meter->periods,
			.throttled_periods = meter->throttled_periods,
			.throttled_ns = meter->throttled_ns,
		};
		if (meter->changed)
			note_change(meter, summary);
	}
	qsort(summary->quotas, summary->quota_count, sizeof(*summary->quotas), compare);
	if (quotas->hidden)
		rota_summary_note(
			summary,
			"rota runs in a cgroup namespace, or sees a part of the cgroups only: a limit above that "
			"part would slow the program down and not be shown.");
	if (quotas->cut)
		rota_summary_note(
			summary,
			"There are more cgroups or threads than rota looks at for limits: there may be others.");
}
