/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: the summary's names and numbers. Goes out: words. Never trusts a name to be terminated. */
#include "view/label.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *label_name(char *out, const char *name)
{
	snprintf(out, LABEL_SIZE, "%.*s", ROTA_COMM_SIZE, name[0] ? name : "?");
	return out;
}

const char *label_thread(char *out, const char *name, uint32_t tid)
{
	snprintf(out, LABEL_SIZE, "%.*s[%" PRIu32 "]", ROTA_COMM_SIZE, name, tid);
	return out;
}

const char *label_cause(uint8_t cause)
{
	static const char *const words[ROTA_CAUSES] = {
		[ROTA_CAUSE_UNKNOWN] = "unknown",     [ROTA_CAUSE_WAKEUP] = "wakeup",   [ROTA_CAUSE_NEW] = "new",
		[ROTA_CAUSE_PREEMPTED] = "preempted", [ROTA_CAUSE_YIELDED] = "yielded",
	};

	return words[cause < ROTA_CAUSES ? cause : ROTA_CAUSE_UNKNOWN];
}

const char *label_cause_of(uint8_t state, uint8_t cause)
{
	return state == ROTA_THROTTLED ? "throttled" : label_cause(cause);
}

const char *label_distance(enum rota_distance distance)
{
	static const char *const words[ROTA_DISTANCES] = {
		[ROTA_SAME_CORE] = "within the core",
		[ROTA_SAME_LLC] = "to another core of the L3",
		[ROTA_SAME_NODE] = "to another L3 of the NUMA node",
		[ROTA_SAME_PACKAGE] = "to another NUMA node of the socket",
		[ROTA_OTHER_PACKAGE] = "to another socket",
	};

	return words[distance];
}

const char *label_distance_key(enum rota_distance distance)
{
	static const char *const keys[ROTA_DISTANCES] = {
		[ROTA_SAME_CORE] = "same_core",         [ROTA_SAME_LLC] = "same_llc",
		[ROTA_SAME_NODE] = "same_node",         [ROTA_SAME_PACKAGE] = "same_package",
		[ROTA_OTHER_PACKAGE] = "other_package",
	};

	return keys[distance];
}

static const struct {
	const char *word, *key, *without_call;
} classes[ROTA_BLOCKED_CLASSES] = {
	[ROTA_BLOCKED_UNKNOWN] = {"not known",    "",           "not known"  },
	[ROTA_BLOCKED_LOCK] = { "lock",        "lock",       "lock"       },
	[ROTA_BLOCKED_NETWORK] = { "network",     "network",    "network"    },
	[ROTA_BLOCKED_DISK] = { "disk",        "disk",       "disk"       },
	[ROTA_BLOCKED_SLEEP] = { "sleep",       "sleep",      "sleep"      },
	[ROTA_BLOCKED_POLL] = { "poll",        "poll",       "poll"       },
	[ROTA_BLOCKED_PIPE] = { "pipe",        "pipe",       "pipe"       },
	[ROTA_BLOCKED_WAIT] = { "wait",        "wait",       "wait"       },
	[ROTA_BLOCKED_PAGE_FAULT] = { "page fault",  "page_fault", "page fault" },
	[ROTA_BLOCKED_WORKER] = { "kernel work", "worker",     "kernel work"},
	[ROTA_BLOCKED_EXITING] = { "exiting",     "exiting",    "exit"       },
	[ROTA_BLOCKED_OTHER] = { "other",       "other",      "exception"  },
};

const char *label_blocked_class(uint8_t blocked_class)
{
	return classes[blocked_class < ROTA_BLOCKED_CLASSES ? blocked_class : ROTA_BLOCKED_UNKNOWN].word;
}

const char *label_blocked_key(uint8_t blocked_class)
{
	return classes[blocked_class < ROTA_BLOCKED_CLASSES ? blocked_class : ROTA_BLOCKED_UNKNOWN].key;
}

const char *label_blocked_call(char *out, const struct rota_blocked *blocked)
{
	uint8_t class = blocked->blocked_class < ROTA_BLOCKED_CLASSES ? blocked->blocked_class : ROTA_BLOCKED_UNKNOWN;

	if (blocked->merged)
		snprintf(out, LABEL_SIZE, "other kinds");
	else if (blocked->syscall[0])
		snprintf(out, LABEL_SIZE, "%.*s%s", (int)sizeof(blocked->syscall), blocked->syscall,
			 blocked->compat ? " (32-bit)" : "");
	else
		snprintf(out, LABEL_SIZE, "%s", classes[class].without_call);
	return out;
}

