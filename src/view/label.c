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
