/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: goroutines, functions, populations. Goes out: their arrays in the JSON summary, null where there is no Go. */
#include "view/goroutine.h"
#include "view/json_tables.h"
#include "view/json_value.h"
#include "view/label.h"

static struct json_object *name_or_null(const char *name)
{
	return name && name[0] ? json_text(name, SIZE_MAX) : NULL;
}

static void put_sampled(struct json_object *object, const struct rota_sampled *sampled, bool exact, uint64_t exact_ns)
{
	json_put(object, "samples", json_count(sampled->samples));
	json_put(object, "share", json_mean(true, sampled->share));
	json_put(object, "share_error", json_mean(true, sampled->share_error));
	json_put(object, "cpu_seconds", json_seconds(goroutine_ns(sampled->cpu_ns)));
	json_put(object, "cpu_error_seconds", json_seconds(goroutine_ns(sampled->cpu_error_ns)));
	json_put(object, "exact_seconds", json_seconds_if(exact, exact_ns));
}

static struct json_object *goroutine(const struct rota_goroutine *row)
{
	struct json_object *object = json_object_new_object();

	json_put(object, "tgid", json_count(row->tgid));
	json_put(object, "goid", row->goid ? json_count(row->goid) : NULL);
	json_put(object, "function", name_or_null(row->start));
	json_put(object, "kind", json_text(goroutine_kind(row), SIZE_MAX));
	json_put(object, "folded", json_count(row->folded));
	put_sampled(object, &row->sampled, row->exact, row->exact_ns);
	json_put(object, "threads", json_count(row->thread_count));
	json_put(object, "cpus", json_count(row->cpu_count));
	json_put(object, "cores", json_count(row->core_count));
	json_put(object, "switch_outs", json_count(row->switch_outs));
	json_put(object, "runqueue_seconds", json_seconds(row->runnable_ns));
	json_put(object, "throttled_seconds", json_seconds(row->throttled_ns));
	json_put(object, "blocked_by_class", json_blocked_classes(row->class_ns));
	return json_compact(object);
}

struct json_object *json_goroutine_rows(const struct rota_summary *summary)
{
	struct json_object *array;

	if (!summary->go.runtime_count)
		return NULL;
	array = json_object_new_array();
	for (uint32_t i = 0; i < summary->go.goroutine_count; i++)
		json_push(array, goroutine(&summary->go.goroutines[i]));
	return array;
}

struct json_object *json_go_functions(const struct rota_summary *summary)
{
	struct json_object *array;

	if (!summary->go.runtime_count)
		return NULL;
	array = json_object_new_array();
	for (uint32_t i = 0; i < summary->go.function_count; i++) {
		const struct rota_go_function *row = &summary->go.functions[i];
		struct json_object *object = json_object_new_object();

		json_put(object, "tgid", json_count(row->tgid));
		json_put(object, "function", name_or_null(row->start));
		json_put(object, "kind", json_text(row->system ? "runtime" : "program", SIZE_MAX));
		json_put(object, "goroutines", json_count(row->goroutines));
		put_sampled(object, &row->sampled, row->exact, row->exact_ns);
		json_put(object, "switch_outs", json_count(row->switch_outs));
		json_put(object, "runqueue_seconds", json_seconds(row->runnable_ns));
		json_put(object, "throttled_seconds", json_seconds(row->throttled_ns));
		json_put(object, "blocked_by_class", json_blocked_classes(row->class_ns));
		json_push(array, json_compact(object));
	}
	return array;
}

struct json_object *json_go_populations(const struct rota_summary *summary)
{
	struct json_object *array;

	if (!summary->go.population_count)
		return NULL;
	array = json_object_new_array();
	for (uint32_t i = 0; i < summary->go.population_count; i++) {
		const struct rota_go_population *row = &summary->go.populations[i];
		struct json_object *object = json_object_new_object();

		json_put(object, "tgid", json_count(row->tgid));
		json_put(object, "state", json_text(label_go_status(row->status), SIZE_MAX));
		json_put(object, "reason", name_or_null(row->reason));
		json_put(object, "count", json_count(row->count));
		json_push(array, json_compact(object));
	}
	return array;
}
