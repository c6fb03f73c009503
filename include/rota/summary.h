/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a window of observation amounts to: plain data, made by src/metric, completed by src/cmd (who, where, when) and
 * drawn by src/view, which gets it as `const struct rota_summary *` and nothing else. All times are nanoseconds; a view
 * divides. The definitions are those of docs/architecture.md ("Words and definitions"); the field names follow the JSON
 * schema rota.summary/1. Freed by rota_summary_free() (src/metric/summary.h), which owns every pointer below.
 */
#ifndef ROTA_SUMMARY_H
#define ROTA_SUMMARY_H

#include "rota/topology.h"
#include "rota/transition.h"

struct rota_levels {          /* time spent at each level of a count (running threads, cores with one of ours…) */
	uint32_t level_count; /* size of ns[]: levels 0 … level_count - 1, the highest with time > 0 */
	uint64_t *ns;         /* ns[k]: time at level k */
	uint64_t unknown_ns;  /* time in which the level is not known */
	/* Derived: Σ ns + unknown_ns = window. */
	double mean;        /* over the known time; 0 if there is none */
	double mean_active; /* over the known time at levels ≥ 1; 0 if there is none */
	uint32_t max;
	uint64_t active_ns; /* known time at levels ≥ 1 */
};

/*
 * A log-linear histogram of durations: 128 linear buckets an octave, so that a bucket's width is at most 1/128 of its
 * lower edge (relative error < 0.8 %); durations below 256 ns are exact. Bucket numbers: base/histogram.h.
 */
struct rota_histogram {
	uint64_t count, sum_ns, max_ns;
	uint32_t bucket_count;
	uint64_t *buckets;
};

struct rota_smt_split { /* how the siblings of a running hardware thread spent the running time; the four sum to it */
	uint64_t idle_ns, ours_ns, others_ns, unknown_ns;
};

struct rota_runqueue { /* stays in RUNNABLE (THROTTLED apart); a stay cut by an edge counts with its part inside */
	uint64_t ns, count;
	uint64_t cut_count; /* how many of `count` were cut by an edge of the window */
	uint64_t cause_ns[ROTA_CAUSES], cause_count[ROTA_CAUSES];
	struct rota_histogram histogram;
};

enum rota_blocked_class { /* docs/blocked.md says which system calls and kinds of file make which */
			  ROTA_BLOCKED_UNKNOWN = 0, /* blocked before the first event seen, or not told */
			  ROTA_BLOCKED_LOCK,
			  ROTA_BLOCKED_NETWORK,
			  ROTA_BLOCKED_DISK,
			  ROTA_BLOCKED_SLEEP,
			  ROTA_BLOCKED_POLL,
			  ROTA_BLOCKED_PIPE, /* pipes and other channels between processes of this machine */
			  ROTA_BLOCKED_WAIT, /* for children, signals, other processes */
			  ROTA_BLOCKED_PAGE_FAULT,
			  ROTA_BLOCKED_WORKER, /* a kernel thread or worker: it is not in a system call of its own */
			  ROTA_BLOCKED_EXITING,
			  ROTA_BLOCKED_OTHER,
			  ROTA_BLOCKED_CLASSES
};

struct rota_blocked { /* stays in BLOCKED of one kind */
	uint8_t blocked_class;
	bool merged;          /* stands for stays of several kinds, for want of room; what follows is not meant */
	bool compat;          /* a 32-bit call */
	bool uninterruptible; /* the kernel did not let signals end it */
	bool iowait;
	char syscall[24]; /* "futex"; "" where it was in none, or which is not known */
	char fd_kind[16]; /* "pipe", "socket inet"…; "" where there is none */
	uint64_t ns, count;
};

#define ROTA_LOCK_WAKERS 4
struct rota_lock { /* waits in futex calls on one address */
	uint32_t tgid;
	uint64_t address;
	char name[64]; /* "object+offset in module"; "" where nothing is known of the address */
	uint64_t ns, count, max_ns;
	uint64_t handed_on;    /* of count: stays ended by a thread that waited for this address in the window, too */
	uint32_t waiter_count; /* threads that waited */
	uint32_t waker_count;  /* rows of wakers[]: most wakeups first */
	struct {
		uint32_t tid;
		char name[ROTA_COMM_SIZE];
		uint64_t count;
	} wakers[ROTA_LOCK_WAKERS];
};

struct rota_quota {   /* a cgroup with a limit on cpu time, of T or above it */
	char *cgroup; /* path; owned */
	bool v1;
	double cpus;                         /* quota / period, of the last reading that had a limit */
	uint64_t period_ns;                  /* of the last reading with a limit */
	uint64_t periods, throttled_periods; /* in the window */
	uint64_t throttled_ns;               /* as the kernel counts it: run queues × time */
};

