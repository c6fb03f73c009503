/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Durations as people type and read them. */
#ifndef ROTA_BASE_DURATION_H
#define ROTA_BASE_DURATION_H

#include <stddef.h>
#include <stdint.h>

/*
 * "500ms", "10s", "2m", "1h", "250us", "1.5s"; a bare number is seconds. 0 on success; -EINVAL for anything else,
 * -ERANGE for a duration that is zero, negative or above 2^62 ns. *ret_ns is not touched on failure.
 */
int duration_parse(const char *text, uint64_t *ret_ns);

/* "88.1 ms", "1.20 s", "3 m 20 s", "940 ns": three significant digits and a unit. Returns `out`. */
const char *duration_format(char *out, size_t size, uint64_t ns);
#define DURATION_TEXT_SIZE 32

#endif
