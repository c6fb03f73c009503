/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What timeline keeps, for its own files only: threads, cpus, gaps. Events come in at timeline.c; every change of state goes
 * out through thread_move() and cpu_move(), which keep each thread and each cpu gapless and the queues counted.
 *
 *   table.c   who is who: tids, identity, names, exec's swap of tids, the bound on strangers
 *   move.h    thread_move(), cpu_move()
 *   state.c   which cpus are watched, and corrections made of several moves
 *   run.c     SWITCH, WAKEUP, MIGRATE, and who occupies a cpu (OCCUPANT, SNAPSHOT)
 *   member.c  TASK, NAME, EXEC, LEAVE: joining and leaving T
 *   loss.c    gaps, synchronisations, hotplug
 */
#ifndef ROTA_TIMELINE_STATE_H
#define ROTA_TIMELINE_STATE_H

#include "base/idtable.h"
#include "rota/event.h"
#include "rota/sink.h"
#include "rota/topology.h"

#define TIMELINE_STRANGERS_MAX 65536U /* strangers kept that are on no cpu */
#define TIMELINE_SKEW_NS       20000U /* records of two cpus may disagree by half of this */
#define TIMELINE_RACE_NS       1000U  /* between reading another cpu's occupant and its switch; no two switches fit */
#define TIMELINE_DEPARTED      64U    /* threads whose end is remembered, against a listing that comes late */
#define NO_CPU                 ((uint16_t)ROTA_CPU_NONE)

struct thread {
	struct rota_thread pub;       /* first: sinks get its address */
	uint64_t since_ns;            /* when `state` began */
	uint64_t told_ns;             /* last TASK record about it */
	uint8_t state;                /* enum rota_state; NONE: a stranger, or of T with no state yet */
	bool unborn;                  /* TASK NEW was seen, its first wakeup not yet */
	bool unidentified_birth;      /* its first wakeup was seen before its TASK record */
	uint16_t cpu;                 /* the cpu it runs on, is queued on or was on last */
	uint16_t seats;               /* cpus whose `thread` it is */
	uint32_t exec_old_tid;        /* exec took this tid from it and the EXEC record is still to come; 0: no */
	struct thread *older, *newer; /* strangers on no cpu, least recently seen first */
};

struct cpu {
	struct thread *thread; /* TARGET, OTHER: who */
	uint64_t since_ns;
	uint32_t number;
	uint8_t occupancy; /* enum rota_occupancy */
	bool present;
	bool watched;           /* every switch here is recorded, since a snapshot that said so and until UNWATCH */
	uint32_t queued;        /* threads of T in RUNNABLE or THROTTLED here */
	uint32_t ours_beside;   /* siblings that run T */
	uint32_t sibling_count; /* without itself */
	uint32_t *siblings;
	uint32_t gap; /* GAPs without their LOST */
	uint64_t gap_since_ns;
	uint32_t gone_tid; /* seen elsewhere while it should have been here: its switch-out is overdue. 0: none */
	uint32_t last_prev_tid, last_next_tid;
	uint64_t last_switch_ns;
	bool share_valid; /* a snapshot was seen and nothing lost since */
	uint64_t share_ns, target_ns, other_ns, idle_ns;
};

struct departed {
	uint32_t tid;
	uint64_t start_boottime_ns;
};

struct timeline {
	const struct rota_topology *topology;
	bool every_switch;
	struct rota_sink sink;
	uint64_t now_ns;
	bool begun, started, stopped; /* first event, START, STOP were seen */
	uint32_t gaps;                /* cpus in a gap */
	bool sync_open;               /* BEGIN was seen, and no gap since */
	uint64_t sync_begin_ns;
	struct cpu *cpus;
	uint32_t cpu_count;
	uint32_t *sibling_pool;
	struct idtable *by_tid;
	struct thread **by_index;
	size_t index_capacity;
	uint32_t index_count;
	uint32_t *free_indices;
	size_t free_capacity;
	uint32_t free_count;
	struct thread *oldest, *newest; /* strangers on no cpu */
	uint32_t stranger_count;
	struct rota_rec_reason reason; /* for the TASK record that follows; head.tid 0: none */
	struct departed departed[TIMELINE_DEPARTED];
	uint32_t departed_next;
};

