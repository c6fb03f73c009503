/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A set of goroutine numbers that only grows, up to a bound. */
#ifndef ROTA_CAPTURE_GOIDS_H
#define ROTA_CAPTURE_GOIDS_H

#include <stdbool.h>
#include <stdint.h>

#define GOIDS_MAX (1U << 20) /* 16 MiB of table */

struct goids {           /* all zero is the empty set */
	uint64_t *slots; /* 0: free */
	uint32_t slot_count, count;
};

void goids_fini(struct goids *goids);
/* Adds `goid`, which is not 0. True: it is new. False: it was there, or there is no more room (goids_full()). */
bool goids_add(struct goids *goids, uint64_t goid);
static inline bool goids_full(const struct goids *goids)
{
	return goids->count >= GOIDS_MAX;
}

#endif
