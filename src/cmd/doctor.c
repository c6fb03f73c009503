/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rota doctor: what host found, as a table; exit status 0 only if `rota stat` would work. */
#include "host/doctor.h"
#include "cmd/cmd.h"
#include "cmd/output.h"
#include "view/doctor.h"

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
