/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: a chunk, bytes from outside. Goes out: its records, valid as rota/event.h says. Never reads outside the chunk,
 * never gives more records than the chunk has bytes for tags. Flags, types and tids are checked where they are defined,
 * once, so that the records that only refer to them need no check of their own.
 */
#include "trace/codec.h"
#include "rota/transition.h"
#include "trace/record.h"

#include <errno.h>
#include <string.h>

bool codec_header_parse(const struct chunk *chunk, struct codec_header *ret_header, const uint8_t **ret_columns)
{
	struct codec_header header;
	struct cursor cursor = cursor_over(chunk->bytes, chunk->size);
	uint64_t switches, wakeups, whos, used;

	if (chunk->size > CHUNK_MAX_BYTES || (chunk->cpu >= ROTA_CPU_MAX && chunk->cpu != ROTA_CPU_NONE))
		return false;
	header.ts_ns = cursor_u64(&cursor);
	switches = cursor_varint(&cursor);
	wakeups = cursor_varint(&cursor);
	whos = cursor_varint(&cursor);
	if (cursor.bad || switches > chunk->size || wakeups > chunk->size || whos > chunk->size)
		return false;
	used = chunk->record_count + 2 * switches + 4 * wakeups + whos;
	if (used > cursor_left(&cursor) || switches + wakeups > chunk->record_count)
		return false;
	header.size[COLUMN_TAG] = chunk->record_count;
	header.size[COLUMN_WHO] = whos;
	header.size[COLUMN_SWITCH_LOW] = header.size[COLUMN_SWITCH_HIGH] = switches;
	header.size[COLUMN_WAKEUP_LOW] = header.size[COLUMN_WAKEUP_HIGH] = wakeups;
	header.size[COLUMN_DELAY_LOW] = header.size[COLUMN_DELAY_HIGH] = wakeups;
	header.size[COLUMN_MORE] = cursor_left(&cursor) - used;
	*ret_header = header;
	*ret_columns = cursor.at;
	return true;
}

void chunk_decoder_init(struct chunk_decoder *decoder, const struct chunk *chunk)
{
	struct codec_header header;
	const uint8_t *at, *column[CODEC_COLUMNS];

	/* The tables stay as they are: nothing is read from them beyond the counts. */
	memset(decoder, 0, offsetof(struct chunk_decoder, shapes));
	decoder->cpu = chunk->cpu;
	if (!chunk->record_count && !chunk->size)
		return;
	if (!chunk->record_count || !codec_header_parse(chunk, &header, &at)) {
		decoder->cursor.bad = true;
		return;
	}
	for (unsigned int i = 0; i < CODEC_COLUMNS; i++) {
		column[i] = at;
		at += header.size[i];
	}
	decoder->cursor = cursor_over(column[COLUMN_MORE], header.size[COLUMN_MORE]);
	decoder->tag = column[COLUMN_TAG];
	decoder->who = column[COLUMN_WHO];
	decoder->who_end = decoder->who + header.size[COLUMN_WHO];
	decoder->switch_low = column[COLUMN_SWITCH_LOW];
	decoder->switch_high = column[COLUMN_SWITCH_HIGH];
	decoder->wakeup_low = column[COLUMN_WAKEUP_LOW];
	decoder->wakeup_high = column[COLUMN_WAKEUP_HIGH];
	decoder->delay_low = column[COLUMN_DELAY_LOW];
	decoder->delay_high = column[COLUMN_DELAY_HIGH];
	decoder->left = chunk->record_count;
	decoder->switches_left = (uint32_t)header.size[COLUMN_SWITCH_LOW];
	decoder->wakeups_left = (uint32_t)header.size[COLUMN_WAKEUP_LOW];
	decoder->last_ts_ns = header.ts_ns;
	decoder->tids[0] = 0;
	decoder->tid_count = decoder->tid_next = 1;
}

/* What is wrong sets cursor.bad, which chunk_decode() looks at once a record. */

static __attribute__((noinline)) uint32_t new_tid(struct chunk_decoder *decoder, uint8_t who)
{
	uint64_t tid = decoder->last_new_tid + (uint64_t)unzigzag(cursor_varint(&decoder->cursor));

	if (who != CODEC_NEW || decoder->cursor.bad || tid >= ROTA_TID_MAX) {
		decoder->cursor.bad = true;
		return 0;
	}
	decoder->last_new_tid = (uint32_t)tid;
	decoder->tids[decoder->tid_next] = (uint32_t)tid;
	if (decoder->tid_next == decoder->tid_count)
		decoder->tid_count++;
	decoder->tid_next = decoder->tid_next == CHUNK_TIDS - 1 ? 1 : (uint8_t)(decoder->tid_next + 1);
	return (uint32_t)tid;
}

