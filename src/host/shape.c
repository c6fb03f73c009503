/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "host/shape.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>

static bool switch_has_prev_state(const struct btf *btf)
{
	const struct btf_type *type = NULL;
	int id = btf__find_by_name_kind(btf, "btf_trace_sched_switch", BTF_KIND_TYPEDEF);

	if (id > 0)
		type = btf__type_by_id(btf, btf__type_by_id(btf, (uint32_t)id)->type); /* the pointer */
	if (type && btf_is_ptr(type))
		type = btf__type_by_id(btf, type->type);
	/* the context, preempt, prev, next, and prev_state */
	return type && btf_is_func_proto(type) && btf_vlen(type) >= 5;
}

/* Looks into structs and unions without a name, too. */
static bool offset_in(const struct btf *btf, const struct btf_type *type, const char *member, int64_t *ret_offset)
{
	for (uint32_t m = 0; m < btf_vlen(type); m++) {
		const char *name = btf__name_by_offset(btf, btf_members(type)[m].name_off);
		const struct btf_type *inner = btf__type_by_id(btf, btf_members(type)[m].type);
		int64_t begin = btf_member_bit_offset(type, m) / 8;

		if (!strcmp(name, member)) {
			*ret_offset = begin;
			return true;
		}
		if (!*name && inner && btf_is_composite(inner) && offset_in(btf, inner, member, ret_offset)) {
			*ret_offset += begin;
			return true;
		}
	}
	return false;
}

static bool member_offset(const struct btf *btf, const char *type_name, const char *member, int64_t *ret_offset)
{
	int id = btf__find_by_name_kind(btf, type_name, BTF_KIND_STRUCT);

	return id > 0 && offset_in(btf, btf__type_by_id(btf, (uint32_t)id), member, ret_offset);
}

static bool has_member(const struct btf *btf, const char *type_name, const char *member)
{
	int64_t offset;

	return member_offset(btf, type_name, member, &offset);
}

/* Where a per-cpu variable lies in the per-cpu area. */
static bool percpu_offset(const struct btf *btf, const char *name, int64_t *ret_offset)
{
	int section = btf__find_by_name_kind(btf, ".data..percpu", BTF_KIND_DATASEC);
	int variable = btf__find_by_name_kind(btf, name, BTF_KIND_VAR);
	const struct btf_type *type = section > 0 && variable > 0 ? btf__type_by_id(btf, (uint32_t)section) : NULL;

	for (uint32_t i = 0; type && i < btf_vlen(type); i++) {
		const struct btf_var_secinfo *entry = &btf_var_secinfos(type)[i];

		if (entry->type != (uint32_t)variable)
			continue;
		*ret_offset = entry->offset;
		return true;
	}
	return false;
}

/* A variable whose address is asked for, 0 until it is found. All zero are those that the kernel hides. */
struct symbol {
	const char *name;
	uint64_t address;
};

static bool find_symbols(const char *kallsyms, struct symbol *symbols, size_t count)
{
	FILE *file = fopen(kallsyms, "re");
	char line[512], name[256];
	size_t found = 0;
	uint64_t address;

	while (file && found < count && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%" SCNx64 " %*c %255s", &address, name) != 2 || !address)
			continue;
		for (size_t i = 0; i < count; i++) {
			if (symbols[i].address || strcmp(symbols[i].name, name) != 0)
				continue;
			symbols[i].address = address;
			found++;
		}
	}
	if (file)
		fclose(file);
	return found == count;
}

/*
 * x86-64: a variable of its own until 6.1 and from 6.15 on, a member of pcpu_hot from 6.2 to 6.14. BTF that pahole before 1.18
 * wrote (Debian 11's kernel) has no variables; /proc/kallsyms tells them where the kernel has KALLSYMS_ALL and root asks.
 */
static int64_t preempt_count_distance(const struct btf *btf, const char *kallsyms)
{
	int64_t queue, count, member = 0;
	bool hot = member_offset(btf, "pcpu_hot", "preempt_count", &member);
	struct symbol symbols[] = {
		{ .name = "runqueues" },
		{ .name = hot ? "pcpu_hot" : "__preempt_count" },
	};

	if (percpu_offset(btf, symbols[0].name, &queue) && percpu_offset(btf, symbols[1].name, &count))
		return count + member - queue;
	if (find_symbols(kallsyms, symbols, sizeof(symbols) / sizeof(symbols[0])))
		return (int64_t)(symbols[1].address - symbols[0].address) + member;
	return 0;
}

void shape_of(const struct btf *btf, const char *kallsyms, struct kernel_shape *ret_shape)
{
	struct kernel_shape shape = {
		.switch_has_prev_state = switch_has_prev_state(btf),
		.own_account = has_member(btf, "task_struct", "sched_info"),
		.has_rdonly_cast = btf__find_by_name_kind(btf, "bpf_rdonly_cast", BTF_KIND_FUNC) > 0,
		.interrupts_told = true,
	};

#if defined(__x86_64__)
	shape.preempt_count_distance = preempt_count_distance(btf, kallsyms);
	shape.interrupts_told = shape.preempt_count_distance != 0;
#endif
	if (has_member(btf, "task_struct", "throttled"))
		shape.throttle = SHAPE_THROTTLE_TASK;
	else if (has_member(btf, "cfs_rq", "throttle_count"))
		shape.throttle = SHAPE_THROTTLE_QUEUE;
	*ret_shape = shape;
}

bool shape_read(struct kernel_shape *ret_shape)
{
	struct btf *btf = btf__load_vmlinux_btf();

	*ret_shape = (struct kernel_shape){ 0 };
	if (!btf)
		return false;
	shape_of(btf, "/proc/kallsyms", ret_shape);
	btf__free(btf);
	return true;
}

const char *shape_throttle_name(enum shape_throttle throttle)
{
	static const char *const names[] = { "none", "cfs_rq", "task" };

	return names[throttle];
}
