/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Between the files of the simulator: random numbers, records (records.c), things that happen (world.c). */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "tool/sim/schedsim.h"

static inline uint64_t sim_random(struct schedsim *sim)
{
	uint64_t z = (sim->random += 0x9e3779b97f4a7c15ULL); /* splitmix64 */

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}
static inline uint32_t sim_below(struct schedsim *sim, uint32_t limit)
{
	return (uint32_t)(sim_random(sim) % limit);
}
static inline bool sim_chance(struct schedsim *sim, uint32_t percent)
{
	return sim_below(sim, 100) < percent;
}
static inline struct sim_thread *sim_thread(const struct schedsim *sim, uint32_t uid)
{
	return uid == SIM_NOBODY ? NULL : &sim->threads[uid];
}
static inline uint32_t sim_tid_of(const struct schedsim *sim, uint32_t uid)
{
	return uid == SIM_NOBODY ? 0 : sim->threads[uid].tid;
}
static inline bool sim_is_target(const struct schedsim *sim, uint32_t uid)
{
	return uid != SIM_NOBODY && sim->threads[uid].target;
}

/* --- truth.c: what really was --- */
void sim_note_thread(struct schedsim *sim, struct sim_thread *thread);
void sim_note_cpu(struct schedsim *sim, uint32_t cpu);
void sim_note_tid(struct schedsim *sim, uint32_t tid, uint32_t uid);

/* --- records.c: what the capture rules make of it --- */
void sim_write(struct schedsim *sim, uint32_t ring, union rota_any_record *record);
bool sim_watched(const struct schedsim *sim, uint32_t cpu);
void sim_write_task(struct schedsim *sim, uint32_t ring, struct sim_thread *thread, uint8_t flags);
void sim_write_name_once(struct schedsim *sim, uint32_t ring, uint32_t uid);
void sim_write_switch(struct schedsim *sim, uint32_t cpu, uint32_t prev, uint32_t next, uint8_t flags);
void sim_write_wakeup(struct schedsim *sim, uint32_t ring, const struct sim_thread *thread, uint8_t flags);
void sim_write_migrate(struct schedsim *sim, uint32_t ring, const struct sim_thread *thread, uint32_t from);
void sim_write_occupant(struct schedsim *sim, uint32_t ring, uint32_t cpu);
void sim_write_user(struct schedsim *sim, uint8_t type, uint8_t flags, uint16_t aux);
void sim_write_snapshots(struct schedsim *sim);

/* --- go.c: which goroutines threads run --- */
void sim_go_step(struct schedsim *sim);
void sim_write_go(struct schedsim *sim, uint32_t cpu, uint32_t uid, uint8_t flags); /* before its SWITCH */

/* --- world.c: what happens --- */
void sim_populate(struct schedsim *sim);
void sim_step(struct schedsim *sim);
void sim_pass(struct schedsim *sim); /* a little time */

#endif
