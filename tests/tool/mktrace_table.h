/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The words of mktrace's text, as data: which record has which, what kind of value follows, and where it goes. */
#ifndef TEST_TOOL_MKTRACE_TABLE_H
#define TEST_TOOL_MKTRACE_TABLE_H

#include "rota/transition.h"
#include "trace/record.h"

enum kind {
	TID = 1,
	CPU,
	AUX, /* a cpu */
	TIME64,
	TIME32,
	NUMBER64,
	NUMBER32,
	NUMBER16, /* hexadecimal, as NUMBER8 and HEX64 are */
	NUMBER8,
	HEX64,
	HEX32,
	COUNT16, /* head.aux as a plain number */
	SHORT16, /* another plain number of two bytes */
	CALL,    /* head.aux as a system call */
	REASON,
	COMM,
	TEXT,  /* with head.aux, its length */
	FRAMES /* with head.aux, their count: 0x1,0x2 */
};

struct option { /* a word and the value after it; word NULL: the value stands right after the verb, in this order */
	uint8_t type;
	const char *word;
	uint8_t kind;
	uint8_t offset;
	uint8_t flag; /* which the option sets */
	bool always;  /* part of the canonical text whatever the value */
};

#define AT(type, member) offsetof(struct type, member)
#define HEAD(member)     offsetof(struct rota_record, member)

