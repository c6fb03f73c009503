/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Transitions come in through the sink; summaries go out: one for each interval, one for the whole. Here it is decided when
 * windows begin and end (START, STOP, clipping, intervals). A window is (start, end]: what happens at the very instant of its
 * end still belongs to it, as timeline delivers the states at t0 and t1 before it says start and stop.
 */
#include "metric/metric.h"
#include "base/alloc.h"
#include "metric/cpu_time.h"
#include "metric/ladder.h"
#include "metric/summary.h"
#include "metric/verdict_fill.h"
#include "metric/window.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_LONGEST_WAITS 10U
#define HELD_MAX              256U /* intervals that wait for a cpu's share; then the oldest goes out without */
#define HELD_ROUNDS           3U   /* a share that has not come after so many rounds will not come */

enum phase { BEFORE, OPEN, AFTER };

struct held { /* an interval's summary, complete but for what the cpus' shares tell */
	struct rota_summary *summary;
	double throttled;
	uint32_t rounds; /* that have ended since the interval did */
	struct seconds_track seconds;
};

struct metric {
	struct metric_config config;
	struct directory directory;
	struct cpu_time cpu_time;
	struct texts texts;
	struct cpusets cpusets;
	struct go_names go_names;
	struct window total, interval;
	bool has_interval;
	enum phase phase;
	bool started;
	uint64_t now_ns, stop_ns; /* an event after stop_ns first needs turn() */
	uint64_t edge_ns;         /* the window begins or ends there; stop_ns, or after it: seconds end, too */
	uint64_t interval_end_ns; /* of the interval now open */
	struct cpu_piece *whole;  /* the pieces that have been given out, added up */
	struct rota_summary *summary;
	double total_throttled; /* mean; see ladder_fill() */
	struct seconds_track total_seconds;
	struct held held[HELD_MAX]; /* oldest first, each with its piece in cpu_time */
	uint32_t held_count;
};

struct metric *metric_new(const struct metric_config *config)
{
	struct metric *metric = xcalloc(1, sizeof(*metric));
	uint32_t longest = config->longest_waits ? config->longest_waits : DEFAULT_LONGEST_WAITS;

	metric->config = *config;
	metric->has_interval = config->interval_ns && config->interval;
	metric->edge_ns = metric->stop_ns = UINT64_MAX;
	directory_init(&metric->directory);
	cpu_time_init(&metric->cpu_time, config->topology);
	metric->whole = cpu_piece_new(&metric->cpu_time);
	cpusets_init(&metric->cpusets, config->topology);
	go_names_init(&metric->go_names);
	window_init(&metric->total, config->topology, &metric->directory, &metric->cpusets, &metric->go_names, longest,
		    config->strip);
	if (metric->has_interval)
		window_init(&metric->interval, config->topology, &metric->directory, &metric->cpusets,
			    &metric->go_names, longest, config->strip);
	snprintf(metric->total.machine, sizeof(metric->total.machine), "%s", config->machine ? config->machine : "");
	memcpy(metric->interval.machine, metric->total.machine, sizeof(metric->interval.machine));
	metric->total.blocked_table.machine = metric->total.machine;
	metric->interval.blocked_table.machine = metric->interval.machine;
	return metric;
}

void metric_free(struct metric *metric)
{
	if (!metric)
		return;
	for (uint32_t i = 0; i < metric->held_count; i++) {
		rota_summary_free(metric->held[i].summary);
		free(metric->held[i].seconds.pieces);
	}
	free(metric->total_seconds.pieces);
	rota_summary_free(metric->summary);
	window_fini(&metric->total);
	if (metric->has_interval)
		window_fini(&metric->interval);
	cpu_time_fini(&metric->cpu_time);
	directory_fini(&metric->directory);
	texts_fini(&metric->texts);
	cpusets_fini(&metric->cpusets);
	go_names_fini(&metric->go_names);
	free(metric->whole);
	free(metric);
}

static double throttled_mean(const struct window *window, uint64_t end_ns)
{
	uint64_t known_ns = end_ns - window->start_ns - window->level.now.unknown_ns;

	return known_ns ? (double)window->level.throttled_ns / (double)known_ns : 0;
}

