/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: a path or nothing. Goes out: an open stream. Never leaves an empty file behind for a run that did not begin. */
#include "cmd/output.h"
#include "base/alloc.h"
#include "base/log.h"
#include "cmd/privilege.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int output_open(struct output *output, const char *path, FILE *usual)
{
	int fd, err;

	*output = (struct output){ .stream = usual };
	if (!path)
		return 0;
	if (!strcmp(path, "-")) {
		output->stream = stdout;
		return 0;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	output->created = fd >= 0;
	if (fd < 0 && errno == EEXIST)
		fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0) {
		err = -errno;
		log_error("cannot write %s: %s; choose another place with -o", path, strerror(-err));
		return err;
	}
	if (output->created && privilege_give_file(fd))
		log_warn("%s stays root's: %s", path, strerror(errno));
	output->stream = fdopen(fd, "w");
	if (!output->stream) {
		err = -errno;
		close(fd);
		return err;
	}
	output->path = xstrdup(path);
	return 0;
}

int output_close(struct output *output, bool keep)
{
	int err = 0;

	if (!output->stream)
		return 0;
	if (fflush(output->stream) || ferror(output->stream))
		err = errno ? -errno : -EIO;
	if (output->path) {
		if (fclose(output->stream) && !err)
			err = -errno;
		if (!keep && output->created)
			unlink(output->path);
	}
	if (err)
		log_error("cannot write %s: %s", output->path ? output->path : "the report", strerror(-err));
	free(output->path);
	*output = (struct output){ 0 };
	return err;
}

void output_adapt(FILE *stream, const struct options *options, const char *command, struct view_options *ret_view)
{
	struct view_options view = options->view;
	const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM"), *columns = getenv("COLUMNS");
	bool terminal = isatty(fileno(stream));
	struct winsize size;

	view.command = command;
	view.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	view.colour =
		terminal && !options->no_colour && !(no_colour && *no_colour) && term && strcmp(term, "dumb") != 0;
	if (!view.width && terminal && !ioctl(fileno(stream), TIOCGWINSZ, &size))
		view.width = size.ws_col;
	if (!view.width && columns)
		view.width = (uint32_t)strtoul(columns, NULL, 10);
	if (!view.width)
		view.width = 100;
	*ret_view = view;
}
