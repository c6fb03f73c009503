/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Targets in words. All results are malloc'd, one line, without control characters. Private to src/target. */
#ifndef ROTA_TARGET_DESCRIBE_H
#define ROTA_TARGET_DESCRIBE_H

#include <stddef.h>
#include <stdint.h>

#define DESCRIBE_COLUMNS 60 /* a command line, or a list of processes, is cut with "…" to fit */

/* `text` with '?' for each control character and each byte that is no UTF-8, cut to `columns` characters (0: not cut). */
char *describe_text(const char *text, size_t columns);
/* "checkout[4711]"; "3 processes: a[1], b[2], c[3]". `noun` is the plural. Names are read from /proc below root. */
char *describe_ids(const char *root, const uint32_t *ids, size_t count, const char *noun);
/* "make -j2 all" */
char *describe_command(char *const *command);

#endif
