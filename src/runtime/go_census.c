/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: a Go process. Goes out: figures of its scheduler at this moment, read without a lock in a few small reads for each
 * P and M, however many goroutines there are. The formulas are the runtime's own: gcount(), mcount() and schedtrace().
 */
#include "runtime/go_process.h"
#include "base/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PIECE     64U  /* read of a structure at once */
#define MS_LOOKED 512U /* Ms whose goroutines are looked at in one census: with more, the newest */
#define TRIES     3

struct pieces { /* of each P: its head, its queue's, and what lies behind its next goroutine */
	uint64_t count;
	uint64_t *addresses, *at;
	uint8_t *head, *queue, *next;
};

static uint32_t u32_at(const uint8_t *piece, uint32_t at)
{
	uint32_t value;

	memcpy(&value, piece + at, sizeof(value));
	return value;
}

static uint64_t u64_at(const uint8_t *piece, uint32_t at)
{
	uint64_t value;

	memcpy(&value, piece + at, sizeof(value));
	return value;
}

static int read_pieces(const struct go_process *process, struct pieces *pieces, uint32_t offset, uint8_t *bytes)
{
	for (uint64_t i = 0; i < pieces->count; i++)
		pieces->at[i] = pieces->addresses[i] + offset;
	return process->memory.read_many(process->memory.ctx, pieces->at, pieces->count, bytes, PIECE);
}

static void pieces_free(struct pieces *pieces)
{
	free(pieces->addresses);
	free(pieces->at);
	free(pieces->head);
	free(pieces->queue);
	free(pieces->next);
}

static int pieces_read(const struct go_process *process, struct pieces *pieces)
{
	uint64_t first;
	int err = go_slice(&process->memory, process->places.allp, GO_PS_MAX, &first, &pieces->count);

	if (err)
		return err;
	pieces->addresses = xcalloc(pieces->count, sizeof(uint64_t));
	pieces->at = xcalloc(pieces->count, sizeof(uint64_t));
	pieces->head = xcalloc(pieces->count, PIECE);
	pieces->queue = xcalloc(pieces->count, PIECE);
	pieces->next = xcalloc(pieces->count, PIECE);
	err = memory_read(&process->memory, first, pieces->addresses, pieces->count * sizeof(uint64_t));
	if (!err)
		err = read_pieces(process, pieces, 0, pieces->head);
	if (!err)
		err = read_pieces(process, pieces, process->layout.p_runqhead, pieces->queue);
	if (!err)
		err = read_pieces(process, pieces, process->layout.p_runnext, pieces->next);
	return err;
}

/* --- what goroutines the Ms have ------------------------------------------------------------------------------------- */

struct carried {
	uint32_t running, in_syscall;
};

/* Of each M its goroutine, of each goroutine its status. An M or G that went away meanwhile counts for nothing. */
static int count_carried(const struct go_process *process, struct carried *ret_carried)
{
	const struct go_layout *layout = &process->layout;
	const struct memory *memory = &process->memory;
	uint64_t ms[MS_LOOKED], goroutine, m;
	int count = go_ms(process, ms, MS_LOOKED);

	*ret_carried = (struct carried){ 0 };
	for (int i = 0; i < count; i++) {
		uint32_t status;

		if (memory_u64(memory, ms[i] + layout->m_curg, &goroutine) || !goroutine ||
		    memory_u64(memory, goroutine + layout->g_m, &m) || m != ms[i] ||
		    memory_u32(memory, goroutine + layout->g_atomicstatus, &status))
			continue;
		status &= 0xfff; /* _Gscan */
		ret_carried->running += status == ROTA_GO_G_RUNNING || status == ROTA_GO_G_COPYSTACK;
		ret_carried->in_syscall += status == ROTA_GO_G_SYSCALL;
	}
	return count < 0 ? count : 0;
}

/* --- the scheduler ---------------------------------------------------------------------------------------------------- */

static uint32_t sched_u32(const uint8_t *sched, uint16_t offset)
{
	return offset == GO_NO_OFFSET ? 0 : u32_at(sched, offset);
}

static uint64_t free_goroutines(const struct go_layout *layout, const uint8_t *sched)
{
	return (uint64_t)sched_u32(sched, layout->sched_gfree_n) + sched_u32(sched, layout->sched_gfree_stack_size) +
	       sched_u32(sched, layout->sched_gfree_nostack_size);
}

static uint16_t small(uint64_t number)
{
	return number > UINT16_MAX ? UINT16_MAX : (uint16_t)number;
}

/* Adds up the Ps. False where the figures cannot be those of one moment. */
static bool add_ps(const struct go_process *process, const struct pieces *pieces, struct go_census *census,
		   uint64_t *ret_free)
{
	const struct go_layout *layout = &process->layout;
	uint16_t free_at = layout->p_gfree_n != GO_NO_OFFSET ? layout->p_gfree_n : layout->p_gfree_size;

	for (uint64_t i = 0; i < pieces->count; i++) {
		const uint8_t *head = pieces->head + i * PIECE, *queue = pieces->queue + i * PIECE;
		uint32_t status = u32_at(head, layout->p_status);
		uint32_t queued = u32_at(queue, layout->p_runqtail - layout->p_runqhead) - u32_at(queue, 0);

		if (u32_at(head, layout->p_id) != i || status > ROTA_GO_P_DEAD || queued > 256)
			return false;
		census->p_idle += status == ROTA_GO_P_IDLE || status == ROTA_GO_P_DEAD;
		census->p_running += status == ROTA_GO_P_RUNNING;
		census->p_syscall += status == ROTA_GO_P_SYSCALL;
		census->p_stopped += status == ROTA_GO_P_GCSTOP;
		census->runnable += queued + (u64_at(pieces->next + i * PIECE, 0) != 0);
		if (free_at != GO_NO_OFFSET && free_at >= layout->p_runnext &&
		    free_at + 4U <= layout->p_runnext + PIECE)
			*ret_free += u32_at(pieces->next + i * PIECE, (uint32_t)(free_at - layout->p_runnext));
	}
	return true;
}

