/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: argv. Goes out: struct options, every value checked. Opens nothing, asks no machine; logs what it refuses. */
#include "cmd/options.h"
#include "base/duration.h"
#include "base/log.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LIVE        (CMD_STAT | CMD_RECORD)
#define EVERY       (LIVE | CMD_REPORT | CMD_TOPOLOGY | CMD_DOCTOR | CMD_DEMO)
#define DRAWN       (CMD_STAT | CMD_REPORT | CMD_DEMO)
#define MAX_OPTIONS 48
#define LONG_BASE   256
#define NS_PER_S    1000000000LL
#define RING_MAX    (1ULL << 30)

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
	OPT_WIDTH,
	OPT_NO_COLOR,
	OPT_CHECK,
};

static const struct option_row {
	int id;
	const char *name, *argument; /* argument NULL: none */
	unsigned int commands;
	const char *help;
} table[] = {
	{OPT_PID,           "pid",          "PID[,…]", LIVE,                              "follow processes, all their threads and descendants"                 },
	{ OPT_TID,          "tid",          "TID[,…]", LIVE,                              "follow exactly these threads"                                        },
	{ OPT_CGROUP,       "cgroup",       "PATH",      LIVE,                              "follow every thread in a cgroup (v1 or v2) and below it"             },
	{ OPT_NAME,         "name",         "GLOB",      LIVE,                              "follow processes and threads by name, as they come"                  },
	{ OPT_SYSTEM,       "system",       NULL,        LIVE,                              "follow every thread of the machine"                                  },
	{ OPT_NO_CHILDREN,  "no-children",  NULL,        LIVE,                              "do not follow child processes"                                       },
	{ OPT_DURATION,     "duration",     "DUR",       LIVE,                              "stop after this time (10s, 500ms, 2m; a bare number is seconds)"     },
	{ OPT_INTERVAL,     "interval",     "DUR",       CMD_STAT,                          "a report each interval, and the total at the end"                    },
	{ OPT_OUTPUT,       "output",       "FILE",      LIVE,                              "write to FILE, - is standard output"                                 },
	{ OPT_FAIL_ON_LOSS, "fail-on-loss", NULL,        LIVE | CMD_REPORT,                 "exit with 3 if records were lost"                                    },
	{ OPT_RING,         "ring",         "SIZE",      LIVE,                              "size of each cpu's ring: 512K, 8M (default: from the number of cpus)"},
	{ OPT_FLUSH,        "flush",        "DUR",       LIVE,                              "at most this much is lost if rota is killed (default 1s)"            },
	{ OPT_JSON,         "json",         NULL,        DRAWN | CMD_DOCTOR | CMD_TOPOLOGY, "JSON instead of text (schema rota.summary/1)"                        },
	{ OPT_CSV,          "csv",          NULL,        CMD_REPORT,                        "one table as comma-separated values"                                 },
	{ OPT_BY,           "by",           "WHAT",      CMD_REPORT,                        "a table of threads, cpus, cores or processes"                        },
	{ OPT_SORT,         "sort",         "COLUMN",    DRAWN,                             "order of the table"                                                  },
	{ OPT_FROM,         "from",         "TIME",      CMD_REPORT,                        "begin here: +3.2s from the start, or 14:03:05"                       },
	{ OPT_TO,           "to",           "TIME",      CMD_REPORT,                        "end here"							    },
	{ OPT_WORST,        "worst",        "N",         DRAWN,                             "list the N longest waits for a cpu"                                  },
	{ OPT_ROWS,         "rows",         "N",         DRAWN,                             "at most N rows in a table (0: all)"                                  },
	{ OPT_EXPLAIN,      "explain",      NULL,        DRAWN,                             "say under each line what it means"                                   },
	{ OPT_TIMELINE,     "timeline",     NULL,        DRAWN,                             "draw who ran on each hardware thread, when"                          },
	{ OPT_WIDTH,        "width",        "COLUMNS",   DRAWN,                             "lay the report out for so many columns"                              },
	{ OPT_NO_COLOR,     "no-color",     NULL,        EVERY,                             "no colours (NO_COLOR in the environment does the same)"              },
	{ OPT_CHECK,        "check",        NULL,        CMD_REPORT,                        "check the report against the conservation laws"                      },
	{ OPT_QUIET,        "quiet",        NULL,        EVERY,                             "say only errors"                                                     },
	{ OPT_VERBOSE,      "verbose",      NULL,        EVERY,                             "say what is being done, libbpf's messages included"                  },
	{ OPT_HELP,         "help",         NULL,        EVERY,                             "this text"							   },
};

