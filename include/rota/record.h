/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The records that the BPF programs write into the per-cpu rings, and that user space adds to the stream beside them.
 * This is the only header that BPF and user space share: fixed-width little-endian types, sizes asserted, no pointers,
 * no `long`, no `bool`. It is an in-memory contract between one rota binary and its own BPF object; the trace file has
 * its own, versioned encoding of the same fields (docs/rota-trace.5).
 *
 * Words: `tid` is the kernel's thread id in the initial pid namespace (task_struct.pid), `tgid` the process id there
 * (task_struct.tgid). tid 0 is a cpu's idle task, once per cpu, and never a thread. T is the set of target threads.
 * Every ts_ns is CLOCK_MONOTONIC in nanoseconds (bpf_ktime_get_ns()).
 */
#ifndef ROTA_RECORD_H
#define ROTA_RECORD_H

#ifndef __bpf__
#include <stdint.h>
typedef uint8_t rota_u8;
typedef uint16_t rota_u16;
typedef uint32_t rota_u32;
typedef uint64_t rota_u64;
typedef int32_t rota_s32;
typedef int64_t rota_s64;
#else
typedef unsigned char rota_u8;
typedef unsigned short rota_u16;
typedef unsigned int rota_u32;
typedef unsigned long long rota_u64;
typedef int rota_s32;
typedef long long rota_s64;
#endif

#define ROTA_COMM_SIZE 16         /* TASK_COMM_LEN, NUL included (include/linux/sched.h) */
#define ROTA_CPU_NONE  0xffffU    /* no cpu: the stream of records that user space makes */
#define ROTA_CPU_MAX   4096U      /* cpus a trace may name; the kernel's own limit on x86-64 is 8192, on arm64 4096 */
#define ROTA_TID_MAX   (1U << 22) /* PID_MAX_LIMIT (include/linux/threads.h); every tid is below it */

