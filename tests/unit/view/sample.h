/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Summaries built by hand for the tests of src/view. All figures of one summary add up: Σ running = ∫ P dt, the states
 * of a thread are its lifetime, a cpu's times are the window, criticality is the time with P ≥ 1.
 */
#ifndef ROTA_TESTS_VIEW_SAMPLE_H
#define ROTA_TESTS_VIEW_SAMPLE_H

#include "sample_parts.h"
#include "sample_verdict.h"

#include "base/alloc.h"
#include "base/histogram.h"
#include "rota/summary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- a busy service under a quota, on 8 cores with two hardware threads each: 30 s --- */

static inline void sample_service_threads(struct rota_summary *summary)
{
	static const uint64_t running_ms[24] = { 9000, 8000, 7000, 6000, 5000, 4500, 4000, 3500, 3000,
						 2500, 2000, 1500, 1000, 600,  300,  200,  80,   20 }; /* Σ 58,200 */
	uint64_t criticality_left = 8430 * MS;
	struct rota_process_summary *process;

	summary->thread_count = 24;
	summary->threads = xcalloc(24, sizeof(*summary->threads));
	summary->process_count = 1;
	summary->processes = process = xcalloc(1, sizeof(*process));
	for (uint32_t i = 24; i-- > 0;) {
		struct rota_thread_summary *thread = &summary->threads[i];
		uint64_t running = running_ms[i] * MS, *state = thread->state_ns;
		uint64_t throttled = i == 0 ? 11900 * MS : i < 18 ? 8000 * MS : 0;

		snprintf(thread->name, sizeof(thread->name), i ? "worker-%u" : "checkout", i);
		thread->tid = 4711 + i;
		thread->tgid = 4711;
		thread->start_boottime_ns = 77 + i;
		thread->alive = true;
		thread->lifetime_ns = 30000 * MS;
		state[ROTA_RUNNING] = running;
		state[ROTA_RUNNABLE] = i < 12 ? 150 * MS : i < 18 ? 100 * MS : 0;
		state[ROTA_THROTTLED] = throttled;
		state[ROTA_BLOCKED] = thread->lifetime_ns - running - throttled - state[ROTA_RUNNABLE];
		thread->smt.idle_ns = running / 100 * 35;
		thread->smt.ours_ns = running / 582 * 270;
		thread->smt.others_ns = running - thread->smt.idle_ns - thread->smt.ours_ns;
		thread->criticality_ns = i ? running / 582 * 84 : criticality_left;
		criticality_left -= thread->criticality_ns;
		thread->mean_parallelism = running ? 6.5 + i * 0.05 : 0;
		thread->voluntary = running_ms[i];
		thread->involuntary = running_ms[i] / 10;
		thread->switch_ins = thread->voluntary + thread->involuntary;
		thread->migrations[ROTA_SAME_CORE] = running_ms[i] / 100;
		thread->migrations[ROTA_SAME_LLC] = running_ms[i] / 20;
		thread->runqueue.ns = state[ROTA_RUNNABLE];
		thread->runqueue.count = running_ms[i] / 5;
		thread->runqueue.histogram.max_ns = i < 18 ? 6200000 - 1000 * i : 0;
		thread->blocked_count = 2;
		thread->blocked = xcalloc(2, sizeof(*thread->blocked));
		thread->blocked[0] =
			(struct rota_blocked){ .blocked_class = i % 3 ? ROTA_BLOCKED_LOCK : ROTA_BLOCKED_NETWORK,
					       .ns = state[ROTA_BLOCKED] - 1000,
					       .count = 7 };
		strcpy(thread->blocked[0].syscall, i % 3 ? "futex" : "recvfrom");
		strcpy(thread->blocked[0].fd_kind, i % 3 ? "" : "socket inet");
		thread->blocked[1] = (struct rota_blocked){ .blocked_class = ROTA_BLOCKED_DISK,
							    .uninterruptible = true,
							    .iowait = true,
							    .syscall = "fsync",
							    .fd_kind = "file",
							    .ns = 1000,
							    .count = 1 };
		for (unsigned int k = 0; k < 2; k++)
			thread->class_ns[thread->blocked[k].blocked_class] += thread->blocked[k].ns;
		if (running) {
			thread->cpu_count = 2;
			thread->cpus = xcalloc(2, sizeof(*thread->cpus));
			thread->cpus[0] = (struct rota_cpu_ns){ i % 16, running - running / 4 };
			thread->cpus[1] = (struct rota_cpu_ns){ (i + 8) % 16, running / 4 };
		}
		for (unsigned int s = 0; s < ROTA_STATES; s++)
			process->state_ns[s] += state[s];
		process->lifetime_ns += thread->lifetime_ns;
		process->smt.idle_ns += thread->smt.idle_ns;
		process->smt.ours_ns += thread->smt.ours_ns;
		process->smt.others_ns += thread->smt.others_ns;
		process->criticality_ns += thread->criticality_ns;
		process->voluntary += thread->voluntary;
		process->involuntary += thread->involuntary;
		summary->switch_ins += thread->switch_ins;
		for (unsigned int d = 0; d < ROTA_DISTANCES; d++)
			process->migrations[d] += thread->migrations[d];
	}
	process->tgid = 4711;
	snprintf(process->name, sizeof(process->name), "checkout");
	process->thread_count = 24;
	summary->smt = process->smt;
	summary->throttled_ns = process->state_ns[ROTA_THROTTLED];
	summary->voluntary = process->voluntary;
	summary->involuntary = process->involuntary;
	memcpy(summary->migrations, process->migrations, sizeof(summary->migrations));
}

