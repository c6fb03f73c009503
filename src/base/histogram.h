/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Buckets of struct rota_histogram (rota/summary.h): durations below 256 ns have a bucket each; above, every octave
 * [2^k, 2^(k+1)) is cut into 128 equal buckets, so a bucket is at most 1/128 of its lower edge wide (< 0.8 %).
 */
#ifndef ROTA_BASE_HISTOGRAM_H
#define ROTA_BASE_HISTOGRAM_H

#include "rota/summary.h"

#define HISTOGRAM_SUB_BITS 7
#define HISTOGRAM_BUCKETS  (256U + (64U - 8U) * 128U)

static inline uint32_t histogram_bucket(uint64_t ns)
{
	unsigned int octave;

	if (ns < 256)
		return (uint32_t)ns;
	octave = 63U - (unsigned int)__builtin_clzll(ns);
	return 256U + (octave - 8U) * 128U + (uint32_t)((ns >> (octave - HISTOGRAM_SUB_BITS)) & 127U);
}

uint64_t histogram_lower_ns(uint32_t bucket); /* smallest duration that falls into it */
uint64_t histogram_upper_ns(uint32_t bucket); /* largest duration that falls into it */

/* Grows the buckets as needed. Frees nothing: histogram_fini does. */
void histogram_add(struct rota_histogram *histogram, uint64_t ns);
void histogram_merge(struct rota_histogram *into, const struct rota_histogram *from);
void histogram_fini(struct rota_histogram *histogram);

/* The smallest upper bucket edge (never above max_ns) that at least `fraction` (0…1) of the durations do not exceed. */
uint64_t histogram_quantile_ns(const struct rota_histogram *histogram, double fraction);

#endif
