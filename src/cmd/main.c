/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: argv. Goes out: an exit status. A table of commands, and nothing else. */
#include "base/log.h"
#include "cmd/cmd.h"

#include <fcntl.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
	{"stat",      cmd_stat,     "measure now, print a report"                        },
	{ "record",   cmd_record,   "write a trace for later"                            },
	{ "report",   cmd_report,   "report on a trace; needs no root"                   },
	{ "export",   cmd_export,   "what a trace holds, for other tools: flame graphs"  },
	{ "topology", cmd_topology, "sockets, cores and hardware threads of this machine"},
	{ "doctor",   cmd_doctor,   "does rota work here? what to do if not"             },
	{ "demo",     cmd_demo,     "a small known program under observation"            },
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
	char *asked[] = { argc > 1 ? argv[1] : NULL, (char[]){ "--help" }, NULL };

	for (size_t i = 0; argc > 1 && i < COMMANDS; i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(2, asked);
	if (argc > 1) {
		log_error("no command '%s'; `rota help` lists them", argv[1]);
		return EXIT_USAGE;
	}
	usage(stdout);
	return fflush(stdout) ? EXIT_FAILED : EXIT_FINE;
}

/*
 * A standard stream that is closed would be the next file that is opened, and a report would go into a trace. What stands
 * in for it cannot be used either: reading or writing fails with EBADF.
 */
static bool hold_standard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			return false;
	return true;
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;

	if (!hold_standard_streams())
		return EXIT_FAILED; /* and nowhere to say so */
	setlocale(LC_CTYPE, "");
	if (!name) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(name, "--version") || !strcmp(name, "version")) {
		printf("rota %s\n", ROTA_VERSION);
		return fflush(stdout) ? EXIT_FAILED : EXIT_FINE;
	}
	if (!strcmp(name, "help") || !strcmp(name, "--help") || !strcmp(name, "-h"))
		return help(argc - 1, argv + 1);
	for (size_t i = 0; i < COMMANDS; i++)
		if (!strcmp(name, commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	log_error("no command '%s'; `rota help` lists them", name);
	return EXIT_USAGE;
}
