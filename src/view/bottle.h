/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * --bottle: a bottle graph (Du Bois, Sartor, Eyerman, Eeckhout: Bottle Graphs, OOPSLA 2013). One box a thread: its height is
 * the share of the running time that the thread held up (criticality / Σ criticality), its width how many threads ran on
 * average while it did; stacked with the widest at the bottom, so that what holds the program up is the neck. (The paper's
 * width is running time / height, the harmonic mean of the same; rota draws the mean that its other views show.)
 */
#ifndef ROTA_VIEW_BOTTLE_H
#define ROTA_VIEW_BOTTLE_H

#include "view/page.h"

/* Threads too short for a line of their own share a box. Nothing ran: says so. */
void bottle_print(struct page *page, const struct rota_summary *summary);

#endif
