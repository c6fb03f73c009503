// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

//go:build ignore

// Goroutines that read files, and one that computes, with one P for all of them.
//
// Reading a file is a system call that keeps the thread until the data are there. Go cannot have that thread do something else
// meanwhile, but it need not keep its P waiting: after some microseconds the P is handed to another thread, which goes on with
// another goroutine. So a program with GOMAXPROCS 1 can have several threads in system calls, and still compute. The price:
// threads, and when the call returns, its goroutine has to get a P again.
//
// The files are in the folder for temporary files; before each read the kernel is asked to forget what it has of them in
// memory, so that it has to ask the disk. (Where that folder is itself in memory, reading is mere copying.)
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"
)

const (
	size     = 16 << 20
	dontNeed = 4 // POSIX_FADV_DONTNEED
)

// A file of its own, already without a name, so that nothing is left behind however this ends.
func file() (*os.File, error) {
	f, err := os.CreateTemp("", "rota-blockingread-")
	if err != nil {
		return nil, err
	}
	os.Remove(f.Name())
	if _, err = f.Write(make([]byte, size)); err == nil {
		err = f.Sync() // only what is on the disk can be forgotten
	}
	return f, err
}

func read(f *os.File, until time.Time) (reads int, err error) {
	buffer := make([]byte, 1<<20)
	for time.Now().Before(until) {
		syscall.Syscall6(syscall.SYS_FADVISE64, f.Fd(), 0, 0, dontNeed, 0, 0)
		for at := int64(0); at < size; at += int64(len(buffer)) {
			if _, err := f.ReadAt(buffer, at); err != nil {
				return reads, err
			}
			reads++
		}
	}
	return reads, nil
}

func compute(until time.Time) (rounds int) {
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
	readers := flag.Int("readers", 4, "how many goroutines read, each a file of its own")
	procs := flag.Int("procs", 1, "GOMAXPROCS; 0: leave it as it is")
	flag.Parse()
	runtime.GOMAXPROCS(*procs)
	files := make([]*os.File, *readers)
	for n := range files {
		f, err := file()
		if err != nil {
			fmt.Fprintln(os.Stderr, "blockingread:", err)
			os.Exit(1)
		}
		files[n] = f
	}
	fmt.Printf("blockingread: %d goroutines read files and one computes for %g s; GOMAXPROCS is %d\n",
		*readers, *seconds, runtime.GOMAXPROCS(0))

	until := time.Now().Add(time.Duration(*seconds * float64(time.Second)))
	var (
		all   sync.WaitGroup
		lock  sync.Mutex
		total int
	)
	for _, f := range files {
		f := f
		all.Add(1)
		go func() {
			defer all.Done()
			reads, err := read(f, until)
			lock.Lock()
			defer lock.Unlock()
			total += reads
			if err != nil {
				fmt.Fprintln(os.Stderr, "blockingread:", err)
			}
		}()
	}
	rounds := compute(until)
	all.Wait()
	fmt.Printf("blockingread: %.0f reads of 1 MB a second, and %.0f rounds of computing\n",
		float64(total)/(*seconds), float64(rounds)/(*seconds))
}