const char *label_blocked(char *out, const struct rota_blocked *blocked)
{
	char call[LABEL_SIZE];

	snprintf(out, 2 * (size_t)LABEL_SIZE, "%s%s%.*s", label_blocked_call(call, blocked),
		 blocked->fd_kind[0] ? " " : "", (int)sizeof(blocked->fd_kind), blocked->fd_kind);
	return out;
}

const char *label_lock(char *out, const struct rota_lock *lock)
{
	if (lock->name[0])
		snprintf(out, 2 * (size_t)LABEL_SIZE, "%.*s", (int)sizeof(lock->name), lock->name);
	else
		snprintf(out, 2 * (size_t)LABEL_SIZE, "0x%" PRIx64, lock->address);
	return out;
}

const char *label_process(char *out, const struct rota_summary *summary, uint32_t tgid)
{
	const char *name = "";

	for (uint32_t i = 0; i < summary->process_count; i++)
		if (summary->processes[i].tgid == tgid)
			name = summary->processes[i].name;
	for (uint32_t i = 0; i < summary->go.runtime_count; i++)
		if (summary->go.runtimes[i].tgid == tgid && summary->go.runtimes[i].name[0])
			name = summary->go.runtimes[i].name;
	return label_thread(out, name, tgid);
}

const char *label_go_version(char *out, const struct rota_runtime *runtime)
{
	const char *version = runtime->version;
	size_t skip = version[0] == 'g' && version[1] == 'o' && version[2] >= '0' && version[2] <= '9' ? 2 : 0;

	if (version[0])
		snprintf(out, LABEL_SIZE, "Go %.*s", (int)(sizeof(runtime->version) - skip), version + skip);
	else
		snprintf(out, LABEL_SIZE, "Go of unknown version");
	return out;
}

const char *label_setter(uint8_t setter)
{
	static const char *const words[] = {
		[ROTA_SETTER_UNKNOWN] = "",
		[ROTA_SETTER_RUNTIME] = "runtime",
		[ROTA_SETTER_ENVIRONMENT] = "environment",
		[ROTA_SETTER_PROGRAM] = "program",
	};

	return setter < sizeof(words) / sizeof(words[0]) ? words[setter] : "";
}

const char *label_tier(uint8_t tier)
{
	static const char *const words[] = {
		[ROTA_TIER_NONE] = "",
		[ROTA_TIER_DWARF] = "dwarf",
		[ROTA_TIER_SYMBOLS] = "symbols",
		[ROTA_TIER_SCAN] = "scan",
	};

	return tier < sizeof(words) / sizeof(words[0]) ? words[tier] : "";
}

const char *label_go_status(uint8_t status)
{
	static const char *const words[] = {
		[ROTA_GO_G_RUNNABLE] = "runnable",   [ROTA_GO_G_RUNNING] = "running",
		[ROTA_GO_G_SYSCALL] = "system call", [ROTA_GO_G_WAITING] = "waiting",
		[ROTA_GO_G_DEAD] = "dead",           [ROTA_GO_G_COPYSTACK] = "stack moves",
		[ROTA_GO_G_PREEMPTED] = "preempted",
	};

	return status < sizeof(words) / sizeof(words[0]) && words[status] ? words[status] : "other";
}

unsigned int label_most_class(const uint64_t class_ns[ROTA_BLOCKED_CLASSES])
{
	unsigned int most = ROTA_BLOCKED_CLASSES;

	for (unsigned int i = 0; i < ROTA_BLOCKED_CLASSES; i++)
		if (class_ns[i] && (most == ROTA_BLOCKED_CLASSES || class_ns[i] > class_ns[most]))
			most = i;
	return most;
}

const char *label_cpus(char *out, size_t size, const uint32_t *cpus, uint32_t count)
{
	size_t used = 0;

	out[0] = 0;
	for (uint32_t first = 0, last; first < count; first = last + 1) {
		char piece[32];
		size_t length;

		for (last = first; last + 1 < count && cpus[last + 1] == cpus[last] + 1; last++)
			;
		length = (size_t)(first == last
					  ? snprintf(piece, sizeof(piece), "%s%" PRIu32, used ? "," : "", cpus[first])
					  : snprintf(piece, sizeof(piece), "%s%" PRIu32 "-%" PRIu32, used ? "," : "",
						     cpus[first], cpus[last]));
		if (used + length + sizeof("…") > size) {
			snprintf(out + used, size - used, "…");
			break;
		}
		memcpy(out + used, piece, length + 1);
		used += length;
	}
	return out;
}
