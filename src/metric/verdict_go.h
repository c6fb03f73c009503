/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a verdict says where the program is a Go program: about GOMAXPROCS, what it is, who set it, and what it should be. */
#ifndef ROTA_METRIC_VERDICT_GO_H
#define ROTA_METRIC_VERDICT_GO_H

#include "metric/verdict_fill.h"

/* ROTA_LIMIT_RUNTIME: sentence, advice and evidence. */
void verdict_go_say(const struct verdict_case *about);
/* Any other limit: the advice where GOMAXPROCS is part of it, and evidence. Nothing where most that runs is no Go program. */
void verdict_go_advise(const struct verdict_case *about);

#endif
