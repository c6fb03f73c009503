/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The ids a person typed, and whether each can be followed. Every refusal is logged here. Private to src/target. */
#ifndef ROTA_TARGET_CHECK_H
#define ROTA_TARGET_CHECK_H

#include "target/idlist.h"

/* "4711" or "4711,4712"; an id given twice counts once. 0, -EINVAL for another text, -ESRCH for an id no kernel gives. */
int check_parse(const char *option, const char *text, struct idlist *list);
/* 0 and a pidfd (-1 where the kernel or `root` has none), or -ESRCH, -EINVAL, -errno. */
int check_process(const char *root, uint32_t tgid, int *ret_pidfd);
int check_thread(const char *root, uint32_t tid);

#endif
