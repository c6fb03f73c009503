/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: records of one cpu in the order they were written. Goes out: a chunk. Never changes, drops or reorders a
 * record. What repeats (a record's flags and aux, a tid) is named once a chunk and a number of one byte from then on.
 */
#include "trace/codec.h"
#include "base/alloc.h"
#include "trace/record.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_RECORDS     256  /* columns of fixed use are grown for so many records at a time */
#define HINT_TIDS        4096 /* where a tid's slot may be found at once: by its low bits, of which most tids differ */
#define HINT_SHAPES      256
#define WHO_OF_RECORD    3 /* most tids of one record that take a byte of COLUMN_WHO: TASK and WAKEUP */
#define NO_TID           UINT32_MAX
#define KEY_REASON_SHIFT 40 /* a shape's key, low to high: type, flags, aux (two bytes), modes, reason */

struct chunk_encoder {
	struct buffer columns[CODEC_COLUMNS];
	struct buffer chunk; /* the last one taken */
	uint32_t record_count;
	uint32_t room; /* records for which every column but COLUMN_MORE has room */
	uint64_t first_ts_ns, last_ts_ns, last_boottime_ns, last_argument;
	uint32_t occupant_tid, last_wakee_tid, last_new_tid;
	uint16_t cpu;
	uint8_t tid_next, shape_next;
	uint32_t tids[CHUNK_TIDS];
	uint64_t shapes[CHUNK_SHAPES]; /* keys: shape_key() */
	uint8_t tid_hint[HINT_TIDS];
	uint8_t shape_hint[HINT_SHAPES];
};

static void begin(struct chunk_encoder *encoder)
{
	for (unsigned int i = 0; i < CODEC_COLUMNS; i++)
		buffer_clear(&encoder->columns[i]);
	memset(encoder->tids, 0xff, sizeof(encoder->tids)); /* NO_TID */
	memset(encoder->shapes, 0, sizeof(encoder->shapes));
	encoder->tids[0] = 0;
	encoder->tid_next = 1;
	encoder->shape_next = 0;
	encoder->record_count = encoder->room = 0;
	encoder->occupant_tid = encoder->last_wakee_tid = encoder->last_new_tid = 0;
	encoder->last_boottime_ns = encoder->last_argument = 0;
}

struct chunk_encoder *chunk_encoder_new(uint16_t cpu)
{
	struct chunk_encoder *encoder = xcalloc(1, sizeof(*encoder));

	encoder->cpu = cpu;
	begin(encoder);
	return encoder;
}

void chunk_encoder_free(struct chunk_encoder *encoder)
{
	if (!encoder)
		return;
	for (unsigned int i = 0; i < CODEC_COLUMNS; i++)
		buffer_fini(&encoder->columns[i]);
	buffer_fini(&encoder->chunk);
	free(encoder);
}

static __attribute__((noinline)) void make_room(struct chunk_encoder *encoder)
{
	for (unsigned int i = 0; i < COLUMN_MORE; i++)
		buffer_reserve(&encoder->columns[i], ROOM_RECORDS * (i == COLUMN_WHO ? WHO_OF_RECORD : 1));
	encoder->room = ROOM_RECORDS;
}

/* To a column that make_room() grew. */
static inline void put(struct chunk_encoder *encoder, enum codec_column column, uint8_t byte)
{
	encoder->columns[column].data[encoder->columns[column].size++] = byte;
}

static struct buffer *more(struct chunk_encoder *encoder)
{
	return &encoder->columns[COLUMN_MORE];
}

static __attribute__((noinline)) void put_new_tid(struct chunk_encoder *encoder, uint32_t tid)
{
	uint8_t *hint = &encoder->tid_hint[tid % HINT_TIDS];

	for (unsigned int slot = 0; slot < CHUNK_TIDS; slot++) {
		if (encoder->tids[slot] != tid)
			continue;
		*hint = (uint8_t)slot; /* another tid with the same low bits had taken the hint */
		put(encoder, COLUMN_WHO, (uint8_t)slot);
		return;
	}
	*hint = encoder->tid_next;
	encoder->tids[encoder->tid_next] = tid;
	encoder->tid_next = encoder->tid_next == CHUNK_TIDS - 1 ? 1 : (uint8_t)(encoder->tid_next + 1);
	put(encoder, COLUMN_WHO, CODEC_NEW);
	buffer_put_varint(more(encoder), zigzag((int64_t)tid - (int64_t)encoder->last_new_tid));
	encoder->last_new_tid = tid;
}

static inline void put_tid(struct chunk_encoder *encoder, uint32_t tid)
{
	uint8_t slot = encoder->tid_hint[tid % HINT_TIDS];

	if (__builtin_expect(encoder->tids[slot] == tid, 1))
		put(encoder, COLUMN_WHO, slot);
	else
		put_new_tid(encoder, tid);
}

static __attribute__((noinline)) void put_new_shape(struct chunk_encoder *encoder, uint64_t key, uint8_t *hint)
{
	struct buffer *out = more(encoder);
	uint8_t modes = (uint8_t)(key >> 32);

	for (unsigned int slot = 0; slot < CHUNK_SHAPES; slot++) {
		if (encoder->shapes[slot] != key)
			continue;
		*hint = (uint8_t)slot;
		put(encoder, COLUMN_TAG, (uint8_t)slot);
		return;
	}
	*hint = encoder->shape_next;
	encoder->shapes[encoder->shape_next] = key;
	encoder->shape_next = (uint8_t)((encoder->shape_next + 1) % CHUNK_SHAPES);
	put(encoder, COLUMN_TAG, CODEC_NEW);
	buffer_put_u8(out, (uint8_t)key);
	buffer_put_u8(out, (uint8_t)(key >> 8));
	buffer_put_u8(out, modes);
	if ((modes & CODEC_AUX_MASK) == CODEC_AUX_SHAPE) {
		buffer_put_u8(out, (uint8_t)(key >> 16));
		buffer_put_u8(out, (uint8_t)(key >> 24));
	}
	if ((uint8_t)key == ROTA_REC_SWITCH && (modes & CODEC_SWITCH_REASON))
		buffer_put_varint(out, key >> KEY_REASON_SHIFT);
}

static inline void put_shape(struct chunk_encoder *encoder, const struct rota_record *head, uint8_t modes,
			     uint32_t reason)
{
	/* never 0, which stands for a free slot: types begin at 1 */
	uint64_t key = head->type | (uint64_t)head->flags << 8 | (uint64_t)modes << 32;
	uint8_t *hint, slot;

	key |= (uint64_t)(reason & CODEC_REASON_MASK) << KEY_REASON_SHIFT;
	if ((modes & CODEC_AUX_MASK) == CODEC_AUX_SHAPE)
		key |= (uint64_t)head->aux << 16;
	hint = &encoder->shape_hint[(key * 0x9e3779b97f4a7c15ULL) >> 56];
	slot = *hint;
	if (__builtin_expect(encoder->shapes[slot] == key, 1))
		put(encoder, COLUMN_TAG, slot);
	else
		put_new_shape(encoder, key, hint);
}

static __attribute__((noinline)) void put_wide(struct chunk_encoder *encoder, enum codec_column low, uint64_t value)
{
	bool negative = (int64_t)value < 0;
	unsigned int bytes = 1;

	if (negative)
		value = -value;
	put(encoder, low, (uint8_t)value);
	while (bytes < CODEC_WIDE_BYTES && value >> (8 * bytes + 8))
		bytes++;
	put(encoder, low + 1, (uint8_t)(CODEC_WIDE | (negative ? CODEC_WIDE_NEGATIVE : 0) | bytes));
	for (unsigned int i = 1; i <= bytes; i++)
		buffer_put_u8(more(encoder), (uint8_t)(value >> (8 * i)));
}

/* A number whose low byte goes to column `low` and whose high byte goes to the next one. */
static inline void put_number(struct chunk_encoder *encoder, enum codec_column low, uint64_t value)
{
	if (__builtin_expect(value >= CODEC_WIDE << 8, 0)) {
		put_wide(encoder, low, value);
		return;
	}
	put(encoder, low, (uint8_t)value);
	put(encoder, low + 1, (uint8_t)(value >> 8));
}

static void encode_switch(struct chunk_encoder *encoder, const struct rota_rec_switch *record, uint64_t delta_ns)
{
	uint8_t modes = CODEC_AUX_SHAPE;

	if (record->head.tid != encoder->occupant_tid)
		modes |= CODEC_SWITCH_PREV_WHO;
	if (!record->next_tid)
		modes |= CODEC_SWITCH_NEXT_IDLE;
	else if (record->next_tid == encoder->last_wakee_tid)
		modes |= CODEC_SWITCH_NEXT_WAKEE;
	if (record->reason)
		modes |= CODEC_SWITCH_REASON;
	if (record->argument)
		modes |= CODEC_SWITCH_ARGUMENT;
	put_shape(encoder, &record->head, modes, record->reason);
	put_number(encoder, COLUMN_SWITCH_LOW, delta_ns);
	if (modes & CODEC_SWITCH_PREV_WHO)
		put_tid(encoder, record->head.tid);
	if ((modes & CODEC_SWITCH_NEXT_MASK) == CODEC_SWITCH_NEXT_WHO)
		put_tid(encoder, record->next_tid);
	if (modes & CODEC_SWITCH_ARGUMENT) {
		buffer_put_varint(more(encoder), zigzag((int64_t)(record->argument - encoder->last_argument)));
		encoder->last_argument = record->argument;
	}
	encoder->occupant_tid = record->next_tid;
}

static inline uint8_t tid_mode(const struct chunk_encoder *encoder, uint32_t tid)
{
	if (!tid)
		return CODEC_TID_IDLE;
	return tid == encoder->occupant_tid ? CODEC_TID_OCCUPANT : CODEC_TID_WHO;
}

static void encode_wakeup(struct chunk_encoder *encoder, const struct rota_rec_wakeup *record, uint64_t delta_ns)
{
	uint8_t occupant = tid_mode(encoder, record->occupant_tid), waker = tid_mode(encoder, record->waker_tid);
	uint8_t aux = record->head.aux == encoder->cpu ? CODEC_AUX_OWN : CODEC_AUX_MORE;

	put_shape(encoder, &record->head,
		  (uint8_t)(aux | occupant << CODEC_OCCUPANT_SHIFT | waker << CODEC_WAKER_SHIFT), 0);
	put_number(encoder, COLUMN_WAKEUP_LOW, delta_ns);
	if (aux == CODEC_AUX_MORE)
		buffer_put_varint(more(encoder), record->head.aux);
	put_tid(encoder, record->head.tid);
	if (occupant == CODEC_TID_WHO)
		put_tid(encoder, record->occupant_tid);
	if (waker == CODEC_TID_WHO)
		put_tid(encoder, record->waker_tid);
	put_number(encoder, COLUMN_DELAY_LOW, record->waking_delay_ns);
	if (aux == CODEC_AUX_OWN)
		encoder->last_wakee_tid = record->head.tid;
}

static void encode_field(struct chunk_encoder *encoder, enum record_field_kind kind, const uint8_t *field,
			 const struct rota_record *head)
{
	struct buffer *out = more(encoder);
	uint16_t value16;
	uint32_t value32;
	uint64_t value64;
	size_t length;

	switch (kind) {
	case RECORD_FIELD_TID:
		memcpy(&value32, field, sizeof(value32));
		put_tid(encoder, value32);
		break;
	case RECORD_FIELD_CPU:
	case RECORD_FIELD_U32:
	case RECORD_FIELD_REASON:
		memcpy(&value32, field, sizeof(value32));
		buffer_put_varint(out, value32);
		break;
	case RECORD_FIELD_U16:
		memcpy(&value16, field, sizeof(value16));
		buffer_put_varint(out, value16);
		break;
	case RECORD_FIELD_U64:
		memcpy(&value64, field, sizeof(value64));
		buffer_put_varint(out, value64);
		break;
	case RECORD_FIELD_BOOT:
		memcpy(&value64, field, sizeof(value64));
		buffer_put_varint(out, zigzag((int64_t)(value64 - encoder->last_boottime_ns)));
		encoder->last_boottime_ns = value64;
		break;
	case RECORD_FIELD_STATE:
		buffer_put_u8(out, *field);
		break;
	case RECORD_FIELD_COMM:
		length = strnlen((const char *)field, ROTA_COMM_SIZE - 1);
		buffer_put_u8(out, (uint8_t)length);
		buffer_append(out, field, length);
		break;
	case RECORD_FIELD_TEXT:
		buffer_append(out, field, head->aux);
		break;
	case RECORD_FIELD_END:
		break;
	}
}

static void encode_other(struct chunk_encoder *encoder, const struct rota_record *head, uint64_t delta_ns)
{
	const struct record_layout *layout = &record_layouts[head->type];
	uint8_t aux = head->aux == encoder->cpu ? CODEC_AUX_OWN : CODEC_AUX_MORE;

	put_shape(encoder, head, aux, 0);
	buffer_put_varint(more(encoder), zigzag((int64_t)delta_ns));
	if (aux == CODEC_AUX_MORE)
		buffer_put_varint(more(encoder), head->aux);
	put_tid(encoder, head->tid);
	for (unsigned int i = 0; layout->fields[i].kind; i++)
		encode_field(encoder, layout->fields[i].kind, (const uint8_t *)head + layout->fields[i].offset, head);
	if (head->type == ROTA_REC_SNAPSHOT && aux == CODEC_AUX_OWN)
		encoder->occupant_tid = head->tid;
}

void chunk_encode(struct chunk_encoder *encoder, const union rota_any_record *record)
{
	const struct rota_record *head = &record->head;
	uint64_t delta_ns;

	if (__builtin_expect(!encoder->room, 0)) {
		if (!encoder->record_count) {
			begin(encoder); /* the chunk before may have been taken, not yet forgotten */
			encoder->first_ts_ns = encoder->last_ts_ns = head->ts_ns;
		}
		make_room(encoder);
	}
	encoder->room--;
	encoder->record_count++;
	delta_ns = head->ts_ns - encoder->last_ts_ns;
	encoder->last_ts_ns = head->ts_ns;
	if (head->type == ROTA_REC_SWITCH)
		encode_switch(encoder, &record->sw, delta_ns);
	else if (head->type == ROTA_REC_WAKEUP)
		encode_wakeup(encoder, &record->wakeup, delta_ns);
	else
		encode_other(encoder, head, delta_ns);
}

size_t chunk_encoder_size(const struct chunk_encoder *encoder)
{
	size_t size = CODEC_HEADER_MAX;

	if (!encoder->record_count)
		return 0;
	for (unsigned int i = 0; i < CODEC_COLUMNS; i++)
		size += encoder->columns[i].size;
	return size;
}

struct chunk chunk_encoder_take(struct chunk_encoder *encoder)
{
	struct chunk chunk = { .cpu = encoder->cpu, .record_count = encoder->record_count };
	struct buffer *out = &encoder->chunk;

	buffer_clear(out);
	if (encoder->record_count) {
		buffer_put_u64(out, encoder->first_ts_ns);
		buffer_put_varint(out, encoder->columns[COLUMN_SWITCH_LOW].size);
		buffer_put_varint(out, encoder->columns[COLUMN_WAKEUP_LOW].size);
		buffer_put_varint(out, encoder->columns[COLUMN_WHO].size);
		for (unsigned int i = 0; i < CODEC_COLUMNS; i++)
			buffer_append(out, encoder->columns[i].data, encoder->columns[i].size);
	}
	encoder->record_count = encoder->room = 0;
	chunk.bytes = out->data;
	chunk.size = out->size;
	return chunk;
}