enum rota_record_type {
	/* made by BPF, in the ring of the cpu on which the event happened */
	ROTA_REC_SWITCH = 1, /* sched_switch: head.tid left this cpu, next_tid took it */
	/*
	 * sched_wakeup, sched_wakeup_new: head.tid of T was put on the run queue of cpu head.aux. Of one that was THROTTLED,
	 * without the flag that says so: its quota is back, and it waits for the cpu from now on (bpf/throttle.bpf.h)
	 */
	ROTA_REC_WAKEUP,
	ROTA_REC_MIGRATE,  /* sched_migrate_task: head.tid of T, while queued, was moved to the queue of cpu head.aux */
	ROTA_REC_OCCUPANT, /* cpu head.aux was occupied by head.tid at ts; its switches are recorded from here on */
	ROTA_REC_TASK,     /* who head.tid is: first sighting, birth, joining T, or state at a synchronisation */
	ROTA_REC_NAME,     /* head.tid has a new name */
	ROTA_REC_EXEC,     /* head.tid did exec; until the exec its tid was old_tid (same, unless it was no leader) */
	ROTA_REC_LEAVE, /* head.tid left T alive (cgroup move, rename); head.aux 1: it is the leader, its whole process left */
	ROTA_REC_SNAPSHOT, /* occupant and cumulative times of this cpu, written on the cpu itself */
	ROTA_REC_LOST, /* `count` records could not be written to this cpu's ring since the record before this one */
	/* made by user space, in the stream ROTA_CPU_NONE */
	ROTA_REC_START,   /* ts is t0: the window begins; everything before it only establishes states */
	ROTA_REC_STOP,    /* ts is t1: the window ends */
	ROTA_REC_SYNC,    /* flags BEGIN/END around a walk of all live threads of T, each as a TASK record with SYNC */
	ROTA_REC_HOTPLUG, /* cpu head.aux went online (flag set) or offline */
	ROTA_REC_CPUTIME, /* cumulative stolen and interrupt time of cpu head.aux */
	ROTA_REC_COST,    /* what rota itself has cost so far */
	ROTA_REC_UNWATCH, /* ends what SNAPSHOT records with ROTA_SNAPSHOT_WATCHED began: cpus are watched by rule again */
	/* made by BPF */
	ROTA_REC_REASON, /* what head.tid, which a TASK record with SYNC or JOIN then says is BLOCKED, is blocked in */
	ROTA_REC_SAMPLE, /* the user stack of head.tid: at a tick of the sampling clock, or at the SWITCH that follows */
	ROTA_REC_CALL,   /* head.tid returned at ts from system call head.aux, in which it was for a long time */
	/* made by user space, in the stream ROTA_CPU_NONE: tables that other records refer to by number */
	ROTA_REC_TEXT, /* a piece of text number `id`; pieces come in order, the last one is shorter than ROTA_TEXT_SIZE */
	ROTA_REC_CGROUP, /* cgroup number head.aux, its path being text `path`; number 0 is none: cgroups were looked at */
	ROTA_REC_QUOTA, /* the cpu quota of cgroup number head.aux, and how often it was hit since the cgroup exists */
	ROTA_REC_CPUSET, /* set number head.aux holds 64 cpus from `first` as `mask` says; told once for each word not 0 */
	ROTA_REC_AFFINITY, /* head.tid may run on the cpus of set number head.aux, from ts on as far as is known */
	ROTA_REC_STACK, /* frames `first` … of stack number `id`, innermost first; told before or after its first SAMPLE */
	ROTA_REC_SYMBOL,       /* what lies at `address` in process head.tid */
	ROTA_REC_CALLS,        /* head.tid's calls of system call head.aux since the last such record */
	ROTA_REC_CALLS_SPREAD, /* how many of them lasted as long as bucket `bucket` says */
	/* of processes whose runtime manages threads of its own (Go). Made by BPF */
	ROTA_REC_GO, /* what Go thread head.tid carried: at the SWITCH that takes it off, which follows, or at a tick */
	ROTA_REC_GO_RUN, /* exact mode: from ts on head.tid runs goroutine `goid`; 0: it schedules */
	/* made by user space, in the stream ROTA_CPU_NONE; head.tid is the process (tgid) */
	ROTA_REC_RUNTIME, /* it runs a runtime that is followed from ts on; told again when what is known of it changes */
	ROTA_REC_GO_CENSUS, /* its scheduler at ts: goroutines and Ps by what they do. Not locked: figures of one moment may differ by a few */
	ROTA_REC_GO_TOTALS, /* what its runtime adds up itself, since it started */
	ROTA_REC_GO_LATENCY, /* of its goroutines that became runnable, how many waited about as long; since the last such record */
	ROTA_REC_GOROUTINE,     /* who goroutine `goid` is; told once, before or after the first record that names it */
	ROTA_REC_GO_REASON,     /* what wait reason number head.aux means in it */
	ROTA_REC_GO_POPULATION, /* --go-scan: at ts so many goroutines were in this state for this reason */
	ROTA_REC_TYPES
};

/* head.flags of every record that names a thread by head.tid: that thread is in T (for SWITCH: see below) */
#define ROTA_F_TARGET 0x01

/* How a thread left its cpu (SWITCH). prev->on_rq decides, prev_state only tells BLOCKED from STOPPED and DEAD. */
enum rota_out {
	ROTA_OUT_BLOCKED = 0, /* off the run queue, waiting for something (TASK_INTERRUPTIBLE, TASK_UNINTERRUPTIBLE…) */
	ROTA_OUT_PREEMPTED,   /* still on the run queue, did not ask to leave */
	ROTA_OUT_YIELDED,     /* still on the run queue, inside sched_yield(2) */
	ROTA_OUT_STOPPED,     /* __TASK_STOPPED, __TASK_TRACED or TASK_FROZEN */
	ROTA_OUT_DEAD,        /* TASK_DEAD: it will never run again */
};

