/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Numbers as a report prints them. Each returns `out`, NUL-terminated, cut to `size`. Durations: base/duration.h. */
#ifndef ROTA_VIEW_NUMBER_H
#define ROTA_VIEW_NUMBER_H

#include <stddef.h>
#include <stdint.h>

#define NUMBER_TEXT_SIZE 40

/* 1204 → "1,204" */
const char *number_count(char *out, size_t size, uint64_t count);
/* A mean, two decimals: 1204.5 → "1,204.50"; what would round to 0 without being 0 → "<0.01". */
const char *number_mean(char *out, size_t size, double mean);
/* part of whole, one decimal: "71.9 %". "0 %" and "100 %" mean exactly that, else "<0.1 %", ">99.9 %"; whole 0 → "–". */
const char *number_percent(char *out, size_t size, double part, double whole);
/* "seconds.nanoseconds", exact: 1500000001 → "1.500000001" */
const char *number_seconds(char *out, size_t size, uint64_t ns);
/* "microseconds.nanoseconds", exact */
const char *number_microseconds(char *out, size_t size, uint64_t ns);

#endif
