/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: pieces of stacks, from a trace that may say anything. Goes out: frames. Never grows beyond the bounds. */
#include "metric/stacks.h"
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

void stacks_fini(struct stacks *stacks)
{
	for (size_t i = 0; i < stacks->capacity; i++)
		free(stacks->stacks[i].addresses);
	free(stacks->stacks);
	*stacks = (struct stacks){ 0 };
}

void stacks_add(struct stacks *stacks, const union rota_any_record *record)
{
	const struct rota_rec_stack *piece = &record->stack;
	struct stack_frames *stack;
	uint32_t count;

	if (record->head.type != ROTA_REC_STACK || !piece->id || piece->id >= STACKS_MAX)
		return;
	stacks->stacks = xgrow(stacks->stacks, &stacks->capacity, piece->id + 1U, sizeof(*stacks->stacks));
	stack = &stacks->stacks[piece->id];
	if (piece->first != stack->count || stack->count + piece->head.aux > ROTA_STACK_DEPTH)
		return; /* told before, or a piece before it is missing */
	count = stack->count + piece->head.aux;
	stack->addresses = xreallocarray(stack->addresses, count + 1U, sizeof(*stack->addresses));
	memcpy(stack->addresses + stack->count, piece->frames, piece->head.aux * sizeof(*piece->frames));
	stack->count = count;
}

const struct stack_frames *stacks_get(const struct stacks *stacks, uint32_t id)
{
	if (id >= stacks->capacity || !stacks->stacks[id].count)
		return NULL;
	return &stacks->stacks[id];
}
