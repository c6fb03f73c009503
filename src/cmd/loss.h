/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef ROTA_CMD_LOSS_H
#define ROTA_CMD_LOSS_H

#include "rota/summary.h"

#include <stdbool.h>

/* Says on stderr what was lost or damaged, if anything was. True: it was, and `fail` asks to fail for it. */
bool loss_report(const struct rota_summary *summary, bool fail);

#endif
