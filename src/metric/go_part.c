/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: records and stays. Goes out: sums by program and goroutine. Decides nothing of what they mean: go_fill.c does. */
#include "metric/go_part.h"
#include "base/alloc.h"
#include "base/histogram.h"
#include "rota/transition.h"

#include <stdlib.h>
#include <string.h>

#define HOLDERS_MAX 4096U /* Ps that hand-offs are counted of */

void go_part_init(struct go_part *part, const struct rota_topology *topology, struct go_names *names)
{
	*part = (struct go_part){ .names = names, .topology = topology };
	goroutines_init(&part->goroutines, topology->cpu_count);
}

static void sums_fini(struct go_sums *sums)
{
	for (unsigned int i = 0; i < GO_COUNTS; i++)
		looked_fini(&sums->counts[i]);
	histogram_fini(&sums->latency);
	free(sums->holders);
}

void go_part_fini(struct go_part *part)
{
	for (uint32_t i = 0; i < part->sum_count; i++)
		sums_fini(&part->sums[i]);
	for (unsigned int i = 0; i < GO_COUNTS; i++)
		looked_fini(&part->totals[i]);
	free(part->sums);
	free(part->carries);
	free(part->populations);
	goroutines_fini(&part->goroutines);
	*part = (struct go_part){ 0 };
}

/* The program that process `tgid` runs; NULL: too many. */
static struct go_sums *sums_of(struct go_part *part, uint32_t tgid, uint32_t *ret_program)
{
	*ret_program = go_names_program(part->names, tgid);
	if (*ret_program == UINT32_MAX)
		return NULL;
	if (*ret_program >= part->sum_count) {
		part->sums = xgrow(part->sums, &part->sum_capacity, *ret_program + 1U, sizeof(*part->sums));
		part->sum_count = *ret_program + 1;
	}
	return &part->sums[*ret_program];
}

/* --- the window ------------------------------------------------------------------------------------------------------- */

static void sums_begin(struct go_sums *sums, bool followed, uint64_t ts_ns)
{
	struct go_sums fresh = { .gc = sums->gc, .gc_known = sums->gc_known, .known = sums->known };

	fresh.gc_since_ns = fresh.known_since_ns = ts_ns;
	fresh.totals_first = fresh.totals_last = sums->totals_last;
	fresh.totals_known = sums->totals_known;
	fresh.in_window = followed;
	fresh.holders = sums->holders;
	fresh.holder_capacity = sums->holder_capacity;
	memcpy(fresh.counts, sums->counts, sizeof(fresh.counts));
	for (unsigned int i = 0; i < GO_COUNTS; i++)
		looked_begin(&fresh.counts[i], ts_ns);
	histogram_fini(&sums->latency);
	*sums = fresh;
}

void go_part_begin(struct go_part *part, uint64_t ts_ns)
{
	for (uint32_t i = 0; i < part->sum_count; i++)
		sums_begin(&part->sums[i], part->names->programs[i].told && !part->names->programs[i].ended, ts_ns);
	for (unsigned int i = 0; i < GO_COUNTS; i++)
		looked_begin(&part->totals[i], ts_ns);
	for (uint32_t i = 0; i < part->carry_count; i++)
		part->carries[i].run_since_ns = ts_ns;
	goroutines_begin(&part->goroutines);
	part->open = true;
	part->start_ns = ts_ns;
}

static void flush_known(struct go_sums *sums, uint64_t ts_ns)
{
	if (sums->known && ts_ns > sums->known_since_ns)
		sums->known_ns += ts_ns - sums->known_since_ns;
	if (sums->known && sums->gc && ts_ns > sums->gc_since_ns)
		sums->gc_ns += ts_ns - sums->gc_since_ns;
	sums->known_since_ns = sums->gc_since_ns = ts_ns;
}

