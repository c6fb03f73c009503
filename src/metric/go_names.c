/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: records of what is what. Goes out: look-ups. */
#include "metric/go_names.h"

#define FIRST_SLOTS 1024U
#define MULTIPLIER  0x9e3779b97f4a7c15ULL

void go_names_init(struct go_names *names)
{
	*names = (struct go_names){ .by_tgid = idtable_new() };
}

void go_names_fini(struct go_names *names)
{
	idtable_free(names->by_tgid);
	free(names->programs);
	free(names->slots);
	*names = (struct go_names){ 0 };
}

static struct go_program *newest(const struct go_names *names, uint32_t tgid)
{
	uintptr_t number = tgid < ROTA_TID_MAX ? (uintptr_t)idtable_get(names->by_tgid, tgid) : 0;

	return number ? &names->programs[number - 1] : NULL;
}

uint32_t go_names_program(struct go_names *names, uint32_t tgid)
{
	struct go_program *program = newest(names, tgid);
	bool again = program != NULL;

	if (program && !program->ended)
		return (uint32_t)(program - names->programs);
	if (names->program_count == GO_PROGRAMS_MAX || !tgid || tgid >= ROTA_TID_MAX)
		return UINT32_MAX;
	names->programs =
		xgrow(names->programs, &names->program_capacity, names->program_count + 1U, sizeof(*names->programs));
	names->programs[names->program_count++] = (struct go_program){ .tgid = tgid };
	names->repeated = names->repeated || again;
	idtable_set(names->by_tgid, tgid, (void *)(uintptr_t)names->program_count);
	return names->program_count - 1;
}

static struct go_name *slot_of(const struct go_names *names, uint32_t program, uint64_t goid)
{
	uint32_t mask = names->slot_count - 1;
	uint32_t at = (uint32_t)((goid * MULTIPLIER ^ (uint64_t)program * 0x85ebca6bU) >> 24) & mask;

	while (names->slots[at].program && (names->slots[at].program != program + 1 || names->slots[at].goid != goid))
		at = (at + 1) & mask;
	return &names->slots[at];
}

static void grow(struct go_names *names)
{
	struct go_names larger = *names;

	larger.slot_count = names->slot_count ? 2 * names->slot_count : FIRST_SLOTS;
	larger.slots = xcalloc(larger.slot_count, sizeof(*larger.slots));
	for (uint32_t i = 0; i < names->slot_count; i++)
		if (names->slots[i].program)
			*slot_of(&larger, names->slots[i].program - 1, names->slots[i].goid) = names->slots[i];
	free(names->slots);
	*names = larger;
}

static void add_goroutine(struct go_names *names, const struct rota_rec_goroutine *record)
{
	uint32_t program = go_names_program(names, record->head.tid);
	struct go_name *slot;

	if (program == UINT32_MAX || !record->goid)
		return;
	if (2 * names->count >= names->slot_count && names->count < GO_NAMES_MAX)
		grow(names);
	slot = slot_of(names, program, record->goid);
	if (!slot->program && names->count == GO_NAMES_MAX) {
		names->refused++;
		return;
	}
	names->count += !slot->program;
	*slot = (struct go_name){ .goid = record->goid,
				  .program = program + 1,
				  .start = record->start,
				  .system = record->head.flags & ROTA_GOROUTINE_SYSTEM };
}

void go_names_add(struct go_names *names, const union rota_any_record *record)
{
	struct go_program *program;
	uint32_t number;

	switch (record->head.type) {
	case ROTA_REC_RUNTIME:
		if (record->head.aux != ROTA_RUNTIME_GO)
			break;
		number = go_names_program(names, record->head.tid);
		if (number == UINT32_MAX)
			break;
		program = &names->programs[number];
		program->told = true;
		program->runtime = record->runtime;
		if (!program->gomaxprocs_first)
			program->gomaxprocs_first = record->runtime.gomaxprocs;
		break;
	case ROTA_REC_GO_CENSUS:
		program = newest(names, record->head.tid);
		if (program && !record->head.aux)
			program->ended = true;
		break;
	case ROTA_REC_GOROUTINE:
		add_goroutine(names, &record->goroutine);
		break;
	default:
		break;
	}
}

const struct go_name *go_names_get(const struct go_names *names, uint32_t program, uint64_t goid)
{
	const struct go_name *slot = names->slot_count && goid ? slot_of(names, program, goid) : NULL;

	return slot && slot->program ? slot : NULL;
}
