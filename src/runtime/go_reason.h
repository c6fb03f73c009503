/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the numbers of wait reasons mean, by version of Go. */
#ifndef ROTA_RUNTIME_GO_REASON_H
#define ROTA_RUNTIME_GO_REASON_H

#include <stdint.h>

/* "chan receive"; "" where that version has no such number. `minor`: 24 of go1.24. */
const char *go_reason_of(unsigned int minor, uint8_t number);

#endif