static inline uint32_t get_tid(struct chunk_decoder *decoder)
{
	uint8_t who;

	if (__builtin_expect(decoder->who == decoder->who_end, 0)) {
		decoder->cursor.bad = true;
		return 0;
	}
	who = *decoder->who++;
	return __builtin_expect(who < decoder->tid_count, 1) ? decoder->tids[who] : new_tid(decoder, who);
}

/* Only a thread of T that blocked has a reason, and only where there is a reason there is an argument. */
static bool shape_reason_valid(const struct chunk_shape *shape)
{
	unsigned int left_as = (shape->flags & ROTA_SWITCH_OUT_MASK) >> ROTA_SWITCH_OUT_SHIFT;

	if (!(shape->modes & CODEC_SWITCH_REASON))
		return !(shape->modes & CODEC_SWITCH_ARGUMENT);
	return left_as == ROTA_OUT_BLOCKED && (shape->flags & ROTA_SWITCH_PREV_TARGET) &&
	       record_reason_valid(shape->reason);
}

static bool shape_valid(const struct chunk_shape *shape)
{
	uint8_t modes = shape->modes, known = CODEC_AUX_MASK;

	if ((modes & CODEC_AUX_MASK) > CODEC_AUX_MORE || !record_head_valid(shape->type, shape->flags, shape->aux))
		return false;
	if (shape->type == ROTA_REC_SWITCH) {
		known |= CODEC_SWITCH_PREV_WHO | CODEC_SWITCH_NEXT_MASK | CODEC_SWITCH_REASON | CODEC_SWITCH_ARGUMENT;
		if ((modes & CODEC_SWITCH_NEXT_MASK) > CODEC_SWITCH_NEXT_IDLE || !shape_reason_valid(shape))
			return false;
	}
	if (shape->type == ROTA_REC_WAKEUP) {
		known |= CODEC_TID_MASK << CODEC_OCCUPANT_SHIFT | CODEC_TID_MASK << CODEC_WAKER_SHIFT;
		if ((modes >> CODEC_OCCUPANT_SHIFT & CODEC_TID_MASK) > CODEC_TID_WHO ||
		    (modes >> CODEC_WAKER_SHIFT & CODEC_TID_MASK) > CODEC_TID_WHO)
			return false;
	}
	return !(modes & ~known);
}

static __attribute__((noinline)) const struct chunk_shape *new_shape(struct chunk_decoder *decoder, uint8_t tag)
{
	struct cursor *cursor = &decoder->cursor;
	struct chunk_shape shape = { 0 }, *slot = &decoder->shapes[decoder->shape_next];
	uint64_t reason = 0;

	shape.type = cursor_u8(cursor);
	shape.flags = cursor_u8(cursor);
	shape.modes = cursor_u8(cursor);
	if ((shape.modes & CODEC_AUX_MASK) == CODEC_AUX_SHAPE) {
		shape.aux = cursor_u8(cursor);
		shape.aux |= (uint16_t)(cursor_u8(cursor) << 8);
	} else if ((shape.modes & CODEC_AUX_MASK) == CODEC_AUX_OWN) {
		shape.aux = decoder->cpu;
	}
	if (shape.type == ROTA_REC_SWITCH && (shape.modes & CODEC_SWITCH_REASON)) {
		reason = cursor_varint(cursor);
		shape.reason = (uint32_t)reason | ROTA_REASON_TOLD;
	}
	if (reason > CODEC_REASON_MASK)
		return NULL;
	if (tag != CODEC_NEW || cursor->bad || !shape_valid(&shape))
		return NULL;
	*slot = shape;
	if (decoder->shape_next == decoder->shape_count)
		decoder->shape_count++;
	decoder->shape_next = (uint8_t)((decoder->shape_next + 1) % CHUNK_SHAPES);
	return slot;
}

static __attribute__((noinline)) uint64_t get_wide(struct chunk_decoder *decoder, uint8_t low, uint8_t high)
{
	unsigned int bytes = high & CODEC_WIDE_BYTES;
	const uint8_t *at = cursor_bytes(&decoder->cursor, bytes);
	uint64_t value = low;

	if (!bytes || !at) {
		decoder->cursor.bad = true;
		return 0;
	}
	for (unsigned int i = 1; i <= bytes; i++)
		value |= (uint64_t)at[i - 1] << (8 * i);
	return high & CODEC_WIDE_NEGATIVE ? -value : value;
}

