/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: a Go process. Goes out: how many of its goroutines are in which state, and what they wait for: all of them are looked
 * at, so it costs by goroutine. Their addresses are read a page at a time; each goroutine is one small read among many at once.
 */
#include "runtime/go_process.h"
#include "base/alloc.h"
#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define AT_ONCE    4096U
#define TRIAL      1024U /* goroutines that are looked at to know what one takes */
#define NS_A_GUESS 400U  /* where there is nothing to try */

struct tally {
	uint64_t count[16][GO_WAIT_REASONS];
	uint64_t gone;
};

/* Status and wait reason lie near each other: one piece. */
static void piece_of(const struct go_layout *layout, uint16_t *ret_at, uint16_t *ret_size)
{
	uint16_t low = layout->g_atomicstatus, high = layout->g_waitreason;

	if (high < low) {
		low = layout->g_waitreason;
		high = layout->g_atomicstatus;
	}
	*ret_at = low;
	*ret_size = (uint16_t)(high + 4 - low);
}

static int look(const struct go_process *process, uint64_t first, uint64_t count, struct tally *tally)
{
	const struct go_layout *layout = &process->layout;
	uint64_t *addresses = xcalloc(AT_ONCE, sizeof(*addresses));
	uint16_t at, size;
	uint8_t *pieces;
	int err = 0;

	piece_of(layout, &at, &size);
	pieces = xcalloc(AT_ONCE, size);
	for (uint64_t begin = 0; begin < count && !err; begin += AT_ONCE) {
		uint64_t some = count - begin < AT_ONCE ? count - begin : AT_ONCE;

		err = memory_read(&process->memory, first + begin * 8, addresses, some * sizeof(*addresses));
		for (uint64_t i = 0; i < some; i++)
			addresses[i] += at;
		if (!err)
			err = process->memory.read_many(process->memory.ctx, addresses, some, pieces, size);
		for (uint64_t i = 0; i < some && !err; i++) {
			const uint8_t *piece = pieces + i * size;
			uint8_t reason = piece[layout->g_waitreason - at];
			uint32_t status;

			memcpy(&status, piece + layout->g_atomicstatus - at, sizeof(status));
			status &= 0xfff;
			if (status == ROTA_GO_G_DEAD || status == ROTA_GO_G_IDLE || status == ROTA_GO_G_DEADEXTRA ||
			    status >= 16)
				tally->gone++;
			else
				tally->count[status][status == ROTA_GO_G_WAITING ? reason : 0]++;
		}
	}
	free(pieces);
	free(addresses);
	return err;
}

int go_scan_cost(struct go_process *process, uint64_t *ret_goroutines, uint64_t *ret_ns)
{
	struct tally *tally = xcalloc(1, sizeof(*tally));
	uint64_t first, count, trial, begin_ns = clock_ns(CLOCK_MONOTONIC);
	int err = go_slice(&process->memory, process->places.allgs, GO_GS_MAX, &first, &count);

	trial = !err && count < TRIAL ? count : TRIAL;
	if (!err)
		err = look(process, first, trial, tally);
	if (!err) {
		*ret_goroutines = count;
		*ret_ns = trial ? (clock_ns(CLOCK_MONOTONIC) - begin_ns) * count / trial : count * NS_A_GUESS;
	}
	free(tally);
	return err;
}

int go_scan(struct go_process *process, struct go_population populations[GO_POPULATIONS], uint32_t *ret_count)
{
	struct tally *tally = xcalloc(1, sizeof(*tally));
	uint64_t first, count;
	int err = go_slice(&process->memory, process->places.allgs, GO_GS_MAX, &first, &count);

	*ret_count = 0;
	if (!err)
		err = look(process, first, count, tally);
	for (unsigned int status = 0; status < 16 && !err; status++)
		for (unsigned int reason = 0; reason < GO_WAIT_REASONS && *ret_count < GO_POPULATIONS; reason++)
			if (tally->count[status][reason])
				populations[(*ret_count)++] =
					(struct go_population){ .status = (uint8_t)status,
								.reason = (uint8_t)reason,
								.count = tally->count[status][reason] };
	free(tally);
	return err;
}
