/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rota stat: a session whose chunks go straight into an analysis, and its summary to a view. */
#include "cmd/analysis.h"
#include "cmd/cmd.h"
#include "cmd/loss.h"
#include "cmd/output.h"
#include "cmd/session.h"
#include "cmd/stat.h"
#include "metric/summary.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct stat_run {
	struct session session;
	struct analysis *analysis;
	struct output output;
	struct view_options view;
	bool printed;
	int err; /* of a view or of writing */
};

static void print(struct stat_run *run, struct rota_summary *summary, bool interval)
{
	const struct options *options = run->session.options;
	struct view_options view = run->view;
	int err;

	facts_identify(&run->session.facts, summary);
	if (run->err)
		return;
	run->printed = true;
	if (interval) { /* said once, under the total */
		view.explain = false;
		view.timeline = VIEW_TIMELINE_NONE;
	}
	if (options->json)
		err = json_report(run->output.stream, summary, interval || options->interval_ns);
	else
		err = text_report(run->output.stream, summary, &view);
	if (interval && !options->json)
		fputc('\n', run->output.stream);
	errno = 0;
	if (!err && (fflush(run->output.stream) || ferror(run->output.stream)))
		err = errno ? -errno : -EIO;
	if (err != -EINVAL)
		run->output.err = err; /* output_close() says so */
	run->err = err;
}

static void print_interval(void *ctx, struct rota_summary *summary)
{
	print(ctx, summary, true);
	rota_summary_free(summary);
}

static int take_chunk(void *ctx, const struct chunk *chunk)
{
	struct stat_run *run = ctx;

	analysis_chunk(run->analysis, chunk);
	return 0;
}

static int take_round(void *ctx, uint64_t ts_ns)
{
	struct stat_run *run = ctx;

	analysis_round(run->analysis, ts_ns);
	return run->err;
}

static int measure(struct stat_run *run)
{
	struct capture_consumer consumer = { .ctx = run, .chunk = take_chunk, .round = take_round };
	struct analysis_config config = {
		.topology = run->session.topology,
		.every_switch = run->session.options->target.kind == TARGET_SYSTEM,
		.metric = {
			.longest_waits = run->session.options->view.worst,
			.strip = run->session.options->view.timeline != VIEW_TIMELINE_NONE,
			.interval_ns = run->session.options->interval_ns,
			.interval = print_interval,
			.interval_ctx = run,
		},
	};
	int err;

	run->analysis = analysis_new(&config);
	err = session_load(&run->session, &consumer);
	if (!err)
		err = output_begin(&run->output);
	if (!err)
		err = session_start(&run->session);
	if (!err)
		err = session_run(&run->session);
	return err;
}

/* With a command, standard output is the command's. */
static FILE *usual_stream(const struct options *options)
{
	return options->target.kind == TARGET_COMMAND ? stderr : stdout;
}

int stat_observe(const struct options *options, const char *command)
{
	struct stat_run run = { 0 };
	struct rota_summary *summary = NULL;
	int err = session_open(&run.session, options), status;

	if (!err)
		err = output_open(&run.output, options->output, usual_stream(options));
	if (!err) {
		output_adapt(run.output.stream, options, command, &run.view);
		err = measure(&run);
	}
	if (!err) {
		summary = analysis_finish(run.analysis, true);
		if (summary)
			print(&run, summary, false);
		err = summary ? run.err : -ENODATA;
	}
	if (output_close(&run.output, run.printed) && !err)
		err = -EIO;
	status = session_status(&run.session, err);
	if (!err && loss_report(summary, options->fail_on_loss))
		status = EXIT_LOSS;
	rota_summary_free(summary);
	analysis_free(run.analysis);
	session_close(&run.session);
	return status;
}

int cmd_stat(int argc, char **argv)
{
	struct options options;
	int err = options_parse(CMD_STAT, "stat", argc, argv, &options);

	if (err)
		return err > 0 ? EXIT_FINE : EXIT_USAGE;
	return stat_observe(&options, "stat");
}
