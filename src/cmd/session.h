/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One live observation, as stat, record and demo share it: whom to follow, on which machine, the capture, the command if
 * there is one, and when it ends.
 */
#ifndef ROTA_CMD_SESSION_H
#define ROTA_CMD_SESSION_H

#include "capture/capture.h"
#include "cmd/command.h"
#include "cmd/facts.h"
#include "cmd/options.h"
#include "cmd/signals.h"

struct session {
	const struct options *options;
	struct rota_topology *topology;
	struct target *target;
	struct capture *capture;
	struct command command; /* pid 0: none */
	struct signals signals;
	struct facts facts;
	uint64_t start_ns, stop_ns;
	int command_missing; /* the exit status of a command that cannot be run, as a shell has it; else 0 */
	bool command_failed; /* its exec did, in spite of that */
};

/* Looks up the target and the machine, starts and holds the command. 0 or -errno, logged. Then session_close() in any case. */
int session_open(struct session *session, const struct options *options);
/* Loads the programs: what is most likely to fail. */
int session_load(struct session *session, const struct capture_consumer *consumer);
/* Attaches, and begins the window. */
int session_start(struct session *session);
/* Lets the command go, runs until the end, and ends the window. */
int session_run(struct session *session);
void session_close(struct session *session);
/* What rota exits with after a session: the command's own status, or 0; 125 (command) or 1 for rota's own failure. */
int session_status(const struct session *session, int err);

#endif
