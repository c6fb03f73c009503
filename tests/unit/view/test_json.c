/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The JSON summary, parsed back: every number against the summary it was made from, the sums, and what is null. */
#include "capture.h"
#include "golden.h"
#include "parsed.h"
#include "sample.h"

#include <errno.h>
#include <math.h>

Test(json, has_every_field_of_the_schema)
{
	static const char *const paths[] = {
		"schema",
		"window.seconds",
		"window.start_ns",
		"window.end_ns",
		"window.start_time",
		"target.kind",
		"target.description",
		"host.name",
		"host.kernel",
		"host.arch",
		"topology.packages",
		"topology.llcs",
		"topology.nodes",
		"topology.cores",
		"topology.cpus",
		"topology.smt",
		"coverage.fraction",
		"coverage.lost_records",
		"coverage.unknown_seconds",
		"verdict.limit",
		"verdict.sentence",
		"verdict.try",
		"verdict.evidence.0.name",
		"verdict.evidence.0.value",
		"verdict.evidence.0.unit",
		"verdict.evidence.0.says",
		"verdict.second",
		"verdict.second_says",
		"limit_by_second.29",
		"limit_step_seconds",
		"ladder.0.rung",
		"ladder.0.have",
		"ladder.0.want",
		"ladder.0.get",
		"ladder.0.stuck",
		"ladder.0.note",
		"in_progress.mean",
		"in_progress.max",
		"in_progress.levels.0.level",
		"in_progress.levels.0.seconds",
		"demand.mean",
		"demand.mean_active",
		"parallelism.active_seconds",
		"parallelism.unknown_seconds",
		"core_parallelism.levels",
		"smt.present",
		"smt.sibling_idle_seconds",
		"smt.sibling_ours_seconds",
		"smt.sibling_others_seconds",
		"smt.unknown_seconds",
		"smt.neighbours.0.thread",
		"smt.neighbours.0.tid",
		"smt.neighbours.0.tgid",
		"smt.neighbours.0.ours",
		"smt.neighbours.0.seconds",
		"smt.yield",
		"smt.yield_source",
		"longest_waits.0.at",
		"longest_waits.0.seconds",
		"longest_waits.0.tid",
		"longest_waits.0.thread",
		"longest_waits.0.cause",
		"longest_waits.0.instead",
		"longest_waits.0.waker",
		"runqueue.seconds",
		"runqueue.count",
		"runqueue.p50_us",
		"runqueue.p90_us",
		"runqueue.p99_us",
		"runqueue.max_us",
		"runqueue.by_cause.wakeup",
		"runqueue.histogram.0.0",
		"runqueue.waited_for.0.thread",
		"runqueue.waited_for.0.tgid",
		"runqueue.waited_for.0.ours",
		"runqueue.waited_for.0.seconds",
		"goroutines",
		"p",
		"syscalls",
		"work_conservation",
		"affinity",
		"overhead.bpf_seconds",
		"overhead.user_seconds",
		"blocked.0.class",
		"blocked.0.syscall",
		"blocked.0.fd_kind",
		"blocked.0.seconds",
		"blocked.0.count",
		"locks.0.address",
		"locks.0.seconds",
		"locks.0.count",
		"locks.0.waiters",
		"locks.0.wakers",
		"switches.voluntary",
		"switches.involuntary",
		"migrations.same_core",
		"migrations.same_llc",
		"migrations.same_node",
		"migrations.same_package",
		"migrations.other_package",
		"quota",
		"threads.0.tid",
		"threads.0.tgid",
		"threads.0.name",
		"threads.0.role",
		"threads.0.running_seconds",
		"threads.0.runqueue_seconds",
		"threads.0.throttled_seconds",
		"threads.0.blocked_seconds",
		"threads.0.unknown_seconds",
		"threads.0.lifetime_seconds",
		"threads.0.stopped_seconds",
		"threads.0.sibling_idle_seconds",
		"threads.0.sibling_ours_seconds",
		"threads.0.sibling_others_seconds",
		"threads.0.smt_unknown_seconds",
		"threads.0.criticality_seconds",
		"threads.0.mean_parallelism",
		"threads.0.blocked.0.seconds",
		"threads.0.voluntary",
		"threads.0.involuntary",
		"threads.0.migrations",
		"threads.0.cpus.0.cpu",
		"threads.0.cpus.0.seconds",
		"cpus.0.cpu",
		"cpus.0.core",
		"cpus.0.llc",
		"cpus.0.node",
		"cpus.0.package",
		"cpus.0.target_seconds",
		"cpus.0.other_seconds",
		"cpus.0.idle_seconds",
		"cpus.0.offline_seconds",
		"cpus.0.unknown_seconds",
		"cpus.0.steal_seconds",
		"cores.0.core",
		"cores.0.package",
		"cores.0.cpus.0",
		"cores.0.target_seconds_by_level.2",
		"wakeups.0.waker",
		"wakeups.0.wakee",
		"wakeups.0.count",
		"wakeups.0.mean_us",
		"locks",
		"runtimes",
		"notes.0",
	};
	struct rota_summary *summary = sample_service();
	struct json_object *root = parse(summary, true);

	for (size_t i = 0; i < COUNT_OF(paths); i++)
		at(root, paths[i]);
	cr_expect_str_eq(text_at(root, "schema"), "rota.summary/1");
	json_object_put(root);
	sample_free(summary);
}

