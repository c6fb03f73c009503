/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: a target. Goes out: chunks and round marks, in the order docs/architecture.md promises. Runs the loop between
 * the rings and the consumer: start, rounds, re-synchronisation after a loss, end. Never interprets a record but LOST.
 */
#include "capture/capture.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "capture/affinity.h"
#include "capture/drain.h"
#include "capture/glob.h"
#include "capture/go.h"
#include "capture/names.h"
#include "capture/program.h"
#include "capture/quota.h"
#include "capture/syscalls.h"
#include "host/doctor.h"
#include "host/identity.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NS_PER_S          1000000000ULL
#define DRAIN_INTERVAL_NS 100000000ULL
#define SNAPSHOT_TRIES    16
#define EARLY_NS          1000000000ULL /* after the start, new programs are looked for more often */
#define EARLY_INTERVAL_NS 10000000ULL
#define NAMES_POLL_NS     5000000ULL    /* looking names up: in each poll … */
#define NAMES_ROUND_NS    20000000ULL   /* … round, … */
#define NAMES_END_NS      2000000000ULL /* … and at the end */
#define INITIAL_PID_NS    0xEFFFFFFCU   /* PROC_PID_INIT_INO, include/linux/proc_ns.h */

struct capture {
	struct capture_config config;
	struct program *program;
	struct drain *drain;
	struct calls *calls; /* NULL without --syscalls */
	struct names *names;
	struct go_watch *go; /* NULL: not looked for */
	struct members members;
	struct text *text;
	struct quotas *quotas;
	struct affinity *affinity; /* NULL where it cannot be asked for */
	bool *online;
	uint64_t flush_ns, start_ns, next_round_ns;
	uint64_t misses, losses_synced;
	uint32_t sync_seen, beyond_seen;
	bool started, stopped;
};

static uint32_t own_namespace(void)
{
	struct stat status;

	if (stat("/proc/self/ns/pid", &status) || status.st_ino == INITIAL_PID_NS)
		return 0;
	return (uint32_t)status.st_ino;
}

static int fill_settings(const struct capture_config *config, uint64_t ring_bytes, struct bpf_settings *ret_settings)
{
	const struct target *target = config->target;
	struct bpf_settings settings = {
		.kind = BPF_KIND_IDS,
		.smt = config->topology->smt,
		.own_namespace = own_namespace(),
		.cgroup_id = target->cgroup_id,
		.cgroup_hierarchy = target->cgroup_hierarchy,
		.ring_high_bytes = (uint32_t)(ring_bytes / 4),
		.children = target->children,
	};

	if (target->kind == TARGET_CGROUP)
		settings.kind = BPF_KIND_CGROUP;
	if (target->kind == TARGET_SYSTEM) {
		settings.kind = BPF_KIND_SYSTEM;
		settings.every_switch = 1;
	}
	if (target->kind == TARGET_NAME) {
		int err = glob_compile(target->name_glob, &settings.glob);

		settings.kind = BPF_KIND_NAME;
		if (err) {
			log_error("'%s' is no name pattern (%s); use *, ? and [a-z], and quote it from the shell",
				  target->name_glob,
				  err == -E2BIG ? "too long for any thread's name" : "a [ without its ]");
			return err;
		}
	}
	*ret_settings = settings;
	return 0;
}

int capture_open(const struct capture_config *config, struct capture **ret_capture)
{
	struct program_config program_config = {
		.topology = config->topology,
		.ring_bytes = config->ring_bytes ? config->ring_bytes : doctor_ring_bytes(config->topology->cpu_count),
		.seed_count = (uint32_t)(config->target->process_count + config->target->thread_count),
		.calls = config->calls,
		.calls_after_exec = config->target->kind == TARGET_COMMAND,
		.call_min_ns = config->call_min_ns,
		.stacks = config->stacks,
		.go = !config->no_go,
		.go_exact = config->go_exact && !config->no_go,
	};
	struct capture *capture;
	int err = fill_settings(config, program_config.ring_bytes, &program_config.settings);

	if (err)
		return err;
	capture = xcalloc(1, sizeof(*capture));
	capture->config = *config;
	capture->flush_ns = config->flush_ns ? config->flush_ns : NS_PER_S;
	members_init(&capture->members);
	capture->online = xcalloc(config->topology->cpu_count, sizeof(*capture->online));
	for (uint32_t cpu = 0; cpu < config->topology->cpu_count; cpu++)
		capture->online[cpu] = config->topology->cpus[cpu].present && config->topology->cpus[cpu].online;
	err = program_load(&program_config, &capture->program);
	if (!err)
		err = drain_new(capture->program, config->topology, program_config.ring_bytes, &config->consumer,
				&capture->drain);
	if (err) {
		capture_close(capture);
		return err;
	}
	drain_follow(capture->drain, &capture->members);
	capture->calls = calls_new(capture->program);
	capture->text = text_new(capture->drain);
	capture->names = names_new(capture->drain, capture->text);
	if (!config->no_go)
		capture->go =
			go_watch_new(capture->program, capture->drain, capture->text,
				     &(struct go_watch_config){ .scan = config->go_scan, .exact = config->go_exact });
	capture->quotas = quotas_new("", config->target, &capture->members, capture->text, own_namespace() != 0);
	capture->affinity =
		affinity_new(capture->drain, &capture->members, config->topology->cpu_count, own_namespace() != 0);
	*ret_capture = capture;
	return 0;
}