/* SWITCH flags */
#define ROTA_SWITCH_PREV_TARGET 0x01 /* = ROTA_F_TARGET: head.tid is in T */
#define ROTA_SWITCH_NEXT_TARGET 0x02
#define ROTA_SWITCH_OUT_SHIFT   2 /* three bits: enum rota_out of head.tid; meaningless when head.tid is 0 */
#define ROTA_SWITCH_OUT_MASK    0x1c
#define ROTA_SWITCH_THROTTLED   0x20 /* still runnable, but its cgroup is out of quota */
#define ROTA_SWITCH_IOWAIT      0x40 /* task_struct.in_iowait when it blocked */
#define ROTA_SWITCH_INVOLUNTARY                                                                                        \
	0x80 /* the kernel counted it in nivcsw, not nvcsw (see kernel/sched/core.c __schedule()) */

/* WAKEUP flags, beside ROTA_F_TARGET */
#define ROTA_WAKEUP_NEW       0x02 /* sched_wakeup_new: its first time on a run queue */
#define ROTA_WAKEUP_IRQ       0x04 /* requested from interrupt context: waker_tid is who happened to be interrupted */
#define ROTA_WAKEUP_HAS_WAKER 0x08 /* sched_waking was seen: waker_tid and waking_delay_ns are meant */
#define ROTA_WAKEUP_THROTTLED 0x10 /* queued, but its cgroup is out of quota */
#define ROTA_WAKEUP_OCCUPIED  0x20 /* occupant_tid is meant */

/* TASK flags, beside ROTA_F_TARGET */
#define ROTA_TASK_NEW     0x02 /* born at ts (task_newtask); its parent's tid is in parent_tid */
#define ROTA_TASK_JOIN    0x04 /* was alive before, joins T at ts */
#define ROTA_TASK_SYNC    0x08 /* written by a synchronisation: `state` is what it was doing at ts */
#define ROTA_TASK_KTHREAD 0x10 /* PF_KTHREAD */
#define ROTA_TASK_WORKER  0x20 /* PF_IO_WORKER or PF_USER_WORKER: an io_uring or vhost worker of a user process */

/* Other one-record flags */
#define ROTA_SYNC_BEGIN     0x02
#define ROTA_SYNC_END       0x04
#define ROTA_HOTPLUG_ONLINE 0x02
/* every switch of this cpu is recorded from this snapshot on, until UNWATCH: what edges of a window lie in */
#define ROTA_SNAPSHOT_WATCHED 0x02
#define ROTA_SAMPLE_SWITCH    0x02 /* taken at the switch-out that comes next in this ring, not by the clock */
#define ROTA_SAMPLE_KERNEL    0x04 /* the clock hit in kernel mode */
#define ROTA_CALL_COMPAT      0x02 /* CALL, CALLS, CALLS_SPREAD: a 32-bit call; head.aux is a number of that table */
#define ROTA_CALLS_OPEN       0x04 /* CALLS of tid 0: `count` threads are in a call at ts */
#define ROTA_CALLS_HEADLESS   0x08 /* CALLS of tid 0: `count` calls returned that had begun before they were followed */
#define ROTA_CGROUP_V1        0x02 /* of cgroup v1's cpu hierarchy */
#define ROTA_CGROUP_HIDDEN    0x04 /* of number 0: rota's namespace or mounts hide ancestors, which may have a limit */
#define ROTA_CGROUP_CUT       0x08 /* of number 0: there were more cgroups or threads than could be looked at */

