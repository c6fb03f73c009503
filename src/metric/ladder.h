/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The ladder's rungs, from OS threads down: a summary with levels and cpu times comes in, its rungs go out. Each rung's want
 * is the get of the rung above. Threads and cores have no get or want of their own: threads in progress want to run or not,
 * and which core runs is the kernel's choice.
 */
#ifndef ROTA_METRIC_LADDER_H
#define ROTA_METRIC_LADDER_H

#include "rota/summary.h"

/* `throttled_mean`: threads THROTTLED at once, mean over the known time. */
void ladder_fill(struct rota_summary *summary, double throttled_mean);

#endif
