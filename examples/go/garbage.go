// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

//go:build ignore

// Goroutines that make garbage: trees that are built, looked at once, and forgotten.
//
// Go frees memory by a collector that runs beside the program, in goroutines of its own (gcBgMarkWorker); up to a quarter
// of the Ps are theirs while they are at it, and who allocates fast must help them (assist). A part of the cpu time is
// therefore not the program's own work. Remedies: allocate less, or let more memory be used before it is
// collected (GOGC=400, GOMEMLIMIT). More Ps are none.
//
//	garbage                 as it is
//	GOGC=800 garbage        the same with an eighth of the collections
package main

import (
	"flag"
	"fmt"
	"runtime"
	"sync"
	"time"
)

type node struct {
	left, right *node
	value       int
}

func build(depth int) *node {
	if depth == 0 {
		return &node{value: 1}
	}
	return &node{left: build(depth - 1), right: build(depth - 1), value: 1}
}

func (n *node) count() int {
	if n == nil {
		return 0
	}
	return n.value + n.left.count() + n.right.count()
}

func litter(until time.Time) (trees int) {
	const depth = 14
	keep := build(depth) // something that stays, and that the collector must look at each time
	for time.Now().Before(until) {
		if build(depth).count() != keep.count() {
			panic("a tree lost a leaf")
		}
		trees++
	}
	return trees
}

func main() {
	seconds := flag.Float64("seconds", 4, "how long")
	workers := flag.Int("workers", runtime.GOMAXPROCS(0), "how many goroutines make garbage")
	flag.Parse()
	fmt.Printf("garbage: %d goroutines build trees and forget them for %g s\n", *workers, *seconds)

	start := time.Now()
	until := start.Add(time.Duration(*seconds * float64(time.Second)))
	trees := make([]int, *workers)
	var all sync.WaitGroup
	for n := range trees {
		n := n
		all.Add(1)
		go func() {
			defer all.Done()
			trees[n] = litter(until)
		}()
	}
	all.Wait()

	total := 0
	for _, t := range trees {
		total += t
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	fmt.Printf("garbage: %.0f trees a second, %d collections, by its own account %.0f %% of the cpu time for them\n",
		float64(total)/time.Since(start).Seconds(), memory.NumGC, 100*memory.GCCPUFraction)
}
