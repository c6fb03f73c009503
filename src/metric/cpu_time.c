/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: occupancies and shares. Goes out: times that sum to the window for each cpu, whatever the shares claim. */
#include "metric/cpu_time.h"
#include "base/alloc.h"

#include <stdlib.h>

void cpu_time_init(struct cpu_time *time, const struct rota_topology *topology)
{
	*time = (struct cpu_time){ .topology = topology, .spans = xcalloc(topology->cpu_count, sizeof(*time->spans)) };
	for (uint32_t i = 0; i < topology->cpu_count; i++)
		time->spans[i].occupancy = topology->cpus[i].online ? ROTA_CPU_UNKNOWN : ROTA_CPU_OFFLINE;
}

void cpu_time_fini(struct cpu_time *time)
{
	while (time->held)
		free(cpu_time_release(time));
	free(time->current);
	free(time->spans);
	*time = (struct cpu_time){ 0 };
}

static void span_flush(struct cpu_time *time, uint32_t cpu, uint64_t ts_ns)
{
	struct cpu_span *span = &time->spans[cpu];
	uint64_t dt_ns = ts_ns > span->now_ns ? ts_ns - span->now_ns : 0;

	span->now_ns += dt_ns;
	span->other_ns += span->occupancy == ROTA_CPU_OTHER ? dt_ns : 0;
	span->idle_ns += span->occupancy == ROTA_CPU_IDLE ? dt_ns : 0;
	if (time->current)
		time->current->cpus[cpu].ns[span->occupancy] += dt_ns;
	if (span->occupancy != ROTA_CPU_AWAY)
		return;
	if (time->current)
		time->current->cpus[cpu].open_ns += dt_ns;
	else
		span->outside_ns += dt_ns;
}

/* Nothing before ts_ns waits for a share of this cpu any more. */
static void span_begin(struct cpu_time *time, uint32_t cpu, uint64_t ts_ns)
{
	struct cpu_span *span = &time->spans[cpu];

	span->since_ns = ts_ns;
	span->other_ns = span->idle_ns = span->outside_ns = 0;
	for (struct cpu_piece *piece = time->held; piece; piece = piece->next)
		piece->cpus[cpu].open_ns = 0;
	if (time->current)
		time->current->cpus[cpu].open_ns = 0;
}

struct cpu_piece *cpu_piece_new(const struct cpu_time *time)
{
	return xcalloc(1, sizeof(struct cpu_piece) + time->topology->cpu_count * sizeof(struct cpu_piece_time));
}

static void flush_all(struct cpu_time *time, uint64_t ts_ns)
{
	for (uint32_t i = 0; i < time->topology->cpu_count; i++)
		span_flush(time, i, ts_ns);
}

void cpu_time_begin(struct cpu_time *time, uint64_t ts_ns)
{
	flush_all(time, ts_ns);
	time->current = cpu_piece_new(time);
}

void cpu_time_cut(struct cpu_time *time, uint64_t ts_ns, bool last)
{
	struct cpu_piece **tail = &time->held;

	flush_all(time, ts_ns);
	while (*tail)
		tail = &(*tail)->next;
	*tail = time->current;
	time->current = last ? NULL : cpu_piece_new(time);
}

void cpu_time_occupancy(struct cpu_time *time, uint32_t cpu, uint8_t to, uint64_t ts_ns)
{
	struct cpu_span *span = &time->spans[cpu];
	bool gap;

	if (to == span->occupancy)
		return;
	gap = span->occupancy == ROTA_CPU_UNKNOWN || span->occupancy == ROTA_CPU_OFFLINE || to == ROTA_CPU_UNKNOWN ||
	      to == ROTA_CPU_OFFLINE;

	span_flush(time, cpu, ts_ns);
	if (gap) {
		span_begin(time, cpu, ts_ns);
		span->ratio_ns = 0;
	}
	span->occupancy = to;
}

static uint64_t open_sum(const struct cpu_time *time, uint32_t cpu)
{
	uint64_t sum_ns = time->current ? time->current->cpus[cpu].open_ns : 0;

	for (const struct cpu_piece *piece = time->held; piece; piece = piece->next)
		sum_ns += piece->cpus[cpu].open_ns;
	return sum_ns;
}

static uint64_t scale(uint64_t value, uint64_t by, uint64_t of)
{
	return of ? (uint64_t)((unsigned __int128)value * by / of) : 0;
}

struct told { /* of `open_ns`, known_ns are known, and other_ns of these are other; known_ns ≤ open_ns */
	uint64_t open_ns, known_ns, other_ns;
};

/* Takes one piece's part of what is left; rounding goes to the pieces after it, and the last takes the rest. */
static void piece_take(struct cpu_piece_time *piece, struct told *left)
{
	uint64_t known_ns = scale(left->known_ns, piece->open_ns, left->open_ns);
	uint64_t other_ns = scale(left->other_ns, known_ns, left->known_ns);

	piece->other_ns += other_ns;
	piece->idle_ns += known_ns - other_ns;
	left->open_ns -= piece->open_ns;
	left->known_ns -= known_ns;
	left->other_ns -= other_ns;
	piece->open_ns = 0;
}

