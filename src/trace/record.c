/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: the type of a record. Goes out: what such a record may hold. Never touches a record itself. */
#include "trace/record.h"

#define TASK_FLAGS                                                                                                     \
	(ROTA_F_TARGET | ROTA_TASK_NEW | ROTA_TASK_JOIN | ROTA_TASK_SYNC | ROTA_TASK_KTHREAD | ROTA_TASK_WORKER)
#define WAKEUP_FLAGS                                                                                                   \
	(ROTA_F_TARGET | ROTA_WAKEUP_NEW | ROTA_WAKEUP_IRQ | ROTA_WAKEUP_HAS_WAKER | ROTA_WAKEUP_THROTTLED |           \
	 ROTA_WAKEUP_OCCUPIED)
#define RUNTIME_FLAGS                                                                                                  \
	(ROTA_RUNTIME_LOST | ROTA_RUNTIME_CGO | ROTA_RUNTIME_PIE | ROTA_RUNTIME_STRIPPED | ROTA_RUNTIME_EXACT)

#define FIELD(kind, type, member)                                                                                      \
	{                                                                                                              \
		RECORD_FIELD_##kind, offsetof(struct type, member)                                                     \
	}
#define LAYOUT(type, mask, aux_kind, ...)                                                                              \
	{                                                                                                              \
		.size = sizeof(struct type), .flags = (mask), .aux = RECORD_AUX_##aux_kind, .fields = { __VA_ARGS__ }  \
	}

