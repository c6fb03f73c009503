/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What this machine offers rota, probed, never guessed from version numbers: one row a question, with what was found, what
 * it means and what to do about it. `rota doctor` prints the table; the errors of other commands are rows of it too.
 */
#ifndef ROTA_HOST_DOCTOR_H
#define ROTA_HOST_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum doctor_grade {
	DOCTOR_OK,
	DOCTOR_NOTE, /* good to know; rota works */
	DOCTOR_WARN, /* rota works, but something is less exact or not tested */
	DOCTOR_FAIL, /* `rota stat` would not work */
};

struct doctor_row {
	const char *question; /* "kernel", "BTF", "capabilities", "lockdown"… */
	enum doctor_grade grade;
	char found[160];
	char fix[240]; /* "" where there is nothing to do */
};

/* Fills at most `size` rows, returns how many. `root` is "" on a machine, a directory of canned files in tests. */
size_t doctor_examine(const char *root, struct doctor_row *rows, size_t size);
/* The first row that stops `rota stat`, or NULL. */
const struct doctor_row *doctor_verdict(const struct doctor_row *rows, size_t count);
#define DOCTOR_MAX_ROWS 32

/* The ring each cpu gets where nobody asks for another size: a power of two from 256 KiB to 8 MiB, 256 MiB in all. */
uint64_t doctor_ring_bytes(uint32_t cpu_count);

#endif
