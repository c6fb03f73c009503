/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* --timeline: who ran where when, one row a hardware thread, siblings adjacent, one character a slice of time. */
#ifndef ROTA_VIEW_STRIP_H
#define ROTA_VIEW_STRIP_H

#include "view/page.h"

void strip_print(struct page *page, const struct rota_summary *summary);

#endif