static inline uint64_t get_number(struct chunk_decoder *decoder, uint8_t low, uint8_t high)
{
	return __builtin_expect(high < CODEC_WIDE, 1) ? low | (uint64_t)high << 8 : get_wide(decoder, low, high);
}

static __attribute__((noinline)) uint16_t get_aux(struct chunk_decoder *decoder, uint8_t type)
{
	uint64_t aux = cursor_varint(&decoder->cursor);

	if (aux > UINT16_MAX || !record_aux_valid(type, (uint16_t)aux))
		decoder->cursor.bad = true;
	return (uint16_t)aux;
}

static inline void get_head(struct chunk_decoder *decoder, const struct chunk_shape *shape, uint64_t delta_ns,
			    struct rota_record *ret_head)
{
	decoder->last_ts_ns += delta_ns;
	ret_head->ts_ns = decoder->last_ts_ns;
	ret_head->type = shape->type;
	ret_head->flags = shape->flags;
	ret_head->aux = shape->aux;
	if (__builtin_expect((shape->modes & CODEC_AUX_MASK) == CODEC_AUX_MORE, 0))
		ret_head->aux = get_aux(decoder, shape->type);
}

static inline void decode_switch(struct chunk_decoder *decoder, const struct chunk_shape *shape,
				 struct rota_rec_switch *ret_record)
{
	uint8_t next = shape->modes & CODEC_SWITCH_NEXT_MASK;

	if (__builtin_expect(!decoder->switches_left, 0)) {
		decoder->cursor.bad = true;
		return;
	}
	decoder->switches_left--;
	get_head(decoder, shape, get_number(decoder, *decoder->switch_low++, *decoder->switch_high++),
		 &ret_record->head);
	ret_record->head.tid = shape->modes & CODEC_SWITCH_PREV_WHO ? get_tid(decoder) : decoder->occupant_tid;
	if (next == CODEC_SWITCH_NEXT_WHO)
		ret_record->next_tid = get_tid(decoder);
	else
		ret_record->next_tid = next == CODEC_SWITCH_NEXT_WAKEE ? decoder->last_wakee_tid : 0;
	ret_record->reason = shape->reason;
	if (__builtin_expect(shape->modes & CODEC_SWITCH_ARGUMENT, 0))
		decoder->last_argument += (uint64_t)unzigzag(cursor_varint(&decoder->cursor));
	ret_record->argument = shape->modes & CODEC_SWITCH_ARGUMENT ? decoder->last_argument : 0;
	decoder->occupant_tid = ret_record->next_tid;
}

static inline uint32_t get_tid_by_mode(struct chunk_decoder *decoder, unsigned int mode)
{
	if (mode == CODEC_TID_WHO)
		return get_tid(decoder);
	return mode == CODEC_TID_OCCUPANT ? decoder->occupant_tid : 0;
}

static inline void decode_wakeup(struct chunk_decoder *decoder, const struct chunk_shape *shape,
				 struct rota_rec_wakeup *ret_record)
{
	uint64_t delay_ns;

	if (__builtin_expect(!decoder->wakeups_left, 0)) {
		decoder->cursor.bad = true;
		return;
	}
	decoder->wakeups_left--;
	get_head(decoder, shape, get_number(decoder, *decoder->wakeup_low++, *decoder->wakeup_high++),
		 &ret_record->head);
	ret_record->head.tid = get_tid(decoder);
	ret_record->occupant_tid = get_tid_by_mode(decoder, shape->modes >> CODEC_OCCUPANT_SHIFT & CODEC_TID_MASK);
	ret_record->waker_tid = get_tid_by_mode(decoder, shape->modes >> CODEC_WAKER_SHIFT & CODEC_TID_MASK);
	delay_ns = get_number(decoder, *decoder->delay_low++, *decoder->delay_high++);
	if (__builtin_expect(delay_ns > UINT32_MAX, 0))
		decoder->cursor.bad = true;
	ret_record->waking_delay_ns = (uint32_t)delay_ns;
	ret_record->zero = 0;
	if (ret_record->head.aux == decoder->cpu)
		decoder->last_wakee_tid = ret_record->head.tid;
}