/* clang-format off */
static const struct option options[] = {
	{ ROTA_REC_WAKEUP, NULL, TID, HEAD(tid), 0, false },
	{ ROTA_REC_WAKEUP, "on", AUX, HEAD(aux), 0, false },
	{ ROTA_REC_WAKEUP, "by", TID, AT(rota_rec_wakeup, waker_tid), ROTA_WAKEUP_HAS_WAKER, false },
	{ ROTA_REC_WAKEUP, "delay", TIME32, AT(rota_rec_wakeup, waking_delay_ns), 0, false },
	{ ROTA_REC_WAKEUP, "occupant", TID, AT(rota_rec_wakeup, occupant_tid), ROTA_WAKEUP_OCCUPIED, false },
	{ ROTA_REC_MIGRATE, NULL, TID, HEAD(tid), 0, false },
	{ ROTA_REC_MIGRATE, "to", AUX, HEAD(aux), 0, true },
	{ ROTA_REC_MIGRATE, "from", CPU, AT(rota_rec_migrate, from_cpu), 0, true },
	{ ROTA_REC_MIGRATE, "occupant", TID, AT(rota_rec_migrate, occupant_tid), 0, true },
	{ ROTA_REC_OCCUPANT, NULL, TID, HEAD(tid), 0, false },
	{ ROTA_REC_OCCUPANT, "on", AUX, HEAD(aux), 0, false },
	{ ROTA_REC_TASK, NULL, TID, HEAD(tid), 0, false },
	{ ROTA_REC_TASK, "tgid", TID, AT(rota_rec_task, tgid), 0, true },
	{ ROTA_REC_TASK, "", COMM, AT(rota_rec_task, comm), 0, true },
	{ ROTA_REC_TASK, "parent", TID, AT(rota_rec_task, parent_tid), 0, false },
	{ ROTA_REC_TASK, "start", TIME64, AT(rota_rec_task, start_boottime_ns), 0, false },
	{ ROTA_REC_TASK, "on", AUX, HEAD(aux), 0, false },
	{ ROTA_REC_NAME, NULL, TID, HEAD(tid), 0, false },
	{ ROTA_REC_NAME, "", COMM, AT(rota_rec_name, comm), 0, true },
	{ ROTA_REC_EXEC, NULL, TID, HEAD(tid), 0, false },
	{ ROTA_REC_EXEC, "", COMM, AT(rota_rec_exec, comm), 0, true },
	{ ROTA_REC_EXEC, "from", TID, AT(rota_rec_exec, old_tid), 0, false },
	{ ROTA_REC_LEAVE, NULL, TID, HEAD(tid), 0, false },
	{ ROTA_REC_SNAPSHOT, NULL, TID, HEAD(tid), 0, false },
	{ ROTA_REC_SNAPSHOT, "target", TIME64, AT(rota_rec_snapshot, target_ns), 0, false },
	{ ROTA_REC_SNAPSHOT, "other", TIME64, AT(rota_rec_snapshot, other_ns), 0, false },
	{ ROTA_REC_SNAPSHOT, "idle", TIME64, AT(rota_rec_snapshot, idle_ns), 0, false },
	{ ROTA_REC_LOST, NULL, NUMBER64, AT(rota_rec_lost, count), 0, false },
	{ ROTA_REC_LOST, "on", AUX, HEAD(aux), 0, false },
	{ ROTA_REC_HOTPLUG, NULL, AUX, HEAD(aux), 0, false },
	{ ROTA_REC_CPUTIME, NULL, AUX, HEAD(aux), 0, false },
	{ ROTA_REC_CPUTIME, "steal", TIME64, AT(rota_rec_cputime, steal_ns), 0, false },
	{ ROTA_REC_CPUTIME, "irq", TIME64, AT(rota_rec_cputime, irq_ns), 0, false },
	{ ROTA_REC_COST, "bpf", TIME64, AT(rota_rec_cost, bpf_ns), 0, false },
	{ ROTA_REC_COST, "user", TIME64, AT(rota_rec_cost, user_ns), 0, false },
	{ ROTA_REC_SWITCH, "in", REASON, AT(rota_rec_switch, reason), 0, false },
	{ ROTA_REC_SWITCH, "at", HEX64, AT(rota_rec_switch, argument), 0, false },
	{ ROTA_REC_REASON, NULL, TID, HEAD(tid), 0, false },
	{ ROTA_REC_REASON, "in", REASON, AT(rota_rec_reason, reason), 0, true },
	{ ROTA_REC_REASON, "at", HEX64, AT(rota_rec_reason, argument), 0, false },
	{ ROTA_REC_SAMPLE, NULL, TID, HEAD(tid), 0, false },
	{ ROTA_REC_SAMPLE, "stack", NUMBER32, AT(rota_rec_sample, stack), 0, true },
	{ ROTA_REC_CALL, NULL, TID, HEAD(tid), 0, false },
	{ ROTA_REC_CALL, NULL, CALL, HEAD(aux), 0, false },
	{ ROTA_REC_CALL, "took", TIME64, AT(rota_rec_call, duration_ns), 0, true },
	{ ROTA_REC_TEXT, NULL, NUMBER32, AT(rota_rec_text, id), 0, false },
	{ ROTA_REC_TEXT, "", TEXT, AT(rota_rec_text, text), 0, true },
	{ ROTA_REC_CGROUP, NULL, COUNT16, HEAD(aux), 0, false },
	{ ROTA_REC_CGROUP, "path", NUMBER32, AT(rota_rec_cgroup, path), 0, true },
	{ ROTA_REC_QUOTA, NULL, COUNT16, HEAD(aux), 0, false },
	{ ROTA_REC_QUOTA, "limit", TIME64, AT(rota_rec_quota, quota_ns), 0, false },
	{ ROTA_REC_QUOTA, "period", TIME64, AT(rota_rec_quota, period_ns), 0, false },
	{ ROTA_REC_QUOTA, "periods", NUMBER64, AT(rota_rec_quota, periods), 0, false },
	{ ROTA_REC_QUOTA, "throttled", NUMBER64, AT(rota_rec_quota, throttled_periods), 0, false },
	{ ROTA_REC_QUOTA, "for", TIME64, AT(rota_rec_quota, throttled_ns), 0, false },
	{ ROTA_REC_CPUSET, NULL, COUNT16, HEAD(aux), 0, false },
	{ ROTA_REC_CPUSET, "from", CPU, AT(rota_rec_cpuset, first), 0, true },
	{ ROTA_REC_CPUSET, "mask", HEX64, AT(rota_rec_cpuset, mask), 0, true },
	{ ROTA_REC_AFFINITY, NULL, TID, HEAD(tid), 0, false },
	{ ROTA_REC_AFFINITY, "set", COUNT16, HEAD(aux), 0, true },
	{ ROTA_REC_STACK, NULL, NUMBER32, AT(rota_rec_stack, id), 0, false },
	{ ROTA_REC_STACK, "from", NUMBER32, AT(rota_rec_stack, first), 0, false },
	{ ROTA_REC_STACK, "frames", FRAMES, AT(rota_rec_stack, frames), 0, false },
	{ ROTA_REC_SYMBOL, NULL, TID, HEAD(tid), 0, false },
	{ ROTA_REC_SYMBOL, "at", HEX64, AT(rota_rec_symbol, address), 0, true },
	{ ROTA_REC_SYMBOL, "offset", HEX64, AT(rota_rec_symbol, offset), 0, false },
	{ ROTA_REC_SYMBOL, "name", NUMBER32, AT(rota_rec_symbol, name), 0, false },
	{ ROTA_REC_SYMBOL, "module", NUMBER32, AT(rota_rec_symbol, module), 0, false },
	{ ROTA_REC_CALLS, NULL, TID, HEAD(tid), 0, false },
	{ ROTA_REC_CALLS, NULL, CALL, HEAD(aux), 0, false },
	{ ROTA_REC_CALLS, "count", NUMBER64, AT(rota_rec_calls, count), 0, true },
	{ ROTA_REC_CALLS, "total", TIME64, AT(rota_rec_calls, total_ns), 0, false },
	{ ROTA_REC_CALLS, "cpu", TIME64, AT(rota_rec_calls, cpu_ns), 0, false },
	{ ROTA_REC_CALLS, "max", TIME64, AT(rota_rec_calls, max_ns), 0, false },
	{ ROTA_REC_CALLS_SPREAD, NULL, TID, HEAD(tid), 0, false },
	{ ROTA_REC_CALLS_SPREAD, NULL, CALL, HEAD(aux), 0, false },
	{ ROTA_REC_CALLS_SPREAD, "bucket", NUMBER32, AT(rota_rec_calls_spread, bucket), 0, true },
	{ ROTA_REC_CALLS_SPREAD, "count", NUMBER64, AT(rota_rec_calls_spread, count), 0, true },
	{ ROTA_REC_GO, NULL, TID, HEAD(tid), 0, false },
	{ ROTA_REC_GO, "goid", NUMBER64, AT(rota_rec_go, goid), 0, true },
	{ ROTA_REC_GO, "p", COUNT16, HEAD(aux), 0, false },
	{ ROTA_REC_GO, "state", HEX32, AT(rota_rec_go, state), 0, false },
	{ ROTA_REC_GO_RUN, NULL, TID, HEAD(tid), 0, false },
	{ ROTA_REC_GO_RUN, "goid", NUMBER64, AT(rota_rec_go_run, goid), 0, true },
	{ ROTA_REC_GO_RUN, "p", COUNT16, HEAD(aux), 0, false },
	{ ROTA_REC_RUNTIME, NULL, TID, HEAD(tid), 0, false },
	{ ROTA_REC_RUNTIME, "kind", COUNT16, HEAD(aux), 0, true },
	{ ROTA_REC_RUNTIME, "version", NUMBER32, AT(rota_rec_runtime, version), 0, true },
	{ ROTA_REC_RUNTIME, "note", NUMBER32, AT(rota_rec_runtime, note), 0, false },
	{ ROTA_REC_RUNTIME, "gomaxprocs", NUMBER32, AT(rota_rec_runtime, gomaxprocs), 0, false },
	{ ROTA_REC_RUNTIME, "environment", NUMBER32, AT(rota_rec_runtime, environment), 0, false },
	{ ROTA_REC_RUNTIME, "tier", NUMBER32, AT(rota_rec_runtime, tier), 0, false },
	{ ROTA_REC_RUNTIME, "setter", NUMBER32, AT(rota_rec_runtime, setter), 0, false },
	{ ROTA_REC_GO_CENSUS, NULL, TID, HEAD(tid), 0, false },
	{ ROTA_REC_GO_CENSUS, "gomaxprocs", COUNT16, HEAD(aux), 0, true },
	{ ROTA_REC_GO_CENSUS, "goroutines", NUMBER32, AT(rota_rec_go_census, goroutines), 0, true },
	{ ROTA_REC_GO_CENSUS, "system", NUMBER32, AT(rota_rec_go_census, system), 0, false },
	{ ROTA_REC_GO_CENSUS, "runnable", NUMBER32, AT(rota_rec_go_census, runnable), 0, false },
	{ ROTA_REC_GO_CENSUS, "running", NUMBER32, AT(rota_rec_go_census, running), 0, false },
	{ ROTA_REC_GO_CENSUS, "insyscall", NUMBER32, AT(rota_rec_go_census, in_syscall), 0, false },
	{ ROTA_REC_GO_CENSUS, "pidle", SHORT16, AT(rota_rec_go_census, p_idle), 0, false },
	{ ROTA_REC_GO_CENSUS, "prunning", SHORT16, AT(rota_rec_go_census, p_running), 0, false },
	{ ROTA_REC_GO_CENSUS, "psyscall", SHORT16, AT(rota_rec_go_census, p_syscall), 0, false },
	{ ROTA_REC_GO_CENSUS, "pstopped", SHORT16, AT(rota_rec_go_census, p_stopped), 0, false },
	{ ROTA_REC_GO_CENSUS, "ms", SHORT16, AT(rota_rec_go_census, m_count), 0, false },
	{ ROTA_REC_GO_CENSUS, "midle", SHORT16, AT(rota_rec_go_census, m_idle), 0, false },
	{ ROTA_REC_GO_CENSUS, "mspinning", SHORT16, AT(rota_rec_go_census, m_spinning), 0, false },
	{ ROTA_REC_GO_CENSUS, "mlocked", SHORT16, AT(rota_rec_go_census, m_locked), 0, false },
	{ ROTA_REC_GO_TOTALS, NULL, TID, HEAD(tid), 0, false },
	{ ROTA_REC_GO_TOTALS, "mutex", NUMBER64, AT(rota_rec_go_totals, mutex_wait_ns), 0, true },
	{ ROTA_REC_GO_TOTALS, "cycles", NUMBER64, AT(rota_rec_go_totals, gc_cycles), 0, true },
	{ ROTA_REC_GO_TOTALS, "assist", NUMBER64, AT(rota_rec_go_totals, gc_assist_ns), 0, true },
	{ ROTA_REC_GO_LATENCY, NULL, TID, HEAD(tid), 0, false },
	{ ROTA_REC_GO_LATENCY, "below", NUMBER64, AT(rota_rec_go_latency, upper_ns), 0, true },
	{ ROTA_REC_GO_LATENCY, "count", NUMBER64, AT(rota_rec_go_latency, count), 0, true },
	{ ROTA_REC_GOROUTINE, NULL, TID, HEAD(tid), 0, false },
	{ ROTA_REC_GOROUTINE, "goid", NUMBER64, AT(rota_rec_goroutine, goid), 0, true },
	{ ROTA_REC_GOROUTINE, "start", NUMBER32, AT(rota_rec_goroutine, start), 0, false },
	{ ROTA_REC_GO_REASON, NULL, TID, HEAD(tid), 0, false },
	{ ROTA_REC_GO_REASON, "number", COUNT16, HEAD(aux), 0, true },
	{ ROTA_REC_GO_REASON, "name", NUMBER32, AT(rota_rec_go_reason, name), 0, true },
	{ ROTA_REC_GO_POPULATION, NULL, TID, HEAD(tid), 0, false },
	{ ROTA_REC_GO_POPULATION, "status", COUNT16, HEAD(aux), 0, true },
	{ ROTA_REC_GO_POPULATION, "reason", NUMBER32, AT(rota_rec_go_population, reason), 0, false },
	{ ROTA_REC_GO_POPULATION, "count", NUMBER64, AT(rota_rec_go_population, count), 0, true },
	{ ROTA_REC_SWITCH, "state", NUMBER16, HEAD(aux), 0, false },
	{ 0, "aux", NUMBER16, HEAD(aux), 0, false }, /* type 0: of every record */
	{ 0, "tid", TID, HEAD(tid), 0, false },
	{ 0, "flags", NUMBER8, HEAD(flags), 0, false }, /* last: the options before may set some */
};

