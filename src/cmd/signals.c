/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: signals. Goes out: their numbers, when asked. No handler runs, no global is set. */
#include "cmd/signals.h"
#include "base/log.h"

#include <errno.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

int signals_open(struct signals *signals)
{
	static const int wanted[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		sigaddset(&set, wanted[i]);
	sigprocmask(SIG_BLOCK, &set, &signals->before);
	signal(SIGPIPE, SIG_IGN);
	signals->fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (signals->fd < 0) {
		log_error("cannot receive signals through a descriptor: %s", strerror(errno));
		return -errno;
	}
	return 0;
}

void signals_close(struct signals *signals)
{
	if (signals->fd >= 0)
		close(signals->fd);
	signals->fd = -1;
	sigprocmask(SIG_SETMASK, &signals->before, NULL);
}

int signals_next(struct signals *signals, bool *ret_alone)
{
	struct signalfd_siginfo info;

	if (read(signals->fd, &info, sizeof(info)) != sizeof(info))
		return 0;
	*ret_alone =
		info.ssi_code <= 0; /* SI_USER, SI_QUEUE, SI_TKILL; the kernel's own codes are above (sigaction(2)) */
	return (int)info.ssi_signo;
}
