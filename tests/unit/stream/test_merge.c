/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One order for the whole machine: merging, round marks, late records, arrival in any order. */
#include "feed.h"

Test(merge, by_time_then_by_cpu_then_user_space)
{
	struct feed *feed = feed_new(3);

	FEED(feed, 2, rec_switch(100, 0, 7, 0), rec_switch(300, 7, 0, 0));
	FEED(feed, FEED_USER, rec_start(100));
	FEED(feed, 0, rec_switch(50, 0, 8, 0), rec_switch(100, 8, 0, 0));
	stream_round(feed->stream, 1000);
	cr_assert_eq(feed->count, 5);
	EXPECT(feed, 0, ROTA_REC_SWITCH, 0, 50);
	EXPECT(feed, 1, ROTA_REC_SWITCH, 0, 100);
	EXPECT(feed, 2, ROTA_REC_SWITCH, 2, 100);
	EXPECT(feed, 3, ROTA_REC_START, FEED_USER, 100);
	EXPECT(feed, 4, ROTA_REC_SWITCH, 2, 300);
	cr_assert_eq(stream_reordered(feed->stream), 0);
	feed_free(feed);
}

Test(merge, nothing_comes_before_its_round_and_later_records_stay)
{
	struct feed *feed = feed_new(2);

	FEED(feed, 0, rec_switch(100, 0, 7, 0), rec_switch(200, 7, 0, 0));
	FEED(feed, 1, rec_switch(150, 0, 8, 0));
	cr_assert_eq(feed->count, 0);
	cr_assert_eq(stream_finish(feed->stream), 0);
	stream_round(feed->stream, 150);
	cr_assert_eq(feed->count, 2);
	EXPECT(feed, 1, ROTA_REC_SWITCH, 1, 150);
	FEED(feed, 1, rec_switch(180, 8, 0, 0));
	stream_round(feed->stream, 199);
	cr_assert_eq(feed->count, 3);
	EXPECT(feed, 2, ROTA_REC_SWITCH, 1, 180);
	cr_assert_eq(stream_finish(feed->stream), 199);
	cr_assert_eq(feed->count, 3, "what came after the last round is not given out");
	feed_free(feed);
}

Test(merge, a_late_record_keeps_its_place_in_the_ring_and_is_lifted)
{
	struct feed *feed = feed_new(2);

	FEED(feed, 0, rec_switch(100, 0, 7, 0), rec_name(40, 7), rec_switch(200, 7, 0, 0));
	FEED(feed, 1, rec_switch(60, 0, 8, 0), rec_switch(150, 8, 0, 0));
	stream_round(feed->stream, 1000);
	EXPECT(feed, 0, ROTA_REC_SWITCH, 1, 60);
	EXPECT(feed, 1, ROTA_REC_SWITCH, 0, 100);
	EXPECT(feed, 2, ROTA_REC_NAME, 0, 100);
	EXPECT(feed, 3, ROTA_REC_SWITCH, 1, 150);
	EXPECT(feed, 4, ROTA_REC_SWITCH, 0, 200);
	cr_assert_eq(stream_reordered(feed->stream), 1);
	feed_free(feed);
}

Test(merge, a_record_older_than_the_last_round_is_lifted_too)
{
	struct feed *feed = feed_new(1);

	FEED(feed, 0, rec_switch(100, 0, 7, 0));
	stream_round(feed->stream, 150);
	FEED(feed, 0, rec_name(90, 7));
	stream_round(feed->stream, 300);
	EXPECT(feed, 1, ROTA_REC_NAME, 0, 100);
	cr_assert_eq(stream_reordered(feed->stream), 1);
	feed_free(feed);
}

