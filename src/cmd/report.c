/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rota report: a trace file or pipe through the same analysis as a live run, and its summary to a view. */
#include "base/log.h"
#include "cmd/cmd.h"
#include "cmd/loss.h"
#include "cmd/output.h"
#include "cmd/replay.h"
#include "metric/laws.h"
#include "metric/summary.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
	fd = replay_open(&options, &path);
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
