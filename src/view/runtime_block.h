/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One Go program in a few lines: its Ps, its goroutines, its threads, its collector. */
#ifndef ROTA_VIEW_RUNTIME_BLOCK_H
#define ROTA_VIEW_RUNTIME_BLOCK_H

#include "view/page.h"

void runtime_block_print(struct page *page, const struct rota_summary *summary, const struct rota_runtime *runtime);

#endif
