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
	int err;      /* of writing: the first one that was met, if any */
};

/*
 * `path` NULL: `usual`; "-": standard output; else a file, which belongs to whoever ran sudo. What is in the file stays
 * until output_begin(). 0, or -errno with what to do logged.
 */
int output_open(struct output *output, const char *path, FILE *usual);
/* The same with a file that must be new. -EEXIST, not logged: it is there already. */
int output_create(struct output *output, const char *path);
/*
 * To be called before anything is written, and before a window begins, as it may take long: empties a file that was there.
 * 0 or -errno, logged.
 */
int output_begin(struct output *output);
/* Closes. A file that was made for a run that failed (`keep` false) is removed again. 0 or -errno of writing, logged as output_end() does. */
int output_close(struct output *output, bool keep);
/* The end of a report on `stream`, whose view returned `err`. 0 or -errno, logged; a pipe that nobody reads is no news. */
int output_end(FILE *stream, int err);

/* Colour, UTF-8 and width as the options, the environment and the stream itself have it. */
void output_adapt(FILE *stream, const struct options *options, const char *command, struct view_options *ret_view);

#endif
