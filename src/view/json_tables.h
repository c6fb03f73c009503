/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The arrays of rota.summary/1: one value a thread, process, cpu, core, wait, wakeup. Each returns a new reference. */
#ifndef ROTA_VIEW_JSON_TABLES_H
#define ROTA_VIEW_JSON_TABLES_H

#include "rota/summary.h"

#include <json-c/json.h>

struct json_object *json_threads(const struct rota_summary *summary);
struct json_object *json_processes(const struct rota_summary *summary);
struct json_object *json_cpus(const struct rota_summary *summary);
struct json_object *json_cores(const struct rota_summary *summary);
struct json_object *json_waits(const struct rota_summary *summary);
struct json_object *json_wakeups(const struct rota_summary *summary);
struct json_object *json_syscalls(const struct rota_summary *summary);       /* null without --syscalls */
struct json_object *json_syscall_totals(const struct rota_summary *summary); /* likewise */
/* Adds a thread's time in calls and outside. */
void json_put_call_times(struct json_object *object, const struct rota_summary *summary,
			 const struct rota_thread_summary *thread);
struct json_object *json_blocked(const struct rota_blocked *blocked, uint32_t count);
struct json_object *json_blocked_classes(const uint64_t class_ns[ROTA_BLOCKED_CLASSES]);
struct json_object *json_locks(const struct rota_summary *summary);    /* null where reasons were not told */
struct json_object *json_quota(const struct rota_summary *summary);    /* null where cgroups were not looked at */
struct json_object *json_affinity(const struct rota_summary *summary); /* null where it was not recorded */
struct json_object *json_work_conservation(const struct rota_summary *summary);
/* Adds to the notes why what these three give is null. */
void json_limit_notes(const struct rota_summary *summary, struct json_object *array);
/* Sums over Go programs, and each of them; null where there is none, or nothing of that kind is known of any. */
struct json_object *json_goroutine_levels(const struct rota_summary *summary);
struct json_object *json_p(const struct rota_summary *summary);
struct json_object *json_runtimes(const struct rota_summary *summary);
struct json_object *json_goroutine_rows(const struct rota_summary *summary);
struct json_object *json_go_functions(const struct rota_summary *summary);
struct json_object *json_go_populations(const struct rota_summary *summary);
/* Adds to the notes why any of these is null. */
void json_go_notes(const struct rota_summary *summary, struct json_object *array);
/* [[upper edge in µs, count], …] */
struct json_object *json_histogram(const struct rota_histogram *of);
struct json_object *json_migrations(const uint64_t migrations[ROTA_DISTANCES]);
struct json_object *json_causes(const struct rota_runqueue *queue);
/* Adds the four times of a split; null where there is no sibling. */
void json_put_smt(struct json_object *object, const struct rota_smt_split *smt, bool present, const char *unknown_key);

#endif
