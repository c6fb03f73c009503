// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

//go:build ignore

// Two programs in one: counters side by side, then the same counters with room between them.
//
// Each goroutine has a counter of its own, so nothing is shared, so it seems. But a cpu fetches memory in lines of 64 bytes,
// and only one core at a time may write to a line. In the first half of the time all counters are in one line, which the cores
// take from each other at every step; in the second half each counter has lines for itself.
//
// To the kernel, to Go and to rota the two halves look the same: as many run at once, nobody waits. The difference is in
// the last two lines that this program prints. Running is not the same as getting something done.
package main

import (
	"flag"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Adds one to each of the counters, a goroutine each, and says how many times a second.
func race(counters []*int64, length time.Duration) float64 {
	until := time.Now().Add(length)
	var all sync.WaitGroup
	for _, counter := range counters {
		counter := counter
		all.Add(1)
		go func() {
			defer all.Done()
			for time.Now().Before(until) {
				for i := 0; i < 10000; i++ {
					atomic.AddInt64(counter, 1)
				}
			}
		}()
	}
	all.Wait()
	total := int64(0)
	for _, counter := range counters {
		total += *counter
	}
	return float64(total) / length.Seconds()
}

func main() {
	seconds := flag.Float64("seconds", 4, "how long")
	workers := flag.Int("workers", runtime.GOMAXPROCS(0), "how many goroutines count, each for itself")
	flag.Parse()
	fmt.Printf("falsesharing: %d goroutines count, each for itself; %g s side by side, %g s apart\n", *workers, *seconds/2, *seconds/2)

	half := time.Duration(*seconds / 2 * float64(time.Second))
	const apart = 16 // numbers of 8 bytes: two lines, since some cpus fetch lines in pairs
	near := make([]int64, *workers)
	far := make([]int64, *workers*apart)
	var together, padded []*int64
	for n := 0; n < *workers; n++ {
		together = append(together, &near[n])
		padded = append(padded, &far[n*apart])
	}
	fmt.Printf("falsesharing: side by side %.0f a second\n", race(together, half))
	fmt.Printf("falsesharing: apart        %.0f a second\n", race(padded, half))
}
