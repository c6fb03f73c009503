// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

// What the witness's goroutines do, a mode each. A body has no arguments, so that the goroutine's first function is the
// body itself; it attends, works until it is over, and leaves. Bodies know nothing of commands or output.
package main

import (
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

type mode struct {
	body    func()
	count   func() int      // how many goroutines unless -n says
	watched int             // workers, where they are not the -n goroutines
	prepare func(count int) // before the workers start
	stop    func()          // when it is over: lets those go that wait for something else than time
}

func fixed(n int) func() int {
	return func() int { return n }
}

func perP() int {
	return runtime.GOMAXPROCS(0)
}

var modes = map[string]mode{
	"spin":   {body: spin, count: perP},
	"lock":   {body: relay, count: fixed(4), prepare: prepareRelay},
	"block":  {body: block, count: fixed(4), prepare: preparePipes, stop: feedPipes},
	"chan":   {body: pingPong, count: fixed(4), prepare: preparePairs},
	"mutex":  {body: contend, count: fixed(4)},
	"sleep":  {body: doze, count: fixed(8)},
	"gc":     {body: litter, count: fixed(4)},
	"many":   {body: spin, count: fixed(100000), watched: 1, prepare: crowd},
	"shares": {body: share, count: fixed(50)},
}

// spin: always something to do. With -lock each keeps a thread of its own.
var lockSpinners bool

func spin() {
	w := attend(lockSpinners)
	defer w.leave()
	for !over() {
		w.work()
	}
}

// many: a crowd that waits for good, and one that spins beside it. Of the crowd only the number is told (process line).
var never = make(chan struct{})

func idle() {
	<-never
}

func crowd(count int) {
	for i := 0; i < count; i++ {
		go idle()
	}
}

// lock: goroutines that are locked to their threads pass a token round, so that each turn is a change of threads.
var ring []chan bool

func prepareRelay(count int) {
	for i := 0; i < count; i++ {
		ring = append(ring, make(chan bool, 1))
	}
}

func relay() {
	w := attend(true)
	defer w.leave()
	mine, next := ring[w.number], ring[(w.number+1)%len(ring)]
	if w.number == 0 {
		mine <- true
	}
	for range mine {
		if over() {
			next <- true // each of the others, too, is to see that it is over
			return
		}
		w.work()
		w.turns++
		next <- true
	}
}

// block: each sits in read(2) on a pipe of its own. The descriptor is a blocking one and Go's poller does not know of
// it, so that the thread waits with its goroutine. It gets a byte when it is over, and not before: from its second
// point, just before the read, until the read returns, it is on that thread. A mark shows the second point.
var pipes [][2]int

func preparePipes(count int) {
	for i := 0; i < count; i++ {
		var ends [2]int
		if err := syscall.Pipe(ends[:]); err != nil {
			complain("pipe: %v", err)
		}
		pipes = append(pipes, ends)
	}
}

func feedPipes() {
	for _, ends := range pipes {
		if _, err := syscall.Write(ends[1], []byte{1}); err != nil {
			complain("write: %v", err)
		}
	}
}

func block() {
	w := attend(false)
	defer w.leave()
	buffer := make([]byte, 1)
	w.note()
	for {
		n, err := syscall.Read(pipes[w.number][0], buffer)
		if err == syscall.EINTR {
			continue // the runtime preempts with signals
		}
		if n != 1 || buffer[0] != 1 {
			atomic.AddInt64(&wrong, 1)
		}
		return
	}
}

// chan: pairs over an unbuffered channel, a quantum of work every 64 messages.
var pairs []chan int64

func preparePairs(count int) {
	for i := 0; i < count; i++ {
		pairs = append(pairs, make(chan int64))
	}
}

func pingPong() {
	w := attend(false)
	defer w.leave()
	partner := w.number ^ 1
	if partner >= len(pairs) {
		return // an odd one has nobody
	}
	in, out := pairs[w.number], pairs[partner]
	if w.number&1 == 0 {
		for ball := int64(0); !over(); ball++ {
			out <- ball
			if <-in != ball {
				atomic.AddInt64(&wrong, 1)
			}
			w.turns++
			if ball%64 == 0 {
				w.work()
			}
		}
		close(out)
		return
	}
	for ball := range in {
		w.turns++
		if ball%64 == 0 {
			w.work()
		}
		out <- ball
	}
}

// mutex: one lock for all, held for a quantum; half of the work needs it.
var (
	global  sync.Mutex
	guarded int64
)

func contend() {
	w := attend(false)
	defer w.leave()
	for !over() {
		global.Lock()
		before := guarded
		w.work()
		guarded = before + 1
		global.Unlock()
		w.turns++
		w.work()
	}
}

// sleep: a quantum of work, and then a sleep of 1 to 8 ms.
func doze() {
	w := attend(false)
	defer w.leave()
	for !over() {
		w.work()
		w.turns++
		time.Sleep(time.Duration(1+w.number%8) * time.Millisecond)
	}
}

// shares: each turn has as many quanta as the goroutine's weight, a sixteenth of them; then the others have theirs. Every
// eighth turn begins with a token, of which there are fewer than goroutines: so they wait on a channel now and then.
var (
	leastWeight int
	tokens      = make(chan bool, 16)
)

func share() {
	w := attend(false)
	defer w.leave()
	debt := 0
	for !over() {
		token := w.turns%8 == 0
		if token {
			tokens <- true
		}
		for debt += w.weight; debt >= 16 && !over(); debt -= 16 {
			w.work()
		}
		if token {
			<-tokens
		}
		w.turns++
		runtime.Gosched()
	}
}

// gc: litter of all sizes, and stacks that grow and shrink; what was kept must be as it was. Each round's result is
// known beforehand.
type leaf struct {
	left, right *leaf
	value       uint64
}

func plant(depth int, value uint64) *leaf {
	if depth == 0 {
		return &leaf{value: value}
	}
	return &leaf{left: plant(depth-1, 2*value), right: plant(depth-1, 2*value+1), value: value}
}

func (l *leaf) sum() uint64 {
	if l == nil {
		return 0
	}
	return l.value + l.left.sum() + l.right.sum()
}

// Needs some 200 bytes of stack a level, all of which must survive the stack's moves; a pointer into it, too.
//
//go:noinline
func dive(depth int, above *[16]uint64) uint64 {
	var here [16]uint64
	for i := range here {
		here[i] = above[i] + uint64(i)
	}
	if depth == 0 {
		return here[15]
	}
	below := dive(depth-1, &here)
	for i := range here {
		if here[i] != above[i]+uint64(i) {
			atomic.AddInt64(&wrong, 1)
		}
	}
	return below
}

func litter() {
	w := attend(false)
	defer w.leave()
	const depth = 10
	var kept [8]struct {
		tree *leaf
		sum  uint64
	}
	for !over() {
		root := uint64(w.turns%1000 + 1)
		tree := plant(depth, root)
		// level k holds root·2^k … root·2^k + 2^k − 1
		expected := uint64(0)
		for k := uint(0); k <= depth; k++ {
			n := uint64(1) << k
			expected += n*root*n + n*(n-1)/2
		}
		old := &kept[w.turns%8]
		if old.tree.sum() != old.sum {
			atomic.AddInt64(&wrong, 1)
		}
		old.tree, old.sum = tree, expected
		levels := 10 << uint(w.turns%10) // to 5,120
		if got := dive(levels, new([16]uint64)); got != 15*uint64(levels+1) {
			atomic.AddInt64(&wrong, 1)
		}
		text := make([]byte, 0)
		for i := 0; i < 1<<12; i++ {
			text = append(text, byte(i))
		}
		if tree.sum() != expected || len(text) != 1<<12 || text[1<<12-1] != 255 {
			atomic.AddInt64(&wrong, 1)
		}
		w.turns++
		w.work()
	}
}
