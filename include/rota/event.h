/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A record after decoding: validated (type, cpu and tid in range, names NUL-terminated), and, when it comes out of
 * `stream`, in one order for the whole machine: ts_ns never falls from one event to the next. Where the records' own
 * times said otherwise (clocks of two cpus differ by up to 10 µs) the later cause was put first and ts_ns lifted.
 */
#ifndef ROTA_EVENT_H
#define ROTA_EVENT_H

#include "rota/record.h"

/* Beside the record types, stream makes one event of its own: the moment after which a cpu's records were lost. */
#define ROTA_EVENT_GAP 0x40 /* head.aux: the cpu; ts: its last good record. The matching ROTA_REC_LOST ends the gap */

struct rota_event {
	union rota_any_record rec; /* rec.head.ts_ns is the ordered time */
	uint16_t cpu;              /* the cpu whose ring it came from, or ROTA_CPU_NONE */
};

#endif
