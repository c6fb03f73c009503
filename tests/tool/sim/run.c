/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A whole recording: synchronisation, window, rounds, re-synchronisation after losses, the end. */
#include "tool/sim/world.h"

#include "base/alloc.h"

#include <stdlib.h>

static void some_steps(struct schedsim *sim)
{
	for (uint32_t i = sim_below(sim, 6); i; i--)
		sim_step(sim);
}

static void synchronise(struct schedsim *sim)
{
	sim_pass(sim);
	sim_write_user(sim, ROTA_REC_SYNC, ROTA_SYNC_BEGIN, 0);
	sim_pass(sim);
	sim_write_snapshots(sim);
	for (size_t i = 0; i < sim->thread_count; i++) {
		struct sim_thread *thread;

		if (sim_chance(sim, 10))
			some_steps(sim);
		thread = &sim->threads[i];
		if (thread->target && !thread->unborn && !thread->dead) {
			sim->now_ns++;
			sim_write_task(sim, thread->cpu, thread, ROTA_TASK_SYNC);
		}
	}
	sim_pass(sim);
	sim_write_user(sim, ROTA_REC_SYNC, ROTA_SYNC_END, 0);
	sim_pass(sim);
	sim_write_snapshots(sim);
}

static void end_round(struct schedsim *sim)
{
	uint64_t round_ns = UINT64_MAX;
	size_t round = sim->round_count;

	if (sim->missing) {
		sim_pass(sim);
		sim->missing = false;
		sim_write_user(sim, ROTA_REC_LOST, 0, ROTA_CPU_NONE);
		sim->rings[sim->cpu_count].records[sim->rings[sim->cpu_count].count - 1].lost.count = sim->missed;
		sim->lost_total += sim->missed;
		sim->missed = 0;
		sim->resync_due = true;
	}
	sim_pass(sim);
	for (uint32_t i = 0; i < sim->cpu_count; i++)
		sim->rings[i].losing = false;
	sim_write_snapshots(sim);
	for (uint32_t i = 0; i < sim->cpu_count; i++) {
		const struct sim_ring *ring = &sim->rings[i];

		if (sim->cpus[i].online && ring->records[ring->count - 1].head.ts_ns < round_ns)
			round_ns = ring->records[ring->count - 1].head.ts_ns;
	}
	sim->round_ns = xgrow(sim->round_ns, &sim->round_capacity, round + 1, sizeof(*sim->round_ns));
	sim->round_ns[round] = round_ns;
	sim->round_count++;
	for (uint32_t i = 0; i <= sim->cpu_count; i++) {
		struct sim_ring *ring = &sim->rings[i];

		ring->round_end = xgrow(ring->round_end, &ring->round_capacity, round + 1, sizeof(*ring->round_end));
		ring->round_end[round] = ring->count;
	}
	sim->missing = sim->in_window && sim_below(sim, 1000) < sim->config.miss_permil;
}

/* A ring is drained up to its SNAPSHOT, and a little further if there is more by then. */
static void fray_rounds(struct schedsim *sim)
{
	for (uint32_t i = 0; sim->config.ragged && i < sim->cpu_count; i++) {
		struct sim_ring *ring = &sim->rings[i];

		for (size_t r = 0; r + 1 < sim->round_count; r++) {
			ring->round_end[r] += sim_below(sim, 4);
			if (ring->round_end[r] > ring->round_end[r + 1])
				ring->round_end[r] = ring->round_end[r + 1];
		}
	}
}

static void run_window(struct schedsim *sim)
{
	for (uint32_t step = 1; step <= sim->config.steps; step++) {
		sim_step(sim);
		if (step % sim->config.round_steps == 0)
			end_round(sim);
		if (sim->resync_due && !sim->missing && sim_chance(sim, 20)) {
			bool losing = false;

			for (uint32_t i = 0; i < sim->cpu_count; i++)
				losing |= sim->rings[i].losing || sim->rings[i].lost;
			if (!losing) {
				sim->resync_due = false;
				synchronise(sim);
			}
		}
	}
}

