/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The lines of a report on limits from outside: quotas, the cpus that threads may use, cpus idle while threads waited. */
#ifndef ROTA_VIEW_LIMITS_H
#define ROTA_VIEW_LIMITS_H

#include "view/page.h"

/* Nothing where there is no limit and nothing was idle. */
void limits_print(struct page *page, const struct rota_summary *summary);

#endif