static inline void sample_service_machine(struct rota_summary *summary)
{
	for (uint32_t i = 0; i < summary->cpu_count; i++) {
		struct rota_cpu_summary *cpu = &summary->cpus[i];

		cpu->target_ns = 3637500000ULL; /* × 16 = 58.2 s */
		cpu->other_ns = 13312500000ULL; /* × 16 = 213 s: 7.1 cpus */
		cpu->idle_ns = 13050000000ULL;
		cpu->steal_ns = i == 3 ? 40 * MS : 0;
		cpu->irq_ns = 10 * MS;
		cpu->smt = (struct rota_smt_split){ .idle_ns = 1273125000ULL,
						    .ours_ns = 1687500000ULL,
						    .others_ns = 676875000ULL };
		cpu->switch_ins = summary->switch_ins / 16;
	}
	for (uint32_t i = 0; i < summary->core_count; i++) {
		summary->cores[i].level_ns[0] = 24412500000ULL;
		summary->cores[i].level_ns[1] = 3900000000ULL;
		summary->cores[i].level_ns[2] = 1687500000ULL; /* one + 2 × two = what its two cpus ran */
	}
}

static inline void sample_service_waits(struct rota_summary *summary)
{
	static const struct rota_wait throttled = { .at_ns = 12408 * MS,
						    .ns = 88100000,
						    .tid = 4723,
						    .tgid = 4711,
						    .thread = "worker-12",
						    .state = ROTA_THROTTLED,
						    .cause = ROTA_CAUSE_WAKEUP,
						    .cpu = 4,
						    .waker.known = true,
						    .waker.interrupt = true };
	static const struct rota_wait preempted = { .at_ns = 21077 * MS,
						    .ns = 6200000,
						    .tid = 4718,
						    .tgid = 4711,
						    .thread = "worker-7",
						    .state = ROTA_RUNNABLE,
						    .cause = ROTA_CAUSE_PREEMPTED,
						    .cpu = 15,
						    .instead_known = true,
						    .instead_tid = 812,
						    .instead = "envoy",
						    .instead_ns = 6100000 };
	static const struct rota_wait cut = { .ns = 4845000,
					      .tid = 4714,
					      .tgid = 4711,
					      .thread = "worker-3",
					      .state = ROTA_RUNNABLE,
					      .cause = ROTA_CAUSE_WAKEUP,
					      .cut = true,
					      .cpu = 2,
					      .instead_known = true,
					      .instead_tid = 4712,
					      .instead_ours = true,
					      .instead = "worker-1",
					      .instead_ns = 4000000,
					      .waker.known = true,
					      .waker.tid = 4711,
					      .waker.delay_ns = 1500,
					      .waker_name = "checkout" };
	static const struct rota_waited_for whom[] = {
		{812,   812,  "envoy",    false, true,  1500 * MS, 0},
                { 4714, 4711, "worker-3", true,  true,  600 * MS,  0},
		{ 0,    0,    "",         false, false, 100 * MS,  0},
                { 99,   99,   "bash",     false, true,  100 * MS,  0},
		{ 98,   98,   "python3",  false, true,  80 * MS,   0},
                { 0,    0,    "",         false, true,  20 * MS,   0},
	};
	struct rota_runqueue *queue = &summary->runqueue;

	sample_waits_of(queue, ROTA_CAUSE_WAKEUP, 11000, 100000);
	sample_waits_of(queue, ROTA_CAUSE_NEW, 24, 100000);
	sample_waits_of(queue, ROTA_CAUSE_YIELDED, 76, 100000);
	sample_waits_of(queue, ROTA_CAUSE_PREEMPTED, 900, 100000);
	sample_waits_of(queue, ROTA_CAUSE_PREEMPTED, 400, 2500000);
	sample_waits_of(queue, ROTA_CAUSE_PREEMPTED, 40, 4845000);
	sample_waits_of(queue, ROTA_CAUSE_PREEMPTED, 1, 6200000); /* Σ 2,400 ms */
	queue->cut_count = 2;
	summary->wait_count = 3;
	summary->longest_waits = xcalloc(3, sizeof(*summary->longest_waits));
	summary->longest_waits[0] = throttled;
	summary->longest_waits[1] = preempted;
	summary->longest_waits[2] = cut;
	summary->waited_for_count = COUNT_OF(whom);
	summary->waited_for = xcalloc(COUNT_OF(whom), sizeof(whom[0]));
	memcpy(summary->waited_for, whom, sizeof(whom));
	summary->neighbour_count = 2;
	summary->neighbours = xcalloc(2, sizeof(*summary->neighbours));
	summary->neighbours[0] = (struct rota_waited_for){ 812, 812, "envoy", false, true, 600000000, 0 };
	summary->neighbours[1] = (struct rota_waited_for){ 99, 99, "bash", false, true, 76875000, 0 };
	summary->wakeup_count = 1;
	summary->wakeups = xcalloc(1, sizeof(*summary->wakeups));
	*summary->wakeups = (struct rota_wakeups){ .waker_tid = 4711,
						   .wakee_tid = 4712,
						   .waker = "checkout",
						   .wakee = "worker-1",
						   .count = 4,
						   .delay_ns = 50000 };
}

