/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Why a thread is blocked as one word and back, for mktrace_text.h: "futex", "read:pipe", "compat:read:pipe", "fault" (in no
 * call), "worker", "exiting". Names of calls are those of x86-64, wherever the trace comes from; a call without a name is its
 * number, and a reason that none of this says is a number that begins with 0x.
 */
#ifndef TEST_TOOL_MKTRACE_REASON_H
#define TEST_TOOL_MKTRACE_REASON_H

#include "base/syscall.h"
#include "trace/record.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const fd_kinds[ROTA_FD_KINDS] = {
	[ROTA_FD_NONE] = "",
	[ROTA_FD_FILE] = "file",
	[ROTA_FD_DIRECTORY] = "directory",
	[ROTA_FD_BLOCK_DEVICE] = "block",
	[ROTA_FD_CHAR_DEVICE] = "char",
	[ROTA_FD_TTY] = "tty",
	[ROTA_FD_PIPE] = "pipe",
	[ROTA_FD_SOCKET_UNIX] = "unix",
	[ROTA_FD_SOCKET_INET] = "inet",
	[ROTA_FD_SOCKET_INET6] = "inet6",
	[ROTA_FD_SOCKET_NETLINK] = "netlink",
	[ROTA_FD_SOCKET_PACKET] = "packet",
	[ROTA_FD_SOCKET_VSOCK] = "vsock",
	[ROTA_FD_SOCKET_OTHER] = "socket",
	[ROTA_FD_EVENTFD] = "eventfd",
	[ROTA_FD_EPOLL] = "epoll",
	[ROTA_FD_TIMERFD] = "timerfd",
	[ROTA_FD_SIGNALFD] = "signalfd",
	[ROTA_FD_INOTIFY] = "inotify",
	[ROTA_FD_FANOTIFY] = "fanotify",
	[ROTA_FD_IO_URING] = "io_uring",
	[ROTA_FD_PIDFD] = "pidfd",
	[ROTA_FD_USERFAULTFD] = "userfaultfd",
	[ROTA_FD_OTHER] = "other",
};

#define CALL_MACHINE "x86_64"

/* "read" or "0"; false where it is neither. */
static inline bool parse_call(const char *text, bool compat, uint32_t *ret_number)
{
	int number = syscall_number(CALL_MACHINE, compat, text);
	unsigned long plain;
	char *end;

	if (number >= 0) {
		*ret_number = (uint32_t)number;
		return true;
	}
	plain = strtoul(text, &end, 10);
	*ret_number = (uint32_t)plain;
	return isdigit((unsigned char)*text) && !*end && plain <= ROTA_REASON_SYSCALL_MASK;
}

/* The name where parse_call() understands it, else the number. */
static inline void call_text(uint32_t number, bool compat, char *out, size_t size)
{
	uint32_t back;

	syscall_name(CALL_MACHINE, compat, number, out, size);
	if (!parse_call(out, compat, &back) || back != number)
		snprintf(out, size, "%" PRIu32, number);
}

static inline bool parse_reason(const char *text, uint32_t *ret_reason)
{
	uint32_t reason = ROTA_REASON_TOLD, number = ROTA_REASON_NO_SYSCALL, kind = 0;
	char call[SYSCALL_NAME_SIZE];
	const char *colon;
	char *end;

	if (!strncmp(text, "0x", 2)) {
		*ret_reason = (uint32_t)strtoul(text, &end, 16);
		return !*end && record_reason_valid(*ret_reason);
	}
	if (!strncmp(text, "compat:", 7)) {
		reason |= ROTA_REASON_COMPAT;
		text += 7;
	}
	colon = strchr(text, ':');
	for (kind = colon ? 1 : 0; colon && kind < ROTA_FD_KINDS && strcmp(fd_kinds[kind], colon + 1) != 0; kind++)
		;
	snprintf(call, sizeof(call), "%.*s", (int)(colon ? colon - text : (long)strlen(text)), text);
	if (!strcmp(call, "worker"))
		reason |= ROTA_REASON_WORKER;
	else if (!strcmp(call, "exiting"))
		reason |= ROTA_REASON_EXITING;
	else if (strcmp(call, "fault") != 0 && !parse_call(call, reason & ROTA_REASON_COMPAT, &number))
		return false;
	*ret_reason = reason | number | kind << ROTA_REASON_FD_KIND_SHIFT;
	return kind < ROTA_FD_KINDS;
}

static inline void reason_text(uint32_t reason, char *out, size_t size)
{
	uint32_t kind = (reason & ROTA_REASON_FD_KIND_MASK) >> ROTA_REASON_FD_KIND_SHIFT, back;
	uint32_t number = reason & ROTA_REASON_SYSCALL_MASK;
	char call[SYSCALL_NAME_SIZE];

	if (number == ROTA_REASON_NO_SYSCALL)
		snprintf(call, sizeof(call), "%s",
			 reason & ROTA_REASON_WORKER    ? "worker"
			 : reason & ROTA_REASON_EXITING ? "exiting"
							: "fault");
	else
		call_text(number, reason & ROTA_REASON_COMPAT, call, sizeof(call));
	snprintf(out, size, "%s%s%s%s", reason & ROTA_REASON_COMPAT ? "compat:" : "", call, kind ? ":" : "",
		 kind < ROTA_FD_KINDS ? fd_kinds[kind] : "");
	if (!parse_reason(out, &back) || back != reason)
		snprintf(out, size, "0x%" PRIx32, reason);
}

#endif
