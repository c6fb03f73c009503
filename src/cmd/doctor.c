/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rota doctor: what host found, as a table; exit status 0 only if `rota stat` would work. */
#include "host/doctor.h"
#include "capture/capture.h"
#include "cmd/cmd.h"
#include "cmd/output.h"
#include "view/doctor.h"

#include <stdio.h>
#include <string.h>

/* Whatever could be asked, the proof is in the loading. Where something is known to stop it, that has its row. */
static size_t try_programs(struct doctor_row *rows, size_t count)
{
	struct doctor_row *row = &rows[count];
	const char *refused;
	int err;

	if (count == DOCTOR_MAX_ROWS || doctor_verdict(rows, count))
		return count;
	*row = (struct doctor_row){ .question = "rota's programs" };
	err = capture_try(&refused);
	if (!err) {
		row->grade = DOCTOR_OK;
		snprintf(row->found, sizeof(row->found), "this kernel takes them");
		return count + 1;
	}
	row->grade = DOCTOR_FAIL;
	snprintf(row->found, sizeof(row->found), "this kernel refuses them: %s%s%s", refused, *refused ? ": " : "",
		 strerror(-err));
	snprintf(row->fix, sizeof(row->fix),
		 "please report this kernel, with what `rota doctor -v` prints; another kernel may do meanwhile");
	return count + 1;
}

int cmd_doctor(int argc, char **argv)
{
	struct doctor_row rows[DOCTOR_MAX_ROWS];
	struct view_doctor_row lines[DOCTOR_MAX_ROWS];
	struct view_options view;
	struct options options;
	size_t count;
	int err = options_parse(CMD_DOCTOR, "doctor", argc, argv, &options);

	if (err)
		return err > 0 ? EXIT_FINE : EXIT_USAGE;
	count = doctor_examine("", rows, DOCTOR_MAX_ROWS);
	count = try_programs(rows, count);
	for (size_t i = 0; i < count; i++)
		lines[i] = (struct view_doctor_row){ .question = rows[i].question,
						     .grade = (enum view_grade)rows[i].grade,
						     .found = rows[i].found,
						     .fix = rows[i].fix };
	output_adapt(stdout, &options, "doctor", &view);
	if (options.json)
		err = json_doctor(stdout, lines, count, !doctor_verdict(rows, count));
	else
		text_doctor(stdout, lines, count, &view);
	return output_end(stdout, err) || doctor_verdict(rows, count) ? EXIT_FAILED : EXIT_FINE;
}
