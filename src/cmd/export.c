/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rota export: what a trace holds, in the formats of other tools. folded: one line a stack, for flame graphs. */
#include "base/log.h"
#include "cmd/cmd.h"
#include "cmd/output.h"
#include "cmd/replay.h"
#include "metric/folded.h"
#include "trace/meta.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

static struct rota_sink open_folded(struct replay *replay)
{
	const struct options *options = replay->options;
	struct folded **folded = replay->sink_ctx;
	struct folded_config config = {
		.state = (enum folded_state)options->export_state,
		.has_level = options->level_given,
		.level = options->export_level,
		.machine = facts_get(&replay->facts, META_ARCH),
		.clip = replay_window,
		.clip_ctx = replay,
	};

	*folded = folded_new(&config);
	return folded_sink(*folded);
}

static int print_folded(struct folded *folded, const char *name)
{
	struct folded_lines lines;

	folded_take(folded, &lines);
	if (!lines.stacks_recorded) {
		log_error("%s holds no stacks: record it with `rota record --stacks`", name);
		folded_lines_fini(&lines);
		return -ENODATA;
	}
	for (uint32_t i = 0; i < lines.count; i++) {
		if (lines.lines[i].weight)
			printf("%s %" PRIu64 "\n", lines.lines[i].stack, lines.lines[i].weight);
	}
	if (!lines.count)
		log_warn("no thread was in that state with that many running: there is no line to print");
	folded_lines_fini(&lines);
	return 0;
}

int cmd_export(int argc, char **argv)
{
	struct folded *folded = NULL;
	struct replay replay = { .open_sink = open_folded, .sink_ctx = &folded };
	struct options options;
	char *path = NULL;
	int err = options_parse(CMD_EXPORT, "export", argc, argv, &options), fd;

	if (err)
		return err > 0 ? EXIT_FINE : EXIT_USAGE;
	if (!options.format_given) {
		log_error("export to what? Say --to folded");
		return EXIT_USAGE;
	}
	fd = replay_open(&options, &path);
	if (fd < 0)
		return EXIT_FAILED;
	err = replay_events(&replay, fd, path, &options);
	if (!err)
		err = output_end(stdout, print_folded(folded, path));
	folded_free(folded);
	replay_fini(&replay);
	if (fd != STDIN_FILENO)
		close(fd);
	free(path);
	return err ? EXIT_FAILED : EXIT_FINE;
}
