/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: durations. Goes out: counts a bucket and quantiles. Never loses one: count and sum are exact. */
#include "base/histogram.h"
#include "base/alloc.h"

#include <math.h>
#include <stdlib.h>

uint64_t histogram_lower_ns(uint32_t bucket)
{
	uint32_t octave, step;

	if (bucket < 256)
		return bucket;
	octave = (bucket - 256U) / 128U + 8U;
	step = (bucket - 256U) % 128U;
	return (1ULL << octave) + ((uint64_t)step << (octave - HISTOGRAM_SUB_BITS));
}

uint64_t histogram_upper_ns(uint32_t bucket)
{
	return bucket + 1 >= HISTOGRAM_BUCKETS ? UINT64_MAX : histogram_lower_ns(bucket + 1) - 1;
}

static void reserve(struct rota_histogram *histogram, uint32_t bucket)
{
	size_t capacity = histogram->bucket_count;

	if (bucket < histogram->bucket_count)
		return;
	histogram->buckets = xgrow(histogram->buckets, &capacity, bucket + 1U, sizeof(*histogram->buckets));
	histogram->bucket_count = (uint32_t)capacity;
}

void histogram_add(struct rota_histogram *histogram, uint64_t ns)
{
	uint32_t bucket = histogram_bucket(ns);

	reserve(histogram, bucket);
	histogram->buckets[bucket]++;
	histogram->count++;
	histogram->sum_ns += ns;
	if (ns > histogram->max_ns)
		histogram->max_ns = ns;
}

void histogram_merge(struct rota_histogram *into, const struct rota_histogram *from)
{
	if (from->bucket_count)
		reserve(into, from->bucket_count - 1);
	for (uint32_t i = 0; i < from->bucket_count; i++)
		into->buckets[i] += from->buckets[i];
	into->count += from->count;
	into->sum_ns += from->sum_ns;
	if (from->max_ns > into->max_ns)
		into->max_ns = from->max_ns;
}

void histogram_fini(struct rota_histogram *histogram)
{
	free(histogram->buckets);
	*histogram = (struct rota_histogram){ 0 };
}

uint64_t histogram_quantile_ns(const struct rota_histogram *histogram, double fraction)
{
	uint64_t rank = (uint64_t)ceil(fraction * (double)histogram->count), seen = 0;

	if (!histogram->count)
		return 0;
	if (!rank)
		rank = 1;
	for (uint32_t i = 0; i < histogram->bucket_count; i++) {
		seen += histogram->buckets[i];
		if (seen >= rank) {
			uint64_t upper = histogram_upper_ns(i);

			return upper < histogram->max_ns ? upper : histogram->max_ns;
		}
	}
	return histogram->max_ns;
}