/* GO, GO_RUN: head.aux is the number of the P that the M holds, plus one; 0: none */
#define ROTA_GO_TICK       0x02 /* at a tick of the sampling clock, not at a switch-out */
#define ROTA_GO_SYSTEM     0x04 /* on a stack of the runtime's own (g0, gsignal): scheduling, collecting, in a signal */
#define ROTA_GO_LOCKED     0x08 /* the M is locked to a goroutine (runtime.LockOSThread) */
#define ROTA_GO_CGO        0x10 /* the M is in C code that Go called */
#define ROTA_GO_SPINNING   0x20 /* the M is looking for work */
#define ROTA_GO_FOREIGN    0x40 /* a thread that Go knows nothing of: goid, P and state are not meant */
#define ROTA_GO_UNREADABLE 0x80 /* its memory could not be read now: the same */
/* `state` of GO: status of the goroutine (runtime2.go, without the scan bit), of the P, and the number of its wait reason */
#define ROTA_GO_G_STATUS(state) ((state)&0xffU)
#define ROTA_GO_P_STATUS(state) ((state) >> 8 & 0xffU)
#define ROTA_GO_REASON(state)   ((state) >> 16 & 0xffU)
enum rota_go_g_status { /* runtime/runtime2.go, Go 1.18 to 1.27 */
			ROTA_GO_G_IDLE = 0,
			ROTA_GO_G_RUNNABLE = 1,
			ROTA_GO_G_RUNNING = 2,
			ROTA_GO_G_SYSCALL = 3,
			ROTA_GO_G_WAITING = 4,
			ROTA_GO_G_DEAD = 6,
			ROTA_GO_G_COPYSTACK = 8,
			ROTA_GO_G_PREEMPTED = 9,
			ROTA_GO_G_DEADEXTRA = 11, /* 1.26 on: of a thread that C made, between its calls of Go */
};
enum rota_go_p_status { /* the same file; _Psyscall is gone in 1.26 */
			ROTA_GO_P_IDLE = 0,
			ROTA_GO_P_RUNNING = 1,
			ROTA_GO_P_SYSCALL = 2,
			ROTA_GO_P_GCSTOP = 3,
			ROTA_GO_P_DEAD = 4,
};
#define ROTA_GOROUTINE_SYSTEM 0x02 /* one of the runtime's own (isSystemGoroutine() in runtime/traceback.go) */
#define ROTA_CENSUS_GC_KNOWN  0x02 /* whether it collects garbage is known */
#define ROTA_CENSUS_GC        0x04 /* it does */
#define ROTA_RUNTIME_LOST     0x02 /* from here on only its threads are followed; `note` says why */
#define ROTA_RUNTIME_CGO      0x04
#define ROTA_RUNTIME_PIE      0x08
#define ROTA_RUNTIME_STRIPPED 0x10
#define ROTA_RUNTIME_EXACT    0x20 /* GO_RUN records are written; without it, after they were: they have ended */
enum rota_runtime_kind { ROTA_RUNTIME_GO = 1 }; /* head.aux of RUNTIME */
enum rota_runtime_tier { ROTA_TIER_NONE = 0, ROTA_TIER_DWARF, ROTA_TIER_SYMBOLS, ROTA_TIER_SCAN };
enum rota_runtime_setter { /* who chose GOMAXPROCS */
			   ROTA_SETTER_UNKNOWN = 0,
			   ROTA_SETTER_RUNTIME,     /* the default: as many as cpus, or as its quota has it */
			   ROTA_SETTER_ENVIRONMENT, /* the variable GOMAXPROCS when it started */
			   ROTA_SETTER_PROGRAM,     /* runtime.GOMAXPROCS() */
};

/*
 * Why a thread blocked, in one word, read at its switch-out (SWITCH) or by a walk (REASON): the system call that it is in,
 * by its saved registers, and the kind of file its first argument names. 0: not told.
 */
#define ROTA_REASON_SYSCALL_MASK  0x00000fffU /* its number in the caller's table */
#define ROTA_REASON_NO_SYSCALL    0x00000fffU /* it is in none: a page fault or another exception */
#define ROTA_REASON_FD_KIND_SHIFT 12
#define ROTA_REASON_FD_KIND_MASK  0x0001f000U /* enum rota_fd_kind */
#define ROTA_REASON_COMPAT        0x00020000U /* a 32-bit call: the number is of that table */
#define ROTA_REASON_WORKER        0x00040000U /* a kernel thread, an io_uring or vhost worker; always with NO_SYSCALL */
#define ROTA_REASON_EXITING       0x00080000U /* PF_EXITING; always with NO_SYSCALL */
#define ROTA_REASON_TOLD          0x80000000U /* set in every word that says anything */

