package evloop

import (
	"math"
	"runtime"
	"sync/atomic"
	"time"
)

// The controller looks at the loops about this often while any has work, and acts when it has seen the
// same thing this many times: quickly for more loops, slowly for fewer, since
// moving connections back and forth costs more than an idle loop does.
const (
	sampleEvery   = tickEvery
	samplesToGrow = 3
	samplesToFold = 20
)

const (
	saturated  = 0.85 // a loop this busy has no time left
	idleToGrow = 0.5  // processors that must be idle for another loop to help
	machineFul = 0.1  // idle processors below which the machine is full
	foldBelow  = 0.6  // fewer loops suffice if each would then be less busy than this
)

// balance is the state of the controller.
type balance struct {
	busy      [maxLoops]atomic.Uint64 // float64 bits, by loop
	times     [maxLoops]time.Duration // processor time of each loop at the last sample
	idle      idleSample
	last      time.Time
	hot, cold int
}

const maxLoops = 256

func (b *balance) busyOf(i int) float64 { return math.Float64frombits(b.busy[i].Load()) }

// idleSample is what the machine's idle time is computed from.
type idleSample struct{ idle, total uint64 }

// watchLoad is the controller. It sleeps until a loop that is not at rest ticks.
func (g *Group) watchLoad() {
	for {
		select {
		case <-g.closing:
			return
		case <-g.look:
		}
		if now := time.Now(); now.Sub(g.balance.last) > sampleEvery/2 {
			g.rebalance(now)
		}
	}
}

// lookAtLoad wakes the controller.
func (g *Group) lookAtLoad() {
	select {
	case g.look <- struct{}{}:
	default:
	}
}

// rebalance takes a sample and changes the number of active loops if need be.
// It does not look at the machine while the only loop has time left.
func (g *Group) rebalance(now time.Time) {
	active := int(g.active.Load())
	sum := g.sampleBusy(now, active)
	if active == 1 && sum <= saturated {
		g.balance.hot, g.balance.idle = 0, idleSample{}
		return
	}
	idle := idleProcessors(&g.balance.idle)
	next := g.balance.decide(active, g.useful(), sum, idle)
	if next != active {
		g.Activate(next)
	}
}

// useful is how many loops may be active: no more than there are connections
// to spread over them.
func (g *Group) useful() int {
	connections := 0
	for _, l := range g.loops {
		connections += int(l.live.Load())
	}
	return max(1, min(int(g.limit.Load()), connections))
}

// sampleBusy measures each loop's share of a processor since the last sample.
func (g *Group) sampleBusy(now time.Time, active int) (sum float64) {
	b := &g.balance
	wall := now.Sub(b.last)
	b.last = now
	for i, l := range g.loops {
		t := threadTime(l.tid.Load())
		busy := float64(t-b.times[i]) / float64(wall)
		b.times[i] = t
		b.busy[i].Store(math.Float64bits(busy))
		if i < active {
			sum += busy
		}
	}
	return sum
}

// decide says how many loops should be active, when active are, taking sum of
// a processor together on a machine with idle processors.
//
// More: all are saturated and there is a processor for another. Fewer: the
// rest could do it with time to spare; or the machine is full and the loops
// together get no more than the rest could use, in which case fewer loops do
// the same work in larger batches.
func (b *balance) decide(active, limit int, sum, idle float64) int {
	rest := float64(active - 1)
	grow := active < limit && sum > saturated*float64(active) && idle > idleToGrow
	fold := active > 1 && (sum < foldBelow*rest || idle < machineFul && sum < rest+machineFul)
	b.hot, b.cold = count(b.hot, grow), count(b.cold, fold)
	switch {
	case active > limit:
		return limit
	case b.hot >= samplesToGrow:
		b.hot = 0
		return active + 1
	case b.cold >= samplesToFold:
		b.cold = 0
		return active - 1
	}
	return active
}

func count(n int, seen bool) int {
	if seen {
		return n + 1
	}
	return 0
}

// Activate makes n loops active and spreads the connections evenly over them.
func (g *Group) Activate(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return
	}
	for g.started < n {
		g.ended.Add(1)
		go g.loops[g.started].run()
		g.started++
	}
	g.active.Store(int32(n))
	total := 0
	for _, l := range g.loops[:g.started] {
		total += int(l.live.Load())
	}
	share := (total + n - 1) / n
	for i, l := range g.loops[:g.started] {
		target := share
		if i >= n {
			target = 0
		}
		l.Post(func() { l.spread(target, n) })
	}
}

// spread gives away the connections above target to the lightest loops.
func (l *Loop) spread(target, active int) {
	l.sendUnsent(len(l.unsent)) // who waits for that could not be given away
	for int(l.live.Load()) > target {
		to := l.group.loops[0]
		for _, other := range l.group.loops[:active] {
			if other != l && (to == l || other.pending() < to.pending()) {
				to = other
			}
		}
		before := l.live.Load()
		if to != l {
			l.give(1, to)
		}
		if l.live.Load() == before {
			return
		}
	}
}

// pending is the number of connections that the loop has or is about to get.
func (l *Loop) pending() int32 { return l.live.Load() + l.arriving.Load() }

// processors is how many loops can run at once: what the process may use, as
// the runtime found it at the start.
var processors = runtime.GOMAXPROCS(0)

// spareProcessors are Ps of the scheduler beyond the processors there are. A
// loop that comes back from a wait must find a P free at once. With no more
// of them than processors, two busy background goroutines would keep it
// waiting until the scheduler pre-empts one, 10 ms; with these the operating
// system shares the processors out, as it does among processes.
const spareProcessors = 2

func widenScheduler() {
	if want := processors + spareProcessors; runtime.GOMAXPROCS(0) < want {
		runtime.GOMAXPROCS(want)
	}
}
