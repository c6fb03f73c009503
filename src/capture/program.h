/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The BPF programs as plain functions: load with settings, attach, seed, walk, snapshot, ask for their cost. Hides the
 * skeleton and libbpf's maps from the rest of the room.
 */
#ifndef ROTA_CAPTURE_PROGRAM_H
#define ROTA_CAPTURE_PROGRAM_H

#include "host/shape.h"
#include "rota/settings.h"
#include "rota/topology.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct program_config {
	struct bpf_settings settings; /* what depends on the kernel's shape is filled in here */
	const struct rota_topology *topology;
	uint64_t ring_bytes;   /* a power of two */
	uint32_t seed_count;   /* room for so many seeds */
	bool calls;            /* load and attach the programs of --syscalls */
	bool calls_after_exec; /* none before a thread of T has done an exec */
	uint64_t call_min_ns;
	bool stacks;   /* --stacks: user stacks at switches, and at the ticks of a clock on each cpu */
	bool go;       /* load what follows Go programs */
	bool go_exact; /* --go-exact: the programs for uprobes, too */
};

struct program_calls { /* what the programs of --syscalls add up (rota/settings.h) */
	int sums_fd, spread_fd;
	struct bpf_call_control *control; /* shared with the kernel side */
};

struct program;
/* Loads, and makes a ring for each possible cpu. 0, or -errno with the reason and the remedy logged. */
int program_load(const struct program_config *config, struct program **ret_program);
void program_free(struct program *program);
/* What the programs were told about this kernel. */
const struct kernel_shape *program_shape(const struct program *program);
/* Loads all programs with the smallest maps and drops them again, silently. 0, or -errno and the first that was refused. */
int program_try(const char **ret_refused);
int program_ring_fd(const struct program *program, uint32_t cpu); /* -1 where there is no such cpu */
/* Names an id (as rota's pid namespace has it) to be in T; before program_walk(BPF_WALK_SEED). */
int program_seed(struct program *program, uint32_t id, bool process);
bool program_seed_found(struct program *program, uint32_t id);
int program_attach(struct program *program);
void program_detach(struct program *program);
/* While on, every switch of every cpu is recorded; seen by a cpu once program_snapshot() has run there. */
void program_watch_all(struct program *program, bool on);
/* One snapshot on `cpu`, written to its ring. 0; -EAGAIN: the ring is full; -ENXIO: the cpu is offline. */
int program_snapshot(struct program *program, uint32_t cpu);

/* A walk over all tasks. Call program_walk_step() until it returns 0; drain the rings in between. */
int program_walk_begin(struct program *program, enum bpf_walk what, int *ret_fd);
int program_walk_step(int fd); /* 1: more to come; 0: done (fd closed); -errno (fd closed) */

/* False where they were not asked for. */
bool program_calls(struct program *program, struct program_calls *ret_calls);
/* Counts the threads of T that are in a system call whose beginning was seen; 0 or -errno. */
int program_open_calls(struct program *program, uint32_t *ret_count);

/* Starts a sampling clock on each online cpu, where none runs yet. 0, or -errno with the reason logged. */
int program_start_clocks(struct program *program);
/* From now on the kernel side tells what threads of this process carry; until it does an exec. 0 or -errno (-E2BIG: too many). */
int program_go_follow(struct program *program, uint32_t tgid, const struct bpf_go *go);
void program_go_forget(struct program *program, uint32_t tgid);
/* Puts uprobes at two places of the process's executable (offsets in the file). 0 or -errno; nothing is left behind then. */
int program_begin_exact(struct program *program, uint32_t tgid, uint64_t execute_offset, uint64_t schedule_offset);
void program_end_exact(struct program *program, uint32_t tgid); /* 0: of all */
uint64_t program_exact_hits(const struct program *program);     /* of all uprobes, since load */

uint32_t program_seeded(const struct program *program);      /* counts: threads that a walk made members of T */
uint32_t program_sync_wanted(const struct program *program); /* counts; a change asks for a walk */
uint32_t program_beyond(const struct program *program);      /* tasks whose tid the tables cannot hold */
/* Events the kernel did not run a program for, because it was already running on that cpu; since load. */
uint64_t program_misses(const struct program *program);
/* Time spent in the programs since load. *ret_exact: from the kernel's BPF statistics, else estimated from samples. */
uint64_t program_cost_ns(const struct program *program, uint64_t wakeups, bool *ret_exact);

#endif
