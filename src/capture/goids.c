/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: numbers, most of them again and again. Goes out: whether they are new. Open addressing, half full at most. */
#include "capture/goids.h"
#include "base/alloc.h"

#include <stdlib.h>

#define FIRST_SLOTS 256U
#define MULTIPLIER  0x9e3779b97f4a7c15ULL

void goids_fini(struct goids *goids)
{
	free(goids->slots);
	*goids = (struct goids){ 0 };
}

static uint64_t *slot_of(const struct goids *goids, uint64_t goid)
{
	uint32_t mask = goids->slot_count - 1, at = (uint32_t)(goid * MULTIPLIER >> 32) & mask;

	while (goids->slots[at] && goids->slots[at] != goid)
		at = (at + 1) & mask;
	return &goids->slots[at];
}

static void grow(struct goids *goids)
{
	struct goids larger = { .slot_count = goids->slot_count ? 2 * goids->slot_count : FIRST_SLOTS,
				.count = goids->count };

	larger.slots = xcalloc(larger.slot_count, sizeof(*larger.slots));
	for (uint32_t i = 0; i < goids->slot_count; i++)
		if (goids->slots[i])
			*slot_of(&larger, goids->slots[i]) = goids->slots[i];
	free(goids->slots);
	*goids = larger;
}

bool goids_add(struct goids *goids, uint64_t goid)
{
	uint64_t *slot;

	if (2 * goids->count >= goids->slot_count && !goids_full(goids))
		grow(goids);
	slot = slot_of(goids, goid);
	if (*slot == goid || goids_full(goids))
		return false;
	*slot = goid;
	goids->count++;
	return true;
}