static inline void sample_rung(struct rota_summary *summary, struct rota_rung rung)
{
	rung.has_want = rung.want != 0;
	rung.has_get = rung.get != 0;
	rung.has_stuck = rung.want != 0 && rung.get != 0;
	summary->rungs[summary->rung_count++] = rung;
}

/* Every 100 ms the quota's budget is spent in a burst; between bursts others have the cpus, or nobody. */
static inline void sample_service_strip(struct rota_summary *summary)
{
	struct rota_strip *strip = &summary->strip;

	strip->slot_ns = 125 * MS;
	strip->slot_count = 240;
	strip->slots = xcalloc((size_t)summary->cpu_count * strip->slot_count, sizeof(*strip->slots));
	for (uint32_t cpu = 0; cpu < summary->cpu_count; cpu++) {
		for (uint32_t i = 0; i < strip->slot_count; i++) {
			struct rota_strip_slot *slot = &strip->slots[cpu * strip->slot_count + i];
			uint32_t burst = i / 15;

			if (i % 15 < 5 && (cpu + burst) % 4 != 3)
				*slot = (struct rota_strip_slot){ .occupancy = ROTA_CPU_TARGET,
								  .thread = (cpu * 5 + burst * 7) % 18,
								  .goroutine = UINT32_MAX };
			else
				slot->occupancy = (cpu + i / 30) % 2 ? ROTA_CPU_OTHER : ROTA_CPU_IDLE;
		}
	}
}