static const struct { /* words that stand alone */
	uint8_t type;
	const char *word;
	uint8_t set, clear;
} marks[] = {
	{ROTA_REC_SWITCH,        "throttled",   ROTA_SWITCH_THROTTLED,   0                      },
	{ ROTA_REC_SWITCH,       "iowait",      ROTA_SWITCH_IOWAIT,      0                      },
	{ ROTA_REC_SWITCH,       "involuntary", ROTA_SWITCH_INVOLUNTARY, 0                      },
	{ ROTA_REC_SWITCH,       "voluntary",   0,                       ROTA_SWITCH_INVOLUNTARY},
	{ ROTA_REC_WAKEUP,       "new",         ROTA_WAKEUP_NEW,         0                      },
	{ ROTA_REC_WAKEUP,       "irq",         ROTA_WAKEUP_IRQ,         0                      },
	{ ROTA_REC_WAKEUP,       "throttled",   ROTA_WAKEUP_THROTTLED,   0                      },
	{ ROTA_REC_TASK,         "target",      ROTA_F_TARGET,           0                      },
	{ ROTA_REC_TASK,         "new",         ROTA_TASK_NEW,           0                      },
	{ ROTA_REC_TASK,         "join",        ROTA_TASK_JOIN,          0                      },
	{ ROTA_REC_TASK,         "sync",        ROTA_TASK_SYNC,          0                      },
	{ ROTA_REC_TASK,         "kthread",     ROTA_TASK_KTHREAD,       0                      },
	{ ROTA_REC_TASK,         "worker",      ROTA_TASK_WORKER,        0                      },
	{ ROTA_REC_SNAPSHOT,     "watched",     ROTA_SNAPSHOT_WATCHED,   0                      },
	{ ROTA_REC_SYNC,         "begin",       ROTA_SYNC_BEGIN,         0                      },
	{ ROTA_REC_SYNC,         "end",         ROTA_SYNC_END,           0                      },
	{ ROTA_REC_HOTPLUG,      "online",      ROTA_HOTPLUG_ONLINE,     0                      },
	{ ROTA_REC_SAMPLE,       "switch",      ROTA_SAMPLE_SWITCH,      0                      },
	{ ROTA_REC_SAMPLE,       "kernel",      ROTA_SAMPLE_KERNEL,      0                      },
	{ ROTA_REC_CALL,         "compat",      ROTA_CALL_COMPAT,        0                      },
	{ ROTA_REC_CGROUP,       "v1",          ROTA_CGROUP_V1,          0                      },
	{ ROTA_REC_CGROUP,       "hidden",      ROTA_CGROUP_HIDDEN,      0                      },
	{ ROTA_REC_CGROUP,       "cut",         ROTA_CGROUP_CUT,         0                      },
	{ ROTA_REC_CALLS,        "compat",      ROTA_CALL_COMPAT,        0                      },
	{ ROTA_REC_CALLS,        "open",        ROTA_CALLS_OPEN,         0                      },
	{ ROTA_REC_CALLS,        "headless",    ROTA_CALLS_HEADLESS,     0                      },
	{ ROTA_REC_CALLS_SPREAD, "compat",      ROTA_CALL_COMPAT,        0                      },
	{ ROTA_REC_GO,           "tick",        ROTA_GO_TICK,            0                      },
	{ ROTA_REC_GO,           "system",      ROTA_GO_SYSTEM,          0                      },
	{ ROTA_REC_GO,           "locked",      ROTA_GO_LOCKED,          0                      },
	{ ROTA_REC_GO,           "cgo",         ROTA_GO_CGO,             0                      },
	{ ROTA_REC_GO,           "spinning",    ROTA_GO_SPINNING,        0                      },
	{ ROTA_REC_GO,           "foreign",     ROTA_GO_FOREIGN,         0                      },
	{ ROTA_REC_GO,           "unreadable",  ROTA_GO_UNREADABLE,      0                      },
	{ ROTA_REC_RUNTIME,      "lost",        ROTA_RUNTIME_LOST,       0                      },
	{ ROTA_REC_RUNTIME,      "cgo",         ROTA_RUNTIME_CGO,        0                      },
	{ ROTA_REC_RUNTIME,      "pie",         ROTA_RUNTIME_PIE,        0                      },
	{ ROTA_REC_RUNTIME,      "stripped",    ROTA_RUNTIME_STRIPPED,   0                      },
	{ ROTA_REC_RUNTIME,      "exact",       ROTA_RUNTIME_EXACT,      0                      },
	{ ROTA_REC_GO_CENSUS,    "gcknown",     ROTA_CENSUS_GC_KNOWN,    0                      },
	{ ROTA_REC_GO_CENSUS,    "gc",          ROTA_CENSUS_GC,          0                      },
	{ ROTA_REC_GOROUTINE,    "system",      ROTA_GOROUTINE_SYSTEM,   0                      },
};

