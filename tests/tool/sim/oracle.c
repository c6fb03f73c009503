/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Transitions held against the truth (oracle.h). */
#include "tool/sim/oracle.h"

#include "base/alloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void __attribute__((format(printf, 2, 3))) oracle_fail(struct oracle *oracle, const char *format, ...)
{
	va_list arguments;
	size_t at;

	if (oracle->failures++)
		return;
	at = (size_t)snprintf(oracle->first, sizeof(oracle->first), "at %llu: ", (unsigned long long)oracle->now_ns);
	va_start(arguments, format);
	vsnprintf(oracle->first + at, sizeof(oracle->first) - at, format, arguments);
	va_end(arguments);
}

static void oracle_time(struct oracle *oracle, uint64_t ts_ns)
{
	if (ts_ns < oracle->now_ns)
		oracle_fail(oracle, "time fell to %llu", (unsigned long long)ts_ns);
	oracle->now_ns = ts_ns;
}

/* [*since, *until) cut to the window; false if nothing is left of it */
static bool oracle_clip(const struct oracle *oracle, uint64_t *since_ns, uint64_t *until_ns)
{
	uint64_t stop_ns = oracle->stop_ns ? oracle->stop_ns : UINT64_MAX;

	if (!oracle->start_ns)
		return false;
	if (*since_ns < oracle->start_ns)
		*since_ns = oracle->start_ns;
	if (*until_ns > stop_ns)
		*until_ns = stop_ns;
	return *since_ns < *until_ns;
}

static void check_thread_span(struct oracle *oracle, const struct oracle_thread *entry, uint64_t since_ns,
			      uint64_t until_ns)
{
	const struct sim_thread *truth;

	if (entry->state == ROTA_UNKNOWN) {
		oracle->unknown_ns += until_ns - since_ns;
		if (oracle->lossless)
			oracle_fail(oracle, "tid %u UNKNOWN since %llu", entry->thread->tid,
				    (unsigned long long)since_ns);
		return;
	}
	if (entry->state == ROTA_NONE || oracle->skewed)
		return;
	if (entry->uid == SIM_NOBODY) {
		oracle_fail(oracle, "tid %u was nobody's", entry->thread->tid);
		return;
	}
	oracle->known_ns += until_ns - since_ns;
	truth = &oracle->sim->threads[entry->uid];
	while (since_ns < until_ns) {
		struct sim_span span = sim_span_at(&truth->spans, since_ns);
		size_t next = 0;

		if (span.state != entry->state ||
		    (entry->state != ROTA_BLOCKED && entry->state != ROTA_STOPPED && span.cpu != entry->cpu)) {
			oracle_fail(oracle, "tid %u (uid %u) said state %u cpu %u until %llu, was %u cpu %u at %llu",
				    entry->thread->tid, entry->uid, entry->state, entry->cpu,
				    (unsigned long long)until_ns, span.state, span.cpu, (unsigned long long)since_ns);
			return;
		}
		while (next < truth->spans.count && truth->spans.at[next].since_ns <= since_ns)
			next++;
		since_ns = next < truth->spans.count ? truth->spans.at[next].since_ns : until_ns;
	}
}

static void close_thread(struct oracle *oracle, const struct oracle_thread *entry, uint64_t ts_ns)
{
	uint64_t since_ns = entry->checked_ns, until_ns = ts_ns;

	if (!oracle_clip(oracle, &since_ns, &until_ns))
		return;
	check_thread_span(oracle, entry, since_ns, until_ns);
	if (entry->uid != SIM_NOBODY)
		oracle->counts[entry->uid].state_ns[entry->state] += until_ns - since_ns;
	if (entry->state == ROTA_RUNNABLE)
		oracle->cause_ns[entry->cause] += until_ns - since_ns;
	if (entry->state == ROTA_THROTTLED)
		oracle->throttled_ns += until_ns - since_ns;
}

static struct oracle_thread *oracle_thread_of(struct oracle *oracle, const struct rota_thread *thread)
{
	struct oracle_thread *entry;

	oracle->threads = xgrow(oracle->threads, &oracle->thread_capacity, thread->index + 1, sizeof(*oracle->threads));
	entry = &oracle->threads[thread->index];
	if (!entry->thread) {
		entry->thread = thread;
		entry->uid = sim_uid_of(oracle->sim, thread->tid, oracle->now_ns);
	}
	if (entry->thread != thread)
		oracle_fail(oracle, "index %u is two threads", thread->index);
	return entry;
}

