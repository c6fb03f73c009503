/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where results go: standard output, standard error or a file; and what that place can show. */
#ifndef ROTA_CMD_OUTPUT_H
#define ROTA_CMD_OUTPUT_H

#include "cmd/options.h"

#include <stdio.h>

struct output {
	FILE *stream;
	char *path;   /* a file that was made or emptied for this; NULL: a standard stream */
	bool created; /* it was not there before */
};

/*
 * `path` NULL: `usual`; "-": standard output; else a file, which belongs to whoever ran sudo. 0, or -errno with what to do
 * logged.
 */
int output_open(struct output *output, const char *path, FILE *usual);
/* Closes. A file that was made for a run that failed (`keep` false) is removed again. 0 or -errno of the last write. */
int output_close(struct output *output, bool keep);

/* Colour, UTF-8 and width as the options, the environment and the stream itself have it. */
void output_adapt(FILE *stream, const struct options *options, const char *command, struct view_options *ret_view);

#endif
