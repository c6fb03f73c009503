/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The values of options, from text. Each function gets the option's long name for its message; 0, or -EINVAL with the
 * reason logged and the output untouched.
 */
#ifndef ROTA_CMD_VALUE_H
#define ROTA_CMD_VALUE_H

#include "view/view.h"

#include <stdbool.h>
#include <stdint.h>

struct time_point { /* --from, --to: nothing, an offset from the start, or a time of day */
	enum { TIME_NONE, TIME_OFFSET, TIME_CLOCK } kind;
	uint64_t offset_ns;
	int64_t clock_ns; /* nanoseconds since midnight, or since 1970 where `dated` */
	bool dated;
};

/* Logs "--name text: why" and returns -EINVAL. */
int value_refuse(const char *name, const char *text, const char *why);
int value_duration(const char *name, const char *text, uint64_t *ret_ns); /* above zero */
int value_count(const char *name, const char *text, uint32_t max, uint32_t *ret_count);
int value_ring(const char *text, uint64_t *ret_bytes); /* rounded up to a power of two pages */
int value_time(const char *name, const char *text, struct time_point *ret_point);
/* Which of the words in `words`, one space between them, `text` is: 0, 1, … */
int value_word(const char *name, const char *text, const char *words, unsigned int *ret_word);
int value_table(const char *text, enum view_table *ret_table);
int value_timeline(const char *text, enum view_timeline *ret_timeline); /* NULL: by thread */

#endif
