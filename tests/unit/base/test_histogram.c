/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Buckets that tile the line, at most 1/128 wide, and quantiles beside those of the sorted durations. */
#include "base/histogram.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

Test(histogram, buckets_tile_the_line)
{
	cr_assert_eq(histogram_lower_ns(0), 0);
	cr_assert_eq(histogram_bucket(UINT64_MAX), HISTOGRAM_BUCKETS - 1);
	cr_assert_eq(histogram_upper_ns(HISTOGRAM_BUCKETS - 1), UINT64_MAX);
	for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		uint64_t lower = histogram_lower_ns(i), upper = histogram_upper_ns(i);

		cr_assert_eq(histogram_bucket(lower), i, "bucket %u", i);
		cr_assert_eq(histogram_bucket(upper), i, "bucket %u", i);
		if (i)
			cr_assert_eq(lower, histogram_upper_ns(i - 1) + 1, "bucket %u", i);
		if (i < 256)
			cr_assert_eq(lower, upper);
		else
			cr_assert_leq(upper - lower + 1, lower / 128, "bucket %u", i);
	}
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

Test(histogram, quantiles_beside_sorted_durations)
{
	enum { N = 20000 };
	static const double fractions[] = { 0, 0.01, 0.5, 0.9, 0.99, 0.999, 1 };
	static uint64_t sorted[N];
	struct rota_histogram histogram = { 0 };
	uint64_t state = 88172645463325252ULL, sum = 0;

	for (unsigned int i = 0; i < N; i++) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		sorted[i] = (state >> 20) >> (state % 44);
		sum += sorted[i];
		histogram_add(&histogram, sorted[i]);
	}
	qsort(sorted, N, sizeof(sorted[0]), compare);
	cr_assert_eq(histogram.count, N);
	cr_assert_eq(histogram.sum_ns, sum);
	cr_assert_eq(histogram.max_ns, sorted[N - 1]);
	for (unsigned int i = 0; i < sizeof(fractions) / sizeof(fractions[0]); i++) {
		unsigned int rank = (unsigned int)ceil(fractions[i] * N);
		uint64_t exact = sorted[rank ? rank - 1 : 0], got = histogram_quantile_ns(&histogram, fractions[i]);

		cr_expect_geq(got, exact, "fraction %g", fractions[i]);
		cr_expect_leq(got, exact + exact / 128, "fraction %g", fractions[i]);
	}
	histogram_fini(&histogram);
}

Test(histogram, empty_and_extreme)
{
	struct rota_histogram histogram = { 0 };

	cr_assert_eq(histogram_quantile_ns(&histogram, 0.5), 0);
	histogram_add(&histogram, 0);
	cr_assert_eq(histogram_quantile_ns(&histogram, 1), 0);
	histogram_add(&histogram, UINT64_MAX);
	cr_assert_eq(histogram_quantile_ns(&histogram, 1), UINT64_MAX);
	cr_assert_eq(histogram_quantile_ns(&histogram, 0.5), 0);
	histogram_fini(&histogram);
	cr_assert_null(histogram.buckets);
}

Test(histogram, merged_is_added)
{
	struct rota_histogram small = { 0 }, large = { 0 }, both = { 0 }, empty = { 0 };

	for (uint64_t ns = 1; ns < 1000; ns += 7)
		histogram_add(ns < 300 ? &small : &large, ns * ns), histogram_add(&both, ns * ns);
	histogram_merge(&small, &large);
	histogram_merge(&small, &empty);
	cr_assert_eq(small.count, both.count);
	cr_assert_eq(small.sum_ns, both.sum_ns);
	cr_assert_eq(small.max_ns, both.max_ns);
	for (uint32_t i = 0; i < both.bucket_count; i++)
		cr_assert_eq(i < small.bucket_count ? small.buckets[i] : 0, both.buckets[i]);
	histogram_fini(&small);
	histogram_fini(&large);
	histogram_fini(&both);
}
