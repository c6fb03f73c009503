/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Blocked time by kind and class: the table of docs/blocked.md, sums that are exact, bounds, edges of a window. */
#include "feed.h"
#include "metric/blocked.h"

#include <sys/syscall.h>

#define TOLD(number)    (ROTA_REASON_TOLD | (number))
#define FILE_KIND(kind) ((uint32_t)(kind) << ROTA_REASON_FD_KIND_SHIFT)

/* x86-64 numbers: arch/x86/entry/syscalls/syscall_64.tbl; the 32-bit ones: syscall_32.tbl */
static const struct {
	uint32_t reason;
	uint16_t raw_state;
	uint8_t flags;
	uint8_t blocked_class;
	const char *syscall, *fd_kind;
} told[] = {
	{0,						  1, 0,		      ROTA_BLOCKED_UNKNOWN,    "",                ""            },
	{ 0,						 2, 0,		      ROTA_BLOCKED_UNKNOWN,    "",                ""            },
	{ TOLD(202),					 1, 0,                      ROTA_BLOCKED_LOCK,       "futex",           ""            },
	{ TOLD(240) | ROTA_REASON_COMPAT,                    1, 0,                      ROTA_BLOCKED_LOCK,       "futex",           ""            },
	{ TOLD(73) | FILE_KIND(ROTA_FD_FILE),                1, 0,                      ROTA_BLOCKED_LOCK,       "flock",           "file"        },
	{ TOLD(65),					  1, 0,                      ROTA_BLOCKED_LOCK,       "semop",           ""            },
	{ TOLD(0) | FILE_KIND(ROTA_FD_SOCKET_INET),          1, 0,                      ROTA_BLOCKED_NETWORK,    "read",            "socket inet" },
	{ TOLD(45) | FILE_KIND(ROTA_FD_SOCKET_INET6),        1, 0,                      ROTA_BLOCKED_NETWORK,    "recvfrom",        "socket inet6"},
	{ TOLD(43),					  1, 0,                      ROTA_BLOCKED_NETWORK,    "accept",          ""            },
	{ TOLD(47) | FILE_KIND(ROTA_FD_SOCKET_UNIX),         1, 0,                      ROTA_BLOCKED_PIPE,       "recvmsg",         "socket unix" },
	{ TOLD(0) | FILE_KIND(ROTA_FD_PIPE),                 1, 0,                      ROTA_BLOCKED_PIPE,       "read",            "pipe"        },
	{ TOLD(0) | FILE_KIND(ROTA_FD_EVENTFD),              1, 0,                      ROTA_BLOCKED_PIPE,       "read",            "eventfd"     },
	{ TOLD(70),					  1, 0,                      ROTA_BLOCKED_PIPE,       "msgrcv",          ""            },
	{ TOLD(74) | FILE_KIND(ROTA_FD_FILE),                2, ROTA_TRANSITION_IOWAIT, ROTA_BLOCKED_DISK,       "fsync",           "file"        },
	{ TOLD(0) | FILE_KIND(ROTA_FD_FILE),                 2, ROTA_TRANSITION_IOWAIT, ROTA_BLOCKED_DISK,       "read",            "file"        },
	{ TOLD(1) | FILE_KIND(ROTA_FD_BLOCK_DEVICE),         2, 0,                      ROTA_BLOCKED_DISK,       "write",           "block device"},
	{ TOLD(257),					 2, 0,                      ROTA_BLOCKED_DISK,       "openat",          ""            },
	{ TOLD(257),					 1, 0,                      ROTA_BLOCKED_OTHER,      "openat",          ""            },
	{ TOLD(35),					  1, 0,                      ROTA_BLOCKED_SLEEP,      "nanosleep",       ""            },
	{ TOLD(230),					 1, 0,                      ROTA_BLOCKED_SLEEP,      "clock_nanosleep", ""            },
	{ TOLD(0) | FILE_KIND(ROTA_FD_TIMERFD),              1, 0,                      ROTA_BLOCKED_SLEEP,      "read",            "timerfd"     },
	{ TOLD(232) | FILE_KIND(ROTA_FD_EPOLL),              1, 0,                      ROTA_BLOCKED_POLL,       "epoll_wait",      "epoll"       },
	{ TOLD(426) | FILE_KIND(ROTA_FD_IO_URING),           1, ROTA_TRANSITION_IOWAIT, ROTA_BLOCKED_POLL,       "io_uring_enter",
         "io_uring"															       },
	{ TOLD(61),					  1, 0,                      ROTA_BLOCKED_WAIT,       "wait4",           ""            },
	{ TOLD(34),					  1, 0,                      ROTA_BLOCKED_WAIT,       "pause",           ""            },
	{ TOLD(0) | FILE_KIND(ROTA_FD_SIGNALFD),             1, 0,                      ROTA_BLOCKED_WAIT,       "read",            "signalfd"    },
	{ TOLD(ROTA_REASON_NO_SYSCALL),                      2, 0,                      ROTA_BLOCKED_PAGE_FAULT, "",                ""            },
	{ TOLD(ROTA_REASON_NO_SYSCALL),                      2, ROTA_TRANSITION_IOWAIT, ROTA_BLOCKED_PAGE_FAULT, "",                ""            },
	{ TOLD(ROTA_REASON_NO_SYSCALL),                      1, 0,                      ROTA_BLOCKED_OTHER,      "",                ""            },
	{ TOLD(ROTA_REASON_NO_SYSCALL) | ROTA_REASON_WORKER, 2, 0,                      ROTA_BLOCKED_WORKER,     "",                ""            },
	{ TOLD(231) | ROTA_REASON_EXITING,                   2, 0,                      ROTA_BLOCKED_EXITING,    "",                ""            },
	{ TOLD(9),					   2, 0,                      ROTA_BLOCKED_OTHER,      "mmap",            ""            },
	{ TOLD(9),					   2, ROTA_TRANSITION_IOWAIT, ROTA_BLOCKED_DISK,       "mmap",            ""            },
	{ TOLD(4000),					1, 0,                      ROTA_BLOCKED_OTHER,      "syscall_4000",    ""            },
	{ TOLD(455),					 1, 0,                      ROTA_BLOCKED_LOCK,       "futex_wait",      ""            },
};

