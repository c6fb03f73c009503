/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: processes as they are born, join and execute. Goes out: records about those that run Go. A process is looked at again
 * until its runtime has started; what is found is checked each second, and when it no longer holds, only its threads are
 * followed from then on, and the trace says so.
 */
#include "capture/go.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/idtable.h"
#include "base/log.h"
#include "capture/go_tell.h"
#include "runtime/go_files.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_MS    1000000ULL
#define NS_PER_S     1000000000ULL
#define SOON_NS      (5 * NS_PER_MS) /* until the next look at a process whose runtime has not started … */
#define SOON_TRIES   100U            /* … so often, then more rarely */
#define RARELY_NS    (500 * NS_PER_MS)
#define TRIES_MAX    700U              /* five minutes */
#define SEARCHES_MAX 10U               /* of structures in memory, which takes milliseconds … */
#define SEARCH_NS    (100 * NS_PER_MS) /* … so rarely */
#define LOOKS_EACH   32U               /* at new processes, in one call */
#define BREAKER_NS   NS_PER_S

struct go_watch {
	struct program *program;
	struct drain *drain;
	struct text *text;
	struct go_watch_config config;
	struct idtable *entries; /* tgid → struct go_entry of those that are candidates or followed */
	struct go_entry **list;  /* the same, in no order */
	size_t capacity, count;
	struct go_files files;
	uint64_t census_ns, check_ns; /* the next ones */
	uint64_t breaker_ns, breaker_hits;
	uint32_t followed;
	bool started, full_said, exact_ended;
};

/* --- processes -------------------------------------------------------------------------------------------------------- */

static void want(struct go_watch *watch, uint32_t tgid, bool fresh)
{
	struct go_entry *entry;

	if (!tgid || idtable_get(watch->entries, tgid))
		return;
	entry = xcalloc(1, sizeof(*entry));
	entry->tgid = tgid;
	entry->fresh = fresh;
	idtable_set(watch->entries, tgid, entry);
	watch->list = xgrow(watch->list, &watch->capacity, watch->count + 1, sizeof(*watch->list));
	watch->list[watch->count++] = entry;
}

static void forget(struct go_watch *watch, struct go_entry *entry)
{
	for (size_t i = 0; i < watch->count; i++) {
		if (watch->list[i] != entry)
			continue;
		watch->list[i] = watch->list[--watch->count];
		break;
	}
	if (entry->process) {
		go_tell_end(entry, watch->drain);
		program_go_forget(watch->program, entry->tgid);
		watch->followed--;
	}
	idtable_set(watch->entries, entry->tgid, NULL);
	go_entry_free(entry);
}

/* It executes another program from now on, or is another process altogether. */
static void renew(struct go_watch *watch, uint32_t tgid)
{
	struct go_entry *entry = idtable_get(watch->entries, tgid);

	if (entry)
		forget(watch, entry);
	want(watch, tgid, true);
}

static void see(void *ctx, union rota_any_record *record, const void *rest, size_t rest_size)
{
	struct go_watch *watch = ctx;
	struct go_entry *entry;

	switch (record->head.type) {
	case ROTA_REC_TASK:
		if (!(record->head.flags & ROTA_F_TARGET) || record->head.flags & ROTA_TASK_KTHREAD)
			break;
		if (record->head.flags & ROTA_TASK_NEW && record->head.tid == record->task.tgid)
			renew(watch, record->task.tgid);
		else if (!(record->head.flags & ROTA_TASK_NEW))
			want(watch, record->task.tgid, false);
		break;
	case ROTA_REC_EXEC:
		renew(watch, record->head.tid);
		break;
	case ROTA_REC_GO:
		entry = idtable_get(watch->entries, record->go.tgid);
		if (entry && entry->process)
			go_tell_chain(entry, watch->drain, watch->text, record);
		break;
	case ROTA_REC_GO_RUN:
		entry = idtable_get(watch->entries, record->go_run.tgid);
		if (entry && entry->process)
			go_tell_goroutine(entry, watch->drain, watch->text, record->go_run.goid,
					  record->go_run.start_pc);
		break;
	default:
		break;
	}
}

