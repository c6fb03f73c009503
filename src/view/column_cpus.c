/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: a summary. Goes out: the columns of its tables of hardware threads and cores. Never looks up a cpu or core
 * that the topology does not know.
 */
#include "view/column_tables.h"
#include "view/label.h"

static const struct rota_cpu_info *cpu_info(const struct rota_summary *summary, uint32_t cpu)
{
	const struct rota_topology *topology = summary->topology;

	return topology && cpu < topology->cpu_count && topology->cpus[cpu].present ? &topology->cpus[cpu] : NULL;
}

static const struct rota_core_info *core_info(const struct rota_summary *summary, uint32_t core)
{
	const struct rota_topology *topology = summary->topology;

	return topology && core < topology->core_count ? &topology->cores[core] : NULL;
}

/* Whether this cpu has a sibling that could be idle, ours or others'. */
static bool has_sibling(const struct rota_summary *summary, uint32_t cpu)
{
	const struct rota_cpu_info *info = cpu_info(summary, cpu);
	const struct rota_core_info *core = info ? core_info(summary, info->core) : NULL;

	return summary->smt_present && (!core || core->cpu_count > 1);
}

static uint64_t level_sum(const struct rota_core_summary *core, uint32_t from)
{
	uint64_t total = 0;

	for (uint32_t k = from; k < core->level_count; k++)
		total += core->level_ns[k];
	return total;
}

#define CPU_ID(function, member)                                                                                       \
	COLUMN_GET_NUMBER(function, struct rota_cpu_summary, cpu_info(summary, row->cpu),                              \
			  cpu_info(summary, row->cpu)->member)

COLUMN_GET_NUMBER(cpu_cpu, struct rota_cpu_summary, true, row->cpu)
CPU_ID(cpu_core, core)
CPU_ID(cpu_llc, llc)
CPU_ID(cpu_node, node)
CPU_ID(cpu_package, package)
COLUMN_GET_NUMBER(cpu_ours, struct rota_cpu_summary, true, row->target_ns)
COLUMN_GET_SHARE(cpu_share, struct rota_cpu_summary, row->target_ns, column_window_ns(summary))
COLUMN_GET_NUMBER(cpu_others, struct rota_cpu_summary, true, row->other_ns)
COLUMN_GET_NUMBER(cpu_idle, struct rota_cpu_summary, true, row->idle_ns)
COLUMN_GET_NUMBER(cpu_offline, struct rota_cpu_summary, true, row->offline_ns)
COLUMN_GET_NUMBER(cpu_unknown, struct rota_cpu_summary, true, row->unknown_ns)
COLUMN_GET_NUMBER(cpu_stolen, struct rota_cpu_summary, row->steal_known, row->steal_ns)
COLUMN_GET_NUMBER(cpu_irq, struct rota_cpu_summary, row->steal_known, row->irq_ns)
COLUMN_GET_NUMBER(cpu_smt_idle, struct rota_cpu_summary, has_sibling(summary, row->cpu), row->smt.idle_ns)
COLUMN_GET_NUMBER(cpu_smt_ours, struct rota_cpu_summary, has_sibling(summary, row->cpu), row->smt.ours_ns)
COLUMN_GET_NUMBER(cpu_smt_others, struct rota_cpu_summary, has_sibling(summary, row->cpu), row->smt.others_ns)
COLUMN_GET_NUMBER(cpu_smt_unknown, struct rota_cpu_summary, has_sibling(summary, row->cpu), row->smt.unknown_ns)
COLUMN_GET_NUMBER(cpu_switch_ins, struct rota_cpu_summary, true, row->switch_ins)

COLUMN_GET_NUMBER(core_core, struct rota_core_summary, true, row->core)
COLUMN_GET_NUMBER(core_package, struct rota_core_summary, true, row->package)
COLUMN_GET_NUMBER(core_ours, struct rota_core_summary, true, level_sum(row, 1))
COLUMN_GET_SHARE(core_share, struct rota_core_summary, level_sum(row, 1), column_window_ns(summary))
COLUMN_GET_NUMBER(core_none, struct rota_core_summary, row->level_count > 0, row->level_ns[0])
COLUMN_GET_NUMBER(core_one, struct rota_core_summary, row->level_count > 1, row->level_ns[1])
COLUMN_GET_NUMBER(core_more, struct rota_core_summary, row->level_count > 2, level_sum(row, 2))
COLUMN_GET_NUMBER(core_unknown, struct rota_core_summary, true, row->unknown_ns)

