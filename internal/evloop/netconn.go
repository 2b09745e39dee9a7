package evloop

import (
	"net"
	"net/netip"
	"sync"
)

const (
	netReadSmall = 1 << 10 // what an idle connection's reader holds
	netReadLarge = 64 << 10
	netKeepLimit = 1 << 20 // kept input above which a stopped connection is not read
)

// netConn drives a connection that is not a plain socket. One goroutine reads
// and posts what it read; another, while there is output, writes.
type netConn struct {
	conn *Conn
	nc   net.Conn

	mu      sync.Mutex // guards what follows
	next    sync.Cond  // the reader may go on
	held    bool       // the reader has posted input that was not taken
	closed  bool
	out     pieces
	writing pieces // what the writer took from out and has not written
	running bool   // the writer runs
	last    bool   // close when out is written
}

// ServeConn makes nc a connection of the group, driven by goroutines.
func (g *Group) ServeConn(nc net.Conn) { g.serveNet(nc, endpointsOf(nc)) }

// pipePath is the address of a connection to the program around.
const pipePath = "in-process"

// ServePipe is ServeConn for one end of a pipe within this program.
func (g *Group) ServePipe(nc net.Conn, trusted bool) error {
	return g.serveNet(nc, Endpoints{Path: pipePath, Trusted: trusted})
}

// serveNet hands nc to the first loop. Under the lock, so that the loop hears of it before it is told to end.
func (g *Group) serveNet(nc net.Conn, ends Endpoints) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		nc.Close()
		return net.ErrClosed
	}
	c := &Conn{fd: -1, number: -1}
	n := &netConn{conn: c, nc: nc}
	n.next.L = &n.mu
	c.net = n
	c.ends = ends
	l := g.loops[0]
	l.Post(func() {
		if l.open(c) {
			go n.read()
			l.place(c)
		}
	})
	return nil
}

func endpointsOf(nc net.Conn) (e Endpoints) {
	if a, ok := nc.LocalAddr().(*net.UnixAddr); ok {
		e.Path = a.Name
		return e
	}
	e.Remote, _ = netip.ParseAddrPort(nc.RemoteAddr().String())
	e.Local, _ = netip.ParseAddrPort(nc.LocalAddr().String())
	return e
}

// serveAny adds a listener that a goroutine accepts from.
func (g *Group) serveAny(l net.Listener) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return net.ErrClosed
	}
	g.listeners = append(g.listeners, l)
	go g.acceptNet(l)
	return nil
}

// acceptNet accepts from a listener until it is closed.
func (g *Group) acceptNet(l net.Listener) {
	for {
		nc, err := l.Accept()
		if err != nil {
			return
		}
		g.ServeConn(nc)
	}
}

// read is the reading goroutine. It posts each piece and waits until the loop
// has taken it.
func (n *netConn) read() {
	buf := make([]byte, netReadSmall)
	for {
		k, err := n.nc.Read(buf)
		if err != nil {
			n.conn.Post(n.conn.Close)
			return
		}
		n.mu.Lock()
		n.held = true
		n.mu.Unlock()
		n.conn.Post(func() { n.arrived(buf[:k]) })
		if !n.waitTaken() {
			return
		}
		switch {
		case k == len(buf):
			buf = make([]byte, netReadLarge)
		case k <= netReadSmall && len(buf) > netReadSmall:
			buf = make([]byte, netReadSmall)
		}
	}
}

func (n *netConn) waitTaken() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	for n.held && !n.closed {
		n.next.Wait()
	}
	return !n.closed
}

// arrived appends input on the loop's thread and lets the reader go on,
// unless the connection is stopped with much input kept.
func (n *netConn) arrived(b []byte) {
	c := n.conn
	l := c.Loop()
	if c.own == nil {
		c.setOwn(l.pool.get(max(len(b), min(c.need, maxRead))))
		c.in = c.own
	}
	if cap(c.own)-len(c.own) < len(b) {
		l.makeRoom(c, len(b))
	}
	copy(c.own[len(c.own):cap(c.own)], b)
	c.grew(len(b))
	if !c.has(flagStopped) {
		l.markReady(c)
	}
	if !c.has(flagStopped) || len(c.in) < netKeepLimit {
		n.resume()
	}
}

func (n *netConn) resume() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.held = false
	n.next.Signal()
}

func (n *netConn) send(b []byte) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return
	}
	n.out.add(b)
	n.start()
}

// give is send of what is the connection's from now on.
func (n *netConn) give(b []byte) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return
	}
	n.out.list = append(n.out.list, b)
	n.out.bytes += len(b)
	n.start()
}

// start makes the writer run. The lock is held.
func (n *netConn) start() {
	n.noteOutput()
	if !n.running {
		n.running = true
		go n.write()
	}
}

// pieces are output that is written one after the other, so that much of it
// need not be in one place.
type pieces struct {
	list  net.Buffers
	bytes int
}

// add copies b to the end.
func (p *pieces) add(b []byte) {
	p.bytes += len(b)
	if last := len(p.list) - 1; last >= 0 && len(p.list[last])+len(b) <= chunkSize {
		p.list[last] = append(p.list[last], b...)
		return
	}
	p.list = append(p.list, append([]byte(nil), b...))
}

// size is the memory that the pieces take.
func (p *pieces) size() (n int64) {
	for _, b := range p.list {
		n += int64(cap(b))
	}
	return n
}

// write is the writing goroutine; it ends when there is nothing to write.
func (n *netConn) write() {
	for {
		n.mu.Lock()
		b := n.out
		n.out, n.writing = pieces{}, b
		n.noteOutput()
		if b.bytes == 0 || n.closed {
			n.running = false
			if n.last {
				n.nc.Close()
			}
			n.mu.Unlock()
			n.conn.Post(func() { n.conn.Loop().settle(n.conn) })
			return
		}
		n.mu.Unlock()
		list := append(net.Buffers(nil), b.list...) // WriteTo consumes it
		if _, err := list.WriteTo(n.nc); err != nil {
			n.conn.Post(n.conn.Close)
			return
		}
	}
}

// noteOutput publishes what out and writing take. The lock is held.
func (n *netConn) noteOutput() {
	h := &n.conn.held
	h.queued.Store(int64(n.out.bytes + n.writing.bytes))
	h.chunks.Store(int64(len(n.out.list) + len(n.writing.list)))
	now := n.out.size() + n.writing.size()
	n.conn.Loop().held.Add(now - h.output.Swap(now)) // the loop reports it when it ticks
}

func (n *netConn) queued() (bytes, chunks int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.out.bytes + n.writing.bytes, len(n.out.list) + len(n.writing.list)
}

func (n *netConn) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closed, n.out, n.writing = true, pieces{}, pieces{}
	n.noteOutput()
	n.next.Signal()
	n.nc.Close()
}

// closeAfterWrite closes a connection that was refused, when the refusal is written.
func (n *netConn) closeAfterWrite() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.last = true
	if !n.running {
		n.nc.Close()
	}
}
