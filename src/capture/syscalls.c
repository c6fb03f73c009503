/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: sums in two BPF tables. Goes out: records in the user-space stream. Leaves nothing old behind in the tables. */
#include "capture/syscalls.h"
#include "base/alloc.h"
#include "base/log.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>

#define BATCH 4096U /* entries read at once; a bucket of the kernel's hash must fit */

struct calls {
	struct program *program;
	struct program_calls side;
	uint64_t homeless, shapeless, headless; /* told so far */
	uint64_t *keys, *old_keys;
	struct bpf_call_sum *sums;
	uint64_t *counts;
};

struct calls *calls_new(struct program *program)
{
	struct program_calls side;
	struct calls *calls;

	if (!program_calls(program, &side))
		return NULL;
	calls = xcalloc(1, sizeof(*calls));
	calls->program = program;
	calls->side = side;
	calls->keys = xcalloc(BATCH, sizeof(*calls->keys));
	calls->old_keys = xcalloc(BPF_CALL_SPREADS, sizeof(*calls->old_keys));
	calls->sums = xcalloc(BATCH, sizeof(*calls->sums));
	calls->counts = xcalloc(BATCH, sizeof(*calls->counts));
	return calls;
}

void calls_free(struct calls *calls)
{
	if (!calls)
		return;
	free(calls->keys);
	free(calls->old_keys);
	free(calls->sums);
	free(calls->counts);
	free(calls);
}

static struct rota_record head_of(uint64_t key, uint8_t type, uint64_t ts_ns)
{
	return (struct rota_record){
		.ts_ns = ts_ns,
		.type = type,
		.flags = ROTA_F_TARGET | (key >> BPF_CALL_KEY_COMPAT_SHIFT & 1 ? ROTA_CALL_COMPAT : 0),
		.aux = key >> BPF_CALL_KEY_NUMBER_SHIFT & ROTA_REASON_SYSCALL_MASK,
		.tid = key & (ROTA_TID_MAX - 1),
	};
}

static void put_sum(struct drain *drain, uint64_t key, const struct bpf_call_sum *sum, uint64_t ts_ns)
{
	union rota_any_record record = {
		.calls = {.head = head_of(key, ROTA_REC_CALLS, ts_ns),
                          .count = sum->count,
                          .total_ns = sum->ns,
                          .cpu_ns = sum->cpu_ns,
                          .max_ns = sum->max_ns}
	};

	drain_put(drain, &record);
}

static void put_count(struct drain *drain, uint64_t key, uint64_t count, uint64_t ts_ns)
{
	union rota_any_record record = {
		.calls_spread = {.head = head_of(key, ROTA_REC_CALLS_SPREAD, ts_ns),
                                 .bucket = (uint32_t)(key >> BPF_CALL_KEY_BUCKET_SHIFT),
                                 .count = count}
	};

	drain_put(drain, &record);
}

/* Tells of a table's entries of epoch `old`, unless `drain` is NULL, and takes them out. */
static int empty_table(struct calls *calls, int fd, bool spread, uint32_t old, struct drain *drain, uint64_t ts_ns)
{
	void *values = spread ? (void *)calls->counts : (void *)calls->sums;
	uint32_t place = 0, old_count = 0;
	bool first = true;
	int err;

	do {
		uint32_t count = BATCH;

		err = bpf_map_lookup_batch(fd, first ? NULL : &place, &place, calls->keys, values, &count, NULL);
		if (err && errno != ENOENT)
			return -errno;
		first = false;
		for (uint32_t i = 0; i < count; i++) {
			uint64_t key = calls->keys[i];

			if ((key >> BPF_CALL_KEY_EPOCH_SHIFT & 1) != old || old_count == BPF_CALL_SPREADS)
				continue;
			calls->old_keys[old_count++] = key;
			if (drain && spread)
				put_count(drain, key, calls->counts[i], ts_ns);
			else if (drain)
				put_sum(drain, key, &calls->sums[i], ts_ns);
		}
	} while (!err);
	if (old_count && bpf_map_delete_batch(fd, calls->old_keys, &old_count, NULL))
		return -errno;
	return 0;
}

/* A record of tid 0: what the kernel side could not tell by thread and call. */
static void put_rest(struct drain *drain, uint8_t type, uint8_t flags, uint64_t count, uint64_t ts_ns)
{
	union rota_any_record record = {
		.head = {.ts_ns = ts_ns, .type = type, .flags = flags}
	};

	if (type == ROTA_REC_CALLS)
		record.calls.count = count;
	else
		record.calls_spread.count = count;
	drain_put(drain, &record);
}

static uint64_t since(const uint64_t *now, uint64_t *before)
{
	uint64_t count = __atomic_load_n(now, __ATOMIC_RELAXED), more = count - *before;

	*before = count;
	return more;
}

static void put_rests(struct calls *calls, struct drain *drain, bool start, uint64_t ts_ns)
{
	struct bpf_call_control *control = calls->side.control;
	uint64_t homeless = since(&control->homeless, &calls->homeless);
	uint64_t shapeless = since(&control->shapeless, &calls->shapeless);
	uint64_t headless = since(&control->headless, &calls->headless);

	if (start) {
		put_rest(drain, ROTA_REC_CALLS, 0, 0, ts_ns); /* says that calls are followed */
		return;
	}
	if (homeless)
		put_rest(drain, ROTA_REC_CALLS, 0, homeless, ts_ns);
	if (headless)
		put_rest(drain, ROTA_REC_CALLS, ROTA_CALLS_HEADLESS, headless, ts_ns);
	if (shapeless)
		put_rest(drain, ROTA_REC_CALLS_SPREAD, 0, shapeless, ts_ns);
}

/*
 * A program that had read the old epoch when it was raised may still write: a few calls then are told two rounds later. After
 * the end nothing follows, so that is waited for: membarrier() waits for all that runs with preemption off (synchronize_rcu()).
 */
static void put_open(struct calls *calls, struct drain *drain, uint64_t ts_ns)
{
	uint32_t open = 0;
	int err;

	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
		log_debug("membarrier: %s; calls that return just now may be missing", strerror(errno));
	err = program_open_calls(calls->program, &open);
	if (err)
		log_warn("cannot count the system calls that are open at the end: %s", strerror(-err));
	else if (open)
		put_rest(drain, ROTA_REC_CALLS, ROTA_CALLS_OPEN, open, ts_ns);
}

int calls_turn(struct calls *calls, struct drain *drain, uint8_t mark, uint64_t ts_ns)
{
	bool start = mark == ROTA_REC_START;
	uint32_t old;
	int err;

	if (!calls)
		return 0;
	old = __atomic_fetch_add(&calls->side.control->epoch, 1, __ATOMIC_SEQ_CST) & 1;
	if (mark == ROTA_REC_STOP)
		put_open(calls, drain, ts_ns);
	err = empty_table(calls, calls->side.sums_fd, false, old, start ? NULL : drain, ts_ns);
	if (!err)
		err = empty_table(calls, calls->side.spread_fd, true, old, start ? NULL : drain, ts_ns);
	if (err)
		log_error("cannot read the tables of system calls: %s", strerror(-err));
	else
		put_rests(calls, drain, start, ts_ns);
	return err;
}
