// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

//go:build ignore

// Eight Ps under a quota of one cpu.
//
// In a container a program often may not use all cpus that it sees. The kernel enforces a quota by the clock: here 100 ms
// of cpu time in every 100 ms. Eight goroutines on eight Ps have spent that within 100/8 ms on a machine with eight cpus
// (50 ms with two), and then nothing of the program runs for the rest of the period, whatever it was in the middle of:
// answering a request, collecting garbage, holding a lock. With GOMAXPROCS 1 as much gets done, evenly.
//
// Go up to 1.24 does not look at quotas; later ones do, unless GOMAXPROCS is set, as it is here. The cgroup is
// made for this and removed again, which needs root.
//
//	quota -procs 8          throttled for most of each period
//	quota -procs 1          hardly throttled
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"
)

const periodUs = 100000

func put(folder, file, text string) error {
	return os.WriteFile(filepath.Join(folder, file), []byte(text), 0o644)
}

// Where the cpu controller's files are: below /sys/fs/cgroup (version 2), or below the controller's own folder (version 1).
func hierarchy() (root string, v1 bool) {
	if _, err := os.Stat("/sys/fs/cgroup/cpu/cgroup.procs"); err == nil {
		return "/sys/fs/cgroup/cpu", true
	}
	return "/sys/fs/cgroup", false
}

// The cgroup that this program is in, by its lines in /proc/self/cgroup: "4:cpu,cpuacct:/here" or "0::/here".
func home(root string, v1 bool) (string, error) {
	text, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return "", err
	}
	for _, line := range strings.Split(string(text), "\n") {
		parts := strings.SplitN(line, ":", 3)
		if len(parts) == 3 && (v1 && (parts[1] == "cpu" || parts[1] == "cpu,cpuacct") || !v1 && parts[1] == "") {
			return filepath.Join(root, parts[2]), nil
		}
	}
	return "", fmt.Errorf("no cpu controller")
}

// Makes a cgroup that may use so many cpus and goes into it. What it returns goes back and removes it.
func enter(cpus float64) (leave func(), err error) {
	root, v1 := hierarchy()
	from, err := home(root, v1)
	if err != nil {
		return nil, err
	}
	pid := strconv.Itoa(os.Getpid())
	own := filepath.Join(root, "rota-go-quota-"+pid)
	quota := strconv.Itoa(int(cpus * periodUs))
	if !v1 {
		put(root, "cgroup.subtree_control", "+cpu") // on most machines it is there already
	}
	if err = os.Mkdir(own, 0o755); err != nil {
		return nil, err
	}
	if v1 {
		if err = put(own, "cpu.cfs_period_us", strconv.Itoa(periodUs)); err == nil {
			err = put(own, "cpu.cfs_quota_us", quota)
		}
	} else {
		err = put(own, "cpu.max", quota+" "+strconv.Itoa(periodUs))
	}
	if err == nil {
		err = put(own, "cgroup.procs", pid) // all threads of the program, and those to come
	}
	if err != nil {
		os.Remove(own)
		return nil, err
	}
	return func() {
		put(from, "cgroup.procs", pid)
		if err := os.Remove(own); err != nil {
			fmt.Fprintln(os.Stderr, "quota:", err)
		}
	}, nil
}

func work(until time.Time) (rounds int) {
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
	procs := flag.Int("procs", 8, "GOMAXPROCS")
	cpus := flag.Float64("cpus", 1, "the quota; 0: none, for one that is there already")
	flag.Parse()
	runtime.GOMAXPROCS(*procs)
	if *cpus > 0 {
		leave, err := enter(*cpus)
		if err != nil {
			fmt.Printf("quota: cannot make a cgroup with a cpu quota here (%v): nothing to show\n", err)
			return
		}
		defer leave()
	}
	fmt.Printf("quota: 8 goroutines compute for %g s under a quota of %g cpus; GOMAXPROCS is %d\n", *seconds, *cpus, runtime.GOMAXPROCS(0))

	start := time.Now()
	until := start.Add(time.Duration(*seconds * float64(time.Second)))
	rounds := make([]int, 8)
	var all sync.WaitGroup
	for n := range rounds {
		n := n
		all.Add(1)
		go func() {
			defer all.Done()
			rounds[n] = work(until)
		}()
	}
	all.Wait()
	total := 0
	for _, r := range rounds {
		total += r
	}
	fmt.Printf("quota: %.0f rounds a second\n", float64(total)/time.Since(start).Seconds())
}
