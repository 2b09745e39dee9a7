package evloop

import (
	"runtime"
	"slices"
	"sync/atomic"
	"time"
)

// A batch is executed when it has this many connections or bytes: what its
// commands, replies and prefetched records take should stay in the
// second-level cache until they are used.
const (
	batchConns = 64
	batchBytes = 256 << 10
)

// maxRead bounds a read into a connection's own buffer, so that one upload
// does not keep the others waiting.
const maxRead = 1 << 20

// A loop that had something to do since its last tick ticks again soon; one
// that rests is not woken ten times a second for nothing.
const (
	tickEvery = 100 * time.Millisecond
	restEvery = time.Second
)

// Loop is one event loop.
type Loop struct {
	index   int
	group   *Group
	handler Handler
	poller  poller
	mail    mailbox
	asleep  atomic.Bool // blocked in wait, or about to be: mail must wake it

	start time.Time
	clock time.Duration // since start, at the beginning of the cycle
	now   int64         // Unix milliseconds, likewise

	conns    []*Conn // by slot; nil: free
	free     []int32 // free slots
	freed    []int32 // slots that become free when the cycle ends: events of this cycle may name them
	batch    []*Conn
	buffer   []byte // the batch's input
	used     int    // of buffer
	cipher   []byte // what a secured connection received; nil: there was none yet
	sealed   []byte // what a secured connection is to send
	ready    []*Conn
	unsent   []*Conn // output was queued by mail
	sleepers []*Loop // to be woken after the batch
	dying    []*Conn
	taken    []mail
	pool     bufferPool
	timers   timerHeap
	tick     *Timer
	ticked   time.Duration // when it last ticked, on its clock
	stir     bool          // something happened since
	rests    bool          // nothing had happened before it: the next tick is far
	ended    bool

	live     atomic.Int32 // connections
	held     atomic.Int64 // bytes that connections took here, less those they gave back here
	reported int64        // the part of it that is in Options.Memory
	arriving atomic.Int32 // handed over and not yet taken from the mailbox
	cycles   atomic.Int64
	tid      atomic.Int32 // thread, for its processor time
}

func newLoop(g *Group, index int) (*Loop, error) {
	l := &Loop{index: index, group: g, start: time.Now(), buffer: make([]byte, batchBytes)}
	l.readClock()
	if err := l.poller.open(); err != nil {
		return nil, err
	}
	l.handler = g.options.NewHandler(l)
	return l, nil
}

// Index is the number of the loop in its group.
func (l *Loop) Index() int { return l.index }

// Handler is the loop's handler.
func (l *Loop) Handler() Handler { return l.handler }

// Now is the time in Unix milliseconds at the beginning of the cycle.
func (l *Loop) Now() int64 { return l.now }

// Clock is the monotonic time at the beginning of the cycle.
func (l *Loop) Clock() time.Duration { return l.clock }

func (l *Loop) readClock() {
	t := time.Now()
	l.clock, l.now = t.Sub(l.start), t.UnixMilli()
	if ahead := l.group.options.Ahead; ahead != nil {
		l.now += ahead()
	}
}

// Each calls f for every connection of the loop. f may close connections.
func (l *Loop) Each(f func(*Conn)) {
	for _, c := range l.conns {
		if c != nil {
			f(c)
		}
	}
}

// Slots is the size of the connection table, and Slot one entry, which may be
// nil: for a handler that walks a part of the table at a time.
func (l *Loop) Slots() int       { return len(l.conns) }
func (l *Loop) Slot(i int) *Conn { return l.conns[i] }

// run is the loop.
func (l *Loop) run() {
	runtime.LockOSThread()
	l.tid.Store(threadID())
	l.armTick(tickEvery)
	for !l.ended {
		l.wait()
		l.readClock()
		l.cycles.Add(1)
		l.turn()
	}
	l.group.ended.Done()
}

