/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Summaries with Go, built by hand: the service of sample.h as a Go program, two goroutines that take turns and then do not,
 * `go run` with its toolchain, a program of which only threads are followed, names that want to do harm, and very many rows.
 */
#ifndef ROTA_TESTS_VIEW_SAMPLE_GO_H
#define ROTA_TESTS_VIEW_SAMPLE_GO_H

#include "sample.h"

#include <math.h>

struct sample_looked {
	uint64_t level, ms;
};

/* From pairs; what is derived is derived here. `every_ms`: between two looks. */
static inline struct rota_looked_at sample_looked_at(const struct sample_looked *pairs, uint32_t count,
						     uint64_t every_ms)
{
	struct rota_looked_at looked = { .level_count = count, .min = pairs[0].level, .max = pairs[count - 1].level };
	double weighted = 0;

	looked.levels = xcalloc(count, sizeof(*looked.levels));
	for (uint32_t i = 0; i < count; i++) {
		looked.levels[i] = (struct rota_level_ns){ pairs[i].level, pairs[i].ms * MS };
		looked.looked_ns += pairs[i].ms * MS;
		weighted += (double)pairs[i].level * (double)pairs[i].ms;
	}
	looked.mean = weighted * (double)MS / (double)looked.looked_ns;
	looked.looks = (uint32_t)(looked.looked_ns / MS / every_ms);
	return looked;
}
#define SAMPLE_LOOKED(every_ms, ...)                                                                                   \
	sample_looked_at((const struct sample_looked[]){ __VA_ARGS__ },                                                \
			 COUNT_OF(((const struct sample_looked[]){ __VA_ARGS__ })), every_ms)

static inline struct rota_sampled sample_sampled(uint64_t samples, uint64_t all, uint64_t running_ns)
{
	double p = (double)samples / (double)all;

	return (struct rota_sampled){ .samples = samples,
				      .share = p,
				      .share_error = 1.96 * sqrt(p * (1 - p) / (double)all),
				      .cpu_ns = p * (double)running_ns,
				      .cpu_error_ns = 1.96 * sqrt(p * (1 - p) / (double)all) * (double)running_ns };
}

static inline struct rota_runtime *sample_runtimes(struct rota_summary *summary, uint32_t count)
{
	summary->go.runtime_count = count;
	summary->go.runtimes = xcalloc(count, sizeof(*summary->go.runtimes));
	return summary->go.runtimes;
}

/* --- the service, in Go 1.23: 16 Ps under a quota of 2 cpus --- */

static inline void sample_go_service_runtime(struct rota_runtime *runtime)
{
	*runtime = (struct rota_runtime){ .tgid = 4711,
					  .name = "checkout",
					  .version = "go1.23.4",
					  .tier = ROTA_TIER_DWARF,
					  .setter = ROTA_SETTER_RUNTIME,
					  .gomaxprocs = 16,
					  .gomaxprocs_first = 16,
					  .running_ns = 58200 * MS,
					  .lifetime_ns = 720000 * MS,
					  .known_ns = 30000 * MS,
					  .held_runnable_ns = 2000 * MS,
					  .held_throttled_ns = 140000 * MS,
					  .syscall_ns = 7500 * MS,
					  .locked_ns = 30000 * MS,
					  .hand_offs = 1234,
					  .samples = 5600,
					  .scheduler_samples = 280,
					  .gc_samples = 812,
					  .spinning_samples = 90,
					  .gc_known = true,
					  .gc_ns = 6200 * MS,
					  .totals_known = true,
					  .mutex_wait_ns = 45000 * MS,
					  .gc_totals_known = true,
					  .gc_cycles = 212,
					  .gc_assist_ns = 1300 * MS };
	runtime->in_progress = SAMPLE_LOOKED(50, { 1100, 10000 }, { 1200, 10000 }, { 1312, 10000 });
	runtime->demand = SAMPLE_LOOKED(50, { 0, 3000 }, { 5, 9000 }, { 8, 12000 }, { 10, 6000 });
	runtime->running = SAMPLE_LOOKED(50, { 0, 3000 }, { 5, 9000 }, { 8, 12000 }, { 10, 6000 });
	runtime->p_busy = SAMPLE_LOOKED(50, { 0, 3000 }, { 5, 9000 }, { 8, 12000 }, { 10, 6000 });
	runtime->m_count = SAMPLE_LOOKED(50, { 23, 12000 }, { 24, 18000 });
	runtime->m_spinning = SAMPLE_LOOKED(50, { 0, 25000 }, { 1, 5000 });
	for (uint32_t i = 0; i < 1000; i++)
		histogram_add(&runtime->latency, i < 600 ? 16383 : i < 995 ? 2097151 : 67108863);
}