struct go_watch *go_watch_new(struct program *program, struct drain *drain, struct text *text,
			      const struct go_watch_config *config)
{
	struct go_watch *watch = xcalloc(1, sizeof(*watch));

	watch->program = program;
	watch->drain = drain;
	watch->text = text;
	watch->config = *config;
	watch->entries = idtable_new();
	drain_observe(drain, &(struct drain_observer){ watch, see });
	return watch;
}

void go_watch_free(struct go_watch *watch)
{
	if (!watch)
		return;
	for (size_t i = 0; i < watch->count; i++)
		go_entry_free(watch->list[i]);
	free(watch->list);
	idtable_free(watch->entries);
	free(watch);
}

/* --- finding ---------------------------------------------------------------------------------------------------------- */

static void begin_exact(struct go_watch *watch, struct go_entry *entry)
{
	struct go_probes probes;
	char why[GO_WHY_SIZE];
	int err = go_probes(entry->process, &probes, why);

	if (!err) {
		err = program_begin_exact(watch->program, entry->tgid, probes.execute_offset, probes.schedule_offset);
		if (err)
			snprintf(why, sizeof(why), "its uprobes could not be attached: %s", strerror(-err));
	}
	entry->exact = !err;
	if (err) {
		log_warn("--go-exact does not follow process %u: %s", entry->tgid, why);
		snprintf(entry->note, sizeof(entry->note), "not exact: %.140s", why);
	}
}

static void follow(struct go_watch *watch, struct go_entry *entry)
{
	struct bpf_go go;
	int err = go_tell_layout(entry->process, &go);

	if (!err)
		err = program_start_clocks(watch->program);
	if (!err)
		err = program_go_follow(watch->program, entry->tgid, &go);
	if (err) {
		if (err == -E2BIG && !watch->full_said)
			log_warn("more than %u Go programs at once: of the others only the threads are followed",
				 GO_PROCESSES_MAX);
		watch->full_said = watch->full_said || err == -E2BIG;
		go_tell_lost(entry, watch->drain, watch->text, "there are more Go programs at once than rota follows");
		return;
	}
	watch->followed++;
	if (watch->config.exact && !watch->exact_ended)
		begin_exact(watch, entry);
	go_tell_runtime(entry, watch->drain, watch->text);
	if (watch->started) {
		go_tell_census(entry, watch->drain, watch->text);
		go_tell_sums(entry, watch->drain, true);
	}
	if (watch->config.scan)
		go_tell_scan(entry, watch->drain, watch->text, GO_SCAN_BUDGET_NS);
}

/* A look at a candidate. */
static void look(struct go_watch *watch, struct go_entry *entry, uint64_t now)
{
	char why[GO_WHY_SIZE];
	int err = go_files_likely(&watch->files, "", entry->tgid);

	if (err <= 0) { /* until it does an exec */
		forget(watch, entry);
		return;
	}
	err = go_open("", entry->tgid, &entry->process, &entry->facts, why);
	if (!err) {
		entry->settled = true;
		follow(watch, entry);
	} else if (err == -ESRCH || err == -ENOEXEC) {
		forget(watch, entry);
	} else if (err == -EAGAIN && ++entry->tries < TRIES_MAX) {
		entry->due_ns = now + (entry->tries < SOON_TRIES ? SOON_NS : RARELY_NS);
	} else if (err == -ENODATA && ++entry->searches < SEARCHES_MAX) {
		/* its memory changed while it was searched: an M came, a slice was moved */
		entry->due_ns = now + SEARCH_NS;
	} else {
		entry->settled = true;
		go_tell_lost(entry, watch->drain, watch->text,
			     err == -EAGAIN ? "its runtime did not show itself in its memory" : why);
	}
}

/* --- what is due ------------------------------------------------------------------------------------------------------ */

/* It no longer is what it was taken for, or has ended. */
static void lose(struct go_watch *watch, struct go_entry *entry, int err, const char *why)
{
	if (err == -ESRCH) {
		forget(watch, entry);
		return;
	}
	log_warn("process %u: only its threads are followed from here on: %s", entry->tgid, why);
	go_tell_lost(entry, watch->drain, watch->text, why);
	program_go_forget(watch->program, entry->tgid);
	watch->followed--;
	go_close(entry->process);
	entry->process = NULL;
}

