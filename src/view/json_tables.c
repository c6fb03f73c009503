/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: the rows of a summary. Goes out: the arrays of the JSON summary, in the summary's order. docs/json.md says what
 * each field means and where it comes from.
 */
#include "view/json_tables.h"
#include "view/json_value.h"
#include "view/label.h"

struct json_object *json_migrations(const uint64_t migrations[ROTA_DISTANCES])
{
	struct json_object *object = json_object_new_object();

	for (unsigned int i = 0; i < ROTA_DISTANCES; i++)
		json_put(object, label_distance_key(i), json_count(migrations[i]));
	return json_compact(object);
}

struct json_object *json_causes(const struct rota_runqueue *queue)
{
	struct json_object *object = json_object_new_object();

	for (uint8_t i = 0; i < ROTA_CAUSES; i++) {
		struct json_object *cause = json_object_new_object();

		json_put(cause, "seconds", json_seconds(queue->cause_ns[i]));
		json_put(cause, "count", json_count(queue->cause_count[i]));
		json_put(object, label_cause(i), json_compact(cause));
	}
	return object;
}

void json_put_smt(struct json_object *object, const struct rota_smt_split *smt, bool present, const char *unknown_key)
{
	json_put(object, "sibling_idle_seconds", json_seconds_if(present, smt->idle_ns));
	json_put(object, "sibling_ours_seconds", json_seconds_if(present, smt->ours_ns));
	json_put(object, "sibling_others_seconds", json_seconds_if(present, smt->others_ns));
	json_put(object, unknown_key, json_seconds_if(present, smt->unknown_ns));
}

static void put_states(struct json_object *object, const uint64_t state_ns[ROTA_STATES], uint64_t lifetime_ns)
{
	json_put(object, "running_seconds", json_seconds(state_ns[ROTA_RUNNING]));
	json_put(object, "runqueue_seconds", json_seconds(state_ns[ROTA_RUNNABLE]));
	json_put(object, "throttled_seconds", json_seconds(state_ns[ROTA_THROTTLED]));
	json_put(object, "blocked_seconds", json_seconds(state_ns[ROTA_BLOCKED]));
	json_put(object, "stopped_seconds", json_seconds(state_ns[ROTA_STOPPED]));
	json_put(object, "unknown_seconds", json_seconds(state_ns[ROTA_UNKNOWN]));
	json_put(object, "lifetime_seconds", json_seconds(lifetime_ns));
}

static struct json_object *thread_runqueue(const struct rota_runqueue *queue)
{
	struct json_object *object = json_object_new_object();

	json_put(object, "seconds", json_seconds(queue->ns));
	json_put(object, "count", json_count(queue->count));
	json_put(object, "cut", json_count(queue->cut_count));
	json_put(object, "max_us", queue->count ? json_microseconds(queue->histogram.max_ns) : NULL);
	json_put(object, "by_cause", json_causes(queue));
	return object;
}

static struct json_object *thread_cpus(const struct rota_thread_summary *thread)
{
	struct json_object *array = json_object_new_array();

	for (uint32_t i = 0; i < thread->cpu_count; i++) {
		struct json_object *object = json_object_new_object();

		json_put(object, "cpu", json_count(thread->cpus[i].cpu));
		json_put(object, "seconds", json_seconds(thread->cpus[i].ns));
		json_push(array, json_compact(object));
	}
	return array;
}

static struct json_object *json_thread(const struct rota_summary *summary, const struct rota_thread_summary *thread)
{
	struct json_object *object = json_object_new_object();

