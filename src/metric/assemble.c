/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A window that has ended comes in, a summary goes out: rows of threads sorted, processes, cpus, cores, totals as the sums of
 * their rows. Must not compute what the window did not count; cpus' other and idle time and the ladder are added by others.
 */
#include "metric/window.h"
#include "base/alloc.h"
#include "base/histogram.h"
#include "metric/metric.h"
#include "metric/summary.h"

#include <stdlib.h>
#include <string.h>

static int threads_compare(const void *a, const void *b)
{
	const struct rota_thread_summary *x = &((const struct thread_row *)a)->summary;
	const struct rota_thread_summary *y = &((const struct thread_row *)b)->summary;

	if (x->state_ns[ROTA_RUNNING] != y->state_ns[ROTA_RUNNING])
		return x->state_ns[ROTA_RUNNING] > y->state_ns[ROTA_RUNNING] ? -1 : 1;
	if (x->tid != y->tid)
		return x->tid < y->tid ? -1 : 1;
	if (x->start_boottime_ns != y->start_boottime_ns)
		return x->start_boottime_ns < y->start_boottime_ns ? -1 : 1;
	return strncmp(x->name, y->name, ROTA_COMM_SIZE);
}

static int processes_compare(const void *a, const void *b)
{
	const struct rota_process_summary *x = a, *y = b;

	if (x->state_ns[ROTA_RUNNING] != y->state_ns[ROTA_RUNNING])
		return x->state_ns[ROTA_RUNNING] > y->state_ns[ROTA_RUNNING] ? -1 : 1;
	if (x->tgid != y->tgid)
		return x->tgid < y->tgid ? -1 : 1;
	return strncmp(x->name, y->name, ROTA_COMM_SIZE);
}

/* All rows, those of threads that are gone moved out of `rows`. */
static struct thread_row *rows_take(struct window *window, uint32_t *ret_count)
{
	struct rows *rows = &window->rows;
	size_t capacity = rows->count + rows->fold_count + 16U;
	struct thread_row *list = xcalloc(capacity, sizeof(*list));
	uint32_t count = 0;

	for (uint32_t i = 0; i < rows->count; i++)
		list[count++] = rows->rows[i];
	for (uint32_t i = 0; i < rows->fold_count; i++)
		list[count++] = rows->folds[i];
	rows->count = rows->fold_count = 0;
	for (uint32_t i = 0; i < window->slot_count; i++) {
		const struct thread_metric *slot = window_slot(window, i);

		if (!slot->in_window)
			continue;
		list = xgrow(list, &capacity, count + 1U, sizeof(*list));
		thread_metric_row(slot, window->directory->entries[i].thread, &list[count++]);
	}
	qsort(list, count, sizeof(*list), threads_compare);
	*ret_count = count;
	return list;
}

static void total_threads(struct rota_summary *summary)
{
	for (uint32_t i = 0; i < summary->thread_count; i++) {
		const struct rota_thread_summary *thread = &summary->threads[i];

		smt_split_add(&summary->smt, &thread->smt);
		summary->throttled_ns += thread->state_ns[ROTA_THROTTLED];
		summary->voluntary += thread->voluntary;
		summary->involuntary += thread->involuntary;
		summary->switch_ins += thread->switch_ins;
		for (unsigned int k = 0; k < ROTA_DISTANCES; k++)
			summary->migrations[k] += thread->migrations[k];
	}
}

static int by_process(const void *a, const void *b)
{
	const struct rota_thread_summary *x = *(const struct rota_thread_summary *const *)a;
	const struct rota_thread_summary *y = *(const struct rota_thread_summary *const *)b;

	if (x->tgid != y->tgid)
		return x->tgid < y->tgid ? -1 : 1;
	if (!x->tgid) {
		int order = strncmp(x->name, y->name, ROTA_COMM_SIZE); /* no tgid: by name */

		if (order)
			return order;
	}
	/* the leader first, to name the process; then the oldest */
	if ((x->tid == x->tgid) != (y->tid == y->tgid))
		return x->tid == x->tgid ? -1 : 1;
	return (x->tid > y->tid) - (x->tid < y->tid);
}

static void process_add(struct rota_process_summary *process, const struct rota_thread_summary *thread)
{
	process->thread_count += thread->folded ? thread->folded : 1;
	for (unsigned int k = 0; k < ROTA_STATES; k++)
		process->state_ns[k] += thread->state_ns[k];
	process->lifetime_ns += thread->lifetime_ns;
	smt_split_add(&process->smt, &thread->smt);
	process->criticality_ns += thread->criticality_ns;
	process->voluntary += thread->voluntary;
	process->involuntary += thread->involuntary;
	for (unsigned int k = 0; k < ROTA_DISTANCES; k++)
		process->migrations[k] += thread->migrations[k];
}

