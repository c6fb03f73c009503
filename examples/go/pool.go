// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

//go:build ignore

// A worker pool: as many workers as there are Ps, or four times as many.
//
// The jobs are nothing but computing. More workers than Ps then get nothing more done: they are only more who are in progress
// and want to run, and wait for a P. A job takes longer from the moment a worker has picked it up. (With jobs that wait for
// something it is the other way round; see handler.go.)
//
//	pool                    a worker for each P
//	pool -times 4           four workers for each P
package main

import (
	"flag"
	"fmt"
	"runtime"
	"sync"
	"time"
)

const rounds = 2000000 // some 2 ms

func job() uint64 {
	x := uint64(1)
	for i := 0; i < rounds; i++ {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return x
}

func worker(jobs <-chan struct{}) (done int, took time.Duration) {
	for range jobs {
		from := time.Now()
		if job() != 0 {
			done++
		}
		took += time.Since(from)
	}
	return done, took
}

func main() {
	seconds := flag.Float64("seconds", 4, "how long")
	times := flag.Int("times", 1, "workers for each P")
	flag.Parse()
	workers := *times * runtime.GOMAXPROCS(0)
	fmt.Printf("pool: %d workers on %d Ps do jobs for %g s\n", workers, runtime.GOMAXPROCS(0), *seconds)

	start := time.Now()
	jobs := make(chan struct{}, workers)
	var (
		all   sync.WaitGroup
		lock  sync.Mutex
		total int
		took  time.Duration
	)
	for n := 0; n < workers; n++ {
		all.Add(1)
		go func() {
			defer all.Done()
			done, mine := worker(jobs)
			lock.Lock()
			defer lock.Unlock()
			total += done
			took += mine
		}()
	}
	until := start.Add(time.Duration(*seconds * float64(time.Second)))
	for time.Now().Before(until) {
		jobs <- struct{}{} // waits while all workers are busy and the channel is full
	}
	close(jobs)
	all.Wait()
	fmt.Printf("pool: %.0f jobs a second, %v each\n", float64(total)/time.Since(start).Seconds(), took/time.Duration(total))
}