static void take_census(struct go_watch *watch)
{
	for (size_t i = watch->count; i--;) {
		struct go_entry *entry = watch->list[i];
		int err = entry->process ? go_tell_census(entry, watch->drain, watch->text) : 0;

		if (err)
			lose(watch, entry, err, "its scheduler's figures contradict each other");
	}
}

/* Whether what was found still holds; and whether those of whom nothing is read any more are still there. */
static void check_all(struct go_watch *watch)
{
	for (size_t i = watch->count; i--;) {
		struct go_entry *entry = watch->list[i];
		char why[GO_WHY_SIZE] = "";
		int err = entry->process ? go_check(entry->process, why) : 0;

		if (err)
			lose(watch, entry, err, why);
		else if (!entry->process && entry->settled && kill((pid_t)entry->tgid, 0) && errno == ESRCH)
			forget(watch, entry);
	}
}

static void look_at_candidates(struct go_watch *watch, uint64_t now)
{
	uint32_t looks = 0;

	for (size_t i = watch->count; i-- && looks < LOOKS_EACH;) {
		struct go_entry *entry = watch->list[i];

		if (entry->settled || entry->due_ns > now)
			continue;
		look(watch, entry, now);
		looks++;
	}
}

/* Uprobes that hit too often cost more than they are worth: they end, and that is said. */
static void break_exact(struct go_watch *watch, uint64_t now)
{
	uint64_t hits = program_exact_hits(watch->program), passed_ns = now - watch->breaker_ns;

	if (!watch->config.exact || watch->exact_ended)
		return;
	if (!watch->breaker_ns || passed_ns >= BREAKER_NS) {
		watch->breaker_ns = now;
		watch->breaker_hits = hits;
		return;
	}
	/* as soon as a second's worth has come, not only at its end */
	if (hits - watch->breaker_hits <= GO_EXACT_HITS_MAX)
		return;
	log_warn("--go-exact ends: its probes were hit more than %u times a second", GO_EXACT_HITS_MAX);
	program_end_exact(watch->program, 0);
	watch->exact_ended = true;
	for (size_t i = 0; i < watch->count; i++) {
		struct go_entry *entry = watch->list[i];

		if (!entry->process || !entry->exact)
			continue;
		entry->exact = false;
		snprintf(entry->note, sizeof(entry->note),
			 "exact mode ended itself: more than %u goroutine switches a second", GO_EXACT_HITS_MAX / 2);
		go_tell_runtime(entry, watch->drain, watch->text);
	}
}

void go_watch_work(struct go_watch *watch)
{
	uint64_t now;

	if (!watch || !watch->count)
		return;
	now = clock_ns(CLOCK_MONOTONIC);
	look_at_candidates(watch, now);
	if (watch->followed && now >= watch->census_ns) {
		take_census(watch);
		watch->census_ns = now + GO_CENSUS_NS;
	}
	if (now >= watch->check_ns) {
		check_all(watch);
		watch->check_ns = now + NS_PER_S;
	}
	break_exact(watch, now);
}

uint64_t go_watch_due_ns(const struct go_watch *watch)
{
	uint64_t due_ns = UINT64_MAX;

	for (size_t i = 0; watch && i < watch->count; i++)
		if (!watch->list[i]->settled && watch->list[i]->due_ns < due_ns)
			due_ns = watch->list[i]->due_ns;
	if (watch && watch->followed && watch->census_ns < due_ns)
		due_ns = watch->census_ns;
	return due_ns;
}

/*
 * At an edge of the window or a round, where every switch of every cpu is recorded: only figures, and nothing that takes long. Who
 * has ended or contradicts itself is dealt with at the next go_watch_work().
 */
void go_watch_round(struct go_watch *watch, bool start, bool stop)
{
	if (!watch)
		return;
	for (size_t i = watch->count; i--;) {
		struct go_entry *entry = watch->list[i];

		if (!entry->process)
			continue;
		if (start || stop)
			go_tell_census(entry, watch->drain, watch->text);
		go_tell_sums(entry, watch->drain, start);
		if (watch->config.scan && stop)
			go_tell_scan(entry, watch->drain, watch->text, GO_SCAN_BUDGET_NS);
	}
	watch->started = watch->started || start;
}
