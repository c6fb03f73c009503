/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef ROTA_METRIC_SUMMARY_H
#define ROTA_METRIC_SUMMARY_H

#include "rota/summary.h"

/* Frees a summary and all that it owns; not the topology. NULL is fine. */
void rota_summary_free(struct rota_summary *summary);
/* Appends a sentence to the notes, once: an equal one is not added again. */
void rota_summary_note(struct rota_summary *summary, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
