/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The texts and symbols that other records refer to: TEXT and SYMBOL records come in, in pieces and in any order to those that
 * refer to them; names go out. Memory is bounded; what found no place has no name, and is counted.
 */
#ifndef ROTA_METRIC_TEXTS_H
#define ROTA_METRIC_TEXTS_H

#include "rota/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEXTS_MAX_BYTES  (64U << 20) /* of all texts together */
#define TEXT_MAX_BYTES   65536U      /* of one; the rest is cut */
#define TEXTS_MAX        (1U << 20)
#define TEXT_SYMBOLS_MAX (1U << 20)

struct text_symbol {
	uint64_t address, offset;
	uint32_t tgid;
	uint32_t name, module; /* texts; 0: none */
};

struct texts {
	struct text_entry {
		uint32_t id;
		uint32_t length;
		char *text;
	} * entries;                          /* ascending by id */
	size_t entry_capacity, text_capacity; /* of entries[]; of the last one's text, which may still grow */
	uint32_t entry_count;
	bool open; /* the last one's last piece has not come yet */
	uint64_t bytes;
	struct text_symbol *symbols;
	size_t symbol_capacity;
	uint32_t symbol_count;
	uint32_t *slots; /* hash of tgid and address → symbol + 1 */
	uint32_t slot_count;
	uint64_t dropped; /* records that found no place */
};

void texts_fini(struct texts *texts);
/* Takes TEXT and SYMBOL, and leaves other records alone. A symbol told again replaces the earlier one. */
void texts_add(struct texts *texts, const union rota_any_record *record);
/* Owned by texts, until the next texts_add(); NULL where it was not told. */
const char *texts_get(const struct texts *texts, uint32_t id);
/* What lies at `address` in process `tgid`; NULL where it was not told. */
const struct text_symbol *texts_symbol(const struct texts *texts, uint32_t tgid, uint64_t address);
/*
 * "name+0x10 in module", "name in module", "module+0x10" or "" where nothing is known, cut to `size`. A module is printed
 * without its directories. Returns `out`.
 */
const char *texts_name(const struct texts *texts, uint32_t tgid, uint64_t address, char *out, size_t size);

#endif
