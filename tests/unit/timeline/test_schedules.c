/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Thousands of random schedules through the timeline, in the true order of their records: without loss it must say exactly
 * what was, with loss nothing that was not.
 */
#include "timeline/timeline.h"

#include "base/alloc.h"
#include "tool/sim/schedsim.c"
#include "tool/sim/oracle.c"
#include "tool/sim/configs.h"

#include <criterion/criterion.h>

struct placed { /* a record with its place in the order of the whole machine */
	uint64_t ts_ns;
	uint32_t ring; /* 0 for gaps seen from a round's beginning, cpu + 1, cpu_count + 1 */
	size_t at;
	struct rota_event event;
};

struct placed_list {
	struct placed *at;
	size_t count, capacity;
};

static void place(struct placed_list *list, uint32_t ring, size_t at, const struct rota_event *event)
{
	list->at = xgrow(list->at, &list->capacity, list->count + 1, sizeof(*list->at));
	list->at[list->count++] =
		(struct placed){ .ts_ns = event->rec.head.ts_ns, .ring = ring, .at = at, .event = *event };
}

static int by_place(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	if (x->ts_ns != y->ts_ns)
		return x->ts_ns < y->ts_ns ? -1 : 1;
	if (x->ring != y->ring)
		return x->ring < y->ring ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

static struct rota_event gap_event(uint32_t cpu, uint64_t ts_ns)
{
	struct rota_event event = { .cpu = (uint16_t)cpu };

	event.rec.head = (struct rota_record){ .ts_ns = ts_ns, .type = ROTA_EVENT_GAP, .aux = (uint16_t)cpu };
	return event;
}

/* A loss on a cpu that is not known begins at the last round mark, everywhere. */
static void place_gaps_of_round(struct placed_list *list, const struct schedsim *sim, uint64_t ts_ns)
{
	uint64_t since_ns = sim->start_ns;

	for (size_t r = 0; r < sim->round_count && sim->round_ns[r] < ts_ns; r++)
		since_ns = sim->round_ns[r];
	for (uint32_t cpu = 0; cpu < sim->cpu_count; cpu++) {
		struct rota_event event = gap_event(cpu, since_ns);

		place(list, 0, list->count, &event);
	}
}

static struct placed_list in_order(const struct schedsim *sim)
{
	struct placed_list list = { 0 };

	for (uint32_t r = 0; r <= sim->cpu_count; r++) {
		const struct sim_ring *ring = &sim->rings[r];

		for (size_t i = 0; i < ring->count; i++) {
			struct rota_event event = { .rec = ring->records[i],
						    .cpu = r == sim->cpu_count ? ROTA_CPU_NONE : (uint16_t)r };

			if (event.rec.head.type == ROTA_REC_LOST && event.rec.head.aux == ROTA_CPU_NONE)
				place_gaps_of_round(&list, sim, event.rec.head.ts_ns);
			place(&list, r + 1, 2 * i, &event);
			if (i + 1 < ring->count && r < sim->cpu_count &&
			    ring->records[i + 1].head.type == ROTA_REC_LOST) {
				event = gap_event(r, event.rec.head.ts_ns);
				place(&list, r + 1, 2 * i + 1, &event);
			}
		}
	}
	qsort(list.at, list.count, sizeof(*list.at), by_place);
	return list;
}

/* Returns the share of the time that was UNKNOWN. */
static double run(const struct schedsim_config *config, uint64_t seed, bool lossless)
{
	struct schedsim *sim = schedsim_run(config, seed);
	struct oracle *oracle = oracle_new(sim, lossless, false);
	struct rota_sink sink = oracle_sink(oracle);
	struct timeline_config timeline_config = { .topology = sim->topology, .every_switch = config->every_switch };
	struct timeline *timeline = timeline_new(&timeline_config, &sink);
	struct placed_list list = in_order(sim);
	double unknown;

	for (size_t i = 0; i < list.count; i++) {
		timeline_feed(timeline, &list.at[i].event);
		oracle_check_step(oracle);
	}
	cr_assert_eq(timeline_finish(timeline, 0), 0);
	oracle_check_end(oracle);
	cr_assert_eq(oracle->failures, 0, "seed %llu: %llu failures, first %s", (unsigned long long)seed,
		     (unsigned long long)oracle->failures, oracle->first);
	unknown = (double)oracle->unknown_ns / (double)(oracle->unknown_ns + oracle->known_ns + 1);
	timeline_free(timeline);
	free(list.at);
	oracle_free(oracle);
	schedsim_free(sim);
	return unknown;
}

Test(schedules, without_loss_it_says_exactly_what_was)
{
	for (uint64_t seed = 1; seed <= 2000; seed++) {
		struct schedsim_config config = sim_random_config(seed);

		cr_assert_eq(run(&config, seed, true), 0);
	}
}

Test(schedules, with_loss_it_says_nothing_that_was_not)
{
	double unknown = 0;

	for (uint64_t seed = 1; seed <= 2000; seed++) {
		struct schedsim_config config = sim_random_config(seed);

		/* with records lost, the same tid and start time may be two threads to anybody: DESIGN's identity */
		config.exec = config.reuse = false;
		/* a lost JOIN or LEAVE of a running thread shows only at its next switch */
		config.membership = false;
		config.loss_permil = 5;
		config.miss_permil = seed % 4 ? 0 : 100;
		unknown += run(&config, seed, false);
	}
	/* it must not take the easy way out: most of the time is known all the same */
	cr_assert_lt(unknown / 2000, 0.5);
	cr_assert_gt(unknown / 2000, 0.01);
}

/* Everything at once: only the rules can be checked, what was is ambiguous. */
Test(schedules, with_loss_and_reuse_the_rules_hold)
{
	for (uint64_t seed = 1; seed <= 1000; seed++) {
		struct schedsim_config config = sim_random_config(seed);
		struct schedsim *sim;
		struct oracle *oracle;
		struct rota_sink sink;
		struct timeline_config timeline_config;
		struct timeline *timeline;
		struct placed_list list;

		config.loss_permil = 20;
		config.miss_permil = 100;
		sim = schedsim_run(&config, seed);
		oracle = oracle_new(sim, false, true);
		sink = oracle_sink(oracle);
		timeline_config = (struct timeline_config){ .topology = sim->topology };
		timeline = timeline_new(&timeline_config, &sink);
		list = in_order(sim);
		for (size_t i = 0; i < list.count; i++) {
			timeline_feed(timeline, &list.at[i].event);
			oracle_check_step(oracle);
		}
		oracle_check_end(oracle);
		cr_assert_eq(oracle->failures, 0, "seed %llu: first %s", (unsigned long long)seed, oracle->first);
		timeline_free(timeline);
		free(list.at);
		oracle_free(oracle);
		schedsim_free(sim);
	}
}
