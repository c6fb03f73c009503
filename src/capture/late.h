/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef ROTA_CAPTURE_LATE_H
#define ROTA_CAPTURE_LATE_H

#include "trace/chunk.h"

#include <stdbool.h>

/*
 * Whether `record` was written late (bpf/unseen.bpf.h): a SWITCH or WAKEUP from before last_ns, the newest time of such a
 * record of the same ring so far.
 */
bool late_is(const union rota_any_record *record, uint64_t last_ns);
/*
 * Puts it where it belongs in time among the records that `encoder` holds, but behind what else they tell about the same
 * thread, and behind every LOST.
 */
void late_insert(struct chunk_encoder *encoder, const union rota_any_record *record);

#endif
