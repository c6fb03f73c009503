/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Why a thread is off the run queue, as far as scheduler events alone tell: the raw task state bits of its last switch-out
 * come in, one of a few reasons goes out. The bits are only a reason, never the state (they can be stale).
 */
#ifndef ROTA_METRIC_BLOCKED_H
#define ROTA_METRIC_BLOCKED_H

#include "rota/transition.h"

enum blocked_reason {
	BLOCKED_UNKNOWN, /* it was off before the first switch seen, or the bits say nothing */
	BLOCKED_INTERRUPTIBLE,
	BLOCKED_UNINTERRUPTIBLE,
	BLOCKED_IOWAIT,
	BLOCKED_KILLABLE,
	BLOCKED_IDLE,
	BLOCKED_PARKED,
	BLOCKED_RTLOCK,
	BLOCKED_REASONS
};

enum blocked_reason blocked_reason(const struct rota_thread_transition *transition);
const char *blocked_reason_name(enum blocked_reason reason);

#endif
