/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: a verdict with all that led to it. Goes out: what it means for GOMAXPROCS. Raised only where whole cores are idle and
 * neither affinity nor a quota forbids their use; lowered where a quota stops its threads; else left alone, and why is said.
 */
#include "metric/verdict_go.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define CONTAINER_AWARE 25U /* Go 1.25 looks at quotas itself */

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

const struct rota_runtime *verdict_go_runtime(const struct rota_summary *summary)
{
	const struct rota_runtime *runtime = summary->go.runtime_count ? &summary->go.runtimes[0] : NULL;
	uint64_t running_ns = 0;

	for (uint32_t i = 0; i < summary->process_count; i++)
		running_ns += summary->processes[i].state_ns[ROTA_RUNNING];
	if (!runtime || runtime->lost || !runtime->gomaxprocs || runtime->running_ns * 2 < running_ns)
		return NULL;
	return runtime;
}

static unsigned int minor_of(const struct rota_runtime *runtime)
{
	unsigned int minor = 0;

	return sscanf(runtime->version, "go1.%u", &minor) == 1 ? minor : 0;
}

/* "the program sets it itself, so change it there": where it must be changed. */
static const char *where_set(const struct rota_runtime *runtime)
{
	switch (runtime->setter) {
	case ROTA_SETTER_PROGRAM:
		return "the program sets it itself, by runtime.GOMAXPROCS(): the environment changes nothing";
	case ROTA_SETTER_ENVIRONMENT:
		return "it is set in the environment";
	case ROTA_SETTER_RUNTIME:
		return "nobody set it: the runtime's default";
	default:
		return "who set it cannot be told";
	}
}

static void say_gomaxprocs(const struct verdict_case *about, const struct rota_runtime *runtime)
{
	evidence(about, "gomaxprocs", runtime->gomaxprocs, "Ps", "GOMAXPROCS is %u: %s", runtime->gomaxprocs,
		 where_set(runtime));
}

/* How many cpus it may use at a time: by affinity, and by the smallest quota of its cgroup and all above it. */
static double room_of(const struct verdict_machine *machine)
{
	double room = machine->usable < machine->cpus ? machine->usable : machine->cpus;

	return machine->quota > 0 && ceil(machine->quota) < room ? ceil(machine->quota) : room;
}

/* As many Ps as would find a whole core, as goroutines ask for, and as there is room for; one more at least. */
static unsigned int value_to_try(const struct verdict_case *about)
{
	const struct verdict_machine *machine = &about->machine;
	double now = machine->gomaxprocs, value = floor(room_of(machine) + 0.5);
	double wanted = ceil(about->summary->go.demand.mean - 0.01);

	if (machine->idle_known && now + floor(machine->idle_cores + 0.5) < value)
		value = now + floor(machine->idle_cores + 0.5);
	if (about->summary->go.demand.looks && wanted < value)
		value = wanted;
	return (unsigned int)(value > now + 1 ? value : now + 1);
}

void verdict_go_say(const struct verdict_case *about)
{
	const struct rota_summary *summary = about->summary;
	struct rota_verdict *verdict = &about->summary->verdict;
	const struct rota_runtime *runtime = verdict_go_runtime(summary);
	const struct verdict_machine *machine = &about->machine;
	double waiting = summary->go.demand.mean - summary->go.running.mean;

	snprintf(
		verdict->sentence, sizeof(verdict->sentence),
		"GOMAXPROCS lets it run Go code on %.0f of %.0f cpus: %.0f %% of the time every P is busy, %.1f goroutines wait "
		"for their turn, and %.2f cpus are idle.",
		machine->gomaxprocs, room_of(machine), 100 * (double)about->piece.starved, waiting > 0 ? waiting : 0,
		machine->idle);
	snprintf(verdict->advice, sizeof(verdict->advice), "GOMAXPROCS=%u (now %.0f; %s).", value_to_try(about),
		 machine->gomaxprocs, runtime ? where_set(runtime) : "");
	if (runtime)
		say_gomaxprocs(about, runtime);
	evidence(about, "starved_share", about->piece.starved, "share",
		 "all Ps busy and goroutines waiting %.0f %% of the time (threshold %.0f %%)",
		 100 * (double)about->piece.starved, 100 * verdict_threshold(VERDICT_SCORE_LEAST));
	if (machine->idle_known)
		evidence(about, "idle_cores", machine->idle_cores, "cores",
			 "%.2f whole cores idle at least (threshold %.2f)", machine->idle_cores,
			 verdict_threshold(VERDICT_SPARE_CORES));
	evidence(about, "p_held_share", machine->held, "share",
		 "%.1f %% of the Ps' busy time their threads waited for a cpu (threshold %.0f %%)", 100 * machine->held,
		 100 * verdict_threshold(VERDICT_HELD_MOST));
}

