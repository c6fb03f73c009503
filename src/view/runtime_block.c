/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: a Go program of a summary. Goes out: some lines. Says of each figure how it was got where that matters: how often
 * was looked, how far a sampled share may be off. Of a program whose threads alone were followed it says only that, and why.
 */
#include "view/runtime_block.h"
#include "view/goroutine.h"
#include "view/label.h"
#include "view/number.h"

#include "base/duration.h"
#include "base/histogram.h"

#include <inttypes.h>

#define HIDE_BELOW     0.005        /* a mean that would be printed as 0.00 or 0.01 is not worth a place in a line */
#define BEYOND_NS      (1ULL << 62) /* the last bucket of the runtime's histogram has no upper edge */
#define WHOLE_FRACTION 0.99

static double mean_of(uint64_t thread_ns, const struct rota_runtime *runtime)
{
	return runtime->known_ns ? (double)thread_ns / (double)runtime->known_ns : 0;
}

static const char *setter(const struct rota_runtime *runtime)
{
	switch (runtime->setter) {
	case ROTA_SETTER_RUNTIME:
		return "the runtime's default";
	case ROTA_SETTER_ENVIRONMENT:
		return "set in the environment";
	case ROTA_SETTER_PROGRAM:
		return "set by the program";
	default:
		return NULL;
	}
}

static void print_gomaxprocs(struct page *page, const struct rota_runtime *runtime)
{
	if (!runtime->gomaxprocs)
		return;
	if (runtime->gomaxprocs_first && runtime->gomaxprocs_first != runtime->gomaxprocs)
		page_item(page, PAGE_LABEL_COLUMNS, "GOMAXPROCS %" PRIu32 ", at first %" PRIu32, runtime->gomaxprocs,
			  runtime->gomaxprocs_first);
	else
		page_item(page, PAGE_LABEL_COLUMNS, "GOMAXPROCS %" PRIu32, runtime->gomaxprocs);
	if (setter(runtime))
		page_item(page, PAGE_LABEL_COLUMNS, "%s", setter(runtime));
	if (runtime->environment && runtime->environment != runtime->gomaxprocs)
		page_item(page, PAGE_LABEL_COLUMNS, "the environment says %" PRIu32, runtime->environment);
}

static void print_title(struct page *page, const struct rota_summary *summary, const struct rota_runtime *runtime)
{
	char name[LABEL_SIZE], text[DURATION_TEXT_SIZE];
	bool followed = goroutine_followed(runtime);
	uint64_t window_ns = summary->end_ns - summary->start_ns;

	page_style(page, PAGE_BOLD);
	page_label(page, "Go");
	page_item(page, PAGE_LABEL_COLUMNS, "%s", label_thread(name, runtime->name, runtime->tgid));
	page_style(page, PAGE_PLAIN);
	if (summary->go.runtime_count > 1)
		page_item(page, PAGE_LABEL_COLUMNS, "%s", label_go_version(name, runtime));
	print_gomaxprocs(page, runtime);
	if (!followed)
		page_item(page, PAGE_LABEL_COLUMNS, "only its threads are followed");
	else if ((double)runtime->known_ns < WHOLE_FRACTION * (double)window_ns)
		page_item(page, PAGE_LABEL_COLUMNS, "followed for %s%s",
			  duration_format(text, sizeof(text), runtime->known_ns),
			  runtime->lost ? ", then only its threads" : "");
	else if (runtime->lost)
		page_item(page, PAGE_LABEL_COLUMNS, "at the end only its threads");
	page_end(page);
	if (runtime->note[0]) {
		page_label(page, followed ? "  note" : "  because");
		page_item(page, PAGE_LABEL_COLUMNS, "%.*s", (int)sizeof(runtime->note), runtime->note);
		page_end(page);
	}
	page_explain(page, followed ? EXPLAIN_GO : EXPLAIN_GO_THREADS_ONLY);
}

/* Of hundreds, hundredths say nothing. */
static const char *many(char *out, size_t size, double mean)
{
	return mean >= 100 && mean < 1e18 ? number_count(out, size, (uint64_t)(mean + 0.5))
					  : number_mean(out, size, mean);
}

