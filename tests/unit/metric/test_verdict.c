/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Situations in figures, and the verdict that each must get; every threshold from both sides; and docs/verdicts.md, whose table
 * of thresholds must be the one in the code.
 */
#include "metric/verdict.h"

#include "base/limit.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEAR 0.001 /* a figure this far beyond a threshold is on its other side */

static const struct verdict_machine two_cpus = { .cpus = 2, .usable = 2, .idle_known = true };

/* n threads that always want to run, of which p do; the rest of the figures as they then must be. */
static struct verdict_piece busy(float wanting, float running)
{
	return (struct verdict_piece){ .seconds = 10,
				       .known = 1,
				       .in_progress = wanting,
				       .demand = wanting,
				       .parallelism = running,
				       .cores = running,
				       .wanting = 1,
				       .active = 1,
				       .involuntary = 500 };
}

/* n threads, none of which wants to run for a share of the time. */
static struct verdict_piece waiting(float threads, float idle, enum rota_blocked_class what, float working)
{
	struct verdict_piece piece = { .seconds = 10,
				       .known = 1,
				       .in_progress = threads,
				       .demand = 1 - idle,
				       .parallelism = 1 - idle,
				       .cores = 1 - idle,
				       .wanting = 1 - idle,
				       .active = 1 - idle,
				       .alone = 1 - idle };

	piece.blocked[what] = working;
	return piece;
}

static struct verdict_judgement judge(struct verdict_piece piece, struct verdict_machine machine)
{
	struct verdict_judgement judgement;

	verdict_judge(&piece, &machine, &judgement);
	return judgement;
}

#define EXPECT(piece, machine, expected)                                                                               \
	do {                                                                                                           \
		struct verdict_judgement found = judge((piece), (machine));                                            \
                                                                                                                       \
		cr_expect_eq(found.limit, (expected), "%s: found %s (%.3f), expected %s (%.3f)", #piece,               \
			     limit_name(found.limit), found.score[found.limit], limit_name(expected),                  \
			     found.score[expected]);                                                                   \
	} while (0)

static struct verdict_piece with_lock(struct verdict_piece piece, float waiters)
{
	piece.lock = waiters;
	piece.blocked[ROTA_BLOCKED_LOCK] = waiters;
	return piece;
}

static struct verdict_piece with_alone(struct verdict_piece piece, float alone)
{
	piece.alone = alone;
	return piece;
}

static struct verdict_piece behind(struct verdict_piece piece, float ours, float others)
{
	piece.behind_ours = ours;
	piece.behind_others = others;
	return piece;
}

static struct verdict_piece throttled(struct verdict_piece piece, float threads)
{
	piece.throttled = threads;
	return piece;
}

static struct verdict_piece confined(struct verdict_piece piece)
{
	piece.confined = piece.behind_ours + piece.behind_others;
	return piece;
}

Test(verdict, busy_programs)
{
	struct verdict_machine one_of_two = { .cpus = 2, .usable = 1, .idle_known = true, .idle = 1 };
	struct verdict_machine one = { .cpus = 1, .usable = 1, .idle_known = true };
	struct verdict_machine siblings = { .cpus = 4, .usable = 4, .idle_known = true, .smt = true };
	struct verdict_machine large = { .cpus = 8, .usable = 8, .idle_known = true, .idle = 6 };
	struct verdict_piece shared = busy(4, 4);

	EXPECT(busy(2, 1.98F), two_cpus, ROTA_LIMIT_HARDWARE);
	EXPECT(behind(busy(8, 2), 6, 0), two_cpus, ROTA_LIMIT_OVERSUBSCRIBED);
	EXPECT(confined(behind(busy(2, 1), 1, 0)), one_of_two, ROTA_LIMIT_AFFINITY);
	EXPECT(confined(behind(busy(8, 1), 7, 0)), one_of_two, ROTA_LIMIT_AFFINITY);
	EXPECT(with_alone(busy(1, 1), 1), one_of_two, ROTA_LIMIT_SERIAL);
	EXPECT(with_alone(busy(1, 1), 1), two_cpus, ROTA_LIMIT_SERIAL);
	EXPECT(with_alone(busy(1, 1), 1), one, ROTA_LIMIT_HARDWARE);
	EXPECT(busy(2, 2), large, ROTA_LIMIT_NONE); /* it has what it wants */
	shared.cores = 2;
	EXPECT(shared, siblings, ROTA_LIMIT_SMT);
	EXPECT(busy(4, 4), siblings, ROTA_LIMIT_HARDWARE);
}

