/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Records in, the same records out; and bytes that are no chunk are refused without reading outside them. */
#include "records.h"

#include "base/alloc.h"
#include "trace/chunk.h"
#include "trace/record.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

#define CPU 3

/* A copy of exactly its size, so that AddressSanitizer sees a read past the end. */
static struct chunk exact_copy(const struct chunk *chunk)
{
	struct chunk copy = *chunk;
	uint8_t *bytes = xmalloc(chunk->size);

	memcpy(bytes, chunk->bytes, chunk->size);
	copy.bytes = bytes;
	return copy;
}

static void expect_records(const struct chunk *chunk, const union rota_any_record *records, uint32_t count)
{
	struct chunk_decoder decoder;
	struct rota_event event;

	cr_assert_eq(chunk->record_count, count);
	chunk_decoder_init(&decoder, chunk);
	for (uint32_t i = 0; i < count; i++) {
		cr_assert_eq(chunk_decode(&decoder, &event), 1, "record %u of %u", i, count);
		cr_assert_eq(event.cpu, chunk->cpu);
		cr_assert_eq(memcmp(&event.rec, &records[i], size_by_hand(records[i].head.type)), 0,
			     "record %u, type %u", i, records[i].head.type);
	}
	cr_assert_eq(chunk_decode(&decoder, &event), 0);
	cr_assert_eq(chunk_decode(&decoder, &event), 0);
}

/* What include/rota/record.h lets a reason say. */
static void expect_reason(uint32_t reason, uint64_t argument)
{
	cr_assert(!(reason & 0x7ff00000U));
	cr_assert_lt(reason >> 12 & 0x1f, ROTA_FD_KINDS);
	cr_assert(!reason == !(reason & 0x80000000U));
	cr_assert(reason || !argument);
}

/* Decodes whatever it is to its end; what comes out must be valid. Returns the end's value. */
static int decode_all(const struct chunk *chunk, uint32_t *ret_count)
{
	struct chunk_decoder decoder;
	struct rota_event event;
	int result;

	*ret_count = 0;
	chunk_decoder_init(&decoder, chunk);
	while ((result = chunk_decode(&decoder, &event)) == 1) {
		cr_assert_lt(event.rec.head.tid, ROTA_TID_MAX);
		cr_assert_neq(size_by_hand(event.rec.head.type), 0);
		if (event.rec.head.type == ROTA_REC_REASON)
			expect_reason(event.rec.reason.reason, 0);
		else if (event.rec.head.type == ROTA_REC_SWITCH)
			expect_reason(event.rec.sw.reason, event.rec.sw.argument);
		++*ret_count;
	}
	cr_assert_eq(chunk_decode(&decoder, &event), result);
	cr_assert(result == 0 || result == -EBADMSG);
	return result;
}

Test(chunk, record_sizes)
{
	for (unsigned int type = 0; type < 256; type++)
		cr_assert_eq(rota_record_size((uint8_t)type), type < ROTA_REC_TYPES ? size_by_hand((uint8_t)type) : 0);
}

Test(chunk, random_records_of_every_type_round_trip)
{
	static const uint16_t cpus[] = { 0, CPU, ROTA_CPU_MAX - 1, ROTA_CPU_NONE };
	static const uint32_t few[] = { 2, 40, 253, 300, 20000 }; /* fits, and does not fit, a chunk's list of tids */
	static union rota_any_record records[3000];
	struct dice dice = { 42 };

	for (unsigned int round = 0; round < 40; round++) {
		uint16_t cpu = cpus[round % 4];
		struct chunk_encoder *encoder = chunk_encoder_new(cpu);
		union rota_any_record last = { .head = { .ts_ns = dice_roll(&dice) } };

		for (unsigned int take = 0; take < 2; take++) { /* an encoder is used again */
			uint32_t count = 1 + dice_below(&dice, 3000);
			struct chunk chunk;

			for (uint32_t i = 0; i < count; i++) {
				uint8_t type = (uint8_t)(1 + dice_below(&dice, ROTA_REC_TYPES - 1));

				if (round % 2)
					type = 1 + type % 2;
				random_record(&dice, type, few[round % 5], cpu, &last);
				records[i] = last;
				chunk_encode(encoder, &last);
			}
			size_t size = chunk_encoder_size(encoder);
			chunk = chunk_encoder_take(encoder);
			cr_assert_leq(chunk.size, size);
			cr_assert_geq(chunk.size + 8, size);
			cr_assert_eq(chunk_encoder_size(encoder), 0);
			chunk = exact_copy(&chunk);
			expect_records(&chunk, records, count);
			free((void *)chunk.bytes);
		}
		chunk_encoder_free(encoder);
	}
}

