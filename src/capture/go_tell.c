/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: a Go process, as src/runtime sees it. Goes out: records. Tells each thing once, and again when it has changed. */
#include "capture/go_tell.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BAD_LOOKS_MAX 20U /* a second of them */

void go_entry_free(struct go_entry *entry)
{
	go_close(entry->process);
	goids_fini(&entry->goids);
	free(entry->latency);
	free(entry);
}

int go_tell_layout(const struct go_process *process, struct bpf_go *ret_go)
{
	const struct go_layout *layout = go_layout(process);

	if (layout->p_status != layout->p_id + 4U)
		return -ENOTSUP;
	*ret_go = (struct bpf_go){
		.tls_offset = layout->tls_offset,
		.g_m = layout->g_m,
		.g_atomicstatus = layout->g_atomicstatus,
		.g_goid = layout->g_goid,
		.g_startpc = layout->g_startpc,
		.g_waitreason = layout->g_waitreason,
		.m_g0 = layout->m_g0,
		.m_curg = layout->m_curg,
		.m_p = layout->m_p,
		.m_oldp = layout->m_oldp,
		.m_procid = layout->m_procid,
		.m_lockedg = layout->m_lockedg,
		.m_incgo = layout->m_incgo,
		.m_spinning = layout->m_spinning,
		.m_syscalltick = layout->m_syscalltick,
		.p_id = layout->p_id,
		.p_status = layout->p_status,
		.p_m = layout->p_m,
		.p_syscalltick = layout->p_syscalltick,
	};
	return 0;
}

static union rota_any_record begin(const struct go_entry *entry, uint8_t type, uint8_t flags, uint16_t aux)
{
	return (union rota_any_record){
		.head = {.ts_ns = clock_ns(CLOCK_MONOTONIC),
                         .type = type,
                         .flags = flags,
                         .aux = aux,
                         .tid = entry->tgid}
	};
}

/* --- what it is -------------------------------------------------------------------------------------------------------- */

static void put_runtime(struct go_entry *entry, struct drain *drain, struct text *text, uint8_t flags)
{
	const struct go_facts *facts = &entry->facts;
	union rota_any_record record;
	uint32_t version = text_intern(text, facts->version), note = text_intern(text, entry->note);

	if (facts->cgo)
		flags |= ROTA_RUNTIME_CGO;
	if (facts->pie)
		flags |= ROTA_RUNTIME_PIE;
	if (facts->stripped)
		flags |= ROTA_RUNTIME_STRIPPED;
	if (entry->exact)
		flags |= ROTA_RUNTIME_EXACT;
	record = begin(entry, ROTA_REC_RUNTIME, flags, ROTA_RUNTIME_GO);
	record.runtime.version = version;
	record.runtime.note = note;
	record.runtime.gomaxprocs = facts->gomaxprocs;
	record.runtime.environment = facts->environment;
	record.runtime.tier = facts->tier;
	record.runtime.setter = facts->setter;
	drain_put(drain, &record);
	entry->told_facts = *facts;
}

void go_tell_runtime(struct go_entry *entry, struct drain *drain, struct text *text)
{
	entry->facts = *go_facts(entry->process);
	put_runtime(entry, drain, text, 0);
}

void go_tell_lost(struct go_entry *entry, struct drain *drain, struct text *text, const char *why)
{
	entry->exact = false;
	snprintf(entry->note, sizeof(entry->note), "%s", why);
	put_runtime(entry, drain, text, ROTA_RUNTIME_LOST);
}

/* --- what it does ------------------------------------------------------------------------------------------------------ */

int go_tell_census(struct go_entry *entry, struct drain *drain, struct text *text)
{
	union rota_any_record record;
	struct go_census census;
	int err = go_census(entry->process, &census);

	if (err == -EBADMSG && ++entry->bad_looks < BAD_LOOKS_MAX)
		return 0;
	if (err)
		return err == -ESRCH ? -ESRCH : -EBADMSG;
	entry->bad_looks = 0;
	entry->facts = *go_facts(entry->process);
	if (entry->facts.gomaxprocs != entry->told_facts.gomaxprocs || entry->facts.setter != entry->told_facts.setter)
		go_tell_runtime(entry, drain, text);
	record = begin(entry, ROTA_REC_GO_CENSUS,
		       (uint8_t)((census.gc_known ? ROTA_CENSUS_GC_KNOWN : 0) | (census.gc ? ROTA_CENSUS_GC : 0)),
		       census.gomaxprocs > UINT16_MAX ? UINT16_MAX : (uint16_t)census.gomaxprocs);
	record.go_census.goroutines = census.goroutines;
	record.go_census.system = census.system;
	record.go_census.runnable = census.runnable;
	record.go_census.running = census.running;
	record.go_census.in_syscall = census.in_syscall;
	record.go_census.p_idle = census.p_idle;
	record.go_census.p_running = census.p_running;
	record.go_census.p_syscall = census.p_syscall;
	record.go_census.p_stopped = census.p_stopped;
	record.go_census.m_count = census.m_count;
	record.go_census.m_idle = census.m_idle;
	record.go_census.m_spinning = census.m_spinning;
	record.go_census.m_locked = census.m_locked;
	drain_put(drain, &record);
	return 0;
}

void go_tell_end(struct go_entry *entry, struct drain *drain)
{
	union rota_any_record record = begin(entry, ROTA_REC_GO_CENSUS, 0, 0);

	drain_put(drain, &record);
}

