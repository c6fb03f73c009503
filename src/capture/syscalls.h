/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * --syscalls, user space's half: the tables that bpf/syscalls.bpf.h fills are emptied at START, STOP and each round, and go out
 * as CALLS and CALLS_SPREAD records. While one half of a table is read, the programs write into the other.
 */
#ifndef ROTA_CAPTURE_SYSCALLS_H
#define ROTA_CAPTURE_SYSCALLS_H

#include "capture/drain.h"
#include "capture/program.h"

struct calls;
/* NULL where calls are not followed; the functions below take NULL. */
struct calls *calls_new(struct program *program);
void calls_free(struct calls *calls);
/*
 * What returned until now is told as of ts_ns, the time of `mark` (ROTA_REC_START: what came before is dropped instead;
 * ROTA_REC_STOP; 0: a round). To be called before the mark is put, and as soon as may be after ts_ns. 0, or -errno, logged.
 */
int calls_turn(struct calls *calls, struct drain *drain, uint8_t mark, uint64_t ts_ns);

#endif
