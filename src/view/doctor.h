/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* `rota doctor`: what was asked of the machine, what was found, and what to do, as a table or JSON. Drawing only. */
#ifndef ROTA_VIEW_DOCTOR_H
#define ROTA_VIEW_DOCTOR_H

#include "view/view.h"

#include <stddef.h>

enum view_grade { VIEW_OK, VIEW_NOTE, VIEW_WARN, VIEW_FAIL };

struct view_doctor_row {
	const char *question, *found, *fix; /* fix: "" where there is nothing to do */
	enum view_grade grade;
};

void text_doctor(FILE *out, const struct view_doctor_row *rows, size_t count, const struct view_options *options);
/* {"schema": "rota.doctor/1", "works": …, "rows": [{"question", "grade", "found", "fix"}]}. 0 or -errno of writing. */
int json_doctor(FILE *out, const struct view_doctor_row *rows, size_t count, bool works);

/* `rota topology --json`: {"schema": "rota.topology/1", counts, "cpus": […]}. 0 or -errno of writing. */
int json_topology(FILE *out, const struct rota_topology *topology);

#endif
