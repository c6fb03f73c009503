/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: figures of a piece of time. Goes out: scores and a verdict. The order of the rules is that of docs/verdicts.md;
 * every number that decides is in the table below and nowhere else.
 */
#include "metric/verdict.h"

#include <math.h>

/* clang-format off */
const struct verdict_rule verdict_thresholds[VERDICT_THRESHOLDS] = {
	[VERDICT_KNOWN_LEAST]     = { "known_least",     "share",    "below it, too little was seen to judge: unknown", 0.5 },
	[VERDICT_SECONDS_LEAST]   = { "seconds_least",   "s",        "below it, a piece of time is too short to judge: unknown", 0.01 },
	[VERDICT_SCORE_LEAST]     = { "score_least",     "share",    "a candidate must have held the program back for so much of the time", 0.2 },
	[VERDICT_SECOND_LEAST]    = { "second_least",    "share",    "the same for the second best", 0.05 },
	[VERDICT_FULL_LEAST]      = { "full_least",      "share",    "while it wants to run, it has so much of the cpus it may use: they are used up", 0.8 },
	[VERDICT_CROWD_LEAST]     = { "crowd_least",     "threads",  "so many threads want each usable cpu: oversubscribed rather than hardware", 1.5 },
	[VERDICT_CROWD_SWITCHES]  = { "crowd_switches",  "per cpu and second", "and the kernel takes a cpu away so often", 20 },
	[VERDICT_QUEUEING_LEAST]  = { "queueing_least",  "threads",  "so many threads want each usable cpu: they queue for it", 1.1 },
	[VERDICT_SIBLINGS_LEAST]  = { "siblings_least",  "share",    "so much of its running time is beside another of its threads on one core: smt rather than hardware", 0.5 },
	[VERDICT_CONFINED_CPUS]   = { "confined_cpus",   "cpus",     "so many fewer than the machine's may be used: affinity rather than hardware", 0.5 },
	[VERDICT_CONFINED_IDLE]   = { "confined_idle",   "cpus",     "and so many stand idle meanwhile, or it is not known what they did", 0.25 },
	[VERDICT_LONE_CPUS]       = { "lone_cpus",       "cpus",     "below it there is nothing to be parallel on, and serial is not considered", 1.5 },
	[VERDICT_HANDED_ON_LEAST] = { "handed_on_least", "share",    "so many waits for an address end by a thread that waits for it, too: a lock, not a place to wait for work", 0.5 },
	[VERDICT_WORKER_RUNS]     = { "worker_runs",     "share",    "a thread that wants to run for so much of its life works; what others block in is waiting for work", 0.01 },
	[VERDICT_WORKER_SWITCHES] = { "worker_switches", "per second", "or that comes onto a cpu so often", 10 },
	[VERDICT_SPARE_LEAST]     = { "spare_least",     "cpus",     "it may use so many more cpus than GOMAXPROCS: runtime", 0.5 },
	[VERDICT_SPARE_CORES]     = { "spare_cores",     "cores",    "and so many whole cores stand idle meanwhile, or it is not known what they did", 0.25 },
	[VERDICT_HELD_MOST]       = { "held_most",       "share",    "but not where threads that hold a P wait for a cpu, or for quota, for so much of its busy Ps' time", 0.1 },
	[VERDICT_COLLECT_MOST]    = { "collect_most",    "share",    "nor where so much of its running time goes to collecting garbage", 0.5 },
	[VERDICT_MANY_THREADS]    = { "many_threads",    "threads",  "with so many running at once, a hardware verdict says what rota cannot see", 1.5 },
};
/* clang-format on */

static double least(double a, double b)
{
	return a < b ? a : b;
}

static double share(double part, double of)
{
	return of > 0 ? least(part / of, 1) : 0;
}

struct view { /* of a piece, what several rules need */
	const struct verdict_piece *piece;
	const struct verdict_machine *machine;
	double wanting; /* share of time */
	double usable;  /* cpus */
	double stuck;   /* score of one thread held up all the time: its part of the demand */
	double queued, confined;
	bool full;
};

/* Is there a cpu to go to? Taken for granted where it is not known what the cpus did. */
static bool elsewhere(const struct verdict_machine *machine)
{
	return !machine->idle_known || machine->idle >= verdict_threshold(VERDICT_CONFINED_IDLE);
}

static struct view view_of(const struct verdict_piece *piece, const struct verdict_machine *machine)
{
	struct view view = { .piece = piece, .machine = machine, .wanting = piece->wanting };

	view.usable = least(piece->allowed > 0 ? piece->allowed : machine->usable, machine->cpus);
	if (view.usable < 1)
		view.usable = 1;
	view.stuck = piece->demand > 0 ? piece->wanting / piece->demand : 0;
	view.queued = (double)piece->behind_ours + piece->behind_others + piece->behind_other;
	/* waits of confined threads are affinity's where there was somewhere else to go */
	if (elsewhere(machine))
		view.confined = share(piece->confined, view.queued);
	view.full = view.wanting > 0 &&
		    piece->parallelism / view.wanting >= verdict_threshold(VERDICT_FULL_LEAST) * view.usable;
	return view;
}

