/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: a trace. Goes out: its summary. Trusts no byte of it; touches no live process. */
#include "cmd/replay.h"
#include "base/alloc.h"
#include "base/log.h"
#include "cmd/analysis.h"
#include "host/topology.h"
#include "trace/meta.h"
#include "trace/reader.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NS_PER_S   1000000000LL
#define NS_PER_DAY (86400 * NS_PER_S)

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

int replay_open(const struct options *options, char **ret_path)
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

/* A time of day is the first one at or after the start (or the day's, for a recording that began later that day). */
static uint64_t to_monotonic(const struct replay *replay, const struct time_point *point, uint64_t start_ns)
{
	int64_t start_real = facts_realtime_ns(&replay->facts, start_ns);
	int64_t local, wanted;

	if (point->kind == TIME_OFFSET)
		return start_ns + point->offset_ns;
	local = start_real + (int64_t)facts_utc_offset_s(&replay->facts) * NS_PER_S;
	wanted = point->clock_ns;
	if (!point->dated)
		wanted += local - local % NS_PER_DAY;
	if (!point->dated && wanted < local - NS_PER_DAY / 2)
		wanted += NS_PER_DAY; /* past midnight */
	return wanted <= local - (int64_t)start_ns ? 1 : (uint64_t)(wanted - local + (int64_t)start_ns);
}

void replay_window(void *ctx, uint64_t start_ns, uint64_t *ret_from_ns, uint64_t *ret_to_ns)
{
	struct replay *replay = ctx;

	if (replay->options->from.kind != TIME_NONE)
		*ret_from_ns = to_monotonic(replay, &replay->options->from, start_ns);
	if (replay->options->to.kind != TIME_NONE)
		*ret_to_ns = to_monotonic(replay, &replay->options->to, start_ns);
}

static int begin(struct replay *replay, const char *name)
{
	const char *recorded = facts_get(&replay->facts, META_RECORDED);
	struct analysis_config config = {
		.every_switch = recorded && !strcmp(recorded, "system"),
		.metric = {.longest_waits = replay->options->view.worst,
                           .strip = replay->options->view.timeline != VIEW_TIMELINE_NONE,
                           .machine = facts_get(&replay->facts, META_ARCH)},
		.started = replay_window,
		.ctx = replay,
	};
	struct rota_sink sink;
	int err = facts_topology(&replay->facts, &replay->topology);

	if (err) {
		log_error("%s does not say on which machine it was made (%s); its beginning is damaged", name,
			  err == -ENODATA ? "no topology" : "its topology cannot be read");
		return -EBADMSG;
	}
	if ((replay->options->from.kind == TIME_CLOCK || replay->options->to.kind == TIME_CLOCK) &&
	    !facts_get(&replay->facts, META_CLOCK_START)) {
		log_error("%s does not say what time it was; use +SECONDS from the start with --from and --to", name);
		return -EINVAL;
	}
	config.topology = replay->topology;
	if (replay->open_sink) {
		sink = replay->open_sink(replay);
		config.sink = &sink;
	}
	replay->analysis = analysis_new(&config);
	return 0;
}

static int take(struct replay *replay, const struct trace_block *block, const char *name)
{
	int err;

	switch (block->kind) {
	case TRACE_META:
		facts_set(&replay->facts, block->key, block->value);
		return 0;
	case TRACE_DAMAGE:
		log_debug("%s: %" PRIu64 " bytes at %" PRIu64 " are damaged", name, block->size, block->offset);
		if (!replay->analysis) { /* it may have been a fact, or the start */
			log_error("%s is damaged before its first record (at byte %" PRIu64
				  "): nothing in it can be trusted",
				  name, block->offset);
			return -EBADMSG;
		}
		analysis_damage(replay->analysis);
		return 0;
	case TRACE_CHUNK:
	case TRACE_ROUND:
		err = replay->analysis ? 0 : begin(replay, name);
		if (err)
			return err;
		if (block->kind == TRACE_CHUNK)
			analysis_chunk(replay->analysis, &block->chunk);
		else
			analysis_round(replay->analysis, block->ts_ns);
		return 0;
	case TRACE_END:
		return 0;
	}
	return -EBADMSG;
}

static int open_failed(const char *name, int err, uint32_t version)
{
	switch (err) {
	case -ENODATA:
		log_error("%s is empty: the recorder was stopped before it wrote anything", name);
		break;
	case -EISDIR:
		log_error("%s is a directory; name a trace in it", name);
		break;
	case -ENOEXEC:
		log_error("%s is no rota trace; make one with `rota record -o FILE`", name);
		break;
	case -EPROTONOSUPPORT:
		log_error("%s is a trace of version %u; this is rota %s, which reads version 1: use a newer rota", name,
			  version, ROTA_VERSION);
		break;
	case -EBADMSG:
		log_error("the header of %s is damaged; it cannot be read", name);
		break;
	default:
		log_error("cannot read %s: %s", name, strerror(-err));
	}
	return err;
}

static int read_all(struct replay *replay, struct trace_reader *reader, const char *name)
{
	struct trace_block block;
	int more, err = 0;

	while (!err && (more = trace_reader_next(reader, &block)) > 0)
		err = take(replay, &block, name);
	if (!err && more < 0) {
		log_error("cannot read %s: %s", name, strerror(-more));
		err = more;
	}
	return err;
}

/* All of the trace through the analysis; *ret_complete: it was finished properly. */
static int replay_all(struct replay *replay, int fd, const char *name, const struct options *options,
		      bool *ret_complete)
{
	struct trace_reader *reader;
	uint32_t version = 0;
	int err;

	replay->options = options;
	err = trace_reader_new(fd, &reader, &version);
	if (err)
		return open_failed(name, err, version);
	err = read_all(replay, reader, name);
	*ret_complete = trace_reader_complete(reader);
	trace_reader_free(reader);
	return err;
}

static int nothing_there(const struct replay *replay, const char *name)
{
	if (replay->analysis && analysis_start_ns(replay->analysis))
		log_error("nothing of %s lies between --from and %s", name, replay->open_sink ? "--until" : "--to");
	else
		log_error("%s ends before its first flush: there is nothing to report", name);
	return -ENODATA;
}

static void warn_incomplete(const char *name)
{
	log_warn("%s was not finished: the report ends with what was flushed last", name);
}

int replay_run(struct replay *replay, int fd, const char *name, const struct options *options,
	       struct rota_summary **ret_summary)
{
	struct rota_summary *summary;
	bool complete;
	int err;

	if (!strcmp(name, "-"))
		name = "standard input";
	err = replay_all(replay, fd, name, options, &complete);
	if (err)
		return err;
	summary = replay->analysis ? analysis_finish(replay->analysis, complete) : NULL;
	if (!summary)
		return nothing_there(replay, name);
	facts_identify(&replay->facts, summary);
	if (summary->incomplete)
		warn_incomplete(name);
	*ret_summary = summary;
	return 0;
}

int replay_events(struct replay *replay, int fd, const char *name, const struct options *options)
{
	bool complete;
	int err;

	if (!strcmp(name, "-"))
		name = "standard input";
	err = replay_all(replay, fd, name, options, &complete);
	if (err)
		return err;
	if (!replay->analysis || analysis_end(replay->analysis))
		return nothing_there(replay, name);
	if (!complete)
		warn_incomplete(name);
	return 0;
}

void replay_fini(struct replay *replay)
{
	analysis_free(replay->analysis);
	topology_free(replay->topology);
	facts_fini(&replay->facts);
}
