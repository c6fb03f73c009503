/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: transitions in order. Goes out: sums, in the parts of struct window. No allocation but for a new thread. */
#include "metric/window.h"
#include "base/alloc.h"
#include "base/histogram.h"

#include <stdlib.h>
#include <string.h>

void window_init(struct window *window, const struct rota_topology *topology, struct directory *directory,
		 struct cpusets *cpusets, struct go_names *names, uint32_t longest_waits, bool strip)
{
	*window = (struct window){ .topology = topology,
				   .directory = directory,
				   .cpusets = cpusets,
				   .cpus = xcalloc(topology->cpu_count, sizeof(*window->cpus)) };
	level_init(&window->level);
	seconds_init(&window->seconds);
	affinity_init(&window->affinity, cpusets);
	conserve_init(&window->conserve, cpusets);
	go_part_init(&window->go, topology, names);
	smt_init(&window->smt, topology, &window->level);
	waits_init(&window->waits, longest_waits);
	wakeups_init(&window->wakeups);
	strip_init(&window->strip, strip ? topology->cpu_count : 0);
	strip_init(&window->strip_goroutines, strip ? topology->cpu_count : 0);
	strip_init(&window->strip_ps, strip ? topology->cpu_count : 0);
	meters_init(&window->meters, topology->cpu_count);
	for (uint32_t i = 0; i < topology->cpu_count; i++) {
		struct window_cpu *cpu = &window->cpus[i];

		cpu->occupant = UINT32_MAX;
		cpu->occupancy = topology->cpus[i].online ? ROTA_CPU_UNKNOWN : ROTA_CPU_OFFLINE;
		cpu->queue.credit = &window->waited.unknown;
	}
}

void window_fini(struct window *window)
{
	for (uint32_t i = 0; i < window->slot_count; i++)
		thread_metric_fini(window_slot(window, i));
	for (uint32_t i = 0; i < window->slot_count; i += WINDOW_PAGE_SIZE)
		free(window->pages[i >> WINDOW_PAGE_BITS]);
	free(window->pages);
	free(window->cpus);
	level_fini(&window->level);
	smt_fini(&window->smt);
	rows_fini(&window->rows);
	histogram_fini(&window->runqueue.histogram);
	waits_fini(&window->waits);
	wakeups_fini(&window->wakeups);
	locks_fini(&window->locks);
	waited_fini(&window->waited);
	waited_fini(&window->beside);
	strip_fini(&window->strip);
	strip_fini(&window->strip_goroutines);
	strip_fini(&window->strip_ps);
	meters_fini(&window->meters);
	seconds_fini(&window->seconds);
	syscalls_fini(&window->syscalls);
	quotas_fini(&window->quotas);
	conserve_fini(&window->conserve);
	go_part_fini(&window->go);
}

static void add_page(struct window *window)
{
	struct thread_metric *page = xcalloc_aligned(THREAD_METRIC_ALIGN, WINDOW_PAGE_SIZE, sizeof(*page));
	uint32_t count = window->slot_count >> WINDOW_PAGE_BITS;

	window->pages = xgrow(window->pages, &window->page_capacity, count + 1U, sizeof(*window->pages));
	window->pages[count] = page;
	window->slot_count += WINDOW_PAGE_SIZE;
	level_reserve(&window->level, LEVEL_IN_PROGRESS, window->slot_count);
	level_reserve(&window->level, LEVEL_DEMAND, window->slot_count);
	level_reserve(&window->level, LEVEL_PARALLELISM, window->slot_count);
}

/* The first that this window hears of a thread. */
static __attribute__((noinline)) struct thread_metric *slot_new(struct window *window, const struct rota_thread *thread)
{
	uint32_t index = thread->index;
	struct thread_metric *slot;

	while (index >= window->slot_count)
		add_page(window);
	slot = window_slot(window, index);
	directory_see(window->directory, thread);
	if (!slot->serial) {
		slot->serial = ++window->serial;
		slot->cpu = slot->last_cpu = slot->occupies = THREAD_NO_CPU;
	}
	return slot;
}

static inline struct thread_metric *slot_of(struct window *window, const struct rota_thread *thread)
{
	uint32_t index = thread->index;

	if (__builtin_expect(index < window->slot_count, 1)) {
		struct thread_metric *slot = window_slot(window, index);

		if (__builtin_expect(slot->serial != 0, 1))
			return slot;
	}
	return slot_new(window, thread);
}

