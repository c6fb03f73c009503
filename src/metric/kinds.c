/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: stays by kind. Goes out: sums, and rows with names. Names are looked up once a kind, when a summary is made. */
#include "metric/kinds.h"
#include "base/alloc.h"
#include "metric/summary.h"
#include "metric/thread_metric.h"

#include <stdlib.h>
#include <string.h>

/* The number of the entry for a kind; that for all others where there is no room. One that was made has no class yet. */
static uint32_t entry_of(struct kinds *kinds, uint32_t kind)
{
	uint32_t i;

	for (i = 0; i < kinds->count; i++) {
		if (kinds->sums[i].kind == kind)
			return i;
	}
	if (i > KINDS_MAX)
		return KINDS_MAX;
	if (i == KINDS_MAX)
		kind = BLOCKED_KIND_MERGED | BLOCKED_KIND;
	if (!kinds->sums) /* most threads block in few ways */
		kinds->sums = xcalloc(kinds->capacity = 2, sizeof(*kinds->sums));
	kinds->sums = xgrow(kinds->sums, &kinds->capacity, i + 1U, sizeof(*kinds->sums));
	kinds->sums[i] = (struct kind_sum){ .kind = kind, .blocked_class = ROTA_BLOCKED_CLASSES };
	kinds->count++;
	return i;
}

uint32_t kinds_find(struct kinds *kinds, struct blocked_table *table, uint32_t kind)
{
	uint32_t entry = entry_of(kinds, blocked_kind_plain(kind));
	struct kind_sum *sum = &kinds->sums[entry];

	if (sum->blocked_class == ROTA_BLOCKED_CLASSES)
		sum->blocked_class = (uint8_t)blocked_table_class(table, sum->kind);
	return entry;
}

void kinds_add(struct kinds *kinds, const struct kind_sum *sum)
{
	uint32_t entry = entry_of(kinds, sum->kind); /* may move the array */
	struct kind_sum *into = &kinds->sums[entry];

	if (into->blocked_class == ROTA_BLOCKED_CLASSES)
		into->blocked_class = into->kind == sum->kind ? sum->blocked_class : ROTA_BLOCKED_OTHER;
	into->ns += sum->ns;
	into->count += sum->count;
}

void kinds_begin(struct kinds *kinds, uint32_t keep)
{
	kinds->sums[0] =
		(struct kind_sum){ .kind = kinds->sums[keep].kind, .blocked_class = kinds->sums[keep].blocked_class };
	kinds->count = 1;
}

void kinds_fini(struct kinds *kinds)
{
	free(kinds->sums);
	*kinds = (struct kinds){ 0 };
}

struct described { /* one kind of all threads */
	uint32_t kind;
	struct rota_blocked blocked;
};

static int by_kind(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b; /* the first member of both structs */

	return (x > y) - (x < y);
}

static int most_time_first(const void *a, const void *b)
{
	const struct rota_blocked *x = a, *y = b;
	int order;

	if (x->ns != y->ns)
		return x->ns > y->ns ? -1 : 1;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	if (x->blocked_class != y->blocked_class)
		return x->blocked_class < y->blocked_class ? -1 : 1;
	order = strcmp(x->syscall, y->syscall);
	if (!order)
		order = strcmp(x->fd_kind, y->fd_kind);
	if (order)
		return order;
	return (x->compat * 4 + x->uninterruptible * 2 + x->iowait) -
	       (y->compat * 4 + y->uninterruptible * 2 + y->iowait);
}

/* Every kind that any thread has, ascending, with its name and its sum over all threads. */
static struct described *describe_all(const struct thread_row *rows, uint32_t row_count, const char *machine,
				      uint32_t *ret_count)
{
	struct kind_sum *all;
	struct described *list;
	size_t total = 0, at = 0;
	uint32_t count = 0;

	for (uint32_t i = 0; i < row_count; i++)
		total += rows[i].kinds.count;
	all = xcalloc(total + 1, sizeof(*all));
	for (uint32_t i = 0; i < row_count; i++) {
		for (uint32_t k = 0; k < rows[i].kinds.count; k++)
			all[at++] = rows[i].kinds.sums[k];
	}
	qsort(all, total, sizeof(*all), by_kind);
	list = xcalloc(total + 1, sizeof(*list));
	for (size_t i = 0; i < total; i++) {
		if (!count || list[count - 1].kind != all[i].kind) {
			list[count].kind = all[i].kind;
			blocked_describe(all[i].kind, machine, &list[count++].blocked);
		}
		list[count - 1].blocked.ns += all[i].ns;
		list[count - 1].blocked.count += all[i].count;
	}
	free(all);
	*ret_count = count;
	return list;
}

static void fill_thread(const struct kinds *kinds, const struct described *list, uint32_t count,
			struct rota_thread_summary *thread)
{
	thread->blocked = xcalloc(kinds->count + 1U, sizeof(*thread->blocked));
	for (uint32_t i = 0; i < kinds->count; i++) {
		const struct described *found = bsearch(&kinds->sums[i], list, count, sizeof(*list), by_kind);
		struct rota_blocked *blocked = &thread->blocked[thread->blocked_count++];

		*blocked = found->blocked;
		blocked->ns = kinds->sums[i].ns;
		blocked->count = kinds->sums[i].count;
		thread->class_ns[blocked->blocked_class] += blocked->ns;
	}
	qsort(thread->blocked, thread->blocked_count, sizeof(*thread->blocked), most_time_first);
}

static void take_notes(struct rota_summary *summary)
{
	uint64_t ns = 0;

	for (uint32_t i = 0; i < summary->blocked_count; i++) {
		ns += summary->blocked[i].ns;
		if (summary->blocked[i].merged)
			rota_summary_note(
				summary,
				"%llu times that threads blocked are not told apart by system call: such a thread "
				"blocked in more than %u ways.",
				(unsigned long long)summary->blocked[i].count, KINDS_MAX);
	}
	if (ns && summary->class_ns[ROTA_BLOCKED_UNKNOWN] == ns)
		rota_summary_note(summary, "In which system calls threads blocked is not known: it was not recorded.");
}

void kinds_fill(const struct thread_row *rows, const char *machine, struct rota_summary *summary)
{
	uint32_t count;
	struct described *list = describe_all(rows, summary->thread_count, machine, &count);

	for (uint32_t i = 0; i < summary->thread_count; i++)
		fill_thread(&rows[i].kinds, list, count, &summary->threads[i]);
	summary->blocked = xcalloc(count + 1U, sizeof(*summary->blocked));
	for (uint32_t i = 0; i < count; i++) {
		summary->blocked[i] = list[i].blocked;
		summary->class_ns[list[i].blocked.blocked_class] += list[i].blocked.ns;
	}
	summary->blocked_count = count;
	qsort(summary->blocked, count, sizeof(*summary->blocked), most_time_first);
	free(list);
	take_notes(summary);
}
