// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

// A program that states the truth about itself, for rota's tests: JSON lines on standard output.
//
//	witness MODE [-n GOROUTINES] [-seconds S] [-wait]
//
// Its goroutines say who they are (goid, from the header of their own stack trace), on which thread (tid) and when
// (CLOCK_MONOTONIC). With -wait it says "ready" and goes on when its standard input ends or gives a line; so that whoever
// watches can begin at a known moment. At the end it says GOMAXPROCS, NumGoroutine and its own results.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

var (
	count   = flag.Int("n", 4, "goroutines")
	seconds = flag.Float64("seconds", 1, "how long")
	wait    = flag.Bool("wait", false, "say ready, and go on with a line of standard input")
	procs   = flag.Int("procs", 0, "call runtime.GOMAXPROCS with this first")
	output  sync.Mutex
	input   = bufio.NewReader(os.Stdin)
)

func say(fact map[string]interface{}) {
	line, err := json.Marshal(fact)
	if err != nil {
		panic(err)
	}
	output.Lock()
	os.Stdout.Write(append(line, '\n'))
	output.Unlock()
}

func clock(id uintptr) int64 {
	var now syscall.Timespec
	if _, _, errno := syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, id, uintptr(unsafe.Pointer(&now)), 0); errno != 0 {
		panic(errno)
	}
	return now.Nano()
}

func monotonic() int64 { return clock(1) }
func threadCPU() int64 { return clock(3) } // CLOCK_THREAD_CPUTIME_ID

func goid() uint64 {
	var room [64]byte
	header := bytes.Fields(room[:runtime.Stack(room[:], false)]) // "goroutine 18 [running]:"
	id, err := strconv.ParseUint(string(header[1]), 10, 64)
	if err != nil {
		panic(err)
	}
	return id
}

func stand() {
	if *wait {
		say(map[string]interface{}{"ready": os.Getpid(), "gomaxprocs": runtime.GOMAXPROCS(0),
			"goroutines": runtime.NumGoroutine(), "version": runtime.Version()})
		input.ReadString('\n')
	}
}

var sink uint64

func burn(rounds int) {
	x := uint64(rounds) | 1
	for i := 0; i < rounds; i++ {
		x = x*6364136223846793005 + 1442695040888963407
	}
	atomic.AddUint64(&sink, x)
}

func until() time.Time { return time.Now().Add(time.Duration(*seconds * float64(time.Second))) }

// Each holds its thread and never leaves it of its own will: what runs on that thread is known at every moment.
func spin(locked bool) {
	var done sync.WaitGroup
	for i := 0; i < *count; i++ {
		done.Add(1)
		go func() {
			defer done.Done()
			if locked {
				runtime.LockOSThread()
			}
			first, cpu, tid, end := monotonic(), threadCPU(), syscall.Gettid(), until()
			for time.Now().Before(end) {
				burn(100000)
			}
			say(map[string]interface{}{"goid": goid(), "tid": tid, "last_tid": syscall.Gettid(), "from": first,
				"to": monotonic(), "cpu_ns": threadCPU() - cpu})
		}()
	}
	done.Wait()
}

// Each sits in read(2) on a pipe of its own, as a file that the runtime does not poll: its M sits there with it.
func block() {
	var done, there sync.WaitGroup
	ends := make([]int, *count)
	for i := range ends {
		var pipe [2]int
		if err := syscall.Pipe(pipe[:]); err != nil {
			panic(err)
		}
		ends[i] = pipe[1]
		done.Add(1)
		there.Add(1)
		go func(end int) {
			defer done.Done()
			runtime.LockOSThread() // between what it says and the read it must not change threads
			say(map[string]interface{}{"goid": goid(), "tid": syscall.Gettid(), "from": monotonic(), "blocks": "read"})
			there.Done()
			var room [1]byte
			syscall.Read(end, room[:])
		}(pipe[0])
	}
	there.Wait()
	time.Sleep(time.Duration(*seconds * float64(time.Second)))
	stand()
	for _, end := range ends {
		syscall.Write(end, []byte{1})
	}
	done.Wait()
}

