/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: the sums of a window, names, and the summary's processes. Goes out: struct rota_go.
 */
#include "metric/go_fill.h"
#include "base/alloc.h"
#include "base/histogram.h"
#include "metric/summary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- programs ---------------------------------------------------------------------------------------------------------- */

static void copy_text(const struct texts *texts, uint32_t id, char *out, size_t size)
{
	const char *text = texts_get(texts, id);

	snprintf(out, size, "%s", text ? text : "");
}

/* False: no thread of it was in the window. */
static bool fill_process(const struct filling *filling, struct rota_runtime *runtime)
{
	for (uint32_t i = 0; i < filling->summary->process_count; i++) {
		const struct rota_process_summary *process = &filling->summary->processes[i];

		if (process->tgid != runtime->tgid)
			continue;
		memcpy(runtime->name, process->name, sizeof(runtime->name));
		runtime->running_ns = process->state_ns[ROTA_RUNNING];
		runtime->lifetime_ns = process->lifetime_ns;
		return true;
	}
	return false;
}

/* What grew in the window. A figure that is not known, or that fell, is not from this program: it did not grow. */
static uint64_t growth(uint64_t now, uint64_t before)
{
	return now != UINT64_MAX && now > before ? now - before : 0;
}

static void fill_totals(const struct go_sums *sums, struct rota_runtime *runtime)
{
	const struct rota_rec_go_totals *first = &sums->totals_first, *last = &sums->totals_last;

	runtime->totals_known = sums->totals_known && last->mutex_wait_ns != UINT64_MAX;
	if (!sums->totals_known)
		return;
	runtime->mutex_wait_ns = growth(last->mutex_wait_ns, first->mutex_wait_ns);
	runtime->gc_totals_known = last->gc_cycles != UINT64_MAX;
	runtime->gc_cycles = growth(last->gc_cycles, first->gc_cycles);
	runtime->gc_assist_ns = growth(last->gc_assist_ns, first->gc_assist_ns);
}

static void fill_counts(const struct go_sums *sums, struct rota_runtime *runtime)
{
	looked_take(&sums->counts[GO_IN_PROGRESS], &runtime->in_progress);
	looked_take(&sums->counts[GO_DEMAND], &runtime->demand);
	looked_take(&sums->counts[GO_RUNNING], &runtime->running);
	looked_take(&sums->counts[GO_P_BUSY], &runtime->p_busy);
	looked_take(&sums->counts[GO_MS], &runtime->m_count);
	looked_take(&sums->counts[GO_MS_SPINNING], &runtime->m_spinning);
	runtime->held_runnable_ns = sums->held_runnable_ns;
	runtime->held_throttled_ns = sums->held_throttled_ns;
	runtime->syscall_ns = sums->syscall_ns;
	runtime->cgo_ns = sums->cgo_ns;
	runtime->hand_offs = sums->hand_offs;
	runtime->samples = sums->samples;
	runtime->spinning_samples = sums->spinning_samples;
	runtime->scheduler_samples = sums->scheduler_samples;
	runtime->cgo_samples = sums->cgo_samples;
	runtime->foreign_samples = sums->foreign_samples;
	runtime->unreadable_samples = sums->unreadable_samples;
	runtime->known_ns = sums->known_ns;
	runtime->gc_known = sums->gc_known;
	runtime->gc_ns = sums->gc_ns;
	runtime->locked_ns = sums->locked_ns;
	fill_totals(sums, runtime);
	histogram_merge(&runtime->latency, &sums->latency);
}