static void count_flags(struct oracle *oracle, uint32_t uid, const struct rota_thread_transition *transition)
{
	struct oracle_counts *counts;

	if (uid == SIM_NOBODY || !oracle->start_ns || oracle->stop_ns)
		return;
	counts = &oracle->counts[uid];
	counts->voluntary += !!(transition->flags & ROTA_TRANSITION_VOLUNTARY);
	counts->involuntary += !!(transition->flags & ROTA_TRANSITION_INVOLUNTARY);
	counts->switch_ins += !!(transition->flags & ROTA_TRANSITION_SWITCH_IN);
}

static void check_edges(struct oracle *oracle, const struct oracle_thread *entry,
			const struct rota_thread_transition *transition)
{
	const struct sim_thread *truth;

	if (!oracle->lossless || oracle->skewed || entry->uid == SIM_NOBODY)
		return;
	truth = &oracle->sim->threads[entry->uid];
	if (transition->to == ROTA_NONE && oracle->start_ns) {
		bool died = truth->dead && truth->died_ns == transition->ts_ns;

		if (died != !!(transition->flags & ROTA_TRANSITION_DIED))
			oracle_fail(oracle, "tid %u: died %d, flags %#x", entry->thread->tid, died, transition->flags);
	}
	if (transition->from == ROTA_NONE && oracle->start_ns) {
		bool born = truth->spans.count > 1 && truth->spans.at[0].state == ROTA_NONE &&
			    truth->spans.at[1].since_ns == transition->ts_ns && transition->cause == ROTA_CAUSE_NEW;

		if (born != !!(transition->flags & ROTA_TRANSITION_BORN))
			oracle_fail(oracle, "tid %u: born %d, flags %#x", entry->thread->tid, born, transition->flags);
	}
}

/* Who begins a life in T; its tid may have changed hands at this very moment. */
static uint32_t oracle_uid_of(const struct oracle *oracle, const struct rota_thread *thread, uint64_t ts_ns)
{
	uint32_t uid;

	if (oracle->skewed && thread->start_boottime_ns) /* ts_ns may be off, start times are not */
		return (uint32_t)((thread->start_boottime_ns - SIM_START_NS) / SIM_START_STEP_NS);
	uid = sim_uid_of(oracle->sim, thread->tid, ts_ns - 1);
	if (uid == SIM_NOBODY)
		uid = sim_uid_of(oracle->sim, thread->tid, ts_ns + oracle->sim->config.skew_ns);
	return uid;
}

/* What it blocked in, where that is told; and it is told where the switch was. */
static void check_reason(struct oracle *oracle, const struct oracle_thread *entry,
			 const struct rota_thread_transition *transition)
{
	const struct sim_thread *truth;
	struct sim_span span;

	if (transition->to != ROTA_BLOCKED && (transition->reason || transition->argument))
		oracle_fail(oracle, "tid %u has a reason to be %u", entry->thread->tid, transition->to);
	if (transition->to != ROTA_BLOCKED || oracle->skewed || entry->uid == SIM_NOBODY)
		return;
	truth = &oracle->sim->threads[entry->uid];
	span = sim_span_at(&truth->spans, transition->ts_ns);
	if (!transition->reason && !(transition->from == ROTA_RUNNING && oracle->lossless))
		return;
	oracle->reasons += transition->reason != 0;
	if (transition->reason != span.reason || transition->argument != span.argument)
		oracle_fail(oracle, "tid %u blocked in %x, said %x", entry->thread->tid, span.reason,
			    transition->reason);
}

static void on_thread(void *ctx, const struct rota_thread_transition *transition)
{
	struct oracle *oracle = ctx;
	const struct rota_thread *thread = transition->thread;
	struct oracle_thread *entry;

	oracle_time(oracle, transition->ts_ns);
	entry = oracle_thread_of(oracle, thread);
	if (transition->from == transition->to)
		oracle_fail(oracle, "tid %u from %u to itself", thread->tid, transition->from);
	if (transition->from != entry->state)
		oracle_fail(oracle, "tid %u from %u, was in %u", thread->tid, transition->from, entry->state);
	if (entry->state != ROTA_NONE && transition->since_ns != entry->since_ns)
		oracle_fail(oracle, "tid %u: gap or overlap", thread->tid);
	if (transition->from == ROTA_NONE)
		entry->uid = oracle_uid_of(oracle, thread, transition->ts_ns);
	close_thread(oracle, entry, transition->ts_ns);
	count_flags(oracle, entry->uid, transition);
	check_edges(oracle, entry, transition);
	check_reason(oracle, entry, transition);
	if (transition->from == ROTA_RUNNING)
		oracle->running--;
	if (transition->to == ROTA_RUNNING) {
		const struct oracle_cpu *cpu = &oracle->cpus[transition->cpu];

		oracle->running++;
		if (cpu->occupancy != ROTA_CPU_TARGET || cpu->thread != thread)
			oracle_fail(oracle, "tid %u RUNNING on cpu %u before the cpu says so", thread->tid,
				    transition->cpu);
	}
	entry->state = transition->to;
	entry->since_ns = entry->checked_ns = transition->ts_ns;
	entry->cpu = transition->cpu;
	entry->cause = transition->cause;
}

