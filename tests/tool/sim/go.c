/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Threads of T as those of Go programs: which goroutine each runs, as GO_RUN and GO records tell it, and what that amounts to.
 * A goroutine's number says its process, too: the truth is then by number alone.
 */
#include "tool/sim/world.h"

#include "base/alloc.h"

#include <stdlib.h>

static void tell_runtime(struct schedsim *sim, struct sim_thread *thread)
{
	union rota_any_record record = { 0 };

	if (thread->told_go)
		return;
	thread->told_go = true;
	record.head.type = ROTA_REC_RUNTIME;
	record.head.flags = ROTA_RUNTIME_EXACT;
	record.head.aux = ROTA_RUNTIME_GO;
	record.head.tid = thread->tgid;
	record.runtime.gomaxprocs = 4;
	sim_write(sim, sim->cpu_count, &record);
}

static void note_mark(struct schedsim *sim, const struct sim_thread *thread, uint64_t goid, bool run, bool held)
{
	sim->marks = xgrow(sim->marks, &sim->mark_capacity, sim->mark_count + 1, sizeof(*sim->marks));
	sim->marks[sim->mark_count++] =
		(struct sim_mark){ .ts_ns = sim->now_ns, .uid = thread->uid, .goid = goid, .run = run, .held = held };
}

static uint64_t random_goid(struct schedsim *sim, const struct sim_thread *thread)
{
	uint64_t number = sim_below(sim, 6);

	return number ? (uint64_t)thread->tgid << 8 | number : 0;
}

void sim_go_step(struct schedsim *sim)
{
	union rota_any_record record = { 0 };
	struct sim_thread *thread;

	if (!sim->config.go || !sim->in_window) /* no dice: without Go a seed's schedule is the same */
		return;
	thread = sim_thread(sim, sim->cpus[sim_below(sim, sim->cpu_count)].uid);
	if (!thread || !thread->target || sim_chance(sim, 50))
		return;
	sim_pass(sim);
	tell_runtime(sim, thread);
	record.head.type = ROTA_REC_GO_RUN;
	record.head.flags = ROTA_F_TARGET;
	record.head.tid = thread->tid;
	record.go_run.goid = random_goid(sim, thread);
	note_mark(sim, thread, record.go_run.goid, true, false);
	sim_write(sim, thread->cpu, &record);
	if (!sim_chance(sim, 30))
		return;
	record.head.type = ROTA_REC_GO; /* and a tick finds the same */
	record.head.flags |= ROTA_GO_TICK;
	record.go.state = ROTA_GO_G_RUNNING;
	sim_write(sim, thread->cpu, &record);
}

void sim_write_go(struct schedsim *sim, uint32_t cpu, uint32_t uid, uint8_t flags)
{
	struct sim_thread *thread = sim_thread(sim, uid);
	union rota_any_record record = { 0 };
	bool held;

	if (!sim->config.go || !sim->in_window || !thread || !thread->target ||
	    (flags & ROTA_SWITCH_OUT_MASK) >> ROTA_SWITCH_OUT_SHIFT == ROTA_OUT_DEAD)
		return;
	tell_runtime(sim, thread);
	held = sim_chance(sim, 50);
	record.head.type = ROTA_REC_GO;
	record.head.flags = ROTA_F_TARGET;
	record.head.tid = thread->tid;
	record.head.aux = held ? 1 : (uint16_t)sim_below(sim, 2);
	record.go.goid = random_goid(sim, thread);
	record.go.state = held                  ? ROTA_GO_G_RUNNING | ROTA_GO_P_RUNNING << 8
			  : sim_chance(sim, 50) ? ROTA_GO_G_SYSCALL | ROTA_GO_P_SYSCALL << 8
						: ROTA_GO_G_WAITING;
	note_mark(sim, thread, record.go.goid, false, held);
	sim_write(sim, cpu, &record);
}

static uint64_t overlap(const struct schedsim *sim, uint64_t since_ns, uint64_t end_ns)
{
	since_ns = since_ns > sim->start_ns ? since_ns : sim->start_ns;
	end_ns = end_ns < sim->stop_ns ? end_ns : sim->stop_ns;
	return end_ns > since_ns ? end_ns - since_ns : 0;
}

/* The last mark of a kind that a thread had by ts_ns; NULL: none. */
static const struct sim_mark *mark_at(const struct schedsim *sim, uint32_t uid, uint64_t ts_ns, bool run)
{
	for (size_t i = sim->mark_count; i--;) {
		if (sim->marks[i].uid == uid && sim->marks[i].run == run && sim->marks[i].ts_ns <= ts_ns)
			return &sim->marks[i];
	}
	return NULL;
}

uint64_t sim_go_exact_ns(const struct schedsim *sim, uint32_t tgid, uint64_t goid)
{
	uint64_t sum_ns = 0;

	for (size_t i = 0; i < sim->mark_count; i++) {
		const struct sim_mark *mark = &sim->marks[i];
		const struct sim_spans *spans = &sim->threads[mark->uid].spans;
		uint64_t until_ns = sim->stop_ns;

		if (!mark->run || mark->goid != goid || sim->threads[mark->uid].tgid != tgid)
			continue;
		for (size_t k = i + 1; k < sim->mark_count && until_ns == sim->stop_ns; k++) {
			if (sim->marks[k].run && sim->marks[k].uid == mark->uid)
				until_ns = sim->marks[k].ts_ns;
		}
		for (size_t k = 0; k < spans->count; k++) {
			uint64_t since_ns = spans->at[k].since_ns > mark->ts_ns ? spans->at[k].since_ns : mark->ts_ns;
			uint64_t end_ns = k + 1 < spans->count ? spans->at[k + 1].since_ns : sim->stop_ns;

			if (spans->at[k].state == ROTA_RUNNING)
				sum_ns += overlap(sim, since_ns, end_ns < until_ns ? end_ns : until_ns);
		}
	}
	return sum_ns;
}

uint64_t sim_go_held_ns(const struct schedsim *sim, uint8_t state)
{
	uint64_t sum_ns = 0;

	for (size_t i = 0; i < sim->thread_count; i++) {
		const struct sim_spans *spans = &sim->threads[i].spans;

		for (size_t k = 0; k < spans->count; k++) {
			const struct sim_mark *mark = mark_at(sim, (uint32_t)i, spans->at[k].since_ns, false);
			uint64_t end_ns = k + 1 < spans->count ? spans->at[k + 1].since_ns : sim->stop_ns;

			if (spans->at[k].state == state && mark && mark->held)
				sum_ns += overlap(sim, spans->at[k].since_ns, end_ns);
		}
	}
	return sum_ns;
}
