/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The command of `rota stat -- COMMAND…`: started at once, held before its exec until everything is attached, so that it is
 * seen from its first instruction.
 */
#ifndef ROTA_CMD_COMMAND_H
#define ROTA_CMD_COMMAND_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct command {
	pid_t pid;      /* in rota's pid namespace */
	int release_fd; /* writing a byte lets it go */
	int failure_fd; /* holds errno if the exec failed */
	int status;     /* wait status, once `ended` */
	bool ended;
};

/*
 * Could this be executed, as far as its file tells? 0, or -errno: logged, and *ret_status is what a shell would exit with.
 * Asked before anything else begins, because the exec comes last.
 */
int command_check(const char *name, int *ret_status);
/* Forks; the child waits. `mask`: the signal mask it shall have; `stdout_to_stderr`: our own output is taken. 0 or -errno. */
int command_start(struct command *command, char *const *argv, const sigset_t *mask, bool stdout_to_stderr);
/*
 * Lets it go and waits for its exec. 0, or -errno when the exec failed: logged, what and why; the child has ended.
 */
int command_release(struct command *command, const char *name);
/* Reaps it if it has ended. */
bool command_poll(struct command *command);
/*
 * Ends a command that is still held or runs, and reaps it: SIGTERM, and SIGKILL if that does not help or another signal
 * comes. The signals of cmd/signals.h are blocked.
 */
void command_abandon(struct command *command);
/* As a shell says it: its own status, or 128 + n for a signal. */
int command_exit_status(const struct command *command);

#endif
