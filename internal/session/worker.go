package session

import (
	"time"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/evloop"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/resp"
	"github.com/redstart-db/redstart/internal/value"
)

const (
	// waveSize commands are parsed and their keys prefetched before the first
	// is executed. More hide no more latency, and what was fetched first might
	// be gone from the first-level cache when its turn comes.
	waveSize = 64

	// flushSize is when replies of one client are written although more are to
	// come, and when those of all are so many that they are not kept for the end of the batch. A reply buffer of more than keepSize is kept while it is needed, one
	// of more than keepMax never.
	flushSize = 256 << 10
	keepSize  = 1 << 20
	keepMax   = 32 << 20

	// spillSize is when the reply of one command is handed over although it is
	// not complete. Replies together as long as that were flushed before.
	spillSize = 2 * flushSize
)

// command is one command of a wave.
type command struct {
	client *Client
	spec   *cmdspec.Spec // nil: unknown
	argv   [][]byte
	keys   []keyspace.Key
	size   int   // bytes of input
	fault  error // the input is not a command
}

// Worker executes commands on one thread.
type Worker struct {
	hub  *Hub
	loop *evloop.Loop // nil for a Local

	tx    keyspace.Tx
	reply resp.Writer
	ctx   cmdspec.Ctx
	now   int64 // Unix milliseconds

	wave      []command
	words     [][]byte       // of the commands of the wave
	keys      []keyspace.Key // likewise
	positions []int
	elements  []keyspace.Element

	noElements int  // waves in which there will be no look for elements
	holds      bool // what the running command has locked stays so for the next one

	current *Client // whose replies are being written ...
	start   int     // ... from here on in reply.Buf
	mark    int     // ... those of the running command from here on
	noTouch bool    // what tx was told

	largeReply bool // a batch needed more than keepSize since the last tick

	streaming bool   // the running command's reply is handed over in pieces ...
	shared    []byte // ... and this is reply.Buf with what came before

	wakeKeys  []keyspace.Key // of the waiting command that is run again
	wakeCtx   cmdspec.Ctx    // likewise
	wakeReply resp.Writer    // likewise

	argvBytes int // of the running CLIENT LIST or INFO

	parked []*Client     // paused, on this loop
	alarm  *evloop.Timer // for the end of the pause
	swept  int           // how far the last sweep over the clients came

	tracking workerTracking

	stats  stats
	recent recent
	timer  stopwatch
	hot    hotSampler

	noting      uint32        // what is to be noted of the running command, beyond what is of each
	spilled     int           // bytes of its reply that were handed over
	tookWaiting time.Duration // how long it took before it had to wait
}

func (h *Hub) newWorker(l *evloop.Loop) *Worker {
	w := &Worker{hub: h, loop: l, wave: make([]command, 0, waveSize)}
	w.ctx.Tx, w.ctx.Reply = &w.tx, &w.reply
	w.tx.User = w
	if l != nil {
		w.reply.Spill = w.spill
	}
	w.timer.base = time.Now()
	w.stats.commands = make([]commandCounters, len(h.table.Specs()))
	h.mu.Lock()
	defer h.mu.Unlock()
	h.workers = append(h.workers, w)
	return w
}

// Batch parses and executes what the connections sent, wave by wave.
func (w *Worker) Batch(batch []*evloop.Conn) {
	w.now = w.loop.Now()
	w.reply.Buf = w.reply.Buf[:0]
	bytes := 0
	for _, conn := range batch {
		c := conn.User.(*Client)
		bytes += w.admit(c)
		w.feed(c)
	}
	w.runWave()
	w.tellChanges()
	w.switchTo(nil)
	for _, conn := range batch {
		w.release(conn.User.(*Client))
	}
	w.stats.netIn.Add(int64(bytes))
	w.stats.reads.Add(int64(len(batch)))
	w.largeReply = w.largeReply || len(w.reply.Buf) > keepSize
	if cap(w.reply.Buf) > keepMax {
		w.reply.Buf = nil
	}
}

// shrinkReply drops a large reply buffer that no batch has needed since the last tick.
func (w *Worker) shrinkReply() {
	if cap(w.reply.Buf) > keepSize && !w.largeReply {
		w.reply.Buf = nil
	}
	w.largeReply = false
}

// admit notes that c sent something, and how much is new.
func (w *Worker) admit(c *Client) (bytes int) {
	c.halted = c.conn.Stopped() || c.pub.killed.Load()
	c.parsed, c.done = 0, 0
	bytes = len(c.conn.In()) - c.kept
	c.pub.netIn.Add(int64(bytes))
	c.ran = 0
	if c.pub.active.Load() != w.now {
		c.pub.active.Store(w.now)
	}
	return bytes
}

