/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: /proc, /sys and the marks that containers and hypervisors leave. Goes out: where rota runs and what room it
 * has there: container, virtual machine, WSL, cgroups, thread ids, memory.
 */
#include "host/probe.h"
#include "host/sysfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INIT_PID_INO 4026531836UL /* PROC_PID_INIT_INO, include/linux/proc_ns.h */

static const char *container_mark(const struct probe_context *context)
{
	static const struct {
		const char *text, *name; /* what the runtime's name looks like in a cgroup path */
	} paths[] = {
		{"kubepods",    "Kubernetes"},
                { "docker",     "Docker"    },
                { "libpod",     "Podman"    },
		{ "containerd", "containerd"},
                { "lxc",        "LXC"       },
	};
	const char *mark = NULL;
	char *cgroup;

	if (sysfile_exists(context->root, "/run/.containerenv"))
		return "Podman";
	if (!sysfile_read_all(context->root, "/proc/self/cgroup", &cgroup)) {
		for (size_t i = 0; !mark && i < sizeof(paths) / sizeof(paths[0]); i++)
			mark = strstr(cgroup, paths[i].text) ? paths[i].name : NULL;
		free(cgroup);
	}
	if (!mark && sysfile_exists(context->root, "/.dockerenv"))
		mark = "Docker";
	return mark;
}

static void ask_container(const struct probe_context *context, struct doctor_row *row)
{
	unsigned long inode = sysfile_namespace(context->root, "/proc/self/ns/pid");
	const char *mark = container_mark(context);

	if (inode && inode != INIT_PID_INO)
		probe_answer(row, DOCTOR_NOTE,
			     "pids are understood as typed here; to see the whole machine's, start the container with "
			     "--pid=host",
			     "yes%s%s: a pid namespace of its own", mark ? ", " : "", mark ? mark : "");
	else if (mark)
		probe_answer(row, DOCTOR_NOTE, "", "looks like %s, but shares the machine's pid namespace", mark);
	else
		probe_answer(row, DOCTOR_OK, "", "no");
}

/* x86 says so in cpuinfo's flags, whoever the hypervisor is. */
static bool has_hypervisor_flag(const struct probe_context *context)
{
	char *cpuinfo, *flags, *end;
	bool found = false;

	if (sysfile_read_all(context->root, "/proc/cpuinfo", &cpuinfo))
		return false;
	flags = strstr(cpuinfo, "flags");
	end = flags ? strchr(flags, '\n') : NULL;
	if (end) {
		*end = 0;
		found = strstr(flags, " hypervisor");
	}
	free(cpuinfo);
	return found;
}

/* Firmware and /sys name it, where there are any. */
static const char *hypervisor_name(const struct probe_context *context, char *out, size_t size)
{
	static const struct {
		const char *text, *name;
	} vendors[] = {
		{"QEMU",			   "QEMU"        },
		{ "KVM",			   "KVM"         },
		{ "Amazon EC2",                    "Amazon EC2"  },
		{ "Google",                        "Google Cloud"},
		{ "Microsoft Corporation Virtual", "Hyper-V"     },
		{ "VMware",                        "VMware"      },
		{ "VirtualBox",                    "VirtualBox"  },
		{ "Xen",			   "Xen"         },
		{ "Parallels",                     "Parallels"   },
		{ "Bochs",                         "Bochs"       },
	};
	char vendor[96] = "", product[96] = "", both[200];

	if (sysfile_read(context->root, "/sys/hypervisor/type", out, size) > 0)
		return out;
	sysfile_read(context->root, "/sys/class/dmi/id/sys_vendor", vendor, sizeof(vendor));
	sysfile_read(context->root, "/sys/class/dmi/id/product_name", product, sizeof(product));
	snprintf(both, sizeof(both), "%s %s", vendor, product);
	for (size_t i = 0; i < sizeof(vendors) / sizeof(vendors[0]); i++) {
		if (strstr(both, vendors[i].text))
			return vendors[i].name;
	}
	return NULL;
}

