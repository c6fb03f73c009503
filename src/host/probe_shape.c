/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: the kernel's shape (shape.h). Goes out: rows on what this kernel tells worse than another, or not at all, and what
 * a report does about it.
 */
#include "host/probe.h"
#include "host/shape.h"

#include <bpf/libbpf.h>

/* Only the machine's own BTF tells of its kernel; without any there is a row that says so. */
static bool read_shape(const struct probe_context *context, struct kernel_shape *ret_shape)
{
	libbpf_print_fn_t print;
	bool there;

	if (!context->live)
		return false;
	print = libbpf_set_print(NULL);
	there = shape_read(ret_shape);
	libbpf_set_print(print);
	return there;
}

static void ask_throttling(const struct probe_context *context, struct doctor_row *row)
{
	struct kernel_shape shape;

	if (!read_shape(context, &shape))
		return;
	if (shape.throttle == SHAPE_THROTTLE_TASK)
		probe_answer(row, DOCTOR_OK, "", "told by a mark on each thread");
	else if (shape.throttle == SHAPE_THROTTLE_QUEUE)
		probe_answer(row, DOCTOR_NOTE, "whoever waits when its quota runs out is counted as waiting for a cpu",
			     "told by the run queue a thread is put on, not by a mark on the thread");
	else
		probe_answer(row, DOCTOR_NOTE, "", "this kernel has no cpu quotas, so nothing is throttled");
}

static void ask_interrupts(const struct probe_context *context, struct doctor_row *row)
{
	struct kernel_shape shape;

	if (!read_shape(context, &shape))
		return;
	if (shape.interrupts_told)
		probe_answer(row, DOCTOR_OK, "", "told from wakeups by threads");
	else
		probe_answer(
			row, DOCTOR_WARN,
			"run rota as root, with kernel.kptr_restrict=0, or a kernel built with CONFIG_KALLSYMS_ALL=y: "
			"until then the thread that was interrupted is named as the waker",
			"not told from wakeups by threads");
}

static void ask_account(const struct probe_context *context, struct doctor_row *row)
{
	struct kernel_shape shape;

	if (!read_shape(context, &shape))
		return;
	if (shape.own_account)
		probe_answer(row, DOCTOR_OK, "", "made up for from the kernel's own account of each thread");
	else
		probe_answer(row, DOCTOR_NOTE, "a kernel with CONFIG_SCHED_INFO=y tells the times of what was missed",
			     "switches that no program sees are taken as late as they show");
}

const struct probe probes_shape[] = {
	{"throttling",         ask_throttling},
	{ "interrupt wakeups", ask_interrupts},
	{ "unseen switches",   ask_account   },
	{ NULL,		NULL          },
};