static void put_totals(struct go_entry *entry, struct drain *drain)
{
	union rota_any_record record;
	struct go_totals totals;

	if (go_totals(entry->process, &totals))
		return;
	record = begin(entry, ROTA_REC_GO_TOTALS, 0, 0);
	record.go_totals.mutex_wait_ns = totals.mutex_wait_ns;
	record.go_totals.gc_cycles = totals.gc_cycles;
	record.go_totals.gc_assist_ns = totals.gc_assist_ns;
	drain_put(drain, &record);
}

static void put_latency(struct go_entry *entry, struct drain *drain, bool first)
{
	struct go_latency_bucket *buckets = xcalloc(GO_LATENCY_BUCKETS, sizeof(*buckets));
	uint32_t count;

	if (go_latency(entry->process, buckets, &count)) {
		free(buckets);
		return;
	}
	if (!entry->latency) {
		entry->latency = xcalloc(count, sizeof(*entry->latency));
		entry->latency_count = count;
		first = first || !entry->fresh;
	}
	for (uint32_t i = 0; i < count && i < entry->latency_count; i++) {
		uint64_t more = buckets[i].count - entry->latency[i];

		entry->latency[i] = buckets[i].count;
		if (!more || (first && !entry->fresh))
			continue;
		union rota_any_record record = begin(entry, ROTA_REC_GO_LATENCY, 0, 0);

		record.go_latency.upper_ns = buckets[i].upper_ns;
		record.go_latency.count = more;
		drain_put(drain, &record);
	}
	free(buckets);
}

void go_tell_sums(struct go_entry *entry, struct drain *drain, bool first)
{
	put_totals(entry, drain);
	put_latency(entry, drain, first);
}

void go_tell_scan(struct go_entry *entry, struct drain *drain, struct text *text, uint64_t budget_ns)
{
	struct go_population *populations;
	uint64_t goroutines, cost_ns, ts_ns = clock_ns(CLOCK_MONOTONIC);
	uint32_t count = 0;

	if (go_scan_cost(entry->process, &goroutines, &cost_ns))
		return;
	if (cost_ns > budget_ns) {
		snprintf(
			entry->note, sizeof(entry->note),
			"goroutines were not looked at one by one: %llu of them would take %llu ms, more than the %llu ms allowed",
			(unsigned long long)goroutines, (unsigned long long)(cost_ns / 1000000),
			(unsigned long long)(budget_ns / 1000000));
		log_warn("--go-scan, process %u: %s", entry->tgid, entry->note);
		go_tell_runtime(entry, drain, text);
		return;
	}
	populations = xcalloc(GO_POPULATIONS, sizeof(*populations));
	if (go_scan(entry->process, populations, &count))
		count = 0;
	for (uint32_t i = 0; i < count; i++) {
		union rota_any_record record;
		uint32_t reason = populations[i].status == ROTA_GO_G_WAITING
					  ? text_intern(text, go_wait_reason(entry->process, populations[i].reason))
					  : 0;

		record = begin(entry, ROTA_REC_GO_POPULATION, 0, populations[i].status);
		record.head.ts_ns = ts_ns;
		record.go_population.reason = reason;
		record.go_population.count = populations[i].count;
		drain_put(drain, &record);
	}
	free(populations);
}

/* --- what it carries --------------------------------------------------------------------------------------------------- */

void go_tell_goroutine(struct go_entry *entry, struct drain *drain, struct text *text, uint64_t goid, uint64_t start_pc)
{
	union rota_any_record record;
	char name[GO_NAME_SIZE];
	uint32_t start;

	if (!goid || !goids_add(&entry->goids, goid)) {
		if (goids_full(&entry->goids) && !entry->goids_said) {
			entry->goids_said = true;
			snprintf(entry->note, sizeof(entry->note),
				 "more than %u different goroutines were seen: what later ones began with is not told",
				 GOIDS_MAX);
			go_tell_runtime(entry, drain, text);
		}
		return;
	}
	start = text_intern(text, go_function(entry->process, start_pc, name, sizeof(name)));
	record = begin(entry, ROTA_REC_GOROUTINE, go_is_system(name) ? ROTA_GOROUTINE_SYSTEM : 0, 0);
	record.goroutine.goid = goid;
	record.goroutine.start = start;
	drain_put(drain, &record);
}

static void tell_reason(struct go_entry *entry, struct drain *drain, struct text *text, uint8_t reason)
{
	union rota_any_record record;
	uint32_t name;

	if (entry->reasons[reason / 8] & 1U << reason % 8)
		return;
	entry->reasons[reason / 8] |= (uint8_t)(1U << reason % 8);
	name = text_intern(text, go_wait_reason(entry->process, reason));
	if (!name)
		return;
	record = begin(entry, ROTA_REC_GO_REASON, 0, reason);
	record.go_reason.name = name;
	drain_put(drain, &record);
}

void go_tell_chain(struct go_entry *entry, struct drain *drain, struct text *text, const union rota_any_record *record)
{
	if (record->head.flags & (ROTA_GO_FOREIGN | ROTA_GO_UNREADABLE))
		return;
	go_tell_goroutine(entry, drain, text, record->go.goid, record->go.start_pc);
	if (ROTA_GO_REASON(record->go.state))
		tell_reason(entry, drain, text, ROTA_GO_REASON(record->go.state));
}