Test(chunk, edges_of_numbers_round_trip)
{
	static const uint64_t deltas[] = {
		0,
		1,
		0xff,
		0x100,
		0xefff,
		0xf000,
		0xffff,
		0x10000,
		0xffffff,
		0x1000000,
		0xffffffff,
		0x100000000,
		1ULL << 55,
		1ULL << 56,
		1ULL << 62,
		(1ULL << 63) - 1,
		1ULL << 63,
		UINT64_MAX,
		UINT64_MAX - 0xff,
	};
	static const uint32_t delays[] = { 0, 0xef, 0xefff, 0xf000, 0xffffff, 0x1000000, UINT32_MAX };
	union rota_any_record records[2 * sizeof(deltas) / sizeof(deltas[0])] = { 0 };
	struct chunk_encoder *encoder = chunk_encoder_new(CPU);
	uint32_t count = sizeof(records) / sizeof(records[0]);
	uint64_t ts_ns = 5;
	struct chunk chunk;

	for (uint32_t i = 0; i < count; i++) {
		union rota_any_record *record = &records[i];

		ts_ns += deltas[i / 2];
		record->head = (struct rota_record){ .ts_ns = ts_ns, .type = ROTA_REC_WAKEUP, .aux = CPU, .tid = 9 };
		record->wakeup.waking_delay_ns = delays[i % 7];
		if (i % 2)
			record->sw = (struct rota_rec_switch){
				.head = {.ts_ns = ts_ns, .type = ROTA_REC_SWITCH, .tid = ROTA_TID_MAX - 1},
				.next_tid = 1
			};
		chunk_encode(encoder, record);
	}
	chunk = chunk_encoder_take(encoder);
	expect_records(&chunk, records, count);
	chunk_encoder_free(encoder);
}

/* The argument is told as a difference: from one to the next, over the end of the numbers, and back to none. */
Test(chunk, arguments_round_trip)
{
	static const uint64_t arguments[] = {
		0x7ffff7d00010, 0x7ffff7d00010, 0x7ffff7d00018, 0, 8, UINT64_MAX, 1, 1ULL << 63, 0
	};
	union rota_any_record records[sizeof(arguments) / sizeof(arguments[0])] = { 0 };
	struct chunk_encoder *encoder = chunk_encoder_new(CPU);
	uint32_t count = sizeof(arguments) / sizeof(arguments[0]);
	struct chunk chunk;

	for (uint32_t i = 0; i < count; i++) {
		records[i].sw.head = (struct rota_record){
			.ts_ns = i, .type = ROTA_REC_SWITCH, .flags = ROTA_SWITCH_PREV_TARGET, .tid = 5
		};
		records[i].sw.reason = ROTA_REASON_TOLD | 202;
		records[i].sw.argument = arguments[i];
		chunk_encode(encoder, &records[i]);
	}
	chunk = chunk_encoder_take(encoder);
	expect_records(&chunk, records, count);
	chunk_encoder_free(encoder);
}

