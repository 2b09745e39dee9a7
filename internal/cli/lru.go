package cli

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/redstart-db/redstart/internal/client"
)

const (
	lruCycle = time.Second
	lruBatch = 250 // commands sent together
	lruValue = 5   // bytes

	// lruSkew makes a fifth of the keys get four fifths of the requests.
	lruSkew = 6.2
)

// hitCount is what a cycle of --lru-test counts.
type hitCount struct{ hits, misses int64 }

func (h hitCount) String() string {
	gets := float64(h.hits + h.misses)
	return fmt.Sprintf("%d Gets/sec | Hits: %d (%.2f%%) | Misses: %d (%.2f%%)",
		h.hits+h.misses, h.hits, 100*float64(h.hits)/gets, h.misses, 100*float64(h.misses)/gets)
}

// runLRUTest uses the server as a cache, for ever: it sets keys and looks for
// others, more often for some than for others, and tells every second how many were there.
func runLRUTest(a *app) int {
	return a.connected(func() error {
		var hits, misses atomic.Int64
		defer a.onInterrupt(func() {
			fmt.Fprintf(os.Stderr, "In all: %d hits, %d misses\n", hits.Load(), misses.Load())
		})()
		for {
			h, err := a.lruCycle()
			if err != nil {
				return err
			}
			hits.Add(h.hits)
			misses.Add(h.misses)
			fmt.Fprintln(a.out, h)
		}
	})
}

func (a *app) lruCycle() (h hitCount, err error) {
	for began := time.Now(); time.Since(began) < lruCycle; {
		if err := a.batch(func() []string { return []string{"SET", a.lruKey(), lruText()} }, func(*client.Reply) {}); err != nil {
			return h, err
		}
		err := a.batch(func() []string { return []string{"GET", a.lruKey()} }, func(r *client.Reply) {
			switch {
			case r.IsError():
				fmt.Fprintf(os.Stderr, "%s\n", r.Text)
			case r.Kind == client.Null:
				h.misses++
			default:
				h.hits++
			}
		})
		if err != nil {
			return h, err
		}
	}
	return h, nil
}

// batch sends many commands and hands over their replies.
func (a *app) batch(command func() []string, reply func(*client.Reply)) error {
	return a.each(make([]client.Reply, lruBatch), func(int) []string { return command() }, func(_ int, r *client.Reply) error {
		reply(r)
		return nil
	})
}

// lruKey is one of the keys, the high numbers more often: by a power law.
func (a *app) lruKey() string {
	most := math.Pow(float64(a.lruKeys+1), lruSkew+1)
	at := math.Pow((most-1)*rand.Float64()+1, 1/(lruSkew+1))
	return "lru:" + strconv.FormatInt(a.lruKeys-int64(at)+1, 10)
}

func lruText() string {
	var b [lruValue]byte
	for i := range b {
		b[i] = 'A' + byte(rand.IntN('z'-'A'))
	}
	return string(b[:])
}
