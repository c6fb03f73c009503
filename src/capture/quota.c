/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: threads and the cgroup file systems. Goes out: limits and counters as records. Bounded work in each round. */
#include "capture/quota.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "target/quota.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS (4U * QUOTA_CGROUPS_MAX) /* a power of two */

struct watched {
	char *path, *directory;
	bool v1, gone;
	bool asked;      /* whether it has a limit */
	uint16_t number; /* of its CGROUP record; 0: it has had no limit so far */
};

struct quotas {
	const struct target *target;
	struct members *members;
	struct text *text;
	struct quota_trees trees;
	struct watched list[QUOTA_CGROUPS_MAX];
	uint16_t slots[SLOTS]; /* hash of the directory → index in list + 1 */
	uint32_t count, told_count;
	uint32_t next_member, next_cgroup;
	bool in_namespace, began, hidden, cut;
	int flags_told; /* of CGROUP number 0; -1: not told yet */
};

struct quotas *quotas_new(const char *root, const struct target *target, struct members *members, struct text *text,
			  bool in_namespace)
{
	struct quotas *quotas = xcalloc(1, sizeof(*quotas));

	quotas->target = target;
	quotas->members = members;
	quotas->text = text;
	quotas->in_namespace = in_namespace;
	quotas->hidden = quota_namespace_hides();
	quotas->flags_told = -1;
	quota_trees_open(root, &quotas->trees);
	return quotas;
}

void quotas_free(struct quotas *quotas)
{
	if (!quotas)
		return;
	for (uint32_t i = 0; i < quotas->count; i++) {
		free(quotas->list[i].path);
		free(quotas->list[i].directory);
	}
	quota_trees_close(&quotas->trees);
	free(quotas);
}

static uint16_t *slot_of(struct quotas *quotas, const char *directory)
{
	uint32_t at = 2166136261U; /* FNV-1a */

	for (const char *byte = directory; *byte; byte++)
		at = (at ^ (uint8_t)*byte) * 16777619U;
	while (quotas->slots[at % SLOTS] &&
	       strcmp(quotas->list[quotas->slots[at % SLOTS] - 1].directory, directory) != 0)
		at++;
	return &quotas->slots[at % SLOTS];
}

static void add_place(void *ctx, const struct quota_place *place)
{
	struct quotas *quotas = ctx;
	uint16_t *slot = slot_of(quotas, place->directory);
	struct watched *watched;

	if (*slot) {
		watched = &quotas->list[*slot - 1];
		watched->asked = watched->asked && !watched->gone; /* made anew under the same name */
		watched->gone = false;
		return;
	}
	if (quotas->count == QUOTA_CGROUPS_MAX) {
		quotas->cut = true;
		return;
	}
	watched = &quotas->list[quotas->count++];
	*watched = (struct watched){ .path = xstrdup(place->path),
				     .directory = xstrdup(place->directory),
				     .v1 = place->v1 };
	*slot = (uint16_t)quotas->count;
}

static void look_up(struct quotas *quotas, uint32_t tid)
{
	quota_places_of(&quotas->trees, tid, add_place, quotas, &quotas->hidden);
}

static void look_up_member(struct quotas *quotas, struct member *member)
{
	if (!member->cgroup_read)
		quotas->members->cgroup_new--;
	member->cgroup_read = true;
	look_up(quotas, member->tid);
}

static void look_up_members(struct quotas *quotas)
{
	struct members *members = quotas->members;

	for (uint32_t i = members->count, done = 0; i > 0 && members->cgroup_new && done < QUOTA_NEW_MAX; i--) {
		if (members->list[i - 1].cgroup_read)
			continue;
		look_up_member(quotas, &members->list[i - 1]);
		done++;
	}
	for (uint32_t i = 0; i < members->count && i < QUOTA_AGAIN_MAX; i++) {
		if (quotas->next_member >= members->count)
			quotas->next_member = 0;
		look_up_member(quotas, &members->list[quotas->next_member++]);
	}
}

/* In a pid namespace of its own, rota knows the ids that the person typed, and no others. */
static void look_up_named(struct quotas *quotas)
{
	for (size_t i = 0; i < quotas->target->process_count; i++)
		look_up(quotas, quotas->target->processes[i]);
	for (size_t i = 0; i < quotas->target->thread_count; i++)
		look_up(quotas, quotas->target->threads[i]);
}

