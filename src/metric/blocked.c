/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: a kind. Goes out: what it is called, and its class. The tables are those of docs/blocked.md, in its order. */
#include "metric/blocked.h"
#include "base/syscall.h"

#include <stdio.h>
#include <string.h>

enum rule {             /* what decides, once the call is known */
	    RULE_CLASS, /* nothing more */
	    RULE_FILE,  /* the kind of file */
	    RULE_PATH,  /* takes a path: a disk's where the sleep was uninterruptible, else not known */
};

/* Calls that block, by what they wait for. Those of the 32-bit tables have names of their own. */
static const struct group {
	uint8_t rule, class; /* RULE_FILE: the class where the kind of file is not known */
	const char *calls;   /* a space between two */
} groups[] = {
	{RULE_CLASS,  ROTA_BLOCKED_LOCK,
         "futex futex_time64 futex_wait futex_waitv futex_requeue flock fcntl fcntl64 semop semtimedop "
	  "semtimedop_time64"										 },
	{ RULE_FILE,  ROTA_BLOCKED_NETWORK,
         "accept accept4 connect recv recvfrom recvmsg recvmmsg recvmmsg_time64 send sendto sendmsg sendmmsg socketcall "
	  "shutdown"											  },
	{ RULE_FILE,  ROTA_BLOCKED_OTHER,
         "read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2 sendfile sendfile64 splice tee "
	  "vmsplice copy_file_range ioctl close close_range getdents getdents64 ftruncate ftruncate64 fallocate fstat "
	  "fstat64 readahead"										 },
	{ RULE_CLASS, ROTA_BLOCKED_DISK,
         "fsync fdatasync sync syncfs sync_file_range arm_sync_file_range msync umount umount2 swapon swapoff"},
	{ RULE_PATH,  ROTA_BLOCKED_DISK,
         "open openat openat2 creat stat stat64 lstat lstat64 newfstatat fstatat64 statx access faccessat faccessat2 "
	  "readlink readlinkat chdir unlink unlinkat rename renameat renameat2 link linkat symlink symlinkat mkdir "
	  "mkdirat rmdir mknod mknodat truncate truncate64 chmod fchmod fchmodat chown fchown fchownat lchown utimensat "
	  "statfs fstatfs mount execve execveat"							      },
	{ RULE_CLASS, ROTA_BLOCKED_SLEEP,   "nanosleep clock_nanosleep clock_nanosleep_time64"                },
	{ RULE_CLASS, ROTA_BLOCKED_POLL,
         "poll ppoll ppoll_time64 select _newselect pselect6 pselect6_time64 epoll_wait epoll_pwait epoll_pwait2 "
	  "io_uring_enter io_getevents io_pgetevents io_pgetevents_time64"                                    },
	{ RULE_CLASS, ROTA_BLOCKED_PIPE,
         "msgrcv msgsnd mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64"              },
	{ RULE_CLASS, ROTA_BLOCKED_WAIT,
         "wait4 waitid waitpid pause rt_sigtimedwait rt_sigtimedwait_time64 rt_sigsuspend sigsuspend vfork clone clone3 "
	  "fork ptrace"										       },
	{ RULE_CLASS, ROTA_BLOCKED_EXITING, "exit exit_group"                                                 },
};

#define GROUPS (sizeof(groups) / sizeof(groups[0]))

static const struct {
	const char *name;
	uint8_t class;
} files[ROTA_FD_KINDS] = {
	[ROTA_FD_FILE] = {"file",             ROTA_BLOCKED_DISK   },
	[ROTA_FD_DIRECTORY] = { "directory",       ROTA_BLOCKED_DISK   },
	[ROTA_FD_BLOCK_DEVICE] = { "block device",    ROTA_BLOCKED_DISK   },
	[ROTA_FD_CHAR_DEVICE] = { "char device",     ROTA_BLOCKED_OTHER  },
	[ROTA_FD_TTY] = { "tty",             ROTA_BLOCKED_OTHER  },
	[ROTA_FD_PIPE] = { "pipe",            ROTA_BLOCKED_PIPE   },
	[ROTA_FD_SOCKET_UNIX] = { "socket unix",     ROTA_BLOCKED_PIPE   },
	[ROTA_FD_SOCKET_INET] = { "socket inet",     ROTA_BLOCKED_NETWORK},
	[ROTA_FD_SOCKET_INET6] = { "socket inet6",    ROTA_BLOCKED_NETWORK},
	[ROTA_FD_SOCKET_NETLINK] = { "socket netlink",  ROTA_BLOCKED_PIPE   },
	[ROTA_FD_SOCKET_PACKET] = { "socket packet",   ROTA_BLOCKED_NETWORK},
	[ROTA_FD_SOCKET_VSOCK] = { "socket vsock",    ROTA_BLOCKED_NETWORK},
	[ROTA_FD_SOCKET_OTHER] = { "socket other",    ROTA_BLOCKED_NETWORK},
	[ROTA_FD_EVENTFD] = { "eventfd",         ROTA_BLOCKED_PIPE   },
	[ROTA_FD_EPOLL] = { "epoll",           ROTA_BLOCKED_POLL   },
	[ROTA_FD_TIMERFD] = { "timerfd",         ROTA_BLOCKED_SLEEP  },
	[ROTA_FD_SIGNALFD] = { "signalfd",        ROTA_BLOCKED_WAIT   },
	[ROTA_FD_INOTIFY] = { "inotify",         ROTA_BLOCKED_WAIT   },
	[ROTA_FD_FANOTIFY] = { "fanotify",        ROTA_BLOCKED_WAIT   },
	[ROTA_FD_IO_URING] = { "io_uring",        ROTA_BLOCKED_POLL   },
	[ROTA_FD_PIDFD] = { "pidfd",           ROTA_BLOCKED_WAIT   },
	[ROTA_FD_USERFAULTFD] = { "userfaultfd",     ROTA_BLOCKED_WAIT   },
	[ROTA_FD_OTHER] = { "anonymous inode", ROTA_BLOCKED_OTHER  },
};

