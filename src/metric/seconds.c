/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: a window's sums, at each second. Goes out: pieces. Reads the window, and only brings its open sums up to date. */
#include "metric/seconds.h"
#include "base/alloc.h"
#include "metric/window.h"

#include <math.h>

#include <stdlib.h>
#include <string.h>

void seconds_init(struct seconds *seconds)
{
	*seconds = (struct seconds){ .next_ns = UINT64_MAX };
}

void seconds_fini(struct seconds *seconds)
{
	free(seconds->marks);
	free(seconds->track.pieces);
	*seconds = (struct seconds){ 0 };
}

void seconds_begin(struct seconds *seconds, uint64_t ts_ns)
{
	if (seconds->marks)
		memset(seconds->marks, 0, seconds->mark_count * sizeof(*seconds->marks));
	seconds->totals = seconds->step = (struct seconds_sums){ 0 };
	seconds->track.count = 0;
	seconds->track.step_ns = SECONDS_STEP_NS;
	seconds->since_ns = ts_ns;
	seconds->next_ns = ts_ns + SECONDS_STEP_NS;
}

/* --- a thread's part of a step --- */

static uint64_t state_ns(const struct thread_metric *thread, unsigned int state, uint64_t ts_ns)
{
	return thread->state_ns[state] + (thread->state == state ? ts_ns - thread->since_ns : 0);
}

/* May it use fewer cpus than are online? Not where that is not known. */
static bool confined(const struct window *window, const struct thread_metric *thread)
{
	uint32_t size = cpusets_size(window->cpusets, thread->set);

	return size && size < window->topology->online_count;
}

static struct seconds_mark mark_of(const struct window *window, const struct thread_metric *thread, uint64_t ts_ns)
{
	struct seconds_mark mark = { .serial = thread->serial,
				     .runnable_ns = state_ns(thread, ROTA_RUNNABLE, ts_ns),
				     .alone_ns = thread->alone_ns,
				     .waited_ns = thread->waited.ns,
				     .switch_ins = thread->switch_ins,
				     .involuntary = thread->involuntary };

	mark.wanting_ns =
		mark.runnable_ns + state_ns(thread, ROTA_RUNNING, ts_ns) + state_ns(thread, ROTA_THROTTLED, ts_ns);
	if (thread->state == ROTA_RUNNING)
		mark.alone_ns += window->level.now.alone_ns;
	for (unsigned int i = 0; i < ROTA_BLOCKED_CLASSES; i++)
		mark.blocked_ns[i] = thread_metric_class_ns(thread, i, ts_ns);
	return mark;
}

static bool works(const struct seconds_mark *from, const struct seconds_mark *to, uint64_t step_ns)
{
	double runs = verdict_threshold(VERDICT_WORKER_RUNS) * (double)step_ns;
	double switches = verdict_threshold(VERDICT_WORKER_SWITCHES) * (double)step_ns / 1e9;

	return (double)(to->wanting_ns - from->wanting_ns) >= runs ||
	       (double)(to->switch_ins - from->switch_ins) >= switches;
}

static struct seconds_mark *mark_at(struct seconds *seconds, uint32_t index, uint32_t serial)
{
	struct seconds_mark *mark;

	seconds->marks = xgrow(seconds->marks, &seconds->mark_count, index + 1U, sizeof(*seconds->marks));
	mark = &seconds->marks[index];
	if (mark->serial != serial)
		*mark = (struct seconds_mark){ .serial = serial };
	return mark;
}

static void add_thread(struct window *window, uint32_t index, uint64_t ts_ns)
{
	struct seconds *seconds = &window->seconds;
	const struct thread_metric *thread = window_slot(window, index);
	struct seconds_mark *mark = mark_at(seconds, index, thread->serial), now = mark_of(window, thread, ts_ns);
	bool worker = works(mark, &now, ts_ns - seconds->since_ns);
	struct seconds_sums *step = &seconds->step;
	uint64_t alone_ns = now.alone_ns - mark->alone_ns;

	if (alone_ns > step->alone_ns)
		step->alone_ns = alone_ns;
	if (thread->ours)
		step->ours_ns += now.waited_ns - mark->waited_ns;
	else
		step->others_ns += now.waited_ns - mark->waited_ns;
	if (confined(window, thread))
		step->confined_ns += now.runnable_ns - mark->runnable_ns;
	step->involuntary += now.involuntary - mark->involuntary;
	step->lock_ns += now.blocked_ns[ROTA_BLOCKED_LOCK] - mark->blocked_ns[ROTA_BLOCKED_LOCK];
	for (unsigned int i = 0; worker && i < ROTA_BLOCKED_CLASSES; i++)
		step->blocked_ns[i] += now.blocked_ns[i] - mark->blocked_ns[i];
	*mark = now;
}

