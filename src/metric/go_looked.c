/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: values and when they were seen. Goes out: time at each level. Large values share levels: their number is bounded. */
#include "metric/go_looked.h"
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

void looked_fini(struct looked *looked)
{
	free(looked->levels);
	*looked = (struct looked){ 0 };
}

void looked_begin(struct looked *looked, uint64_t ts_ns)
{
	bool known = looked->known;
	uint64_t value = looked->value;

	looked_fini(looked);
	if (known)
		looked_set(looked, value, ts_ns);
}

static void count(struct looked *looked, uint64_t value, uint64_t ns)
{
	if (!looked->levels)
		looked->levels = xcalloc(ROTA_LOOKED_LEVELS, sizeof(*looked->levels));
	while (value >> looked->shift >= ROTA_LOOKED_LEVELS) {
		for (uint32_t i = 0; i < ROTA_LOOKED_LEVELS / 2; i++)
			looked->levels[i] = looked->levels[2 * i] + looked->levels[2 * i + 1];
		memset(looked->levels + ROTA_LOOKED_LEVELS / 2, 0, ROTA_LOOKED_LEVELS / 2 * sizeof(*looked->levels));
		looked->shift++;
	}
	looked->levels[value >> looked->shift] += ns;
}

void looked_flush(struct looked *looked, uint64_t ts_ns)
{
	uint64_t ns = looked->known && ts_ns > looked->since_ns ? ts_ns - looked->since_ns : 0;

	looked->since_ns = ts_ns;
	if (!ns)
		return;
	looked->ns += ns;
	looked->area += (double)looked->value * (double)ns;
	if (looked->value < looked->min || looked->ns == ns)
		looked->min = looked->value;
	if (looked->value > looked->max)
		looked->max = looked->value;
	count(looked, looked->value, ns);
}

void looked_set(struct looked *looked, uint64_t value, uint64_t ts_ns)
{
	looked_flush(looked, ts_ns);
	looked->known = true;
	looked->value = value;
	looked->since_ns = ts_ns;
	looked->looks++;
}

void looked_unset(struct looked *looked, uint64_t ts_ns)
{
	looked_flush(looked, ts_ns);
	looked->known = false;
}

void looked_take(const struct looked *looked, struct rota_looked_at *ret_looked)
{
	*ret_looked = (struct rota_looked_at){ .looks = looked->ns ? looked->looks : 0, .looked_ns = looked->ns };
	if (!looked->ns)
		return;
	ret_looked->mean = looked->area / (double)looked->ns;
	ret_looked->min = looked->min;
	ret_looked->max = looked->max;
	ret_looked->levels = xcalloc(ROTA_LOOKED_LEVELS, sizeof(*ret_looked->levels));
	for (uint32_t i = 0; i < ROTA_LOOKED_LEVELS; i++)
		if (looked->levels[i])
			ret_looked->levels[ret_looked->level_count++] =
				(struct rota_level_ns){ (uint64_t)i << looked->shift, looked->levels[i] };
}