void capture_close(struct capture *capture)
{
	if (!capture)
		return;
	calls_free(capture->calls);
	go_watch_free(capture->go);
	names_free(capture->names);
	affinity_free(capture->affinity);
	quotas_free(capture->quotas);
	text_free(capture->text);
	drain_free(capture->drain);
	members_fini(&capture->members);
	program_free(capture->program);
	free(capture->online);
	free(capture);
}

uint64_t capture_lost(const struct capture *capture)
{
	return drain_lost(capture->drain);
}

bool capture_tells_interrupts(const struct capture *capture)
{
	return program_shape(capture->program)->interrupts_told;
}

const char *capture_throttle_source(const struct capture *capture)
{
	return shape_throttle_name(program_shape(capture->program)->throttle);
}

int capture_try(const char **ret_refused)
{
	return program_try(ret_refused);
}

/* --- synchronisation ---------------------------------------------------------------------------------------------- */

static int walk(struct capture *capture, enum bpf_walk what)
{
	int fd, step, err = program_walk_begin(capture->program, what, &fd);

	if (err)
		return err;
	while ((step = program_walk_step(fd)) > 0) {
		int drained = drain_rings(capture->drain);

		err = err ? err : drained;
	}
	if (step < 0)
		log_error("the walk over all tasks failed: %s", strerror(-step));
	return step < 0 ? step : err;
}

static void put_mark(struct capture *capture, uint8_t type, uint8_t flags, uint16_t aux, uint64_t ts_ns)
{
	union rota_any_record record = {
		.head = {.ts_ns = ts_ns, .type = type, .flags = flags, .aux = aux}
	};

	drain_put(capture->drain, &record);
}

/* On every cpu that is online; a cpu that comes or goes in between is told by a HOTPLUG record. */
static int snapshot_all(struct capture *capture)
{
	for (uint32_t cpu = 0; cpu < capture->config.topology->cpu_count; cpu++) {
		int err = -EAGAIN;

		if (!capture->config.topology->cpus[cpu].present)
			continue;
		for (int tries = 0; err == -EAGAIN && tries < SNAPSHOT_TRIES; tries++) {
			int drained;

			err = program_snapshot(capture->program, cpu);
			drained = err == -EAGAIN ? drain_rings(capture->drain) : 0;
			if (drained)
				return drained;
		}
		if (err && err != -ENXIO && err != -EAGAIN) {
			log_error("the snapshot on cpu %u failed: %s", cpu, strerror(-err));
			return err;
		}
		if ((err != -ENXIO) != capture->online[cpu]) {
			capture->online[cpu] = err != -ENXIO;
			put_mark(capture, ROTA_REC_HOTPLUG, capture->online[cpu] ? ROTA_HOTPLUG_ONLINE : 0,
				 (uint16_t)cpu, clock_ns(CLOCK_MONOTONIC));
		}
	}
	return 0;
}

static int synchronise(struct capture *capture)
{
	int err;

	put_mark(capture, ROTA_REC_SYNC, ROTA_SYNC_BEGIN, ROTA_CPU_NONE, clock_ns(CLOCK_MONOTONIC));
	err = snapshot_all(capture);
	if (!err)
		err = walk(capture, BPF_WALK_SYNC);
	if (!err)
		put_mark(capture, ROTA_REC_SYNC, ROTA_SYNC_END, ROTA_CPU_NONE, clock_ns(CLOCK_MONOTONIC));
	return err;
}

/* --- rounds ------------------------------------------------------------------------------------------------------- */

static void put_costs(struct capture *capture)
{
	struct identity_cpu_time *times = NULL;
	size_t count = 0;
	union rota_any_record record = { 0 };
	bool exact;

	if (!identity_cpu_times("", &times, &count)) {
		for (uint32_t cpu = 0; cpu < count && cpu < capture->config.topology->cpu_count; cpu++) {
			if (!times[cpu].known)
				continue;
			record.cputime = (struct rota_rec_cputime){
				.head = {.ts_ns = clock_ns(CLOCK_MONOTONIC),
                                         .type = ROTA_REC_CPUTIME,
                                         .aux = (uint16_t)cpu},
				.steal_ns = times[cpu].steal_ns,
				.irq_ns = times[cpu].irq_ns,
			};
			drain_put(capture->drain, &record);
		}
	}
	free(times);
	record.cost = (struct rota_rec_cost){
		.head = {.ts_ns = clock_ns(CLOCK_MONOTONIC), .type = ROTA_REC_COST},
		.bpf_ns = program_cost_ns(capture->program, drain_wakeups(capture->drain), &exact),
		.user_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID),
	};
	record.cost.head.aux = exact ? 1 : 2;
	drain_put(capture->drain, &record);
}

