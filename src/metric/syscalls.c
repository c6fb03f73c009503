/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: sums of a round. Goes out: sums of a window, exact but for the quantiles (± 1.6 %). Never drops a call. */
#include "metric/syscalls.h"
#include "base/alloc.h"
#include "base/histogram.h"
#include "base/syscall.h"
#include "metric/summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void free_rows(struct syscalls *syscalls)
{
	for (uint32_t i = 0; i < syscalls->row_count; i++)
		free(syscalls->rows[i].lengths);
	free(syscalls->rows);
	free(syscalls->slots);
}

void syscalls_fini(struct syscalls *syscalls)
{
	free_rows(syscalls);
	*syscalls = (struct syscalls){ 0 };
}

void syscalls_begin(struct syscalls *syscalls)
{
	free_rows(syscalls);
	*syscalls = (struct syscalls){ .followed = syscalls->followed };
}

/* --- adding up ------------------------------------------------------------------------------------------------------ */

static uint32_t hash_of(uint32_t tid, uint16_t number, bool compat)
{
	uint64_t key = tid | (uint64_t)number << 32 | (uint64_t)compat << 48;

	return (uint32_t)((key * 0x9e3779b97f4a7c15ULL) >> 32);
}

static void enlarge(struct syscalls *syscalls)
{
	free(syscalls->slots);
	syscalls->slot_count = syscalls->slot_count ? 2 * syscalls->slot_count : 256;
	syscalls->slots = xcalloc(syscalls->slot_count, sizeof(*syscalls->slots));
	for (uint32_t i = 0; i < syscalls->row_count; i++) {
		const struct syscall_row *row = &syscalls->rows[i];
		uint32_t slot = hash_of(row->tid, row->number, row->compat);

		while (syscalls->slots[slot % syscalls->slot_count])
			slot++;
		syscalls->slots[slot % syscalls->slot_count] = i + 1;
	}
}

static struct syscall_row *row_of(struct syscalls *syscalls, uint32_t tid, uint16_t number, bool compat)
{
	struct syscall_row *row;
	uint32_t slot;

	if (2 * (syscalls->row_count + 1) > syscalls->slot_count)
		enlarge(syscalls);
	for (slot = hash_of(tid, number, compat);; slot++) {
		uint32_t at = syscalls->slots[slot % syscalls->slot_count];

		if (!at)
			break;
		row = &syscalls->rows[at - 1];
		if (row->tid == tid && row->number == number && row->compat == compat)
			return row;
	}
	if (tid && syscalls->row_count >= SYSCALLS_MAX)
		return row_of(syscalls, 0, number, compat);
	syscalls->rows =
		xgrow(syscalls->rows, &syscalls->row_capacity, syscalls->row_count + 1U, sizeof(*syscalls->rows));
	row = &syscalls->rows[syscalls->row_count++];
	*row = (struct syscall_row){ .tid = tid, .number = number, .compat = compat };
	syscalls->slots[slot % syscalls->slot_count] = syscalls->row_count;
	return row;
}

static void add_length(struct syscall_row *row, uint32_t bucket, uint64_t count)
{
	uint32_t low = 0, high = row->length_count;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (row->lengths[middle].bucket < bucket)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == row->length_count || row->lengths[low].bucket != bucket) {
		row->lengths =
			xgrow(row->lengths, &row->length_capacity, row->length_count + 1U, sizeof(*row->lengths));
		memmove(&row->lengths[low + 1], &row->lengths[low], (row->length_count - low) * sizeof(*row->lengths));
		row->lengths[low] = (struct syscall_length){ .bucket = bucket };
		row->length_count++;
	}
	row->lengths[low].count += count;
}

static void add_sums(struct syscall_row *row, uint64_t count, uint64_t ns, uint64_t cpu_ns, uint64_t max_ns)
{
	row->count += count;
	row->ns += ns;
	row->cpu_ns += cpu_ns;
	if (max_ns > row->max_ns)
		row->max_ns = max_ns;
}