static void take_processes(const struct window *window, struct rota_summary *summary)
{
	const struct rota_thread_summary **order = xcalloc(summary->thread_count, sizeof(struct rota_thread_summary *));
	struct rota_process_summary *process = NULL;

	summary->processes = xcalloc(summary->thread_count, sizeof(*summary->processes));
	for (uint32_t i = 0; i < summary->thread_count; i++)
		order[i] = &summary->threads[i];
	qsort(order, summary->thread_count, sizeof(struct rota_thread_summary *), by_process);
	for (uint32_t i = 0; i < summary->thread_count; i++) {
		const struct rota_thread_summary *thread = order[i];

		if (!process || process->tgid != thread->tgid ||
		    (!thread->tgid && strncmp(process->name, thread->name, ROTA_COMM_SIZE))) {
			const struct rota_thread *leader = directory_find(window->directory, thread->tgid);
			bool use_leader = leader && thread->tid != thread->tgid && leader->tgid == thread->tgid &&
					  leader->comm[0];

			process = &summary->processes[summary->process_count++];
			process->tgid = thread->tgid;
			memcpy(process->name, use_leader ? leader->comm : thread->name, sizeof(process->name));
		}
		process_add(process, thread);
	}
	free(order);
	qsort(summary->processes, summary->process_count, sizeof(*summary->processes), processes_compare);
}

static void take_cpus(const struct window *window, struct rota_summary *summary)
{
	const struct rota_topology *topology = window->topology;

	summary->cpus = xcalloc(topology->cpu_count, sizeof(*summary->cpus));
	for (uint32_t i = 0; i < topology->cpu_count; i++) {
		if (!topology->cpus[i].present)
			continue;
		summary->cpus[summary->cpu_count++] = (struct rota_cpu_summary){
			.cpu = i, .smt = smt_split(window->smt.cpus[i].ns), .switch_ins = window->cpus[i].switch_ins
		};
	}
	summary->cores = xcalloc(topology->core_count, sizeof(*summary->cores));
	for (uint32_t i = 0; i < topology->core_count; i++) {
		const struct smt_core *core = &window->smt.cores[i];
		struct rota_core_summary *row = &summary->cores[summary->core_count++];

		*row = (struct rota_core_summary){ .core = i,
						   .package = topology->cores[i].package,
						   .level_count = topology->cores[i].cpu_count + 1,
						   .unknown_ns = core->unknown_ns };
		row->level_ns = xcalloc(row->level_count, sizeof(*row->level_ns));
		memcpy(row->level_ns, core->level_ns, row->level_count * sizeof(*row->level_ns));
	}
}

/* Those that are gone, nobody and the unknown, and those alive, of whom `sum_of` tells; most first. */
static struct rota_waited_for *take_list(const struct window *window, const struct waited *waited,
					 struct waited_sum (*sum_of)(const struct thread_metric *thread),
					 uint32_t *ret_count)
{
	size_t capacity = waited->count + 16U;
	struct rota_waited_for *list = xcalloc(capacity, sizeof(*list));
	uint32_t count = 0;

	for (uint32_t i = 0; i < waited->count; i++)
		list[count++] = waited->gone[i];
	if (waited->nobody.ns)
		list[count++] = (struct rota_waited_for){ .known = true,
							  .ns = waited->nobody.ns,
							  .preempted_ns = waited->nobody.preempted_ns };
	if (waited->unknown.ns)
		list[count++] = (struct rota_waited_for){ .ns = waited->unknown.ns,
							  .preempted_ns = waited->unknown.preempted_ns };
	for (uint32_t i = 0; i < window->slot_count; i++) {
		const struct thread_metric *slot = window_slot(window, i);

		if (!sum_of(slot).ns)
			continue;
		list = xgrow(list, &capacity, count + 1U, sizeof(*list));
		list[count++] = waited_for_thread(slot, window->directory->entries[i].thread, sum_of(slot));
	}
	qsort(list, count, sizeof(*list), waited_compare);
	*ret_count = count;
	return list;
}

static struct waited_sum waited_sum(const struct thread_metric *thread)
{
	return thread->waited;
}

static struct waited_sum beside_sum(const struct thread_metric *thread)
{
	return (struct waited_sum){ .ns = thread->beside_ns };
}

static void take_waited(const struct window *window, struct rota_summary *summary)
{
	summary->waited_for = take_list(window, &window->waited, waited_sum, &summary->waited_for_count);
	summary->neighbours = take_list(window, &window->beside, beside_sum, &summary->neighbour_count);
	if (window->waited.merged_count)
		rota_summary_note(summary, "%llu of the threads waited for, those waited for least, are not named.",
				  (unsigned long long)window->waited.merged_count);
}

static void take_runqueue(const struct window *window, struct rota_runqueue *ret_runqueue)
{
	*ret_runqueue = window->runqueue;
	ret_runqueue->histogram = (struct rota_histogram){ 0 };
	histogram_merge(&ret_runqueue->histogram, &window->runqueue.histogram);
}

struct serial_row {
	uint32_t serial, row;
};

static int by_serial(const void *a, const void *b)
{
	const struct serial_row *x = a, *y = b;

	return (x->serial > y->serial) - (x->serial < y->serial);
}

/* The strip names threads by serial; the summary by row. */
static void take_strip(struct window *window, const struct thread_row *rows, uint64_t end_ns,
		       struct rota_summary *summary)
{
	struct serial_row *index = xcalloc(summary->thread_count, sizeof(*index));
	struct rota_strip *strip = &summary->strip, goroutines, ps;