/* What no ring can tell: events for which the kernel skipped a program, and tids beyond the tables. */
static void put_skipped(struct capture *capture)
{
	uint64_t misses = program_misses(capture->program);
	uint32_t beyond = program_beyond(capture->program);
	union rota_any_record record = { .lost = { .count =
							   misses - capture->misses + beyond - capture->beyond_seen } };

	if (!record.lost.count)
		return;
	if (beyond != capture->beyond_seen)
		log_warn(
			"%u tasks have ids above kernel.pid_max as it was when rota started, and are not followed; start rota again",
			beyond);
	record.lost.head =
		(struct rota_record){ .ts_ns = clock_ns(CLOCK_MONOTONIC), .type = ROTA_REC_LOST, .aux = ROTA_CPU_NONE };
	drain_put(capture->drain, &record);
	capture->misses = misses;
	capture->beyond_seen = beyond;
}

/*
 * Puts marks on the time line at an edge: of the window (START, STOP: `mark`), of a round, or both. Between the two snapshots
 * every switch of every cpu is recorded; the second one also makes sure that nothing earlier than ts_ns is still on its way.
 */
static int put_edge(struct capture *capture, uint8_t mark, uint64_t *ret_ts_ns)
{
	uint64_t ts_ns;
	int err;

	program_watch_all(capture->program, true);
	err = snapshot_all(capture);
	quotas_tell(capture->quotas, capture->drain);
	go_watch_round(capture->go, mark == ROTA_REC_START, mark == ROTA_REC_STOP);
	ts_ns = clock_ns(CLOCK_MONOTONIC);
	if (!err)
		err = calls_turn(capture->calls, capture->drain, mark, ts_ns);
	if (mark)
		put_mark(capture, mark, 0, 0, ts_ns);
	if (!err)
		err = snapshot_all(capture);
	put_mark(capture, ROTA_REC_UNWATCH, 0, 0, clock_ns(CLOCK_MONOTONIC));
	program_watch_all(capture->program, false);
	*ret_ts_ns = ts_ns;
	return err;
}

static int end_round(struct capture *capture, uint64_t ts_ns)
{
	int err = drain_rings(capture->drain);

	names_refresh(capture->names);
	names_work(capture->names, capture->stopped ? NAMES_END_NS : NAMES_ROUND_NS);
	if (!err)
		err = drain_flush(capture->drain);
	if (!err)
		err = capture->config.consumer.round(capture->config.consumer.ctx, ts_ns);
	return err;
}

/* What a round tells beside the rings: a new synchronisation where one is due, costs, and what was skipped. */
static int put_extras(struct capture *capture)
{
	uint32_t wanted = program_sync_wanted(capture->program);
	int err = drain_rings(capture->drain);
	uint64_t losses = drain_losses(capture->drain);

	if (!err && (wanted != capture->sync_seen || losses != capture->losses_synced)) {
		capture->sync_seen = wanted;
		capture->losses_synced = losses;
		if (capture->config.target->kind == TARGET_CGROUP)
			err = walk(capture, BPF_WALK_SEED); /* the threads of a process that was moved */
		if (!err)
			err = synchronise(capture);
	}
	put_costs(capture);
	put_skipped(capture);
	affinity_tell_again(capture->affinity, AFFINITY_AGAIN_MAX);
	go_watch_work(capture->go);
	quotas_look(capture->quotas, capture->drain);
	return err;
}

static int do_round(struct capture *capture, uint8_t mark, uint64_t *ret_ts_ns)
{
	int err = put_extras(capture);

	if (!err)
		err = put_edge(capture, mark, ret_ts_ns);
	return err ? err : end_round(capture, *ret_ts_ns);
}

/* --- the run ------------------------------------------------------------------------------------------------------ */

/* A process that ended between the command line and here must not give an empty report. */
static int check_seeds(struct capture *capture)
{
	const struct target *target = capture->config.target;
	size_t found = 0;

	if (target->kind != TARGET_PROCESS && target->kind != TARGET_THREAD && target->kind != TARGET_COMMAND)
		return 0;
	for (size_t i = 0; i < target->process_count; i++)
		found += program_seed_found(capture->program, target->processes[i]);
	for (size_t i = 0; i < target->thread_count; i++)
		found += program_seed_found(capture->program, target->threads[i]);
	if (found)
		return 0;
	log_error("%s ended before rota could attach to it; start it again, or run it under rota with `-- COMMAND`",
		  target->description);
	return -ESRCH;
}