static void add_rest(struct syscalls *syscalls, const union rota_any_record *record)
{
	syscalls->followed = true;
	if (record->head.type == ROTA_REC_CALLS_SPREAD)
		syscalls->shapeless += record->calls_spread.count;
	else if (record->head.flags & ROTA_CALLS_OPEN)
		syscalls->open = record->calls.count;
	else if (record->head.flags & ROTA_CALLS_HEADLESS)
		syscalls->headless += record->calls.count;
	else
		syscalls->homeless += record->calls.count;
}

void syscalls_add(struct syscalls *syscalls, const union rota_any_record *record)
{
	const struct rota_record *head = &record->head;
	struct syscall_row *row;

	if (head->type != ROTA_REC_CALLS && head->type != ROTA_REC_CALLS_SPREAD)
		return;
	if (!head->tid) {
		add_rest(syscalls, record);
		return;
	}
	row = row_of(syscalls, head->tid, head->aux, (head->flags & ROTA_CALL_COMPAT) != 0);
	if (head->type == ROTA_REC_CALLS)
		add_sums(row, record->calls.count, record->calls.total_ns, record->calls.cpu_ns, record->calls.max_ns);
	else if (record->calls_spread.bucket < HISTOGRAM_BUCKETS)
		add_length(row, record->calls_spread.bucket, record->calls_spread.count);
}

/* --- giving out ------------------------------------------------------------------------------------------------------ */

static uint64_t quantile_ns(const struct syscall_row *row, double fraction)
{
	uint64_t all = 0, rank, seen = 0;

	for (uint32_t i = 0; i < row->length_count; i++)
		all += row->lengths[i].count;
	rank = (uint64_t)ceil(fraction * (double)all);
	for (uint32_t i = 0; i < row->length_count; i++) {
		seen += row->lengths[i].count;
		if (seen >= rank && seen) {
			uint64_t ns = histogram_upper_ns(row->lengths[i].bucket);

			return ns < row->max_ns ? ns : row->max_ns;
		}
	}
	return 0;
}

static struct rota_syscall give_row(const struct syscall_row *row, const char *machine)
{
	struct rota_syscall one = { .tid = row->tid,
				    .compat = row->compat,
				    .count = row->count,
				    .ns = row->ns,
				    .cpu_ns = row->cpu_ns,
				    .max_ns = row->max_ns,
				    .p50_ns = quantile_ns(row, 0.50),
				    .p99_ns = quantile_ns(row, 0.99) };

	syscall_name(machine, row->compat, row->number, one.syscall, sizeof(one.syscall));
	return one;
}

static int most_time_first(const void *a, const void *b)
{
	const struct rota_syscall *x = a, *y = b;
	int order;

	if (x->ns != y->ns)
		return x->ns > y->ns ? -1 : 1;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	order = strcmp(x->syscall, y->syscall);
	if (order)
		return order;
	return x->compat != y->compat ? (x->compat ? 1 : -1) : (x->tid > y->tid) - (x->tid < y->tid);
}

static int by_tid(const void *a, const void *b)
{
	const struct rota_thread_summary *x = *(const struct rota_thread_summary *const *)a;
	const struct rota_thread_summary *y = *(const struct rota_thread_summary *const *)b;

	if (x->tid != y->tid)
		return x->tid < y->tid ? -1 : 1;
	return (x->start_boottime_ns > y->start_boottime_ns) - (x->start_boottime_ns < y->start_boottime_ns);
}

static int find_tid(const void *key, const void *element)
{
	uint32_t tid = *(const uint32_t *)key, other = (*(struct rota_thread_summary *const *)element)->tid;

	return (tid > other) - (tid < other);
}

/* Who they are: the threads of the window, of two with one tid the later. */
static void name_rows(struct rota_summary *summary)
{
	struct rota_thread_summary **order = xcalloc(summary->thread_count + 1U, sizeof(struct rota_thread_summary *));
	uint32_t count = 0;

	for (uint32_t i = 0; i < summary->thread_count; i++)
		if (!summary->threads[i].folded)
			order[count++] = &summary->threads[i];
	qsort(order, count, sizeof(struct rota_thread_summary *), by_tid);
	for (uint32_t i = 0; i < summary->syscall_count; i++) {
		struct rota_syscall *call = &summary->syscalls[i];
		struct rota_thread_summary **at = bsearch(&call->tid, order, count, sizeof(*at), find_tid);

		if (!at)
			continue;
		while (at + 1 < order + count && at[1]->tid == call->tid)
			at++;
		call->tgid = (*at)->tgid;
		memcpy(call->thread, (*at)->name, sizeof(call->thread));
		(*at)->syscall_ns += call->ns;
		(*at)->syscall_cpu_ns += call->cpu_ns;
	}
	free(order);
}