static inline bool has_cpu(const struct window *window, uint32_t cpu)
{
	return cpu < window->topology->cpu_count && window->topology->cpus[cpu].present;
}

/* Threads on no cpu that exists wait for nobody who is known. */
static inline void wait_begin(struct window *window, const struct thread_metric *thread, uint64_t ts_ns)
{
	struct queue *queue;

	if (thread->cpu == THREAD_NO_CPU)
		return;
	queue = &window->cpus[thread->cpu].queue;
	queue_flush(queue, ts_ns);
	conserve_queue(&window->conserve, thread->cpu, thread->set, 1, ts_ns);
	queue->waiters++;
	queue->preempted += thread->cause == ROTA_CAUSE_PREEMPTED;
}

static void wait_nowhere(struct window *window, const struct thread_metric *thread, uint64_t ts_ns)
{
	uint64_t ns = ts_ns - thread->since_ns;

	window->waited.unknown.ns += ns;
	window->waited.unknown.preempted_ns += thread->cause == ROTA_CAUSE_PREEMPTED ? ns : 0;
}

static inline void wait_end(struct window *window, const struct thread_metric *thread, uint64_t ts_ns)
{
	struct queue *queue;

	if (thread->cpu == THREAD_NO_CPU) {
		wait_nowhere(window, thread, ts_ns);
		return;
	}
	queue = &window->cpus[thread->cpu].queue;
	queue_flush(queue, ts_ns);
	conserve_queue(&window->conserve, thread->cpu, thread->set, UINT32_MAX, ts_ns);
	queue->waiters--;
	queue->preempted -= thread->cause == ROTA_CAUSE_PREEMPTED;
}

/* A wait among the longest: all that is known of it is looked up only now. */
static __attribute__((noinline)) void longest_wait(struct window *window, const struct thread_metric *thread,
						   const struct rota_thread *identity, uint64_t ts_ns, bool cut)
{
	struct rota_wait wait = { .at_ns = thread->since_ns - window->start_ns,
				  .ns = ts_ns - thread->since_ns,
				  .tid = identity->tid,
				  .tgid = identity->tgid,
				  .state = thread->state,
				  .cause = thread->cause,
				  .cut = cut,
				  .cpu = thread->cpu,
				  .waker = thread->waker };

	memcpy(wait.thread, identity->comm, sizeof(wait.thread));
	if (wait.waker.known) {
		const struct rota_thread *waker = directory_find(window->directory, wait.waker.tid);

		if (waker)
			memcpy(wait.waker_name, waker->comm, sizeof(wait.waker_name));
	}
	/* a throttled thread waits for its quota, whoever runs */
	if (thread->state == ROTA_RUNNABLE && thread->cpu != THREAD_NO_CPU)
		history_instead(&window->cpus[thread->cpu].history, thread->since_ns, ts_ns, &wait);
	waits_add(&window->waits, &wait);
}

static inline void running_count(struct window *window, struct thread_metric *thread, uint64_t ns, uint64_t ts_ns)
{
	const struct level_mark *now = &window->level.now;

	level_sync(&window->level, ts_ns);
	thread->share += now->share;
	thread->width_ns += now->width_ns;
	thread->alone_ns += now->alone_ns;
	thread->unknown_level_ns += now->unknown_ns;
	if (thread->cpu != THREAD_NO_CPU)
		thread->here_ns += ns;
}

static __attribute__((noinline)) void carried_stay(struct window *window, const struct thread_metric *thread,
						   uint64_t ns, uint64_t ts_ns)
{
	uint8_t blocked_class = 0;

	if (thread->state == ROTA_BLOCKED && thread->kind)
		blocked_class = (uint8_t)blocked_table_class(&window->blocked_table, thread->kind);
	go_part_stay(&window->go, thread->carry, thread->state, blocked_class, ns, ts_ns);
}