Test(merge, many_cpus_in_order_of_time)
{
	enum { CPUS = 300, EACH = 12 };
	struct feed *feed = feed_new(CPUS);
	uint64_t state = 12345, before = 0;

	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		union rota_any_record records[EACH];
		uint64_t ts_ns = 1000;

		for (unsigned int i = 0; i < EACH; i++) {
			state = state * 6364136223846793005ULL + 1442695040888963407ULL;
			ts_ns += state >> 50;
			records[i] = rec_switch(ts_ns, i % 2 ? cpu + 10 : 0, i % 2 ? 0 : cpu + 10, 0);
		}
		feed_records(feed, (uint16_t)(cpu * 7 % CPUS), records, EACH);
	}
	stream_round(feed->stream, 1ULL << 40);
	cr_assert_eq(feed->count, CPUS * EACH);
	for (size_t i = 0; i < feed->count; i++) {
		cr_assert_geq(feed->out[i].rec.head.ts_ns, before);
		before = feed->out[i].rec.head.ts_ns;
	}
	cr_assert_eq(stream_reordered(feed->stream), 0);
	feed_free(feed);
}

/* What comes out depends on nothing but the order within each ring. */
Test(merge, the_order_in_which_cpus_arrive_does_not_show)
{
	struct feed *a = feed_new(3), *b = feed_new(3);
	union rota_any_record first[] = { rec_switch(100, 0, 7, 0), rec_switch(200, 7, 0, 0) };
	union rota_any_record second[] = { rec_switch(100, 0, 8, 0), rec_lost(200, 1, 3), rec_snapshot(200, 1) };
	union rota_any_record third[] = { rec_switch(150, 0, 9, 0), rec_name(120, 9) };

	feed_records(a, 0, first, 2);
	feed_records(a, 1, second, 3);
	feed_records(a, 2, third, 2);
	feed_records(b, 2, third, 2);
	feed_records(b, 1, second, 1);
	feed_records(b, 0, first, 1);
	feed_records(b, 1, second + 1, 2);
	feed_records(b, 0, first + 1, 1);
	stream_round(a->stream, 1000);
	stream_round(b->stream, 1000);
	cr_assert_eq(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		cr_assert_eq(memcmp(&a->out[i].rec.head, &b->out[i].rec.head, sizeof(a->out[i].rec.head)), 0);
		cr_assert_eq(a->out[i].cpu, b->out[i].cpu);
	}
	feed_free(a);
	feed_free(b);
}

/* Times of a damaged or hostile trace may lie anywhere. */
Test(merge, times_years_apart_keep_their_order)
{
	struct feed *feed = feed_new(2);
	uint64_t year_ns = 365ULL * 86400 * 1000000000;

	FEED(feed, 0, rec_switch(100, 0, 7, 0), rec_switch(3 * year_ns, 7, 0, 0));
	FEED(feed, 1, rec_switch(200, 0, 8, 0), rec_switch(2 * year_ns, 8, 9, 0), rec_switch(2 * year_ns + 1, 9, 0, 0));
	stream_round(feed->stream, 10 * year_ns);
	cr_assert_eq(feed->count, 5);
	EXPECT(feed, 1, ROTA_REC_SWITCH, 1, 200);
	EXPECT(feed, 2, ROTA_REC_SWITCH, 1, 2 * year_ns);
	EXPECT(feed, 3, ROTA_REC_SWITCH, 1, 2 * year_ns + 1);
	EXPECT(feed, 4, ROTA_REC_SWITCH, 0, 3 * year_ns);
	feed_free(feed);
}

Test(merge, the_largest_time_there_is)
{
	struct feed *feed = feed_new(2);

	FEED(feed, 0, rec_switch(UINT64_MAX - 1, 0, 7, 0), rec_switch(UINT64_MAX, 7, 0, 0));
	FEED(feed, 1, rec_switch(5, 0, 8, 0));
	stream_round(feed->stream, UINT64_MAX - 2);
	cr_assert_eq(feed->count, 1);
	stream_round(feed->stream, UINT64_MAX);
	cr_assert_eq(feed->count, 3);
	feed_free(feed);
}