void go_part_end(struct go_part *part, uint64_t ts_ns)
{
	for (uint32_t i = 0; i < part->sum_count; i++) {
		for (unsigned int k = 0; k < GO_COUNTS; k++)
			looked_flush(&part->sums[i].counts[k], ts_ns);
		flush_known(&part->sums[i], ts_ns);
	}
	for (unsigned int k = 0; k < GO_COUNTS; k++)
		looked_flush(&part->totals[k], ts_ns);
	part->open = false;
}

/* The time since the last mark, or since the thread came onto its cpu, is the goroutine's that it runs by GO_RUN. */
static void exact_until(struct go_part *part, struct go_carry *carry, uint64_t ts_ns)
{
	if (part->open && carry->exact && carry->running && ts_ns > carry->run_since_ns &&
	    carry->program < part->sum_count) {
		goroutines_at(&part->goroutines, carry->program, carry->run_goid)->exact_ns +=
			ts_ns - carry->run_since_ns;
		part->sums[carry->program].exact = true;
	}
	carry->run_since_ns = ts_ns;
}

/* --- looks at the scheduler ---------------------------------------------------------------------------------------------- */

/* What all programs have together changes with each of them. */
static void set_count(struct go_part *part, struct go_sums *sums, enum go_count which, uint64_t value, uint64_t ts_ns)
{
	const struct looked *one = &sums->counts[which];
	uint64_t before = one->known ? one->value : 0, all = part->totals[which].known ? part->totals[which].value : 0;

	looked_set(&sums->counts[which], value, ts_ns);
	looked_set(&part->totals[which], all - before + value, ts_ns);
}

static void add_census(struct go_part *part, const struct rota_rec_go_census *census, uint64_t ts_ns)
{
	uint64_t own = census->goroutines > census->system ? census->goroutines - census->system : 0;
	uint16_t busy = census->p_running < census->head.aux ? census->p_running : census->head.aux;
	uint64_t values[GO_COUNTS] = {
		[GO_IN_PROGRESS] = own,
		[GO_DEMAND] = (uint64_t)census->runnable + census->running,
		[GO_RUNNING] = census->running,
		[GO_P_BUSY] = busy,
		[GO_PS] = census->head.aux,
		[GO_MS] = census->m_count,
		[GO_MS_SPINNING] = census->m_spinning,
		/* all Ps run goroutines, and others wait for one */
		[GO_STARVED] = census->head.aux && busy == census->head.aux && census->runnable,
	};
	uint32_t program;
	struct go_sums *sums;

	/* the last one of a program: its number must be found before it is forgotten, so names hears of it later */
	sums = sums_of(part, census->head.tid, &program);
	if (!sums || (!census->head.aux && !sums->known))
		return;
	flush_known(sums, ts_ns);
	sums->in_window = true;
	sums->known = census->head.aux != 0;
	sums->gc_known = sums->gc_known || census->head.flags & ROTA_CENSUS_GC_KNOWN;
	sums->gc = sums->known && census->head.flags & ROTA_CENSUS_GC;
	for (unsigned int i = 0; i < GO_COUNTS; i++) {
		set_count(part, sums, i, sums->known ? values[i] : 0, ts_ns);
		if (!sums->known) /* it is over: of itself nothing is known any more; to all of them it adds nothing */
			looked_unset(&sums->counts[i], ts_ns);
	}
}

/* A program goes on, and is not looked at any more: of all together nothing is known, if it was the only one. */
static void lose_sight(struct go_part *part, uint32_t tgid, uint64_t ts_ns)
{
	struct rota_rec_go_census none = { .head = { .tid = tgid } };

	add_census(part, &none, ts_ns);
	for (uint32_t i = 0; i < part->sum_count; i++) {
		if (part->sums[i].known)
			return;
	}
	for (unsigned int i = 0; i < GO_COUNTS; i++)
		looked_unset(&part->totals[i], ts_ns);
}

/* GO_RUN records end, or the program does: who runs from here on is not known any more. */
static void end_exact(struct go_part *part, uint32_t program, uint64_t ts_ns)
{
	for (uint32_t i = 0; i < part->carry_count; i++) {
		struct go_carry *carry = &part->carries[i];

		if (carry->program != program || !carry->exact)
			continue;
		exact_until(part, carry, ts_ns);
		carry->exact = false;
	}
}