/* Counts the present stay of a thread up to ts_ns. `cut`: its end was not seen. */
static inline void stay_count(struct window *window, struct thread_metric *thread, const struct rota_thread *identity,
			      uint64_t ts_ns, bool cut)
{
	uint64_t ns = ts_ns - thread->since_ns;

	cut = cut || thread->cut;
	thread->state_ns[thread->state] += ns;
	if (__builtin_expect(thread->carry != 0, 0))
		carried_stay(window, thread, ns, ts_ns);
	switch (thread->state) {
	case ROTA_RUNNING:
		running_count(window, thread, ns, ts_ns);
		break;
	case ROTA_RUNNABLE:
		if (ns || !cut)
			runqueue_add(&window->runqueue, thread, ns, cut);
		if (ns > window->waits.threshold_ns)
			longest_wait(window, thread, identity, ts_ns, cut);
		break;
	case ROTA_THROTTLED:
		if (ns > window->waits.threshold_ns)
			longest_wait(window, thread, identity, ts_ns, cut);
		break;
	case ROTA_BLOCKED:
		thread->kind_ns += ns;
		thread->kind_count += ns || !cut;
		if (thread->argument)
			locks_wait(&window->locks, &thread->lock_hint, identity, thread->argument, ns, ns || !cut);
		break;
	default:
		break;
	}
}

static inline void leave(struct window *window, struct thread_metric *thread, const struct rota_thread *identity,
			 uint8_t to, uint8_t flags, uint64_t ts_ns)
{
	stay_count(window, thread, identity, ts_ns, to == ROTA_UNKNOWN);
	if (thread->state == ROTA_RUNNING) {
		if (__builtin_expect(thread->carry != 0, 0))
			go_part_leaves(&window->go, thread->carry);
		thread->voluntary += (flags & ROTA_TRANSITION_VOLUNTARY) != 0;
		thread->involuntary += (flags & ROTA_TRANSITION_INVOLUNTARY) != 0;
		if (thread->cpu != THREAD_NO_CPU)
			smt_leave(&window->smt, thread->cpu, &thread->smt, ts_ns);
	} else if (thread->state == ROTA_RUNNABLE) {
		wait_end(window, thread, ts_ns);
	}
}

static inline void run(struct window *window, struct thread_metric *thread,
		       const struct rota_thread_transition *transition, uint64_t ts_ns)
{
	bool seen = (transition->flags & ROTA_TRANSITION_SWITCH_IN) != 0;
	const struct level_mark *now = &window->level.now;

	level_sync(&window->level, ts_ns);
	thread->share -= now->share;
	thread->width_ns -= now->width_ns;
	thread->alone_ns -= now->alone_ns;
	thread->unknown_level_ns -= now->unknown_ns;
	thread->switch_ins += seen;
	if (__builtin_expect(thread->carry != 0, 0))
		go_part_runs(&window->go, thread->carry, ts_ns);
	if (thread->waker.known) {
		thread->wakeup = wakeups_add(&window->wakeups, window->directory, thread->wakeup, &thread->waker,
					     transition->thread, thread->waker.delay_ns + (ts_ns - thread->woken_ns));
		thread->waker.known = false;
	}
	if (thread->cpu == THREAD_NO_CPU)
		return;
	window->cpus[thread->cpu].switch_ins += seen;
	smt_arrive(&window->smt, thread->cpu, &thread->smt, ts_ns);
	if (thread->last_cpu == thread->cpu)
		return;
	if (thread->last_cpu != THREAD_NO_CPU)
		thread->migrations[rota_topology_distance(window->topology, thread->last_cpu, thread->cpu)]++;
	thread_metric_cpu(thread, thread->cpu);
}