// n goroutines that wait for different things; the program knows how many wait for what.
func parked(task func(release chan bool, i int)) {
	release := make(chan bool)
	for i := 0; i < *count; i++ {
		go task(release, i)
	}
	time.Sleep(time.Duration(*seconds * float64(time.Second)))
	stand()
	close(release)
}

func channels() { parked(func(release chan bool, i int) { <-release }) }

func sleeps() { parked(func(release chan bool, i int) { time.Sleep(time.Hour) }) }

func mutex() {
	var lock sync.Mutex
	lock.Lock()
	parked(func(release chan bool, i int) { lock.Lock(); lock.Unlock() })
	lock.Unlock()
}

// Stacks that grow, garbage that is collected; the results say whether anything disturbed it.
func deep(n int, block [64]byte) int {
	if n == 0 {
		return int(block[0])
	}
	block[n%64]++
	return deep(n-1, block) + int(block[n%64])
}

func garbage() {
	var done sync.WaitGroup
	var rounds, wrong int64
	end := until()
	expected := deep(1000, [64]byte{})
	for i := 0; i < *count; i++ {
		done.Add(1)
		go func() {
			defer done.Done()
			for time.Now().Before(end) {
				list := make([][]byte, 0, 64)
				for k := 0; k < 64; k++ {
					piece := make([]byte, 1000+k)
					piece[k] = byte(k)
					list = append(list, piece)
				}
				result := make(chan int)
				go func() { result <- deep(1000, [64]byte{}) }()
				if <-result != expected {
					atomic.AddInt64(&wrong, 1)
				}
				for k, piece := range list {
					if piece[k] != byte(k) {
						atomic.AddInt64(&wrong, 1)
					}
				}
				atomic.AddInt64(&rounds, 1)
			}
		}()
	}
	done.Wait()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	say(map[string]interface{}{"rounds": rounds, "wrong": wrong, "collections": stats.NumGC})
}

// Goroutines with different amounts of work, which change threads as the runtime likes.
func shares() {
	var done sync.WaitGroup
	end := until()
	for i := 0; i < *count; i++ {
		done.Add(1)
		go func(work int) {
			defer done.Done()
			for time.Now().Before(end) {
				burn(work * 2000)
				runtime.Gosched()
			}
			say(map[string]interface{}{"goid": goid(), "work": work})
		}(i%10 + 1)
	}
	done.Wait()
}

// Two goroutines that pass a token: a switch each time.
func pingpong() {
	ping, pong := make(chan bool), make(chan bool)
	go func() {
		for range ping {
			pong <- true
		}
		close(pong)
	}()
	passes, end := 0, until()
	for time.Now().Before(end) {
		for i := 0; i < 1000; i++ {
			ping <- true
			<-pong
			passes += 2
		}
	}
	close(ping)
	say(map[string]interface{}{"passes": passes})
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "witness spin|lock|block|chan|mutex|sleep|garbage|shares|pingpong|cgo [-n N] [-seconds S] [-wait]")
		os.Exit(2)
	}
	mode := os.Args[1]
	flag.CommandLine.Parse(os.Args[2:])
	if *procs > 0 {
		runtime.GOMAXPROCS(*procs)
	}
	parks := mode == "block" || mode == "chan" || mode == "mutex" || mode == "sleep"
	if !parks {
		stand()
	}
	switch mode {
	case "spin":
		spin(false)
	case "lock":
		spin(true)
	case "block":
		block()
	case "chan":
		channels()
	case "mutex":
		mutex()
	case "sleep":
		sleeps()
	case "garbage":
		garbage()
	case "shares":
		shares()
	case "pingpong":
		pingpong()
	case "cgo":
		inC(*seconds)
	default:
		fmt.Fprintln(os.Stderr, "witness: no mode", mode)
		os.Exit(2)
	}
	say(map[string]interface{}{"gomaxprocs": runtime.GOMAXPROCS(0), "goroutines": runtime.NumGoroutine(), "version": runtime.Version()})
}
