/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: a verdict with all that led to it. Goes out: sentences for somebody who knows the program and not the scheduler:
 * what it means, then the number. Each names who or what, and a value to try where one follows. Decides nothing.
 */
#include "metric/verdict_fill.h"

#include "base/limit.h"
#include "metric/verdict_go.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PERCENT_SIZE 16
#define NAME_SIZE    80

static const char *percent(char out[PERCENT_SIZE], double share)
{
	if (share > 0 && share < 0.001)
		snprintf(out, PERCENT_SIZE, "<0.1 %%");
	else if (share < 0.0995)
		snprintf(out, PERCENT_SIZE, "%.1f %%", 100 * share);
	else
		snprintf(out, PERCENT_SIZE, "%.0f %%", 100 * share);
	return out;
}

static const char *cpus(char out[PERCENT_SIZE], double count)
{
	if (fabs(count - round(count)) < 0.005)
		snprintf(out, PERCENT_SIZE, "%.0f", count);
	else
		snprintf(out, PERCENT_SIZE, "%.2f", count);
	return out;
}

static const char *plural(double count)
{
	return fabs(count - 1) < 0.005 ? "" : "s";
}

__attribute__((format(printf, 2, 3))) static void sentence(const struct verdict_case *about, const char *format, ...)
{
	struct rota_verdict *verdict = &about->summary->verdict;
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(verdict->sentence, sizeof(verdict->sentence), format, arguments);
	va_end(arguments);
}

__attribute__((format(printf, 2, 3))) static void advice(const struct verdict_case *about, const char *format, ...)
{
	struct rota_verdict *verdict = &about->summary->verdict;
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(verdict->advice, sizeof(verdict->advice), format, arguments);
	va_end(arguments);
}

__attribute__((format(printf, 5, 6))) static void evidence(const struct verdict_case *about, const char *name,
							   double value, const char *unit, const char *format, ...)
{
	struct rota_verdict *verdict = &about->summary->verdict;
	struct rota_evidence *one;
	va_list arguments;

	if (verdict->evidence_count == ROTA_EVIDENCE_MAX)
		return;
	one = &verdict->evidence[verdict->evidence_count++];
	snprintf(one->name, sizeof(one->name), "%s", name);
	snprintf(one->unit, sizeof(one->unit), "%s", unit);
	one->value = value;
	va_start(arguments, format);
	vsnprintf(one->says, sizeof(one->says), format, arguments);
	va_end(arguments);
}

static const char *thread_name(char out[NAME_SIZE], const char *name, uint32_t tid)
{
	snprintf(out, NAME_SIZE, "%.*s[%u]", ROTA_COMM_SIZE, name[0] ? name : "thread", tid);
	return out;
}

static double usable(const struct verdict_case *about)
{
	return about->machine.usable < about->machine.cpus ? about->machine.usable : about->machine.cpus;
}

static unsigned int whole(double count)
{
	return count < 1 ? 1 : (unsigned int)(count + 0.5);
}

/* --- waiting for work --- */

static void say_none(const struct verdict_case *about)
{
	const struct verdict_piece *piece = &about->piece;
	char wanting[PERCENT_SIZE], free_cpus[PERCENT_SIZE];
	double spare = usable(about) - piece->parallelism;

	if (about->judgement.reason == VERDICT_SERVED && spare >= 0.5) {
		sentence(about, "It gets what it asks for: on average %.2f of its threads want to run, and %.2f run.",
			 piece->demand, piece->parallelism);
		advice(about, "More threads with work to do would find %s more cpu%s.",
		       cpus(free_cpus, floor(spare + 0.5)), plural(floor(spare + 0.5)));
	} else if (piece->in_progress <= 0) {
		sentence(about, "No thread was in progress.");
	} else {
		sentence(
			about,
			"It is idle or waits for work: %s of the time one of its threads wants to run; else they sleep, "
			"poll, or wait for one another.",
			percent(wanting, piece->wanting));
	}
	evidence(about, "wanting_share", piece->wanting, "share", "a thread wants to run %s of the time",
		 percent(wanting, piece->wanting));
}

