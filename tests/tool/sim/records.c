/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the capture rules make of what happens ("What is recorded, exactly" in docs/architecture.md): records into rings,
 * losses included. `told` of a cpu follows from the same rules: the records say who is on it.
 */
#include "tool/sim/world.h"

#include "base/alloc.h"

#include <string.h>

static void ring_append(struct sim_ring *ring, const union rota_any_record *record)
{
	ring->records = xgrow(ring->records, &ring->capacity, ring->count + 1, sizeof(*ring->records));
	ring->records[ring->count++] = *record;
}

static void ring_tell_loss(struct schedsim *sim, uint32_t number, uint64_t ts_ns)
{
	struct sim_ring *ring = &sim->rings[number];
	union rota_any_record lost = { 0 };

	lost.head = (struct rota_record){ .ts_ns = ts_ns, .type = ROTA_REC_LOST, .aux = (uint16_t)number };
	lost.lost.count = ring->lost;
	sim->lost_total += ring->lost;
	ring->lost = 0;
	sim->resync_due = true;
	ring_append(ring, &lost);
}

void sim_write(struct schedsim *sim, uint32_t number, union rota_any_record *record)
{
	struct sim_ring *ring = &sim->rings[number];

	record->head.ts_ns = (uint64_t)((int64_t)sim->now_ns + ring->skew_ns);
	if (ring->losing && record->head.type != ROTA_REC_SNAPSHOT) {
		ring->lost++;
		return;
	}
	if (sim->missing && number < sim->cpu_count && record->head.type != ROTA_REC_SNAPSHOT && sim_chance(sim, 20)) {
		sim->missed++;
		return;
	}
	ring->losing = false;
	if (ring->lost)
		ring_tell_loss(sim, number, record->head.ts_ns);
	ring_append(ring, record);
}

bool sim_watched(const struct schedsim *sim, uint32_t cpu)
{
	const struct rota_core_info *core = &sim->topology->cores[sim->topology->cpus[cpu].core];

	if (sim->config.every_switch)
		return true;
	for (uint32_t i = 0; i < core->cpu_count; i++) {
		if (sim_is_target(sim, sim->cpus[core->cpus[i]].uid))
			return true;
	}
	for (size_t i = 0; i < sim->thread_count; i++) {
		const struct sim_thread *thread = &sim->threads[i];

		if (thread->target && !thread->unborn && !thread->dead && thread->cpu == cpu &&
		    (thread->state == ROTA_RUNNABLE || thread->state == ROTA_THROTTLED))
			return true;
	}
	return false;
}

static void write_reason(struct schedsim *sim, uint32_t ring, const struct sim_thread *thread)
{
	union rota_any_record record = { 0 };

	record.head.type = ROTA_REC_REASON;
	record.head.flags = ROTA_F_TARGET;
	record.head.tid = thread->tid;
	record.reason.reason = thread->reason;
	record.reason.argument = thread->argument;
	sim_write(sim, ring, &record);
}

void sim_write_task(struct schedsim *sim, uint32_t ring, struct sim_thread *thread, uint8_t flags)
{
	union rota_any_record record = { 0 };

	if (flags & (ROTA_TASK_SYNC | ROTA_TASK_JOIN) && thread->state == ROTA_BLOCKED && thread->reason)
		write_reason(sim, ring, thread);
	record.head.type = ROTA_REC_TASK;
	record.head.flags = flags | (thread->target ? ROTA_F_TARGET : 0);
	record.head.tid = thread->tid;
	record.head.aux = thread->cpu;
	record.task.tgid = thread->tgid;
	record.task.parent_tid = 1;
	record.task.start_boottime_ns = thread->start_ns;
	record.task.state = flags & (ROTA_TASK_SYNC | ROTA_TASK_JOIN) ? thread->state : ROTA_UNKNOWN;
	memcpy(record.task.comm, thread->comm, ROTA_COMM_SIZE);
	sim_write(sim, ring, &record);
	thread->named = true;
}

void sim_write_name_once(struct schedsim *sim, uint32_t ring, uint32_t uid)
{
	struct sim_thread *thread = sim_thread(sim, uid);

	if (thread && !thread->target && !thread->named)
		sim_write_task(sim, ring, thread, 0);
}

