/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Machines and habits for property tests, as different as may be: one for each seed. */
#ifndef SIM_CONFIGS_H
#define SIM_CONFIGS_H

#include "tool/sim/schedsim.h"

static inline struct schedsim_config sim_random_config(uint64_t seed)
{
	uint64_t random = seed * 0x9e3779b97f4a7c15ULL;

#define BITS(from, count) ((uint32_t)(random >> (from)) & ((1U << (count)) - 1U))
	return (struct schedsim_config){
		.packages = 1 + BITS(20, 1),
		.cores = 1 + BITS(22, 2) % 3,
		.smt = (const uint32_t[]){1, 2, 2, 4}
                   [BITS(25, 2)],
		.threads = 1 + BITS(28, 4),
		.strangers = BITS(33, 3),
		.steps = 100 + BITS(37, 9),
		.round_steps = 30 + BITS(47, 5),
		.every_switch = BITS(53, 3) == 0,
		.exec = true,
		.reuse = true,
		.membership = BITS(57, 1),
		.hotplug = BITS(58, 1),
		.throttle = BITS(59, 1),
		.ragged = BITS(60, 1),
	};
#undef BITS
}

#endif
