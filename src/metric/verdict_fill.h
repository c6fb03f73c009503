/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A summary that is complete but for its verdict, and the figures by second, come in; summary->verdict goes out. */
#ifndef ROTA_METRIC_VERDICT_FILL_H
#define ROTA_METRIC_VERDICT_FILL_H

#include "metric/seconds.h"

/* What verdict_say() has to talk about. */
struct verdict_case {
	struct rota_summary *summary;
	struct verdict_piece piece;
	struct verdict_machine machine;
	struct verdict_judgement judgement;
	const struct rota_thread_summary *lone; /* the one that ran alone most; NULL if none did */
	const struct rota_lock *lock; /* most waited for of those that waiters pass on; NULL if there is none */
};

void verdict_fill(struct rota_summary *summary, const struct seconds_track *track);
/* Writes sentence, advice, second_says and evidence of `about` into its summary. */
void verdict_say(const struct verdict_case *about);

#endif