	json_put(object, "tid", thread->folded ? NULL : json_count(thread->tid));
	json_put(object, "tgid", thread->tgid ? json_count(thread->tgid) : NULL);
	json_put(object, "name", json_text(thread->name, sizeof(thread->name)));
	json_put(object, "role", NULL);
	json_put(object, "start_boottime_ns",
		 thread->start_boottime_ns ? json_decimal(thread->start_boottime_ns) : NULL);
	json_put(object, "kthread", json_object_new_boolean(thread->kthread));
	json_put(object, "worker", json_object_new_boolean(thread->worker));
	json_put(object, "alive", json_object_new_boolean(thread->alive));
	json_put(object, "folded", json_count(thread->folded));
	put_states(object, thread->state_ns, thread->lifetime_ns);
	json_put_smt(object, &thread->smt, summary->smt_present, "smt_unknown_seconds");
	json_put(object, "criticality_seconds", json_seconds(thread->criticality_ns));
	json_put(object, "alone_seconds", json_seconds(thread->alone_ns));
	json_put(object, "mean_parallelism", json_mean(thread->state_ns[ROTA_RUNNING], thread->mean_parallelism));
	json_put_call_times(object, summary, thread);
	json_put(object, "voluntary", json_count(thread->voluntary));
	json_put(object, "involuntary", json_count(thread->involuntary));
	json_put(object, "switch_ins", json_count(thread->switch_ins));
	json_put(object, "migrations", json_migrations(thread->migrations));
	json_put(object, "runqueue", thread_runqueue(&thread->runqueue));
	json_put(object, "blocked", json_blocked(thread->blocked, thread->blocked_count));
	json_put(object, "blocked_by_class", json_blocked_classes(thread->class_ns));
	json_put(object, "cpus", thread_cpus(thread));
	json_put(object, "allowed_cpus", thread->allowed_cpus ? json_count(thread->allowed_cpus) : NULL);
	return object;
}

struct json_object *json_threads(const struct rota_summary *summary)
{
	struct json_object *array = json_object_new_array();

	for (uint32_t i = 0; i < summary->thread_count; i++)
		json_push(array, json_thread(summary, &summary->threads[i]));
	return array;
}

struct json_object *json_processes(const struct rota_summary *summary)
{
	struct json_object *array = json_object_new_array();

	for (uint32_t i = 0; i < summary->process_count; i++) {
		const struct rota_process_summary *process = &summary->processes[i];
		struct json_object *object = json_object_new_object();

		json_put(object, "tgid", process->tgid ? json_count(process->tgid) : NULL);
		json_put(object, "name", json_text(process->name, sizeof(process->name)));
		json_put(object, "threads", json_count(process->thread_count));
		put_states(object, process->state_ns, process->lifetime_ns);
		json_put_smt(object, &process->smt, summary->smt_present, "smt_unknown_seconds");
		json_put(object, "criticality_seconds", json_seconds(process->criticality_ns));
		json_put(object, "voluntary", json_count(process->voluntary));
		json_put(object, "involuntary", json_count(process->involuntary));
		json_put(object, "migrations", json_migrations(process->migrations));
		json_push(array, object);
	}
	return array;
}

struct json_object *json_cpus(const struct rota_summary *summary)
{
	const struct rota_topology *topology = summary->topology;
	struct json_object *array = json_object_new_array();

	for (uint32_t i = 0; i < summary->cpu_count; i++) {
		const struct rota_cpu_summary *cpu = &summary->cpus[i];
		const struct rota_cpu_info *info =
			topology && cpu->cpu < topology->cpu_count ? &topology->cpus[cpu->cpu] : NULL;
		struct json_object *object = json_object_new_object();
		bool sibling = summary->smt_present && (!info || info->core >= topology->core_count ||
							topology->cores[info->core].cpu_count > 1);

		json_put(object, "cpu", json_count(cpu->cpu));
		json_put(object, "core", info ? json_count(info->core) : NULL);
		json_put(object, "llc", info ? json_count(info->llc) : NULL);
		json_put(object, "node", info ? json_count(info->node) : NULL);
		json_put(object, "package", info ? json_count(info->package) : NULL);
		json_put(object, "target_seconds", json_seconds(cpu->target_ns));
		json_put(object, "other_seconds", json_seconds(cpu->other_ns));
		json_put(object, "idle_seconds", json_seconds(cpu->idle_ns));
		json_put(object, "offline_seconds", json_seconds(cpu->offline_ns));
		json_put(object, "unknown_seconds", json_seconds(cpu->unknown_ns));
		json_put(object, "steal_seconds", json_seconds_if(cpu->steal_known, cpu->steal_ns));
		json_put(object, "irq_seconds", json_seconds_if(cpu->steal_known, cpu->irq_ns));
		json_put_smt(object, &cpu->smt, sibling, "smt_unknown_seconds");
		json_put(object, "switch_ins", json_count(cpu->switch_ins));
		json_push(array, object);
	}
	return array;
}

struct json_object *json_cores(const struct rota_summary *summary)
{
	const struct rota_topology *topology = summary->topology;
	struct json_object *array = json_object_new_array();

