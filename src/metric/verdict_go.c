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

/* The Go program that most of the running time is of; NULL: it is of something else. */
static const struct rota_runtime *main_runtime(const struct rota_summary *summary)
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

void verdict_go_say(const struct verdict_case *about)
{
	const struct rota_summary *summary = about->summary;
	struct rota_verdict *verdict = &about->summary->verdict;
	const struct rota_runtime *runtime = summary->go.runtime_count ? &summary->go.runtimes[0] : NULL;
	const struct verdict_machine *machine = &about->machine;
	double room = machine->usable < machine->cpus ? machine->usable : machine->cpus;
	double waiting = summary->go.demand.mean - summary->go.running.mean;

	if (machine->quota > 0 && ceil(machine->quota) < room)
		room = ceil(machine->quota);
	snprintf(
		verdict->sentence, sizeof(verdict->sentence),
		"GOMAXPROCS lets it run Go code on %.0f of %.0f cpus: %.0f %% of the time all %.0f are busy, %.1f goroutines wait "
		"for their turn, and %.2f cpus are idle.",
		machine->gomaxprocs, room, 100 * (double)about->piece.starved, machine->gomaxprocs,
		waiting > 0 ? waiting : 0, machine->idle);
	snprintf(verdict->advice, sizeof(verdict->advice), "GOMAXPROCS=%.0f (now %.0f; %s).", floor(room + 0.5),
		 machine->gomaxprocs, runtime ? where_set(runtime) : "");
	if (runtime)
		say_gomaxprocs(about, runtime);
	evidence(about, "starved_share", about->piece.starved, "share",
		 "all Ps busy and goroutines waiting %.0f %% of the time", 100 * (double)about->piece.starved);
	if (machine->idle_known)
		evidence(about, "idle_cores", machine->idle_cores, "cores",
			 "%.2f whole cores idle at least (threshold %.2f)", machine->idle_cores,
			 verdict_threshold(VERDICT_CONFINED_IDLE));
}

static void advise_quota(const struct verdict_case *about, const struct rota_runtime *runtime)
{
	struct rota_verdict *verdict = &about->summary->verdict;
	double quota = about->machine.quota, wanted = ceil((double)about->piece.demand - 0.01);
	unsigned int fit = quota < 1 ? 1 : (unsigned int)ceil(quota);

	if (quota <= 0 || runtime->gomaxprocs <= fit)
		return;
	snprintf(verdict->advice, sizeof(verdict->advice),
		 "GOMAXPROCS=%u for steady latency (now %u; %s%s), or a quota of %.0f.", fit, runtime->gomaxprocs,
		 where_set(runtime),
		 minor_of(runtime) < CONTAINER_AWARE ? ", and before Go 1.25 it does not look at quotas" : "", wanted);
}

void verdict_go_advise(const struct verdict_case *about)
{
	const struct rota_runtime *runtime = main_runtime(about->summary);
	struct rota_verdict *verdict = &about->summary->verdict;
	uint8_t limit = about->judgement.limit;
	double window_ns = (double)(about->summary->end_ns - about->summary->start_ns);
	unsigned int cores = about->summary->core_count;

	if (!runtime || limit == ROTA_LIMIT_RUNTIME)
		return;
	if (limit == ROTA_LIMIT_QUOTA)
		advise_quota(about, runtime);
	else if (limit == ROTA_LIMIT_SMT && cores && runtime->gomaxprocs > cores)
		snprintf(verdict->advice, sizeof(verdict->advice),
			 "Try GOMAXPROCS=%u, one P for each core (now %u; %s): a second thread on a core gains little.",
			 cores, runtime->gomaxprocs, where_set(runtime));
	else if (limit == ROTA_LIMIT_NEIGHBOURS)
		snprintf(
			verdict->advice, sizeof(verdict->advice),
			"Leave GOMAXPROCS at %u: its Ps already wait for cpus that others have. Move one of them, or give it more weight.",
			runtime->gomaxprocs);
	else if (limit == ROTA_LIMIT_LOCK)
		snprintf(
			verdict->advice, sizeof(verdict->advice),
			"Leave GOMAXPROCS at %u: more Ps would wait for the same lock. Hold it shorter, or divide what it guards.",
			runtime->gomaxprocs);
	say_gomaxprocs(about, runtime);
	if (runtime->held_runnable_ns >= 0.01 * window_ns)
		evidence(about, "p_without_cpu", (double)runtime->held_runnable_ns / window_ns, "Ps",
			 "%.2f Ps were busy on threads that waited for a cpu",
			 (double)runtime->held_runnable_ns / window_ns);
	if (runtime->held_throttled_ns >= 0.01 * window_ns)
		evidence(about, "p_throttled", (double)runtime->held_throttled_ns / window_ns, "Ps",
			 "%.2f Ps were busy on threads that their cgroup's quota held",
			 (double)runtime->held_throttled_ns / window_ns);
	if (runtime->totals_known && (double)runtime->mutex_wait_ns >= 0.1 * window_ns)
		evidence(about, "mutex_wait", (double)runtime->mutex_wait_ns / window_ns, "goroutines",
			 "%.2f goroutines waited for sync.Mutex on average",
			 (double)runtime->mutex_wait_ns / window_ns);
	if (runtime->gc_known && (double)runtime->gc_ns >= 0.2 * (double)runtime->known_ns && runtime->known_ns)
		evidence(about, "gc_share", (double)runtime->gc_ns / (double)runtime->known_ns, "share",
			 "it collects garbage %.0f %% of the time: GOGC or GOMEMLIMIT, not GOMAXPROCS",
			 100 * (double)runtime->gc_ns / (double)runtime->known_ns);
}
