/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A trace read front to back into an analysis: what report does with a file, and demo with the sample. */
#ifndef ROTA_CMD_REPLAY_H
#define ROTA_CMD_REPLAY_H

#include "cmd/facts.h"
#include "cmd/options.h"

struct analysis;
struct rota_sink;

struct replay { /* all zero to begin with; must outlive the summary, whose topology it owns */
	struct facts facts;
	struct rota_topology *topology;
	struct analysis *analysis;
	const struct options *options;
	/* Where transitions and records go instead of a summary, asked when the facts are known. NULL: a summary is made. */
	struct rota_sink (*open_sink)(struct replay *replay);
	void *sink_ctx; /* for open_sink() */
};

/*
 * The trace that the command line names, or the newest .rota here: a descriptor (STDIN_FILENO for "-"), or -errno with the
 * reason logged. *ret_path is what to call it, owned by the caller.
 */
int replay_open(const struct options *options, char **ret_path);
/* 0 and a summary owned by the caller, or -errno with the reason logged; `name` is for messages. */
int replay_run(struct replay *replay, int fd, const char *name, const struct options *options,
	       struct rota_summary **ret_summary);
/* The same for open_sink(): 0, or -errno with the reason logged. */
int replay_events(struct replay *replay, int fd, const char *name, const struct options *options);
/* The window that --from and --to ask for; `ctx` is the replay. As a sink's clip wants it. */
void replay_window(void *ctx, uint64_t start_ns, uint64_t *ret_from_ns, uint64_t *ret_to_ns);
void replay_fini(struct replay *replay);

#endif
