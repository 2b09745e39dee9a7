package evloop

import (
	"net"
	"slices"
	"sync"
	"sync/atomic"
)

// Group is a set of loops and their listeners.
type Group struct {
	options Options
	loops   []*Loop      // all that may run; written before the group is shared, except for starting them
	active  atomic.Int32 // loops that take connections: the first so many
	limit   atomic.Int32 // how many may be active

	mu        sync.Mutex // guards what follows
	listeners []net.Listener
	started   int // loops that run
	closed    bool

	handshakes handshakes

	ended   sync.WaitGroup // running loops
	closing chan struct{}
	look    chan struct{} // holds a token when the controller should look at the loops
	balance balance
}

// New makes a group. Its first loop runs from now on; the others start when
// they are first needed.
func New(o Options) (*Group, error) {
	if !o.Guest {
		widenScheduler()
	}
	g := &Group{options: o, closing: make(chan struct{}), look: make(chan struct{}, 1)}
	g.handshakes.init()
	for i := range min(max(o.Loops, processors), maxLoops) {
		l, err := newLoop(g, i)
		if err != nil {
			return nil, err
		}
		g.loops = append(g.loops, l)
	}
	g.SetLoops(o.Loops)
	g.Activate(1)
	go g.watchLoad()
	return g, nil
}

// SetLoops changes how many loops may be active; 0: one per processor.
func (g *Group) SetLoops(n int) {
	if n <= 0 {
		n = processors
	}
	g.limit.Store(int32(min(n, len(g.loops))))
}

// Serve adds a listener (TCP or unix). The group owns it from now on.
func (g *Group) Serve(l net.Listener) error { return g.serve(l) }

// StopAccepting closes the listeners.
func (g *Group) StopAccepting() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, l := range g.listeners {
		l.Close()
	}
	g.listeners = nil
}

// Remove closes one listener; the connections it accepted stay. When it
// returns, the address is free.
func (g *Group) Remove(l net.Listener) {
	g.mu.Lock()
	g.listeners = slices.DeleteFunc(g.listeners, func(other net.Listener) bool { return other == l })
	g.mu.Unlock()
	l.Close()
}

// listens says whether l was not removed. Its descriptor may be another's by then.
func (g *Group) listens(l net.Listener) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Contains(g.listeners, l)
}

// Close closes the listeners and all connections, after a last attempt to
// send what is queued, and ends the loops. It must not be called on a loop.
func (g *Group) Close() {
	g.StopAccepting()
	g.mu.Lock()
	if g.closed {
		g.mu.Unlock()
		return
	}
	g.closed = true
	loops := g.loops[:g.started]
	g.mu.Unlock()
	close(g.closing)
	g.handshakes.close()
	for _, l := range loops {
		l.Post(l.end)
	}
	g.ended.Wait()
	for _, l := range g.loops { // what was on its way from one loop to another when that ended
		l.readMail()
		l.end()
		l.bury()
	}
	for _, l := range g.loops {
		l.poller.close()
	}
}

// end closes all connections and makes the loop end after this turn.
func (l *Loop) end() {
	for _, c := range l.conns {
		if c == nil {
			continue
		}
		if c.net == nil {
			l.flush(c)
		}
		c.Close()
	}
	l.ended = true
}

// Post runs f on the thread of every running loop, soon.
func (g *Group) Post(f func(*Loop)) {
	g.mu.Lock()
	loops := g.loops[:g.started]
	g.mu.Unlock()
	for _, l := range loops {
		l.Post(func() { f(l) })
	}
}

// Figures describes the loops.
func (g *Group) Figures() []LoopFigures {
	figures := make([]LoopFigures, len(g.loops))
	for i, l := range g.loops {
		figures[i] = LoopFigures{
			Active: i < int(g.active.Load()),
			Conns:  int(l.live.Load()),
			Busy:   g.balance.busyOf(i),
			Cycles: l.cycles.Load(),
		}
	}
	return figures
}

// Post runs f on the loop's thread, soon. Any thread.
func (l *Loop) Post(f func()) {
	l.mail.put(mail{run: f}, l)
	l.wake()
}

// open makes c, just accepted on this loop, a connection of the loop, unless
// the handler refuses it.
func (l *Loop) open(c *Conn) bool {
	c.loop.Store(l)
	l.attach(c)
	if !l.handler.Open(c) {
		l.refuse(c)
		return false
	}
	return true
}

// place hands a new connection over if another loop has fewer.
func (l *Loop) place(c *Conn) {
	if to := l.group.lightest(); to != l {
		l.move(c, to)
	}
}

// refuse closes a connection that the handler did not want.
func (l *Loop) refuse(c *Conn) {
	c.flags |= flagClosed
	l.detach(c)
	if c.net != nil {
		c.net.closeAfterWrite()
		return
	}
	l.shut(c)
}

// lightest is the active loop with the fewest connections.
func (g *Group) lightest() *Loop {
	best := g.loops[0]
	for _, l := range g.loops[1:g.active.Load()] {
		if l.live.Load() < best.live.Load() {
			best = l
		}
	}
	return best
}

func (g *Group) log(format string, args ...any) {
	if g.options.Log != nil {
		g.options.Log(format, args...)
	}
}
