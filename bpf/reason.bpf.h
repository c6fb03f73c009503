/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: a thread that blocks. Goes out: why, in one word (ROTA_REASON_*): the system call that it is in, by the registers
 * it saved on its way into the kernel, and the kind of file that the call is about. Only looks, and never waits: what the
 * kernel does not tell is told as 0.
 */
#ifndef ROTA_BPF_REASON_H
#define ROTA_BPF_REASON_H

#include "emit.bpf.h"
#include "regs.bpf.h"

const volatile struct bpf_call_arguments call_arguments = {};

#define X32_SYSCALL_BIT 0x40000000UL /* arch/x86/include/uapi/asm/unistd.h */

/* include/uapi/linux/stat.h */
#define S_IFMT   0170000
#define S_IFSOCK 0140000
#define S_IFREG  0100000
#define S_IFBLK  0060000
#define S_IFDIR  0040000
#define S_IFCHR  0020000
#define S_IFIFO  0010000

/* include/uapi/linux/magic.h */
#define ANON_INODE_FS_MAGIC 0x09041934
#define PID_FS_MAGIC        0x50494446 /* 6.9 on; before, a pidfd was an anonymous inode */

/* include/linux/socket.h */
#define AF_UNIX    1
#define AF_INET    2
#define AF_INET6   10
#define AF_NETLINK 16
#define AF_PACKET  17
#define AF_VSOCK   40

/*
 * bpf_rdonly_cast() lets members be read by plain loads, at a fraction of what a probe costs; `plain` says that the kernel has
 * it. A constant to the verifier, so that it never sees the other way.
 */
extern void *bpf_rdonly_cast(const void *object, u32 type) __ksym __weak;
#define as(type, pointer)                                                                                              \
	((type *)(plain ? bpf_rdonly_cast(pointer, bpf_core_type_id_kernel(type)) : (void *)(pointer)))
#define look(pointer, member) (plain ? (pointer)->member : BPF_CORE_READ(pointer, member))

/* --- the kind of a file -------------------------------------------------------------------------------------------- */

static __always_inline u32 socket_kind(struct file *file, bool plain)
{
	struct socket *socket = as(struct socket, look(file, private_data));
	struct sock *sock = look(socket, sk);

	switch (look(sock, __sk_common.skc_family)) {
	case AF_UNIX:
		return ROTA_FD_SOCKET_UNIX;
	case AF_INET:
		return ROTA_FD_SOCKET_INET;
	case AF_INET6:
		return ROTA_FD_SOCKET_INET6;
	case AF_NETLINK:
		return ROTA_FD_SOCKET_NETLINK;
	case AF_PACKET:
		return ROTA_FD_SOCKET_PACKET;
	case AF_VSOCK:
		return ROTA_FD_SOCKET_VSOCK;
	default:
		return ROTA_FD_SOCKET_OTHER;
	}
}

/* By their major numbers, Documentation/admin-guide/devices.txt: the kernel keeps no other mark that a program can read. */
static __always_inline u32 char_device_kind(struct inode *inode, bool plain)
{
	u32 major = look(inode, i_rdev) >> 20; /* include/linux/kdev_t.h */

	switch (major) {
	case 4:   /* consoles and serial ports */
	case 5:   /* /dev/tty, /dev/console, /dev/ptmx */
	case 166: /* modems on USB */
	case 188: /* serial ports on USB */
	case 204: /* low-density serial ports */
	case 229: /* hypervisors' consoles */
		return ROTA_FD_TTY;
	default:
		return major >= 136 && major <= 143 ? ROTA_FD_TTY : ROTA_FD_CHAR_DEVICE; /* Unix98 pseudo-terminals */
	}
}

/* The first eight bytes of a name as a number, as a little-endian machine reads them. */
#define NAME8(a, b, c, d, e, f, g, h)                                                                                  \
	((u64)(a) | (u64)(b) << 8 | (u64)(c) << 16 | (u64)(d) << 24 | (u64)(e) << 32 | (u64)(f) << 40 |                \
	 (u64)(g) << 48 | (u64)(h) << 56)

/* By the name that anon_inode_getfile() got; eight bytes tell all of them apart, and no name is stored in less. */
static __always_inline u32 anonymous_kind(struct file *file, bool plain)
{
	struct dentry *dentry = look(file, f_path.dentry);
	u64 name = 0;

	bpf_probe_read_kernel(&name, sizeof(name), look(dentry, d_name.name));
	switch (name) {
	case NAME8('[', 'e', 'v', 'e', 'n', 't', 'f', 'd'):
		return ROTA_FD_EVENTFD;
	case NAME8('[', 'e', 'v', 'e', 'n', 't', 'p', 'o'):
		return ROTA_FD_EPOLL;
	case NAME8('[', 't', 'i', 'm', 'e', 'r', 'f', 'd'):
		return ROTA_FD_TIMERFD;
	case NAME8('[', 's', 'i', 'g', 'n', 'a', 'l', 'f'):
		return ROTA_FD_SIGNALFD;
	case NAME8('i', 'n', 'o', 't', 'i', 'f', 'y', 0):
		return ROTA_FD_INOTIFY;
	case NAME8('[', 'f', 'a', 'n', 'o', 't', 'i', 'f'):
		return ROTA_FD_FANOTIFY;
	case NAME8('[', 'i', 'o', '_', 'u', 'r', 'i', 'n'):
		return ROTA_FD_IO_URING;
	case NAME8('[', 'p', 'i', 'd', 'f', 'd', ']', 0):
		return ROTA_FD_PIDFD;
	case NAME8('[', 'u', 's', 'e', 'r', 'f', 'a', 'u'):
		return ROTA_FD_USERFAULTFD;
	default:
		return ROTA_FD_OTHER;
	}
}