static const struct { /* how a thread leaves its cpu, and what the kernel's state and counters then are */
	const char *word;
	uint16_t state;
	uint8_t flags;
} outs[] = {
	[ROTA_OUT_BLOCKED] = {"blocked",    0x01, 0                      },
	[ROTA_OUT_PREEMPTED] = { "preempted", 0x00, ROTA_SWITCH_INVOLUNTARY},
	[ROTA_OUT_YIELDED] = { "yielded",   0x00, ROTA_SWITCH_INVOLUNTARY},
	[ROTA_OUT_STOPPED] = { "stopped",   0x04, 0                      },
	[ROTA_OUT_DEAD] = { "dead",      0x80, 0                      },
};
/* clang-format on */

static const char *const verbs[ROTA_REC_TYPES] = {
	[ROTA_REC_SWITCH] = "switch",       [ROTA_REC_WAKEUP] = "wakeup",
	[ROTA_REC_MIGRATE] = "migrate",     [ROTA_REC_OCCUPANT] = "occupant",
	[ROTA_REC_TASK] = "task",           [ROTA_REC_NAME] = "name",
	[ROTA_REC_EXEC] = "exec",           [ROTA_REC_LEAVE] = "leave",
	[ROTA_REC_SNAPSHOT] = "snapshot",   [ROTA_REC_LOST] = "lost",
	[ROTA_REC_START] = "start",         [ROTA_REC_STOP] = "stop",
	[ROTA_REC_SYNC] = "sync",           [ROTA_REC_HOTPLUG] = "hotplug",
	[ROTA_REC_CPUTIME] = "cputime",     [ROTA_REC_COST] = "cost",
	[ROTA_REC_UNWATCH] = "unwatch",     [ROTA_REC_REASON] = "reason",
	[ROTA_REC_SAMPLE] = "sample",       [ROTA_REC_CALL] = "call",
	[ROTA_REC_TEXT] = "text",           [ROTA_REC_CGROUP] = "cgroup",
	[ROTA_REC_QUOTA] = "quota",         [ROTA_REC_CPUSET] = "cpuset",
	[ROTA_REC_AFFINITY] = "affinity",   [ROTA_REC_STACK] = "stack",
	[ROTA_REC_SYMBOL] = "symbol",       [ROTA_REC_CALLS] = "calls",
	[ROTA_REC_CALLS_SPREAD] = "spread", [ROTA_REC_GO] = "go",
	[ROTA_REC_GO_RUN] = "gorun",        [ROTA_REC_RUNTIME] = "runtime",
	[ROTA_REC_GO_CENSUS] = "census",    [ROTA_REC_GO_TOTALS] = "totals",
	[ROTA_REC_GO_LATENCY] = "latency",  [ROTA_REC_GOROUTINE] = "goroutine",
	[ROTA_REC_GO_REASON] = "goreason",  [ROTA_REC_GO_POPULATION] = "population",
};
static const char *const states[ROTA_STATES] = { "none",      "unknown", "running", "runnable",
						 "throttled", "blocked", "stopped" };

#endif
