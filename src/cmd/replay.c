/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: a trace. Goes out: its summary. Trusts no byte of it; touches no live process. */
#include "cmd/replay.h"
#include "base/log.h"
#include "cmd/analysis.h"
#include "host/topology.h"
#include "trace/meta.h"
#include "trace/reader.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define NS_PER_S   1000000000LL
#define NS_PER_DAY (86400 * NS_PER_S)

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

static void set_window(void *ctx, uint64_t start_ns, uint64_t *ret_from_ns, uint64_t *ret_to_ns)
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
		.metric = {.longest_waits = replay->options->view.worst, .strip = replay->options->view.timeline},
		.started = set_window,
		.ctx = replay,
	};
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

int replay_run(struct replay *replay, int fd, const char *name, const struct options *options,
	       struct rota_summary **ret_summary)
{
	struct trace_reader *reader;
	struct rota_summary *summary;
	uint32_t version = 0;
	int err;

	if (!strcmp(name, "-"))
		name = "standard input";
	replay->options = options;
	err = trace_reader_new(fd, &reader, &version);
	if (err)
		return open_failed(name, err, version);
	err = read_all(replay, reader, name);
	summary = !err && replay->analysis ? analysis_finish(replay->analysis, trace_reader_complete(reader)) : NULL;
	trace_reader_free(reader);
	if (err)
		return err;
	if (!summary) {
		if (replay->analysis && analysis_start_ns(replay->analysis))
			log_error("nothing of %s lies between --from and --to", name);
		else
			log_error("%s ends before its first flush: there is nothing to report", name);
		return -ENODATA;
	}
	facts_identify(&replay->facts, summary);
	if (summary->incomplete)
		log_warn("%s was not finished: the report ends with what was flushed last", name);
	*ret_summary = summary;
	return 0;
}

void replay_fini(struct replay *replay)
{
	analysis_free(replay->analysis);
	topology_free(replay->topology);
	facts_fini(&replay->facts);
}