Test(verdict, held_back_from_outside)
{
	struct verdict_piece stolen = busy(2, 2);

	EXPECT(behind(busy(2, 1), 0, 1), two_cpus, ROTA_LIMIT_NEIGHBOURS);
	EXPECT(behind(busy(4, 1.33F), 1.33F, 1.33F), two_cpus, ROTA_LIMIT_NEIGHBOURS);
	EXPECT(throttled(busy(1, 0.5F), 0.5F), two_cpus, ROTA_LIMIT_QUOTA);
	EXPECT(throttled(busy(2, 0.5F), 1.5F), two_cpus, ROTA_LIMIT_QUOTA);
	stolen.parallelism = 1.5F; /* the rest of the time others had the cpus */
	stolen.stolen = 1.2F;
	EXPECT(stolen, two_cpus, ROTA_LIMIT_STEAL);
}

Test(verdict, held_back_by_itself)
{
	struct verdict_machine locks = two_cpus, partly = two_cpus;

	locks.handed_on = 1;
	partly.handed_on = 0;
	EXPECT(with_alone(with_lock(busy(1.26F, 1.01F), 2.7F), 0.36F), locks, ROTA_LIMIT_LOCK);
	EXPECT(with_alone(with_lock(busy(1.1F, 1.05F), 0.9F), 0.5F), locks, ROTA_LIMIT_LOCK); /* two threads */
	EXPECT(with_lock(waiting(4, 0.9F, ROTA_BLOCKED_SLEEP, 1), 3), locks,
	       ROTA_LIMIT_LOCK); /* asleep with the lock */
	/* the same waits, but on something that those who wait do not pass on: they wait for work */
	EXPECT(with_alone(with_lock(busy(1.26F, 1.01F), 2.7F), 0.36F), partly, ROTA_LIMIT_SERIAL);
	EXPECT(with_lock(waiting(9, 0.9F, ROTA_BLOCKED_POLL, 1), 8), partly, ROTA_LIMIT_NONE);
	EXPECT(with_alone(busy(1.62F, 1.48F), 0.51F), two_cpus, ROTA_LIMIT_SERIAL); /* a pipeline */
	EXPECT(with_alone(busy(2, 1.2F), 0.38F), two_cpus, ROTA_LIMIT_UNKNOWN);     /* it waits for a cpu, and why? */
}

Test(verdict, waiting_programs)
{
	struct verdict_piece faults = waiting(1, 0.8F, ROTA_BLOCKED_PAGE_FAULT, 1);

	EXPECT(waiting(2, 1, ROTA_BLOCKED_SLEEP, 0), two_cpus, ROTA_LIMIT_NONE);
	EXPECT(waiting(0, 1, ROTA_BLOCKED_SLEEP, 0), two_cpus, ROTA_LIMIT_NONE);
	EXPECT(waiting(4, 0.95F, ROTA_BLOCKED_POLL, 1), two_cpus, ROTA_LIMIT_NONE);
	EXPECT(waiting(4, 0.95F, ROTA_BLOCKED_NETWORK, 3.8F), two_cpus, ROTA_LIMIT_IO_NETWORK);
	EXPECT(waiting(1, 0.8F, ROTA_BLOCKED_DISK, 0.8F), two_cpus, ROTA_LIMIT_IO_DISK);
	EXPECT(faults, two_cpus, ROTA_LIMIT_IO_DISK);
	EXPECT(waiting(1, 0.8F, ROTA_BLOCKED_UNKNOWN, 0.8F), two_cpus, ROTA_LIMIT_UNKNOWN);
	/* one that computes most of the time is limited by its computing */
	EXPECT(waiting(1, 0.4F, ROTA_BLOCKED_NETWORK, 0.4F), two_cpus, ROTA_LIMIT_SERIAL);
}

