/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: names of system calls. Goes out: by number, what their first argument is, for the BPF programs to look at when a
 * thread blocks in one. A call that libseccomp or this machine does not know is left out.
 */
#include "capture/arguments.h"

#include "base/syscall.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Calls that may block and whose first argument is the descriptor that they are about. */
static const char *const on_file[] = {
	"accept",          "accept4",         "close",     "connect",    "copy_file_range",
	"fadvise64",       "fadvise64_64",    "fallocate", "fchmod",     "fchown",
	"fchown32",        "fcntl",           "fcntl64",   "fdatasync",  "fgetxattr",
	"flock",           "fsetxattr",       "fstat",     "fstat64",    "fsync",
	"ftruncate",       "ftruncate64",     "getdents",  "getdents64", "getsockopt",
	"ioctl",           "lseek",           "_llseek",   "pread64",    "preadv",
	"preadv2",         "pwrite64",        "pwritev",   "pwritev2",   "read",
	"readahead",       "readv",           "recv",      "recvfrom",   "recvmmsg",
	"recvmmsg_time64", "recvmsg",         "send",      "sendfile",   "sendfile64",
	"sendmmsg",        "sendmsg",         "sendto",    "setsockopt", "shutdown",
	"splice",          "sync_file_range", "syncfs",    "tee",        "vmsplice",
	"write",           "writev",
};

static const struct {
	const char *name;
	uint8_t argument;
} others[] = {
	{"futex",           BPF_ARGUMENT_ADDRESS},
	{ "futex_time64",   BPF_ARGUMENT_ADDRESS},
	{ "epoll_wait",     ROTA_FD_EPOLL       },
	{ "epoll_wait_old", ROTA_FD_EPOLL       },
	{ "epoll_pwait",    ROTA_FD_EPOLL       },
	{ "epoll_pwait2",   ROTA_FD_EPOLL       },
	{ "epoll_ctl",      ROTA_FD_EPOLL       },
	{ "io_uring_enter", ROTA_FD_IO_URING    }, /* the descriptor may be an index of rings that are registered */
};

#define NUMBER_OF_FUTEX_WAIT 455 /* in every table (6.7, scripts/syscall.tbl), and newer than many a libseccomp */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void fill_one(uint8_t table[BPF_CALL_NUMBERS], bool compat, const char *name, uint8_t argument)
{
	int number = syscall_number(NULL, compat, name);

	if (number >= 0 && number < BPF_CALL_NUMBERS)
		table[number] = argument;
}

void arguments_fill(struct bpf_call_arguments *ret_arguments)
{
	memset(ret_arguments, 0, sizeof(*ret_arguments));
	for (int compat = 0; compat < 2; compat++) {
		uint8_t *table = ret_arguments->of[compat];

		for (size_t i = 0; i < COUNT(on_file); i++)
			fill_one(table, compat, on_file[i], BPF_ARGUMENT_FILE);
		for (size_t i = 0; i < COUNT(others); i++)
			fill_one(table, compat, others[i].name, others[i].argument);
		table[NUMBER_OF_FUTEX_WAIT] = BPF_ARGUMENT_ADDRESS;
	}
}