Test(json, figures_are_the_summarys)
{
	struct rota_summary *summary = sample_service();
	struct json_object *root = parse(summary, false);

	cr_expect_eq(ns_at(root, "window.seconds"), 30000000000ULL);
	cr_expect_str_eq(text_at(root, "window.start_ns"), "5000000000000123");
	cr_expect_str_eq(text_at(root, "window.end_ns"), "5000030000000123");
	cr_expect_str_eq(text_at(root, "target.description"), "checkout[4711]");
	cr_expect_eq(count_at(root, "topology.cpus"), 16U);
	cr_expect_eq(json_object_get_double(at(root, "coverage.fraction")), 1.0);
	cr_expect_float_eq(json_object_get_double(at(root, "parallelism.mean")), 1.94, 1e-11);
	cr_expect_float_eq(json_object_get_double(at(root, "parallelism.mean_active")), 58.2 / 8.43, 1e-11);
	cr_expect_eq(count_at(root, "parallelism.max"), 16U);
	cr_expect_float_eq(json_object_get_double(at(root, "demand.mean")), 6.95, 1e-11);
	cr_expect_float_eq(json_object_get_double(at(root, "ladder.1.stuck")), 4.93, 1e-11);
	cr_expect_null(at(root, "ladder.0.stuck"));
	cr_expect_eq(count_at(root, "runqueue.count"), 12441U);
	cr_expect_eq(count_at(root, "runqueue.by_cause.preempted.count"), 1341U);
	cr_expect_eq(ns_at(root, "runqueue.by_cause.preempted.seconds"), 1290000000U);
	cr_expect_eq(count_at(root, "runqueue.cut"), 2U);
	cr_expect_eq(json_object_get_double(at(root, "runqueue.max_us")), 6200.0);
	cr_expect_eq(ns_at(root, "threads.0.throttled_seconds"), 11900000000ULL);
	cr_expect_str_eq(text_at(root, "longest_waits.0.cause"), "throttled");
	cr_expect_str_eq(text_at(root, "longest_waits.0.waker"), "interrupt");
	cr_expect_str_eq(text_at(root, "longest_waits.1.instead"), "envoy");
	cr_expect_null(at(root, "longest_waits.0.instead"));
	cr_expect_eq(ns_at(root, "longest_waits.1.at"), 21077000000ULL);
	cr_expect_eq(json_object_get_double(at(root, "wakeups.0.mean_us")), 12.5);
	cr_expect_eq(ns_at(root, "overhead.bpf_seconds"), 60000000U);
	cr_expect_str_eq(text_at(root, "runqueue.waited_for.0.thread"), "envoy");
	cr_expect_null(at(root, "runqueue.waited_for.2.tid"));
	json_object_put(root);
	sample_free(summary);
}

Test(json, the_verdict)
{
	struct rota_summary *summary = sample_service();
	struct json_object *root = parse(summary, true);

	cr_expect_str_eq(text_at(root, "verdict.limit"), "quota");
	cr_expect_str_eq(text_at(root, "verdict.second"), "neighbours");
	cr_expect_str_eq(text_at(root, "verdict.evidence.1.name"), "throttled_periods");
	cr_expect_eq(json_object_get_double(at(root, "verdict.evidence.1.value")), 291);
	cr_expect_eq(json_object_array_length(at(root, "limit_by_second")), 30);
	cr_expect_str_eq(text_at(root, "limit_by_second.16"), "quota");
	cr_expect_str_eq(text_at(root, "limit_by_second.17"), "none");
	cr_expect_eq(json_object_get_double(at(root, "limit_step_seconds")), 1);
	json_object_put(root);
	sample_free(summary);
}