static inline void arrive(struct window *window, struct thread_metric *thread,
			  const struct rota_thread_transition *transition, uint8_t from, uint64_t ts_ns)
{
	bool off = from == ROTA_BLOCKED || from == ROTA_STOPPED;
	uint32_t kind;

	switch (thread->state) {
	case ROTA_RUNNING:
		run(window, thread, transition, ts_ns);
		return;
	case ROTA_RUNNABLE:
	case ROTA_THROTTLED:
		thread->cause = transition->cause;
		if (off) {
			thread->waker = transition->waker;
			thread->woken_ns = ts_ns;
			if (from == ROTA_BLOCKED && thread->argument && thread->waker.known && !thread->waker.interrupt)
				locks_wake(&window->locks, window->directory, &thread->lock_hint, thread->waker.tid);
		} else if (from != ROTA_RUNNABLE && from != ROTA_THROTTLED) {
			thread->waker.known = false;
		}
		if (thread->state == ROTA_RUNNABLE)
			wait_begin(window, thread, ts_ns);
		return;
	case ROTA_BLOCKED:
		kind = blocked_kind(transition);
		if (kind != thread->kind)
			thread_metric_kind(thread, &window->blocked_table, kind);
		thread->argument = transition->argument;
		if (__builtin_expect(thread->carry != 0, 0) && from == ROTA_RUNNING)
			go_part_blocks(&window->go, thread->carry);
		break;
	case ROTA_UNKNOWN: /* where it runs meanwhile is not known, so neither is how often it moves */
	case ROTA_NONE:
		thread->last_cpu = THREAD_NO_CPU;
		break;
	default:
		break;
	}
	thread->waker.known = false;
}

static inline bool wants_cpu(uint8_t state)
{
	return state == ROTA_RUNNING || state == ROTA_RUNNABLE || state == ROTA_THROTTLED;
}

/*
 * What a thread may use until it is told: what its process's leader may, as threads inherit it; or what all others may, where
 * that is one set. Guessed for sums only: its row says that it is not known.
 */
static __attribute__((noinline)) uint8_t guess_set(const struct window *window, const struct rota_thread *identity)
{
	const struct rota_thread *leader = directory_find(window->directory, identity->tgid);

	if (leader && leader != identity && leader->index < window->slot_count &&
	    window_slot(window, leader->index)->set)
		return window_slot(window, leader->index)->set;
	return window->cpusets->count == 2;
}

void window_affinity(struct window *window, const struct rota_thread *identity, uint8_t set, uint64_t ts_ns)
{
	struct thread_metric *thread = slot_of(window, identity);
	bool queued = thread->state == ROTA_RUNNABLE && thread->cpu != THREAD_NO_CPU, wants = wants_cpu(thread->state);

	if (wants)
		affinity_want(&window->affinity, thread->set, UINT32_MAX, ts_ns);
	if (queued)
		conserve_queue(&window->conserve, thread->cpu, thread->set, UINT32_MAX, ts_ns);
	thread->set = set;
	thread->set_told = true;
	if (wants)
		affinity_want(&window->affinity, set, 1, ts_ns);
	if (queued)
		conserve_queue(&window->conserve, thread->cpu, set, 1, ts_ns);
}

void window_thread(struct window *window, const struct rota_thread_transition *transition, uint64_t ts_ns)
{
	struct thread_metric *thread = slot_of(window, transition->thread);
	uint8_t from = thread->state, to = transition->to;

	leave(window, thread, transition->thread, to, transition->flags, ts_ns);
	level_thread(&window->level, from, to, ts_ns);
	if (from == ROTA_NONE && !thread->set)
		thread->set = guess_set(window, transition->thread);
	if (wants_cpu(from) != wants_cpu(to))
		affinity_want(&window->affinity, thread->set, wants_cpu(to) ? 1 : UINT32_MAX, ts_ns);
	thread->state = to;
	thread->since_ns = ts_ns;
	thread->cut = from == ROTA_UNKNOWN; /* when it began is not known */
	thread->in_window = true;
	thread->cpu = has_cpu(window, transition->cpu) ? transition->cpu : THREAD_NO_CPU;
	if ((to == ROTA_BLOCKED || to == ROTA_STOPPED) && thread->last_cpu == THREAD_NO_CPU &&
	    !(transition->flags & ROTA_TRANSITION_BORN) && thread->cpu != THREAD_NO_CPU) {
		/* asleep when first seen: where it ran last was told */
		thread_metric_cpu(thread, thread->cpu);
	}
	arrive(window, thread, transition, from, ts_ns);
}

static void strip_count(struct window *window, uint32_t index, uint64_t ts_ns)
{
	const struct window_cpu *cpu = &window->cpus[index];

	if (window->strip.cpu_count && ts_ns > cpu->since_ns && cpu->since_ns >= window->strip.start_ns)
		strip_add(&window->strip, index, cpu->since_ns, ts_ns, cpu->occupancy, cpu->serial);
}

