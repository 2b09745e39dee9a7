//go:build linux

package main

import (
	"net"
	"strconv"
	"time"

	"github.com/redstart-db/redstart/internal/benchmark"
)

// The load is that of redstart benchmark, from one thread.
type (
	load    = benchmark.Load
	request = benchmark.Request
)

// silence is how long a server may leave every request unanswered.
const silence = 20 * time.Second

func open(port int, l load) (*benchmark.Generator, error) {
	l.Network, l.Addr = "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	l.Patience, l.Seed = silence, 1
	return benchmark.Open(l)
}

// newRequest is a command whose runs of '#' are slots of the key's index, and
// whose runs of '@' are slots of another number, which is drawn anew: a score, say.
func newRequest(args ...string) request {
	r := benchmark.NewRequest(args...)
	findSlots(&r, '#', benchmark.Index)
	findSlots(&r, '@', benchmark.Noise)
	return r
}

func findSlots(r *request, mark byte, source benchmark.Source) {
	for i := 0; i < len(r.Text); i++ {
		start := i
		for i < len(r.Text) && r.Text[i] == mark {
			i++
		}
		if i > start {
			r.Slots = append(r.Slots, benchmark.Slot{Offset: start, Width: i - start, Source: source})
		}
	}
}
