/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is known of Go programs as a whole, in a few lines each; nothing where there are none. */
#ifndef ROTA_VIEW_RUNTIMES_H
#define ROTA_VIEW_RUNTIMES_H

#include "view/page.h"

/* An item of the first line: "Go 1.24.4", "3 Go programs". */
void runtimes_print_header(struct page *page, const struct rota_summary *summary);
/* A list where there are several, then a block for each that is no part of Go's toolchain, the busiest first. */
void runtimes_print(struct page *page, const struct rota_summary *summary);
/* The busiest functions that goroutines began with, and what all of the program's and of the runtime's amount to. */
void runtimes_print_functions(struct page *page, const struct rota_summary *summary);
/* Sums over the rows of the table of goroutines: the program's, and the runtime's own. */
void runtimes_print_whose(struct page *page, const struct rota_summary *summary);

#endif