enum rota_fd_kind {
	ROTA_FD_NONE = 0, /* the call takes no file, or it is not known which */
	ROTA_FD_FILE,
	ROTA_FD_DIRECTORY,
	ROTA_FD_BLOCK_DEVICE,
	ROTA_FD_CHAR_DEVICE,
	ROTA_FD_TTY,
	ROTA_FD_PIPE, /* and FIFOs */
	ROTA_FD_SOCKET_UNIX,
	ROTA_FD_SOCKET_INET,
	ROTA_FD_SOCKET_INET6,
	ROTA_FD_SOCKET_NETLINK,
	ROTA_FD_SOCKET_PACKET,
	ROTA_FD_SOCKET_VSOCK,
	ROTA_FD_SOCKET_OTHER,
	ROTA_FD_EVENTFD, /* from here on: anonymous inodes (fs/anon_inodes.c), by the name of their file */
	ROTA_FD_EPOLL,
	ROTA_FD_TIMERFD,
	ROTA_FD_SIGNALFD,
	ROTA_FD_INOTIFY,
	ROTA_FD_FANOTIFY,
	ROTA_FD_IO_URING,
	ROTA_FD_PIDFD,
	ROTA_FD_USERFAULTFD,
	ROTA_FD_OTHER,
	ROTA_FD_KINDS
};

struct rota_record { /* the head of each record; some records are nothing but the head */
	rota_u64 ts_ns;
	rota_u8 type;
	rota_u8 flags;
	rota_u16 aux;
	rota_u32 tid;
};

struct rota_rec_switch { /* head.tid: who left; head.aux: its raw task state, low 16 bits, for the reason only */
	struct rota_record head;
	rota_u32 next_tid;
	rota_u32 reason;   /* ROTA_OUT_BLOCKED, of T: ROTA_REASON_*; else 0 */
	rota_u64 argument; /* of a futex call: the address that is waited on; else 0, also where reason is 0 */
};

struct rota_rec_wakeup { /* head.tid: the wakee; head.aux: the cpu whose queue it is on now */
	struct rota_record head;
	rota_u32 waker_tid;       /* `current` in sched_waking: not who is current here */
	rota_u32 occupant_tid;    /* who is on cpu head.aux at this moment, 0 for idle */
	rota_u32 waking_delay_ns; /* sched_waking to this event, saturating */
	rota_u32 zero;
};

struct rota_rec_migrate { /* head.aux: the cpu whose queue it is on now */
	struct rota_record head;
	rota_u32 occupant_tid; /* who is on cpu head.aux */
	rota_u32 from_cpu;
};

/* What a thread is doing, in TASK records. The values are those of enum rota_state (rota/transition.h). */
struct rota_rec_task {
	struct rota_record head; /* head.aux: the cpu it runs on, is queued on or ran on last */
	rota_u32 tgid;
	rota_u32 parent_tid;        /* NEW: the thread that made it; else the leader of the parent process */
	rota_u64 start_boottime_ns; /* task_struct.start_boottime, CLOCK_BOOTTIME: with the tid it is the identity */
	rota_u8 state;              /* JOIN, SYNC: enum rota_state at ts. Else ROTA_UNKNOWN */
	rota_u8 zero[7];
	char comm[ROTA_COMM_SIZE];
};

struct rota_rec_name {
	struct rota_record head;
	char comm[ROTA_COMM_SIZE];
};

struct rota_rec_exec {
	struct rota_record head;
	rota_u32 old_tid;
	rota_u32 zero;
	char comm[ROTA_COMM_SIZE];
};

struct rota_rec_snapshot { /* head.aux: the cpu; head.tid: its occupant. Times are since the programs were loaded */
	struct rota_record head;
	rota_u64 target_ns;
	rota_u64 other_ns;
	rota_u64 idle_ns;
};

