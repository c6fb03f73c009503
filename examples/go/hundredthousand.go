// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

//go:build ignore

// A hundred thousand goroutines that sleep, and now and then do a little.
//
// A goroutine costs some kilobytes of memory, not a thread. Most of these are asleep at any moment; each wakes every ten
// seconds, adds one to a counter, and sleeps again. 100,000 are in progress, a fraction of one cpu is used, and
// the program has a handful of threads.
package main

import (
	"flag"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

const pause = 10 * time.Second

var wakeups int64

func sleeper(first time.Duration, stop <-chan struct{}) {
	timer := time.NewTimer(first)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			atomic.AddInt64(&wakeups, 1)
			timer.Reset(pause)
		case <-stop:
			return
		}
	}
}

func main() {
	seconds := flag.Float64("seconds", 4, "how long")
	count := flag.Int("goroutines", 100000, "how many")
	flag.Parse()
	fmt.Printf("hundredthousand: %d goroutines, each wakes once in %v, for %g s\n", *count, pause, *seconds)

	stop := make(chan struct{})
	var all sync.WaitGroup
	for n := 0; n < *count; n++ {
		n := n
		all.Add(1)
		go func() {
			defer all.Done()
			// their first wake-ups are spread over the ten seconds
			sleeper(pause*time.Duration(n)/time.Duration(*count), stop)
		}()
	}
	time.Sleep(time.Duration(*seconds * float64(time.Second)))
	close(stop)
	all.Wait()
	fmt.Printf("hundredthousand: %.0f wakeups a second\n", float64(atomic.LoadInt64(&wakeups))/(*seconds))
}
