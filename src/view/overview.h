/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The first and the last lines of a report: who was watched, the sentence in plain words, what was lost, the notes. */
#ifndef ROTA_VIEW_OVERVIEW_H
#define ROTA_VIEW_OVERVIEW_H

#include "view/page.h"

void overview_print_header(struct page *page, const struct rota_summary *summary, const char *command);
void overview_print_sentence(struct page *page, const struct rota_summary *summary);
void overview_print_loss(struct page *page, const struct rota_summary *summary); /* nothing where nothing was lost */
void overview_print_cost(struct page *page, const struct rota_summary *summary);
void overview_print_notes(struct page *page, const struct rota_summary *summary);

#endif