static int by_call(const void *a, const void *b)
{
	const struct syscall_row *x = *(const struct syscall_row *const *)a, *y = *(const struct syscall_row *const *)b;

	if (x->compat != y->compat)
		return x->compat ? 1 : -1;
	return (x->number > y->number) - (x->number < y->number);
}

static void fill_totals(const struct syscalls *syscalls, const char *machine, struct rota_summary *summary)
{
	const struct syscall_row **order = xcalloc(syscalls->row_count + 1U, sizeof(struct syscall_row *));
	struct syscall_row total = { 0 };

	for (uint32_t i = 0; i < syscalls->row_count; i++)
		order[i] = &syscalls->rows[i];
	qsort(order, syscalls->row_count, sizeof(struct syscall_row *), by_call);
	summary->syscall_totals = xcalloc(syscalls->row_count + 1U, sizeof(*summary->syscall_totals));
	for (uint32_t i = 0; i < syscalls->row_count; i++) {
		const struct syscall_row *row = order[i];

		if (!i || by_call(&order[i - 1], &order[i])) {
			free(total.lengths);
			total = (struct syscall_row){ .number = row->number, .compat = row->compat };
			summary->syscall_total_count++;
		}
		add_sums(&total, row->count, row->ns, row->cpu_ns, row->max_ns);
		for (uint32_t k = 0; k < row->length_count; k++)
			add_length(&total, row->lengths[k].bucket, row->lengths[k].count);
		if (i + 1 == syscalls->row_count || by_call(&order[i], &order[i + 1]))
			summary->syscall_totals[summary->syscall_total_count - 1] = give_row(&total, machine);
	}
	free(total.lengths);
	free(order);
	qsort(summary->syscall_totals, summary->syscall_total_count, sizeof(*summary->syscall_totals), most_time_first);
}

/* "1 system call was", "2 system calls were": as people write it. */
#define CALLS_TEXT              "%llu system call%s "
#define CALLS_ARGUMENTS(number) (unsigned long long)(number), (number) == 1 ? "" : "s"

static void fill_notes(const struct syscalls *syscalls, struct rota_summary *summary)
{
	if (syscalls->open)
		rota_summary_note(summary, CALLS_TEXT "open at the end not counted.", CALLS_ARGUMENTS(syscalls->open));
	if (syscalls->headless)
		rota_summary_note(summary, CALLS_TEXT "that had begun before they were followed not counted.",
				  CALLS_ARGUMENTS(syscalls->headless));
	if (syscalls->homeless)
		rota_summary_note(
			summary,
			CALLS_TEXT
			"lost: more threads and kinds of calls in one round than the kernel-side table holds. Narrow the target.",
			CALLS_ARGUMENTS(syscalls->homeless));
	if (syscalls->shapeless)
		rota_summary_note(summary, "p50 and p99 leave out " CALLS_TEXT "for want of room on the kernel side.",
				  CALLS_ARGUMENTS(syscalls->shapeless));
}

void syscalls_fill(const struct syscalls *syscalls, const char *machine, struct rota_summary *summary)
{
	summary->syscalls_known = syscalls->followed;
	summary->syscalls = xcalloc(syscalls->row_count + 1U, sizeof(*summary->syscalls));
	for (uint32_t i = 0; i < syscalls->row_count; i++)
		summary->syscalls[summary->syscall_count++] = give_row(&syscalls->rows[i], machine);
	qsort(summary->syscalls, summary->syscall_count, sizeof(*summary->syscalls), most_time_first);
	name_rows(summary);
	fill_totals(syscalls, machine, summary);
	fill_notes(syscalls, summary);
}