/* Completes a summary with the cpus' times and all that follows from them. */
static void complete(struct rota_summary *summary, const struct cpu_piece *piece, double throttled)
{
	uint64_t untold_ns = cpu_piece_fill(piece, summary), all_ns = 0;
	uint64_t window_ns = summary->end_ns - summary->start_ns;

	for (uint32_t i = 0; i < summary->thread_count; i++) {
		summary->unknown_ns += summary->threads[i].state_ns[ROTA_UNKNOWN];
		all_ns += summary->threads[i].lifetime_ns;
	}
	for (uint32_t i = 0; i < summary->cpu_count; i++) {
		summary->unknown_ns += summary->cpus[i].unknown_ns;
		all_ns += window_ns;
	}
	summary->coverage = all_ns ? 1.0 - (double)summary->unknown_ns / (double)all_ns : 1.0;
	if (untold_ns)
		rota_summary_note(summary,
				  "For %.6f s of cpu time it was not recorded whether others ran or the cpu was idle.",
				  (double)untold_ns / 1e9);
	ladder_fill(summary, throttled);
}

/* The oldest held interval goes out, with what is known by now. */
static void give_out(struct metric *metric)
{
	struct cpu_piece *piece = cpu_time_release(&metric->cpu_time);
	struct rota_summary *summary = metric->held[0].summary;

	complete(summary, piece, metric->held[0].throttled);
	locks_name(&metric->texts, summary);
	verdict_fill(summary, &metric->held[0].seconds);
	free(metric->held[0].seconds.pieces);
	cpu_piece_add(&metric->cpu_time, metric->whole, piece);
	free(piece);
	metric->held_count--;
	memmove(&metric->held[0], &metric->held[1], metric->held_count * sizeof(metric->held[0]));
	metric->config.interval(metric->config.interval_ctx, summary);
}

static void give_out_settled(struct metric *metric)
{
	while (metric->held_count &&
	       (metric->held[0].rounds >= HELD_ROUNDS || !cpu_piece_open(&metric->cpu_time, metric->cpu_time.held)))
		give_out(metric);
}

static void end_interval(struct metric *metric, uint64_t ts_ns)
{
	if (metric->held_count == HELD_MAX)
		give_out(metric);
	window_end(&metric->interval, ts_ns);
	metric->held[metric->held_count++] = (struct held){ .summary = window_summary(&metric->interval, ts_ns),
							    .throttled = throttled_mean(&metric->interval, ts_ns) };
	go_part_fill(&metric->interval.go, &metric->texts, metric->held[metric->held_count - 1].summary);
	seconds_take(&metric->interval.seconds, &metric->held[metric->held_count - 1].seconds);
}

static uint64_t next_interval(const struct metric *metric, uint64_t ts_ns)
{
	uint64_t left_ns = UINT64_MAX - ts_ns;

	if (!metric->has_interval || metric->config.interval_ns > left_ns)
		return UINT64_MAX;
	return ts_ns + metric->config.interval_ns;
}

/* What comes first: the window's edge, or the end of a second of it or of the interval. */
static void look_ahead(struct metric *metric)
{
	uint64_t second_ns = metric->total.seconds.next_ns;

	if (metric->has_interval && metric->interval.seconds.next_ns < second_ns)
		second_ns = metric->interval.seconds.next_ns;
	metric->stop_ns = second_ns < metric->edge_ns ? second_ns : metric->edge_ns;
}

static void end_second(struct window *window, uint64_t ts_ns)
{
	if (window->seconds.next_ns == ts_ns)
		seconds_step(window, ts_ns);
}

static void begin_windows(struct metric *metric, uint64_t ts_ns)
{
	metric->edge_ns = UINT64_MAX;
	if (metric->config.to_ns && metric->config.to_ns <= ts_ns) {
		metric->phase = AFTER;
		return;
	}
	metric->phase = OPEN;
	cpu_time_begin(&metric->cpu_time, ts_ns);
	window_begin(&metric->total, ts_ns);
	if (metric->has_interval)
		window_begin(&metric->interval, ts_ns);
	metric->interval_end_ns = next_interval(metric, ts_ns);
	if (metric->config.to_ns)
		metric->edge_ns = metric->config.to_ns;
}

