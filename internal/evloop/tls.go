package evloop

import (
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"time"
)

// TLS is how a listener's connections are secured. All functions may be
// called by any thread.
type TLS struct {
	Config   func() *tls.Config               // asked for each connection
	Identify func(tls.ConnectionState) string // the user that a client's certificate names; may be nil
	Room     func() int                       // how many more connections the handler would take
	Failed   func(ends *Endpoints, err error) // hears of handshakes that came to nothing; may be nil
}

const (
	// handshakeTime is how long a handshake may wait for the client.
	handshakeTime = 10 * time.Second

	// spareHandshakes may go on although there is no room for more
	// connections, so that whoever is refused is told why.
	spareHandshakes = 32

	// tlsPause is how long a listener rests when the process is out of files.
	tlsPause = 100 * time.Millisecond
)

// ServeTLS adds a TCP listener whose connections are secured. The group owns it
// from now on.
//
// A handshake needs a processor for a millisecond and the network for much
// longer, so each has a goroutine, but only a few may compute at the same
// time (handshakes.turns), and none while it waits for the network: neither
// many clients nor silent ones keep the loops from their work, or each
// other. A client that is gone when its turn comes costs nothing more.
func (g *Group) ServeTLS(l net.Listener, t TLS) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return net.ErrClosed
	}
	g.listeners = append(g.listeners, l)
	go g.acceptTLS(l, &t)
	return nil
}

func (g *Group) acceptTLS(l net.Listener, t *TLS) {
	for {
		nc, err := l.Accept()
		if err == nil {
			g.secure(nc, t)
			continue
		}
		if errors.Is(err, net.ErrClosed) {
			return
		}
		g.log("Accepting client connection: %v", err)
		time.Sleep(tlsPause) // nobody says when there are files again
	}
}

// handshakes are the sockets that are not connections yet.
type handshakes struct {
	turns chan struct{} // holds a token for each handshake that computes

	mu     sync.Mutex // guards what follows
	under  map[net.Conn]struct{}
	closed bool
	ended  sync.WaitGroup // those in under
}

func (h *handshakes) init() {
	h.turns = make(chan struct{}, max(1, processors/2))
	h.under = map[net.Conn]struct{}{}
}

// add notes that a handshake begins, unless there are more than room already.
func (h *handshakes) add(nc net.Conn, room int) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || len(h.under) >= room+spareHandshakes {
		return false
	}
	h.under[nc] = struct{}{}
	h.ended.Add(1)
	return true
}

func (h *handshakes) remove(nc net.Conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.under, nc)
	h.ended.Done()
}

// close ends all handshakes, and returns when none is left: none becomes a
// connection after that.
func (h *handshakes) close() {
	h.mu.Lock()
	h.closed = true
	for nc := range h.under {
		nc.Close()
	}
	h.mu.Unlock()
	h.ended.Wait()
}

// Handshakes is the number of handshakes under way.
func (g *Group) Handshakes() int {
	h := &g.handshakes
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.under)
}

func (g *Group) secure(nc net.Conn, t *TLS) {
	if !g.handshakes.add(nc, t.Room()) {
		nc.Close()
		return
	}
	go func() {
		defer g.handshakes.remove(nc)
		g.shake(nc, t)
	}()
}

// shake makes a connection of an accepted socket.
func (g *Group) shake(nc net.Conn, t *TLS) {
	w := &wire{nc: nc, turns: g.handshakes.turns, deadline: time.Now().Add(handshakeTime)}
	s := &secured{conn: tls.Server(w, t.Config()), wire: w}
	ends := endpointsOf(nc)
	nc.SetDeadline(w.deadline)
	err := s.conn.Handshake()
	w.rest()
	if err != nil {
		nc.Close()
		if t.Failed != nil {
			t.Failed(&ends, err)
		}
		return
	}
	nc.SetDeadline(time.Time{})
	w.turns = nil
	if t.Identify != nil {
		ends.User = t.Identify(s.conn.ConnectionState())
	}
	g.adopt(s, ends)
}

