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
#include <sys/stat.h>
#include <unistd.h>

/* Takes fd. */
static int open_stream(struct output *output, const char *path, int fd)
{
	int err;

	if (output->created && privilege_give_file(fd))
		log_warn("%s stays root's: %s", path, strerror(errno));
	output->stream = fdopen(fd, "w");
	if (!output->stream) {
		err = -errno;
		log_error("cannot write %s: %s", path, strerror(-err));
		close(fd);
		return err;
	}
	output->path = xstrdup(path);
	return 0;
}

static int refuse(const char *path, int err)
{
	log_error("cannot write %s: %s; choose another place with -o", path, strerror(-err));
	return err;
}

int output_create(struct output *output, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	*output = (struct output){ .created = true };
	if (fd < 0 && errno == EEXIST)
		return -EEXIST;
	return fd < 0 ? refuse(path, -errno) : open_stream(output, path, fd);
}

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
	err = output_create(output, path);
	if (err != -EEXIST)
		return err;
	output->created = false;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd < 0 ? refuse(path, -errno) : open_stream(output, path, fd);
}

int output_begin(struct output *output)
{
	struct stat status;
	int fd = fileno(output->stream);

	if (!output->path || output->created)
		return 0;
	if (fstat(fd, &status) || (S_ISREG(status.st_mode) && ftruncate(fd, 0)))
		return refuse(output->path, -errno);
	return 0;
}

int output_close(struct output *output, bool keep)
{
	int err = output->err;

	if (!output->stream)
		return 0;
	errno = 0;
	if (!err && (fflush(output->stream) || ferror(output->stream)))
		err = errno ? -errno : -EIO;
	if (output->path) {
		if (fclose(output->stream) && !err)
			err = -errno;
		if (!keep && output->created)
			unlink(output->path);
	}
	if (err && err != -EPIPE)
		log_error("cannot write %s: %s", output->path ? output->path : "the report", strerror(-err));
	free(output->path);
	*output = (struct output){ 0 };
	return err;
}

int output_end(FILE *stream, int err)
{
	if (err == -EINVAL)
		return err; /* the view has said what it did not understand */
	errno = 0;
	if (!err && (fflush(stream) || ferror(stream)))
		err = errno ? -errno : -EIO;
	if (err && err != -EPIPE)
		log_error("cannot write the report: %s", strerror(-err));
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
