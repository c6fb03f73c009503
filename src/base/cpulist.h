/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Sets of cpu numbers, and the list format in which the kernel writes them: "0-3,8" (lib/bitmap-str.c, %*pbl). */
#ifndef ROTA_BASE_CPULIST_H
#define ROTA_BASE_CPULIST_H

#include "rota/record.h"

#include <stdbool.h>
#include <stdint.h>

struct cpulist { /* all zero is the empty set */
	uint64_t bits[ROTA_CPU_MAX / 64];
};

/*
 * "0-3,8", with or without a newline at its end; "" is the empty set. 0; -EINVAL for any other text, -ERANGE for a cpu
 * of ROTA_CPU_MAX or above. *ret_list is not touched on failure.
 */
int cpulist_parse(const char *text, struct cpulist *ret_list);
/* The same text for the set, without a newline; malloc'd. */
char *cpulist_format(const struct cpulist *list);

void cpulist_add(struct cpulist *list, uint32_t cpu); /* cpu < ROTA_CPU_MAX */
uint32_t cpulist_count(const struct cpulist *list);
/* The smallest member ≥ cpu, or ROTA_CPU_MAX where there is none. */
uint32_t cpulist_next(const struct cpulist *list, uint32_t cpu);
/* Takes the members of `without` out of `list`. */
void cpulist_subtract(struct cpulist *list, const struct cpulist *without);

static inline bool cpulist_has(const struct cpulist *list, uint32_t cpu)
{
	return cpu < ROTA_CPU_MAX && (list->bits[cpu / 64] >> (cpu % 64) & 1);
}

#endif
