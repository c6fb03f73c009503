/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is added up by goroutine in one window. Memory is bounded: goroutines that found no place are added up in one row of their
 * program. Number 0 of a program stands for no goroutine: the runtime's own code between them.
 */
#ifndef ROTA_METRIC_GOROUTINES_H
#define ROTA_METRIC_GOROUTINES_H

#include "rota/summary.h"

#include <stddef.h>

#define GOROUTINES_MAX         (1U << 18)
#define GOROUTINE_THREADS_TOLD 12U /* different threads that are told apart; it was on that many or more */
#define GOROUTINE_REST         UINT64_MAX
#define GOROUTINE_FOREIGN      (UINT64_MAX - 1) /* threads that Go does not know */

struct goroutine_sum {
	uint64_t goid;
	uint32_t program, switch_outs;
	uint64_t samples, exact_ns, runnable_ns, throttled_ns;
	uint64_t class_ns[ROTA_BLOCKED_CLASSES];
	uint32_t threads[GOROUTINE_THREADS_TOLD]; /* serials of those it was seen on */
	uint8_t thread_count;
	uint64_t cpus[]; /* bits: those it was seen on */
};

struct goroutines {
	uint32_t cpu_words; /* of cpus[] */
	size_t stride;
	uint8_t *sums;
	size_t capacity;
	uint32_t count;
	uint32_t *slots; /* hash → index + 1 */
	uint32_t slot_count;
	uint64_t folded; /* look-ups that ended in a rest */
};

void goroutines_init(struct goroutines *goroutines, uint32_t cpu_count);
void goroutines_fini(struct goroutines *goroutines);
void goroutines_begin(struct goroutines *goroutines); /* forgets all */
/* Valid until the next call. */
struct goroutine_sum *goroutines_at(struct goroutines *goroutines, uint32_t program, uint64_t goid);
/* Its number, from 0 on, with which goroutines_index() finds it. */
uint32_t goroutines_number(struct goroutines *goroutines, uint32_t program, uint64_t goid);
struct goroutine_sum *goroutines_index(const struct goroutines *goroutines, uint32_t index);
void goroutine_seen(struct goroutine_sum *sum, uint32_t thread_serial, uint16_t cpu, uint32_t cpu_words);

#endif
