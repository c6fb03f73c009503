// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

//go:build ignore

// The same as pingpong.go, but each goroutine is locked to a thread of its own.
//
// runtime.LockOSThread keeps a goroutine on its thread, and everybody else off it. Some libraries need that (graphics,
// for one). Here it shows what it costs: a thread cannot go on with the other goroutine, so at each pass of the ball one
// thread must wake the other through the kernel. Compare the rates that the two programs print, and the switches that
// rota counts.
package main

import (
	"flag"
	"fmt"
	"runtime"
	"time"
)

// Takes the ball and gives it back, until there is none any more.
func pong(in <-chan int, out chan<- int) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for ball := range in {
		out <- ball + 1
	}
	close(out)
}

func ping(out chan<- int, in <-chan int, until time.Time) int {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	ball := 0
	for time.Now().Before(until) {
		for i := 0; i < 100; i++ {
			out <- ball
			ball = <-in
		}
	}
	close(out)
	return ball
}

func main() {
	seconds := flag.Float64("seconds", 4, "how long")
	flag.Parse()
	fmt.Printf("lockosthread: two goroutines, each locked to a thread, pass a ball, for %g s\n", *seconds)

	start := time.Now()
	until := start.Add(time.Duration(*seconds * float64(time.Second)))
	there, back, result := make(chan int), make(chan int), make(chan int)
	go pong(there, back)
	go func() { result <- ping(there, back, until) }()
	passes := 2 * <-result
	fmt.Printf("lockosthread: %.0f passes a second\n", float64(passes)/time.Since(start).Seconds())
}