// turn is what follows a wait: events, mail, timers, and what they left to do.
func (l *Loop) turn() {
	l.noteStir()
	l.handleEvents()
	l.takeReady()
	l.runBatch()
	l.readMail()
	l.fireTimers()
	l.takeReady()
	l.runBatch()
	l.wakeSleepers()
	l.sendUnsent(sendsPerTurn)
	l.bury()
	l.free = append(l.free, l.freed...)
	l.freed = l.freed[:0]
}

func (l *Loop) armTick(d time.Duration) { l.tick = l.After(d, l.ticks) }

func (l *Loop) ticks() {
	since := l.clock - l.ticked
	l.ticked = l.clock
	if l.stir || !l.rests {
		l.group.lookAtLoad()
	}
	l.rests = !l.stir
	if l.rests {
		l.armTick(restEvery)
	} else {
		l.armTick(tickEvery)
	}
	l.stir = false
	l.report()
	l.handler.Tick(since)
}

// noteStir ends the loop's rest if the wait brought something.
func (l *Loop) noteStir() {
	if !l.poller.brought() && l.mail.n.Load() == 0 {
		return
	}
	l.stir = true
	if l.rests {
		l.rests = false
		l.tick.Stop()
		l.armTick(max(l.ticked+tickEvery-l.clock, 0))
	}
}

// timeout is how long the loop may sleep; negative: until something happens.
// A loop without connections does not tick, except the first.
func (l *Loop) timeout() time.Duration {
	switch {
	case l.mail.n.Load() > 0 || len(l.ready) > 0 || len(l.unsent) > 0:
		return 0
	case len(l.timers) == 0 || l.index > 0 && l.live.Load() == 0 && len(l.timers) == 1:
		return -1
	}
	return max(l.timers[0].at-time.Since(l.start), 0)
}

// keepMail is how long an emptied queue may be to be kept: some megabytes.
const keepMail = 64 << 10

// readMail does what others asked for. Mail for connections comes first: the
// rest may hand connections over, and their mail must not be left behind here.
func (l *Loop) readMail() {
	if l.mail.n.Load() == 0 {
		return
	}
	queue := l.mail.take(l.taken)
	for i := range queue {
		if queue[i].conn != nil {
			l.deliver(&queue[i])
		}
	}
	for i := range queue {
		if queue[i].conn == nil {
			queue[i].run()
		}
	}
	clear(queue)
	l.taken = queue
	if cap(queue) > keepMail {
		l.taken = nil
	}
}

func (l *Loop) deliver(m *mail) {
	if m.arrive {
		l.arriving.Add(-1)
		l.attach(m.conn)
		l.handler.Attach(m.conn)
	} else if !m.conn.has(flagClosed | flagDying) {
		if m.call != nil {
			m.call(m.conn, m.data)
		} else {
			m.run()
		}
	}
}

// sendsPerTurn is to how many connections what mail queued is sent in one turn of the
// loop. A message to a thousand subscribers is a thousand system calls: so nobody waits for
// all of them, and what is published meanwhile leaves with it.
const sendsPerTurn = 64

// sendUnsent sends what mail queued, to n connections at most.
func (l *Loop) sendUnsent(n int) {
	n = min(n, len(l.unsent))
	for _, c := range l.unsent[:n] {
		c.flags &^= flagUnsent
		l.sendMail(c)
	}
	l.unsent = slices.Delete(l.unsent, 0, n)
}

// sendMail sends what mail queued to c.
func (l *Loop) sendMail(c *Conn) {
	if c.has(flagClosed | flagDying) {
		return
	}
	if !c.has(flagWantsOut) {
		l.push(c)
	}
	c.noteOutput()
}

// attach gives c a slot and polls it.
func (l *Loop) attach(c *Conn) {
	if n := len(l.free); n > 0 {
		c.slot = l.free[n-1]
		l.free = l.free[:n-1]
		l.conns[c.slot] = c
	} else {
		c.slot = int32(len(l.conns))
		l.conns = append(l.conns, c)
	}
	l.live.Add(1)
	if c.net == nil {
		if err := l.poller.add(c); err != nil {
			c.Close()
			return
		}
	}
	if len(c.in) > 0 && !c.has(flagStopped) {
		l.markReady(c)
	}
}

