/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Stacks and time in, lines for flame graphs out; and the table of stacks against hostile records. */
#include "metric/folded.h"
#include "metric/stacks.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define US 1000ULL

static struct rota_thread threads[] = {
	{.index = 0,  .tid = 101, .tgid = 100, .target = true, .comm = "one"   },
	{ .index = 1, .tid = 102, .tgid = 100, .target = true, .comm = "two; x"},
};

struct fixture {
	struct folded *folded;
	struct rota_sink sink;
	uint8_t state[2];
	uint64_t since_ns[2];
};

static struct fixture fixture_new(struct folded_config config)
{
	struct fixture f = { 0 };

	config.machine = "x86_64";
	f.folded = folded_new(&config);
	f.sink = folded_sink(f.folded);
	return f;
}

static void record(struct fixture *f, const struct rota_thread *thread, union rota_any_record rec)
{
	struct rota_event event = { .rec = rec };

	f->sink.record(f->sink.ctx, thread, &event);
}

static void sample(struct fixture *f, uint32_t thread, uint64_t ts_ns, uint32_t stack, uint8_t flags)
{
	record(f, &threads[thread],
	       (union rota_any_record){
		       .sample = {.head = { .ts_ns = ts_ns, .type = ROTA_REC_SAMPLE, .flags = flags },
                                  .stack = stack}
        });
}

static void stack(struct fixture *f, uint32_t id, uint32_t first, uint16_t count, const uint64_t *frames)
{
	union rota_any_record rec = {
		.stack = {.head = { .type = ROTA_REC_STACK, .aux = count }, .id = id, .first = first}
	};

	memcpy(rec.stack.frames, frames, count * sizeof(*frames));
	record(f, NULL, rec);
}

static void symbol(struct fixture *f, uint64_t address, uint32_t text, const char *name)
{
	union rota_any_record rec = {
		.text = {.head = { .type = ROTA_REC_TEXT, .aux = (uint16_t)strlen(name) }, .id = text}
	};

	memcpy(rec.text.text, name, strlen(name));
	record(f, NULL, rec);
	record(f, NULL,
	       (union rota_any_record){
		       .symbol = {
				  .head = { .type = ROTA_REC_SYMBOL, .tid = 100 }, .address = address, .name = text}
        });
}

static void move(struct fixture *f, uint32_t thread, uint64_t ts_ns, uint8_t to, uint32_t reason)
{
	struct rota_thread_transition transition = { .thread = &threads[thread],
						     .since_ns = f->since_ns[thread],
						     .ts_ns = ts_ns,
						     .from = f->state[thread],
						     .to = to,
						     .reason = reason };

	f->sink.thread(f->sink.ctx, &transition);
	f->state[thread] = to;
	f->since_ns[thread] = ts_ns;
}

/* Stack 1: outer 0x10 → inner 0x20, both named; stack 2: one frame without a name. */
static void tell_stacks(struct fixture *f)
{
	stack(f, 1, 0, 2, (uint64_t[]){ 0x20, 0x10 });
	stack(f, 2, 0, 1, (uint64_t[]){ 0x99 });
	symbol(f, 0x10, 1, "main");
	symbol(f, 0x20, 2, "a;b");
}

/* Thread one runs throughout but for a futex wait in [400, 900) µs; two runs in [500, 700) µs. */
static void play(struct fixture *f)
{
	move(f, 0, 0, ROTA_RUNNING, 0);
	move(f, 1, 0, ROTA_BLOCKED, 0);
	f->sink.start(f->sink.ctx, 0);
	sample(f, 0, 100 * US, 1, 0);
	sample(f, 0, 200 * US, 1, 0);
	sample(f, 0, 300 * US, 2, 0);
	sample(f, 0, 400 * US, 1, ROTA_SAMPLE_SWITCH);
	move(f, 0, 400 * US, ROTA_BLOCKED, ROTA_REASON_TOLD | 202);
	move(f, 1, 450 * US, ROTA_RUNNABLE, 0);
	move(f, 1, 500 * US, ROTA_RUNNING, 0);
	sample(f, 1, 600 * US, 2, 0);
	move(f, 0, 650 * US, ROTA_RUNNABLE, 0);
	move(f, 0, 660 * US, ROTA_RUNNING, 0);
	sample(f, 0, 670 * US, 1, 0);
	sample(f, 1, 700 * US, 2, ROTA_SAMPLE_SWITCH);
	move(f, 1, 700 * US, ROTA_BLOCKED, ROTA_REASON_TOLD | 35);
	tell_stacks(f); /* after they were referred to */
	f->sink.stop(f->sink.ctx, 1000 * US);
}

static void expect(struct fixture *f, const struct folded_line *expected, uint32_t count)
{
	struct folded_lines lines;

	folded_take(f->folded, &lines);
	cr_assert(lines.stacks_recorded);
	cr_assert_eq(lines.count, count, "%u lines, the first: %s", lines.count,
		     lines.count ? lines.lines[0].stack : "");
	for (uint32_t i = 0; i < count; i++) {
		cr_assert_str_eq(lines.lines[i].stack, expected[i].stack);
		cr_assert_eq(lines.lines[i].weight, expected[i].weight, "%s: %llu", expected[i].stack,
			     (unsigned long long)lines.lines[i].weight);
	}
	folded_lines_fini(&lines);
	folded_free(f->folded);
}

