/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One function a subcommand: gets its own argv (argv[0] is its name), returns the exit status. */
#ifndef ROTA_CMD_CMD_H
#define ROTA_CMD_CMD_H

enum exit_status {
	EXIT_FINE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_LOSS = 3,      /* --fail-on-loss, and records were lost */
	EXIT_OWN_FAIL = 125 /* rota's own failure where the exit status is the command's, as with timeout(1) */
};

int cmd_stat(int argc, char **argv);
int cmd_record(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_topology(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_demo(int argc, char **argv);

#endif
