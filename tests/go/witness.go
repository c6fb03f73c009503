// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

// A Go program that says the truth about itself, so that what rota says of it from outside can be compared. Its
// goroutines note, at moments of their own choosing, their id (from the header of their stack trace), the thread they
// are on (gettid) and the time (CLOCK_MONOTONIC, by system call); and how much cpu time they used, by their own
// account. Says all of it on stdout, one JSON object a line:
//
//	{"event":"process","version":"go1.24.4","pid":7,"mode":"spin","gomaxprocs":2,"goroutines":5,"ns":1,…}
//	{"event":"worker","name":"spin-0","goid":18,"tid":9,"ns":2,"function":"main.spin","locked":true}
//	{"event":"control","goid":19,"tid":8,"ns":2}     the goroutine that waits in read(2) for lines
//	{"event":"ready","ns":3}                         all workers are there and wait
//	{"event":"working","ns":4}                       they have been told to begin
//	{"event":"points","name":"spin-0","goid":18,"points":[[NS,TID],…],"dropped":0}    it was there, then, on that thread
//	{"event":"done","name":"spin-0","goid":18,"from_ns":4,"to_ns":5,"quanta":9,"cpu_ns":6,"cpu_source":"thread",…}
//	{"event":"end","wrong":0,"ns":6}
//
// -told stdin: each line on stdin goes one step on: "begin" (ready → working), "mark" (another process line and the
// points so far, while it goes on working), "end". -told signal: SIGUSR1 stands for "begin", and then for "end".
// Without -told it begins at once and ends by itself after -seconds. What workers do (-mode) is witness_modes.go's
// business. Compiles with Go 1.19 and later.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

const (
	clockMonotonic = 1 // linux/time.h
	clockThread    = 3 // CLOCK_THREAD_CPUTIME_ID
	maxPoints      = 4096
)

// The kernel's clock, not Go's time.Now: what the kernel stamps its events with. A raw system call is not seen by Go's
// scheduler, so that asking changes nothing.
func clockNs(clock uintptr) int64 {
	var now syscall.Timespec
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, clock, uintptr(unsafe.Pointer(&now)), 0)
	return now.Nano()
}

func gettid() int64 {
	tid, _, _ := syscall.RawSyscall(syscall.SYS_GETTID, 0, 0, 0)
	return int64(tid)
}

// The caller's goroutine id and the function it started in, from its stack trace:
//
//	goroutine 18 [running]:
//	main.whoAmI(…)
//	        file:line
//	main.spin()
//	        file:line
//	created by main.start in goroutine 1
func whoAmI() (goid int64, function string) {
	text := make([]byte, 64<<10)
	lines := strings.Split(string(text[:runtime.Stack(text, false)]), "\n")
	goid, _ = strconv.ParseInt(strings.Fields(lines[0])[1], 10, 64)
	for _, line := range lines[1:] {
		if strings.HasPrefix(line, "created by ") {
			break
		}
		if i := strings.LastIndexByte(line, '('); i > 0 && line[0] != '\t' {
			function = line[:i]
		}
	}
	return goid, function
}

// --- saying it -------------------------------------------------------------------------------------------------------

var output sync.Mutex

type object map[string]interface{}

// One line, written before it returns.
func say(event string, fields object) {
	fields["event"] = event
	line, err := json.Marshal(fields)
	if err != nil {
		panic(err)
	}
	output.Lock()
	defer output.Unlock()
	if _, err := os.Stdout.Write(append(line, '\n')); err != nil {
		os.Exit(1) // nobody listens any more
	}
}

func complain(format string, values ...interface{}) {
	fmt.Fprintf(os.Stderr, "witness: "+format+"\n", values...)
	os.Exit(2)
}

func sayProcess(mode string) {
	say("process", object{
		"version": runtime.Version(), "pid": os.Getpid(), "mode": mode, "gomaxprocs": runtime.GOMAXPROCS(0),
		"cpus": runtime.NumCPU(), "goroutines": runtime.NumGoroutine(), "cgo_calls": runtime.NumCgoCall(),
		"ns": clockNs(clockMonotonic),
	})
}

