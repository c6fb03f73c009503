/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The chunks of one ring, waiting to be merged: copies of chunks go in, decoded records come out one after another, with
 * the record that follows the head already decoded. Bytes that do not decode become a LOST record where they stood.
 * Never reads a record that names a cpu the machine does not have.
 */
#ifndef ROTA_STREAM_QUEUE_H
#define ROTA_STREAM_QUEUE_H

#include "trace/chunk.h"

struct queue_chunk {
	struct queue_chunk *next;
	struct chunk view;
	uint8_t bytes[];
};

struct queue {
	struct rota_event slots[2]; /* the head and the record after it */
	uint8_t head, filled;       /* slots[head]; how many of the two are filled */
	uint16_t cpu;               /* whose ring; ROTA_CPU_NONE for user space's */
	uint32_t cpu_count;
	bool decoding;           /* `decoder` is inside `first` */
	bool broken;             /* bytes were dropped behind the last filled slot, and no LOST record says so yet */
	bool gap_open;           /* a GAP was given out that no LOST has ended yet */
	uint8_t parked;          /* how often the head was put off for the sake of its cause */
	uint64_t floor_ns;       /* no record of this ring is ordered before this time */
	uint64_t damaged_chunks; /* chunks that did not decode */
	struct chunk_decoder decoder;
	struct queue_chunk *first, *last;
};

void queue_init(struct queue *queue, uint16_t cpu, uint32_t cpu_count);
void queue_fini(struct queue *queue);
/* Copies the chunk; fills the look-ahead. */
void queue_push(struct queue *queue, const struct chunk *chunk);
void queue_fill(struct queue *queue);
/* After chunk_decode() said `rc` into the slot behind the filled ones: whatever is not plain. */
void queue_decoded(struct queue *queue, int rc);

/* Drops the head: the record after it, if there is one, is the head at once. queue_refill() must follow. */
static inline void queue_drop_head(struct queue *queue)
{
	queue->head ^= 1;
	queue->filled--;
	queue->parked = 0;
}

/* Fills the look-ahead after queue_drop_head(). */
static inline void queue_refill(struct queue *queue)
{
	struct rota_event *slot = &queue->slots[queue->head ^ 1];
	int rc;

	if (__builtin_expect(queue->filled != 1 || !queue->decoding || queue->broken, 0)) {
		queue_fill(queue);
		return;
	}
	rc = chunk_decode(&queue->decoder, slot);
	if (__builtin_expect(rc > 0, 1) &&
	    (slot->rec.head.type == ROTA_REC_SWITCH ||
	     (slot->rec.head.type == ROTA_REC_WAKEUP && slot->rec.head.aux < queue->cpu_count)))
		queue->filled = 2;
	else
		queue_decoded(queue, rc);
}

static inline struct rota_event *queue_head(struct queue *queue)
{
	return queue->filled ? &queue->slots[queue->head] : NULL;
}

/* The records behind the head's ring position were lost: the next one is LOST, or undecodable bytes follow. */
static inline bool queue_lost_next(const struct queue *queue)
{
	if (queue->filled < 2)
		return queue->broken;
	return queue->slots[queue->head ^ 1].rec.head.type == ROTA_REC_LOST;
}

/* Looks through the waiting records, head included, up to until_ns for the first that `match`es. False if there is none. */
typedef bool (*queue_match_fn)(const struct rota_event *event, uint32_t tid, uint32_t cpu);
struct queue_sought {
	queue_match_fn match;
	uint32_t tid, cpu; /* what `match` is asked with */
	uint64_t until_ns;
};
bool queue_find(const struct queue *queue, const struct queue_sought *sought, uint64_t *ret_ts_ns);

/* True if the record names only cpus below cpu_count (or ROTA_CPU_NONE where that has a meaning). */
bool queue_names_cpus_of(const struct rota_event *event, uint32_t cpu_count);

#endif