uint32_t blocked_kind_plain(uint32_t kind)
{
	uint32_t state = kind & ~BLOCKED_REASON_BITS;

	if (!(kind & ROTA_REASON_TOLD))
		return state;
	if (kind & ROTA_REASON_EXITING)
		return state | ROTA_REASON_TOLD | ROTA_REASON_EXITING;
	if (kind & ROTA_REASON_WORKER)
		return state | ROTA_REASON_TOLD | ROTA_REASON_WORKER;
	if ((kind & ROTA_REASON_SYSCALL_MASK) == ROTA_REASON_NO_SYSCALL)
		return state | ROTA_REASON_TOLD | ROTA_REASON_NO_SYSCALL;
	return kind;
}

static bool has_call(const char *calls, const char *call)
{
	size_t length = strlen(call);

	while (*calls) {
		size_t word = strcspn(calls, " ");

		if (word == length && !memcmp(calls, call, length))
			return true;
		calls += word + (calls[word] == ' ');
	}
	return false;
}

static uint32_t file_kind(uint32_t kind)
{
	uint32_t file = (kind & ROTA_REASON_FD_KIND_MASK) >> ROTA_REASON_FD_KIND_SHIFT;

	return file < ROTA_FD_KINDS ? file : ROTA_FD_NONE;
}

/* The group a call is in; their number: none. */
static uint8_t group_of(const char *call)
{
	uint8_t i = 0;

	while (i < GROUPS && !has_call(groups[i].calls, call))
		i++;
	return i;
}

static enum rota_blocked_class class_in(uint8_t index, uint32_t kind)
{
	bool disk = (kind & (BLOCKED_KIND_UNINTERRUPTIBLE | BLOCKED_KIND_IOWAIT)) != 0;
	const struct group *group = &groups[index];
	uint32_t file = file_kind(kind);

	if (index == GROUPS)
		return kind & BLOCKED_KIND_IOWAIT ? ROTA_BLOCKED_DISK : ROTA_BLOCKED_OTHER;
	if (group->rule == RULE_CLASS)
		return group->class;
	if (group->rule == RULE_FILE && file)
		return files[file].class;
	if (group->rule == RULE_FILE && group->class != ROTA_BLOCKED_OTHER)
		return group->class;
	return disk ? ROTA_BLOCKED_DISK : ROTA_BLOCKED_OTHER;
}

/* ROTA_BLOCKED_CLASSES where the call decides. */
static enum rota_blocked_class class_without_call(uint32_t kind)
{
	if (kind & BLOCKED_KIND_MERGED)
		return ROTA_BLOCKED_OTHER;
	if (!(kind & ROTA_REASON_TOLD))
		return ROTA_BLOCKED_UNKNOWN;
	if (kind & ROTA_REASON_EXITING)
		return ROTA_BLOCKED_EXITING;
	if (kind & ROTA_REASON_WORKER)
		return ROTA_BLOCKED_WORKER;
	if ((kind & ROTA_REASON_SYSCALL_MASK) != ROTA_REASON_NO_SYSCALL)
		return ROTA_BLOCKED_CLASSES;
	return kind & (BLOCKED_KIND_UNINTERRUPTIBLE | BLOCKED_KIND_IOWAIT) ? ROTA_BLOCKED_PAGE_FAULT
									   : ROTA_BLOCKED_OTHER;
}

enum rota_blocked_class blocked_table_class(struct blocked_table *table, uint32_t kind)
{
	enum rota_blocked_class class = class_without_call(kind);
	uint32_t number = kind & ROTA_REASON_SYSCALL_MASK;
	bool compat = (kind & ROTA_REASON_COMPAT) != 0;
	uint8_t *group = &table->groups[compat][number];
	char name[SYSCALL_NAME_SIZE];

	if (class != ROTA_BLOCKED_CLASSES)
		return class;
	if (!*group)
		*group = 1 + group_of(syscall_name(table->machine, compat, number, name, sizeof(name)));
	return class_in(*group - 1, kind);
}

void blocked_describe(uint32_t kind, const char *machine, struct rota_blocked *ret_blocked)
{
	uint32_t number = kind & ROTA_REASON_SYSCALL_MASK;
	const char *file = files[file_kind(kind)].name;
	struct rota_blocked blocked = { .merged = (kind & BLOCKED_KIND_MERGED) != 0,
					.compat = (kind & ROTA_REASON_COMPAT) != 0,
					.uninterruptible = (kind & BLOCKED_KIND_UNINTERRUPTIBLE) != 0,
					.iowait = (kind & BLOCKED_KIND_IOWAIT) != 0 };

	blocked.blocked_class = (uint8_t)class_without_call(kind);
	if (blocked.blocked_class == ROTA_BLOCKED_CLASSES) {
		syscall_name(machine, blocked.compat, number, blocked.syscall, sizeof(blocked.syscall));
		blocked.blocked_class = (uint8_t)class_in(group_of(blocked.syscall), kind);
		snprintf(blocked.fd_kind, sizeof(blocked.fd_kind), "%s", file ? file : "");
	}
	*ret_blocked = blocked;
}
