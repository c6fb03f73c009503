/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * generate TOPOLOGY THREADS SECONDS SWITCHES OUT.rota: a trace of a machine that is not here. TOPOLOGY is hwloc's synthetic
 * notation, SWITCHES how many a second and cpu. The records are those the capture rules of docs/architecture.md would make
 * of a made-up schedule: threads run, wake one another and sleep, one in eight is a stranger. The same arguments always give
 * the same bytes. Prints how many records there are.
 */
#include "base/alloc.h"
#include "host/topology.h"
#include "rota/transition.h"
#include "trace/meta.h"
#include "trace/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NS_PER_S   1000000000ULL
#define BEGIN_NS   (1000 * NS_PER_S)
#define ROUND_NS   NS_PER_S
#define FIRST_TID  1000U
#define NOBODY     UINT32_MAX
#define APART_NS   40           /* cause and effect; little, so that a thousand cpus find room in one order */
#define TAKE_BYTES (256U << 10) /* as src/capture/drain.c hands chunks over */

struct thread {
	bool target, named;
	uint8_t state; /* enum rota_state */
	uint32_t cpu;
	uint32_t next; /* in the queue of its cpu */
	uint32_t slot; /* BLOCKED: in machine.sleepers */
};

struct cpu {
	uint32_t occupant;          /* NOBODY: idle */
	uint32_t first, last;       /* its queue */
	uint32_t targets_queued;    /* of the queue, those of T */
	uint64_t end_ns, since_ns;  /* when the occupant's stay ends */
	uint64_t spent_ns[3];       /* target, other, idle */
	uint32_t place;             /* in the heap */
	struct chunk_encoder *ring; /* its records */
	uint64_t last_ns;           /* time of the last one: each has its own */
};

struct machine {
	struct rota_topology *topology;
	struct trace_writer *writer;
	struct chunk_encoder *user;
	struct cpu *cpus;
	uint32_t *heap; /* cpus that are busy, by end_ns */
	uint32_t heap_size;
	struct thread *threads;
	uint32_t thread_count;
	uint32_t *sleepers, sleeper_count;
	uint64_t random, now_ns, mean_ns, records;
	int err;
};

static uint64_t draw(struct machine *machine) /* xorshift64* */
{
	machine->random ^= machine->random >> 12;
	machine->random ^= machine->random << 25;
	machine->random ^= machine->random >> 27;
	return machine->random * 0x2545f4914f6cdd1dULL;
}

static uint32_t below(struct machine *machine, uint32_t limit)
{
	return (uint32_t)((draw(machine) >> 32) * limit >> 32);
}

/* --- records ------------------------------------------------------------------------------------------------------ */

static void take(struct machine *machine, struct chunk_encoder *ring)
{
	struct chunk chunk;

	if (!chunk_encoder_size(ring))
		return;
	chunk = chunk_encoder_take(ring);
	machine->records += chunk.record_count;
	if (!machine->err)
		machine->err = trace_writer_chunk(machine->writer, &chunk);
}

static void put(struct machine *machine, uint32_t cpu, union rota_any_record *record)
{
	struct cpu *on = cpu == NOBODY ? NULL : &machine->cpus[cpu];
	struct chunk_encoder *ring = on ? on->ring : machine->user;

	record->head.ts_ns = machine->now_ns;
	if (on && on->last_ns >= record->head.ts_ns)
		record->head.ts_ns = on->last_ns + 1;
	if (on)
		on->last_ns = record->head.ts_ns;
	chunk_encode(ring, record);
	if (chunk_encoder_size(ring) >= TAKE_BYTES)
		take(machine, ring);
}

static void put_head(struct machine *machine, uint32_t cpu, uint8_t type, uint8_t flags, uint16_t aux, uint32_t tid)
{
	union rota_any_record record = {
		.head = {.type = type, .flags = flags, .aux = aux, .tid = tid}
	};

	put(machine, cpu, &record);
}

static uint32_t tid_of(uint32_t thread)
{
	return thread == NOBODY ? 0 : FIRST_TID + thread;
}

static bool is_target(const struct machine *machine, uint32_t thread)
{
	return thread != NOBODY && machine->threads[thread].target;
}

