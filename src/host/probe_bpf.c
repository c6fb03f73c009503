/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: bpf(2), through libbpf. Goes out: which of the kinds of programs, maps, helpers and tracepoints that rota
 * uses this kernel has. Every question is a small program or map of its own, gone again before the answer is given.
 */
#include "host/probe.h"
#include "host/sysfile.h"

#include "base/cpulist.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define KERNEL_ENOTSUPP 524 /* ENOTSUPP, include/linux/errno.h: not in user space's errno.h */

struct question {
	const char *name;
	bool needed;                                 /* else rota works without it, and `without` says how */
	int (*ask)(const struct question *question); /* > 0 yes, 0 no, -errno no answer */
	int value;
	const char *without;
};

static const struct bpf_insn return_zero[] = {
	{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
	{ .code = BPF_JMP | BPF_EXIT                                 },
};

static int load(enum bpf_prog_type type, const struct bpf_prog_load_opts *options)
{
	int fd = bpf_prog_load(type, "rota_probe", "GPL", return_zero, sizeof(return_zero) / sizeof(return_zero[0]),
			       options);

	return fd < 0 ? -errno : fd;
}

/* A program on a kernel function or type that BTF names: tp_btf, iter. */
static int ask_tracing(const struct question *question, const char *name)
{
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = (enum bpf_attach_type)question->value);
	int id = libbpf_find_vmlinux_btf_id(name, options.expected_attach_type), fd;

	if (id < 0)
		return id == -ENOENT || id == -ESRCH ? 0 : id;
	options.attach_btf_id = (__u32)id;
	fd = load(BPF_PROG_TYPE_TRACING, &options);
	if (fd < 0)
		return fd == -EINVAL ? 0 : fd;
	close(fd);
	return 1;
}

static int ask_tp_btf(const struct question *question)
{
	return ask_tracing(question, "sched_switch");
}

static int ask_iterator(const struct question *question)
{
	return ask_tracing(question, "task");
}

/* BPF_PROG_TEST_RUN of a raw tracepoint program on a cpu of one's choice came with 5.10. */
static int ask_test_run(const struct question *question)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .flags = BPF_F_TEST_RUN_ON_CPU);
	int fd = load(BPF_PROG_TYPE_RAW_TRACEPOINT, NULL), cpu = sched_getcpu(), err;

	if (fd < 0)
		return fd;
	options.cpu = cpu < 0 ? 0 : (__u32)cpu;
	err = bpf_prog_test_run_opts(fd, &options) ? -errno : 0;
	close(fd);
	if (!err)
		return 1;
	return err == -EINVAL || err == -KERNEL_ENOTSUPP || err == -EOPNOTSUPP ? 0 : err;
}

static int ask_map(const struct question *question)
{
	return libbpf_probe_bpf_map_type((enum bpf_map_type)question->value, NULL);
}

static int ask_helper(const struct question *question)
{
	return libbpf_probe_bpf_helper(BPF_PROG_TYPE_RAW_TRACEPOINT, (enum bpf_func_id)question->value, NULL);
}

static const struct question questions[] = {
	{"tp_btf programs",           true,  ask_tp_btf,   BPF_TRACE_RAW_TP,           ""                                    },
	{ "task iterator",            true,  ask_iterator, BPF_TRACE_ITER,             ""                                    },
	{ "test run on a chosen cpu", true,  ask_test_run, 0,                          ""                                    },
	{ "ring buffers",             true,  ask_map,      BPF_MAP_TYPE_RINGBUF,       ""                                    },
	{ "arrays of maps",           true,  ask_map,      BPF_MAP_TYPE_ARRAY_OF_MAPS, ""                                    },
	{ "bpf_ringbuf_reserve",      true,  ask_helper,   BPF_FUNC_ringbuf_reserve,   ""                                    },
	{ "bpf_probe_read_kernel",    true,  ask_helper,   BPF_FUNC_probe_read_kernel, ""                                    },
	{ "bpf_task_pt_regs",         false, ask_helper,   BPF_FUNC_task_pt_regs,      "saved registers are computed instead"},
};

static void append(char *list, size_t size, const char *name)
{
	size_t used = strlen(list);

	snprintf(list + used, size - used, "%s%s", used ? ", " : "", name);
}