// detach undoes attach, except for the polling.
func (l *Loop) detach(c *Conn) {
	l.conns[c.slot] = nil
	l.freed = append(l.freed, c.slot)
	l.live.Add(-1)
}

// move hands c over to another loop. No list of this one may have it.
func (l *Loop) move(c *Conn, to *Loop) {
	if c.Closing() || c.has(flagBatched|flagReady|flagUnsent) {
		return
	}
	l.handler.Detach(c)
	l.detach(c)
	if c.net == nil {
		l.poller.remove(c)
	}
	handOver(c, l, to)
}

// give hands over n connections.
func (l *Loop) give(n int, to *Loop) {
	for _, c := range l.conns {
		if n == 0 {
			return
		}
		if c != nil {
			l.move(c, to)
			n--
		}
	}
}

// markReady hands over c's kept input in the next batch.
func (l *Loop) markReady(c *Conn) {
	if !c.has(flagReady) {
		c.flags |= flagReady
		l.ready = append(l.ready, c)
	}
}

func (l *Loop) takeReady() {
	if len(l.ready) == 0 {
		return
	}
	list := l.ready
	l.ready = nil
	for _, c := range list {
		c.flags &^= flagReady
		if len(c.in) > 0 && !c.has(flagClosed|flagDying|flagStopped) {
			l.enlist(c)
		}
	}
}

// enlist puts c into the batch, and executes it if it is full.
func (l *Loop) enlist(c *Conn) {
	if c.has(flagBatched) {
		return
	}
	c.flags |= flagBatched
	l.batch = append(l.batch, c)
	if len(l.batch) == batchConns || len(l.buffer)-l.used < readSize {
		l.runBatch()
	}
}

// runBatch hands the batch to the handler, then writes and cleans up.
func (l *Loop) runBatch() {
	if len(l.batch) == 0 {
		return
	}
	l.readMail() // what was posted to a client before it sent this comes before the reply
	l.handler.Batch(l.batch)
	l.wakeSleepers()
	for _, c := range l.batch {
		c.flags &^= flagBatched
		l.settle(c)
	}
	l.batch = l.batch[:0]
	l.used = 0
	l.bury()
}

// settle sends c's reply and puts away the input it did not consume.
func (l *Loop) settle(c *Conn) {
	if len(c.reply) > 0 {
		if !c.has(flagClosed | flagDying) {
			l.send(c, c.reply)
		}
		c.reply = nil
	}
	if c.out.bytes > 0 && !c.has(flagClosed|flagDying|flagWantsOut) {
		l.push(c)
	}
	if c.has(flagCloseAfter) {
		if queued, _ := c.Queued(); queued == 0 {
			c.Close()
		}
		return
	}
	if c.tls != nil && c.tls.ended {
		c.Close()
		return
	}
	l.keepInput(c)
}

// bury closes what was marked.
func (l *Loop) bury() {
	for len(l.dying) > 0 {
		c := l.dying[len(l.dying)-1]
		l.dying = l.dying[:len(l.dying)-1]
		l.destroy(c)
	}
}

func (l *Loop) destroy(c *Conn) {
	if c.has(flagClosed) {
		return
	}
	c.flags |= flagClosed
	l.detach(c)
	l.handler.Close(c)
	l.pool.put(c.own)
	c.setOwn(nil)
	c.in, c.reply = nil, nil
	if c.net != nil {
		c.net.close()
		return
	}
	l.shut(c)
}

// shut closes a plain socket and frees what it had not taken.
func (l *Loop) shut(c *Conn) {
	if c.tls != nil {
		l.sayGoodbye(c)
	}
	c.out.free(&l.pool)
	c.noteOutput()
	closeSocket(c)
}

