/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef ROTA_CAPTURE_GLOB_H
#define ROTA_CAPTURE_GLOB_H

#include "rota/settings.h"

/*
 * Compiles an fnmatch(3) pattern (`*`, `?`, `[a-z]`, `[!a-z]`, `\x`) for the kernel side. Names there have 15 bytes: a
 * literal of more is cut to 15, as the kernel cuts names. 0; -EINVAL: a bracket without end, or nothing at all;
 * -E2BIG: more than 31 tokens, which no name can match.
 */
int glob_compile(const char *pattern, struct bpf_glob *ret_glob);

#endif
