/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: a thread's sums. Goes out: rows, single or folded. All additions are exact; only the mean is a double. */
#include "metric/thread_metric.h"
#include "base/alloc.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

void thread_metric_fini(struct thread_metric *thread)
{
	free(thread->cpus);
	kinds_fini(&thread->kinds);
	*thread = (struct thread_metric){ 0 };
}

void thread_metric_begin(struct thread_metric *thread, uint64_t ts_ns)
{
	size_t sums = offsetof(struct thread_metric, kind_ns), end = offsetof(struct thread_metric, cpus);

	memset((char *)thread + sums, 0, end - sums);
	for (uint32_t i = 0; i < thread->cpu_count; i++) /* the entries stay: one may be in use */
		thread->cpus[i].ns = 0;
	if (thread->kind) {
		kinds_begin(&thread->kinds, thread->kind_entry);
		thread->kind_entry = 0;
	}
	thread->lock_hint = (struct lock_hint){ 0 };
	thread->smt.since_ns = ts_ns;
	thread->waited = (struct waited_sum){ 0 };
	thread->beside_ns = 0;
	thread->in_window = thread->state != ROTA_NONE;
	thread->cut = thread->since_ns < ts_ns;
	thread->since_ns = ts_ns;
}

/* The entry of cpus[] for `cpu`, made if there is none. */
static uint32_t cpu_entry(struct thread_metric *thread, uint32_t cpu)
{
	uint32_t low = 0, high = thread->cpu_count;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (thread->cpus[middle].cpu < cpu)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < thread->cpu_count && thread->cpus[low].cpu == cpu)
		return low;
	if (!thread->cpus) /* most threads see few cpus */
		thread->cpus = xcalloc(thread->cpu_capacity = 2, sizeof(*thread->cpus));
	thread->cpus = xgrow(thread->cpus, &thread->cpu_capacity, thread->cpu_count + 1U, sizeof(*thread->cpus));
	memmove(&thread->cpus[low + 1], &thread->cpus[low], (thread->cpu_count - low) * sizeof(*thread->cpus));
	thread->cpus[low] = (struct rota_cpu_ns){ .cpu = cpu };
	thread->cpu_count++;
	return low;
}

void thread_metric_cpu(struct thread_metric *thread, uint16_t cpu)
{
	if (thread->here_ns)
		thread->cpus[thread->cpu_entry].ns += thread->here_ns;
	thread->here_ns = 0;
	thread->last_cpu = cpu;
	thread->cpu_entry = cpu_entry(thread, cpu);
}

uint64_t thread_metric_class_ns(const struct thread_metric *thread, unsigned int blocked_class, uint64_t ts_ns)
{
	uint64_t ns = 0;

	for (uint32_t i = 0; i < thread->kinds.count; i++) {
		if (thread->kinds.sums[i].blocked_class != blocked_class)
			continue;
		ns += thread->kinds.sums[i].ns;
		if (i == thread->kind_entry)
			ns += thread->kind_ns + (thread->state == ROTA_BLOCKED ? ts_ns - thread->since_ns : 0);
	}
	return ns;
}

void thread_metric_kind(struct thread_metric *thread, struct blocked_table *table, uint32_t kind)
{
	if (thread->kind && thread->kind_count + thread->kind_ns) {
		struct kind_sum *sum = &thread->kinds.sums[thread->kind_entry];

		sum->ns += thread->kind_ns;
		sum->count += thread->kind_count;
	}
	thread->kind_ns = thread->kind_count = 0;
	thread->kind = kind;
	thread->kind_entry = kinds_find(&thread->kinds, table, kind);
}

static int most_time_first(const void *a, const void *b)
{
	const struct rota_cpu_ns *x = a, *y = b;

	if (x->ns != y->ns)
		return x->ns > y->ns ? -1 : 1;
	return (x->cpu > y->cpu) - (x->cpu < y->cpu);
}

static void row_cpus(const struct thread_metric *thread, struct rota_thread_summary *summary)
{
	summary->cpus = xcalloc(thread->cpu_count, sizeof(*summary->cpus));
	for (uint32_t i = 0; i < thread->cpu_count; i++) {
		struct rota_cpu_ns entry = thread->cpus[i];

		if (i == thread->cpu_entry)
			entry.ns += thread->here_ns;
		if (entry.ns)
			summary->cpus[summary->cpu_count++] = entry;
	}
	qsort(summary->cpus, summary->cpu_count, sizeof(*summary->cpus), most_time_first);
}

static void row_kinds(const struct thread_metric *thread, struct kinds *ret_kinds)
{
	for (uint32_t i = 0; i < thread->kinds.count; i++) {
		struct kind_sum sum = thread->kinds.sums[i];

		if (i == thread->kind_entry) {
			sum.ns += thread->kind_ns;
			sum.count += thread->kind_count;
		}
		if (sum.ns || sum.count)
			kinds_add(ret_kinds, &sum);
	}
}

