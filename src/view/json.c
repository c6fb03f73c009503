/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: a summary. Goes out: it as one JSON object, schema rota.summary/1 (docs/json.md). Complete: what the summary
 * holds is in it. What could not be measured is null with its reason among the notes, never a zero.
 */
#include "view/json_tables.h"
#include "view/json_value.h"
#include "view/view.h"

#include "base/histogram.h"
#include "base/limit.h"

#include <errno.h>
#include <string.h>

static struct json_object *window(const struct rota_summary *summary)
{
	struct json_object *object = json_object_new_object();

	json_put(object, "seconds", json_seconds(summary->end_ns - summary->start_ns));
	json_put(object, "start_ns", json_decimal(summary->start_ns));
	json_put(object, "end_ns", json_decimal(summary->end_ns));
	json_put(object, "start_time", json_text(summary->identity.start_time, SIZE_MAX));
	return object;
}

static void put_identity(struct json_object *root, const struct rota_identity *identity)
{
	struct json_object *target = json_object_new_object(), *host = json_object_new_object();

	json_put(target, "kind", json_text(identity->target_kind, SIZE_MAX));
	json_put(target, "description", json_text(identity->target_description, SIZE_MAX));
	json_put(host, "name", json_text(identity->host_name, SIZE_MAX));
	json_put(host, "kernel", json_text(identity->kernel, SIZE_MAX));
	json_put(host, "arch", json_text(identity->arch, SIZE_MAX));
	json_put(root, "rota_version", json_text(identity->rota_version, SIZE_MAX));
	json_put(root, "target", target);
	json_put(root, "host", host);
}

static struct json_object *topology(const struct rota_topology *machine)
{
	struct json_object *object;
	uint32_t present = 0;

	if (!machine)
		return NULL;
	for (uint32_t i = 0; i < machine->cpu_count; i++)
		present += machine->cpus[i].present;
	object = json_object_new_object();
	json_put(object, "packages", json_count(machine->package_count));
	json_put(object, "llcs", json_count(machine->llc_count));
	json_put(object, "nodes", json_count(machine->node_count));
	json_put(object, "cores", json_count(machine->core_count));
	json_put(object, "cpus", json_count(present));
	json_put(object, "online", json_count(machine->online_count));
	json_put(object, "smt", json_count(machine->smt));
	return object;
}

static struct json_object *coverage(const struct rota_summary *summary)
{
	struct json_object *object = json_object_new_object(), *cpus = json_object_new_array();

	for (uint32_t i = 0; i < summary->lost_cpu_count; i++) {
		const struct rota_lost_on_cpu *lost = &summary->lost_cpus[i];
		struct json_object *cpu = json_object_new_object();

		json_put(cpu, "cpu", lost->cpu == ROTA_CPU_NONE ? NULL : json_count(lost->cpu));
		json_put(cpu, "records", json_count(lost->records));
		json_push(cpus, json_compact(cpu));
	}
	json_put(object, "fraction", json_mean(true, summary->coverage));
	json_put(object, "lost_records", json_count(summary->lost_records));
	json_put(object, "unknown_seconds", json_seconds(summary->unknown_ns));
	json_put(object, "incomplete", json_object_new_boolean(summary->incomplete));
	json_put(object, "damaged_blocks", json_count(summary->damaged_blocks));
	json_put(object, "reordered", json_count(summary->reordered));
	json_put(object, "lost_cpus", cpus);
	return object;
}

static struct json_object *verdict(const struct rota_verdict *verdict)
{
	struct json_object *object = json_object_new_object(), *array = json_object_new_array();

	for (uint32_t i = 0; i < verdict->evidence_count; i++) {
		const struct rota_evidence *one = &verdict->evidence[i];
		struct json_object *row = json_object_new_object();

		json_put(row, "name", json_text(one->name, sizeof(one->name)));
		json_put(row, "value", json_mean(true, one->value));
		json_put(row, "unit", json_text(one->unit, sizeof(one->unit)));
		json_put(row, "says", json_text(one->says, sizeof(one->says)));
		json_push(array, json_compact(row));
	}
	json_put(object, "limit", json_text(limit_name(verdict->limit), SIZE_MAX));
	json_put(object, "sentence", json_text(verdict->sentence, sizeof(verdict->sentence)));
	json_put(object, "try", verdict->advice[0] ? json_text(verdict->advice, sizeof(verdict->advice)) : NULL);
	json_put(object, "evidence", array);
	json_put(object, "second", verdict->second ? json_text(limit_name(verdict->second), SIZE_MAX) : NULL);
	json_put(object, "second_says",
		 verdict->second_says[0] ? json_text(verdict->second_says, sizeof(verdict->second_says)) : NULL);
	return object;
}

static struct json_object *limit_by_second(const struct rota_verdict *verdict)
{
	struct json_object *array = json_object_new_array();

