/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Losses: where a gap begins, where it ends, on which cpus. */
#include "feed.h"

Test(gap, begins_at_the_last_good_record_before_anything_later)
{
	struct feed *feed = feed_new(2);

	FEED(feed, 0, rec_switch(100, 0, 7, 0), rec_lost(400, 0, 12), rec_switch(400, 9, 0, 0));
	FEED(feed, 1, rec_switch(150, 0, 8, 0), rec_switch(500, 8, 0, 0));
	stream_round(feed->stream, 1000);
	EXPECT(feed, 0, ROTA_REC_SWITCH, 0, 100);
	EXPECT(feed, 1, ROTA_EVENT_GAP, 0, 100);
	cr_assert_eq(feed->out[1].rec.head.aux, 0);
	EXPECT(feed, 2, ROTA_REC_SWITCH, 1, 150);
	EXPECT(feed, 3, ROTA_REC_LOST, 0, 400);
	cr_assert_eq(feed->out[3].rec.lost.count, 12);
	EXPECT(feed, 4, ROTA_REC_SWITCH, 0, 400);
	cr_assert_eq(feed->count, 6);
	feed_free(feed);
}

Test(gap, is_seen_across_chunks)
{
	struct feed *feed = feed_new(1);

	FEED(feed, 0, rec_switch(100, 0, 7, 0));
	FEED(feed, 0, rec_lost(400, 0, 1), rec_snapshot(400, 0));
	stream_round(feed->stream, 1000);
	EXPECT(feed, 0, ROTA_REC_SWITCH, 0, 100);
	EXPECT(feed, 1, ROTA_EVENT_GAP, 0, 100);
	EXPECT(feed, 2, ROTA_REC_LOST, 0, 400);
	cr_assert_eq(feed->count, 4);
	feed_free(feed);
}

Test(gap, is_seen_across_rounds)
{
	struct feed *feed = feed_new(2);

	FEED(feed, 0, rec_switch(100, 0, 7, 0), rec_snapshot(190, 0));
	FEED(feed, 1, rec_snapshot(195, 1));
	stream_round(feed->stream, 190);
	cr_assert_eq(feed->count, 2);
	FEED(feed, 0, rec_lost(400, 0, 1), rec_snapshot(400, 0));
	FEED(feed, 1, rec_switch(300, 0, 8, 0));
	stream_round(feed->stream, 400);
	EXPECT(feed, 2, ROTA_EVENT_GAP, 0, 190);
	EXPECT(feed, 3, ROTA_REC_SNAPSHOT, 1, 195);
	EXPECT(feed, 4, ROTA_REC_SWITCH, 1, 300);
	EXPECT(feed, 5, ROTA_REC_LOST, 0, 400);
	cr_assert_eq(feed->count, 7);
	feed_free(feed);
}

Test(gap, begins_with_the_last_record_kept_over_a_round)
{
	struct feed *feed = feed_new(1);

	FEED(feed, 0, rec_switch(100, 0, 7, 0), rec_snapshot(210, 0));
	stream_round(feed->stream, 200);
	FEED(feed, 0, rec_lost(400, 0, 1), rec_snapshot(400, 0));
	stream_round(feed->stream, 400);
	EXPECT(feed, 1, ROTA_REC_SNAPSHOT, 0, 210);
	EXPECT(feed, 2, ROTA_EVENT_GAP, 0, 210);
	EXPECT(feed, 3, ROTA_REC_LOST, 0, 400);
	cr_assert_eq(feed->count, 5);
	feed_free(feed);
}

Test(gap, each_loss_has_its_own)
{
	struct feed *feed = feed_new(1);

	FEED(feed, 0, rec_lost(100, 0, 1), rec_lost(200, 0, 2), rec_switch(300, 0, 7, 0), rec_lost(400, 0, 3));
	stream_round(feed->stream, 1000);
	EXPECT(feed, 0, ROTA_EVENT_GAP, 0, 100);
	EXPECT(feed, 1, ROTA_REC_LOST, 0, 100);
	EXPECT(feed, 2, ROTA_EVENT_GAP, 0, 100);
	EXPECT(feed, 3, ROTA_REC_LOST, 0, 200);
	EXPECT(feed, 4, ROTA_REC_SWITCH, 0, 300);
	EXPECT(feed, 5, ROTA_EVENT_GAP, 0, 300);
	EXPECT(feed, 6, ROTA_REC_LOST, 0, 400);
	cr_assert_eq(feed->count, 7);
	feed_free(feed);
}

