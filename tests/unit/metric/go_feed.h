/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the tests of Go programs tell a metric beside feed.h: records of process 100, and of what its threads carry. */
#ifndef TESTS_METRIC_GO_FEED_H
#define TESTS_METRIC_GO_FEED_H

#include "feed.h"

#define TGID 100

/* state of GO: a goroutine's status with its P's */
#define STATE(goroutine, p) ((uint32_t)ROTA_GO_G_##goroutine | (uint32_t)ROTA_GO_P_##p << 8)

static inline void go_tell(struct feed *f, union rota_any_record record, int thread, int cpu)
{
	struct rota_event event = { .cpu = cpu < 0 ? ROTA_CPU_NONE : (uint16_t)cpu, .rec = record };

	f->sink.record(f->sink.ctx, thread < 0 ? NULL : &f->threads[thread].thread, &event);
}

static inline void go_text(struct feed *f, uint64_t ts, uint32_t id, const char *text)
{
	union rota_any_record record = {
		.text = {.head = { .ts_ns = ts, .type = ROTA_REC_TEXT, .aux = (uint16_t)strlen(text) }, .id = id}
	};

	cr_assert_lt(strlen(text), ROTA_TEXT_SIZE);
	memcpy(record.text.text, text, strlen(text));
	go_tell(f, record, -1, -1);
}

/* RUNTIME of process 100, version text 1. */
static inline void go_runtime(struct feed *f, uint64_t ts, uint32_t gomaxprocs, uint8_t flags)
{
	union rota_any_record record = {
		.runtime = {.head = { .ts_ns = ts,
				       .type = ROTA_REC_RUNTIME,
				       .flags = flags,
				       .aux = ROTA_RUNTIME_GO,
				       .tid = TGID },
                            .version = 1,
                            .gomaxprocs = gomaxprocs,
                            .tier = ROTA_TIER_SYMBOLS,
                            .setter = ROTA_SETTER_ENVIRONMENT}
	};

	go_tell(f, record, -1, -1);
}

/* 2 system goroutines beside `goroutines`; the Ps that are not busy are idle. */
static inline void go_census(struct feed *f, uint64_t ts, uint32_t tgid, uint16_t gomaxprocs, uint32_t goroutines,
			     uint32_t runnable, uint16_t busy)
{
	union rota_any_record record = {
		.go_census = {.head = { .ts_ns = ts, .type = ROTA_REC_GO_CENSUS, .aux = gomaxprocs, .tid = tgid },
                              .goroutines = goroutines + 2,
                              .system = 2,
                              .runnable = runnable,
                              .running = busy,
                              .p_idle = (uint16_t)(gomaxprocs - busy),
                              .p_running = busy}
	};

	go_tell(f, record, -1, -1);
}

/* GO of a thread, on the cpu where it is: at a switch-out, or with ROTA_GO_TICK in flags. `p`: plus one. */
static inline void go_at(struct feed *f, uint64_t ts, int thread, uint64_t goid, uint16_t p, uint32_t state,
			 uint8_t flags)
{
	union rota_any_record record = {
		.go = {.head = { .ts_ns = ts,
				  .type = ROTA_REC_GO,
				  .flags = flags,
				  .aux = p,
				  .tid = 100 + (uint32_t)thread },
                       .goid = goid,
                       .state = state}
	};

	go_tell(f, record, thread, f->threads[thread].cpu);
}

static inline void go_run(struct feed *f, uint64_t ts, int thread, uint64_t goid)
{
	union rota_any_record record = {
		.go_run = {.head = { .ts_ns = ts, .type = ROTA_REC_GO_RUN, .tid = 100 + (uint32_t)thread },
                           .goid = goid}
	};

	go_tell(f, record, thread, f->threads[thread].cpu);
}

static inline void go_name(struct feed *f, uint64_t ts, uint64_t goid, uint32_t text, bool system)
{
	union rota_any_record record = {
		.goroutine = {.head = { .ts_ns = ts,
					 .type = ROTA_REC_GOROUTINE,
					 .flags = system ? ROTA_GOROUTINE_SYSTEM : 0,
					 .tid = TGID },
                              .goid = goid,
                              .start = text}
	};

	go_tell(f, record, -1, -1);
}

static inline void go_totals(struct feed *f, uint64_t ts, uint64_t mutex_ns, uint64_t cycles, uint64_t assist_ns)
{
	union rota_any_record record = {
		.go_totals = {.head = { .ts_ns = ts, .type = ROTA_REC_GO_TOTALS, .tid = TGID },
                              .mutex_wait_ns = mutex_ns,
                              .gc_cycles = cycles,
                              .gc_assist_ns = assist_ns}
	};

	go_tell(f, record, -1, -1);
}

/* Two cores with one cpu each, both idle; the program is known and GOMAXPROCS is 2. */
static inline struct feed *go_begin(uint64_t ts, struct metric_config config)
{
	struct rota_topology topology;
	struct feed *f;

	feed_topology(&topology, 1, 1, 1, 2, 1);
	config.machine = "x86_64";
	f = feed_new(&topology, config);
	feed_cpu(f, ts - 10, 0, NOBODY);
	feed_cpu(f, ts - 10, 1, NOBODY);
	go_text(f, ts - 9, 1, "go1.24.4");
	go_text(f, ts - 9, 2, "main.worker");
	go_text(f, ts - 9, 3, "runtime.gcBgMarkWorker");
	go_text(f, ts - 9, 4, "main.main");
	go_runtime(f, ts - 5, 2, 0);
	return f;
}

/* A thread comes onto a cpu, out of its sleep. */
static inline void go_onto(struct feed *f, uint64_t ts, int thread, int cpu)
{
	feed_wake(f, ts, thread, cpu);
	feed_switch(f, ts, cpu, ROTA_BLOCKED, thread);
}

static inline const struct rota_goroutine *go_row(const struct rota_summary *summary, uint64_t goid)
{
	for (uint32_t i = 0; i < summary->go.goroutine_count; i++) {
		if (summary->go.goroutines[i].goid == goid && !summary->go.goroutines[i].scheduler &&
		    !summary->go.goroutines[i].foreign && !summary->go.goroutines[i].folded)
			return &summary->go.goroutines[i];
	}
	cr_assert_fail("no row of goroutine %llu", (unsigned long long)goid);
	return NULL;
}

static inline const struct rota_rung *go_rung(const struct rota_summary *summary, const char *name)
{
	for (uint32_t i = 0; i < summary->rung_count; i++) {
		if (!strcmp(summary->rungs[i].rung, name))
			return &summary->rungs[i];
	}
	return NULL;
}

#endif