/* More kinds of switch than a chunk has slots for shapes: the oldest are told again. */
Test(chunk, more_reasons_than_shapes)
{
	static union rota_any_record records[4 * CHUNK_SHAPES];
	struct chunk_encoder *encoder = chunk_encoder_new(CPU);
	uint32_t count = sizeof(records) / sizeof(records[0]);
	struct chunk chunk;

	for (uint32_t i = 0; i < count; i++) {
		records[i].sw.head = (struct rota_record){
			.ts_ns = i, .type = ROTA_REC_SWITCH, .flags = ROTA_SWITCH_PREV_TARGET, .tid = 5
		};
		records[i].sw.reason = ROTA_REASON_TOLD | (i % (CHUNK_SHAPES + 1 + i / 200));
		chunk_encode(encoder, &records[i]);
	}
	chunk = chunk_encoder_take(encoder);
	expect_records(&chunk, records, count);
	chunk_encoder_free(encoder);
}

Test(chunk, zero_members_and_bytes_after_a_name_are_not_kept)
{
	struct chunk_encoder *encoder = chunk_encoder_new(CPU);
	union rota_any_record dirty[3] = { 0 }, clean[3];
	struct chunk chunk;

	dirty[0].head = (struct rota_record){ .ts_ns = 7, .type = ROTA_REC_WAKEUP, .tid = 1 };
	dirty[1].head = (struct rota_record){ .ts_ns = 8, .type = ROTA_REC_NAME, .tid = 1 };
	strcpy(dirty[1].name.comm, "a");
	dirty[2].head = (struct rota_record){ .ts_ns = 9, .type = ROTA_REC_NAME, .tid = 1 };
	memcpy(dirty[2].name.comm, "no end of a name", ROTA_COMM_SIZE);
	memcpy(clean, dirty, sizeof(clean));
	clean[2].name.comm[ROTA_COMM_SIZE - 1] = 0;
	dirty[0].wakeup.zero = 0xdead;
	dirty[1].name.comm[5] = 'x';
	for (unsigned int i = 0; i < 3; i++)
		chunk_encode(encoder, &dirty[i]);
	chunk = chunk_encoder_take(encoder);
	expect_records(&chunk, clean, 3);
	chunk_encoder_free(encoder);
}

Test(chunk, nothing_to_take)
{
	struct chunk_encoder *encoder = chunk_encoder_new(CPU);
	struct chunk chunk = chunk_encoder_take(encoder);
	uint32_t count;

	cr_assert_eq(chunk.size, 0);
	cr_assert_eq(chunk.record_count, 0);
	cr_assert_eq(decode_all(&chunk, &count), 0);
	cr_assert_eq(count, 0);
	chunk_encoder_free(encoder);
}

/* A mixed chunk of `count` records, each type in turn. */
static struct chunk mixed_chunk(struct chunk_encoder *encoder, uint32_t count)
{
	struct dice dice = { 7 };
	union rota_any_record last = { .head = { .ts_ns = 1000000 } };
	struct chunk chunk;

	for (uint32_t i = 0; i < count; i++) {
		random_record(&dice, (uint8_t)(1 + i % (ROTA_REC_TYPES - 1)), 4, CPU, &last);
		chunk_encode(encoder, &last);
	}
	chunk = chunk_encoder_take(encoder);
	return exact_copy(&chunk);
}

Test(chunk, every_truncation_is_refused)
{
	struct chunk_encoder *encoder = chunk_encoder_new(CPU);
	struct chunk whole = mixed_chunk(encoder, 96);
	uint32_t count;

	for (size_t size = 0; size < whole.size; size++) {
		struct chunk cut = { .cpu = CPU, .record_count = 96, .bytes = whole.bytes, .size = size };

		cut = exact_copy(&cut);
		cr_assert_eq(decode_all(&cut, &count), -EBADMSG, "cut at %zu of %zu", size, whole.size);
		free((void *)cut.bytes);
	}
	free((void *)whole.bytes);
	chunk_encoder_free(encoder);
}

Test(chunk, another_count_of_records_is_refused)
{
	struct chunk_encoder *encoder = chunk_encoder_new(CPU);
	struct chunk chunk = mixed_chunk(encoder, 96);
	static const uint32_t counts[] = { 0, 1, 95, 97, 10000, 1U << 20, UINT32_MAX };
	uint32_t count;

	for (unsigned int i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		chunk.record_count = counts[i];
		cr_assert_eq(decode_all(&chunk, &count), -EBADMSG, "count %u", counts[i]);
	}
	chunk.record_count = 96;
	cr_assert_eq(decode_all(&chunk, &count), 0);
	chunk.cpu = ROTA_CPU_MAX;
	cr_assert_eq(decode_all(&chunk, &count), -EBADMSG);
	free((void *)chunk.bytes);
	chunk_encoder_free(encoder);
}