static inline void sample_service_blocked(struct rota_summary *summary)
{
	static const uint64_t addresses[2] = { 0x55d0c0ffee40, 0x7f21aa001098 };

	summary->blocked_count = 3;
	summary->blocked = xcalloc(3, sizeof(*summary->blocked));
	summary->blocked[0] = summary->threads[1].blocked[0];
	summary->blocked[1] = summary->threads[0].blocked[0];
	summary->blocked[2] = summary->threads[0].blocked[1];
	for (uint32_t k = 0; k < 3; k++)
		summary->blocked[k].ns = summary->blocked[k].count = 0;
	for (uint32_t i = 0; i < summary->thread_count; i++) {
		for (uint32_t k = 0; k < 2; k++) {
			struct rota_blocked *sum = &summary->blocked[k ? 2 : i % 3 ? 0 : 1];

			sum->ns += summary->threads[i].blocked[k].ns;
			sum->count += summary->threads[i].blocked[k].count;
			summary->class_ns[sum->blocked_class] += summary->threads[i].blocked[k].ns;
		}
	}
	summary->lock_count = 2;
	summary->locks = xcalloc(2, sizeof(*summary->locks));
	for (uint32_t i = 0; i < 2; i++) {
		struct rota_lock *lock = &summary->locks[i];

		*lock = (struct rota_lock){ .tgid = 4711,
					    .address = addresses[i],
					    .ns = (200 - 150 * i) * 1000 * MS,
					    .count = 80,
					    .max_ns = 9000 * MS,
					    .handed_on = i ? 0 : 76,
					    .waiter_count = 12,
					    .waker_count = 2 };
		strcpy(lock->name, i ? "" : "cart_mutex+0x8 in checkout");
		lock->wakers[0].tid = 4713;
		lock->wakers[0].count = 60;
		strcpy(lock->wakers[0].name, "worker-2");
		lock->wakers[1].tid = 4714;
		lock->wakers[1].count = 16;
		strcpy(lock->wakers[1].name, "worker-3");
	}
}

static inline struct rota_summary *sample_service(void)
{
	struct rota_summary *summary = sample_new(sample_topology(1, 8, 2), 30000);

	summary->overhead_bpf_ns = 60 * MS;
	summary->overhead_user_ns = 30 * MS;
	summary->overhead_bpf_estimated = true;
	summary->in_progress = SAMPLE_LEVELS(0, { 24, 30000 });
	summary->demand = SAMPLE_LEVELS(0, { 0, 300 }, { 5, 7700 }, { 6, 6300 }, { 7, 4000 }, { 8, 6000 }, { 9, 5000 },
					{ 16, 700 }); /* ∫ 208,500: 6.95 */
	summary->parallelism =
		SAMPLE_LEVELS(0, { 0, 21570 }, { 1, 330 }, { 2, 300 }, { 3, 500 }, { 4, 700 }, { 5, 1100 }, { 6, 1240 },
			      { 7, 1200 }, { 8, 1200 }, { 9, 710 }, { 12, 690 }, { 16, 460 }); /* ∫ 58,200: 1.94 */
	summary->core_parallelism =
		SAMPLE_LEVELS(0, { 0, 21570 }, { 1, 400 }, { 2, 400 }, { 3, 500 }, { 4, 1000 }, { 5, 1780 },
			      { 6, 2350 }, { 7, 1000 }, { 8, 1000 }); /* ∫ 44,700: 1.49 */
	summary->llc_parallelism = SAMPLE_LEVELS(0, { 0, 21570 }, { 1, 8430 });
	summary->package_parallelism = SAMPLE_LEVELS(0, { 0, 21570 }, { 1, 8430 });
	sample_service_threads(summary);
	sample_service_machine(summary);
	sample_service_waits(summary);
	sample_service_blocked(summary);
	sample_service_strip(summary);
	sample_service_verdict(summary);
	sample_rung(summary, (struct rota_rung){ .rung = "threads", .have = 24, .want = 6.95 });
	sample_rung(summary, (struct rota_rung){ .rung = "quota",
						 .have = 2,
						 .want = 6.95,
						 .get = 2.02,
						 .stuck = 4.93,
						 .note = "throttled in 291 of 300 periods" });
	sample_rung(summary, (struct rota_rung){ .rung = "hardware_threads",
						 .have = 16,
						 .want = 2.02,
						 .get = 1.94,
						 .stuck = 0.08,
						 .note = "7.1 taken by others" });
	sample_rung(summary, (struct rota_rung){
				     .rung = "cores", .have = 8, .get = 1.49, .note = "0.45 ran two of ours at once" });
	sample_rung(summary, (struct rota_rung){ .rung = "sockets", .have = 1, .get = 0.28 });
	return summary;
}

/* --- two busy threads on four cores without SMT, 8 s: first they take turns on one cpu, then each has its own --- */

