// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

//go:build ignore

// Two tasks that print and sleep, in turns: concurrent, not parallel.
//
// Both are in progress from the first second to the last. But what does a cpu have to do for them? Hardly anything: each
// prints a line and sleeps again. At nearly every moment none of the two runs, and none wants to. A faster machine, or
// one with more cpus, would be no faster at this.
package main

import (
	"flag"
	"fmt"
	"sync"
	"time"
)

func task(name string, offset, pause time.Duration, until time.Time) {
	time.Sleep(offset)
	for n := 1; time.Now().Before(until); n++ {
		fmt.Printf("%s %d\n", name, n)
		time.Sleep(pause)
	}
}

func main() {
	seconds := flag.Float64("seconds", 4, "how long")
	flag.Parse()
	fmt.Printf("turns: tea and toast print and sleep in turns for %g s\n", *seconds)

	until := time.Now().Add(time.Duration(*seconds * float64(time.Second)))
	pause := 500 * time.Millisecond
	var all sync.WaitGroup
	all.Add(2)
	go func() {
		defer all.Done()
		task("tea", 0, pause, until)
	}()
	go func() {
		defer all.Done()
		task("toast", pause/2, pause, until)
	}()
	all.Wait()
}
