/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef ROTA_VIEW_SYSCALLS_H
#define ROTA_VIEW_SYSCALLS_H

#include "view/page.h"

/* The system calls of all threads, most time first, and what part of the running time was the kernel's; nothing without. */
void syscalls_print(struct page *page, const struct rota_summary *summary);
/* The pairs of waker and wakee, most frequent first; nothing where there are none. */
void wakeups_print(struct page *page, const struct rota_summary *summary);

#endif