struct rota_rec_lost { /* head.aux: the cpu, or ROTA_CPU_NONE when a whole program was skipped on an unknown cpu */
	struct rota_record head;
	rota_u64 count;
};

struct rota_rec_cputime { /* cumulative since boot, from /proc/stat: resolution 10 ms */
	struct rota_record head;
	rota_u64 steal_ns;
	rota_u64 irq_ns; /* hard and soft interrupts together */
};

struct rota_rec_cost { /* cumulative since the programs were loaded */
	struct rota_record head;
	rota_u64
		bpf_ns; /* from the kernel's BPF statistics; 0 with aux 0 where they are off, aux 1 where measured, aux 2 where estimated from counts */
	rota_u64 user_ns; /* cpu time of the recording process */
};

struct rota_rec_reason {
	struct rota_record head;
	rota_u32 reason;
	rota_u32 zero;
	rota_u64 argument; /* as in SWITCH */
};

struct rota_rec_sample {
	struct rota_record head;
	rota_u32 stack; /* number of a STACK; 0: could not be taken */
	rota_u32 tgid;  /* for capture, which names the frames; not kept in a trace */
};

#define ROTA_STACK_DEPTH 127 /* frames of a stack at most: PERF_MAX_STACK_DEPTH, kernel.perf_event_max_stack */

struct rota_rec_call { /* head.aux: the system call's number */
	struct rota_record head;
	rota_u64 duration_ns;
};

#define ROTA_TEXT_SIZE 32
struct rota_rec_text {
	struct rota_record head; /* head.aux: bytes of this piece; less than ROTA_TEXT_SIZE, also 0, in the last one */
	rota_u32 id;             /* from 1, ascending */
	rota_u32 zero;
	char text[ROTA_TEXT_SIZE]; /* not NUL-terminated; no NUL in it */
};

struct rota_rec_cgroup {
	struct rota_record head;
	rota_u32 path; /* a TEXT, as in /proc/PID/cgroup */
	rota_u32 zero;
};

struct rota_rec_quota { /* counters are those of cpu.stat (Documentation/admin-guide/cgroup-v2.rst; sched-bwc.rst for v1) */
	struct rota_record head;
	rota_u64 quota_ns; /* cpu time allowed in a period; 0: no limit */
	rota_u64 period_ns;
	rota_u64 periods, throttled_periods, throttled_ns;
};

struct rota_rec_cpuset {
	struct rota_record head;
	rota_u32 first; /* a multiple of 64 */
	rota_u32 zero;
	rota_u64 mask;
};

struct rota_rec_affinity {
	struct rota_record head;
};

#define ROTA_STACK_FRAMES 4
struct rota_rec_stack {
	struct rota_record head; /* head.aux: how many of frames[] are meant */
	rota_u32 id;
	rota_u32 first; /* number of frames[0] in the stack: 0, 4, 8… */
	rota_u64 frames
		[ROTA_STACK_FRAMES]; /* return addresses in the process, but the innermost: the instruction itself */
};

struct rota_rec_symbol {
	struct rota_record head;
	rota_u64 address;
	rota_u64 offset; /* of address from the beginning of what `name` names */
	rota_u32 name;   /* a TEXT; 0: no symbol */
	rota_u32 module; /* a TEXT: the mapped file's name; 0: none */
};

/*
 * Calls that returned since the last such record; ts is that of START, STOP or a round. With head.tid 0 (one of them stands at
 * START where calls are followed at all): without a flag, calls that are in no other record, for want of room; else by flag.
 */
struct rota_rec_calls {
	struct rota_record head;
	rota_u64 count;
	rota_u64 total_ns; /* from entry to return, by the wall clock */
	rota_u64 cpu_ns;   /* of that, on a cpu */
	rota_u64 max_ns;
};

