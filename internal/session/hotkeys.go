package session

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/topk"
)

// HOTKEYS. While a hunt is on, each worker samples the commands that it runs
// and counts what they cost under their keys, in sketches of its own. The first
// commands of a while are all counted, so that little traffic is told exactly; of more
// one in some is, and counts for all of them, so that the hunt costs next to
// nothing however much there is to do.

const (
	// A while is some 128 ms; exactly is how many commands of it a worker counts
	// before it takes one in sparse.
	whileBits = 7
	exactly   = 256
	sparse    = 256

	// rare is how long a command takes of which a while has too few to be
	// sampled: one that took longer stands for itself alone.
	rare = (1 << whileBits) * time.Millisecond / exactly

	// keptPerKey is how many keys are remembered for each that is asked for, and
	// keptKeys how many at least.
	keptPerKey = 16
	keptKeys   = 256
)

// hotkeys is the present or the last hunt.
type hotkeys struct {
	mu   sync.Mutex           // held to change it
	hunt atomic.Pointer[hunt] // nil: there was none, or it was reset
}

// A hunt is one session between HOTKEYS START and STOP.
type hunt struct {
	cpu, net bool  // what is measured
	count    int   // keys to report
	ratio    int64 // one command in so many is sampled
	began    time.Time
	before   costs
	ends     *time.Timer // nil: when it is stopped

	mu       sync.Mutex // guards what follows
	active   bool
	took     time.Duration // until it was stopped
	spent    costs         // likewise
	sketches []*hotSketch
}

// costs are what all commands have cost since start.
type costs struct {
	micros    int64 // in commands
	bytes     int64 // in and out
	user, sys time.Duration
}

func (c costs) since(before costs) costs {
	return costs{max(c.micros-before.micros, 0), max(c.bytes-before.bytes, 0), c.user - before.user, c.sys - before.sys}
}

// costs are those of now.
func (h *Hub) costs() (c costs) {
	var used syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	c.user, c.sys = time.Duration(used.Utime.Nano()), time.Duration(used.Stime.Nano())
	_, in, out, _, _ := h.totals()
	c.bytes = in + out
	for _, s := range h.byCommand() {
		c.micros += s.Micros
	}
	return c
}

// hotSketch is what one worker has counted.
type hotSketch struct {
	mu       sync.Mutex   // guards both
	cpu, net *topk.Sketch // nanoseconds and bytes; nil: not measured
}

// startHunt begins a hunt; false: there is one.
func (h *Hub) startHunt(t *hunt, length time.Duration) bool {
	h.hot.mu.Lock()
	defer h.hot.mu.Unlock()
	if old := h.hot.hunt.Load(); old != nil && old.isActive() {
		return false
	}
	t.began, t.before, t.active = time.Now(), h.costs(), true
	if length > 0 {
		t.ends = time.AfterFunc(length, func() { h.stopHunt(t) })
	}
	h.hot.hunt.Store(t)
	h.gates.Or(gateHot)
	return true
}

// stopHunt ends a hunt, and keeps what it found. It is false if there was none under way.
func (h *Hub) stopHunt(t *hunt) bool {
	h.hot.mu.Lock()
	defer h.hot.mu.Unlock()
	if t == nil || !t.isActive() {
		return false
	}
	h.gates.And(^gateHot)
	if t.ends != nil {
		t.ends.Stop()
	}
	spent := h.costs().since(t.before)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.active, t.took, t.spent = false, time.Since(t.began), spent
	return true
}

// resetHunt forgets a hunt; false: it is under way.
func (h *Hub) resetHunt() bool {
	h.hot.mu.Lock()
	defer h.hot.mu.Unlock()
	if t := h.hot.hunt.Load(); t != nil && t.isActive() {
		return false
	}
	h.hot.hunt.Store(nil)
	return true
}

func (t *hunt) isActive() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.active
}

// newSketch makes the sketch of one worker.
func (t *hunt) newSketch() *hotSketch {
	s, size := &hotSketch{}, max(keptPerKey*t.count, keptKeys)
	if t.cpu {
		s.cpu = topk.New(size)
	}
	if t.net {
		s.net = topk.New(size)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sketches = append(t.sketches, s)
	return s
}

// found is the keys of the hunt that cost most, by what they cost.
func (t *hunt) found() (cpu, net []topk.Item) {
	t.mu.Lock()
	defer t.mu.Unlock()
	nanos, bytes := map[string]int64{}, map[string]int64{}
	for _, s := range t.sketches {
		s.mu.Lock()
		if s.cpu != nil {
			s.cpu.AddTo(nanos)
		}
		if s.net != nil {
			s.net.AddTo(bytes)
		}
		s.mu.Unlock()
	}
	return topk.Top(nanos, t.count), topk.Top(bytes, t.count)
}

// hotSampler is a worker's part of a hunt.
type hotSampler struct {
	hunt   *hunt
	sketch *hotSketch
	while  int64 // of which left are to be counted before they are too many
	left   int
	skip   int64 // commands until the next sample
	weight int64 // commands that this one stands for
}

// sample says whether the command that runs next is to be counted, now that enough were
// skipped. Those without keys are not.
func (s *hotSampler) sample(w *Worker, keys []keyspace.Key) bool {
	if len(keys) == 0 {
		return false
	}
	t := w.hub.hot.hunt.Load()
	if t == nil {
		return false
	}
	if t != s.hunt {
		*s = hotSampler{hunt: t, sketch: t.newSketch()}
	}
	if now := w.now >> whileBits; now != s.while {
		s.while, s.left = now, exactly
	}
	s.weight = sparse
	if s.left > 0 {
		s.left--
		s.weight = 1
	}
	// A random gap, so that no pattern in the commands hides a key.
	if gap := s.weight * t.ratio; gap > 1 {
		s.skip = rand.Int64N(2*gap - 1)
	}
	return true
}

// add counts a command that was sampled.
func (s *hotSampler) add(keys []keyspace.Key, took time.Duration, bytes int) {
	weight := s.weight
	if took > rare {
		weight = 1
	}
	nanos, size := int64(took)*weight/int64(len(keys)), int64(bytes)*s.weight/int64(len(keys))
	s.sketch.mu.Lock()
	defer s.sketch.mu.Unlock()
	for i := range keys {
		if s.sketch.cpu != nil {
			s.sketch.cpu.Add(keys[i].Name, nanos)
		}
		if s.sketch.net != nil {
			s.sketch.net.Add(keys[i].Name, size)
		}
	}
}
