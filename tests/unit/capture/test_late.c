/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Records that were written late, put where they belong: by time, behind what they follow from, never across a loss. */
#include "capture/late.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static union rota_any_record record_of(uint8_t type, uint64_t ts_ns, uint32_t tid)
{
	return (union rota_any_record){
		.head = {.ts_ns = ts_ns, .type = type, .tid = tid}
	};
}

static union rota_any_record switch_of(uint64_t ts_ns, uint32_t tid, uint32_t next_tid)
{
	union rota_any_record record = record_of(ROTA_REC_SWITCH, ts_ns, tid);

	record.sw.next_tid = next_tid;
	record.head.flags = next_tid ? ROTA_SWITCH_NEXT_TARGET : 0;
	return record;
}

static void put(struct chunk_encoder *encoder, union rota_any_record record)
{
	chunk_encode(encoder, &record);
}

/* Comes late, when the chunk holds `at` records, and is put where it belongs. */
static void settle(struct chunk_encoder *encoder, const union rota_any_record *record, uint32_t at)
{
	struct late late = { 0 };

	late_add(&late, record, at);
	late_settle(&late, encoder);
	late_fini(&late);
}

/* The times of all records, in order, as text. */
static void expect_times(struct chunk_encoder *encoder, const char *expected)
{
	struct chunk chunk = chunk_encoder_take(encoder);
	struct chunk_decoder decoder;
	struct rota_event event;
	char text[256] = "";
	int rc;

	chunk_decoder_init(&decoder, &chunk);
	while ((rc = chunk_decode(&decoder, &event)) > 0)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%llu", *text ? " " : "",
			 (unsigned long long)event.rec.head.ts_ns);
	cr_assert_eq(rc, 0);
	cr_assert_str_eq(text, expected);
}

Test(late, only_switches_and_wakeups_of_the_past_are)
{
	union rota_any_record record = switch_of(10, 0, 7);

	cr_assert(late_is(&record, 11));
	cr_assert_not(late_is(&record, 10));
	record = record_of(ROTA_REC_WAKEUP, 10, 7);
	cr_assert(late_is(&record, 11));
	record = record_of(ROTA_REC_LOST, 10, 0);
	cr_assert_not(late_is(&record, 11));
	record = record_of(ROTA_REC_TASK, 10, 7);
	cr_assert_not(late_is(&record, 11));
}

Test(late, goes_where_its_time_is)
{
	struct chunk_encoder *encoder = chunk_encoder_new(0);
	union rota_any_record record = switch_of(25, 0, 7);

	put(encoder, switch_of(10, 0, 5));
	put(encoder, switch_of(20, 5, 6));
	put(encoder, record_of(ROTA_REC_WAKEUP, 30, 8));
	put(encoder, record_of(ROTA_REC_WAKEUP, 40, 9));
	settle(encoder, &record, 4);
	expect_times(encoder, "10 20 25 30 40");
	chunk_encoder_free(encoder);
}

Test(late, stays_behind_what_is_told_of_the_same_thread)
{
	struct chunk_encoder *encoder = chunk_encoder_new(0);
	union rota_any_record record = switch_of(25, 0, 7);

	put(encoder, switch_of(20, 5, 6));
	put(encoder, record_of(ROTA_REC_WAKEUP, 30, 7));
	put(encoder, record_of(ROTA_REC_WAKEUP, 40, 9));
	settle(encoder, &record, 3);
	expect_times(encoder, "20 30 25 40");
	chunk_encoder_free(encoder);
}

