/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Signals as a readable descriptor: blocked for the process, waited for beside the rings. */
#ifndef ROTA_CMD_SIGNALS_H
#define ROTA_CMD_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

struct signals {
	int fd;
	sigset_t before; /* the mask to give back to a child */
};

/* SIGINT, SIGTERM, SIGHUP, SIGQUIT and SIGCHLD come through the descriptor from here on; SIGPIPE is an error of write(2). */
int signals_open(struct signals *signals);
void signals_close(struct signals *signals);
/*
 * The next signal that has come, 0 if none. Never blocks. *ret_alone: a process sent it, to us alone as far as we know; a
 * terminal's goes to all that run in its foreground.
 */
int signals_next(struct signals *signals, bool *ret_alone);

#endif
