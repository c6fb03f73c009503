/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A trace read front to back into an analysis: what report does with a file, and demo with the sample. */
#ifndef ROTA_CMD_REPLAY_H
#define ROTA_CMD_REPLAY_H

#include "cmd/facts.h"
#include "cmd/options.h"

struct analysis;

struct replay { /* all zero to begin with; must outlive the summary, whose topology it owns */
	struct facts facts;
	struct rota_topology *topology;
	struct analysis *analysis;
	const struct options *options;
	bool window_empty; /* --from and --to leave nothing */
};

/* 0 and a summary owned by the caller, or -errno with the reason logged; `name` is for messages. */
int replay_run(struct replay *replay, int fd, const char *name, const struct options *options,
	       struct rota_summary **ret_summary);
void replay_fini(struct replay *replay);

#endif
