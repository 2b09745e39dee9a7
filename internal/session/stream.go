package session

// Large replies. What a command writes beyond spillSize is handed over to the
// connection in chunks, which belong to the connection from then on, so that
// a reply is never copied as a whole, nor a buffer doubled for it. Nothing is
// sent before the batch ends: the command holds locks. Handlers write only
// when nothing can fail any more, so no error has to take back a chunk.

// spill hands over what the running command has replied so far.
func (w *Worker) spill() {
	c := w.current
	n := len(w.reply.Buf) - w.start
	if c.reply != replyOn || c.conn.Closing() || w.checkOutput(c, n) {
		w.reply.Buf, w.reply.Lost = w.reply.Buf[:w.mark], true
		return
	}
	w.stats.netOut.Add(int64(n))
	c.pub.netOut.Add(int64(n))
	w.spilled += len(w.reply.Buf) - w.mark
	if w.streaming {
		c.conn.Queue(w.reply.Buf)
	} else {
		c.conn.QueueCopy(w.reply.Buf[w.start:])
		w.streaming, w.shared = true, w.reply.Buf[:w.start]
		w.start, w.mark = 0, 0
	}
	w.reply.Buf = c.conn.Chunk()
	w.reply.Limit = cap(w.reply.Buf) - chunkSlack
}

// chunkSlack is room for what is written without looking at the limit: headers,
// line ends, short replies.
const chunkSlack = 512

// endStream hands over the rest.
func (w *Worker) endStream(c *Client) {
	n := int64(len(w.reply.Buf))
	w.stats.netOut.Add(n)
	w.stats.writes.Add(1)
	c.pub.netOut.Add(n)
	w.checkOutput(c, int(n)) // if it closes the client, the rest is dropped
	c.conn.QueueEnd(w.reply.Buf)
	w.reply.Buf, w.shared, w.streaming = w.shared, nil, false
	w.spilled = 0
	w.start = len(w.reply.Buf)
	w.mark = w.start
	w.reply.Limit = w.start + spillSize
}
