/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What src/capture and the BPF programs tell each other beside the records: settings fixed before the load, a control
 * block in .bss, and the values of two maps. Fixed-width types only, sizes asserted.
 */
#ifndef ROTA_SETTINGS_H
#define ROTA_SETTINGS_H

#include "rota/record.h"

#define SETTINGS_SIBLING_MAX 7

enum bpf_kind { BPF_KIND_IDS, BPF_KIND_NAME, BPF_KIND_CGROUP, BPF_KIND_SYSTEM };

/* A compiled name pattern of at most 31 tokens: accept[c] has bit i where token i takes byte c; star: i is a `*`. */
struct bpf_glob {
	rota_u32 accept[256];
	rota_u32 star;
	rota_u32 end; /* the one bit past the last token */
};

struct bpf_settings {
	rota_u64 cgroup_id;
	rota_s64
		preempt_count_distance; /* x86-64: bytes from a cpu's struct rq to its preemption count; 0: not known */
	rota_u32 kind;                  /* enum bpf_kind */
	rota_u32 smt;                   /* most hardware threads on a core */
	rota_u32 own_namespace;         /* inode of rota's pid namespace; 0: the initial one, no translation */
	rota_u32 cgroup_hierarchy;
	rota_u32 ring_high_bytes; /* a ring fuller than this wakes user space */
	rota_u8 every_switch;     /* --system */
	rota_u8 children;
	rota_u8 has_prev_state;  /* sched_switch has its fourth argument (5.18 on) */
	rota_u8 has_rdonly_cast; /* bpf_rdonly_cast() (6.2 on) */
	rota_u8 zero[4];
	rota_u32 page_bytes; /* a page of memory: what guards a kernel stack that is mapped */
	struct bpf_glob glob;
};

enum bpf_walk { BPF_WALK_SEED, BPF_WALK_SYNC };

struct bpf_control {
	rota_u32 walk;        /* enum bpf_walk: what the task iterator does */
	rota_u32 sync_wanted; /* counts: a process joined or left T whose threads must be walked */
	rota_u32 seeded;      /* counts: tasks that seeding walks gave a part in T */
	rota_u32 own_tgid;    /* rota, as the initial pid namespace knows it: never in T */
	rota_u32 watch_all;   /* every switch of every cpu is recorded while this is not 0 */
	rota_u32 beyond;      /* tasks born with a tid above those the tables hold (pid_max was raised) */
	rota_u64 joined_ns;   /* when somebody joined T last: no wakeup before it is made up for */
};

/* how a thread stands to T: bits of its word in the kernel-side table, and of a seed */
#define MEMBER_PROCESS  0x01 /* on a tgid: every thread of the process is in T */
#define MEMBER_THREAD   0x02 /* this thread is in T */
#define MEMBER_EXCLUDED 0x04 /* this thread is not, though its process is (its cgroup differs) */
#define MEMBER_BY_NAME  0x08 /* in T because of its name: leaves when the name stops matching */

enum { KIND_OTHER, KIND_TARGET, KIND_IDLE, KINDS };

#define BPF_RELEASES 4
struct bpf_cpu { /* one for each cpu, two cache lines apart */
	/* written by this cpu only, with interrupts off */
	rota_u64 since_ns; /* when the occupant came, or was last accounted */
	rota_u64 spent_ns[KINDS];
	rota_u32 tid; /* occupant: siblings and wakers read it */
	rota_u32 kind;
	rota_u64 lost;             /* failed reservations not yet told by a LOST record (atomic: interrupts may nest) */
	rota_u32 emitted;          /* records so far; the ring's fill is looked at now and then */
	rota_u32 force_watch;      /* a thread of T may be queued here uncounted; until this cpu goes idle */
	rota_u64 runs, sampled_ns; /* cost: switches handled, and their time, projected from a sample */
	rota_u64 fence;            /* nothing but the object of an atomic addition */
	rota_u64 preempt_count;    /* address of this cpu's preemption count; 0: not looked up yet */
	rota_u64 task; /* the occupant's task_struct: a switch that was not delivered shows when another one leaves */
	rota_u64 exec_ns;               /* its sum_exec_runtime when it came */
	rota_u64 ahead_ns, ahead_at_ns; /* CLOCK_MONOTONIC less the run queue's clock, as of a time; 0: not known */
	rota_u64 calls;                 /* --syscalls: returned from here */
	/* written by any cpu (atomic) */
	rota_u32 queued; /* threads of T on this cpu's queue, not running; signed in spirit */
	rota_u32 zero2[15];
	/* written by this cpu only, rarely: the last stays out of quota that have ended here (bpf/throttle.bpf.h) */
	struct bpf_release {
		rota_u64 note, at_ns; /* the note of its threads; when it ended, in the time of rq.clock */
	} releases[BPF_RELEASES];
};

