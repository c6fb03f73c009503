/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: /proc and /sys. Goes out: what the kernel is, and whether it lets rota in: version, type information,
 * capabilities, lockdown, limits and settings of BPF. Never loads a program: that is probe_bpf.c's.
 */
#include "host/probe.h"
#include "host/sysfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#define BTF_MAGIC     0xeb9f       /* include/uapi/linux/btf.h */
#define INIT_USER_INO 4026531837UL /* PROC_USER_INIT_INO, include/linux/proc_ns.h */

static void ask_kernel(const struct probe_context *context, struct doctor_row *row)
{
	char release[80], arch[80];
	struct utsname uts;

	if (sysfile_read(context->root, "/proc/sys/kernel/osrelease", release, sizeof(release)) <= 0)
		snprintf(release, sizeof(release), "unknown");
	/* /proc/sys/kernel/arch came with 6.1 */
	if (sysfile_read(context->root, "/proc/sys/kernel/arch", arch, sizeof(arch)) <= 0)
		snprintf(arch, sizeof(arch), "%s", uname(&uts) ? "unknown" : uts.machine);
	if (!strcmp(arch, "x86_64"))
		probe_answer(row, DOCTOR_OK, "", "%s, %s", release, arch);
	else
		probe_answer(row, DOCTOR_WARN, "rota is tested on x86_64; please report what you see here", "%s, %s",
			     release, arch);
}

static void ask_btf(const struct probe_context *context, struct doctor_row *row)
{
	unsigned char bytes[8];
	ssize_t n = sysfile_read(context->root, "/sys/kernel/btf/vmlinux", (char *)bytes, sizeof(bytes));

	if (n >= 2 && (bytes[0] | bytes[1] << 8) == BTF_MAGIC) {
		probe_answer(row, DOCTOR_OK, "", "/sys/kernel/btf/vmlinux is there");
		return;
	}
	probe_answer(
		row, DOCTOR_FAIL,
		"boot a kernel built with CONFIG_DEBUG_INFO_BTF=y (those of Debian 11, Ubuntu 20.10, Fedora 31 and "
		"newer are); in a container, mount /sys",
		n < 0 ? "/sys/kernel/btf/vmlinux cannot be read (%s)" : "/sys/kernel/btf/vmlinux is no BTF%s",
		n < 0 ? strerror((int)-n) : "");
}

static void ask_capabilities(const struct probe_context *context, struct doctor_row *row)
{
	static const struct {
		int cap;
		const char *name, *use; /* use: what is lost without it, where rota works none the less */
	} wanted[] = {
		{CAP_BPF,           "CAP_BPF",          ""						},
		{ CAP_PERFMON,      "CAP_PERFMON",      ""                                                },
		{ CAP_SYS_ADMIN,    "CAP_SYS_ADMIN",    "rota's own BPF time cannot be measured"          },
		{ CAP_SYS_PTRACE,   "CAP_SYS_PTRACE",   "other users' programs are seen from outside only"},
		{ CAP_SYS_RESOURCE, "CAP_SYS_RESOURCE", "limits cannot be raised"                         },
	};
	bool admin = context->caps >> CAP_SYS_ADMIN & 1;
	char missing[128] = "", lost[160] = "";

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		size_t used = strlen(missing), lost_used = strlen(lost);

		/* CAP_SYS_ADMIN stands for the two that were split from it in 5.8 */
		if (context->caps >> wanted[i].cap & 1 || (admin && !*wanted[i].use))
			continue;
		snprintf(missing + used, sizeof(missing) - used, "%s%s", used ? ", " : "", wanted[i].name);
		if (*wanted[i].use)
			snprintf(lost + lost_used, sizeof(lost) - lost_used, "%s%s",
				 lost_used ? "; " : "without it: ", wanted[i].use);
	}
	if (!context->may_bpf)
		probe_answer(row, DOCTOR_FAIL,
			     "run rota with sudo, or once: sudo setcap cap_bpf,cap_perfmon,cap_sys_ptrace,"
			     "cap_sys_resource+ep \"$(command -v rota)\"",
			     "missing: %s", missing);
	else if (*missing)
		probe_answer(row, DOCTOR_NOTE, lost, "enough; missing: %s", missing);
	else
		probe_answer(row, DOCTOR_OK, "", "all that rota uses");
}

static void ask_user_namespace(const struct probe_context *context, struct doctor_row *row)
{
	unsigned long inode = sysfile_namespace(context->root, "/proc/self/ns/user");

	if (!inode)
		return;
	if (inode == INIT_USER_INO)
		probe_answer(row, DOCTOR_OK, "", "the machine's own");
	else
		probe_answer(row, DOCTOR_FAIL, "run rota outside the rootless container, as the machine's root",
			     "another one than the machine's: its root has no rights over the kernel");
}

