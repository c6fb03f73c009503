/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: the Go programs of a summary. Goes out: `goroutines`, `p` and `runtimes` of the JSON summary. What was never
 * looked at is null; of a program whose threads alone were followed, all that would need more is.
 */
#include "view/goroutine.h"
#include "view/json_tables.h"
#include "view/json_value.h"
#include "view/label.h"

#include "base/histogram.h"

/* The fields of levels elsewhere in the summary, and how often was looked. */
static struct json_object *looked_at(const struct rota_summary *summary, const struct rota_looked_at *of)
{
	uint64_t window_ns = summary->end_ns - summary->start_ns, active_ns = 0;
	struct json_object *object, *array;

	if (!of->looks)
		return NULL;
	object = json_object_new_object();
	array = json_object_new_array();
	for (uint32_t i = 0; i < of->level_count; i++) {
		struct json_object *level = json_object_new_object();

		active_ns += of->levels[i].level ? of->levels[i].ns : 0;
		json_put(level, "level", json_count(of->levels[i].level));
		json_put(level, "seconds", json_seconds(of->levels[i].ns));
		json_push(array, json_compact(level));
	}
	json_put(object, "looks", json_count(of->looks));
	json_put(object, "looked_seconds", json_seconds(of->looked_ns));
	json_put(object, "mean", json_mean(of->looked_ns, of->mean));
	json_put(object, "mean_active",
		 json_mean(active_ns, active_ns ? of->mean * (double)of->looked_ns / (double)active_ns : 0));
	json_put(object, "min", json_count(of->min));
	json_put(object, "max", json_count(of->max));
	json_put(object, "active_seconds", json_seconds(active_ns));
	json_put(object, "unknown_seconds", json_seconds(window_ns > of->looked_ns ? window_ns - of->looked_ns : 0));
	json_put(object, "levels", array);
	return object;
}

struct json_object *json_goroutine_levels(const struct rota_summary *summary)
{
	const struct rota_go *go = &summary->go;
	struct json_object *object;

	if (!go->in_progress.looks && !go->demand.looks && !go->running.looks)
		return NULL;
	object = json_object_new_object();
	json_put(object, "in_progress", looked_at(summary, &go->in_progress));
	json_put(object, "demand", looked_at(summary, &go->demand));
	json_put(object, "running", looked_at(summary, &go->running));
	return object;
}

struct json_object *json_p(const struct rota_summary *summary)
{
	const struct rota_go *go = &summary->go;
	struct json_object *object;

	if (!go->gomaxprocs.looks && !go->p_busy.looks)
		return NULL;
	object = json_object_new_object();
	json_put(object, "gomaxprocs", looked_at(summary, &go->gomaxprocs));
	json_put(object, "busy", looked_at(summary, &go->p_busy));
	json_put(object, "held_runqueue_seconds", json_seconds(go->held_runnable_ns));
	json_put(object, "held_throttled_seconds", json_seconds(go->held_throttled_ns));
	json_put(object, "hand_offs", json_count(go->hand_offs));
	return object;
}

struct json_object *json_histogram(const struct rota_histogram *of)
{
	struct json_object *array = json_object_new_array();

	for (uint32_t i = 0; i < of->bucket_count; i++) {
		struct json_object *pair;

		if (!of->buckets[i])
			continue;
		pair = json_object_new_array();
		json_push(pair, json_microseconds(histogram_upper_ns(i)));
		json_push(pair, json_count(of->buckets[i]));
		json_push(array, json_compact(pair));
	}
	return array;
}

static struct json_object *latency(const struct rota_histogram *of)
{
	struct json_object *object;

	if (!of->count)
		return NULL;
	object = json_object_new_object();
	json_put(object, "count", json_count(of->count));
	json_put(object, "p50_us", json_microseconds(histogram_quantile_ns(of, 0.50)));
	json_put(object, "p90_us", json_microseconds(histogram_quantile_ns(of, 0.90)));
	json_put(object, "p99_us", json_microseconds(histogram_quantile_ns(of, 0.99)));
	json_put(object, "max_us", json_microseconds(of->max_ns));
	json_put(object, "histogram", json_histogram(of));
	return object;
}

static struct json_object *text_or_null(const char *text, size_t size)
{
	return text[0] ? json_text(text, size) : NULL;
}

static struct json_object *count_if(bool known, uint64_t count)
{
	return known ? json_count(count) : NULL;
}

