/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: a number. Goes out: its text. Never rounds something to nothing or almost all to all. */
#include "view/number.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

const char *number_count(char *out, size_t size, uint64_t count)
{
	char digits[24], text[NUMBER_TEXT_SIZE];
	size_t length = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, count), used = 0;

	for (size_t i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			text[used++] = ',';
		text[used++] = digits[i];
	}
	text[used] = 0;
	snprintf(out, size, "%s", text);
	return out;
}

const char *number_mean(char *out, size_t size, double mean)
{
	double hundredths = round(fabs(mean) * 100);
	char whole[NUMBER_TEXT_SIZE];

	if (!(hundredths < 1e18)) {
		snprintf(out, size, "%.3g", mean);
		return out;
	}
	if (mean != 0 && hundredths == 0) {
		snprintf(out, size, mean > 0 ? "<0.01" : ">-0.01");
		return out;
	}
	number_count(whole, sizeof(whole), (uint64_t)hundredths / 100);
	snprintf(out, size, "%s%s.%02u", mean < 0 ? "-" : "", whole, (unsigned int)((uint64_t)hundredths % 100));
	return out;
}

const char *number_percent(char *out, size_t size, double part, double whole)
{
	double percent = 100 * part / whole;

	if (!(whole > 0) || isnan(part))
		snprintf(out, size, "–");
	else if (part == 0 || part == whole)
		snprintf(out, size, part == 0 ? "0 %%" : "100 %%");
	else if (percent > 0 && percent < 0.05)
		snprintf(out, size, "<0.1 %%");
	else if (percent < 100 && percent >= 99.95)
		snprintf(out, size, ">99.9 %%");
	else
		snprintf(out, size, "%.*f %%", percent < 999.95 ? 1 : 0, percent);
	return out;
}

const char *number_seconds(char *out, size_t size, uint64_t ns)
{
	snprintf(out, size, "%" PRIu64 ".%09" PRIu64, ns / 1000000000U, ns % 1000000000U);
	return out;
}

const char *number_microseconds(char *out, size_t size, uint64_t ns)
{
	snprintf(out, size, "%" PRIu64 ".%03" PRIu64, ns / 1000U, ns % 1000U);
	return out;
}
