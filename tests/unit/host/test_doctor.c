/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Canned machines, each with one thing wrong, and what doctor says of it; and the live one, which may say anything true. */
#include "host/doctor.h"
#include "host/probe.h"
#include "unit/canned.h"

#include <sys/utsname.h>

struct examined {
	struct doctor_row rows[DOCTOR_MAX_ROWS];
	size_t count;
};

static struct examined examine(const struct canned *canned)
{
	struct examined examined;

	examined.count = doctor_examine(canned->root, examined.rows, DOCTOR_MAX_ROWS);
	cr_assert_lt(examined.count, DOCTOR_MAX_ROWS);
	for (size_t i = 0; i < examined.count; i++) {
		cr_assert(examined.rows[i].found[0]);
		if (examined.rows[i].grade == DOCTOR_FAIL)
			cr_assert(examined.rows[i].fix[0], "%s fails, and nothing is said to be done",
				  examined.rows[i].question);
	}
	return examined;
}

static const struct doctor_row *row_of(const struct examined *examined, const char *question)
{
	for (size_t i = 0; i < examined->count; i++) {
		if (!strcmp(examined->rows[i].question, question))
			return &examined->rows[i];
	}
	cr_assert_fail("no row '%s'", question);
	return NULL;
}

static void expect_row(const struct canned *canned, const char *question, enum doctor_grade grade, const char *found)
{
	struct examined examined = examine(canned);
	const struct doctor_row *row = row_of(&examined, question);

	cr_assert_eq(row->grade, grade, "%s: grade %d: %s", question, row->grade, row->found);
	cr_assert(strstr(row->found, found), "%s: '%s' does not say '%s'", question, row->found, found);
}

static void expect_verdict(const struct canned *canned, const char *question)
{
	struct examined examined = examine(canned);
	const struct doctor_row *verdict = doctor_verdict(examined.rows, examined.count);

	cr_assert(verdict, "nothing stops `rota stat` here");
	cr_assert_str_eq(verdict->question, question);
}

