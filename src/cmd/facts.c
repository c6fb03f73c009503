/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: the machine, the target, or a trace's own words. Goes out: the same facts, and a summary's identity. */
#include "cmd/facts.h"
#include "base/alloc.h"
#include "host/identity.h"
#include "host/topology.h"
#include "metric/summary.h"
#include "trace/meta.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NS_PER_S 1000000000LL

void facts_fini(struct facts *facts)
{
	for (size_t i = 0; i < facts->count; i++) {
		free(facts->list[i].key);
		free(facts->list[i].value);
	}
	free(facts->list);
	*facts = (struct facts){ 0 };
}

static struct fact *find(const struct facts *facts, const char *key)
{
	for (size_t i = 0; i < facts->count; i++)
		if (!strcmp(facts->list[i].key, key))
			return &facts->list[i];
	return NULL;
}

void facts_set(struct facts *facts, const char *key, const char *value)
{
	struct fact *fact = find(facts, key);

	if (fact) {
		free(fact->value);
		fact->value = xstrdup(value);
		return;
	}
	facts->list = xgrow(facts->list, &facts->capacity, facts->count + 1, sizeof(*facts->list));
	facts->list[facts->count++] = (struct fact){ xstrdup(key), xstrdup(value) };
}

const char *facts_get(const struct facts *facts, const char *key)
{
	const struct fact *fact = find(facts, key);

	return fact ? fact->value : NULL;
}

void facts_set_clocks(struct facts *facts, const char *key)
{
	struct identity_clocks clocks;
	char text[96];

	identity_clocks_read(&clocks);
	snprintf(text, sizeof(text), "%" PRIu64 " %" PRIu64 " %" PRIu64, clocks.monotonic_ns, clocks.boottime_ns,
		 clocks.realtime_ns);
	facts_set(facts, key, text);
}

static const char *kind_name(enum target_kind kind)
{
	static const char *const names[] = {
		[TARGET_PROCESS] = "process", [TARGET_THREAD] = "thread",   [TARGET_CGROUP] = "cgroup",
		[TARGET_NAME] = "name",       [TARGET_COMMAND] = "command", [TARGET_SYSTEM] = "system",
	};

	return names[kind];
}

int facts_gather(struct facts *facts, const struct target *target, const char *xml, const char *offline,
		 const char *throttle_source)
{
	struct identity identity;
	char number[32];
	int err = identity_read(&identity);

	if (err)
		return err;
	snprintf(number, sizeof(number), "%d", identity.utc_offset_s);
	facts_set(facts, META_TOPOLOGY, xml);
	facts_set(facts, META_CPUS, offline);
	facts_set(facts, META_KIND, kind_name(target->kind));
	facts_set(facts, META_DESCRIPTION, target->description);
	facts_set(facts, META_HOST, identity.host_name);
	facts_set(facts, META_KERNEL, identity.kernel);
	facts_set(facts, META_ARCH, identity.arch);
	facts_set(facts, META_VERSION, ROTA_VERSION);
	facts_set(facts, META_UTC_OFFSET, number);
	facts_set(facts, META_RECORDED, target->kind == TARGET_SYSTEM ? "system" : "target");
	facts_set(facts, META_THROTTLE, throttle_source);
	facts_set_clocks(facts, META_CLOCK_START);
	return 0;
}

int facts_topology(const struct facts *facts, struct rota_topology **ret_topology)
{
	const char *xml = facts_get(facts, META_TOPOLOGY);

	return xml ? topology_from_xml(xml, facts_get(facts, META_CPUS), ret_topology) : -ENODATA;
}

int64_t facts_realtime_ns(const struct facts *facts, uint64_t monotonic_ns)
{
	const char *text = facts_get(facts, META_CLOCK_START);
	uint64_t monotonic, boottime;
	int64_t realtime;

	if (!text || sscanf(text, "%" SCNu64 " %" SCNu64 " %" SCNd64, &monotonic, &boottime, &realtime) != 3)
		return 0;
	return (int64_t)((uint64_t)realtime + monotonic_ns - monotonic);
}

int facts_utc_offset_s(const struct facts *facts)
{
	const char *text = facts_get(facts, META_UTC_OFFSET);
	long offset = text ? strtol(text, NULL, 10) : 0;

	return offset > -86400 && offset < 86400 ? (int)offset : 0;
}

static char *rfc3339(int64_t realtime_ns, int offset_s)
{
	time_t seconds = (time_t)(realtime_ns / NS_PER_S) + offset_s;
	int minutes = abs(offset_s) / 60;
	struct tm parts;
	char text[40];

	if (realtime_ns <= 0 || !gmtime_r(&seconds, &parts) ||
	    !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts))
		return NULL;
	return xasprintf("%s.%06d%c%02d:%02d", text, (int)(realtime_ns % NS_PER_S / 1000), offset_s < 0 ? '-' : '+',
			 minutes / 60, minutes % 60);
}

static char *copy(const struct facts *facts, const char *key)
{
	const char *value = facts_get(facts, key);

	return xstrdup(value ? value : "");
}

void facts_identify(const struct facts *facts, struct rota_summary *summary)
{
	const char *throttle = facts_get(facts, META_THROTTLE);

	summary->identity = (struct rota_identity){
		.target_kind = copy(facts, META_KIND),
		.target_description = copy(facts, META_DESCRIPTION),
		.host_name = copy(facts, META_HOST),
		.kernel = copy(facts, META_KERNEL),
		.arch = copy(facts, META_ARCH),
		.rota_version = copy(facts, META_VERSION),
		.start_time = rfc3339(facts_realtime_ns(facts, summary->start_ns), facts_utc_offset_s(facts)),
	};
	if (throttle && !strcmp(throttle, "cfs_rq") && summary->throttled_ns)
		rota_summary_note(
			summary,
			"throttled time is told by the run queue a thread was put on (this kernel has no mark on the thread itself): stays that begin before the throttling are counted as waiting for a cpu");
	for (size_t i = 0; i < facts->count; i++)
		if (!strncmp(facts->list[i].key, META_NOTE, strlen(META_NOTE)))
			rota_summary_note(summary, "%s", facts->list[i].value);
}