// --- workers ---------------------------------------------------------------------------------------------------------

// A goroutine that is watched. Its fields are its own, but for points, which mark prints meanwhile.
type worker struct {
	number   int
	name     string
	goid     int64
	locked   bool // to its thread
	weight   int  // how many quanta a turn has, in mode shares
	from     int64
	fromCPU  int64
	quanta   int64 // pieces of work done
	cpu      int64 // ns, added up quantum by quantum
	guessed  int64 // quanta whose time could not be measured: the goroutine was taken off its thread meanwhile
	turns    int64 // whatever the mode counts
	nextNote int64

	lock    sync.Mutex
	points  [][2]int64 // {ns, tid}
	dropped int64
}

var (
	workers  []*worker
	queue    = make(chan *worker) // where a new goroutine finds out who it is: so that it starts in a function without arguments
	begin    = make(chan struct{})
	attended sync.WaitGroup // workers that are there
	finished sync.WaitGroup // workers that are not done
	stopping int32
	wrong    int64 // results that were not what they had to be
	every    int64 // ns between two points
)

func over() bool {
	return atomic.LoadInt32(&stopping) != 0
}

// What each worker's function calls first: returns once work begins.
func attend(lockThread bool) *worker {
	w := <-queue
	if lockThread {
		runtime.LockOSThread()
		w.locked = true
	}
	goid, function := whoAmI()
	w.goid = goid
	w.points = make([][2]int64, 0, maxPoints)
	tid, ns := where()
	say("worker", object{"name": w.name, "goid": goid, "tid": tid, "ns": ns, "function": function, "locked": w.locked,
		"weight": w.weight})
	attended.Done()
	<-begin
	w.from = clockNs(clockMonotonic)
	w.fromCPU = clockNs(clockThread)
	w.note()
	return w
}

// The thread that the caller is on, and a time at which it was. Asks again where it was moved in between.
func where() (tid, ns int64) {
	for {
		tid = gettid()
		ns = clockNs(clockMonotonic)
		if gettid() == tid {
			return tid, ns
		}
	}
}

// Notes where the worker is now.
func (w *worker) note() {
	tid, ns := where()
	w.noteAt(tid, ns)
}

func (w *worker) noteAt(tid, ns int64) {
	w.lock.Lock()
	if len(w.points) < maxPoints {
		w.points = append(w.points, [2]int64{ns, tid})
	} else {
		w.dropped++
	}
	w.lock.Unlock()
	w.nextNote = ns + every
}

func (w *worker) sayPoints() {
	w.lock.Lock()
	defer w.lock.Unlock()
	say("points", object{"name": w.name, "goid": w.goid, "points": w.points, "dropped": w.dropped})
	w.points = w.points[:0]
}

// What each worker's function defers.
func (w *worker) leave() {
	w.note()
	cpu, source := w.cpu, "quanta"
	if w.locked {
		cpu, source = clockNs(clockThread)-w.fromCPU, "thread"
	}
	w.sayPoints()
	say("done", object{"name": w.name, "goid": w.goid, "from_ns": w.from, "to_ns": clockNs(clockMonotonic),
		"quanta": w.quanta, "guessed": w.guessed, "turns": w.turns, "weight": w.weight, "cpu_ns": cpu, "cpu_source": source})
	finished.Done()
}

const quantumLoops = 40000 // some 40 µs