Test(verdict, the_second_best_is_told)
{
	struct verdict_judgement found = judge(behind(busy(2, 1.7F), 0, 0.3F), two_cpus);

	cr_expect_eq(found.limit, ROTA_LIMIT_HARDWARE);
	cr_expect_eq(found.second, ROTA_LIMIT_NEIGHBOURS);
}

/* Each threshold from both sides: the first figure has just reached it, the second has just not. */

Test(verdict, too_short_or_not_seen)
{
	struct verdict_piece piece = busy(2, 2);

	piece.seconds = 0.01F + 0.0001F;
	EXPECT(piece, two_cpus, ROTA_LIMIT_HARDWARE);
	piece.seconds = 0.01F - 0.0001F;
	EXPECT(piece, two_cpus, ROTA_LIMIT_UNKNOWN);
	cr_expect_eq(judge(piece, two_cpus).reason, VERDICT_SHORT);
	piece.seconds = 10;
	piece.known = 0.5F + NEAR;
	EXPECT(piece, two_cpus, ROTA_LIMIT_HARDWARE);
	piece.known = 0.5F - NEAR;
	EXPECT(piece, two_cpus, ROTA_LIMIT_UNKNOWN);
	cr_expect_eq(judge(piece, two_cpus).reason, VERDICT_COVERAGE);
}

Test(verdict, least_scores)
{
	struct verdict_piece piece = busy(2, 1.59F);

	/* 0.2 of what it wants stands still, or not quite */
	EXPECT(throttled(piece, 0.4F + NEAR), two_cpus, ROTA_LIMIT_QUOTA);
	cr_expect_neq(judge(throttled(piece, 0.4F - 2 * NEAR), two_cpus).limit, ROTA_LIMIT_QUOTA);
	cr_expect_eq(judge(throttled(busy(2, 1.9F), 0.1F + NEAR), two_cpus).second, ROTA_LIMIT_QUOTA);
	cr_expect_eq(judge(throttled(busy(2, 1.9F), 0.1F - NEAR), two_cpus).second, ROTA_LIMIT_UNKNOWN);
}

Test(verdict, used_up)
{
	EXPECT(busy(1.7F, 1.6F + NEAR), two_cpus, ROTA_LIMIT_HARDWARE);
	EXPECT(busy(1.7F, 1.6F - NEAR), two_cpus, ROTA_LIMIT_NONE); /* it has what it wants */
}

Test(verdict, a_crowd)
{
	struct verdict_piece crowd = behind(busy(3 + NEAR, 2), 1, 0), small = behind(busy(3 - NEAR, 2), 1, 0);

	EXPECT(crowd, two_cpus, ROTA_LIMIT_OVERSUBSCRIBED);
	EXPECT(small, two_cpus, ROTA_LIMIT_HARDWARE);
	crowd.involuntary = 40 + NEAR;
	EXPECT(crowd, two_cpus, ROTA_LIMIT_OVERSUBSCRIBED);
	crowd.involuntary = 40 - NEAR;
	EXPECT(crowd, two_cpus, ROTA_LIMIT_HARDWARE);
}

Test(verdict, confined_to_few_cpus)
{
	struct verdict_machine machine = { .cpus = 2, .usable = 1.5 - NEAR, .idle_known = true, .idle = 0.25 + NEAR };
	struct verdict_piece piece = behind(busy(2, 1.5F), 0.5F, 0);

	EXPECT(piece, machine, ROTA_LIMIT_AFFINITY);
	machine.usable = 1.5 + NEAR;
	EXPECT(piece, machine, ROTA_LIMIT_HARDWARE);
	machine.usable = 1.5 - NEAR;
	machine.idle = 0.25 - NEAR;
	EXPECT(piece, machine, ROTA_LIMIT_HARDWARE);
	machine.idle_known = false;
	EXPECT(piece, machine, ROTA_LIMIT_AFFINITY);
}