void sim_write_occupant(struct schedsim *sim, uint32_t ring, uint32_t cpu)
{
	union rota_any_record record = { 0 };
	uint32_t uid = sim->cpus[cpu].uid;

	sim_write_name_once(sim, ring, uid);
	record.head.type = ROTA_REC_OCCUPANT;
	record.head.aux = (uint16_t)cpu;
	record.head.tid = sim_tid_of(sim, uid);
	record.head.flags = sim_is_target(sim, uid) ? ROTA_F_TARGET : 0;
	sim_write(sim, ring, &record);
}

void sim_write_switch(struct schedsim *sim, uint32_t cpu, uint32_t prev, uint32_t next, uint8_t flags)
{
	union rota_any_record record = { 0 };

	sim_write_name_once(sim, cpu, prev);
	sim_write_name_once(sim, cpu, next);
	sim_write_go(sim, cpu, prev, flags);
	record.head.type = ROTA_REC_SWITCH;
	record.head.tid = sim_tid_of(sim, prev);
	record.head.flags = flags | (sim_is_target(sim, prev) ? ROTA_SWITCH_PREV_TARGET : 0) |
			    (sim_is_target(sim, next) ? ROTA_SWITCH_NEXT_TARGET : 0);
	record.sw.next_tid = sim_tid_of(sim, next);
	if (record.head.flags & ROTA_SWITCH_PREV_TARGET && !(flags & ROTA_SWITCH_OUT_MASK)) { /* ROTA_OUT_BLOCKED */
		record.sw.reason = sim_thread(sim, prev)->reason;
		record.sw.argument = sim_thread(sim, prev)->argument;
	}
	sim_write(sim, cpu, &record);
}

void sim_write_wakeup(struct schedsim *sim, uint32_t ring, const struct sim_thread *thread, uint8_t flags)
{
	union rota_any_record record = { 0 };
	uint32_t occupant = sim->cpus[thread->cpu].uid, waker = sim->cpus[ring].uid;

	sim_write_name_once(sim, ring, occupant);
	record.head.type = ROTA_REC_WAKEUP;
	record.head.tid = thread->tid;
	record.head.aux = thread->cpu;
	record.head.flags = flags | ROTA_F_TARGET | ROTA_WAKEUP_OCCUPIED;
	if (waker != SIM_NOBODY) {
		sim_write_name_once(sim, ring, waker);
		record.head.flags |= ROTA_WAKEUP_HAS_WAKER;
		record.wakeup.waker_tid = sim_tid_of(sim, waker);
		record.wakeup.waking_delay_ns = 700;
	}
	record.wakeup.occupant_tid = sim_tid_of(sim, occupant);
	sim_write(sim, ring, &record);
}

void sim_write_migrate(struct schedsim *sim, uint32_t ring, const struct sim_thread *thread, uint32_t from)
{
	union rota_any_record record = { 0 };
	uint32_t occupant = sim->cpus[thread->cpu].uid;

	sim_write_name_once(sim, ring, occupant);
	record.head.type = ROTA_REC_MIGRATE;
	record.head.tid = thread->tid;
	record.head.aux = thread->cpu;
	record.head.flags = ROTA_F_TARGET;
	record.migrate.occupant_tid = sim_tid_of(sim, occupant);
	record.migrate.from_cpu = from;
	sim_write(sim, ring, &record);
}

void sim_write_user(struct schedsim *sim, uint8_t type, uint8_t flags, uint16_t aux)
{
	union rota_any_record record = { 0 };

	record.head.type = type;
	record.head.flags = flags;
	record.head.aux = aux;
	sim_write(sim, sim->cpu_count, &record);
}

void sim_write_snapshots(struct schedsim *sim)
{
	for (uint32_t i = 0; i < sim->cpu_count; i++) {
		struct sim_cpu *cpu = &sim->cpus[i];
		union rota_any_record record = { 0 };

		if (!cpu->online)
			continue;
		sim->now_ns++;
		cpu->told = sim_watched(sim, i);
		sim_note_cpu(sim, i);
		record.head.type = ROTA_REC_SNAPSHOT;
		record.head.aux = (uint16_t)i;
		record.head.tid = sim_tid_of(sim, cpu->uid);
		record.head.flags = sim_is_target(sim, cpu->uid) ? ROTA_F_TARGET : 0;
		record.snapshot.target_ns = cpu->target_ns;
		record.snapshot.other_ns = cpu->other_ns;
		record.snapshot.idle_ns = cpu->idle_ns;
		sim_write(sim, i, &record);
	}
}