static void end_windows(struct metric *metric, uint64_t ts_ns)
{
	metric->phase = AFTER;
	metric->edge_ns = UINT64_MAX;
	if (metric->has_interval && ts_ns > metric->interval.start_ns)
		end_interval(metric, ts_ns);
	cpu_time_cut(&metric->cpu_time, ts_ns, true);
	window_end(&metric->total, ts_ns);
	if (ts_ns > metric->total.start_ns)
		metric->summary = window_summary(&metric->total, ts_ns);
	metric->total_throttled = throttled_mean(&metric->total, ts_ns);
	seconds_take(&metric->total.seconds, &metric->total_seconds);
	if (metric->has_interval)
		give_out_settled(metric);
}

/* stop_ns has been passed: `from` begins the window, `to` ends it, or a second is over. */
static __attribute__((noinline)) void turn(struct metric *metric)
{
	uint64_t ts_ns = metric->stop_ns;

	if (metric->phase == OPEN && ts_ns < metric->edge_ns) {
		end_second(&metric->total, ts_ns);
		if (metric->has_interval)
			end_second(&metric->interval, ts_ns);
	} else if (metric->phase == BEFORE) {
		begin_windows(metric, ts_ns);
	} else {
		end_windows(metric, ts_ns);
	}
	look_ahead(metric);
}

/*
 * Intervals end where a round does: there every switch of every cpu is recorded, and rota's costs have just been read. On the
 * grid of interval_ns from START, so that a late round does not delay those after it.
 */
static void turn_interval(struct metric *metric, uint64_t ts_ns)
{
	end_interval(metric, ts_ns);
	cpu_time_cut(&metric->cpu_time, ts_ns, false);
	window_begin(&metric->interval, ts_ns);
	while (metric->interval_end_ns <= ts_ns)
		metric->interval_end_ns = next_interval(metric, metric->interval_end_ns);
}

/* Time has come to ts_ns; returns it, never earlier than before. */
static inline uint64_t tick(struct metric *metric, uint64_t ts_ns)
{
	if (__builtin_expect(ts_ns < metric->now_ns, 0))
		return metric->now_ns;
	metric->now_ns = ts_ns;
	while (__builtin_expect(ts_ns > metric->stop_ns, 0))
		turn(metric);
	return ts_ns;
}

static void on_thread(void *ctx, const struct rota_thread_transition *transition)
{
	struct metric *metric = ctx;
	uint64_t ts_ns = tick(metric, transition->ts_ns);

	if (metric->phase == AFTER)
		return;
	window_thread(&metric->total, transition, ts_ns);
	if (metric->has_interval)
		window_thread(&metric->interval, transition, ts_ns);
}

static void on_cpu(void *ctx, const struct rota_cpu_transition *transition)
{
	struct metric *metric = ctx;
	uint64_t ts_ns = tick(metric, transition->ts_ns);

	if (transition->cpu >= metric->config.topology->cpu_count)
		return;
	cpu_time_occupancy(&metric->cpu_time, transition->cpu, transition->to, ts_ns);
	if (metric->phase == AFTER)
		return;
	window_cpu(&metric->total, transition, ts_ns);
	if (metric->has_interval)
		window_cpu(&metric->interval, transition, ts_ns);
}

static void on_queue_move(void *ctx, const struct rota_queue_move *move)
{
	struct metric *metric = ctx;
	uint64_t ts_ns = tick(metric, move->ts_ns);

	if (metric->phase == AFTER)
		return;
	window_queue_move(&metric->total, move, ts_ns);
	if (metric->has_interval)
		window_queue_move(&metric->interval, move, ts_ns);
}

static void on_cpu_share(void *ctx, const struct rota_cpu_share *share)
{
	struct metric *metric = ctx;

	tick(metric, share->ts_ns);
	if (share->cpu >= metric->config.topology->cpu_count)
		return;
	cpu_time_share(&metric->cpu_time, share);
	give_out_settled(metric);
}

