/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rota demo: a program of examples/ under observation; without root or BPF, the report of the recorded sample. */
#include "base/alloc.h"
#include "base/log.h"
#include "cmd/cmd.h"
#include "cmd/output.h"
#include "cmd/replay.h"
#include "cmd/stat.h"
#include "host/doctor.h"
#include "metric/summary.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *name, *does;
	bool alone; /* what it starts is no part of it */
} demos[] = {
	{"phases",      "two on two cpus, one alone, two on one cpu, all asleep, in turn", false},
	{ "sleepers",   "two sleeping tasks: 2 in progress, 0 running: not parallel",      false},
	{ "turns",      "two busy tasks taking turns on one cpu: want 2, get 1",           false},
	{ "parallel",   "the same two on two cpus: want 2, get 2",                         false},
	{ "full",       "one busy thread for each cpu: all of them run",                   false},
	{ "crowd",      "more busy threads than cpus",                                     false},
	{ "neighbours", "busy threads that share their cpus with strangers",               true },
	{ "quota",      "two busy threads that may use half a cpu",                        false},
	{ "convoy",     "threads queueing for one lock",                                   false},
	{ "pipeline",   "a pipeline with one slow stage",                                  false},
	{ "readers",    "threads that wait for the network",                               false},
	{ "journal",    "a thread that waits for the disk",                                false},
	{ "siblings",   "two busy threads on one core, where a core has two siblings",     false},
	{ "seats",      "two busy threads on one cpu, one core, two cores, two sockets",   false},
};

#define DEMOS (sizeof(demos) / sizeof(demos[0]))

/* Beside the program itself in a build, below lib and share where it was installed. */
static char *find_file(const char *const *places, const char *name)
{
	char self[PATH_MAX];
	ssize_t size = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (size <= 0)
		return NULL;
	self[size] = 0;
	dirname(self);
	for (; *places; places++) {
		char *path = xasprintf("%s/%s/%s", self, *places, name);

		if (!access(path, R_OK))
			return path;
		free(path);
	}
	return NULL;
}

static int show_sample(const struct options *options)
{
	static const char *const places[] = { "../examples", "../share/rota/examples", NULL };
	char *path = find_file(places, "sample.rota");
	struct rota_summary *summary = NULL;
	struct replay replay = { 0 };
	struct view_options view;
	int fd, err;

	if (!path) {
		log_error("the recorded sample (examples/sample.rota) is not where rota was installed");
		return EXIT_FAILED;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	err = fd < 0 ? -errno : replay_run(&replay, fd, path, options, &summary);
	if (!err) {
		output_adapt(stdout, options, "demo", &view);
		err = options->json ? json_report(stdout, summary, false) : text_report(stdout, summary, &view);
		err = output_end(stdout, err);
	}
	rota_summary_free(summary);
	replay_fini(&replay);
	if (fd >= 0)
		close(fd);
	free(path);
	return err ? EXIT_FAILED : EXIT_FINE;
}

static int run_demo(size_t number, const struct options *given)
{
	static const char *const places[] = { "examples", "../lib/rota/examples", NULL };
	char *path = find_file(places, demos[number].name);
	char *command[] = { path, NULL };
	struct options options = *given;
	int status;

	if (!path) {
		log_error("the example program '%s' is not where rota was installed; `make examples` builds it",
			  demos[number].name);
		return EXIT_FAILED;
	}
	options.target.children = options.target.children && !demos[number].alone;
	log_info("demo %s: %s", demos[number].name, demos[number].does);
	options.has_target = true;
	options.target.kind = TARGET_COMMAND;
	options.target.command = command;
	options.output = "-";
	options.trace_on_stdout = true; /* the program's own words go to standard error */
	status = stat_observe(&options, "demo");
	free(path);
	return status;
}

static void list_demos(FILE *out)
{
	for (size_t i = 0; i < DEMOS; i++)
		fprintf(out, "  %-10s %s\n", demos[i].name, demos[i].does);
}

int cmd_demo(int argc, char **argv)
{
	struct doctor_row rows[DOCTOR_MAX_ROWS];
	const struct doctor_row *missing;
	struct options options;
	const char *name;
	size_t number = 0;
	int err = options_parse(CMD_DEMO, "demo", argc, argv, &options);

	if (err > 0) {
		puts("\nNAME is one of these, phases if none is given:\n");
		list_demos(stdout);
	}
	if (err)
		return err > 0 ? EXIT_FINE : EXIT_USAGE;
	name = options.argument_count ? options.arguments[0] : NULL;
	while (name && number < DEMOS && strcmp(name, demos[number].name) != 0)
		number++;
	if (number == DEMOS) {
		log_error("no demo '%s'; %s", name, options.json ? "`rota help demo` lists them" : "there are:");
		if (!options.json)
			list_demos(stderr);
		return EXIT_USAGE;
	}
	options.view.explain = true; /* for a first look: everything said and drawn */
	if (!options.view.timeline)
		options.view.timeline = VIEW_TIMELINE_THREADS;
	missing = doctor_verdict(rows, doctor_examine("", rows, DOCTOR_MAX_ROWS));
	if (missing) {
		log_warn("%s: %s (%s); this is the report of a recording instead", missing->question, missing->found,
			 missing->fix);
		return show_sample(&options);
	}
	return run_demo(number, &options);
}
