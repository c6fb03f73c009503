/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: what was added up by goroutine, and the programs of a summary. Goes out: rows of goroutines and functions, most cpu
 * first. Shares are of the samples of a program; their error is that of a binomial share, 1.96 √(p (1 − p) / n). Exact time goes
 * before a sampled share where there is any.
 */
#include "metric/go_fill.h"
#include "base/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define Z95       1.96
#define GC_WORKER "runtime.gcBgMarkWorker"

static struct rota_sampled sampled_of(uint64_t samples, const struct rota_runtime *runtime)
{
	struct rota_sampled sampled = { .samples = samples };
	double all = (double)runtime->samples;

	if (all > 0) {
		sampled.share = (double)samples / all;
		sampled.share_error = Z95 * sqrt(sampled.share * (1 - sampled.share) / all);
		sampled.cpu_ns = sampled.share * (double)runtime->running_ns;
		sampled.cpu_error_ns = sampled.share_error * (double)runtime->running_ns;
	}
	return sampled;
}

static uint32_t bits(const uint64_t *words, uint32_t count)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < count; i++)
		sum += (uint32_t)__builtin_popcountll(words[i]);
	return sum;
}

static uint32_t cores_of(const struct go_part *part, const uint64_t *cpus)
{
	uint32_t count = 0;

	for (uint32_t core = 0; core < part->topology->core_count; core++) {
		const struct rota_core_info *info = &part->topology->cores[core];

		for (uint32_t i = 0; i < info->cpu_count; i++) {
			if (!(cpus[info->cpus[i] / 64] & 1ULL << info->cpus[i] % 64))
				continue;
			count++;
			break;
		}
	}
	return count;
}

static void fill_goroutine(struct filling *filling, const struct goroutine_sum *sum, uint32_t serial,
			   struct rota_goroutine *row)
{
	const struct go_part *part = filling->part;
	struct rota_runtime *runtime = &filling->go->runtimes[filling->rows[sum->program] - 1];
	const struct go_name *name = go_names_get(part->names, sum->program, sum->goid);
	const char *start = name ? texts_get(filling->texts, name->start) : NULL;

	*row = (struct rota_goroutine){ .serial = serial,
					.tgid = runtime->tgid,
					.goid = sum->goid >= GOROUTINE_FOREIGN ? 0 : sum->goid,
					.start = go_fill_text(filling, start ? start : ""),
					.system = name && name->system,
					.scheduler = !sum->goid,
					.foreign = sum->goid == GOROUTINE_FOREIGN,
					.folded = sum->goid == GOROUTINE_REST,
					.sampled = sampled_of(sum->samples, runtime),
					.exact = part->sums[sum->program].exact,
					.exact_ns = sum->exact_ns,
					.thread_count = sum->thread_count,
					.cpu_count = bits(sum->cpus, part->goroutines.cpu_words),
					.core_count = cores_of(part, sum->cpus),
					.switch_outs = sum->switch_outs,
					.runnable_ns = sum->runnable_ns,
					.throttled_ns = sum->throttled_ns };
	memcpy(row->class_ns, sum->class_ns, sizeof(row->class_ns));
	if (!strncmp(row->start, GC_WORKER, sizeof(GC_WORKER) - 1))
		runtime->gc_samples += sum->samples;
}

static double weight(const struct rota_goroutine *row)
{
	return row->exact ? (double)row->exact_ns : row->sampled.cpu_ns;
}

static int by_cpu(const void *a, const void *b)
{
	const struct rota_goroutine *x = a, *y = b;
	double more = weight(y) - weight(x);

	if (more != 0)
		return more > 0 ? 1 : -1;
	if (x->switch_outs != y->switch_outs)
		return x->switch_outs < y->switch_outs ? 1 : -1;
	return x->goid < y->goid ? -1 : x->goid > y->goid;
}

static int by_function_cpu(const void *a, const void *b)
{
	const struct rota_go_function *x = a, *y = b;
	double first = x->exact ? (double)x->exact_ns : x->sampled.cpu_ns;
	double second = y->exact ? (double)y->exact_ns : y->sampled.cpu_ns;

	if (first != second)
		return first < second ? 1 : -1;
	return strcmp(x->start, y->start);
}

static int by_start(const void *a, const void *b)
{
	const struct rota_goroutine *x = a, *y = b;
	int order = x->tgid != y->tgid ? (x->tgid < y->tgid ? -1 : 1) : 0;

	if (!order)
		order = (x->scheduler + 2 * x->foreign) - (y->scheduler + 2 * y->foreign);
	return order ? order : strcmp(x->start, y->start);
}

static const struct rota_runtime *runtime_of(const struct rota_go *go, uint32_t tgid)
{
	for (uint32_t i = 0; i < go->runtime_count; i++)
		if (go->runtimes[i].tgid == tgid)
			return &go->runtimes[i];
	return NULL;
}

static bool is_of(const struct rota_goroutine *row, const struct rota_go_function *function)
{
	return function->tgid == row->tgid && !strcmp(function->start, row->start);
}