struct rota_affinity { /* which cpus T's threads were allowed, time-weighted over threads that want to run */
	bool known;
	double allowed_cpus;       /* online cpus that at least one thread of T may use, mean over the window */
	uint32_t confined_threads; /* threads that may not use every cpu */
	char cpus[64];             /* the union of sets that lasted, as a cpu list, cut with "…" */
};

struct rota_work_conservation { /* a thread of T queued behind another while a cpu it may use was idle */
	bool known;             /* false: what other cpus did was not recorded for most of that time */
	uint64_t idle_while_runnable_ns;
	uint64_t untold_ns; /* a thread of T was queued, and whether another cpu was idle was not recorded */
};

struct rota_syscall { /* --syscalls: calls of one kind, of one thread or of all; those that returned in the window */
	uint32_t tid, tgid; /* tid 0: of all, or of threads that are not told apart */
	char thread[ROTA_COMM_SIZE];
	char syscall[24];
	bool compat;
	uint64_t count, ns, cpu_ns, max_ns; /* ns = cpu_ns + time off the cpu */
	uint64_t p50_ns, p99_ns;            /* ± 1.6 % or 2 ns, the larger; 0: not known */
};

enum rota_limit { /* verdict.limit; names and letters of limit_by_second: base/limit.h */
		  ROTA_LIMIT_UNKNOWN = 0,
		  ROTA_LIMIT_NONE,
		  ROTA_LIMIT_HARDWARE,
		  ROTA_LIMIT_SMT,
		  ROTA_LIMIT_QUOTA,
		  ROTA_LIMIT_AFFINITY,
		  ROTA_LIMIT_OVERSUBSCRIBED,
		  ROTA_LIMIT_NEIGHBOURS,
		  ROTA_LIMIT_STEAL,
		  ROTA_LIMIT_LOCK,
		  ROTA_LIMIT_SERIAL,
		  ROTA_LIMIT_IO_DISK,
		  ROTA_LIMIT_IO_NETWORK,
		  ROTA_LIMIT_RUNTIME,
		  ROTA_LIMITS
};

struct rota_evidence {
	char name[32]; /* "held_up_share" */
	double value;
	char unit[16];  /* "share", "cpus", "s", "%"… */
	char says[160]; /* the same as a sentence, with the threshold where there is one */
};

#define ROTA_EVIDENCE_MAX 8
struct rota_verdict {
	uint8_t limit, second; /* enum rota_limit; second: the next best candidate, ROTA_LIMIT_UNKNOWN if none */
	char sentence[240];
	char advice[240]; /* "" where there is nothing to try */
	char second_says[160];
	uint32_t evidence_count;
	struct rota_evidence evidence[ROTA_EVIDENCE_MAX];
	uint64_t second_ns;    /* what by_second[] counts in: 1 s, in very long recordings 2 s, 4 s… */
	uint32_t second_count; /* of by_second[], one for each second of the window, the last one maybe shorter */
	uint8_t *by_second;    /* enum rota_limit; owned */
};

struct rota_cpu_ns {
	uint32_t cpu;
	uint64_t ns;
};

struct rota_thread_summary {
	uint32_t tid, tgid;
	uint64_t start_boottime_ns;
	char name[ROTA_COMM_SIZE];
	bool kthread, worker;
	uint32_t folded;                /* 0: one thread. Else this row stands for that many threads that have exited */
	bool alive;                     /* still in T at the end of the window */
	uint64_t state_ns[ROTA_STATES]; /* [ROTA_NONE] is 0; the others sum to lifetime_ns */
	uint64_t lifetime_ns;           /* time in T inside the window */
	struct rota_smt_split smt;
	uint64_t criticality_ns; /* ∫ dt / P over its RUNNING time; Σ over threads = time with P ≥ 1, ± 1 ns a thread */
	uint64_t alone_ns;       /* of its RUNNING time, P = 1; Σ over threads = time at level 1 */
	double mean_parallelism; /* mean P while it ran; 0 if it never did */
	uint64_t voluntary, involuntary, switch_ins;
	uint64_t migrations[ROTA_DISTANCES];
	struct rota_runqueue runqueue; /* histogram.buckets NULL where only totals are kept for each thread */
	uint32_t blocked_count;
	struct rota_blocked *blocked;
	uint64_t class_ns[ROTA_BLOCKED_CLASSES]; /* sums to state_ns[ROTA_BLOCKED] */
	uint32_t cpu_count;                      /* cpus it ran on, most time first */
	struct rota_cpu_ns *cpus;
	uint32_t allowed_cpus; /* online cpus it may use; 0: not known */
	/* --syscalls: its calls that returned. cpu_ns is its time in the kernel, but for page faults and interrupts */
	uint64_t syscall_ns, syscall_cpu_ns;
};