static inline void sample_go_service_rows(struct rota_go *go)
{
	static const struct {
		const char *start;
		uint64_t goid;
		uint32_t samples, folded;
		bool system, scheduler, foreign;
	} rows[] = {
		{"github.com/shop/checkout/internal/cart.(*Service).handle.func1",                                 18, 1800, 0,   false, false, false},
		{ "github.com/shop/checkout/internal/payments/provider.(*Client[go.shape.struct { a/b.C }]).poll", 34,
                 1200,												       0,   false, false, false},
		{ "runtime.gcBgMarkWorker",									5,  700,  0,   true,  false, false},
		{ "net/http.(*conn).serve",									0,  1188, 412, false, false, false},
		{ "",											      0,  280,  0,   false, true,  false},
		{ "main.main",										     1,  220,  0,   false, false, false},
		{ "runtime.bgsweep",									       3,  112,  0,   true,  false, false},
		{ "",											      0,  90,   0,   false, false, true },
		{ "",											      77, 10,   0,   false, false, false},
	};

	go->goroutine_count = COUNT_OF(rows);
	go->goroutines = xcalloc(COUNT_OF(rows), sizeof(*go->goroutines));
	for (uint32_t i = 0; i < COUNT_OF(rows); i++) {
		struct rota_goroutine *row = &go->goroutines[i];

		*row = (struct rota_goroutine){ .tgid = 4711,
						.goid = rows[i].goid,
						.start = rows[i].start,
						.system = rows[i].system,
						.scheduler = rows[i].scheduler,
						.foreign = rows[i].foreign,
						.folded = rows[i].folded,
						.sampled = sample_sampled(rows[i].samples, 5600, 58200 * MS),
						.thread_count = 12 - i,
						.cpu_count = 16 - i,
						.core_count = 8 - i / 2,
						.switch_outs = 9000 / (i + 1),
						.runnable_ns = 900 * MS / (i + 1),
						.throttled_ns = rows[i].scheduler ? 0 : 60000 * MS / (i + 1) };
		row->class_ns[i % 3 ? ROTA_BLOCKED_NETWORK : ROTA_BLOCKED_DISK] = i == 5 ? 0 : 700 * MS / (i + 1);
		row->class_ns[ROTA_BLOCKED_LOCK] = i == 5 ? 0 : 10 * MS;
	}
}

static inline void sample_go_functions(struct rota_go *go)
{
	go->functions = xcalloc(go->goroutine_count, sizeof(*go->functions));
	for (uint32_t i = 0; i < go->goroutine_count; i++) {
		const struct rota_goroutine *row = &go->goroutines[i];
		struct rota_go_function *function = &go->functions[go->function_count];

		if (row->scheduler || row->foreign)
			continue;
		go->function_count++;
		*function = (struct rota_go_function){ .tgid = row->tgid,
						       .start = row->start,
						       .system = row->system,
						       .goroutines = row->folded ? row->folded : 1,
						       .sampled = row->sampled,
						       .exact = row->exact,
						       .exact_ns = row->exact_ns,
						       .switch_outs = row->switch_outs,
						       .runnable_ns = row->runnable_ns,
						       .throttled_ns = row->throttled_ns };
		memcpy(function->class_ns, row->class_ns, sizeof(row->class_ns));
	}
}

