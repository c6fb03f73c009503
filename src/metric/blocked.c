/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: raw task state bits. Goes out: a reason and its name. */
#include "metric/blocked.h"

/* include/linux/sched.h (5.14 to 6.18); the bits up to 0x400 have been the same since 4.14 */
#define TASK_INTERRUPTIBLE   0x0001U
#define TASK_UNINTERRUPTIBLE 0x0002U
#define TASK_PARKED          0x0040U
#define TASK_WAKEKILL        0x0100U
#define TASK_NOLOAD          0x0400U
#define TASK_RTLOCK_WAIT     0x1000U

static const struct {
	uint16_t bits; /* all of them set */
	enum blocked_reason reason;
} rules[] = {
  /* the first that fits */
	{TASK_INTERRUPTIBLE,                    BLOCKED_INTERRUPTIBLE  },
	{ TASK_UNINTERRUPTIBLE | TASK_NOLOAD,   BLOCKED_IDLE           },
	{ TASK_UNINTERRUPTIBLE | TASK_WAKEKILL, BLOCKED_KILLABLE       },
	{ TASK_UNINTERRUPTIBLE,                 BLOCKED_UNINTERRUPTIBLE},
	{ TASK_PARKED,			  BLOCKED_PARKED         },
	{ TASK_RTLOCK_WAIT,                     BLOCKED_RTLOCK         }
};

enum blocked_reason blocked_reason(const struct rota_thread_transition *transition)
{
	if (transition->flags & ROTA_TRANSITION_IOWAIT)
		return BLOCKED_IOWAIT;
	for (unsigned int i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if ((transition->raw_state & rules[i].bits) == rules[i].bits)
			return rules[i].reason;
	}
	return BLOCKED_UNKNOWN;
}

const char *blocked_reason_name(enum blocked_reason reason)
{
	static const char *const names[BLOCKED_REASONS] = {
		[BLOCKED_UNKNOWN] = "unknown",
		[BLOCKED_INTERRUPTIBLE] = "interruptible",
		[BLOCKED_UNINTERRUPTIBLE] = "uninterruptible",
		[BLOCKED_IOWAIT] = "iowait",
		[BLOCKED_KILLABLE] = "killable",
		[BLOCKED_IDLE] = "idle",
		[BLOCKED_PARKED] = "parked",
		[BLOCKED_RTLOCK] = "rtlock",
	};

	return names[reason];
}