static inline struct rota_summary *sample_turns(void)
{
	struct rota_summary *summary = sample_new(sample_topology(1, 4, 1), 8000);
	struct rota_strip *strip = &summary->strip;

	free(summary->identity.target_description);
	summary->identity.target_description = xstrdup("turns[100]");
	summary->overhead_bpf_known = false;
	summary->overhead_user_ns = 8 * MS;
	summary->in_progress = SAMPLE_LEVELS(0, { 2, 8000 });
	summary->demand = SAMPLE_LEVELS(0, { 2, 8000 });
	summary->parallelism = SAMPLE_LEVELS(0, { 1, 4000 }, { 2, 4000 });
	summary->core_parallelism = SAMPLE_LEVELS(0, { 1, 4000 }, { 2, 4000 });
	summary->llc_parallelism = SAMPLE_LEVELS(0, { 1, 8000 });
	summary->package_parallelism = SAMPLE_LEVELS(0, { 1, 8000 });
	summary->thread_count = 2;
	summary->threads = xcalloc(2, sizeof(*summary->threads));
	for (uint32_t i = 0; i < 2; i++) {
		struct rota_thread_summary *thread = &summary->threads[i];

		snprintf(thread->name, sizeof(thread->name), i ? "right" : "left");
		thread->tid = 100 + i;
		thread->tgid = 100;
		thread->alive = true;
		thread->lifetime_ns = 8000 * MS;
		thread->state_ns[ROTA_RUNNING] = 6000 * MS;
		thread->state_ns[ROTA_RUNNABLE] = 2000 * MS;
		thread->criticality_ns = 4000 * MS; /* 2 s alone, 4 s beside the other */
		thread->mean_parallelism = 10.0 / 6;
		thread->involuntary = 2;
	}
	summary->involuntary = 4;
	sample_waits_of(&summary->runqueue, ROTA_CAUSE_PREEMPTED, 4, 1000 * MS);
	for (uint32_t i = 0; i < 4; i++) {
		summary->cpus[i].target_ns = i == 0 ? 8000 * MS : i == 1 ? 4000 * MS : 0;
		summary->cpus[i].idle_ns = 8000 * MS - summary->cpus[i].target_ns;
		summary->cores[i].level_ns[1] = summary->cpus[i].target_ns;
		summary->cores[i].level_ns[0] = summary->cpus[i].idle_ns;
	}
	sample_rung(summary, (struct rota_rung){ .rung = "threads", .have = 2, .want = 2 });
	sample_rung(summary,
		    (struct rota_rung){ .rung = "hardware_threads", .have = 4, .want = 2, .get = 1.5, .stuck = 0.5 });
	sample_rung(summary, (struct rota_rung){ .rung = "cores", .have = 4, .get = 1.5 });
	strip->slot_ns = 500 * MS;
	strip->slot_count = 16;
	strip->slots = xcalloc(4 * 16, sizeof(*strip->slots));
	for (uint32_t i = 0; i < 4 * 16; i++) {
		uint32_t cpu = i / 16, slot = i % 16;

		strip->slots[i].occupancy = cpu == 0 || (cpu == 1 && slot >= 8) ? ROTA_CPU_TARGET : ROTA_CPU_IDLE;
		strip->slots[i].thread = slot >= 8 ? cpu : slot / 2 % 2;
		strip->slots[i].goroutine = UINT32_MAX;
	}
	return summary;
}

/* --- the service again, but records were lost on two cpus and the recorder was killed --- */

static inline struct rota_summary *sample_lossy(void)
{
	static const struct rota_lost_on_cpu lost[] = {
		{0,              1000},
                { 3,             200 },
                { ROTA_CPU_NONE, 4   }
	};
	struct rota_summary *summary = sample_service();

	summary->incomplete = true;
	summary->lost_records = 1204;
	summary->damaged_blocks = 1;
	summary->reordered = 12;
	summary->lost_cpu_count = COUNT_OF(lost);
	summary->lost_cpus = xcalloc(COUNT_OF(lost), sizeof(lost[0]));
	memcpy(summary->lost_cpus, lost, sizeof(lost));
	/* For 600 ms cpus 0 and 3 were not seen, nor were two threads that had been blocked before. */
	summary->parallelism.ns[0] -= 600 * MS;
	summary->parallelism.unknown_ns = 600 * MS;
	summary->parallelism.mean = 58200.0 / 29400;
	for (uint32_t i = 0; i < 2; i++) {
		summary->threads[i].state_ns[ROTA_BLOCKED] -= 600 * MS;
		summary->threads[i].state_ns[ROTA_UNKNOWN] += 600 * MS;
		summary->cpus[i * 3].idle_ns -= 600 * MS;
		summary->cpus[i * 3].unknown_ns += 600 * MS;
	}
	summary->unknown_ns = 2400 * MS;
	summary->coverage = 1 - 2400.0 / (24 * 30000 + 16 * 30000);
	for (uint32_t slot = 100; slot < 108; slot++)
		summary->strip.slots[slot].occupancy = ROTA_CPU_UNKNOWN;
	sample_note(summary, "Stolen time is known to 10 ms only.");
	return summary;
}