static uint32_t kind_of(uint32_t reason, uint16_t raw_state, uint8_t flags)
{
	return blocked_kind(
		&(struct rota_thread_transition){ .reason = reason, .raw_state = raw_state, .flags = flags });
}

Test(blocked, classes)
{
	struct blocked_table table = { .machine = "x86_64" };

	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		uint32_t kind = kind_of(told[i].reason, told[i].raw_state, told[i].flags);
		struct rota_blocked row;

		blocked_describe(kind, "x86_64", &row);
		cr_expect_eq(row.blocked_class, told[i].blocked_class, "case %zu: class %u", i, row.blocked_class);
		cr_expect_eq(blocked_table_class(&table, kind), told[i].blocked_class, "case %zu", i);
		cr_expect_eq(blocked_table_class(&table, kind), told[i].blocked_class, "case %zu, again", i);
		cr_expect_str_eq(row.syscall, told[i].syscall);
		cr_expect_str_eq(row.fd_kind, told[i].fd_kind);
		cr_expect_eq(row.uninterruptible, told[i].raw_state == 2);
		cr_expect_eq(row.iowait, told[i].flags != 0);
		cr_expect_eq(row.compat, (told[i].reason & ROTA_REASON_COMPAT) != 0);
	}
}

/* The class is the call's, not the number's: read is 63 on arm64. */
Test(blocked, numbers_are_the_machines)
{
	struct rota_blocked row;

	blocked_describe(kind_of(TOLD(63) | FILE_KIND(ROTA_FD_PIPE), 1, 0), "aarch64", &row);
	cr_assert_str_eq(row.syscall, "read");
	cr_assert_eq(row.blocked_class, ROTA_BLOCKED_PIPE);
	blocked_describe(kind_of(TOLD(0) | FILE_KIND(ROTA_FD_PIPE), 1, 0), "vax", &row);
	cr_assert_str_eq(row.syscall, "syscall_0");
	cr_assert_eq(row.blocked_class, ROTA_BLOCKED_OTHER);
}