struct rota_process_summary { /* threads of one tgid added up */
	uint32_t tgid;
	char name[ROTA_COMM_SIZE]; /* the leader's where it was seen, else a thread's */
	uint32_t thread_count;
	uint64_t state_ns[ROTA_STATES], lifetime_ns;
	struct rota_smt_split smt;
	uint64_t criticality_ns, voluntary, involuntary, migrations[ROTA_DISTANCES];
};

struct rota_cpu_summary { /* the five times sum to the window; steal and irq lie within them */
	uint32_t cpu;
	uint64_t target_ns, other_ns, idle_ns, offline_ns, unknown_ns;
	uint64_t steal_ns, irq_ns; /* from /proc/stat, 10 ms resolution */
	bool steal_known;
	struct rota_smt_split smt; /* of its target_ns */
	uint64_t switch_ins;       /* of threads of T */
};

struct rota_core_summary {
	uint32_t core, package;
	uint32_t level_count; /* hardware threads of the core + 1 */
	uint64_t *level_ns;   /* level_ns[k]: time with exactly k siblings running T; Σ + unknown_ns = window */
	uint64_t unknown_ns;
};

struct rota_wait {      /* one of the longest waits for a cpu */
	uint64_t at_ns; /* when the wait began, from the start of the window; 0 if it was open then */
	uint64_t ns;
	uint32_t tid, tgid;
	char thread[ROTA_COMM_SIZE];
	uint8_t state;      /* ROTA_RUNNABLE or ROTA_THROTTLED */
	uint8_t cause;      /* enum rota_cause */
	bool cut;           /* began before or ended after the window */
	uint32_t cpu;       /* on whose queue, at the end */
	bool instead_known; /* who ran longest on that cpu meanwhile */
	uint32_t instead_tid;
	bool instead_ours;
	char instead[ROTA_COMM_SIZE];
	uint64_t instead_ns;
	struct rota_waker waker;
	char waker_name[ROTA_COMM_SIZE];
};

struct rota_waited_for {    /* whom threads of T waited for: time × waiters, by who was on the cpu */
	uint32_t tid, tgid; /* tid 0: nobody was on it (the cpu was about to switch, or woke from idle) */
	char name[ROTA_COMM_SIZE];
	bool ours, known; /* known false: who it was is not known */
	uint64_t ns;
	uint64_t preempted_ns; /* of that, waits that began with a preemption */
};

struct rota_wakeups { /* waker → wakee, most frequent first */
	bool interrupt;
	uint32_t waker_tid, wakee_tid;
	char waker[ROTA_COMM_SIZE], wakee[ROTA_COMM_SIZE];
	uint64_t count, delay_ns; /* Σ from request (sched_waking) to running */
};

struct rota_lost_on_cpu {
	uint32_t cpu;
	uint64_t records;
};

struct rota_rung { /* one line of the ladder; means over the known time */
	const char *
		rung; /* "goroutines", "p", "threads", "allowed_cpus", "quota", "hardware_threads", "cores", "l3", "sockets" */
	double have, want, get, stuck;
	bool has_want, has_get, has_stuck;
	char note[96];
};

struct rota_level_ns {
	uint64_t level, ns;
};

/* A count that was looked at now and then. What was seen is taken to hold until the next look; before the first, it is unknown. */
struct rota_looked_at {
	uint32_t looks;     /* 0: nothing is known, and nothing below is meant */
	uint64_t looked_ns; /* Σ of levels[].ns: the time spoken for */
	double mean;        /* over that time */
	uint64_t min, max;
	uint32_t level_count;
	struct rota_level_ns
		*levels; /* ascending, those that were met; beyond ROTA_LOOKED_LEVELS neighbours are joined; owned */
};
#define ROTA_LOOKED_LEVELS 1024U

/*
 * A share of cpu time by samples at the ticks of a clock: p = samples / all samples, and the half width of its 95 % interval,
 * 1.96 √(p (1 − p) / n) (normal approximation of the binomial distribution).
 */
struct rota_sampled {
	uint64_t samples;
	double share, share_error;
	double cpu_ns, cpu_error_ns; /* share and its error of the cpu time that was sampled */
};

