package benchmark

import (
	"crypto/tls"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// A Load is what a Generator sends. A batch is Depth requests written at once; a
// connection sends its next batch when all replies of the last have come.
type Load struct {
	Network, Addr string // as net.Dial takes them
	TLS           *tls.Config

	Requests []Request // each request is one of them, drawn at random
	Weights  []int     // how often each, in proportion; nil: equally often
	Conns    int
	Depth    int
	Threads  int     // 0: the calling one
	Keys     int     // indexes are drawn from [0, Keys)
	First    int     // added to every index
	InOrder  bool    // every index once, in order, from one thread; then the load is over
	Zipf     float64 // indexes are drawn by Zipf's law with this exponent; 0: evenly
	Seed     uint64

	Rate      float64       // batches per second of all connections; 0: as many as possible
	Limit     int           // requests in all, rounded up to batches; 0: none
	Reconnect bool          // a connection for each batch
	Prefix    []byte        // sent first on every connection
	Answers   int           // replies to it
	Patience  time.Duration // how long a server may leave every request unanswered; 0: for ever
	Digits    int           // of the latencies; 0: 2
}

func (l *Load) classes() int {
	n := 1
	for i := range l.Requests {
		n = max(n, l.Requests[i].Class+1)
	}
	return n
}

// A Tally is what happened during one drive.
type Tally struct {
	Requests  int
	Nulls     int
	Elapsed   time.Duration
	ClientCPU time.Duration // of the threads that drove; 0 where that is not known
	Latency   *Histogram    // of each request: that of its batch
	ByClass   []*Histogram  // the same by the classes of the requests
}

// PerSecond is the rate of requests.
func (t *Tally) PerSecond() float64 { return float64(t.Requests) / max(t.Elapsed.Seconds(), 1e-9) }

// A Generator drives a load over open connections.
type Generator struct {
	Load
	workers []worker
	start   time.Time
	end     int64 // no batch starts after it; this and all times: ns since start
	sent    atomic.Int64
	stopped atomic.Bool
	tallies []*Tally
	current []progress
}

// A worker drives some of the connections from one thread, or, the portable one,
// from a goroutine each.
type worker interface {
	drive() error
	idle() error // until a connection fails, or another worker's
	close()
}

// A progress is what a worker tells while it drives. It has a cache line of its own.
type progress struct {
	requests atomic.Int64
	latency  atomic.Int64 // the sum, in ns
	_        [112]byte
}

// noises is how many numbers there are for the slots of noise.
const noises = 100_000_000

// Open opens the connections.
func Open(l Load) (*Generator, error) {
	l.Threads = max(1, min(l.Threads, l.Conns))
	if l.Digits == 0 {
		l.Digits = 2
	}
	g := &Generator{Load: l, tallies: make([]*Tally, l.Threads), current: make([]progress, l.Threads)}
	for i := range l.Threads {
		g.tallies[i] = newTally(&l)
		conns := l.Conns/l.Threads + min(1, max(0, l.Conns%l.Threads-i))
		w, err := g.newWorker(i, conns)
		if err != nil {
			g.Close()
			return nil, err
		}
		g.workers = append(g.workers, w)
	}
	return g, nil
}

// onlyStreams is for the tests of the worker that other systems have.
var onlyStreams bool

// newWorker chooses: system calls where there is epoll and no TLS.
func (g *Generator) newWorker(thread, conns int) (worker, error) {
	s := newSource(&g.Load, thread)
	if g.TLS == nil && haveRaw && !onlyStreams {
		return openRaw(g, s, thread, conns)
	}
	return openStreams(g, s, thread, conns)
}

// Close resets the connections instead of shutting them down, so that they leave
// no TIME_WAIT behind: there may be tens of thousands.
func (g *Generator) Close() {
	for _, w := range g.workers {
		w.close()
	}
}

func newTally(l *Load) *Tally {
	t := &Tally{}
	for range l.classes() {
		t.ByClass = append(t.ByClass, NewHistogram(l.Digits))
	}
	return t
}

// Drive sends for the given time (0: until the limit, or, in order, until the last
// index), waits for the last replies, and may be called again on the same connections.
func (g *Generator) Drive(d time.Duration) (*Tally, error) {
	for i := range g.tallies {
		g.tallies[i].reset()
		g.current[i].requests.Store(0)
		g.current[i].latency.Store(0)
	}
	g.sent.Store(0)
	g.stopped.Store(false)
	g.start, g.end = time.Now(), int64(d)
	if err := g.each(worker.drive); err != nil {
		return nil, err
	}
	elapsed := time.Since(g.start)
	sum := newTally(&g.Load)
	for _, t := range g.tallies {
		sum.add(t)
	}
	sum.Elapsed = elapsed
	sum.Latency = sum.ByClass[0]
	if len(sum.ByClass) > 1 {
		sum.Latency = NewHistogram(g.Digits)
		for _, h := range sum.ByClass {
			sum.Latency.Add(h)
		}
	}
	return sum, nil
}

// Idle waits until a connection fails, and says why.
func (g *Generator) Idle() error {
	g.start = time.Now()
	return g.each(worker.idle)
}

// each has the workers do something, a single one in the caller's thread.
func (g *Generator) each(do func(worker) error) error {
	if len(g.workers) == 1 {
		return do(g.workers[0])
	}
	errs := make([]error, len(g.workers))
	var wg sync.WaitGroup
	for i, w := range g.workers {
		wg.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			if errs[i] = do(w); errs[i] != nil {
				g.stopped.Store(true)
			}
		})
	}
	wg.Wait()
	return firstError(errs)
}

