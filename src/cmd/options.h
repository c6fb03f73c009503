/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The command line as data: one table of options, each with the commands it belongs to. Parsing, `rota help` and the usage
 * errors come from the table; the man pages and completions are checked against it by a test.
 */
#ifndef ROTA_CMD_OPTIONS_H
#define ROTA_CMD_OPTIONS_H

#include "base/log.h"
#include "cmd/value.h"
#include "target/target.h"
#include "view/view.h"

#include <stdbool.h>
#include <stdint.h>

enum command_bit {
	CMD_STAT = 1,
	CMD_RECORD = 2,
	CMD_REPORT = 4,
	CMD_TOPOLOGY = 8,
	CMD_DOCTOR = 16,
	CMD_DEMO = 32,
	CMD_EXPORT = 64,
};

struct options {
	/* target */
	bool has_target;
	struct target_request target;
	/* capture */
	uint64_t duration_ns, interval_ns, flush_ns, ring_bytes; /* 0: not given */
	bool syscalls;
	uint64_t syscall_min_ns;
	bool stacks;
	bool no_go, go_scan, go_exact;
	bool fail_on_loss;
	/* output */
	const char *output; /* -o; NULL: the command's default */
	bool json, csv, check;
	enum log_level level;
	struct view_options view;
	bool trace_on_stdout; /* record -o -: a command's own output must go elsewhere */
	bool rows_given, no_colour;
	struct time_point from, to;
	/* export: which of the words its option lists */
	unsigned int export_format, export_state;
	uint32_t export_level;
	bool level_given, format_given;
	/* what is left on the command line */
	char **arguments;
	int argument_count;
};

/* 0; 1: help was asked for and printed; -EINVAL: the reason was logged (exit status 2). */
int options_parse(enum command_bit command, const char *name, int argc, char **argv, struct options *ret_options);
/* The usage of one command, or of all (0). */
void options_usage(FILE *out, enum command_bit command, const char *name);

#endif
