/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What happens: threads block, wake, are preempted, yield, stop, migrate, fork, exit, exec, are renamed, join and leave T;
 * cpus go off and on. One thing at a time, in the order of time; whatever is possible on a Linux machine may be chosen.
 */
#include "tool/sim/world.h"

#include "base/alloc.h"

#include <stdio.h>
#include <string.h>

#define SIM_SPACING_NS 1100 /* two switches of one cpu are at least this far apart */

void sim_pass(struct schedsim *sim)
{
	sim->now_ns += SIM_SPACING_NS + (sim_random(sim) & ((1ULL << sim_below(sim, 18)) - 1));
}

static bool sim_is_queued(const struct sim_thread *thread)
{
	return !thread->unborn && !thread->dead && (thread->state == ROTA_RUNNABLE || thread->state == ROTA_THROTTLED);
}

static uint32_t random_online(struct schedsim *sim)
{
	uint32_t cpu;

	do
		cpu = sim_below(sim, sim->cpu_count);
	while (!sim->cpus[cpu].online);
	return cpu;
}

/* --- births, tids ---------------------------------------------------------------------------------------------- */

static struct sim_thread *thread_make(struct schedsim *sim, uint32_t tgid, bool target)
{
	struct sim_thread *thread;
	uint32_t tid;

	if (sim->config.reuse && sim->free_count && sim_chance(sim, 60)) {
		uint32_t at = sim_below(sim, (uint32_t)sim->free_count);

		tid = sim->free_tids[at];
		sim->free_tids[at] = sim->free_tids[--sim->free_count];
	} else {
		tid = sim->next_tid++;
	}
	sim->threads = xgrow(sim->threads, &sim->thread_capacity, sim->thread_count + 1, sizeof(*sim->threads));
	thread = &sim->threads[sim->thread_count];
	memset(thread, 0, sizeof(*thread));
	thread->uid = (uint32_t)sim->thread_count++;
	thread->tid = tid;
	thread->tgid = tgid ? tgid : tid;
	thread->start_ns = SIM_START_NS + SIM_START_STEP_NS * thread->uid;
	thread->target = target;
	snprintf(thread->comm, sizeof(thread->comm), "sim-%u", thread->uid);
	sim_note_tid(sim, tid, thread->uid);
	return thread;
}

static void tid_release(struct schedsim *sim, uint32_t tid)
{
	sim_note_tid(sim, tid, SIM_NOBODY);
	sim->free_tids = xgrow(sim->free_tids, &sim->free_capacity, sim->free_count + 1, sizeof(*sim->free_tids));
	sim->free_tids[sim->free_count++] = tid;
}

/* A leader's tid stays taken while its process has threads. */
static void tids_release(struct schedsim *sim, const struct sim_thread *dead)
{
	bool others = false;

	for (size_t i = 0; i < sim->thread_count; i++)
		others |= !sim->threads[i].dead && sim->threads[i].tgid == dead->tgid;
	if (dead->tid != dead->tgid)
		tid_release(sim, dead->tid);
	if (!others)
		tid_release(sim, dead->tgid);
}

/* --- queues and switches --------------------------------------------------------------------------------------- */

static void stay_begin(struct schedsim *sim, struct sim_thread *thread, uint8_t cause)
{
	thread->cause = cause;
	thread->queued_ns = sim->now_ns;
}

static void stay_end(struct schedsim *sim, struct sim_thread *thread)
{
	if (!thread->target)
		return;
	thread->stays = xgrow(thread->stays, &thread->stay_capacity, thread->stay_count + 1, sizeof(*thread->stays));
	thread->stays[thread->stay_count++] = (struct sim_stay){
		.since_ns = thread->queued_ns, .end_ns = sim->now_ns, .state = thread->state, .cause = thread->cause
	};
}

static struct sim_thread *random_thread(struct schedsim *sim, bool (*fits)(const struct sim_thread *))
{
	size_t first = sim_below(sim, (uint32_t)sim->thread_count);

	for (size_t i = 0; i < sim->thread_count; i++) {
		struct sim_thread *thread = &sim->threads[(first + i) % sim->thread_count];

		if (!thread->dead && fits(thread))
			return thread;
	}
	return NULL;
}

