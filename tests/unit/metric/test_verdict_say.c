/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a verdict says: every limit has a whole sentence with its evidence, whatever the names are; and who is named. */
#include "metric/verdict_fill.h"

#include "base/limit.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONG_PATH                                                                                                      \
	"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0123456789abcdef.slice/"                       \
	"cri-containerd-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.scope"

struct example {
	struct rota_summary summary;
	struct rota_thread_summary thread;
	struct rota_lock lock;
	struct rota_quota quota;
	struct rota_blocked blocked[2];
	struct rota_waited_for waited[2];
	struct verdict_case about;
	char path[sizeof(LONG_PATH)];
};

static void set_up(struct example *e, uint8_t limit)
{
	memset(e, 0, sizeof(*e));
	memcpy(e->path, LONG_PATH, sizeof(e->path));
	e->thread = (struct rota_thread_summary){ .tid = 4194304, .alone_ns = 700, .criticality_ns = 800 };
	memcpy(e->thread.name, "a-long-name-015", ROTA_COMM_SIZE);
	e->lock = (struct rota_lock){ .tgid = 1, .address = ~0ULL, .ns = 5000000000, .count = 100, .handed_on = 90 };
	e->lock.waker_count = 1;
	memcpy(e->lock.wakers[0].name, "holder", 7);
	memset(e->lock.name, 'n', sizeof(e->lock.name) - 1);
	e->quota = (struct rota_quota){ .cgroup = e->path, .cpus = 0.5, .periods = 300, .throttled_periods = 291 };
	e->blocked[0] = (struct rota_blocked){
		.blocked_class = ROTA_BLOCKED_DISK, .syscall = "fdatasync", .fd_kind = "file", .ns = 900
	};
	e->blocked[1] = (struct rota_blocked){
		.blocked_class = ROTA_BLOCKED_NETWORK, .syscall = "recvfrom", .fd_kind = "socket inet", .ns = 800
	};
	e->waited[0] =
		(struct rota_waited_for){ .tid = 7, .tgid = 7, .name = "mine", .ours = true, .known = true, .ns = 9 };
	e->waited[1] = (struct rota_waited_for){ .tid = 8, .tgid = 8, .name = "stranger", .known = true, .ns = 8 };
	e->summary = (struct rota_summary){
		.end_ns = 1000,
		.parallelism = {.active_ns = 900     },
		.thread_count = 1,
		.threads = &e->thread,
		.lock_count = 1,
		.locks = &e->lock,
		.quota_count = 1,
		.quotas = &e->quota,
		.blocked_count = 2,
		.blocked = e->blocked,
		.waited_for_count = 2,
		.waited_for = e->waited,
		.affinity = { .known = true, .allowed_cpus = 1.25 }
	};
	memset(e->summary.affinity.cpus, '1', sizeof(e->summary.affinity.cpus) - 1);
	e->about = (struct verdict_case){
		.summary = &e->summary,
		.piece = {.seconds = 10,
                          .known = 1,
                          .in_progress = 1234,
                          .demand = 1000.25F,
                          .parallelism = 99.5F,
                          .cores = 60,
                          .wanting = 0.9F,
                          .active = 0.5F,
                          .alone = 0.38F,
                          .stolen = 0.4F,
                          .lock = 3,
                          .involuntary = 123456 },
		.machine = { .cpus = 128, .usable = 127.25, .idle = 100, .handed_on = 1 },
		.judgement = { .limit = limit,    .second = ROTA_LIMIT_LOCK      },
		.lone = &e->thread,
		.lock = &e->lock
	};
	for (unsigned int i = 0; i < ROTA_LIMITS; i++)
		e->about.judgement.score[i] = 0.41;
}

static void expect_whole(const char *limit, const char *text, size_t size)
{
	size_t length = strnlen(text, size);

	cr_expect(length > 0 && length < size - 1, "%s: nothing, or cut: %s", limit, text);
	cr_expect_eq(text[length - 1], '.', "%s: no end of a sentence: %s", limit, text);
}

Test(verdict_say, each_limit_says_a_whole_sentence)
{
	for (uint8_t limit = 0; limit < ROTA_LIMITS; limit++) {
		const char *name = limit_name(limit);
		const struct rota_verdict *verdict;
		struct example e;

		set_up(&e, limit);
		verdict_say(&e.about);
		verdict = &e.summary.verdict;
		expect_whole(name, verdict->sentence, sizeof(verdict->sentence));
		if (limit != ROTA_LIMIT_NONE && limit != ROTA_LIMIT_UNKNOWN && limit != ROTA_LIMIT_RUNTIME)
			expect_whole(name, verdict->advice, sizeof(verdict->advice));
		expect_whole(name, verdict->second_says, sizeof(verdict->second_says));
		cr_expect(verdict->evidence_count > 0, "%s has no evidence", name);
		for (uint32_t i = 0; i < verdict->evidence_count; i++) {
			const struct rota_evidence *one = &verdict->evidence[i];

			cr_expect(one->name[0] && one->unit[0] && one->says[0], "%s: empty evidence %u", name, i);
			cr_expect(strlen(one->says) < sizeof(one->says) - 1, "%s: cut: %s", name, one->says);
		}
	}
}

