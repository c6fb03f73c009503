/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * User stacks by number: STACK records come in, in pieces and in any order to those that refer to them; frames go out.
 * Memory is bounded; a stack that found no place has no frames.
 */
#ifndef ROTA_METRIC_STACKS_H
#define ROTA_METRIC_STACKS_H

#include "rota/record.h"

#include <stddef.h>

#define STACKS_MAX (1U << 20) /* numbers above have no frames */

struct stack_frames {
	uint32_t count;
	uint64_t *addresses; /* innermost first */
};

struct stacks {                      /* all zero is an empty table */
	struct stack_frames *stacks; /* by number */
	size_t capacity;
};

void stacks_fini(struct stacks *stacks);
/* Takes STACK, and leaves other records alone. */
void stacks_add(struct stacks *stacks, const union rota_any_record *record);
/* Owned by stacks, until the next stacks_add(); NULL where no frame of it was told. */
const struct stack_frames *stacks_get(const struct stacks *stacks, uint32_t id);

#endif