static uint32_t random_queued_on(struct schedsim *sim, uint32_t cpu)
{
	size_t first = sim_below(sim, (uint32_t)sim->thread_count);

	for (size_t i = 0; i < sim->thread_count; i++) {
		const struct sim_thread *thread = &sim->threads[(first + i) % sim->thread_count];

		if (sim_is_queued(thread) && thread->cpu == cpu)
			return thread->uid;
	}
	return SIM_NOBODY;
}

/* Whether the records still say who is on each of these cpus. */
static void refresh_told(struct schedsim *sim, uint32_t cpu)
{
	const struct rota_core_info *core = &sim->topology->cores[sim->topology->cpus[cpu].core];

	for (uint32_t i = 0; i < core->cpu_count; i++) {
		uint32_t sibling = core->cpus[i];

		if (!sim_watched(sim, sibling))
			sim->cpus[sibling].told = false;
		sim_note_cpu(sim, sibling);
	}
}

static void count_switch(struct schedsim *sim, uint32_t prev, uint32_t next, bool involuntary)
{
	if (!sim->in_window)
		return;
	if (sim_is_target(sim, prev) && involuntary)
		sim->threads[prev].involuntary++;
	else if (sim_is_target(sim, prev))
		sim->threads[prev].voluntary++;
	if (sim_is_target(sim, next))
		sim->threads[next].switch_ins++;
}

/* Another reason each time, from the time alone: it takes nothing from the dice that the schedule is made with. */
static void block_in(const struct schedsim *sim, struct sim_thread *thread)
{
	uint64_t hash = (sim->now_ns + thread->uid) * 0x9e3779b97f4a7c15ULL;

	thread->reason = (uint32_t)(hash >> 40 & ROTA_REASON_SYSCALL_MASK) |
			 (uint32_t)((hash >> 32) % ROTA_FD_KINDS) << ROTA_REASON_FD_KIND_SHIFT | ROTA_REASON_TOLD;
	thread->argument = hash >> 60 & 1 ? hash : 0;
	if (!(hash >> 61)) /* the kernel does not tell of one in eight */
		thread->reason = 0, thread->argument = 0;
}

static void do_switch(struct schedsim *sim, uint32_t cpu, uint32_t next, enum rota_out out, bool throttled)
{
	const struct rota_core_info *core = &sim->topology->cores[sim->topology->cpus[cpu].core];
	uint32_t prev = sim->cpus[cpu].uid;
	struct sim_thread *leaver = sim_thread(sim, prev), *comer = sim_thread(sim, next);
	bool before = sim_watched(sim, cpu), sibling_before[16], after;
	bool involuntary = out == ROTA_OUT_PREEMPTED || out == ROTA_OUT_YIELDED;
	uint8_t flags = 0;

	for (uint32_t i = 0; i < core->cpu_count; i++)
		sibling_before[i] = sim_watched(sim, core->cpus[i]);
	count_switch(sim, prev, next, involuntary);
	if (comer) {
		stay_end(sim, comer);
		comer->state = ROTA_RUNNING;
	}
	if (leaver) {
		static const uint8_t states[] = { ROTA_BLOCKED, ROTA_RUNNABLE, ROTA_RUNNABLE, ROTA_STOPPED, ROTA_NONE };

		block_in(sim, leaver);
		leaver->state = throttled && involuntary ? ROTA_THROTTLED : states[out];
		leaver->dead = out == ROTA_OUT_DEAD;
		leaver->died_ns = leaver->dead ? sim->now_ns : 0;
		if (involuntary)
			stay_begin(sim, leaver, out == ROTA_OUT_YIELDED ? ROTA_CAUSE_YIELDED : ROTA_CAUSE_PREEMPTED);
		flags = (uint8_t)(out << ROTA_SWITCH_OUT_SHIFT) | (involuntary ? ROTA_SWITCH_INVOLUNTARY : 0) |
			(leaver->state == ROTA_THROTTLED ? ROTA_SWITCH_THROTTLED : 0);
	}
	sim->cpus[cpu].uid = next;
	after = sim_watched(sim, cpu);
	if (before || after) {
		sim_write_switch(sim, cpu, prev, next, flags);
		sim->cpus[cpu].told = after;
	}
	if (comer && comer->target) {
		for (uint32_t i = 0; i < core->cpu_count; i++) {
			uint32_t sibling = core->cpus[i];

			if (sibling == cpu || !sim->cpus[sibling].online)
				continue;
			if (sibling_before[i] && !sim_chance(sim, 20))
				continue;
			sim_write_occupant(sim, cpu, sibling);
			sim->cpus[sibling].told = true;
		}
	}
	refresh_told(sim, cpu);
	if (leaver) {
		sim_note_thread(sim, leaver);
		if (leaver->dead)
			tids_release(sim, leaver);
	}
	if (comer)
		sim_note_thread(sim, comer);
}