Test(verdict, who_queues_and_who_is_alone)
{
	struct verdict_machine one_of_two = { .cpus = 2, .usable = 1, .idle_known = true, .idle = 1 };

	EXPECT(with_alone(confined(behind(busy(1.1F + NEAR, 1), 0.1F, 0)), 0.9F), one_of_two, ROTA_LIMIT_AFFINITY);
	EXPECT(with_alone(confined(behind(busy(1.1F - NEAR, 1), 0.1F, 0)), 0.9F), one_of_two, ROTA_LIMIT_SERIAL);
	one_of_two.usable = 1.5 - NEAR;
	EXPECT(with_alone(busy(1.3F, 1.3F), 0.7F), one_of_two, ROTA_LIMIT_SERIAL);
	one_of_two.usable = 1.5 + NEAR;
	EXPECT(with_alone(busy(1.3F, 1.3F), 0.7F), one_of_two, ROTA_LIMIT_HARDWARE);
	one_of_two.cpus = one_of_two.usable = 1.5 - NEAR;
	EXPECT(with_alone(busy(1.3F, 1.3F), 0.7F), one_of_two, ROTA_LIMIT_HARDWARE);
}

Test(verdict, two_on_one_core)
{
	struct verdict_machine machine = { .cpus = 4, .usable = 4, .idle_known = true, .smt = true };
	struct verdict_piece piece = busy(4, 4);

	piece.cores = 3 - NEAR;
	EXPECT(piece, machine, ROTA_LIMIT_SMT);
	piece.cores = 3 + NEAR;
	EXPECT(piece, machine, ROTA_LIMIT_HARDWARE);
	piece.cores = 2;
	machine.smt = false;
	EXPECT(piece, machine, ROTA_LIMIT_HARDWARE);
}

/* --- Go programs --- */

/* One P, with which one thread at a time runs, on a machine of two cpus. */
static struct verdict_piece one_p(float starved)
{
	struct verdict_piece piece = with_alone(busy(1, 1), 0.95F);

	piece.starved = starved;
	return piece;
}

static struct verdict_machine go_machine(void)
{
	return (struct verdict_machine){
		.cpus = 2, .usable = 2, .idle_known = true, .idle = 1, .idle_cores = 1, .gomaxprocs = 1
	};
}

Test(verdict, goroutines_wait_for_a_p)
{
	struct verdict_machine machine = go_machine();

	EXPECT(one_p(0.9F), machine, ROTA_LIMIT_RUNTIME);
	EXPECT(one_p(0.1F), machine, ROTA_LIMIT_SERIAL);
	EXPECT(one_p(0), machine, ROTA_LIMIT_SERIAL);
	machine.gomaxprocs = 0; /* no Go program */
	EXPECT(one_p(0.9F), machine, ROTA_LIMIT_SERIAL);
}

Test(verdict, more_cpus_than_ps)
{
	struct verdict_machine machine = go_machine();

	machine.usable = 1.5 + NEAR;
	EXPECT(one_p(0.9F), machine, ROTA_LIMIT_RUNTIME);
	machine.usable = 1.5 - NEAR;
	cr_expect_neq(judge(one_p(0.9F), machine).limit, ROTA_LIMIT_RUNTIME);
	machine.usable = 2;
	machine.quota = 1;
	cr_expect_neq(judge(one_p(0.9F), machine).limit, ROTA_LIMIT_RUNTIME, "its quota would not let it");
	machine.quota = 1.5 + NEAR;
	EXPECT(one_p(0.9F), machine, ROTA_LIMIT_RUNTIME);
}

Test(verdict, whole_cores_must_be_idle)
{
	struct verdict_machine machine = go_machine();

	machine.idle_cores = 0.25 + NEAR;
	EXPECT(one_p(0.9F), machine, ROTA_LIMIT_RUNTIME);
	machine.idle_cores = 0.25 - NEAR; /* siblings at best */
	cr_expect_neq(judge(one_p(0.9F), machine).limit, ROTA_LIMIT_RUNTIME);
	machine.idle_known = false;
	EXPECT(one_p(0.9F), machine, ROTA_LIMIT_RUNTIME);
}