static void put_task(struct machine *machine, uint32_t cpu, uint32_t number, uint8_t flags)
{
	struct thread *thread = &machine->threads[number];
	union rota_any_record record = {
		.task = {.head = { .type = ROTA_REC_TASK, .tid = tid_of(number) },
                         .tgid = tid_of(number / 64 * 64),
                         .parent_tid = 1,
                         .start_boottime_ns = NS_PER_S + number * 1000ULL,
                         .state = ROTA_UNKNOWN}
	};

	record.head.aux = (uint16_t)thread->cpu;
	record.head.flags = flags | (thread->target ? ROTA_F_TARGET : 0);
	if (flags & ROTA_TASK_SYNC)
		record.task.state = thread->state;
	snprintf(record.task.comm, sizeof(record.task.comm), "%s-%u", thread->target ? "worker" : "other", number);
	thread->named = true;
	put(machine, cpu, &record);
}

static void introduce(struct machine *machine, uint32_t cpu, uint32_t thread)
{
	if (thread != NOBODY && !machine->threads[thread].named)
		put_task(machine, cpu, thread, 0);
}

/* --- the cpus' ends of stays, nearest first -------------------------------------------------------------------------- */

static bool sooner(const struct machine *machine, uint32_t a, uint32_t b)
{
	uint64_t x = machine->cpus[a].end_ns, y = machine->cpus[b].end_ns;

	return x < y || (x == y && a < b);
}

static void heap_put(struct machine *machine, uint32_t place, uint32_t cpu)
{
	machine->heap[place] = cpu;
	machine->cpus[cpu].place = place;
}

static void heap_settle(struct machine *machine, uint32_t cpu)
{
	uint32_t place = machine->cpus[cpu].place, child;

	while (place && sooner(machine, cpu, machine->heap[(place - 1) / 2])) {
		heap_put(machine, place, machine->heap[(place - 1) / 2]);
		place = (place - 1) / 2;
	}
	while ((child = 2 * place + 1) < machine->heap_size) {
		if (child + 1 < machine->heap_size && sooner(machine, machine->heap[child + 1], machine->heap[child]))
			child++;
		if (!sooner(machine, machine->heap[child], cpu))
			break;
		heap_put(machine, place, machine->heap[child]);
		place = child;
	}
	heap_put(machine, place, cpu);
}

/* --- the schedule ---------------------------------------------------------------------------------------------------- */

static bool sibling_runs_target(const struct machine *machine, uint32_t cpu)
{
	const struct rota_core_info *core = &machine->topology->cores[machine->topology->cpus[cpu].core];

	for (uint32_t i = 0; i < core->cpu_count; i++)
		if (core->cpus[i] != cpu && is_target(machine, machine->cpus[core->cpus[i]].occupant))
			return true;
	return false;
}

static void put_sibling_occupants(struct machine *machine, uint32_t cpu)
{
	const struct rota_core_info *core = &machine->topology->cores[machine->topology->cpus[cpu].core];

	for (uint32_t i = 0; i < core->cpu_count; i++) {
		uint32_t occupant = machine->cpus[core->cpus[i]].occupant;

		if (core->cpus[i] == cpu)
			continue;
		introduce(machine, cpu, occupant);
		put_head(machine, cpu, ROTA_REC_OCCUPANT, is_target(machine, occupant) ? ROTA_F_TARGET : 0,
			 (uint16_t)core->cpus[i], tid_of(occupant));
	}
}

static void account(struct machine *machine, struct cpu *on)
{
	unsigned int kind = on->occupant == NOBODY ? 2 : !is_target(machine, on->occupant);

	on->spent_ns[kind] += machine->now_ns - on->since_ns;
	on->since_ns = machine->now_ns;
}

