/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is said of GOMAXPROCS: as the limit, by second, and beside other limits. */
#include "go_feed.h"

#include "metric/verdict_fill.h"
#include "metric/verdict_go.h"

#define S 1000000000ULL

static const struct rota_evidence *evidence(const struct rota_verdict *verdict, const char *name)
{
	for (uint32_t i = 0; i < verdict->evidence_count; i++) {
		if (!strcmp(verdict->evidence[i].name, name))
			return &verdict->evidence[i];
	}
	return NULL;
}

static void says(const struct rota_verdict *verdict, const char *words)
{
	cr_expect(strstr(verdict->advice, words), "\"%s\" does not say \"%s\"", verdict->advice, words);
}

/* One P on two cores: for two seconds goroutines wait, then none does. */
Test(go_verdict, one_p_on_two_cores)
{
	struct feed *f = go_begin(10 * S, (struct metric_config){ 0 });
	struct rota_summary *summary;

	go_runtime(f, 10 * S - 4, 1, 0);
	feed_start(f, 10 * S);
	go_onto(f, 10 * S, 0, 0);
	go_census(f, 10 * S, TGID, 1, 4, 2, 1);
	go_census(f, 12 * S, TGID, 1, 4, 0, 1);
	summary = feed_stop(f, 13 * S);
	cr_expect_eq(summary->verdict.limit, ROTA_LIMIT_RUNTIME);
	cr_assert_eq(summary->verdict.second_count, 3);
	cr_expect_eq(summary->verdict.by_second[0], ROTA_LIMIT_RUNTIME);
	cr_expect_eq(summary->verdict.by_second[1], ROTA_LIMIT_RUNTIME);
	cr_expect_eq(summary->verdict.by_second[2], ROTA_LIMIT_SERIAL);
	says(&summary->verdict, "GOMAXPROCS=2 (now 1; it is set in the environment)");
	cr_expect(evidence(&summary->verdict, "gomaxprocs"));
	cr_expect_float_eq(evidence(&summary->verdict, "starved_share")->value, 2 / 3.0, 1e-6);
	cr_expect_float_eq(evidence(&summary->verdict, "idle_cores")->value, 1, 1e-6);
	cr_expect(evidence(&summary->verdict, "p_held_share"));
	rota_summary_free(summary);
	feed_free(f);
}

/* Only siblings are idle: GOMAXPROCS is the number of cores already. */
Test(go_verdict, siblings_are_no_cores)
{
	struct rota_topology topology;
	struct rota_summary *summary;
	struct feed *f;

	feed_topology(&topology, 1, 1, 1, 2, 2);
	f = feed_new(&topology, (struct metric_config){ 0 });
	for (int cpu = 0; cpu < 4; cpu++)
		feed_cpu(f, 10 * S - 10, cpu, NOBODY);
	go_runtime(f, 10 * S - 4, 2, 0);
	feed_start(f, 10 * S);
	go_onto(f, 10 * S, 0, 0);
	go_onto(f, 10 * S, 1, 2);
	go_census(f, 10 * S, TGID, 2, 8, 6, 2);
	summary = feed_stop(f, 12 * S);
	cr_expect_eq(summary->verdict.limit, ROTA_LIMIT_NONE);
	says(&summary->verdict, "no whole core is free: more than GOMAXPROCS=2");
	cr_assert(evidence(&summary->verdict, "idle_cores"));
	cr_expect(strstr(evidence(&summary->verdict, "idle_cores")->says, "no whole core is idle"));
	rota_summary_free(summary);
	feed_free(f);
}

Test(go_verdict, idle_ps_are_no_limit)
{
	struct feed *f = go_begin(10 * S, (struct metric_config){ 0 });
	struct rota_summary *summary;

	feed_start(f, 10 * S);
	go_onto(f, 10 * S, 0, 0);
	feed_switch(f, 10 * S + S / 10, 0, ROTA_BLOCKED, NOBODY);
	go_census(f, 10 * S, TGID, 2, 100, 0, 0);
	summary = feed_stop(f, 12 * S);
	cr_assert(evidence(&summary->verdict, "p_idle"));
	cr_expect_float_eq(evidence(&summary->verdict, "p_idle")->value, 2, 1e-9);
	rota_summary_free(summary);
	feed_free(f);
}

/* --- beside other limits --- */

struct example {
	struct rota_summary summary;
	struct rota_runtime runtime;
	struct verdict_case about;
};