static void begin(struct quotas *quotas)
{
	const struct target *target = quotas->target;
	const char *directory = target->kind == TARGET_CGROUP ? target->cgroup_path : NULL;

	quotas->began = true;
	if (directory)
		quota_places_above(&quotas->trees, directory, add_place, quotas);
	if ((directory || target->kind == TARGET_SYSTEM) &&
	    !quota_places_below(&quotas->trees, directory, QUOTA_CGROUPS_MAX, add_place, quotas))
		quotas->cut = true;
}

static void tell_cgroup(struct quotas *quotas, struct drain *drain, uint16_t number, uint32_t path, uint8_t flags)
{
	union rota_any_record record = { 0 };

	record.cgroup.head.ts_ns = clock_ns(CLOCK_MONOTONIC);
	record.cgroup.head.type = ROTA_REC_CGROUP;
	record.cgroup.head.flags = flags;
	record.cgroup.head.aux = number;
	record.cgroup.path = path;
	drain_put(drain, &record);
}

/* It has a limit: from now on it is told at each edge. */
static void number_it(struct quotas *quotas, struct drain *drain, struct watched *watched)
{
	if (watched->number)
		return;
	if (quotas->told_count == QUOTA_TOLD_MAX) {
		quotas->cut = true;
		return;
	}
	watched->number = (uint16_t)++quotas->told_count;
	tell_cgroup(quotas, drain, watched->number, text_intern(quotas->text, watched->path),
		    watched->v1 ? ROTA_CGROUP_V1 : 0);
}

static void ask(struct quotas *quotas, struct drain *drain, struct watched *watched)
{
	struct quota_reading reading;
	int err = quota_read(watched->directory, watched->v1, &reading);

	watched->asked = true;
	if (!err && reading.quota_ns)
		number_it(quotas, drain, watched);
}

void quotas_look(struct quotas *quotas, struct drain *drain)
{
	uint8_t flags;

	if (!quotas->began)
		begin(quotas);
	if (quotas->in_namespace)
		look_up_named(quotas);
	else
		look_up_members(quotas);
	for (uint32_t i = 0; i < quotas->count; i++)
		if (!quotas->list[i].asked && !quotas->list[i].gone)
			ask(quotas, drain, &quotas->list[i]);
	for (uint32_t i = 0; i < quotas->count && i < QUOTA_RECHECK_MAX; i++) {
		if (quotas->next_cgroup >= quotas->count)
			quotas->next_cgroup = 0;
		if (!quotas->list[quotas->next_cgroup].number && !quotas->list[quotas->next_cgroup].gone)
			ask(quotas, drain, &quotas->list[quotas->next_cgroup]);
		quotas->next_cgroup++;
	}
	quotas->cut = quotas->cut || quotas->members->cut;
	flags = (quotas->hidden ? ROTA_CGROUP_HIDDEN : 0) | (quotas->cut ? ROTA_CGROUP_CUT : 0);
	if (quotas->trees.count && quotas->flags_told != flags) {
		tell_cgroup(quotas, drain, 0, 0, flags);
		quotas->flags_told = flags;
	}
}

void quotas_tell(struct quotas *quotas, struct drain *drain)
{
	for (uint32_t i = 0, told = 0; i < quotas->count && told < quotas->told_count; i++) {
		struct watched *watched = &quotas->list[i];
		union rota_any_record record = { 0 };
		struct quota_reading reading;
		int err;

		if (!watched->number)
			continue;
		told++;
		if (watched->gone)
			continue;
		err = quota_read(watched->directory, watched->v1, &reading);
		watched->gone = err == -ENOENT;
		if (err)
			continue;
		record.quota = (struct rota_rec_quota){
			.head = {.ts_ns = clock_ns(CLOCK_MONOTONIC), .type = ROTA_REC_QUOTA, .aux = watched->number},
			.quota_ns = reading.quota_ns,
			.period_ns = reading.period_ns,
			.periods = reading.periods,
			.throttled_periods = reading.throttled_periods,
			.throttled_ns = reading.throttled_ns,
		};
		drain_put(drain, &record);
	}
}