static struct feed *new_feed(void)
{
	struct rota_topology topology;

	feed_topology(&topology, 1, 1, 1, 1, 1);
	return feed_new(&topology, (struct metric_config){ .machine = "x86_64" });
}

/* Blocked from ts for `ns`; before, it ran for 10. Returns when it is woken. */
static uint64_t block(struct feed *f, uint64_t ts, int n, struct rota_thread_transition how, uint64_t ns)
{
	feed_wake(f, ts, n, 0);
	feed_switch(f, ts, 0, ROTA_BLOCKED, n);
	ts += 10;
	how.flags |= ROTA_TRANSITION_VOLUNTARY;
	feed_thread(f, ts, n, ROTA_BLOCKED, 0, how);
	feed_cpu(f, ts, 0, NOBODY);
	return ts + ns;
}

static const struct rota_blocked *row_of(const struct rota_blocked *rows, uint32_t count, const char *call,
					 const char *fd_kind)
{
	for (uint32_t i = 0; i < count; i++) {
		if (!strcmp(rows[i].syscall, call) && !strcmp(rows[i].fd_kind, fd_kind))
			return &rows[i];
	}
	cr_assert_fail("no row for %s %s", call, fd_kind);
	return NULL;
}

/* Every case once, the i-th for 100 + i; the first stay, open at the start, is told before the window and has 50 in it. */
Test(blocked, rows_sum_exactly)
{
	const size_t count = sizeof(told) / sizeof(told[0]);
	uint64_t ts = 1000, class_ns[ROTA_BLOCKED_CLASSES] = { 0 };
	const struct rota_thread_summary *t;
	const struct rota_blocked *row;
	struct rota_summary *s;
	struct feed *f = new_feed();

	feed_switch(f, 0, 0, 0, NOBODY);
	feed(f, 900, 0, ROTA_BLOCKED, 0, .reason = TOLD(202), .argument = 0x1000, .raw_state = 1);
	feed_start(f, ts);
	ts += 50;
	class_ns[ROTA_BLOCKED_LOCK] = 50;
	for (size_t i = 0; i < count; i++) {
		ts = block(f, ts, 0,
			   (struct rota_thread_transition){
				   .reason = told[i].reason, .raw_state = told[i].raw_state, .flags = told[i].flags },
			   100 + i);
		class_ns[told[i].blocked_class] += 100 + i;
	}
	s = feed_stop(f, ts);
	t = feed_row(s, 0);
	for (unsigned int i = 0; i < ROTA_BLOCKED_CLASSES; i++) {
		cr_expect_eq(t->class_ns[i], class_ns[i], "class %u", i);
		cr_expect_eq(s->class_ns[i], class_ns[i], "class %u", i);
	}
	cr_assert_eq(t->blocked_count, count);
	cr_assert_eq(s->blocked_count, count);
	row = row_of(t->blocked, t->blocked_count, "read", "pipe");
	cr_assert_eq(row->ns, 110);
	cr_assert_eq(row->count, 1);
	row = row_of(s->blocked, s->blocked_count, "flock", "file");
	cr_assert_eq(row->ns, 104);
	for (uint32_t i = 1; i < t->blocked_count; i++)
		cr_assert_geq(t->blocked[i - 1].ns, t->blocked[i].ns);
	rota_summary_free(s);
	feed_free(f);
}

