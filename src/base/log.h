/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What rota says on stderr. One line a message: "rota: …". With JSON errors on, an error is {"error": "…"} on one line.
 * Say what failed, on what, why, and what to do next; once, where the facts are known. Safe from any thread.
 */
#ifndef ROTA_BASE_LOG_H
#define ROTA_BASE_LOG_H

#include <stdbool.h>

enum log_level { LOG_QUIET, LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Set once, before threads start. Default: LOG_INFO, no JSON. */
void log_setup(enum log_level level, bool json_errors);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
