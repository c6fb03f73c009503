/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: a summary and its pieces. Goes out: the verdict over all, and that of each piece by the same rules. */
#include "metric/verdict_fill.h"
#include "base/alloc.h"
#include "metric/summary.h"
#include "metric/verdict_go.h"

/* Locks, as opposed to addresses at which threads wait for work: those who wait there wake one another. */
static bool is_lock(const struct rota_lock *lock)
{
	return lock->count &&
	       (double)lock->handed_on >= verdict_threshold(VERDICT_HANDED_ON_LEAST) * (double)lock->count;
}

static void look_at_locks(struct verdict_case *about)
{
	const struct rota_summary *summary = about->summary;
	uint64_t handed_on_ns = 0, all_ns = summary->class_ns[ROTA_BLOCKED_LOCK];

	for (uint32_t i = 0; i < summary->lock_count; i++) {
		if (!is_lock(&summary->locks[i]))
			continue;
		handed_on_ns += summary->locks[i].ns;
		if (!about->lock)
			about->lock = &summary->locks[i];
	}
	about->machine.handed_on = all_ns ? (double)handed_on_ns / (double)all_ns : 0;
	if (about->machine.handed_on > 1)
		about->machine.handed_on = 1;
}

static void look_at_go(struct verdict_machine *machine, const struct rota_runtime *runtime)
{
	double busy_ns = runtime ? runtime->p_busy.mean * (double)runtime->p_busy.looked_ns : 0;
	double held_ns = runtime ? (double)runtime->held_runnable_ns + (double)runtime->held_throttled_ns : 0;

	if (!runtime)
		return;
	machine->gomaxprocs = runtime->gomaxprocs;
	machine->held = busy_ns > 0 ? held_ns / busy_ns : 0;
	if (runtime->samples)
		machine->collecting = (double)runtime->gc_samples / (double)runtime->samples;
}

static void look_at_machine(struct verdict_case *about)
{
	const struct rota_summary *summary = about->summary;
	struct verdict_machine *machine = &about->machine;
	double window_ns = (double)(summary->end_ns - summary->start_ns), unknown_ns = 0, idle_ns = 0, online_ns = 0;

	for (uint32_t i = 0; i < summary->cpu_count; i++) {
		unknown_ns += (double)summary->cpus[i].unknown_ns;
		idle_ns += (double)summary->cpus[i].idle_ns;
		online_ns += window_ns - (double)summary->cpus[i].offline_ns;
	}
	machine->cpus = online_ns / window_ns;
	machine->idle_known = unknown_ns <= online_ns / 100; /* as in ladder.c: to 1 % of the cpus' time */
	machine->idle = idle_ns / window_ns;
	machine->usable = summary->affinity.known ? summary->affinity.allowed_cpus : machine->cpus;
	machine->smt = summary->smt_present;
	/* each busy cpu beyond one a core hides behind another: so many cores are idle at least */
	machine->idle_cores = machine->idle - ((double)summary->cpu_count - (double)summary->core_count);
	look_at_go(machine, verdict_go_runtime(summary));
	for (uint32_t i = 0; i < summary->quota_count; i++)
		if (summary->quotas[i].cpus > 0 && (machine->quota <= 0 || summary->quotas[i].cpus < machine->quota))
			machine->quota = summary->quotas[i].cpus;
}

static void look_at_threads(struct verdict_case *about)
{
	const struct rota_summary *summary = about->summary;
	double known_ns = about->piece.known * (double)(summary->end_ns - summary->start_ns);

	for (uint32_t i = 0; i < summary->thread_count; i++) {
		const struct rota_thread_summary *thread = &summary->threads[i];

		/* a row of many that are gone stands for none of them */
		if (thread->alone_ns && !thread->folded && (!about->lone || thread->alone_ns > about->lone->alone_ns))
			about->lone = thread;
	}
	about->piece.alone = about->lone && known_ns > 0 ? (float)((double)about->lone->alone_ns / known_ns) : 0;
}

void verdict_fill(struct rota_summary *summary, const struct seconds_track *track)
{
	struct verdict_case about = { .summary = summary, .piece = seconds_whole(track) };
	struct rota_verdict *verdict = &summary->verdict;
	struct verdict_judgement judgement;

	about.piece.allowed = 0; /* the summary has the mean over the whole */
	look_at_machine(&about);
	look_at_locks(&about);
	look_at_threads(&about);
	verdict_judge(&about.piece, &about.machine, &about.judgement);
	verdict->limit = about.judgement.limit;
	verdict->second = about.judgement.second;
	verdict->second_ns = track->step_ns;
	verdict->second_count = track->count;
	verdict->by_second = xcalloc(track->count, sizeof(*verdict->by_second));
	for (uint32_t i = 0; i < track->count; i++) {
		verdict_judge(&track->pieces[i], &about.machine, &judgement);
		verdict->by_second[i] = judgement.limit;
	}
	if (track->step_ns > SECONDS_STEP_NS)
		rota_summary_note(summary, "The limit by second is given for steps of %llu s: the recording is long.",
				  (unsigned long long)(track->step_ns / SECONDS_STEP_NS));
	verdict_say(&about);
}