static void print_goroutines(struct page *page, const struct rota_runtime *runtime)
{
	const struct rota_looked_at *all = &runtime->in_progress;
	char mean[NUMBER_TEXT_SIZE], other[NUMBER_TEXT_SIZE];

	if (!all->looks)
		return;
	page_label(page, "  goroutines");
	if (all->min == all->max)
		page_item(page, PAGE_LABEL_COLUMNS, "%s in progress", number_count(mean, sizeof(mean), all->max));
	else
		page_item(page, PAGE_LABEL_COLUMNS, "%s in progress (at most %s)", many(mean, sizeof(mean), all->mean),
			  number_count(other, sizeof(other), all->max));
	if (runtime->demand.looks)
		page_item(page, PAGE_LABEL_COLUMNS, "%s wanted to run", many(mean, sizeof(mean), runtime->demand.mean));
	if (runtime->running.looks)
		page_item(page, PAGE_LABEL_COLUMNS, "%s had a P",
			  number_mean(mean, sizeof(mean), runtime->running.mean));
	page_item(page, PAGE_LABEL_COLUMNS, "looked at %s time%s", number_count(mean, sizeof(mean), all->looks),
		  all->looks == 1 ? "" : "s");
	page_end(page);
	page_explain(page, EXPLAIN_GO_GOROUTINES);
}

static void print_ps(struct page *page, const struct rota_runtime *runtime)
{
	double waited = mean_of(runtime->held_runnable_ns, runtime);
	double throttled = mean_of(runtime->held_throttled_ns, runtime);
	char text[NUMBER_TEXT_SIZE];

	if (!runtime->p_busy.looks && throttled < HIDE_BELOW && waited < HIDE_BELOW)
		return;
	page_label(page, "  Ps");
	if (runtime->p_busy.looks)
		page_item(page, PAGE_LABEL_COLUMNS, runtime->gomaxprocs ? "%s busy of %" PRIu32 : "%s busy",
			  number_mean(text, sizeof(text), runtime->p_busy.mean), runtime->gomaxprocs);
	if (throttled >= HIDE_BELOW)
		page_item(page, PAGE_LABEL_COLUMNS, "%s P: its thread waited for the quota",
			  number_mean(text, sizeof(text), throttled));
	if (waited >= HIDE_BELOW)
		page_item(page, PAGE_LABEL_COLUMNS, "%s P: its thread waited for a cpu",
			  number_mean(text, sizeof(text), waited));
	if (throttled < HIDE_BELOW && waited < HIDE_BELOW)
		page_item(page, PAGE_LABEL_COLUMNS, "their threads hardly ever waited for a cpu");
	page_end(page);
	page_explain(page, EXPLAIN_GO_PS);
}

static void print_mean_item(struct page *page, uint64_t thread_ns, const struct rota_runtime *runtime,
			    const char *where)
{
	double mean = mean_of(thread_ns, runtime);
	char text[NUMBER_TEXT_SIZE];

	if (mean >= HIDE_BELOW)
		page_item(page, PAGE_LABEL_COLUMNS, "%s %s", number_mean(text, sizeof(text), mean), where);
}

static void print_ms(struct page *page, const struct rota_runtime *runtime)
{
	char text[NUMBER_TEXT_SIZE];

	if (!runtime->m_count.looks && !runtime->hand_offs && !runtime->syscall_ns)
		return;
	page_label(page, "  threads (Ms)");
	if (runtime->m_count.looks)
		page_item(page, PAGE_LABEL_COLUMNS, "%s on average",
			  number_mean(text, sizeof(text), runtime->m_count.mean));
	print_mean_item(page, runtime->syscall_ns, runtime, "asleep in system calls");
	print_mean_item(page, runtime->cgo_ns, runtime, "asleep in C code");
	print_mean_item(page, runtime->locked_ns, runtime, "locked to a goroutine");
	if (runtime->m_spinning.looks && runtime->m_spinning.mean >= HIDE_BELOW)
		page_item(page, PAGE_LABEL_COLUMNS, "%s spinning",
			  number_mean(text, sizeof(text), runtime->m_spinning.mean));
	page_item(page, PAGE_LABEL_COLUMNS, "%s hand-off%s", number_count(text, sizeof(text), runtime->hand_offs),
		  runtime->hand_offs == 1 ? "" : "s");
	page_end(page);
	page_explain(page, EXPLAIN_GO_MS);
}