static void ask_lockdown(const struct probe_context *context, struct doctor_row *row)
{
	char text[128];

	/* no file: no securityfs or no lockdown, and then nothing is locked */
	if (sysfile_read(context->root, "/sys/kernel/security/lockdown", text, sizeof(text)) <= 0)
		probe_answer(row, DOCTOR_OK, "", "none (the kernel does not offer it)");
	else if (strstr(text, "[confidentiality]"))
		probe_answer(
			row, DOCTOR_FAIL,
			"boot with lockdown=integrity, or with Secure Boot off, if you are free to: confidentiality "
			"forbids BPF to read the kernel",
			"confidentiality");
	else
		probe_answer(row, DOCTOR_OK, "", "%s", strstr(text, "[integrity]") ? "integrity" : "none");
}

static void ask_jit(const struct probe_context *context, struct doctor_row *row)
{
	long long enabled;

	if (sysfile_number(context->root, "/proc/sys/net/core/bpf_jit_enable", &enabled))
		probe_answer(row, DOCTOR_NOTE, "", "not told (/proc/sys/net/core/bpf_jit_enable cannot be read)");
	else if (enabled)
		probe_answer(row, DOCTOR_OK, "", "on");
	else
		probe_answer(row, DOCTOR_WARN, "sudo sysctl net.core.bpf_jit_enable=1",
			     "off: programs are interpreted, and cost many times as much");
}

static void ask_stats(const struct probe_context *context, struct doctor_row *row)
{
	long long enabled;

	if (sysfile_number(context->root, "/proc/sys/kernel/bpf_stats_enabled", &enabled))
		return;
	if (enabled)
		probe_answer(row, DOCTOR_NOTE, "sudo sysctl kernel.bpf_stats_enabled=0 once you need them no more",
			     "on for everything: each BPF program costs some 20 ns more a run");
	else
		probe_answer(row, DOCTOR_OK, "", "off unless asked for; rota's own BPF time may be an estimate");
}

static void ask_unprivileged(const struct probe_context *context, struct doctor_row *row)
{
	long long disabled;

	if (sysfile_number(context->root, "/proc/sys/kernel/unprivileged_bpf_disabled", &disabled))
		return;
	if (disabled)
		probe_answer(row, DOCTOR_OK, "", "not allowed (%lld), which rota does not need", disabled);
	else
		probe_answer(row, DOCTOR_NOTE,
			     "sudo sysctl kernel.unprivileged_bpf_disabled=2 is safer; rota needs neither", "allowed");
}

static void ask_perf(const struct probe_context *context, struct doctor_row *row)
{
	long long level;

	if (sysfile_number(context->root, "/proc/sys/kernel/perf_event_paranoid", &level))
		probe_answer(row, DOCTOR_NOTE, "", "no perf events in this kernel: no samples, no counters");
	else
		probe_answer(row, DOCTOR_OK, "", "perf_event_paranoid is %lld%s", level,
			     context->may_bpf ? ", which does not bind rota" : "");
}

/* The soft limit in /proc/self/limits, UINT64_MAX for unlimited or where it cannot be read. */
static uint64_t locked_memory_limit(const char *root)
{
	uint64_t limit = UINT64_MAX;
	char *limits, *line;

	if (sysfile_read_all(root, "/proc/self/limits", &limits))
		return limit;
	line = strstr(limits, "Max locked memory");
	if (line) {
		line += strlen("Max locked memory");
		line += strspn(line, " ");
		if (*line != 'u')
			limit = strtoull(line, NULL, 10);
	}
	free(limits);
	return limit;
}

static void ask_memlock(const struct probe_context *context, struct doctor_row *row)
{
	uint64_t limit = locked_memory_limit(context->root), need = probe_kernel_memory_bytes(context);
	bool may_raise = context->caps >> CAP_SYS_RESOURCE & 1;

	if (!context->memlock_charged)
		probe_answer(row, DOCTOR_OK, "", "%s", context->may_bpf ? "not charged for BPF maps" : "not asked");
	else if (limit >= need || may_raise)
		probe_answer(row, DOCTOR_OK, "", "charged for BPF maps%s",
			     limit >= need ? ", and large enough" : "; rota raises it");
	else
		probe_answer(row, DOCTOR_FAIL, "ulimit -l unlimited, or give rota CAP_SYS_RESOURCE",
			     "this kernel charges BPF maps to it: %llu KiB are allowed, %llu KiB needed",
			     (unsigned long long)limit >> 10, (unsigned long long)need >> 10);
}

const struct probe probes_kernel[] = {
	{"kernel",               ask_kernel        },
	{ "BTF",		 ask_btf           },
	{ "capabilities",        ask_capabilities  },
	{ "user namespace",      ask_user_namespace},
	{ "lockdown",            ask_lockdown      },
	{ "locked memory limit", ask_memlock       },
	{ "BPF JIT",             ask_jit           },
	{ "BPF statistics",      ask_stats         },
	{ "BPF without rights",  ask_unprivileged  },
	{ "perf events",         ask_perf          },
	{ NULL,		  NULL              },
};