/* clang-format off: it would align the rows as if they were columns */
const struct record_layout record_layouts[ROTA_REC_TYPES] = {
	[ROTA_REC_SWITCH] = LAYOUT(rota_rec_switch, 0xff, ANY),
	[ROTA_REC_WAKEUP] = LAYOUT(rota_rec_wakeup, WAKEUP_FLAGS, CPU),
	[ROTA_REC_MIGRATE] = LAYOUT(rota_rec_migrate, ROTA_F_TARGET, CPU, FIELD(TID, rota_rec_migrate, occupant_tid),
				    FIELD(CPU, rota_rec_migrate, from_cpu)),
	[ROTA_REC_OCCUPANT] = LAYOUT(rota_record, ROTA_F_TARGET, CPU),
	[ROTA_REC_TASK] = LAYOUT(rota_rec_task, TASK_FLAGS, CPU, FIELD(TID, rota_rec_task, tgid),
				 FIELD(TID, rota_rec_task, parent_tid), FIELD(BOOT, rota_rec_task, start_boottime_ns),
				 FIELD(STATE, rota_rec_task, state), FIELD(COMM, rota_rec_task, comm)),
	[ROTA_REC_NAME] = LAYOUT(rota_rec_name, ROTA_F_TARGET, ANY, FIELD(COMM, rota_rec_name, comm)),
	[ROTA_REC_EXEC] = LAYOUT(rota_rec_exec, ROTA_F_TARGET, ANY, FIELD(TID, rota_rec_exec, old_tid),
				 FIELD(COMM, rota_rec_exec, comm)),
	[ROTA_REC_LEAVE] = LAYOUT(rota_record, ROTA_F_TARGET, ANY),
	[ROTA_REC_SNAPSHOT] = LAYOUT(rota_rec_snapshot, ROTA_F_TARGET | ROTA_SNAPSHOT_WATCHED, CPU,
				     FIELD(U64, rota_rec_snapshot, target_ns), FIELD(U64, rota_rec_snapshot, other_ns),
				     FIELD(U64, rota_rec_snapshot, idle_ns)),
	[ROTA_REC_LOST] = LAYOUT(rota_rec_lost, 0, CPU_OR_NONE, FIELD(U64, rota_rec_lost, count)),
	[ROTA_REC_START] = LAYOUT(rota_record, 0, ANY),
	[ROTA_REC_STOP] = LAYOUT(rota_record, 0, ANY),
	[ROTA_REC_SYNC] = LAYOUT(rota_record, ROTA_SYNC_BEGIN | ROTA_SYNC_END, ANY),
	[ROTA_REC_HOTPLUG] = LAYOUT(rota_record, ROTA_HOTPLUG_ONLINE, CPU),
	[ROTA_REC_CPUTIME] = LAYOUT(rota_rec_cputime, 0, CPU, FIELD(U64, rota_rec_cputime, steal_ns),
				    FIELD(U64, rota_rec_cputime, irq_ns)),
	[ROTA_REC_COST] =
		LAYOUT(rota_rec_cost, 0, COST, FIELD(U64, rota_rec_cost, bpf_ns), FIELD(U64, rota_rec_cost, user_ns)),
	[ROTA_REC_UNWATCH] = LAYOUT(rota_record, 0, ANY),
	[ROTA_REC_REASON] = LAYOUT(rota_rec_reason, ROTA_F_TARGET, ANY, FIELD(REASON, rota_rec_reason, reason),
				   FIELD(U64, rota_rec_reason, argument)),
	[ROTA_REC_SAMPLE] = LAYOUT(rota_rec_sample, ROTA_F_TARGET | ROTA_SAMPLE_SWITCH | ROTA_SAMPLE_KERNEL, ANY,
				   FIELD(U32, rota_rec_sample, stack)),
	[ROTA_REC_CALL] = LAYOUT(rota_rec_call, ROTA_F_TARGET | ROTA_CALL_COMPAT, SYSCALL,
				 FIELD(U64, rota_rec_call, duration_ns)),
	[ROTA_REC_TEXT] =
		LAYOUT(rota_rec_text, 0, TEXT, FIELD(U32, rota_rec_text, id), FIELD(TEXT, rota_rec_text, text)),
	[ROTA_REC_CGROUP] = LAYOUT(rota_rec_cgroup, ROTA_CGROUP_V1 | ROTA_CGROUP_HIDDEN | ROTA_CGROUP_CUT, ANY,
				   FIELD(U32, rota_rec_cgroup, path)),
	[ROTA_REC_QUOTA] =
		LAYOUT(rota_rec_quota, 0, ANY, FIELD(U64, rota_rec_quota, quota_ns),
		       FIELD(U64, rota_rec_quota, period_ns), FIELD(U64, rota_rec_quota, periods),
		       FIELD(U64, rota_rec_quota, throttled_periods), FIELD(U64, rota_rec_quota, throttled_ns)),
	[ROTA_REC_CPUSET] =
		LAYOUT(rota_rec_cpuset, 0, ANY, FIELD(CPU, rota_rec_cpuset, first), FIELD(U64, rota_rec_cpuset, mask)),
	[ROTA_REC_AFFINITY] = LAYOUT(rota_rec_affinity, ROTA_F_TARGET, ANY),
	[ROTA_REC_STACK] =
		LAYOUT(rota_rec_stack, 0, FRAMES, FIELD(U32, rota_rec_stack, id), FIELD(U32, rota_rec_stack, first),
		       FIELD(U64, rota_rec_stack, frames[0]), FIELD(U64, rota_rec_stack, frames[1]),
		       FIELD(U64, rota_rec_stack, frames[2]), FIELD(U64, rota_rec_stack, frames[3])),
	[ROTA_REC_SYMBOL] = LAYOUT(rota_rec_symbol, 0, ANY, FIELD(U64, rota_rec_symbol, address),
				   FIELD(U64, rota_rec_symbol, offset), FIELD(U32, rota_rec_symbol, name),
				   FIELD(U32, rota_rec_symbol, module)),
	[ROTA_REC_CALLS] =
		LAYOUT(rota_rec_calls, ROTA_F_TARGET | ROTA_CALL_COMPAT | ROTA_CALLS_OPEN | ROTA_CALLS_HEADLESS,
		       SYSCALL, FIELD(U64, rota_rec_calls, count), FIELD(U64, rota_rec_calls, total_ns),
		       FIELD(U64, rota_rec_calls, cpu_ns), FIELD(U64, rota_rec_calls, max_ns)),
	[ROTA_REC_CALLS_SPREAD] =
		LAYOUT(rota_rec_calls_spread, ROTA_F_TARGET | ROTA_CALL_COMPAT, SYSCALL,
		       FIELD(U32, rota_rec_calls_spread, bucket), FIELD(U64, rota_rec_calls_spread, count)),
	[ROTA_REC_GO] = LAYOUT(rota_rec_go, 0xff, ANY, FIELD(U64, rota_rec_go, goid), FIELD(U32, rota_rec_go, state)),
	[ROTA_REC_GO_RUN] = LAYOUT(rota_rec_go_run, ROTA_F_TARGET, ANY, FIELD(U64, rota_rec_go_run, goid)),
	[ROTA_REC_RUNTIME] = LAYOUT(rota_rec_runtime, RUNTIME_FLAGS, RUNTIME, FIELD(U32, rota_rec_runtime, version),
				    FIELD(U32, rota_rec_runtime, note), FIELD(U32, rota_rec_runtime, gomaxprocs),
				    FIELD(U32, rota_rec_runtime, environment), FIELD(U32, rota_rec_runtime, tier),
				    FIELD(U32, rota_rec_runtime, setter)),
	[ROTA_REC_GO_CENSUS] =
		LAYOUT(rota_rec_go_census, ROTA_CENSUS_GC_KNOWN | ROTA_CENSUS_GC, ANY,
		       FIELD(U32, rota_rec_go_census, goroutines), FIELD(U32, rota_rec_go_census, system),
		       FIELD(U32, rota_rec_go_census, runnable), FIELD(U32, rota_rec_go_census, running),
		       FIELD(U32, rota_rec_go_census, in_syscall), FIELD(U16, rota_rec_go_census, p_idle),
		       FIELD(U16, rota_rec_go_census, p_running), FIELD(U16, rota_rec_go_census, p_syscall),
		       FIELD(U16, rota_rec_go_census, p_stopped), FIELD(U16, rota_rec_go_census, m_count),
		       FIELD(U16, rota_rec_go_census, m_idle), FIELD(U16, rota_rec_go_census, m_spinning),
		       FIELD(U16, rota_rec_go_census, m_locked)),
	[ROTA_REC_GO_TOTALS] =
		LAYOUT(rota_rec_go_totals, 0, ANY, FIELD(U64, rota_rec_go_totals, mutex_wait_ns),
		       FIELD(U64, rota_rec_go_totals, gc_cycles), FIELD(U64, rota_rec_go_totals, gc_assist_ns)),
	[ROTA_REC_GO_LATENCY] = LAYOUT(rota_rec_go_latency, 0, ANY, FIELD(U64, rota_rec_go_latency, upper_ns),
				       FIELD(U64, rota_rec_go_latency, count)),
	[ROTA_REC_GOROUTINE] = LAYOUT(rota_rec_goroutine, ROTA_GOROUTINE_SYSTEM, ANY,
				      FIELD(U64, rota_rec_goroutine, goid), FIELD(U32, rota_rec_goroutine, start)),
	[ROTA_REC_GO_REASON] = LAYOUT(rota_rec_go_reason, 0, BYTE, FIELD(U32, rota_rec_go_reason, name)),
	[ROTA_REC_GO_POPULATION] = LAYOUT(rota_rec_go_population, 0, BYTE, FIELD(U32, rota_rec_go_population, reason),
					  FIELD(U64, rota_rec_go_population, count)),
};
/* clang-format on */
_Static_assert(ROTA_REC_TYPES == ROTA_REC_GO_POPULATION + 1,
	       "a new type needs its line above, and one in docs/rota-trace.5");