static void step_reschedule(struct schedsim *sim)
{
	uint32_t cpu = random_online(sim), next = random_queued_on(sim, cpu);
	struct sim_thread *thread = sim_thread(sim, sim->cpus[cpu].uid);
	uint32_t dice = sim_below(sim, 100);

	if (!thread) {
		if (next != SIM_NOBODY)
			do_switch(sim, cpu, next, ROTA_OUT_BLOCKED, false);
		return;
	}
	if (thread->doomed)
		do_switch(sim, cpu, next, ROTA_OUT_DEAD, false);
	else if (dice < 50)
		do_switch(sim, cpu, next, ROTA_OUT_BLOCKED, false);
	else if (dice < 55)
		do_switch(sim, cpu, next, ROTA_OUT_STOPPED, false);
	else if (dice < 62)
		do_switch(sim, cpu, next, ROTA_OUT_DEAD, false);
	else if (next != SIM_NOBODY)
		do_switch(sim, cpu, next, dice < 72 ? ROTA_OUT_YIELDED : ROTA_OUT_PREEMPTED,
			  sim->config.throttle && sim_chance(sim, 25));
}

static void enqueue(struct schedsim *sim, struct sim_thread *thread, uint32_t cpu, uint8_t cause, uint8_t flags)
{
	uint32_t ring = sim_chance(sim, 50) ? cpu : random_online(sim);
	bool throttled = sim->config.throttle && sim_chance(sim, 10);

	thread->cpu = (uint16_t)cpu;
	thread->state = throttled ? ROTA_THROTTLED : ROTA_RUNNABLE;
	thread->unborn = false;
	stay_begin(sim, thread, cause);
	if (thread->target) {
		sim_write_wakeup(sim, ring, thread, flags | (throttled ? ROTA_WAKEUP_THROTTLED : 0));
		sim->cpus[cpu].told = true;
		refresh_told(sim, cpu);
	}
	sim_note_thread(sim, thread);
}

static bool fits_sleeping(const struct sim_thread *thread)
{
	return !thread->unborn && (thread->state == ROTA_BLOCKED || thread->state == ROTA_STOPPED);
}

static void step_wake(struct schedsim *sim)
{
	struct sim_thread *thread = random_thread(sim, fits_sleeping);
	bool home;

	if (!thread)
		return;
	home = sim->cpus[thread->cpu].online && sim_chance(sim, 50);
	enqueue(sim, thread, home ? thread->cpu : random_online(sim), ROTA_CAUSE_WAKEUP,
		sim_chance(sim, 20) ? ROTA_WAKEUP_IRQ : 0);
}

static bool fits_unborn(const struct sim_thread *thread)
{
	return thread->unborn;
}

static void step_wake_new(struct schedsim *sim)
{
	struct sim_thread *thread = random_thread(sim, fits_unborn);

	if (thread)
		enqueue(sim, thread, random_online(sim), ROTA_CAUSE_NEW, ROTA_WAKEUP_NEW);
}

static bool fits_spurious(const struct sim_thread *thread)
{
	return thread->target && !thread->unborn && (thread->state == ROTA_RUNNING || sim_is_queued(thread));
}

static void step_spurious(struct schedsim *sim)
{
	struct sim_thread *thread = random_thread(sim, fits_spurious);

	/* Before a thread is known, its first wakeup is taken for one that woke it: not to be told apart. */
	if (!thread || !sim->in_window)
		return;
	sim_write_wakeup(sim, thread->cpu, thread, thread->state == ROTA_THROTTLED ? ROTA_WAKEUP_THROTTLED : 0);
	sim->cpus[thread->cpu].told = true;
	refresh_told(sim, thread->cpu);
}

static void move_queued(struct schedsim *sim, struct sim_thread *thread, uint32_t cpu)
{
	uint32_t from = thread->cpu;

	thread->cpu = (uint16_t)cpu;
	if (thread->target) {
		sim_write_migrate(sim, sim_chance(sim, 50) ? cpu : random_online(sim), thread, from);
		sim->cpus[cpu].told = true;
		refresh_told(sim, from);
		refresh_told(sim, cpu);
	}
	sim_note_thread(sim, thread);
}