/* A bare machine of 4 cpus with 8 GiB, root, and nothing wrong. */
static void good_machine(struct canned *canned)
{
	static const unsigned char btf[] = { 0x9f, 0xeb, 1, 0, 24, 0, 0, 0 };

	canned_open(canned);
	canned_file(canned, "/proc/sys/kernel/osrelease", "6.12.9-amd64\n");
	canned_file(canned, "/proc/sys/kernel/arch", "x86_64\n");
	canned_file(canned, "/proc/sys/kernel/version", "#1 SMP PREEMPT_DYNAMIC Debian\n");
	canned_file(canned, "/proc/sys/kernel/pid_max", "4194304\n");
	canned_file(canned, "/proc/sys/net/core/bpf_jit_enable", "1\n");
	canned_file(canned, "/proc/sys/kernel/bpf_stats_enabled", "0\n");
	canned_file(canned, "/proc/sys/kernel/unprivileged_bpf_disabled", "2\n");
	canned_file(canned, "/proc/sys/kernel/perf_event_paranoid", "3\n");
	canned_file(canned, "/proc/self/status", "Name:\trota\nCapPrm:\t0000000000000000\nCapEff:\t000001ffffffffff\n");
	canned_file(canned, "/proc/self/limits",
		    "Limit                     Soft Limit           Hard Limit           Units\n"
		    "Max locked memory         65536                65536                bytes\n");
	canned_file(canned, "/proc/self/schedstat", "1 2 3\n");
	canned_file(canned, "/proc/self/cgroup", "0::/user.slice/user-1000.slice\n");
	canned_file(canned, "/proc/self/mountinfo", "31 23 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n");
	canned_link(canned, "/proc/self/ns/pid", "pid:[4026531836]");
	canned_link(canned, "/proc/self/ns/user", "user:[4026531837]");
	canned_file(canned, "/proc/meminfo", "MemTotal: 8388608 kB\nMemAvailable:    8388608 kB\n");
	canned_file(canned, "/proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu vme ht sse2\n");
	canned_bytes(canned, "/sys/kernel/btf/vmlinux", btf, sizeof(btf));
	canned_file(canned, "/sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
	canned_file(canned, "/sys/devices/system/cpu/online", "0-3\n");
	canned_file(canned, "/sys/devices/system/cpu/present", "0-3\n");
	canned_file(canned, "/sys/devices/system/cpu/smt/control", "on\n");
	canned_file(canned, "/sys/devices/system/cpu/smt/active", "1\n");
	canned_directory(canned, "/sys/bus/event_source/devices/cpu");
}

Test(doctor, a_good_machine_has_nothing_to_mend)
{
	struct canned canned;
	struct examined examined;

	good_machine(&canned);
	examined = examine(&canned);
	cr_assert_null(doctor_verdict(examined.rows, examined.count));
	for (size_t i = 0; i < examined.count; i++)
		cr_assert_eq(examined.rows[i].grade, DOCTOR_OK, "%s: %s", examined.rows[i].question,
			     examined.rows[i].found);
	cr_assert(strstr(row_of(&examined, "kernel")->found, "6.12.9-amd64, x86_64"));
	/* 4 rings of 8 MiB, and 12 bytes for each of 4,194,304 thread ids */
	cr_assert(strstr(row_of(&examined, "ring memory")->found, "need 80 MiB"));
	canned_close(&canned);
}

Test(doctor, no_btf)
{
	struct canned canned;

	good_machine(&canned);
	canned_file(&canned, "/sys/kernel/btf/vmlinux", "no type information");
	expect_verdict(&canned, "BTF");
	canned_unlink(&canned, "/sys/kernel/btf/vmlinux");
	expect_verdict(&canned, "BTF");
	expect_row(&canned, "BTF", DOCTOR_FAIL, "No such file");
	canned_close(&canned);
}

Test(doctor, capabilities)
{
	static const struct {
		const char *caps;
		enum doctor_grade grade;
		const char *found;
	} cases[] = {
		{"0000000000000000",  DOCTOR_FAIL,
                 "CAP_BPF, CAP_PERFMON, CAP_SYS_ADMIN, CAP_SYS_PTRACE, CAP_SYS_RESOURCE"},
		{ "0000008000000000", DOCTOR_FAIL, "missing: CAP_PERFMON"               }, /* CAP_BPF, bit 39 */
		{ "0000004000000000", DOCTOR_FAIL, "missing: CAP_BPF"                   }, /* CAP_PERFMON, bit 38 */
		{ "000000c000000000", DOCTOR_NOTE, "enough; missing: CAP_SYS_ADMIN"     }, /* both */
		{ "0000000000200000", DOCTOR_NOTE, "enough; missing: CAP_SYS_PTRACE"    }, /* CAP_SYS_ADMIN, bit 21 */
		{ "000000c001280000", DOCTOR_OK,   "all"                                }, /* both, 24, 21, 19 */
	};
	struct canned canned;

	good_machine(&canned);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		canned_file(&canned, "/proc/self/status", "Name:\trota\nCapEff:\t%s\n", cases[i].caps);
		expect_row(&canned, "capabilities", cases[i].grade, cases[i].found);
	}
	canned_close(&canned);
}

Test(doctor, root_of_a_user_namespace_is_nobody)
{
	struct canned canned;

	good_machine(&canned);
	canned_link(&canned, "/proc/self/ns/user", "user:[4026532990]");
	expect_verdict(&canned, "user namespace");
	canned_close(&canned);
}

