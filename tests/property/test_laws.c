/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Random schedules through all the rooms, from chunks to a summary: the conservation laws, exactness where nothing was lost,
 * honesty where something was, and that neither the order in which cpus arrive nor the clocks' differences show.
 */
#include "metric/blocked.h"
#include "metric/laws.h"
#include "metric/metric.h"
#include "metric/summary.h"

#include "tool/sim/schedsim.c"
#include "tool/sim/oracle.c"
#include "tool/sim/pipeline.c"
#include "tool/sim/totals.c"
#include "tool/sim/configs.h"

#include <criterion/criterion.h>

#define SCHEDULES 1000

static struct rota_summary *summarise(const struct schedsim *sim, uint64_t shuffle)
{
	struct metric_config config = { .topology = sim->topology, .strip = true };
	struct metric *metric = metric_new(&config);
	struct rota_sink sink = metric_sink(metric);
	struct sim_pipeline_result result = sim_pipeline(sim, shuffle, &sink, NULL);
	struct rota_summary *summary;

	cr_assert_eq(result.finished, 0);
	cr_assert_eq(result.damaged, 0);
	summary = metric_take(metric);
	cr_assert_not_null(summary);
	metric_free(metric);
	return summary;
}

static void check_laws(const struct rota_summary *summary, uint64_t seed)
{
	char why[256];

	cr_assert_eq(metric_check(summary, why, sizeof(why)), 0, "seed %llu: %s", (unsigned long long)seed, why);
}

/* Returns how many events were mended. */
static uint64_t check_oracle(const struct schedsim *sim, uint64_t seed, bool lossless, bool skewed)
{
	struct oracle *oracle = oracle_new(sim, lossless, skewed);
	struct rota_sink sink = oracle_sink(oracle);
	struct sim_pipeline_result result = sim_pipeline(sim, seed, &sink, (void (*)(void *))oracle_check_step);

	oracle_check_end(oracle);
	cr_assert_eq(oracle->failures, 0, "seed %llu: %llu failures, first %s", (unsigned long long)seed,
		     (unsigned long long)oracle->failures, oracle->first);
	oracle_free(oracle);
	return result.reordered;
}

/* --- the laws again, by hand: they must not depend on what src/metric thinks they are ---------------------------- */

static uint64_t levels_sum(const struct rota_levels *levels, bool weighted)
{
	uint64_t sum = 0;

	for (uint32_t k = 0; k < levels->level_count; k++)
		sum += levels->ns[k] * (weighted ? k : 1);
	return sum;
}

static void check_conservation(const struct rota_summary *summary, uint64_t seed)
{
	const struct rota_levels *levels[] = { &summary->in_progress, &summary->demand, &summary->parallelism,
					       &summary->core_parallelism };
	uint64_t window_ns = summary->end_ns - summary->start_ns, running_ns = 0, target_ns = 0, criticality_ns = 0;

	for (unsigned int i = 0; i < 4; i++)
		cr_assert_eq(levels_sum(levels[i], false) + levels[i]->unknown_ns, window_ns, "seed %llu level %u",
			     (unsigned long long)seed, i);
	for (unsigned int i = 0; i + 1 < 4; i++)
		cr_assert_geq(levels_sum(levels[i], true), levels_sum(levels[i + 1], true));
	for (uint32_t i = 0; i < summary->thread_count; i++) {
		const struct rota_thread_summary *thread = &summary->threads[i];
		uint64_t sum_ns = 0;

		for (unsigned int state = ROTA_UNKNOWN; state < ROTA_STATES; state++)
			sum_ns += thread->state_ns[state];
		cr_assert_eq(sum_ns, thread->lifetime_ns);
		running_ns += thread->state_ns[ROTA_RUNNING];
		criticality_ns += thread->criticality_ns;
	}
	for (uint32_t i = 0; i < summary->cpu_count; i++) {
		const struct rota_cpu_summary *cpu = &summary->cpus[i];

		cr_assert_eq(cpu->target_ns + cpu->other_ns + cpu->idle_ns + cpu->offline_ns + cpu->unknown_ns,
			     window_ns, "seed %llu cpu %u", (unsigned long long)seed, cpu->cpu);
		target_ns += cpu->target_ns;
	}
	cr_assert_eq(running_ns, target_ns, "seed %llu", (unsigned long long)seed);
	cr_assert_leq(levels_sum(&summary->parallelism, true), running_ns);
	cr_assert_leq(criticality_ns, summary->parallelism.active_ns + summary->thread_count);
	cr_assert_geq(criticality_ns + summary->thread_count, summary->parallelism.active_ns);
	if (summary->smt_present && summary->core_count && summary->cpu_count > summary->core_count)
		cr_assert_eq(summary->smt.idle_ns + summary->smt.ours_ns + summary->smt.others_ns +
				     summary->smt.unknown_ns,
			     running_ns);
}

