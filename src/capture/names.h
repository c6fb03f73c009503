/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What addresses in the target's processes are called: the addresses of locks that threads wait for, and with --stacks those
 * of stacks. Records go by; STACK and SYMBOL records go into the user-space stream, each once. Names are looked up between
 * drains and at rounds, in bounded time, while the processes live; what could not be named keeps its address.
 */
#ifndef ROTA_CAPTURE_NAMES_H
#define ROTA_CAPTURE_NAMES_H

#include "capture/drain.h"
#include "capture/text.h"

#define NAMES_STACKS_MAX    (1U << 18) /* different stacks of one capture; later ones are not told */
#define NAMES_ADDRESSES_MAX (1U << 18) /* different addresses, likewise */

struct names;
/* `drain` and `text` outlive it; `drain` calls it for the records it cares about. */
struct names *names_new(struct drain *drain, struct text *text);
void names_free(struct names *names);
/* Looks up what has come since, for about budget_ns. */
void names_work(struct names *names, uint64_t budget_ns);
/* Time has passed: processes may have mapped other files. */
void names_refresh(struct names *names);
uint64_t names_refused(const struct names *names); /* stacks and addresses that found no room */

#endif