// feed parses c's input into the wave, and runs the wave when it is full.
func (w *Worker) feed(c *Client) {
	in := c.conn.In()
	limits := resp.Limits{MaxBulk: w.hub.settings.ProtoMaxBulkLen.Load()}
	for !c.halted {
		limits.Unauth = c.mustAuthenticate()
		first := len(w.words)
		words, n, err := c.parser.Next(in[c.parsed:], w.words, &limits)
		if n == 0 && err == nil {
			return
		}
		w.words = words
		c.parsed += n
		if len(words) == first && err == nil {
			w.skip(c, n)
			continue
		}
		w.add(c, words[first:len(words):len(words)], n, err)
		if err != nil {
			return
		}
		if len(w.wave) == waveSize || limits.Unauth {
			w.runWave()
		}
	}
}

// skip consumes an empty command. It goes with the command before it, if that
// is still to be executed.
func (w *Worker) skip(c *Client, n int) {
	if last := len(w.wave) - 1; last >= 0 && w.wave[last].client == c {
		w.wave[last].size += n
		return
	}
	c.done += n
}

// add puts a command into the wave.
func (w *Worker) add(c *Client, argv [][]byte, size int, fault error) {
	n := len(w.wave)
	w.wave = append(w.wave, command{client: c, argv: argv, size: size, fault: fault})
	cmd := &w.wave[n]
	switch {
	case fault != nil:
	case n > 0 && w.wave[n-1].names(argv[0]): // most pipelines repeat a command
		cmd.spec = w.wave[n-1].spec
		w.findKeys(cmd)
	default:
		w.resolve(cmd)
	}
}

// names says whether a word, and no other with it, names the same command as this one.
func (cmd *command) names(word []byte) bool {
	return cmd.spec != nil && cmd.spec.Alone() && string(cmd.argv[0]) == string(word)
}

// resolve finds a command's spec and keys.
func (w *Worker) resolve(cmd *command) {
	cmd.spec = w.hub.table.Lookup(cmd.argv)
	w.findKeys(cmd)
}

// findKeys finds a command's keys.
func (w *Worker) findKeys(cmd *command) {
	spec := cmd.spec
	if spec == nil || spec.Keys == nil {
		return
	}
	first := len(w.keys)
	if i := spec.OneKey(); i != 0 {
		if i < len(cmd.argv) {
			w.keys = append(w.keys, keyspace.Key{Name: cmd.argv[i], Hash: w.hub.ks.Hash(cmd.argv[i])})
		}
	} else {
		w.positions, _ = spec.AppendKeyPositions(w.positions[:0], cmd.argv)
		for _, i := range w.positions {
			w.keys = append(w.keys, keyspace.Key{Name: cmd.argv[i], Hash: w.hub.ks.Hash(cmd.argv[i])})
		}
	}
	cmd.keys = w.keys[first:]
}

// runWave executes the commands of the wave and empties it.
func (w *Worker) runWave() {
	if len(w.wave) == 0 {
		return
	}
	w.prefetch()
	for i := range w.wave {
		cmd := &w.wave[i]
		c := cmd.client
		if c != w.current {
			w.switchTo(c)
		}
		if c.halted {
			continue
		}
		if cmd.fault != nil {
			w.tx.Release()
			w.protocolError(c, cmd.fault)
			continue
		}
		w.holds = i+1 < len(w.wave) && w.mayHold(cmd, &w.wave[i+1])
		if !w.execute(c, cmd) {
			continue
		}
		c.done += cmd.size
		c.ran++
		if len(w.reply.Buf)-w.start > flushSize {
			w.flushReplies(c)
		}
	}
	w.holds = false
	w.tx.Release()
	w.timer.stop(w)
	// No word may be left behind: input buffers go back to the system.
	clear(w.wave)
	clear(w.words)
	clear(w.keys)
	w.wave = w.wave[:0]
	w.words = w.words[:0]
	w.keys = w.keys[:0]
}

// mayHold says whether what cmd locks can stay locked for the next command: both take little time.
// Whatever comes between them and locks something else, or takes time, releases it.
func (w *Worker) mayHold(cmd, next *command) bool {
	return w.hub.ks.OneShard(cmd.keys, next.keys) && holdable(cmd.spec) && holdable(next.spec) &&
		cmd.client.gates|next.client.gates == 0
}

// holdable: a command that has keys has a Spec.
func holdable(s *cmdspec.Spec) bool { return !s.Slow && s.Locks == cmdspec.LockKeys }

