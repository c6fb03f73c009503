/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: /proc and /sys. Goes out: what the processors and their scheduler are like: SMT, counters, and the modes of
 * scheduling with which rota has not been tested. Never changes an affinity, a cookie or a setting.
 */
#include "host/probe.h"
#include "host/sysfile.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#ifndef PR_SCHED_CORE /* linux/prctl.h before 5.14 */
#define PR_SCHED_CORE     62
#define PR_SCHED_CORE_GET 0
#endif

static void ask_cpus(const struct probe_context *context, struct doctor_row *row)
{
	struct cpulist online, present;
	uint32_t offline;

	if (sysfile_cpulist(context->root, "/sys/devices/system/cpu/online", &online))
		return;
	if (sysfile_cpulist(context->root, "/sys/devices/system/cpu/present", &present))
		present = online;
	cpulist_subtract(&present, &online);
	offline = cpulist_count(&present);
	if (offline)
		probe_answer(row, DOCTOR_NOTE, "",
			     "%u online, %u offline: whose cores those are, the kernel does not tell",
			     cpulist_count(&online), offline);
	else
		probe_answer(row, DOCTOR_OK, "", "%u, all online", cpulist_count(&online));
}

static void ask_smt(const struct probe_context *context, struct doctor_row *row)
{
	char control[32];
	long long active = 0;

	if (sysfile_read(context->root, "/sys/devices/system/cpu/smt/control", control, sizeof(control)) <= 0)
		return;
	sysfile_number(context->root, "/sys/devices/system/cpu/smt/active", &active);
	if (active)
		probe_answer(row, DOCTOR_OK, "", "on: cores run more than one hardware thread at once (control: %s)",
			     control);
	else if (!strcmp(control, "notsupported") || !strcmp(control, "notimplemented"))
		probe_answer(row, DOCTOR_OK, "",
			     "none: each core has one hardware thread, as far as the kernel can see");
	else
		probe_answer(row, DOCTOR_OK, "", "not in use (control: %s)", control);
}

static void ask_pmu(const struct probe_context *context, struct doctor_row *row)
{
	/* x86, hybrid x86, and the names arm64's PMU drivers give */
	static const char *const prefixes[] = { "cpu_core", "cpu_atom", "armv8_", "armv9_", "apple_" };
	char path[PATH_MAX];
	struct dirent *entry;
	bool found = false;
	DIR *devices;

	snprintf(path, sizeof(path), "%s/sys/bus/event_source/devices", context->root);
	devices = opendir(path);
	while (devices && (entry = readdir(devices))) {
		found |= !strcmp(entry->d_name, "cpu");
		for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
			found |= !strncmp(entry->d_name, prefixes[i], strlen(prefixes[i]));
	}
	if (devices)
		closedir(devices);
	if (found)
		probe_answer(row, DOCTOR_OK, "", "present");
	else
		probe_answer(row, DOCTOR_NOTE, "a virtual machine can be given a virtual PMU (QEMU: -cpu host,pmu=on)",
			     "none: what a busy SMT sibling costs cannot be measured here");
}

static void ask_core_scheduling(const struct probe_context *context, struct doctor_row *row)
{
	unsigned long cookie = 0;

	if (!context->live)
		return;
	if (!prctl(PR_SCHED_CORE, PR_SCHED_CORE_GET, 0, 0 /* PIDTYPE_PID: this thread */, &cookie)) {
		if (cookie)
			probe_answer(row, DOCTOR_WARN,
				     "not yet tested with rota: forced idle counts as an idle sibling",
				     "core scheduling is in use here (rota has a cookie)");
		else
			probe_answer(
				row, DOCTOR_NOTE,
				"not yet tested with rota: where it is in use, forced idle counts as an idle sibling",
				"the kernel offers core scheduling; this shell does not use it");
		return;
	}
	probe_answer(row, DOCTOR_OK, "", errno == ENODEV ? "not in use (no SMT)" : "not offered by the kernel");
}

static void ask_realtime(const struct probe_context *context, struct doctor_row *row)
{
	long long realtime = 0;
	char version[256] = "";

	sysfile_number(context->root, "/sys/kernel/realtime", &realtime);
	sysfile_read(context->root, "/proc/sys/kernel/version", version, sizeof(version));
	if (realtime || strstr(version, "PREEMPT_RT"))
		probe_answer(row, DOCTOR_WARN, "not yet tested with rota; please report what you see",
			     "PREEMPT_RT kernel");
	else
		probe_answer(row, DOCTOR_OK, "", "not a PREEMPT_RT kernel");
}

static void ask_sched_ext(const struct probe_context *context, struct doctor_row *row)
{
	char state[64] = "", ops[96] = "";

	if (sysfile_read(context->root, "/sys/kernel/sched_ext/state", state, sizeof(state)) <= 0) {
		probe_answer(row, DOCTOR_OK, "", "not offered by the kernel");
		return;
	}
	if (!strcmp(state, "disabled")) {
		probe_answer(row, DOCTOR_OK, "", "disabled");
		return;
	}
	sysfile_read(context->root, "/sys/kernel/sched_ext/root/ops", ops, sizeof(ops));
	probe_answer(row, DOCTOR_WARN, "not yet tested with rota: run-queue waits depend on the loaded scheduler",
		     "%s%s%s", state, *ops ? ": " : "", ops);
}

static void ask_schedstat(const struct probe_context *context, struct doctor_row *row)
{
	if (sysfile_exists(context->root, "/proc/self/schedstat"))
		probe_answer(row, DOCTOR_OK, "", "there, for checking rota against the kernel's own account");
	else
		probe_answer(row, DOCTOR_NOTE, "", "not there (CONFIG_SCHED_INFO); rota does not need it");
}

const struct probe probes_cpu[] = {
	{"cpus",               ask_cpus           },
	{ "SMT",               ask_smt            },
	{ "hardware counters", ask_pmu            },
	{ "core scheduling",   ask_core_scheduling},
	{ "PREEMPT_RT",        ask_realtime       },
	{ "sched_ext",         ask_sched_ext      },
	{ "schedstat",         ask_schedstat      },
	{ NULL,		NULL               },
};
