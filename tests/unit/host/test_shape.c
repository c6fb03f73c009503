/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Kernels of several shapes, made of type information by hand, and what is read from them. */
#include "host/shape.h"
#include "unit/canned.h"

#include <bpf/btf.h>

/* A prototype of sched_switch with so many parameters, the context among them. */
static void add_switch(struct btf *btf, int parameters)
{
	int number = btf__add_int(btf, "int", 4, BTF_INT_SIGNED), proto = btf__add_func_proto(btf, 0), pointer;

	for (int i = 0; i < parameters; i++)
		cr_assert_eq(btf__add_func_param(btf, "p", number), 0);
	pointer = btf__add_ptr(btf, proto);
	cr_assert_gt(btf__add_typedef(btf, "btf_trace_sched_switch", pointer), 0);
}

static void add_struct(struct btf *btf, const char *name, const char *member)
{
	int number = btf__add_int(btf, "unsigned int", 4, 0);

	cr_assert_gt(btf__add_struct(btf, name, 8), 0);
	cr_assert_eq(btf__add_field(btf, member, number, 32, 0), 0);
}

/* Variables at offsets 100, 200, … of the per-cpu area; what they are does not matter. */
static void add_percpu(struct btf *btf, const char *const *names, int count)
{
	int number = btf__add_int(btf, "long", 8, BTF_INT_SIGNED), ids[4];

	for (int i = 0; i < count; i++)
		ids[i] = btf__add_var(btf, names[i], BTF_VAR_GLOBAL_ALLOCATED, number);
	cr_assert_gt(btf__add_datasec(btf, ".data..percpu", 1000), 0);
	for (int i = 0; i < count; i++)
		cr_assert_eq(btf__add_datasec_var_info(btf, ids[i], (__u32)(i + 1) * 100, 8), 0);
}

/* struct pcpu_hot { union { struct { void *current_task; int preempt_count; }; char pad[64]; }; }, as 6.12 has it. */
static void add_pcpu_hot(struct btf *btf)
{
	int number = btf__add_int(btf, "hot", 4, 0), inner, middle;

	inner = btf__add_struct(btf, NULL, 16);
	btf__add_field(btf, "current_task", number, 0, 0);
	btf__add_field(btf, "preempt_count", number, 64, 0);
	middle = btf__add_union(btf, NULL, 64);
	btf__add_field(btf, NULL, inner, 0, 0);
	btf__add_struct(btf, "pcpu_hot", 128);
	btf__add_field(btf, "first", number, 0, 0);
	cr_assert_eq(btf__add_field(btf, NULL, middle, 256, 0), 0);
}

static struct kernel_shape shape_with(struct btf *btf, const char *symbols)
{
	struct kernel_shape shape;
	struct canned canned;
	char path[512];

	canned_open(&canned);
	canned_file(&canned, "/proc/kallsyms", symbols);
	snprintf(path, sizeof(path), "%s/proc/kallsyms", canned.root);
	shape_of(btf, path, &shape);
	canned_close(&canned);
	btf__free(btf);
	return shape;
}

Test(shape, prev_state_is_the_fifth_parameter)
{
	struct btf *old = btf__new_empty(), *new = btf__new_empty();

	add_switch(old, 4);
	add_switch(new, 5);
	cr_assert_not(shape_with(old, "").switch_has_prev_state);
	cr_assert(shape_with(new, "").switch_has_prev_state);
	cr_assert_not(shape_with(btf__new_empty(), "").switch_has_prev_state);
}

Test(shape, throttling_by_the_best_there_is)
{
	struct btf *by_task = btf__new_empty(), *by_queue = btf__new_empty();

	add_struct(by_queue, "cfs_rq", "throttle_count");
	add_struct(by_task, "cfs_rq", "throttle_count");
	add_struct(by_task, "task_struct", "throttled");
	cr_assert_str_eq(shape_throttle_name(shape_with(by_queue, "").throttle), "cfs_rq");
	cr_assert_str_eq(shape_throttle_name(shape_with(by_task, "").throttle), "task");
	cr_assert_str_eq(shape_throttle_name(shape_with(btf__new_empty(), "").throttle), "none");
}

Test(shape, own_account)
{
	struct btf *btf = btf__new_empty();

	add_struct(btf, "task_struct", "sched_info");
	cr_assert(shape_with(btf, "").own_account);
	cr_assert_not(shape_with(btf__new_empty(), "").own_account);
}

#if defined(__x86_64__)
Test(shape, preempt_count_of_its_own)
{
	static const char *const names[] = { "__preempt_count", "runqueues" };
	struct btf *btf = btf__new_empty();
	struct kernel_shape shape;

	add_percpu(btf, names, 2);
	shape = shape_with(btf, "");
	cr_assert_eq(shape.preempt_count_distance, 100 - 200);
	cr_assert(shape.interrupts_told);
}

Test(shape, preempt_count_inside_of_nameless_members)
{
	static const char *const names[] = { "runqueues", "pcpu_hot" };
	struct btf *btf = btf__new_empty();

	add_pcpu_hot(btf);
	add_percpu(btf, names, 2);
	cr_assert_eq(shape_with(btf, "").preempt_count_distance, 200 + 32 + 8 - 100);
}

Test(shape, preempt_count_from_symbols)
{
	static const char symbols[] = "ffffffff81000000 T _text\n"
				      "000000000001fb80 A __preempt_count\n"
				      "0000000000033440 A runqueues\n"
				      "ffffffffc0000000 t runqueues\t[module]\n";
	struct kernel_shape shape = shape_with(btf__new_empty(), symbols);

	cr_assert_eq(shape.preempt_count_distance, 0x1fb80 - 0x33440);
	cr_assert(shape.interrupts_told);
}

Test(shape, hidden_symbols_tell_nothing)
{
	static const char *const symbols[] = {
		"0000000000000000 A __preempt_count\n0000000000000000 A runqueues\n", /* kernel.kptr_restrict */
		"0000000000033440 A runqueues\n",                                     /* no KALLSYMS_ALL */
		"",
	};

	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		struct kernel_shape shape = shape_with(btf__new_empty(), symbols[i]);

		cr_assert_eq(shape.preempt_count_distance, 0);
		cr_assert_not(shape.interrupts_told);
	}
}
/* The one this runs on: whatever it is, the programs need an answer to each. */
Test(shape, of_this_machine)
{
	struct kernel_shape shape;

	if (!shape_read(&shape))
		cr_skip("this kernel has no BTF");
	cr_assert(shape_throttle_name(shape.throttle));
	cr_assert_eq(shape.interrupts_told, !!shape.preempt_count_distance);
}
#endif
