package session

// Large replies. What a command writes beyond spillSize is handed over to the
// connection in chunks, which belong to the connection from then on, so that
// a reply is never copied as a whole, nor a buffer doubled for it. Nothing is
// sent before the batch ends: the command holds locks. Handlers write only
// when nothing can fail any more, so no error has to take back a chunk.

// spill hands over what the running command has replied so far, and big, which
// comes next.
func (w *Worker) spill(big []byte) {
	c := w.current
	if n := len(w.reply.Buf) - w.start + len(big); c.reply == replyOn && !c.conn.Closing() && !w.checkOutput(c, n) {
		w.handOver(c, big, n)
	} else {
		w.reply.Buf = w.reply.Buf[:w.mark] // nobody will read it
	}
}

func (w *Worker) handOver(c *Client, big []byte, n int) {
	w.stats.netOut.Add(int64(n))
	c.pub.netOut.Add(int64(n))
	if w.streaming {
		c.conn.Queue(w.reply.Buf)
	} else {
		c.conn.QueueCopy(w.reply.Buf[w.start:])
		w.streaming, w.shared = true, w.reply.Buf[:w.start]
		w.start, w.mark = 0, 0
	}
	if len(big) > 0 {
		c.conn.QueueCopy(big)
	}
	w.reply.Buf = c.conn.Chunk()
	w.reply.Limit = cap(w.reply.Buf) - chunkSlack
}

// chunkSlack is what an element writes besides its bytes, with headers before it.
const chunkSlack = 512

// endStream hands over the rest.
func (w *Worker) endStream(c *Client) {
	n := int64(len(w.reply.Buf))
	w.stats.netOut.Add(n)
	w.stats.writes.Add(1)
	c.pub.netOut.Add(n)
	c.conn.QueueEnd(w.reply.Buf)
	w.reply.Buf, w.shared, w.streaming = w.shared, nil, false
	w.start = len(w.reply.Buf)
	w.mark = w.start
	w.reply.Limit = w.start + spillSize
}