// prefetch brings what the wave's keys name into the cache. With one key
// there is nothing to overlap with.
func (w *Worker) prefetch() {
	if len(w.keys) < 2 {
		return
	}
	db := w.wave[0].client.DB()
	for i := range w.wave {
		if w.wave[i].client.DB() != db {
			w.prefetchEach()
			w.prefetchElements()
			return
		}
	}
	w.hub.ks.Prefetch(db, w.keys)
	w.prefetchElements()
}

// prefetchElements goes on with what commands name in large collections. It
// pauses for some waves when there were none.
func (w *Worker) prefetchElements() {
	if w.noElements > 0 {
		w.noElements--
		return
	}
	for i := range w.wave {
		cmd := &w.wave[i]
		if cmd.spec == nil || cmd.spec.Element == 0 || cmd.spec.Element >= len(cmd.argv) || len(cmd.keys) == 0 {
			continue
		}
		hash := value.HashOf(cmd.argv[cmd.spec.Element])
		w.elements = append(w.elements, keyspace.Element{DB: cmd.client.DB(), Key: cmd.keys[0], Hash: hash})
	}
	if len(w.elements) < 2 || w.hub.ks.PrefetchElements(&w.tx, w.elements) == 0 {
		w.noElements = 32
	}
	clear(w.elements)
	w.elements = w.elements[:0]
}

func (w *Worker) prefetchEach() {
	for i := range w.wave {
		if cmd := &w.wave[i]; len(cmd.keys) > 0 {
			w.hub.ks.Prefetch(cmd.client.DB(), cmd.keys)
		}
	}
}

// switchTo ends the replies of the client before, and begins those of c.
func (w *Worker) switchTo(c *Client) {
	if last := w.current; last != nil {
		w.endReplies(last)
	}
	w.current, w.start = c, len(w.reply.Buf)
	w.reply.Limit = w.start + spillSize
	if c != nil {
		w.become(c)
	}
}

// become sets what handlers see of the client.
func (w *Worker) become(c *Client) {
	c.halted = c.halted || c.pub.killed.Load()
	w.reply.Proto = int(c.pub.proto.Load())
	w.ctx.Client = c
	if on := c.pub.noTouch.Load(); on != w.noTouch {
		w.touchLess(on)
	}
}

// touchLess makes commands leave access clocks alone, or not.
func (w *Worker) touchLess(on bool) {
	w.noTouch = on
	w.tx.SetNoTouch(on)
}

// endReplies hands the client's replies to its connection, to be sent after the batch.
func (w *Worker) endReplies(c *Client) {
	n := len(w.reply.Buf) - w.start
	if n == 0 || c.conn == nil {
		return
	}
	w.stats.writes.Add(1)
	if w.start > flushSize { // more would not stay in the cache until it is sent
		w.flushReplies(c)
		return
	}
	w.stats.netOut.Add(int64(n))
	c.pub.netOut.Add(int64(n))
	if !w.checkOutput(c, n) {
		c.conn.Reply(w.reply.Buf[w.start:len(w.reply.Buf):len(w.reply.Buf)])
	}
}

// flushReplies sends the client's replies so far, which are many.
func (w *Worker) flushReplies(c *Client) {
	if c.conn == nil {
		return
	}
	w.tx.Release()
	w.tellChanges()
	n := len(w.reply.Buf) - w.start
	w.stats.netOut.Add(int64(n))
	c.pub.netOut.Add(int64(n))
	if !w.checkOutput(c, n) {
		c.conn.Write(w.reply.Buf[w.start:])
	}
	w.reply.Buf = w.reply.Buf[:w.start]
}

// release takes what was executed from the connection's input.
func (w *Worker) release(c *Client) {
	conn := c.conn
	conn.Consume(c.done)
	if c.done < c.parsed { // it stopped: what was parsed is parsed again later
		c.parser.Reset()
	}
	c.pub.commands.Add(c.ran)
	kept := len(conn.In())
	if kept == 0 && c.kept == 0 {
		return
	}
	c.kept = kept
	if need := c.parser.Need(); need > 0 {
		conn.Need(need)
	} else {
		conn.Need(0)
	}
	parsed := c.parser.Parsed()
	c.pub.input.Store(int64(kept - parsed))
	c.pub.parsed.Store(int64(parsed))
	c.noteWords()
	w.evicted(c)
	if int64(kept) > w.hub.settings.QueryBufferLimit.Load() {
		w.hub.queryKills.Add(1)
		w.hub.logf("Closing client that reached max query buffer length: %s", c.describe(w))
		c.close()
	}
}

// protocolError answers input that is not a command. Nothing after it can be understood.
func (w *Worker) protocolError(c *Client, err error) {
	w.fail("ERR " + err.Error())
	c.done = c.parsed
	c.closeAfterReply()
}
