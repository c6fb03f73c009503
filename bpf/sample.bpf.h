/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The ticks of a sampling clock: what the threads of a Go program carry (go.bpf.h); and, with --stacks, where in its code a thread
 * of T is, then and at each switch-out. A SAMPLE goes into the ring with the frames behind it; src/capture/names.c numbers the stacks and takes the frames off. User stacks are
 * walked by the kernel along frame pointers (perf_callchain_user()): code built without them gives short stacks.
 */
#ifndef ROTA_BPF_SAMPLE_H
#define ROTA_BPF_SAMPLE_H

#include "go.bpf.h"
#include "member.bpf.h"

#define BPF_F_USER_STACK (1ULL << 8) /* include/uapi/linux/bpf.h */

const volatile struct bpf_sample_settings sample_settings = {};

struct sample_buffer {
	struct rota_rec_sample sample;
	u64 frames[ROTA_STACK_DEPTH];
};

/* One a cpu: a switch has interrupts off, and the clock's interrupt does not interrupt itself. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, u32);
	__type(value, struct sample_buffer);
	__uint(max_entries, 1);
} sample_buffers SEC(".maps");

/* `current` is the thread that is sampled; `ctx` the program's own. */
static __always_inline void emit_stack_sample(const struct outlet *outlet, void *ctx, u64 now, u32 tid, u32 tgid,
					      u8 flags)
{
	u32 cpu = outlet->cpu;
	struct sample_buffer *buffer = bpf_map_lookup_elem(&sample_buffers, &cpu);
	u64 wakeup = BPF_RB_NO_WAKEUP;
	long bytes;

	if (!buffer || (outlet->self->lost && !tell_lost(outlet, now)))
		return;
	fill_head(&buffer->sample.head, now, ROTA_REC_SAMPLE, flags | ROTA_F_TARGET, 0, tid);
	buffer->sample.stack = 0;
	buffer->sample.tgid = tgid;
	bytes = bpf_get_stack(ctx, buffer->frames, sizeof(buffer->frames), BPF_F_USER_STACK);
	if (bytes < 0)
		bytes = 0; /* it has no user memory any more, or none that is mapped */
	if (bytes > (long)sizeof(buffer->frames))
		bytes = sizeof(buffer->frames);
	if (++outlet->self->emitted % FILL_CHECK == 0 &&
	    bpf_ringbuf_query(outlet->ring, BPF_RB_AVAIL_DATA) > settings.ring_high_bytes)
		wakeup = BPF_RB_FORCE_WAKEUP;
	if (bpf_ringbuf_output(outlet->ring, buffer, sizeof(buffer->sample) + bytes, wakeup))
		__sync_fetch_and_add(&outlet->self->lost, 1);
}

/* The sampling clock's tick, in a hard interrupt of the thread that runs. */
SEC("perf_event")
int on_tick(u64 *ctx)
{
	u64 both = bpf_get_current_pid_tgid();
	u32 tid = both, tgid = both >> 32;
	struct outlet outlet;
	u64 now;
	/* struct bpf_perf_event_data begins with the registers: x86-64 struct pt_regs.ip, arm64 struct user_pt_regs.pc */
#if defined(__TARGET_ARCH_x86)
	__s64 ip = ctx[16];
	u64 r28 = 0;
#else
	__s64 ip = ctx[32];
	u64 r28 = ip < 0 ? 0 : ctx[28];
#endif

	if (!tid || !in_target(tid, tgid) || !outlet_open(&outlet))
		return 0;
	now = bpf_ktime_get_ns();
	emit_go_at_tick(&outlet, now, r28, tid, tgid);
	if (sample_settings.on) /* addresses of the kernel are in the upper half */
		emit_stack_sample(&outlet, ctx, now, tid, tgid, ip < 0 ? ROTA_SAMPLE_KERNEL : 0);
	return 0;
}

#endif
