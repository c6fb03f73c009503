/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From rings to chunks: waits for the rings, takes the records out, encodes them, and hands full chunks to the consumer.
 */
#ifndef ROTA_CAPTURE_DRAIN_H
#define ROTA_CAPTURE_DRAIN_H

#include "capture/capture.h"
#include "capture/members.h"
#include "capture/program.h"

/*
 * Sees TASK, EXEC, SAMPLE, GO and GO_RUN, and SWITCH and REASON records with an argument on their way, and may change them;
 * `rest` is what a SAMPLE has behind it in the ring: frames. Must not drain.
 */
struct drain_observer {
	void *ctx;
	void (*see)(void *ctx, union rota_any_record *record, const void *rest, size_t rest_size);
};

struct drain;
int drain_new(struct program *program, const struct rota_topology *topology, uint64_t ring_bytes,
	      const struct capture_consumer *consumer, struct drain **ret_drain);
void drain_free(struct drain *drain);
#define DRAIN_OBSERVERS 2U
/* Of several, each is shown what those before it made of a record. */
void drain_observe(struct drain *drain, const struct drain_observer *observer);
/* From now on `members`, which outlives the drain, is fed with what passes. */
void drain_follow(struct drain *drain, struct members *members);
/*
 * Sleeps until a ring fills, `wake_fd` or a pidfd of `target` is readable, or timeout_ns has passed. *ret_ended is set
 * once all pidfds were. 0 or -errno.
 */
int drain_wait(struct drain *drain, uint64_t timeout_ns, int wake_fd, const struct target *target, bool *ret_ended);
/* Takes out what there is, of each ring at most its size; full chunks go to the consumer. */
int drain_rings(struct drain *drain);
int drain_flush(struct drain *drain); /* hands over the chunks begun, the user-space stream's last */
void drain_put(struct drain *drain, const union rota_any_record *record); /* into the user-space stream */
uint64_t drain_losses(const struct drain *drain);                         /* LOST records seen */
uint64_t drain_lost(const struct drain *drain);                           /* records that they said were lost */
uint64_t drain_wakeups(const struct drain *drain);                        /* WAKEUP records seen */

#endif