/* How many threads want each cpu, while there is one that wants to run. */
static double crowding(const struct view *view)
{
	return view->wanting > 0 ? view->piece->demand / view->wanting / view->usable : 0;
}

/* One thread on one of several cpus: it could not use another. */
static bool lonely(const struct view *view)
{
	double lone = verdict_threshold(VERDICT_LONE_CPUS);

	return view->usable < lone && view->machine->cpus >= lone &&
	       crowding(view) < verdict_threshold(VERDICT_QUEUEING_LEAST);
}

/* It queued behind its own threads although cpus were idle. */
static double unexplained(const struct view *view)
{
	double queued = (1 - view->confined) * view->piece->behind_ours;

	return view->machine->idle_known ? least(least(queued, view->machine->idle) * view->stuck, 1) : 0;
}

/* All usable cpus are busy with it: by which name? */
static enum rota_limit full_kind(const struct view *view)
{
	const struct verdict_piece *piece = view->piece;
	double beside = share(2 * ((double)piece->parallelism - piece->cores), piece->parallelism);

	if (elsewhere(view->machine) &&
	    view->machine->cpus - view->usable >= verdict_threshold(VERDICT_CONFINED_CPUS) &&
	    crowding(view) >= verdict_threshold(VERDICT_QUEUEING_LEAST))
		return ROTA_LIMIT_AFFINITY;
	if (crowding(view) >= verdict_threshold(VERDICT_CROWD_LEAST) &&
	    piece->involuntary >= verdict_threshold(VERDICT_CROWD_SWITCHES) * view->usable)
		return ROTA_LIMIT_OVERSUBSCRIBED;
	if (view->machine->smt && beside >= verdict_threshold(VERDICT_SIBLINGS_LEAST))
		return ROTA_LIMIT_SMT;
	return ROTA_LIMIT_HARDWARE;
}

/* What holds up threads that want to run. */
static void score_demand(const struct view *view, double score[ROTA_LIMITS])
{
	const struct verdict_piece *piece = view->piece;
	double busy = share(piece->parallelism, view->usable);

	score[ROTA_LIMIT_QUOTA] = least(piece->throttled * view->stuck, 1);
	score[ROTA_LIMIT_STEAL] = least(least(piece->stolen, piece->parallelism) * view->stuck, 1);
	score[ROTA_LIMIT_NEIGHBOURS] = least((1 - view->confined) * piece->behind_others * view->stuck, 1);
	score[ROTA_LIMIT_AFFINITY] = least(view->confined * view->queued * view->stuck, 1);
	if (view->full && !lonely(view)) {
		enum rota_limit kind = full_kind(view);

		if (busy > score[kind])
			score[kind] = busy;
	} else {
		score[ROTA_LIMIT_UNKNOWN] = unexplained(view);
	}
}

/* Goroutines wait for a P, and its affinity and its quota would let it have more. */
static double short_of_ps(const struct view *view)
{
	const struct verdict_machine *machine = view->machine;
	double room = view->usable;

	if (machine->quota > 0)
		room = least(room, machine->quota);
	if (!machine->gomaxprocs || room - machine->gomaxprocs < verdict_threshold(VERDICT_SPARE_LEAST))
		return 0;
	return least(view->piece->starved, 1);
}

/* Would more Ps help? Whole cores are free, its threads do not wait for cpus with those that it has, and it does its own work. */
static bool ps_would_help(const struct verdict_machine *machine)
{
	return (!machine->idle_known || machine->idle_cores >= verdict_threshold(VERDICT_SPARE_CORES)) &&
	       machine->held < verdict_threshold(VERDICT_HELD_MOST) &&
	       machine->collecting < verdict_threshold(VERDICT_COLLECT_MOST);
}

/* Others have so much of what it could run on with more Ps. */
static bool others_are_there(const struct view *view)
{
	const struct verdict_machine *machine = view->machine;

	return machine->idle_known &&
	       machine->cpus - machine->idle - view->piece->parallelism >= verdict_threshold(VERDICT_SPARE_CORES);
}