struct rota_goroutine { /* a goroutine that was seen on a cpu, or several that are told together */
	uint32_t tgid;
	uint64_t
		goid; /* 0: `folded` goroutines of one function; with `scheduler`: none, the runtime's own code between them */
	const char *
		start; /* the function that it began with; "" where not known; owned by the summary (rota_summary.go.texts) */
	uint32_t serial; /* its number in the window, from 1 on: what a strip's slots hold until they are resolved */
	bool system, scheduler, foreign; /* one of the runtime's own; no goroutine; threads that Go does not know (C) */
	uint32_t folded;
	struct rota_sampled sampled; /* of the process's running time */
	bool exact;                  /* cpu_ns is from GO_RUN records, without error */
	uint64_t exact_ns;
	uint32_t thread_count;                   /* Ms it was seen on */
	uint32_t cpu_count, core_count;          /* cpus and cores it was seen on */
	uint64_t switch_outs;                    /* times its thread left a cpu with it */
	uint64_t runnable_ns, throttled_ns;      /* its thread waited for a cpu with it, its P busy meanwhile */
	uint64_t class_ns[ROTA_BLOCKED_CLASSES]; /* its thread was blocked with it: in system calls, in C */
};

struct rota_go_function { /* goroutines by the function that they began with */
	uint32_t tgid;
	const char *start;
	bool system;
	uint64_t goroutines; /* different ones seen on a cpu */
	struct rota_sampled sampled;
	bool exact;
	uint64_t exact_ns, switch_outs, runnable_ns, throttled_ns, class_ns[ROTA_BLOCKED_CLASSES];
};

struct rota_go_population { /* --go-scan, the last look in the window */
	uint32_t tgid;
	uint8_t status;     /* enum rota_go_g_status */
	const char *reason; /* "chan receive"; "" where it does not wait */
	uint64_t count;
};

struct rota_runtime { /* a process with a runtime that is followed */
	uint32_t tgid;
	char name[ROTA_COMM_SIZE];
	char version[32]; /* "go1.24.4" */
	char note[160];   /* why only its threads are followed, or what is not known; "" where all is well */
	bool lost, cgo, pie, stripped, exact;
	uint8_t tier, setter;                  /* enum rota_runtime_tier, rota_runtime_setter */
	uint32_t gomaxprocs, gomaxprocs_first; /* at the end, and when it was first seen in the window; 0: not known */
	uint32_t environment;
	uint64_t running_ns, lifetime_ns; /* of its threads in T */
	uint64_t known_ns;                /* of the window, it was followed */
	struct rota_looked_at in_progress, demand,
		running;              /* goroutines: all but the runtime's own; runnable + running; running */
	struct rota_looked_at p_busy; /* Ps with an M that runs Go code */
	struct rota_looked_at m_count, m_spinning;
	uint64_t held_runnable_ns;   /* thread × time: a P was busy, but its M waited for a cpu … */
	uint64_t held_throttled_ns;  /* … or for its cgroup's quota: exact */
	uint64_t syscall_ns, cgo_ns; /* thread × time blocked in a system call with a goroutine; in C */
	uint64_t hand_offs;          /* a P went to another M because its own sat in a system call */
	uint64_t locked_ns;          /* thread × time alive and locked to a goroutine */
	uint64_t samples;            /* ticks on its threads */
	uint64_t spinning_samples, scheduler_samples, gc_samples, cgo_samples, foreign_samples, unreadable_samples;
	bool gc_known;
	uint64_t gc_ns;                                  /* of known_ns, collecting (by census) */
	bool totals_known, gc_totals_known;              /* mutex_wait_ns is; gc_cycles and gc_assist_ns are */
	uint64_t mutex_wait_ns, gc_cycles, gc_assist_ns; /* in the window */
	struct rota_histogram latency; /* the runtime's own: runnable to running; buckets by upper bound */
};

struct rota_go { /* all Go processes of T */
	uint32_t runtime_count;
	struct rota_runtime *runtimes;                                          /* most running first */
	struct rota_looked_at in_progress, demand, running, p_busy, gomaxprocs; /* sums over processes */
	uint64_t held_runnable_ns, held_throttled_ns, hand_offs;
	uint32_t goroutine_count;
	struct rota_goroutine
		*goroutines; /* most cpu first; at most ROTA_GOROUTINE_ROWS, the rest folded by function */
	uint32_t function_count;
	struct rota_go_function *functions; /* most cpu first */
	uint32_t population_count;
	struct rota_go_population *populations; /* most first */
	uint32_t text_count;
	char **texts;
};
#define ROTA_GOROUTINE_ROWS 4096U