void window_cpu(struct window *window, const struct rota_cpu_transition *transition, uint64_t ts_ns)
{
	struct window_cpu *cpu;
	uint64_t *beside = transition->to == ROTA_CPU_OTHER ? &window->beside.unknown.ns : NULL;
	bool named = transition->thread && (transition->to == ROTA_CPU_TARGET || transition->to == ROTA_CPU_OTHER);

	if (!has_cpu(window, transition->cpu))
		return;
	cpu = &window->cpus[transition->cpu];
	strip_count(window, transition->cpu, ts_ns);
	queue_flush(&cpu->queue, ts_ns);
	if (cpu->occupant != UINT32_MAX)
		window_slot(window, cpu->occupant)->occupies = THREAD_NO_CPU;
	cpu->since_ns = ts_ns;
	cpu->occupancy = transition->to;
	if (named) {
		struct thread_metric *occupant = slot_of(window, transition->thread);

		occupant->occupies = (uint16_t)transition->cpu;
		occupant->ours = transition->to == ROTA_CPU_TARGET;
		cpu->occupant = transition->thread->index;
		cpu->serial = occupant->serial;
		cpu->queue.credit = &occupant->waited;
		if (beside)
			beside = &occupant->beside_ns;
	} else {
		cpu->occupant = UINT32_MAX;
		cpu->serial = 0;
		cpu->queue.credit = transition->to == ROTA_CPU_IDLE ? &window->waited.nobody : &window->waited.unknown;
	}
	conserve_cpu(&window->conserve, transition->cpu, transition->to, ts_ns);
	history_add(&cpu->history, ts_ns, transition->to, named ? transition->thread : NULL);
	smt_occupancy(&window->smt, &window->level, transition->cpu, transition->to, beside, ts_ns);
}

/* What the thread on `cpu` carries, by the record that has come: it is taken to have done so since the one before. */
static void label_strip(struct window *window, uint16_t number, uint32_t carry, uint64_t ts_ns)
{
	struct window_cpu *cpu = has_cpu(window, number) ? &window->cpus[number] : NULL;
	uint64_t from_ns;
	uint32_t goroutine;
	uint16_t p;

	if (!cpu || !go_part_label(&window->go, carry, &goroutine, &p))
		return;
	from_ns = cpu->since_ns > cpu->labelled_ns ? cpu->since_ns : cpu->labelled_ns;
	if (from_ns < window->strip.start_ns)
		from_ns = window->strip.start_ns;
	if (from_ns < ts_ns) {
		strip_add(&window->strip_goroutines, number, from_ns, ts_ns, ROTA_CPU_TARGET, goroutine);
		strip_add(&window->strip_ps, number, from_ns, ts_ns, ROTA_CPU_TARGET, p);
	}
	cpu->labelled_ns = ts_ns;
}

void window_carry(struct window *window, const struct rota_thread *identity, const struct rota_event *event,
		  uint64_t ts_ns)
{
	struct thread_metric *thread = slot_of(window, identity);

	if (window->strip.cpu_count && event->rec.head.type == ROTA_REC_GO_RUN)
		label_strip(window, event->cpu, thread->carry, ts_ns);
	go_part_carry(&window->go, &event->rec, identity->tgid, thread->serial, event->cpu,
		      thread->state == ROTA_RUNNING, &thread->carry, ts_ns);
	if (window->strip.cpu_count && event->rec.head.type == ROTA_REC_GO)
		label_strip(window, event->cpu, thread->carry, ts_ns);
}

void window_queue_move(struct window *window, const struct rota_queue_move *move, uint64_t ts_ns)
{
	struct thread_metric *thread = slot_of(window, move->thread);

	if (thread->state != ROTA_RUNNABLE && thread->state != ROTA_THROTTLED)
		return;
	if (thread->state == ROTA_RUNNABLE && thread->cpu != THREAD_NO_CPU)
		wait_end(window, thread, ts_ns);
	if (!has_cpu(window, move->cpu))
		return;
	thread->cpu = move->cpu;
	if (thread->state == ROTA_RUNNABLE)
		wait_begin(window, thread, ts_ns);
}

