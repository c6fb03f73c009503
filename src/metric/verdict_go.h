/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a verdict says where the program is a Go program: about GOMAXPROCS, what it is, who set it, and what it should be. */
#ifndef ROTA_METRIC_VERDICT_GO_H
#define ROTA_METRIC_VERDICT_GO_H

#include "metric/verdict_fill.h"

/* The Go program that most of the running time is of; NULL: there is none, or it is not looked into. */
const struct rota_runtime *verdict_go_runtime(const struct rota_summary *summary);
/* Goroutines that wait for a mutex, of which the kernel knows nothing: sentence, advice and evidence of ROTA_LIMIT_LOCK. */
void verdict_go_say_lock(const struct verdict_case *about);
/* ROTA_LIMIT_RUNTIME: sentence, advice and evidence. */
void verdict_go_say(const struct verdict_case *about);
/* Any other limit: the advice where GOMAXPROCS is part of it, and evidence. Nothing where most that runs is no Go program. */
void verdict_go_advise(const struct verdict_case *about);

#endif