static __always_inline u32 file_kind(struct file *file, bool plain)
{
	struct inode *inode = look(file, f_inode);
	u32 type = look(inode, i_mode) & S_IFMT;
	struct super_block *block;
	u64 magic;

	switch (type) {
	case S_IFIFO:
		return ROTA_FD_PIPE;
	case S_IFSOCK:
		return socket_kind(file, plain);
	case S_IFDIR:
		return ROTA_FD_DIRECTORY;
	case S_IFBLK:
		return ROTA_FD_BLOCK_DEVICE;
	case S_IFCHR:
		return char_device_kind(inode, plain);
	default: /* anonymous inodes have no type, but from 6.16 on are regular files */
		block = look(inode, i_sb);
		magic = look(block, s_magic);
		if (magic == ANON_INODE_FS_MAGIC)
			return anonymous_kind(file, plain);
		if (magic == PID_FS_MAGIC)
			return ROTA_FD_PIDFD;
		return type == S_IFREG ? ROTA_FD_FILE : ROTA_FD_OTHER;
	}
}

/* Of descriptor `fd` of `task`, which nobody but itself can take the table away from. */
static __always_inline u32 fd_kind(struct task_struct *task, u32 fd)
{
	struct files_struct *files = task->files;
	bool plain = settings.has_rdonly_cast;
	struct fdtable *table;
	void *file = NULL;

	if (!files)
		return ROTA_FD_NONE;
	table = files->fdt;
	if (!table || fd >= table->max_fds)
		return ROTA_FD_NONE;
	if (plain) /* any struct that begins with a pointer will do */
		file = as(struct hlist_head, table->fd + fd)->first;
	else
		bpf_probe_read_kernel(&file, sizeof(file), table->fd + fd);
	return file ? file_kind(as(struct file, file), plain) : ROTA_FD_NONE;
}

/* --- the call ------------------------------------------------------------------------------------------------------ */

/* Why `task`, which is off the run queue or about to leave it, is blocked; 0: it cannot be told. */
static __always_inline u32 reason_of(struct task_struct *task, u64 *ret_argument)
{
	u32 word = ROTA_REASON_TOLD, flags = task->flags;
	struct saved_call call = {};
	u8 takes;

	*ret_argument = 0;
	/* a worker's registers show the call that made it, and an exiting thread may have been in any */
	if (is_kernels_own(flags))
		return word | ROTA_REASON_WORKER | ROTA_REASON_NO_SYSCALL;
	if (flags & PF_EXITING)
		return word | ROTA_REASON_EXITING | ROTA_REASON_NO_SYSCALL;
	if (!read_saved_call(task, &call))
		return 0;
	if (call.number == -1)
		return word | ROTA_REASON_NO_SYSCALL;
#if defined(__TARGET_ARCH_x86)
	call.number &= ~X32_SYSCALL_BIT;
#endif
	if (call.compat)
		word |= ROTA_REASON_COMPAT;
	if ((u64)call.number >= BPF_CALL_NUMBERS)
		return word | ((u64)call.number < ROTA_REASON_NO_SYSCALL ? call.number : ROTA_REASON_NO_SYSCALL - 1);
	word |= call.number;
	takes = call_arguments.of[call.compat][call.number & (BPF_CALL_NUMBERS - 1)];
	if (takes == BPF_ARGUMENT_FILE)
		word |= fd_kind(task, call.first) << ROTA_REASON_FD_KIND_SHIFT;
	else if (takes == BPF_ARGUMENT_ADDRESS)
		*ret_argument = call.first;
	else
		word |= (takes & (ROTA_REASON_FD_KIND_MASK >> ROTA_REASON_FD_KIND_SHIFT)) << ROTA_REASON_FD_KIND_SHIFT;
	return word;
}

/* For the walk and for who joins T: says what the TASK record that comes next is blocked in. */
static __always_inline void emit_reason(const struct outlet *outlet, u64 now, struct task_struct *task)
{
	struct rota_rec_reason *record;
	u64 argument, switches = task->nvcsw;
	u32 reason = reason_of(task, &argument);

	/* it may have run meanwhile, on another cpu: then all that was read means nothing */
	if (!reason || task->nvcsw != switches || task->on_cpu)
		return;
	if (!reserve(outlet, now, record))
		return;
	fill_head(&record->head, now, ROTA_REC_REASON, ROTA_F_TARGET, 0, task->pid);
	record->reason = reason;
	record->zero = 0;
	record->argument = argument;
	submit(outlet, record);
}

#endif