static void ask_features(const struct probe_context *context, struct doctor_row *row)
{
	char missing[120] = "", without[200] = "";
	libbpf_print_fn_t print;
	bool fatal = false;
	int refused = 0;

	if (!context->live)
		return;
	if (!context->may_bpf) {
		probe_answer(row, DOCTOR_NOTE, "", "not asked: the capabilities do not suffice");
		return;
	}
	print = libbpf_set_print(NULL); /* a "no" is an answer here, not something to print */
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		int answer = questions[i].ask(&questions[i]);

		if (answer > 0)
			continue;
		if (answer < 0)
			refused = answer;
		fatal |= questions[i].needed;
		append(missing, sizeof(missing), questions[i].name);
		if (*questions[i].without)
			append(without, sizeof(without), questions[i].without);
	}
	libbpf_set_print(print);
	if (!*missing)
		probe_answer(row, DOCTOR_OK, "", "all kinds of programs, maps and helpers that rota uses");
	else if (!fatal)
		probe_answer(row, DOCTOR_NOTE, without, "missing: %s", missing);
	else if (refused == -EPERM || refused == -EACCES)
		probe_answer(row, DOCTOR_FAIL,
			     "something beside capabilities refuses bpf(2): in a container, its seccomp profile (try "
			     "--security-opt seccomp=unconfined or --privileged); else a security module: see dmesg",
			     "refused (%s): %s", strerror(-refused), missing);
	else
		probe_answer(row, DOCTOR_FAIL, "rota needs Linux 5.10 or newer, built with CONFIG_BPF_EVENTS=y",
			     refused ? "missing: %s (%s)" : "missing: %s%s", missing,
			     refused ? strerror(-refused) : "");
}

static void ask_tracepoints(const struct probe_context *context, struct doctor_row *row)
{
	static const char *const names[] = {
		"sched_switch",       "sched_waking", "sched_wakeup", "sched_wakeup_new",   "sched_migrate_task",
		"sched_process_exec", "task_newtask", "task_rename",  "cgroup_attach_task",
	};
	libbpf_print_fn_t print;
	char missing[120] = "";
	struct btf *btf;

	if (!context->live)
		return;
	print = libbpf_set_print(NULL);
	btf = btf__load_vmlinux_btf();
	for (size_t i = 0; btf && i < sizeof(names) / sizeof(names[0]); i++) {
		char type[64];

		snprintf(type, sizeof(type), "btf_trace_%s", names[i]);
		if (btf__find_by_name_kind(btf, type, BTF_KIND_TYPEDEF) < 0)
			append(missing, sizeof(missing), names[i]);
	}
	libbpf_set_print(print);
	if (!btf)
		return; /* the row on BTF says so */
	btf__free(btf);
	if (*missing)
		probe_answer(row, DOCTOR_FAIL, "boot a kernel built with CONFIG_TRACEPOINTS=y and CONFIG_CGROUPS=y",
			     "missing: %s", missing);
	else
		probe_answer(row, DOCTOR_OK, "", "all that rota uses");
}

bool probe_memlock_charged(void)
{
	libbpf_print_fn_t print = libbpf_set_print(NULL);
	/* 5.11 began to charge maps to the memory cgroup, and brought this helper (libbpf's own test, probe_memcg_account()) */
	int newer = libbpf_probe_bpf_helper(BPF_PROG_TYPE_SOCKET_FILTER, BPF_FUNC_ktime_get_coarse_ns, NULL);

	libbpf_set_print(print);
	return newer == 0;
}

uint64_t probe_kernel_memory_bytes(const struct probe_context *context)
{
	struct cpulist cpus;
	long long pid_max;
	uint64_t bytes = 0;

	if (!sysfile_cpulist(context->root, "/sys/devices/system/cpu/present", &cpus))
		bytes += cpulist_count(&cpus) * doctor_ring_bytes(cpulist_count(&cpus));
	if (!sysfile_number(context->root, "/proc/sys/kernel/pid_max", &pid_max) && pid_max > 0)
		bytes += (uint64_t)pid_max * PROBE_THREAD_BYTES;
	return bytes;
}

const struct probe probes_bpf[] = {
	{"BPF features", ask_features   },
	{ "tracepoints", ask_tracepoints},
	{ NULL,          NULL           },
};