static void step_migrate(struct schedsim *sim)
{
	struct sim_thread *thread = random_thread(sim, sim_is_queued);
	uint32_t cpu = random_online(sim);

	if (thread && thread->cpu != cpu)
		move_queued(sim, thread, cpu);
}

/* --- processes ------------------------------------------------------------------------------------------------- */

static bool fits_running(const struct sim_thread *thread)
{
	return !thread->unborn && thread->state == ROTA_RUNNING && !thread->doomed;
}

static void step_fork(struct schedsim *sim)
{
	struct sim_thread *parent = random_thread(sim, fits_running), *child;
	uint32_t cpu;
	size_t alive = 0;

	for (size_t i = 0; i < sim->thread_count; i++)
		alive += !sim->threads[i].dead;
	if (!parent || alive >= 2ULL * (sim->config.threads + sim->config.strangers) + 4)
		return;
	cpu = parent->cpu;
	child = thread_make(sim, sim_chance(sim, 50) ? parent->tgid : 0, parent->target);
	child->unborn = true;
	child->state = ROTA_BLOCKED;
	child->cpu = (uint16_t)cpu;
	if (child->target)
		sim_write_task(sim, cpu, child, ROTA_TASK_NEW);
	sim_note_thread(sim, child);
}

static void write_text(struct schedsim *sim, const struct sim_thread *thread, uint8_t type, uint32_t old_tid)
{
	union rota_any_record record = { 0 };

	record.head.type = type;
	record.head.tid = thread->tid;
	record.head.flags = ROTA_F_TARGET;
	if (type == ROTA_REC_EXEC) {
		record.exec.old_tid = old_tid;
		memcpy(record.exec.comm, thread->comm, ROTA_COMM_SIZE);
	} else {
		memcpy(record.name.comm, thread->comm, ROTA_COMM_SIZE);
	}
	sim_write(sim, thread->cpu, &record);
}

static void step_rename(struct schedsim *sim)
{
	struct sim_thread *thread = random_thread(sim, fits_running);

	if (!thread || !thread->target)
		return;
	snprintf(thread->comm, sizeof(thread->comm), "n%u-%u", sim_below(sim, 1000), thread->uid);
	write_text(sim, thread, ROTA_REC_NAME, 0);
}

/* de_thread(): possible once every other thread of the process is gone, and the leader at least a zombie. */
static struct sim_thread *exec_leader(struct schedsim *sim, const struct sim_thread *thread)
{
	struct sim_thread *leader = NULL;

	for (size_t i = 0; i < sim->thread_count; i++) {
		struct sim_thread *other = &sim->threads[i];

		if (other == thread || other->tgid != thread->tgid || (other->dead && other->tid != other->tgid))
			continue;
		if (other->tid != other->tgid || leader)
			return NULL;
		leader = other;
	}
	if (!leader || leader->unborn || leader->target != thread->target)
		return NULL;
	return leader->dead || leader->state == ROTA_RUNNING || sim_is_queued(leader) ? leader : NULL;
}

static bool fits_exec(const struct sim_thread *thread)
{
	return fits_running(thread) && thread->target;
}

static void step_exec(struct schedsim *sim)
{
	struct sim_thread *thread = random_thread(sim, fits_exec), *leader;

	/* Before a thread is known, an exec of it cannot be told from another thread. */
	if (!thread || !sim->config.exec || !sim->in_window)
		return;
	if (thread->exec_old_tid) {
		write_text(sim, thread, ROTA_REC_EXEC, thread->exec_old_tid);
		thread->exec_old_tid = 0;
		return;
	}
	if (thread->tid == thread->tgid) {
		snprintf(thread->comm, sizeof(thread->comm), "x%u", thread->uid);
		write_text(sim, thread, ROTA_REC_EXEC, thread->tid);
		return;
	}
	leader = exec_leader(sim, thread);
	if (!leader)
		return;
	thread->exec_old_tid = thread->tid;
	leader->tid = thread->tid;
	thread->tid = thread->tgid;
	thread->start_ns = leader->start_ns;
	leader->doomed = true;
	sim_note_tid(sim, thread->tid, thread->uid);
	if (leader->dead)
		tid_release(sim, leader->tid);
	else
		sim_note_tid(sim, leader->tid, leader->uid);
}

