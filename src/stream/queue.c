/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The chunks of one ring, waiting to be merged (queue.h). Chunks are freed as soon as their last record is decoded; a
 * chunk that stops making sense is dropped from there on and leaves a LOST record of count 0 before the next good one.
 */
#include "stream/queue.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define QUEUE_FIND_MAX 256 /* records looked at in one search: 20 µs hold a few dozen at the highest rates */

void queue_init(struct queue *queue, uint16_t cpu, uint32_t cpu_count)
{
	memset(queue, 0, sizeof(*queue));
	queue->cpu = cpu;
	queue->cpu_count = cpu_count;
}

void queue_fini(struct queue *queue)
{
	while (queue->first) {
		struct queue_chunk *next = queue->first->next;

		free(queue->first);
		queue->first = next;
	}
	queue->last = NULL;
}

bool queue_names_cpus_of(const struct rota_event *event, uint32_t cpu_count)
{
	const struct rota_record *head = &event->rec.head;

	switch (head->type) {
	case ROTA_REC_WAKEUP:
	case ROTA_REC_OCCUPANT:
	case ROTA_REC_TASK:
	case ROTA_REC_SNAPSHOT:
	case ROTA_REC_HOTPLUG:
	case ROTA_REC_CPUTIME:
		return head->aux < cpu_count;
	case ROTA_REC_MIGRATE:
		return head->aux < cpu_count && event->rec.migrate.from_cpu < cpu_count;
	case ROTA_REC_LOST:
		return head->aux < cpu_count || head->aux == ROTA_CPU_NONE;
	default:
		return true;
	}
}

static void queue_drop_chunk(struct queue *queue)
{
	struct queue_chunk *chunk = queue->first;

	queue->first = chunk->next;
	if (!queue->first)
		queue->last = NULL;
	queue->decoding = false;
	free(chunk);
}

static void queue_make_lost(const struct queue *queue, uint64_t ts_ns, struct rota_event *ret_event)
{
	memset(ret_event, 0, sizeof(*ret_event));
	ret_event->cpu = queue->cpu;
	ret_event->rec.head.type = ROTA_REC_LOST;
	ret_event->rec.head.aux = queue->cpu;
	ret_event->rec.head.ts_ns = ts_ns;
}

static struct rota_event *queue_free_slot(struct queue *queue)
{
	return &queue->slots[queue->head ^ (queue->filled & 1)];
}

/* What chunk_decode() said becomes a filled slot, the end of the chunk, or damage. */
static void queue_accept(struct queue *queue, int rc)
{
	struct rota_event *slot = queue_free_slot(queue);

	if (rc == 0) {
		queue_drop_chunk(queue);
	} else if (rc < 0 || !queue_names_cpus_of(slot, queue->cpu_count)) {
		queue->damaged_chunks++;
		queue->broken = queue->cpu != ROTA_CPU_NONE; /* user space's: stream doubts all cpus */
		queue_drop_chunk(queue);
	} else {
		if (slot->rec.head.type == ROTA_REC_LOST && queue->cpu != ROTA_CPU_NONE)
			slot->rec.head.aux = queue->cpu; /* a ring tells its own losses only */
		queue->filled++;
	}
}

/* Behind bytes that were dropped: the next good record comes after a LOST that stands for them. */
static void queue_resume(struct queue *queue)
{
	struct rota_event *slot = queue_free_slot(queue);
	struct chunk_decoder before = queue->decoder;
	int rc = chunk_decode(&queue->decoder, slot);

	if (rc <= 0 || !queue_names_cpus_of(slot, queue->cpu_count)) {
		queue_accept(queue, rc);
		return;
	}
	queue->decoder = before;
	queue->broken = false;
	queue_make_lost(queue, slot->rec.head.ts_ns, slot);
	queue->filled++;
}

void queue_fill(struct queue *queue)
{
	while (queue->filled < 2 && queue->first) {
		if (!queue->decoding) {
			chunk_decoder_init(&queue->decoder, &queue->first->view);
			queue->decoding = true;
		}
		if (queue->broken)
			queue_resume(queue);
		else
			queue_accept(queue, chunk_decode(&queue->decoder, queue_free_slot(queue)));
	}
}

void queue_decoded(struct queue *queue, int rc)
{
	queue_accept(queue, rc);
	queue_fill(queue);
}

void queue_push(struct queue *queue, const struct chunk *chunk)
{
	struct queue_chunk *copy = xmalloc(sizeof(*copy) + chunk->size);

	memcpy(copy->bytes, chunk->bytes, chunk->size);
	copy->view = *chunk;
	copy->view.bytes = copy->bytes;
	copy->next = NULL;
	if (queue->last)
		queue->last->next = copy;
	else
		queue->first = copy;
	queue->last = copy;
	queue_fill(queue);
}

bool queue_find(const struct queue *queue, const struct queue_sought *sought, uint64_t *ret_ts_ns)
{
	const struct queue_chunk *chunk = queue->first;
	struct chunk_decoder decoder;
	struct rota_event event;

	for (unsigned int i = 0; i < queue->filled; i++) {
		const struct rota_event *slot = &queue->slots[queue->head ^ i];

		if (slot->rec.head.ts_ns > sought->until_ns)
			return false;
		if (sought->match(slot, sought->tid, sought->cpu)) {
			*ret_ts_ns = slot->rec.head.ts_ns;
			return true;
		}
	}
	if (!chunk)
		return false;
	if (queue->decoding)
		decoder = queue->decoder;
	else
		chunk_decoder_init(&decoder, &chunk->view);
	for (unsigned int i = 0; i < QUEUE_FIND_MAX; i++) {
		int rc = chunk_decode(&decoder, &event);

		if (rc < 0)
			return false;
		if (rc == 0) {
			chunk = chunk->next;
			if (!chunk)
				return false;
			chunk_decoder_init(&decoder, &chunk->view);
			continue;
		}
		if (event.rec.head.ts_ns > sought->until_ns)
			return false;
		if (sought->match(&event, sought->tid, sought->cpu)) {
			*ret_ts_ns = event.rec.head.ts_ns;
			return true;
		}
	}
	return false;
}
