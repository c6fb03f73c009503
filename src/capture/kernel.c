/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: the running kernel's BTF. Goes out: which of its shapes the programs meet. What is probed is a type or a
 * variable itself; a version number is never compared.
 */
#include "capture/kernel.h"

#include <stdbool.h>
#include <string.h>

#include <bpf/btf.h>

/* sched_switch has a fourth argument, prev_state, from 5.18 on: its prototype has five parameters with the context. */
static bool switch_has_prev_state(const struct btf *btf)
{
	const struct btf_type *type = NULL;
	int id = btf__find_by_name_kind(btf, "btf_trace_sched_switch", BTF_KIND_TYPEDEF);

	if (id > 0)
		type = btf__type_by_id(btf, btf__type_by_id(btf, (uint32_t)id)->type); /* the pointer */
	if (type && btf_is_ptr(type))
		type = btf__type_by_id(btf, type->type);
	return type && btf_is_func_proto(type) && btf_vlen(type) >= 5;
}

static bool member_offset(const struct btf *btf, const char *type_name, const char *member, int64_t *ret_offset)
{
	int id = btf__find_by_name_kind(btf, type_name, BTF_KIND_STRUCT);
	const struct btf_type *type = id > 0 ? btf__type_by_id(btf, (uint32_t)id) : NULL;

	for (uint32_t m = 0; type && m < btf_vlen(type); m++) {
		if (strcmp(btf__name_by_offset(btf, btf_members(type)[m].name_off), member) != 0)
			continue;
		*ret_offset = btf_member_bit_offset(type, m) / 8;
		return true;
	}
	return false;
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

/* x86-64: a variable of its own until 6.1 and from 6.15 on, a member of pcpu_hot from 6.2 to 6.14. */
static int64_t preempt_count_distance(const struct btf *btf)
{
	int64_t queue, count, member = 0;

	if (!percpu_offset(btf, "runqueues", &queue))
		return 0;
	if (percpu_offset(btf, "pcpu_hot", &count) && member_offset(btf, "pcpu_hot", "preempt_count", &member))
		return count + member - queue;
	return percpu_offset(btf, "__preempt_count", &count) ? count - queue : 0;
}

void kernel_probe(struct bpf_settings *settings)
{
	struct btf *btf = btf__load_vmlinux_btf();

	if (!btf)
		return; /* without BTF nothing loads, and that has its own message */
	settings->has_prev_state = switch_has_prev_state(btf);
	settings->has_rdonly_cast = btf__find_by_name_kind(btf, "bpf_rdonly_cast", BTF_KIND_FUNC) > 0;
	settings->preempt_count_distance = preempt_count_distance(btf);
	btf__free(btf);
}

const char *kernel_throttle_source(void)
{
	struct btf *btf = btf__load_vmlinux_btf();
	const char *source = "none";
	int64_t offset;

	if (!btf)
		return source;
	if (member_offset(btf, "task_struct", "throttled", &offset))
		source = "task";
	else if (member_offset(btf, "cfs_rq", "throttle_count", &offset))
		source = "cfs_rq";
	btf__free(btf);
	return source;
}