/* --syscalls (bpf/syscalls.bpf.h) */
struct bpf_call_settings {
	rota_u64 min_ns; /* a call that took so long is a CALL record too */
	rota_u32 on;
	rota_u32 zero;
};

struct bpf_call_control {
	rota_u32 epoch; /* calls are added up under its lowest bit; user space raises it, then empties what is old */
	rota_u32 open;  /* threads that the last walk found in a call */
	rota_u32 begun; /* 0: nothing is counted until a thread of T has done an exec */
	rota_u32 zero;
	rota_u64 homeless;  /* calls that found no place in the table of sums */
	rota_u64 shapeless; /* calls that found none in the table of lengths */
	rota_u64 headless;  /* calls that returned and whose beginning was not seen */
};

struct bpf_call_sum { /* value of `call_sums`; that of `call_spread` is a count */
	rota_u64 count, ns, cpu_ns, max_ns;
};

/* Keys of both: tid (22 bits), the call's number (12), compat (1), epoch (1); in `call_spread` also the bucket, from 40 on. */
#define BPF_CALL_KEY_NUMBER_SHIFT 22
#define BPF_CALL_KEY_COMPAT_SHIFT 34
#define BPF_CALL_KEY_EPOCH_SHIFT  35
#define BPF_CALL_KEY_BUCKET_SHIFT 40
#define BPF_CALL_SUMS             16384U  /* threads × calls in one round; 1.8 MiB */
#define BPF_CALL_SPREADS          262144U /* threads × calls × lengths; 21 MiB */

/*
 * By system call number, in the table of native calls and in that of 32-bit ones: what the first argument is, where that tells
 * more of why a thread blocks in the call (src/capture/arguments.c). Or an enum rota_fd_kind: what it must be, else the call fails.
 */
#define BPF_ARGUMENT_FILE    0x40 /* a file descriptor: the kind of its file is looked up */
#define BPF_ARGUMENT_ADDRESS 0x41 /* an address that is waited on */
#define BPF_CALL_NUMBERS     512  /* a power of two; calls with higher numbers take nothing of interest */
struct bpf_call_arguments {
	rota_u8 of[2][BPF_CALL_NUMBERS];
};

struct bpf_sample_settings {
	rota_u32 on; /* --stacks */
	rota_u32 zero;
};

/*
 * Where a Go process keeps what bpf/go.bpf.h reads, by tgid in `go_processes`. Offsets in bytes within the runtime's g, m and
 * p; BPF_NO_OFFSET where this version has no such member (src/runtime/go_layout.h says where they come from).
 */
#define BPF_GO_PROCESSES 1024U
#define BPF_NO_OFFSET    0xffffU
struct bpf_go {
	rota_s32 tls_offset; /* x86-64: from the thread's fs base to its g; arm64: not used, g is in x28 */
	rota_u16 g_m, g_atomicstatus, g_goid, g_startpc, g_waitreason;
	rota_u16 m_g0, m_curg, m_p, m_oldp, m_procid, m_lockedg, m_incgo, m_spinning, m_syscalltick;
	rota_u16 p_id, p_status, p_m, p_syscalltick;
};

struct bpf_go_settings {
	rota_u32 on;    /* Go programs are looked for at all */
	rota_u32 exact; /* --go-exact: every goroutine switch, by uprobes */
};

struct bpf_go_control {
	rota_u32 processes; /* in `go_processes`: none, and nothing is looked up */
	rota_u32 zero;
	rota_u64 hits; /* of the uprobes, so that too many can be noticed */
};

struct bpf_seed {
	rota_u8 member; /* MEMBER_PROCESS or MEMBER_THREAD */
	rota_u8 found;
	rota_u8 zero[2];
};

struct bpf_siblings {
	rota_u32 count; /* siblings of this cpu, itself not among them */
	rota_u32 cpus[SETTINGS_SIBLING_MAX];
};

ROTA_ASSERT_SIZE(struct bpf_glob, 258 * 4);
ROTA_ASSERT_SIZE(struct bpf_settings, 48 + 258 * 4);
ROTA_ASSERT_SIZE(struct bpf_control, 32);
ROTA_ASSERT_SIZE(struct bpf_cpu, 256);
ROTA_ASSERT_SIZE(struct bpf_call_settings, 16);
ROTA_ASSERT_SIZE(struct bpf_call_control, 40);
ROTA_ASSERT_SIZE(struct bpf_call_sum, 32);
ROTA_ASSERT_SIZE(struct bpf_call_arguments, 1024);
ROTA_ASSERT_SIZE(struct bpf_sample_settings, 8);
ROTA_ASSERT_SIZE(struct bpf_go, 40);
ROTA_ASSERT_SIZE(struct bpf_go_settings, 8);
ROTA_ASSERT_SIZE(struct bpf_go_control, 16);
ROTA_ASSERT_SIZE(struct bpf_seed, 4);
ROTA_ASSERT_SIZE(struct bpf_siblings, 32);

#endif
