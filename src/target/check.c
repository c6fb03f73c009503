/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: the argument of -p or -t. Goes out: ids that exist, live, and can be followed; or one line that says which
 * one cannot, why, and what to type instead. Never judges by a pid alone what may have been used again meanwhile: the
 * pidfd is opened before anything is read.
 */
#include "target/check.h"
#include "target/describe.h"
#include "target/proc.h"

#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int check_parse(const char *option, const char *text, struct idlist *list)
{
	const char *at = text;

	for (;;) {
		uint64_t id = 0;
		const char *start = at;

		for (; *at >= '0' && *at <= '9'; at++)
			id = id < IDLIST_MAX_ID ? id * 10 + (uint64_t)(*at - '0') : id;
		if (at == start || (*at && *at != ',')) {
			log_error(
				"%s '%s' is no list of ids; give numbers with commas between them, such as %s 4711,4712%s",
				option, text, option, *option && option[1] == 'p' ? ", or a name with -n" : "");
			return -EINVAL;
		}
		if (!id || id >= IDLIST_MAX_ID) {
			log_error("%s %.*s: no such %s: ids run from 1 to %u; `ps -eL` lists those in use", option,
				  (int)(at - start), start, option[1] == 'p' ? "process" : "thread", IDLIST_MAX_ID - 1);
			return -ESRCH;
		}
		idlist_add(list, (uint32_t)id);
		if (!*at++)
			return 0;
	}
}

/* -1 where there is none to have: an old kernel, a seccomp filter, a thread that is no leader. */
static int open_pidfd(const char *root, uint32_t tgid)
{
	return *root ? -1 : (int)syscall(SYS_pidfd_open, tgid, 0);
}

static bool has_ended(int pidfd)
{
	struct pollfd poll_fd = { .fd = pidfd, .events = POLLIN };

	return pidfd >= 0 && poll(&poll_fd, 1, 0) == 1;
}

static int refuse_unreadable(const char *kind, const char *option, uint32_t id, int err)
{
	if (err == -ESRCH)
		log_error("%s %" PRIu32
			  ": no such %s: it may have ended; `ps -eL` lists the living, and -n NAME follows by name",
			  option, id, kind);
	else
		log_error("%s %" PRIu32 ": cannot read what /proc says of that %s: %s; run rota as root", option, id,
			  kind, strerror(-err));
	return err;
}

static int refuse_thread_as_process(const char *root, uint32_t tid, uint32_t tgid)
{
	char *process = describe_ids(root, &tgid, 1, "processes");

	log_error("-p %" PRIu32 ": no such process: it is a thread of %s; use -p %" PRIu32
		  " for the whole process or -t "
		  "%" PRIu32 " for this thread",
		  tid, process, tgid, tid);
	free(process);
	return -ESRCH;
}

static int refuse(const char *root, const char *option, uint32_t id, const char *why)
{
	char *who = describe_ids(root, &id, 1, "");

	log_error("%s %" PRIu32 ": %s %s", option, id, who, why);
	free(who);
	return -EINVAL;
}

#define WHY_SELF    "is rota itself, which is never followed; give another one"
#define WHY_KTHREAD "is a kernel thread, which cannot be followed by its id; use --system to see kernel threads"
#define WHY_ZOMBIE  "is a zombie: it has ended and waits for its parent to notice; nothing of it will run again"

static int judge_process(const char *root, uint32_t tgid, int pidfd)
{
	struct proc_stat stat;
	uint32_t leader;
	int err;

	err = proc_stat_read(root, tgid, &stat);
	if (!err)
		err = proc_tgid_read(root, tgid, &leader);
	if (err == -ESRCH && pidfd >= 0) {
		log_error("-p %" PRIu32
			  ": that process ended while rota was looking at it; -n NAME follows the next one of its "
			  "name",
			  tgid);
		return err;
	}
	if (err)
		return refuse_unreadable("process", "-p", tgid, err);
	if (leader != tgid)
		return refuse_thread_as_process(root, tgid, leader);
	if (tgid == proc_self(root))
		return refuse(root, "-p", tgid, WHY_SELF);
	if (stat.kthread)
		return refuse(root, "-p", tgid, WHY_KTHREAD);
	if (has_ended(pidfd) || !proc_is_alive(root, tgid))
		return refuse(root, "-p", tgid, WHY_ZOMBIE);
	return 0;
}

int check_process(const char *root, uint32_t tgid, int *ret_pidfd)
{
	int pidfd = open_pidfd(root, tgid);
	int err = judge_process(root, tgid, pidfd);

	if (err) {
		if (pidfd >= 0)
			close(pidfd);
		return err;
	}
	*ret_pidfd = pidfd;
	return 0;
}

int check_thread(const char *root, uint32_t tid)
{
	struct proc_stat stat;
	uint32_t tgid;
	int err;

	err = proc_stat_read(root, tid, &stat);
	if (!err)
		err = proc_tgid_read(root, tid, &tgid);
	if (err)
		return refuse_unreadable("thread", "-t", tid, err);
	if (tgid == proc_self(root))
		return refuse(root, "-t", tid, WHY_SELF);
	if (stat.kthread)
		return refuse(root, "-t", tid, WHY_KTHREAD);
	if (proc_is_dead(&stat))
		return refuse(root, "-t", tid, WHY_ZOMBIE);
	return 0;
}
