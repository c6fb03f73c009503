/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A stream under test: records written down cpu by cpu go in, the events that came out are kept. */
#ifndef STREAM_FEED_H
#define STREAM_FEED_H

#include "stream/stream.h"

#include "base/alloc.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define FEED_MAX  4096
#define FEED_USER ROTA_CPU_NONE

struct feed {
	struct stream *stream;
	struct rota_event out[FEED_MAX];
	size_t count;
};

static inline void feed_keep(void *ctx, const struct rota_event *event)
{
	struct feed *feed = ctx;

	cr_assert_lt(feed->count, FEED_MAX);
	feed->out[feed->count++] = *event;
}

static inline struct feed *feed_new(uint32_t cpu_count)
{
	struct feed *feed = xcalloc(1, sizeof(*feed));

	feed->stream = stream_new(cpu_count, feed_keep, feed);
	return feed;
}

static inline void feed_free(struct feed *feed)
{
	stream_free(feed->stream);
	free(feed);
}

static inline void feed_records(struct feed *feed, uint16_t cpu, const union rota_any_record *records, size_t count)
{
	struct chunk_encoder *encoder = chunk_encoder_new(cpu);
	struct chunk chunk;

	for (size_t i = 0; i < count; i++)
		chunk_encode(encoder, &records[i]);
	chunk = chunk_encoder_take(encoder);
	stream_chunk(feed->stream, &chunk);
	chunk_encoder_free(encoder);
}
#define FEED(feed, cpu, ...)                                                                                           \
	feed_records(feed, cpu, (const union rota_any_record[]){ __VA_ARGS__ },                                        \
		     sizeof((const union rota_any_record[]){ __VA_ARGS__ }) / sizeof(union rota_any_record))

static inline union rota_any_record rec_switch(uint64_t ts_ns, uint32_t prev, uint32_t next, enum rota_out out)
{
	union rota_any_record record = { 0 };

	record.head.ts_ns = ts_ns;
	record.head.type = ROTA_REC_SWITCH;
	record.head.tid = prev;
	record.head.flags = (uint8_t)((prev ? ROTA_SWITCH_PREV_TARGET : 0) | (next ? ROTA_SWITCH_NEXT_TARGET : 0) |
				      (unsigned int)out << ROTA_SWITCH_OUT_SHIFT);
	record.sw.next_tid = next;
	return record;
}

static inline union rota_any_record rec_wakeup(uint64_t ts_ns, uint32_t tid, uint16_t cpu, uint32_t occupant)
{
	union rota_any_record record = { 0 };

	record.head.ts_ns = ts_ns;
	record.head.type = ROTA_REC_WAKEUP;
	record.head.tid = tid;
	record.head.aux = cpu;
	record.head.flags = ROTA_F_TARGET | ROTA_WAKEUP_OCCUPIED;
	record.wakeup.occupant_tid = occupant;
	return record;
}

static inline union rota_any_record rec_name(uint64_t ts_ns, uint32_t tid)
{
	union rota_any_record record = { 0 };

	record.head.ts_ns = ts_ns;
	record.head.type = ROTA_REC_NAME;
	record.head.tid = tid;
	strcpy(record.name.comm, "name");
	return record;
}

static inline union rota_any_record rec_snapshot(uint64_t ts_ns, uint16_t cpu)
{
	union rota_any_record record = { 0 };

	record.head.ts_ns = ts_ns;
	record.head.type = ROTA_REC_SNAPSHOT;
	record.head.aux = cpu;
	record.snapshot.idle_ns = ts_ns;
	return record;
}

static inline union rota_any_record rec_lost(uint64_t ts_ns, uint16_t cpu, uint64_t count)
{
	union rota_any_record record = { 0 };

	record.head.ts_ns = ts_ns;
	record.head.type = ROTA_REC_LOST;
	record.head.aux = cpu;
	record.lost.count = count;
	return record;
}

static inline union rota_any_record rec_start(uint64_t ts_ns)
{
	union rota_any_record record = { 0 };

	record.head.ts_ns = ts_ns;
	record.head.type = ROTA_REC_START;
	return record;
}

/* The type, cpu and time of the event at `at`. */
static inline void feed_expect_at(const struct feed *feed, size_t at, uint8_t type, uint16_t cpu, uint64_t ts_ns,
				  int line)
{
	cr_assert_lt(at, feed->count, "line %d: only %zu events", line, feed->count);
	cr_assert_eq(feed->out[at].rec.head.type, type, "line %d: event %zu has type %u", line, at,
		     feed->out[at].rec.head.type);
	cr_assert_eq(feed->out[at].cpu, cpu, "line %d: event %zu has cpu %u", line, at, feed->out[at].cpu);
	cr_assert_eq(feed->out[at].rec.head.ts_ns, ts_ns, "line %d: event %zu is at %llu", line, at,
		     (unsigned long long)feed->out[at].rec.head.ts_ns);
}
#define EXPECT(feed, at, type, cpu, ts_ns) feed_expect_at(feed, at, type, cpu, ts_ns, __LINE__)

#endif
