// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

//go:build ignore

// The same as mutex.go, but the table is cut into 64 pieces, each with a lock of its own.
//
// Two goroutines are in each other's way only if they want the same piece at the same time. So as many compute at once as there
// are Ps, and it gets done what mutex.go leaves undone.
package main

import (
	"flag"
	"fmt"
	"runtime"
	"sync"
	"time"
)

const shards = 64

type shard struct {
	lock  sync.Mutex
	table map[uint64]int
	_     [64]byte // keeps neighbours out of each other's cache line: falsesharing.go shows why
}

var pieces [shards]shard

func init() {
	for i := range pieces {
		pieces[i].table = map[uint64]int{}
	}
}

func count(key uint64) {
	piece := &pieces[key%shards]
	piece.lock.Lock()
	defer piece.lock.Unlock()
	piece.table[compute(key)%1000]++
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
	fmt.Printf("sharded: %d goroutines count in one table for %g s; 64 locks, one for each part of the table\n", *workers, *seconds)

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
	fmt.Printf("sharded: %.0f counted a second\n", float64(total)/time.Since(start).Seconds())
}
