/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: records on their way from the rings. Goes out: a stack's number in place of its frames, and what its addresses
 * are called. An address is known by process and by which of its programs (exec) it was in.
 */
#include "capture/names.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/idtable.h"
#include "runtime/symbols.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS 1024U
#define MULTIPLIER  0x9e3779b97f4a7c15ULL
#define BATCH       16U /* addresses between two looks at the clock */

struct address {
	uint64_t address;
	uint32_t tgid;
	uint16_t program; /* how many programs the process had executed before */
	bool returns_to;  /* a return address: the call is before it */
};

struct stack { /* frames follow each other in `frames` */
	uint64_t hash;
	size_t first;
	uint32_t count;
};

struct process { /* what is known of a thread's process; by tid */
	uint32_t tgid;
	uint16_t program; /* of a leader */
};

struct names {
	struct drain *drain;
	struct text *text;
	struct symbols *symbols;
	struct idtable *threads; /* tid → struct process */
	struct address *addresses;
	size_t address_capacity;
	uint32_t address_count, looked_up; /* those before looked_up have been looked up */
	uint32_t *address_slots;           /* hash → address + 1 */
	uint32_t address_slot_count;
	struct stack *stacks; /* number - 1 */
	size_t stack_capacity;
	uint32_t stack_count;
	uint32_t *stack_slots;
	uint32_t stack_slot_count;
	uint64_t *frames;
	size_t frame_capacity, frame_count;
	uint64_t refused;
};

static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * MULTIPLIER;
	return hash ^ (hash >> 32);
}

static uint64_t address_hash(const struct address *address)
{
	return mix(mix(1, address->address),
		   (uint64_t)address->tgid << 17 | (uint64_t)address->program << 1 | address->returns_to);
}

/* --- tables -------------------------------------------------------------------------------------------------------- */

static uint32_t *slot_of_address(const struct names *names, const struct address *address)
{
	uint32_t at = (uint32_t)address_hash(address) & (names->address_slot_count - 1);

	for (;; at = (at + 1) & (names->address_slot_count - 1)) {
		const struct address *one;

		if (!names->address_slots[at])
			return &names->address_slots[at];
		one = &names->addresses[names->address_slots[at] - 1];
		if (one->address == address->address && one->tgid == address->tgid &&
		    one->program == address->program && one->returns_to == address->returns_to)
			return &names->address_slots[at];
	}
}

static void grow_addresses(struct names *names)
{
	if (names->address_slot_count > 2 * names->address_count)
		return;
	names->address_slot_count = names->address_slot_count ? 2 * names->address_slot_count : FIRST_SLOTS;
	free(names->address_slots);
	names->address_slots = xcalloc(names->address_slot_count, sizeof(*names->address_slots));
	for (uint32_t i = 0; i < names->address_count; i++)
		*slot_of_address(names, &names->addresses[i]) = i + 1;
}

static void want_name(struct names *names, uint32_t tid, uint64_t at, bool returns_to)
{
	const struct process *thread = idtable_get(names->threads, tid);
	const struct process *leader = thread ? idtable_get(names->threads, thread->tgid) : NULL;
	struct address address = { .address = at, .returns_to = returns_to };
	uint32_t *slot;

	if (!thread)
		return;
	address.tgid = thread->tgid;
	address.program = leader ? leader->program : 0;
	grow_addresses(names);
	slot = slot_of_address(names, &address);
	if (*slot)
		return;
	if (names->address_count == NAMES_ADDRESSES_MAX) {
		names->refused++;
		return;
	}
	names->addresses =
		xgrow(names->addresses, &names->address_capacity, names->address_count + 1U, sizeof(*names->addresses));
	names->addresses[names->address_count++] = address;
	*slot = names->address_count;
}

static uint32_t *slot_of_stack(const struct names *names, uint64_t hash, const uint64_t *frames, uint32_t count)
{
	uint32_t at = (uint32_t)hash & (names->stack_slot_count - 1);

	for (;; at = (at + 1) & (names->stack_slot_count - 1)) {
		const struct stack *one;

		if (!names->stack_slots[at])
			return &names->stack_slots[at];
		one = &names->stacks[names->stack_slots[at] - 1];
		if (one->hash == hash && one->count == count &&
		    !memcmp(names->frames + one->first, frames, count * sizeof(*frames)))
			return &names->stack_slots[at];
	}
}

static void grow_stacks(struct names *names)
{
	if (names->stack_slot_count > 2 * names->stack_count)
		return;
	names->stack_slot_count = names->stack_slot_count ? 2 * names->stack_slot_count : FIRST_SLOTS;
	free(names->stack_slots);
	names->stack_slots = xcalloc(names->stack_slot_count, sizeof(*names->stack_slots));
	for (uint32_t i = 0; i < names->stack_count; i++) {
		const struct stack *one = &names->stacks[i];

		*slot_of_stack(names, one->hash, names->frames + one->first, one->count) = i + 1;
	}
}

static void put_stack(struct names *names, uint32_t id, const uint64_t *frames, uint32_t count)
{
	for (uint32_t first = 0; first < count; first += ROTA_STACK_FRAMES) {
		uint32_t part = count - first < ROTA_STACK_FRAMES ? count - first : ROTA_STACK_FRAMES;
		union rota_any_record record = {
			.stack = {.head = { .ts_ns = clock_ns(CLOCK_MONOTONIC),
					     .type = ROTA_REC_STACK,
					     .aux = (uint16_t)part },
                                  .id = id,
                                  .first = first}
		};

		memcpy(record.stack.frames, frames + first, part * sizeof(*frames));
		drain_put(names->drain, &record);
	}
}

