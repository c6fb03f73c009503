/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What threads were blocked for, and the locks among that. Nothing where the recording does not tell it. */
#ifndef ROTA_VIEW_BLOCKED_H
#define ROTA_VIEW_BLOCKED_H

#include "view/page.h"

void blocked_print(struct page *page, const struct rota_summary *summary);

#endif