Test(json, sums_hold)
{
	struct rota_summary *(*const makers[])(void) = { sample_service, sample_turns, sample_lossy, sample_asleep };

	for (size_t m = 0; m < COUNT_OF(makers); m++) {
		struct rota_summary *summary = makers[m]();
		struct json_object *root = parse(summary, false), *threads = at(root, "threads"),
				   *cpus = at(root, "cpus");
		uint64_t window = ns_at(root, "window.seconds"), weighted = 0;
		struct json_object *levels = at(root, "parallelism.levels");

		cr_expect_eq(sum_ns(levels, "seconds") + ns_at(root, "parallelism.unknown_seconds"), window);
		for (size_t i = 0; i < json_object_array_length(levels); i++) {
			struct json_object *level = json_object_array_get_idx(levels, i);

			weighted += count_at(level, "level") * ns_at(level, "seconds");
		}
		cr_expect_eq(sum_ns(threads, "running_seconds"), weighted);
		cr_expect_eq(sum_ns(cpus, "target_seconds"), weighted);
		cr_expect_eq(sum_ns(threads, "criticality_seconds"), ns_at(root, "parallelism.active_seconds"));
		cr_expect_eq(sum_ns(threads, "running_seconds") + sum_ns(threads, "runqueue_seconds") +
				     sum_ns(threads, "throttled_seconds") + sum_ns(threads, "blocked_seconds") +
				     sum_ns(threads, "stopped_seconds") + sum_ns(threads, "unknown_seconds"),
			     sum_ns(threads, "lifetime_seconds"));
		cr_expect_eq(sum_ns(cpus, "target_seconds") + sum_ns(cpus, "other_seconds") +
				     sum_ns(cpus, "idle_seconds") + sum_ns(cpus, "offline_seconds") +
				     sum_ns(cpus, "unknown_seconds"),
			     window * json_object_array_length(cpus));
		json_object_put(root);
		sample_free(summary);
	}
}

/* Rows, classes and the whole are the same time; a reason that was not told is null, and locks are then too. */
Test(json, blocked_time)
{
	struct rota_summary *summary = sample_service();
	struct rota_blocked untold = { .ns = 5, .count = 1, .uninterruptible = true };
	struct json_object *root = parse(summary, false);

	cr_expect_eq(sum_ns(at(root, "blocked"), "seconds"), sum_ns(at(root, "threads"), "blocked_seconds"));
	cr_expect_eq(ns_at(root, "blocked_by_class.lock"), ns_at(root, "blocked.0.seconds"));
	cr_expect_eq(ns_at(root, "blocked_by_class.page_fault"), 0);
	cr_expect_str_eq(json_object_get_string(at(root, "blocked.1.class")), "network");
	cr_expect_str_eq(json_object_get_string(at(root, "blocked.1.syscall")), "recvfrom");
	cr_expect_str_eq(json_object_get_string(at(root, "blocked.1.fd_kind")), "socket inet");
	cr_expect(json_object_get_boolean(at(root, "blocked.2.iowait")));
	cr_expect_null(at(root, "blocked.0.fd_kind"));
	cr_expect_str_eq(json_object_get_string(at(root, "locks.0.address")), "0x55d0c0ffee40");
	cr_expect_str_eq(json_object_get_string(at(root, "locks.0.name")), "cart_mutex+0x8 in checkout");
	cr_expect_null(at(root, "locks.1.name"));
	cr_expect_eq(count_at(root, "locks.0.wakers.1.count"), 16);
	json_object_put(root);
	for (uint32_t i = 0; i < ROTA_BLOCKED_CLASSES; i++)
		summary->class_ns[i] = i == ROTA_BLOCKED_UNKNOWN ? 5 : 0;
	summary->blocked_count = 1;
	summary->blocked[0] = untold;
	root = parse(summary, false);
	cr_expect_null(at(root, "locks"));
	cr_expect_null(at(root, "blocked.0.class"));
	cr_expect_null(at(root, "blocked.0.syscall"));
	cr_expect_eq(ns_at(root, "blocked_by_class.unknown"), 5);
	json_object_put(root);
	sample_free(summary);
}

