/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Waits by futex address, who ended them, and names that are told in pieces. */
#include "feed.h"
#include "metric/locks.h"

#define FUTEX (ROTA_REASON_TOLD | 202) /* x86-64 */

static struct feed *new_feed(void)
{
	struct rota_topology topology;
	struct feed *f;

	feed_topology(&topology, 1, 1, 1, 2, 1);
	f = feed_new(&topology, (struct metric_config){ .machine = "x86_64" });
	feed_cpu(f, 0, 0, NOBODY);
	feed_cpu(f, 0, 1, NOBODY);
	feed_start(f, 0);
	return f;
}

/* Thread n waits for `address` from ts for `ns`, and thread `waker` (-1: an interrupt) ends it; it runs for 1 ns first. */
static void wait_for(struct feed *f, uint64_t ts, int n, uint64_t address, uint64_t ns, int waker)
{
	struct rota_waker who = { .known = true, .interrupt = waker < 0, .tid = waker < 0 ? 7 : 100 + (uint32_t)waker };

	if (f->threads[n].state == ROTA_NONE)
		feed(f, ts - 1, n, ROTA_RUNNABLE, 0, .flags = ROTA_TRANSITION_BORN, .cause = ROTA_CAUSE_NEW);
	feed_switch(f, ts - 1, 0, ROTA_BLOCKED, n);
	feed(f, ts, n, ROTA_BLOCKED, 0, .reason = FUTEX, .argument = address, .raw_state = 1,
	     .flags = ROTA_TRANSITION_VOLUNTARY);
	feed_cpu(f, ts, 0, NOBODY);
	feed(f, ts + ns, n, ROTA_RUNNABLE, 0, .cause = ROTA_CAUSE_WAKEUP, .waker = who);
}

/* 0x100: thread 0 waits 10 and 30, woken by 1; thread 1 waits 20, woken by 0; thread 2 5, by a timer. 0x200: 0 waits 3, by 9. */
Test(locks, sums)
{
	struct feed *f = new_feed();
	struct rota_summary *s;
	const struct rota_lock *lock;

	/* strangers and wakers are known by name where they have been seen */
	f->sink.thread_changed(f->sink.ctx, &f->threads[1].thread);
	wait_for(f, 100, 0, 0x100, 10, 1);
	wait_for(f, 200, 1, 0x100, 20, 0);
	wait_for(f, 300, 0, 0x100, 30, 1);
	wait_for(f, 400, 2, 0x100, 5, -1);
	wait_for(f, 500, 0, 0x200, 3, 9);
	s = feed_stop(f, 1000);
	cr_assert_eq(s->lock_count, 2);
	lock = &s->locks[0];
	cr_assert_eq(lock->address, 0x100);
	cr_assert_eq(lock->tgid, 100);
	cr_assert_eq(lock->ns, 65);
	cr_assert_eq(lock->count, 4);
	cr_assert_eq(lock->max_ns, 30);
	cr_assert_eq(lock->waiter_count, 3);
	cr_assert_eq(lock->handed_on, 3);
	cr_assert_eq(lock->waker_count, 2);
	cr_assert_eq(lock->wakers[0].tid, 101);
	cr_assert_eq(lock->wakers[0].count, 2);
	cr_assert_str_eq(lock->wakers[0].name, "t1");
	cr_assert_eq(lock->wakers[1].tid, 100);
	cr_assert_eq(lock->wakers[1].count, 1);
	lock = &s->locks[1];
	cr_assert_eq(lock->ns, 3);
	cr_assert_eq(lock->waiter_count, 1);
	cr_assert_eq(lock->handed_on, 0);
	cr_assert_eq(lock->wakers[0].tid, 109);
	cr_assert_str_empty(lock->wakers[0].name);
	cr_assert_str_empty(lock->name);
	rota_summary_free(s);
	feed_free(f);
}

/* Equal addresses of two processes are two locks; more than LOCKS_MAX are counted in a note. */
Test(locks, by_process_and_bounded)
{
	struct feed *f = new_feed();
	struct rota_summary *s;
	uint64_t ns = 0, ts = 100;
	bool noted = false;

	f->threads[1].thread.tgid = 101;
	wait_for(f, ts, 0, 0x100, 10, 5);
	wait_for(f, ts + 20, 1, 0x100, 10, 5);
	for (uint64_t i = 0; i < LOCKS_MAX; i++)
		wait_for(f, ts += 50, 0, 0x1000 + 4 * i, 10, 5);
	s = feed_stop(f, ts + 50);
	cr_assert_eq(s->lock_count, LOCKS_MAX);
	for (uint32_t i = 0; i < s->lock_count; i++)
		ns += s->locks[i].ns;
	cr_assert_eq(ns, 10 * LOCKS_MAX);
	cr_assert_eq(s->class_ns[ROTA_BLOCKED_LOCK], 10 * (LOCKS_MAX + 2));
	for (uint32_t i = 0; i < s->note_count; i++)
		noted |= strstr(s->notes[i], "2 waits for locks are not named") != NULL;
	cr_assert(noted);
	cr_assert_eq(s->locks[0].tgid, 100);
	cr_assert_eq(s->locks[LOCKS_MAX - 1].address, 0x100);
	cr_assert_eq(s->locks[LOCKS_MAX - 1].tgid, 101);
	rota_summary_free(s);
	feed_free(f);
}