Test(late, never_parts_an_explanation_from_what_it_explains)
{
	struct chunk_encoder *encoder = chunk_encoder_new(0);
	union rota_any_record record = switch_of(25, 0, 7), sample = record_of(ROTA_REC_SAMPLE, 20, 5);

	sample.head.flags = ROTA_SAMPLE_SWITCH;
	put(encoder, record_of(ROTA_REC_WAKEUP, 10, 9));
	put(encoder, sample);
	put(encoder, switch_of(30, 5, 6));
	settle(encoder, &record, 3);
	expect_times(encoder, "10 25 20 30");
	put(encoder, record_of(ROTA_REC_REASON, 20, 5));
	put(encoder, record_of(ROTA_REC_TASK, 30, 5));
	settle(encoder, &record, 2);
	expect_times(encoder, "25 20 30");
	sample.head.flags = 0; /* by the clock: it explains nothing */
	put(encoder, sample);
	put(encoder, switch_of(30, 5, 6));
	settle(encoder, &record, 2);
	expect_times(encoder, "20 25 30");
	put(encoder, record_of(ROTA_REC_REASON, 20, 5));
	put(encoder, record_of(ROTA_REC_TASK, 30, 8)); /* of another thread */
	settle(encoder, &record, 2);
	expect_times(encoder, "20 25 30");
	put(encoder, record_of(ROTA_REC_REASON, 20, 5)); /* what it explains is still to come */
	settle(encoder, &record, 1);
	expect_times(encoder, "20 25");
	chunk_encoder_free(encoder);
}

Test(late, never_crosses_a_loss)
{
	struct chunk_encoder *encoder = chunk_encoder_new(0);
	union rota_any_record record = switch_of(5, 0, 7);

	put(encoder, switch_of(10, 5, 6));
	put(encoder, record_of(ROTA_REC_LOST, 20, 0));
	put(encoder, record_of(ROTA_REC_WAKEUP, 30, 9));
	settle(encoder, &record, 3);
	expect_times(encoder, "10 20 5 30");
	chunk_encoder_free(encoder);
}

Test(late, may_be_the_first_of_a_chunk)
{
	struct chunk_encoder *encoder = chunk_encoder_new(0);
	union rota_any_record record = switch_of(5, 0, 7);

	settle(encoder, &record, 0);
	expect_times(encoder, "5");
	put(encoder, switch_of(10, 7, 6));
	settle(encoder, &record, 1);
	expect_times(encoder, "10 5"); /* behind 7's own departure: it cannot have come before it left */
	put(encoder, switch_of(10, 8, 6));
	settle(encoder, &record, 1);
	expect_times(encoder, "5 10");
	chunk_encoder_free(encoder);
}

Test(late, many_in_one_chunk)
{
	struct chunk_encoder *encoder = chunk_encoder_new(0);
	union rota_any_record record;
	struct late late = { 0 };

	put(encoder, switch_of(10, 7, 0)); /* 7 and 8 leave, out of quota */
	put(encoder, switch_of(11, 8, 0));
	put(encoder, switch_of(30, 0, 7));
	record = record_of(ROTA_REC_WAKEUP, 25, 7); /* both got it back at 25; 7 came to the cpu at 30, 8 at 40 */
	late_add(&late, &record, 2);
	put(encoder, switch_of(40, 7, 8));
	record = record_of(ROTA_REC_WAKEUP, 26, 8);
	late_add(&late, &record, 3);
	put(encoder, switch_of(50, 8, 9));
	record = record_of(ROTA_REC_WAKEUP, 9, 8); /* nonsense: before it left */
	late_add(&late, &record, 5);
	late_settle(&late, encoder);
	cr_assert_eq(late.count, 0);
	expect_times(encoder, "10 11 25 26 30 40 50 9");
	late_fini(&late);
	chunk_encoder_free(encoder);
}

Test(late, those_that_tell_of_one_thread_keep_their_order)
{
	struct chunk_encoder *encoder = chunk_encoder_new(0);
	union rota_any_record record;
	struct late late = { 0 };

	put(encoder, switch_of(10, 5, 6));
	put(encoder, switch_of(30, 6, 5));
	put(encoder, switch_of(40, 5, 6));
	record = switch_of(35, 4, 7);
	late_add(&late, &record, 3);
	record = record_of(ROTA_REC_WAKEUP, 20, 7); /* told after it: its time is wrong, its place is not */
	late_add(&late, &record, 3);
	late_settle(&late, encoder);
	expect_times(encoder, "10 30 35 20 40");
	late_fini(&late);
	chunk_encoder_free(encoder);
}
