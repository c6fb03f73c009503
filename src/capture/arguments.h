/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef ROTA_CAPTURE_ARGUMENTS_H
#define ROTA_CAPTURE_ARGUMENTS_H

#include "rota/settings.h"

/* What the first argument of each system call is, for this machine's native calls and its 32-bit ones. */
void arguments_fill(struct bpf_call_arguments *ret_arguments);

#endif