void seconds_gone(struct window *window, uint32_t index, uint64_t ts_ns)
{
	if (window->seconds.next_ns == UINT64_MAX || !window_slot(window, index)->serial)
		return;
	add_thread(window, index, ts_ns);
	window->seconds.marks[index] = (struct seconds_mark){ 0 };
}

/* --- what is kept for all threads together --- */

static uint64_t integral(const struct level *level, enum level_kind kind)
{
	const struct level_track *track = &level->tracks[kind];
	uint64_t sum = 0;

	for (size_t k = 1; k < track->capacity; k++)
		sum += k * track->ns[k];
	return sum;
}

static uint64_t above_zero(const struct level *level, enum level_kind kind)
{
	const struct level_track *track = &level->tracks[kind];
	uint64_t sum = 0;

	for (size_t k = 1; k < track->capacity; k++)
		sum += track->ns[k];
	return sum;
}

static struct seconds_sums totals_of(const struct window *window)
{
	const struct level *level = &window->level;
	struct seconds_sums sums = { .in_progress_ns = integral(level, LEVEL_IN_PROGRESS),
				     .demand_ns = integral(level, LEVEL_DEMAND),
				     .parallelism_ns = integral(level, LEVEL_PARALLELISM),
				     .cores_ns = integral(level, LEVEL_CORES),
				     .wanting_ns = above_zero(level, LEVEL_DEMAND),
				     .active_ns = above_zero(level, LEVEL_PARALLELISM),
				     .throttled_ns = level->throttled_ns,
				     .nobody_ns = window->waited.nobody.ns,
				     .unknown_ns = window->waited.unknown.ns };

	sums.known_ns = sums.wanting_ns + level->tracks[LEVEL_DEMAND].ns[0];
	sums.stolen_ns = meters_stolen_ns(&window->meters);
	sums.starved_ns = (uint64_t)window->go.totals[GO_STARVED].area;
	sums.mutex_ns = go_part_mutex_ns(&window->go);
	sums.told_ns = window->affinity.wanting_ns;
	sums.allowed_ns = window->affinity.allowed_ns;
	return sums;
}

static struct verdict_piece piece_of(const struct seconds_sums *from, const struct seconds_sums *to,
				     const struct seconds_sums *step, uint64_t step_ns)
{
	double all = (double)step_ns, known = (double)(to->known_ns - from->known_ns);
	double part = known > 0 ? known : 1;
	struct verdict_piece piece = { .seconds = (float)(all / 1e9),
				       .known = (float)(known / all),
				       .alone = (float)((double)step->alone_ns / part),
				       .confined = (float)((double)step->confined_ns / all),
				       .involuntary = (float)((double)step->involuntary * 1e9 / all),
				       .behind_ours = (float)((double)step->ours_ns / all),
				       .behind_others = (float)((double)step->others_ns / all),
				       .lock = (float)((double)step->lock_ns / all) };

#define MEAN(field)  (float)((double)(to->field##_ns - from->field##_ns) / part)
#define COUNT(field) ((double)(to->field##_ns - from->field##_ns) / all)
	piece.in_progress = MEAN(in_progress);
	piece.demand = MEAN(demand);
	piece.parallelism = MEAN(parallelism);
	piece.cores = MEAN(cores);
	piece.wanting = MEAN(wanting);
	piece.active = MEAN(active);
	piece.throttled = MEAN(throttled);
	piece.behind_other = (float)(COUNT(nobody) + COUNT(unknown));
	piece.stolen = (float)COUNT(stolen);
	piece.starved = (float)fmin(COUNT(starved), 1);
	piece.mutex = (float)COUNT(mutex);
	if (to->told_ns > from->told_ns)
		piece.allowed =
			(float)((double)(to->allowed_ns - from->allowed_ns) / (double)(to->told_ns - from->told_ns));
#undef MEAN
#undef COUNT
	for (unsigned int i = 0; i < ROTA_BLOCKED_CLASSES; i++)
		piece.blocked[i] = (float)((double)step->blocked_ns[i] / all);
	return piece;
}