	for (uint32_t i = 0; i < summary->thread_count; i++)
		index[i] = (struct serial_row){ rows[i].serial, i };
	qsort(index, summary->thread_count, sizeof(*index), by_serial);
	strip_take(&window->strip, end_ns, strip);
	strip_take(&window->strip_goroutines, end_ns, &goroutines);
	strip_take(&window->strip_ps, end_ns, &ps);
	for (size_t i = 0; i < (size_t)window->strip.cpu_count * strip->slot_count; i++) {
		struct serial_row key = { .serial = strip->slots[i].thread };
		const struct serial_row *found =
			key.serial ? bsearch(&key, index, summary->thread_count, sizeof(*index), by_serial) : NULL;

		strip->slots[i].thread = found ? found->row : UINT32_MAX;
		strip->slots[i].goroutine = window->go.sum_count ? goroutines.slots[i].thread : UINT32_MAX;
		strip->slots[i].p = (uint16_t)ps.slots[i].thread;
	}
	free(goroutines.slots);
	free(ps.slots);
	free(index);
}

static void take_notes(const struct window *window, struct rota_summary *summary)
{
	bool steal_known = summary->cpu_count == 0;

	if (!summary->smt_present)
		rota_summary_note(summary,
				  "This machine has no SMT: each core has one hardware thread, so nobody shares one.");
	if (window->rows.folded)
		rota_summary_note(summary, "%llu threads that have exited are added up by process name (more than %u).",
				  (unsigned long long)window->rows.folded, METRIC_MAX_ROWS);
	if (window->wakeups.merged)
		rota_summary_note(summary, "%llu wakeups are not named by pair (more than %u pairs).",
				  (unsigned long long)window->wakeups.merged, WAKEUPS_MAX);
	for (uint32_t i = 0; i < summary->cpu_count; i++)
		steal_known = steal_known || summary->cpus[i].steal_known;
	if (!steal_known)
		rota_summary_note(summary, "Stolen time is not known: it was not read at both ends of the window.");
	if (!summary->overhead_bpf_known)
		rota_summary_note(summary,
				  "What the BPF programs cost is not known: the kernel's statistics were not on.");
}

static void take_affinity(const struct window *window, const struct thread_row *rows, struct rota_summary *summary)
{
	affinity_fill(&window->affinity, summary);
	for (uint32_t i = 0; i < summary->thread_count; i++) {
		struct rota_thread_summary *thread = &summary->threads[i];

		thread->allowed_cpus = rows[i].set ? cpusets_size(window->cpusets, rows[i].set) : 0;
		/* kernel threads are bound to cpus by design */
		summary->affinity.confined_threads += thread->allowed_cpus && !thread->kthread &&
						      thread->allowed_cpus < window->topology->online_count;
	}
}

struct rota_summary *window_summary(struct window *window, uint64_t end_ns)
{
	struct rota_summary *summary = xcalloc(1, sizeof(*summary));
	struct thread_row *rows = rows_take(window, &summary->thread_count);

	summary->start_ns = window->start_ns;
	summary->end_ns = end_ns;
	summary->topology = window->topology;
	summary->smt_present = window->topology->smt > 1;
	level_take(&window->level, LEVEL_IN_PROGRESS, &summary->in_progress);
	level_take(&window->level, LEVEL_DEMAND, &summary->demand);
	level_take(&window->level, LEVEL_PARALLELISM, &summary->parallelism);
	level_take(&window->level, LEVEL_CORES, &summary->core_parallelism);
	level_take(&window->level, LEVEL_LLCS, &summary->llc_parallelism);
	level_take(&window->level, LEVEL_PACKAGES, &summary->package_parallelism);
	summary->threads = xcalloc(summary->thread_count, sizeof(*summary->threads));
	for (uint32_t i = 0; i < summary->thread_count; i++)
		summary->threads[i] = rows[i].summary;
	kinds_fill(rows, window->machine, summary);
	for (uint32_t i = 0; i < summary->thread_count; i++)
		kinds_fini(&rows[i].kinds);
	total_threads(summary);
	take_processes(window, summary);
	take_cpus(window, summary);
	meters_fill(&window->meters, summary);
	take_runqueue(window, &summary->runqueue);
	summary->wait_count = window->waits.count;
	summary->longest_waits = xcalloc(window->waits.count, sizeof(*summary->longest_waits));
	memcpy(summary->longest_waits, window->waits.waits, window->waits.count * sizeof(*summary->longest_waits));
	take_waited(window, summary);
	summary->wakeups = wakeups_take(&window->wakeups, &summary->wakeup_count);
	syscalls_fill(&window->syscalls, window->machine, summary);
	locks_fill(&window->locks, window->directory, summary);
	quotas_fill(&window->quotas, summary);
	take_affinity(window, rows, summary);
	conserve_fill(&window->conserve, summary);
	if (window->strip.cpu_count)
		take_strip(window, rows, end_ns, summary);
	take_notes(window, summary);
	free(rows);
	return summary;
}