static void fill_runtime(struct filling *filling, uint32_t number)
{
	const struct go_program *program = &filling->part->names->programs[number];
	const struct rota_rec_runtime *facts = &program->runtime;
	struct rota_runtime *runtime = &filling->go->runtimes[filling->go->runtime_count++];

	*runtime = (struct rota_runtime){ .tgid = program->tgid,
					  .lost = facts->head.flags & ROTA_RUNTIME_LOST,
					  .cgo = facts->head.flags & ROTA_RUNTIME_CGO,
					  .pie = facts->head.flags & ROTA_RUNTIME_PIE,
					  .stripped = facts->head.flags & ROTA_RUNTIME_STRIPPED,
					  .exact = facts->head.flags & ROTA_RUNTIME_EXACT,
					  .tier = (uint8_t)facts->tier,
					  .setter = (uint8_t)facts->setter,
					  .gomaxprocs = facts->gomaxprocs,
					  .gomaxprocs_first = program->gomaxprocs_first,
					  .environment = facts->environment };
	if (!fill_process(filling, runtime) && !filling->part->sums[number].known_ns &&
	    !filling->part->sums[number].samples) {
		filling->go->runtime_count--;
		return;
	}
	filling->rows[number] = filling->go->runtime_count;
	copy_text(filling->texts, facts->version, runtime->version, sizeof(runtime->version));
	copy_text(filling->texts, facts->note, runtime->note, sizeof(runtime->note));
	fill_counts(&filling->part->sums[number], runtime);
}

/* Programs that one process ran one after the other divide its time as its samples were divided. */
static void share_out(struct rota_go *go)
{
	for (uint32_t i = 0; i < go->runtime_count; i++) {
		struct rota_runtime *one = &go->runtimes[i];
		uint64_t samples = 0, programs = 0;

		for (uint32_t k = 0; k < go->runtime_count; k++) {
			if (go->runtimes[k].tgid != one->tgid)
				continue;
			samples += go->runtimes[k].samples;
			programs++;
		}
		if (programs > 1 && samples)
			one->running_ns = (uint64_t)((double)one->running_ns * (double)one->samples / (double)samples);
	}
}

static void fill_runtimes(struct filling *filling)
{
	const struct go_part *part = filling->part;
	struct rota_go *go = filling->go;

	go->runtimes = xcalloc(part->sum_count, sizeof(*go->runtimes));
	for (uint32_t i = 0; i < part->sum_count && i < part->names->program_count; i++)
		if (part->sums[i].in_window && part->names->programs[i].told)
			fill_runtime(filling, i);
	if (part->names->repeated)
		share_out(go);
	for (uint32_t i = 0; i < go->runtime_count; i++) {
		go->held_runnable_ns += go->runtimes[i].held_runnable_ns;
		go->held_throttled_ns += go->runtimes[i].held_throttled_ns;
		go->hand_offs += go->runtimes[i].hand_offs;
	}
	looked_take(&part->totals[GO_IN_PROGRESS], &go->in_progress);
	looked_take(&part->totals[GO_DEMAND], &go->demand);
	looked_take(&part->totals[GO_RUNNING], &go->running);
	looked_take(&part->totals[GO_P_BUSY], &go->p_busy);
	looked_take(&part->totals[GO_PS], &go->gomaxprocs);
}

/* --- texts ------------------------------------------------------------------------------------------------------------- */

static struct copied *copy_of(const struct filling *filling, const char *text)
{
	uint32_t mask = filling->copy_slots - 1, at = (uint32_t)((uintptr_t)text * 0x9e3779b97f4a7c15ULL >> 40) & mask;

	while (filling->copies[at].from && filling->copies[at].from != text)
		at = (at + 1) & mask;
	return &filling->copies[at];
}

static void grow_copies(struct filling *filling)
{
	struct filling larger = *filling;

	larger.copy_slots = filling->copy_slots ? 2 * filling->copy_slots : 256;
	larger.copies = xcalloc(larger.copy_slots, sizeof(*larger.copies));
	for (uint32_t i = 0; i < filling->copy_slots; i++) {
		if (filling->copies[i].from)
			*copy_of(&larger, filling->copies[i].from) = filling->copies[i];
	}
	free(filling->copies);
	*filling = larger;
}

const char *go_fill_text(struct filling *filling, const char *text)
{
	struct rota_go *go = filling->go;
	struct copied *copied;

	if (2 * go->text_count >= filling->copy_slots)
		grow_copies(filling);
	copied = copy_of(filling, text);
	if (copied->from)
		return copied->to;
	go->texts = xgrow(go->texts, &filling->text_capacity, go->text_count + 1U, sizeof(*go->texts));
	go->texts[go->text_count] = xstrdup(text);
	*copied = (struct copied){ .from = text, .to = go->texts[go->text_count] };
	return go->texts[go->text_count++];
}

/* --- populations ------------------------------------------------------------------------------------------------------- */