	for (uint32_t i = 0; i < verdict->second_count; i++)
		json_push(array, json_text(limit_name(verdict->by_second[i]), SIZE_MAX));
	return json_compact(array);
}

static struct json_object *ladder(const struct rota_summary *summary)
{
	struct json_object *array = json_object_new_array();

	for (uint32_t i = 0; i < summary->rung_count; i++) {
		const struct rota_rung *rung = &summary->rungs[i];
		struct json_object *object = json_object_new_object();

		json_put(object, "rung", json_text(rung->rung, SIZE_MAX));
		json_put(object, "have", json_mean(true, rung->have));
		json_put(object, "want", json_mean(rung->has_want, rung->want));
		json_put(object, "get", json_mean(rung->has_get, rung->get));
		json_put(object, "stuck", json_mean(rung->has_stuck, rung->stuck));
		json_put(object, "note", json_text(rung->note, sizeof(rung->note)));
		json_push(array, json_compact(object));
	}
	return array;
}

static struct json_object *levels(const struct rota_summary *summary, const struct rota_levels *of)
{
	struct json_object *object = json_object_new_object(), *array = json_object_new_array();
	bool known = of->unknown_ns < summary->end_ns - summary->start_ns;

	for (uint32_t i = 0; i < of->level_count; i++) {
		struct json_object *level = json_object_new_object();

		if (!of->ns[i]) {
			json_object_put(level);
			continue;
		}
		json_put(level, "level", json_count(i));
		json_put(level, "seconds", json_seconds(of->ns[i]));
		json_push(array, json_compact(level));
	}
	json_put(object, "mean", json_mean(known, of->mean));
	json_put(object, "mean_active", json_mean(of->active_ns, of->mean_active));
	json_put(object, "max", known ? json_count(of->max) : NULL);
	json_put(object, "active_seconds", json_seconds(of->active_ns));
	json_put(object, "unknown_seconds", json_seconds(of->unknown_ns));
	json_put(object, "levels", array);
	return object;
}

static struct json_object *whom(const struct rota_waited_for *list, uint32_t count)
{
	struct json_object *array = json_object_new_array();

	for (uint32_t i = 0; i < count; i++) {
		const struct rota_waited_for *who = &list[i];
		struct json_object *object = json_object_new_object();
		bool somebody = who->known && who->tid;

		json_put(object, "thread", somebody ? json_text(who->name, sizeof(who->name)) : NULL);
		json_put(object, "tid", who->known ? json_count(who->tid) : NULL);
		json_put(object, "tgid", somebody && who->tgid ? json_count(who->tgid) : NULL);
		json_put(object, "ours", who->known ? json_object_new_boolean(who->ours) : NULL);
		json_put(object, "seconds", json_seconds(who->ns));
		json_put(object, "preempted_seconds", json_seconds(who->preempted_ns));
		json_push(array, json_compact(object));
	}
	return array;
}

static struct json_object *smt(const struct rota_summary *summary)
{
	struct json_object *object = json_object_new_object();

	json_put(object, "present", json_object_new_boolean(summary->smt_present));
	json_put_smt(object, &summary->smt, summary->smt_present, "unknown_seconds");
	json_put(object, "neighbours",
		 summary->smt_present ? whom(summary->neighbours, summary->neighbour_count) : NULL);
	json_put(object, "yield", NULL);
	json_put(object, "yield_source", NULL);
	return object;
}

static struct json_object *runqueue(const struct rota_summary *summary)
{
	const struct rota_runqueue *queue = &summary->runqueue;
	const struct rota_histogram *of = &queue->histogram;
	struct json_object *object = json_object_new_object();

	json_put(object, "seconds", json_seconds(queue->ns));
	json_put(object, "count", json_count(queue->count));
	json_put(object, "cut", json_count(queue->cut_count));
	json_put(object, "p50_us", of->count ? json_microseconds(histogram_quantile_ns(of, 0.50)) : NULL);
	json_put(object, "p90_us", of->count ? json_microseconds(histogram_quantile_ns(of, 0.90)) : NULL);
	json_put(object, "p99_us", of->count ? json_microseconds(histogram_quantile_ns(of, 0.99)) : NULL);
	json_put(object, "max_us", of->count ? json_microseconds(of->max_ns) : NULL);
	json_put(object, "by_cause", json_causes(queue));
	json_put(object, "histogram", json_histogram(of));
	json_put(object, "waited_for", whom(summary->waited_for, summary->waited_for_count));
	return object;
}

static struct json_object *overhead(const struct rota_summary *summary)
{
	struct json_object *object = json_object_new_object();

	json_put(object, "bpf_seconds", json_seconds_if(summary->overhead_bpf_known, summary->overhead_bpf_ns));
	json_put(object, "bpf_estimated",
		 summary->overhead_bpf_known ? json_object_new_boolean(summary->overhead_bpf_estimated) : NULL);
	json_put(object, "user_seconds", json_seconds(summary->overhead_user_ns));
	return object;
}

