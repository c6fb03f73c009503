/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: options. Goes out: a capture from its start to its end, whatever ends it. Leaves no child and no program behind. */
#include "cmd/session.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "cmd/privilege.h"
#include "host/topology.h"
#include "trace/meta.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define NS_PER_S   1000000000ULL
#define DRAIN_NICE (-10)

static int resolve(struct session *session)
{
	int err = 0;

	if (session->options->target.kind == TARGET_COMMAND) {
		err = command_check(session->options->target.command[0], &session->command_missing);
		if (!err)
			err = command_start(&session->command, session->options->target.command,
					    &session->signals.before, session->options->trace_on_stdout);
	}
	if (!err)
		err = target_resolve("", &session->options->target, &session->target);
	if (!err && session->command.pid) {
		session->target->processes = xcalloc(1, sizeof(*session->target->processes));
		session->target->processes[0] = (uint32_t)session->command.pid;
		session->target->process_count = 1;
	}
	return err;
}

int session_open(struct session *session, const struct options *options)
{
	char *xml = NULL, *offline = NULL;
	int err;

	*session = (struct session){
		.options = options, .signals.fd = -1, .command = {.release_fd = -1, .failure_fd = -1}
	};
	err = signals_open(&session->signals);
	if (!err)
		err = resolve(session);
	if (!err) {
		err = topology_read(&session->topology, &xml, &offline);
		if (err)
			log_error("cannot read this machine's topology through hwloc: %s; see `lstopo`",
				  strerror(-err));
	}
	if (!err)
		err = facts_gather(&session->facts, session->target, xml, offline, "none");
	free(xml);
	free(offline);
	return err;
}

int session_load(struct session *session, const struct capture_consumer *consumer)
{
	struct capture_config config = {
		.target = session->target,
		.topology = session->topology,
		.ring_bytes = session->options->ring_bytes,
		.flush_ns = session->options->flush_ns ? session->options->flush_ns : NS_PER_S,
		.duration_ns = session->options->duration_ns,
		.calls = session->options->syscalls,
		.call_min_ns = session->options->syscall_min_ns,
		.stacks = session->options->stacks,
		.no_go = session->options->no_go,
		.go_scan = session->options->go_scan,
		.go_exact = session->options->go_exact,
		.consumer = *consumer,
	};
	int err;

	/* intervals end on round marks */
	if (session->options->interval_ns && session->options->interval_ns < config.flush_ns)
		config.flush_ns = session->options->interval_ns;
	else if (session->options->interval_ns && session->options->interval_ns % config.flush_ns)
		config.flush_ns = session->options->interval_ns / (session->options->interval_ns / config.flush_ns + 1);
	err = capture_open(&config, &session->capture);
	if (err)
		return err;
	facts_set(&session->facts, META_THROTTLE, capture_throttle_source(session->capture));
	if (!capture_tells_interrupts(session->capture))
		facts_set(
			&session->facts, META_NOTE "interrupts",
			"this kernel does not let rota tell interrupts: where one woke a thread, the thread that it interrupted is named as the waker");
	return 0;
}

/* Nobody of those that were asked for is left. Not asked of cgroups, names and the like: there somebody may come. */
static bool all_ended(const struct target *target)
{
	size_t left = 0;

	if (target->kind != TARGET_PROCESS && target->kind != TARGET_THREAD)
		return false;
	for (size_t i = 0; i < target->pidfd_count; i++) {
		struct pollfd ended = { .fd = target->pidfds[i], .events = POLLIN };

		left += ended.fd < 0 || poll(&ended, 1, 0) != 1;
	}
	for (size_t i = 0; i < target->thread_count; i++)
		left += !kill((pid_t)target->threads[i], 0) || errno != ESRCH;
	return !left;
}

/*
 * On a machine with more to run than cpus, the rings fill while rota waits for its turn. It needs little, but in time; the
 * command has been forked already and keeps its own priority. Without the right to it, the rings must do.
 */
static void hurry(void)
{
	if (setpriority(PRIO_PROCESS, 0, DRAIN_NICE))
		log_debug("cannot raise rota's own priority: %s", strerror(errno));
}

int session_start(struct session *session)
{
	int err;

	hurry();
	err = capture_start(session->capture, &session->start_ns);
	if (err || !all_ended(session->target))
		return err;
	/* what there is to tell is the last microseconds of an exit, or nothing */
	log_error("%s ended while rota attached to it; start it again, or run it under rota with `-- COMMAND`",
		  session->target->description);
	return -ESRCH;
}

/* Handles what has come. True: the window shall end now. */
static bool take_signals(struct session *session, int *interrupts)
{
	bool alone;
	int number;

	while ((number = signals_next(&session->signals, &alone))) {
		if (number == SIGCHLD)
			continue;
		if (!session->command.pid)
			return true;
		/* the command gets the first one: its end ends the window. The second one ends it anyway */
		if (++*interrupts > 1)
			return true;
		if (alone || number == SIGTERM || number == SIGHUP)
			kill(session->command.pid, number);
	}
	return session->command.pid && command_poll(&session->command);
}

static int watch(struct session *session)
{
	uint64_t deadline_ns = session->options->duration_ns ? session->start_ns + session->options->duration_ns : 0;
	bool ended = false;
	int err = 0, interrupts = 0;

	while (!err && !ended) {
		uint64_t now = clock_ns(CLOCK_MONOTONIC), timeout_ns = NS_PER_S;

		if (deadline_ns && now >= deadline_ns)
			break;
		if (deadline_ns && deadline_ns - now < timeout_ns)
			timeout_ns = deadline_ns - now;
		err = capture_poll(session->capture, timeout_ns, session->signals.fd, &ended);
		if (take_signals(session, &interrupts))
			ended = true;
	}
	return err;
}

int session_run(struct session *session)
{
	int err = 0, stopped;

	if (session->command.pid) {
		err = command_release(&session->command, session->options->target.command[0]);
		session->command_failed = err != 0;
	}
	privilege_drop(session->options->go_exact);
	if (!err)
		err = watch(session);
	stopped = capture_stop(session->capture, &session->stop_ns);
	facts_set_clocks(&session->facts, META_CLOCK_END);
	return err ? err : stopped;
}

void session_close(struct session *session)
{
	if (session->command.pid && !session->command.ended)
		command_abandon(&session->command);
	capture_close(session->capture);
	target_free(session->target);
	topology_free(session->topology);
	facts_fini(&session->facts);
	if (session->signals.fd >= 0)
		signals_close(&session->signals);
}

int session_status(const struct session *session, int err)
{
	if (session->command_missing)
		return session->command_missing;
	if (session->command_failed)
		return command_exit_status(&session->command);
	if (err)
		return session->options->target.kind == TARGET_COMMAND ? 125 : 1;
	return session->command.pid && session->command.ended ? command_exit_status(&session->command) : 0;
}
