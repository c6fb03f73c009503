/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tid → pointer: two levels of pages, so that a look-up is two loads at any number of threads. Owns no values. */
#ifndef ROTA_BASE_IDTABLE_H
#define ROTA_BASE_IDTABLE_H

#include "base/alloc.h"

#include <stdint.h>
#include <stdlib.h>

#define IDTABLE_PAGE_BITS 10
#define IDTABLE_PAGE_SIZE (1U << IDTABLE_PAGE_BITS)
#define IDTABLE_PAGES     (1U << 12) /* × 1024 = 2^22 ids, the kernel's PID_MAX_LIMIT */

struct idtable {
	void **pages[IDTABLE_PAGES];
};

static inline struct idtable *idtable_new(void)
{
	return xcalloc(1, sizeof(struct idtable));
}

static inline void idtable_free(struct idtable *table)
{
	if (!table)
		return;
	for (unsigned int i = 0; i < IDTABLE_PAGES; i++)
		free(table->pages[i]);
	free(table);
}

/* NULL where nothing was set. `id` must be below 2^22. */
static inline void *idtable_get(const struct idtable *table, uint32_t id)
{
	void **page = table->pages[id >> IDTABLE_PAGE_BITS];

	return page ? page[id & (IDTABLE_PAGE_SIZE - 1)] : NULL;
}

static inline void idtable_set(struct idtable *table, uint32_t id, void *value)
{
	void ***page = &table->pages[id >> IDTABLE_PAGE_BITS];

	if (!*page)
		*page = xcalloc(IDTABLE_PAGE_SIZE, sizeof(void *));
	(*page)[id & (IDTABLE_PAGE_SIZE - 1)] = value;
}

#endif