static void row_runqueue(const struct thread_metric *thread, struct rota_runqueue *runqueue)
{
	runqueue->ns = thread->state_ns[ROTA_RUNNABLE];
	runqueue->count = thread->wait_count;
	runqueue->cut_count = thread->wait_cut_count;
	for (unsigned int i = 0; i < ROTA_CAUSES; i++) {
		runqueue->cause_ns[i] = thread->causes[i].ns;
		runqueue->cause_count[i] = thread->causes[i].count;
	}
	runqueue->histogram.count = thread->wait_count;
	runqueue->histogram.sum_ns = runqueue->ns;
	runqueue->histogram.max_ns = thread->wait_max_ns;
}

void thread_metric_row(const struct thread_metric *thread, const struct rota_thread *identity,
		       struct thread_row *ret_row)
{
	struct thread_row row = { .serial = thread->serial,
				  .width_ns = thread->width_ns,
				  .set = thread->set_told ? thread->set : 0 };
	struct rota_thread_summary *summary = &row.summary;

	summary->tid = identity->tid;
	summary->tgid = identity->tgid;
	summary->start_boottime_ns = identity->start_boottime_ns;
	memcpy(summary->name, identity->comm, sizeof(summary->name));
	summary->kthread = identity->kthread;
	summary->worker = identity->worker;
	summary->alive = thread->state != ROTA_NONE;
	memcpy(summary->state_ns, thread->state_ns, sizeof(summary->state_ns));
	summary->state_ns[ROTA_NONE] = 0;
	for (unsigned int i = 0; i < ROTA_STATES; i++)
		summary->lifetime_ns += summary->state_ns[i];
	summary->smt = smt_split(thread->smt.ns);
	summary->criticality_ns = (uint64_t)((thread->share + ((level_fixed)1 << 63)) >> 64);
	summary->alone_ns = thread->alone_ns;
	row.known_ns = summary->state_ns[ROTA_RUNNING] - thread->unknown_level_ns;
	summary->mean_parallelism = row.known_ns ? (double)row.width_ns / (double)row.known_ns : 0;
	summary->voluntary = thread->voluntary;
	summary->involuntary = thread->involuntary;
	summary->switch_ins = thread->switch_ins;
	memcpy(summary->migrations, thread->migrations, sizeof(summary->migrations));
	row_runqueue(thread, &summary->runqueue);
	row_kinds(thread, &row.kinds);
	row_cpus(thread, summary);
	*ret_row = row;
}

void thread_row_fini(struct thread_row *row)
{
	free(row->summary.cpus);
	kinds_fini(&row->kinds);
	*row = (struct thread_row){ 0 };
}

static void fold_cpus(struct rota_thread_summary *into, const struct rota_thread_summary *from)
{
	for (uint32_t i = 0; i < from->cpu_count; i++) {
		uint32_t k = 0;

		while (k < into->cpu_count && into->cpus[k].cpu != from->cpus[i].cpu)
			k++;
		if (k == into->cpu_count) {
			into->cpus = xreallocarray(into->cpus, ++into->cpu_count, sizeof(*into->cpus));
			into->cpus[k] = (struct rota_cpu_ns){ .cpu = from->cpus[i].cpu };
		}
		into->cpus[k].ns += from->cpus[i].ns;
	}
	qsort(into->cpus, into->cpu_count, sizeof(*into->cpus), most_time_first);
}

static void fold_runqueue(struct rota_runqueue *into, const struct rota_runqueue *from)
{
	into->ns += from->ns;
	into->count += from->count;
	into->cut_count += from->cut_count;
	for (unsigned int i = 0; i < ROTA_CAUSES; i++) {
		into->cause_ns[i] += from->cause_ns[i];
		into->cause_count[i] += from->cause_count[i];
	}
	into->histogram.count += from->histogram.count;
	into->histogram.sum_ns += from->histogram.sum_ns;
	if (from->histogram.max_ns > into->histogram.max_ns)
		into->histogram.max_ns = from->histogram.max_ns;
}

void thread_row_fold(struct thread_row *into, struct thread_row *from)
{
	struct rota_thread_summary *sum = &into->summary, *one = &from->summary;

	sum->folded++;
	if (sum->tgid != one->tgid)
		sum->tgid = 0;
	sum->kthread = sum->kthread && one->kthread;
	sum->worker = sum->worker && one->worker;
	for (unsigned int i = 0; i < ROTA_STATES; i++)
		sum->state_ns[i] += one->state_ns[i];
	sum->lifetime_ns += one->lifetime_ns;
	smt_split_add(&sum->smt, &one->smt);
	sum->criticality_ns += one->criticality_ns;
	sum->alone_ns += one->alone_ns;
	into->width_ns += from->width_ns;
	into->known_ns += from->known_ns;
	sum->mean_parallelism = into->known_ns ? (double)into->width_ns / (double)into->known_ns : 0;
	sum->voluntary += one->voluntary;
	sum->involuntary += one->involuntary;
	sum->switch_ins += one->switch_ins;
	for (unsigned int i = 0; i < ROTA_DISTANCES; i++)
		sum->migrations[i] += one->migrations[i];
	fold_runqueue(&sum->runqueue, &one->runqueue);
	for (uint32_t i = 0; i < from->kinds.count; i++)
		kinds_add(&into->kinds, &from->kinds.sums[i]);
	fold_cpus(sum, one);
	thread_row_fini(from);
}
