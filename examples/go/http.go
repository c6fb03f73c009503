// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

//go:build ignore

// An HTTP server and its clients in one program, over the loopback interface.
//
// Nobody computes here: a request is written to a socket, the server wakes up, answers, the client wakes up. A goroutine
// that waits for a socket does not hold a thread: Go asks the kernel about all sockets at once (epoll), and runs the
// goroutine when its data are there. The time goes into system calls and into waking each other up.
package main

import (
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

func answer(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(w, "you asked for %s\n", r.URL.Path)
}

// One client: asks, waits for the answer, asks again.
func ask(client *http.Client, url string, until time.Time) (answers int, err error) {
	for time.Now().Before(until) {
		response, err := client.Get(url)
		if err != nil {
			return answers, err
		}
		_, err = io.Copy(io.Discard, response.Body)
		response.Body.Close()
		if err != nil {
			return answers, err
		}
		answers++
	}
	return answers, nil
}

func main() {
	seconds := flag.Float64("seconds", 4, "how long")
	clients := flag.Int("clients", 8, "how many ask at the same time")
	flag.Parse()

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, "http:", err)
		os.Exit(1)
	}
	server := &http.Server{Handler: http.HandlerFunc(answer)}
	go server.Serve(listener)
	url := "http://" + listener.Addr().String() + "/tea"
	fmt.Printf("http: %d clients ask a server in the same program for %g s\n", *clients, *seconds)

	// a connection for each client, kept open
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: *clients}}
	until := time.Now().Add(time.Duration(*seconds * float64(time.Second)))
	var (
		all   sync.WaitGroup
		lock  sync.Mutex
		total int
	)
	for n := 0; n < *clients; n++ {
		all.Add(1)
		go func() {
			defer all.Done()
			answers, err := ask(client, url, until)
			lock.Lock()
			defer lock.Unlock()
			total += answers
			if err != nil {
				fmt.Fprintln(os.Stderr, "http:", err)
			}
		}()
	}
	all.Wait()
	server.Close()
	fmt.Printf("http: %.0f requests a second\n", float64(total)/(*seconds))
}
