package session

import (
	"github.com/redstart-db/redstart/internal/evloop"
	"github.com/redstart-db/redstart/internal/resp"
)

// Invalidation messages. A message is made on the thread that causes it, up to the keys,
// and gets its head on the thread of the connection that it goes to: only that knows which
// protocol the client speaks by now.

// A notice is a message to a connection.
type notice struct {
	keys       []byte // an array; nil: all keys
	redirected bool   // it is about what another client has read
	broken     int64  // not zero: the client with this number, to whom messages are redirected, is gone
}

const (
	invalidatePush    = ">2\r\n$10\r\ninvalidate\r\n"
	invalidateMessage = "*3\r\n$7\r\nmessage\r\n$20\r\n__redis__:invalidate\r\n"
	redirectBroken    = ">2\r\n$21\r\ntracking-redir-broken\r\n"
)

// appendKeys begins an array of n keys with the first.
func appendKeys(b []byte, n int, first []byte) []byte {
	w := resp.Writer{Buf: b}
	w.Array(n)
	return resp.AppendBulk(w.Buf, first)
}

func appendName(b []byte, name string) []byte { return resp.AppendBulk(b, name) }

// appendNotice appends a notice as the client is to get it, if it can: in RESP2 there is no
// way but a message to one that is subscribed, and only redirected.
func (c *Client) appendNotice(b []byte, n notice) []byte {
	w := resp.Writer{Buf: b, Proto: int(c.pub.proto.Load())}
	switch {
	case n.broken != 0 && w.Proto == 3:
		w.Buf = append(w.Buf, redirectBroken...)
		w.Int(n.broken)
		return w.Buf
	case n.broken != 0:
		return b
	case w.Proto == 3:
		w.Buf = append(w.Buf, invalidatePush...)
	case n.redirected && c.subscribed():
		w.Buf = append(w.Buf, invalidateMessage...)
	default:
		return b
	}
	if n.keys == nil {
		w.Null()
		return w.Buf
	}
	return append(w.Buf, n.keys...)
}

// A delivery is one message on its way to some connections.
type delivery struct {
	keys               []byte
	direct, redirected []*evloop.Conn
}

// address adds to whom a message for c goes. If that is by, whose command worker w runs, it is kept
// until this has its reply.
func (d *delivery) address(c *Client, mode *trackMode, w *Worker, by *Client) {
	to, n := c, notice{keys: d.keys}
	if mode.redirect != 0 {
		to = c.hub.byID(mode.redirect)
		n.redirected = true
		if to == nil || to.pub.killed.Load() {
			to, n = c, notice{broken: mode.redirect}
			c.pub.tracking.broken.Store(true)
		}
	}
	switch {
	case to.conn == nil:
	case to == by && to == c:
		w.tracking.own = append(w.tracking.own, n)
	case n.broken != 0:
		to.post(n)
	case n.redirected:
		d.redirected = append(d.redirected, to.conn)
	default:
		d.direct = append(d.direct, to.conn)
	}
}

// send posts the message.
func (d *delivery) send() {
	evloop.PostAll(d.direct, deliverInvalidation, d.keys)
	evloop.PostAll(d.redirected, deliverRedirected, d.keys)
}

func deliverInvalidation(conn *evloop.Conn, keys []byte) {
	conn.User.(*Client).receive(notice{keys: keys})
}

func deliverRedirected(conn *evloop.Conn, keys []byte) {
	conn.User.(*Client).receive(notice{keys: keys, redirected: true})
}

// post sends a notice. Any thread.
func (c *Client) post(n notice) { c.conn.Post(func() { c.receive(n) }) }

// receive puts a notice behind the client's output. Own thread.
func (c *Client) receive(n notice) {
	if c.pub.killed.Load() {
		return
	}
	w := c.worker
	b := c.appendNotice(w.tracking.scratch[:0], n)
	w.tracking.scratch = b
	if len(b) == 0 || w.checkOutput(c, len(b)) {
		return
	}
	w.stats.netOut.Add(int64(len(b)))
	c.pub.netOut.Add(int64(len(b)))
	c.conn.QueueMail(b)
}

// workerTracking is a worker's part in tracking.
type workerTracking struct {
	served  *Client  // the waiting client whose command is run again; nil: none
	own     []notice // for the client whose command runs, to be sent after its reply
	changed changes  // of this batch, in broadcasting mode
	scratch []byte
}

// actor is the client whose command runs. There may be none, nor a worker.
func (w *Worker) actor() *Client {
	switch {
	case w == nil:
		return nil
	case w.tracking.served != nil:
		return w.tracking.served
	}
	return w.current
}

// pushOwn writes what the command of c has caused for c itself, behind its reply.
func (w *Worker) pushOwn(c *Client) {
	if len(w.tracking.own) == 0 {
		return
	}
	for i, n := range w.tracking.own {
		w.reply.Buf = c.appendNotice(w.reply.Buf, n)
		w.tracking.own[i] = notice{}
	}
	w.tracking.own = w.tracking.own[:0]
	w.mark = len(w.reply.Buf)
}

// postOwn is pushOwn for a client that ends its tracking in the midst of a command.
func (c *Client) postOwn() {
	w := c.worker
	if w == nil || w.actor() != c {
		return
	}
	for _, n := range w.takeOwn(0) {
		c.post(n)
	}
}

// takeOwn takes the notices from the i-th on.
func (w *Worker) takeOwn(i int) []notice {
	list := append([]notice(nil), w.tracking.own[i:]...)
	clear(w.tracking.own[i:])
	w.tracking.own = w.tracking.own[:i]
	return list
}