static void add_runtime(struct go_part *part, const struct rota_rec_runtime *record, uint64_t ts_ns)
{
	uint32_t program;
	struct go_sums *sums = sums_of(part, record->head.tid, &program);

	if (!sums)
		return;
	sums->in_window = true;
	if (record->head.flags & ROTA_RUNTIME_LOST && sums->known)
		lose_sight(part, record->head.tid, ts_ns);
	if (!(record->head.flags & ROTA_RUNTIME_EXACT))
		end_exact(part, program, ts_ns);
}

static void add_totals(struct go_part *part, const struct rota_rec_go_totals *record)
{
	uint32_t program;
	struct go_sums *sums = sums_of(part, record->head.tid, &program);

	if (!sums)
		return;
	if (!sums->totals_known)
		sums->totals_first = *record;
	sums->totals_known = true;
	sums->totals_last = *record;
}

static void add_latency(struct go_part *part, const struct rota_rec_go_latency *record)
{
	uint32_t program;
	struct go_sums *sums = sums_of(part, record->head.tid, &program);
	struct rota_histogram one = { 0 };
	uint64_t longest_ns;

	if (!sums || !part->open || !record->count)
		return;
	longest_ns = record->upper_ns ? record->upper_ns - 1 : 0; /* they waited less than upper_ns */
	histogram_add(&one, longest_ns);
	one.buckets[histogram_bucket(longest_ns)] = one.count = record->count;
	one.sum_ns = longest_ns > UINT64_MAX / record->count ? UINT64_MAX / 2 : longest_ns * record->count;
	histogram_merge(&sums->latency, &one);
	histogram_fini(&one);
}

static void add_population(struct go_part *part, const struct rota_rec_go_population *record, uint64_t ts_ns)
{
	uint32_t program, kept = 0;

	if (!part->open || !sums_of(part, record->head.tid, &program))
		return;
	/* a later look at the same program replaces the earlier one */
	for (uint32_t i = 0; part->population_ns != record->head.ts_ns && i < part->population_count; i++)
		if (part->populations[i].program != program)
			part->populations[kept++] = part->populations[i];
	if (part->population_ns != record->head.ts_ns)
		part->population_count = kept;
	part->population_ns = record->head.ts_ns;
	if (part->population_count >= 65536)
		return;
	part->populations = xgrow(part->populations, &part->population_capacity, part->population_count + 1U,
				  sizeof(*part->populations));
	part->populations[part->population_count++] = (struct go_population_seen){ .program = program,
										   .reason = record->reason,
										   .status = (uint8_t)record->head.aux,
										   .count = record->count };
}

void go_part_record(struct go_part *part, const union rota_any_record *record, uint64_t ts_ns)
{
	switch (record->head.type) {
	case ROTA_REC_RUNTIME:
		add_runtime(part, &record->runtime, ts_ns);
		break;
	case ROTA_REC_GO_CENSUS:
		add_census(part, &record->go_census, ts_ns);
		break;
	case ROTA_REC_GO_TOTALS:
		add_totals(part, &record->go_totals);
		break;
	case ROTA_REC_GO_LATENCY:
		add_latency(part, &record->go_latency);
		break;
	case ROTA_REC_GO_POPULATION:
		add_population(part, &record->go_population, ts_ns);
		break;
	default:
		break;
	}
}

/* --- what threads carry --------------------------------------------------------------------------------------------------- */

static struct go_carry *carry_of(struct go_part *part, uint32_t *carry)
{
	if (!*carry && part->carry_free) {
		*carry = part->carry_free;
		part->carry_free = part->carries[*carry - 1].serial;
		part->carries[*carry - 1] = (struct go_carry){ 0 };
	}
	if (!*carry) {
		part->carries =
			xgrow(part->carries, &part->carry_capacity, part->carry_count + 1U, sizeof(*part->carries));
		*carry = ++part->carry_count;
	}
	return &part->carries[*carry - 1];
}

