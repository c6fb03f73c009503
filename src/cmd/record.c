/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rota record: a session whose chunks go into a trace file or a pipe. */
#include "base/alloc.h"
#include "base/duration.h"
#include "base/log.h"
#include "cmd/cmd.h"
#include "cmd/output.h"
#include "cmd/session.h"
#include "trace/meta.h"
#include "trace/writer.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct record_run {
	struct session session;
	struct output output;
	struct trace_writer *writer;
	bool metas_written;
	char *path; /* for messages */
};

/* NAME-TIME.rota, from the target's own name: letters, digits, - and _ only. */
static char *default_path(const char *description)
{
	char name[32], stamp[32];
	time_t now = time(NULL);
	struct tm parts;
	size_t n = 0;

	for (const char *at = strrchr(description, '/') ? strrchr(description, '/') + 1 : description; *at && n < 30;
	     at++) {
		if (!isalnum((unsigned char)*at) && !strchr("-_.", *at))
			break;
		name[n++] = *at;
	}
	name[n] = 0;
	localtime_r(&now, &parts);
	strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", &parts);
	return xasprintf("%s-%s.rota", n ? name : "rota", stamp);
}

static int write_facts(struct record_run *run)
{
	int err = 0;

	for (size_t i = 0; i < run->session.facts.count && !err; i++)
		err = trace_writer_meta(run->writer, run->session.facts.list[i].key, run->session.facts.list[i].value);
	run->metas_written = true;
	return err;
}

static int fail_write(struct record_run *run, int err)
{
	if (err)
		log_error("cannot write %s: %s; what was written until now can be read", run->path, strerror(-err));
	return err;
}

static int take_chunk(void *ctx, const struct chunk *chunk)
{
	struct record_run *run = ctx;
	int err = run->metas_written ? 0 : write_facts(run);

	if (!err)
		err = trace_writer_chunk(run->writer, chunk);
	return fail_write(run, err);
}

static int take_round(void *ctx, uint64_t ts_ns)
{
	struct record_run *run = ctx;
	int err = run->metas_written ? 0 : write_facts(run);

	if (!err)
		err = trace_writer_round(run->writer, ts_ns);
	return fail_write(run, err);
}

static int finish(struct record_run *run, const struct options *options)
{
	const char *clocks = facts_get(&run->session.facts, META_CLOCK_END);
	char status[16];
	int err = clocks ? trace_writer_meta(run->writer, META_CLOCK_END, clocks) : 0;

	if (!err && run->session.command.ended) {
		snprintf(status, sizeof(status), "%d", command_exit_status(&run->session.command));
		err = trace_writer_meta(run->writer, META_STATUS, status);
	}
	if (!err)
		err = trace_writer_finish(run->writer);
	fail_write(run, err);
	if (!err && run->output.path) {
		char text[DURATION_TEXT_SIZE];

		log_info("%s: %s, %" PRIu64 " KiB; rota report %s", run->path,
			 duration_format(text, sizeof(text), run->session.stop_ns - run->session.start_ns),
			 (trace_writer_bytes(run->writer) + 1023) / 1024, run->path);
	}
	return err;
}

static int record(struct record_run *run, const struct options *options)
{
	struct capture_consumer consumer = { .ctx = run, .chunk = take_chunk, .round = take_round };
	int err;

	if (isatty(fileno(run->output.stream))) {
		log_error("a trace is not for a terminal; give -o FILE, or pipe it into `rota report -`");
		return -EINVAL;
	}
	err = trace_writer_new(fileno(run->output.stream), &run->writer);
	if (err)
		return fail_write(run, err);
	err = session_start(&run->session, &consumer);
	if (err)
		return err;
	err = session_run(&run->session);
	return err ? err : finish(run, options);
}

int cmd_record(int argc, char **argv)
{
	struct record_run run = { 0 };
	struct options options;
	int err = options_parse(CMD_RECORD, "record", argc, argv, &options), status;
	bool began = false;

	if (err)
		return err > 0 ? EXIT_FINE : EXIT_USAGE;
	options.trace_on_stdout = options.output && !strcmp(options.output, "-");
	err = session_open(&run.session, &options);
	if (!err) {
		run.path = options.output ? xstrdup(options.output) : default_path(run.session.target->description);
		err = output_open(&run.output, run.path, NULL);
	}
	if (!err) {
		err = record(&run, &options);
		began = run.session.start_ns && !run.session.command_failed;
	}
	status = session_status(&run.session, err);
	if (!err && capture_lost(run.session.capture)) {
		log_warn(
			"%" PRIu64
			" records were lost; `rota report` says where. Larger rings (--ring) or a narrower target help",
			capture_lost(run.session.capture));
		if (options.fail_on_loss)
			status = EXIT_LOSS;
	}
	trace_writer_free(run.writer);
	if (output_close(&run.output, began) && !status)
		status = EXIT_FAILED;
	session_close(&run.session);
	free(run.path);
	return status;
}