static inline void sample_go_totals(struct rota_summary *summary)
{
	struct rota_go *go = &summary->go;

	go->in_progress = SAMPLE_LOOKED(50, { 1100, 10000 }, { 1200, 10000 }, { 1312, 10000 });
	go->demand = SAMPLE_LOOKED(50, { 0, 3000 }, { 5, 9000 }, { 8, 12000 }, { 10, 6000 });
	go->running = SAMPLE_LOOKED(50, { 0, 3000 }, { 5, 9000 }, { 8, 12000 }, { 10, 6000 });
	go->p_busy = SAMPLE_LOOKED(50, { 0, 3000 }, { 5, 9000 }, { 8, 12000 }, { 10, 6000 });
	go->gomaxprocs = SAMPLE_LOOKED(50, { 16, 29950 });
	go->held_runnable_ns = 2000 * MS;
	go->held_throttled_ns = 140000 * MS;
	go->hand_offs = 1234;
}

/* Go's rungs stand above those of the kernel. */
static inline void sample_go_rungs(struct rota_summary *summary, struct rota_rung goroutines, struct rota_rung p)
{
	memmove(&summary->rungs[2], &summary->rungs[0], summary->rung_count * sizeof(summary->rungs[0]));
	summary->rung_count += 2;
	summary->rungs[0] = goroutines;
	summary->rungs[1] = p;
}

static inline struct rota_summary *sample_go_service(void)
{
	static const struct rota_go_population populations[] = {
		{4711,  ROTA_GO_G_WAITING, "IO wait",          1100},
		{ 4711, ROTA_GO_G_WAITING, "chan receive",     80  },
		{ 4711, ROTA_GO_G_RUNNING, "",                 8   },
		{ 4711, ROTA_GO_G_WAITING, "sync.Mutex.Lock",  7   },
		{ 4711, ROTA_GO_G_SYSCALL, NULL,               5   },
		{ 4711, ROTA_GO_G_WAITING, "GC worker (idle)", 4   },
		{ 4711, 200,               "",                 1   },
	};
	struct rota_summary *summary = sample_service();
	struct rota_strip *strip = &summary->strip;

	sample_go_service_runtime(sample_runtimes(summary, 1));
	sample_go_service_rows(&summary->go);
	sample_go_functions(&summary->go);
	sample_go_totals(summary);
	summary->go.population_count = COUNT_OF(populations);
	summary->go.populations = xcalloc(COUNT_OF(populations), sizeof(populations[0]));
	memcpy(summary->go.populations, populations, sizeof(populations));
	sample_go_rungs(summary,
			(struct rota_rung){ .rung = "goroutines",
					    .have = 1204,
					    .has_want = true,
					    .want = 6.7,
					    .note = "1,204 in progress" },
			(struct rota_rung){ .rung = "p",
					    .have = 16,
					    .has_want = true,
					    .want = 6.7,
					    .has_get = true,
					    .get = 6.7,
					    .has_stuck = true,
					    .note = "permits to run Go code" });
	for (uint32_t i = 0; i < summary->cpu_count * strip->slot_count; i++) {
		struct rota_strip_slot *slot = &strip->slots[i];

		if (slot->occupancy != ROTA_CPU_TARGET)
			continue;
		slot->p = (uint16_t)(1 + slot->thread % 17); /* P 16 is beyond the digits */
		slot->goroutine = slot->thread % 10 < 9 ? slot->thread % 10 : UINT32_MAX;
		if (slot->thread == 17)
			slot->p = 0;
	}
	return summary;
}

/* --- two cpu-bound goroutines: first GOMAXPROCS 1, then 2 --- */

