/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef ROTA_CMD_STAT_H
#define ROTA_CMD_STAT_H

#include "cmd/options.h"

/* One observation and its report, as `rota stat` makes it; `command` is the name in its first line. Returns the exit status. */
int stat_observe(const struct options *options, const char *command);

#endif
