package evloop

import "math/bits"

const (
	readSize    = 16 << 10  // how much is read at once by default
	minPooled   = 512       // the smallest buffer
	coarse      = 64 << 10  // up to here sizes are powers of two; above, where rounding would cost clients much, a quarter of one apart
	maxPooled   = 1 << 20   // larger buffers come from the system, and go back at once
	poolClasses = 8 + 4*4   // 512 B, 1 KB, ... 64 KB, 80 KB, 96 KB, ... 1 MB
	poolDepth   = 8         // free buffers kept per class ...
	poolSmall   = 512 << 10 // ... or as many as this much memory holds ...
	poolBytes   = 8 << 20   // ... and of all
)

// bufferPool keeps free buffers of a loop, so that a stream of half commands
// does not feed the collector.
type bufferPool struct {
	free  [poolClasses][][]byte
	bytes int
}

// poolClass is the class for n bytes, and the size of its buffers.
func poolClass(n int) (class, size int) {
	if n <= coarse {
		class = bits.Len(uint(max(n, minPooled)-1)) - bits.Len(uint(minPooled-1))
		return class, minPooled << class
	}
	doubling := bits.Len(uint(n-1)) - bits.Len(uint(coarse-1)) // 1: up to 128 KB
	step := coarse << doubling / 8
	steps := (n + step - 1) / step // 5 to 8
	return 8 + 4*(doubling-1) + steps - 5, steps * step
}

// get returns an empty buffer with room for n bytes at least.
func (p *bufferPool) get(n int) []byte {
	if n > maxPooled {
		return mapBuffer(n)
	}
	class, size := poolClass(n)
	if k := len(p.free[class]); k > 0 {
		b := p.free[class][k-1]
		p.free[class] = p.free[class][:k-1]
		p.bytes -= size
		return b[:0]
	}
	return make([]byte, 0, size)
}

// put takes a buffer back.
func (p *bufferPool) put(b []byte) {
	if cap(b) > maxPooled {
		unmapBuffer(b)
		return
	}
	if cap(b) < minPooled {
		return
	}
	class, size := poolClass(cap(b))
	if size == cap(b) && len(p.free[class]) < max(poolDepth, poolSmall/size) && p.bytes+size <= poolBytes {
		p.free[class] = append(p.free[class], b)
		p.bytes += size
	}
}

// outQueue is output that the socket did not take: chunks from the loop's pool.
type outQueue struct {
	chunks [][]byte
	sent   int // of the first chunk
	bytes  int // not sent, of all
	size   int // of the chunks' memory
}

// add copies b to the end. Chunks grow with what is queued, so that many short pieces
// need few of them, and few system calls, and less than half of the memory is empty.
func (q *outQueue) add(b []byte, pool *bufferPool) {
	q.bytes += len(b)
	if len(q.chunks) == 1 && q.sent == 0 && q.bytes <= coarse {
		q.growFirst(pool)
	}
	for len(b) > 0 {
		last := len(q.chunks) - 1
		if last < 0 || len(q.chunks[last]) == cap(q.chunks[last]) {
			q.chunks = append(q.chunks, pool.get(min(max(len(b), min(q.bytes/2, coarse)), maxPooled)))
			last++
			q.size += cap(q.chunks[last])
		}
		chunk := q.chunks[last]
		n := min(len(b), cap(chunk)-len(chunk))
		q.chunks[last] = append(chunk, b[:n]...)
		b = b[n:]
	}
}

// growFirst makes the only chunk, of which nothing has been sent, large enough for all
// that is queued: a moderate number of short pieces then leaves in one system call.
func (q *outQueue) growFirst(pool *bufferPool) {
	old := q.chunks[0]
	if cap(old) >= q.bytes {
		return
	}
	q.chunks[0] = append(pool.get(max(q.bytes, 2*cap(old))), old...)
	q.size += cap(q.chunks[0]) - cap(old)
	pool.put(old)
}

// give appends b, which belongs to the queue from now on.
func (q *outQueue) give(b []byte, pool *bufferPool) {
	if len(b) == 0 {
		pool.put(b)
		return
	}
	q.chunks = append(q.chunks, b)
	q.bytes += len(b)
	q.size += cap(b)
}

// first is the next piece to send.
func (q *outQueue) first() []byte { return q.chunks[0][q.sent:] }

// drop forgets n bytes of the first chunk, which were sent.
func (q *outQueue) drop(n int, pool *bufferPool) {
	q.bytes -= n
	q.sent += n
	if q.sent < len(q.chunks[0]) {
		return
	}
	q.size -= cap(q.chunks[0])
	pool.put(q.chunks[0])
	q.chunks[0] = nil
	q.sent = 0
	switch {
	case len(q.chunks) > 1:
		q.chunks = q.chunks[1:]
	case cap(q.chunks) <= 4: // little to keep for the next time
		q.chunks = q.chunks[:0]
	default:
		q.chunks = nil
	}
}

// free drops everything.
func (q *outQueue) free(pool *bufferPool) {
	for _, chunk := range q.chunks {
		pool.put(chunk)
	}
	*q = outQueue{}
}
