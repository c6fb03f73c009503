/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: a record that tells late of a switch or a wakeup that went by unseen. Goes out: the chunk begun, written again
 * with the record at its place. Never moves another record, never drops one. Rare, so plainness before speed.
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

void late_insert(struct chunk_encoder *encoder, const union rota_any_record *record)
{
	struct chunk chunk = { 0 };
	union rota_any_record *held;
	struct chunk_decoder decoder;
	struct rota_event event;
	uint32_t count = 0, at;

	if (chunk_encoder_size(encoder))
		chunk = chunk_encoder_take(encoder);
	held = xcalloc(chunk.record_count + 1, sizeof(*held));
	chunk_decoder_init(&decoder, &chunk);
	while (count < chunk.record_count && chunk_decode(&decoder, &event) > 0)
		held[count++] = event.rec;
	for (at = count; at > 0; at--) {
		const union rota_any_record *before = &held[at - 1];

		if (before->head.ts_ns <= record->head.ts_ns || must_precede(before, subject(record)))
			break;
		held[at] = *before;
	}
	held[at] = *record;
	for (uint32_t i = 0; i <= count; i++)
		chunk_encode(encoder, &held[i]);
	free(held);
}