/* The number of a stack, which is told when it is new; 0 for none. */
static uint32_t number_stack(struct names *names, const uint64_t *frames, uint32_t count)
{
	uint64_t hash = count;
	uint32_t *slot, known;

	for (uint32_t i = 0; i < count; i++)
		hash = mix(hash, frames[i]);
	grow_stacks(names);
	slot = slot_of_stack(names, hash, frames, count);
	known = *slot;
	if (known)
		return known;
	if (names->stack_count == NAMES_STACKS_MAX) {
		names->refused++;
		return 0;
	}
	names->frames =
		xgrow(names->frames, &names->frame_capacity, names->frame_count + count, sizeof(*names->frames));
	memcpy(names->frames + names->frame_count, frames, count * sizeof(*frames));
	names->stacks = xgrow(names->stacks, &names->stack_capacity, names->stack_count + 1U, sizeof(*names->stacks));
	names->stacks[names->stack_count++] = (struct stack){ hash, names->frame_count, count };
	names->frame_count += count;
	*slot = names->stack_count;
	put_stack(names, names->stack_count, frames, count);
	return names->stack_count;
}

/* --- records ------------------------------------------------------------------------------------------------------- */

static struct process *process_of(struct names *names, uint32_t tid)
{
	struct process *process = idtable_get(names->threads, tid);

	if (!process) {
		process = xcalloc(1, sizeof(*process));
		idtable_set(names->threads, tid, process);
	}
	return process;
}

static void see_sample(struct names *names, struct rota_rec_sample *sample, const void *rest, size_t rest_size)
{
	uint64_t frames[ROTA_STACK_DEPTH];
	uint32_t count = (uint32_t)(rest_size / sizeof(frames[0]));

	if (count > ROTA_STACK_DEPTH)
		count = ROTA_STACK_DEPTH;
	memcpy(frames, rest, count * sizeof(frames[0]));
	process_of(names, sample->head.tid)->tgid = sample->tgid;
	sample->stack = count ? number_stack(names, frames, count) : 0;
	for (uint32_t i = 0; i < count; i++)
		want_name(names, sample->head.tid, frames[i], i > 0);
}

static void see(void *ctx, union rota_any_record *record, const void *rest, size_t rest_size)
{
	struct names *names = ctx;

	switch (record->head.type) {
	case ROTA_REC_TASK:
		if (record->head.flags & ROTA_F_TARGET)
			process_of(names, record->head.tid)->tgid = record->task.tgid;
		break;
	case ROTA_REC_EXEC:
		process_of(names, record->head.tid)->tgid = record->head.tid; /* whoever does exec is the leader now */
		process_of(names, record->head.tid)->program++;
		symbols_forget(names->symbols, record->head.tid);
		break;
	case ROTA_REC_SAMPLE:
		see_sample(names, &record->sample, rest, rest_size);
		break;
	case ROTA_REC_SWITCH:
		want_name(names, record->head.tid, record->sw.argument, false);
		break;
	case ROTA_REC_REASON:
		want_name(names, record->head.tid, record->reason.argument, false);
		break;
	default:
		break;
	}
}

struct names *names_new(struct drain *drain, struct text *text)
{
	struct names *names = xcalloc(1, sizeof(*names));

	names->drain = drain;
	names->text = text;
	names->symbols = symbols_new();
	names->threads = idtable_new();
	drain_observe(drain, &(struct drain_observer){ names, see });
	return names;
}

void names_free(struct names *names)
{
	if (!names)
		return;
	for (uint32_t tid = 0; tid < ROTA_TID_MAX; tid++) {
		if (!names->threads->pages[tid >> IDTABLE_PAGE_BITS])
			tid |= IDTABLE_PAGE_SIZE - 1; /* nobody in this page */
		else
			free(idtable_get(names->threads, tid));
	}
	idtable_free(names->threads);
	symbols_free(names->symbols);
	free(names->addresses);
	free(names->address_slots);
	free(names->stacks);
	free(names->stack_slots);
	free(names->frames);
	free(names);
}

/* --- names --------------------------------------------------------------------------------------------------------- */

static void look_up(struct names *names, const struct address *address)
{
	const struct process *leader = idtable_get(names->threads, address->tgid);
	union rota_any_record record = { 0 };
	struct symbol symbol;

	if (leader && leader->program != address->program)
		return; /* that program is gone */
	symbols_find(names->symbols, address->tgid, address->address - address->returns_to, &symbol);
	if (!symbol.name && !symbol.module)
		return;
	record.symbol = (struct rota_rec_symbol){
		.address = address->address,
		.offset = symbol.offset + address->returns_to,
		.name = text_intern(names->text, symbol.name),
		.module = text_intern(names->text, symbol.module),
	};
	record.head.ts_ns = clock_ns(CLOCK_MONOTONIC);
	record.head.type = ROTA_REC_SYMBOL;
	record.head.tid = address->tgid;
	drain_put(names->drain, &record);
}

void names_work(struct names *names, uint64_t budget_ns)
{
	uint64_t until_ns = clock_ns(CLOCK_MONOTONIC) + budget_ns;

	while (names->looked_up < names->address_count) {
		look_up(names, &names->addresses[names->looked_up++]);
		if (names->looked_up % BATCH == 0 && clock_ns(CLOCK_MONOTONIC) > until_ns)
			return;
	}
}

void names_refresh(struct names *names)
{
	symbols_refresh(names->symbols);
}

uint64_t names_refused(const struct names *names)
{
	return names->refused;
}
