package evloop

import (
	"net/netip"
	"sync/atomic"
)

// Conn is one connection. All methods but Post and Loop are for the thread of
// its loop.
type Conn struct {
	User any // the handler's

	loop   atomic.Pointer[Loop]
	fd     int32    // -1 if driven by goroutines
	number int32    // what fd was at first: any thread may read it, also when the socket is closed
	slot   int32    // its place in the loop's table
	net    *netConn // nil if the loop drives the socket
	tls    *secured // nil if what the loop sends and receives is plain

	in   []byte // what the handler has not consumed; the end of own, or of the loop's buffer
	own  []byte // the connection's own buffer; nil if it holds no input between cycles
	need int    // how long in must become before it is worth handing over; 0: any

	reply []byte // to be sent after the batch; the handler's memory
	out   outQueue
	held  held

	flags connFlags
	ends  Endpoints
}

// Endpoints are the two addresses of a connection. For a unix socket both
// are zero and Path is that of the listener.
type Endpoints struct {
	Remote, Local netip.AddrPort
	Path          string
	User          string // that the client's certificate names; "": none
	Trusted       bool   // the other end is the program around the server
}

type connFlags uint16

const (
	flagBatched    connFlags = 1 << iota // in the batch under construction
	flagStopped                          // the handler takes no more input now
	flagMuted                            // stopped, and not polled for input
	flagWantsOut                         // polled for room to write
	flagCloseAfter                       // close when all output is written
	flagDying                            // in Loop.dying: closed at the end of the batch
	flagClosed
	flagReady  // in Loop.ready
	flagUnsent // in Loop.unsent
)

func (c *Conn) has(f connFlags) bool { return c.flags&f != 0 }

// Loop is the loop that the connection is on at the moment. Any thread.
func (c *Conn) Loop() *Loop { return c.loop.Load() }

// Endpoints returns the addresses.
func (c *Conn) Endpoints() *Endpoints { return &c.ends }

// FD is the file descriptor, -1 if there is none. Any thread.
func (c *Conn) FD() int { return int(c.number) }

// In is the input not yet consumed. It is valid until the batch ends.
func (c *Conn) In() []byte { return c.in }

// Consume takes n bytes from the input.
func (c *Conn) Consume(n int) { c.in = c.in[n:] }

// Need announces how many bytes of input, from the first not yet consumed, the
// handler waits for; 0 if it does not know. The buffer grows towards that; the
// handler is still called for each piece.
func (c *Conn) Need(n int) { c.need = n }

// Reply gives b to be sent after the batch. b must stay as it is until then.
// Once per batch and connection.
func (c *Conn) Reply(b []byte) { c.reply = b }

// Write sends b now, as far as the socket takes it, and queues a copy of the
// rest. It is for output outside Batch, and for large replies within it.
func (c *Conn) Write(b []byte) {
	if !c.has(flagClosed | flagDying) {
		c.Loop().send(c, b)
	}
}

// chunkSize is the size of the pieces of large output. When there is much of
// it already, the pieces are larger and come from the system, so that they go
// back to it at once.
const (
	chunkSize  = 256 << 10
	largeChunk = 2 << 20
)

// Chunk returns an empty buffer of some hundred kilobytes or more to fill and give to Queue.
func (c *Conn) Chunk() []byte {
	size := chunkSize
	if c.out.bytes >= largeChunk && c.tls == nil { // never where goroutines write, which give no buffer back
		size = largeChunk
	}
	return c.Loop().pool.get(size)
}

// Queue puts b behind the output. b came from Chunk and is the connection's
// from now on. Within a batch only: it is sent at the end.
func (c *Conn) Queue(b []byte) {
	l := c.Loop()
	switch {
	case c.has(flagClosed | flagDying):
		l.pool.put(b)
	case c.net != nil:
		c.net.give(b)
	case c.tls != nil:
		c.QueueCopy(b)
		l.pool.put(b)
	default:
		c.out.give(b, &l.pool)
		c.noteOutput()
	}
}

