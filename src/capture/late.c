/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: records that tell late of a switch or a wakeup that went by unseen. Goes out: the chunk begun, written again with
 * each at its place. Never moves another record, never drops one. A chunk is written again once, however many there are: a
 * program that runs against its quota has some for each thread in each period.
 */
#include "capture/late.h"
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

bool late_is(const union rota_any_record *record, uint64_t last_ns)
{
	return (record->head.type == ROTA_REC_SWITCH || record->head.type == ROTA_REC_WAKEUP) &&
	       record->head.ts_ns < last_ns;
}

static uint32_t subject(const union rota_any_record *record)
{
	return record->head.type == ROTA_REC_SWITCH ? record->sw.next_tid : record->head.tid;
}

/* What must stay before a record that tells of `tid`. */
static bool must_precede(const union rota_any_record *record, uint32_t tid)
{
	switch (record->head.type) {
	case ROTA_REC_LOST:
		return true;
	case ROTA_REC_SWITCH:
		return record->head.tid == tid || record->sw.next_tid == tid;
	case ROTA_REC_WAKEUP:
	case ROTA_REC_MIGRATE:
		return record->head.tid == tid;
	case ROTA_REC_TASK: /* who it is comes first; what a synchronisation said of it stays where it was in time */
		return record->head.tid == tid && !(record->head.flags & ROTA_TASK_SYNC);
	default:
		return false;
	}
}

/* Whether `record` says something about the one that comes next, and must stay right before it. */
static bool explains(const union rota_any_record *record, const union rota_any_record *next)
{
	if (record->head.tid != next->head.tid)
		return false;
	if (record->head.type == ROTA_REC_REASON)
		return next->head.type == ROTA_REC_TASK;
	return record->head.type == ROTA_REC_SAMPLE && (record->head.flags & ROTA_SAMPLE_SWITCH) &&
	       next->head.type == ROTA_REC_SWITCH;
}

void late_fini(struct late *late)
{
	free(late->list);
	*late = (struct late){ 0 };
}

void late_add(struct late *late, const union rota_any_record *record, uint32_t at)
{
	late->list = xgrow(late->list, &late->capacity, late->count + 1U, sizeof(*late->list));
	late->list[late->count++] = (struct late_record){ .record = *record, .at = at };
}

/* Late record `index`, so far placed where it came, goes back to where it belongs. Those before it are placed already. */
static void place(struct late *late, uint32_t index, const union rota_any_record *held, uint32_t count)
{
	struct late_record *one = &late->list[index];
	uint32_t tid = subject(&one->record), least = 0;

	if (one->at > count)
		one->at = count;
	for (uint32_t i = 0; i < index; i++) /* never before another late record that must precede it */
		if (must_precede(&late->list[i].record, tid) && late->list[i].at > least)
			least = late->list[i].at;
	while (one->at > least) {
		const union rota_any_record *before = &held[one->at - 1];

		if (before->head.ts_ns <= one->record.head.ts_ns || must_precede(before, tid))
			break;
		one->at--;
	}
	while (one->at > 0 && one->at < count && explains(&held[one->at - 1], &held[one->at]))
		one->at--;
}

static int by_place(const void *a, const void *b)
{
	const struct late_record *x = *(const struct late_record *const *)a, *y = *(const struct late_record *const *)b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return (x > y) - (x < y); /* as they came */
}

void late_settle(struct late *late, struct chunk_encoder *encoder)
{
	const struct late_record **order;
	struct chunk chunk = { 0 };
	union rota_any_record *held;
	struct chunk_decoder decoder;
	struct rota_event event;
	uint32_t count = 0, next = 0;

	if (!late->count)
		return;
	if (chunk_encoder_size(encoder))
		chunk = chunk_encoder_take(encoder);
	held = xcalloc(chunk.record_count + 1, sizeof(*held));
	chunk_decoder_init(&decoder, &chunk);
	while (count < chunk.record_count && chunk_decode(&decoder, &event) > 0)
		held[count++] = event.rec;
	order = xcalloc(late->count, sizeof(*order));
	for (uint32_t i = 0; i < late->count; i++) {
		place(late, i, held, count);
		order[i] = &late->list[i];
	}
	qsort(order, late->count, sizeof(*order), by_place);
	for (uint32_t i = 0; i <= count; i++) {
		while (next < late->count && order[next]->at == i)
			chunk_encode(encoder, &order[next++]->record);
		if (i < count)
			chunk_encode(encoder, &held[i]);
	}
	free(order);
	free(held);
	late->count = 0;
}
