/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: argv. Goes out: struct options, every value checked. Opens nothing, asks no machine; logs what it refuses. */
#include "cmd/options.h"
#include "base/log.h"
#include "view/column.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define LIVE           (CMD_STAT | CMD_RECORD)
#define EVERY          (LIVE | CMD_REPORT | CMD_EXPORT | CMD_TOPOLOGY | CMD_DOCTOR | CMD_DEMO)
#define DRAWN          (CMD_STAT | CMD_REPORT | CMD_DEMO)
#define MAX_OPTIONS    56
#define LONG_BASE      256
#define SYSCALL_MIN_NS 10000

enum option_id {
	OPT_PID = 'p',
	OPT_TID = 't',
	OPT_CGROUP = 'c',
	OPT_NAME = 'n',
	OPT_SYSTEM = 'a',
	OPT_DURATION = 'd',
	OPT_INTERVAL = 'I',
	OPT_OUTPUT = 'o',
	OPT_HELP = 'h',
	OPT_QUIET = 'q',
	OPT_VERBOSE = 'v',
	OPT_NO_CHILDREN = LONG_BASE,
	OPT_FAIL_ON_LOSS,
	OPT_RING,
	OPT_FLUSH,
	OPT_STACKS,
	OPT_NO_GO,
	OPT_GO_SCAN,
	OPT_GO_EXACT,
	OPT_FORMAT,
	OPT_STATE,
	OPT_LEVEL,
	OPT_UNTIL,
	OPT_SYSCALLS,
	OPT_SYSCALL_MIN,
	OPT_JSON,
	OPT_CSV,
	OPT_BY,
	OPT_SORT,
	OPT_FROM,
	OPT_TO,
	OPT_WORST,
	OPT_ROWS,
	OPT_EXPLAIN,
	OPT_TIMELINE,
	OPT_BOTTLE,
	OPT_WIDTH,
	OPT_NO_COLOR,
	OPT_CHECK,
};

static const struct option_row {
	int id;
	const char *name, *argument; /* argument NULL: none; [=WHAT]: may be left out */
	unsigned int commands;
	const char *help;
} table[] = {
	{OPT_PID,           "pid",          "PID[,...]", LIVE,                      "follow processes, their threads and descendants"    },
	{ OPT_TID,          "tid",          "TID[,...]", LIVE,                      "follow exactly these threads"                       },
	{ OPT_CGROUP,       "cgroup",       "PATH",      LIVE,                      "follow all in a cgroup (v1 or v2) and below it"     },
	{ OPT_NAME,         "name",         "GLOB",      LIVE,                      "follow processes and threads by name, as they come" },
	{ OPT_SYSTEM,       "system",       NULL,        LIVE,                      "follow every thread of the machine"                 },
	{ OPT_NO_CHILDREN,  "no-children",  NULL,        LIVE,                      "do not follow child processes"                      },
	{ OPT_DURATION,     "duration",     "DUR",       LIVE,                      "stop after 10s, 500ms, 2m (a bare number: seconds)" },
	{ OPT_INTERVAL,     "interval",     "DUR",       CMD_STAT,                  "a report each interval, and the total at the end"   },
	{ OPT_OUTPUT,       "output",       "FILE",      LIVE,                      "write to FILE, - is standard output"                },
	{ OPT_FAIL_ON_LOSS, "fail-on-loss", NULL,        LIVE | CMD_REPORT,         "exit with 3 if records were lost"                   },
	{ OPT_RING,         "ring",         "SIZE",      LIVE,                      "size of each cpu's ring buffer, such as 512K or 8M" },
	{ OPT_FLUSH,        "flush",        "DUR",       LIVE,                      "a killed rota loses at most this much (default 1s)" },
	{ OPT_STACKS,       "stacks",       NULL,        LIVE,                      "record where in its code each thread is"            },
	{ OPT_NO_GO,        "no-go",        NULL,        LIVE,                      "do not look into Go programs"                       },
	{ OPT_GO_SCAN,      "go-scan",      NULL,        LIVE,                      "count what all goroutines wait for, at both ends"   },
	{ OPT_GO_EXACT,     "go-exact",     NULL,        LIVE,                      "see each goroutine switch (slows the program)"      },
	{ OPT_SYSCALLS,     "syscalls",     NULL,        LIVE,                      "count and time system calls (slows all a little)"   },
	{ OPT_SYSCALL_MIN,  "syscall-min",  "DUR",       LIVE,                      "calls this long are recorded singly (10us)"         },
	{ OPT_JSON,         "json",         NULL,        DRAWN,                     "JSON instead of text (schema rota.summary/1)"       },
	{ OPT_JSON,         "json",         NULL,        CMD_DOCTOR | CMD_TOPOLOGY, "JSON instead of text"                               },
	{ OPT_CSV,          "csv",          NULL,        CMD_REPORT,                "one table as comma-separated values"                },
	{ OPT_BY,           "by",           "WHAT",      CMD_REPORT,                "a table: thread, cpu, core, process, goroutine, ..."},
	{ OPT_SORT,         "sort",         "COLUMN",    DRAWN,                     "order of the table; --sort help lists the columns"  },
	{ OPT_FORMAT,       "to",           "FORMAT",    CMD_EXPORT,                "folded: stacks for flame-graph tools"               },
	{ OPT_STATE,        "state",        "STATE",     CMD_EXPORT,                "running (default), blocked or runnable"             },
	{ OPT_LEVEL,        "level",        "N",         CMD_EXPORT,                "only while exactly N threads ran at once"           },
	{ OPT_UNTIL,        "until",        "TIME",      CMD_EXPORT,                "end here"                                           },
	{ OPT_FROM,         "from",         "TIME",      CMD_REPORT | CMD_EXPORT,   "begin here: +3.2s from the start, or 14:03:05"      },
	{ OPT_TO,           "to",           "TIME",      CMD_REPORT,                "end here"                                           },
	{ OPT_WORST,        "worst",        "N",         DRAWN,                     "list the N longest waits for a cpu"                 },
	{ OPT_ROWS,         "rows",         "N",         DRAWN,                     "at most N rows in a table (0: all)"                 },
	{ OPT_EXPLAIN,      "explain",      NULL,        DRAWN,                     "say under each line what it means"                  },
	{ OPT_TIMELINE,     "timeline",     "[=BY]",     DRAWN,                     "draw who ran where: BY thread, p, goroutine or all" },
	{ OPT_BOTTLE,       "bottle",       NULL,        DRAWN,                     "draw threads by what they held up, the serial part" },
	{ OPT_WIDTH,        "width",        "COLUMNS",   DRAWN,                     "lay the report out for so many columns"             },
	{ OPT_NO_COLOR,     "no-color",     NULL,        EVERY,                     "no colours, as with NO_COLOR in the environment"    },
	{ OPT_CHECK,        "check",        NULL,        CMD_REPORT,                "check the report against the conservation laws"     },
	{ OPT_QUIET,        "quiet",        NULL,        EVERY,                     "say only errors"                                    },
	{ OPT_VERBOSE,      "verbose",      NULL,        EVERY,                     "say what is being done, libbpf's messages included" },
	{ OPT_HELP,         "help",         NULL,        EVERY,                     "this text"                                          },
};