static void decode_field(struct chunk_decoder *decoder, enum record_field_kind kind, uint16_t aux, uint8_t *ret_field)
{
	struct cursor *cursor = &decoder->cursor;
	const uint8_t *text;
	uint64_t value = 0;
	uint32_t value32;
	uint16_t value16;

	switch (kind) {
	case RECORD_FIELD_TID:
	case RECORD_FIELD_CPU:
		value = kind == RECORD_FIELD_TID ? get_tid(decoder) : cursor_varint(cursor);
		if (kind == RECORD_FIELD_CPU && value >= ROTA_CPU_MAX)
			cursor->bad = true;
		value32 = (uint32_t)value;
		memcpy(ret_field, &value32, sizeof(value32));
		break;
	case RECORD_FIELD_U32:
	case RECORD_FIELD_REASON:
		value = cursor_varint(cursor);
		if (value > UINT32_MAX || (kind == RECORD_FIELD_REASON && !record_reason_valid((uint32_t)value)))
			cursor->bad = true;
		value32 = (uint32_t)value;
		memcpy(ret_field, &value32, sizeof(value32));
		break;
	case RECORD_FIELD_U16:
		value = cursor_varint(cursor);
		if (value > UINT16_MAX)
			cursor->bad = true;
		value16 = (uint16_t)value;
		memcpy(ret_field, &value16, sizeof(value16));
		break;
	case RECORD_FIELD_U64:
		value = cursor_varint(cursor);
		memcpy(ret_field, &value, sizeof(value));
		break;
	case RECORD_FIELD_BOOT:
		decoder->last_boottime_ns += (uint64_t)unzigzag(cursor_varint(cursor));
		memcpy(ret_field, &decoder->last_boottime_ns, sizeof(decoder->last_boottime_ns));
		break;
	case RECORD_FIELD_STATE:
		*ret_field = cursor_u8(cursor);
		if (*ret_field >= ROTA_STATES)
			cursor->bad = true;
		break;
	case RECORD_FIELD_COMM:
		value = cursor_u8(cursor);
		text = value < ROTA_COMM_SIZE ? cursor_bytes(cursor, value) : NULL;
		if (!text || memchr(text, 0, value))
			cursor->bad = true;
		else
			memcpy(ret_field, text, value);
		break;
	case RECORD_FIELD_TEXT:
		text = aux <= ROTA_TEXT_SIZE ? cursor_bytes(cursor, aux) : NULL;
		if (!text || memchr(text, 0, aux))
			cursor->bad = true;
		else
			memcpy(ret_field, text, aux);
		break;
	case RECORD_FIELD_END:
		break;
	}
}

static __attribute__((noinline)) void decode_other(struct chunk_decoder *decoder, const struct chunk_shape *shape,
						   union rota_any_record *ret_record)
{
	const struct record_layout *layout = &record_layouts[shape->type];
	uint8_t *bytes = (uint8_t *)ret_record;

	memset(ret_record, 0, sizeof(*ret_record));
	get_head(decoder, shape, (uint64_t)unzigzag(cursor_varint(&decoder->cursor)), &ret_record->head);
	ret_record->head.tid = get_tid(decoder);
	for (unsigned int i = 0; layout->fields[i].kind; i++)
		decode_field(decoder, layout->fields[i].kind, ret_record->head.aux, bytes + layout->fields[i].offset);
	if (shape->type == ROTA_REC_SNAPSHOT && ret_record->head.aux == decoder->cpu)
		decoder->occupant_tid = ret_record->head.tid;
}

/* No more records: was every byte of the chunk used? */
static int decode_end(const struct chunk_decoder *decoder)
{
	bool used = decoder->who == decoder->who_end && !cursor_left(&decoder->cursor) && !decoder->switches_left &&
		    !decoder->wakeups_left;

	return decoder->cursor.bad || !used ? -EBADMSG : 0;
}

int chunk_decode(struct chunk_decoder *decoder, struct rota_event *ret_event)
{
	const struct chunk_shape *shape;
	uint8_t tag;

	if (__builtin_expect(!decoder->left, 0))
		return decode_end(decoder);
	tag = *decoder->tag++;
	shape = __builtin_expect(tag < decoder->shape_count, 1) ? &decoder->shapes[tag] : new_shape(decoder, tag);
	if (__builtin_expect(!shape, 0))
		goto bad;
	if (shape->type == ROTA_REC_SWITCH)
		decode_switch(decoder, shape, &ret_event->rec.sw);
	else if (shape->type == ROTA_REC_WAKEUP)
		decode_wakeup(decoder, shape, &ret_event->rec.wakeup);
	else
		decode_other(decoder, shape, &ret_event->rec);
	if (__builtin_expect(decoder->cursor.bad, 0))
		goto bad;
	ret_event->cpu = decoder->cpu;
	decoder->left--;
	return 1;
bad:
	decoder->cursor.bad = true;
	decoder->left = 0;
	return -EBADMSG;
}
