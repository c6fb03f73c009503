// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

// Mode cgo, in builds with cgo alone: goroutines that call C functions, which spin and sleep there. The C function says
// itself on which thread it was, and when.
package main

/*
#define _GNU_SOURCE
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct seen { int64_t tid, ns; };

static int64_t c_clock(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static struct seen c_visit(int64_t spin_ns, int64_t sleep_ns)
{
	struct timespec nap = { sleep_ns / 1000000000, sleep_ns % 1000000000 };
	int64_t end = c_clock(CLOCK_THREAD_CPUTIME_ID) + spin_ns;
	struct seen seen;

	while (c_clock(CLOCK_THREAD_CPUTIME_ID) < end)
		;
	seen.tid = syscall(SYS_gettid);
	seen.ns = c_clock(CLOCK_MONOTONIC);
	if (sleep_ns > 0)
		nanosleep(&nap, NULL);
	return seen;
}
*/
import "C"

func init() {
	modes["cgo"] = mode{body: visitC, count: fixed(4)}
}

// 2 ms of cpu in C, and every other time 2 ms asleep in C.
func visitC() {
	w := attend(false)
	defer w.leave()
	for !over() {
		seen := C.c_visit(2000000, C.int64_t(w.turns%2*2000000))
		w.noteAt(int64(seen.tid), int64(seen.ns))
		w.cpu += 2000000
		w.quanta++
		w.turns++
	}
}