void go_part_drop(struct go_part *part, uint32_t *carry)
{
	if (!*carry)
		return;
	part->carries[*carry - 1] = (struct go_carry){ .serial = part->carry_free };
	part->carry_free = *carry;
	*carry = 0;
}

static bool in_syscall(uint32_t state)
{
	return ROTA_GO_G_STATUS(state) == ROTA_GO_G_SYSCALL;
}

/* Its P is busy with its goroutine, as far as Go knows; an M that looks for work, or schedules, keeps no P from anybody. */
static bool holds_p(const struct go_carry *carry)
{
	return carry->p && ROTA_GO_P_STATUS(carry->state) == ROTA_GO_P_RUNNING &&
	       ROTA_GO_G_STATUS(carry->state) == ROTA_GO_G_RUNNING;
}

static uint32_t *holder_of(struct go_sums *sums, uint16_t p)
{
	if (!p || p > HOLDERS_MAX)
		return NULL;
	sums->holders = xgrow(sums->holders, &sums->holder_capacity, p + 1U, sizeof(*sums->holders));
	return &sums->holders[p];
}

/*
 * A P that an M took with it into a system call, in which it blocked, and that another M has while the first one has not run since,
 * was handed off. Seen when the other M leaves its cpu, or at a tick: a P that goes on before that, or that was taken before its
 * M blocked, is missed.
 */
static void watch_p(struct go_part *part, struct go_sums *sums, const struct go_carry *carry)
{
	uint32_t *holder = ROTA_GO_P_STATUS(carry->state) == ROTA_GO_P_RUNNING && !in_syscall(carry->state)
				   ? holder_of(sums, carry->p)
				   : NULL;

	if (!holder || !*holder)
		return;
	sums->hand_offs += part->open && *holder != carry->serial;
	*holder = 0;
}

void go_part_blocks(struct go_part *part, uint32_t number)
{
	const struct go_carry *carry = &part->carries[number - 1];
	uint32_t *holder;

	if (!carry->off || !in_syscall(carry->state) || carry->program >= part->sum_count)
		return;
	holder = holder_of(&part->sums[carry->program], carry->p);
	if (holder)
		*holder = carry->serial;
}

static void count_tick(struct go_sums *sums, const struct go_carry *carry, struct goroutine_sum *goroutine)
{
	sums->samples++;
	sums->unreadable_samples += (carry->flags & ROTA_GO_UNREADABLE) != 0;
	sums->foreign_samples += (carry->flags & ROTA_GO_FOREIGN) != 0;
	sums->spinning_samples += (carry->flags & ROTA_GO_SPINNING) != 0;
	sums->cgo_samples += (carry->flags & ROTA_GO_CGO) != 0;
	sums->scheduler_samples += !carry->goid && !(carry->flags & (ROTA_GO_FOREIGN | ROTA_GO_UNREADABLE));
	if (goroutine)
		goroutine->samples++;
}

static struct goroutine_sum *goroutine_of(struct go_part *part, const struct go_carry *carry)
{
	if (carry->flags & ROTA_GO_UNREADABLE)
		return NULL;
	return goroutines_at(&part->goroutines, carry->program,
			     carry->flags & ROTA_GO_FOREIGN ? GOROUTINE_FOREIGN : carry->goid);
}

static void add_run(struct go_part *part, struct go_carry *carry, uint64_t goid, uint64_t ts_ns)
{
	exact_until(part, carry, ts_ns);
	carry->run_goid = goid;
	carry->exact = true;
}