struct rota_rec_calls_spread { /* head.tid 0: `count` calls are in a CALLS record, but in no such one, for want of room */
	struct rota_record head;
	rota_u32 bucket; /* base/histogram.h: of each four neighbours the second stands for all (rota.bpf.c, ± 1.6 %) */
	rota_u32 zero;
	rota_u64 count;
};

struct rota_rec_go {
	struct rota_record head;
	rota_u64 goid;     /* 0: the M has none (it schedules, or sleeps); not used again in a process */
	rota_u64 start_pc; /* where that goroutine began, for capture, which names it; not kept in a trace */
	rota_u32 state;    /* ROTA_GO_G_STATUS, ROTA_GO_P_STATUS, ROTA_GO_REASON */
	rota_u32 tgid;     /* for capture; not kept */
};

struct rota_rec_go_run {
	struct rota_record head;
	rota_u64 goid, start_pc; /* as in GO */
	rota_u32 tgid, zero;
};

struct rota_rec_runtime {
	struct rota_record head; /* head.aux: enum rota_runtime_kind */
	rota_u32 version;        /* a TEXT: "go1.24.4" */
	rota_u32 note;           /* a TEXT: with ROTA_RUNTIME_LOST why; else what could not be found; 0: none */
	rota_u32 gomaxprocs;     /* as the process has it; 0: not known */
	rota_u32 environment;    /* GOMAXPROCS in its environment when it started; 0: none, or not a number */
	rota_u32 tier;           /* enum rota_runtime_tier: how its structures were found */
	rota_u32 setter;         /* enum rota_runtime_setter */
};

struct rota_rec_go_census {
	struct rota_record head; /* head.aux: GOMAXPROCS; 0: the program has ended, all is 0 */
	rota_u32 goroutines;     /* started and not ended, the runtime's own among them */
	rota_u32 system;         /* of these, the runtime's own, as far as sched.ngsys counts them */
	rota_u32 runnable;       /* in run queues: global, of Ps, and next of Ps */
	rota_u32 running;        /* on an M that holds a P, not in a system call */
	rota_u32 in_syscall;
	rota_u16 p_idle, p_running, p_syscall,
		p_stopped; /* Ps; sum is GOMAXPROCS. p_running: has an M that runs Go code */
	rota_u16 m_count, m_idle, m_spinning,
		m_locked; /* Ms: all, parked, looking for work, idle and locked to a goroutine */
	rota_u32 zero;
};

struct rota_rec_go_totals { /* since the process started; ~0: not known */
	struct rota_record head;
	rota_u64
		mutex_wait_ns; /* goroutines waiting for sync.Mutex and sync.RWMutex (sched.totalMutexWaitTime, an estimate) */
	rota_u64 gc_cycles;
	rota_u64
		gc_assist_ns; /* spent by goroutines that had to help collecting; Ps' counters, flushed at the end of a cycle */
};

struct rota_rec_go_latency {
	struct rota_record head;
	rota_u64 upper_ns; /* they waited less than this, and as long as the next smaller bound; ~0: no bound */
	rota_u64 count;    /* of transitions that the runtime looked at, which are one in eight */
};

struct rota_rec_goroutine {
	struct rota_record head;
	rota_u64 goid;
	rota_u32 start; /* a TEXT: the function that it began with, "main.worker"; 0: not known */
	rota_u32 zero;
};

struct rota_rec_go_reason {
	struct rota_record head;
	rota_u32 name; /* a TEXT: "chan receive" */
	rota_u32 zero;
};

struct rota_rec_go_population { /* head.aux: enum rota_go_g_status. Those of one look have one ts */
	struct rota_record head;
	rota_u32 reason; /* a TEXT: why it waits; 0: it does not, or not known */
	rota_u32 zero;
	rota_u64 count;
};

