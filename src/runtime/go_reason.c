/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: a version and a number. Goes out: what a goroutine waits for. For programs whose own table (runtime.waitReasonStrings)
 * cannot be found; the numbers change between versions (runtime/runtime2.go, one column for each of Go 1.19 to 1.27).
 */
#include "runtime/go_reason.h"
#include "runtime/go_layout.h"

#define N 0xff

/* clang-format off */
static const struct {
	const char *says;
	uint8_t number[GO_MINORS];
} reasons[] = {
	{ "chan receive", { 14, 14, 14, 14, 14, 14, 14, 19, 19 } },
	{ "chan receive (nil chan)", { 3, 3, 3, 3, 3, 3, 3, 15, 15 } },
	{ "chan send", { 15, 15, 15, 15, 15, 15, 15, 20, 20 } },
	{ "chan send (nil chan)", { 4, 4, 4, 4, 4, 4, 4, 16, 16 } },
	{ "cleanup wait", { N, N, N, N, N, N, 46, 46, 46 } },
	{ "coroutine", { N, N, N, 36, 36, 37, 38, 38, 38 } },
	{ "debug call", { 26, 29, 29, 29, 29, 30, 31, 31, 31 } },
	{ "dumping heap", { 5, 5, 5, 5, 5, 5, 5, 3, 3 } },
	{ "finalizer wait", { 16, 16, 16, 16, 16, 16, 16, 10, 10 } },
	{ "flushing proc caches", { N, N, N, 32, 32, 33, 34, 34, 34 } },
	{ "force gc (idle)", { 17, 17, 17, 17, 17, 17, 17, 11, 11 } },
	{ "GC assist marking", { 1, 1, 1, 1, 1, 1, 1, 1, 1 } },
	{ "GC assist wait", { 11, 11, 11, 11, 11, 11, 11, 7, 7 } },
	{ "GC mark termination", { N, 30, 30, 30, 30, 31, 32, 32, 32 } },
	{ "GC scavenge wait", { 13, 13, 13, 13, 13, 13, 13, 9, 9 } },
	{ "GC sweep wait", { 12, 12, 12, 12, 12, 12, 12, 8, 8 } },
	{ "GC weak to strong wait", { N, N, N, N, 37, 38, 39, 39, 39 } },
	{ "GC worker (active)", { N, 27, 27, 27, 27, 28, 29, 29, 29 } },
	{ "GC worker (idle)", { 24, 26, 26, 26, 26, 27, 28, 28, 28 } },
	{ "garbage collection", { 6, 6, 6, 6, 6, 6, 6, 4, 4 } },
	{ "garbage collection scan", { 7, 7, 7, 7, 7, 7, 7, 5, 5 } },
	{ "IO wait", { 2, 2, 2, 2, 2, 2, 2, 2, 2 } },
	{ "page trace flush", { N, N, N, 35, 35, 36, 37, 37, 37 } },
	{ "panicwait", { 8, 8, 8, 8, 8, 8, 8, 6, 6 } },
	{ "preempted", { 25, 28, 28, 28, 28, 29, 30, 30, 30 } },
	{ "select", { 9, 9, 9, 9, 9, 9, 9, 18, 18 } },
	{ "select (no cases)", { 10, 10, 10, 10, 10, 10, 10, 17, 17 } },
	{ "semacquire", { 18, 18, 18, 18, 18, 18, 19, 13, 13 } },
	{ "sleep", { 19, 19, 19, 19, 19, 19, 20, 14, 14 } },
	{ "stopping the world", { N, 31, 31, 31, 31, 32, 33, 33, 33 } },
	{ "sync.Cond.Wait", { 20, 20, 20, 20, 20, 20, 21, 21, 21 } },
	{ "sync.Mutex.Lock", { N, 21, 21, 21, 21, 21, 22, 22, 22 } },
	{ "sync.RWMutex.Lock", { N, 23, 23, 23, 23, 23, 24, 24, 24 } },
	{ "sync.RWMutex.RLock", { N, 22, 22, 22, 22, 22, 23, 23, 23 } },
	{ "sync.WaitGroup.Wait", { N, N, N, N, N, 24, 25, 25, 25 } },
	{ "chan receive (durable)", { N, N, N, N, N, 41, 42, 42, 42 } },
	{ "chan send (durable)", { N, N, N, N, N, 42, 43, 43, 43 } },
	{ "synctest.Run", { N, N, N, N, N, 39, 40, 40, 40 } },
	{ "select (durable)", { N, N, N, N, N, 43, 44, 44, 44 } },
	{ "synctest.Wait", { N, N, N, N, N, 40, 41, 41, 41 } },
	{ "sync.WaitGroup.Wait (durable)", { N, N, N, N, N, N, 45, 45, 45 } },
	{ "timer goroutine (idle)", { 21, N, N, N, N, N, N, N, N } },
	{ "trace goroutine status", { N, N, N, 33, 33, 34, 35, 35, 35 } },
	{ "trace proc status", { N, N, N, 34, 34, 35, 36, 36, 36 } },
	{ "trace reader (blocked)", { 22, 24, 24, 24, 24, 25, 26, 26, 26 } },
	{ "GOMAXPROCS updater (idle)", { N, N, N, N, N, N, 18, 12, 12 } },
	{ "wait for GC cycle", { 23, 25, 25, 25, 25, 26, 27, 27, 27 } },
};
/* clang-format on */

const char *go_reason_of(unsigned int minor, uint8_t number)
{
	if (minor < GO_MINOR_FIRST || minor >= GO_MINOR_FIRST + GO_MINORS || number == N)
		return "";
	for (unsigned int i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].number[minor - GO_MINOR_FIRST] == number)
			return reasons[i].says;
	return "";
}