/* --- without loss: exactly what was ------------------------------------------------------------------------------ */

static void check_levels_exact(const struct rota_levels *levels, const uint64_t *truth, uint64_t seed, const char *name)
{
	cr_assert_eq(levels->unknown_ns, 0, "seed %llu: %s", (unsigned long long)seed, name);
	for (uint32_t k = 0; k < SIM_LEVELS; k++) {
		uint64_t ns = k < levels->level_count ? levels->ns[k] : 0;

		cr_assert_eq(ns, truth[k], "seed %llu: %s level %u: %llu ns instead of %llu", (unsigned long long)seed,
			     name, k, (unsigned long long)ns, (unsigned long long)truth[k]);
	}
}

static void check_cpus_exact(const struct rota_summary *summary, const struct sim_totals *totals,
			     const struct schedsim *sim, uint64_t seed)
{
	/* one snapshot lies so far from START or STOP at most; which of it was idle is not told */
	uint64_t edge_ns = 4ULL * sim->cpu_count + 8;

	for (uint32_t i = 0; i < summary->cpu_count; i++) {
		const struct rota_cpu_summary *cpu = &summary->cpus[i];
		const uint64_t *truth = &totals->cpu_ns[(size_t)cpu->cpu * ROTA_OCCUPANCIES];

		cr_assert_eq(cpu->target_ns, truth[ROTA_CPU_TARGET], "seed %llu cpu %u", (unsigned long long)seed, i);
		cr_assert_eq(cpu->offline_ns, truth[ROTA_CPU_OFFLINE], "seed %llu cpu %u", (unsigned long long)seed, i);
		cr_assert_leq(cpu->other_ns, truth[ROTA_CPU_OTHER] + edge_ns, "seed %llu cpu %u",
			      (unsigned long long)seed, i);
		cr_assert_leq(cpu->idle_ns, truth[ROTA_CPU_IDLE] + edge_ns, "seed %llu cpu %u",
			      (unsigned long long)seed, i);
		if (!sim->config.hotplug) /* a cpu that went off in mid-interval leaves its counters' last piece open */
			cr_assert_leq(cpu->unknown_ns, edge_ns, "seed %llu cpu %u: %llu", (unsigned long long)seed, i,
				      (unsigned long long)cpu->unknown_ns);
	}
}