static void set_up(struct example *e, enum rota_limit limit, const char *version, uint8_t setter)
{
	memset(e, 0, sizeof(*e));
	e->summary.end_ns = S;
	e->summary.core_count = 4;
	e->summary.go.runtimes = &e->runtime;
	e->summary.go.runtime_count = 1;
	snprintf(e->runtime.version, sizeof(e->runtime.version), "%s", version);
	e->runtime.gomaxprocs = 16;
	e->runtime.setter = setter;
	e->runtime.running_ns = S;
	e->about = (struct verdict_case){
		.summary = &e->summary,
		.piece = {.seconds = 1,     .known = 1, .demand = 6.95F, .parallelism = 2, .wanting = 1, .active = 1 },
		.machine = { .cpus = 8, .usable = 8, .gomaxprocs = 16 },
		.judgement = { .limit = (uint8_t)limit   },
	};
	snprintf(e->summary.verdict.advice, sizeof(e->summary.verdict.advice), "as without Go");
}

static const struct rota_verdict *advised(struct example *e)
{
	verdict_go_advise(&e->about);
	return &e->summary.verdict;
}

Test(go_verdict, lower_it_under_a_quota)
{
	struct example e;

	set_up(&e, ROTA_LIMIT_QUOTA, "go1.23.4", ROTA_SETTER_RUNTIME);
	e.about.machine.quota = 1.5;
	says(advised(&e), "GOMAXPROCS=2 for steady latency (now 16;");
	says(&e.summary.verdict, "before 1.25 Go does not look at quotas");
	says(&e.summary.verdict, "or a quota of 7.");

	set_up(&e, ROTA_LIMIT_QUOTA, "go1.25", ROTA_SETTER_RUNTIME);
	e.about.machine.quota = 1;
	says(advised(&e), "its own cgroup only");

	set_up(&e, ROTA_LIMIT_QUOTA, "go1.26.1", ROTA_SETTER_PROGRAM);
	e.about.machine.quota = 1;
	says(advised(&e), "the program sets it itself, by runtime.GOMAXPROCS(): the environment changes nothing");

	set_up(&e, ROTA_LIMIT_QUOTA, "devel go1.27", ROTA_SETTER_RUNTIME);
	e.about.machine.quota = 16;
	says(advised(&e), "as without Go"); /* it fits */
}

Test(go_verdict, beside_other_limits)
{
	struct example e;

	set_up(&e, ROTA_LIMIT_OVERSUBSCRIBED, "go1.24.4", ROTA_SETTER_ENVIRONMENT);
	says(advised(&e), "GOMAXPROCS=8, one P for each cpu");
	set_up(&e, ROTA_LIMIT_SMT, "go1.24.4", ROTA_SETTER_ENVIRONMENT);
	says(advised(&e), "Try GOMAXPROCS=4, one P for each core");
	set_up(&e, ROTA_LIMIT_NEIGHBOURS, "go1.24.4", ROTA_SETTER_ENVIRONMENT);
	says(advised(&e), "Leave GOMAXPROCS at 16");
	set_up(&e, ROTA_LIMIT_LOCK, "go1.24.4", ROTA_SETTER_ENVIRONMENT);
	says(advised(&e), "Leave GOMAXPROCS at 16");
	set_up(&e, ROTA_LIMIT_HARDWARE, "go1.24.4", ROTA_SETTER_ENVIRONMENT);
	says(advised(&e), "as without Go");
	cr_expect(evidence(&e.summary.verdict, "gomaxprocs"));
}

Test(go_verdict, what_runs_is_not_go)
{
	struct rota_process_summary others = { .tgid = 5, .state_ns = { [ROTA_RUNNING] = 3 * S } };
	struct example e;

	set_up(&e, ROTA_LIMIT_OVERSUBSCRIBED, "go1.24.4", ROTA_SETTER_ENVIRONMENT);
	e.summary.processes = &others;
	e.summary.process_count = 1;
	says(advised(&e), "as without Go");
	cr_expect_eq(e.summary.verdict.evidence_count, 0);
	e.summary.process_count = 0;
	e.runtime.lost = true;
	says(advised(&e), "as without Go");
}

Test(go_verdict, evidence_of_what_it_waits_for)
{
	struct example e;

	set_up(&e, ROTA_LIMIT_HARDWARE, "go1.24.4", ROTA_SETTER_ENVIRONMENT);
	e.runtime.held_runnable_ns = S / 2;
	e.runtime.held_throttled_ns = S / 4;
	e.runtime.syscall_ns = S;
	e.runtime.gc_known = true;
	e.runtime.known_ns = S;
	e.runtime.gc_ns = S / 2;
	e.about.piece.mutex = 3;
	advised(&e);
	cr_expect_float_eq(evidence(&e.summary.verdict, "p_without_cpu")->value, 0.5, 1e-9);
	cr_expect_float_eq(evidence(&e.summary.verdict, "p_throttled")->value, 0.25, 1e-9);
	cr_expect_float_eq(evidence(&e.summary.verdict, "in_calls")->value, 1, 1e-9);
	cr_expect_float_eq(evidence(&e.summary.verdict, "mutex_wait")->value, 3, 1e-6);
	cr_expect_float_eq(evidence(&e.summary.verdict, "gc_share")->value, 0.5, 1e-9);
}