// A fixed amount of work.
//
//go:noinline
func burn(loops int) uint64 {
	x := uint64(loops) | 1
	for i := 0; i < loops; i++ {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return x
}

// One quantum of work, whose cpu time is added to the worker's account. A goroutine that is not locked may be taken off its
// thread in the middle; the thread's clock then tells of others' work. Such a quantum is taken for an average one.
func (w *worker) work() {
	tid := gettid()
	from := clockNs(clockThread)
	burn(quantumLoops)
	spent := clockNs(clockThread) - from
	measured := w.quanta - w.guessed
	if gettid() != tid || (measured >= 8 && spent > 4*w.cpu/w.quanta) {
		w.guessed++
		spent = 0
		if w.quanta > 0 {
			spent = w.cpu / w.quanta
		}
	}
	w.cpu += spent
	w.quanta++
	if clockNs(clockMonotonic) >= w.nextNote {
		w.note()
	}
}

// --- being told ------------------------------------------------------------------------------------------------------

// Where commands come from: "begin", "mark", "end".
func commands(told string, seconds float64) chan string {
	c := make(chan string)
	switch told {
	case "":
		go func() {
			c <- "begin"
			time.Sleep(time.Duration(seconds * float64(time.Second)))
			c <- "end"
		}()
	case "signal":
		signals := make(chan os.Signal, 2)
		signal.Notify(signals, syscall.SIGUSR1)
		go func() {
			<-signals
			c <- "begin"
			<-signals
			c <- "end"
		}()
	case "stdin":
		ready := make(chan struct{})
		go listen(c, ready)
		<-ready
	default:
		complain("-told takes stdin or signal")
	}
	return c
}

// Sits in read(2) between two lines, with its thread. A listener that is gone (end of file) says "end".
func listen(c chan string, ready chan struct{}) {
	goid, _ := whoAmI()
	tid, ns := where()
	say("control", object{"goid": goid, "tid": tid, "ns": ns})
	close(ready)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		c <- string(bytes.TrimSpace(lines.Bytes()))
	}
	c <- "begin"
	c <- "end"
}

func modeNames() string {
	names := ""
	for name := range modes {
		names += " " + name
	}
	return names
}

func main() {
	name := flag.String("mode", "spin", "what the goroutines do")
	count := flag.Int("n", 0, "how many goroutines (default: as many as the mode likes)")
	seconds := flag.Float64("seconds", 2, "how long they work, without -told")
	told := flag.String("told", "", "begin and end when told: stdin (lines begin, mark, end) or signal (SIGUSR1 twice)")
	interval := flag.Duration("every", 10*time.Millisecond, "between two points of a goroutine")
	flag.BoolVar(&lockSpinners, "lock", false, "mode spin: each goroutine locked to its thread")
	flag.IntVar(&leastWeight, "least", 20, "mode shares: the smallest weight; goroutine i has weight least + i")
	flag.Parse()
	every = interval.Nanoseconds()
	mode, known := modes[*name]
	if !known {
		complain("no mode %s in this build; there are%s", *name, modeNames())
	}
	if flag.NArg() > 0 {
		complain("unknown argument %s", flag.Arg(0))
	}
	if *count == 0 {
		*count = mode.count()
	}
	os.Exit(testify(*name, mode, *count, commands(*told, *seconds)))
}

func testify(name string, mode mode, count int, next chan string) int {
	if mode.prepare != nil {
		mode.prepare(count)
	}
	watched := count
	if mode.watched > 0 {
		watched = mode.watched
	}
	for i := 0; i < watched; i++ {
		w := &worker{number: i, name: fmt.Sprintf("%s-%d", name, i), weight: leastWeight + i}
		workers = append(workers, w)
		attended.Add(1)
		finished.Add(1)
		go mode.body()
		queue <- w
	}
	attended.Wait()
	sayProcess(name)
	say("ready", object{"ns": clockNs(clockMonotonic)})
	working := false
	for command := range next {
		switch {
		case command == "begin" && !working:
			working = true
			close(begin)
			say("working", object{"ns": clockNs(clockMonotonic)})
		case command == "mark":
			sayProcess(name)
			for _, w := range workers {
				w.sayPoints()
			}
		case command == "end" && working:
			atomic.StoreInt32(&stopping, 1)
			if mode.stop != nil {
				mode.stop()
			}
			finished.Wait()
			say("end", object{"wrong": atomic.LoadInt64(&wrong), "ns": clockNs(clockMonotonic)})
			if wrong != 0 {
				return 1
			}
			return 0
		case command == "end": // before it began
			return 0
		}
	}
	return 1
}
