package session

import (
	"sync"
	"time"
)

// rateSamples is over how many samples, a tenth of a second each, the
// instantaneous figures of INFO are averaged.
const rateSamples = 16

// rates turns totals into figures per second.
type rates struct {
	mu   sync.Mutex
	last rateTotals
	at   time.Time
	ring [rateSamples]struct{ ops, in, out float64 }
	next int
}

type rateTotals struct{ commands, in, out int64 }

// sample notes the totals of now. After a rest it counts as all the samples
// that were left out.
func (r *rates) sample(now time.Time, t rateTotals) {
	r.mu.Lock()
	defer r.mu.Unlock()
	seconds := now.Sub(r.at).Seconds()
	last := r.last
	r.last, r.at = t, now
	if seconds <= 0 || t.commands < last.commands {
		return
	}
	for range min(max(int(seconds*10+0.5), 1), rateSamples) {
		s := &r.ring[r.next]
		s.ops = float64(t.commands-last.commands) / seconds
		s.in = float64(t.in-last.in) / seconds
		s.out = float64(t.out-last.out) / seconds
		r.next = (r.next + 1) % rateSamples
	}
}

func (r *rates) now() (ops int64, inKbps, outKbps float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	sum := 0.0
	for _, s := range r.ring {
		sum += s.ops
		inKbps += s.in
		outKbps += s.out
	}
	return int64(sum / rateSamples), inKbps / rateSamples / 1024, outKbps / rateSamples / 1024
}

func (r *rates) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last, r.at, r.next = rateTotals{}, time.Now(), 0
	clear(r.ring[:])
}