static void check_cpu_span(struct oracle *oracle, uint32_t number, uint64_t since_ns, uint64_t until_ns)
{
	const struct oracle_cpu *cpu = &oracle->cpus[number];
	const struct sim_spans *spans = &oracle->sim->cpus[number].spans;

	if (cpu->occupancy == ROTA_CPU_UNKNOWN) {
		oracle->unknown_ns += until_ns - since_ns;
		if (oracle->lossless)
			oracle_fail(oracle, "cpu %u UNKNOWN since %llu", number, (unsigned long long)since_ns);
		return;
	}
	while (since_ns < until_ns && !oracle->skewed) {
		struct sim_span span = sim_span_at(spans, since_ns);
		uint32_t tid = cpu->thread ? cpu->thread->tid : 0;
		size_t next = 0;
		bool fits = span.state == cpu->occupancy;

		if (cpu->occupancy == ROTA_CPU_AWAY)
			fits = (span.state == ROTA_CPU_OTHER || span.state == ROTA_CPU_IDLE) &&
			       (!oracle->lossless || !span.told);
		if (cpu->occupancy == ROTA_CPU_OTHER && oracle->lossless && !oracle->sim->config.exec)
			fits &= sim_uid_of(oracle->sim, tid, since_ns) == span.uid;
		if (!fits) {
			oracle_fail(oracle, "cpu %u said %u (tid %u) until %llu, was %u uid %u told %d at %llu", number,
				    cpu->occupancy, tid, (unsigned long long)until_ns, span.state, span.uid, span.told,
				    (unsigned long long)since_ns);
			return;
		}
		while (next < spans->count && spans->at[next].since_ns <= since_ns)
			next++;
		since_ns = next < spans->count ? spans->at[next].since_ns : until_ns;
	}
}

static void on_cpu(void *ctx, const struct rota_cpu_transition *transition)
{
	struct oracle *oracle = ctx;
	struct oracle_cpu *cpu = &oracle->cpus[transition->cpu];
	uint64_t since_ns = cpu->since_ns, until_ns = transition->ts_ns;

	oracle_time(oracle, transition->ts_ns);
	if (transition->from != cpu->occupancy || transition->from_thread != cpu->thread)
		oracle_fail(oracle, "cpu %u from %u, was %u", transition->cpu, transition->from, cpu->occupancy);
	if (cpu->since_ns && transition->since_ns != cpu->since_ns)
		oracle_fail(oracle, "cpu %u: gap or overlap", transition->cpu);
	if ((transition->thread != NULL) != (transition->to == ROTA_CPU_TARGET || transition->to == ROTA_CPU_OTHER))
		oracle_fail(oracle, "cpu %u in %u with thread %p", transition->cpu, transition->to,
			    (const void *)transition->thread);
	if (transition->from == ROTA_CPU_TARGET && transition->from_thread != transition->thread) {
		const struct oracle_thread *left = &oracle->threads[transition->from_thread->index];

		if (left->state == ROTA_RUNNING && left->cpu == transition->cpu)
			oracle_fail(oracle, "cpu %u left before tid %u did", transition->cpu, left->thread->tid);
	}
	if (oracle_clip(oracle, &since_ns, &until_ns))
		check_cpu_span(oracle, transition->cpu, since_ns, until_ns);
	oracle->target_cpus += (transition->to == ROTA_CPU_TARGET) - (transition->from == ROTA_CPU_TARGET);
	cpu->occupancy = transition->to;
	cpu->thread = transition->thread;
	cpu->since_ns = transition->ts_ns;
}