// firstError leaves out those that only follow from another.
func firstError(errs []error) error {
	for _, err := range errs {
		if err != nil && err != errStopped {
			return err
		}
	}
	return nil
}

func (t *Tally) reset() {
	for _, h := range t.ByClass {
		h.Reset()
	}
	t.Requests, t.Nulls, t.ClientCPU = 0, 0, 0
}

func (t *Tally) add(o *Tally) {
	for i, h := range o.ByClass {
		t.ByClass[i].Add(h)
	}
	t.Requests += o.Requests
	t.Nulls += o.Nulls
	t.ClientCPU += o.ClientCPU
}

// Progress is how many requests are done, and the sum of their latencies, while
// it drives. It is safe from another goroutine.
func (g *Generator) Progress() (requests int, latency time.Duration) {
	for i := range g.current {
		requests += int(g.current[i].requests.Load())
		latency += time.Duration(g.current[i].latency.Load())
	}
	return requests, latency
}

func (g *Generator) now() int64 { return int64(time.Since(g.start)) }

// clock is when a thread sends its first batch of a load with a rate, and the time between two.
func (g *Generator) clock(thread int) (first, step int64) {
	each := float64(time.Second) / g.Rate
	return int64(float64(thread) * each), max(int64(float64(g.Threads)*each), 1)
}

// book counts a batch that is answered.
func (g *Generator) book(thread int, b *batch, latency int64) {
	t, p := g.tallies[thread], &g.current[thread]
	for class, n := range b.counts {
		if n > 0 {
			t.ByClass[class].Record(latency, n)
		}
	}
	t.Requests += g.Depth
	p.requests.Add(int64(g.Depth))
	p.latency.Add(latency * int64(g.Depth))
}

// claim takes one batch from what is left to send; it is false when nothing is.
func (g *Generator) claim(now int64) bool {
	if g.end > 0 && now >= g.end {
		return false
	}
	total := g.Limit
	if g.InOrder {
		total = g.Keys
	}
	if total == 0 {
		return true
	}
	return int(g.sent.Add(int64(g.Depth)))-g.Depth < total
}

// A batch is what a connection sends at once.
type batch struct {
	text   []byte
	counts []int // by classes
}

// A source fills batches. It belongs to one worker.
type source struct {
	load   *Load
	random random
	zipf   *zipf
	sum    int // of the weights
	next   int // index of the next request of a load in order
}

func newSource(l *Load, thread int) *source {
	s := &source{load: l, random: newRandom(l.Seed, thread)}
	if l.Zipf > 0 && l.Keys > 0 {
		s.zipf = newZipf(l.Zipf, l.Keys)
	}
	for _, w := range l.Weights {
		s.sum += w
	}
	return s
}

// newBatch prepares a batch: of one kind of request it is complete but for the numbers.
func (s *source) newBatch() batch {
	b := batch{counts: make([]int, s.load.classes())}
	if len(s.load.Requests) == 1 {
		for range s.load.Depth {
			b.text = append(b.text, s.load.Requests[0].Text...)
		}
		b.counts[s.load.Requests[0].Class] = s.load.Depth
	}
	return b
}

// fill makes the next batch.
func (s *source) fill(b *batch) {
	l := s.load
	if len(l.Requests) == 1 {
		r := &l.Requests[0]
		if len(r.Slots) == 0 {
			return
		}
		for i := 0; i < len(b.text); i += len(r.Text) {
			s.patch(r, b.text[i:])
		}
		return
	}
	b.text = b.text[:0]
	clear(b.counts)
	for range l.Depth {
		which := s.which()
		at := len(b.text)
		b.text = append(b.text, l.Requests[which].Text...)
		b.counts[l.Requests[which].Class]++
		s.patch(&l.Requests[which], b.text[at:])
	}
}

func (s *source) which() int {
	if s.sum == 0 {
		return int(s.random.below(uint64(len(s.load.Requests))))
	}
	n := int(s.random.below(uint64(s.sum)))
	for i, w := range s.load.Weights {
		if n -= w; n < 0 {
			return i
		}
	}
	return 0
}

func (s *source) patch(r *Request, b []byte) {
	const unknown = ^uint64(0)
	index, noise := unknown, unknown
	for i := range r.Slots {
		slot := &r.Slots[i]
		switch slot.Source {
		case Index:
			if index == unknown {
				index = s.index()
			}
			slot.Put(b, index)
		case Noise:
			if noise == unknown {
				noise = s.random.below(noises)
			}
			slot.Put(b, noise)
		case Fresh:
			slot.Put(b, s.index())
		}
	}
}

func (s *source) index() uint64 {
	switch {
	case s.load.InOrder:
		s.next++
		return uint64(s.load.First + (s.next-1)%s.load.Keys)
	case s.load.Keys == 0:
		return 0
	case s.zipf != nil:
		return uint64(s.load.First) + s.zipf.draw(&s.random)
	}
	return uint64(s.load.First) + s.random.below(uint64(s.load.Keys))
}