/* Rows in the order of by_start(); those without a goroutine are not of a function. */
static void fill_functions(struct rota_go *go, const struct rota_goroutine *rows, uint32_t count)
{
	go->functions = xcalloc(count, sizeof(*go->functions));
	for (uint32_t i = 0; i < count; i++) {
		struct rota_go_function *function;

		if (rows[i].scheduler || rows[i].foreign)
			continue;
		if (!go->function_count || !is_of(&rows[i], &go->functions[go->function_count - 1]))
			go->functions[go->function_count++] = (struct rota_go_function){ .tgid = rows[i].tgid,
											 .start = rows[i].start,
											 .system = rows[i].system };
		function = &go->functions[go->function_count - 1];
		function->goroutines +=
			!rows[i].folded; /* of those that found no place nobody knows how many they are */
		function->sampled.samples += rows[i].sampled.samples;
		function->exact = function->exact || rows[i].exact;
		function->exact_ns += rows[i].exact_ns;
		function->switch_outs += rows[i].switch_outs;
		function->runnable_ns += rows[i].runnable_ns;
		function->throttled_ns += rows[i].throttled_ns;
		for (unsigned int k = 0; k < ROTA_BLOCKED_CLASSES; k++)
			function->class_ns[k] += rows[i].class_ns[k];
	}
	for (uint32_t i = 0; i < go->function_count; i++)
		go->functions[i].sampled =
			sampled_of(go->functions[i].sampled.samples, runtime_of(go, go->functions[i].tgid));
	if (go->function_count)
		qsort(go->functions, go->function_count, sizeof(*go->functions), by_function_cpu);
}

/* Beyond ROTA_GOROUTINE_ROWS, the least are told together with others that began with the same function. */
static void fold_rows(struct rota_go *go, struct rota_goroutine *rows, uint32_t count)
{
	uint32_t kept = count < ROTA_GOROUTINE_ROWS ? count : ROTA_GOROUTINE_ROWS;

	go->goroutines = rows;
	go->goroutine_count = kept;
	if (kept == count)
		return;
	qsort(rows + kept, count - kept, sizeof(*rows), by_start);
	for (uint32_t i = kept; i < count; i++) {
		struct rota_goroutine *last = go->goroutine_count > kept ? &rows[go->goroutine_count - 1] : NULL, *row;

		if (last && !by_start(last, &rows[i])) {
			row = last;
			row->folded++;
			row->system = row->system && rows[i].system;
			row->exact = row->exact || rows[i].exact;
			row->sampled.samples += rows[i].sampled.samples;
			row->exact_ns += rows[i].exact_ns;
			row->switch_outs += rows[i].switch_outs;
			row->runnable_ns += rows[i].runnable_ns;
			row->throttled_ns += rows[i].throttled_ns;
			for (unsigned int k = 0; k < ROTA_BLOCKED_CLASSES; k++)
				row->class_ns[k] += rows[i].class_ns[k];
		} else {
			row = &rows[go->goroutine_count++];
			*row = rows[i];
			if (row->scheduler || row->foreign) /* one of each program, and none to fold it with */
				continue;
			row->folded = row->folded ? row->folded : 1;
			row->goid = 0;
			row->thread_count = row->cpu_count = row->core_count = 0;
		}
		row->sampled = sampled_of(row->sampled.samples, runtime_of(go, row->tgid));
	}
}

void go_fill_goroutines(struct filling *filling)
{
	const struct goroutines *table = &filling->part->goroutines;
	struct rota_goroutine *rows = xcalloc(table->count, sizeof(*rows));
	uint32_t count = 0;

	for (uint32_t i = 0; i < table->count; i++) {
		const struct goroutine_sum *sum = goroutines_index(table, i);

		if (filling->rows[sum->program])
			fill_goroutine(filling, sum, i + 1, &rows[count++]);
	}
	if (count) {
		qsort(rows, count, sizeof(*rows), by_start);
		fill_functions(filling->go, rows, count);
		qsort(rows, count, sizeof(*rows), by_cpu);
	}
	fold_rows(filling->go, rows, count);
	if (count)
		qsort(rows, filling->go->goroutine_count, sizeof(*rows), by_cpu);
}

void go_fill_strip(const struct filling *filling)
{
	struct rota_strip *strip = &filling->summary->strip;
	uint32_t *rows = xcalloc((size_t)filling->part->goroutines.count + 1U, sizeof(*rows));
	size_t slots = (size_t)filling->part->topology->cpu_count * strip->slot_count;

	for (uint32_t i = 0; i < filling->go->goroutine_count; i++)
		if (!filling->go->goroutines[i].folded)
			rows[filling->go->goroutines[i].serial] = i + 1;
	for (size_t i = 0; strip->slots && i < slots; i++) {
		uint32_t serial = strip->slots[i].goroutine;

		strip->slots[i].goroutine =
			serial && serial <= filling->part->goroutines.count ? rows[serial] - 1U : UINT32_MAX;
	}
	free(rows);
}