Test(verdict, ps_without_a_cpu_and_garbage)
{
	struct verdict_machine machine = go_machine();

	machine.held = 0.1 - NEAR;
	machine.collecting = 0.5 - NEAR;
	EXPECT(one_p(0.9F), machine, ROTA_LIMIT_RUNTIME);
	machine.held = 0.1 + NEAR;
	cr_expect_neq(judge(one_p(0.9F), machine).limit, ROTA_LIMIT_RUNTIME);
	machine.held = 0;
	machine.collecting = 0.5 + NEAR;
	cr_expect_neq(judge(one_p(0.9F), machine).limit, ROTA_LIMIT_RUNTIME);
}

Test(verdict, more_ps_would_meet_others)
{
	struct verdict_machine machine = go_machine();

	machine.idle_cores = machine.idle = 0.1;
	EXPECT(one_p(0.9F), machine, ROTA_LIMIT_NEIGHBOURS);
	machine.idle = 0.75 + NEAR; /* others have less than a quarter of a cpu */
	cr_expect_neq(judge(one_p(0.9F), machine).limit, ROTA_LIMIT_NEIGHBOURS);
	cr_expect_neq(judge(one_p(0.9F), machine).limit, ROTA_LIMIT_SERIAL, "it has work for more than one");
	machine.idle = 0.75 - NEAR;
	EXPECT(one_p(0.9F), machine, ROTA_LIMIT_NEIGHBOURS);
}

Test(verdict, goroutines_wait_for_a_mutex)
{
	struct verdict_machine machine = go_machine();
	struct verdict_piece piece = one_p(0);

	machine.gomaxprocs = 2;
	piece.mutex = 5;
	EXPECT(piece, machine, ROTA_LIMIT_LOCK);
	piece.mutex = 0.1F;
	EXPECT(piece, machine, ROTA_LIMIT_SERIAL);
}

/* --- docs/verdicts.md --- */

static char *document(void)
{
#ifdef TEST_SOURCE_DIR
	FILE *file = fopen(TEST_SOURCE_DIR "/docs/verdicts.md", "re");
#else
	FILE *file = fopen("docs/verdicts.md", "re");
#endif
	char *text = calloc(1, 1 << 18);

	cr_assert(file && text, "docs/verdicts.md cannot be read from here");
	cr_assert(fread(text, 1, (1 << 18) - 1, file) > 0);
	fclose(file);
	return text;
}

Test(verdict, thresholds_are_those_of_the_document)
{
	char *text = document(), *begin = strstr(text, "\n## Thresholds"), *end;
	unsigned int rows = 0;

	cr_assert(begin, "docs/verdicts.md has no section Thresholds");
	end = strstr(begin + 1, "\n## ");
	if (end)
		*end = 0;
	for (unsigned int i = 0; i < VERDICT_THRESHOLDS; i++) {
		const struct verdict_rule *rule = &verdict_thresholds[i];
		char row[512];

		snprintf(row, sizeof(row), "\n| `%s` | %g | %s | %s |\n", rule->name, rule->value, rule->unit,
			 rule->says);
		cr_expect(strstr(begin, row), "docs/verdicts.md has not the row%s", row);
	}
	for (const char *at = begin; (at = strstr(at, "\n| `")); at++)
		rows++;
	cr_expect_eq(rows, VERDICT_THRESHOLDS, "%u rows in docs/verdicts.md, %u thresholds in the code", rows,
		     VERDICT_THRESHOLDS);
	free(text);
}

Test(verdict, each_limit_is_described)
{
	char *text = document();

	for (uint8_t i = 0; i < ROTA_LIMITS; i++) {
		char row[64];

		snprintf(row, sizeof(row), "\n| `%s` | %s |", limit_name(i), limit_letter(i));
		cr_expect(strstr(text, row), "docs/verdicts.md has no row%s", row);
		for (uint8_t k = 0; k < i; k++)
			cr_expect_str_neq(limit_letter(i), limit_letter(k), "one letter for two limits");
	}
	free(text);
}