static void ask_virtual(const struct probe_context *context, struct doctor_row *row)
{
	static const char fix[] =
		"cores and siblings are those the hypervisor shows, which may not be the real ones; time it "
		"takes away is reported as stolen";
	char release[96] = "", type[32];
	const char *name;

	sysfile_read(context->root, "/proc/sys/kernel/osrelease", release, sizeof(release));
	if (strstr(release, "microsoft") || strstr(release, "Microsoft") || strstr(release, "WSL")) {
		probe_answer(row, DOCTOR_NOTE, fix, "yes: WSL 2");
		return;
	}
	name = hypervisor_name(context, type, sizeof(type));
	/* EC2's and Google's bare machines carry the same names; only x86 can tell them apart */
	if (has_hypervisor_flag(context))
		probe_answer(row, DOCTOR_NOTE, fix, "yes%s%s", name ? ": " : "", name ? name : "");
	else if (name)
		probe_answer(row, DOCTOR_NOTE, fix, "perhaps: the firmware names %s", name);
	else
		probe_answer(row, DOCTOR_OK, "", "no");
}

/* The mount point, field 5 of a line of /proc/self/mountinfo (proc(5)), cut out of the line in place. */
static char *mount_point(char *line)
{
	char *at = line;

	for (int field = 1; field < 5 && at; field++) {
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	if (at && strchr(at, ' '))
		*strchr(at, ' ') = 0;
	return at;
}

static void ask_cgroups(const struct probe_context *context, struct doctor_row *row)
{
	char v2[64] = "", v1_cpu[64] = "", *mounts, *state = NULL;
	unsigned int v1_count = 0;

	if (sysfile_read_all(context->root, "/proc/self/mountinfo", &mounts))
		return;
	for (char *line = strtok_r(mounts, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
		const char *type = strstr(line, " - "), *point;

		if (!type || strncmp(type, " - cgroup", strlen(" - cgroup")) != 0)
			continue;
		bool is_v2 = type[strlen(" - cgroup")] == '2';
		const char *options = strrchr(line, ' ');
		bool has_cpu = strstr(options, "cpu,") || !strcmp(options + strlen(options) - 3, "cpu");

		point = mount_point(line);
		if (is_v2 && point)
			snprintf(v2, sizeof(v2), "%s", point);
		else if (point && has_cpu)
			snprintf(v1_cpu, sizeof(v1_cpu), "%s", point);
		v1_count += !is_v2;
	}
	free(mounts);
	if (!*v2 && !v1_count)
		probe_answer(row, DOCTOR_NOTE, "sudo mount -t cgroup2 none /sys/fs/cgroup, if you want --cgroup",
			     "no hierarchy is mounted: --cgroup has nothing to look at");
	else
		probe_answer(row, DOCTOR_OK, "", "v2 %s%s; v1 %u hierarchies%s%s", *v2 ? "at " : "not mounted", v2,
			     v1_count, *v1_cpu ? ", cpu at " : "", v1_cpu);
}

static void ask_thread_ids(const struct probe_context *context, struct doctor_row *row)
{
	long long pid_max;

	if (sysfile_number(context->root, "/proc/sys/kernel/pid_max", &pid_max))
		return;
	probe_answer(row, DOCTOR_OK, "", "pid_max is %lld: %llu KiB of kernel memory while rota runs", pid_max,
		     (unsigned long long)pid_max * PROBE_THREAD_BYTES >> 10);
}

static void ask_memory(const struct probe_context *context, struct doctor_row *row)
{
	uint64_t need = probe_kernel_memory_bytes(context), available_kb = 0;
	char *meminfo, *line;

	if (sysfile_read_all(context->root, "/proc/meminfo", &meminfo))
		return;
	line = strstr(meminfo, "MemAvailable:");
	if (line)
		available_kb = strtoull(line + strlen("MemAvailable:"), NULL, 10);
	free(meminfo);
	if (!line)
		return;
	if (need >> 10 > available_kb)
		probe_answer(row, DOCTOR_FAIL, "free memory, or use smaller rings",
			     "rings and tables need %llu MiB, %llu MiB are available", (unsigned long long)need >> 20,
			     (unsigned long long)available_kb >> 10);
	else if (need >> 10 > available_kb / 4)
		probe_answer(row, DOCTOR_WARN, "smaller rings take less, and lose records sooner",
			     "rings and tables need %llu MiB of the %llu MiB available", (unsigned long long)need >> 20,
			     (unsigned long long)available_kb >> 10);
	else
		probe_answer(row, DOCTOR_OK, "", "rings and tables need %llu MiB, %llu MiB are available",
			     (unsigned long long)need >> 20, (unsigned long long)available_kb >> 10);
}

const struct probe probes_place[] = {
	{"container",        ask_container },
        { "virtual machine", ask_virtual   },
        { "cgroups",         ask_cgroups   },
	{ "thread ids",      ask_thread_ids},
        { "ring memory",     ask_memory    },
        { NULL,              NULL          },
};