static struct json_object *notes(const struct rota_summary *summary)
{
	struct json_object *array = json_object_new_array();
	bool steal_known = summary->cpu_count > 0;

	for (uint32_t i = 0; i < summary->note_count; i++)
		json_push(array, json_text(summary->notes[i], SIZE_MAX));
	for (uint32_t i = 0; i < summary->cpu_count; i++)
		steal_known = steal_known && summary->cpus[i].steal_known;
	if (!summary->smt_present)
		json_push(array,
			  json_text("The smt fields and every sibling time are null: each core of this machine has one "
				    "hardware thread.",
				    SIZE_MAX));
	if (!steal_known)
		json_push(array,
			  json_text("steal_seconds and irq_seconds are null where /proc/stat was not read.", SIZE_MAX));
	if (!summary->syscalls_known)
		json_push(array, json_text("syscalls is null: they were not followed (--syscalls of stat and record).",
					   SIZE_MAX));
	if (!summary->overhead_bpf_known)
		json_push(array,
			  json_text("overhead.bpf_seconds is null: the kernel's BPF statistics were off.", SIZE_MAX));
	json_limit_notes(summary, array);
	json_go_notes(summary, array);
	json_push(array, json_text("Not measured by this version, and therefore null: smt.yield, smt.yield_source and "
				   "threads.role.",
				   SIZE_MAX));
	return array;
}

static struct json_object *summary_object(const struct rota_summary *summary)
{
	struct json_object *root = json_object_new_object(), *switches = json_object_new_object();

	json_put(switches, "voluntary", json_count(summary->voluntary));
	json_put(switches, "involuntary", json_count(summary->involuntary));
	json_put(switches, "switch_ins", json_count(summary->switch_ins));
	json_put(root, "schema", json_text("rota.summary/1", SIZE_MAX));
	put_identity(root, &summary->identity);
	json_put(root, "window", window(summary));
	json_put(root, "topology", topology(summary->topology));
	json_put(root, "coverage", coverage(summary));
	json_put(root, "verdict", verdict(&summary->verdict));
	json_put(root, "limit_by_second", limit_by_second(&summary->verdict));
	json_put(root, "limit_step_seconds", json_seconds(summary->verdict.second_ns));
	json_put(root, "ladder", ladder(summary));
	json_put(root, "in_progress", levels(summary, &summary->in_progress));
	json_put(root, "demand", levels(summary, &summary->demand));
	json_put(root, "parallelism", levels(summary, &summary->parallelism));
	json_put(root, "core_parallelism", levels(summary, &summary->core_parallelism));
	json_put(root, "llc_parallelism", levels(summary, &summary->llc_parallelism));
	json_put(root, "package_parallelism", levels(summary, &summary->package_parallelism));
	json_put(root, "smt", smt(summary));
	json_put(root, "runqueue", runqueue(summary));
	json_put(root, "throttled_seconds", json_seconds(summary->throttled_ns));
	json_put(root, "longest_waits", json_waits(summary));
	json_put(root, "blocked", json_blocked(summary->blocked, summary->blocked_count));
	json_put(root, "blocked_by_class", json_blocked_classes(summary->class_ns));
	json_put(root, "locks", json_locks(summary));
	json_put(root, "switches", switches);
	json_put(root, "migrations", json_migrations(summary->migrations));
	json_put(root, "overhead", overhead(summary));
	json_put(root, "threads", json_threads(summary));
	json_put(root, "processes", json_processes(summary));
	json_put(root, "cpus", json_cpus(summary));
	json_put(root, "cores", json_cores(summary));
	json_put(root, "wakeups", json_wakeups(summary));
	json_put(root, "syscalls", json_syscalls(summary));
	json_put(root, "syscall_totals", json_syscall_totals(summary));
	json_put(root, "quota", json_quota(summary));
	json_put(root, "affinity", json_affinity(summary));
	json_put(root, "work_conservation", json_work_conservation(summary));
	json_put(root, "goroutines", json_goroutine_levels(summary));
	json_put(root, "p", json_p(summary));
	json_put(root, "runtimes", json_runtimes(summary));
	json_put(root, "goroutine_rows", json_goroutine_rows(summary));
	json_put(root, "go_functions", json_go_functions(summary));
	json_put(root, "go_populations", json_go_populations(summary));
	json_put(root, "notes", notes(summary));
	return root;
}

int json_report(FILE *out, const struct rota_summary *summary, bool one_line)
{
	struct json_object *root = summary_object(summary);
	int flags = JSON_C_TO_STRING_NOSLASHESCAPE |
		    (one_line ? JSON_C_TO_STRING_SPACED : JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED);
	int err = 0;

	errno = 0;
	if (fputs(json_object_to_json_string_ext(root, flags), out) < 0 || fputc('\n', out) < 0 || fflush(out) != 0)
		err = errno ? -errno : -EIO;
	json_object_put(root);
	return err;
}