/* Why few of its threads want to run although cpus are free: the others wait for a lock, or for the one that runs. */
static void score_structure(const struct view *view, double score[ROTA_LIMITS])
{
	const struct verdict_piece *piece = view->piece;
	bool locks = view->machine->handed_on > 0;
	double waiting = locks ? least(piece->lock * view->machine->handed_on, 1) : 0;
	double queued = least((double)piece->demand - piece->parallelism, 1);
	double starved = short_of_ps(view), mutex = least(piece->mutex, 1) * (1 - starved);

	if (mutex > waiting)
		waiting = mutex;
	score[ROTA_LIMIT_LOCK] = waiting * (1 - share(piece->parallelism, view->usable));
	if (view->machine->cpus >= verdict_threshold(VERDICT_LONE_CPUS) && (!view->full || lonely(view)))
		score[ROTA_LIMIT_SERIAL] =
			piece->alone * (1 - waiting) * (1 - (queued > 0 ? queued : 0)) * (1 - starved);
	if (ps_would_help(view->machine))
		score[ROTA_LIMIT_RUNTIME] = starved;
	else if (others_are_there(view) && starved > score[ROTA_LIMIT_NEIGHBOURS])
		score[ROTA_LIMIT_NEIGHBOURS] = starved;
}

/* While no thread wants to run, its working threads' blocked time tells what for. */
static void score_waiting(const struct view *view, double score[ROTA_LIMITS])
{
	const struct verdict_piece *piece = view->piece;
	const float *blocked = piece->blocked;
	double all = 0, idle = 1 - view->wanting, lock, disk;

	for (unsigned int i = 0; i < ROTA_BLOCKED_CLASSES; i++)
		all += blocked[i];
	if (idle < 0)
		idle = 0;
	if (all <= 0) { /* nobody works */
		score[ROTA_LIMIT_NONE] = idle;
		return;
	}
	disk = (double)blocked[ROTA_BLOCKED_DISK] + blocked[ROTA_BLOCKED_PAGE_FAULT];
	lock = blocked[ROTA_BLOCKED_LOCK] * view->machine->handed_on;
	score[ROTA_LIMIT_IO_DISK] = idle * disk / all;
	score[ROTA_LIMIT_IO_NETWORK] = idle * blocked[ROTA_BLOCKED_NETWORK] / all;
	score[ROTA_LIMIT_NONE] =
		idle * (all - disk - lock - blocked[ROTA_BLOCKED_NETWORK] - blocked[ROTA_BLOCKED_UNKNOWN]) / all;
	if (idle * blocked[ROTA_BLOCKED_UNKNOWN] / all > score[ROTA_LIMIT_UNKNOWN])
		score[ROTA_LIMIT_UNKNOWN] = idle * blocked[ROTA_BLOCKED_UNKNOWN] / all;
}

/* The candidate with the highest score, but `not`; ROTA_LIMIT_UNKNOWN if it is the reason that is not known. */
static uint8_t best(const double score[ROTA_LIMITS], int except)
{
	int found = -1;

	for (int i = 0; i < ROTA_LIMITS; i++) {
		if (i != except && (found < 0 || score[i] > score[found]))
			found = i;
	}
	return (uint8_t)found;
}

static void settle(const struct view *view, struct verdict_judgement *judgement)
{
	const struct verdict_piece *piece = view->piece;
	const double *score = judgement->score;
	uint8_t first = best(score, -1), second;

	if (score[first] < verdict_threshold(VERDICT_SCORE_LEAST)) {
		bool served =
			(piece->demand - piece->parallelism) * view->stuck < verdict_threshold(VERDICT_SCORE_LEAST);

		second = first == ROTA_LIMIT_NONE ? best(score, ROTA_LIMIT_NONE) : first;
		first = served ? ROTA_LIMIT_NONE : ROTA_LIMIT_UNKNOWN;
		judgement->reason = served ? VERDICT_SERVED : VERDICT_SPREAD;
	} else {
		second = best(score, first);
		if (first == ROTA_LIMIT_NONE)
			judgement->reason = VERDICT_IDLE;
		else if (first == ROTA_LIMIT_UNKNOWN)
			judgement->reason = unexplained(view) >= score[first] ? VERDICT_QUEUE : VERDICT_BLOCKED;
	}
	judgement->limit = first;
	if (score[second] >= verdict_threshold(VERDICT_SECOND_LEAST))
		judgement->second = second;
}

void verdict_judge(const struct verdict_piece *piece, const struct verdict_machine *machine,
		   struct verdict_judgement *ret_judgement)
{
	struct view view = view_of(piece, machine);

	*ret_judgement = (struct verdict_judgement){ .limit = ROTA_LIMIT_UNKNOWN, .second = ROTA_LIMIT_UNKNOWN };
	if (piece->seconds < verdict_threshold(VERDICT_SECONDS_LEAST)) {
		ret_judgement->reason = VERDICT_SHORT;
		return;
	}
	if (piece->known < verdict_threshold(VERDICT_KNOWN_LEAST)) {
		ret_judgement->reason = VERDICT_COVERAGE;
		return;
	}
	score_demand(&view, ret_judgement->score);
	score_structure(&view, ret_judgement->score);
	score_waiting(&view, ret_judgement->score);
	settle(&view, ret_judgement);
}
