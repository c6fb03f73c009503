/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Texts that records refer to by number (TEXT): a string comes in, its number goes out, and the pieces go into the
 * user-space stream when it is new. One table for a capture, shared by all that tell names: cgroups, symbols, modules.
 */
#ifndef ROTA_CAPTURE_TEXT_H
#define ROTA_CAPTURE_TEXT_H

#include "capture/drain.h"

#define TEXT_LENGTH_MAX 4096U       /* bytes of one text; the rest is cut */
#define TEXT_COUNT_MAX  (1U << 18)  /* texts of one capture; beyond them text_intern() returns 0 */
#define TEXT_BYTES_MAX  (32U << 20) /* of all of them together */

struct text;
/* `drain` outlives it. */
struct text *text_new(struct drain *drain);
void text_free(struct text *text);
/*
 * The number of `string`, from 1 on; told at once (its time is that of the call), before any record that the caller puts
 * after it. 0 for NULL, for "", and where there is no room: "no text".
 */
uint32_t text_intern(struct text *text, const char *string);
uint64_t text_refused(const struct text *text); /* calls that found no room */

#endif
