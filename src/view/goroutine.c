/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: rows of goroutines and samples. Goes out: words. Cuts names, which may be of any length, at their beginning. */
#include "view/goroutine.h"
#include "view/number.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define Z_95 1.96 /* of the normal distribution: 95 % lie within so many standard deviations */

const char *goroutine_label(char *out, size_t size, const struct rota_goroutine *row)
{
	const char *start = row->start && row->start[0] ? row->start : "(not known)";
	char many[32] = "";
	size_t length, room;

	if (row->scheduler || row->foreign)
		return row->scheduler ? "(scheduler)" : "(C code)";
	if (!row->folded)
		return start;
	snprintf(many, sizeof(many), " (%" PRIu32 " of them)", row->folded);
	room = size - strlen(many) - sizeof("…");
	length = strlen(start);
	if (length <= room) {
		snprintf(out, size, "%s%s", start, many);
		return NULL;
	}
	start += length - room;
	while (((unsigned char)*start & 0xc0) == 0x80) /* not into a character */
		start++;
	snprintf(out, size, "…%s%s", start, many);
	return NULL;
}

const char *goroutine_kind(const struct rota_goroutine *row)
{
	if (row->scheduler)
		return "scheduler";
	if (row->foreign)
		return "C";
	return row->system ? "runtime" : "program";
}

const struct rota_runtime *goroutine_runtime(const struct rota_summary *summary, uint32_t tgid)
{
	for (uint32_t i = 0; i < summary->go.runtime_count; i++)
		if (summary->go.runtimes[i].tgid == tgid)
			return &summary->go.runtimes[i];
	return NULL;
}

uint64_t goroutine_running_ns(const struct rota_summary *summary, uint32_t tgid)
{
	const struct rota_runtime *runtime = goroutine_runtime(summary, tgid);

	return runtime ? runtime->running_ns : 0;
}

uint64_t goroutine_ns(double ns)
{
	return ns > 0 && ns < 1e19 ? (uint64_t)ns : 0;
}

const char *goroutine_sampled(char *out, size_t size, uint64_t part, uint64_t samples, bool utf8)
{
	double p = samples ? (double)part / (double)samples : 0;
	double error = samples ? Z_95 * sqrt(p * (1 - p) / (double)samples) : 0;
	char share[NUMBER_TEXT_SIZE], half[NUMBER_TEXT_SIZE];

	number_percent(share, sizeof(share), (double)part, (double)samples);
	if (samples && part && part < samples)
		snprintf(out, size, "%s %s %s", share, utf8 ? "±" : "+/-",
			 number_percent(half, sizeof(half), error, 1));
	else
		snprintf(out, size, "%s", share);
	return out;
}

bool goroutine_followed(const struct rota_runtime *runtime)
{
	return runtime->known_ns > 0;
}