// secured is the TLS of a connection whose socket a loop drives.
//
// crypto/tls does the records; the socket stays with the loop, which puts what
// it received into wire.in and finds what is to be sent in wire.out. Between
// two cycles of the loop both are empty, and the tls.Conn holds no more than
// the beginning of a record.
type secured struct {
	conn  *tls.Conn
	wire  *wire
	ended bool // there will be no more input; the connection is closed when what there is was executed
}

// tlsMemory is about what TLS takes for one connection: the states of two
// ciphers, the buffer for records.
const tlsMemory = 8 << 10

// TransportMemory is what the connection takes for being secured.
func (c *Conn) TransportMemory() int64 {
	if c.tls == nil {
		return 0
	}
	return tlsMemory
}

// wire is what a tls.Conn takes for its socket: the socket itself during the
// handshake, memory afterwards.
type wire struct {
	nc       net.Conn      // nil: memory
	turns    chan struct{} // of the handshakes; nil: nobody else wants to compute
	holds    bool          // a token is in turns for us
	answered bool          // the client got something, which was the dear part
	deadline time.Time     // of the handshake

	in, out []byte
}

// errDry says that there is no more ciphertext now. crypto/tls goes on after
// an error that calls itself temporary.
var errDry net.Error = dry{}

type dry struct{}

func (dry) Error() string   { return "no more input now" }
func (dry) Timeout() bool   { return true }
func (dry) Temporary() bool { return true }

var errGone = errors.New("the client has gone")

func (w *wire) Read(b []byte) (int, error) {
	if w.nc != nil {
		w.rest()
		n, err := w.nc.Read(b)
		if err == nil {
			err = w.compute()
		}
		return n, err
	}
	if len(w.in) == 0 {
		return 0, errDry
	}
	n := copy(b, w.in)
	w.in = w.in[n:]
	return n, nil
}

func (w *wire) Write(b []byte) (int, error) {
	if w.nc != nil {
		w.rest()
		w.answered = true
		n, err := w.nc.Write(b)
		if err == nil {
			err = w.compute()
		}
		return n, err
	}
	w.out = append(w.out, b...)
	return len(b), nil
}

// compute waits for a turn to compute. It fails if nobody waits for the result any more.
func (w *wire) compute() error {
	if w.turns == nil {
		return nil
	}
	asked := time.Now()
	w.turns <- struct{}{}
	w.holds = true
	if !w.answered && hungUp(w.nc) {
		return errGone
	}
	w.deadline = w.deadline.Add(time.Since(asked)) // it was not the client that took this time
	return w.nc.SetDeadline(w.deadline)
}

// rest gives the turn back.
func (w *wire) rest() {
	if w.holds {
		w.holds = false
		<-w.turns
	}
}

// What is memory has no end, no addresses and no deadlines.

func (w *wire) Close() error {
	if w.nc != nil {
		return w.nc.Close()
	}
	return nil
}

func (w *wire) LocalAddr() net.Addr {
	if w.nc != nil {
		return w.nc.LocalAddr()
	}
	return nil
}

func (w *wire) RemoteAddr() net.Addr {
	if w.nc != nil {
		return w.nc.RemoteAddr()
	}
	return nil
}

func (w *wire) SetDeadline(t time.Time) error      { return w.deadlined(net.Conn.SetDeadline, t) }
func (w *wire) SetReadDeadline(t time.Time) error  { return w.deadlined(net.Conn.SetReadDeadline, t) }
func (w *wire) SetWriteDeadline(t time.Time) error { return w.deadlined(net.Conn.SetWriteDeadline, t) }

func (w *wire) deadlined(set func(net.Conn, time.Time) error, t time.Time) error {
	if w.nc != nil {
		return set(w.nc, t)
	}
	return nil
}

// seal encrypts b. What it returns is valid until the next seal on the loop.
func (l *Loop) seal(c *Conn, b []byte) []byte {
	w := c.tls.wire
	w.out = l.sealed[:0]
	c.tls.conn.Write(b) // it fails only after the end of the connection, and then writes nothing
	return l.sealedBy(w)
}

// sealedBy takes what is to be sent.
func (l *Loop) sealedBy(w *wire) []byte {
	out := w.out
	w.out = nil
	if cap(out) <= maxPooled {
		l.sealed = out[:0]
	}
	return out
}