static void on_queue_move(void *ctx, const struct rota_queue_move *move)
{
	struct oracle *oracle = ctx;
	struct oracle_thread *entry;

	oracle_time(oracle, move->ts_ns);
	entry = oracle_thread_of(oracle, move->thread);
	if (entry->cpu != move->from_cpu || (entry->state != ROTA_RUNNABLE && entry->state != ROTA_THROTTLED))
		oracle_fail(oracle, "tid %u moved from queue %u, was in state %u on %u", move->thread->tid,
			    move->from_cpu, entry->state, entry->cpu);
	close_thread(oracle, entry, move->ts_ns);
	entry->checked_ns = move->ts_ns; /* on another queue from here on */
	entry->cpu = move->cpu;
}

static void on_share(void *ctx, const struct rota_cpu_share *share)
{
	struct oracle *oracle = ctx;
	struct oracle_cpu *cpu = &oracle->cpus[share->cpu];

	if (share->target_ns + share->other_ns + share->idle_ns != share->ts_ns - share->since_ns && !oracle->skewed)
		oracle_fail(oracle, "cpu %u: shares do not add up", share->cpu);
	if (share->since_ns < cpu->share_until_ns)
		oracle_fail(oracle, "cpu %u: shares overlap", share->cpu);
	cpu->share_until_ns = share->ts_ns;
	cpu->share_ns[0] += share->target_ns;
	cpu->share_ns[1] += share->other_ns;
	cpu->share_ns[2] += share->idle_ns;
}

static void on_cpu_time(void *ctx, uint32_t cpu, uint64_t ts_ns, uint64_t steal_ns, uint64_t irq_ns)
{
	oracle_time(ctx, ts_ns);
}

static void on_cost(void *ctx, const struct rota_rec_cost *cost)
{
}

static void on_record(void *ctx, const struct rota_thread *thread, const struct rota_event *event)
{
}

static void on_lost(void *ctx, uint32_t cpu, uint64_t since_ns, uint64_t ts_ns, uint64_t count)
{
	struct oracle *oracle = ctx;

	oracle_time(oracle, ts_ns);
	if (since_ns > ts_ns)
		oracle_fail(oracle, "loss ends before it begins");
	oracle->lost += count;
}

static void on_changed(void *ctx, const struct rota_thread *thread)
{
}

static void on_gone(void *ctx, const struct rota_thread *thread)
{
	struct oracle *oracle = ctx;

	if (thread->index < oracle->thread_capacity && oracle->threads[thread->index].thread) {
		if (oracle->threads[thread->index].state != ROTA_NONE)
			oracle_fail(oracle, "tid %u gone in state %u", thread->tid,
				    oracle->threads[thread->index].state);
		memset(&oracle->threads[thread->index], 0, sizeof(*oracle->threads));
	}
	for (uint32_t i = 0; i < oracle->sim->cpu_count; i++) {
		if (oracle->cpus[i].thread == thread)
			oracle_fail(oracle, "tid %u gone while on cpu %u", thread->tid, i);
	}
}

static void on_start(void *ctx, uint64_t ts_ns)
{
	struct oracle *oracle = ctx;

	oracle_time(oracle, ts_ns);
	oracle->start_ns = ts_ns;
}

static void on_stop(void *ctx, uint64_t ts_ns)
{
	struct oracle *oracle = ctx;

	oracle_time(oracle, ts_ns);
	for (size_t i = 0; i < oracle->thread_capacity; i++) {
		if (oracle->threads[i].thread)
			close_thread(oracle, &oracle->threads[i], ts_ns);
	}
	for (uint32_t i = 0; i < oracle->sim->cpu_count; i++) {
		uint64_t since_ns = oracle->cpus[i].since_ns, until_ns = ts_ns;

		if (oracle_clip(oracle, &since_ns, &until_ns))
			check_cpu_span(oracle, i, since_ns, until_ns);
	}
	oracle->stop_ns = ts_ns;
}

static void on_progress(void *ctx, uint64_t ts_ns)
{
}

struct oracle *oracle_new(const struct schedsim *sim, bool lossless, bool skewed)
{
	struct oracle *oracle = xcalloc(1, sizeof(*oracle));

	oracle->sim = sim;
	oracle->lossless = lossless;
	oracle->skewed = skewed;
	oracle->cpus = xcalloc(sim->cpu_count, sizeof(*oracle->cpus));
	oracle->counts = xcalloc(sim->thread_count, sizeof(*oracle->counts));
	return oracle;
}