/* Flipped bits may give other valid records (the file's checksum is for that), never an invalid one or a read outside. */
Test(chunk, flipped_bits_never_give_invalid_records)
{
	struct chunk_encoder *encoder = chunk_encoder_new(CPU);
	struct chunk chunk = mixed_chunk(encoder, 64);
	uint8_t *bytes = (uint8_t *)chunk.bytes;
	uint32_t count;

	for (size_t bit = 0; bit < 8 * chunk.size; bit++) {
		bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
		decode_all(&chunk, &count);
		bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	cr_assert_eq(decode_all(&chunk, &count), 0);
	cr_assert_eq(count, 64);
	free((void *)chunk.bytes);
	chunk_encoder_free(encoder);
}

/* One record whose bytes after the ts and three counts are given by hand from docs/rota-trace.5. */
static int decode_by_hand(const uint8_t counts[3], const uint8_t *rest, size_t size, struct rota_event *ret_event)
{
	uint8_t bytes[128] = { 100 }; /* the ts, 8 bytes */
	struct chunk chunk = { .cpu = CPU, .record_count = 1, .bytes = bytes, .size = 11 + size };
	struct chunk_decoder decoder;

	memcpy(bytes + 8, counts, 3);
	memcpy(bytes + 11, rest, size);
	chunk = exact_copy(&chunk);
	chunk_decoder_init(&decoder, &chunk);
	int result = chunk_decode(&decoder, ret_event);

	if (result == 1 && chunk_decode(&decoder, &(struct rota_event){ 0 }) != 0)
		result = -EBADMSG;
	free((void *)chunk.bytes);
	return result;
}

Test(chunk, records_written_by_hand)
{
	static const uint8_t one_switch[] = { 1, 0, 1 }, one_wakeup[] = { 0, 1, 1 }, other[] = { 0, 0, 1 };
	/* tag, who, ts low, ts high; type, flags, modes, aux; tid 5 = 0 + 5 */
	static const uint8_t a_switch[] = { 0xff, 0xff, 0x34, 0x12, 1, 0x05, 0x00, 0x01, 0x20, 10 };
	/* tag, who, ts, delay low, high; type, flags, modes: own cpu, idle occupant, waker = occupant; tid 64; delay */
	static const uint8_t a_wakeup[] = { 0xff, 0xff, 2, 0, 0xff, 0xf1, 2, 0x09, 0x11, 0x80, 0x01, 0xff };
	/* the second example of docs/rota-trace.5 */
	static const uint8_t a_block[] = { 0xff, 0xff, 0x34, 0x12, 0x01, 0x01, 0x74, 0x01, 0x00, 0xca,
					   0x01, 0x0a, 0xa0, 0x80, 0x80, 0xfd, 0xfe, 0xff, 0x3f };
	static const uint8_t a_lost[] = { 0xff, 0x00, 10, 0, 2, 3, 0xff, 0xff, 0x03, 200, 1 };
	struct rota_event event = { 0 };

	cr_assert_eq(decode_by_hand(one_switch, a_switch, sizeof(a_switch), &event), 1);
	cr_assert_eq(event.rec.head.ts_ns, 100 + 0x1234);
	cr_assert_eq(event.rec.head.flags, 5);
	cr_assert_eq(event.rec.head.aux, 0x2001);
	cr_assert_eq(event.rec.head.tid, 0);
	cr_assert_eq(event.rec.sw.next_tid, 5);
	cr_assert_eq(decode_by_hand(one_wakeup, a_wakeup, sizeof(a_wakeup), &event), 1);
	cr_assert_eq(event.rec.head.ts_ns, 102);
	cr_assert_eq(event.rec.head.aux, CPU);
	cr_assert_eq(event.rec.head.tid, 64);
	cr_assert_eq(event.rec.wakeup.waker_tid, 0);
	cr_assert_eq(event.rec.wakeup.waking_delay_ns, 0xffff);
	cr_assert_eq(decode_by_hand(one_switch, a_block, sizeof(a_block), &event), 1);
	cr_assert_eq(event.rec.head.tid, 5);
	cr_assert_eq(event.rec.sw.next_tid, 0);
	cr_assert_eq(event.rec.sw.reason, 0x800000ca);
	cr_assert_eq(event.rec.sw.argument, 0x7ffff7d00010);
	cr_assert_eq(decode_by_hand(other, a_lost, sizeof(a_lost), &event), 1);
	cr_assert_eq(event.rec.head.ts_ns, 98); /* zigzag 3 = -2 */
	cr_assert_eq(event.rec.head.aux, ROTA_CPU_NONE);
	cr_assert_eq(event.rec.lost.count, 200);
}

struct by_hand {
	const char *what;
	uint8_t counts[3], rest[24], size;
};
#define HAND(text, switches, wakeups, whos, ...)                                                                       \
	{                                                                                                              \
		text, { switches, wakeups, whos }, { __VA_ARGS__ }, sizeof((uint8_t[]){ __VA_ARGS__ })                 \
	}

Test(chunk, hostile_records_are_refused)
{
	static const struct by_hand cases[] = {
		HAND("a tag never defined", 1, 0, 0, 0x00, 1, 0),
		HAND("type 0", 0, 0, 1, 0xff, 0, 0, 0, 1, 0),
		HAND("an unknown type", 0, 0, 1, 0xff, 0, ROTA_REC_TYPES, 0, 1, 0),
		HAND("an out reason beyond DEAD", 1, 0, 0, 0xff, 1, 0, 1, 0x14, 0x10, 0, 0),
		HAND("an unknown WAKEUP flag", 0, 1, 1, 0xff, 0, 1, 0, 1, 0, 2, 0x40, 0x01),
		HAND("an unknown SYNC flag", 0, 0, 1, 0xff, 0, 13, 0x08, 2, 0, 0),
		HAND("an unknown mode", 1, 0, 0, 0xff, 1, 0, 1, 0, 0x90, 0, 0),
		HAND("a reason of a stranger", 1, 0, 0, 0xff, 1, 0, 1, 0, 0x30, 0, 0, 0xca, 0x01),
		HAND("a reason to be preempted", 1, 0, 0, 0xff, 1, 0, 1, 0x05, 0x30, 0, 0, 0xca, 0x01),
		HAND("a reason of more than 20 bits", 1, 0, 0, 0xff, 1, 0, 1, 1, 0x30, 0, 0, 0x80, 0x80, 0x40),
		HAND("a reason cut short", 1, 0, 0, 0xff, 1, 0, 1, 1, 0x30, 0, 0, 0xca),
		HAND("a kind of file that is none", 1, 0, 0, 0xff, 1, 0, 1, 1, 0x30, 0, 0, 0x80, 0x80, 0x06),
		HAND("an argument without a reason", 1, 0, 0, 0xff, 1, 0, 1, 1, 0x50, 0, 0, 0x20),
		HAND("no argument where one is told", 1, 0, 0, 0xff, 1, 0, 1, 1, 0x70, 0, 0, 0xca, 0x01),
		HAND("an argument of a WAKEUP", 0, 1, 1, 0xff, 0, 1, 0, 1, 0, 2, 0x20, 0x41, 1),
		HAND("a REASON that says it says nothing", 0, 0, 1, 0xff, 0, 18, 1, 1, 0, 0xca, 0x01, 0),
		HAND("a REASON of a kind that is none", 0, 0, 1, 0xff, 0, 18, 1, 1, 0, 0x80, 0x80, 0x86, 0x80, 0x08, 0),
		HAND("a REASON of more than 32 bits", 0, 0, 1, 0xff, 0, 18, 1, 1, 0, 0x80, 0x80, 0x80, 0x80, 0x18, 0),
		HAND("a text of 33 bytes", 0, 0, 1, 0xff, 0, 21, 0, 2, 0, 33, 1, 'a'),
		HAND("a text with a NUL inside", 0, 0, 1, 0xff, 0, 21, 0, 2, 0, 2, 1, 'a', 0),
		HAND("a text cut short", 0, 0, 1, 0xff, 0, 21, 0, 2, 0, 2, 1, 'a'),
		HAND("a text of 33 bytes by its shape", 0, 0, 1, 0xff, 0, 21, 0, 0, 33, 0, 0, 1, 'a'),
		HAND("a number of text of 33 bits", 0, 0, 1, 0xff, 0, 21, 0, 2, 0, 1, 0x80, 0x80, 0x80, 0x80, 0x10,
		     'a'),
		HAND("a STACK of five frames", 0, 0, 1, 0xff, 0, 26, 0, 2, 0, 5, 1, 0, 1, 1, 1, 1),
		HAND("a STACK with a frame too few", 0, 0, 1, 0xff, 0, 26, 0, 2, 0, 4, 1, 0, 1, 1, 1),
		HAND("a CALL beyond all tables", 0, 0, 1, 0xff, 0, 20, 1, 2, 0, 0x80, 0x20, 1),
		HAND("an unknown SAMPLE flag", 0, 0, 1, 0xff, 0, 19, 8, 1, 0, 1),
		HAND("a CPUSET beyond the last cpu", 0, 0, 1, 0xff, 0, 24, 0, 2, 0, 1, 0x80, 0x20, 1),
		HAND("a mode of another type", 0, 0, 1, 0xff, 0, 11, 0, 0x05, 0),
		HAND("aux mode 3", 0, 0, 1, 0xff, 0, 11, 0, 0x03, 0, 0),
		HAND("a cpu beyond the last", 0, 0, 1, 0xff, 0, 4, 0, 2, 0, 0x80, 0x20),
		HAND("an aux of more than 16 bits", 0, 0, 1, 0xff, 0, 11, 0, 2, 0, 0x80, 0x80, 0x04),
		HAND("no cpu where there must be one", 0, 0, 1, 0xff, 0, 14, 0, 2, 0, 0xff, 0xff, 3),
		HAND("a tid below 0", 0, 0, 1, 0xff, 0xff, 11, 0, 1, 0, 1),
		HAND("a tid beyond the last", 0, 0, 1, 0xff, 0xff, 11, 0, 1, 0, 0x80, 0x80, 0x80, 0x04),
		HAND("a slot never filled", 0, 0, 1, 0xff, 1, 11, 0, 1, 0),
		HAND("a wide number of no bytes", 1, 0, 0, 0xff, 1, 0xf0, 1, 0, 0x10, 0, 0),
		HAND("a wide number cut short", 1, 0, 0, 0xff, 1, 0xf2, 1, 0, 0x10, 0, 0, 1),
		HAND("a delay of more than 32 bits", 0, 1, 1, 0xff, 0, 1, 0, 1, 0xf4, 2, 0, 1, 0, 0, 0, 1),
		HAND("a negative delay", 0, 1, 1, 0xff, 0, 1, 0, 1, 0xf9, 2, 0, 1, 0),
		HAND("more switches counted than tagged", 1, 0, 1, 0xff, 0, 0, 0, 11, 0, 1, 0),
		HAND("a switch not counted", 0, 0, 1, 0xff, 0, 1, 0, 0x10, 0, 0),
		HAND("a who too few", 1, 0, 0, 0xff, 1, 0, 1, 0, 0, 0, 0),
		HAND("a who too many", 1, 0, 1, 0xff, 0, 1, 0, 1, 0, 0x10, 0, 0),
		HAND("a byte too many", 0, 0, 1, 0xff, 0, 11, 0, 1, 0, 0),
		HAND("a name of 16 bytes", 0, 0, 1, 0xff, 0, 6, 0, 1, 0, 16, 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a',
		     'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a'),
		HAND("a name with a NUL inside", 0, 0, 1, 0xff, 0, 6, 0, 1, 0, 2, 'a', 0),
		HAND("a state that is none", 0, 0, 3, 0xff, 0, 0, 0, 5, 0, 1, 0, 0, 7, 0),
		HAND("a COST kind that is none", 0, 0, 1, 0xff, 0, 16, 0, 2, 0, 3, 0, 0),
		HAND("a from_cpu beyond the last", 0, 0, 2, 0xff, 0, 0, 3, 0, 1, 0, 0x80, 0x20),
	};

	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rota_event event;

		cr_expect_eq(decode_by_hand(cases[i].counts, cases[i].rest, cases[i].size, &event), -EBADMSG, "%s",
			     cases[i].what);
	}
}

