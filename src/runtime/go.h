/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A living Go program, looked at from outside: a process comes in, and what its runtime keeps about goroutines (g), Ps (p), Ms
 * (m) and its scheduler goes out. Reads the process's files through /proc/PID/exe and its memory by process_vm_readv(2);
 * never writes to it, never stops it. Every byte read is hostile: what does not fit is refused with a reason, never guessed.
 * Asked while recording only; analysis never comes here.
 */
#ifndef ROTA_RUNTIME_GO_H
#define ROTA_RUNTIME_GO_H

#include "rota/record.h"
#include "runtime/go_layout.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GO_WHY_SIZE     160
#define GO_VERSION_SIZE 32
#define GO_NAME_SIZE    256
#define GO_UNKNOWN      UINT64_MAX /* of a figure that this version's runtime does not keep, or that was not found */

struct go_facts {
	char version[GO_VERSION_SIZE]; /* "go1.24.4", as in the binary, without what follows a blank */
	uint8_t tier;                  /* enum rota_runtime_tier */
	bool cgo, pie, stripped;
	uint32_t gomaxprocs;  /* as the process has it now */
	uint32_t environment; /* GOMAXPROCS as in /proc/PID/environ; 0: none, or not a number */
	uint8_t setter;       /* enum rota_runtime_setter, as far as it can be told */
};

struct go_process;

/*
 * Opens process `tgid` (of rota's own pid namespace; `root` is put before "/proc", "" for this machine) as a Go program.
 * 0, and *ret_process is the caller's; or, with a sentence in `why`:
 * -ENOEXEC  it is no Go program;
 * -EAGAIN   it is one, but its runtime has not started yet: ask again soon;
 * -ESRCH    it has ended;
 * other     it is one, but cannot be followed (unknown version, nothing found, self-check failed, memory not readable);
 *           *ret_facts says what is known of it.
 */
int go_open(const char *root, uint32_t tgid, struct go_process **ret_process, struct go_facts *ret_facts,
	    char why[GO_WHY_SIZE]);
void go_close(struct go_process *process);

/* Of a process that was opened. `gomaxprocs` and `setter` are as of the last go_open() or go_census(). */
const struct go_facts *go_facts(const struct go_process *process);
/* Offsets for the kernel side; GO_NO_OFFSET where this version has no such member. */
const struct go_layout *go_layout(const struct go_process *process);

/*
 * Whether what was found still holds: Ms are threads of the process (m.procid == tid, in its pid namespace), Ps know their
 * Ms, statuses are in range. 0; -ESRCH: it has ended; -EBADMSG: it does not, with a sentence in `why`.
 */
int go_check(struct go_process *process, char why[GO_WHY_SIZE]);

struct go_census { /* as struct rota_rec_go_census (rota/record.h) */
	uint32_t gomaxprocs, goroutines, system, runnable, running, in_syscall;
	uint16_t p_idle, p_running, p_syscall, p_stopped;
	uint16_t m_count, m_idle, m_spinning, m_locked;
	bool gc_known, gc;
};
/* Some small reads for each P: about a microsecond each. 0, -ESRCH or -EBADMSG (figures that contradict each other: read again). */
int go_census(struct go_process *process, struct go_census *ret_census);

struct go_totals { /* since the process started; GO_UNKNOWN where not kept, or not found */
	uint64_t mutex_wait_ns, gc_cycles, gc_assist_ns; /* the last two: not found by this version of rota */
};
int go_totals(struct go_process *process, struct go_totals *ret_totals);

/*
 * The runtime's own histogram of how long goroutines were runnable before they ran (sched.timeToRun): counts since it
 * started, by upper bound. Bounds ascend, the last one is UINT64_MAX; the same count of buckets for the life of a process.
 */
struct go_latency_bucket {
	uint64_t upper_ns, count;
};
#define GO_LATENCY_BUCKETS 1024U /* more than any version has */
int go_latency(struct go_process *process, struct go_latency_bucket buckets[GO_LATENCY_BUCKETS], uint32_t *ret_count);

/* Name of the function that holds `pc`, from the program's pclntab, cut to `size`; "" where there is none. Returns `name`. */
const char *go_function(const struct go_process *process, uint64_t pc, char *name, size_t size);
/* Whether a goroutine that began with this function is one of the runtime's own (isSystemGoroutine(), runtime/traceback.go). */
bool go_is_system(const char *function);
/* What a wait reason's number means in this program, "chan receive"; "" where not known. The string lives until the next call. */
const char *go_wait_reason(struct go_process *process, uint8_t reason);
/* All of them are below this. */
#define GO_WAIT_REASONS 256U

struct go_population {
	uint8_t status; /* enum rota_go_g_status */
	uint8_t reason; /* of those that wait, else 0: its number (go_wait_reason()) */
	uint64_t count;
};
#define GO_POPULATIONS 2048U
/* What go_scan() would take now: goroutines (dead ones too), and an estimate of its time. */
int go_scan_cost(struct go_process *process, uint64_t *ret_goroutines, uint64_t *ret_ns);
/* Looks at every goroutine: a racy snapshot. The dead are left out. */
int go_scan(struct go_process *process, struct go_population populations[GO_POPULATIONS], uint32_t *ret_count);

/*
 * Where uprobes of exact mode go: offsets in the file /proc/TGID/exe of instructions that the kernel emulates (never one that
 * it must single-step), each with which register holds the goroutine there.
 */
struct go_probes {
	uint64_t execute_offset;  /* in runtime.execute(gp, …): its argument is in the first register of Go's ABI */
	uint64_t schedule_offset; /* in runtime.schedule(): the goroutine before has ended, or waits */
};
/* 0; -ENOTSUP with a sentence: no such instruction, or an unknown ABI (before 1.17, not x86-64). */
int go_probes(struct go_process *process, struct go_probes *ret_probes, char why[GO_WHY_SIZE]);

#endif