void oracle_free(struct oracle *oracle)
{
	free(oracle->threads);
	free(oracle->cpus);
	free(oracle->counts);
	free(oracle);
}

struct rota_sink oracle_sink(struct oracle *oracle)
{
	return (struct rota_sink){
		.ctx = oracle,
		.thread = on_thread,
		.cpu = on_cpu,
		.queue_move = on_queue_move,
		.cpu_share = on_share,
		.cpu_time = on_cpu_time,
		.cost = on_cost,
		.lost = on_lost,
		.record = on_record,
		.thread_changed = on_changed,
		.thread_gone = on_gone,
		.start = on_start,
		.stop = on_stop,
		.progress = on_progress,
	};
}

void oracle_check_step(struct oracle *oracle)
{
	if (oracle->running != oracle->target_cpus)
		oracle_fail(oracle, "%u threads run on %u cpus", oracle->running, oracle->target_cpus);
}

/* What really was within the window. */
static void check_thread_totals(struct oracle *oracle, const struct sim_thread *truth)
{
	const struct oracle_counts *counts = &oracle->counts[truth->uid];
	uint64_t state_ns[ROTA_STATES] = { 0 };

	for (size_t i = 0; i < truth->spans.count; i++) {
		uint64_t since_ns = truth->spans.at[i].since_ns;
		uint64_t until_ns = i + 1 < truth->spans.count ? truth->spans.at[i + 1].since_ns : UINT64_MAX;

		if (oracle_clip(oracle, &since_ns, &until_ns))
			state_ns[truth->spans.at[i].state] += until_ns - since_ns;
	}
	for (unsigned int state = ROTA_UNKNOWN; state < ROTA_STATES; state++) {
		if (state_ns[state] != counts->state_ns[state] && !oracle->skewed)
			oracle_fail(oracle, "uid %u state %u: %llu ns instead of %llu", truth->uid, state,
				    (unsigned long long)counts->state_ns[state], (unsigned long long)state_ns[state]);
	}
	if (truth->voluntary != counts->voluntary || truth->involuntary != counts->involuntary ||
	    truth->switch_ins != counts->switch_ins)
		oracle_fail(oracle, "uid %u: switches %llu+%llu, in %llu instead of %llu+%llu, %llu", truth->uid,
			    (unsigned long long)counts->voluntary, (unsigned long long)counts->involuntary,
			    (unsigned long long)counts->switch_ins, (unsigned long long)truth->voluntary,
			    (unsigned long long)truth->involuntary, (unsigned long long)truth->switch_ins);
}

static void check_causes(struct oracle *oracle)
{
	uint64_t cause_ns[ROTA_CAUSES] = { 0 }, throttled_ns = 0;

	for (size_t i = 0; i < oracle->sim->thread_count; i++) {
		const struct sim_thread *thread = &oracle->sim->threads[i];

		for (size_t k = 0; k < thread->stay_count; k++) {
			uint64_t since_ns = thread->stays[k].since_ns, until_ns = thread->stays[k].end_ns;

			if (!oracle_clip(oracle, &since_ns, &until_ns))
				continue;
			if (thread->stays[k].state == ROTA_THROTTLED)
				throttled_ns += until_ns - since_ns;
			else
				cause_ns[thread->stays[k].cause] += until_ns - since_ns;
		}
	}
	for (unsigned int cause = 0; cause < ROTA_CAUSES; cause++) {
		if (cause_ns[cause] != oracle->cause_ns[cause])
			oracle_fail(oracle, "waits by cause %u: %llu instead of %llu", cause,
				    (unsigned long long)oracle->cause_ns[cause], (unsigned long long)cause_ns[cause]);
	}
	if (throttled_ns != oracle->throttled_ns)
		oracle_fail(oracle, "throttled %llu instead of %llu", (unsigned long long)oracle->throttled_ns,
			    (unsigned long long)throttled_ns);
}

void oracle_check_end(struct oracle *oracle)
{
	if (!oracle->start_ns || !oracle->stop_ns)
		oracle_fail(oracle, "the window did not begin or end");
	if (oracle->lost != oracle->sim->lost_total)
		oracle_fail(oracle, "%llu records said lost, %llu were", (unsigned long long)oracle->lost,
			    (unsigned long long)oracle->sim->lost_total);
	if (!oracle->lossless)
		return;
	for (size_t i = 0; i < oracle->sim->thread_count; i++)
		check_thread_totals(oracle, &oracle->sim->threads[i]);
	if (!oracle->skewed)
		check_causes(oracle);
}