static void on_cpu_time(void *ctx, uint32_t cpu, uint64_t ts_ns, uint64_t steal_ns, uint64_t irq_ns)
{
	struct metric *metric = ctx;

	tick(metric, ts_ns);
	if (metric->phase == AFTER)
		return;
	meters_cpu_time(&metric->total.meters, cpu, steal_ns, irq_ns);
	if (metric->has_interval)
		meters_cpu_time(&metric->interval.meters, cpu, steal_ns, irq_ns);
}

static void on_cost(void *ctx, const struct rota_rec_cost *cost)
{
	struct metric *metric = ctx;

	tick(metric, cost->head.ts_ns);
	if (metric->phase == AFTER)
		return;
	meters_cost(&metric->total.meters, cost);
	if (metric->has_interval)
		meters_cost(&metric->interval.meters, cost);
}

static void count_lost(struct metric *metric, uint32_t cpu, uint64_t count)
{
	meters_lost(&metric->total.meters, cpu, count);
	if (metric->has_interval)
		meters_lost(&metric->interval.meters, cpu, count);
}

/* A loss that reaches into a window belongs to it, also if the window ends before it is told. */
static void on_lost(void *ctx, uint32_t cpu, uint64_t since_ns, uint64_t ts_ns, uint64_t count)
{
	struct metric *metric = ctx;

	if (metric->phase == OPEN && since_ns < metric->edge_ns) {
		count_lost(metric, cpu, count);
		tick(metric, ts_ns);
		return;
	}
	tick(metric, ts_ns);
	if (metric->phase == OPEN)
		count_lost(metric, cpu, count);
}

/* Limits of cgroups, and the sets of cpus that threads may use: what holds when the window begins was told before it. */
static void add_limits(struct metric *metric, const struct rota_thread *thread, const struct rota_event *event)
{
	uint64_t ts_ns = tick(metric, event->rec.head.ts_ns);
	uint8_t set;

	if (metric->phase == AFTER)
		return;
	cpusets_add(&metric->cpusets, &event->rec);
	quotas_add(&metric->total.quotas, &metric->texts, &event->rec);
	if (metric->has_interval)
		quotas_add(&metric->interval.quotas, &metric->texts, &event->rec);
	if (event->rec.head.type != ROTA_REC_AFFINITY || !thread)
		return;
	set = cpusets_index(&metric->cpusets, event->rec.head.aux);
	if (!set)
		return;
	window_affinity(&metric->total, thread, set, ts_ns);
	if (metric->has_interval)
		window_affinity(&metric->interval, thread, set, ts_ns);
}

/* What threads of Go programs carry, and what is told of these programs. What holds when the window begins is told before it. */
static void add_go(struct metric *metric, const struct rota_thread *thread, const struct rota_event *event)
{
	uint64_t ts_ns = tick(metric, event->rec.head.ts_ns);
	uint8_t type = event->rec.head.type;

	if (type < ROTA_REC_GO || type > ROTA_REC_GO_POPULATION || metric->phase == AFTER)
		return;
	if (type != ROTA_REC_GO_CENSUS)
		go_names_add(&metric->go_names, &event->rec);
	if (type == ROTA_REC_GO || type == ROTA_REC_GO_RUN) {
		if (!thread || !thread->tgid)
			return;
		window_carry(&metric->total, thread, event, ts_ns);
		if (metric->has_interval)
			window_carry(&metric->interval, thread, event, ts_ns);
	} else {
		go_part_record(&metric->total.go, &event->rec, ts_ns);
		if (metric->has_interval)
			go_part_record(&metric->interval.go, &event->rec, ts_ns);
	}
	if (type == ROTA_REC_GO_CENSUS) /* the last one ends what its number stands for */
		go_names_add(&metric->go_names, &event->rec);
}

static void on_record(void *ctx, const struct rota_thread *thread, const struct rota_event *event)
{
	struct metric *metric = ctx;

	tick(metric, event->rec.head.ts_ns);
	texts_add(&metric->texts, &event->rec);
	add_limits(metric, thread, event);
	add_go(metric, thread, event);
	if (metric->phase == OPEN) {
		syscalls_add(&metric->total.syscalls, &event->rec);
		if (metric->has_interval)
			syscalls_add(&metric->interval.syscalls, &event->rec);
	} else if (event->rec.head.type == ROTA_REC_CALLS) {
		metric->total.syscalls.followed = metric->interval.syscalls.followed = true;
	}
}