union rota_any_record { /* room for any record */
	struct rota_record head;
	struct rota_rec_switch sw;
	struct rota_rec_wakeup wakeup;
	struct rota_rec_migrate migrate;
	struct rota_rec_task task;
	struct rota_rec_name name;
	struct rota_rec_exec exec;
	struct rota_rec_snapshot snapshot;
	struct rota_rec_lost lost;
	struct rota_rec_cputime cputime;
	struct rota_rec_cost cost;
	struct rota_rec_reason reason;
	struct rota_rec_sample sample;
	struct rota_rec_call call;
	struct rota_rec_text text;
	struct rota_rec_cgroup cgroup;
	struct rota_rec_quota quota;
	struct rota_rec_cpuset cpuset;
	struct rota_rec_affinity affinity;
	struct rota_rec_stack stack;
	struct rota_rec_symbol symbol;
	struct rota_rec_calls calls;
	struct rota_rec_calls_spread calls_spread;
	struct rota_rec_go go;
	struct rota_rec_go_run go_run;
	struct rota_rec_runtime runtime;
	struct rota_rec_go_census go_census;
	struct rota_rec_go_totals go_totals;
	struct rota_rec_go_latency go_latency;
	struct rota_rec_goroutine goroutine;
	struct rota_rec_go_reason go_reason;
	struct rota_rec_go_population go_population;
};

#define ROTA_ASSERT_SIZE(type, size) _Static_assert(sizeof(type) == (size), #type " has another size")
ROTA_ASSERT_SIZE(struct rota_record, 16);
ROTA_ASSERT_SIZE(struct rota_rec_switch, 32);
ROTA_ASSERT_SIZE(struct rota_rec_wakeup, 32);
ROTA_ASSERT_SIZE(struct rota_rec_migrate, 24);
ROTA_ASSERT_SIZE(struct rota_rec_task, 56);
ROTA_ASSERT_SIZE(struct rota_rec_name, 32);
ROTA_ASSERT_SIZE(struct rota_rec_exec, 40);
ROTA_ASSERT_SIZE(struct rota_rec_snapshot, 40);
ROTA_ASSERT_SIZE(struct rota_rec_lost, 24);
ROTA_ASSERT_SIZE(struct rota_rec_cputime, 32);
ROTA_ASSERT_SIZE(struct rota_rec_cost, 32);
ROTA_ASSERT_SIZE(struct rota_rec_reason, 32);
ROTA_ASSERT_SIZE(struct rota_rec_sample, 24);
ROTA_ASSERT_SIZE(struct rota_rec_call, 24);
ROTA_ASSERT_SIZE(struct rota_rec_text, 56);
ROTA_ASSERT_SIZE(struct rota_rec_cgroup, 24);
ROTA_ASSERT_SIZE(struct rota_rec_quota, 56);
ROTA_ASSERT_SIZE(struct rota_rec_cpuset, 32);
ROTA_ASSERT_SIZE(struct rota_rec_affinity, 16);
ROTA_ASSERT_SIZE(struct rota_rec_stack, 56);
ROTA_ASSERT_SIZE(struct rota_rec_symbol, 40);
ROTA_ASSERT_SIZE(struct rota_rec_calls, 48);
ROTA_ASSERT_SIZE(struct rota_rec_calls_spread, 32);
ROTA_ASSERT_SIZE(struct rota_rec_go, 40);
ROTA_ASSERT_SIZE(struct rota_rec_go_run, 40);
ROTA_ASSERT_SIZE(struct rota_rec_runtime, 40);
ROTA_ASSERT_SIZE(struct rota_rec_go_census, 56);
ROTA_ASSERT_SIZE(struct rota_rec_go_totals, 40);
ROTA_ASSERT_SIZE(struct rota_rec_go_latency, 32);
ROTA_ASSERT_SIZE(struct rota_rec_goroutine, 32);
ROTA_ASSERT_SIZE(struct rota_rec_go_reason, 24);
ROTA_ASSERT_SIZE(struct rota_rec_go_population, 32);
ROTA_ASSERT_SIZE(union rota_any_record, 56); /* an event shall fit a cache line: analysis copies many */

#endif