Test(doctor, lockdown)
{
	struct canned canned;

	good_machine(&canned);
	canned_file(&canned, "/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	expect_row(&canned, "lockdown", DOCTOR_OK, "integrity");
	canned_file(&canned, "/sys/kernel/security/lockdown", "none integrity [confidentiality]\n");
	expect_verdict(&canned, "lockdown");
	canned_close(&canned);
}

Test(doctor, settings)
{
	struct canned canned;

	good_machine(&canned);
	canned_file(&canned, "/proc/sys/net/core/bpf_jit_enable", "0\n");
	expect_row(&canned, "BPF JIT", DOCTOR_WARN, "off");
	canned_file(&canned, "/proc/sys/kernel/bpf_stats_enabled", "1\n");
	expect_row(&canned, "BPF statistics", DOCTOR_NOTE, "on");
	canned_file(&canned, "/proc/sys/kernel/unprivileged_bpf_disabled", "0\n");
	expect_row(&canned, "BPF without rights", DOCTOR_NOTE, "allowed");
	canned_close(&canned);
}

Test(doctor, modes_not_yet_tested_are_named)
{
	struct canned canned;

	good_machine(&canned);
	canned_file(&canned, "/sys/kernel/realtime", "1\n");
	expect_row(&canned, "PREEMPT_RT", DOCTOR_WARN, "PREEMPT_RT");
	canned_unlink(&canned, "/sys/kernel/realtime");
	canned_file(&canned, "/proc/sys/kernel/version", "#1 SMP PREEMPT_RT Debian\n");
	expect_row(&canned, "PREEMPT_RT", DOCTOR_WARN, "PREEMPT_RT");
	canned_file(&canned, "/sys/kernel/sched_ext/state", "disabled\n");
	expect_row(&canned, "sched_ext", DOCTOR_OK, "disabled");
	canned_file(&canned, "/sys/kernel/sched_ext/state", "enabled\n");
	canned_file(&canned, "/sys/kernel/sched_ext/root/ops", "scx_rusty\n");
	expect_row(&canned, "sched_ext", DOCTOR_WARN, "enabled: scx_rusty");
	canned_close(&canned);
}

Test(doctor, cpus)
{
	struct canned canned;
	char path[PATH_MAX];

	good_machine(&canned);
	canned_file(&canned, "/sys/devices/system/cpu/online", "0-2\n");
	expect_row(&canned, "cpus", DOCTOR_NOTE, "3 online, 1 offline");
	canned_file(&canned, "/sys/devices/system/cpu/smt/active", "0\n");
	canned_file(&canned, "/sys/devices/system/cpu/smt/control", "forceoff\n");
	expect_row(&canned, "SMT", DOCTOR_OK, "not in use (control: forceoff)");
	canned_file(&canned, "/sys/devices/system/cpu/smt/control", "notsupported\n");
	expect_row(&canned, "SMT", DOCTOR_OK, "none");
	rmdir(canned_path(&canned, "/sys/bus/event_source/devices/cpu", path));
	expect_row(&canned, "hardware counters", DOCTOR_NOTE, "none");
	canned_directory(&canned, "/sys/bus/event_source/devices/cpu_atom");
	expect_row(&canned, "hardware counters", DOCTOR_OK, "present");
	canned_close(&canned);
}

Test(doctor, containers)
{
	struct canned canned;

	good_machine(&canned);
	canned_file(&canned, "/.dockerenv", "%s", "");
	expect_row(&canned, "container", DOCTOR_NOTE, "Docker, but shares");
	canned_link(&canned, "/proc/self/ns/pid", "pid:[4026532451]");
	expect_row(&canned, "container", DOCTOR_NOTE, "yes, Docker");
	canned_file(&canned, "/proc/self/cgroup", "0::/kubepods/besteffort/pod1/x\n");
	expect_row(&canned, "container", DOCTOR_NOTE, "yes, Kubernetes");
	canned_file(&canned, "/run/.containerenv", "%s", "");
	expect_row(&canned, "container", DOCTOR_NOTE, "yes, Podman");
	canned_close(&canned);
}

Test(doctor, virtual_machines)
{
	struct canned canned;

	good_machine(&canned);
	canned_file(&canned, "/proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu ht hypervisor lahf_lm\nbugs\t: none\n");
	expect_row(&canned, "virtual machine", DOCTOR_NOTE, "yes");
	canned_file(&canned, "/sys/class/dmi/id/sys_vendor", "QEMU\n");
	canned_file(&canned, "/sys/class/dmi/id/product_name", "Standard PC (Q35 + ICH9, 2009)\n");
	expect_row(&canned, "virtual machine", DOCTOR_NOTE, "yes: QEMU");
	canned_file(&canned, "/sys/hypervisor/type", "xen\n");
	expect_row(&canned, "virtual machine", DOCTOR_NOTE, "yes: xen");
	canned_file(&canned, "/proc/sys/kernel/osrelease", "5.15.90.1-microsoft-standard-WSL2\n");
	expect_row(&canned, "virtual machine", DOCTOR_NOTE, "WSL 2");
	canned_close(&canned);
}

Test(doctor, cgroup_mounts)
{
	struct canned canned;

	good_machine(&canned);
	expect_row(&canned, "cgroups", DOCTOR_OK, "v2 at /sys/fs/cgroup; v1 0 hierarchies");
	canned_file(&canned, "/proc/self/mountinfo",
		    "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct\n"
		    "34 31 0:31 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n");
	expect_row(&canned, "cgroups", DOCTOR_OK,
		   "v2 not mounted; v1 2 hierarchies, cpu at /sys/fs/cgroup/cpu,cpuacct");
	canned_file(&canned, "/proc/self/mountinfo", "25 1 8:1 / / rw - ext4 /dev/sda1 rw\n");
	expect_row(&canned, "cgroups", DOCTOR_NOTE, "no hierarchy");
	canned_close(&canned);
}

Test(doctor, memory)
{
	struct canned canned;

	good_machine(&canned);
	canned_file(&canned, "/proc/meminfo", "MemAvailable: 102400 kB\n");
	expect_row(&canned, "ring memory", DOCTOR_WARN, "80 MiB of the 100 MiB");
	canned_file(&canned, "/proc/meminfo", "MemAvailable: 20480 kB\n");
	expect_verdict(&canned, "ring memory");
	canned_close(&canned);
}

/* What a kernel before 5.11 does cannot be canned: the row is asked by itself. */
Test(doctor, locked_memory_where_it_is_charged)
{
	struct canned canned;
	struct probe_context context = { .memlock_charged = true, .may_bpf = true };

	good_machine(&canned);
	context.root = canned.root;
	for (const struct probe *probe = probes_kernel; probe->question; probe++) {
		struct doctor_row row = { 0 };

		if (strcmp(probe->question, "locked memory limit") != 0)
			continue;
		probe->ask(&context, &row);
		cr_assert_eq(row.grade, DOCTOR_FAIL);
		cr_assert(strstr(row.found, "64 KiB are allowed, 81920 KiB needed"), "%s", row.found);
		context.caps = 1ULL << 24; /* CAP_SYS_RESOURCE */
		probe->ask(&context, &row);
		cr_assert_eq(row.grade, DOCTOR_OK);
		canned_file(&canned, "/proc/self/limits", "Max locked memory         unlimited   unlimited   bytes\n");
		context.caps = 0;
		probe->ask(&context, &row);
		cr_assert_eq(row.grade, DOCTOR_OK);
		canned_close(&canned);
		return;
	}
	cr_assert_fail("nobody asks about it");
}

Test(doctor, rings_share_what_there_is)
{
	cr_assert_eq(doctor_ring_bytes(1), 8 << 20);
	cr_assert_eq(doctor_ring_bytes(32), 8 << 20);
	cr_assert_eq(doctor_ring_bytes(33), 4 << 20);
	cr_assert_eq(doctor_ring_bytes(256), 1 << 20);
	cr_assert_eq(doctor_ring_bytes(4096), 256 << 10);
}

Test(doctor, an_empty_machine_is_no_crash)
{
	struct canned canned;

	canned_open(&canned);
	expect_verdict(&canned, "BTF");
	canned_close(&canned);
}

Test(doctor, takes_no_more_rows_than_fit)
{
	struct doctor_row rows[3];

	memset(&rows[2], 0x5a, sizeof(rows[2]));
	cr_assert_eq(doctor_examine("", rows, 2), 2);
	cr_assert_eq(*(unsigned char *)&rows[2], 0x5a);
}

Test(doctor, this_machine)
{
	struct examined examined = { 0 };
	struct utsname uts;

	examined.count = doctor_examine("", examined.rows, DOCTOR_MAX_ROWS);
	uname(&uts);
	cr_assert(strstr(row_of(&examined, "kernel")->found, uts.release));
	cr_assert_eq(row_of(&examined, "BTF")->grade == DOCTOR_OK, !access("/sys/kernel/btf/vmlinux", R_OK));
	if (geteuid() != 0)
		cr_assert_neq(row_of(&examined, "capabilities")->grade, DOCTOR_OK);
}
