// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

//go:build ignore

// One counter table, one lock, many who want it.
//
// A mutex lets one goroutine in; the others wait, and a goroutine that waits for a mutex does not want to run. However
// many Ps and cpus there are, little more than one goroutine computes at a time: a faster lock or more cpus do not help,
// a smaller locked part does, or more locks (see sharded.go, which is this program with 64 of them).
package main

import (
	"flag"
	"fmt"
	"runtime"
	"sync"
	"time"
)

var (
	lock  sync.Mutex
	table = map[uint64]int{}
)

func count(key uint64) {
	lock.Lock()
	defer lock.Unlock()
	table[compute(key)%1000]++
}

// Some 20 µs of computing, with the lock held.
func compute(x uint64) uint64 {
	for i := 0; i < 20000; i++ {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return x
}

func main() {
	seconds := flag.Float64("seconds", 4, "how long")
	workers := flag.Int("workers", 4*runtime.GOMAXPROCS(0), "how many goroutines count")
	flag.Parse()
	fmt.Printf("mutex: %d goroutines count in one table for %g s; one lock for all\n", *workers, *seconds)

	start := time.Now()
	until := start.Add(time.Duration(*seconds * float64(time.Second)))
	counted := make([]int, *workers)
	var all sync.WaitGroup
	for n := 0; n < *workers; n++ {
		n := n
		all.Add(1)
		go func() {
			defer all.Done()
			key := uint64(n + 1)
			mine := 0
			for time.Now().Before(until) {
				key = key*6364136223846793005 + 1442695040888963407
				count(key >> 33)
				mine++
			}
			counted[n] = mine
		}()
	}
	all.Wait()

	total := 0
	for _, c := range counted {
		total += c
	}
	fmt.Printf("mutex: %.0f counted a second\n", float64(total)/time.Since(start).Seconds())
}