#define ROTA_STRIP_SLOTS 512
struct rota_strip_slot {   /* who had most of one slice of a cpu's time */
	uint8_t occupancy; /* enum rota_occupancy of the most of it */
	uint32_t thread;   /* ROTA_CPU_TARGET: index into rota_summary.threads, UINT32_MAX if folded */
	/* ROTA_CPU_TARGET, of what was known at the slot's samples and switches: */
	uint32_t goroutine; /* index into rota_summary.go.goroutines; UINT32_MAX: none, or not known */
	uint16_t p;         /* number of the P, plus one; 0: none, or not known */
};
struct rota_strip {
	uint64_t slot_ns;              /* width of a slot; slots start at the start of the window */
	uint32_t slot_count;           /* of each cpu, ≤ ROTA_STRIP_SLOTS */
	struct rota_strip_slot *slots; /* [cpu * slot_count + slot] for cpu < topology->cpu_count */
};

struct rota_identity {            /* filled by cmd from the trace's or the live run's description */
	char *target_kind;        /* "process", "thread", "cgroup", "name", "command", "system" */
	char *target_description; /* as a person would say it: "checkout[4711]" */
	char *host_name, *kernel, *arch;
	char *start_time; /* RFC 3339, of start_ns; NULL where the clocks are not known */
	char *rota_version;
};

struct rota_summary {
	struct rota_identity identity;
	uint64_t start_ns, end_ns;            /* CLOCK_MONOTONIC; end_ns - start_ns is "the window" */
	const struct rota_topology *topology; /* not owned; outlives the summary */

	bool incomplete; /* the recording stopped without saying so: killed, disk full, truncated */
	uint64_t lost_records;
	uint32_t lost_cpu_count;
	struct rota_lost_on_cpu *lost_cpus;
	uint64_t damaged_blocks; /* of the file, each counted as a loss */
	uint64_t reordered;      /* events whose order was mended */
	uint64_t unknown_ns;     /* Σ threads' UNKNOWN + Σ cpus' unknown */
	double coverage;         /* 1 − unknown_ns / (Σ threads' lifetime + Σ cpus' window); 1 if that is 0 */

	struct rota_levels in_progress, demand, parallelism, core_parallelism; /* N, K, P, C */
	struct rota_levels llc_parallelism, package_parallelism; /* L3 domains, sockets with one of ours */

	bool smt_present;
	struct rota_smt_split smt;
	struct rota_runqueue runqueue;
	uint64_t throttled_ns;
	uint64_t voluntary, involuntary, switch_ins;
	uint64_t migrations[ROTA_DISTANCES];

	uint32_t thread_count;
	struct rota_thread_summary *threads; /* most RUNNING first */
	uint32_t process_count;
	struct rota_process_summary *processes; /* most RUNNING first */
	uint32_t cpu_count;
	struct rota_cpu_summary *cpus; /* every present cpu, ascending */
	uint32_t core_count;
	struct rota_core_summary *cores; /* every core, ascending */
	uint32_t wait_count;
	struct rota_wait *longest_waits; /* longest first */
	uint32_t waited_for_count;
	struct rota_waited_for *waited_for; /* most first */
	/* Strangers that ran on siblings of ours, most first; Σ ns = smt.others_ns where cores have two hardware threads. */
	uint32_t neighbour_count;
	struct rota_waited_for *neighbours;
	uint32_t wakeup_count;
	struct rota_wakeups *wakeups;
	uint32_t blocked_count;
	struct rota_blocked *blocked; /* of all threads, most time first */
	uint64_t class_ns[ROTA_BLOCKED_CLASSES];
	uint32_t lock_count;
	struct rota_lock *locks; /* most time first */
	bool quotas_known;       /* cgroups were looked at: none below means no limit */
	uint32_t quota_count;
	struct rota_quota *quotas; /* smallest first */
	struct rota_affinity affinity;
	struct rota_work_conservation work_conservation;
	bool syscalls_known; /* --syscalls */
	uint32_t syscall_count;
	struct rota_syscall *syscalls; /* by thread and call, most time first */
	uint32_t syscall_total_count;
	struct rota_syscall *syscall_totals; /* by call, most time first */
	struct rota_go go;
	struct rota_verdict verdict;
	uint32_t rung_count;
	struct rota_rung rungs[10];
	struct rota_strip strip;

	uint64_t overhead_bpf_ns, overhead_user_ns;
	bool overhead_bpf_known, overhead_bpf_estimated;

	uint32_t note_count;
	char **notes; /* sentences: what could not be measured, and why */
};

#endif