Test(folded, samples_on_the_cpu)
{
	struct fixture f = fixture_new((struct folded_config){ .state = FOLDED_RUNNING });

	play(&f);
	expect(&f,
	       (struct folded_line[]){
		       {(char *)"one;main;a:b",   3},
                       { (char *)"one;[0x99]",    1},
                       { (char *)"two: x;[0x99]", 1}
        },
	       3);
}

Test(folded, samples_at_a_level)
{
	struct fixture f =
		fixture_new((struct folded_config){ .state = FOLDED_RUNNING, .has_level = true, .level = 2 });

	play(&f);
	expect(&f,
	       (struct folded_line[]){
		       {(char *)"one;main;a:b", 1}
        },
	       1);
}

/* one: 250 µs in futex; two: 450 µs asleep when first seen, 300 µs in nanosleep at the end, cut by it. */
Test(folded, time_blocked_by_the_stack_it_began_with)
{
	struct fixture f = fixture_new((struct folded_config){ .state = FOLDED_BLOCKED });

	play(&f);
	expect(&f,
	       (struct folded_line[]){
		       {(char *)"two: x;[no stack]",            450},
		       { (char *)"two: x;[0x99];nanosleep_[k]", 300},
		       { (char *)"one;main;a:b;futex_[k]",      250}
        },
	       3);
}

/* While nobody ran: [400, 500) µs, of which one was blocked 100 and two 50. */
Test(folded, time_blocked_at_a_level)
{
	struct fixture f =
		fixture_new((struct folded_config){ .state = FOLDED_BLOCKED, .has_level = true, .level = 0 });

	play(&f);
	expect(&f,
	       (struct folded_line[]){
		       {(char *)"one;main;a:b;futex_[k]", 100},
                       { (char *)"two: x;[no stack]",     50 }
        },
	       2);
}

/* Where a thread waits for a cpu after a sleep, it is still where it fell asleep. */
Test(folded, time_runnable)
{
	struct fixture f = fixture_new((struct folded_config){ .state = FOLDED_RUNNABLE });

	play(&f);
	expect(&f,
	       (struct folded_line[]){
		       {(char *)"two: x;[no stack]", 50},
                       { (char *)"one;main;a:b",     10}
        },
	       2);
}

Test(folded, a_window_is_cut_out)
{
	struct fixture f =
		fixture_new((struct folded_config){ .state = FOLDED_BLOCKED, .from_ns = 600 * US, .to_ns = 800 * US });

	play(&f);
	expect(&f,
	       (struct folded_line[]){
		       {(char *)"two: x;[0x99];nanosleep_[k]", 100},
                       { (char *)"one;main;a:b;futex_[k]",     50 }
        },
	       2);
}

Test(folded, a_trace_without_stacks_says_so)
{
	struct fixture f = fixture_new((struct folded_config){ .state = FOLDED_RUNNING });
	struct folded_lines lines;

	f.sink.start(f.sink.ctx, 0);
	f.sink.stop(f.sink.ctx, 10);
	folded_take(f.folded, &lines);
	cr_assert_not(lines.stacks_recorded);
	cr_assert_eq(lines.count, 0);
	folded_lines_fini(&lines);
	folded_free(f.folded);
}

Test(stacks, pieces_in_order_and_nothing_else)
{
	struct stacks stacks = { 0 };
	union rota_any_record rec = {
		.stack = {.head = { .type = ROTA_REC_STACK, .aux = 4 }, .id = 7}
	};

	rec.stack.frames[3] = 44;
	stacks_add(&stacks, &rec);
	stacks_add(&stacks, &rec); /* told again */
	rec.stack.first = 8;       /* a piece is missing */
	stacks_add(&stacks, &rec);
	rec.stack.first = 4;
	rec.stack.head.aux = 1;
	stacks_add(&stacks, &rec);
	cr_assert_eq(stacks_get(&stacks, 7)->count, 5);
	cr_assert_eq(stacks_get(&stacks, 7)->addresses[3], 44);
	cr_assert_null(stacks_get(&stacks, 6));
	cr_assert_null(stacks_get(&stacks, 0));
	cr_assert_null(stacks_get(&stacks, UINT32_MAX));
	rec.stack.id = UINT32_MAX; /* no such number: no memory is spent on it */
	rec.stack.first = 0;
	stacks_add(&stacks, &rec);
	cr_assert_leq(stacks.capacity, 64);
	rec.stack.id = 8;
	for (uint32_t first = 0; first < 1000; first++) {
		rec.stack.first = first;
		stacks_add(&stacks, &rec);
	}
	cr_assert_eq(stacks_get(&stacks, 8)->count, ROTA_STACK_DEPTH);
	stacks_fini(&stacks);
}