Test(chunk, hostile_cases_differ_from_good_ones_in_one_thing)
{
	static const struct by_hand cases[] = {
		HAND("START", 0, 0, 1, 0xff, 0, 11, 0, 1, 0),
		HAND("SYNC", 0, 0, 1, 0xff, 0, 13, 0x04, 2, 0, 0),
		HAND("SWITCH", 1, 0, 0, 0xff, 1, 0, 1, 0x10, 0x10, 0, 0),
		HAND("SWITCH with a reason", 1, 0, 0, 0xff, 1, 0, 1, 1, 0x30, 0, 0, 0xca, 0x01),
		HAND("SWITCH with an argument", 1, 0, 0, 0xff, 1, 0, 1, 1, 0x70, 0, 0, 0xca, 0x01, 0x20),
		HAND("SWITCH in the last kind", 1, 0, 0, 0xff, 1, 0, 1, 1, 0x30, 0, 0, 0x80, 0xf0, 0x05),
		HAND("REASON", 0, 0, 1, 0xff, 0, 18, 1, 1, 0, 0xca, 0x81, 0x80, 0x80, 0x08, 0),
		HAND("text", 0, 0, 1, 0xff, 0, 21, 0, 2, 0, 2, 1, 'a', 'b'),
		HAND("no text", 0, 0, 1, 0xff, 0, 21, 0, 2, 0, 0, 1),
		HAND("STACK", 0, 0, 1, 0xff, 0, 26, 0, 2, 0, 4, 1, 0, 1, 1, 1, 1),
		HAND("CALL", 0, 0, 1, 0xff, 0, 20, 1, 2, 0, 0xff, 0x1f, 1),
		HAND("SAMPLE", 0, 0, 1, 0xff, 0, 19, 7, 1, 0, 1),
		HAND("CPUSET", 0, 0, 1, 0xff, 0, 24, 0, 2, 0, 1, 0xff, 0x1f, 1),
		HAND("wide SWITCH", 1, 0, 0, 0xff, 1, 0xf2, 1, 0, 0x10, 0, 0, 1, 1),
		HAND("WAKEUP", 0, 1, 1, 0xff, 0, 1, 0, 1, 0xf3, 2, 0x20, 1, 0, 0, 1),
		HAND("OCCUPANT", 0, 0, 1, 0xff, 0, 4, 0, 2, 0, 0xff, 0x1f),
		HAND("last tid", 0, 0, 1, 0xff, 0xff, 11, 0, 1, 0, 0xfe, 0xff, 0xff, 0x03),
		HAND("name", 0, 0, 1, 0xff, 0, 6, 0, 1, 0, 15, 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a',
		     'a', 'a', 'a', 'a'),
		HAND("TASK", 0, 0, 3, 0xff, 0, 0, 0, 5, 0, 1, 0, 0, 6, 0),
		HAND("COST", 0, 0, 1, 0xff, 0, 16, 0, 2, 0, 2, 0, 0),
		HAND("MIGRATE", 0, 0, 2, 0xff, 0, 0, 3, 0, 1, 0, 0xff, 0x1f),
	};

	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rota_event event;

		cr_expect_eq(decode_by_hand(cases[i].counts, cases[i].rest, cases[i].size, &event), 1, "%s",
			     cases[i].what);
	}
}