static inline struct rota_summary *sample_go_turns(void)
{
	struct rota_summary *summary = sample_turns();
	struct rota_strip *strip = &summary->strip;
	struct rota_runtime *runtime = sample_runtimes(summary, 1);
	struct rota_go *go = &summary->go;

	*runtime = (struct rota_runtime){ .tgid = 100,
					  .name = "turns",
					  .version = "go1.26.0",
					  .tier = ROTA_TIER_SCAN,
					  .stripped = true,
					  .exact = true,
					  .setter = ROTA_SETTER_PROGRAM,
					  .gomaxprocs = 2,
					  .gomaxprocs_first = 1,
					  .environment = 4,
					  .running_ns = 12000 * MS,
					  .lifetime_ns = 16000 * MS,
					  .known_ns = 8000 * MS,
					  .samples = 1164 };
	runtime->in_progress = SAMPLE_LOOKED(50, { 3, 8000 });
	runtime->demand = SAMPLE_LOOKED(50, { 2, 8000 });
	runtime->running = SAMPLE_LOOKED(50, { 1, 4000 }, { 2, 4000 });
	runtime->p_busy = SAMPLE_LOOKED(50, { 1, 4000 }, { 2, 4000 });
	runtime->m_count = SAMPLE_LOOKED(50, { 5, 8000 });
	go->in_progress = SAMPLE_LOOKED(50, { 3, 8000 });
	go->demand = SAMPLE_LOOKED(50, { 2, 8000 });
	go->running = SAMPLE_LOOKED(50, { 1, 4000 }, { 2, 4000 });
	go->p_busy = SAMPLE_LOOKED(50, { 1, 4000 }, { 2, 4000 });
	go->gomaxprocs = SAMPLE_LOOKED(50, { 1, 4000 }, { 2, 4000 });
	go->goroutine_count = 2;
	go->goroutines = xcalloc(2, sizeof(*go->goroutines));
	for (uint32_t i = 0; i < 2; i++)
		go->goroutines[i] = (struct rota_goroutine){ .tgid = 100,
							     .goid = 18 + i,
							     .start = i ? "main.right" : "main.left",
							     .sampled = sample_sampled(582, 1164, 12000 * MS),
							     .exact = true,
							     .exact_ns = 6000 * MS,
							     .thread_count = 1 + i,
							     .cpu_count = 1 + i,
							     .core_count = 1 + i };
	sample_go_functions(go);
	sample_go_rungs(summary, (struct rota_rung){ .rung = "goroutines", .have = 3, .has_want = true, .want = 2 },
			(struct rota_rung){ .rung = "p",
					    .have = 1.5,
					    .has_want = true,
					    .want = 2,
					    .has_get = true,
					    .get = 1.5,
					    .has_stuck = true,
					    .stuck = 0.5 });
	summary->rungs[2].want = 1.5;
	for (uint32_t i = 0; i < 4 * 16; i++) {
		struct rota_strip_slot *slot = &strip->slots[i];

		slot->goroutine = slot->thread;
		slot->p = i < 16 ? 1 : 2;
		if (i < 8)
			slot->thread = 0; /* one M, one P, two goroutines in turns */
	}
	return summary;
}

/* --- go run: the toolchain and the program; and one that cannot be read --- */

static inline struct rota_summary *sample_go_run(void)
{
	struct rota_summary *summary = sample_service();
	struct rota_runtime *runtimes = sample_runtimes(summary, 12);
	static const struct {
		const char *name, *version;
		uint64_t running_ms;
		uint32_t gomaxprocs;
	} programs[12] = {
		{"compile",  "go1.24.4",             22000, 16},
		{ "link",    "go1.24.4",             9000,  16},
		{ "compile", "go1.24.4",             8000,  16},
		{ "fib",     "go1.24.4",             6000,  16},
		{ "compile", "go1.24.4",             5000,  16},
		{ "go",      "go1.24.4",             4000,  16},
		{ "sidecar", "go1.18",               1500,  0 },
		{ "asm",     "go1.24.4",             800,   16},
		{ "cgo",     "go1.24.4",             600,   16},
		{ "vet",     "go1.24.4",             500,   16},
		{ "p1",      "",                     400,   1 },
		{ "p2",      "devel go1.27-a1b2c3d", 400,   1 },
	};

	for (uint32_t i = 0; i < 12; i++) {
		struct rota_runtime *runtime = &runtimes[i];

		runtime->tgid = 200 + i;
		snprintf(runtime->name, sizeof(runtime->name), "%s", programs[i].name);
		snprintf(runtime->version, sizeof(runtime->version), "%s", programs[i].version);
		runtime->running_ns = programs[i].running_ms * MS;
		runtime->gomaxprocs = runtime->gomaxprocs_first = programs[i].gomaxprocs;
		runtime->tier = programs[i].gomaxprocs ? ROTA_TIER_SYMBOLS : ROTA_TIER_NONE;
		runtime->known_ns = programs[i].gomaxprocs ? 9000 * MS : 0;
		runtime->setter = programs[i].gomaxprocs ? ROTA_SETTER_ENVIRONMENT : ROTA_SETTER_UNKNOWN;
	}
	runtimes[3].in_progress = SAMPLE_LOOKED(50, { 5, 9000 });
	runtimes[3].samples = 20;
	runtimes[3].gc_samples = 20;
	runtimes[6].lost = true;
	snprintf(runtimes[6].note, sizeof(runtimes[6].note),
		 "its version, go1.18, is older than those whose structures are known");
	runtimes[10].lost = true;
	summary->process_count = 1;
	return summary;
}