size_t rota_record_size(uint8_t type)
{
	return type < ROTA_REC_TYPES ? record_layouts[type].size : 0;
}

bool record_aux_valid(uint8_t type, uint16_t aux)
{
	switch (record_layouts[type].aux) {
	case RECORD_AUX_CPU:
		return aux < ROTA_CPU_MAX;
	case RECORD_AUX_CPU_OR_NONE:
		return aux < ROTA_CPU_MAX || aux == ROTA_CPU_NONE;
	case RECORD_AUX_COST:
		return aux <= 2;
	case RECORD_AUX_TEXT:
		return aux <= ROTA_TEXT_SIZE;
	case RECORD_AUX_FRAMES:
		return aux <= ROTA_STACK_FRAMES;
	case RECORD_AUX_SYSCALL:
		return aux <= ROTA_REASON_SYSCALL_MASK;
	case RECORD_AUX_RUNTIME:
		return aux <= ROTA_RUNTIME_GO; /* 0: a kind that nobody makes */
	case RECORD_AUX_BYTE:
		return aux <= UINT8_MAX;
	default:
		return true;
	}
}

bool record_reason_valid(uint32_t reason)
{
	const uint32_t known = ROTA_REASON_SYSCALL_MASK | ROTA_REASON_FD_KIND_MASK | ROTA_REASON_COMPAT |
			       ROTA_REASON_WORKER | ROTA_REASON_EXITING | ROTA_REASON_TOLD;

	if (!reason)
		return true;
	return (reason & ROTA_REASON_TOLD) && !(reason & ~known) &&
	       (reason & ROTA_REASON_FD_KIND_MASK) >> ROTA_REASON_FD_KIND_SHIFT < ROTA_FD_KINDS;
}

bool record_head_valid(uint8_t type, uint8_t flags, uint16_t aux)
{
	if (!rota_record_size(type) || (flags & ~record_layouts[type].flags) || !record_aux_valid(type, aux))
		return false;
	if (type == ROTA_REC_SWITCH)
		return (flags & ROTA_SWITCH_OUT_MASK) >> ROTA_SWITCH_OUT_SHIFT <= ROTA_OUT_DEAD;
	return true;
}
