/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Records that were written late into their ring: kept aside while a chunk fills, put where they belong when it is taken. */
#ifndef ROTA_CAPTURE_LATE_H
#define ROTA_CAPTURE_LATE_H

#include "trace/chunk.h"

#include <stdbool.h>

struct late { /* of one ring; all zero is empty */
	struct late_record {
		union rota_any_record record;
		uint32_t at; /* its place in the chunk: behind so many of the records that were not late */
	} * list;
	size_t capacity;
	uint32_t count;
};

/*
 * Whether `record` was written late (bpf/unseen.bpf.h, bpf/throttle.bpf.h): a SWITCH or WAKEUP from before last_ns, the newest
 * time of such a record of the same ring so far.
 */
bool late_is(const union rota_any_record *record, uint64_t last_ns);
/* Keeps a record that came when the chunk held `at` others. */
void late_add(struct late *late, const union rota_any_record *record, uint32_t at);
/*
 * Puts those kept where they belong in time among the records that `encoder` holds, but behind what else they tell about the
 * same thread, and behind every LOST; and forgets them.
 */
void late_settle(struct late *late, struct chunk_encoder *encoder);
void late_fini(struct late *late);

#endif
