/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Waiting for a cpu: how much, how long, why, for whom; and how threads came and went. */
#ifndef ROTA_VIEW_WAITS_H
#define ROTA_VIEW_WAITS_H

#include "view/page.h"

/* "label  envoy[812] 1.2 s · …": who, of a list that is sorted; nothing if it is empty */
void waits_print_whom(struct page *page, const char *label, const struct rota_waited_for *list, uint32_t list_count);
void waits_print(struct page *page, const struct rota_summary *summary);
void waits_print_longest(struct page *page, const struct rota_summary *summary, uint32_t limit); /* 0 = 5 */
void waits_print_switches(struct page *page,
			  const struct rota_summary *summary); /* switches, migrations, stolen time */

#endif