static void core_cpus(const struct rota_summary *summary, const void *untyped, struct column_value *value)
{
	const struct rota_core_summary *row = untyped;
	const struct rota_core_info *info = core_info(summary, row->core);

	value->known = info != NULL;
	if (info)
		label_cpus(value->text, sizeof(value->text), info->cpus, info->cpu_count);
}

static const struct column cpu_columns[] = {
	ID("cpu", "cpu", "cpu", 0, cpu_cpu, "the kernel's number of the hardware thread"),
	ID("core", "core", "core", 0, cpu_core, "its core; hardware threads of one core share its units"),
	ID("llc", "L3", "llc", 6, cpu_llc, "its third-level cache"),
	ID("node", "node", "node", 7, cpu_node, "its NUMA node: the memory that is near"),
	ID("package", "socket", "package", 5, cpu_package, "its socket"),
	TIME("ours", "ours", "target_seconds", 0, cpu_ours, "time in which it ran one of these threads"),
	SHARE("share", "ours", "target_fraction", 1, cpu_share, "the same as part of the whole"),
	TIME("others", "others", "other_seconds", 0, cpu_others, "time in which it ran somebody else's thread"),
	TIME("idle", "idle", "idle_seconds", 0, cpu_idle, "time in which it ran nothing"),
	RARE("offline", "offline", "offline_seconds", 6, cpu_offline, "time in which it was switched off"),
	RARE("unknown", "unknown", "unknown_seconds", 2, cpu_unknown, "time of which records were lost"),
	RARE("stolen", "stolen", "steal_seconds", 4, cpu_stolen,
	     "time the hypervisor gave to somebody else meanwhile; lies within the others"),
	TIME("irq", "interrupts", "irq_seconds", 5, cpu_irq, "time in interrupts; lies within the others"),
	TIME("sibling-idle", "sib idle", "sibling_idle_seconds", 3, cpu_smt_idle,
	     "of ours: the other hardware thread of the core was idle"),
	TIME("sibling-ours", "sib ours", "sibling_ours_seconds", 3, cpu_smt_ours, "of ours: it ran another of ours"),
	TIME("sibling-others", "sib other", "sibling_others_seconds", 3, cpu_smt_others,
	     "of ours: it ran somebody else's"),
	TIME("sibling-unknown", "sib ?", "smt_unknown_seconds", COLUMN_CSV_ONLY, cpu_smt_unknown, ""),
	TALLY("switch-ins", "switch-in", "switch_ins", 4, cpu_switch_ins, "times one of these threads was put on it"),
};

static const struct column core_columns[] = {
	ID("core", "core", "core", 0, core_core, "the core, counted through the machine"),
	ID("package", "socket", "package", 2, core_package, "its socket"),
	TEXT("cpus", "cpus", "cpus", 9, 0, core_cpus, "its hardware threads"),
	TIME("ours", "ours", "target_seconds", 0, core_ours, "time in which it ran at least one of these threads"),
	SHARE("share", "ours", "target_fraction", 1, core_share, "the same as part of the whole"),
	TIME("none", "none", "target_seconds_none", 1, core_none, "time in which it ran none of these threads"),
	TIME("one", "one", "target_seconds_one", 0, core_one, "time in which exactly one of these threads had it"),
	TIME("shared", "shared", "target_seconds_more", 0, core_more, "time in which two or more of them shared it"),
	RARE("unknown", "unknown", "unknown_seconds", 1, core_unknown, "time of which records were lost"),
};

static uint32_t cpu_count(const struct rota_summary *summary)
{
	return summary->cpu_count;
}

static const void *cpu_row(const struct rota_summary *summary, uint32_t index)
{
	return &summary->cpus[index];
}

static uint32_t core_count(const struct rota_summary *summary)
{
	return summary->core_count;
}

static const void *core_row(const struct rota_summary *summary, uint32_t index)
{
	return &summary->cores[index];
}

const struct column_table table_cpus = COLUMN_TABLE("hardware threads", cpu_count, cpu_row, cpu_columns);
const struct column_table table_cores = COLUMN_TABLE("cores", core_count, core_row, core_columns);