/* --- table.c --- */
static inline struct thread *thread_find(const struct timeline *timeline, uint32_t tid)
{
	return idtable_get(timeline->by_tid, tid);
}
struct thread *thread_get(struct timeline *timeline, uint32_t tid); /* finds or makes a stranger without identity */
/* Ends it in the table and tells the sink. It must be in state NONE and on no cpu. */
void thread_drop(struct timeline *timeline, struct thread *thread);
/* `thread` has tid from now on, and the thread that had it, if any, gets the old one (exec by a non-leader). */
void thread_swap(struct timeline *timeline, struct thread *thread, uint32_t tid);
/* `tid` is on `cpu`: the thread that is believed there may have got this tid by exec. */
void cpu_notice_swap(struct timeline *timeline, const struct cpu *cpu, uint32_t tid);
void thread_rename(struct timeline *timeline, struct thread *thread, const char *comm);
void thread_seat(struct timeline *timeline, struct thread *thread);   /* a cpu's `thread` is it from now on */
void thread_unseat(struct timeline *timeline, struct thread *thread); /* and not any more */
void stranger_link(struct timeline *timeline, struct thread *thread);
void stranger_unlink(struct timeline *timeline, struct thread *thread);
/* Ends strangers beyond the bound. Not to be called while pointers to any are in hand. */
void strangers_trim(struct timeline *timeline);
bool thread_departed(const struct timeline *timeline, uint32_t tid, uint64_t start_boottime_ns);
void table_fini(struct timeline *timeline);

/* --- state.c --- */
struct move { /* what thread_move() needs beside the state */
	uint8_t flags, cause;
	uint16_t cpu, raw_state;
	uint32_t reason;
	uint64_t argument;
	struct rota_waker waker;
};
void thread_move(struct timeline *timeline, struct thread *thread, uint8_t to, const struct move *move);
/* The same without particulars; `cpu` as in struct rota_thread_transition. */
static inline void thread_put(struct timeline *timeline, struct thread *thread, uint8_t to, uint16_t cpu, uint8_t flags)
{
	thread_move(timeline, thread, to, &(struct move){ .cpu = cpu, .flags = flags });
}
void cpu_move(struct timeline *timeline, struct cpu *cpu, uint8_t to, struct thread *thread);
/* Nobody of T: idle, `thread`, or, where that would not be told, AWAY. */
void cpu_leave_to(struct timeline *timeline, struct cpu *cpu, struct thread *stranger);
bool cpu_watched(const struct timeline *timeline, const struct cpu *cpu);
void cpu_check_watch(struct timeline *timeline, struct cpu *cpu);
/* Whoever of T is believed on `cpu` left it unseen; the cpu's own state is for the caller to set. */
void cpu_vacate(struct timeline *timeline, struct cpu *cpu);
/* A thread of T that is believed RUNNING elsewhere than on `cpu` turned up: it becomes UNKNOWN, and so does that cpu. */
void thread_recall(struct timeline *timeline, struct thread *thread, const struct cpu *cpu);
/* The tid of `thread` is another's from now on. */
void thread_supersede(struct timeline *timeline, struct thread *thread);
/* Ends a thread that died unseen, and drops it. */
void thread_end(struct timeline *timeline, struct thread *thread);

/* --- member.c --- */
/* What a record's flag says: in T or not. A thread that leaves T this way gets state NONE. */
void thread_set_target(struct timeline *timeline, struct thread *thread, bool target);
void feed_task(struct timeline *timeline, const struct rota_event *event);
void feed_reason(struct timeline *timeline, const struct rota_rec_reason *reason);
void feed_name(struct timeline *timeline, const struct rota_event *event);
void feed_exec(struct timeline *timeline, const struct rota_event *event);
void feed_leave(struct timeline *timeline, const struct rota_event *event);

/* --- run.c --- */
void feed_switch(struct timeline *timeline, const struct rota_event *event);
void feed_wakeup(struct timeline *timeline, const struct rota_event *event);
void feed_migrate(struct timeline *timeline, const struct rota_event *event);
void feed_occupant(struct timeline *timeline, const struct rota_event *event);
void feed_snapshot(struct timeline *timeline, const struct rota_event *event);

/* --- loss.c --- */
void feed_gap(struct timeline *timeline, uint32_t cpu);
void feed_lost(struct timeline *timeline, const struct rota_event *event);
void feed_sync(struct timeline *timeline, const struct rota_event *event);
void feed_hotplug(struct timeline *timeline, const struct rota_event *event);
void feed_unwatch(struct timeline *timeline);
void cpu_set_online(struct timeline *timeline, struct cpu *cpu);

#endif