static int read_once(struct go_process *process, struct pieces *pieces, uint8_t *sched, struct go_census *census)
{
	const struct go_layout *layout = &process->layout;
	uint64_t first, all, gone = 0;
	struct carried carried;
	int err = memory_read(&process->memory, process->places.sched, sched, layout->sched_time_to_run);

	*census = (struct go_census){ 0 };
	if (!err)
		err = pieces_read(process, pieces);
	if (!err)
		err = go_slice(&process->memory, process->places.allgs, GO_GS_MAX, &first, &all);
	if (!err)
		err = count_carried(process, &carried);
	if (err)
		return err;
	census->gomaxprocs = (uint32_t)pieces->count;
	census->runnable = sched_u32(sched, layout->sched_runqsize) + sched_u32(sched, layout->sched_runq_size);
	if (!add_ps(process, pieces, census, &gone))
		return -EBADMSG;
	gone += free_goroutines(layout, sched);
	if (gone >= all || census->runnable > all)
		return -EBADMSG;
	census->goroutines = (uint32_t)(all - gone);
	census->system = sched_u32(sched, layout->sched_ngsys);
	census->running = carried.running;
	census->in_syscall = carried.in_syscall;
	/* 1.26 on: a P that waits for its M's system call is told by the goroutine */
	if (layout->sched_ngsyscall_no_p != GO_NO_OFFSET && census->p_running > carried.running) {
		uint32_t without = sched_u32(sched, layout->sched_ngsyscall_no_p), with;

		with = carried.in_syscall > without ? carried.in_syscall - without : 0;
		if (with > census->p_running)
			with = census->p_running;
		census->p_syscall = (uint16_t)with;
		census->p_running = (uint16_t)(census->p_running - with);
	}
	census->m_count = small(u64_at(sched, layout->sched_mnext) - u64_at(sched, layout->sched_nmfreed));
	census->m_idle = small(sched_u32(sched, layout->sched_nmidle));
	census->m_spinning = small(sched_u32(sched, layout->sched_nmspinning));
	census->m_locked = small(sched_u32(sched, layout->sched_nmidlelocked));
	return census->system > census->goroutines ? -EBADMSG : 0;
}

int go_census(struct go_process *process, struct go_census *ret_census)
{
	uint8_t *sched = xcalloc(1, (size_t)process->layout.sched_time_to_run + 8U);
	struct go_census census;
	uint32_t phase;
	int err = -EBADMSG;

	for (int i = 0; i < TRIES && err == -EBADMSG; i++) {
		struct pieces pieces = { 0 };

		err = read_once(process, &pieces, sched, &census);
		pieces_free(&pieces);
	}
	free(sched);
	if (err)
		return err == -EFAULT ? -EBADMSG : err;
	census.gc_known = process->places.gcphase && !memory_u32(&process->memory, process->places.gcphase, &phase);
	census.gc = census.gc_known && phase;
	go_renew(process, census.gomaxprocs);
	*ret_census = census;
	return 0;
}

/* --- what the runtime adds up itself ----------------------------------------------------------------------------------- */

int go_totals(struct go_process *process, struct go_totals *ret_totals)
{
	uint16_t at = process->layout.sched_total_mutex_wait;

	*ret_totals = (struct go_totals){ GO_UNKNOWN, GO_UNKNOWN, GO_UNKNOWN };
	if (at == GO_NO_OFFSET)
		return 0;
	return memory_u64(&process->memory, process->places.sched + at, &ret_totals->mutex_wait_ns);
}

#define SUB_BITS    2U /* runtime/histogram.go, timeHistogram: 1.20 on */
#define SUB_BUCKETS (1U << SUB_BITS)
#define MIN_BITS    9U
#define MAX_BITS    48U
#define BUCKETS     ((MAX_BITS - MIN_BITS + 1U) * SUB_BUCKETS)

/* The lower bound of bucket `i`; of the one behind the last, where the overflow begins. */
static uint64_t latency_bound(uint32_t i)
{
	uint32_t octave = i / SUB_BUCKETS, sub = i % SUB_BUCKETS;

	if (!octave)
		return (uint64_t)sub << (MIN_BITS - 1 - SUB_BITS);
	return 1ULL << (octave + MIN_BITS - 2) | (uint64_t)sub << (octave + MIN_BITS - 2 - SUB_BITS);
}

int go_latency(struct go_process *process, struct go_latency_bucket buckets[GO_LATENCY_BUCKETS], uint32_t *ret_count)
{
	uint64_t counts[BUCKETS + 2]; /* and underflow, overflow */
	int err;

	if (process->layout.minor < 20 || process->layout.sched_time_to_run == GO_NO_OFFSET)
		return -ENOTSUP;
	err = memory_read(&process->memory, process->places.sched + process->layout.sched_time_to_run, counts,
			  sizeof(counts));
	if (err)
		return err;
	for (uint32_t i = 0; i < BUCKETS; i++)
		buckets[i] = (struct go_latency_bucket){ latency_bound(i + 1), counts[i] };
	buckets[0].count += counts[BUCKETS]; /* clocks that went backwards: as good as no wait */
	buckets[BUCKETS] = (struct go_latency_bucket){ UINT64_MAX, counts[BUCKETS + 1] };
	*ret_count = BUCKETS + 1;
	return 0;
}
