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

#define DEFAULT_NAMES 100 /* tries, where recordings of one name begin in one second */

struct record_run {
	struct session session;
	struct output output;
	struct trace_writer *writer;
	char *path;   /* for messages */
	bool flushed; /* there is something to read */
	bool failed;  /* writing did, and that has been said */
};

/* What a trace is called after: one word of letters, digits, dots, - and _. */
static void short_name(const struct session *session, char *name, size_t size)
{
	const struct target *target = session->target;
	const char *whole = target->description, *slash = NULL;
	size_t used = 0;

	if (target->kind == TARGET_COMMAND)
		whole = session->options->target.command[0];
	if (target->kind == TARGET_CGROUP)
		whole = target->cgroup_path;
	if (target->kind == TARGET_NAME)
		whole = target->name_glob;
	if (target->kind == TARGET_COMMAND || target->kind == TARGET_CGROUP)
		slash = strrchr(whole, '/');
	for (const char *at = slash ? slash + 1 : whole; *at && used + 1 < size; at++) {
		if (!isalnum((unsigned char)*at) && !strchr("-_.", *at))
			break;
		name[used++] = *at;
	}
	name[used] = 0;
	if (target->kind == TARGET_SYSTEM || !used || !isalpha((unsigned char)name[0]))
		snprintf(name, size, "%s", target->kind == TARGET_SYSTEM ? "system" : "rota");
}

/* NAME-TIME.rota, and never a file that is there already. */
static int open_default(struct record_run *run)
{
	char name[32], stamp[32];
	time_t now = time(NULL);
	struct tm parts;
	int err = -EEXIST;

	short_name(&run->session, name, sizeof(name));
	localtime_r(&now, &parts);
	strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", &parts);
	for (unsigned int i = 1; err == -EEXIST && i <= DEFAULT_NAMES; i++) {
		free(run->path);
		run->path = i == 1 ? xasprintf("%s-%s.rota", name, stamp) : xasprintf("%s-%s-%u.rota", name, stamp, i);
		err = output_create(&run->output, run->path);
	}
	if (err == -EEXIST)
		log_error("%s and others of that name are there already; choose a name with -o", run->path);
	return err;
}

static int open_trace(struct record_run *run, const struct options *options)
{
	if (!options->output)
		return open_default(run);
	run->path = xstrdup(options->trace_on_stdout ? "standard output" : options->output);
	return output_open(&run->output, options->output, NULL);
}

static int fail_write(struct record_run *run, int err)
{
	if (err && !run->failed)
		log_error("cannot write %s: %s%s", run->path, strerror(-err),
			  run->flushed ? "; what was written until now can be read" : "");
	run->failed = run->failed || err;
	return err;
}

/* Not before the programs are loaded: a run that cannot begin leaves what was in the file. */
static int begin_trace(struct record_run *run)
{
	const struct facts *facts = &run->session.facts;
	int err = output_begin(&run->output);

	if (err)
		return err;
	err = trace_writer_new(fileno(run->output.stream), &run->writer);
	for (size_t i = 0; i < facts->count && !err; i++)
		err = trace_writer_meta(run->writer, facts->list[i].key, facts->list[i].value);
	return fail_write(run, err);
}

static int take_chunk(void *ctx, const struct chunk *chunk)
{
	struct record_run *run = ctx;

	return fail_write(run, trace_writer_chunk(run->writer, chunk));
}

static int take_round(void *ctx, uint64_t ts_ns)
{
	struct record_run *run = ctx;
	int err = trace_writer_round(run->writer, ts_ns);

	run->flushed = run->flushed || !err;
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
	err = session_load(&run->session, &consumer);
	if (!err)
		err = begin_trace(run);
	if (!err)
		err = session_start(&run->session);
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
	bool keep;

	if (err)
		return err > 0 ? EXIT_FINE : EXIT_USAGE;
	options.trace_on_stdout = options.output && !strcmp(options.output, "-");
	err = session_open(&run.session, &options);
	if (!err)
		err = open_trace(&run, &options);
	if (!err)
		err = record(&run, &options);
	status = session_status(&run.session, err);
	if (!err && capture_lost(run.session.capture)) {
		log_warn(
			"%" PRIu64
			" records were lost; `rota report` says where. Larger rings (--ring) or a narrower target help",
			capture_lost(run.session.capture));
		if (options.fail_on_loss)
			status = EXIT_LOSS;
	}
	keep = run.flushed && !run.session.command_failed;
	trace_writer_free(run.writer);
	if (output_close(&run.output, keep) && !status)
		status = EXIT_FAILED;
	session_close(&run.session);
	free(run.path);
	return status;
}