void verdict_go_say_lock(const struct verdict_case *about)
{
	const struct verdict_piece *piece = &about->piece;
	struct rota_verdict *verdict = &about->summary->verdict;

	snprintf(
		verdict->sentence, sizeof(verdict->sentence),
		"On average %.2f goroutines wait for a mutex (sync.Mutex, sync.RWMutex) while %.2f threads run: one at a "
		"time gets in.",
		(double)piece->mutex, (double)piece->parallelism);
	snprintf(verdict->advice, sizeof(verdict->advice),
		 "Hold it for shorter, do less inside it, or split it; more Ps or cpus only make more wait.");
	evidence(about, "mutex_waiters", piece->mutex, "goroutines",
		 "%.2f goroutines wait for mutexes on average, as the runtime counts", (double)piece->mutex);
}

/* What lowers it: a value that fits, where it is larger; and why Go itself did not see it. */
static void advise_quota(const struct verdict_case *about, const struct rota_runtime *runtime)
{
	struct rota_verdict *verdict = &about->summary->verdict;
	double quota = about->machine.quota, wanted = ceil((double)about->piece.demand - 0.01);
	unsigned int fit = quota < 1 ? 1 : (unsigned int)ceil(quota), minor = minor_of(runtime);
	const char *why = "";

	if (quota <= 0 || runtime->gomaxprocs <= fit)
		return;
	if (minor && minor < CONTAINER_AWARE)
		why = "; before 1.25 Go does not look at quotas";
	else if (minor && runtime->setter == ROTA_SETTER_RUNTIME)
		why = "; Go looks at its own cgroup only, and goes no lower than 2";
	snprintf(verdict->advice, sizeof(verdict->advice),
		 "GOMAXPROCS=%u for steady latency (now %u; %s%s), or a quota of %.0f.", fit, runtime->gomaxprocs,
		 where_set(runtime), why, wanted);
}

/* More Ps than cpus that it may use: they take them from one another. */
static void advise_fewer(const struct verdict_case *about, const struct rota_runtime *runtime)
{
	struct rota_verdict *verdict = &about->summary->verdict;
	unsigned int fit = (unsigned int)fmax(floor(room_of(&about->machine) + 0.5), 1);

	if (runtime->gomaxprocs > fit)
		snprintf(verdict->advice, sizeof(verdict->advice),
			 "GOMAXPROCS=%u, one P for each cpu that it may use (now %u; %s).", fit, runtime->gomaxprocs,
			 where_set(runtime));
}