	for (uint32_t i = 0; i < summary->core_count; i++) {
		const struct rota_core_summary *core = &summary->cores[i];
		struct json_object *object = json_object_new_object(), *cpus = json_object_new_array();
		struct json_object *levels = json_object_new_array();

		for (uint32_t k = 0;
		     topology && core->core < topology->core_count && k < topology->cores[core->core].cpu_count; k++)
			json_push(cpus, json_count(topology->cores[core->core].cpus[k]));
		for (uint32_t k = 0; k < core->level_count; k++)
			json_push(levels, json_seconds(core->level_ns[k]));
		json_put(object, "core", json_count(core->core));
		json_put(object, "package", json_count(core->package));
		json_put(object, "cpus", cpus);
		json_put(object, "target_seconds_by_level", levels);
		json_put(object, "unknown_seconds", json_seconds(core->unknown_ns));
		json_push(array, json_compact(object));
	}
	return array;
}

static void put_instead(struct json_object *object, const struct rota_wait *wait)
{
	bool known = wait->instead_known, somebody = known && wait->instead_tid;

	json_put(object, "instead", somebody ? json_text(wait->instead, sizeof(wait->instead)) : NULL);
	json_put(object, "instead_tid", known ? json_count(wait->instead_tid) : NULL);
	json_put(object, "instead_ours", known ? json_object_new_boolean(wait->instead_ours) : NULL);
	json_put(object, "instead_seconds", json_seconds_if(known, wait->instead_ns));
}

static void put_waker(struct json_object *object, const struct rota_waker *waker, const char *name)
{
	struct json_object *text = NULL;

	if (waker->known)
		text = waker->interrupt ? json_text("interrupt", SIZE_MAX) : json_text(name, ROTA_COMM_SIZE);
	json_put(object, "waker", text);
	json_put(object, "waker_tid", waker->known && !waker->interrupt ? json_count(waker->tid) : NULL);
	json_put(object, "waker_delay_us", waker->known ? json_microseconds(waker->delay_ns) : NULL);
}

struct json_object *json_waits(const struct rota_summary *summary)
{
	struct json_object *array = json_object_new_array();

	for (uint32_t i = 0; i < summary->wait_count; i++) {
		const struct rota_wait *wait = &summary->longest_waits[i];
		struct json_object *object = json_object_new_object();

		json_put(object, "at", json_seconds(wait->at_ns));
		json_put(object, "seconds", json_seconds(wait->ns));
		json_put(object, "tid", json_count(wait->tid));
		json_put(object, "tgid", wait->tgid ? json_count(wait->tgid) : NULL);
		json_put(object, "thread", json_text(wait->thread, sizeof(wait->thread)));
		json_put(object, "state",
			 json_text(wait->state == ROTA_THROTTLED ? "throttled" : "runnable", SIZE_MAX));
		json_put(object, "cause", json_text(label_cause_of(wait->state, wait->cause), SIZE_MAX));
		json_put(object, "cut", json_object_new_boolean(wait->cut));
		json_put(object, "cpu", json_count(wait->cpu));
		put_instead(object, wait);
		put_waker(object, &wait->waker, wait->waker_name);
		json_push(array, json_compact(object));
	}
	return array;
}

struct json_object *json_wakeups(const struct rota_summary *summary)
{
	struct json_object *array = json_object_new_array();

	for (uint32_t i = 0; i < summary->wakeup_count; i++) {
		const struct rota_wakeups *wakeup = &summary->wakeups[i];
		struct json_object *object = json_object_new_object();

		json_put(object, "waker",
			 wakeup->interrupt ? json_text("interrupt", SIZE_MAX)
					   : json_text(wakeup->waker, sizeof(wakeup->waker)));
		json_put(object, "waker_tid", wakeup->interrupt ? NULL : json_count(wakeup->waker_tid));
		json_put(object, "wakee", json_text(wakeup->wakee, sizeof(wakeup->wakee)));
		json_put(object, "wakee_tid", json_count(wakeup->wakee_tid));
		json_put(object, "count", json_count(wakeup->count));
		json_put(object, "mean_us",
			 wakeup->count ? json_mean(true, (double)wakeup->delay_ns / (double)wakeup->count / 1e3)
				       : NULL);
		json_push(array, json_compact(object));
	}
	return array;
}