static void check_waits_exact(const struct rota_summary *summary, const struct sim_totals *totals, uint64_t seed)
{
	const struct rota_runqueue *runqueue = &summary->runqueue;
	uint64_t sum_ns = 0;

	cr_assert_eq(runqueue->count, totals->waits, "seed %llu: %llu waits instead of %llu", (unsigned long long)seed,
		     (unsigned long long)runqueue->count, (unsigned long long)totals->waits);
	cr_assert_eq(runqueue->cut_count, totals->cut_waits, "seed %llu: %llu cut instead of %llu",
		     (unsigned long long)seed, (unsigned long long)runqueue->cut_count,
		     (unsigned long long)totals->cut_waits);
	for (unsigned int cause = 0; cause < ROTA_CAUSES; cause++) {
		cr_assert_eq(runqueue->cause_ns[cause], totals->wait_ns[cause], "seed %llu cause %u",
			     (unsigned long long)seed, cause);
		cr_assert_eq(runqueue->cause_count[cause], totals->wait_count[cause], "seed %llu cause %u",
			     (unsigned long long)seed, cause);
		sum_ns += totals->wait_ns[cause];
	}
	cr_assert_eq(runqueue->ns, sum_ns);
	cr_assert_eq(summary->throttled_ns, totals->state_ns[ROTA_THROTTLED], "seed %llu", (unsigned long long)seed);
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* The rows' times, whoever they are called: names, tids and start times change by exec. */
static void check_threads_exact(const struct rota_summary *summary, const struct sim_totals *totals,
				const struct schedsim *sim, uint64_t seed)
{
	for (unsigned int state = ROTA_UNKNOWN; state < ROTA_STATES; state++) {
		uint64_t *rows = xcalloc(summary->thread_count, sizeof(*rows));
		uint64_t *truth = xcalloc(sim->thread_count, sizeof(*truth));
		size_t row_count = 0, truth_count = 0;

		for (uint32_t i = 0; i < summary->thread_count; i++) {
			if (summary->threads[i].state_ns[state])
				rows[row_count++] = summary->threads[i].state_ns[state];
		}
		for (size_t i = 0; i < sim->thread_count; i++) {
			if (totals->thread_ns[i * ROTA_STATES + state])
				truth[truth_count++] = totals->thread_ns[i * ROTA_STATES + state];
		}
		cr_assert_eq(row_count, truth_count, "seed %llu state %u: %zu rows instead of %zu",
			     (unsigned long long)seed, state, row_count, truth_count);
		qsort(rows, row_count, sizeof(*rows), by_number);
		qsort(truth, truth_count, sizeof(*truth), by_number);
		cr_assert_eq(memcmp(rows, truth, row_count * sizeof(*rows)), 0, "seed %llu state %u",
			     (unsigned long long)seed, state);
		free(rows);
		free(truth);
	}
}

struct stays {                  /* time BLOCKED in the window, of all threads */
	uint64_t ns, before_ns; /* in all; of that, of stays that began before the window */
};

/* Of stays that are described like `like`, or on `address` if that is not 0. */
static struct stays stays_like(const struct schedsim *sim, const struct rota_blocked *like, uint64_t address)
{
	struct stays sum = { 0 };

	for (size_t i = 0; i < sim->thread_count; i++) {
		const struct sim_spans *spans = &sim->threads[i].spans;

		for (size_t k = 0; k < spans->count; k++) {
			const struct sim_span *span = &spans->at[k];
			uint64_t end_ns = k + 1 < spans->count ? span[1].since_ns : sim->stop_ns;
			uint64_t since_ns = span->since_ns > sim->start_ns ? span->since_ns : sim->start_ns;
			struct rota_thread_transition told = { .reason = span->reason };
			struct rota_blocked is;

			end_ns = end_ns < sim->stop_ns ? end_ns : sim->stop_ns;
			if (span->state != ROTA_BLOCKED || since_ns >= end_ns || (address && span->argument != address))
				continue;
			if (!address)
				blocked_describe(blocked_kind(&told), NULL, &is);
			if (!address && (is.blocked_class != like->blocked_class || strcmp(is.syscall, like->syscall) ||
					 strcmp(is.fd_kind, like->fd_kind)))
				continue;
			sum.ns += end_ns - since_ns;
			sum.before_ns += span->since_ns <= sim->start_ns ? end_ns - since_ns : 0;
		}
	}
	return sum;
}

/* What was told is what was; only what threads blocked in before the window may be not known. */
static void check_blocked_exact(const struct rota_summary *summary, const struct schedsim *sim, uint64_t seed)
{
	bool merged = false;

	for (uint32_t i = 0; i < summary->blocked_count; i++)
		merged |= summary->blocked[i].merged;
	for (uint32_t i = 0; i < summary->blocked_count; i++) {
		const struct rota_blocked *row = &summary->blocked[i];
		struct stays truth = stays_like(sim, row, 0);

		if (row->merged || row->blocked_class == ROTA_BLOCKED_UNKNOWN)
			continue;
		cr_assert(row->ns <= truth.ns && (merged || row->ns + truth.before_ns >= truth.ns),
			  "seed %llu: %llu ns in %s %s instead of %llu", (unsigned long long)seed,
			  (unsigned long long)row->ns, row->syscall, row->fd_kind, (unsigned long long)truth.ns);
	}
	for (uint32_t i = 0; i < summary->lock_count; i++) {
		const struct rota_lock *lock = &summary->locks[i];
		struct stays truth = stays_like(sim, NULL, lock->address);

		cr_assert(lock->ns <= truth.ns && lock->ns + truth.before_ns >= truth.ns,
			  "seed %llu: %llu ns on %llx instead of %llu", (unsigned long long)seed,
			  (unsigned long long)lock->ns, (unsigned long long)lock->address,
			  (unsigned long long)truth.ns);
	}
}

static void check_exact(const struct rota_summary *summary, const struct schedsim *sim, uint64_t seed)
{
	struct sim_totals *totals = sim_totals_new(sim);

	cr_assert_eq(summary->start_ns, sim->start_ns);
	cr_assert_eq(summary->end_ns, sim->stop_ns);
	check_levels_exact(&summary->in_progress, totals->level_ns[SIM_N], seed, "in progress");
	check_levels_exact(&summary->demand, totals->level_ns[SIM_K], seed, "demand");
	check_levels_exact(&summary->parallelism, totals->level_ns[SIM_P], seed, "parallelism");
	check_levels_exact(&summary->core_parallelism, totals->level_ns[SIM_C], seed, "cores");
	check_cpus_exact(summary, totals, sim, seed);
	check_waits_exact(summary, totals, seed);
	check_threads_exact(summary, totals, sim, seed);
	if (seed % 16 == 0) /* it takes time */
		check_blocked_exact(summary, sim, seed);
	cr_assert_eq(summary->voluntary, totals->voluntary, "seed %llu", (unsigned long long)seed);
	cr_assert_eq(summary->involuntary, totals->involuntary, "seed %llu", (unsigned long long)seed);
	cr_assert_eq(summary->switch_ins, totals->switch_ins, "seed %llu", (unsigned long long)seed);
	if (sim->config.smt > 1) {
		cr_assert_eq(summary->smt.idle_ns, totals->smt_ns[0], "seed %llu: idle", (unsigned long long)seed);
		cr_assert_eq(summary->smt.ours_ns, totals->smt_ns[1], "seed %llu: ours", (unsigned long long)seed);
		cr_assert_eq(summary->smt.others_ns, totals->smt_ns[2], "seed %llu: others", (unsigned long long)seed);
		cr_assert_eq(summary->smt.unknown_ns, totals->smt_ns[3], "seed %llu: untold", (unsigned long long)seed);
	}
	for (unsigned int i = 0; i < ROTA_DISTANCES; i++)
		cr_assert(summary->migrations[i] >= totals->migrations_least[i] &&
				  summary->migrations[i] <= totals->migrations_most[i],
			  "seed %llu distance %u: %llu, at least %llu, at most %llu", (unsigned long long)seed, i,
			  (unsigned long long)summary->migrations[i], (unsigned long long)totals->migrations_least[i],
			  (unsigned long long)totals->migrations_most[i]);
	sim_totals_free(totals);
}

Test(laws, without_loss_the_summary_is_what_was)
{
	for (uint64_t seed = 1; seed <= SCHEDULES; seed++) {
		struct schedsim_config config = sim_random_config(seed);
		struct schedsim *sim = schedsim_run(&config, seed);
		struct rota_summary *summary = summarise(sim, 0);

		check_laws(summary, seed);
		check_conservation(summary, seed);
		check_exact(summary, sim, seed);
		cr_assert_eq(check_oracle(sim, seed, true, false), 0, "seed %llu: nothing was to be mended",
			     (unsigned long long)seed);
		rota_summary_free(summary);
		schedsim_free(sim);
	}
}

/* --- the order of arrival ------------------------------------------------------------------------------------------ */

static void check_same_levels(const struct rota_levels *a, const struct rota_levels *b, uint64_t seed)
{
	cr_assert_eq(a->level_count, b->level_count, "seed %llu", (unsigned long long)seed);
	cr_assert_eq(memcmp(a->ns, b->ns, a->level_count * sizeof(*a->ns)), 0, "seed %llu", (unsigned long long)seed);
	cr_assert_eq(a->unknown_ns, b->unknown_ns);
}

static void check_same(const struct rota_summary *a, const struct rota_summary *b, uint64_t seed)
{
	check_same_levels(&a->in_progress, &b->in_progress, seed);
	check_same_levels(&a->demand, &b->demand, seed);
	check_same_levels(&a->parallelism, &b->parallelism, seed);
	check_same_levels(&a->core_parallelism, &b->core_parallelism, seed);
	cr_assert_eq(memcmp(&a->smt, &b->smt, sizeof(a->smt)), 0);
	cr_assert_eq(memcmp(a->runqueue.cause_ns, b->runqueue.cause_ns, sizeof(a->runqueue.cause_ns)), 0);
	cr_assert_eq(a->unknown_ns, b->unknown_ns);
	cr_assert_eq(a->lost_records, b->lost_records);
	cr_assert_eq(a->thread_count, b->thread_count);
	for (uint32_t i = 0; i < a->thread_count; i++) {
		cr_assert_eq(a->threads[i].tid, b->threads[i].tid, "seed %llu row %u", (unsigned long long)seed, i);
		cr_assert_eq(memcmp(a->threads[i].state_ns, b->threads[i].state_ns, sizeof(a->threads[i].state_ns)), 0);
		cr_assert_eq(a->threads[i].criticality_ns, b->threads[i].criticality_ns);
	}
	cr_assert_eq(a->cpu_count, b->cpu_count);
	for (uint32_t i = 0; i < a->cpu_count; i++)
		cr_assert_eq(memcmp(&a->cpus[i], &b->cpus[i], sizeof(a->cpus[i])), 0, "seed %llu cpu %u",
			     (unsigned long long)seed, i);
	cr_assert_eq(a->wait_count, b->wait_count);
	for (uint32_t i = 0; i < a->wait_count; i++) {
		cr_assert_eq(a->longest_waits[i].at_ns, b->longest_waits[i].at_ns);
		cr_assert_eq(a->longest_waits[i].tid, b->longest_waits[i].tid);
		cr_assert_eq(a->longest_waits[i].instead_ns, b->longest_waits[i].instead_ns);
	}
}

Test(laws, the_order_in_which_cpus_arrive_does_not_show)
{
	for (uint64_t seed = 1; seed <= SCHEDULES / 2; seed++) {
		struct schedsim_config config = sim_random_config(seed);
		struct schedsim *sim;
		struct rota_summary *a, *b;

		config.loss_permil = seed % 3 ? 0 : 10;
		config.miss_permil = seed % 5 ? 0 : 200;
		config.skew_ns = seed % 2 ? 0 : 10000;
		sim = schedsim_run(&config, seed);
		a = summarise(sim, 0);
		b = summarise(sim, seed * 77 + 1);
		check_same(a, b, seed);
		rota_summary_free(a);
		rota_summary_free(b);
		schedsim_free(sim);
	}
}

/* --- clocks that differ -------------------------------------------------------------------------------------------- */

/* Each change of state is off by at most the clocks' difference; nothing becomes unknown, no switch is counted wrong. */
Test(laws, clocks_that_differ_are_mended)
{
	uint64_t reordered = 0;

	for (uint64_t seed = 1; seed <= SCHEDULES; seed++) {
		struct schedsim_config config = sim_random_config(seed);
		struct schedsim *sim;
		struct rota_summary *summary;
		struct sim_totals *totals;
		uint64_t slack_ns;

		config.skew_ns = 10000;
		config.exec = config.reuse = config.membership = config.hotplug = false;
		sim = schedsim_run(&config, seed);
		summary = summarise(sim, 0);
		check_laws(summary, seed);
		check_conservation(summary, seed);
		reordered += check_oracle(sim, seed, true, true);
		totals = sim_totals_new(sim);
		slack_ns = 2 * 2 * config.skew_ns * (totals->switch_ins + 2ULL * sim->thread_count + 2);
		for (unsigned int state = ROTA_UNKNOWN; state < ROTA_STATES; state++) {
			uint64_t ns = 0;

			for (uint32_t i = 0; i < summary->thread_count; i++)
				ns += summary->threads[i].state_ns[state];
			cr_assert_leq(ns, totals->state_ns[state] + slack_ns, "seed %llu", (unsigned long long)seed);
			cr_assert_leq(totals->state_ns[state], ns + slack_ns, "seed %llu", (unsigned long long)seed);
		}
		sim_totals_free(totals);
		rota_summary_free(summary);
		schedsim_free(sim);
	}
	cr_assert_gt(reordered, SCHEDULES, "the clocks did not differ enough to test anything");
}

/* --- losses -------------------------------------------------------------------------------------------------------- */

static void check_known_part(const struct rota_summary *summary, const struct schedsim *sim, uint64_t seed)
{
	struct sim_totals *totals = sim_totals_new(sim);

	cr_assert_eq(summary->lost_records, sim->lost_total, "seed %llu", (unsigned long long)seed);
	for (uint32_t i = 0; i < summary->cpu_count; i++) {
		const struct rota_cpu_summary *cpu = &summary->cpus[i];
		const uint64_t *truth = &totals->cpu_ns[(size_t)cpu->cpu * ROTA_OCCUPANCIES];
		uint64_t edge_ns = 4ULL * sim->cpu_count + 8;

		cr_assert_leq(cpu->target_ns, truth[ROTA_CPU_TARGET], "seed %llu cpu %u", (unsigned long long)seed, i);
		cr_assert_leq(truth[ROTA_CPU_TARGET], cpu->target_ns + cpu->unknown_ns, "seed %llu cpu %u",
			      (unsigned long long)seed, i);
		cr_assert_leq(cpu->other_ns, truth[ROTA_CPU_OTHER] + edge_ns, "seed %llu cpu %u",
			      (unsigned long long)seed, i);
		cr_assert_leq(cpu->idle_ns, truth[ROTA_CPU_IDLE] + edge_ns, "seed %llu cpu %u",
			      (unsigned long long)seed, i);
	}
	for (uint32_t i = 0; i < summary->thread_count; i++) {
		const struct rota_thread_summary *thread = &summary->threads[i];
		uint32_t uid = (uint32_t)((thread->start_boottime_ns - SIM_START_NS) / SIM_START_STEP_NS);

		if (!thread->start_boottime_ns)
			continue; /* its TASK record was lost */
		for (unsigned int state = ROTA_RUNNING; state < ROTA_STATES; state++)
			cr_assert_leq(thread->state_ns[state], totals->thread_ns[uid * ROTA_STATES + state],
				      "seed %llu tid %u state %u", (unsigned long long)seed, thread->tid, state);
	}
	cr_assert_leq(summary->voluntary, totals->voluntary);
	cr_assert_leq(summary->involuntary, totals->involuntary);
	cr_assert_leq(summary->switch_ins, totals->switch_ins);
	cr_assert(sim->lost_total == 0 || summary->coverage < 1 || summary->unknown_ns,
		  "seed %llu: a loss is never silent", (unsigned long long)seed);
	sim_totals_free(totals);
}

Test(laws, with_loss_what_is_said_to_be_known_was_so)
{
	for (uint64_t seed = 1; seed <= SCHEDULES; seed++) {
		struct schedsim_config config = sim_random_config(seed);
		struct schedsim *sim;
		struct rota_summary *summary;

		config.loss_permil = 8;
		config.miss_permil = seed % 4 ? 0 : 100;
		/* without these records the same identity may be two threads to anybody, or membership not be known */
		config.exec = config.reuse = config.membership = false;
		sim = schedsim_run(&config, seed);
		summary = summarise(sim, 0);
		check_laws(summary, seed);
		check_conservation(summary, seed);
		check_known_part(summary, sim, seed);
		check_oracle(sim, seed, false, false);
		rota_summary_free(summary);
		schedsim_free(sim);
	}
}

/* --- Go programs ----------------------------------------------------------------------------------------------------- */

static void check_goroutines(const struct rota_summary *summary, const struct schedsim *sim, uint64_t seed)
{
	bool lossless = !sim->config.loss_permil;
	uint64_t runnable_ns = sim_go_held_ns(sim, ROTA_RUNNABLE), throttled_ns = sim_go_held_ns(sim, ROTA_THROTTLED);

	for (uint32_t i = 0; i < summary->go.goroutine_count; i++) {
		const struct rota_goroutine *row = &summary->go.goroutines[i];
		uint64_t truth_ns = sim_go_exact_ns(sim, row->tgid, row->goid);

		cr_assert(row->exact_ns <= truth_ns && (!lossless || row->exact_ns == truth_ns),
			  "seed %llu: goroutine %llx of %u ran %llu ns instead of %llu", (unsigned long long)seed,
			  (unsigned long long)row->goid, row->tgid, (unsigned long long)row->exact_ns,
			  (unsigned long long)truth_ns);
	}
	cr_assert(summary->go.held_runnable_ns <= runnable_ns &&
			  (!lossless || summary->go.held_runnable_ns == runnable_ns),
		  "seed %llu: %llu ns instead of %llu", (unsigned long long)seed,
		  (unsigned long long)summary->go.held_runnable_ns, (unsigned long long)runnable_ns);
	cr_assert(summary->go.held_throttled_ns <= throttled_ns &&
			  (!lossless || summary->go.held_throttled_ns == throttled_ns),
		  "seed %llu: %llu ns instead of %llu", (unsigned long long)seed,
		  (unsigned long long)summary->go.held_throttled_ns, (unsigned long long)throttled_ns);
}

Test(laws, goroutines_ran_as_long_as_they_did)
{
	uint64_t exact_ns = 0, held_ns = 0;

	for (uint64_t seed = 1; seed <= SCHEDULES; seed++) {
		struct schedsim_config config = sim_random_config(seed);
		struct schedsim *sim;
		struct rota_summary *summary;

		config.go = true;
		config.loss_permil = seed % 4 ? 0 : 8;
		config.exec = config.membership = false; /* a thread is the same from its first record to its last */
		config.reuse = seed % 4 != 0;
		sim = schedsim_run(&config, seed);
		summary = summarise(sim, 0);
		check_laws(summary, seed);
		check_conservation(summary, seed);
		check_goroutines(summary, sim, seed);
		held_ns += summary->go.held_runnable_ns;
		for (uint32_t i = 0; i < summary->go.goroutine_count; i++)
			exact_ns += summary->go.goroutines[i].exact_ns;
		rota_summary_free(summary);
		schedsim_free(sim);
	}
	cr_assert(exact_ns && held_ns, "nothing was tried");
}

Test(laws, goroutines_with_everything_at_once)
{
	for (uint64_t seed = 1; seed <= SCHEDULES; seed++) {
		struct schedsim_config config = sim_random_config(seed);
		struct schedsim *sim;
		struct rota_summary *summary;

		config.go = true;
		config.loss_permil = seed % 2 ? 30 : 0;
		config.miss_permil = seed % 3 ? 0 : 150;
		config.skew_ns = seed % 5 ? 10000 : 0;
		sim = schedsim_run(&config, seed);
		summary = summarise(sim, seed);
		check_laws(summary, seed);
		check_conservation(summary, seed);
		rota_summary_free(summary);
		schedsim_free(sim);
	}
}

Test(laws, with_everything_at_once_they_hold)
{
	for (uint64_t seed = 1; seed <= SCHEDULES; seed++) {
		struct schedsim_config config = sim_random_config(seed);
		struct schedsim *sim;
		struct rota_summary *summary;

		config.loss_permil = 30;
		config.miss_permil = 150;
		config.skew_ns = seed % 2 ? 10000 : 0;
		sim = schedsim_run(&config, seed);
		summary = summarise(sim, seed);
		check_laws(summary, seed);
		check_conservation(summary, seed);
		check_oracle(sim, seed, false, true);
		rota_summary_free(summary);
		schedsim_free(sim);
	}
}
