// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

//go:build ignore

// A program that sets GOMAXPROCS itself, so that the environment changes nothing.
//
// GOMAXPROCS in the environment is what the runtime starts with; runtime.GOMAXPROCS(n) in the program has the last word. Some
// programs do that, or a library in them does. Then `GOMAXPROCS=8 program` is a setting without effect, and only a look into
// the running program tells. rota shows the number that is in force.
//
//	GOMAXPROCS=8 selfset            1, all the same
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"
)

func work(until time.Time) (rounds int) {
	x := uint64(1)
	for time.Now().Before(until) {
		for i := 0; i < 100000; i++ {
			x ^= x << 13
			x ^= x >> 7
			x ^= x << 17
		}
		rounds += int(x&1) | 1
	}
	return rounds
}

func main() {
	seconds := flag.Float64("seconds", 4, "how long")
	workers := flag.Int("workers", 4, "how many goroutines compute")
	procs := flag.Int("procs", 1, "what the program sets GOMAXPROCS to")
	flag.Parse()
	environment, set := os.LookupEnv("GOMAXPROCS")
	if !set {
		environment = "nothing"
	}
	before := runtime.GOMAXPROCS(*procs)
	fmt.Printf("selfset: the environment says %s, the runtime began with %d, the program has set %d; %d goroutines compute for %g s\n",
		environment, before, runtime.GOMAXPROCS(0), *workers, *seconds)

	start := time.Now()
	until := start.Add(time.Duration(*seconds * float64(time.Second)))
	rounds := make([]int, *workers)
	var all sync.WaitGroup
	for n := range rounds {
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
	fmt.Printf("selfset: %.0f rounds a second\n", float64(total)/time.Since(start).Seconds())
}