Test(json, histogram_is_whole)
{
	struct rota_summary *summary = sample_service();
	struct json_object *root = parse(summary, false), *pairs = at(root, "runqueue.histogram");
	uint64_t total = 0;
	double last = -1;

	for (size_t i = 0; i < json_object_array_length(pairs); i++) {
		struct json_object *pair = json_object_array_get_idx(pairs, i);
		double upper = json_object_get_double(at(pair, "0"));

		cr_expect_gt(upper, last);
		last = upper;
		total += count_at(pair, "1");
	}
	cr_expect_eq(total, 12441U);
	cr_expect(last >= 6200 && last < 6200 * 1.008, "%f", last);
	json_object_put(root);
	sample_free(summary);
}

Test(json, what_is_not_measured_is_null_and_said)
{
	static const char *const nulls[] = { "goroutines",
					     "p",
					     "syscalls",
					     "quota",
					     "runtimes",
					     "affinity",
					     "work_conservation.idle_while_runnable_seconds",
					     "smt.sibling_idle_seconds",
					     "smt.sibling_ours_seconds",
					     "smt.unknown_seconds",
					     "smt.yield",
					     "threads.0.sibling_ours_seconds",
					     "threads.0.role",
					     "cpus.0.sibling_idle_seconds",
					     "overhead.bpf_seconds",
					     "overhead.bpf_estimated" };
	struct rota_summary *summary = sample_turns();
	struct json_object *root = parse(summary, false), *notes;
	char all[2048] = "";

	for (size_t i = 0; i < COUNT_OF(nulls); i++)
		cr_expect_null(at(root, nulls[i]), "%s", nulls[i]);
	notes = at(root, "notes");
	for (size_t i = 0; i < json_object_array_length(notes); i++)
		strncat(all, json_object_get_string(json_object_array_get_idx(notes, i)),
			sizeof(all) - strlen(all) - 1);
	for (size_t i = 0; i < 7; i++)
		cr_expect(strstr(all, nulls[i]), "no note says why %s is null", nulls[i]);
	cr_expect(strstr(all, "one hardware thread"));
	cr_expect(strstr(all, "overhead.bpf_seconds"));
	json_object_put(root);
	sample_free(summary);
}

Test(json, losses)
{
	struct rota_summary *summary = sample_lossy();
	struct json_object *root = parse(summary, false);

	cr_expect_eq(count_at(root, "coverage.lost_records"), 1204U);
	cr_expect_eq(ns_at(root, "coverage.unknown_seconds"), 2400000000U);
	cr_expect_float_eq(json_object_get_double(at(root, "coverage.fraction")), 0.998, 1e-11);
	cr_expect(json_object_get_boolean(at(root, "coverage.incomplete")));
	cr_expect_eq(count_at(root, "coverage.damaged_blocks"), 1U);
	cr_expect_eq(count_at(root, "coverage.reordered"), 12U);
	cr_expect_eq(count_at(root, "coverage.lost_cpus.1.cpu"), 3U);
	cr_expect_eq(count_at(root, "coverage.lost_cpus.1.records"), 200U);
	cr_expect_null(at(root, "coverage.lost_cpus.2.cpu"));
	cr_expect_str_eq(text_at(root, "notes.0"), "Stolen time is known to 10 ms only.");
	json_object_put(root);
	sample_free(summary);
}

Test(json, hostile_and_empty_stay_valid)
{
	struct rota_summary *summary = sample_hostile();
	struct json_object *root = parse(summary, false);

	cr_expect_str_eq(text_at(root, "threads.0.name"), "\033[2J\033[31mred");
	cr_expect_str_eq(text_at(root, "threads.2.name"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd");
	cr_expect_str_eq(text_at(root, "threads.3.name"), "日本語日本");
	cr_expect_str_eq(text_at(root, "threads.10.name"), "xxxxxxxxxxxxxxxx");
	json_object_put(root);
	sample_free(summary);
	summary = sample_empty();
	root = parse(summary, true);
	cr_expect_null(at(root, "topology"));
	cr_expect_null(at(root, "parallelism.mean_active"));
	cr_expect_null(at(root, "runqueue.p50_us"));
	cr_expect_eq(json_object_array_length(at(root, "threads")), 0U);
	json_object_put(root);
	sample_free(summary);
}

Test(json, every_field_is_documented)
{
	struct rota_summary *summary = sample_lossy();
	struct json_object *root = parse(summary, false);

	expect_all_documented(root);
	json_object_put(root);
	sample_free(summary);
}

Test(json, an_unwritable_output_is_an_error)
{
	struct rota_summary *summary = sample_service();
	FILE *full = fopen("/dev/full", "we");

	cr_assert(full);
	cr_expect_eq(json_report(full, summary, false), -ENOSPC);
	fclose(full);
	sample_free(summary);
}
