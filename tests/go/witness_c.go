// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

package main

// #include <time.h>
// static void spin(double seconds)
// {
//	struct timespec now;
//	double end;
//	clock_gettime(CLOCK_MONOTONIC, &now);
//	end = now.tv_sec + now.tv_nsec / 1e9 + seconds;
//	do
//		clock_gettime(CLOCK_MONOTONIC, &now);
//	while (now.tv_sec + now.tv_nsec / 1e9 < end);
// }
import "C"
import (
	"runtime"
	"syscall"
)

// In C all the time, on a thread of its own.
func inC(seconds float64) {
	runtime.LockOSThread()
	say(map[string]interface{}{"goid": goid(), "tid": syscall.Gettid(), "from": monotonic(), "in": "C"})
	C.spin(C.double(seconds))
	say(map[string]interface{}{"goid": goid(), "tid": syscall.Gettid(), "to": monotonic()})
}
