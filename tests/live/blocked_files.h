/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Ways to block on pipes, devices and sockets, for blocked.c, and what all its ways share. */
#ifndef ROTA_TEST_BLOCKED_FILES_H
#define ROTA_TEST_BLOCKED_FILES_H

#include "program.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/userfaultfd.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <pty.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>

struct way {
	const char *name, *call;
	long number; /* NO_CALL: in none */
	const char *kind;
	void (*block)(struct way *way);
	/* filled in as it begins */
	int tid, fd; /* fd -1: the call has none */
	uint64_t address;
	const char *cannot;
	atomic_bool begun;
};

#define NO_CALL (-1)

static const char *folder = "/var/tmp";

/* --- beginning ----------------------------------------------------------------------------------------------------- */

static void begin(struct way *way, int fd)
{
	way->fd = fd;
	way->tid = gettid();
	way->begun = true;
}

static void cannot(struct way *way, const char *what)
{
	way->cannot = what;
	way->begun = true;
	for (;;)
		pause();
}

static int need(struct way *way, int fd, const char *what)
{
	if (fd < 0)
		cannot(way, what);
	return fd;
}

static void read_for_ever(struct way *way, int fd, const char *what)
{
	static __thread char byte[4096];

	need(way, fd, what);
	begin(way, fd);
	for (;;)
		syscall(SYS_read, fd, byte, sizeof(byte));
}

/* A file in `folder`, opened twice, as locks between open files need. */
static int open_file(const char *name, int flags)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return open(path, flags | O_CLOEXEC, 0600);
}

/* --- reading and writing ------------------------------------------------------------------------------------------- */

static void read_pipe(struct way *way)
{
	int ends[2];

	need(way, pipe(ends), "pipe");
	read_for_ever(way, ends[0], "pipe");
}

static void write_pipe(struct way *way)
{
	static char page[4096];
	int ends[2];

	need(way, pipe(ends), "pipe");
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	while (write(ends[1], page, sizeof(page)) > 0)
		;
	fcntl(ends[1], F_SETFL, 0);
	begin(way, ends[1]);
	for (;;)
		syscall(SYS_write, ends[1], page, sizeof(page));
}

static void read_fifo(struct way *way)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/fifo", folder);
	need(way, mkfifo(path, 0600), "mkfifo");
	read_for_ever(way, open(path, O_RDWR), "open of a FIFO");
}

#define READ_NEW(function, new)                                                                                        \
	static void function(struct way *way)                                                                          \
	{                                                                                                              \
		read_for_ever(way, new, #new);                                                                         \
	}
READ_NEW(read_eventfd, eventfd(0, 0))
READ_NEW(read_timerfd, timerfd_create(CLOCK_MONOTONIC, 0))
READ_NEW(read_inotify, inotify_init1(0))
READ_NEW(read_fanotify, fanotify_init(FAN_CLASS_NOTIF, O_RDONLY))

static void read_signalfd(struct way *way)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	read_for_ever(way, signalfd(-1, &set, 0), "signalfd");
}

static int new_userfaultfd(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);

	return fd >= 0 && !ioctl(fd, UFFDIO_API, &api) ? fd : -1;
}

static void read_userfaultfd(struct way *way)
{
	read_for_ever(way, new_userfaultfd(), "userfaultfd");
}

static void read_tty(struct way *way)
{
	int ours, theirs;

	need(way, openpty(&ours, &theirs, NULL, NULL, NULL), "openpty");
	read_for_ever(way, theirs, "openpty");
}

static void read_ptmx(struct way *way)
{
	int ours, theirs;

	need(way, openpty(&ours, &theirs, NULL, NULL, NULL), "openpty");
	read_for_ever(way, ours, "openpty");
}

static void read_kmsg(struct way *way)
{
	int fd = open("/dev/kmsg", O_RDONLY);

	if (fd >= 0)
		lseek(fd, 0, SEEK_END);
	read_for_ever(way, fd, "open of /dev/kmsg");
}

/* --- sockets ------------------------------------------------------------------------------------------------------- */

static void receive(struct way *way, int fd)
{
	char byte;

	need(way, fd, "socket of this family");
	begin(way, fd);
	for (;;)
		syscall(SYS_recvfrom, fd, &byte, 1, 0, NULL, NULL);
}

static void receive_unix(struct way *way)
{
	int ends[2];

	need(way, socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "socketpair");
	receive(way, ends[0]);
}

#define RECEIVE(function, family, kind, protocol)                                                                      \
	static void function(struct way *way)                                                                          \
	{                                                                                                              \
		receive(way, socket(family, kind, protocol));                                                          \
	}
RECEIVE(receive_inet, AF_INET, SOCK_DGRAM, 0)
RECEIVE(receive_inet6, AF_INET6, SOCK_DGRAM, 0)
RECEIVE(receive_netlink, AF_NETLINK, SOCK_RAW, NETLINK_USERSOCK)
RECEIVE(receive_packet, AF_PACKET, SOCK_RAW, 0) /* of no protocol: it hears nothing */

static void accept_vsock(struct way *way)
{
	struct sockaddr_vm address = { .svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_ANY, .svm_port = VMADDR_PORT_ANY };
	int fd = need(way, socket(AF_VSOCK, SOCK_STREAM, 0), "socket of AF_VSOCK");

	need(way, bind(fd, (struct sockaddr *)&address, sizeof(address)), "bind of AF_VSOCK");
	need(way, listen(fd, 1), "listen of AF_VSOCK");
	begin(way, fd);
	for (;;)
		syscall(SYS_accept4, fd, NULL, NULL, 0);
}

static int listening(struct way *way, struct sockaddr_in *ret_address, int backlog)
{
	int fd = need(way, socket(AF_INET, SOCK_STREAM, 0), "socket");
	socklen_t size = sizeof(*ret_address);

	*ret_address = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	need(way, bind(fd, (struct sockaddr *)ret_address, sizeof(*ret_address)), "bind");
	need(way, listen(fd, backlog), "listen");
	need(way, getsockname(fd, (struct sockaddr *)ret_address, &size), "getsockname");
	return fd;
}

static void accept_inet(struct way *way)
{
	struct sockaddr_in address;
	int fd = listening(way, &address, 5);

	begin(way, fd);
	for (;;)
		syscall(SYS_accept4, fd, NULL, NULL, 0);
}

/* The queue of who listens is full, and nobody accepts. */
static void connect_inet(struct way *way)
{
	struct sockaddr_in address;
	int fd;

	listening(way, &address, 0);
	fd = need(way, socket(AF_INET, SOCK_STREAM, 0), "socket");
	need(way, connect(fd, (struct sockaddr *)&address, sizeof(address)), "first connect");
	fd = need(way, socket(AF_INET, SOCK_STREAM, 0), "socket");
	begin(way, fd);
	for (;;)
		syscall(SYS_connect, fd, &address, sizeof(address));
}

#endif