/* `cpu` goes over to the first of its queue, or to idle. `flags`: how its occupant leaves. */
static void switch_cpu(struct machine *machine, uint32_t cpu, uint8_t flags)
{
	struct cpu *on = &machine->cpus[cpu];
	uint32_t prev = on->occupant, next = on->first;
	bool watched = is_target(machine, prev) || is_target(machine, next) || on->targets_queued ||
		       sibling_runs_target(machine, cpu);

	account(machine, on);
	if (next != NOBODY) {
		on->first = machine->threads[next].next;
		on->targets_queued -= is_target(machine, next);
		machine->threads[next].state = ROTA_RUNNING;
	}
	on->occupant = next;
	/* stays from a tenth to twice their mean */
	on->end_ns = next == NOBODY ? UINT64_MAX
				    : machine->now_ns + machine->mean_ns / 10 + below(machine, 2 * machine->mean_ns);
	heap_settle(machine, cpu);
	if (!watched)
		return;
	introduce(machine, cpu, prev);
	introduce(machine, cpu, next);
	put(machine, cpu,
	    &(union rota_any_record){
		    .sw = {.head = { .type = ROTA_REC_SWITCH,
				      .flags = (is_target(machine, prev) ? flags | ROTA_SWITCH_PREV_TARGET : 0) |
					       (is_target(machine, next) ? ROTA_SWITCH_NEXT_TARGET : 0),
				      .aux = (flags & ROTA_SWITCH_OUT_MASK) == ROTA_OUT_BLOCKED,
				      .tid = tid_of(prev) },
                           .next_tid = tid_of(next)}
        });
	if (is_target(machine, next) && !is_target(machine, prev))
		put_sibling_occupants(machine, cpu);
}

static void enqueue(struct machine *machine, uint32_t number, uint32_t cpu)
{
	struct thread *thread = &machine->threads[number];
	struct cpu *on = &machine->cpus[cpu];

	thread->state = ROTA_RUNNABLE;
	thread->cpu = cpu;
	thread->next = NOBODY;
	if (on->first == NOBODY)
		on->first = number;
	else
		machine->threads[on->last].next = number;
	on->last = number;
	on->targets_queued += thread->target;
}

/* Where it ran last; one time in eight where least is to do among four. */
static uint32_t choose_cpu(struct machine *machine, uint32_t number)
{
	uint32_t best = machine->threads[number].cpu;

	for (unsigned int i = below(machine, 8) ? 0 : 3; i; i--) {
		uint32_t other = below(machine, machine->topology->cpu_count);

		if (machine->cpus[best].occupant != NOBODY &&
		    (machine->cpus[other].occupant == NOBODY || machine->cpus[best].first != NOBODY))
			best = other;
	}
	return best;
}

static void fall_asleep(struct machine *machine, uint32_t number)
{
	machine->threads[number].state = ROTA_BLOCKED;
	machine->threads[number].slot = machine->sleeper_count;
	machine->sleepers[machine->sleeper_count++] = number;
}

/* Threads have to do with few others: one of three neighbours if it sleeps, else anybody who does. */
static uint32_t choose_sleeper(struct machine *machine, uint32_t waker)
{
	uint32_t number = waker ^ (1 + below(machine, 3)), slot, last;

	if (number >= machine->thread_count || machine->threads[number].state != ROTA_BLOCKED)
		number = machine->sleepers[below(machine, machine->sleeper_count)];
	slot = machine->threads[number].slot;
	last = machine->sleepers[--machine->sleeper_count];
	machine->sleepers[slot] = last;
	machine->threads[last].slot = slot;
	return number;
}

/* Some sleeper is woken by the occupant of `cpu`, or by an interrupt there. */
static void wake_one(struct machine *machine, uint32_t cpu)
{
	uint32_t waker = machine->cpus[cpu].occupant, number = choose_sleeper(machine, waker), to;
	bool interrupt = !below(machine, 8);
	union rota_any_record record = {
		.wakeup = {.head = { .type = ROTA_REC_WAKEUP, .tid = tid_of(number) }, .waker_tid = tid_of(waker)}
	};

	to = choose_cpu(machine, number);
	enqueue(machine, number, to);
	if (machine->threads[number].target) {
		record.head.flags = ROTA_F_TARGET | ROTA_WAKEUP_HAS_WAKER | ROTA_WAKEUP_OCCUPIED |
				    (interrupt ? ROTA_WAKEUP_IRQ : 0);
		record.head.aux = (uint16_t)to;
		record.wakeup.occupant_tid = tid_of(machine->cpus[to].occupant);
		record.wakeup.waking_delay_ns = 200 + below(machine, 800);
		/* an idle cpu is sent the wakeup and enqueues it itself */
		put(machine, machine->cpus[to].occupant == NOBODY ? to : cpu, &record);
	}
	if (machine->cpus[to].occupant == NOBODY) {
		machine->now_ns += APART_NS;
		switch_cpu(machine, to, 0);
	}
}

