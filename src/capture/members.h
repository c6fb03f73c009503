/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The threads of T as user space knows them: TASK, EXEC, LEAVE and last SWITCH records come in as they are drained, a list
 * goes out for those that look threads up in /proc or by system calls. It lags behind by a drain, and may name who has ended.
 */
#ifndef ROTA_CAPTURE_MEMBERS_H
#define ROTA_CAPTURE_MEMBERS_H

#include "base/idtable.h"
#include "rota/record.h"

#include <stdbool.h>
#include <stddef.h>

#define MEMBERS_MAX 65536U /* threads kept; those that come while there are so many are not listed */

struct member {
	uint32_t tid, tgid;
	uint16_t cpuset;    /* as told last; 0: not told yet (capture/affinity.h) */
	bool affinity_read; /* looked at, told or not */
	bool cgroup_read;   /* its cgroups are known (capture/quota.h) */
};

struct members {
	struct member *list; /* in no order */
	size_t capacity;
	uint32_t count;
	uint32_t affinity_new, cgroup_new; /* members not read yet */
	bool cut;                          /* there were more than MEMBERS_MAX */
	struct idtable *places;            /* tid → its place in list[], from 1 on */
};

void members_init(struct members *members);
void members_fini(struct members *members);
void members_feed(struct members *members, const union rota_any_record *record);

/* Whether a record may change the list: all others need not be fed. */
static inline bool members_told(const union rota_any_record *record)
{
	switch (record->head.type) {
	case ROTA_REC_TASK:
	case ROTA_REC_EXEC:
	case ROTA_REC_LEAVE:
		return true;
	case ROTA_REC_SWITCH:
		return (record->head.flags & ROTA_SWITCH_OUT_MASK) >> ROTA_SWITCH_OUT_SHIFT == ROTA_OUT_DEAD;
	default:
		return false;
	}
}

#endif