static void finish(struct schedsim *sim)
{
	if (sim->missing)
		end_round(sim);
	sim->missing = false;
	for (uint32_t i = 0; i < sim->cpu_count; i++)
		sim->rings[i].losing = false;
	sim_pass(sim);
	sim_write_snapshots(sim);
	sim->now_ns += 2ULL * sim->config.skew_ns + 1;
	for (uint32_t i = 0; i < sim->cpu_count; i++) {
		sim_write_user(sim, ROTA_REC_CPUTIME, 0, (uint16_t)i);
		sim_note_cpu(sim, i);
	}
	sim_write_user(sim, ROTA_REC_COST, 0, 0);
	sim_write_user(sim, ROTA_REC_STOP, 0, 0);
	sim->stop_ns = sim->now_ns;
	for (size_t i = 0; i < sim->thread_count; i++) {
		struct sim_thread *thread = &sim->threads[i];

		if (!thread->dead && !thread->unborn &&
		    (thread->state == ROTA_RUNNABLE || thread->state == ROTA_THROTTLED) && thread->target) {
			thread->stays = xgrow(thread->stays, &thread->stay_capacity, thread->stay_count + 1,
					      sizeof(*thread->stays));
			thread->stays[thread->stay_count++] = (struct sim_stay){ .since_ns = thread->queued_ns,
										 .end_ns = sim->now_ns,
										 .state = thread->state,
										 .cause = thread->cause };
		}
	}
	end_round(sim);
	sim->round_ns[sim->round_count - 1] = sim->now_ns + 2ULL * sim->config.skew_ns;
}

struct schedsim *schedsim_run(const struct schedsim_config *config, uint64_t seed)
{
	struct schedsim *sim = xcalloc(1, sizeof(*sim));

	sim->config = *config;
	sim->random = seed * 0x2545f4914f6cdd1dULL + 1;
	sim->now_ns = 5000000000ULL;
	sim->next_tid = 100;
	sim->topology = sim_topology_new(config->packages, config->cores, config->smt);
	sim->cpu_count = sim->topology->cpu_count;
	sim->cpus = xcalloc(sim->cpu_count, sizeof(*sim->cpus));
	sim->rings = xcalloc(sim->cpu_count + 1, sizeof(*sim->rings));
	for (uint32_t i = 0; i < sim->cpu_count; i++) {
		sim->cpus[i].online = true;
		sim->cpus[i].uid = SIM_NOBODY;
		if (config->skew_ns) /* two clocks differ by at most skew_ns */
			sim->rings[i].skew_ns = (int64_t)sim_below(sim, config->skew_ns + 1) - config->skew_ns / 2;
	}
	sim_populate(sim);
	some_steps(sim);
	synchronise(sim);
	sim->now_ns += 2ULL * config->skew_ns + 1;
	sim_write_user(sim, ROTA_REC_START, 0, 0);
	sim->start_ns = sim->now_ns;
	sim->now_ns += 2ULL * config->skew_ns + 1;
	sim->in_window = true;
	run_window(sim);
	finish(sim);
	fray_rounds(sim);
	return sim;
}

void schedsim_free(struct schedsim *sim)
{
	for (size_t i = 0; i < sim->thread_count; i++) {
		free(sim->threads[i].spans.at);
		free(sim->threads[i].stays);
	}
	for (uint32_t i = 0; i < sim->cpu_count; i++)
		free(sim->cpus[i].spans.at);
	for (uint32_t i = 0; i <= sim->cpu_count; i++) {
		free(sim->rings[i].records);
		free(sim->rings[i].round_end);
	}
	sim_topology_free(sim->topology);
	free(sim->cpus);
	free(sim->rings);
	free(sim->round_ns);
	free(sim->threads);
	free(sim->tids);
	free(sim->free_tids);
	free(sim->marks);
	free(sim);
}
