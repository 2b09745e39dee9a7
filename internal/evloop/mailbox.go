package evloop

import (
	"slices"
	"sync"
	"sync/atomic"
)

// mail is work for a loop: for one of its connections, or (conn nil) for itself.
type mail struct {
	conn   *Conn
	run    func()
	call   func(*Conn, []byte) // with data, in place of run
	data   []byte
	arrive bool // conn is handed over to the loop
}

// mailbox is how other threads reach a loop.
//
// A connection changes loops only under the locks of both mailboxes, and mail
// for a connection is accepted only while it is on the mailbox's loop. So mail
// for one connection is always in one mailbox, in order.
type mailbox struct {
	mu    sync.Mutex
	queue []mail
	n     atomic.Int32 // len(queue), to look without the lock
}

// put appends m. It fails if m's connection is not on loop l, whose mailbox this is.
func (b *mailbox) put(m mail, l *Loop) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if m.conn != nil && m.conn.loop.Load() != l {
		return false
	}
	b.queue = append(b.queue, m)
	b.n.Store(int32(len(b.queue)))
	return true
}

// PostAll is Post of f with data to each of conns: one message to many. Nobody
// may change data any more. Any thread.
func PostAll(conns []*Conn, f func(*Conn, []byte), data []byte) {
	postAll(conns, f, data, (*Loop).wake)
}

// PostAll is the function of this name on the thread of l, which wakes other loops only
// when it is through with its batch: they then find the mail of all of it.
func (l *Loop) PostAll(conns []*Conn, f func(*Conn, []byte), data []byte) {
	postAll(conns, f, data, l.wakeLater)
}

func (l *Loop) wakeLater(other *Loop) {
	if other != l && !slices.Contains(l.sleepers, other) {
		l.sleepers = append(l.sleepers, other)
	}
}

func (l *Loop) wakeSleepers() {
	for _, other := range l.sleepers {
		other.wake()
	}
	l.sleepers = l.sleepers[:0]
}

// postAll locks all mailboxes at once if there are many connections: they change
// from loop to loop all the time.
func postAll(conns []*Conn, f func(*Conn, []byte), data []byte, wake func(*Loop)) {
	if len(conns) == 0 {
		return
	}
	if loops := conns[0].Loop().group.loops; len(conns) >= 4*len(loops) {
		putMany(loops, conns, f, data, wake)
		return
	}
	for i := 0; i < len(conns); {
		l := conns[i].loop.Load()
		if n := l.mail.putAll(conns[i:], l, f, data); n > 0 {
			i += n
			wake(l)
		}
	}
}

func putMany(loops []*Loop, conns []*Conn, f func(*Conn, []byte), data []byte, wake func(*Loop)) {
	for _, l := range loops {
		l.mail.mu.Lock()
	}
	for _, c := range conns {
		b := &c.loop.Load().mail
		b.queue = append(b.queue, mail{conn: c, call: f, data: data})
	}
	for _, l := range loops {
		n := int32(len(l.mail.queue))
		got := n != l.mail.n.Load()
		l.mail.n.Store(n)
		l.mail.mu.Unlock()
		if got {
			wake(l)
		}
	}
}

// putAll is put for the first of conns, as many as are on loop l.
func (b *mailbox) putAll(conns []*Conn, l *Loop, f func(*Conn, []byte), data []byte) (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for n < len(conns) && conns[n].loop.Load() == l {
		b.queue = append(b.queue, mail{conn: conns[n], call: f, data: data})
		n++
	}
	b.n.Store(int32(len(b.queue)))
	return n
}

// take exchanges the queue for an empty one.
func (b *mailbox) take(empty []mail) []mail {
	b.mu.Lock()
	defer b.mu.Unlock()
	q := b.queue
	b.queue = empty[:0]
	b.n.Store(0)
	return q
}

// handOver makes c a connection of loop to, and gives to its mail. The caller
// has detached c from loop from.
func handOver(c *Conn, from, to *Loop) {
	first, second := from, to
	if first.index > second.index {
		first, second = second, first
	}
	first.mail.mu.Lock()
	second.mail.mu.Lock()
	c.loop.Store(to)
	to.arriving.Add(1)
	to.mail.queue = append(to.mail.queue, mail{conn: c, arrive: true})
	kept := from.mail.queue[:0]
	for _, m := range from.mail.queue {
		if m.conn == c {
			to.mail.queue = append(to.mail.queue, m)
		} else {
			kept = append(kept, m)
		}
	}
	clear(from.mail.queue[len(kept):])
	from.mail.queue = kept
	from.mail.n.Store(int32(len(kept)))
	to.mail.n.Store(int32(len(to.mail.queue)))
	second.mail.mu.Unlock()
	first.mail.mu.Unlock()
	to.wake()
}