#define TABLE_SIZE (sizeof(table) / sizeof(table[0]))

static const struct {
	enum command_bit command;
	const char *usage;
} usages[] = {
	{CMD_STAT,      "rota stat (-p PID | -t TID | -c PATH | -n GLOB | -a) [-d DUR] [options]\n"
		    "       rota stat [options] -- COMMAND…"                          },
	{ CMD_RECORD,   "rota record (-p PID | -t TID | -c PATH | -n GLOB | -a) [-o FILE] [-d DUR] [options]\n"
		      "       rota record [-o FILE] [options] -- COMMAND…"         },
	{ CMD_REPORT,
         "rota report [options] [FILE]        FILE - is standard input; without it, the newest .rota here"},
	{ CMD_TOPOLOGY, "rota topology [options]"							 },
	{ CMD_DOCTOR,   "rota doctor [options]"							   },
	{ CMD_DEMO,     "rota demo [options] [NAME]"						      },
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
			 row->argument ? " " : "", row->argument ? row->argument : "");
		/* "…" takes three bytes and one column */
		fprintf(out, "  %-*s %s\n", 26 + (row->argument && strstr(row->argument, "…") ? 2 : 0), left,
			row->help);
	}
	fprintf(out, "\nSee also: man rota-%s\n", name);
}

/* --- values --------------------------------------------------------------------------------------------------------- */

static int refuse(const char *name, const char *text, const char *why)
{
	log_error("--%s %s: %s", name, text, why);
	return -EINVAL;
}

static int parse_duration(const char *name, const char *text, uint64_t *ret_ns)
{
	int err = duration_parse(text, ret_ns);

	if (err == -ERANGE)
		return refuse(name, text, "a time above zero is needed, such as 500ms, 10s or 2m");
	return err ? refuse(name, text, "is no time; say 500ms, 10s or 2m (a bare number is seconds)") : 0;
}

static int parse_count(const char *name, const char *text, uint32_t max, uint32_t *ret_count)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end || errno || value > max)
		return refuse(name, text, "is no number that fits here");
	*ret_count = (uint32_t)value;
	return 0;
}

static int parse_ring(const char *text, uint64_t *ret_bytes)
{
	static const char suffixes[] = "KMG";
	char *end;
	uint64_t value, size = 4096;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || errno)
		return refuse("ring", text, "is no size; say 512K or 8M");
	if (*end) {
		const char *suffix = strchr(suffixes, *end & ~0x20);

		if (!suffix || !*suffix || (end[1] && strcmp(end + 1, "iB") != 0) || value > RING_MAX)
			return refuse("ring", text, "is no size; say 512K or 8M");
		value <<= 10 * (suffix - suffixes + 1);
	}
	if (!value || value > RING_MAX)
		return refuse("ring", text, "must be between 4K and 1G");
	while (size < value)
		size *= 2; /* the kernel wants a power of two pages */
	*ret_bytes = size;
	return 0;
}