#define TABLE_SIZE (sizeof(table) / sizeof(table[0]))

static const struct {
	enum command_bit command;
	const char *usage;
} usages[] = {
	{CMD_STAT,      "rota stat (-p PID | -t TID | -c PATH | -n GLOB | -a) [options]\n"
		    "       rota stat [options] -- COMMAND..."                                 },
	{ CMD_RECORD,   "rota record (-p PID | -t TID | -c PATH | -n GLOB | -a) [options]\n"
		      "       rota record [options] -- COMMAND..."                          },
	{ CMD_REPORT,   "rota report [options] [FILE]\n"
		      "       FILE - is standard input; without FILE: the newest .rota here"},
	{ CMD_EXPORT,   "rota export --to folded [options] [FILE]\n"
		      "       FILE - is standard input; without FILE: the newest .rota here"},
	{ CMD_TOPOLOGY, "rota topology [options]"								},
	{ CMD_DOCTOR,   "rota doctor [options]"								  },
	{ CMD_DEMO,     "rota demo [options] [NAME]"							     },
};

void options_usage(FILE *out, enum command_bit command, const char *name)
{
	for (size_t i = 0; i < sizeof(usages) / sizeof(usages[0]); i++)
		if (usages[i].command == command)
			fprintf(out, "usage: %s\n\n", usages[i].usage);
	for (size_t i = 0; i < TABLE_SIZE; i++) {
		const struct option_row *row = &table[i];
		char left[64];

		if (!(row->commands & command))
			continue;
		snprintf(left, sizeof(left), "%c%c%s --%s%s%s", row->id < LONG_BASE ? '-' : ' ',
			 row->id < LONG_BASE ? row->id : ' ', row->id < LONG_BASE ? "," : " ", row->name,
			 row->argument && *row->argument != '[' ? " " : "", row->argument ? row->argument : "");
		fprintf(out, "  %-26s %s\n", left, row->help);
	}
	fprintf(out, "\nSee also: man rota-%s\n", name);
}

/* --- targets -------------------------------------------------------------------------------------------------------- */

