package evloop

import "sync/atomic"

// Memory that connections hold. It is counted where a buffer is taken, grows
// or is given back, never per request: a client that sends whole commands and
// reads its replies holds none. Each loop has its own count, exact at any
// moment; the sum that others compare with a limit (Options.Memory) follows in
// steps, so that loops do not fight for its cache line.

// reportStep is how far a loop's count may be from what it has reported.
const reportStep = 64 << 10

// held is what a connection holds now. Any thread may read it.
type held struct {
	input, output, queued, chunks atomic.Int64
}

// Buffers describe what a connection holds, in bytes.
type Buffers struct {
	Input  int64 // the connection's own input buffer
	Output int64 // the buffers of output that the socket has not taken
	Queued int64 // that output
	Chunks int64 // how many buffers it is in
}

// Buffers is what the connection holds now. Any thread.
func (c *Conn) Buffers() Buffers {
	h := &c.held
	return Buffers{h.input.Load(), h.output.Load(), h.queued.Load(), h.chunks.Load()}
}

// Memory is the sum of Buffers over all connections of the group.
func (g *Group) Memory() (sum int64) {
	for _, l := range g.loops {
		sum += l.held.Load()
	}
	return sum
}

// GroupMemory is the Memory of the loop's group. Any thread.
func (l *Loop) GroupMemory() int64 { return l.group.Memory() }

// count adds n bytes to what the loop's connections hold. A connection may
// have changed loops since it took them: a loop's count alone means nothing.
func (l *Loop) count(n int64) {
	if d := l.held.Add(n) - l.reported; d > reportStep || d < -reportStep {
		l.report()
	}
}

func (l *Loop) report() {
	now := l.held.Load()
	if sum := l.group.options.Memory; sum != nil && now != l.reported {
		sum.Add(now - l.reported)
	}
	l.reported = now
}

// sizeOf is what a buffer takes: of one from the system, only what was filled.
func sizeOf(b []byte) int64 {
	if cap(b) > maxPooled {
		return int64(len(b))
	}
	return int64(cap(b))
}

// setOwn changes the connection's own buffer, or how much of it is filled.
func (c *Conn) setOwn(b []byte) {
	c.own = b
	if now, before := sizeOf(b), c.held.input.Load(); now != before {
		c.held.input.Store(now)
		c.Loop().count(now - before)
	}
}

// noteOutput is called after the queue has changed.
func (c *Conn) noteOutput() {
	q, h := &c.out, &c.held
	h.queued.Store(int64(q.bytes))
	h.chunks.Store(int64(len(q.chunks)))
	if now, before := int64(q.size), h.output.Load(); now != before {
		h.output.Store(now)
		c.Loop().count(now - before)
	}
}