static inline struct rota_summary *sample_go_threads_only(void)
{
	struct rota_summary *summary = sample_service();
	struct rota_runtime *runtime = sample_runtimes(summary, 1);

	runtime->tgid = 4711;
	snprintf(runtime->name, sizeof(runtime->name), "checkout");
	snprintf(runtime->version, sizeof(runtime->version), "go1.31.2");
	snprintf(runtime->note, sizeof(runtime->note),
		 "this version is newer than those whose structures are known, and the binary has no DWARF");
	runtime->lost = true;
	runtime->running_ns = 58200 * MS;
	return summary;
}

/* A program that was followed, of which nothing was seen yet. */
static inline struct rota_summary *sample_go_nothing_seen(void)
{
	struct rota_summary *summary = sample_asleep();
	struct rota_runtime *runtime = sample_runtimes(summary, 1);

	runtime->tgid = 7;
	runtime->known_ns = 5000 * MS;
	return summary;
}

/* --- names that want to do harm --- */

static inline const char *sample_text(struct rota_go *go, char *text)
{
	go->texts = xreallocarray(go->texts, go->text_count + 1U, sizeof(*go->texts));
	go->texts[go->text_count++] = text;
	return text;
}

static inline char *sample_long_name(size_t size, const char *piece)
{
	char *text = xcalloc(size + 1, 1);
	size_t length = strlen(piece);

	for (size_t i = 0; i < size; i++)
		text[i] = piece[i % length];
	return text;
}

static inline struct rota_summary *sample_go_hostile(void)
{
	struct rota_summary *summary = sample_go_service();
	struct rota_go *go = &summary->go;
	struct rota_runtime *runtime = &go->runtimes[0];
	const char *const names[] = {
		"\033[2J\033[31mred/\033]0;owned\007.f",
		"a\r\nb\tc\b,\"d\"",
		"\xff\xfe\xc3(\x80",
		sample_text(go, sample_long_name(4004, "x/日本語.y(")),
		sample_text(go, sample_long_name(4000, "\x80")),
		sample_text(go, sample_long_name(4000, "/")),
		"%s%n%s%n",
		NULL,
		"\xc2\x9b"
		"2J/(a/b).c",
	};

	for (uint32_t i = 0; i < go->goroutine_count; i++)
		go->goroutines[i].start = names[i % COUNT_OF(names)];
	go->goroutines[3].folded = go->goroutines[4].folded = 4000000000U;
	go->goroutines[4].scheduler = false;
	for (uint32_t i = 0; i < go->function_count; i++)
		go->functions[i].start = names[i % COUNT_OF(names)];
	go->populations[0].reason = names[0];
	go->populations[1].reason = names[3];
	memset(runtime->name, 'x', sizeof(runtime->name)); /* not even terminated */
	memset(runtime->version, '\033', sizeof(runtime->version));
	memset(runtime->note, '\x9b', sizeof(runtime->note));
	runtime->tier = runtime->setter = 77;
	histogram_add(&runtime->latency, UINT64_MAX);
	return summary;
}

/* --- as many rows as there may be --- */

static inline struct rota_summary *sample_go_many(void)
{
	struct rota_summary *summary = sample_go_service();
	struct rota_go *go = &summary->go;

	free(go->goroutines);
	go->goroutine_count = ROTA_GOROUTINE_ROWS;
	go->goroutines = xcalloc(ROTA_GOROUTINE_ROWS, sizeof(*go->goroutines));
	for (uint32_t i = 0; i < ROTA_GOROUTINE_ROWS; i++)
		go->goroutines[i] = (struct rota_goroutine){ .tgid = 4711,
							     .goid = i + 1,
							     .start = i % 8 ? "main.worker" : "runtime.gcBgMarkWorker",
							     .system = i % 8 == 0,
							     .sampled = sample_sampled(1, 5600, 58200 * MS) };
	return summary;
}

#endif
