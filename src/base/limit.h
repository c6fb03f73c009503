/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names of what limits a program (enum rota_limit), as JSON, the text report and docs/verdicts.md spell them. */
#ifndef ROTA_BASE_LIMIT_H
#define ROTA_BASE_LIMIT_H

#include "rota/summary.h"

const char *limit_name(uint8_t limit); /* "io-disk"; "unknown" for a number that is none */
/* One character for a second: capital letters, "·" for none, "?" for unknown. A string, because it may be UTF-8. */
const char *limit_letter(uint8_t limit);

#endif