/* "+3.2s", "14:03", "14:03:05.25", "2026-01-31T14:03:05": a date is read in the recording's time zone. */
static int parse_time(const char *name, const char *text, struct time_point *ret_point)
{
	static const char *const formats[] = { "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%H:%M:%S", "%H:%M" };
	struct time_point point = { .kind = TIME_CLOCK };

	if (*text == '+') {
		point.kind = TIME_OFFSET;
		if (!strcmp(text, "+0") || !strcmp(text, "+0s"))
			point.offset_ns = 0;
		else if (duration_parse(text + 1, &point.offset_ns))
			return refuse(name, text, "is no time from the start; say +3.2s");
		*ret_point = point;
		return 0;
	}
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		struct tm parts = { .tm_mday = 1, .tm_year = 70 };
		const char *rest = strptime(text, formats[i], &parts);
		double fraction = 0;
		char *end;

		if (!rest)
			continue;
		if (*rest == '.') {
			fraction = strtod(rest, &end);
			rest = end;
		}
		if (*rest)
			continue;
		point.clock_ns = (int64_t)timegm(&parts) * NS_PER_S + (int64_t)(fraction * 1e9);
		point.dated = i < 2;
		*ret_point = point;
		return 0;
	}
	return refuse(name, text, "is no time; say +3.2s from the start, or a clock time such as 14:03:05");
}

static int parse_table(const char *text, enum view_table *ret_table)
{
	static const struct {
		const char *name;
		enum view_table table;
	} names[] = {
		{"thread",     VIEW_THREADS  },
                { "threads",   VIEW_THREADS  },
                { "cpu",       VIEW_CPUS     },
		{ "cpus",      VIEW_CPUS     },
                { "core",      VIEW_CORES    },
                { "cores",     VIEW_CORES    },
		{ "process",   VIEW_PROCESSES},
                { "processes", VIEW_PROCESSES}
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(text, names[i].name) != 0)
			continue;
		*ret_table = names[i].table;
		return 0;
	}
	return refuse("by", text, "is no table; there are thread, cpu, core and process");
}

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

/* --- parsing -------------------------------------------------------------------------------------------------------- */

static int parse_target_option(int id, const char *text, struct options *options)
{
	switch (id) {
	case OPT_PID:
		return set_target(options, TARGET_PROCESS, text);
	case OPT_TID:
		return set_target(options, TARGET_THREAD, text);
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
		return parse_duration("duration", text, &options->duration_ns);
	case OPT_INTERVAL:
		return parse_duration("interval", text, &options->interval_ns);
	case OPT_FLUSH:
		return parse_duration("flush", text, &options->flush_ns);
	case OPT_RING:
		return parse_ring(text, &options->ring_bytes);
	default:
		return 1;
	}
}

static int parse_view_option(int id, const char *text, struct options *options)
{
	switch (id) {
	case OPT_BY:
		return parse_table(text, &options->view.table);
	case OPT_SORT:
		options->view.sort = text;
		return 0;
	case OPT_FROM:
		return parse_time("from", text, &options->from);
	case OPT_TO:
		return parse_time("to", text, &options->to);
	case OPT_WORST:
		return parse_count("worst", text, 100000, &options->view.worst);
	case OPT_ROWS:
		options->rows_given = true;
		return parse_count("rows", text, UINT32_MAX, &options->view.rows);
	case OPT_WIDTH:
		return parse_count("width", text, 10000, &options->view.width);
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
	case OPT_TIMELINE:
		options->view.timeline = true;
		break;
	case OPT_NO_COLOR:
		options->no_colour = true;
		break;
	case OPT_CHECK:
		options->check = true;
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
		longs[count++] = (struct option){ table[i].name, table[i].argument != NULL, NULL, table[i].id };
		if (table[i].id < LONG_BASE) {
			*shorts++ = (char)table[i].id;
			if (table[i].argument)
				*shorts++ = ':';
		}
	}
	longs[count] = (struct option){ 0 };
	*shorts = 0;
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
	if (!(command & LIVE))
		return 0;
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
			"follow whom? Say -p PID, -t TID, -c CGROUP, -n NAME, -a, or a command after -- (rota help %s)",
			name);
		return -EINVAL;
	}
	return 0;
}

int options_parse(enum command_bit command, const char *name, int argc, char **argv, struct options *ret_options)
{
	struct options options = { .target.children = true, .level = LOG_INFO };
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
			log_error("%s %s; rota help %s lists the options", argv[optind - 1],
				  id == ':' ? "needs a value" : "is no option of this command", name);
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