static void say_unknown(const struct verdict_case *about)
{
	const struct verdict_piece *piece = &about->piece;
	const double *score = about->judgement.score;
	char text[PERCENT_SIZE];

	switch (about->judgement.reason) {
	case VERDICT_SHORT:
		sentence(about, "It was watched for too short a time to judge.");
		break;
	case VERDICT_COVERAGE:
		sentence(about, "Too much was lost to judge: only for %s of the time it is known who ran.",
			 percent(text, piece->known));
		advice(about, "Larger rings (--buffer), or fewer targets.");
		break;
	case VERDICT_QUEUE:
		sentence(about,
			 "Its threads queued behind one another %s of the time they wanted to run although cpus were "
			 "free, and nothing recorded says why.",
			 percent(text, score[ROTA_LIMIT_UNKNOWN]));
		advice(about, "Look at the threads' affinity (taskset -acp PID) and at cpusets.");
		break;
	case VERDICT_BLOCKED:
		sentence(about, "It was blocked %s of the time, and what in was not recorded.",
			 percent(text, score[ROTA_LIMIT_UNKNOWN]));
		break;
	default:
		sentence(about, "Several things hold it back, and none of them for %s of the time.",
			 percent(text, verdict_threshold(VERDICT_SCORE_LEAST)));
		break;
	}
	evidence(about, "known_share", piece->known, "share", "it is known who ran for %s of the time",
		 percent(text, piece->known));
}

static void rows_of_class(const struct verdict_case *about, enum rota_blocked_class first,
			  enum rota_blocked_class second, const struct rota_blocked **ret_most, uint64_t *ret_ns)
{
	const struct rota_summary *summary = about->summary;

	*ret_most = NULL;
	*ret_ns = 0;
	for (uint32_t i = 0; i < summary->blocked_count; i++) {
		const struct rota_blocked *row = &summary->blocked[i];

		if (row->blocked_class != first && row->blocked_class != second)
			continue;
		*ret_ns += row->ns;
		if (!*ret_most || row->ns > (*ret_most)->ns)
			*ret_most = row;
	}
}

static void say_io(const struct verdict_case *about, bool disk)
{
	double score = about->judgement.score[disk ? ROTA_LIMIT_IO_DISK : ROTA_LIMIT_IO_NETWORK];
	const struct rota_blocked *most;
	char text[PERCENT_SIZE], part[PERCENT_SIZE], where[NAME_SIZE] = "";
	uint64_t all_ns;

	rows_of_class(about, disk ? ROTA_BLOCKED_DISK : ROTA_BLOCKED_NETWORK,
		      disk ? ROTA_BLOCKED_PAGE_FAULT : ROTA_BLOCKED_NETWORK, &most, &all_ns);
	if (most && most->syscall[0])
		snprintf(where, sizeof(where), ", mostly in %s%s%s%s", most->syscall, most->fd_kind[0] ? " (" : "",
			 most->fd_kind, most->fd_kind[0] ? ")" : "");
	else if (most && most->blocked_class == ROTA_BLOCKED_PAGE_FAULT)
		snprintf(where, sizeof(where), ", mostly in page faults");
	sentence(about, "%s of the time nothing wants to run because its threads wait for %s%s.", percent(text, score),
		 disk ? "storage" : "the network", where);
	if (disk)
		advice(about, "Fewer and larger requests, several at once, one flush for many writes, or faster "
			      "storage; more cpus are of no use.");
	else
		advice(about, "Look at the other end and at round trips: more requests under way at once, or fewer and "
			      "larger ones; more cpus are of no use.");
	evidence(about, disk ? "io_disk_share" : "io_network_share", score, "share",
		 "%s of the time it only waits for %s (threshold %s)", text, disk ? "storage" : "the network",
		 percent(part, verdict_threshold(VERDICT_SCORE_LEAST)));
	if (most && all_ns)
		evidence(about, "blocked_in", (double)most->ns / 1e9, "s", "%s%s%s: %.2f s, %s of that",
			 most->syscall[0] ? most->syscall : "page fault", most->fd_kind[0] ? " on " : "", most->fd_kind,
			 (double)most->ns / 1e9, percent(part, (double)most->ns / (double)all_ns));
}

/* --- waiting for a cpu --- */

static void say_hardware(const struct verdict_case *about)
{
	const struct verdict_piece *piece = &about->piece;
	double have = usable(about), runs = piece->parallelism / piece->wanting;
	bool many = runs >= verdict_threshold(VERDICT_MANY_THREADS);
	char text[PERCENT_SIZE], count[PERCENT_SIZE], when[64] = "";

	if (piece->wanting < 0.95)
		snprintf(when, sizeof(when), "while it wants to run (%s of the time), ", percent(text, piece->wanting));
	sentence(about, "The cpus are used up: %sit keeps %.2f busy of %s that it may use.%s", when, runs,
		 cpus(count, have),
		 many ? " What rota cannot see: whether its threads slow one another by shared cache lines, memory "
			"bandwidth or clock frequency."
		      : "");
	advice(about, "%s",
	       many ? "More or faster cpus, or less work. If more threads gained little before: perf c2c "
		      "(shared cache lines), perf stat (memory, frequency)."
		    : "More or faster cpus, or less work.");
	evidence(about, "cpus_busy_share", runs / have, "share",
		 "while it wants to run it runs on %s of the cpus it may use (threshold %s)",
		 percent(text, runs / have), percent(count, verdict_threshold(VERDICT_FULL_LEAST)));
}

