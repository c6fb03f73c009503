/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef ROTA_BASE_CLOCK_H
#define ROTA_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* A clock's reading in nanoseconds: CLOCK_MONOTONIC is the time of every record. */
static inline uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000ULL + (uint64_t)now.tv_nsec;
}

#endif