/* 100 kinds of 10 each: 64 rows, and one with what is left; the note says how many. A second thread's are its own. */
Test(blocked, a_thread_has_so_many_kinds)
{
	const struct rota_thread_summary *t;
	uint64_t ts = 0, merged_ns = 0, merged = 0;
	struct rota_summary *s;
	struct feed *f = new_feed();
	bool noted = false;

	feed_switch(f, 0, 0, 0, NOBODY);
	feed_start(f, 0);
	for (uint32_t i = 0; i < 300; i++)
		ts = block(f, ts, 0, (struct rota_thread_transition){ .reason = TOLD(300 + i % 100), .raw_state = 1 },
			   10);
	ts = block(f, ts, 1, (struct rota_thread_transition){ .reason = TOLD(399), .raw_state = 1 }, 10);
	s = feed_stop(f, ts);
	t = feed_row(s, 0);
	cr_assert_eq(t->blocked_count, 65);
	for (uint32_t i = 0; i < t->blocked_count; i++) {
		merged_ns += t->blocked[i].merged ? t->blocked[i].ns : 0;
		merged += t->blocked[i].merged ? t->blocked[i].count : 0;
	}
	/* all but the rest of its last stay, which lasted on while thread 1 ran */
	cr_assert_eq(merged, 3 * 36);
	cr_assert_eq(merged_ns, 3 * 36 * 10 + 20);
	cr_assert_eq(s->blocked_count, 66);
	for (uint32_t i = 0; i < s->note_count; i++)
		noted |= strstr(s->notes[i], "108 times") != NULL;
	cr_assert(noted);
	rota_summary_free(s);
	feed_free(f);
}

/* 1 s intervals, a stay of 2.5 s over three of them, between two stays of another kind. */
Test(blocked, intervals_sum_to_the_whole)
{
	const uint64_t s_ns = 1000000000;
	struct rota_topology topology;
	struct rota_summary *s;
	struct feed *f;
	uint64_t ns = 0, count = 0;

	feed_topology(&topology, 1, 1, 1, 1, 1);
	f = feed_new(&topology, (struct metric_config){ .machine = "x86_64", .interval_ns = s_ns });
	f->round_ns = s_ns;
	feed_switch(f, 0, 0, 0, NOBODY);
	feed_start(f, 0);
	block(f, 1000, 0, (struct rota_thread_transition){ .reason = TOLD(35), .raw_state = 1 }, 0);
	block(f, s_ns / 2, 0, (struct rota_thread_transition){ .reason = TOLD(202), .argument = 0xab0, .raw_state = 1 },
	      0);
	block(f, 3 * s_ns, 0, (struct rota_thread_transition){ .reason = TOLD(35), .raw_state = 1 }, 0);
	s = feed_stop(f, 4 * s_ns);
	cr_assert_geq(f->interval_count, 4);
	for (uint32_t i = 0; i < f->interval_count; i++) {
		ns += f->intervals[i]->class_ns[ROTA_BLOCKED_LOCK];
		count += f->intervals[i]->lock_count;
	}
	cr_assert_eq(ns, s_ns * 5 / 2 - 10);
	cr_assert_eq(count, 3);
	cr_assert_eq(s->class_ns[ROTA_BLOCKED_LOCK], ns);
	cr_assert_eq(s->class_ns[ROTA_BLOCKED_SLEEP], s_ns / 2 - 1010 + s_ns - 10);
	cr_assert_eq(s->lock_count, 1);
	cr_assert_eq(s->locks[0].ns, ns);
	cr_assert_eq(s->locks[0].max_ns, ns);
	cr_assert_eq(f->intervals[1]->locks[0].waiter_count, 1);
	rota_summary_free(s);
	feed_free(f);
}

/* Old recordings: the sums hold, and the note says why there are no calls. */
Test(blocked, not_told)
{
	struct feed *f = new_feed();
	struct rota_summary *s;
	uint64_t ts;

	feed_switch(f, 0, 0, 0, NOBODY);
	feed_start(f, 0);
	ts = block(f, 100, 0, (struct rota_thread_transition){ .raw_state = 1 }, 70);
	s = feed_stop(f, ts);
	cr_assert_eq(s->class_ns[ROTA_BLOCKED_UNKNOWN], 70);
	cr_assert_eq(s->lock_count, 0);
	cr_assert(s->note_count && strstr(s->notes[0], "was not recorded"));
	rota_summary_free(s);
	feed_free(f);
}