/* The stay that ends next: its thread wakes another and sleeps, or is preempted. */
static void step(struct machine *machine)
{
	uint32_t cpu = machine->heap[0], number = machine->cpus[cpu].occupant;

	if (machine->cpus[cpu].end_ns > machine->now_ns)
		machine->now_ns = machine->cpus[cpu].end_ns;
	if (machine->cpus[cpu].first != NOBODY && !below(machine, 5)) {
		enqueue(machine, number, cpu);
		switch_cpu(machine, cpu, ROTA_OUT_PREEMPTED << ROTA_SWITCH_OUT_SHIFT | ROTA_SWITCH_INVOLUNTARY);
		return;
	}
	wake_one(machine, cpu);
	machine->now_ns += APART_NS;
	machine->threads[number].cpu = cpu;
	fall_asleep(machine, number);
	switch_cpu(machine, cpu, ROTA_OUT_BLOCKED << ROTA_SWITCH_OUT_SHIFT);
}

/* --- the recording --------------------------------------------------------------------------------------------------- */

static void snapshot_all(struct machine *machine, uint8_t flags)
{
	for (uint32_t cpu = 0; cpu < machine->topology->cpu_count; cpu++) {
		struct cpu *on = &machine->cpus[cpu];

		machine->now_ns += 100;
		account(machine, on);
		introduce(machine, cpu, on->occupant);
		put(machine, cpu,
		    &(union rota_any_record){
			    .snapshot = {
					 .head = { .type = ROTA_REC_SNAPSHOT,
					      .flags = flags | (is_target(machine, on->occupant) ? ROTA_F_TARGET : 0),
					      .aux = (uint16_t)cpu,
					      .tid = tid_of(on->occupant) },
					 .target_ns = on->spent_ns[0],
					 .other_ns = on->spent_ns[1],
					 .idle_ns = on->spent_ns[2]}
                });
	}
}

static void end_round(struct machine *machine, uint8_t mark)
{
	uint64_t ts_ns;

	snapshot_all(machine, ROTA_SNAPSHOT_WATCHED);
	machine->now_ns += 1000;
	ts_ns = machine->now_ns;
	if (mark)
		put_head(machine, NOBODY, mark, 0, 0, 0);
	snapshot_all(machine, ROTA_SNAPSHOT_WATCHED);
	put_head(machine, NOBODY, ROTA_REC_UNWATCH, 0, 0, 0);
	if (mark == ROTA_REC_START)
		return;
	for (uint32_t cpu = 0; cpu < machine->topology->cpu_count; cpu++)
		take(machine, machine->cpus[cpu].ring);
	take(machine, machine->user);
	if (!machine->err)
		machine->err = trace_writer_round(machine->writer, ts_ns);
}

static void begin(struct machine *machine)
{
	put_head(machine, NOBODY, ROTA_REC_SYNC, ROTA_SYNC_BEGIN, ROTA_CPU_NONE, 0);
	snapshot_all(machine, 0);
	for (uint32_t i = 0; i < machine->thread_count; i++) {
		machine->now_ns += 100;
		if (machine->threads[i].target)
			put_task(machine, below(machine, machine->topology->cpu_count), i, ROTA_TASK_SYNC);
	}
	put_head(machine, NOBODY, ROTA_REC_SYNC, ROTA_SYNC_END, ROTA_CPU_NONE, 0);
	end_round(machine, ROTA_REC_START);
}

static void record(struct machine *machine, uint64_t length_ns)
{
	uint64_t stop_ns, round_ns;

	begin(machine);
	stop_ns = machine->now_ns + length_ns;
	round_ns = machine->now_ns + ROUND_NS;
	while (!machine->err && machine->cpus[machine->heap[0]].end_ns < stop_ns) {
		if (machine->cpus[machine->heap[0]].end_ns >= round_ns) {
			end_round(machine, 0);
			round_ns += ROUND_NS;
		}
		step(machine);
	}
	end_round(machine, ROTA_REC_STOP);
}

