/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * --timeline: who ran where when, one row a hardware thread, siblings adjacent, one character a slice of time: by thread, by
 * P, by goroutine, or a row for each of the three.
 */
#ifndef ROTA_VIEW_STRIP_H
#define ROTA_VIEW_STRIP_H

#include "view/page.h"

/* Nothing for VIEW_TIMELINE_NONE. */
void strip_print(struct page *page, const struct rota_summary *summary, enum view_timeline timeline);

#endif