static int seed_targets(struct capture *capture)
{
	const struct target *target = capture->config.target;
	uint32_t seeded;
	int err = 0;

	for (size_t i = 0; i < target->process_count && !err; i++)
		err = program_seed(capture->program, target->processes[i], true);
	for (size_t i = 0; i < target->thread_count && !err; i++)
		err = program_seed(capture->program, target->threads[i], false);
	if (err) {
		log_error("cannot tell the kernel side whom to follow: %s", strerror(-err));
		return err;
	}
	err = program_attach(capture->program);
	/* again until nobody new is found: a child may come before its parent in the walk */
	do {
		seeded = program_seeded(capture->program);
		if (!err)
			err = walk(capture, BPF_WALK_SEED);
	} while (!err && program_seeded(capture->program) != seeded);
	return err ? err : check_seeds(capture);
}

int capture_start(struct capture *capture, uint64_t *ret_start_ns)
{
	uint64_t start_ns;
	int err = seed_targets(capture);

	if (!err)
		err = synchronise(capture);
	capture->misses = program_misses(capture->program);
	capture->sync_seen = program_sync_wanted(capture->program);
	put_costs(capture);
	if (!err)
		err = drain_rings(capture->drain); /* who is in T */
	affinity_tell_new(capture->affinity);
	go_watch_work(capture->go);
	quotas_look(capture->quotas, capture->drain);
	if (!err)
		err = put_edge(capture, ROTA_REC_START, &start_ns);
	if (err)
		return err;
	capture->started = true;
	capture->start_ns = start_ns;
	capture->next_round_ns = start_ns + capture->flush_ns;
	*ret_start_ns = start_ns;
	return 0;
}

/* The last round would be an interval of nothing. */
static bool ends_soon(const struct capture *capture, uint64_t now)
{
	return capture->config.duration_ns &&
	       now + capture->flush_ns / 10 >= capture->start_ns + capture->config.duration_ns;
}

/* The threads of -t have no descriptor that tells of their end; those of -p have one (drain_wait()). */
static bool threads_ended(const struct capture *capture)
{
	const struct target *target = capture->config.target;

	if (target->kind != TARGET_THREAD)
		return false;
	for (size_t i = 0; i < target->thread_count; i++)
		if (!syscall(SYS_tkill, target->threads[i], 0) || errno != ESRCH)
			return false;
	return true;
}

/* A command's own program comes soon after the start; Go programs are looked at in turns of their own. */
static uint64_t until_due(const struct capture *capture, uint64_t now, uint64_t timeout_ns)
{
	uint64_t due_ns = go_watch_due_ns(capture->go);

	if (capture->go && now - capture->start_ns < EARLY_NS && timeout_ns > EARLY_INTERVAL_NS)
		timeout_ns = EARLY_INTERVAL_NS;
	if (due_ns <= now)
		return 0;
	return due_ns - now < timeout_ns ? due_ns - now : timeout_ns;
}

int capture_poll(struct capture *capture, uint64_t timeout_ns, int wake_fd, bool *ret_ended)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC), until_round = 0, ts_ns;
	int err;

	if (capture->next_round_ns > now)
		until_round = capture->next_round_ns - now;
	if (timeout_ns > until_round)
		timeout_ns = until_round;
	if (timeout_ns > DRAIN_INTERVAL_NS)
		timeout_ns = DRAIN_INTERVAL_NS;
	timeout_ns = until_due(capture, now, timeout_ns);
	err = drain_wait(capture->drain, timeout_ns, wake_fd, capture->config.target, ret_ended);
	if (!err)
		err = drain_rings(capture->drain);
	go_watch_work(capture->go);
	affinity_tell_new(capture->affinity);
	affinity_tell_again(capture->affinity, AFFINITY_POLL_MAX);
	names_work(capture->names, NAMES_POLL_NS);
	now = clock_ns(CLOCK_MONOTONIC);
	if (err || now < capture->next_round_ns)
		return err;
	/* on a grid from t0, so that intervals do not drift; a beat that was missed is left out */
	while (capture->next_round_ns <= now)
		capture->next_round_ns += capture->flush_ns;
	if (ends_soon(capture, now))
		return 0;
	err = do_round(capture, 0, &ts_ns);
	if (threads_ended(capture))
		*ret_ended = true;
	return err;
}

int capture_stop(struct capture *capture, uint64_t *ret_stop_ns)
{
	int err;

	if (capture->stopped || !capture->started)
		return -EINVAL;
	capture->stopped = true;
	err = do_round(capture, ROTA_REC_STOP, ret_stop_ns);
	program_detach(capture->program);
	return err;
}