/* --- two threads that slept throughout --- */

static inline struct rota_summary *sample_asleep(void)
{
	struct rota_summary *summary = sample_new(sample_topology(1, 2, 2), 5000);

	summary->in_progress = SAMPLE_LEVELS(0, { 2, 5000 });
	summary->demand = SAMPLE_LEVELS(0, { 0, 5000 });
	summary->parallelism = SAMPLE_LEVELS(0, { 0, 5000 });
	summary->core_parallelism = SAMPLE_LEVELS(0, { 0, 5000 });
	summary->llc_parallelism = SAMPLE_LEVELS(0, { 0, 5000 });
	summary->package_parallelism = SAMPLE_LEVELS(0, { 0, 5000 });
	summary->thread_count = 2;
	summary->threads = xcalloc(2, sizeof(*summary->threads));
	for (uint32_t i = 0; i < 2; i++) {
		snprintf(summary->threads[i].name, ROTA_COMM_SIZE, "sleeper");
		summary->threads[i].tid = 7 + i;
		summary->threads[i].tgid = 7;
		summary->threads[i].lifetime_ns = summary->threads[i].state_ns[ROTA_BLOCKED] = 5000 * MS;
	}
	for (uint32_t i = 0; i < summary->cpu_count; i++)
		summary->cpus[i].idle_ns = 5000 * MS;
	for (uint32_t i = 0; i < summary->core_count; i++)
		summary->cores[i].level_ns[0] = 5000 * MS;
	sample_rung(summary, (struct rota_rung){ .rung = "threads", .have = 2 });
	sample_rung(summary, (struct rota_rung){ .rung = "hardware_threads", .have = 4 });
	sample_rung(summary, (struct rota_rung){ .rung = "cores", .have = 2 });
	return summary;
}

/* --- nothing at all: no thread, no machine --- */

static inline struct rota_summary *sample_empty(void)
{
	struct rota_summary *summary = sample_new(NULL, 1000);

	free(summary->identity.target_description);
	summary->identity.target_description = NULL;
	summary->in_progress = SAMPLE_LEVELS(0, { 0, 1000 });
	summary->demand = SAMPLE_LEVELS(0, { 0, 1000 });
	summary->parallelism = SAMPLE_LEVELS(0, { 0, 1000 });
	summary->core_parallelism = SAMPLE_LEVELS(0, { 0, 1000 });
	return summary;
}

/* --- names that want to do harm --- */

static inline void hostile_name(char *name, const char *bytes)
{
	memset(name, 0, ROTA_COMM_SIZE);
	memcpy(name, bytes, strnlen(bytes, ROTA_COMM_SIZE - 1));
}

static inline struct rota_summary *sample_hostile(void)
{
	static const char *const names[] = { "\033[2J\033[31mred",
					     "a\r\nb\tc\b",
					     "\xff\xfe\xc3(\x80",
					     "日本語日本",
					     "say \"hi\", x",
					     "\xe2\x80\xae"
					     "gpj.exe",
					     "\x9b"
					     "31m",
					     "e\xcc\x81t\xc3\xa9",
					     "%s%n%s%n",
					     "\xc2\x9b"
					     "2J" };
	struct rota_summary *summary = sample_service();

	for (uint32_t i = 0; i < COUNT_OF(names); i++) {
		hostile_name(summary->threads[i].name, names[i]);
		hostile_name(summary->waited_for[i % 6].name, names[i]);
		hostile_name(summary->neighbours[i % 2].name, names[i]);
		hostile_name(summary->longest_waits[i % 3].thread, names[i]);
		hostile_name(summary->longest_waits[i % 3].instead, names[i]);
	}
	memset(summary->threads[10].name, 'x', ROTA_COMM_SIZE); /* not even terminated */
	free(summary->identity.target_description);
	summary->identity.target_description = xstrdup("\033]0;owned\007[1]");
	return summary;
}

#endif
