/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: argv. Goes out: a child that waits for a byte before its exec, and later its status. Touches no other process. */
#include "cmd/command.h"
#include "base/alloc.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TERM_SECONDS 5 /* until a command that was asked to end is killed */

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

static int refuse(const char *name, int err, int *ret_status)
{
	if (err == ENOENT)
		log_error("no command '%s'; check the name and the PATH", name);
	else if (err == EACCES)
		log_error("'%s' cannot be executed: %s; check its mode (chmod +x) and its file system", name,
			  strerror(err));
	else
		log_error("'%s' cannot be executed: %s", name, strerror(err));
	*ret_status = err == ENOENT ? 127 : 126;
	return -err;
}

/* 0 or errno, of one place where it might be. */
static int check_file(const char *path)
{
	struct stat status;

	if (stat(path, &status))
		return errno;
	return S_ISREG(status.st_mode) && !access(path, X_OK) ? 0 : EACCES;
}

int command_check(const char *name, int *ret_status)
{
	const char *place = getenv("PATH");
	int found = ENOENT;

	if (strchr(name, '/')) {
		found = check_file(name);
		return found ? refuse(name, found, ret_status) : 0;
	}
	if (!place || !*name)
		return *name ? 0 : refuse(name, ENOENT, ret_status); /* execvp(3) has a PATH of its own */
	for (;;) {
		size_t size = strcspn(place, ":");
		char *path = xasprintf("%.*s%s%s", (int)size, place, size ? "/" : "", name);
		int err = check_file(path);

		free(path);
		if (!err)
			return 0;
		if (err == EACCES)
			found = EACCES;
		if (!place[size])
			return refuse(name, found, ret_status);
		place += size + 1;
	}
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
	int err = 0, status;
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
	return refuse(name, err, &status);
}

bool command_poll(struct command *command)
{
	if (!command->ended && waitpid(command->pid, &command->status, WNOHANG) == command->pid)
		command->ended = true;
	return command->ended;
}

/* False: it still runs, and either had its time or somebody is impatient. */
static bool end_in_time(struct command *command)
{
	struct timespec patience = { .tv_sec = TERM_SECONDS };
	sigset_t set;
	int number;

	kill(command->pid, SIGTERM);
	kill(command->pid, SIGCONT); /* a stopped one would not notice */
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGHUP);
	do {
		if (command_poll(command))
			return true;
		number = sigtimedwait(&set, NULL, &patience);
	} while (number == SIGCHLD || (number < 0 && errno == EINTR));
	return command_poll(command);
}

void command_abandon(struct command *command)
{
	if (command->pid <= 0)
		return;
	if (command->release_fd >= 0) {
		close(command->release_fd); /* still held: it exits by itself */
	} else if (!command->ended && !end_in_time(command)) {
		log_warn("the command (process %d) does not end at SIGTERM: killed", command->pid);
		kill(command->pid, SIGKILL);
	}
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