static int set_target(struct options *options, enum target_kind kind, const char *text)
{
	if (options->has_target) {
		log_error("more than one target: give one of --pid, --tid, --cgroup, --name, --system or -- COMMAND");
		return -EINVAL;
	}
	options->has_target = true;
	options->target.kind = kind;
	options->target.text = text;
	return 0;
}

/* Whether there is such a process is asked later: here only whether it is a list of numbers. */
static int set_ids(struct options *options, enum target_kind kind, const char *name, const char *text)
{
	const char *at = text;

	do {
		size_t digits = strspn(at, "0123456789");

		at += digits;
		if (!digits || (*at && *at != ','))
			return value_refuse(name, text,
					    "is no list of ids; say 4711 or 4711,4712 (-n follows by name)");
	} while (*at++);
	return set_target(options, kind, text);
}

/* --- parsing -------------------------------------------------------------------------------------------------------- */

static int parse_target_option(int id, const char *text, struct options *options)
{
	switch (id) {
	case OPT_PID:
		return set_ids(options, TARGET_PROCESS, "pid", text);
	case OPT_TID:
		return set_ids(options, TARGET_THREAD, "tid", text);
	case OPT_CGROUP:
		return set_target(options, TARGET_CGROUP, text);
	case OPT_NAME:
		return set_target(options, TARGET_NAME, text);
	case OPT_SYSTEM:
		return set_target(options, TARGET_SYSTEM, NULL);
	case OPT_NO_CHILDREN:
		options->target.children = false;
		return 0;
	case OPT_DURATION:
		return value_duration("duration", text, &options->duration_ns);
	case OPT_INTERVAL:
		return value_duration("interval", text, &options->interval_ns);
	case OPT_FLUSH:
		return value_duration("flush", text, &options->flush_ns);
	case OPT_SYSCALL_MIN:
		return value_duration("syscall-min", text, &options->syscall_min_ns);
	case OPT_RING:
		return value_ring(text, &options->ring_bytes);
	default:
		return 1;
	}
}

static int parse_view_option(int id, const char *text, struct options *options)
{
	switch (id) {
	case OPT_TIMELINE:
		return value_timeline(text, &options->view.timeline);
	case OPT_BY:
		return value_table(text, &options->view.table);
	case OPT_SORT:
		options->view.sort = text;
		return 0;
	case OPT_FROM:
		return value_time("from", text, &options->from);
	case OPT_TO:
		return value_time("to", text, &options->to);
	case OPT_UNTIL:
		return value_time("until", text, &options->to);
	case OPT_FORMAT:
		options->format_given = true;
		return value_word("to", text, "folded", &options->export_format);
	case OPT_STATE:
		return value_word("state", text, "running blocked runnable", &options->export_state);
	case OPT_LEVEL:
		options->level_given = true;
		return value_count("level", text, UINT32_MAX, &options->export_level);
	case OPT_WORST:
		return value_count("worst", text, 100000, &options->view.worst);
	case OPT_ROWS:
		options->rows_given = true;
		return value_count("rows", text, UINT32_MAX, &options->view.rows);
	case OPT_WIDTH:
		return value_count("width", text, 10000, &options->view.width);
	default:
		return 1;
	}
}

static int parse_flag(int id, struct options *options)
{
	switch (id) {
	case OPT_EXPLAIN:
		options->view.explain = true;
		break;
	case OPT_BOTTLE:
		options->view.bottle = true;
		break;
	case OPT_NO_COLOR:
		options->no_colour = true;
		break;
	case OPT_CHECK:
		options->check = true;
		break;
	case OPT_SYSCALLS:
		options->syscalls = true;
		break;
	case OPT_STACKS:
		options->stacks = true;
		break;
	case OPT_NO_GO:
		options->no_go = true;
		break;
	case OPT_GO_SCAN:
		options->go_scan = true;
		break;
	case OPT_GO_EXACT:
		options->go_exact = true;
		break;
	case OPT_FAIL_ON_LOSS:
		options->fail_on_loss = true;
		break;
	case OPT_JSON:
		options->json = true;
		break;
	case OPT_CSV:
		options->csv = true;
		break;
	case OPT_QUIET:
		options->level = LOG_ERROR;
		break;
	case OPT_VERBOSE:
		options->level = LOG_DEBUG;
		break;
	default:
		return -EINVAL;
	}
	return 0;
}

static int parse_one(int id, struct options *options)
{
	int err = parse_target_option(id, optarg, options);

	if (err == 1)
		err = parse_view_option(id, optarg, options);
	if (err == 1 && id == OPT_OUTPUT) {
		options->output = optarg;
		return 0;
	}
	return err == 1 ? parse_flag(id, options) : err;
}

static int argument_of(const struct option_row *row)
{
	if (!row->argument)
		return no_argument;
	return *row->argument == '[' ? optional_argument : required_argument;
}

