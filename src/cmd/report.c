/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rota report: a trace file or pipe through the same analysis as a live run, and its summary to a view. */
#include "base/alloc.h"
#include "base/log.h"
#include "cmd/cmd.h"
#include "cmd/loss.h"
#include "cmd/output.h"
#include "cmd/replay.h"
#include "metric/laws.h"
#include "metric/summary.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_trace_name(const char *name)
{
	size_t size = strlen(name);

	return name[0] != '.' && size > 5 && !strcmp(name + size - 5, ".rota");
}

/* The newest *.rota of the current directory; NULL if there is none. */
static char *newest_trace(void)
{
	DIR *directory = opendir(".");
	struct timespec best = { 0 };
	struct dirent *entry;
	char *path = NULL;

	while (directory && (entry = readdir(directory))) {
		struct stat status;

		if (!is_trace_name(entry->d_name) || stat(entry->d_name, &status) || !S_ISREG(status.st_mode))
			continue;
		if (path && (status.st_mtim.tv_sec < best.tv_sec ||
			     (status.st_mtim.tv_sec == best.tv_sec && status.st_mtim.tv_nsec <= best.tv_nsec)))
			continue;
		free(path);
		path = xstrdup(entry->d_name);
		best = status.st_mtim;
	}
	if (directory)
		closedir(directory);
	return path;
}

static int open_trace(const struct options *options, char **ret_path)
{
	char *path;
	int fd;

	path = options->argument_count ? xstrdup(options->arguments[0]) : newest_trace();
	if (!path) {
		log_error("no trace (*.rota) in this directory; name one, or make one with `rota record`");
		return -ENOENT;
	}
	if (!strcmp(path, "-")) {
		*ret_path = path;
		return STDIN_FILENO;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		fd = -errno;
		log_error("cannot open %s: %s", path, strerror(-fd));
		free(path);
		return fd;
	}
	*ret_path = path;
	return fd;
}

static int draw(const struct rota_summary *summary, const struct options *options)
{
	struct view_options view;

	output_adapt(stdout, options, "report", &view);
	if (options->json)
		return json_report(stdout, summary, false);
	if (options->csv)
		return csv_report(stdout, summary, &view);
	return text_report(stdout, summary, &view);
}

static int check_laws(const struct rota_summary *summary)
{
	char why[256];
	int err = metric_check(summary, why, sizeof(why));

	if (err)
		log_error(
			"a conservation law does not hold: %s. This is a defect of rota; please report it with the trace",
			why);
	return err;
}

int cmd_report(int argc, char **argv)
{
	struct rota_summary *summary = NULL;
	struct replay replay = { 0 };
	struct options options;
	char *path = NULL;
	int err = options_parse(CMD_REPORT, "report", argc, argv, &options), fd, status = EXIT_FINE;

	if (err)
		return err > 0 ? EXIT_FINE : EXIT_USAGE;
	fd = open_trace(&options, &path);
	if (fd < 0)
		return EXIT_FAILED;
	err = replay_run(&replay, fd, path, &options, &summary);
	if (!err)
		err = output_end(stdout, draw(summary, &options));
	if (!err && options.check)
		err = check_laws(summary);
	if (err)
		status = err == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
	else if (loss_report(summary, options.fail_on_loss))
		status = EXIT_LOSS;
	rota_summary_free(summary);
	replay_fini(&replay);
	if (fd != STDIN_FILENO)
		close(fd);
	free(path);
	return status;
}
