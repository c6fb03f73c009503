/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: argv. Goes out: an exit status. A table of commands, and nothing else. */
#include "base/log.h"
#include "cmd/cmd.h"
#include "cmd/options.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	enum command_bit bit;
	const char *help;
} commands[] = {
	{"stat",      cmd_stat,     CMD_STAT,     "measure now, print a report"                        },
	{ "record",   cmd_record,   CMD_RECORD,   "write a trace for later"                            },
	{ "report",   cmd_report,   CMD_REPORT,   "report on a trace; needs no root"                   },
	{ "topology", cmd_topology, CMD_TOPOLOGY, "sockets, cores and hardware threads of this machine"},
	{ "doctor",   cmd_doctor,   CMD_DOCTOR,   "does rota work here? what to do if not"             },
	{ "demo",     cmd_demo,     CMD_DEMO,     "a small known program under observation"            },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void usage(FILE *out)
{
	fprintf(out,
		"rota %s: which thread ran on which hardware thread, and so how concurrent\n"
		"and how parallel a program really was.\n\n",
		ROTA_VERSION);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(out, "  rota %-9s %s\n", commands[i].name, commands[i].help);
	fprintf(out, "\n  rota help COMMAND    what a command takes\n"
		     "\nTry:  sudo rota demo                    see it work\n"
		     "      sudo rota stat -d 5s -p PID       a running process, five seconds\n"
		     "      sudo rota stat -- COMMAND         a command, from start to end\n");
}

static int help(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < COMMANDS; i++) {
		if (strcmp(argv[1], commands[i].name) != 0)
			continue;
		options_usage(stdout, commands[i].bit, commands[i].name);
		return EXIT_FINE;
	}
	if (argc > 1) {
		log_error("no command '%s'; `rota help` lists them", argv[1]);
		return EXIT_USAGE;
	}
	usage(stdout);
	return EXIT_FINE;
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;

	setlocale(LC_CTYPE, "");
	if (!name) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(name, "--version") || !strcmp(name, "version")) {
		printf("rota %s\n", ROTA_VERSION);
		return EXIT_FINE;
	}
	if (!strcmp(name, "help") || !strcmp(name, "--help") || !strcmp(name, "-h"))
		return help(argc - 1, argv + 1);
	for (size_t i = 0; i < COMMANDS; i++)
		if (!strcmp(name, commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	log_error("no command '%s'; `rota help` lists them", name);
	return EXIT_USAGE;
}