static void advise(const struct verdict_case *about, const struct rota_runtime *runtime)
{
	struct rota_verdict *verdict = &about->summary->verdict;
	unsigned int cores = about->summary->core_count, now = runtime->gomaxprocs;

	switch (about->judgement.limit) {
	case ROTA_LIMIT_QUOTA:
		advise_quota(about, runtime);
		break;
	case ROTA_LIMIT_OVERSUBSCRIBED:
	case ROTA_LIMIT_AFFINITY:
		advise_fewer(about, runtime);
		break;
	case ROTA_LIMIT_NONE:
		if (about->piece.starved >= (float)verdict_threshold(VERDICT_SCORE_LEAST))
			snprintf(
				verdict->advice, sizeof(verdict->advice),
				"Goroutines wait for a P, but no whole core is free: more than GOMAXPROCS=%u would at best share "
				"cores. Compare it on this machine.",
				now);
		break;
	case ROTA_LIMIT_SMT:
		if (cores && now > cores)
			snprintf(
				verdict->advice, sizeof(verdict->advice),
				"Try GOMAXPROCS=%u, one P for each core (now %u; %s): a second thread on a core gains little.",
				cores, now, where_set(runtime));
		break;
	case ROTA_LIMIT_NEIGHBOURS:
		if (about->judgement.score[ROTA_LIMIT_NEIGHBOURS] <= (double)about->piece.starved)
			snprintf(
				verdict->sentence, sizeof(verdict->sentence),
				"Others have the cpus: %.0f %% of the time goroutines wait for a P, and a thread more would find no "
				"cpu that is free.",
				100 * (double)about->piece.starved);
		snprintf(
			verdict->advice, sizeof(verdict->advice),
			"Leave GOMAXPROCS at %u: its Ps already wait for cpus that others have. Move one of them, or give it more weight.",
			now);
		break;
	case ROTA_LIMIT_LOCK:
		snprintf(
			verdict->advice, sizeof(verdict->advice),
			"Leave GOMAXPROCS at %u: more Ps would wait for the same lock. Hold it shorter, or divide what it guards.",
			now);
		break;
	default:
		break;
	}
}

/* Why GOMAXPROCS is, or is not, to be touched: what goroutines and Ps did meanwhile. */
static void say_evidence(const struct verdict_case *about, const struct rota_runtime *runtime)
{
	double window_ns = (double)(about->summary->end_ns - about->summary->start_ns), busy = runtime->p_busy.mean;
	double held = (double)runtime->held_runnable_ns / window_ns,
	       quota = (double)runtime->held_throttled_ns / window_ns;
	double calls = ((double)runtime->syscall_ns + (double)runtime->cgo_ns) / window_ns;

	say_gomaxprocs(about, runtime);
	if (runtime->p_busy.looks && busy < 0.5 * runtime->gomaxprocs)
		evidence(about, "p_idle", runtime->gomaxprocs - busy, "Ps",
			 "%.2f of %u Ps are idle: GOMAXPROCS is not the limit", runtime->gomaxprocs - busy,
			 runtime->gomaxprocs);
	else if (about->piece.starved >= (float)verdict_threshold(VERDICT_SCORE_LEAST) && about->machine.idle_known &&
		 about->machine.idle_cores < verdict_threshold(VERDICT_SPARE_CORES))
		evidence(about, "idle_cores", about->machine.idle_cores, "cores",
			 "goroutines wait, but no whole core is idle: more Ps would at best share cores");
	if (held >= 0.01)
		evidence(about, "p_without_cpu", held, "Ps", "%.2f Ps were busy on threads that waited for a cpu",
			 held);
	if (quota >= 0.01)
		evidence(about, "p_throttled", quota, "Ps",
			 "%.2f Ps were busy on threads that their cgroup's quota held", quota);
	if (about->piece.mutex >= 0.1F && about->judgement.limit != ROTA_LIMIT_LOCK)
		evidence(about, "mutex_wait", about->piece.mutex, "goroutines",
			 "%.2f goroutines waited for mutexes on average", (double)about->piece.mutex);
	if (calls >= 0.5)
		evidence(about, "in_calls", calls, "threads",
			 "%.2f threads were blocked in system calls or C with a goroutine: no matter of Ps", calls);
	if (runtime->gc_known && runtime->known_ns && (double)runtime->gc_ns >= 0.2 * (double)runtime->known_ns)
		evidence(about, "gc_share", (double)runtime->gc_ns / (double)runtime->known_ns, "share",
			 "it collects garbage %.0f %% of the time: GOGC or GOMEMLIMIT, not GOMAXPROCS",
			 100 * (double)runtime->gc_ns / (double)runtime->known_ns);
}

void verdict_go_advise(const struct verdict_case *about)
{
	const struct rota_runtime *runtime = verdict_go_runtime(about->summary);

	if (!runtime || about->judgement.limit == ROTA_LIMIT_RUNTIME)
		return;
	advise(about, runtime);
	say_evidence(about, runtime);
}