static void say_smt(const struct verdict_case *about)
{
	const struct verdict_piece *piece = &about->piece;
	char text[PERCENT_SIZE], count[PERCENT_SIZE];
	double beside = 2 * ((double)piece->parallelism - piece->cores) / piece->parallelism;

	sentence(about,
		 "%.2f of its threads run on %.2f cores: %s of the time a thread shares its core with another of them, "
		 "and two on one core do the work of little more than one.",
		 piece->parallelism, piece->cores, percent(text, beside));
	advice(about, "Try %u threads, one for each core: if it does as much, the rest only shared.",
	       whole(piece->cores));
	evidence(about, "siblings_ours_share", beside, "share",
		 "%s of its running time is beside another of its threads (threshold %s)", text,
		 percent(count, verdict_threshold(VERDICT_SIBLINGS_LEAST)));
	evidence(about, "cpus_busy", piece->parallelism, "cpus", "%.2f hardware threads busy with it",
		 piece->parallelism);
}

static void say_quota(const struct verdict_case *about)
{
	const struct verdict_piece *piece = &about->piece;
	const struct rota_quota *quota = NULL;
	double still = piece->wanting - piece->active, score = about->judgement.score[ROTA_LIMIT_QUOTA];
	char text[PERCENT_SIZE], least[PERCENT_SIZE];

	for (uint32_t i = 0; i < about->summary->quota_count;
	     i++) { /* the one that bit most; of equals, the smallest */
		const struct rota_quota *one = &about->summary->quotas[i];

		if (one->throttled_periods && (!quota || one->throttled_periods > quota->throttled_periods))
			quota = one;
	}
	if (quota && still >= 0.01)
		sentence(about, "It wants %.2f cpus, its cgroup allows %.2f: nothing ran for %.0f ms of every 100 ms.",
			 piece->demand, quota->cpus, 100 * still);
	else if (quota)
		sentence(about,
			 "It wants %.2f cpus, its cgroup allows %.2f: %s of the time it wants to run it stands still.",
			 piece->demand, quota->cpus, percent(text, score));
	else
		sentence(about, "Its cgroup has used up its cpu quota: %s of the time it wants to run it stands still.",
			 percent(text, score));
	if (quota)
		advice(about, "%u thread%s for steady latency, or a quota of %.0f (now %.2f) for cgroup %.100s.",
		       whole(floor(quota->cpus)), plural(whole(floor(quota->cpus))), ceil((double)piece->demand - 0.01),
		       quota->cpus, quota->cgroup ? quota->cgroup : "");
	else
		advice(about, "Fewer threads for steady latency, or a larger cpu quota (cpu.max, cpu.cfs_quota_us).");
	evidence(about, "throttled_share", score, "share", "throttled %s of the time it wants to run (threshold %s)",
		 percent(text, score), percent(least, verdict_threshold(VERDICT_SCORE_LEAST)));
	if (quota)
		evidence(about, "throttled_periods", (double)quota->throttled_periods, "periods",
			 "%.80s: throttled in %llu of %llu periods", quota->cgroup ? quota->cgroup : "",
			 (unsigned long long)quota->throttled_periods, (unsigned long long)quota->periods);
}

static void say_affinity(const struct verdict_case *about)
{
	const struct verdict_piece *piece = &about->piece;
	const struct rota_affinity *affinity = &about->summary->affinity;
	double score = about->judgement.score[ROTA_LIMIT_AFFINITY];
	char have[PERCENT_SIZE], all[PERCENT_SIZE], text[PERCENT_SIZE];

	sentence(about,
		 "It may use only %s of %s cpus (%s) at a time: %.2f threads want to run, %.2f do, while %.2f cpus "
		 "are idle.",
		 cpus(have, usable(about)), cpus(all, about->machine.cpus), affinity->cpus[0] ? affinity->cpus : "?",
		 piece->demand, piece->parallelism, about->machine.idle);
	advice(about,
	       "Allow it more cpus (up to %s, as taskset -acp 0-%u PID does), or take away what confines it: "
	       "sched_setaffinity, a cpuset.",
	       all, whole(about->machine.cpus) - 1);
	evidence(about, "allowed_cpus", usable(about), "cpus", "allowed: %s of %s cpus", have, all);
	evidence(about, "confined_share", score, "share", "held back %s of the time it wants to run (threshold %s)",
		 percent(text, score), percent(have, verdict_threshold(VERDICT_SCORE_LEAST)));
	evidence(about, "idle_cpus", about->machine.idle, "cpus", "%.2f cpus idle meanwhile (threshold %.2f)",
		 about->machine.idle, verdict_threshold(VERDICT_CONFINED_IDLE));
}