void window_gone(struct window *window, const struct rota_thread *thread, uint64_t ts_ns)
{
	struct thread_metric *slot;
	struct thread_row row;

	if (thread->index >= window->slot_count)
		return;
	slot = window_slot(window, thread->index);
	if (slot->state != ROTA_NONE) { /* gone without leaving T: it leaves now */
		leave(window, slot, thread, ROTA_NONE, 0, ts_ns);
		level_thread(&window->level, slot->state, ROTA_NONE, ts_ns);
		if (wants_cpu(slot->state))
			affinity_want(&window->affinity, slot->set, UINT32_MAX, ts_ns);
		slot->state = ROTA_NONE;
	}
	if (slot->occupies != THREAD_NO_CPU && slot->serial) { /* gone while it still is somebody's occupant */
		struct window_cpu *cpu = &window->cpus[slot->occupies];

		queue_flush(&cpu->queue, ts_ns);
		cpu->queue.credit = &window->waited.unknown;
		cpu->occupant = UINT32_MAX;
		if (window->smt.cpus[slot->occupies].beside)
			smt_occupancy(&window->smt, &window->level, slot->occupies, cpu->occupancy,
				      &window->beside.unknown.ns, ts_ns);
	}
	seconds_gone(window, thread->index, ts_ns);
	if (slot->waited.ns) {
		struct rota_waited_for waited = waited_for_thread(slot, thread, slot->waited);

		waited_add(&window->waited, &waited);
	}
	if (slot->beside_ns) {
		struct rota_waited_for beside =
			waited_for_thread(slot, thread, (struct waited_sum){ .ns = slot->beside_ns });

		waited_add(&window->beside, &beside);
	}
	if (slot->in_window) {
		thread_metric_row(slot, thread, &row);
		rows_add(&window->rows, &row, directory_process_name(window->directory, thread));
	}
	go_part_drop(&window->go, &slot->carry);
	thread_metric_fini(slot);
}

void window_begin(struct window *window, uint64_t ts_ns)
{
	level_begin(&window->level, ts_ns);
	smt_begin(&window->smt, ts_ns);
	rows_fini(&window->rows);
	histogram_fini(&window->runqueue.histogram);
	window->runqueue = (struct rota_runqueue){ 0 };
	waits_begin(&window->waits);
	wakeups_begin(&window->wakeups);
	locks_begin(&window->locks);
	waited_fini(&window->waited);
	waited_fini(&window->beside);
	meters_begin(&window->meters);
	syscalls_begin(&window->syscalls);
	quotas_begin(&window->quotas);
	affinity_begin(&window->affinity, ts_ns);
	conserve_begin(&window->conserve, ts_ns);
	go_part_begin(&window->go, ts_ns);
	if (window->strip.cpu_count) {
		strip_begin(&window->strip, ts_ns);
		strip_begin(&window->strip_goroutines, ts_ns);
		strip_begin(&window->strip_ps, ts_ns);
	}
	for (uint32_t i = 0; i < window->topology->cpu_count; i++) {
		window->cpus[i].queue.since_ns = ts_ns;
		window->cpus[i].since_ns = ts_ns;
		window->cpus[i].switch_ins = 0;
	}
	for (uint32_t i = 0; i < window->slot_count; i++) {
		if (window_slot(window, i)->serial)
			thread_metric_begin(window_slot(window, i), ts_ns);
	}
	window->start_ns = ts_ns;
	seconds_begin(&window->seconds, ts_ns);
}

void window_end(struct window *window, uint64_t ts_ns)
{
	seconds_end(window, ts_ns);
	level_flush(&window->level, ts_ns);
	smt_flush(&window->smt, ts_ns);
	affinity_flush(&window->affinity, ts_ns);
	conserve_flush(&window->conserve, ts_ns);
	for (uint32_t i = 0; i < window->topology->cpu_count; i++) {
		queue_flush(&window->cpus[i].queue, ts_ns);
		strip_count(window, i, ts_ns);
	}
	for (uint32_t i = 0; i < window->slot_count; i++) {
		struct thread_metric *thread = window_slot(window, i);

		if (thread->state == ROTA_NONE)
			continue;
		if (thread->state == ROTA_RUNNABLE && thread->cpu == THREAD_NO_CPU)
			wait_nowhere(window, thread, ts_ns);
		stay_count(window, thread, window->directory->entries[i].thread, ts_ns, true);
	}
	go_part_end(&window->go, ts_ns);
}