static void print_samples(struct page *page, const struct rota_runtime *runtime)
{
	const struct {
		const char *what;
		uint64_t samples;
	} parts[] = {
		{"scheduler",       runtime->scheduler_samples },
                { "GC",             runtime->gc_samples        },
		{ "spinning",       runtime->spinning_samples  },
                { "C",              runtime->cgo_samples       },
		{ "C threads",      runtime->foreign_samples   },
                { "not to be read", runtime->unreadable_samples},
	};
	char share[GOROUTINE_SHARE_SIZE];

	page_label(page, "  cpu time");
	if (!runtime->samples) {
		page_item(page, PAGE_LABEL_COLUMNS, "no sample met it: it ran too little");
		page_end(page);
		return;
	}
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i].samples || i < 2)
			page_item(page, PAGE_LABEL_COLUMNS, "%s %s", parts[i].what,
				  goroutine_sampled(share, sizeof(share), parts[i].samples, runtime->samples,
						    page->utf8));
	page_item(page, PAGE_LABEL_COLUMNS, "by %s sample%s", number_count(share, sizeof(share), runtime->samples),
		  runtime->samples == 1 ? "" : "s");
	page_end(page);
	page_explain(page, EXPLAIN_GO_SAMPLES);
}

static void print_gc(struct page *page, const struct rota_runtime *runtime)
{
	char text[NUMBER_TEXT_SIZE];

	if (!runtime->gc_known && !runtime->gc_totals_known)
		return;
	page_label(page, "  GC");
	if (runtime->gc_totals_known)
		page_item(page, PAGE_LABEL_COLUMNS, "%s cycle%s", number_count(text, sizeof(text), runtime->gc_cycles),
			  runtime->gc_cycles == 1 ? "" : "s");
	if (runtime->gc_known)
		page_item(page, PAGE_LABEL_COLUMNS, "at work %s of the time",
			  number_percent(text, sizeof(text), (double)runtime->gc_ns, (double)runtime->known_ns));
	if (runtime->gc_totals_known)
		page_item(page, PAGE_LABEL_COLUMNS, "goroutines had to help for %s",
			  duration_format(text, sizeof(text), runtime->gc_assist_ns));
	page_end(page);
	page_explain(page, EXPLAIN_GO_GC);
}

static void print_mutex(struct page *page, const struct rota_runtime *runtime)
{
	char text[DURATION_TEXT_SIZE], mean[NUMBER_TEXT_SIZE];

	if (!runtime->totals_known)
		return;
	page_label(page, "  mutex wait");
	page_item(page, PAGE_LABEL_COLUMNS, "%s", duration_format(text, sizeof(text), runtime->mutex_wait_ns));
	if (runtime->mutex_wait_ns)
		page_item(page, PAGE_LABEL_COLUMNS, "%s goroutines at a time",
			  number_mean(mean, sizeof(mean), mean_of(runtime->mutex_wait_ns, runtime)));
	page_end(page);
	page_explain(page, EXPLAIN_GO_MUTEX);
}

static void print_latency_item(struct page *page, const char *what, uint64_t ns)
{
	char text[DURATION_TEXT_SIZE];

	if (ns >= BEYOND_NS)
		page_item(page, PAGE_LABEL_COLUMNS, "%s more than Go counts", what);
	else
		page_item(page, PAGE_LABEL_COLUMNS, "%s less than %s", what, duration_format(text, sizeof(text), ns));
}

static void print_latency(struct page *page, const struct rota_runtime *runtime)
{
	const struct rota_histogram *latency = &runtime->latency;

	if (!latency->count)
		return;
	page_label(page, "  wait for a P");
	print_latency_item(page, "p50", histogram_quantile_ns(latency, 0.50));
	print_latency_item(page, "p99", histogram_quantile_ns(latency, 0.99));
	print_latency_item(page, "max", latency->max_ns);
	page_item(page, PAGE_LABEL_COLUMNS, "as the runtime counts it");
	page_end(page);
	page_explain(page, EXPLAIN_GO_LATENCY);
}

void runtime_block_print(struct page *page, const struct rota_summary *summary, const struct rota_runtime *runtime)
{
	print_title(page, summary, runtime);
	if (!goroutine_followed(runtime))
		return;
	print_goroutines(page, runtime);
	print_ps(page, runtime);
	print_ms(page, runtime);
	print_samples(page, runtime);
	print_gc(page, runtime);
	print_mutex(page, runtime);
	print_latency(page, runtime);
}