static void distribute(struct cpu_time *time, uint32_t cpu, struct told told)
{
	for (struct cpu_piece *piece = time->held; piece; piece = piece->next)
		piece_take(&piece->cpus[cpu], &told);
	if (time->current)
		piece_take(&time->current->cpus[cpu], &told);
}

static uint64_t minus(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t slack_of(uint64_t share_ns)
{
	return least(share_ns / CPU_TIME_SLACK_FRACTION, CPU_TIME_SLACK_NS);
}

void cpu_time_share(struct cpu_time *time, const struct rota_cpu_share *share)
{
	struct cpu_span *span = &time->spans[share->cpu];
	uint64_t length_ns = minus(share->ts_ns, share->since_ns), doubt_ns, other_ns, idle_ns,
		 slack_ns = slack_of(length_ns);
	struct told told;

	span_flush(time, share->cpu, share->ts_ns);
	/* no claim may overflow the sums below, nor be larger than the share */
	other_ns = least(minus(share->other_ns, span->other_ns), least(length_ns, UINT64_MAX / 4));
	idle_ns = least(minus(share->idle_ns, span->idle_ns), least(length_ns, UINT64_MAX / 4));
	doubt_ns = span->outside_ns + minus(share->since_ns, span->since_ns) + minus(span->since_ns, share->since_ns);
	told.open_ns = open_sum(time, share->cpu);
	if (doubt_ns <= slack_ns) {
		told.known_ns = least(told.open_ns, other_ns + idle_ns + slack_ns);
		told.other_ns = scale(told.known_ns, other_ns, other_ns + idle_ns);
	} else {
		told.other_ns = least(told.open_ns, minus(other_ns, doubt_ns));
		told.known_ns = least(told.open_ns, told.other_ns + minus(idle_ns, doubt_ns));
	}
	distribute(time, share->cpu, told);
	span_begin(time, share->cpu, share->ts_ns);
	span->ratio_ns = length_ns;
	span->ratio_of[0] = other_ns;
	span->ratio_of[1] = idle_ns;
}

void cpu_time_settle(struct cpu_time *time)
{
	for (uint32_t i = 0; i < time->topology->cpu_count; i++) {
		const struct cpu_span *span = &time->spans[i];
		uint64_t open_ns = open_sum(time, i), sum_ns = span->ratio_of[0] + span->ratio_of[1];

		if (span->ratio_ns && sum_ns && open_ns <= slack_of(span->ratio_ns))
			distribute(time, i,
				   (struct told){ open_ns, open_ns, scale(open_ns, span->ratio_of[0], sum_ns) });
		span_begin(time, i, span->now_ns);
	}
}

bool cpu_piece_open(const struct cpu_time *time, const struct cpu_piece *piece)
{
	for (uint32_t i = 0; i < time->topology->cpu_count; i++) {
		if (piece->cpus[i].open_ns)
			return true;
	}
	return false;
}

struct cpu_piece *cpu_time_release(struct cpu_time *time)
{
	struct cpu_piece *piece = time->held;

	time->held = piece->next;
	piece->next = NULL;
	return piece;
}

void cpu_piece_add(const struct cpu_time *time, struct cpu_piece *into, const struct cpu_piece *from)
{
	for (uint32_t i = 0; i < time->topology->cpu_count; i++) {
		for (unsigned int k = 0; k < ROTA_OCCUPANCIES; k++)
			into->cpus[i].ns[k] += from->cpus[i].ns[k];
		into->cpus[i].other_ns += from->cpus[i].other_ns;
		into->cpus[i].idle_ns += from->cpus[i].idle_ns;
	}
}

uint64_t cpu_piece_fill(const struct cpu_piece *piece, struct rota_summary *summary)
{
	uint64_t untold_sum_ns = 0;

	for (uint32_t i = 0; i < summary->cpu_count; i++) {
		struct rota_cpu_summary *row = &summary->cpus[i];
		const struct cpu_piece_time *cpu = &piece->cpus[row->cpu];
		uint64_t untold_ns = cpu->ns[ROTA_CPU_AWAY] - cpu->other_ns - cpu->idle_ns;

		row->target_ns = cpu->ns[ROTA_CPU_TARGET];
		row->other_ns = cpu->ns[ROTA_CPU_OTHER] + cpu->other_ns;
		row->idle_ns = cpu->ns[ROTA_CPU_IDLE] + cpu->idle_ns;
		row->offline_ns = cpu->ns[ROTA_CPU_OFFLINE];
		row->unknown_ns = cpu->ns[ROTA_CPU_UNKNOWN] + untold_ns;
		untold_sum_ns += untold_ns;
	}
	return untold_sum_ns;
}
