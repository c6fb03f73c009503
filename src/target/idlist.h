/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A growing list of thread or process ids in which none is twice. Private to src/target. */
#ifndef ROTA_TARGET_IDLIST_H
#define ROTA_TARGET_IDLIST_H

#include "base/alloc.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

struct idlist { /* all zero is an empty list */
	uint32_t *ids;
	size_t count, capacity;
	uint8_t *seen; /* one bit an id, made with the first one */
};

#define IDLIST_MAX_ID (1U << 22) /* PID_MAX_LIMIT: every id is below it */

static inline bool idlist_has(const struct idlist *list, uint32_t id)
{
	return list->seen && id < IDLIST_MAX_ID && (list->seen[id / 8] >> (id % 8) & 1);
}

/* Takes ids from 1 to PID_MAX_LIMIT - 1 that are not in it yet; true if it took this one. */
static inline bool idlist_add(struct idlist *list, uint32_t id)
{
	if (!id || id >= IDLIST_MAX_ID || idlist_has(list, id))
		return false;
	if (!list->seen)
		list->seen = xcalloc(IDLIST_MAX_ID / 8, 1);
	list->seen[id / 8] |= (uint8_t)(1U << (id % 8));
	list->ids = xgrow(list->ids, &list->capacity, list->count + 1, sizeof(*list->ids));
	list->ids[list->count++] = id;
	return true;
}

static inline void idlist_fini(struct idlist *list)
{
	free(list->ids);
	free(list->seen);
	*list = (struct idlist){ 0 };
}

/* Gives the ids away: the caller frees them. NULL where there are none. */
static inline uint32_t *idlist_take(struct idlist *list, size_t *ret_count)
{
	uint32_t *ids = list->ids;

	*ret_count = list->count;
	free(list->seen);
	*list = (struct idlist){ 0 };
	return ids;
}

#endif
