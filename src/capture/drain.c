/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: rings that fill. Goes out: chunks. Encodes as it drains, so that nothing is held twice; drops nothing. */
#include "capture/drain.h"
#include "base/alloc.h"
#include "base/log.h"
#include "capture/late.h"
#include "trace/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#define HAND_OVER_BYTES (256U << 10)

struct ring_drain { /* one cpu */
	struct drain *drain;
	uint64_t taken_bytes; /* in this drain_rings() */
	struct ring_buffer *ring;
	struct chunk_encoder *encoder;
	uint64_t last_ns; /* of the newest SWITCH, WAKEUP, SAMPLE or GO that was not late */
	struct late late;
	uint32_t count; /* records in the chunk begun, but for the late ones */
};

struct drain {
	struct capture_consumer consumer;
	uint32_t cpu_count;
	uint64_t ring_bytes;
	struct ring_drain *rings;
	struct chunk_encoder *own; /* ROTA_CPU_NONE */
	struct members *members;   /* NULL: nobody asks */
	int epoll_fd;
	int wake_fd; /* the one in the epoll set, -1: none */
	bool pidfds_added;
	size_t pidfds_open;
	int err; /* the consumer's, kept until it can be returned */
	struct drain_observer observers[DRAIN_OBSERVERS];
	uint32_t observer_count;
	uint64_t losses, lost, wakeups;
};

static void hand_over(struct drain *drain, struct chunk_encoder *encoder)
{
	struct chunk chunk;

	if (!chunk_encoder_size(encoder))
		return;
	chunk = chunk_encoder_take(encoder);
	if (!drain->err)
		drain->err = drain->consumer.chunk(drain->consumer.ctx, &chunk);
}

static void hand_over_ring(struct ring_drain *ring)
{
	late_settle(&ring->late, ring->encoder);
	ring->count = 0;
	hand_over(ring->drain, ring->encoder);
}

static bool is_observed(const union rota_any_record *record)
{
	switch (record->head.type) {
	case ROTA_REC_SWITCH:
		return record->sw.argument;
	case ROTA_REC_REASON:
		return record->reason.argument;
	case ROTA_REC_TASK:
	case ROTA_REC_EXEC:
	case ROTA_REC_SAMPLE:
	case ROTA_REC_GO:
	case ROTA_REC_GO_RUN:
		return true;
	default:
		return false;
	}
}

static void observe(struct drain *drain, const void *data, size_t size, union rota_any_record *ret_record)
{
	size_t own = rota_record_size(((const struct rota_record *)data)->type);

	memcpy(ret_record, data, own < size ? own : size);
	for (uint32_t i = 0; i < drain->observer_count; i++)
		drain->observers[i].see(drain->observers[i].ctx, ret_record, (const char *)data + own, size - own);
}

static int take_record(void *ctx, void *data, size_t size)
{
	struct ring_drain *ring = ctx;
	const union rota_any_record *record = data;
	union rota_any_record observed;

	if (record->head.type == ROTA_REC_LOST) {
		ring->drain->losses++;
		ring->drain->lost += record->lost.count;
	} else if (record->head.type == ROTA_REC_WAKEUP) {
		ring->drain->wakeups++;
	}
	if (members_told(record) && ring->drain->members)
		members_feed(ring->drain->members, record);
	if (is_observed(record)) {
		observe(ring->drain, data, size, &observed);
		record = &observed;
	}
	if (late_is(record, ring->last_ns)) {
		late_add(&ring->late, record, ring->count);
	} else {
		chunk_encode(ring->encoder, record);
		ring->count++;
		if (record->head.type == ROTA_REC_SWITCH || record->head.type == ROTA_REC_WAKEUP ||
		    record->head.type == ROTA_REC_SAMPLE || record->head.type == ROTA_REC_GO)
			ring->last_ns = record->head.ts_ns;
	}
	if (chunk_encoder_size(ring->encoder) >= HAND_OVER_BYTES)
		hand_over_ring(ring);
	/* a ring that fills as fast as it is drained must not hold up the others */
	ring->taken_bytes += size;
	return ring->taken_bytes > ring->drain->ring_bytes ? -EAGAIN : 0;
}