/* --- pieces --- */

static float weighted(float a, double weight_a, float b, double weight_b)
{
	double sum = weight_a + weight_b;

	return sum > 0 ? (float)((a * weight_a + b * weight_b) / sum) : 0;
}

/* Two neighbours as one. */
static struct verdict_piece join(const struct verdict_piece *a, const struct verdict_piece *b)
{
	double long_a = a->seconds, long_b = b->seconds, known_a = long_a * a->known, known_b = long_b * b->known;
	struct verdict_piece sum = { .seconds = a->seconds + b->seconds,
				     .alone = a->alone > b->alone ? a->alone : b->alone };

#define MEAN(field)  sum.field = weighted(a->field, known_a, b->field, known_b)
#define COUNT(field) sum.field = weighted(a->field, long_a, b->field, long_b)
	COUNT(known);
	MEAN(in_progress);
	MEAN(demand);
	MEAN(parallelism);
	MEAN(cores);
	MEAN(wanting);
	MEAN(active);
	MEAN(throttled);
	sum.allowed = weighted(a->allowed, a->allowed > 0 ? known_a * a->wanting : 0, b->allowed,
			       b->allowed > 0 ? known_b * b->wanting : 0);
	COUNT(behind_ours);
	COUNT(behind_others);
	COUNT(behind_other);
	COUNT(confined);
	COUNT(stolen);
	COUNT(starved);
	COUNT(mutex);
	COUNT(involuntary);
	COUNT(lock);
	for (unsigned int i = 0; i < ROTA_BLOCKED_CLASSES; i++)
		COUNT(blocked[i]);
#undef MEAN
#undef COUNT
	return sum;
}

static void widen(struct seconds *seconds)
{
	struct seconds_track *track = &seconds->track;

	for (uint32_t i = 0; i < track->count; i += 2)
		track->pieces[i / 2] = join(&track->pieces[i], &track->pieces[i + 1]);
	track->count /= 2;
	track->step_ns *= 2;
}

static void end_step(struct window *window, uint64_t ts_ns)
{
	struct seconds *seconds = &window->seconds;
	struct seconds_track *track = &seconds->track;
	uint64_t step_ns = ts_ns - seconds->since_ns;
	struct seconds_sums totals;
	struct verdict_piece piece;

	level_flush(&window->level, ts_ns);
	looked_flush(&window->go.totals[GO_STARVED], ts_ns);
	for (uint32_t i = 0; i < window->topology->cpu_count; i++)
		queue_flush(&window->cpus[i].queue, ts_ns);
	for (uint32_t i = 0; i < window->slot_count; i++) {
		if (window_slot(window, i)->serial)
			add_thread(window, i, ts_ns);
	}
	affinity_flush(&window->affinity, ts_ns);
	totals = totals_of(window);
	piece = piece_of(&seconds->totals, &totals, &seconds->step, step_ns);
	if (track->count && step_ns < track->step_ns / SECONDS_TAIL_NUM) {
		track->pieces[track->count - 1] = join(&track->pieces[track->count - 1], &piece);
	} else {
		track->pieces = xgrow(track->pieces, &seconds->capacity, track->count + 1U, sizeof(*track->pieces));
		track->pieces[track->count++] = piece;
	}
	seconds->totals = totals;
	seconds->step = (struct seconds_sums){ 0 };
	seconds->since_ns = ts_ns;
}

void seconds_step(struct window *window, uint64_t ts_ns)
{
	struct seconds *seconds = &window->seconds;

	end_step(window, ts_ns);
	if (seconds->track.count == SECONDS_MAX)
		widen(seconds);
	seconds->next_ns = ts_ns + seconds->track.step_ns;
}

void seconds_end(struct window *window, uint64_t ts_ns)
{
	if (ts_ns > window->seconds.since_ns)
		end_step(window, ts_ns);
	window->seconds.next_ns = UINT64_MAX;
}

void seconds_take(struct seconds *seconds, struct seconds_track *ret_track)
{
	*ret_track = seconds->track;
	seconds->track = (struct seconds_track){ .step_ns = SECONDS_STEP_NS };
	seconds->capacity = 0;
}

struct verdict_piece seconds_whole(const struct seconds_track *track)
{
	struct verdict_piece whole = { 0 };

	for (uint32_t i = 0; i < track->count; i++)
		whole = i ? join(&whole, &track->pieces[i]) : track->pieces[0];
	return whole;
}
