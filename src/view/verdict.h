/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The verdict as text: the lines LIMIT and TRY that open a report, and the line of limits by second. */
#ifndef ROTA_VIEW_VERDICT_H
#define ROTA_VIEW_VERDICT_H

#include "view/page.h"

/* LIMIT, TRY; with --explain the evidence and the second best, too. */
void verdict_print(struct page *page, const struct rota_summary *summary);
/* One letter a second, or for more if there are more than fit, and what the letters mean. Nothing for less than two seconds. */
void verdict_print_seconds(struct page *page, const struct rota_summary *summary);

#endif
