/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: argv. Goes out: a child that waits for a byte before its exec, and later its status. Touches no other process. */
#include "cmd/command.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* In the child: only async-signal-safe calls until the exec. */
static void hold_and_exec(int release_fd, int failure_fd, char *const *argv, const sigset_t *mask)
{
	int err;
	char byte;

	/* if rota dies before it lets us go, read() returns 0 */
	if (read(release_fd, &byte, 1) != 1)
		_exit(125);
	sigprocmask(SIG_SETMASK, mask, NULL);
	signal(SIGPIPE, SIG_DFL);
	execvp(argv[0], argv);
	err = errno;
	if (write(failure_fd, &err, sizeof(err)) < 0)
		_exit(126);
	_exit(err == ENOENT ? 127 : 126);
}

int command_start(struct command *command, char *const *argv, const sigset_t *mask, bool stdout_to_stderr)
{
	int release[2], failure[2];
	pid_t pid;

	if (pipe2(release, O_CLOEXEC)) {
		log_error("cannot make a pipe to hold %s: %s", argv[0], strerror(errno));
		return -errno;
	}
	if (pipe2(failure, O_CLOEXEC)) {
		int err = -errno;

		log_error("cannot make a pipe to hold %s: %s", argv[0], strerror(-err));
		close(release[0]);
		close(release[1]);
		return err;
	}
	pid = fork();
	if (pid == 0) {
		close(release[1]);
		close(failure[0]);
		if (stdout_to_stderr)
			dup2(STDERR_FILENO, STDOUT_FILENO);
		hold_and_exec(release[0], failure[1], argv, mask);
	}
	close(release[0]);
	close(failure[1]);
	if (pid < 0) {
		int err = -errno;

		log_error("cannot start %s: %s", argv[0], strerror(-err));
		close(release[1]);
		close(failure[0]);
		return err;
	}
	*command = (struct command){ .pid = pid, .release_fd = release[1], .failure_fd = failure[0] };
	return 0;
}

static void reap(struct command *command)
{
	while (waitpid(command->pid, &command->status, 0) < 0 && errno == EINTR)
		;
	command->ended = true;
}

int command_release(struct command *command, const char *name)
{
	int err = 0;
	ssize_t n;

	if (write(command->release_fd, "", 1) != 1)
		err = EPIPE;
	close(command->release_fd);
	command->release_fd = -1;
	do {
		n = read(command->failure_fd, &err, sizeof(err)); /* end of file: the exec closed it */
	} while (n < 0 && errno == EINTR);
	close(command->failure_fd);
	command->failure_fd = -1;
	if (n != sizeof(err))
		return 0;
	reap(command);
	if (err == ENOENT)
		log_error("no command '%s'; check the name and the PATH", name);
	else if (err == EACCES)
		log_error("'%s' cannot be executed: %s; check its mode (chmod +x) and its file system", name,
			  strerror(err));
	else
		log_error("'%s' cannot be executed: %s", name, strerror(err));
	return -err;
}

bool command_poll(struct command *command)
{
	if (!command->ended && waitpid(command->pid, &command->status, WNOHANG) == command->pid)
		command->ended = true;
	return command->ended;
}

void command_abandon(struct command *command)
{
	if (command->pid <= 0)
		return;
	if (command->release_fd >= 0)
		close(command->release_fd); /* still held: it exits by itself */
	else if (!command->ended)
		kill(command->pid, SIGTERM);
	if (command->failure_fd >= 0)
		close(command->failure_fd);
	command->release_fd = command->failure_fd = -1;
	if (!command->ended)
		reap(command);
}

int command_exit_status(const struct command *command)
{
	return WIFSIGNALED(command->status) ? 128 + WTERMSIG(command->status) : WEXITSTATUS(command->status);
}