/* --- membership, cpus ------------------------------------------------------------------------------------------ */

static bool fits_member(const struct sim_thread *thread)
{
	return !thread->unborn && !thread->doomed && !thread->exec_old_tid;
}

static void step_membership(struct schedsim *sim)
{
	struct sim_thread *thread = random_thread(sim, fits_member);
	uint32_t ring = random_online(sim);

	if (!thread)
		return;
	if (thread->target && sim_is_queued(thread))
		stay_end(sim, thread);
	thread->target = !thread->target;
	if (thread->target) {
		if (sim_is_queued(thread))
			stay_begin(sim, thread, ROTA_CAUSE_UNKNOWN);
		sim_write_task(sim, ring, thread, ROTA_TASK_JOIN);
	} else {
		union rota_any_record record = { 0 };

		record.head.type = ROTA_REC_LEAVE;
		record.head.tid = thread->tid;
		sim_write(sim, ring, &record);
		if (thread->state == ROTA_RUNNING)
			sim->cpus[thread->cpu].told = true;
	}
	refresh_told(sim, thread->cpu);
	sim_note_thread(sim, thread);
}

static void step_hotplug(struct schedsim *sim)
{
	uint32_t number = sim_below(sim, sim->cpu_count), online = 0;
	struct sim_cpu *cpu = &sim->cpus[number];

	for (uint32_t i = 0; i < sim->cpu_count; i++)
		online += sim->cpus[i].online;
	if (cpu->online && (online < 2 || cpu->uid != SIM_NOBODY || random_queued_on(sim, number) != SIM_NOBODY))
		return;
	if (sim->rings[number].losing || sim->rings[number].lost)
		return; /* its loss would be told by nobody */
	cpu->online = !cpu->online;
	cpu->told = false;
	sim_write_user(sim, ROTA_REC_HOTPLUG, cpu->online ? ROTA_HOTPLUG_ONLINE : 0, (uint16_t)number);
	sim_note_cpu(sim, number);
}

static void step_loss(struct schedsim *sim)
{
	if (sim->in_window && sim_below(sim, 1000) < sim->config.loss_permil)
		sim->rings[random_online(sim)].losing = true;
	for (uint32_t i = 0; i < sim->cpu_count; i++) {
		if (sim->rings[i].losing && sim_chance(sim, 10))
			sim->rings[i].losing = false;
	}
}

void sim_step(struct schedsim *sim)
{
	uint32_t dice = sim_below(sim, 100);

	sim_pass(sim);
	step_loss(sim);
	sim_go_step(sim);
	if (dice < 40)
		step_reschedule(sim);
	else if (dice < 66)
		step_wake(sim);
	else if (dice < 74)
		step_migrate(sim);
	else if (dice < 81)
		step_fork(sim);
	else if (dice < 88)
		step_wake_new(sim);
	else if (dice < 90)
		step_rename(sim);
	else if (dice < 94)
		step_exec(sim);
	else if (dice < 96)
		step_spurious(sim);
	else if (dice < 98 && sim->config.membership)
		step_membership(sim);
	else if (dice < 99 && sim->config.hotplug)
		step_hotplug(sim);
}

void sim_populate(struct schedsim *sim)
{
	uint32_t total = sim->config.threads + sim->config.strangers;

	for (uint32_t i = 0; i < total; i++) {
		bool target = i < sim->config.threads;
		uint32_t leader =
			i && sim_chance(sim, 60) && sim->threads[i - 1].target == target ? sim->threads[i - 1].tgid : 0;
		struct sim_thread *thread = thread_make(sim, leader, target);

		thread->cpu = (uint16_t)random_online(sim);
		thread->state = ROTA_BLOCKED;
		if (sim_chance(sim, 50)) {
			thread->state = ROTA_RUNNABLE;
			stay_begin(sim, thread, ROTA_CAUSE_UNKNOWN);
		}
		if (thread->state == ROTA_RUNNABLE && sim->cpus[thread->cpu].uid == SIM_NOBODY && sim_chance(sim, 70)) {
			thread->state = ROTA_RUNNING;
			sim->cpus[thread->cpu].uid = thread->uid;
		}
		sim_note_thread(sim, thread);
	}
	for (uint32_t i = 0; i < sim->cpu_count; i++)
		sim_note_cpu(sim, i);
}
