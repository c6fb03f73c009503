// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

//go:build ignore

// Two goroutines that hand a ball to each other over unbuffered channels.
//
// An unbuffered channel passes a value only when both are there: who sends waits until the other takes it. So although
// two are in progress, only the one with the ball has something to do: about one runs at a time, whatever GOMAXPROCS is.
// Such a change of goroutines is cheap, a fraction of a microsecond, because mostly the same thread goes on with the
// other goroutine and the kernel sees nothing of it.
package main

import (
	"flag"
	"fmt"
	"time"
)

// Takes the ball and gives it back, until there is none any more.
func pong(in <-chan int, out chan<- int) {
	for ball := range in {
		out <- ball + 1
	}
	close(out)
}

func ping(out chan<- int, in <-chan int, until time.Time) int {
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
	fmt.Printf("pingpong: two goroutines pass a ball over unbuffered channels, for %g s\n", *seconds)

	start := time.Now()
	until := start.Add(time.Duration(*seconds * float64(time.Second)))
	there, back, result := make(chan int), make(chan int), make(chan int)
	go pong(there, back)
	go func() { result <- ping(there, back, until) }()
	passes := 2 * <-result
	fmt.Printf("pingpong: %.0f passes a second\n", float64(passes)/time.Since(start).Seconds())
}
