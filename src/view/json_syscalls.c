/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: the summary's system calls. Goes out: the arrays `syscalls` and `syscall_totals`, null without --syscalls. */
#include "view/json_tables.h"
#include "view/json_value.h"

static void put_call(struct json_object *object, const struct rota_syscall *call)
{
	json_put(object, "syscall", json_text(call->syscall, sizeof(call->syscall)));
	json_put(object, "compat", json_object_new_boolean(call->compat));
	json_put(object, "count", json_count(call->count));
	json_put(object, "seconds", json_seconds(call->ns));
	json_put(object, "cpu_seconds", json_seconds(call->cpu_ns));
	json_put(object, "p50_us", call->p50_ns ? json_microseconds(call->p50_ns) : NULL);
	json_put(object, "p99_us", call->p99_ns ? json_microseconds(call->p99_ns) : NULL);
	json_put(object, "max_us", json_microseconds(call->max_ns));
}

struct json_object *json_syscalls(const struct rota_summary *summary)
{
	struct json_object *array;

	if (!summary->syscalls_known)
		return NULL;
	array = json_object_new_array();
	for (uint32_t i = 0; i < summary->syscall_count; i++) {
		const struct rota_syscall *call = &summary->syscalls[i];
		struct json_object *object = json_object_new_object();

		json_put(object, "tid", call->tid ? json_count(call->tid) : NULL);
		json_put(object, "tgid", call->tgid ? json_count(call->tgid) : NULL);
		json_put(object, "thread", call->tid ? json_text(call->thread, sizeof(call->thread)) : NULL);
		put_call(object, call);
		json_push(array, json_compact(object));
	}
	return array;
}

struct json_object *json_syscall_totals(const struct rota_summary *summary)
{
	struct json_object *array;

	if (!summary->syscalls_known)
		return NULL;
	array = json_object_new_array();
	for (uint32_t i = 0; i < summary->syscall_total_count; i++) {
		struct json_object *object = json_object_new_object();

		put_call(object, &summary->syscall_totals[i]);
		json_push(array, json_compact(object));
	}
	return array;
}

void json_put_call_times(struct json_object *object, const struct rota_summary *summary,
			 const struct rota_thread_summary *thread)
{
	bool known = summary->syscalls_known && !thread->folded;
	uint64_t running_ns = thread->state_ns[ROTA_RUNNING], cpu_ns = thread->syscall_cpu_ns;

	json_put(object, "syscall_seconds", json_seconds_if(known, thread->syscall_ns));
	json_put(object, "syscall_cpu_seconds", json_seconds_if(known, cpu_ns));
	json_put(object, "user_seconds", json_seconds_if(known, running_ns > cpu_ns ? running_ns - cpu_ns : 0));
}