static void populate(struct machine *machine, uint32_t threads)
{
	uint32_t cpu_count = machine->topology->cpu_count, busy = cpu_count * 9 / 10;

	machine->cpus = xcalloc(cpu_count, sizeof(*machine->cpus));
	machine->heap = xcalloc(cpu_count, sizeof(*machine->heap));
	machine->threads = xcalloc(threads, sizeof(*machine->threads));
	machine->sleepers = xcalloc(threads, sizeof(*machine->sleepers));
	machine->thread_count = threads;
	machine->now_ns = BEGIN_NS;
	for (uint32_t i = 0; i < cpu_count; i++) {
		machine->cpus[i] = (struct cpu){ .occupant = NOBODY, .first = NOBODY, .end_ns = UINT64_MAX };
		machine->cpus[i].ring = chunk_encoder_new((uint16_t)i);
		machine->cpus[i].since_ns = BEGIN_NS;
		heap_put(machine, machine->heap_size++, i);
	}
	for (uint32_t i = 0; i < threads; i++) {
		struct thread *thread = &machine->threads[i];

		*thread = (struct thread){ .target = i % 8 != 7, .state = ROTA_BLOCKED, .cpu = i % cpu_count };
		if (i >= busy) {
			fall_asleep(machine, i);
			continue;
		}
		thread->state = ROTA_RUNNING;
		machine->cpus[i].occupant = i;
		machine->cpus[i].end_ns = BEGIN_NS + 10 * machine->mean_ns + below(machine, machine->mean_ns);
		heap_settle(machine, i);
	}
}

static int write_facts(struct machine *machine, const char *xml, uint32_t threads)
{
	char text[64];
	int err = trace_writer_meta(machine->writer, META_TOPOLOGY, xml);

	snprintf(text, sizeof(text), "%u threads, generated", threads);
	err = err ? err : trace_writer_meta(machine->writer, META_KIND, "process");
	err = err ? err : trace_writer_meta(machine->writer, META_DESCRIPTION, text);
	return err ? err : trace_writer_meta(machine->writer, META_RECORDED, "target");
}

static void fini(struct machine *machine)
{
	for (uint32_t i = 0; i < machine->topology->cpu_count; i++)
		chunk_encoder_free(machine->cpus[i].ring);
	chunk_encoder_free(machine->user);
	trace_writer_free(machine->writer);
	topology_free(machine->topology);
	free(machine->cpus);
	free(machine->heap);
	free(machine->threads);
	free(machine->sleepers);
}

int main(int argc, char **argv)
{
	struct machine machine = { .random = 0x9e3779b97f4a7c15ULL };
	uint32_t threads = argc == 6 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0;
	double seconds = argc == 6 ? strtod(argv[3], NULL) : 0, rate = argc == 6 ? strtod(argv[4], NULL) : 0;
	char *xml = NULL;
	int fd, err;

	if (!threads || !(seconds > 0 && seconds <= 3600) || !(rate >= 10 && rate <= 1e6)) {
		fprintf(stderr, "usage: generate TOPOLOGY THREADS SECONDS SWITCHES OUT.rota\n");
		return 2;
	}
	machine.mean_ns = (uint64_t)(1e9 / rate);
	err = topology_from_synthetic(argv[1], &machine.topology, &xml);
	if (err || threads < 2 * machine.topology->cpu_count || threads > ROTA_TID_MAX - FIRST_TID) {
		fprintf(stderr, "generate: %s: no such topology, or not two threads a cpu\n", argv[1]);
		return 1;
	}
	fd = open(argv[5], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	err = fd < 0 ? -errno : trace_writer_new(fd, &machine.writer);
	if (!err)
		err = write_facts(&machine, xml, threads);
	free(xml);
	if (!err) {
		machine.user = chunk_encoder_new(ROTA_CPU_NONE);
		populate(&machine, threads);
		record(&machine, (uint64_t)(seconds * 1e9));
		err = machine.err ? machine.err : trace_writer_finish(machine.writer);
		printf("{\"records\": %" PRIu64 ", \"bytes\": %" PRIu64 ", \"cpus\": %u}\n", machine.records,
		       trace_writer_bytes(machine.writer), machine.topology->cpu_count);
		fini(&machine);
	}
	if (err || close(fd)) {
		fprintf(stderr, "generate: cannot write %s: %s\n", argv[5], strerror(err ? -err : errno));
		return 1;
	}
	return 0;
}