static void say_oversubscribed(const struct verdict_case *about)
{
	const struct verdict_piece *piece = &about->piece;
	double have = usable(about), each = piece->parallelism / piece->demand, want = piece->demand / piece->wanting;
	char count[PERCENT_SIZE], text[PERCENT_SIZE];

	sentence(
		about,
		"%.2f of its threads want to run on %s cpu%s: each runs %s of the time that it wants to, and %.0f times "
		"a second the kernel takes the cpu from one for another.",
		piece->demand, cpus(count, have), plural(have), percent(text, each), piece->involuntary);
	advice(about,
	       "%u thread%s with work at a time, one for each cpu, and a queue before them; more threads do not "
	       "make more cpus.",
	       whole(have), plural(whole(have)));
	evidence(about, "threads_per_cpu", want / have, "threads", "%.2f threads want each cpu (threshold %.1f)",
		 want / have, verdict_threshold(VERDICT_CROWD_LEAST));
	evidence(about, "involuntary_per_second", piece->involuntary, "1/s",
		 "%.0f involuntary switches a second (threshold %.0f a cpu)", piece->involuntary,
		 verdict_threshold(VERDICT_CROWD_SWITCHES));
}

static const struct rota_waited_for *stranger(const struct verdict_case *about)
{
	for (uint32_t i = 0; i < about->summary->waited_for_count; i++) {
		const struct rota_waited_for *who = &about->summary->waited_for[i];

		if (who->known && who->tid && !who->ours)
			return who; /* most first */
	}
	return NULL;
}

static void say_neighbours(const struct verdict_case *about)
{
	const struct rota_waited_for *who = stranger(about);
	double score = about->judgement.score[ROTA_LIMIT_NEIGHBOURS];
	char text[PERCENT_SIZE], least[PERCENT_SIZE], name[NAME_SIZE];

	sentence(
		about,
		"Others have the cpus: %s of the time it wants to run it waits behind threads that are not its own%s%s.",
		percent(text, score), who ? ", most behind " : "", who ? thread_name(name, who->name, who->tid) : "");
	if (who)
		advice(about,
		       "Keep them apart (taskset, cpusets), or let it go first: renice -n 10 -p %u, or cpu.weight "
		       "of its cgroup.",
		       who->tgid ? who->tgid : who->tid);
	else
		advice(about,
		       "Keep them apart (taskset, cpusets), or let it go first (nice, cpu.weight of its cgroup).");
	evidence(about, "behind_others_share", score, "share",
		 "behind others %s of the time it wants to run (threshold %s)", text,
		 percent(least, verdict_threshold(VERDICT_SCORE_LEAST)));
	if (who)
		evidence(about, "waited_for", (double)who->ns / 1e9, "s", "%.2f s behind %s", (double)who->ns / 1e9,
			 name);
}

static void say_steal(const struct verdict_case *about)
{
	double score = about->judgement.score[ROTA_LIMIT_STEAL];
	char text[PERCENT_SIZE], least[PERCENT_SIZE];

	sentence(about,
		 "The hypervisor runs somebody else: %.2f of this guest's cpus stood still while they seemed to be "
		 "running, %s of what it wants to run.",
		 about->piece.stolen, percent(text, score));
	advice(about, "A host with less on it, or cpus of its own; inside this guest nothing helps but less work.");
	evidence(about, "stolen_share", score, "share", "stolen: %s of the time it wants to run (threshold %s)", text,
		 percent(least, verdict_threshold(VERDICT_SCORE_LEAST)));
	evidence(about, "stolen_cpus", about->piece.stolen, "cpus", "%.2f cpus stolen", about->piece.stolen);
}

/* --- waiting for one another --- */