// QueueEnd is Queue of the last piece: if it is short, it is copied behind the
// one before.
func (c *Conn) QueueEnd(b []byte) {
	if len(b) > chunkSize/8 {
		c.Queue(b)
		return
	}
	c.QueueCopy(b)
	c.Loop().pool.put(b)
}

// QueueCopy is Queue of a copy of b.
func (c *Conn) QueueCopy(b []byte) {
	switch {
	case c.has(flagClosed | flagDying):
	case c.net != nil:
		c.net.send(b)
	default:
		l := c.Loop()
		if c.tls != nil {
			b = l.seal(c, b)
		}
		c.out.add(b, &l.pool)
		c.noteOutput()
	}
}

// QueueMail is QueueCopy in a function that was posted: it is sent when all mail at hand
// is read, and those are served that waited longer.
func (c *Conn) QueueMail(b []byte) {
	if c.net != nil || c.tls != nil || c.has(flagClosed|flagDying) {
		c.QueueCopy(b)
	} else {
		c.out.add(b, &c.Loop().pool) // noted when it is sent
	}
	if c.net != nil || c.has(flagClosed|flagDying) {
		return
	}
	l := c.Loop()
	if !c.has(flagUnsent) {
		c.flags |= flagUnsent
		l.unsent = append(l.unsent, c)
	}
	if c.out.bytes > mailBurst && !c.has(flagWantsOut) {
		l.push(c)
	}
}

// mailBurst is how much mail makes output before it is sent: more need not wait for the
// rest, nor count as what the client has left unread.
const mailBurst = 64 << 10

// SendMail sends now what QueueMail queued.
func (c *Conn) SendMail() {
	if c.has(flagUnsent) {
		c.Loop().sendMail(c)
	}
}

// Queued is the number of bytes that the socket has not taken yet, and of the
// chunks that hold them.
func (c *Conn) Queued() (bytes, chunks int) {
	if c.net != nil {
		return c.net.queued()
	}
	return c.out.bytes, len(c.out.chunks)
}

// Close closes the connection at the end of the batch, or of the cycle's
// current step; output not yet sent is lost.
func (c *Conn) Close() {
	if c.has(flagClosed | flagDying) {
		return
	}
	c.flags |= flagDying
	l := c.Loop()
	l.dying = append(l.dying, c)
}

// CloseAfterWrite stops input and closes the connection when its output is sent.
func (c *Conn) CloseAfterWrite() {
	c.flags |= flagCloseAfter | flagStopped
	if !c.has(flagBatched) {
		c.Loop().settle(c)
	}
}

// Closing says whether the connection is closed or about to be.
func (c *Conn) Closing() bool { return c.has(flagClosed | flagDying | flagCloseAfter) }

// Stop makes the loop keep the unconsumed input and hand over no more until Resume.
func (c *Conn) Stop() { c.flags |= flagStopped }

// Stopped says whether Stop is in force.
func (c *Conn) Stopped() bool { return c.has(flagStopped) }

// Resume undoes Stop. What was kept is handed over in the next cycle.
func (c *Conn) Resume() {
	if !c.has(flagStopped) || c.Closing() {
		return
	}
	c.flags &^= flagStopped
	l := c.Loop()
	if c.has(flagMuted) {
		c.flags &^= flagMuted
		l.watch(c)
	}
	if c.net != nil {
		c.net.resume()
	}
	if len(c.in) > 0 || c.has(flagBatched) {
		l.markReady(c)
	}
}

// Post runs f on the thread of the connection's loop, soon, unless the
// connection is closed by then. Any thread.
func (c *Conn) Post(f func()) {
	for {
		l := c.loop.Load()
		if l.mail.put(mail{conn: c, run: f}, l) {
			l.wake()
			return
		}
	}
}