Test(verdict_say, each_reason_says_something_else)
{
	char seen[VERDICT_SERVED + 1][240] = { "" };

	for (int reason = VERDICT_SHORT; reason <= VERDICT_SERVED; reason++) {
		struct example e;

		set_up(&e, reason >= VERDICT_IDLE ? ROTA_LIMIT_NONE : ROTA_LIMIT_UNKNOWN);
		e.about.judgement.reason = (enum verdict_reason)reason;
		verdict_say(&e.about);
		expect_whole("reason", e.summary.verdict.sentence, sizeof(e.summary.verdict.sentence));
		memcpy(seen[reason], e.summary.verdict.sentence, sizeof(seen[reason]));
		for (int k = VERDICT_SHORT; k < reason; k++)
			cr_expect_str_neq(seen[k], seen[reason]);
	}
}

static void expect_named(uint8_t limit, const char *evidence, const char *who)
{
	const struct rota_verdict *verdict;
	struct example e;

	set_up(&e, limit);
	verdict_say(&e.about);
	verdict = &e.summary.verdict;
	for (uint32_t i = 0; i < verdict->evidence_count; i++) {
		if (strcmp(verdict->evidence[i].name, evidence) == 0) {
			cr_expect(strstr(verdict->evidence[i].says, who), "%s: no %s", verdict->evidence[i].says, who);
			return;
		}
	}
	cr_expect(false, "%s has no evidence %s", limit_name(limit), evidence);
}

Test(verdict_say, who_or_what_it_is)
{
	expect_named(ROTA_LIMIT_SERIAL, "alone_share", "a-long-name-015[4194304]");
	expect_named(ROTA_LIMIT_NEIGHBOURS, "waited_for", "stranger[8]");
	expect_named(ROTA_LIMIT_LOCK, "lock_waker", "holder[");
	expect_named(ROTA_LIMIT_LOCK, "lock_seconds", "nnnn");
	expect_named(ROTA_LIMIT_QUOTA, "throttled_periods", "291 of 300 periods");
	expect_named(ROTA_LIMIT_IO_DISK, "blocked_in", "fdatasync");
	expect_named(ROTA_LIMIT_IO_NETWORK, "blocked_in", "recvfrom on socket inet");
}

Test(verdict_say, what_it_gains_and_what_to_use)
{
	struct example e;

	set_up(&e, ROTA_LIMIT_SERIAL);
	verdict_say(&e.about);
	cr_expect(strstr(e.summary.verdict.sentence, "38 % of the time; removing it gains at most 1.6 ×"), "%s",
		  e.summary.verdict.sentence);
	set_up(&e, ROTA_LIMIT_QUOTA);
	e.about.piece.demand = 6.95F;
	e.quota.cpus = 2;
	verdict_say(&e.about);
	cr_expect(strstr(e.summary.verdict.sentence,
			 "It wants 6.95 cpus, its cgroup allows 2.00: nothing ran for 40 ms of every 100 ms."),
		  "%s", e.summary.verdict.sentence);
	cr_expect(strstr(e.summary.verdict.advice, "2 threads for steady latency, or a quota of 7 (now 2.00)"), "%s",
		  e.summary.verdict.advice);
}

Test(verdict_say, what_rota_cannot_see_is_said_of_several_at_once)
{
	struct example e;

	set_up(&e, ROTA_LIMIT_HARDWARE);
	e.about.piece.wanting = 1;
	e.about.piece.parallelism = 1.501F;
	verdict_say(&e.about);
	cr_expect(strstr(e.summary.verdict.sentence, "rota cannot see"), "%s", e.summary.verdict.sentence);
	e.about.piece.parallelism = 1.499F;
	verdict_say(&e.about);
	cr_expect_null(strstr(e.summary.verdict.sentence, "rota cannot see"), "%s", e.summary.verdict.sentence);
}

/* An address of whose waits at least half are ended by one that waits there, too, is a lock. */
Test(verdict_say, what_is_a_lock)
{
	struct verdict_piece piece = { .seconds = 10,
				       .known = 1,
				       .in_progress = 4,
				       .demand = 1,
				       .parallelism = 1,
				       .cores = 1,
				       .wanting = 1,
				       .active = 1,
				       .alone = 0.3F,
				       .lock = 3 };
	struct seconds_track track = { .step_ns = 1000000000, .count = 1, .pieces = &piece };

	for (uint64_t handed_on = 49; handed_on <= 50; handed_on++) {
		struct rota_cpu_summary cpus[2] = {
			{.cpu = 0,  .idle_ns = 500},
                        { .cpu = 1, .idle_ns = 500}
		};
		struct example e;

		set_up(&e, ROTA_LIMIT_UNKNOWN);
		e.summary.affinity.known = false;
		e.summary.cpu_count = 2;
		e.summary.cpus = cpus;
		e.summary.class_ns[ROTA_BLOCKED_LOCK] = e.lock.ns;
		e.lock.handed_on = handed_on;
		verdict_fill(&e.summary, &track);
		cr_expect_eq(e.summary.verdict.limit, handed_on == 50 ? ROTA_LIMIT_LOCK : ROTA_LIMIT_SERIAL);
		cr_expect_eq(e.summary.verdict.by_second[0], e.summary.verdict.limit);
		free(e.summary.verdict.by_second);
	}
}