static void put_who(struct json_object *object, const struct rota_runtime *runtime)
{
	json_put(object, "runtime", json_text("go", SIZE_MAX));
	json_put(object, "version", text_or_null(runtime->version, sizeof(runtime->version)));
	json_put(object, "tgid", json_count(runtime->tgid));
	json_put(object, "name", json_text(runtime->name, sizeof(runtime->name)));
	json_put(object, "note", text_or_null(runtime->note, sizeof(runtime->note)));
	json_put(object, "threads_only", json_object_new_boolean(!goroutine_followed(runtime)));
	json_put(object, "lost", json_object_new_boolean(runtime->lost));
	json_put(object, "found_by", text_or_null(label_tier(runtime->tier), SIZE_MAX));
	json_put(object, "cgo", json_object_new_boolean(runtime->cgo));
	json_put(object, "pie", json_object_new_boolean(runtime->pie));
	json_put(object, "stripped", json_object_new_boolean(runtime->stripped));
	json_put(object, "exact", json_object_new_boolean(runtime->exact));
	json_put(object, "gomaxprocs", count_if(runtime->gomaxprocs, runtime->gomaxprocs));
	json_put(object, "gomaxprocs_first", count_if(runtime->gomaxprocs_first, runtime->gomaxprocs_first));
	json_put(object, "gomaxprocs_set_by", text_or_null(label_setter(runtime->setter), SIZE_MAX));
	json_put(object, "gomaxprocs_environment", count_if(runtime->environment, runtime->environment));
	json_put(object, "running_seconds", json_seconds(runtime->running_ns));
	json_put(object, "lifetime_seconds", json_seconds(runtime->lifetime_ns));
	json_put(object, "known_seconds", json_seconds(runtime->known_ns));
}

static struct json_object *samples(const struct rota_runtime *runtime)
{
	struct json_object *object = json_object_new_object();

	json_put(object, "count", json_count(runtime->samples));
	json_put(object, "scheduler", json_count(runtime->scheduler_samples));
	json_put(object, "gc", json_count(runtime->gc_samples));
	json_put(object, "spinning", json_count(runtime->spinning_samples));
	json_put(object, "cgo", json_count(runtime->cgo_samples));
	json_put(object, "foreign", json_count(runtime->foreign_samples));
	json_put(object, "unreadable", json_count(runtime->unreadable_samples));
	return json_compact(object);
}

static void put_figures(struct json_object *object, const struct rota_summary *summary,
			const struct rota_runtime *runtime)
{
	bool known = goroutine_followed(runtime);

	json_put(object, "in_progress", looked_at(summary, &runtime->in_progress));
	json_put(object, "demand", looked_at(summary, &runtime->demand));
	json_put(object, "running", looked_at(summary, &runtime->running));
	json_put(object, "p_busy", looked_at(summary, &runtime->p_busy));
	json_put(object, "threads", looked_at(summary, &runtime->m_count));
	json_put(object, "spinning", looked_at(summary, &runtime->m_spinning));
	json_put(object, "held_runqueue_seconds", json_seconds_if(known, runtime->held_runnable_ns));
	json_put(object, "held_throttled_seconds", json_seconds_if(known, runtime->held_throttled_ns));
	json_put(object, "syscall_seconds", json_seconds_if(known, runtime->syscall_ns));
	json_put(object, "cgo_seconds", json_seconds_if(known, runtime->cgo_ns));
	json_put(object, "locked_seconds", json_seconds_if(known, runtime->locked_ns));
	json_put(object, "hand_offs", count_if(known, runtime->hand_offs));
	json_put(object, "samples", known ? samples(runtime) : NULL);
	json_put(object, "gc_seconds", json_seconds_if(runtime->gc_known, runtime->gc_ns));
	json_put(object, "gc_cycles", count_if(runtime->gc_totals_known, runtime->gc_cycles));
	json_put(object, "gc_assist_seconds", json_seconds_if(runtime->gc_totals_known, runtime->gc_assist_ns));
	json_put(object, "mutex_wait_seconds", json_seconds_if(runtime->totals_known, runtime->mutex_wait_ns));
	json_put(object, "latency", latency(&runtime->latency));
}

struct json_object *json_runtimes(const struct rota_summary *summary)
{
	struct json_object *array;

	if (!summary->go.runtime_count)
		return NULL;
	array = json_object_new_array();
	for (uint32_t i = 0; i < summary->go.runtime_count; i++) {
		struct json_object *object = json_object_new_object();

		put_who(object, &summary->go.runtimes[i]);
		put_figures(object, summary, &summary->go.runtimes[i]);
		json_push(array, object);
	}
	return array;
}

void json_go_notes(const struct rota_summary *summary, struct json_object *array)
{
	const struct rota_go *go = &summary->go;

	if (!go->runtime_count) {
		json_push(
			array,
			json_text(
				"goroutines, p, runtimes, goroutine_rows, go_functions and go_populations are null: no "
				"Go program was seen among what was followed, or none was looked for (--no-go).",
				SIZE_MAX));
		return;
	}
	if (!go->in_progress.looks)
		json_push(array, json_text("goroutines and p are null: of the Go programs only threads could be "
					   "followed; runtimes[].note says why.",
					   SIZE_MAX));
	if (!go->population_count)
		json_push(array, json_text("go_populations is null: goroutines were not looked at one by one "
					   "(--go-scan of stat and record).",
					   SIZE_MAX));
}
