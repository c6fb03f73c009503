/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: a process with more rights than it needs. Goes out: one with fewer. Failing to drop is said, and not fatal. */
#include "cmd/privilege.h"
#include "base/log.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef CAP_PERFMON
#define CAP_PERFMON 38 /* 5.8 on; include/uapi/linux/capability.h */
#define CAP_BPF     39
#endif
#ifndef CAP_CHECKPOINT_RESTORE
#define CAP_CHECKPOINT_RESTORE 40 /* 5.9 on */
#endif

void privilege_drop(bool uprobes)
{
	/* the last three: the names of addresses in the target (/proc/PID/maps, and the files that are mapped) */
	static const unsigned int kept[] = { CAP_KILL,       CAP_PERFMON,         CAP_BPF,
					     CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH, CAP_CHECKPOINT_RESTORE };
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct have[2], want[2] = { { 0 } };

	if (syscall(SYS_capget, &header, have)) {
		log_warn("cannot read rota's own capabilities: %s", strerror(errno));
		return;
	}
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		uint32_t bit = 1U << (kept[i] % 32);
		unsigned int word = kept[i] / 32;

		want[word].permitted |= have[word].permitted & bit;
		want[word].effective |= have[word].effective & bit;
	}
	if (uprobes) { /* perf_uprobe_event_init() in kernel/events/core.c asks for it from 6.16 on */
		want[0].permitted |= have[0].permitted & 1U << CAP_SYS_ADMIN;
		want[0].effective |= have[0].effective & 1U << CAP_SYS_ADMIN;
	}
	if (syscall(SYS_capset, &header, want))
		log_warn("cannot give up capabilities that are no longer needed: %s", strerror(errno));
}

static int id_from(const char *name, unsigned int *ret_id)
{
	const char *text = getenv(name);
	unsigned long value;
	char *end;

	if (!text || *text < '0' || *text > '9')
		return -ENOENT;
	errno = 0;
	value = strtoul(text, &end, 10);
	if (*end || errno || value >= UINT32_MAX)
		return -EINVAL;
	*ret_id = (unsigned int)value;
	return 0;
}

int privilege_give_file(int fd)
{
	unsigned int uid, gid;

	if (geteuid() != 0 || id_from("SUDO_UID", &uid) || id_from("SUDO_GID", &gid))
		return 0;
	return fchown(fd, uid, gid) ? -errno : 0;
}
