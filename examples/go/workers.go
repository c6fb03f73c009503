// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

//go:build ignore

// Workers that always have something to compute.
//
// A goroutine is a function that runs beside others: the cheapest way in Go to say "this, too, is going on". Who runs them is
// another matter. Go needs a permit for that, which its runtime calls a P; there are GOMAXPROCS of them. A thread (M) that
// has a P runs one goroutine at a time on it. So with -procs 1 two workers take turns, some 10 ms each (AABBAABB), although
// the machine may have cpus to spare; with -procs 2 they run at once (AAAA beside BBBB), if the machine has two cpus.
//
//	workers -procs 1        in progress 2, running at once 1
//	workers -procs 2        in progress 2, running at once 2
//	workers                 GOMAXPROCS as it is: usually as many as the machine has cpus
package main

import (
	"flag"
	"fmt"
	"runtime"
	"sync"
	"time"
)

// Computes something, and says how many rounds it was.
func work(until time.Time) int {
	rounds := 0
	x := uint64(1)
	for time.Now().Before(until) {
		for i := 0; i < 100000; i++ {
			x ^= x << 13
			x ^= x >> 7
			x ^= x << 17
		}
		rounds++
	}
	if x == 0 {
		fmt.Println("this never happens, but the compiler does not know that")
	}
	return rounds
}

func main() {
	seconds := flag.Float64("seconds", 4, "how long")
	workers := flag.Int("workers", 2, "how many goroutines compute")
	procs := flag.Int("procs", 0, "GOMAXPROCS; 0: leave it as it is")
	flag.Parse()
	runtime.GOMAXPROCS(*procs) // 0 changes nothing
	fmt.Printf("workers: %d goroutines compute for %g s; GOMAXPROCS is %d\n", *workers, *seconds, runtime.GOMAXPROCS(0))

	start := time.Now()
	until := start.Add(time.Duration(*seconds * float64(time.Second)))
	rounds := make([]int, *workers)
	var all sync.WaitGroup
	for n := 0; n < *workers; n++ {
		n := n
		all.Add(1)
		go func() {
			defer all.Done()
			rounds[n] = work(until)
		}()
	}
	all.Wait()

	total := 0
	for _, r := range rounds {
		total += r
	}
	fmt.Printf("workers: %.0f rounds a second\n", float64(total)/time.Since(start).Seconds())
}
