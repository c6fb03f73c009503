// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

//go:build ignore

// A request handler as they are: some computing, some waiting, some locking.
//
// Each request is parsed (computing), asks a database (waiting: here a sleep), and then changes a table that all requests
// share (a lock, held for a short time). What limits it depends on the numbers: with few clients all of them wait for the
// database; with many, the computing fills the Ps; with many Ps, the lock will be the narrow place.
//
//	handler -clients 4      mostly waiting
//	handler -clients 200    as much computing as there are cpus
package main

import (
	"flag"
	"fmt"
	"sort"
	"sync"
	"time"
)

const (
	parseRounds = 200000               // some 0.2 ms of computing
	database    = 5 * time.Millisecond // what the database takes
	tableRounds = 20000                // some 0.02 ms with the lock held
)

var (
	tableLock sync.Mutex
	table     = map[uint64]int{}
)

func compute(rounds int, x uint64) uint64 {
	for i := 0; i < rounds; i++ {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return x
}

func parse(request uint64) uint64 {
	return compute(parseRounds, request|1)
}

func query() {
	time.Sleep(database)
}

func update(key uint64) {
	tableLock.Lock()
	defer tableLock.Unlock()
	table[compute(tableRounds, key)%1000]++
}

func handle(request uint64) {
	key := parse(request)
	query()
	update(key)
}

func main() {
	seconds := flag.Float64("seconds", 4, "how long")
	clients := flag.Int("clients", 50, "how many requests are in progress at a time")
	flag.Parse()
	fmt.Printf("handler: %d requests at a time, each computes, waits %v, and locks a table; for %g s\n", *clients, database, *seconds)

	start := time.Now()
	until := start.Add(time.Duration(*seconds * float64(time.Second)))
	times := make([][]time.Duration, *clients)
	var all sync.WaitGroup
	for n := 0; n < *clients; n++ {
		n := n
		all.Add(1)
		go func() {
			defer all.Done()
			for time.Now().Before(until) {
				from := time.Now()
				handle(uint64(from.UnixNano()))
				times[n] = append(times[n], time.Since(from))
			}
		}()
	}
	all.Wait()

	var every []time.Duration
	for _, t := range times {
		every = append(every, t...)
	}
	sort.Slice(every, func(i, j int) bool { return every[i] < every[j] })
	fmt.Printf("handler: %.0f requests a second, half of them within %v, 99 of 100 within %v\n",
		float64(len(every))/time.Since(start).Seconds(), every[len(every)/2], every[len(every)*99/100])
}