/* The rows of one command in getopt's form. */
static void build(enum command_bit command, struct option *longs, char *shorts)
{
	size_t count = 0;

	if (command & LIVE)
		*shorts++ = '+'; /* options end at the first word that is none: it is the command's */
	*shorts++ = ':';
	for (size_t i = 0; i < TABLE_SIZE; i++) {
		if (!(table[i].commands & command))
			continue;
		longs[count++] = (struct option){ table[i].name, argument_of(&table[i]), NULL, table[i].id };
		if (table[i].id < LONG_BASE) {
			*shorts++ = (char)table[i].id;
			if (table[i].argument)
				*shorts++ = ':';
		}
	}
	longs[count] = (struct option){ 0 };
	*shorts = 0;
}

/* What getopt did not take: which word it was, and what is wrong with it. */
static void log_refused(int sign, char **argv, const char *name)
{
	const char *word = argv[optind - 1], *why = "is no option of this command";
	char letter[3] = { '-', (char)optopt, 0 };

	if (optopt > 0 && optopt < LONG_BASE && strncmp(word, "--", 2) != 0)
		word = letter; /* of several behind one dash, perhaps */
	if (sign == ':')
		why = "needs a value";
	else if (optopt && !strncmp(word, "--", 2))
		why = "takes no value";
	log_error("%s %s; `rota help %s` lists the options", word, why, name);
}

/* Before anything is measured, rather than after. The columns do not depend on what is in a summary. */
static bool sort_is_known(const struct options *options)
{
	const struct rota_summary empty = { 0 };
	enum view_table wanted = options->view.table == VIEW_OVERVIEW ? VIEW_THREADS : options->view.table;
	uint32_t *order;

	if (column_order(column_table(wanted), &empty, options->view.sort, &order))
		return false;
	free(order);
	return true;
}

/* A word that is no option and that the command has no use for. */
static int refuse_surplus(enum command_bit command, const struct options *options)
{
	int wanted = command & (CMD_REPORT | CMD_EXPORT | CMD_DEMO) ? 1 : 0;

	if (options->argument_count <= wanted)
		return 0;
	log_error(wanted ? "one %s at a time; '%s' is the second" : "%s takes no arguments; what is '%s'?",
		  wanted                  ? command == CMD_DEMO ? "demo" : "trace"
		  : command == CMD_DOCTOR ? "doctor"
					  : "topology",
		  options->arguments[wanted]);
	return -EINVAL;
}

static int finish(enum command_bit command, const char *name, int argc, char **argv, struct options *options)
{
	bool dashes = optind > 0 && !strcmp(argv[optind - 1], "--");

	options->arguments = argv + optind;
	options->argument_count = argc - optind;
	if (options->json && options->csv) {
		log_error("both --json and --csv: choose one");
		return -EINVAL;
	}
	if (options->view.sort && !sort_is_known(options))
		return -EINVAL;
	if (!(command & LIVE))
		return refuse_surplus(command, options);
	if (options->argument_count) {
		if (options->has_target) {
			log_error("both a target and a command (%s): follow one or start one", argv[optind]);
			return -EINVAL;
		}
		options->has_target = true;
		options->target.kind = TARGET_COMMAND;
		options->target.command = options->arguments;
	} else if (dashes) {
		log_error("no command after --");
		return -EINVAL;
	}
	if (!options->has_target) {
		log_error(
			"follow whom? Say -p PID, -t TID, -c CGROUP, -n NAME, -a, or a command after -- (`rota help %s`)",
			name);
		return -EINVAL;
	}
	return 0;
}

int options_parse(enum command_bit command, const char *name, int argc, char **argv, struct options *ret_options)
{
	struct options options = { .target.children = true, .level = LOG_INFO, .syscall_min_ns = SYSCALL_MIN_NS };
	struct option longs[MAX_OPTIONS];
	char shorts[2 * MAX_OPTIONS];
	int id, err;

	_Static_assert(TABLE_SIZE < MAX_OPTIONS, "room for every option");
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (!strcmp(argv[i], "--json"))
			log_setup(LOG_INFO, true); /* errors on the command line keep the output's form too */
	build(command, longs, shorts);
	opterr = 0;
	optind = 1;
	while ((id = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (id == OPT_HELP) {
			options_usage(stdout, command, name);
			return 1;
		}
		if (id == '?' || id == ':') {
			log_refused(id, argv, name);
			return -EINVAL;
		}
		err = parse_one(id, &options);
		if (err)
			return err;
	}
	err = finish(command, name, argc, argv, &options);
	if (err)
		return err;
	log_setup(options.level, options.json);
	*ret_options = options;
	return 0;
}
