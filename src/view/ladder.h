/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The ladder, and how the time was shared by how many ran at once: from the work down to the silicon. */
#ifndef ROTA_VIEW_LADDER_H
#define ROTA_VIEW_LADDER_H

#include "view/page.h"

void ladder_print(struct page *page, const struct rota_summary *summary);
void ladder_print_levels(struct page *page, const struct rota_summary *summary); /* "running at once" */
void ladder_print_smt(struct page *page, const struct rota_summary *summary);    /* "SMT sibling" */

#endif