Test(gap, of_an_unknown_cpu_is_on_all_since_the_last_round)
{
	struct feed *feed = feed_new(2);

	FEED(feed, 0, rec_switch(100, 0, 7, 0));
	stream_round(feed->stream, 200);
	FEED(feed, 0, rec_switch(300, 7, 0, 0));
	FEED(feed, FEED_USER, rec_lost(390, ROTA_CPU_NONE, 5));
	stream_round(feed->stream, 400);
	EXPECT(feed, 1, ROTA_EVENT_GAP, 0, 100);
	EXPECT(feed, 2, ROTA_EVENT_GAP, 1, 100);
	EXPECT(feed, 3, ROTA_REC_SWITCH, 0, 300);
	EXPECT(feed, 4, ROTA_REC_LOST, FEED_USER, 390);
	cr_assert_eq(feed->out[4].rec.head.aux, ROTA_CPU_NONE);
	cr_assert_eq(feed->count, 5);
	feed_free(feed);
}

Test(gap, told_by_user_space_of_one_cpu_is_on_that_one)
{
	struct feed *feed = feed_new(2);

	FEED(feed, 0, rec_switch(100, 0, 7, 0));
	stream_round(feed->stream, 200);
	FEED(feed, FEED_USER, rec_lost(390, 1, 5));
	stream_round(feed->stream, 400);
	EXPECT(feed, 1, ROTA_EVENT_GAP, 1, 100);
	EXPECT(feed, 2, ROTA_REC_LOST, FEED_USER, 390);
	cr_assert_eq(feed->count, 3);
	feed_free(feed);
}

Test(damage, is_a_gap_on_every_cpu_between_its_rounds)
{
	struct feed *feed = feed_new(2);

	FEED(feed, 0, rec_switch(100, 0, 7, 0));
	stream_round(feed->stream, 200);
	FEED(feed, 0, rec_switch(300, 7, 0, 0));
	stream_damage(feed->stream);
	stream_round(feed->stream, 400);
	EXPECT(feed, 1, ROTA_EVENT_GAP, 0, 100);
	EXPECT(feed, 2, ROTA_EVENT_GAP, 1, 100);
	EXPECT(feed, 3, ROTA_REC_SWITCH, 0, 300);
	EXPECT(feed, 4, ROTA_REC_LOST, 0, 400);
	EXPECT(feed, 5, ROTA_REC_LOST, 1, 400);
	cr_assert_eq(feed->out[5].rec.lost.count, 0);
	cr_assert_eq(stream_damaged(feed->stream), 1);
	stream_round(feed->stream, 500);
	cr_assert_eq(feed->count, 6, "the next round is sound");
	feed_free(feed);
}

Test(damage, a_chunk_of_a_cpu_that_does_not_exist)
{
	struct feed *feed = feed_new(2);

	FEED(feed, 2, rec_switch(100, 0, 7, 0));
	FEED(feed, 1, rec_switch(100, 0, 7, 0));
	stream_round(feed->stream, 200);
	cr_assert_eq(stream_damaged(feed->stream), 1);
	EXPECT(feed, 0, ROTA_EVENT_GAP, 0, 100);
	EXPECT(feed, 2, ROTA_REC_SWITCH, 1, 100);
	feed_free(feed);
}

Test(damage, a_record_that_names_a_cpu_that_does_not_exist_loses_the_rest_of_its_chunk)
{
	struct feed *feed = feed_new(2);

	FEED(feed, 0, rec_switch(100, 0, 7, 0), rec_wakeup(150, 8, 2, 7), rec_switch(160, 7, 0, 0));
	FEED(feed, 0, rec_switch(300, 0, 9, 0));
	FEED(feed, 1, rec_switch(120, 0, 5, 0));
	stream_round(feed->stream, 1000);
	EXPECT(feed, 0, ROTA_REC_SWITCH, 0, 100);
	EXPECT(feed, 1, ROTA_EVENT_GAP, 0, 100);
	EXPECT(feed, 2, ROTA_REC_SWITCH, 1, 120);
	EXPECT(feed, 3, ROTA_REC_LOST, 0, 300);
	EXPECT(feed, 4, ROTA_REC_SWITCH, 0, 300);
	cr_assert_eq(feed->count, 5);
	cr_assert_eq(stream_damaged(feed->stream), 1);
	feed_free(feed);
}

Test(damage, bytes_that_are_no_chunk_open_a_gap_that_the_next_good_record_ends)
{
	static const uint8_t junk[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	struct chunk chunk = { .cpu = 0, .record_count = 3, .bytes = junk, .size = sizeof(junk) };
	struct feed *feed = feed_new(1);

	FEED(feed, 0, rec_switch(100, 0, 7, 0));
	stream_round(feed->stream, 200);
	stream_chunk(feed->stream, &chunk);
	stream_round(feed->stream, 300);
	EXPECT(feed, 1, ROTA_EVENT_GAP, 0, 100);
	cr_assert_eq(feed->count, 2);
	FEED(feed, 0, rec_snapshot(400, 0));
	stream_round(feed->stream, 400);
	EXPECT(feed, 2, ROTA_REC_LOST, 0, 400);
	EXPECT(feed, 3, ROTA_REC_SNAPSHOT, 0, 400);
	cr_assert_eq(feed->count, 4);
	feed_free(feed);
}