// keepInput moves what is left of the input to a buffer of c's own, or frees
// that buffer if nothing is left.
func (l *Loop) keepInput(c *Conn) {
	switch {
	case len(c.in) == 0:
		if c.own != nil {
			l.pool.put(c.own)
			c.setOwn(nil)
		}
		c.in = nil
	case c.own == nil:
		c.setOwn(append(l.pool.get(len(c.in)), c.in...))
		c.in = c.own
	}
}

// room makes place for more input behind c.in in c's own buffer, and returns it.
func (l *Loop) room(c *Conn) []byte {
	want := min(max(c.need-len(c.in), readSize/4), max(len(c.in), 4*readSize), maxRead)
	if cap(c.own)-len(c.own) < want {
		l.makeRoom(c, want)
	}
	end := len(c.own)
	return c.own[end:min(cap(c.own), end+maxRead)]
}

// makeRoom moves the input to the start of the buffer, or to a larger one. A
// buffer at least doubles, so that moving costs no more than reading does. A
// large one has the size needed from the start: it comes from the system, and
// what is not filled costs nothing.
func (l *Loop) makeRoom(c *Conn, want int) {
	n := len(c.in)
	if n < len(c.own) && cap(c.own)-n >= want && n <= cap(c.own)/2 {
		c.setOwn(c.own[:copy(c.own[:n], c.in)])
		c.in = c.own
		return
	}
	size := max(n+want, 2*n)
	if c.need >= n+want {
		size = min(size, c.need)
	}
	if c.need > maxPooled {
		size = max(size, c.need+readSize)
	}
	larger := append(l.pool.get(size), c.in...)
	l.pool.put(c.own)
	c.setOwn(larger)
	c.in = larger
}

// grew notes that n bytes were read into what room returned.
func (c *Conn) grew(n int) {
	start := len(c.own) - len(c.in)
	c.setOwn(c.own[:len(c.own)+n])
	c.in = c.own[start:]
}

// send sends b behind what is queued; what the socket does not take is queued.
func (l *Loop) send(c *Conn, b []byte) {
	if c.net != nil {
		c.net.send(b)
		return
	}
	if c.tls != nil {
		b = l.seal(c, b)
	}
	l.transmit(c, b)
}

// transmit is send of the bytes as they go over the network.
func (l *Loop) transmit(c *Conn, b []byte) {
	if c.out.bytes == 0 {
		n, ok := sendSocket(c, b)
		if !ok {
			c.Close()
			return
		}
		b = b[n:]
	}
	if len(b) == 0 {
		return
	}
	c.out.add(b, &l.pool)
	c.noteOutput()
	if c.has(flagUnsent) {
		l.sendMail(c)
		return
	}
	l.wantOut(c)
}

// push sends what was queued during the batch.
func (l *Loop) push(c *Conn) {
	l.flush(c)
	if c.out.bytes > 0 && !c.has(flagDying) {
		l.wantOut(c)
	}
}

func (l *Loop) wantOut(c *Conn) {
	if !c.has(flagWantsOut) {
		c.flags |= flagWantsOut
		l.watch(c)
	}
}

// flush sends what is queued.
func (l *Loop) flush(c *Conn) {
	for c.out.bytes > 0 {
		piece := c.out.first()
		n, ok := sendSocket(c, piece)
		if !ok {
			c.Close()
			return
		}
		if n > 0 {
			c.out.drop(n, &l.pool)
			c.noteOutput()
		}
		if n < len(piece) {
			return
		}
	}
	if c.has(flagCloseAfter) {
		c.Close()
		return
	}
	if c.has(flagWantsOut) {
		c.flags &^= flagWantsOut
		l.watch(c)
	}
}

// watch tells the poller what to look for now.
func (l *Loop) watch(c *Conn) {
	if c.net == nil && !c.has(flagClosed) {
		l.poller.modify(c)
	}
}