static void on_thread_changed(void *ctx, const struct rota_thread *thread)
{
	struct metric *metric = ctx;

	directory_update(&metric->directory, thread);
	wakeups_rename(&metric->total.wakeups, thread);
	if (metric->has_interval)
		wakeups_rename(&metric->interval.wakeups, thread);
}

static void on_thread_gone(void *ctx, const struct rota_thread *thread)
{
	struct metric *metric = ctx;

	if (metric->phase != AFTER) {
		window_gone(&metric->total, thread, metric->now_ns);
		if (metric->has_interval)
			window_gone(&metric->interval, thread, metric->now_ns);
	}
	directory_remove(&metric->directory, thread);
}

static void on_start(void *ctx, uint64_t ts_ns)
{
	struct metric *metric = ctx;

	ts_ns = tick(metric, ts_ns);
	if (metric->started)
		return;
	metric->started = true;
	if (metric->config.clip)
		metric->config.clip(metric->config.clip_ctx, ts_ns, &metric->config.from_ns, &metric->config.to_ns);
	if (metric->config.from_ns > ts_ns)
		metric->edge_ns = metric->config.from_ns;
	else
		begin_windows(metric, ts_ns);
	look_ahead(metric);
}

static void on_stop(void *ctx, uint64_t ts_ns)
{
	struct metric *metric = ctx;

	ts_ns = tick(metric, ts_ns);
	if (metric->phase == OPEN)
		end_windows(metric, ts_ns);
	metric->phase = AFTER;
	metric->edge_ns = UINT64_MAX;
	look_ahead(metric);
	cpu_time_settle(&metric->cpu_time);
	give_out_settled(metric);
}

static void on_progress(void *ctx, uint64_t ts_ns)
{
	struct metric *metric = ctx;

	tick(metric, ts_ns);
	while (metric->now_ns >= metric->stop_ns) /* nothing at this instant will come any more */
		turn(metric);
	if (metric->phase == OPEN && metric->interval_end_ns <= ts_ns && metric->interval.start_ns < ts_ns)
		turn_interval(metric, ts_ns);
	look_ahead(metric);
	for (uint32_t i = 0; i < metric->held_count; i++)
		metric->held[i].rounds++;
	give_out_settled(metric);
}

struct rota_sink metric_sink(struct metric *metric)
{
	return (struct rota_sink){ .ctx = metric,
				   .thread = on_thread,
				   .cpu = on_cpu,
				   .queue_move = on_queue_move,
				   .cpu_share = on_cpu_share,
				   .cpu_time = on_cpu_time,
				   .cost = on_cost,
				   .lost = on_lost,
				   .record = on_record,
				   .thread_changed = on_thread_changed,
				   .thread_gone = on_thread_gone,
				   .start = on_start,
				   .stop = on_stop,
				   .progress = on_progress };
}

struct rota_summary *metric_take(struct metric *metric)
{
	struct rota_summary *summary = metric->summary;

	if (!summary)
		return NULL;
	if (!metric->has_interval) { /* with intervals, on_stop() has given out all the pieces */
		struct cpu_piece *piece = cpu_time_release(&metric->cpu_time);

		cpu_piece_add(&metric->cpu_time, metric->whole, piece);
		free(piece);
	}
	go_part_fill(&metric->total.go, &metric->texts, summary);
	complete(summary, metric->whole, metric->total_throttled);
	locks_name(&metric->texts, summary);
	verdict_fill(summary, &metric->total_seconds);
	if (summary->quota_count && (metric->config.from_ns || metric->config.to_ns))
		rota_summary_note(
			summary,
			"Quotas are of the recording's rounds (of a second each, mostly) that end in the window.");
	if (summary->syscalls_known && (metric->config.from_ns || metric->config.to_ns))
		rota_summary_note(
			summary,
			"System calls are of the recording's rounds (of a second each, mostly) that end in the window.");
	metric->summary = NULL;
	return summary;
}