static void say_lock(const struct verdict_case *about)
{
	const struct verdict_piece *piece = &about->piece;
	const struct rota_lock *lock = about->lock;
	double waiting = piece->lock * about->machine.handed_on;
	char name[NAME_SIZE] = "a lock", waker[NAME_SIZE];

	if (piece->mutex > waiting) {
		verdict_go_say_lock(about);
		return;
	}
	if (lock && lock->name[0])
		snprintf(name, sizeof(name), "%.63s", lock->name);
	else if (lock)
		snprintf(name, sizeof(name), "the lock at 0x%llx", (unsigned long long)lock->address);
	sentence(about,
		 "On average %.2f of its threads wait for %s while %.2f of %.2f cpus run it: one at a time gets in.",
		 waiting, name, piece->parallelism, usable(about));
	advice(about, "Hold it for shorter, do less inside it, or split it; more threads or cpus only make more wait.");
	evidence(about, "lock_waiters", waiting, "threads", "%.2f threads wait for locks on average", waiting);
	if (!lock)
		return;
	evidence(about, "lock_seconds", (double)lock->ns / 1e9, "s", "%s: %.2f s in %llu waits of %u threads", name,
		 (double)lock->ns / 1e9, (unsigned long long)lock->count, lock->waiter_count);
	evidence(about, "lock_handed_on", (double)lock->handed_on / (double)lock->count, "share",
		 "%.0f %% of the waits ended by one that waits for it, too (threshold %.0f %%)",
		 100 * (double)lock->handed_on / (double)lock->count, 100 * verdict_threshold(VERDICT_HANDED_ON_LEAST));
	if (lock->waker_count)
		evidence(about, "lock_waker", (double)lock->wakers[0].count, "wakeups", "%s let %llu of them in",
			 thread_name(waker, lock->wakers[0].name, lock->wakers[0].tid),
			 (unsigned long long)lock->wakers[0].count);
}

static void say_serial(const struct verdict_case *about)
{
	const struct verdict_piece *piece = &about->piece;
	char text[PERCENT_SIZE], least[PERCENT_SIZE], name[NAME_SIZE] = "one thread", gain[64];

	if (about->lone)
		thread_name(name, about->lone->name, about->lone->tid);
	if (piece->alone < 0.9)
		snprintf(gain, sizeof(gain), "removing it gains at most %.1f ×", 1 / (1 - (double)piece->alone));
	else
		snprintf(gain, sizeof(gain), "the program is as fast as this one thread");
	sentence(about, "%s was the only thread running %s of the time; %s.", name, percent(text, piece->alone), gain);
	advice(about,
	       "Divide the work of %s among threads, or take it out of the others' way; more cpus are of no use "
	       "without that.",
	       name);
	evidence(about, "alone_share", piece->alone, "share", "%s ran alone %s of the time (threshold %s)", name, text,
		 percent(least, verdict_threshold(VERDICT_SCORE_LEAST)));
	if (about->lone && about->summary->parallelism.active_ns) {
		double held = (double)about->lone->criticality_ns / (double)about->summary->parallelism.active_ns;

		evidence(about, "held_up_share", held, "share", "%s held up %s of the running time", name,
			 percent(text, held));
	}
}

static void say_second(const struct verdict_case *about)
{
	struct rota_verdict *verdict = &about->summary->verdict;
	char text[PERCENT_SIZE];

	if (about->judgement.second == ROTA_LIMIT_UNKNOWN)
		return;
	snprintf(verdict->second_says, sizeof(verdict->second_says),
		 "Second best is %s, by which %s of the time is explained.", limit_name(about->judgement.second),
		 percent(text, about->judgement.score[about->judgement.second]));
}

static void say_disk(const struct verdict_case *about)
{
	say_io(about, true);
}

static void say_network(const struct verdict_case *about)
{
	say_io(about, false);
}

void verdict_say(const struct verdict_case *about)
{
	static void (*const say[ROTA_LIMITS])(const struct verdict_case *about) = {
		[ROTA_LIMIT_UNKNOWN] = say_unknown,
		[ROTA_LIMIT_NONE] = say_none,
		[ROTA_LIMIT_HARDWARE] = say_hardware,
		[ROTA_LIMIT_SMT] = say_smt,
		[ROTA_LIMIT_QUOTA] = say_quota,
		[ROTA_LIMIT_AFFINITY] = say_affinity,
		[ROTA_LIMIT_OVERSUBSCRIBED] = say_oversubscribed,
		[ROTA_LIMIT_NEIGHBOURS] = say_neighbours,
		[ROTA_LIMIT_STEAL] = say_steal,
		[ROTA_LIMIT_LOCK] = say_lock,
		[ROTA_LIMIT_SERIAL] = say_serial,
		[ROTA_LIMIT_IO_DISK] = say_disk,
		[ROTA_LIMIT_IO_NETWORK] = say_network,
		[ROTA_LIMIT_RUNTIME] = verdict_go_say,
	};

	say[about->judgement.limit](about);
	verdict_go_advise(about);
	say_second(about);
}
