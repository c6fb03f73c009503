/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: pieces of texts, symbols. Goes out: names. Trusts no number in a record. */
#include "metric/texts.h"
#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void texts_fini(struct texts *texts)
{
	for (uint32_t i = 0; i < texts->entry_count; i++)
		free(texts->entries[i].text);
	free(texts->entries);
	free(texts->symbols);
	free(texts->slots);
	*texts = (struct texts){ 0 };
}

/* The entry that a piece belongs to: the last one, which is still open, or a new one. NULL: out of order, or no room. */
static struct text_entry *entry_for(struct texts *texts, uint32_t id)
{
	struct text_entry *last = texts->entry_count ? &texts->entries[texts->entry_count - 1] : NULL;

	if (last && last->id == id)
		return texts->open ? last : NULL;
	if (!id || (last && id < last->id) || texts->entry_count == TEXTS_MAX)
		return NULL;
	texts->entries = xgrow(texts->entries, &texts->entry_capacity, texts->entry_count + 1U, sizeof(*last));
	last = &texts->entries[texts->entry_count++];
	*last = (struct text_entry){ .id = id };
	texts->text_capacity = 0;
	texts->open = true;
	return last;
}

static void add_piece(struct texts *texts, const struct rota_rec_text *piece)
{
	uint32_t length = piece->head.aux < ROTA_TEXT_SIZE ? piece->head.aux : ROTA_TEXT_SIZE;
	struct text_entry *entry = entry_for(texts, piece->id);

	if (!entry || texts->bytes + length > TEXTS_MAX_BYTES || entry->length + length > TEXT_MAX_BYTES) {
		texts->dropped++;
		return;
	}
	entry->text = xgrow(entry->text, &texts->text_capacity, entry->length + length + 1U, 1);
	memcpy(entry->text + entry->length, piece->text, length);
	entry->length += length;
	entry->text[entry->length] = '\0';
	texts->bytes += length;
	texts->open = length == ROTA_TEXT_SIZE;
}

const char *texts_get(const struct texts *texts, uint32_t id)
{
	uint32_t low = 0, high = texts->entry_count;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (texts->entries[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < texts->entry_count && texts->entries[low].id == id ? texts->entries[low].text : NULL;
}

static uint32_t slot_of(const struct texts *texts, uint32_t tgid, uint64_t address)
{
	uint64_t hash = (address ^ (uint64_t)tgid << 32) * 0x9e3779b97f4a7c15ULL;
	uint32_t slot = (uint32_t)(hash >> 32) & (texts->slot_count - 1);

	while (texts->slots[slot]) {
		const struct text_symbol *symbol = &texts->symbols[texts->slots[slot] - 1];

		if (symbol->address == address && symbol->tgid == tgid)
			break;
		slot = (slot + 1) & (texts->slot_count - 1);
	}
	return slot;
}

static void rehash(struct texts *texts)
{
	free(texts->slots);
	texts->slot_count = texts->slot_count ? 2 * texts->slot_count : 64;
	texts->slots = xcalloc(texts->slot_count, sizeof(*texts->slots));
	for (uint32_t i = 0; i < texts->symbol_count; i++)
		texts->slots[slot_of(texts, texts->symbols[i].tgid, texts->symbols[i].address)] = i + 1;
}

static void add_symbol(struct texts *texts, const struct rota_rec_symbol *record)
{
	struct text_symbol symbol = { .address = record->address,
				      .offset = record->offset,
				      .tgid = record->head.tid,
				      .name = record->name,
				      .module = record->module };
	uint32_t slot;

	if (2U * texts->symbol_count >= texts->slot_count)
		rehash(texts);
	slot = slot_of(texts, symbol.tgid, symbol.address);
	if (!texts->slots[slot]) {
		if (texts->symbol_count == TEXT_SYMBOLS_MAX) {
			texts->dropped++;
			return;
		}
		texts->symbols = xgrow(texts->symbols, &texts->symbol_capacity, texts->symbol_count + 1U,
				       sizeof(*texts->symbols));
		texts->slots[slot] = ++texts->symbol_count;
	}
	texts->symbols[texts->slots[slot] - 1] = symbol;
}

void texts_add(struct texts *texts, const union rota_any_record *record)
{
	if (record->head.type == ROTA_REC_TEXT)
		add_piece(texts, &record->text);
	else if (record->head.type == ROTA_REC_SYMBOL)
		add_symbol(texts, &record->symbol);
}

const struct text_symbol *texts_symbol(const struct texts *texts, uint32_t tgid, uint64_t address)
{
	uint32_t slot;

	if (!texts->slot_count)
		return NULL;
	slot = texts->slots[slot_of(texts, tgid, address)];
	return slot ? &texts->symbols[slot - 1] : NULL;
}

const char *texts_name(const struct texts *texts, uint32_t tgid, uint64_t address, char *out, size_t size)
{
	const struct text_symbol *symbol = texts_symbol(texts, tgid, address);
	const char *name = symbol ? texts_get(texts, symbol->name) : NULL;
	const char *module = symbol ? texts_get(texts, symbol->module) : NULL, *slash;
	char offset[24] = "";

	out[0] = '\0';
	slash = module ? strrchr(module, '/') : NULL;
	if (slash && slash[1])
		module = slash + 1;
	if (symbol && symbol->offset)
		snprintf(offset, sizeof(offset), "+0x%llx", (unsigned long long)symbol->offset);
	if (name && *name)
		snprintf(out, size, "%s%s%s%s", name, offset, module && *module ? " in " : "", module ? module : "");
	else if (module && *module)
		snprintf(out, size, "%s%s", module, offset);
	return out;
}