static int by_count(const void *a, const void *b)
{
	const struct rota_go_population *x = a, *y = b;

	return x->count < y->count ? 1 : x->count > y->count ? -1 : strcmp(x->reason, y->reason);
}

static void fill_populations(struct filling *filling)
{
	const struct go_part *part = filling->part;
	struct rota_go *go = filling->go;

	go->populations = xcalloc(part->population_count, sizeof(*go->populations));
	for (uint32_t i = 0; i < part->population_count; i++) {
		const struct go_population_seen *seen = &part->populations[i];
		const char *reason = texts_get(filling->texts, seen->reason);

		if (!filling->rows[seen->program])
			continue;
		go->populations[go->population_count++] =
			(struct rota_go_population){ .tgid = part->names->programs[seen->program].tgid,
						     .status = seen->status,
						     .reason = go_fill_text(filling, reason ? reason : ""),
						     .count = seen->count };
	}
	if (go->population_count)
		qsort(go->populations, go->population_count, sizeof(*go->populations), by_count);
}

static int by_running(const void *a, const void *b)
{
	const struct rota_runtime *x = a, *y = b;

	return x->running_ns < y->running_ns   ? 1
	       : x->running_ns > y->running_ns ? -1
					       : (x->tgid > y->tgid) - (x->tgid < y->tgid);
}

static uint64_t exact_sum(const struct rota_go *go, uint32_t tgid)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < go->goroutine_count; i++)
		sum += go->goroutines[i].tgid == tgid ? go->goroutines[i].exact_ns : 0;
	return sum;
}

/* What figures stand on, and where they do not tell of the whole window. */
static void note_runtimes(const struct filling *filling)
{
	struct rota_summary *summary = filling->summary;
	const struct rota_go *go = filling->go;

	if (go->in_progress.looks)
		rota_summary_note(
			summary,
			"Goroutines and Ps were looked at %u times; what was seen is taken to hold until the next look.",
			go->in_progress.looks);
	for (uint32_t i = 0; i < filling->part->names->program_count && i < filling->part->sum_count; i++) {
		const struct rota_runtime *runtime = filling->rows[i] ? &go->runtimes[filling->rows[i] - 1] : NULL;
		uint64_t exact_ns = runtime && filling->part->sums[i].exact ? exact_sum(go, runtime->tgid) : 0;

		if (!runtime)
			continue;
		if (runtime->lost)
			rota_summary_note(summary, "Of %s[%u] only the threads were followed%s%s.", runtime->name,
					  runtime->tgid, runtime->note[0] ? ": " : " at the end", runtime->note);
		if (filling->part->sums[i].exact && !runtime->exact)
			rota_summary_note(summary,
					  "Exact switches of %s[%u] were recorded for a part of the window only.",
					  runtime->name, runtime->tgid);
		if (exact_ns && (double)exact_ns < 0.99 * (double)runtime->running_ns)
			rota_summary_note(
				summary,
				"Of the running time of %s[%u], %.3f s lie before the first switch of a thread that was "
				"seen, or where records are missing: which goroutine ran is not known.",
				runtime->name, runtime->tgid, (double)(runtime->running_ns - exact_ns) / 1e9);
	}
}

void go_part_fill(const struct go_part *part, const struct texts *texts, struct rota_summary *summary)
{
	struct filling filling = { .part = part, .texts = texts, .summary = summary, .go = &summary->go };

	if (!part->sum_count)
		return;
	filling.rows = xcalloc(part->names->program_count, sizeof(*filling.rows));
	fill_runtimes(&filling);
	go_fill_goroutines(&filling);
	go_fill_strip(&filling);
	fill_populations(&filling);
	note_runtimes(&filling);
	free(filling.rows);
	free(filling.copies);
	if (summary->go.runtime_count)
		qsort(summary->go.runtimes, summary->go.runtime_count, sizeof(*summary->go.runtimes), by_running);
	if (part->names->refused)
		rota_summary_note(summary, "%llu goroutines have no name: there were more than rota keeps.",
				  (unsigned long long)part->names->refused);
	if (part->goroutines.folded)
		rota_summary_note(
			summary,
			"More than %u goroutines were seen: those after them are told together, by program (%llu sightings).",
			GOROUTINES_MAX, (unsigned long long)part->goroutines.folded);
}