static int watch(struct drain *drain, int fd, uint32_t tag)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = (uint64_t)tag << 32 | (uint32_t)fd };

	return epoll_ctl(drain->epoll_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

enum { TAG_RING, TAG_WAKE, TAG_PIDFD };

int drain_new(struct program *program, const struct rota_topology *topology, uint64_t ring_bytes,
	      const struct capture_consumer *consumer, struct drain **ret_drain)
{
	struct drain *drain = xcalloc(1, sizeof(*drain));
	int err = 0;

	drain->consumer = *consumer;
	drain->cpu_count = topology->cpu_count;
	drain->ring_bytes = ring_bytes;
	drain->rings = xcalloc(drain->cpu_count, sizeof(*drain->rings));
	drain->own = chunk_encoder_new(ROTA_CPU_NONE);
	drain->wake_fd = -1;
	drain->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (drain->epoll_fd < 0)
		err = -errno;
	for (uint32_t cpu = 0; cpu < drain->cpu_count && !err; cpu++) {
		struct ring_drain *ring = &drain->rings[cpu];
		int fd = program_ring_fd(program, cpu);

		if (fd < 0)
			continue;
		ring->drain = drain;
		ring->encoder = chunk_encoder_new((uint16_t)cpu);
		ring->ring = ring_buffer__new(fd, take_record, ring, NULL);
		err = ring->ring ? watch(drain, ring_buffer__epoll_fd(ring->ring), TAG_RING) : -errno;
	}
	if (err) {
		log_error("cannot map the rings of the BPF programs: %s", strerror(-err));
		drain_free(drain);
		return err;
	}
	*ret_drain = drain;
	return 0;
}

void drain_free(struct drain *drain)
{
	if (!drain)
		return;
	for (uint32_t cpu = 0; cpu < drain->cpu_count; cpu++) {
		ring_buffer__free(drain->rings[cpu].ring);
		chunk_encoder_free(drain->rings[cpu].encoder);
		late_fini(&drain->rings[cpu].late);
	}
	chunk_encoder_free(drain->own);
	if (drain->epoll_fd >= 0)
		close(drain->epoll_fd);
	free(drain->rings);
	free(drain);
}

void drain_follow(struct drain *drain, struct members *members)
{
	drain->members = members;
}

static int watch_others(struct drain *drain, int wake_fd, const struct target *target)
{
	int err = 0;

	if (wake_fd >= 0 && drain->wake_fd != wake_fd) {
		err = watch(drain, wake_fd, TAG_WAKE);
		drain->wake_fd = wake_fd;
	}
	for (size_t i = 0; !drain->pidfds_added && i < target->pidfd_count && !err; i++) {
		if (target->pidfds[i] < 0)
			continue;
		err = watch(drain, target->pidfds[i], TAG_PIDFD);
		drain->pidfds_open++;
	}
	drain->pidfds_added = true;
	return err;
}

int drain_wait(struct drain *drain, uint64_t timeout_ns, int wake_fd, const struct target *target, bool *ret_ended)
{
	int timeout_ms = (int)((timeout_ns + 999999) / 1000000), err = watch_others(drain, wake_fd, target), n;
	struct epoll_event events[32];

	if (err)
		return err;
	n = epoll_wait(drain->epoll_fd, events, 32, timeout_ms);
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	for (int i = 0; i < n; i++) {
		if (events[i].data.u64 >> 32 != TAG_PIDFD)
			continue;
		epoll_ctl(drain->epoll_fd, EPOLL_CTL_DEL, (int)(uint32_t)events[i].data.u64, NULL);
		if (!--drain->pidfds_open)
			*ret_ended = true;
	}
	return 0;
}

int drain_rings(struct drain *drain)
{
	for (uint32_t cpu = 0; cpu < drain->cpu_count; cpu++) {
		struct ring_drain *ring = &drain->rings[cpu];
		int n;

		ring->taken_bytes = 0;
		n = ring->ring ? ring_buffer__consume(ring->ring) : 0;
		if (n < 0 && n != -EAGAIN && !drain->err)
			drain->err = n;
	}
	return drain->err;
}

void drain_observe(struct drain *drain, const struct drain_observer *observer)
{
	if (drain->observer_count < DRAIN_OBSERVERS)
		drain->observers[drain->observer_count++] = *observer;
}

int drain_flush(struct drain *drain)
{
	for (uint32_t cpu = 0; cpu < drain->cpu_count; cpu++)
		if (drain->rings[cpu].ring)
			hand_over_ring(&drain->rings[cpu]);
	hand_over(drain, drain->own);
	return drain->err;
}

void drain_put(struct drain *drain, const union rota_any_record *record)
{
	if (record->head.type == ROTA_REC_LOST)
		drain->lost += record->lost.count;
	chunk_encode(drain->own, record);
}

uint64_t drain_losses(const struct drain *drain)
{
	return drain->losses;
}

uint64_t drain_lost(const struct drain *drain)
{
	return drain->lost;
}

uint64_t drain_wakeups(const struct drain *drain)
{
	return drain->wakeups;
}