void go_part_carry(struct go_part *part, const union rota_any_record *record, uint32_t tgid, uint32_t serial,
		   uint16_t cpu, bool running, uint32_t *carry_number, uint64_t ts_ns)
{
	struct go_carry *carry = carry_of(part, carry_number);
	struct goroutine_sum *goroutine;
	struct go_sums *sums;
	bool tick;

	sums = sums_of(part, tgid, &carry->program);
	carry->serial = serial;
	carry->running = running; /* false: records were lost, and where it is is not known */
	if (!sums)
		return;
	if (record->head.type == ROTA_REC_GO_RUN) {
		add_run(part, carry, record->go_run.goid, ts_ns);
		return;
	}
	tick = record->head.flags & ROTA_GO_TICK;
	carry->goid = record->go.goid;
	carry->p = record->head.aux;
	carry->state = record->go.state;
	carry->flags = record->head.flags;
	carry->off = !tick;
	watch_p(part, sums, carry);
	if (!part->open)
		return;
	sums->in_window = true;
	goroutine = goroutine_of(part, carry);
	if (goroutine) {
		goroutine_seen(goroutine, serial, cpu, part->goroutines.cpu_words);
		goroutine->switch_outs += !tick;
	}
	if (tick)
		count_tick(sums, carry, goroutine);
}

bool go_part_label(struct go_part *part, uint32_t number, uint32_t *ret_goroutine, uint16_t *ret_p)
{
	const struct go_carry *carry = number ? &part->carries[number - 1] : NULL;
	uint64_t goid;

	if (!part->open || !carry || carry->flags & (ROTA_GO_FOREIGN | ROTA_GO_UNREADABLE))
		return false;
	goid = carry->exact ? carry->run_goid : carry->goid;
	*ret_goroutine = goid ? goroutines_number(&part->goroutines, carry->program, goid) + 1 : 0;
	*ret_p = carry->p;
	return true;
}

void go_part_stay(struct go_part *part, uint32_t number, uint8_t state, uint8_t blocked_class, uint64_t ns,
		  uint64_t ts_ns)
{
	struct go_carry *carry = &part->carries[number - 1];
	struct goroutine_sum *goroutine;
	struct go_sums *sums;

	if (state == ROTA_RUNNING)
		exact_until(part, carry, ts_ns);
	if (state == ROTA_UNKNOWN) /* marks may be among what was lost */
		carry->exact = false;
	if (!part->open || !ns || carry->program >= part->sum_count)
		return;
	sums = &part->sums[carry->program];
	if (carry->flags & ROTA_GO_LOCKED && state != ROTA_UNKNOWN)
		sums->locked_ns += ns;
	if (state == ROTA_RUNNING || !carry->off)
		return;
	goroutine = carry->goid || carry->flags & ROTA_GO_FOREIGN ? goroutine_of(part, carry) : NULL;
	switch (state) {
	case ROTA_RUNNABLE:
		if (!holds_p(carry))
			break;
		sums->held_runnable_ns += ns;
		if (goroutine)
			goroutine->runnable_ns += ns;
		break;
	case ROTA_THROTTLED:
		if (!holds_p(carry))
			break;
		sums->held_throttled_ns += ns;
		if (goroutine)
			goroutine->throttled_ns += ns;
		break;
	case ROTA_BLOCKED:
		if (carry->goid && carry->flags & ROTA_GO_CGO)
			sums->cgo_ns += ns;
		else if (carry->goid && in_syscall(carry->state))
			sums->syscall_ns += ns;
		if (goroutine)
			goroutine->class_ns[blocked_class] += ns;
		break;
	default:
		break;
	}
}

void go_part_runs(struct go_part *part, uint32_t number, uint64_t ts_ns)
{
	struct go_carry *carry = &part->carries[number - 1];
	struct go_sums *sums = carry->program < part->sum_count ? &part->sums[carry->program] : NULL;

	if (sums && carry->off && carry->p < sums->holder_capacity && sums->holders[carry->p] == carry->serial)
		sums->holders[carry->p] = 0; /* it has its P back, or none: nobody took it as far as was seen */
	carry->off = false;
	carry->running = true;
	carry->run_since_ns = ts_ns;
}

void go_part_leaves(struct go_part *part, uint32_t number)
{
	part->carries[number - 1].running = false;
}
