/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The JSON of what limits T from outside: quotas of cgroups, the cpus it may use, cpus that were idle while it waited. */
#include "view/json_tables.h"
#include "view/json_value.h"

struct json_object *json_quota(const struct rota_summary *summary)
{
	struct json_object *array;

	if (!summary->quotas_known)
		return NULL;
	array = json_object_new_array();
	for (uint32_t i = 0; i < summary->quota_count; i++) {
		const struct rota_quota *quota = &summary->quotas[i];
		struct json_object *object = json_object_new_object();

		json_put(object, "cgroup", json_text(quota->cgroup, SIZE_MAX));
		json_put(object, "version", json_count(quota->v1 ? 1 : 2));
		json_put(object, "cpus", json_mean(quota->cpus > 0, quota->cpus));
		json_put(object, "throttled_seconds", json_seconds(quota->throttled_ns));
		json_put(object, "periods", json_count(quota->periods));
		json_put(object, "throttled_periods", json_count(quota->throttled_periods));
		json_put(object, "source", json_text("cpu.stat", SIZE_MAX));
		json_push(array, json_compact(object));
	}
	return array;
}

struct json_object *json_affinity(const struct rota_summary *summary)
{
	const struct rota_affinity *affinity = &summary->affinity;
	struct json_object *object;

	if (!affinity->known)
		return NULL;
	object = json_object_new_object();
	json_put(object, "allowed_cpus", json_mean(true, affinity->allowed_cpus));
	json_put(object, "cpus", json_text(affinity->cpus, sizeof(affinity->cpus)));
	json_put(object, "confined_threads", json_count(affinity->confined_threads));
	return object;
}

struct json_object *json_work_conservation(const struct rota_summary *summary)
{
	const struct rota_work_conservation *work = &summary->work_conservation;
	struct json_object *object = json_object_new_object();

	json_put(object, "idle_while_runnable_seconds", json_seconds_if(work->known, work->idle_while_runnable_ns));
	json_put(object, "untold_seconds", json_seconds(work->untold_ns));
	return object;
}

void json_limit_notes(const struct rota_summary *summary, struct json_object *array)
{
	if (!summary->quotas_known)
		json_push(array, json_text("quota is null: cgroups were not looked at.", SIZE_MAX));
	if (!summary->affinity.known)
		json_push(array,
			  json_text("affinity is null: which cpus the threads may use was not recorded.", SIZE_MAX));
	if (!summary->work_conservation.known)
		json_push(array,
			  json_text("work_conservation.idle_while_runnable_seconds is null: for a tenth or more of the "
				    "time in which threads were queued behind others it was not recorded whether "
				    "another cpu was idle (--system records it).",
				    SIZE_MAX));
}