static union rota_any_record text(uint32_t id, const char *piece)
{
	union rota_any_record record = { .head.type = ROTA_REC_TEXT };

	record.text.id = id;
	record.head.aux = (uint16_t)strnlen(piece, ROTA_TEXT_SIZE);
	memcpy(record.text.text, piece, record.head.aux);
	return record;
}

static union rota_any_record symbol(uint32_t tgid, uint64_t address, uint64_t offset, uint32_t name, uint32_t module)
{
	union rota_any_record record = { .head.type = ROTA_REC_SYMBOL };

	record.head.tid = tgid;
	record.symbol.address = address;
	record.symbol.offset = offset;
	record.symbol.name = name;
	record.symbol.module = module;
	return record;
}

static void tell(struct texts *texts, union rota_any_record record)
{
	texts_add(texts, &record);
}

Test(texts, pieces)
{
	const char *long_text = "a text of more than thirty-two bytes, and in fact of more than sixty-four";
	struct texts texts = { 0 };

	tell(&texts, text(1, "short"));
	tell(&texts, text(4, long_text));
	tell(&texts, text(4, long_text + 32));
	tell(&texts, text(4, long_text + 64));
	tell(&texts, text(5, "exactly thirty-two bytes, no more"));
	tell(&texts, text(5, ""));
	tell(&texts, text(6, "cut by a loss after 32 bytes, ..so it is"));
	tell(&texts, text(7, "x"));
	tell(&texts, text(4, "late"));
	tell(&texts, text(0, "none"));
	cr_assert_str_eq(texts_get(&texts, 1), "short");
	cr_assert_str_eq(texts_get(&texts, 4), long_text);
	cr_assert_eq(strlen(texts_get(&texts, 5)), 32);
	cr_assert_eq(strlen(texts_get(&texts, 6)), 32);
	cr_assert_str_eq(texts_get(&texts, 7), "x");
	cr_assert_null(texts_get(&texts, 0));
	cr_assert_null(texts_get(&texts, 2));
	cr_assert_null(texts_get(&texts, 8));
	cr_assert_eq(texts.dropped, 2);
	texts_fini(&texts);
}

Test(texts, a_text_has_an_end)
{
	struct texts texts = { 0 };

	for (uint32_t i = 0; i < 2 * TEXT_MAX_BYTES / ROTA_TEXT_SIZE; i++)
		tell(&texts, text(1, "0123456789abcdef0123456789abcdef"));
	cr_assert_eq(strlen(texts_get(&texts, 1)), TEXT_MAX_BYTES);
	cr_assert_eq(texts.dropped, TEXT_MAX_BYTES / ROTA_TEXT_SIZE);
	texts_fini(&texts);
}

Test(texts, names)
{
	struct texts texts = { 0 };
	char name[64], narrow[8];

	tell(&texts, text(1, "cart_mutex"));
	tell(&texts, text(2, "/usr/lib/libcart.so.1"));
	for (uint64_t i = 0; i < 1000; i++)
		tell(&texts, symbol(9, 0x5000 + i, 0, 1, 0));
	tell(&texts, symbol(4, 0x10, 8, 1, 2));
	tell(&texts, symbol(5, 0x10, 0, 1, 2));
	tell(&texts, symbol(4, 0x20, 0x40, 0, 2));
	tell(&texts, symbol(4, 0x30, 0, 9, 9));
	tell(&texts, symbol(4, 0x40, 0, 0, 0));
	tell(&texts, symbol(4, 0x40, 0, 1, 0));
	cr_assert_str_eq(texts_name(&texts, 4, 0x10, name, sizeof(name)), "cart_mutex+0x8 in libcart.so.1");
	cr_assert_str_eq(texts_name(&texts, 5, 0x10, name, sizeof(name)), "cart_mutex in libcart.so.1");
	cr_assert_str_eq(texts_name(&texts, 4, 0x20, name, sizeof(name)), "libcart.so.1+0x40");
	cr_assert_str_eq(texts_name(&texts, 4, 0x30, name, sizeof(name)), "");
	cr_assert_str_eq(texts_name(&texts, 4, 0x40, name, sizeof(name)), "cart_mutex");
	cr_assert_str_eq(texts_name(&texts, 9, 0x5000 + 999, name, sizeof(name)), "cart_mutex");
	cr_assert_str_eq(texts_name(&texts, 6, 0x10, name, sizeof(name)), "");
	cr_assert_str_eq(texts_name(&texts, 4, 0x10, narrow, sizeof(narrow)), "cart_mu");
	texts_fini(&texts);
}

/* Symbols that are told at the end name the locks of the whole. */
Test(locks, named_by_records)
{
	struct feed *f = new_feed();
	struct rota_event event = { 0 };
	struct rota_summary *s;

	wait_for(f, 100, 0, 0x100, 10, 1);
	event.rec = text(1, "queue_lock");
	event.rec.head.ts_ns = 200;
	f->sink.record(f->sink.ctx, NULL, &event);
	event.rec = symbol(100, 0x100, 0, 1, 0);
	event.rec.head.ts_ns = 200;
	f->sink.record(f->sink.ctx, NULL, &event);
	s = feed_stop(f, 300);
	cr_assert_str_eq(s->locks[0].name, "queue_lock");
	rota_summary_free(s);
	feed_free(f);
}
